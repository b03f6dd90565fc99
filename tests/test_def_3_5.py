"""Definition 3.5: a collapsed model that is right."""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import def_3_5
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("def_3_5") == "REFUTED"


def test_a_model_that_is_wrong_refutes_nothing() -> None:
    assert def_3_5.right_and_collapsed() == []
    assert def_3_5.right_and_collapsed(model=(Fraction(0), Fraction(1))) != []
