"""Arithmetic on boxes: pairs of decimals, rounded outward at every step, with a number between.

What an enclosure promises may rest on no libm. Addition, multiplication and division are rounded
one way by the decimal contexts of 50 digits; ``exp``, ``ln`` and ``sqrt``, which decimal rounds
correctly to the nearest, are widened by one unit of the last digit. An end may be infinite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from sua_ref.binomial import DOWN, UP, rounded_up

Number: TypeAlias = "Box | Fraction | int"
INFINITY = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Box:
    """The numbers from ``low`` to ``high``."""

    low: Decimal
    high: Decimal

    def __add__(self, other: Number) -> Box:
        b = box(other)
        return Box(DOWN.add(self.low, b.low), UP.add(self.high, b.high))

    def __neg__(self) -> Box:
        return Box(self.high.copy_negate(), self.low.copy_negate())

    def __sub__(self, other: Number) -> Box:
        return self + -box(other)

    def __rsub__(self, other: Number) -> Box:
        return -self + other

    def __mul__(self, other: Number) -> Box:
        b = box(other)
        ends = [(x, y) for x in (self.low, self.high) for y in (b.low, b.high)]
        return Box(
            min(DOWN.multiply(x, y) for x, y in ends), max(UP.multiply(x, y) for x, y in ends)
        )

    def __truediv__(self, other: Number) -> Box:
        """Division by a positive number."""
        b = box(other)
        if not b.low > 0:
            raise ZeroDivisionError(f"{b} is not positive")
        inverse = Box(DOWN.divide(Decimal(1), b.high), UP.divide(Decimal(1), b.low))
        return self * inverse

    __radd__ = __add__
    __rmul__ = __mul__


def box(x: Number) -> Box:
    """The narrowest box around a rational; a box is itself."""
    if isinstance(x, Box):
        return x
    f = Fraction(x)
    a, b = Decimal(f.numerator), Decimal(f.denominator)
    return Box(DOWN.divide(a, b), UP.divide(a, b))


def between(low: Fraction, high: Fraction) -> Box:
    """The box that reaches from one rational to another."""
    return Box(box(low).low, box(high).high)


def total(boxes: Iterable[Box]) -> Box:
    """The sum."""
    return sum(boxes, Box(Decimal(0), Decimal(0)))


def smallest(boxes: Iterable[Box]) -> Box:
    """The minimum."""
    found = list(boxes)
    return Box(min(b.low for b in found), min(b.high for b in found))


def largest(boxes: Iterable[Box]) -> Box:
    """The maximum."""
    return -smallest(-b for b in boxes)


def exp(x: Number) -> Box:
    """The exponential of a box, or of a rational; exactly 1 at 0."""
    if x == 0:
        return box(1)
    b = box(x)
    return Box(max(DOWN.next_minus(DOWN.exp(b.low)), Decimal(0)), UP.next_plus(UP.exp(b.high)))


def log(x: Number) -> Box:
    """The natural logarithm of a positive box, or of a positive rational; exactly 0 at 1."""
    if x == 1:
        return box(0)
    b = box(x)
    return Box(DOWN.next_minus(DOWN.ln(b.low)), UP.next_plus(UP.ln(b.high)))


def square_root(x: Number) -> Box:
    """The square root of a box, or of a rational, at or above 0."""
    b = box(x)
    return Box(max(DOWN.next_minus(DOWN.sqrt(b.low)), Decimal(0)), UP.next_plus(UP.sqrt(b.high)))


def surprise(x: Fraction) -> Box:
    """``-x log x`` of a rational in [0, 1], 0 at 0 and at 1."""
    return box(0) if x == 0 else box(x) * -log(x)


def lower_float(x: Decimal) -> float:
    """The largest float64 at or below x."""
    return -rounded_up(x.copy_negate())


def upper_float(x: Decimal) -> float:
    """The smallest float64 at or above x."""
    return rounded_up(x)
