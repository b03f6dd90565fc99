"""Inequality (21): (20) in other words; it tightens nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import eq_21
from sua_ref.elements import Array
from tests.moved_outputs import moved_outputs
from tests.planted import survivors
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdicts() -> None:
    assert verdict("eq_21@gibbs") == verdict("eq_21@self") == "PROVED"
    assert verdict("eq_21@argmax") == verdict("eq_21@argmax_shifted") == "REFUTED"
    assert verdict("eq_21.tightens") == "REFUTED"


def test_planted_faults_are_refused() -> None:
    assert survivors(eq_21.lemmas("gibbs")[-1]) == []


@counts_cases_of("eq_21@gibbs", "eq_21@self")
@pytest.mark.parametrize("risk", ["gibbs", "self"])
def test_it_holds_for_every_phi(risk: str) -> None:
    seen = Recorder()

    @given(moved_outputs(), st.fractions(0, 3, max_denominator=9))
    def holds(world: tuple[Array, Array, Array, Array], phi: Fraction) -> None:
        p, perturbed, truth, _ = world
        here = sua_ref.gibbs_risk(p, truth) if risk == "gibbs" else sua_ref.self_risk(p)
        moved = sua_ref.worst_case_sensitivity(p, perturbed, divergence="tv")
        right = (here + phi) + (moved - phi)
        slack = right - sua_ref.worst_case_risk(p, perturbed, truth, risk=risk)
        assert right == here + moved
        assert slack >= 0
        if moved > 0:
            seen.case(moved, slack)
            target(-float(slack))

    holds()
    seen.check()
