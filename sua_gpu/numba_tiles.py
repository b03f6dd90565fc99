"""Loops over a tile of a row that the first-level cache holds, in single precision.

A sum is reassociated into the lanes of the vector unit (``reassoc``), the same way every time, and
goes on in double precision after ``CHAIN`` terms: terms that are equal round to one side. No loop
asserts that there is no NaN or infinity, but for the search for a maximum, whose input has no NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sua_gpu.numba_cache import kernel
from sua_gpu.numba_math import (
    EXACT,
    LOWEST,
    NEAR,
    ONE,
    ZERO,
    excess,
    exponential,
    jensen_shannon,
    jensen_shannon_near,
    lost,
    maximum,
    single_from_brain,
    single_from_half,
    where,
)

TILE = 2048
CHAIN = 256
"""Terms that single precision adds: 8 to 32 in a lane."""
SUMS = EXACT | {"reassoc"}
HIGHEST = np.float32(16.0)
"""The largest z of a tame tile: beyond it a rounding of z is too much of e^z."""
_NO_LABEL = np.float32(-np.inf)


@kernel(fastmath=EXACT)
def widen(source: Any, brain: bool, into: Any) -> None:
    """16-bit logits, given by their bits, in single precision."""
    if brain:
        for i in range(len(source)):
            into[i] = single_from_brain(source[i])
    else:
        for i in range(len(source)):
            into[i] = single_from_half(source[i])


@kernel(fastmath=EXACT)
def largest(x: Any) -> Any:
    """The maximum."""
    top = x[0]
    for i in range(len(x)):
        top = maximum(x[i], top)
    return top


@kernel(fastmath=EXACT)
def place(x: Any, value: Any) -> int:
    """The last index at which x has a value that it has."""
    at = ZERO
    for i in range(len(x)):
        at = maximum(where(x[i] == value, np.float32(i), ZERO), at)
    return int(at)


@kernel(fastmath=SUMS)
def powers(x: Any, peak: Any, e: Any) -> Any:
    """``e = e^(x - peak)``, with what the subtraction lost put back.

    Returns the sum of the powers below 1, the count of those equal to 1, the sum of
    ``e (x - peak)``, and the count of possible labels whose power was taken to be 0.
    """
    rest, ties, moment, cut = 0.0, ZERO, 0.0, ZERO
    for start in range(0, len(x), CHAIN):
        powers_sum, firsts = ZERO, ZERO
        xs = x[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            shifted = xs[i] - peak
            error = lost(xs[i], peak, shifted)
            inside = shifted > LOWEST
            bounded = where(inside, shifted, LOWEST)
            power = exponential(bounded) * (ONE + error)
            power = where(inside, power, ZERO)
            es[i] = power
            below = where(shifted < ZERO, power, ZERO)
            powers_sum += below
            firsts += below * bounded
            ties += where(shifted < ZERO, ZERO, ONE)
            cut += where((shifted <= LOWEST) & (shifted > _NO_LABEL), ONE, ZERO)
        rest += powers_sum
        moment += firsts
    return rest, ties, moment, cut


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def step(x: Any, y: Any, about: Any) -> Any:
    """``z = (y - from_y) - (x - from_x) - centre`` to its last digit, ``about`` being these three;
    0 where neither row allows the label, infinite where one alone does.

    Double precision rounds each difference by itself, so an exact offset of a row, which its
    difference does not see, moves no bit.
    """
    from_x, from_y, centre = about
    apart = (np.float64(y) - np.float64(from_y)) - (np.float64(x) - np.float64(from_x))
    z = np.float32(apart - np.float64(centre))
    return where((x == _NO_LABEL) & (y == _NO_LABEL), ZERO, z)


@kernel(fastmath=SUMS)
def mean(x: Any, y: Any, e: Any, about: Any) -> Any:
    """The sum of ``e z``, z the step."""
    total = 0.0
    for start in range(0, len(x), CHAIN):
        part = ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            part += es[i] * step(xs[i], ys[i], about)
        total += part
    return total


@kernel(fastmath=SUMS)
def moments(x: Any, y: Any, e: Any, about: Any) -> Any:
    """With z the step: the sums of ``e (e^z - 1 - z)`` and ``e z``, and how many z are
    too large or too small for single precision."""
    above, mean, wild = 0.0, 0.0, ZERO
    for start in range(0, len(x), CHAIN):
        overs, firsts = ZERO, ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            z = step(xs[i], ys[i], about)
            overs += es[i] * excess(z)
            firsts += es[i] * z
            wild += where((z <= HIGHEST) & (z >= LOWEST), ZERO, ONE)
        above += overs
        mean += firsts
    return above, mean, wild


@kernel(fastmath=SUMS)
def moments_and_growths(x: Any, y: Any, e: Any, about: Any, into: Any) -> Any:
    """The same, and ``e (e^z - 1)`` kept in ``into``."""
    above, mean, wild = 0.0, 0.0, ZERO
    for start in range(0, len(x), CHAIN):
        overs, firsts = ZERO, ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        intos = into[start : start + CHAIN]
        for i in range(len(xs)):
            z = step(xs[i], ys[i], about)
            over = es[i] * excess(z)
            first = es[i] * z
            overs += over
            firsts += first
            intos[i] = over + first
            wild += where((z <= HIGHEST) & (z >= LOWEST), ZERO, ONE)
        above += overs
        mean += firsts
    return above, mean, wild


@kernel(fastmath=SUMS)
def distance(e: Any, grown: Any, ratio: Any, shift: Any) -> Any:
    """The sum of ``|e (e^d - 1)|`` with ``e^d = ratio e^z`` and ``shift = ratio - 1``."""
    total = 0.0
    for start in range(0, len(e), CHAIN):
        part = ZERO
        es = e[start : start + CHAIN]
        growns = grown[start : start + CHAIN]
        for i in range(len(es)):
            part += abs(growns[i] * ratio + es[i] * shift)
        total += part
    return total


@kernel(fastmath=SUMS)
def divergence_near(x: Any, y: Any, e: Any, about: Any, offset: Any) -> Any:
    """The sum of Jensen-Shannon cells over p, and how many ``d = z + offset`` are not small."""
    total, far = 0.0, ZERO
    for start in range(0, len(x), CHAIN):
        part = ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            d = step(xs[i], ys[i], about) + offset
            part += es[i] * jensen_shannon_near(d)
            far += where(abs(d) <= NEAR, ZERO, ONE)
        total += part
    return total, far


@kernel(fastmath=SUMS)
def divergence(x: Any, y: Any, e: Any, about: Any, offset: Any) -> Any:
    """The same sum for any d of a tame tile."""
    total = 0.0
    for start in range(0, len(x), CHAIN):
        part = ZERO
        xs = x[start : start + CHAIN]
        ys = y[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(xs)):
            d = step(xs[i], ys[i], about) + offset
            d = where(d > LOWEST, d, LOWEST)
            part += es[i] * jensen_shannon(d)
        total += part
    return total
