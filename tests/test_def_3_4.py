"""Definition 3.4: the ambiguity is not a function of P(Y|X)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import def_3_4
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("def_3_4") == "ILL_POSED"
    assert verdict("def_3_4.mixed") == "REFUTED"


@pytest.mark.parametrize("k", [1, 2, 5])
def test_every_number_of_interpretations_completes_the_same_law(k: int) -> None:
    assert def_3_4.completion(k) == []


def test_instances_without_their_property_refute_nothing() -> None:
    half = (Fraction(1, 2), Fraction(1, 2))
    assert def_3_4.certain_yet_ambiguous() == []
    assert def_3_4.certain_yet_ambiguous(k=1) != []
    assert def_3_4.certain_yet_ambiguous(law=half) != []
    assert def_3_4.mixed_yet_unambiguous(law=(Fraction(1), Fraction(0))) != []
