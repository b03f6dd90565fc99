r"""Result n_27: lists of rounded log-probabilities, and bounds that no solver can spoil.

A log-probability known within a rounding gives an interval [L, U] of probability; an unseen token
has [0, s], s the least U of the first k. For *any* ratios rho_y and any numbers m, n, tangents of
the cells bound the divergence of every pair of completions: ``D >= m + n + sum min over [L, U] of
(alpha(rho_y) - m) p + sum min over [l, u] of (beta(rho_y) - n) q``, because p and q sum to 1. The
checker adds up. At the ratios and levels of n_21 the two sides are equal, rounded or not: this is
what the code evaluates, in decimals rounded outward.
"""

from __future__ import annotations

import math
from fractions import Fraction

from proofs_checks.balls import ball
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import ball_of, in_balls, outside, row
from sua_ref import DIVERGENCES, TopK, divergence, divergence_enclosure, entropy, entropy_enclosure

CLAIMS = (
    Claim(
        id="n_27",
        kind="formal",
        title="A tangent bounds the divergence of rounded lists, whatever it touches",
        statement=(
            "For any ratio at every token and any two numbers, the tangents of an f-divergence "
            "bound it from below on all distributions within the rounding of two lists."
        ),
        formula=(
            r"D(p, q) \ge m + n + \sum_y \min_{[L_y, U_y]} (\alpha(\rho_y) - m) p + \sum_y "
            r"\min_{[l_y, u_y]} (\beta(\rho_y) - n) q"
        ),
        source="ours",
        where="beside Definition 3.2, for outputs known by rounded log-probabilities",
        severity="remark",
        ref=("divergence_enclosure", "entropy_enclosure", "TopK"),
        uses=("n_21",),
        bound=True,
        credit="weak duality; for top-k lists we found no earlier statement after a limited search",
    ),
)
_d, _al, _be, _p, _q, _m, _n, _x, _y, _one = variables("d alpha beta p q m n x y one")
TANGENT = lemma(
    "n_27", _d - (_m + _n) * _one - _x - _y,
    atoms={
        "tangent": _d - _al * _p - _be * _q,
        "x is the least on [L, U]": (_al - _m) * _p - _x,
        "y is the least on [l, u]": (_be - _n) * _q - _y,
    },
    products={("tangent",): 1, ("x is the least on [L, U]",): 1, ("y is the least on [l, u]",): 1},
    zero={"p sums to 1": (_p - _one, -_m), "q sums to 1": (_q - _one, -_n)},
    common="m n",
)  # fmt: skip
"""``D - bound >= 0``; ``one`` is 1 at a single token and 0 elsewhere, so that it sums to 1."""
P, Q = row(40, 30, 20, 10), row(35, 40, 15, 10)


def _rounded(p: tuple[Fraction, ...], decimals: int, k: int = 4) -> TopK:
    half = Fraction(1, 2 * 10**decimals) + Fraction(1, 2**50)
    return TopK(range(k), [round(math.log(x), decimals) for x in p[:k]], half)


def _tight() -> list[str]:
    """Whole lists of d decimals: the lower end tends to the divergence, within 10^-d."""
    faults = []
    for decimals in (2, 4, 6, 8):
        for kind in DIVERGENCES:
            found = divergence_enclosure(
                _rounded(P, decimals), _rounded(Q, decimals), kind=kind, vocab_size=4
            )
            gap = divergence(in_balls(P), in_balls(Q), kind=kind) - ball_of(found.low)
            if not (gap >= 0 and gap < ball(Fraction(1, 10**decimals))):
                faults.append(f"{kind}, {decimals} decimals: {gap}")
    return faults


def _informative() -> list[str]:
    """Four decimals, two of four tokens unseen: TV at least 0.09, of the true 0.1."""
    found = divergence_enclosure(_rounded(P, 4, 2), _rounded(Q, 4, 2), kind="tv", vocab_size=4)
    return [] if 0.09 < found.low <= 0.1 else [f"{found}"]


def _inside() -> list[str]:
    """Rows inside the enclosures of their rounded lists, for every k and 1, 2, 4 decimals."""
    faults = []
    for decimals in (1, 2, 4):
        for k in (2, 3, 4):
            p, q = _rounded(P, decimals, k), _rounded(Q, decimals, k)
            h = entropy_enclosure(p, vocab_size=4)
            if outside(h, entropy(in_balls(P))):
                faults.append(f"entropy outside {h}")
            for kind in DIVERGENCES:
                found = divergence_enclosure(p, q, kind=kind, vocab_size=4)
                if outside(found, divergence(in_balls(P), in_balls(Q), kind=kind)):
                    faults.append(f"{kind}, {decimals} decimals, k = {k}: outside {found}")
    return faults


def pieces(claim: str) -> list[Piece]:
    """The evidence for the record of n_27."""
    return [
        Piece(Kind.PROOF, "checked", "every number of tokens, all intervals, ratios and numbers m, "
              "n, every convex cell homogeneous of degree 1", TANGENT.faults),
        Piece(Kind.TIGHT, "checked", "approached: whole lists of d decimals come within 10^-d of "
              "all six divergences, d = 2, 4, 6, 8", _tight),
        Piece(Kind.INFORMATIVE, "checked", "four decimals, half of the tokens unseen: TV at least "
              "0.09, of 0.1", _informative),
        Piece(Kind.SUPPORT, "checked", "rows lie inside the enclosures of their lists of 1, 2 and "
              "4 decimals", _inside),
    ]  # fmt: skip
