"""Definition 3.10, the SUA risk: the claim that it is no entropy maximiser in disguise.

Section 4.5 says that raising entropy naively is a failure mode that the objective is designed to
avoid. Mixing every output with the uniform law brings R_SUA to 0, its least value (n_7).
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import n_7
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece

CLAIMS = (
    Claim(
        id="def_3_10.gaming",
        kind="formal",
        title="The SUA risk cannot be lowered by entropy alone",
        statement=(
            "Raising entropy naively, by mixing every output with the uniform law, does not bring "
            "R_SUA to its least value: the model must become less sensitive or more often right."
        ),
        formula=r"R_{\mathrm{SUA}}(\alpha P_\theta + (1-\alpha) u) > \min R_{\mathrm{SUA}} = 0",
        source="reconstructed",
        where="section 4.5, last paragraph, on Definition 3.10 and (18)",
        quote=(
            "The SUA objective is designed to avoid this failure mode by penalizing only the "
            "excess of sensitivity over uncertainty, not uncertainty itself."
        ),
        silent="how the failure mode is avoided; the text has no formula",
        fidelity="equivalent",
        severity="conclusion",
        breaks="uncertainty is not penalised, it is rewarded: every nat of it lowers the score",
        ref=("sua_score", "sua_risk", "entropy_alignment_loss"),
        repair="n_7",
    ),
)


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``def_3_10.gaming``."""
    one, half = Fraction(1), Fraction(1, 2)
    family = n_7.pieces("n_7")[0]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "a certain model that flips, lambda = 1, JSD, alpha = 1/2: R_SUA falls from log 2 to "
            "0, accuracy and robust accuracy stay at 1/2",
            lambda: n_7.gamed(half, one, "jsd"), instance=n_7.drawn,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "every model, lambda and bounded f-divergence: n_7",
            family.run,
        ),
    ]  # fmt: skip
