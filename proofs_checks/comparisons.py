"""Instances in exact numbers, and comparisons that answer with faults."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks.balls import Truth, ball, decide, greater

_fractions = np.frompyfunc(Fraction, 1, 1)


def exact(values: Any) -> Any:
    """A nested sequence of rationals as an object array of Fractions.

    >>> exact([1, Fraction(1, 2)])
    array([Fraction(1, 1), Fraction(1, 2)], dtype=object)
    """
    return _fractions(np.array(values, dtype=object))


def above(what: str, value: Callable[[], Any], low: Fraction | int = 0) -> list[str]:
    """Faults unless a ball lies above a rational, at some precision.

    >>> above("one", lambda: ball(1))
    []
    >>> above("one", lambda: ball(1), 2)
    ['one > 2 is false']
    """
    answer = decide(lambda: greater(value(), ball(low)))
    return [] if answer is Truth.TRUE else [f"{what} > {low} is {answer.value}"]


def is_(what: str, value: Any, wanted: Any) -> list[str]:
    """Faults unless two exact values agree.

    >>> is_("S", Fraction(1, 2), 1)
    ['S is 1/2, not 1']
    """
    return [] if value == wanted else [f"{what} is {value}, not {wanted}"]


def overlap(what: str, value: Any, wanted: Any) -> list[str]:
    """Faults unless two balls may hold the same number: agreement, which proves nothing more."""
    return [] if value.overlaps(wanted) else [f"{what} is {value}, not {wanted}"]
