"""Theorem 4.3, inequality (11): REFUTED under all its readings, and robustly so."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest

from proofs_checks import balls
from proofs_checks.claims import CLAIMS, select
from proofs_checks.counterexamples import THM_4_3_EQ_11
from proofs_checks.run import check_claim
from proofs_checks.thm_4_3 import bound, hypothesis_faults, violation_faults
from proofs_checks.verdict import Verdict, join
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS

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
