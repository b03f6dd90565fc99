"""Result n_8: on an oracle with two labels SUA answers the riskiest inputs first."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_8
from proofs_checks.lemma import Lemma
from tests.planted import survivors
from tests.strategies import exact, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

ERROR = st.fractions(0, Fraction(1, 2), max_denominator=40)


def test_the_verdict() -> None:
    assert verdict("n_8") == "PROVED"


@pytest.mark.parametrize("lemma", n_8.LEMMAS)
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@st.composite
def oracles(draw: st.DrawFn) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """Errors, masses and a threshold that is no entropy of a rational."""
    masses = draw(rational_rows(draw(st.integers(2, 5))))
    errors = draw(st.lists(ERROR, min_size=len(masses), max_size=len(masses)))
    return errors, list(masses), draw(st.fractions(Fraction(-7, 10), 0, max_denominator=101))


@counts_cases_of("n_8")
def test_no_rule_of_its_coverage_has_a_higher_risk() -> None:
    seen = Recorder()

    @given(oracles(), st.fractions(0, 1, max_denominator=10))
    def holds(case: tuple[list[Fraction], list[Fraction], Fraction], share: Fraction) -> None:
        errors, masses, tau = case
        kept = n_8.answered(errors, tau)
        coverage = sum((m for m, k in zip(masses, kept, strict=True) if k), Fraction(0))
        rows = exact([[1 - e, e] for e in errors])
        for risks in (errors, sua_ref.gibbs_risk(rows, rows)):
            ours = sum(m * r for m, r, k in zip(masses, risks, kept, strict=True) if k)
            assert ours == n_8.best_rival(masses, risks, coverage)
        # A rival that answers as SUA does with the chance ``share``, and else by lot.
        lot = [share * bool(k) + (1 - share) * coverage for k in kept]
        rival = sum(m * b * r for m, b, r in zip(masses, lot, risks, strict=True))
        assert rival <= ours
        if ours > 0:
            seen.case(ours, ours - rival)
            target(float(ours - rival))

    holds()
    seen.check()


@given(ERROR, ERROR)
def test_entropy_rises_with_the_error(e: Fraction, f: Fraction) -> None:
    low, high = (
        sua_ref.entropy(np.array([arb(x.numerator) / x.denominator for x in (1 - v, v)]))
        for v in sorted((e, f))
    )
    assert not low > high


def test_what_is_answered_has_an_entropy_above_the_threshold() -> None:
    """h(1/4) = 0.562 at lambda = 1, tau = -3/5 asks for more and tau = -1/2 for less."""
    assert n_8.answered([Fraction(1, 4)], Fraction(-1, 2)).tolist() == [True]
    assert n_8.answered([Fraction(1, 4)], Fraction(-3, 5)).tolist() == [False]


def test_the_hypotheses_are_needed() -> None:
    """A model that is wrong, or that moves, may be abstained from rightly."""
    wrong = exact([[Fraction(1), Fraction(0)], [Fraction(1, 2), Fraction(1, 2)]])
    truth = exact([[Fraction(0), Fraction(1)], [Fraction(1, 2), Fraction(1, 2)]])
    kept = n_8.answered([Fraction(0), Fraction(1, 2)], Fraction(-1, 2))
    assert kept.tolist() == [False, True]
    assert list(sua_ref.gibbs_risk(wrong, truth)) == [1, Fraction(1, 2)]
