r"""How much two interpretations tell about the label: ``I(Y;Z) >= 2 pi (1 - pi) TV(P_0, P_1)^2``.

Proof, for any number of labels. With m = pi P_0 + (1 - pi) P_1 and delta = P_0 - P_1, one has P_0 -
m = (1 - pi) delta and P_1 - m = -pi delta, and ``I = pi KL(P_0, m) + (1 - pi) KL(P_1, m)``. By
:mod:`proofs_checks.mixtures` each KL is the mean over s, with weight 1 - s, of ``sum (P - m)^2 /
w`` for a probability vector w. Cauchy and Schwarz: ``sum delta^2/w >= T^2``, with T = sum |delta| =
2 TV. The weight 1 - s integrates to 1/2, and ``pi (1 - pi)^2 + (1 - pi) pi^2 = pi (1 - pi)``; so
``I >= pi (1 - pi) T^2 / 2``. It is Pinsker's inequality, both laws against their mean.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import (
    BoxCertificate,
    BoxStatement,
    Expression,
    Polynomial,
    SummedCertificate,
    SummedStatement,
    check,
    check_boxes,
)
from proofs_checks.mixtures import equal, integral_form
from sua_ref import mutual_information

_names = "w rho T t s pi first second"
_w, _rho, _T, _t, _s, _pi, _first, _second = (Polynomial.variable(x) for x in _names.split())
_ONE = Fraction(1)
_CAUCHY_SCHWARZ = "sum delta^2/w >= (sum |delta|)^2"


def cauchy_schwarz() -> list[str]:
    """With |delta| = w rho: ``sum w rho^2 >= T^2`` where sum w = 1 and sum w rho = T."""
    statement = SummedStatement(
        claim=_CAUCHY_SCHWARZ,
        global_variables=frozenset({"T"}),
        goal=_w * _rho * _rho - _T * _T * _w,
        atoms={"w": _w, "square": (_rho - _T) * (_rho - _T)},
        zero_sums={"sum w rho = T": _w * _rho - _T * _w},
        nonnegative_sums={},
    )
    certificate = SummedCertificate(
        _CAUCHY_SCHWARZ, ((_ONE, ("w", "square")),), {"sum w rho = T": -2 * _T}, {}
    )
    return check(statement, certificate)


def proof() -> list[str]:
    """Every step of the proof above."""
    rest, gap = 1 - _pi, _first - _second
    mean = _pi * _first + rest * _second
    shares = _pi * rest * rest + rest * _pi * _pi
    return [
        *integral_form(),
        *cauchy_schwarz(),
        *equal("the shares", shares, _pi * rest),
        *equal("P_0 - m", _first - mean, rest * gap),
        *equal("P_1 - m", _second - mean, -_pi * gap),
    ]


def no_larger_constant() -> list[str]:
    """pi = 1/2, P_0 = (1/2 + t, 1/2 - t), P_1 its swap: ``I <= 2 t^2 / (1 - 4 t^2)``, the bound
    being 2 t^2. For each s the sum is ``t^2 / (1/4 - s^2 t^2)``, at most its value at s = 1."""
    claim = "I <= 2 t^2/(1 - 4 t^2)"
    quarter = Fraction(1, 4)
    at_s, at_1 = quarter - _s * _s * _t * _t, quarter - _t * _t
    statement = SummedStatement(
        claim=claim,
        global_variables=frozenset({"s", "t"}),
        goal=at_s - at_1,
        atoms={"t^2": _t * _t, "1 - s": 1 - _s, "1 + s": 1 + _s},
        zero_sums={},
        nonnegative_sums={},
    )
    certificate = SummedCertificate(claim, ((_ONE, ("t^2", "1 - s", "1 + s")),), {}, {})
    faults = check(statement, certificate)
    half = Fraction(1, 2)
    up, down = half + _s * _t, half - _s * _t
    # t^2/(1/2 + s t) + t^2/(1/2 - s t) = t^2/(1/4 - s^2 t^2)
    faults += equal("the sum", up + down, Polynomial.constant(1))
    return faults + equal("the product", up * down, at_s)


def information(pi: Fraction, first: tuple[Fraction, ...], second: tuple[Fraction, ...]) -> object:
    """I(Y;Z) as :mod:`sua_ref` computes it, in balls."""
    joint = [[pi * v for v in first], [(1 - pi) * v for v in second]]
    return mutual_information(balls.balls(joint))


def nearly_equal() -> list[str]:
    """At t = 1/100 the information lies between the bound and 1.0005 times it."""
    t, half = Fraction(1, 100), Fraction(1, 2)
    bound = 2 * t * t

    def holds() -> bool:
        value = information(half, (half + t, half - t), (half - t, half + t))
        above = greater(value, balls.ball(bound))
        return above and greater(balls.ball(bound * Fraction(10005, 10000)), value)

    return [] if decide(holds) is Truth.TRUE else ["not within 0.05 % of the bound"]


def _boxes() -> tuple[BoxStatement, BoxCertificate]:
    a, b, pi = (Expression("variable", (name,)) for name in "abp")

    def entropy(x: Expression) -> Expression:
        return -1 * (Expression("xlogx", (x,)) + Expression("xlogx", (1 - x,)))

    mean = pi * a + (1 - pi) * b
    gap = a - b
    goal = entropy(mean) - pi * entropy(a) - (1 - pi) * entropy(b) - 2 * pi * (1 - pi) * gap * gap
    inside = (Fraction(1, 8), Fraction(7, 8))
    claim = "lem_4_6.two_interpretations, two labels"
    statement = BoxStatement(
        claim=claim,
        goal=goal,
        region={"a": inside, "b": inside, "p": inside},
        outside=(Fraction(3, 8) - gap,),
    )
    return statement, BoxCertificate(claim, "steepest", 200_000)


BOXES, BOXES_CERTIFICATE = _boxes()


def boxes() -> list[str]:
    """Two labels, P_0 = (a, 1 - a), P_1 = (b, 1 - b), a, b, pi in [1/8, 7/8], a - b >= 3/8."""
    return check_boxes(BOXES, BOXES_CERTIFICATE)
