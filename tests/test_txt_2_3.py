"""Section 2.3: the confidence 1 - H/log n, and temperature scaling."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import txt_2_3
from tests.planted import survivors
from tests.verdicts import verdict

VERDICTS = {
    "txt_2_3.range": "PROVED",
    "txt_2_3.confidence": "REFUTED",
    "txt_2_3.unused_labels": "PROVED",
    "txt_2_3.temperature": "REFUTED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_2_3.LOW) == []
    assert survivors(txt_2_3.UNUSED) == []


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_2_3.truth_is_miscalibrated() == []
    assert txt_2_3.truth_is_miscalibrated((Fraction(1, 2), Fraction(1, 2))) != []
    assert txt_2_3.temperature_harms() == []
    assert txt_2_3.temperature_harms(((775, 620, 1), (44, 23, 5))) != []
