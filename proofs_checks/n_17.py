r"""Result n_17: the least and the largest error e = 1 - max q that an entropy allows.

**Largest, sharp.** If no probability exceeds c, with k = floor(1/c) and r = 1 - k c, the entropy is
at least G(1 - c) = -k c log c - r log r, that of k atoms c and one of r. So e is at most the
largest e with G(e) <= H.

Proof. Let q_1 >= q_2 >= ... be the positive probabilities and t = (c, ..., c, r, 0, ...). The
partial sums S_i of q - t are <= 0: up to k every term is, and beyond k those of t are 1. They start
and end at 0. With w_i = -log q_i, which increases, Gibbs' inequality says that
``-q log q + t log t >= (w - 1)(q - t)`` label by label; and
``sum w_i (S_i - S_(i-1)) = sum (w_(i+1) - w_i)(-S_i) >= 0`` by parts.

**Least** (Fano). By Gibbs' inequality against (1 - e, e/(n - 1), ...): H <= h(e) + e log(n - 1).

**The line** (Hellman and Raviv). A sorted q is the mixture sum l_j u_j of the uniform laws u_j on
its first j labels, l_j = j (q_j - q_(j+1)). By Gibbs' inequality against q,
``H >= sum l_j log j``, and ``e = sum l_j (1 - 1/j)``. Finally ``log j >= 2 log 2 (1 - 1/j)`` for
every integer j >= 1, which is j^j >= 4^(j-1): 1 = 1, 4 = 4, 27 > 16, and j^j >= 4^j from 4 on.

**The exponential.** No probability exceeds 1 - e, so that H >= -log(1 - e): the example of
Assumption 2, the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, log_tangents
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import (
    BoxCertificate,
    BoxStatement,
    Expression,
    check_boxes,
)
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import bayes_risk, entropy, error_bounds


def _claim(name: str, title: str, statement: str, formula: str, credit: str) -> Claim:
    return Claim(
        id=name,
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where="repair of Assumption 2",
        severity="step",
        ref=("error_bounds", "entropy", "bayes_risk"),
        bound=True,
        credit=credit,
    )


CLAIMS = (
    _claim(
        "n_17", "The largest error at an entropy",
        "If e = 1 - max q and c = 1 - e, k = floor(1/c), r = 1 - k c, then H(q) is at least the "
        "entropy G(e) of k atoms c and one of r; also if c is only an upper bound of max q. So e "
        "is at most the largest e with G(e) <= H(q), and every value is attained.",
        r"H(q) \ge G(1 - \max q), \quad G(1 - c) = -kc\log c - (1 - kc)\log(1 - kc)",
        "Kovalevskij 1965; Tebbe and Dwyer 1968; Feder and Merhav 1994",
    ),
    _claim(
        "n_17.fano", "The least error at an entropy",
        "Over n >= 2 labels, H(q) is at most h(e) + e log(n - 1) with e = 1 - max q, and every "
        "value is attained.",
        r"H(q) \le h(e) + e\log(n - 1)",
        "Fano 1952",
    ),
    _claim(
        "n_17.linear", "The best linear bound of the error by the entropy",
        "1 - max q is at most H(q)/(2 log 2), with equality where q is uniform on one or two "
        "labels.",
        r"1 - \max q \le \frac{H(q)}{2\log 2}",
        "Hellman and Raviv 1970; Chu and Chueh 1966",
    ),
    _claim(
        "n_17.exponential", "The exponential example of Assumption 2, reversed",
        "The least 0-1 risk under P is at most 1 - exp(-H(P)), with equality where P is uniform "
        "on its support.",
        r"\min_a P(y \ne a) = 1 - \max P \le 1 - e^{-H(P)}",
        "folklore: the entropy is at least the min-entropy",
    ),
)  # fmt: skip

_E, _w, _next, _s, _before, _q, _t, _c = variables("E w w+ S S- q t c")
LARGEST = lemma(
    "n_17", _E,
    atoms={
        "Gibbs": _E - (_w - 1) * (_s - _before), "w increases": _next - _w,
        "partial sums are <= 0": -1 * _s,
    },
    products={("Gibbs",): 1, ("w increases", "partial sums are <= 0"): 1},
    zero={
        "telescopes: S starts and ends at 0": (_next * _s - _w * _before, -1),
        "S starts and ends at 0": (_s - _before, 1),
    },
)  # fmt: skip
"""``H(q) - H(t) >= 0``: E = -q log q + t log t, and q - t is the step from S- to S."""
_a, _e, _first, _other, _n = variables("a e L1 L2 n")
_low_law = _a * (1 - _e) + (1 - _a) * _n  # n stands for e/(n - 1)
FANO = lemma(
    "n_17.fano", ((1 - _e) * _first + _e * _other) * _q - _c,
    atoms={"Gibbs": (_a * _first + (1 - _a) * _other) * _q - _c - _q + _low_law},
    products={("Gibbs",): 1},
    zero={
        "the largest is 1 - e": (_a * _q - (1 - _e) * _q, _first - _other),
        "both laws sum to 1": (_low_law - _q, 1),
    },
    common="e L1 L2 n",
)  # fmt: skip
"""``(1 - e) L1 + e L2 - H >= 0``: c = -q log q, L1 = -log(1 - e), L2 = -log(e/(n - 1))."""
_l, _cell, _log_j, _step, _inverse = variables("l K logj log2 1/j")
MIXTURE = lemma(
    "n_17.linear", _l * _cell, atoms={"l": _l, "cell": _cell}, products={("l", "cell"): 1}
)
"""``H - sum l_j log j = sum l_j KL(u_j, q) >= 0``, over the pairs of j and a label."""
CHORD = lemma(
    "n_17.linear", _l * (_log_j - 2 * _step * (1 - _inverse)),
    atoms={"l": _l, "j^j >= 4^(j-1)": _log_j - 2 * _step * (1 - _inverse)},
    products={("l", "j^j >= 4^(j-1)"): 1}, common="log2",
)  # fmt: skip
"""``sum l_j log j - 2 log 2 sum l_j (1 - 1/j) >= 0``, over j."""
_most = variables("s")[0]
MIN_ENTROPY = lemma(
    "n_17.exponential", _c - _q * _most,
    atoms={"q <= 1 - e": _c - _q * _most}, products={("q <= 1 - e",): 1}, common="s",
)  # fmt: skip
"""``H >= -log(1 - e)`` with c = -q log q, s = -log(1 - e)."""


def _powers() -> list[str]:
    """j^j >= 4^(j-1): by hand for j = 1, 2, 3, and j >= 4 settles the rest."""
    return [f"j = {j}" for j in (1, 2, 3, 4) if not j**j >= 4 ** (j - 1)]


def _line() -> list[str]:
    return log_tangents.tangent() + MIXTURE.faults() + CHORD.faults() + _powers()


_X = Expression("variable", ("e",))
_LOG_2 = Expression("log", (Expression("constant", (Fraction(2),)),))
BINARY = BoxStatement(
    claim="n_17.linear",
    goal=-1 * Expression("xlogx", (_X,)) - Expression("xlogx", (1 - _X,)) - 2 * _X * _LOG_2,
    region={"e": (Fraction(1, 64), Fraction(31, 64))},
)
COVER = BoxCertificate(claim="n_17.linear", split="widest", limit=2_000)


def _layers() -> list[str]:
    """The mixture of uniform laws, exactly: its weights, its law and its error."""
    q = [Fraction(k, 20) for k in (9, 5, 4, 2)] + [Fraction(0)]
    weights = [j * (q[j - 1] - q[j]) for j in range(1, 5)]
    law = [sum(weights[j - 1] / j for j in range(i + 1, 5)) for i in range(4)]
    error = sum(w * (1 - Fraction(1, j)) for j, w in enumerate(weights, 1))
    fine = min(weights) >= 0 and sum(weights) == 1 and law == q[:4] and error == 1 - q[0]
    return [] if fine else [f"weights {weights}, law {law}, error {error}"]


# --- witnesses ------------------------------------------------------------------------------------


def _atoms(c: Fraction) -> list[Fraction]:
    """k atoms c and the rest."""
    k = int(1 / c)
    return [c] * k + ([1 - k * c] if k * c < 1 else [])


def _end_is(law: list[Fraction], end: int) -> list[str]:
    """Whether an end of sua_ref.error_bounds at the entropy of a law is its error."""
    found = error_bounds(entropy(balls.balls(law)), max(len(law), 2))[end]
    error = bayes_risk(np.array(law, dtype=object))
    fine = found.overlaps(balls.ball(error)) and found.rad() < 1e-6
    return [] if fine else [f"{law}: {found}, error {error}"]


def _largest_attained() -> list[str]:
    sizes = (Fraction(4, 5), Fraction(2, 5), Fraction(3, 10), Fraction(2, 7))
    return [fault for c in sizes for fault in _end_is(_atoms(c), 1)]


def _least_attained() -> list[str]:
    laws = [[1 - 3 * x, x, x, x] for x in (Fraction(1, 100), Fraction(1, 10), Fraction(1, 5))]
    return [fault for law in laws for fault in _end_is(law, 0)]


def _uniform(sizes: tuple[int, ...], bound: Callable[[Any], Any]) -> list[str]:
    """Equality at uniform laws: the bound at log j is 1 - 1/j."""
    return [f"j = {j}" for j in sizes if not bound(balls.log(j)).overlaps(1 - balls.ball(1) / j)]


def _linear(h: Any) -> Any:
    return h / (2 * balls.log(2))


def _exponential(h: Any) -> Any:
    return 1 - (-h).exp()


def _less(a: Callable[[], Any], b: Fraction) -> list[str]:
    answer = decide(lambda: greater(balls.ball(b), a()))
    return [] if answer is Truth.TRUE else [f"the comparison is {answer.value}"]


_FOUR = Fraction(1, 4)
_EVIDENCE: dict[
    str,
    tuple[
        Callable[[], list[str]],
        Callable[[], list[str]],
        str,
        list[Row],
        Callable[[], list[str]],
        str,
    ],
]
_EVIDENCE = {
    "n_17": (
        lambda: log_tangents.tangent() + LARGEST.faults(), _largest_attained,
        "equality for every c: k atoms c and a remainder; sua_ref.error_bounds there, in balls, "
        "c = 4/5, 2/5, 3/10, 2/7",
        [("q", "(c, ..., c, r)"), ("e, H", "1 - c, G(1 - c)")],
        lambda: _less(lambda: error_bounds(balls.ball(Fraction(3, 10)), 3)[1], Fraction(9, 100)),
        "at H = 3/10 the error is below 9/100, where H/(2 log 2) says 0.216",
    ),
    "n_17.fano": (
        lambda: log_tangents.tangent() + FANO.faults(), _least_attained,
        "equality for every e: (1 - e, e/(n - 1), ...); sua_ref.error_bounds there, in balls, "
        "n = 4, e = 3/100, 3/10, 3/5",
        [("q", "(1 - e, e/(n - 1), ..., e/(n - 1))"), ("H", "h(e) + e log(n - 1)")],
        lambda: _less(lambda: 1 - error_bounds(balls.ball(1), 4)[0], Fraction(3, 4)),
        "at H = 1 on 4 labels the error is above 1/4",
    ),
    "n_17.linear": (
        _line, lambda: _uniform((1, 2), _linear), "equality: uniform on one label, on two",
        [("q", "(1/2, 1/2)"), ("e, H", "1/2, log 2")],
        lambda: _less(lambda: _linear(balls.ball(HALF)), Fraction(3, 8)),
        "at H = 1/2 the error is below 3/8",
    ),
    "n_17.exponential": (
        MIN_ENTROPY.faults, lambda: _uniform((1, 2, 5, 40), _exponential),
        "equality: uniform on j labels, j = 1, 2, 5, 40",
        [("P", "(1/j, ..., 1/j)"), ("risk, H", "1 - 1/j, log j")],
        lambda: _less(lambda: _exponential(balls.ball(_FOUR)), _FOUR),
        "at H = 1/4 the risk is below 1/4",
    ),
}  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_17."""
    proof, tight, words, rows, speaks, where = _EVIDENCE[claim]
    found = [
        Piece(Kind.PROOF, "checked", "every finite number of labels", proof),
        Piece(Kind.TIGHT, "checked", words, tight, instance=lambda: rows),
        Piece(Kind.INFORMATIVE, "checked", where, speaks),
    ]
    if claim == "n_17.linear":
        found += [
            Piece(
                Kind.SUPPORT, "checked", "two labels by branch and bound: h(e) > 2 e log 2 on "
                "[1/64, 31/64]", lambda: check_boxes(BINARY, COVER),
            ),
            Piece(Kind.SUPPORT, "checked", "the mixture of uniform laws, in Fractions: (9, 5, 4, "
                  "2)/20", _layers),
        ]  # fmt: skip
    return found
