"""A.3, the proof of Lemma 4.6: its step 2 assumes what ambiguity collapse does not give.

Inequality (13) survives, because ``|H_theta - H*| >= H* - H_theta`` needs no sign (lem_4_6).
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.shared_labels import overestimates, same_label

CLAIMS = (
    Claim(
        id="app_a_3.underestimates",
        kind="formal",
        title="Under ambiguity collapse the model underestimates the uncertainty",
        statement="If A(x) >= alpha and H_theta(x) <= beta, with beta < alpha, then H_theta <= H*.",
        formula=r"A(x) \ge \alpha > \beta \ge H_\theta(x) \implies H_\theta(x) \le H^*(x)",
        source="reconstructed",
        where="A.3, step 2, the reason for its first inequality",
        quote="(the model underestimates true uncertainty by the ambiguity collapse assumption)",
        severity="step",
        breaks="A(x) bounds H*(x) from neither side where interpretations share their labels",
        ref=("lem_4_6", "true_uncertainty", "predictive_entropy"),
        repair="lem_4_6",
    ),
)
_OUTPUT = (Fraction(3, 4), Fraction(1, 4))


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``app_a_3.underestimates``."""

    def run() -> list[str]:
        return overestimates(2, _OUTPUT, alpha=Fraction(2, 3), beta=Fraction(3, 5))

    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "two interpretations of one label, output (3, 1)/4, alpha = 2/3, beta = 3/5: A = "
            "log 2, H_theta = .562, H* = 0, in balls", run,
            instance=same_label(2, _OUTPUT).lines,
        ),
    ]  # fmt: skip
