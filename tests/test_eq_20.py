"""Inequality (20): the worst risk against the supremum sensitivity."""

from __future__ import annotations

import pytest
from hypothesis import given, target

import sua_ref
from proofs_checks import eq_20
from proofs_checks.lemma import Lemma
from sua_ref.elements import Array
from tests.moved_outputs import moved_outputs
from tests.planted import survivors
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdicts() -> None:
    assert verdict("eq_20@gibbs") == verdict("eq_20@self") == "PROVED"
    assert verdict("eq_20@argmax") == verdict("eq_20@argmax_shifted") == "REFUTED"


@pytest.mark.parametrize("lemma", eq_20.lemmas("self")[1:])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@counts_cases_of("eq_20@gibbs", "eq_20@self")
@pytest.mark.parametrize("risk", ["gibbs", "self"])
def test_the_worst_risk_is_within_the_supremum_sensitivity(risk: str) -> None:
    seen = Recorder()

    @given(moved_outputs())
    def holds(world: tuple[Array, Array, Array, Array]) -> None:
        p, perturbed, truth, _ = world
        worst = sua_ref.worst_case_risk(p, perturbed, truth, risk=risk)
        here = sua_ref.gibbs_risk(p, truth) if risk == "gibbs" else sua_ref.self_risk(p)
        moved = sua_ref.worst_case_sensitivity(p, perturbed, divergence="tv")
        slack = here + moved - worst
        assert slack >= 0
        if moved > 0:
            seen.case(moved, slack)  # of the term in question, whatever the risk
            target(-float(slack))

    holds()
    seen.check()


def test_the_entropy_term_of_eq_10_cannot_be_had_back() -> None:
    """What survives of (10) is (20) plus kappa >= 0: the lemma says so, and no more."""
    *_, survives = eq_20.lemmas("gibbs")
    assert survives.faults() == []
    assert "kappa" in survives.statement.atoms
    assert not any("phi" in name for name in survives.statement.atoms)
