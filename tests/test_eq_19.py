"""Inequality (19): what holds of the Gibbs risk and the self-risk, and fails of the argmax."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import eq_19
from proofs_checks.lemma import Lemma
from sua_ref.elements import Array
from tests.moved_outputs import moved_outputs
from tests.planted import survivors
from tests.strategies import rational_losses
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

World = tuple[Array, Array, Array, Array]


def test_the_verdicts() -> None:
    assert verdict("eq_19@gibbs") == verdict("eq_19@self") == "PROVED"
    assert verdict("eq_19@argmax") == verdict("eq_19@argmax_shifted") == "REFUTED"
    assert verdict("eq_19.oscillation") == "REFUTED"
    assert verdict("eq_19") == "ILL_POSED"


@pytest.mark.parametrize("lemma", [*eq_19.lemmas("gibbs"), eq_19.SELF, eq_19.JUMP])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@counts_cases_of("eq_19@gibbs", "eq_19@self")
@pytest.mark.parametrize("risk", ["gibbs", "self"])
def test_the_risk_moves_by_at_most_the_divergence(risk: str) -> None:
    seen = Recorder()

    @given(moved_outputs(), st.data())
    def holds(world: World, data: st.DataObject) -> None:
        p, perturbed, truth, _ = world
        loss = data.draw(st.none() | rational_losses(len(p)))
        constant = Fraction(1)
        if loss is not None:
            constant = eq_19.spread(loss, 0 if risk == "gibbs" else 1)
        slacks: list[float] = []
        for q in perturbed:
            risks = [
                sua_ref.gibbs_risk(x, truth, loss)
                if risk == "gibbs"
                else sua_ref.self_risk(x, loss)
                for x in (p, q)
            ]
            bound = constant * sua_ref.total_variation(p, q)
            slack = bound - abs(risks[1] - risks[0])
            assert slack >= 0
            if bound > 0:
                seen.case(bound, slack)
                slacks.append(float(slack / bound))
        target(-sum(slacks))

    holds()
    seen.check()


def test_over_what_a_loss_varies() -> None:
    loss = np.array([[Fraction(0), Fraction(5)], [Fraction(1), Fraction(3)]], dtype=object)
    assert eq_19.spread(loss, 0) == 2  # answers to one label: 0 and 1, 5 and 3
    assert eq_19.spread(loss, 1) == 5  # labels of one answer: 0 and 5, 1 and 3


def test_a_constant_over_labels_does_not_bound_the_gibbs_risk() -> None:
    rise, tv = eq_19.rise_and_distance((1, 0), (0, 1), (1, 0), "gibbs", eq_19.CHARGED)
    assert rise == tv == 1
    assert eq_19.spread(eq_19.CHARGED, 1) == 0
    assert eq_19.spread(eq_19.CHARGED, 0) == 1


@given(st.fractions(Fraction(1, 10**9), Fraction(1, 2), max_denominator=10**9))
def test_the_answer_turns_for_the_smallest_move(t: Fraction) -> None:
    for risk in ("argmax", "argmax_shifted"):
        assert eq_19.mirrored(t, risk) == (Fraction(1), 2 * t)
    rise, tv = eq_19.mirrored(t, "gibbs")
    assert rise == tv == 2 * t
