"""Section 5.6: five perturbations are not enough for a reliable estimate."""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import txt_5_6
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("txt_5_6.sufficient") == "REFUTED"


def test_the_chance_is_that_of_the_binomial_law() -> None:
    # Of 5 fair flips 0, 1, 4 or 5: 12 of 32.
    assert txt_5_6.far(5, Fraction(1, 2), Fraction(1, 4)) == Fraction(12, 32)


def test_many_perturbations_would_be_reliable() -> None:
    assert txt_5_6.unreliable() == []
    assert txt_5_6.unreliable(40) != []
