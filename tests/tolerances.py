"""The only tolerances, each with its derivation."""

from __future__ import annotations

import numpy as np

EPS = float(np.finfo(np.float64).eps)

CELL_SUM = 1e-12
"""Relative error of a sum of nonnegative cells in float64. A cell costs at most about 20 roundings
and loses at most a factor 10 to cancellation (the series radius), so 200 eps = 4e-14; pairwise
summation adds log2(V) eps. The contract asks for 1e-12."""


def few_ulps(count: int) -> float:
    """Relative error of ``count`` float64 roundings, none of which cancels."""
    return count * EPS


WORLD = 1e-12
"""Absolute error in float64 of a quantity of a small world: at most 4 inputs, balls of 4 and 3
labels, so below 100 products of numbers of size at most 40 (a log-ratio of rationals that small,
times a Lipschitz constant), a few roundings each: 100 * 40 * 2 eps = 2e-12 would need every error
of one sign; half of it is allowed."""
