"""Statistics of one row and its perturbations, tile by tile.

Logits count from those of an origin, the first tile's likeliest label, so that a row's offset is
gone before anything is rounded. Within a tile t the distributions p and q are compared about a
centre c of the log-ratio, taken near its mean there: with ``z = y - x - c``, ``A = E(e^z - 1 - z)``
and ``mu = E z`` (means over the tile's share P of p) lose nothing to cancellation. Between tiles,
in double precision,

    log Z_y - log Z_x = log sum P e^c (1 + A + mu),    delta = c - (log Z_y - log Z_x),
    KL = sum P (e^delta A + (e^delta - 1) mu + (e^delta - 1 - delta)).

Total variation and Jensen-Shannon need ``d = z + delta`` in a second sweep, from the cache. A tile
whose A is more than 1.5 times the divergence within it has a bad centre, and is taken again
about its mean. What is beyond single precision (a label only one of the two allows, log-ratios
beyond e^16, offsets of tiles that overflow) is left to the caller: such a pair is marked.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from sua_gpu import numba_tiles as tiles
from sua_gpu.numba_cache import kernel
from sua_gpu.numba_math import ZERO
from sua_gpu.numba_tiles import HIGHEST, TILE

KL, JSD, TV = 0, 1, 2
FAINT = 2e-24
"""What a label can add to a divergence though its power was taken to be 0, in units of the digits
kept: ``e^-87 e^16 / 1e-7``."""
SAMPLE = 128
"""Labels whose mean step is the first guess at a centre."""
FAR = 2.0
"""A over the divergence within a tile beyond which the centre is moved: the digits' loss."""
CENTRED = 0.75
"""The share that ``(E g)^2`` may have in ``E g^2``, ``g = e^z - 1``."""
_SUBNORMAL = 1e-37
"""The same for a term that underflows."""

compiled = kernel(nogil=True)


@compiled
def small_excess(z: float) -> float:
    """``e^z - 1 - z`` in double precision."""
    if abs(z) < 0.01:
        return z * z * (0.5 + z * (1 / 6 + z * (1 / 24 + z * (1 / 120 + z / 720))))
    return math.expm1(z) - z


def load(row: Any, start: int, stop: int, brain: bool, buffer: Any) -> Any:
    """A tile in single precision: itself, or widened into the buffer; in compiled code alone, where
    the type of the row decides which (below)."""
    raise NotImplementedError


@overload(load)  # type: ignore[untyped-decorator]
def _(row: Any, start: Any, stop: Any, brain: Any, buffer: Any) -> Any:
    if row.dtype == types.uint16:

        def widened(row: Any, start: Any, stop: Any, brain: Any, buffer: Any) -> Any:
            into = buffer[: stop - start]
            tiles.widen(row[start:stop], brain, into)
            return into

        return widened

    def itself(row: Any, start: Any, stop: Any, brain: Any, buffer: Any) -> Any:
        return row[start:stop]

    return itself


@compiled
def single(row: Any, at: int, brain: bool, buffer: Any) -> Any:
    """One logit in single precision."""
    return load(row, at, at + 1, brain, buffer)[0]


@compiled
def _centre(x: Any, y: Any, wide: Any, e: Any, from_y: Any, z: Any) -> Any:
    """The mean step of a few labels of a tile and its likeliest, a guess at that of all."""
    some = min(len(y), SAMPLE)
    if not tiles.steps(y[:some], from_y, wide[:some], ZERO, z[:some]) <= HIGHEST:
        tiles.tamed(x[:some], y[:some], z[:some])
    first, share = tiles.mean(z[:some], e[:some])
    c = np.float32(first / (share + 1))
    return c if abs(c) < np.inf else ZERO


@compiled
def compare(
    x: Any, y: Any, wide: Any, e: Any, share: float, from_y: Any, guess: Any, kind: int, z: Any,
    into: Any, ahead: Any,
) -> Any:  # fmt: skip
    """A tile's centre, and A and mu about it, or ``E(e^z - 1)`` and 0 unless KL is wanted; and the
    largest |z|. The centre is near ``guess``, or where that (NaN: none) is far from this tile near
    the mean. A wild tile has A = -1; ``z`` and ``into`` are left for the second sweep."""
    if share == 0:
        z[:] = ZERO
        into[:] = ZERO
        return guess, (-1.0 if tiles.largest(y) > -np.inf else 0.0), 0.0, ZERO
    if from_y == -np.inf:
        return ZERO, -1.0, 0.0, ZERO
    c = guess if guess == guess else _centre(x, y, wide, e, from_y, z)
    for _ in range(2):
        for again in range(4):
            top = tiles.steps(y, from_y, wide, c, z)
            if not top <= HIGHEST and tiles.tamed(x, y, z) > ZERO:
                break
            if kind == KL:
                above, mean = tiles.moments(z, e, ahead)
                a, mu = above / share, mean / share
                if again == 3 or a <= FAR * (math.log1p(a + mu) - mu):
                    return c, a, mu, top
                c = np.float32(c + mu)
            else:
                if kind == TV:
                    sums = tiles.growths(z, e, into, ahead)
                else:
                    sums = tiles.roots(z, e, into, ahead)
                a, square = sums[0] / share, sums[1] / share
                if again == 3 or (a > -0.6 and a * a <= CENTRED * square):
                    return c, a, 0.0, top
                c = np.float32(c + tiles.mean(z, e)[0] / share)
        tiles.steps(y, from_y, wide, ZERO, z)
        tiles.tamed(x, y, z)
        c = np.float32(tiles.mean(z, e)[0] / share)
    return c, -1.0, 0.0, ZERO


@compiled
def ratios(p: Any, c: Any, a: Any, mu: Any, delta: Any) -> None:
    """Each tile's ``delta``."""
    if len(p) == 1:
        delta[0] = -math.log1p(a[0] + mu[0])
        return
    heavy = 0
    for t in range(len(p)):
        if p[t] > p[heavy]:
            heavy = t
    total = 0.0
    for t in range(len(p)):
        if p[t] > 0:
            gained = a[t] + mu[t]
            total += p[t] * (math.expm1(c[t] - c[heavy]) * (1 + gained) + gained)
    moved = math.log1p(total)
    for t in range(len(p)):
        delta[t] = (c[t] - c[heavy]) - moved


@compiled
def combine(p: Any, a: Any, mu: Any, delta: Any) -> float:
    """KL from the tiles of a pair; NaN where it overflows."""
    # One tile: the closed form. |mu| is at most about sqrt(2 a), so that above 1e-10 the difference
    # of two doubles is off by 2e-11 of a at most; below, the sum that subtracts nothing.
    if len(p) == 1 and a[0] > 1e-10:
        return float(-delta[0] - mu[0])
    kl = 0.0
    for t in range(len(p)):
        if p[t] > 0:
            growth = math.expm1(delta[t])
            kl += p[t] * ((1 + growth) * a[t] + growth * mu[t] + small_excess(delta[t]))
    return kl


@compiled
def _second(kind: int, z: Any, e: Any, kept: Any, delta: float, top: Any) -> float:
    """A tile's part of the divergence, over its share of p; NaN where it is wild."""
    if not abs(delta) <= 60.0:
        return math.nan
    if kind == TV:
        ratio = math.exp(delta)
        both = tiles.distance(e, kept, np.float32(ratio), np.float32(math.expm1(delta)))
        return float(both) / 2
    return float(tiles.divergence(z, e, kept, np.float32(delta), top))


@compiled
def _weigh(peaks: Any, rests: Any, ties: Any, moments: Any, p: Any, scale: Any) -> Any:
    """The row's peak, rest and entropy; each tile's share of p, and p over e within it."""
    peak = -math.inf
    for t in range(len(peaks)):
        peak = max(peak, peaks[t])
    rest, moment, first = 0.0, 0.0, True
    for t in range(len(peaks)):
        below = peaks[t] - peak
        factor = math.exp(below)
        equal = ties[t]
        if first and below == 0:
            equal -= 1
            first = False
        rest += factor * (rests[t] + equal)
        if factor > 0:
            moment += factor * (moments[t] + below * (rests[t] + ties[t]))
        scale[t] = factor
    for t in range(len(peaks)):
        scale[t] /= 1 + rest
        p[t] = scale[t] * (rests[t] + ties[t])
    return peak, rest, math.log1p(rest) - moment / (1 + rest)


@compiled
def _after(there: Any, k: int, low: int, high: int, n: int) -> Any:
    """The logits wanted after a tile of the k-th row: that of the next, or the first's next."""
    if k + 1 < len(there):
        return there[k + 1, low:high]
    return there[0, high : min(n, high + TILE)]


@compiled
def _pair(
    x: Any, y: Any, kind: int, brain: bool, row: Any, origins: Any, buffers: Any, wide: Any,
    long: Any, about: Any,
) -> float:  # fmt: skip
    """JSD or TV of one pair, whose powers are in ``long[0]``; NaN where it is wild."""
    n, count = len(x), row.shape[1]
    guess, stored = np.float32(np.nan), 2 if kind == JSD else 1
    for t in range(count):
        low, high = t * TILE, min(n, t * TILE + TILE)
        here = load(x, low, high, brain, buffers[0])
        beside = load(y, low, high, brain, buffers[1])
        if count > 1:
            tiles.apart(here, origins[0], wide)
        z = long[1, low:high] if kind == JSD else buffers[2, : high - low]
        c, a, mu, top = compare(
            here, beside, wide, long[0, low:high], row[1, t] + row[2, t], origins[1], guess, kind,
            z, long[stored, low:high], y[high : high + TILE],
        )  # fmt: skip
        if a <= -1:
            return math.nan
        about[0, t], about[1, t], about[2, t], about[4, t] = c, a, mu, top
        guess = np.float32(c + math.log1p(a))
    ratios(row[4], about[0], about[1], about[2], about[3])
    value = 0.0
    for t in range(count):
        if row[4, t] > 0:
            low, high = t * TILE, min(n, t * TILE + TILE)
            z, e, kept = long[stored - 1, low:high], long[0, low:high], long[stored, low:high]
            value += row[5, t] * _second(kind, z, e, kept, about[3, t], np.float32(about[4, t]))
    return value


@compiled
def forward(
    x: Any,
    y: Any,
    shared_by: int,
    kind: int,
    brain: bool,
    keep: Any,
    start: int,
    stop: int,
    out: Any,
    singles: Any,
    wild: Any,
    faint: Any,
) -> None:
    """Rows ``start .. stop`` of x, each beside the K rows of ``y[row // shared_by]``.

    ``out`` (R, K) receives the divergences, ``singles`` (3, R) entropy, peak and rest, ``wild``
    (R, K) a mark for each pair that is not to be had here, ``faint`` (R) for each row whose
    ``singles`` are not.
    """
    views, n = y.shape[1], x.shape[1]
    count = (n + TILE - 1) // TILE
    buffers, wide = np.empty((3, min(n, TILE)), np.float32), np.empty(min(n, TILE))
    long = np.empty((1, min(n, TILE)) if kind == KL else (3 if kind == JSD else 2, n), np.float32)
    row, about = np.empty((6, count)), np.empty((max(views, 1), 5, count))
    guess, from_y = np.empty(views, np.float32), np.empty(views, np.float32)
    for r in range(start, stop):
        there = y[r // shared_by]
        guess[:] = np.nan
        found, from_x, cut = False, ZERO, ZERO
        for t in range(count):
            low, high = t * TILE, min(n, t * TILE + TILE)
            here = load(x[r], low, high, brain, buffers[0])
            peak = tiles.largest(here)
            e = long[0, : high - low] if kind == KL else long[0, low:high]
            row[0, t] = peak
            if peak == -np.inf:
                row[1:4, t] = 0
            else:
                row[1, t], row[2, t], row[3, t], lost = tiles.powers(here, peak, e)
                cut += lost
                if not found:
                    found, from_x, at = True, peak, low + tiles.place(here, peak)
                    for k in range(views):
                        if keep[r, k]:
                            from_y[k] = single(there[k], at, brain, buffers[1])
                if views > 0 and (kind == KL or count == 1):
                    tiles.apart(here, from_x, wide)
            if kind == KL:
                for k in range(views):
                    if keep[r, k] and not wild[r, k]:
                        beside = load(there[k], low, high, brain, buffers[1])
                        z = buffers[2, : high - low]
                        c, a, mu, _ = compare(
                            here, beside, wide, e, row[1, t] + row[2, t], from_y[k], guess[k], KL,
                            z, z, _after(there, k, low, high, n),
                        )  # fmt: skip
                        about[k, 0, t], about[k, 1, t], about[k, 2, t] = c, a, mu
                        guess[k] = np.float32(c + mu)
                        wild[r, k] = a < 0
        singles[1, r], singles[2, r], singles[0, r] = _weigh(
            row[0], row[1], row[2], row[3], row[4], row[5]
        )
        faint[r] = cut > ZERO and singles[2, r] < n * FAINT
        for k in range(views):
            out[r, k] = 0.0
            if not keep[r, k] or wild[r, k]:
                continue
            if kind == KL:
                ratios(row[4], about[k, 0], about[k, 1], about[k, 2], about[k, 3])
                value = combine(row[4], about[k, 1], about[k, 2], about[k, 3])
            else:
                value = _pair(
                    x[r], there[k], kind, brain, row, (from_x, from_y[k]), buffers, wide, long,
                    about[k],
                )  # fmt: skip
            least = n * (FAINT if cut > ZERO else _SUBNORMAL)
            wild[r, k] = not value < np.inf or (value < least and (cut > ZERO or value > 0))
            out[r, k] = max(value, 0.0)
