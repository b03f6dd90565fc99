"""Definition 3.8: the entropy gap and calibration do not imply one another."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import def_3_8
from tests.planted import survivors
from tests.verdicts import verdict

VERDICTS = {
    "def_3_8.calibrated_if": "REFUTED",
    "def_3_8.calibrated_only_if": "REFUTED",
    "def_3_8.sua_bound": "REFUTED",
    "def_3_8.refinement": "PROVED",
}
COIN = (Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_instances_without_their_property_refute_nothing() -> None:
    assert def_3_8.gap_zero_error_large() == []
    assert def_3_8.gap_zero_error_large(model=COIN) != []
    assert def_3_8.calibrated_with_gap() == []
    assert def_3_8.calibrated_with_gap(laws=(COIN, COIN)) != []
    assert def_3_8.any_gap(model=COIN) != []


@pytest.mark.parametrize("sign", [1, -1])
def test_damaged_certificates_are_refused(sign: int) -> None:
    assert survivors(def_3_8.refinement(sign)) == []
