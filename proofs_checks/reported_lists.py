"""Top-k lists of exact distributions, and the completions that they admit.

A list holds float logarithms of rationals; its rounding of 2^-50 covers their error. An end of an
enclosure is called attained where a completion's value, in balls, lies within 1e-12 of it, which is
what this rounding may cost on the small instances here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

from proofs_checks.balls import ball, balls
from sua_ref import Interval, TopK

Row = tuple[Fraction, ...]
ROUNDING = Fraction(1, 2**50)
ATTAINED = Fraction(1, 10**12)


def row(*numerators: int) -> Row:
    """``row(2, 1, 1)``: (1/2, 1/4, 1/4)."""
    return tuple(Fraction(n, sum(numerators)) for n in numerators)


def reported(p: Sequence[Fraction], tokens: Sequence[int]) -> TopK:
    """What an API reports of p: these tokens, which are the most likely."""
    return TopK(tokens, [math.log(p[y]) for y in tokens], ROUNDING)


def likeliest(p: Row, k: int) -> list[int]:
    """The k most likely tokens, ties by index."""
    return sorted(range(len(p)), key=lambda y: (-p[y], y))[:k]


def filled(p: Row, tokens: Sequence[int], order: Sequence[int]) -> Row:
    """The unseen mass on the first of ``order`` that will hold it, the cap being the least seen."""
    out = [p[y] if y in tokens else Fraction(0) for y in range(len(p))]
    left, cap = 1 - sum(out, Fraction(0)), min(p[y] for y in tokens)
    for y in order:
        out[y] = min(cap, left)
        left -= out[y]
    return tuple(out)


def spread(p: Row, tokens: Sequence[int]) -> Row:
    """The unseen mass spread evenly."""
    unseen = [y for y in range(len(p)) if y not in tokens]
    mass = sum((p[y] for y in unseen), Fraction(0))
    return tuple(mass / len(unseen) if y in unseen else p[y] for y in range(len(p)))


def completions(p: Row, tokens: Sequence[int]) -> Iterator[Row]:
    """Every vertex of the completions, the flattest one, and p."""
    unseen = [y for y in range(len(p)) if y not in tokens]
    yield p
    if unseen:
        yield spread(p, tokens)
        yield from {filled(p, tokens, order) for order in permutations(unseen)}


def outside(interval: Interval, value: Any) -> bool:
    """Whether a ball lies certainly outside."""
    return bool(value < ball_of(interval.low) or value > ball_of(interval.high))


def ball_of(x: float) -> Any:
    """A float as a ball; an infinity as one."""
    return ball(Fraction(x)) if math.isfinite(x) else ball(1) * x


def attained(end: float, value: Any) -> list[str]:
    """The fault that a completion's value is not at an end, if it is not."""
    gap = abs(value - ball_of(end))
    return [] if gap < ball(ATTAINED) else [f"{value} is not {end}"]


def in_balls(*rows: Row) -> Any:
    """Rows as balls: one row as a vector."""
    return balls(rows[0] if len(rows) == 1 else list(rows))
