"""Definition 3.1: what semantics-preserving does not preserve."""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import def_3_1
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("def_3_1.label") == "PROVED_AMENDED"


def test_an_instance_that_keeps_the_label_refutes_nothing() -> None:
    assert def_3_1.changes_the_label() == []
    half = (Fraction(1, 2), Fraction(1, 2))
    assert def_3_1.changes_the_label(perturbed=def_3_1.SURE) != []
    assert def_3_1.changes_the_label(perturbed=half) != []
