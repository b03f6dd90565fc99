"""Appendix C.1: the signatures of failures."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import app_c_1
from proofs_checks.lemma import HALF
from tests.planted import survivors
from tests.strategies import as_balls, exact, output_rows
from tests.tightness import Recorder
from tests.verdicts import verdict

VERDICTS = {
    "app_c_1.sensitivity": "PROVED",
    "app_c_1.invariance": "PROVED",
    "app_c_1.epistemic": "REFUTED",
    "app_c_1.collapse": "REFUTED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_planted_faults_are_refused() -> None:
    assert survivors(app_c_1.SHOWS) == []
    assert survivors(app_c_1.HIDDEN) == []


def test_instances_without_what_they_need_do_not_refute() -> None:
    assert app_c_1.certain_and_wrong((1, 0)) == ["the risk is 0, not 1"]
    assert any("H is" in fault for fault in app_c_1.certain_and_wrong((HALF, HALF)))
    assert "I(Y;Z) > 1/2 is false" in app_c_1.unseen(laws=((1, 0), (1, 0)))
    moves = app_c_1.unseen(outputs=((1, 0), (0, 1)))
    assert any("the entropy over paraphrases is" in fault for fault in moves)


def test_high_sensitivity_with_low_entropy_shows() -> None:
    seen = Recorder()

    @given(
        st.integers(2, 4).flatmap(lambda n: st.tuples(output_rows(n), output_rows(n))),
        st.fractions(Fraction(1, 4), 3, max_denominator=4),
        st.sampled_from([Fraction(0), Fraction(1, 200), Fraction(1, 3)]),
    )
    def holds(
        pair: tuple[tuple[Fraction, ...], tuple[Fraction, ...]], lam: Fraction, room: Fraction
    ) -> None:
        p, there = as_balls(exact(pair[0])), as_balls(exact([pair[1]]))
        s = (
            sua_ref.distributional_sensitivity(p, there, divergence="tv")
            - as_balls(exact([room]))[0]
        )
        bound = s - as_balls(exact([lam]))[0] * sua_ref.predictive_entropy(p)
        score = sua_ref.sua_score(p, there, lam=lam, divergence="tv")
        assert not score < bound
        if bound > 0:
            seen.case(bound, score - bound)

    holds()
    seen.check()


@given(st.integers(2, 4).flatmap(output_rows), st.fractions(Fraction(1, 4), 3, max_denominator=4))
def test_an_output_that_stays_has_no_positive_score(p: tuple[Fraction, ...], lam: Fraction) -> None:
    here = as_balls(exact(p))
    assert not sua_ref.sua_score(here, here[None, :], lam=lam, divergence="tv") > 0
