r"""Result n_21: one pair of completions minimises every f-divergence of two top-k lists.

Both outputs are known up to *interval probabilities*: ``L_y <= p_y <= U_y`` and ``l_y <= q_y <=
u_y``, sums 1; L = U on what p's list names, [0, s] elsewhere, and the tokens that no list names are
one cell. Write d(p, q) for a convex cell, homogeneous of degree 1, with slopes alpha(rho) and
beta(rho) at the ratio rho = p/q: alpha does not fall in rho, beta does not rise, and ``d(p, q) >=
alpha(rho) p + beta(rho) q`` with equality at ratio rho.

A pair (p*, q*) has the *levels* (rho_p, rho_q) if its ratio rho_y is rho_p where L < p*_y < U, at
least rho_p where p*_y = L, at most rho_p where p*_y = U; and rho_q where l < q*_y < u, at most
rho_q where q*_y = l, at least rho_q where q*_y = u. Then (alpha(rho_y) - alpha(rho_p)) (p_y - p*_y)
>= 0 for every completion p, and likewise for q: the checker adds up. The levels do not mention the
divergence: the pair is the same for all of them (Huber and Strassen 1973).

Proof of n_21.exists. Let c(x; a, b) be x cut to [a, b]. Consider ``P0(rho) = sum c(rho l; L, U)``,
``Q0(rho) = sum c(L/rho; l, u)``, ``P2(rho) = sum c(rho u; L, U)`` and ``Q2(rho) = sum c(U/rho; l,
u)``; P0 <= P2 do not fall, Q0 <= Q2 do not rise, all are continuous on (0, inf). Let rho_p0 be the
first point where P0 = 1 (infinity if none), rho_q0 the last where Q0 = 1 (0 if none).
(0) rho_p0 <= rho_q0: take p = c(rho_p0 l; L, U), q = c(L/rho_q0; l, u). If L/l lies between the
levels, p = L and q = l; above them p = L and q < u only at ratio rho_q0; below them likewise.
(2) Let rho_p2 be the last point where P2 = 1, rho_q2 the first where Q2 = 1; if rho_p2 >= rho_q2,
take p = c(rho_p2 u; L, U), q = c(U/rho_q2; l, u), by the same cases with U, u in place of L, l.
(1) Else rho_q0 < rho_p0 and rho_p2 < rho_q2. At a common level rho a cell with rho [l, u] disjoint
from [L, U] is fixed, and every other may take any p = rho q from its cut at l to its cut at u. The
function ``h(rho) = sum (L - rho u)_+ - (rho l - U)_+ - 1 + rho`` is (P - 1) - rho (Q - 1) for each
such choice; it is <= 0 at the greater of rho_q0 and rho_p2, >= 0 at the lesser of rho_p0 and
rho_q2, and so 0 at some rho between, where P0 <= 1 <= P2: some choice has P = 1, and then Q = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, written
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import (
    Row,
    attained,
    completions,
    in_balls,
    likeliest,
    outside,
    reported,
    row,
)
from sua_ref import DIVERGENCES, TopK, divergence, divergence_enclosure

_CREDIT = (
    "Huber and Strassen 1973, least favourable pairs of interval probabilities; for top-k lists we "
    "found no earlier statement after a limited search"
)
CLAIMS = (
    Claim(
        id="n_21",
        kind="formal",
        title="A pair of completions with two levels minimises every f-divergence",
        statement=(
            "If the likelihood ratios of a pair of completions of two lists have levels, then no "
            "pair of completions has a smaller divergence, for every f-divergence at once."
        ),
        formula=r"D_f(p, q) \ge D_f(p^*, q^*)",
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("divergence_enclosure", "TopK", "divergence"),
        bound=True,
        credit=_CREDIT,
    ),
    Claim(
        id="n_21.exists",
        kind="formal",
        title="Such a pair exists",
        statement="Two lists that have completions have a pair of them with levels.",
        formula=r"\exists (p^*, q^*), \rho_p, \rho_q \in [0, \infty]",
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("divergence_enclosure",),
        credit=_CREDIT,
    ),
)
_d, _al, _be, _p, _q, _P, _Q, _m, _n = variables("d alpha beta p q p* q* m n")
LEAST = lemma(
    "n_21", _d - _al * _P - _be * _Q,
    atoms={
        "tangent": _d - _al * _p - _be * _q,
        "level of p": (_al - _m) * (_p - _P),
        "level of q": (_be - _n) * (_q - _Q),
    },
    products={("tangent",): 1, ("level of p",): 1, ("level of q",): 1},
    zero={"p and p* sum to 1": (_p - _P, -_m), "q and q* sum to 1": (_q - _Q, -_n)},
    common="m n",
)  # fmt: skip
"""``D(p, q) - D(p*, q*) >= 0``: m = alpha(rho_p), n = beta(rho_q), d(p*, q*) the tangent there."""
P, Q = row(3, 1, 1, 1), row(1, 1, 1, 1)
"""The completions that minimise: p's list names 1/2, q's list 1/4 and 1/4; ratios 2, 2/3."""


def _instance() -> tuple[TopK, TopK]:
    return reported(P, [0]), reported(Q, [0, 1])


def _tight() -> list[str]:
    faults = []
    top_p, top_q = _instance()
    for kind in DIVERGENCES:
        found = divergence_enclosure(top_p, top_q, kind=kind, vocab_size=4)
        faults += attained(found.low, divergence(in_balls(P), in_balls(Q), kind=kind))
    return faults


def _informative() -> list[str]:
    """However the unseen three quarters lie, TV is at least 1/4."""
    found = divergence_enclosure(*_instance(), kind="tv", vocab_size=4)
    return [] if found.low > Fraction(1, 4) - Fraction(1, 10**12) else [f"{found}"]


ROWS = (row(4, 2, 1, 1), row(1, 1, 3, 5), row(2, 2, 2, 2), row(1, 6, 2, 1), row(0, 1, 1, 6))


def _pairs() -> list[str]:
    """Every pair of vertices, even tails and the rows themselves."""
    return _pairs_of(ROWS)


def _pairs_of(rows: Sequence[Row]) -> list[str]:
    faults = []
    for p, q in product(rows, repeat=2):
        for k, j in product((1, 2), repeat=2):
            seen = likeliest(p, k), likeliest(q, j)
            for kind in ("tv", "jsd", "kl"):
                found = divergence_enclosure(
                    reported(p, seen[0]), reported(q, seen[1]), kind=kind, vocab_size=4
                )
                for x, y in product(completions(p, seen[0]), completions(q, seen[1])):
                    if outside(found, divergence(in_balls(x), in_balls(y), kind=kind)):
                        faults.append(f"{p}, {q}, k = {k}, {j}, {kind}: outside {found}")
    return faults


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_21."""
    if claim == "n_21.exists":
        return [written(Kind.PROOF, "every pair of lists that have completions", __doc__)]
    return [
        Piece(Kind.PROOF, "checked", "every number of tokens, every pair with levels, every convex "
              "cell homogeneous of degree 1", LEAST.faults),
        Piece(Kind.TIGHT, "checked", "attained for all six divergences by one pair", _tight,
              instance=lambda: [("lists", "1/2 of four tokens; 1/4, 1/4"),
                                ("p*, q*", "(3, 1, 1, 1)/6, (1, 1, 1, 1)/4")]),
        Piece(Kind.INFORMATIVE, "checked", "the same lists: TV at least 1/4", _informative),
        Piece(Kind.SUPPORT, "checked", "every pair of vertices of 100 pairs of lists over four "
              "tokens lies inside", _pairs, deep=True),
    ]  # fmt: skip
