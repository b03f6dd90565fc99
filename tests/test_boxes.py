"""Boxes: whatever number lies in the arguments, the exact result lies in the box."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from sua_ref import boxes
from sua_ref.boxes import Box, between, box

RATIONALS = st.fractions(-50, 50, max_denominator=10**6)
POSITIVE = st.fractions(Fraction(1, 10**6), 50, max_denominator=10**6)
DIGITS = arb(10) ** -47


def _ball(x: Fraction | Decimal) -> arb:
    f = Fraction(x)
    return arb(f.numerator) / f.denominator


def _holds(b: Box, x: Fraction) -> bool:
    return Fraction(b.low) <= x <= Fraction(b.high)


@given(RATIONALS, RATIONALS, RATIONALS, RATIONALS, st.fractions(0, 1), st.fractions(0, 1))
def test_arithmetic_encloses(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction, s: Fraction, t: Fraction
) -> None:
    first, second = between(min(a, b), max(a, b)), between(min(c, d), max(c, d))
    x, y = a + s * (b - a), c + t * (d - c)
    assert _holds(first + second, x + y)
    assert _holds(first - second, x - y)
    assert _holds(first * second, x * y)
    assert _holds(1 - first, 1 - x)
    if min(c, d) > 0:
        assert _holds(first / second, x / y)
    assert _holds(boxes.smallest([first, second]), min(x, y))
    assert _holds(boxes.largest([first, second]), max(x, y))


@given(RATIONALS, POSITIVE)
def test_functions_enclose_and_are_nearly_as_narrow_as_fifty_digits(
    x: Fraction, y: Fraction
) -> None:
    with ctx.workprec(400):
        for found, exact in (
            (boxes.exp(x), _ball(x).exp()),
            (boxes.log(y), _ball(y).log()),
            (boxes.square_root(y), _ball(y).sqrt()),
            (boxes.surprise(y / 50), -_ball(y / 50) * _ball(y / 50).log()),
        ):
            assert not exact < _ball(found.low)
            assert not exact > _ball(found.high)
            assert _ball(found.high - found.low) <= DIGITS * (1 + abs(exact))


def test_what_is_exact_stays_exact() -> None:
    zero, one = box(0), box(1)
    assert boxes.total([]) == zero
    assert boxes.log(Fraction(1)) == zero
    assert boxes.exp(0) == one
    assert boxes.surprise(Fraction(0)) == boxes.surprise(Fraction(1)) == zero
    assert Fraction(box(Fraction(1, 4)).low) == Fraction(box(Fraction(1, 4)).high) == Fraction(1, 4)


@given(st.fractions(-3, 3))
def test_floats_are_the_nearest_outside(x: Fraction) -> None:
    b = box(x)
    low, high = boxes.lower_float(b.low), boxes.upper_float(b.high)
    assert Fraction(low) <= Fraction(b.low) < Fraction(math.nextafter(low, math.inf))
    assert Fraction(math.nextafter(high, -math.inf)) < Fraction(b.high) <= Fraction(high)


def test_infinities_pass() -> None:
    b = Box(Decimal(1), boxes.INFINITY)
    assert (box(0) - b * 2).low == -boxes.INFINITY
    assert boxes.upper_float(b.high) == math.inf


def test_a_divisor_that_may_be_0_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        box(1) / between(Fraction(0), Fraction(1))
