"""Theorem 4.3, inequalities (10) and (11): REFUTED under all their readings, and robustly so."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls
from proofs_checks.claims import CLAIMS, select
from proofs_checks.counterexamples import THM_4_3_EQ_11
from proofs_checks.run import check_claim
from proofs_checks.thm_4_3 import bound, hypothesis_faults, violation_faults
from proofs_checks.verdict import Verdict, join
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS
from tests.strategies import as_balls, as_floats, exact, finite_worlds, in_number_type
from tests.tolerances import WORLD

READINGS = [c for c in CLAIMS if c.id.startswith("thm_4_3.eq_11@")]
HALF = Fraction(1, 2)


def test_all_readings_are_on_record() -> None:
    ids = {c.id.split("@")[1] for c in READINGS}
    assert ids == {f"{r}.{g}.{c}" for r in RISKS for g in GAPS for c in CONDITIONS}
    assert len(ids) == 24


@pytest.mark.parametrize("claim", READINGS, ids=lambda c: c.id.split("@")[1])
def test_eq_11_is_refuted_and_checked(claim: object) -> None:
    checked = check_claim(claim)  # type: ignore[arg-type]  # parametrised over the registry
    assert checked.judgement.verdict is Verdict.REFUTED
    assert checked.judgement.grade == "checked"


def test_the_parts_of_the_theorem_are_refuted_together() -> None:
    found = [check_claim(c).judgement for c in select("thm_4_3")]
    assert join(found).verdict is Verdict.REFUTED


def test_the_headline_numbers() -> None:
    """1/2 <= 1/2 - log 2, and 3/4 <= 3/4 - (log 2)/4."""
    instance = THM_4_3_EQ_11["at_least_phi"]
    b = bound(instance, risk="gibbs", gap="signed", condition="at_least_phi")
    assert b.lhs == balls.ball(HALF)
    assert b.rhs.overlaps(balls.ball(HALF) - balls.log(2))
    instance = THM_4_3_EQ_11["at_most_phi"]
    b = bound(instance, risk="gibbs", gap="signed", condition="at_most_phi")
    assert b.lhs == balls.ball(Fraction(3, 4))
    assert b.rhs.overlaps(balls.ball(Fraction(3, 4)) - balls.log(2) / 4)


BROKEN = {
    "a loss outside [0, 1]": (
        "at_least_phi",
        {"loss": ((Fraction(0), Fraction(2)), (Fraction(2), Fraction(0)))},
        "leaves [0, 1]",
    ),
    "L_D below the oscillation": ("at_least_phi", {"lipschitz": HALF}, "asm_1"),
    "phi too steep for Assumption 2": ("at_most_phi", {"phi_slope": Fraction(1)}, "asm_2"),
    "phi not zero under the 0-1 loss": ("at_least_phi", {"phi_slope": HALF}, "asm_2"),
    "a model that is not the truth": (
        "at_least_phi",
        {"p": (Fraction(1), Fraction(0))},
        "asm_3",
    ),
    "labels that change": (
        "at_least_phi",
        {"p_true_perturbed": ((Fraction(1), Fraction(0)),)},
        "label law",
    ),
    "lambda too large for its condition": ("at_most_phi", {"lam": Fraction(3)}, "lambda-cond"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_an_instance_that_misses_a_hypothesis_is_no_counterexample(name: str) -> None:
    condition, changes, reason = BROKEN[name]
    instance = dataclasses.replace(THM_4_3_EQ_11[condition], **changes)  # type: ignore[arg-type]  # any field
    assert any(reason in fault for fault in hypothesis_faults(instance, condition))


def test_an_instance_that_satisfies_the_inequality_is_no_counterexample() -> None:
    certain = (Fraction(1), Fraction(0))
    instance = dataclasses.replace(
        THM_4_3_EQ_11["at_least_phi"],
        p=certain,
        perturbed=(certain,),
        p_true=certain,
        p_true_perturbed=(certain,),
    )
    assert hypothesis_faults(instance, "at_least_phi") == []
    for risk in RISKS:
        faults = violation_faults(instance, risk=risk, gap="signed", condition="at_least_phi")
        assert faults == ["lhs > rhs is false"]


def test_an_undecided_sign_refutes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    equal = balls.decide(lambda: balls.greater(balls.log(2) + balls.log(3), balls.log(6)))
    assert equal is balls.Truth.UNKNOWN
    monkeypatch.setattr(balls, "PRECISIONS", ())
    instance = THM_4_3_EQ_11["at_least_phi"]
    faults = violation_faults(instance, risk="gibbs", gap="signed", condition="at_least_phi")
    assert faults == ["lhs > rhs is unknown"]
    assert hypothesis_faults(instance, "at_least_phi") != []


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("risk", RISKS)
def test_eq_10_fails_on_the_oracle_that_never_moves(risk: str, gap: str) -> None:
    """3/4 <= 3/4 - (log 2)/2: loss (1 + [a != y])/2, phi(h) = h/2, so that Assumptions 1 and 2 hold
    for all distributions."""
    coin = as_balls(exact([HALF, HALF]))
    loss = as_balls(exact([[HALF, Fraction(1)], [Fraction(1), HALF]]))
    b = sua_ref.thm_4_3_eq_10(
        coin, coin[None, :], coin, lipschitz=HALF, phi=lambda h: h / 2, risk=risk, gap=gap,
        loss=loss, p_true_perturbed=coin[None, :],
    )  # fmt: skip
    assert b.lhs == arb(3) / 4
    assert b.rhs.overlaps(arb(3) / 4 - arb(2).log() / 2)
    assert b.rhs < b.lhs
    assert b.hypotheses == {"asm_1": True, "asm_2.here": True}


def test_eq_10_with_the_phi_of_the_text() -> None:
    """phi(h) = 1 - exp(-h) meets Assumption 2 with equality at a coin, which balls cannot decide;
    99 % of it can be: 1/2 <= 1/2 - 99/200."""
    coin = as_balls(exact([HALF, HALF]))
    with pytest.raises(sua_ref.Undecided):
        sua_ref.thm_4_3_eq_10(coin, coin[None, :], coin, lipschitz=1, phi=lambda h: 1 - (-h).exp())
    b = sua_ref.thm_4_3_eq_10(
        coin, coin[None, :], coin, lipschitz=1, phi=lambda h: (1 - (-h).exp()) * 99 / 100
    )
    assert b.rhs.overlaps(arb(1) / 200)
    assert b.rhs < b.lhs
    assert b.hypotheses == {"asm_1": True, "asm_2.here": True}


@given(finite_worlds(), st.sampled_from(RISKS), st.sampled_from(GAPS), st.integers(0, 2))
def test_eq_10_sides_are_the_sums_they_say(
    world: sua_ref.FiniteWorld, risk: str, gap: str, slope: int
) -> None:
    w = in_number_type(world, as_floats)
    p, perturbed, truth, _, laws = w.arguments(0)
    b = sua_ref.thm_4_3_eq_10(
        p, perturbed, truth, lipschitz=3, phi=lambda h: slope * h, risk=risk, gap=gap,
        loss=w.loss, p_true_perturbed=laws,
    )  # fmt: skip
    risks = [
        sua_ref.worst_case_risk(
            p, around, truth, risk=risk, loss=w.loss, p_true_perturbed=around_laws
        )
        for around, around_laws in ((p[None, :], truth[None, :]), (perturbed, laws))
    ]
    kappa = sua_ref.interpretation_collapse_gap(p, truth, reading=gap, loss=w.loss)
    worst = max(float(sua_ref.total_variation(p, q)) for q in perturbed)
    assert b.lhs == risks[1]
    expected = risks[0] + 3 * worst - slope * sua_ref.entropy(p) + kappa
    assert b.rhs == pytest.approx(float(expected), abs=WORLD)


def test_what_remains_true_of_eq_10_without_its_entropy_term() -> None:
    """(20) with kappa >= 0: R_rob <= R + L S_sup, for the Gibbs risk under TV.

    What varies is the answer, so that L is how far a loss varies over the answers to one label.
    """
    moved: list[bool] = []

    @given(finite_worlds())
    def holds(world: sua_ref.FiniteWorld) -> None:
        ball = in_number_type(world, as_balls)
        loss = world.loss
        spread = 1 if loss is None else max(max(row) - min(row) for row in loss.T)
        for x in range(len(ball)):
            p, perturbed, truth, _, _ = ball.arguments(x)
            b = sua_ref.thm_4_3_eq_10(
                p, perturbed, truth, lipschitz=spread, phi=lambda h: 0 * h, gap="positive",
                loss=ball.loss,
            )  # fmt: skip
            assert not b.lhs > b.rhs
            moved.append(bool(b.lhs < b.rhs))

    holds()
    assert sum(moved) >= 5
