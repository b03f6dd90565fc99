r"""Equation (1): every conditional law has the form, and in more than one way.

With one interpretation, (1) reads ``P(y|x) = 1 P(y|x)``. With the label as its own interpretation
it reads ``P(y|x) = sum_z P(Y = z|x) [z = y]``. P(Y|X) is the same in both, and what section 3
builds on Z is not: A(x) is 0 in the one and H*(x) in the other; every perturbation preserves the
first Z (def_3_1.label), and only the label-invariant ones preserve the second. So quantities that
speak of Z are not determined by the data (def_3_4).
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import balls
from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.comparisons import exact, is_, overlap
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import Lemma, lemma, variables
from sua_ref import latent_ambiguity, mixture, true_uncertainty

CLAIMS = (
    Claim(
        id="eq_1",
        kind="formal",
        title="The factorization is not restrictive",
        statement=(
            "Every conditional law P(Y|X) has the form (1) for some interpretations Z: one alone, "
            "or the labels themselves."
        ),
        formula=r"P(y|x) = \sum_z P(z|x)\,P(y|x,z)",
        source="printed",
        where="section 3.1, the first sentence after (1)",
        quote=(
            "This factorization is not restrictive: any conditional can be trivially represented "
            "with"
        ),
        silent=(
            "which trivial Z is meant; that A(x), Definition 3.1 and Definition 3.5 depend on the "
            "choice"
        ),
        severity="remark",
        ref=("mixture", "latent_ambiguity", "true_uncertainty"),
    ),
)
_w, _p, _one, _same, _value = variables("w p e s c")


def mean_of_one_value(claim: str, sign: int) -> Lemma:
    """``sign (sum_z w c - c) = 0`` where every interpretation has the value c; e is 1 in sum."""
    return lemma(
        claim, sign * (_w - _one) * _value, atoms={}, products={},
        zero={"weights sum to 1": (_w - _one, -sign * _value)}, common="c",
    )  # fmt: skip


def own(sign: int) -> Lemma:
    """``sign (sum_z w [z = y] - p) = 0``: the weight of z = y, marked by s, is p = P(y|x)."""
    return lemma(
        "eq_1", sign * (_w * _same - _p * _same), atoms={}, products={},
        zero={"P(Z = y) = P(Y = y)": (_same * (_w - _p), -sign)},
    )  # fmt: skip


def _proof() -> list[str]:
    parts = [part for sign in (1, -1) for part in (mean_of_one_value("eq_1", sign), own(sign))]
    return [fault for part in parts for fault in part.faults()]


def _encoding() -> list[str]:
    """sua_ref.mixture under either Z, in Fractions, on a grid; and A(x) under either, in balls."""
    faults = []
    for law in distributions(3, 4):
        p = exact(law)
        own_laws = exact([[int(y == z) for y in range(3)] for z in range(3)])
        faults += is_("one interpretation", list(mixture(exact([1]), p[None])), list(law))
        faults += is_("the labels", list(mixture(p, own_laws)), list(law))
        faults += overlap("A, one", latent_ambiguity(balls.balls([Fraction(1)])), balls.ball(0))
        truth = true_uncertainty(balls.balls(law))
        faults += overlap("A, labels", latent_ambiguity(balls.balls(law)), truth)
    return faults


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``eq_1``."""
    return [
        Piece(
            Kind.PROOF, "checked", "every law on every finite number of labels, both choices of Z",
            _proof,
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's mixture on a grid of laws on 3 labels (Fractions); "
            "A(x) is 0 under one choice and H*(x) under the other (balls)", _encoding,
            instance=lambda: [("Z constant", "A = 0"), ("Z = Y", "A = H*")],
        ),
    ]  # fmt: skip
