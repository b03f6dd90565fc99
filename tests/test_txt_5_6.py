"""Section 5.6: five perturbations are not enough for a reliable estimate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import txt_5_6
from proofs_checks.lemma import HALF
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("txt_5_6.sufficient") == "REFUTED"


def test_the_chance_is_that_of_the_binomial_law() -> None:
    # Of 5 fair flips 0, 1, 4 or 5: 12 of 32.
    assert txt_5_6.far(5, Fraction(1, 2), Fraction(1, 4)) == Fraction(12, 32)


def test_many_perturbations_would_be_reliable() -> None:
    assert txt_5_6.unreliable() == []
    assert txt_5_6.unreliable(40) != []


def test_many_perturbations_do_not_refute() -> None:
    """At K = 60 the same instance is within 1/4 in all but a few cases."""
    assert txt_5_6.unreliable(60)[0].startswith("P(off by more than 1/4) =")
    assert txt_5_6.far(5, HALF, Fraction(1, 4)) == Fraction(3, 8)


@pytest.mark.parametrize("k", [1, 3, 5, 10])
def test_the_estimate_has_the_mean_and_the_variance_of_a_mean(k: int) -> None:
    flip = Fraction(1, 3)
    estimates = txt_5_6._estimates(k, flip)
    mean = sum(c * s for s, c in estimates)
    assert mean == flip
    assert sum(c * (s - mean) ** 2 for s, c in estimates) == flip * (1 - flip) / k
