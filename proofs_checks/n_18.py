r"""Result n_18: below log 2 the entropy forces a margin between the two largest probabilities.

Claim: for an output on two or more labels with H < log 2, the margin is at least 1 - 2 e where
h(e) = H and e <= 1/2; two labels attain it. From log 2 on no positive bound exists, since
(1/2, 1/2) has margin 0.

Proof. Let e = 1 - max q. No other label is likelier than e, so that ``-q log q >= q (-log e)`` for
each, and H >= h(e). No label is likelier than 1 - e, so that H >= -log(1 - e), and H < log 2 gives
e < 1/2. On [0, 1/2] h increases strictly: by Gibbs' inequality
``h(x) <= h(y) - (y - x) log((1 - y)/y)``. So e is at most the e of the claim. The second largest
probability is at most e, so that the margin is at least 1 - 2 e.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_checks import balls, log_tangents, solver
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from sua_ref import entropy, margin_bound

CLAIMS = (
    Claim(
        id="n_18",
        kind="formal",
        title="A low entropy forces a margin",
        statement=(
            "For an output of entropy H < log 2 on two or more labels, the largest probability "
            "exceeds the second by at least 1 - 2 e, where h(e) = H and e <= 1/2."
        ),
        formula=r"m(x) \ge 1 - 2\,h^{-1}(H_\theta(x)), \quad H_\theta(x) < \log 2",
        source="ours",
        where="beside n_5, which needs the margin",
        severity="remark",
        ref=("margin_bound", "entropy"),
        bound=True,
        credit=(
            "we found no earlier statement after a limited search; e <= h^-1(H) is the binary case "
            "of Feder and Merhav 1994"
        ),
    ),
)
ID = "n_18"
_q, _a, _b, _c, _C, _L, _s, _x, _y, _hx, _al, _be = variables("q a b c C L s x y hx al be")

GROUPED = lemma(
    ID, _c - _C * _a - _L * (1 - _a) * _q,
    atoms={"c = C at the largest": _a * (_c - _C), "q <= e elsewhere": (1 - _a) * (_c - _L * _q)},
    products={("c = C at the largest",): 1, ("q <= e elsewhere",): 1}, common="C L",
)  # fmt: skip
"""``H >= h(e)``: c = -q log q, C = -(1 - e) log(1 - e), L = -log e."""
LARGEST = lemma(
    ID, _c - _q * _s, atoms={"q <= 1 - e": _c - _q * _s}, products={("q <= 1 - e",): 1}, common="s"
)
"""``H >= -log(1 - e)`` with s = -log(1 - e)."""
MARGIN = lemma(
    ID, _a * _q - _b * _q - _q + 2 * (1 - _a) * _q,
    atoms={"q": _q, "the two labels differ": 1 - _a - _b},
    products={("q", "the two labels differ"): 1},
)  # fmt: skip
"""``m - (1 - 2 e) >= 0``: a and b the indicators of the largest and the second largest."""
INCREASING = lemma(
    ID, _y * _al + (1 - _y) * _be - _hx,
    atoms={
        "Gibbs": _x * _al + (1 - _x) * _be - _hx, "y - x": _y - _x, "y <= 1/2": _al - _be,
    },
    products={("Gibbs",): 1, ("y - x", "y <= 1/2"): 1},
)  # fmt: skip
"""``h(y) - h(x) >= 0`` for x <= y <= 1/2: al = -log y, be = -log(1 - y)."""


def _proof() -> list[str]:
    lemmas = (GROUPED, LARGEST, MARGIN, INCREASING)
    return log_tangents.tangent() + [fault for one in lemmas for fault in one.faults()]


def _binary() -> list[str]:
    """sua_ref's bound at the entropy of (1 - e, e) is the margin 1 - 2e."""
    faults = []
    for e in (Fraction(1, 100), Fraction(1, 4), Fraction(2, 5)):
        bound = margin_bound(entropy(balls.balls([1 - e, e])))
        if not (bound.overlaps(balls.ball(1 - 2 * e)) and bound.rad() < 1e-12):
            faults.append(f"e = {e}: {bound}")
    return faults


def _exceeds(a: Callable[[], Any], b: Callable[[], Any]) -> list[str]:
    answer = decide(lambda: greater(a(), b()))
    return [] if answer is Truth.TRUE else [f"the comparison is {answer.value}"]


def _informative() -> list[str]:
    """At H = (log 2)/2: above 3/4, where 2 exp(-H) - 1 is below 1/2."""
    h = balls.log(2) / 2
    return _exceeds(lambda: margin_bound(h), lambda: balls.ball(Fraction(3, 4))) + _exceeds(
        lambda: balls.ball(Fraction(1, 2)), lambda: 2 * (-h).exp() - 1
    )


def _solved() -> list[str]:
    """z3: with 1 - e the largest, the margin is at least 1 - 2e; n = 2, 3, 4."""
    found = []
    for n in (2, 3, 4):
        q, base = solver.simplex("q", n)
        ordered = [*base, *(q[0] >= x for x in q)]
        m, least = q[0] - solver.largest(q[1:]), 2 * q[0] - 1
        found += solver.faults(ordered, m < least, (m == least) & (m > 0))
    return found


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_18``."""
    return [
        Piece(
            Kind.PROOF, "checked", "every number of labels from 2 on, every H < log 2", _proof
        ),
        Piece(
            Kind.TIGHT, "checked", "equality for every (1 - e, e); sua_ref.margin_bound there, in "
            "balls, e = 1/100, 1/4, 2/5", _binary,
            instance=lambda: [("q", "(1 - e, e)"), ("H", "h(e)"), ("margin", "1 - 2e")],
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "at H = (log 2)/2 the margin is above 3/4; 2 exp(-H) - 1 "
            "says 0.41", _informative,
        ),
        Piece(
            Kind.SUPPORT, "solver", "z3: margin >= 1 - 2 e, n = 2, 3, 4 labels, with a satisfiable "
            "control", _solved,
        ),
    ]  # fmt: skip
