"""Loops over a tile for the gradients; see :mod:`sua_gpu.numba_slopes` for the formulas."""

from __future__ import annotations

from typing import Any

from sua_gpu.numba_cache import kernel
from sua_gpu.numba_math import (
    EXACT,
    LOWEST,
    ONE,
    ZERO,
    exponential,
    growth,
    logarithm,
    where,
)
from sua_gpu.numba_tiles import CHAIN, SUMS, step


@kernel(fastmath=EXACT, forceinline=True)
def _sign(d: Any) -> Any:
    return where(d > ZERO, ONE, ZERO) - where(d < ZERO, ONE, ZERO)


@kernel(fastmath=EXACT)
def scaled(e: Any, scale: Any, into: Any) -> None:
    """``scale e``."""
    for i in range(len(e)):
        into[i] = scale * e[i]


@kernel(fastmath=EXACT)
def entropy_slope(x: Any, e: Any, peak: Any, mean: Any, scale: Any, into: Any) -> None:
    """Adds ``scale e (mean - (x - peak))``."""
    for i in range(len(x)):
        below = x[i] - peak
        into[i] += scale * e[i] * (mean - where(below > LOWEST, below, LOWEST))


@kernel(fastmath=EXACT)
def kl_first(x: Any, y: Any, e: Any, about: Any, mean: Any, scale: Any, into: Any) -> None:
    """Adds ``scale e (mean - z)``."""
    for i in range(len(x)):
        into[i] += scale * e[i] * (mean - step(x[i], y[i], about))


@kernel(fastmath=EXACT)
def kl_second(x: Any, y: Any, e: Any, about: Any, offset: Any, scale: Any, into: Any) -> None:
    """Adds ``scale e (e^d - 1)``, d = z + offset."""
    for i in range(len(x)):
        d = step(x[i], y[i], about) + offset
        into[i] += scale * e[i] * growth(where(d > LOWEST, d, LOWEST))


@kernel(fastmath=EXACT)
def beside(x: Any, y: Any, e: Any, about: Any, offset: Any, into: Any) -> None:
    """``e e^d``, d = z + offset."""
    for i in range(len(x)):
        d = step(x[i], y[i], about) + offset
        into[i] = e[i] * exponential(where(d > LOWEST, d, LOWEST))


@kernel(fastmath=SUMS)
def jsd_sum(x: Any, y: Any, e: Any, about: Any, share: Any) -> Any:
    """The sum of ``e log(1 + share (e^z - 1))``, and how many z are too large."""
    total, wild = 0.0, ZERO
    for start in range(0, len(x), CHAIN):
        part = ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            z = step(xs[i], ys[i], about)
            wild += where(z <= -LOWEST, ZERO, ONE)
            part += es[i] * logarithm(share * growth(where(z > LOWEST, z, LOWEST)))
        total += part
    return total, wild


@kernel(fastmath=EXACT)
def jsd_slope(
    x: Any, y: Any, e: Any, about: Any, share: Any, mean: Any, scale: Any, into: Any
) -> None:
    """Adds ``scale e (mean - log(1 + share (e^z - 1)))``."""
    for i in range(len(x)):
        z = step(x[i], y[i], about)
        z = where(z > LOWEST, z, LOWEST)
        into[i] += scale * e[i] * (mean - logarithm(share * growth(z)))


@kernel(fastmath=SUMS)
def tv_sum(x: Any, y: Any, e: Any, about: Any, offset: Any) -> Any:
    """The sum of ``e (sign d - sign offset)``, d = z + offset; and nothing wild."""
    total = 0.0
    at_centre = _sign(offset)
    for start in range(0, len(x), CHAIN):
        part = ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            part += es[i] * (_sign(step(xs[i], ys[i], about) + offset) - at_centre)
        total += part
    return total, ZERO


@kernel(fastmath=EXACT)
def tv_slope(
    x: Any, y: Any, e: Any, about: Any, offset: Any, mean: Any, scale: Any, into: Any
) -> None:
    """Adds ``scale e (mean - (sign d - sign offset))``."""
    at_centre = _sign(offset)
    for i in range(len(x)):
        into[i] += scale * e[i] * (mean - (_sign(step(x[i], y[i], about) + offset) - at_centre))
