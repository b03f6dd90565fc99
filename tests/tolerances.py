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
