r"""The binary entropy against lines and a parabola: what n_16 asks of it.

*Lines.* h is concave: with m = l a + (1 - l) b, ``h(m) - l h(a) - (1 - l) h(b)`` is the mean of the
relative entropies of (a, 1 - a) and (b, 1 - b) against (m, 1 - m), both >= 0 by the tangent of the
logarithm. So ``k h(e)`` less a line is >= 0 between two points where it is.

*The parabola* ``h(e) >= 4 e (1 - e) log 2``, 0 <= e <= 1/2. With v = 1 - 2e it says ``psi(v) <= v^2
log 2``, psi(v) = ((1 + v) log(1 + v) + (1 - v) log(1 - v))/2. For v <= 3/4 the cubic bound of the
logarithm gives ``psi <= v^2/2 + v^4/3``, which is enough as ``1/2 + v^2/3 < log 2``. For e <= 1/8,
``-e log e >= 3 e log 2`` and ``-(1 - e) log(1 - e) >= (1 - e) e``, which together are at least
``4 e (1 - e) log 2`` as log 2 <= 1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, log_tangents
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import BoxCertificate, BoxStatement, Expression, check_boxes
from proofs_checks.lemma import HALF, lemma, variables

_l, _a, _b, _A, _B, _L, _M = variables("l a b A B L M")
_m = _l * _a + (1 - _l) * _b
CONCAVE = lemma(
    "n_16", -1 * _m * _L - (1 - _m) * _M + _l * _A + (1 - _l) * _B,
    atoms={
        "l": _l, "1 - l": 1 - _l, "Gibbs at a": _A - _a * _L - (1 - _a) * _M,
        "Gibbs at b": _B - _b * _L - (1 - _b) * _M,
    },
    products={("l", "Gibbs at a"): 1, ("1 - l", "Gibbs at b"): 1},
)  # fmt: skip
"""``h(m) - l h(a) - (1 - l) h(b) >= 0``: A = -h(a), B = -h(b), L = log m, M = log(1 - m)."""

_v, _up, _down, _g = variables("v log(1+v) log(1-v) log2")
_SQUARE = _v * _v
NEAR = lemma(
    "n_16.two_labels", _g * _SQUARE - HALF * ((1 + _v) * _up + (1 - _v) * _down),
    atoms={
        "cubic at 1 + v": _v - HALF * _SQUARE + Fraction(1, 3) * _SQUARE * _v - _up,
        "cubic at 1 - v": -1 * _v - HALF * _SQUARE - Fraction(1, 3) * _SQUARE * _v - _down,
        "1 + v": 1 + _v, "1 - v": 1 - _v, "v^2": _SQUARE,
        "log 2": _g - HALF - Fraction(3, 16), "v <= 3/4": Fraction(9, 16) - _SQUARE,
    },
    products={
        ("1 + v", "cubic at 1 + v"): HALF, ("1 - v", "cubic at 1 - v"): HALF,
        ("v^2", "log 2"): 1, ("v^2", "v <= 3/4"): Fraction(1, 3),
    },
)  # fmt: skip
"""``v^2 log 2 - psi(v) >= 0`` for v <= 3/4, given log 2 >= 11/16."""
_e, _x, _y = variables("e x y")
FAR = lemma(
    "n_16.two_labels", _e * _x + (1 - _e) * _y - 4 * _e * (1 - _e) * _g,
    atoms={
        "-log e >= 3 log 2": _x - 3 * _g, "-log(1 - e) >= e": _y - _e, "e": _e, "1 - e": 1 - _e,
        "log 2 <= 1": 1 - _g, "log 2": _g,
    },
    products={
        ("e", "-log e >= 3 log 2"): 1, ("1 - e", "-log(1 - e) >= e"): 1,
        ("e", "1 - e", "log 2 <= 1"): 1, ("e", "e", "log 2"): 3,
    },
)  # fmt: skip
"""``h(e) - 4 e (1 - e) log 2 >= 0`` for e <= 1/8: x = -log e, y = -log(1 - e)."""


def parabola() -> list[str]:
    """``h(e) >= 4 e (1 - e) log 2`` on [0, 1/2]: v <= 3/4, and e <= 1/8, cover it."""
    low, high = Fraction(11, 16), Fraction(1)
    known = decide(lambda: greater(balls.log(2), balls.ball(low)))
    below = decide(lambda: greater(balls.ball(high), balls.log(2)))
    faults = [] if known is below is Truth.TRUE else ["log 2 is not between 11/16 and 1"]
    faults += NEAR.faults() + FAR.faults()
    return faults + log_tangents.tangent() + log_tangents.cubic()


def eta(e: Fraction) -> Any:
    """``h(e)/log 2`` up to 1/2, ``2 e`` beyond; exact at 0 and from 1/2 on."""
    if e == 0 or e >= HALF:
        return 2 * e
    x = balls.ball(e)
    return -(x * x.log() + (1 - x) * (1 - x).log()) / balls.log(2)


def _at_least_0(value: Any) -> bool:
    return value >= 0 if isinstance(value, Fraction) else greater(value, balls.ball(0))


def conditions(u: Fraction, e: Fraction) -> list[str]:
    """(i) ``(1 + u) e <= (3/4) eta`` and (ii) ``u (1 - e) + (3/4) eta >= 1`` of n_16, at e."""
    number = Fraction if e == 0 or e >= HALF else balls.ball

    def slack(name: str) -> Any:
        gain = number(Fraction(3, 4)) * eta(e)
        return gain + number(-(1 + u) * e if name == "i" else u * (1 - e) - 1)

    answers = {name: decide(lambda: _at_least_0(slack(name))) for name in ("i", "ii")}  # noqa: B023  # called at once
    return [
        f"u = {u}, e = {e}: ({name}) is {answer.value}"
        for name, answer in answers.items()
        if answer is not Truth.TRUE
    ]


_X = Expression("variable", ("e",))
_LOG_2 = Expression("log", (Expression("constant", (Fraction(2),)),))
_GAIN = Fraction(3, 4) * (-1 * Expression("xlogx", (_X,)) - Expression("xlogx", (1 - _X,)))
BOXES = {
    Fraction(1): (Fraction(1, 64), Fraction(11, 32)),
    Fraction(3, 4): (Fraction(7, 64), Fraction(13, 32)),
    HALF: (Fraction(19, 64), Fraction(31, 64)),
}
"""By weight, errors strictly between the ends of its interval."""


def boxes() -> list[str]:
    """(i) and (ii) strictly, by branch and bound, on the intervals of ``BOXES``."""
    faults = []
    for u, side in BOXES.items():
        for goal in (
            _GAIN - (1 + u) * _X * _LOG_2,
            _GAIN + (u * (1 - _X) - 1) * _LOG_2,
        ):
            statement = BoxStatement(claim="n_16", goal=goal, region={"e": side})
            faults += check_boxes(statement, BoxCertificate("n_16", "widest", 2_000))
    return faults
