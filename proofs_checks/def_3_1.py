r"""Definition 3.1: preserving interpretations preserves labels only if labels depend on them alone.

With one interpretation every perturbation preserves P(Z|x), and the label law may be anything at
x'. If the label is independent of the input given the interpretation, then

    TV(p_x, p_x') <= TV(P(Z|x), P(Z|x')),

the data-processing inequality, with equality where Z = Y. Proof over pairs of z and y: let a, b be
the two laws of Z, k the common P(y|z), s = 1 where p_x(y) > p_x'(y) and 0 elsewhere, u = (a - b)_+.
The left side is the sum of s (a - b) k, the right side that of u k, for the rows of k sum to 1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.comparisons import exact, is_
from proofs_checks.counterexamples import row
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import lemma, variables
from sua_ref import is_label_invariant, is_semantics_preserving, mixture, total_variation

CLAIMS = (
    Claim(
        id="def_3_1.label",
        kind="formal",
        title="Semantics-preserving perturbations do not change the label",
        statement=(
            "If P(Z|x') = P(Z|x), or is within delta of it in total variation, then so is the "
            "label law: TV(P(Y|x'), P(Y|x)) <= TV(P(Z|x'), P(Z|x))."
        ),
        formula=r"\mathrm{TV}(p_x, p_{x'}) \le \mathrm{TV}(P(Z|x), P(Z|x'))",
        source="printed",
        where="section 3.2, the second sentence after Definition 3.1",
        quote=(
            "It rules out perturbations that change the ground-truth label or the intended meaning."
        ),
        silent='how P(y|x,z) may depend on x; the tolerance behind "in total variation"',
        reading="the label as well as the meaning, under the factorization (1) as it is printed",
        severity="step",
        breaks="P(y|x,z) may depend on x, and (1) leaves Z free, as coarse as a constant",
        ref=("is_semantics_preserving", "is_label_invariant", "mixture", "total_variation"),
        amendment="Y is independent of X given Z: P(y|x,z) = P(y|x',z)",
        bound=True,
        credit="the data-processing inequality",
    ),
)
_a, _b, _k, _s, _u = variables("a b k s u")
PROCESSING = lemma(
    "def_3_1.label", _k * (_u - _s * (_a - _b)),
    atoms={"k": _k, "s": _s, "s <= 1": 1 - _s, "u": _u, "a - b <= u": _u - _a + _b},
    products={("k", "s <= 1", "u"): 1, ("k", "s", "a - b <= u"): 1},
)  # fmt: skip
"""``sum k u - sum k s (a - b) >= 0`` over pairs of z and y."""
SURE, OTHER = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))


def changes_the_label(p: Any = SURE, perturbed: Any = OTHER) -> list[str]:
    """One interpretation: semantics are preserved exactly, and TV(p_x, p_x') = 1."""
    sole, law, other = exact([1]), exact(p), exact(perturbed)
    kept = bool(is_semantics_preserving(sole, sole[None], delta=0))
    mixed = [tuple(mixture(sole, v[None])) for v in (law, other)]
    faults = [] if kept else ["semantics are not preserved"]
    faults += is_("the mixtures", mixed, [tuple(law), tuple(other)])
    faults += is_("label-invariant", bool(is_label_invariant(law, other[None], delta=0)), False)
    return faults + is_("TV of the labels", total_variation(law, other), 1)


def _tight() -> list[str]:
    """Z = Y: the two total variations are one."""
    own = exact([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faults = []
    for p, q in product(distributions(3, 3), repeat=2):
        mixed = total_variation(mixture(exact(p), own), mixture(exact(q), own))
        faults += is_(f"{p}, {q}", mixed, total_variation(exact(p), exact(q)))
    return faults


def _informative() -> list[str]:
    """Interpretations 1/10 apart, with laws (3, 1)/4 and (1, 3)/4: labels 1/20 apart."""
    laws = exact([[Fraction(3, 4), Fraction(1, 4)], [Fraction(1, 4), Fraction(3, 4)]])
    here, there = exact([Fraction(1, 2)] * 2), exact([Fraction(3, 5), Fraction(2, 5)])
    moved = total_variation(mixture(here, laws), mixture(there, laws))
    return is_("TV of Z", total_variation(here, there), Fraction(1, 10)) + is_(
        "TV of Y", moved, Fraction(1, 20)
    )


def _encoding() -> list[str]:
    """The inequality by sua_ref on a grid, in Fractions."""
    for a, b, first, second in product(distributions(2, 3), repeat=4):
        laws = exact([first, second])
        labels = total_variation(mixture(exact(a), laws), mixture(exact(b), laws))
        if labels > total_variation(exact(a), exact(b)):
            return [f"{a}, {b}, {first}, {second}"]
    return []


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``def_3_1.label``."""
    drawn: list[Row] = [
        ("P(Z|x), P(Z|x')", "(1), (1)"),
        ("P(Y|x), P(Y|x')", f"{row(SURE)}, {row(OTHER)}"),
        ("TV of Z, of Y", "0, 1"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "one interpretation, labels 0 at x and 1 at x' "
            "(Fractions): TV 0 of the interpretations, 1 of the labels", changes_the_label,
            instance=lambda: drawn,
        ),
        Piece(
            Kind.AMENDED, "checked", "every finite number of labels and interpretations, every "
            "pair of laws of Z", PROCESSING.faults,
        ),
        Piece(
            Kind.TIGHT, "checked", "equality where Z = Y: 100 pairs of laws on 3 labels, Fractions",
            _tight,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "interpretations 1/10 apart: labels 1/20 apart",
            _informative,
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's mixture and TV obey it on a grid: 2 labels, 2 "
            "interpretations, 256 cases in Fractions", _encoding,
        ),
    ]  # fmt: skip
