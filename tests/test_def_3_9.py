"""Definition 3.9: what the value of a SUA score says, and its range."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import def_3_9
from tests.planted import survivors
from tests.verdicts import verdict

VERDICTS = {"def_3_9.ideal": "REFUTED", "def_3_9.negative": "REFUTED", "def_3_9.range": "PROVED"}
COIN, SURE = (Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(0))


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_instances_without_their_property_refute_nothing() -> None:
    assert def_3_9.truth_scores_below_zero() == []
    assert def_3_9.truth_scores_below_zero(law=SURE) != []
    assert def_3_9.wrong_scores_zero() == []
    assert def_3_9.wrong_scores_zero(model=SURE) != []
    assert def_3_9.surer_than_the_truth(model=COIN) != []


def test_a_damaged_certificate_is_refused() -> None:
    assert survivors(def_3_9.ORACLE) == []
