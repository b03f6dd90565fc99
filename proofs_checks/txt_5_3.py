r"""Section 5.3: checking the label of a paraphrase does not check its meaning.

Two interpretations with the same label are told apart by Definition 3.1 and by no label. A
paraphrase that leads from the one to the other passes the check and has TV(P(Z|x), P(Z|x')) = 1.
For the results that hold this is no loss: what they need is label invariance, which the check is
for.
"""

from __future__ import annotations

from typing import Any

from proofs_checks.claim import Claim
from proofs_checks.comparisons import exact, is_
from proofs_checks.evidence import Kind, Piece, Row
from sua_ref import is_label_invariant, is_semantics_preserving, mixture, total_variation

CLAIMS = (
    Claim(
        id="txt_5_3.label_check",
        kind="formal",
        title="Checking the label holds semantics constant",
        statement=(
            "A perturbation that does not change the label law is semantics-preserving in the "
            "sense of Definition 3.1."
        ),
        formula=r"p_{x'} = p_x \Rightarrow \mathrm{TV}(P(Z|x), P(Z|x')) = 0",
        source="reconstructed",
        where="section 5.3, semantic paraphrases",
        quote=(
            "then verify that the paraphrase does not change the ground-truth label. This tests "
            "sensitivity to surface form while holding semantics constant."
        ),
        silent="whether the label is all that is checked",
        fidelity="equivalent",
        severity="remark",
        breaks="two interpretations may share a label",
        no_repair=(
            "labels do not tell interpretations apart; what the true results assume is that the "
            "label law is kept, which the check is for"
        ),
        hypotheses=("eq_1",),
        ref=("is_semantics_preserving", "is_label_invariant", "mixture"),
    ),
)


def passes_unseen(
    here: Any = (1, 0), there: Any = (0, 1), laws: Any = ((1, 0), (1, 0))
) -> list[str]:
    """P(Z|x) = (1, 0), P(Z|x') = (0, 1), both of label 0."""
    a, b, k = exact(here), exact(there), exact(laws)
    labels = mixture(a, k), mixture(b, k)
    kept = bool(is_label_invariant(labels[0], labels[1][None], delta=0))
    preserved = bool(is_semantics_preserving(a, b[None], delta=0))
    faults = is_("label-invariant", kept, True) + is_("semantics-preserving", preserved, False)
    return faults + is_("TV of Z", total_variation(a, b), 1)


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``txt_5_3.label_check``."""
    drawn: list[Row] = [
        ("P(Z|x), P(Z|x')", "(1, 0), (0, 1)"),
        ("P(y|z)", "(1, 0), (1, 0)"),
        ("TV of Y, of Z", "0, 1"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "two interpretations of label 0, one at x and one at "
            "x' (Fractions)", passes_unseen, instance=lambda: drawn,
        )
    ]  # fmt: skip
