r"""Definition 3.5: ambiguity collapse is no sign of a confidently wrong model.

A(x) counts interpretations, not answers. Where all of them have the same label, a model that is
certain of this label is the truth itself, and yet collapses at all thresholds alpha <= log k and
beta >= 0. With I(Y;Z|x) in the place of A(x) the words come true: the truth is then spread by at
least alpha, and ``Delta >= alpha - beta`` (lem_4_6.information).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.counterexamples import row
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF
from sua_ref import (
    argmax_risk,
    latent_ambiguity,
    miscalibration_gap,
    mixture,
    predictive_entropy,
)

CLAIMS = (
    Claim(
        id="def_3_5",
        kind="formal",
        title="Ambiguity collapse is the analog of confidently wrong predictions",
        statement=(
            "If A(x) >= alpha > 0 and H_theta(x) <= beta, with alpha well above beta, then the "
            "model is wrong: its output is not the true distribution, which is spread."
        ),
        formula=r"A(x) \ge \alpha,\ H_\theta(x) \le \beta \Rightarrow P_\theta(\cdot|x) \ne P",
        source="reconstructed",
        where="section 3.3, the sentence after Definition 3.5",
        quote=(
            "Ambiguity collapse is the distributional analog of confidently wrong predictions: the "
            "model presents a peaked output distribution when the correct distribution (averaging "
            "over interpretations) should be spread."
        ),
        silent="that interpretations may share a label; how far alpha and beta are apart",
        fidelity="equivalent",
        severity="conclusion",
        breaks="A(x) is the entropy of interpretations, and only I(Y;Z|x) of it reaches the labels",
        ref=("ambiguity_collapse", "latent_ambiguity", "predictive_entropy", "mixture"),
        repair="lem_4_6.information",
    ),
)
_SURE = (Fraction(1), Fraction(0))


def right_and_collapsed(model: Any = _SURE, law: Any = _SURE) -> list[str]:
    """Two equally likely interpretations of one label, and the model that says so."""
    p_z = [HALF, HALF]
    truth = mixture(exact(p_z), exact([law, law]))
    faults = is_("the truth", tuple(truth), tuple(model))
    faults += is_("its error", argmax_risk(exact(model), truth), 0)
    faults += overlap("H_theta", predictive_entropy(balls.balls(model)), balls.ball(0))
    gap = miscalibration_gap(balls.balls(model), balls.balls(list(truth)))
    faults += overlap("Delta", gap, balls.ball(0))
    return faults + above("A", lambda: latent_ambiguity(balls.balls(p_z)), HALF)


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``def_3_5``."""
    drawn: list[Row] = [
        ("P(z|x)", "(1/2, 1/2)"),
        ("P(y|x,z)", f"{row(_SURE)}, {row(_SURE)}"),
        ("q_x", f"{row(_SURE)} = P(.|x)"),
        ("A, H_theta, Delta", "log 2, 0, 0"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "two interpretations of label 0, the model (1, 0): A = "
            "log 2, H_theta = 0, and the model is the truth, never wrong", right_and_collapsed,
            instance=lambda: drawn,
        )
    ]  # fmt: skip
