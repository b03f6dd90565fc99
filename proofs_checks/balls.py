"""Ball arithmetic: the only file that imports flint.

A comparison of balls has three answers. ``decide`` raises the precision until one of the two
definite ones is reached; an answer that is never reached is ``UNKNOWN`` and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx

from sua_ref import Undecided

PRECISIONS = (64, 128, 256, 512)
"""Bits tried in turn."""


class Truth(Enum):
    """The answers to a comparison."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


def ball(x: Fraction | int) -> Any:
    """The tightest ball around a rational, at the working precision."""
    f = Fraction(x)
    return arb(f.numerator) / f.denominator


def balls(values: Any) -> Any:
    """A nested sequence of rationals as an object array of balls."""
    exact = np.array(values, dtype=object)
    return np.frompyfunc(ball, 1, 1)(exact)


def log(x: Fraction | int) -> Any:
    """A ball around log x, x > 0 rational."""
    return ball(x).log()


def decide(compare: Callable[[], bool]) -> Truth:
    """The answer of ``compare``, which raises :class:`Undecided` where its balls overlap."""
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            try:
                return Truth.TRUE if compare() else Truth.FALSE
            except Undecided:
                continue
    return Truth.UNKNOWN


def greater(a: Any, b: Any) -> bool:
    """``a > b``, decided or :class:`Undecided`."""
    if a > b:
        return True
    if a <= b:
        return False
    raise Undecided(f"cannot decide {a} > {b}")
