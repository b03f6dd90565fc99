r"""Definition 3.2: the sensitivity is never negative, and finite for some divergences only.

It is a mean of divergences, which are >= 0: a convex f with f(1) = 0 lies above its tangent at 1,
``q f(p/q) >= c (p - q)``, and the right sides sum to 0. Total variation, squared Hellinger and JSD
are bounded, by 1, 1 and log 2: label by label

    |p - q| <= p + q,     sqrt(p q) >= 0,     p log(2p/(p + q)) <= p log 2.

KL in either order and chi-squared are infinite as soon as one of the two outputs excludes a label
that the other allows, (1, 0) against (0, 1) in all three. So where S enters as "the"
f-divergence of the text, S and SUA may be infinite: D is to be TV, JSD or squared Hellinger.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import DIVERGENCES, distributional_sensitivity

FINITE = ("tv", "jsd", "hellinger2")
_PLACE = "section 3.2, Definition 3.2, equation (2)"
_QUOTE = "the distributional sensitivity is:"
_MOST = {"tv": "1", "jsd": "log 2", "hellinger2": "1"}


def _finite(kind: str) -> Claim:
    most = _MOST.get(kind)
    return Claim(
        id=f"def_3_2.finite@{kind}",
        kind="formal",
        title=f"The sensitivity is finite, {kind}",
        statement=(
            "S(x) is a finite number for every model and every perturbation distribution"
            + (f": at most {most}." if most else ".")
        ),
        formula=r"S(x) = \mathbb{E}_{x'\sim\Pi} D(q_x\,\|\,q_{x'}) < \infty",
        source="printed",
        where=_PLACE,
        quote=_QUOTE,
        silent="that the expectation may be infinite, and for which D",
        reading=f"D = {kind}, its arguments (q_x, q_x')",
        fidelity="equivalent",
        severity="step",
        ref=("distributional_sensitivity",),
        repair=None if most else "def_3_2.finite@jsd",
        breaks="" if most else "D is infinite where one output excludes a label of the other",
        bound=most is not None,
        credit={"jsd": "Lin 1991"}.get(kind, "folklore") if most else "",
    )


CLAIMS = (
    Claim(
        id="def_3_2.nonnegative",
        kind="formal",
        title="The sensitivity is never negative",
        statement=(
            "S(x) >= 0 for every f-divergence, model and perturbation distribution, and S(x) = 0 "
            "where the outputs agree: it is well defined in [0, infinity]."
        ),
        formula=r"S(x) \ge 0",
        source="reconstructed",
        where=_PLACE,
        quote=_QUOTE,
        silent="the range",
        severity="remark",
        ref=("distributional_sensitivity", "f_divergence"),
        bound=True,
        credit="Csiszar 1963; Jensen's inequality",
    ),
    *map(_finite, DIVERGENCES),
)
_w, _d, _most, _p, _q, _u, _r, _cell, _slope, _log, _g = variables("w D M p q u r K c l g")

TANGENT_AT_ONE = lemma(
    "def_3_2.nonnegative", _cell, atoms={"tangent at 1": _cell - _slope * (_p - _q)},
    products={("tangent at 1",): 1}, zero={"p and q sum to 1": (_p - _q, -1 * _slope)},
    common="c",
)  # fmt: skip
"""``sum q f(p/q) >= 0``: K is the cell, c a slope of f at 1."""
MEAN_IS_NONNEGATIVE = lemma(
    "def_3_2.nonnegative", _w * _d, atoms={"w": _w, "D": _d}, products={("w", "D"): 1}
)


def mean(claim: str) -> Lemma:
    """``M - sum w D >= 0`` over perturbations whose divergence is at most M."""
    return lemma(
        claim, _w * (_most - _d), atoms={"w": _w, "D <= M": _most - _d},
        products={("w", "D <= M"): 1}, common="M",
    )  # fmt: skip


def largest(claim: str, kind: str) -> Lemma:
    """``D_max - D >= 0``, the sums of p and of q being 1."""
    if kind == "tv":  # u = |p - q|
        return lemma(
            claim, HALF * (_p + _q) - HALF * _u, atoms={"|p - q| <= p + q": _p + _q - _u},
            products={("|p - q| <= p + q",): HALF},
        )  # fmt: skip
    if kind == "hellinger2":  # r = sqrt(p q), and D = 1 - sum r
        return lemma(claim, _r, atoms={"sqrt(p q)": _r}, products={("sqrt(p q)",): 1})
    # l = log 2p/(p + q), r = log 2q/(p + q), g = log 2
    return lemma(
        claim, HALF * (_p + _q) * _g - HALF * (_p * _log + _q * _r),
        atoms={"p": _p, "q": _q, "2p/(p + q) <= 2": _g - _log, "2q/(p + q) <= 2": _g - _r},
        products={("p", "2p/(p + q) <= 2"): HALF, ("q", "2q/(p + q) <= 2"): HALF}, common="g",
    )  # fmt: skip


def most(kind: str) -> Any:
    """D_max as a ball."""
    return balls.log(2) if kind == "jsd" else balls.ball(1)


def sensitivity(kind: str, outputs: Any = ((1, 0), (0, 1))) -> Any:
    """S at the first output, for a perturbation that reaches each with probability 1/2."""
    rows = balls.balls(outputs)
    return distributional_sensitivity(
        rows[0], rows, divergence=kind, weights=balls.balls([HALF, HALF])
    )


def _jumps(kind: str) -> Any:
    """S where the perturbation surely leads from (1, 0) to (0, 1)."""
    return distributional_sensitivity(balls.balls([1, 0]), balls.balls([[0, 1]]), divergence=kind)


def infinite(kind: str, outputs: Any = ((1, 0), (0, 1))) -> list[str]:
    """S is infinite, a label that one output excludes having positive mass under the other."""
    p, q = outputs
    reference, other = (q, p) if kind == "reverse_kl" else (p, q)
    broken = [y for y, (a, b) in enumerate(zip(reference, other, strict=True)) if a > 0 == b]
    faults = [] if broken else ["no label is excluded by one output alone"]
    value = sensitivity(kind, outputs)
    return faults + ([f"S is {value}"] if value.is_finite() else [])


def _zero() -> list[str]:
    rows = ((HALF, HALF), (HALF, HALF))
    return [
        fault
        for kind in DIVERGENCES
        for fault in overlap(kind, sensitivity(kind, rows), balls.ball(0))
    ]


def _positive() -> list[str]:
    rows = ((HALF, HALF), (Fraction(3, 4), Fraction(1, 4)))
    return [f for kind in DIVERGENCES for f in above(kind, lambda k=kind: sensitivity(k, rows))]  # type: ignore[misc]  # bound now


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.2."""
    if claim == "def_3_2.nonnegative":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of labels and of perturbations, every "
                "convex f with f(1) = 0",
                lambda: TANGENT_AT_ONE.faults() + MEAN_IS_NONNEGATIVE.faults(),
            ),
            Piece(Kind.TIGHT, "checked", "0 where outputs agree: six divergences, balls", _zero),
            Piece(
                Kind.INFORMATIVE, "checked", "(1, 1)/2 and (3, 1)/4: S > 0 for six divergences",
                _positive,
            ),
        ]  # fmt: skip
    kind = claim.split("@")[1]
    drawn: list[Row] = [("q_x", "(1, 0)"), ("q_x'", "(1, 0) or (0, 1), 1/2 each")]
    if kind not in FINITE:
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "an output that jumps from (1, 0) to (0, 1): S is "
                "infinite", lambda: infinite(kind), instance=lambda: [*drawn, ("S", "infinite")],
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels and of perturbations",
            lambda: largest(claim, kind).faults() + mean(claim).faults(),
        ),
        Piece(
            Kind.TIGHT, "checked", f"(1, 0) to (0, 1): S = {_MOST[kind]}, in balls",
            lambda: overlap("S", _jumps(kind), most(kind)),
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "(1, 0) to (1, 0) or (0, 1): S is half of it",
            lambda: above("D_max - S", lambda: most(kind) - sensitivity(kind)),
            instance=lambda: drawn,
        ),
    ]  # fmt: skip
