"""Exact probabilities of what K independent draws from a finite law can give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction


def outcomes(k: int, law: Sequence[Fraction]) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """How often each cell is drawn in k draws, with the multinomial probability of that."""
    for counts in _compositions(k, len(law)):
        ways, mass = math.factorial(k), Fraction(1)
        for count, p in zip(counts, law, strict=True):
            ways //= math.factorial(count)
            mass *= p**count
        yield counts, ways * mass


def _compositions(k: int, cells: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (k,)
        return
    for first in range(k + 1):
        for rest in _compositions(k - first, cells - 1):
            yield (first, *rest)


def drawn(values: Sequence[Fraction], counts: Sequence[int]) -> list[Fraction]:
    """The sample, in the order of the cells."""
    return [v for v, count in zip(values, counts, strict=True) for _ in range(count)]
