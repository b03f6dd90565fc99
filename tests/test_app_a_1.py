"""Appendix A.1: the steps from (21) to (10) and (11), each on its own."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import app_a_1
from proofs_checks.lemma import Lemma
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import worlds
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdicts() -> None:
    assert verdict("app_a_1.step_3") == "REFUTED"
    assert verdict("app_a_1.step_4@at_least_phi") == "REFUTED"
    assert verdict("app_a_1.step_4@at_most_phi") == "PROVED"
    assert verdict("app_a_1.step_4") == "ILL_POSED"
    assert verdict("app_a_1.jensen") == "REFUTED"


@pytest.mark.parametrize("lemma", [app_a_1.STEP_4, app_a_1.MEAN])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@given(worlds())
def test_the_mean_is_never_looser(world: tuple[Array, Array, Array, Array]) -> None:
    p, perturbed, _, weights = world
    mean = sua_ref.distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    assert mean <= sua_ref.worst_case_sensitivity(p, perturbed, divergence="tv")


@counts_cases_of("app_a_1.step_4@at_most_phi")
def test_step_4_holds_under_the_condition_it_needs() -> None:
    seen = Recorder()
    share = st.fractions(0, 1, max_denominator=20)

    @given(share, share, share, share, st.just(Fraction(0)) | share)
    def holds(s: Fraction, constant: Fraction, lam: Fraction, h: Fraction, more: Fraction) -> None:
        phi = constant * lam * h + more
        left, right = constant * s - phi, constant * (s - lam * h)
        assert left <= right
        if right > 0:
            seen.case(right, right - left)
            target(-float(right - left))

    holds()
    seen.check()
