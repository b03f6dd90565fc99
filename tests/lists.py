"""Lists and the distributions that fit them: draws, and completions built by hand.

A completion keeps what is seen and spreads the unseen mass in its own way, below the cap. All of it
is exact, so that a bound which a completion escapes is wrong.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from flint import arb
from hypothesis import strategies as st

from sua_ref import Interval, TopK
from sua_ref.elements import Array
from tests.strategies import as_balls, exact, rational_rows

FLOAT = 2.0**-50
"""Covers the error of a float64 logarithm of the probabilities drawn: |log p| < 8 here."""
Row = tuple[Fraction, ...]
DECIMALS = st.sampled_from([None, 4, 2])
ROUNDED = 1e-12
"""What FLOAT = 2^-50 in every log-probability moves an end by here: below 2^-50 (8 + 8 n), n <= 8,
and that again for the divergence of two lists."""


class Known(NamedTuple):
    """A distribution and the list that an API would give of it."""

    row: Row
    top: TopK
    seen: tuple[int, ...]

    @property
    def cap(self) -> Fraction:
        """The least of the first k."""
        return min(self.row[i] for i in self.seen[: self.top.k])


def listed(
    row: Row, seen: list[int], *, decimals: int | None = None, k: int | None = None
) -> Known:
    """The list of the tokens ``seen``, rounded to so many decimals."""
    logs = [math.log(row[i]) for i in seen]
    if decimals is None:
        return Known(row, TopK(seen, logs, FLOAT, k=k), tuple(seen))
    half = 0.5 * 10.0**-decimals + FLOAT
    return Known(row, TopK(seen, [round(x, decimals) for x in logs], half, k=k), tuple(seen))


@st.composite
def known(draw: st.DrawFn, n: int, decimals: int | None = None) -> Known:
    """A row of n labels with its top k, and now and then a sampled token appended."""
    row = draw(rational_rows(n))
    order = sorted((i for i in range(n) if row[i] > 0), key=lambda i: (-row[i], i))
    k = draw(st.integers(1, len(order)))
    seen = order[:k]
    if len(order) > k and draw(st.booleans()):
        seen.append(draw(st.sampled_from(order[k:])))
    return listed(row, seen, decimals=decimals, k=k)


def filled(given: Known, order: list[int]) -> Row:
    """The unseen mass on as few tokens as will hold it, in the order given."""
    row = [given.row[i] if i in given.seen else Fraction(0) for i in range(len(given.row))]
    left = 1 - sum(row, Fraction(0))
    for i in (i for i in order if i not in given.seen):
        row[i] = min(given.cap, left)
        left -= row[i]
    assert left == 0
    return tuple(row)


def even(given: Known) -> Row:
    """The unseen mass spread evenly."""
    unseen = [i for i in range(len(given.row)) if i not in given.seen]
    mass = sum((given.row[i] for i in unseen), Fraction(0))
    return tuple(mass / len(unseen) if i in unseen else p for i, p in enumerate(given.row))


@st.composite
def completions(draw: st.DrawFn, given: Known) -> Row:
    """Any distribution that the list admits: extreme ones, even ones, and what lies between."""
    order = draw(st.permutations(range(len(given.row))))
    ends = [given.row, even(given), filled(given, order), filled(given, sorted(order))]
    first, second = draw(st.sampled_from(ends)), draw(st.sampled_from(ends))
    w = draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 7)]))
    return tuple((1 - w) * a + w * b for a, b in zip(first, second, strict=True))


def inside(interval: Interval, value: arb) -> bool:
    """Not certainly outside; the balls here have radii below 1e-30."""
    return not (value < arb(interval.low) or value > arb(interval.high))


def balls(row: Row) -> Array:
    return as_balls(exact(row))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Known, Known]:
    n, decimals = draw(st.integers(2, 6)), draw(DECIMALS)
    return draw(known(n, decimals)), draw(known(n, decimals))


def padded(seen: Known, size: int) -> Known:
    """The same list from a larger vocabulary, whose other tokens have probability 0."""
    row = seen.row + tuple([Fraction(0)] * (size - len(seen.row)))
    return seen._replace(row=row)
