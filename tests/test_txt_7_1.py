"""Section 7.1: self-consistency, entropy and temperature."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import txt_7_1
from tests.planted import survivors
from tests.verdicts import verdict

VERDICTS = {
    "txt_7_1.self_consistency": "PROVED",
    "txt_7_1.entropy_proxy": "REFUTED",
    "txt_7_1.agreement": "PROVED",
    "txt_7_1.temperature": "REFUTED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_7_1.AGREEMENT) == []


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_7_1.agrees_more() == []
    assert txt_7_1.agrees_more(p=txt_7_1.DIFFERS) != []
    coin = (Fraction(1, 2), Fraction(1, 2))
    assert txt_7_1.rescaled_moves() == []
    assert txt_7_1.rescaled_moves(after=(coin, coin)) != []
