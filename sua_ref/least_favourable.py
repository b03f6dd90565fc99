"""Result n_21: two lists, and the one pair of completions that minimises every f-divergence.

Each list is a polytope of interval probabilities: ``L_y <= p_y <= U_y``, ``l_y <= q_y <= u_y``,
sums 1; what is unseen in both is one cell. A pair of levels (rho_p, rho_q) fixes a ratio for every
token, and the tangent of the divergence at these ratios bounds it from below over both polytopes,
*whatever the levels*. At the levels of the pair that minimises it the bound is attained. So floats
may search for the levels, and nothing that they do can make the bound wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from sua_ref.boxes import Box, between, box, log, square_root, total
from sua_ref.enclosed_entropy import WIDEST, crossing
from sua_ref.top_k import TopK


class Cell(NamedTuple):
    """A token, or all that neither list names: what p and what q may give it."""

    p: tuple[Fraction, Fraction]
    q: tuple[Fraction, Fraction]


class Levels(NamedTuple):
    """The likelihood ratios p/q at which tokens whose p (whose q) is free settle."""

    p: float
    q: float


def cells(top_p: TopK, top_q: TopK, both_unseen: int | None) -> list[Cell]:
    """The cells of two lists; of the tokens that neither names there are ``both_unseen``."""
    p, q = _seen(top_p), _seen(top_q)
    p_tail, q_tail = _atom(top_p), _atom(top_q)
    found = [Cell(p.get(y, p_tail), q.get(y, q_tail)) for y in dict.fromkeys([*p, *q])]
    if both_unseen == 0:
        return found
    return [*found, Cell(_together(top_p, both_unseen), _together(top_q, both_unseen))]


def _seen(top: TopK) -> dict[object, tuple[Fraction, Fraction]]:
    return dict(zip(top.tokens, zip(top.low, top.high, strict=True), strict=True))


def _atom(top: TopK) -> tuple[Fraction, Fraction]:
    return Fraction(0), min(top.cap, top.most_unseen)


def _together(top: TopK, n: int | None) -> tuple[Fraction, Fraction]:
    most = top.most_unseen
    return Fraction(0), most if n is None else min(n * top.cap, most)


_Sides = tuple[float, float, float, float]


def _between(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def levels(parts: list[Cell]) -> Levels:
    """The levels of the least favourable pair (Huber and Strassen 1973), up to float rounding.

    With the least masses (a p-atom starts at L, a q-atom at l) each side finds its own level; if
    rho_p <= rho_q, done. Else with the greatest masses (from U and u); if rho_p >= rho_q, done.
    Else the levels are one, where the fixed masses leave ``p = rho q`` to the rest.
    """
    sides: list[_Sides] = [
        (float(c.p[0]), float(c.p[1]), float(c.q[0]), float(c.q[1])) for c in parts
    ]
    low = Levels(
        crossing(lambda r: sum(_between(r * x, a, b) for a, b, x, _ in sides) - 1),
        crossing(lambda r: 1 - sum(_between(a / r, x, z) for a, _, x, z in sides)),
    )
    if low.p <= low.q:
        return low
    high = Levels(
        crossing(lambda r: sum(_between(r * z, a, b) for a, b, _, z in sides) - 1),
        crossing(lambda r: 1 - sum(_between(b / r, x, z) for _, b, x, z in sides)),
    )
    if high.p >= high.q:
        return high
    first, last = max(low.q, high.p), min(low.p, high.q)

    def excess(r: float) -> float:
        if not first < r < last:
            return r - first if r < first else 1.0
        fixed = sum(max(a - r * z, 0) - max(r * x - b, 0) for a, b, x, z in sides)
        return fixed - 1 + r

    one = crossing(excess)
    return Levels(one, one)


def ratio(cell: Cell, at: Levels) -> Fraction:
    """The likelihood ratio of a cell at given levels: where its masses settle."""
    (a, b), (x, z) = cell
    least, most = sorted((Fraction(at.p), Fraction(at.q)))
    p, q = (a, x) if at.p <= at.q else (b, z)
    start = _quotient(p, q) if p or q else min(max(Fraction(1), least), most)
    if start > most:
        return max(most, _quotient(a, z))
    if start < least:
        return min(least, _quotient(b, x))
    return start


def _quotient(a: Fraction, b: Fraction) -> Fraction:
    """``a / b``, any number; 0 and infinity are beyond the widest levels, to either side."""
    edge = Fraction(2) ** WIDEST
    if b == 0:
        return edge
    return a / b if a else 1 / edge


def _kl(r: Fraction) -> tuple[Box, Box]:
    return log(r), box(1 - r)


def _jsd(r: Fraction) -> tuple[Box, Box]:
    return log(2 * r / (1 + r)) / 2, log(2 / (1 + r)) / 2


def _tv(r: Fraction) -> tuple[Box, Box]:
    half = Fraction((r > 1) - (r < 1), 2)
    return box(half), box(-half)


def _hellinger2(r: Fraction) -> tuple[Box, Box]:
    half = Fraction(1, 2)
    return half - square_root(1 / r) / 2, half - square_root(r) / 2


def _chi2(r: Fraction) -> tuple[Box, Box]:
    return box(2 * (r - 1)), box(1 - r * r)


TANGENTS: dict[str, Callable[[Fraction], tuple[Box, Box]]] = {
    "kl": _kl, "jsd": _jsd, "tv": _tv, "hellinger2": _hellinger2, "chi2": _chi2,
}  # fmt: skip
"""For each convex cell d(p, q), homogeneous of degree 1: its slopes (dp, dq) at the ratio p/q, so
that ``d(p, q) >= dp p + dq q`` for all p, q >= 0, with equality at that ratio."""


def least_divergence(parts: list[Cell], kind: str) -> Box:
    """A box whose lower end is below the divergence of every pair of completions.

    ``D >= m + n + sum (dp - m) p + (dq - n) q`` with m and n the slopes at the two levels: since p
    and q sum to 1 the constants may be taken out, and each term is evaluated over its interval.
    """
    at, slopes = levels(parts), TANGENTS[kind]
    m, n = slopes(Fraction(at.p))[0], slopes(Fraction(at.q))[1]
    terms = [m, n]
    for cell in parts:
        r = ratio(cell, at)
        dp, dq = slopes(r)
        if r != at.p:
            terms.append((dp - m) * between(*cell.p))
        if r != at.q:
            terms.append((dq - n) * between(*cell.q))
    return total(terms)
