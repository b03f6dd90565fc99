"""The checker's own arithmetic, piece by piece: what it encloses, accepts and says.

Everything here is built inside the tests, so that a fault planted in the checker meets them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.checker import (
    BoxCertificate,
    BoxStatement,
    Expression,
    Polynomial,
    SummedCertificate,
    SummedStatement,
    _function,
    _over,
    _positive,
    check,
    check_boxes,
)

F = Fraction


def variable(name: str) -> Expression:
    return Expression("variable", (name,))


# --- polynomials and sums -------------------------------------------------------------------------


def test_a_variable_is_itself_to_the_first_power() -> None:
    x = Polynomial.variable("x")
    assert x.terms == {(("x", 1),): F(1)}
    assert x.at({"x": F(7, 3)}) == F(7, 3)
    assert (x * x).terms == {(("x", 2),): F(1)}
    assert (x * x).at({"x": F(3)}) == 9
    assert (x - x).terms == {}
    assert (x * Polynomial.variable("a")).terms == {(("a", 1), ("x", 1)): F(1)}


def test_a_constant_has_no_variables_and_zero_has_no_terms() -> None:
    assert Polynomial.constant(F(2, 3)).at({}) == F(2, 3)
    assert Polynomial.constant(5).variables() == set()
    assert Polynomial.constant(0).terms == {} == Polynomial().terms
    assert Polynomial.variable("x") != 1
    assert (Polynomial.variable("x") + Polynomial.variable("y")).variables() == {"x", "y"}


def _statement(**changes: Any) -> SummedStatement:
    """``sum (x + y) >= 0`` from x, y >= 0 at each label."""
    x, y = Polynomial.variable("x"), Polynomial.variable("y")
    fields: dict[str, Any] = {
        "claim": "c",
        "global_variables": frozenset({"g"}),
        "goal": x + y,
        "atoms": {"x": x, "y": y},
        "zero_sums": {"z": x - y},
        "nonnegative_sums": {"n": x},
    }
    return SummedStatement(**{**fields, **changes})


def _certificate(**changes: Any) -> SummedCertificate:
    fields: dict[str, Any] = {
        "claim": "c",
        "products": ((F(1), ("x",)), (F(1), ("y",))),
        "zero_multipliers": {},
        "nonnegative_multipliers": {},
    }
    return SummedCertificate(**{**fields, **changes})


def test_multipliers_below_one_and_of_zero_are_accepted() -> None:
    x = Polynomial.variable("x")
    half = F(1, 2)
    halves = _certificate(
        products=((half, ("x",)), (F(1), ("y",)), (F(0), ("x", "y"))),
        nonnegative_multipliers={"n": half},
    )
    assert check(_statement(), halves) == []
    idle = _certificate(nonnegative_multipliers={"n": F(0)})
    assert check(_statement(), idle) == []
    scaled = _statement(goal=half * x)
    assert check(scaled, _certificate(products=((half, ("x",)),))) == []


def test_a_zero_sum_may_carry_any_sign_and_any_global_variable() -> None:
    """x - y is added to the goal: 2x remains; with -1 it is 2y; with g, (1 + g) x + (1 - g) y."""
    g, x, y = (Polynomial.variable(v) for v in "gxy")
    one = Polynomial.constant(1)
    twice = ((F(2), ("x",)),)
    assert check(_statement(), _certificate(products=twice, zero_multipliers={"z": one})) == []
    other = _certificate(products=((F(2), ("y",)),), zero_multipliers={"z": -one})
    assert check(_statement(), other) == []
    atoms = {"x": x, "y": y, "1 + g": 1 + g, "1 - g": 1 - g}
    products = ((F(1), ("1 + g", "x")), (F(1), ("1 - g", "y")))
    held = _certificate(products=products, zero_multipliers={"z": g})
    assert check(_statement(atoms=atoms), held) == []
    assert check(_statement(atoms=atoms, global_variables=frozenset()), held) == [
        "the multiplier of 'z' depends on the label"
    ]


SAID: dict[str, tuple[dict[str, Any], str]] = {
    "another claim": ({"claim": "d"}, "the certificate is for d, not for c"),
    "an unknown atom": ({"products": ((F(1), ("w",)),)}, "no hypothesis 'w' among the atoms"),
    "an unknown zero sum": (
        {"zero_multipliers": {"w": Polynomial.constant(1)}},
        "no hypothesis 'w' among the zero sums",
    ),
    "an unknown inequality": (
        {"nonnegative_multipliers": {"w": F(1)}},
        "no hypothesis 'w' among the nonnegative sums",
    ),
    "a negative multiplier": (
        {"nonnegative_multipliers": {"n": F(-1, 9)}},
        "the multiplier of 'n' is negative: -1/9",
    ),
    "a negative product": (
        {"products": ((F(-1, 9), ("x",)),)},
        "a product has the negative coefficient -1/9",
    ),
    "other sides": ({"products": ((F(1), ("x",)),)}, "the two sides differ as polynomials"),
}


@pytest.mark.parametrize("name", sorted(SAID))
def test_each_fault_of_a_sum_is_said_exactly(name: str) -> None:
    change, said = SAID[name]
    assert check(_statement(), _certificate(**change)) == [said]


# --- balls around formulas ------------------------------------------------------------------------


def _ball(low: float, high: float) -> Any:
    return arb(low).union(arb(high))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "log": (lambda u: u.log(), lambda u: 1 / u),
    "exp": (lambda u: u.exp(), lambda u: u.exp()),
    "xlogx": (lambda u: u * u.log(), lambda u: 1 + u.log()),
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_at_a_point_is_its_value_and_its_slope(name: str) -> None:
    value, slope = FUNCTIONS[name]
    for u in (arb(1) / 8, arb(3) / 2, arb(5)):
        found, rate = _function(name, u)
        for ball, exact in ((found, value(u)), (rate, slope(u))):
            assert ball.overlaps(exact)
            assert float(ball.rad()) < 1e-15 * (1 + abs(float(ball.mid())))


def test_a_slope_by_a_difference_quotient() -> None:
    """An oracle that is no formula: (f(u + h) - f(u - h)) / 2h in floats, off by about h^2."""
    plain: dict[str, Callable[[float], float]] = {
        "log": math.log, "exp": math.exp, "xlogx": lambda u: u * math.log(u)
    }  # fmt: skip
    for name, f in plain.items():
        for u in (0.25, 1.5):
            quotient = (f(u + 1e-5) - f(u - 1e-5)) / 2e-5
            assert abs(float(_function(name, arb(u))[1].mid()) - quotient) < 1e-7


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^no operation 'sin'$"):
        _function("sin", arb(1))


VALLEY = -math.exp(-1)


@pytest.mark.parametrize("top", [2.0**-40, 0.125, 0.375, 0.75, 1.0, 1.5, 4.0])
def test_xlogx_from_zero_reaches_its_values_and_hardly_more(top: float) -> None:
    """On [0, top]: from 0, or the value at the top, down to it, or to -1/e past the minimum."""
    found, slope = _function("xlogx", _ball(0.0, top))
    end = top * math.log(top)
    low = end if top < math.exp(-1) else VALLEY
    for value in (0.0, end, low):
        assert found.overlaps(arb(value) + arb(0, 1e-15))
    assert float(found.lower()) >= low - 1e-7
    assert float(found.upper()) <= max(0.0, end) + 1e-7
    assert not slope.is_finite()


def test_xlogx_has_no_value_below_zero_and_is_zero_at_zero() -> None:
    assert _function("xlogx", arb(0))[0].is_zero()
    assert not _function("xlogx", arb(0))[1].is_finite()
    for ball in (arb(-1), _ball(-2.0, -1.0)):
        assert not _function("xlogx", ball)[0].is_finite()


@given(st.floats(0.0, 4.0), st.floats(0.0, 4.0), st.floats(0.0, 1.0))
def test_xlogx_of_a_ball_contains_its_values(a: float, b: float, share: float) -> None:
    low, high = min(a, b), max(a, b)
    point = min(max(low + share * (high - low), low), high)
    exact = arb(point) * arb(point).log() if point else arb(0)
    found = _function("xlogx", _ball(low, high))[0]
    assert not found.is_finite() or found.overlaps(exact)
    assert found.is_finite() or low == high == 0 or not low >= 0


X, Y = ("x", "y")
FORMULAS: dict[str, tuple[Callable[[Expression, Expression], Expression],
                          Callable[[Any, Any], tuple[Any, Any, Any]]]] = {
    "x + y": (lambda x, y: x + y, lambda x, y: (x + y, arb(1), arb(1))),
    "x - y": (lambda x, y: x - y, lambda x, y: (x - y, arb(1), arb(-1))),
    "x * y": (lambda x, y: x * y, lambda x, y: (x * y, y, x)),
    "x / y": (lambda x, y: x / y, lambda x, y: (x / y, 1 / y, -x / (y * y))),
    "x / 4": (lambda x, y: x / 4, lambda x, y: (x / 4, arb(1) / 4, arb(0))),
    "3 - x": (lambda x, y: 3 - x, lambda x, y: (3 - x, arb(-1), arb(0))),
    "3 + x": (lambda x, y: 3 + x, lambda x, y: (3 + x, arb(1), arb(0))),
    "2/3 y": (lambda x, y: F(2, 3) * y, lambda x, y: (2 * y / 3, arb(0), arb(2) / 3)),
    "log(x y)": (
        lambda x, y: Expression("log", (x * y,)), lambda x, y: ((x * y).log(), 1 / x, 1 / y)),
    "exp(x) y": (
        lambda x, y: Expression("exp", (x,)) * y, lambda x, y: (x.exp() * y, x.exp() * y, x.exp())),
    "xlogx(y)": (
        lambda x, y: Expression("xlogx", (y,)), lambda x, y: (y * y.log(), arb(0), 1 + y.log())),
    "(x + y)^2, shared": (
        lambda x, y: (s := x + y) * s, lambda x, y: ((x + y) * (x + y), 2 * (x + y), 2 * (x + y))),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_a_formula_at_a_point_has_its_value_and_its_gradient(name: str) -> None:
    build, exact = FORMULAS[name]
    f = build(variable(X), variable(Y))
    for x, y in ((0.25, 0.5), (1.5, 3.0)):
        jet = _over(f, {X: (x, x), Y: (y, y)})
        for found, wanted in zip((jet.value, *jet.partials), exact(arb(x), arb(y)), strict=True):
            assert found.overlaps(wanted), (name, found, wanted)
            assert float(found.rad()) < 1e-14


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_a_formula_over_a_box_encloses_what_it_takes_there(name: str) -> None:
    build, exact = FORMULAS[name]
    jet = _over(build(variable(X), variable(Y)), {X: (0.5, 0.75), Y: (1.0, 2.0)})
    for x in (0.5, 0.625, 0.75):
        for y in (1.0, 1.25, 2.0):
            for found, wanted in zip(
                (jet.value, *jet.partials), exact(arb(x), arb(y)), strict=True
            ):
                assert found.overlaps(wanted)
    assert jet.value.is_finite()


def test_only_the_operations_of_the_language_are_read() -> None:
    """Neither an unknown one as a division, nor a third argument as if it were not there."""
    x = variable(X)
    for wrong in ("^", "", None):
        with pytest.raises(ValueError, match=r"^no operation "):
            _over(Expression(wrong, (x, x)), {X: (1.0, 1.0)})  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="too many values"):
        _over(Expression("+", (x, x, x)), {X: (1.0, 1.0)})


def test_a_formula_over_one_variable_has_one_partial() -> None:
    assert len(_over(variable(X), {X: (0.0, 1.0)}).partials) == 1
    assert _over(Expression("constant", (F(1, 3),)), {X: (0.0, 1.0)}).partials[0].is_zero()


# --- boxes ----------------------------------------------------------------------------------------


def _boxes(goal: Expression, *outside: Expression, limit: int = 4000, split: str = "widest",
           high: int = 1) -> list[str]:  # fmt: skip
    region = {X: (F(0), F(high)), Y: (F(0), F(1))}
    return check_boxes(BoxStatement("c", goal, region, outside), BoxCertificate("c", split, limit))


def test_zero_is_not_positive() -> None:
    """Neither plainly nor about the midpoint, however small the box."""
    zero = Expression("constant", (F(0),))
    assert _positive(zero, {X: (0.0, 1.0)})[0] is False
    assert _positive(variable(X) - variable(X), {X: (0.0, 0.0)})[0] is False
    assert _boxes(zero, limit=50)[0].startswith("undecided after")
    assert _boxes(variable(X), limit=50)[0].startswith("undecided after")
    assert _boxes(Expression("constant", (F(1, 10**9),))) == []


def test_about_the_midpoint_more_is_shown_than_plainly() -> None:
    """x - x + 1/8 over [0, 1]: as a ball it may be -7/8, but its gradient vanishes."""
    f = variable(X) - variable(X) + F(1, 8)
    assert not _over(f, {X: (0.0, 1.0)}).value > 0
    assert _positive(f, {X: (0.0, 1.0)})[0] is True


def test_the_step_from_the_midpoint_is_added_with_its_spread() -> None:
    """x - 1/4 is positive at the midpoint 1/2 of [0, 1], not at every point."""
    assert _positive(variable(X) - F(1, 4), {X: (0.0, 1.0)})[0] is False
    assert _positive(variable(X) - F(1, 4), {X: (0.5, 1.0)})[0] is True
    assert _positive(F(3, 4) - variable(X), {X: (0.0, 1.0)})[0] is False


def test_each_side_is_blamed_for_the_spread_it_causes() -> None:
    """4x + y over [0, 1] x [0, 2]: spreads of 2 and of 1 about the midpoint."""
    _, blame = _positive(4 * variable(X) + variable(Y), {X: (0.0, 1.0), Y: (0.0, 2.0)})
    assert blame == pytest.approx([2.0, 1.0], rel=1e-6)
    _, unknown = _positive(Expression("log", (variable(X),)), {X: (0.0, 1.0)})
    assert unknown == [math.inf]


def test_the_steepest_side_is_halved_first_and_the_widest_by_the_other_rule() -> None:
    """y is wide and flat, x narrow and steep: only halving x helps, so fewer boxes suffice."""
    x, y = variable(X), variable(Y)
    goal = (x - F(1, 3)) * (x - F(1, 3)) + F(1, 64) + F(1, 1024) * y
    region = {X: (F(0), F(1)), Y: (F(0), F(8))}
    statement = BoxStatement("c", goal, region)
    assert check_boxes(statement, BoxCertificate("c", "steepest", 20)) == []
    assert check_boxes(statement, BoxCertificate("c", "widest", 20)) != []
    assert check_boxes(statement, BoxCertificate("c", "widest", 2000)) == []


def test_a_limit_is_a_limit() -> None:
    """The least limit that suffices is exact: one less does not."""
    x = variable(X)
    goal = (x - F(1, 3)) * (x - F(1, 3)) + F(1, 50)
    limits = [n for n in range(1, 60) if _boxes(goal, limit=n, split="steepest") == []]
    assert limits
    assert limits == list(range(limits[0], 60))
    said = _boxes(goal, limit=limits[0] - 1, split="steepest")
    assert said[0].startswith("undecided after ")
    assert "on {'x': (" in said[0]


def test_the_boxes_are_counted_one_by_one_with_those_that_wait() -> None:
    """x > 1/4 where x >= 3/8, on [0, 1], by hand: splits at 1/2, 1/4, 3/8 and 5/16; at the last,
    six boxes were seen and [0, 1/4] still waits."""
    x = variable(X)
    statement = BoxStatement("c", x - F(1, 4), {X: (F(0), F(1))}, (F(3, 8) - x,))
    assert check_boxes(statement, BoxCertificate("c", "widest", 7)) == []
    assert check_boxes(statement, BoxCertificate("c", "widest", 6)) == [
        "undecided after 6 boxes, on {'x': (0.25, 0.375)}"
    ]
    once = BoxStatement("c", x - F(1, 4), {X: (F(0), F(1))}, (F(5, 8) - x,))
    assert check_boxes(once, BoxCertificate("c", "widest", 1)) == []
    assert check_boxes(once, BoxCertificate("c", "widest", 0)) == [
        "undecided after 1 boxes, on {'x': (0.0, 1.0)}"
    ]


def test_what_lies_outside_the_domain_need_not_be_positive() -> None:
    x, y = variable(X), variable(Y)
    assert _boxes(x - y + F(1, 16)) != []
    assert _boxes(x - y + F(1, 16), y - x) == []
    assert _boxes(x - y + F(1, 16), x - y) != []
    assert _boxes(x - y + F(1, 16), x - 2, y - x) == []


def test_the_covers_faults_are_said_exactly() -> None:
    goal = BoxStatement("c", variable(X), {X: (F(0), F(1))})
    assert check_boxes(goal, BoxCertificate("d", "widest", 9)) == [
        "the certificate is for d, not for c"
    ]
    assert check_boxes(goal, BoxCertificate("c", "Widest", 9)) == ["no split rule 'Widest'"]
    third = BoxStatement("c", variable(X), {X: (F(1, 3), F(1))})
    assert check_boxes(third, BoxCertificate("c", "widest", 9)) == [
        "a corner of the region is no dyadic number of 53 bits"
    ]
    upper = BoxStatement("c", variable(X), {X: (F(0), F(1, 3))})
    assert check_boxes(upper, BoxCertificate("c", "widest", 9)) != []


def test_a_box_that_cannot_be_halved_ends_undecided() -> None:
    """Two neighbouring floats: their middle is one of them."""
    top = math.nextafter(1.0, 2.0)
    point = {X: (F(1), F(top))}
    fault = check_boxes(
        BoxStatement("c", variable(X) - 1, point), BoxCertificate("c", "widest", 10**6)
    )
    assert fault == [f"undecided after 1 boxes, on {{'x': (1.0, {top!r})}}"]
    beyond = math.nextafter(top, 2.0)  # here the middle rounds up
    assert (top + beyond) / 2 == beyond
    fault = check_boxes(
        BoxStatement("c", F(-1) * variable(X), {X: (F(top), F(beyond))}),
        BoxCertificate("c", "widest", 10**6),
    )
    assert fault == [f"undecided after 1 boxes, on {{'x': ({top!r}, {beyond!r})}}"]


def test_the_minimum_of_xlogx_is_found_to_the_third_digit() -> None:
    f = Expression("xlogx", (variable(X),))
    assert _boxes(f + F(368, 1000), high=2) == []
    assert _boxes(f + F(367, 1000), high=2) != []
