"""Theorem 4.3, inequalities (10) and (11): refuted by the oracle that never moves.

x belongs to its own perturbation set, so R_rob >= R, and (11) would force L_D SUA + kappa >= 0. An
oracle that is uncertain and stable has S = 0 and kappa = 0, while H > 0: then L_D SUA < 0. In the
same way (10) would force L_D S_sup + kappa >= phi(H), where the left side is 0 and phi(H) > 0.

Every hypothesis is checked, and for Assumptions 1 and 2 for all distributions: with two labels,
``phi(h) = c h`` and every loss at least c log 2, ``E l >= min l >= c log 2 >= c H(p)``.

Neither refutation is one of the entropy term alone. That of (11) without it is in
:mod:`proofs_checks.mean_for_supremum`. With phi = 0, which Assumption 2 allows, (10) is (20) plus
kappa: true of the Gibbs risk and the self-risk where kappa is a positive part or an absolute value,
and refuted again under all other readings.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls, eq_20, mean_for_supremum, theorem_hypotheses
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import (
    MODE_OF_A_MIXTURE,
    THM_4_3_EQ_11,
    TWO_INTERPRETATIONS,
    Instance,
)
from proofs_checks.eq_19 import RISK_WORDS
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.theorem_hypotheses import Setting
from sua_ref import (
    Bound,
    interpretation_collapse_gap,
    is_label_invariant,
    is_semantics_preserving,
    thm_4_3_eq_10,
    thm_4_3_eq_11,
    worst_case_sensitivity,
)
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS

GAP_WORDS = {
    "signed": "kappa = R* - R_self",
    "positive": "kappa = (R* - R_self)_+",
    "absolute": "kappa = |R* - R_self|",
}
CONDITION_WORDS = {
    "at_least_phi": "the lambda-condition is lambda H >= phi(H), as others read it in the paper",
    "at_most_phi": "the lambda-condition is phi(H) >= L_D lambda H, as step 4 of A.1 needs it",
}


def _eq_10() -> Iterator[Claim]:
    for risk, gap in product(RISKS, GAPS):
        yield Claim(
            id=f"thm_4_3.eq_10@{risk}.{gap}",
            kind="formal",
            title="SUA controls worst-case perturbed risk, inequality (10)",
            statement=(
                "Under Assumptions 1 to 3, the worst risk over the perturbation set is at most the "
                "clean risk plus L_D times the supremum sensitivity, minus phi of the entropy, "
                "plus kappa."
            ),
            formula=(
                r"R_{\mathrm{rob}}(x) \le R_\theta(x) + L_D \sup_{x'} D(P_\theta(\cdot|x) \|"
                r" P_\theta(\cdot|x')) - \varphi(H_\theta(x)) + \kappa(x)"
            ),
            source="reconstructed",
            where="section 4.2, Theorem 4.3, inequality (10); proof in A.1, steps 1 to 3",
            quote="Apply Assumption 2 to subtract a nonnegative entropy-dependent term",
            silent="the law and predictor behind R_theta(x'); the sign of kappa",
            severity="conclusion",
            breaks=(
                "step 3 of A.1: (21) adds phi to the risk and takes it off the sensitivity; step 3 "
                "keeps the subtraction and drops the addition"
            ),
            reading="; ".join((RISK_WORDS[risk], GAP_WORDS[gap])),
            hypotheses=("asm_1", "asm_2", "asm_3"),
            uses=("asm_1@tv",),
            ref=("thm_4_3_eq_10", "worst_case_risk", "interpretation_collapse_gap"),
            repair="n_4.worst" if risk in ("gibbs", "self") else "n_3",
        )


def _eq_11() -> Iterator[Claim]:
    for risk, gap, condition in product(RISKS, GAPS, CONDITIONS):
        words = (RISK_WORDS[risk], GAP_WORDS[gap], CONDITION_WORDS[condition])
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
            quote="and collecting terms yields (11)",
            silent=(
                "the law and predictor behind R_theta(x'); the sign of kappa; the direction of the "
                "lambda-condition"
            ),
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
            repair="n_4.mean" if risk in ("gibbs", "self") else "n_3",
        )


CLAIMS = (*_eq_10(), *_eq_11())


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
    lines = (*instance.loss, *zip(*instance.loss, strict=True))  # over labels, over answers
    if max(max(line) - min(line) for line in lines) > instance.lipschitz:
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


def eq_10(instance: Instance, *, risk: str, gap: str) -> Bound:
    """Both sides of (10), in ball arithmetic."""
    slope = balls.ball(instance.phi_slope)
    return thm_4_3_eq_10(
        balls.balls(instance.p),
        balls.balls(instance.perturbed),
        balls.balls(instance.p_true),
        lipschitz=instance.lipschitz,
        phi=lambda h: slope * h,
        risk=risk,
        gap=gap,
        loss=balls.balls(instance.loss),
        p_true_perturbed=balls.balls(instance.p_true_perturbed),
    )


def _eq_10_pieces(risk: str, gap: str) -> list[Piece]:
    instance = THM_4_3_EQ_11["at_most_phi"]

    def refuted() -> list[str]:
        b = eq_10(instance, risk=risk, gap=gap)
        answer = decide(lambda: greater(b.lhs, b.rhs))
        faults = [] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"]
        return hypothesis_faults(instance, "at_most_phi") + faults

    def drawn() -> list[Row]:
        b = eq_10(instance, risk=risk, gap=gap)
        sides = (b.lhs.str(6, radius=False), b.rhs.str(6, radius=False))
        return [*instance.lines(), *zip(("left side of (10)", "right side"), sides, strict=True)]

    found = [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            f"{instance.name}: Assumptions 1 and 2 for all distributions, 3 exactly; 3/4 <= 3/4 - "
            "(log 2)/2", refuted, instance=drawn,
        )
    ]  # fmt: skip
    without = "phi = 0, so that (10) is (20) plus kappa; "
    if gap == "signed":
        found.append(_without_phi(MODE_OF_A_MIXTURE, without + "kappa = -1/5", risk, gap))
    if risk in ("argmax", "argmax_shifted"):
        words = without + "a small move turns the answer"
        found.append(_without_phi(TWO_INTERPRETATIONS, words, risk, gap))
    elif gap != "signed":
        lemma = eq_20.lemmas(risk)[-1]
        found.append(
            Piece(
                Kind.SUPPORT, "checked", without + "that is all that survives, and is proved",
                lemma.faults,
            )
        )  # fmt: skip
    return found


def _without_phi(setting: Setting, words: str, risk: str, gap: str) -> Piece:
    """(10) with phi = 0 fails: in Fractions, TV and risks being algebraic."""

    def refuted() -> list[str]:
        rise, _, _ = mean_for_supremum.rises(setting, risk)
        p, perturbed, truth, _, _ = setting.world.arguments(0)
        kappa = interpretation_collapse_gap(p, truth, reading=gap, loss=setting.world.loss)
        allowed = setting.lipschitz * worst_case_sensitivity(p, perturbed, divergence="tv") + kappa
        faults = [] if rise > allowed else [f"R_rob - R = {rise}, allowed {allowed}"]
        return theorem_hypotheses.hypothesis_faults(setting, conditions=()) + faults

    scope = f"{setting.name}: {words}; every hypothesis met"
    return Piece(Kind.COUNTEREXAMPLE, "checked", scope, refuted, instance=setting.lines)


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``thm_4_3.eq_10@risk.gap`` or ``thm_4_3.eq_11@risk.gap.condition``."""
    part, reading = claim.split("@")
    if part == "thm_4_3.eq_10":
        return _eq_10_pieces(*reading.split("."))
    risk, gap, condition = reading.split(".")
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
        *mean_for_supremum.pieces(risk, gap, condition),
        Piece(
            Kind.SUPPORT, "checked", "kappa = 0 at the first, in Fractions",
            lambda: _kappa_faults(instance, gap),
        ),
    ]  # fmt: skip
