"""Tails of the binomial law that no rounding can flatter.

A tail is enclosed by two sums in decimal arithmetic of 50 digits, one rounded down at every step
and one rounded up. Where the enclosure cannot decide a comparison (an equality, in practice), the
tail is summed exactly in integers. No logarithm and no gamma function is involved.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

_DIGITS = 50
_DROPPED = -45
"""A rest below 10^_DROPPED of the sum is bounded instead of summed."""


def _context(rounding: str) -> decimal.Context:
    return decimal.Context(
        prec=_DIGITS, rounding=rounding, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[]
    )


DOWN, UP = _context(decimal.ROUND_FLOOR), _context(decimal.ROUND_CEILING)
_BOTH = (DOWN, UP)


class Enclosure(NamedTuple):
    """Two decimals with the exact number between them."""

    low: Decimal
    high: Decimal


def _factorials(wanted: Iterable[int], rounding: decimal.Context) -> dict[int, Decimal]:
    """``i!`` for the wanted i, each a product rounded one way."""
    marks, product, found = set(wanted), Decimal(1), {}
    for i in range(max(marks) + 1):
        product = rounding.multiply(product, max(i, 1))
        if i in marks:
            found[i] = product
    return found


def _power(base: Decimal, exponent: int, rounding: decimal.Context) -> Decimal:
    """``base ** exponent`` by squaring; decimal's own power does not round one way."""
    result = Decimal(1)
    for bit in bin(exponent)[2:]:
        result = rounding.multiply(result, result)
        if bit == "1":
            result = rounding.multiply(result, base)
    return result


@dataclass(frozen=True)
class Count:
    """``k`` errors among ``n`` answers, and the binomial coefficient ``C(n, k)``, enclosed."""

    n: int
    k: int
    coefficient: Enclosure

    def tail(self, r: Fraction) -> Enclosure:
        """``P(Bin(n, r) <= k)`` for 0 <= r < 1."""
        n, k = self.n, self.k
        if k == n or r == 0:
            return Enclosure(Decimal(1), Decimal(1))
        if k < (n + 1) * r:
            low, high = (_terms_down(n, k, r, c, to) for c, to in self._coefficients())
            return Enclosure(low, min(high, Decimal(1)))
        # The other tail, k+1 errors or more, is that of n-k-1 right answers or fewer; its first
        # coefficient is C(n, k+1) = C(n, k) (n-k)/(k+1).
        low, high = (
            _terms_down(n, n - k - 1, 1 - r, to.divide(to.multiply(c, n - k), k + 1), to)
            for c, to in self._coefficients()
        )
        return Enclosure(DOWN.subtract(Decimal(1), high), UP.subtract(Decimal(1), low))

    def _coefficients(self) -> Iterator[tuple[Decimal, decimal.Context]]:
        return zip(self.coefficient, _BOTH, strict=True)

    def tail_exactly(self, r: Fraction) -> Fraction:
        """The same, summed in integers: slow where n is large."""
        a, b = r.numerator, r.denominator
        term = total = (b - a) ** self.n
        for i in range(self.k):
            term = term * (self.n - i) * a // ((i + 1) * (b - a))
            total += term
        return Fraction(total, b**self.n)

    def tail_at_most(self, r: Fraction, level: Fraction) -> bool:
        """Whether ``P(Bin(n, r) <= k) <= level``: decided, never rounded."""
        low, high = self.tail(r)
        if at_most(high, level) or not at_most(low, level):
            return at_most(high, level)
        return self.tail_exactly(r) <= level

    def upper_limit(self, level: Fraction) -> float:
        """The Clopper-Pearson limit, rounded up: the least float r whose tail is at most ``level``.

        1 where even r = 1 would give as many errors, k = n.
        """
        if self.k == self.n:
            return 1.0
        bad, good = 0.0, 1.0
        while bad < (middle := (bad + good) / 2) < good:
            if at_most(self.tail(Fraction(middle)).high, level):
                good = middle
            else:
                bad = middle
        return good


def counts(pairs: Iterable[tuple[int, int]]) -> list[Count]:
    """``(n, k)`` pairs with their binomial coefficients; one pass over the factorials."""
    given = list(pairs)
    wanted = {i for n, k in given for i in (n, k, n - k)}
    low, high = (_factorials(wanted, to) for to in _BOTH)

    def coefficient(n: int, k: int) -> Enclosure:
        return Enclosure(
            DOWN.divide(low[n], UP.multiply(high[k], high[n - k])),
            UP.divide(high[n], DOWN.multiply(low[k], low[n - k])),
        )

    return [Count(n, k, coefficient(n, k)) for n, k in given]


def _terms_down(
    n: int, k: int, r: Fraction, coefficient: Decimal, rounding: decimal.Context
) -> Decimal:
    """``P(Bin(n, r) <= k)``, k < (n+1) r, from its largest term down, rounded one way."""
    a, b = r.numerator, r.denominator
    hit = _power(rounding.divide(Decimal(a), Decimal(b)), k, rounding)
    miss = _power(rounding.divide(Decimal(b - a), Decimal(b)), n - k, rounding)
    term = total = rounding.multiply(coefficient, rounding.multiply(hit, miss))
    for i in range(k, 0, -1):
        # Terms fall by i (1-r) / ((n-i+1) r), a ratio < 1 that itself falls: a geometric series
        # bounds the rest.
        share, whole = i * (b - a), (n - i + 1) * a
        rest = UP.divide(UP.multiply(term, share), whole - share)
        if rest < total.scaleb(_DROPPED, rounding):
            return rounding.add(total, rest) if rounding is UP else total
        term = rounding.divide(rounding.multiply(term, share), whole)
        total = rounding.add(total, term)
    return total


def at_most(x: Decimal, level: Fraction) -> bool:
    """``x <= level``, exactly. As a fraction, x = 10^-100000 would be slow: a last resort."""
    a, b = Decimal(level.numerator), Decimal(level.denominator)
    if x <= DOWN.divide(a, b):
        return True
    return x <= UP.divide(a, b) and Fraction(x) <= level


def rounded_up(x: Decimal | Fraction) -> float:
    """The least float64 that is at least x."""
    nearest = float(x)
    return math.nextafter(nearest, math.inf) if nearest < x else nearest
