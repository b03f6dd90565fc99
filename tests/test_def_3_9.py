"""Definition 3.9: what the value of a SUA score says, and its range."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_2, def_3_9
from proofs_checks.lemma import HALF
from tests.planted import survivors
from tests.strategies import as_balls, exact, output_rows, rational_rows, rows_beside
from tests.tightness import Recorder, counts_cases_of
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


def test_planted_faults_are_refused() -> None:
    lemmas = (def_3_9.LOW, def_3_9.HIGH, def_3_9.ORACLE)
    assert [survivors(lemma) for lemma in lemmas] == [[], [], []]


def test_instances_without_what_they_need_do_not_refute() -> None:
    assert def_3_9.truth_scores_below_zero((1, 0))[0].startswith("H* > 1/2 is")
    assert def_3_9.wrong_scores_zero(law=(0, 1)) == ["the error is 0, not 1"]
    assert "SUA is" in def_3_9.wrong_scores_zero((HALF, HALF), (0, 1))[-1]
    nine = (Fraction(9, 10), Fraction(1, 10))
    assert def_3_9.surer_than_the_truth(law=nine)[0].startswith("H* - H_theta > 1/3 is")


@st.composite
def scored_outputs(draw: st.DrawFn) -> tuple[Any, Any, Fraction]:
    """Output, perturbed output and lambda; at times at the low or at the high end of the score."""
    n = draw(st.integers(2, 4))
    kind = draw(st.sampled_from(["low", "high", "any"]))
    p, q = draw(output_rows(n)), draw(output_rows(n))
    if kind == "low":
        p = q = draw(rows_beside((Fraction(1, n),) * n))
    elif kind == "high":
        p = (Fraction(1),) + (Fraction(0),) * (n - 1)
        q = (Fraction(0), *draw(rational_rows(n - 1)))
    return p, q, draw(st.sampled_from([Fraction(1, 10), Fraction(1), Fraction(3)]))


@counts_cases_of("def_3_9.range")
def test_the_score_is_between_its_ends_and_reaches_both() -> None:
    low, high = Recorder(), Recorder()
    one, none = Fraction(1), Fraction(0)

    @given(scored_outputs(), st.sampled_from(def_3_2.FINITE))
    @example(((HALF, HALF), (HALF, HALF), one), "jsd")
    @example(((one, none), (none, one), one), "tv")
    def holds(case: tuple[Any, Any, Fraction], kind: str) -> None:
        p, q, lam = case
        score = sua_ref.sua_score(
            as_balls(exact(p)), as_balls(exact([q])), lam=lam, divergence=kind
        )
        least = arb(lam.numerator) / lam.denominator * arb(len(p)).log()
        most = arb(2).log() if kind == "jsd" else arb(1)
        assert not score < -least
        assert not score > most
        low.case(least, score + least)
        high.case(most, most - score)

    holds()
    low.check()
    high.check()
