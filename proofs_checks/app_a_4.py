"""A.4, the proof of Lemma 4.7, step by step. Its conclusions are on record as parts of lem_4_7."""

from __future__ import annotations

from functools import partial

from proofs_checks import entropy_stability as cases
from proofs_checks import label_smoothing as smoothing
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece

_UNIFORM = (
    "where is the additional loss from the uniform component (positive since the uniform "
    "distribution is suboptimal for any non-trivial task)."
)


def _additional(reading: str, words: str) -> Claim:
    return Claim(
        id=f"app_a_4.additional_loss@{reading}",
        kind="formal",
        title="The uniform component adds a positive loss",
        statement="R_theta' = R_theta + e with e > 0, for alpha < 1 and any non-trivial task.",
        formula=r"R_{\theta'} = R_\theta + \varepsilon,\ \varepsilon > 0",
        source="reconstructed",
        where="A.4, step 2",
        quote=_UNIFORM,
        silent="which risk, and how the loss enters: the formulas are lost",
        reading=words,
        severity="step",
        breaks="the uniform law is worse than the best answer, not than every model's",
        ref=("lem_4_7_risk",),
        repair="lem_4_7.gibbs",
    )


CLAIMS = (
    Claim(
        id="app_a_4.differences",
        kind="formal",
        title="Label smoothing scales the pointwise differences",
        statement=(
            "With m the midpoint of p and q: the midpoint of the smoothed rows is m smoothed, and "
            "p' - m' = alpha (p - m)."
        ),
        formula=r"p' - m' = \alpha (p - m)",
        source="reconstructed",
        where="A.4, step 1",
        quote=(
            "so the pointwise differences in the numerator of the KL divergences in JSD are scaled "
            "by ."
        ),
        severity="step",
        ref=("lem_4_7",),
    ),
    _additional("gibbs", "R is the 0-1 risk of a label drawn from the output"),
    _additional("self", "R is the 0-1 risk under the output itself, which is not uniform"),
)


def pieces(claim: str) -> list[Piece]:
    """The evidence for the steps of A.4."""
    if claim == "app_a_4.differences":
        return [
            Piece(
                Kind.PROOF, "checked", "every number of labels, law u, alpha and pair",
                smoothing.differences_are_scaled,
            ),
        ]  # fmt: skip
    if claim.endswith("@self"):
        return [
            Piece(
                Kind.PROOF, "checked",
                "every number of labels, alpha < 1 and output that is not uniform: e = (1 - "
                "alpha)(max q - 1/n)", smoothing.self_risk_rises,
            ),
        ]  # fmt: skip
    wrong = cases.WRONG
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            f"{wrong.name}: R falls from 1 to 3/4 while the entropy rises",
            partial(cases.risk_does_not_rise, wrong, "gibbs"), instance=wrong.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "every output with R > 1 - 1/n: e = (1 - alpha)(1 - 1/n - R) < 0",
            smoothing.gibbs_risk_is_a_mean,
        ),
    ]  # fmt: skip
