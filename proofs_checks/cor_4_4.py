"""Corollary 4.4: ``E R_rob <= E R + L_D R_SUA + E kappa``, refuted under all its readings.

Here the entropy term cannot be blamed: the positive part leaves nothing to subtract. In
``two_interpretations`` SUA < 0, so that R_SUA = 0, and kappa = 0, while a perturbation raises the
risk: E R_rob > E R. In ``rare_perturbation`` H = 0, and the mean misses what the supremum sees;
with Pi(x') = 1/(2(C+1)) no constant C in the place of L_D helps. What is true is in n_4: of the
mean risk over x' with the entropy added, and of the worst risk with S over the least weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import TWO_INTERPRETATIONS
from proofs_checks.eq_19 import RISK_WORDS
from proofs_checks.evidence import Kind, Piece
from proofs_checks.mean_for_supremum import RARE, no_constant, no_entropy, rises
from proofs_checks.theorem_hypotheses import Setting, hypothesis_faults
from proofs_checks.thm_4_3 import CONDITION_WORDS, GAP_WORDS
from sua_ref import Bound, cor_4_4, sua_risk, sua_score
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS


def _claims() -> Iterator[Claim]:
    for risk, gap, condition in product(RISKS, GAPS, CONDITIONS):
        yield Claim(
            id=f"cor_4_4@{risk}.{gap}.{condition}",
            kind="formal",
            title="SUA risk controls expected robust risk",
            statement=(
                "Under Assumptions 1 to 3 and the lambda-condition, the expected worst risk is at "
                "most the expected risk plus L_D times the SUA risk plus the expected kappa."
            ),
            formula=(
                r"\mathbb{E}_x R_{\mathrm{rob}}(x) \le \mathbb{E}_x R_\theta(x)"
                r" + L_D\,\mathcal{R}_{\mathrm{SUA}}(\theta) + \mathbb{E}_x \kappa(x)"
            ),
            source="reconstructed",
            where="section 4.2, Corollary 4.4",
            quote="Corollary 4.4 (SUA risk controls expected robust risk)",
            silent=(
                "the law and predictor behind R_theta(x'); the sign of kappa; the direction of the "
                "lambda-condition"
            ),
            severity="conclusion",
            breaks="(11), whose expectation it is",
            reading="; ".join((RISK_WORDS[risk], GAP_WORDS[gap], CONDITION_WORDS[condition])),
            hypotheses=("asm_1", "asm_2", "asm_3"),
            uses=("asm_1@tv",),
            ref=("cor_4_4", "worst_case_risk", "sua_risk", "interpretation_collapse_gap"),
            repair="n_4.population" if risk in ("gibbs", "self") else "n_3",
        )


CLAIMS = tuple(_claims())


def bound(setting: Setting, *, risk: str, gap: str, condition: str) -> Bound:
    """Both sides, in ball arithmetic."""
    return cor_4_4(
        setting.in_balls(), lam=setting.lam, lipschitz=setting.lipschitz, phi=setting.phi,
        risk=risk, gap=gap, condition=condition,
    )  # fmt: skip


def violation_faults(setting: Setting, *, risk: str, gap: str, condition: str) -> list[str]:
    """Empty iff the left side is certified to exceed the right."""

    def exceeds() -> bool:
        b = bound(setting, risk=risk, gap=gap, condition=condition)
        return greater(b.lhs, b.rhs)

    answer = decide(exceeds)
    return [] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"]


def no_sua_risk(setting: Setting, risk: str) -> list[str]:
    """R_SUA is exactly 0 and kappa is 0, so that E R_rob <= E R is asked for, and fails."""
    world = setting.in_balls()
    p, perturbed, _, weights, _ = world.arguments(0)
    score = sua_score(p, perturbed, lam=setting.lam, divergence="tv", weights=weights)
    rise, _, kappa = rises(setting, risk)
    faults = [] if sua_risk([score]) == 0 else ["R_SUA is not 0"]
    return faults + ([] if rise > 0 == kappa else [f"rise {rise}, kappa {kappa}"])


def pieces(claim: str) -> list[Piece]:
    """The evidence for one reading ``cor_4_4@risk.gap.condition``."""
    risk, gap, condition = claim.split("@")[1].split(".")

    def refuted(setting: Setting, everywhere: bool) -> list[str]:
        return hypothesis_faults(
            setting, conditions=(condition,), everywhere=everywhere
        ) + violation_faults(setting, risk=risk, gap=gap, condition=condition)

    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "two_interpretations: every hypothesis met at every input; R_SUA = 0 and kappa = 0, "
            "yet E R_rob > E R",
            lambda: refuted(TWO_INTERPRETATIONS, True) + no_sua_risk(TWO_INTERPRETATIONS, risk),
            instance=TWO_INTERPRETATIONS.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "rare_perturbation: H(x) = 0, whatever phi and lambda; hypotheses met at x",
            lambda: refuted(RARE, False) + no_entropy(RARE, everywhere=False), instance=RARE.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "rare_perturbation with Pi(x') = 1/(2(C+1)), for every C >= 0: no constant in the "
            "place of L_D helps", lambda: no_constant(risk),
        ),
    ]  # fmt: skip
