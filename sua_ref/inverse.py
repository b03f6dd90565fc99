"""Inverting an increasing curve by bisection: on float64 to the last bit, on balls with proof.

Both searches try points in an order that does not depend on the curve's values, so the inverse they
return is monotone in the value even where rounding makes the computed curve wiggle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref.elements import Array

MOST_HALVINGS = 4096
"""Where a ball search that starts at 0 gives up: what it has then is still an enclosure."""


def last_float(holds: Callable[[Array], npt.NDArray[np.bool_]], high: Array) -> Array:
    """The last float in [0, high] where ``holds``, which does at 0 and is lost once, going up.

    Nonnegative float64 are ordered like their bit patterns. Halving the range in that order reaches
    neighbouring floats in 63 steps everywhere, subnormals included.
    """
    top = np.array(high, dtype=np.float64).view(np.int64)
    good, bad = np.zeros_like(top), top + 1
    while np.any(bad - good > 1):
        middle = good + (bad - good) // 2
        held = holds(middle.view(np.float64))
        good, bad = np.where(held, middle, good), np.where(held, bad, middle)
    return good.view(np.float64)


def last_certified(good: Any, bad: Any, holds: Callable[[Any], bool]) -> Any:
    """From the exact ball ``good`` towards ``bad``: the last point where ``holds`` is decided.

    An undecided comparison counts as not holding, and the search goes on beyond it: an answer that
    happens to be one of the points tried costs no precision.
    """
    for _ in range(MOST_HALVINGS):
        middle = ((good + bad) / 2).mid()
        if not (good < middle < bad or bad < middle < good):
            break
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good


def hull(low: Any, high: Any) -> Any:
    """The ball that reaches from the lower end of ``low`` to the upper end of ``high``."""
    return low.lower().union(high.upper())
