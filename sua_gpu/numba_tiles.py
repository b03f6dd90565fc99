"""Loops over a tile of a row that the first-level cache holds, in single precision.

A sum is reassociated into the lanes of the vector unit (``reassoc``), the same way every time, and
goes on in double precision after ``CHAIN`` terms: terms that are equal round to one side. No loop
asserts that there is no NaN or infinity, but for the search for a maximum, whose input has no NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sua_gpu.numba_cache import kernel
from sua_gpu.numba_math import (
    EXACT,
    HALF,
    LOWEST,
    MIDDLE,
    NEAR,
    ONE,
    TWO,
    ZERO,
    excess,
    exponential,
    fetch,
    growth,
    jensen_shannon,
    jensen_shannon_middle,
    jensen_shannon_near,
    larger,
    lost,
    maximum,
    of_bits,
    single_from_brain,
    single_from_half,
    size,
    where,
)

TILE = 1024
CHAIN = 256
"""Terms that single precision adds: 8 to 32 in a lane."""
LINE = 16
"""Numbers of single precision in a line of the cache."""
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


@kernel(fastmath=EXACT)
def apart(x: Any, from_x: Any, wide: Any) -> None:
    """``wide = x - from_x`` in double precision."""
    for i in range(len(x)):
        wide[i] = np.float64(x[i]) - np.float64(from_x)


@kernel(fastmath=EXACT)
def steps(y: Any, from_y: Any, wide: Any, centre: Any, z: Any) -> Any:
    """The steps (see above) of a tile, ``wide`` being ``x - from_x``; returns the largest |z|.

    Where neither row allows a label z is NaN, and so is what is returned.
    """
    top = np.int32(0)
    for i in range(len(y)):
        step = np.float32(((np.float64(y[i]) - np.float64(from_y)) - wide[i]) - np.float64(centre))
        z[i] = step
        top = larger(size(step), top)
    return of_bits(top)


@kernel(fastmath=SUMS)
def tamed(x: Any, y: Any, z: Any) -> Any:
    """Puts 0 for the steps of labels that neither row allows; returns how many of the others are
    too large or too small for single precision."""
    wild = ZERO
    for i in range(len(x)):
        step = where((x[i] == _NO_LABEL) & (y[i] == _NO_LABEL), ZERO, z[i])
        z[i] = step
        wild += where((step <= HIGHEST) & (step >= LOWEST), ZERO, ONE)
    return wild


@kernel(fastmath=SUMS)
def mean(z: Any, e: Any) -> Any:
    """The sums of ``e z`` and of e."""
    total, share = 0.0, 0.0
    for start in range(0, len(z), CHAIN):
        part, weight = ZERO, ZERO
        zs = z[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(zs)):
            part += es[i] * zs[i]
            weight += es[i]
        total += part
        share += weight
    return total, share


@kernel()
def _ask(ahead: Any, start: int) -> None:
    """Asks for as many logits as a chain adds: their page and lines are on the way while sums that
    need no memory go on. The rows of a tile lie far apart, where the processor foresees nothing."""
    for i in range(start, min(start + CHAIN, len(ahead)), LINE):
        fetch(ahead, i)


@kernel(fastmath=SUMS)
def moments(z: Any, e: Any, ahead: Any) -> Any:
    """The sums of ``e (e^z - 1 - z)`` and ``e z``; ``ahead`` are the logits wanted next."""
    above, mean = 0.0, 0.0
    for start in range(0, len(z), CHAIN):
        overs, firsts = ZERO, ZERO
        _ask(ahead, start)
        zs = z[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(zs)):
            overs += es[i] * excess(zs[i])
            firsts += es[i] * zs[i]
        above += overs
        mean += firsts
    return above, mean


@kernel(fastmath=SUMS)
def growths(z: Any, e: Any, into: Any, ahead: Any) -> Any:
    """The sums of ``e (e^z - 1)``, whose terms are kept in ``into``, and of ``e (e^z - 1)^2``."""
    total, squares = 0.0, 0.0
    for start in range(0, len(z), CHAIN):
        part, square = ZERO, ZERO
        _ask(ahead, start)
        zs = z[start : start + CHAIN]
        es = e[start : start + CHAIN]
        intos = into[start : start + CHAIN]
        for i in range(len(zs)):
            whole = growth(zs[i])
            grown = es[i] * whole
            part += grown
            square += grown * whole
            intos[i] = grown
        total += part
        squares += square
    return total, squares


@kernel(fastmath=SUMS)
def roots(z: Any, e: Any, into: Any, ahead: Any) -> Any:
    """The same sums; ``e e^(z/2)``, the root of ``e (e e^z)``, is kept in ``into``."""
    total, squares = 0.0, 0.0
    for start in range(0, len(z), CHAIN):
        part, square = ZERO, ZERO
        _ask(ahead, start)
        zs = z[start : start + CHAIN]
        es = e[start : start + CHAIN]
        intos = into[start : start + CHAIN]
        for i in range(len(zs)):
            half = growth(HALF * zs[i])
            whole = half * (half + TWO)
            part += es[i] * whole
            square += (es[i] * whole) * whole
            intos[i] = es[i] * half + es[i]
        total += part
        squares += square
    return total, squares


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
def _near(z: Any, root: Any, offset: Any) -> Any:
    """The sum of Jensen-Shannon cells, no |d| above ``NEAR``."""
    total = 0.0
    for start in range(0, len(z), CHAIN):
        part = ZERO
        zs = z[start : start + CHAIN]
        rs = root[start : start + CHAIN]
        for i in range(len(zs)):
            part += rs[i] * jensen_shannon_near(zs[i] + offset)
        total += part
    return total


@kernel(fastmath=SUMS)
def _middle(z: Any, root: Any, offset: Any) -> Any:
    """The same, no |d| above ``MIDDLE``."""
    total = 0.0
    for start in range(0, len(z), CHAIN):
        part = ZERO
        zs = z[start : start + CHAIN]
        rs = root[start : start + CHAIN]
        for i in range(len(zs)):
            part += rs[i] * jensen_shannon_middle(zs[i] + offset)
        total += part
    return total


@kernel(fastmath=SUMS)
def _far(z: Any, e: Any, offset: Any) -> Any:
    """The same for any d, over p."""
    total = 0.0
    for start in range(0, len(z), CHAIN):
        part = ZERO
        zs = z[start : start + CHAIN]
        es = e[start : start + CHAIN]
        for i in range(len(zs)):
            d = zs[i] + offset
            d = where(d > LOWEST, d, LOWEST)
            part += es[i] * jensen_shannon(d)
        total += part
    return total


@kernel()
def divergence(z: Any, e: Any, root: Any, offset: Any, top: Any) -> Any:
    """The sum of Jensen-Shannon cells of ``d = z + offset``, no |z| being above ``top``."""
    reach = top + abs(offset)
    if reach <= NEAR:
        return math.exp(offset / 2) * _near(z, root, offset)
    if reach <= MIDDLE:
        return math.exp(offset / 2) * _middle(z, root, offset)
    return _far(z, e, offset)
