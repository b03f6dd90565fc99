"""Result n_15: what the proxies of section 5.4 estimate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import n_15
from tests.planted import survivors
from tests.verdicts import verdict


@pytest.mark.parametrize("part", ["samples", "paraphrases", "sensitivity"])
def test_its_verdicts(part: str) -> None:
    assert verdict(f"n_15.{part}") == "PROVED"


@pytest.mark.parametrize("name", ["SAMPLES", "FEWER", "CONSISTENT", "FROM_X", "PAIRS"])
def test_damaged_certificates_are_refused(name: str) -> None:
    assert survivors(getattr(n_15, name)) == []


def test_the_moments_are_those_of_draws() -> None:
    law = (Fraction(2, 3), Fraction(1, 3))
    assert n_15.moments(law, 3) == []
    assert n_15.mean_of_samples((Fraction(1), Fraction(0)), 2).contains(0)
