"""Result n_15: what the proxies of section 5.4 estimate."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_15
from proofs_checks.draws import outcomes
from proofs_checks.lemma import HALF, Lemma
from tests.planted import survivors
from tests.strategies import as_balls, exact, output_rows, rational_rows
from tests.tightness import Recorder, counts_cases_of
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


@pytest.mark.parametrize(
    "lemma",
    [
        n_15.SAMPLES, n_15.FEWER, n_15.CONSISTENT, n_15.decomposition(1), n_15.decomposition(-1),
        n_15.FROM_X, n_15.PAIRS,
    ],
)  # fmt: skip
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def test_the_mean_over_outcomes_is_that_of_the_public_proxy() -> None:
    """All 2^3 outcomes of three fair tosses, in floats."""
    outcomes = np.array([[i >> k & 1 for k in range(3)] for i in range(8)])
    found = float(np.mean(sua_ref.ambiguity_proxy(outcomes)))
    assert found == pytest.approx(float(n_15.mean_of_samples(n_15.COIN, 3).mid()), abs=1e-15)


@st.composite
def sampled(draw: st.DrawFn) -> tuple[tuple[Fraction, ...], int]:
    """A law of no zero and a number of draws; at times so many that both bounds are near."""
    if draw(st.booleans()):
        share = draw(st.fractions(Fraction(1, 4), Fraction(1, 2), max_denominator=60))
        return (share, 1 - share), draw(st.integers(100, 160))
    row = draw(rational_rows())
    return tuple(v for v in row if v > 0), draw(st.integers(1, 3))


@counts_cases_of("n_15.samples")
def test_samples_underestimate_the_entropy_by_at_most_their_share() -> None:
    lower, upper = Recorder(), Recorder()

    @given(sampled())
    @example(((Fraction(1),), 3))
    def holds(case: tuple[tuple[Fraction, ...], int]) -> None:
        law, m = case
        mean, h = arb(0), sua_ref.entropy(as_balls(exact(law)))
        for counts, chance in outcomes(m, law):
            found = sua_ref.entropy(as_balls(exact([Fraction(c, m) for c in counts])))
            mean += arb(chance.numerator) / chance.denominator * found
        least = h - arb(len(law) - 1) / m
        assert not mean > h
        assert not mean > arb(m).log()
        assert not mean < least
        if m < 4:
            assert mean.overlaps(n_15.mean_of_samples(law, m))
        if len(law) > 1 and least > 0:
            lower.case(mean, mean - least)
        if len(law) > 1 and m > 1:
            upper.case(h.min(arb(m).log()), h.min(arb(m).log()) - mean)

    holds()
    lower.check()
    upper.check()


@st.composite
def paraphrased(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Output at x, outputs at paraphrases and their weights; x at the mean half of the time."""
    n, k = draw(st.integers(2, 3)), draw(st.integers(1, 3))
    rows, weights = exact([draw(output_rows(n)) for _ in range(k)]), exact(draw(rational_rows(k)))
    mean = np.sum(weights[:, None] * rows, axis=0)
    at_x = mean if draw(st.booleans()) else exact(draw(rational_rows(n)))
    return at_x, rows, weights


_ONE, _NONE = Fraction(1), Fraction(0)


_FLIP = exact([[_ONE, _NONE], [_NONE, _ONE]])


@counts_cases_of("n_15.sensitivity")
def test_the_information_lies_between_the_two_sensitivities() -> None:
    seen = Recorder()

    @given(paraphrased())
    @example((exact([HALF, HALF]), _FLIP, exact([HALF, HALF])))
    def holds(case: tuple[Any, Any, Any]) -> None:
        at_x, rows, weights = case
        information = sua_ref.mutual_information(as_balls(weights[:, None] * rows))
        mean = np.sum(weights[:, None] * rows, axis=0)
        inside = sum((as_balls(exact([w]))[0] * sua_ref.entropy(as_balls(row))
                      for w, row in zip(weights, rows, strict=True)), arb(0))  # fmt: skip
        assert sua_ref.entropy(as_balls(mean)).overlaps(inside + information)
        w = as_balls(weights)
        pairs = sum(
            (u * sua_ref.distributional_sensitivity(as_balls(row), as_balls(rows), weights=w)
             for u, row in zip(w, rows, strict=True)), arb(0),
        )  # fmt: skip
        assert not pairs > information
        s = sua_ref.distributional_sensitivity(
            as_balls(at_x), as_balls(rows), divergence="reverse_kl", weights=w
        )
        assert not information > s
        if s > 0 and s.is_finite():
            seen.case(s, s - information)

    holds()
    seen.check()
