"""Theorem 4.3, inequality (11): refuted by the oracle that never moves.

x belongs to its own perturbation set, so R_rob >= R, and (11) would force L_D SUA + kappa >= 0. An
oracle that is uncertain and stable has S = 0 and kappa = 0, while H > 0: then L_D SUA < 0.

Every hypothesis is checked, and for Assumptions 1 and 2 for all distributions: with two labels,
``phi(h) = c h`` and every loss at least c log 2, ``E l >= min l >= c log 2 >= c H(p)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import THM_4_3_EQ_11, Instance
from proofs_checks.evidence import Kind, Piece, Row
from sua_ref import (
    Bound,
    interpretation_collapse_gap,
    is_label_invariant,
    is_semantics_preserving,
    thm_4_3_eq_11,
)
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS

_RISK_WORDS = {
    "gibbs": "R_theta(x') is the risk of a label drawn from q_x', under the label law of x",
    "self": "R_theta(x') is the model's risk under its own output at x'",
    "argmax": "R_theta(x') is the error of argmax q_x', under the label law of x",
    "argmax_shifted": "R_theta(x') is the error of argmax q_x', under the label law of x'",
}
_GAP_WORDS = {
    "signed": "kappa = R* - R_self",
    "positive": "kappa = (R* - R_self)_+",
    "absolute": "kappa = |R* - R_self|",
}
_CONDITION_WORDS = {
    "at_least_phi": "the lambda-condition is lambda H >= phi(H), as printed",
    "at_most_phi": "the lambda-condition is phi(H) >= L_D lambda H, as step 4 of A.1 needs it",
}


def _eq_11() -> Iterator[Claim]:
    for risk, gap, condition in product(RISKS, GAPS, CONDITIONS):
        words = (_RISK_WORDS[risk], _GAP_WORDS[gap], _CONDITION_WORDS[condition])
        yield Claim(
            id=f"thm_4_3.eq_11@{risk}.{gap}.{condition}",
            kind="formal",
            title="SUA controls worst-case perturbed risk, inequality (11)",
            statement=(
                "Under Assumptions 1 to 3 and the lambda-condition, the worst risk over the "
                "perturbation set is at most the clean risk plus L_D times SUA plus kappa."
            ),
            formula=(
                r"R_{\mathrm{rob}}(x) \le R_\theta(x) + L_D\,\mathrm{SUA}(x;\epsilon,\lambda)"
                r" + \kappa(x)"
            ),
            source="reconstructed",
            where="section 4.2, Theorem 4.3, inequality (11); proof in A.1, steps 1 to 4",
            quote="Replacing with (which is the supremum by Jensen's inequality) and collecting",
            silent="the law and predictor behind R_theta(x'); the sign of kappa",
            severity="conclusion",
            breaks=(
                "step 4 of A.1: it replaces the supremum by the smaller mean inside an upper "
                "bound, calls it Jensen's inequality, and keeps the entropy term that step 3 "
                "dropped"
            ),
            reading="; ".join(words),
            hypotheses=("asm_1", "asm_2", "asm_3"),
            uses=("asm_1@tv",),
            ref=("thm_4_3_eq_11", "worst_case_risk", "sua_score", "interpretation_collapse_gap"),
            repair="n_3",
        )


CLAIMS = tuple(_eq_11())


def _exact(values: Any) -> Any:
    return np.array(values, dtype=object)


def bound(instance: Instance, *, risk: str, gap: str, condition: str) -> Bound:
    """Both sides of (11) and its hypotheses, in ball arithmetic."""
    slope = balls.ball(instance.phi_slope)
    return thm_4_3_eq_11(
        balls.balls(instance.p),
        balls.balls(instance.perturbed),
        balls.balls(instance.p_true),
        lam=instance.lam,
        lipschitz=instance.lipschitz,
        phi=lambda h: slope * h,
        weights=balls.balls(instance.weights),
        risk=risk,
        gap=gap,
        condition=condition,
        divergence="tv",
        loss=balls.balls(instance.loss),
        p_true_perturbed=balls.balls(instance.p_true_perturbed),
    )


def hypothesis_faults(instance: Instance, condition: str) -> list[str]:
    """Which hypothesis of Theorem 4.3 the instance fails to meet, or to meet provably."""
    faults = []
    losses = [value for row in instance.loss for value in row]
    if min(losses) < 0 or max(losses) > 1:
        faults.append("the loss leaves [0, 1]")
    if max(max(row) - min(row) for row in instance.loss) > instance.lipschitz:
        faults.append("asm_1: osc(l) exceeds L_D (asm_1@tv then gives no bound)")
    if instance.phi_slope < 0:
        faults.append("asm_2: phi decreases")
    if not _entropy_risk_link(instance, min(losses)):
        faults.append("asm_2: E l >= phi(H) is not shown for every distribution")
    if instance.p != instance.p_true or len(instance.p_z) != 1:
        faults.append("asm_3: the model is not P(.|x, z*) of a sole interpretation")
    if not is_semantics_preserving(_exact(instance.p_z), _exact(instance.p_z_perturbed)):
        faults.append("def_3_1: the perturbation changes the interpretation")
    if not is_label_invariant(_exact(instance.p_true), _exact(instance.p_true_perturbed)):
        faults.append("the perturbation changes the label law")
    if not instance.lam > 0:
        faults.append("lambda is not above 0")

    def met() -> bool:
        read = bound(instance, risk="gibbs", gap="signed", condition=condition).hypotheses
        return all(bool(value) for value in read.values())

    if decide(met) is not Truth.TRUE:
        faults.append(f"the lambda-condition ({condition}) or a hypothesis at x is not met")
    return faults


def _entropy_risk_link(instance: Instance, least: Fraction) -> bool:
    """``min l >= c log n``, which gives Assumption 2 for every distribution on n labels."""
    if instance.phi_slope == 0:
        return least >= 0
    n = len(instance.p)
    return (
        decide(lambda: greater(balls.ball(least), balls.ball(instance.phi_slope) * balls.log(n)))
        is Truth.TRUE
    )


def violation_faults(instance: Instance, *, risk: str, gap: str, condition: str) -> list[str]:
    """Empty iff the left side of (11) is certified to exceed the right."""

    def violated() -> bool:
        b = bound(instance, risk=risk, gap=gap, condition=condition)
        return greater(b.lhs, b.rhs)

    answer = decide(violated)
    return [] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"]


def _kappa_faults(instance: Instance, gap: str) -> list[str]:
    kappa = interpretation_collapse_gap(
        _exact(instance.p), _exact(instance.p_true), reading=gap, loss=_exact(instance.loss)
    )
    return [] if kappa == 0 else [f"kappa is {kappa}"]


def _drawn(instance: Instance, risk: str, gap: str, condition: str) -> list[Row]:
    b = bound(instance, risk=risk, gap=gap, condition=condition)
    return [
        *instance.lines(),
        ("left side of (11)", b.lhs.str(6, radius=False)),
        ("right side of (11)", b.rhs.str(6, radius=False)),
    ]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one reading ``thm_4_3.eq_11@risk.gap.condition``."""
    risk, gap, condition = claim.split("@")[1].split(".")
    instance = THM_4_3_EQ_11[condition]

    def refuted() -> list[str]:
        return hypothesis_faults(instance, condition) + violation_faults(
            instance, risk=risk, gap=gap, condition=condition
        )

    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            f"{instance.name}: every hypothesis met (Fractions, balls), the violation certified "
            "by balls", refuted, instance=lambda: _drawn(instance, risk, gap, condition),
        ),
        Piece(
            Kind.SUPPORT, "checked", "kappa = 0 there, in Fractions",
            lambda: _kappa_faults(instance, gap),
        ),
    ]  # fmt: skip
