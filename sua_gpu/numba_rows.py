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
from sua_gpu.numba_tiles import TILE

KL, JSD, TV = 0, 1, 2
FAINT = 2e-24
"""What a label can add to a divergence though its power was taken to be 0, in units of the digits
kept: ``e^-87 e^16 / 1e-7``."""
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
def compare(
    x: Any, y: Any, e: Any, share: float, origin: Any, guess: Any, store: bool, grown: Any
) -> Any:
    """A tile's centre, and A and mu about it: near ``guess``, or where that (NaN: none) is far from
    this tile near the mean. ``origin`` is a logit of x and that of y; a wild tile has A = -1."""
    if share == 0:
        return guess, (-1.0 if tiles.largest(y) > -np.inf else 0.0), 0.0
    from_x, from_y = origin
    if from_y == -np.inf:
        return ZERO, -1.0, 0.0
    for attempt in range(2):
        c = guess
        if attempt == 1 or c != c:
            c = np.float32(tiles.mean(x, y, e, (from_x, from_y, ZERO)) / share)
        for again in range(4):
            about = (from_x, from_y, c)
            if store:
                above, mean, wild = tiles.moments_and_growths(x, y, e, about, grown)
            else:
                above, mean, wild = tiles.moments(x, y, e, about)
            if not wild <= ZERO:
                break
            a, mu = above / share, mean / share
            if again == 3 or a <= 1.5 * (math.log1p(a + mu) - mu):
                return c, a, mu
            c = np.float32(c + mu)
    return c, -1.0, 0.0


@compiled
def combine(p: Any, c: Any, a: Any, mu: Any, delta: Any) -> float:
    """KL from the tiles of a pair, and each tile's ``delta``; NaN where it overflows."""
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
    kl = 0.0
    for t in range(len(p)):
        delta[t] = (c[t] - c[heavy]) - moved
        if p[t] > 0:
            growth = math.expm1(delta[t])
            kl += p[t] * ((1 + growth) * a[t] + growth * mu[t] + small_excess(delta[t]))
    return kl


@compiled
def _second(x: Any, y: Any, e: Any, grown: Any, kind: int, about: Any, delta: float) -> float:
    """A tile's part of the divergence, over its share of p; NaN where it is wild."""
    if not abs(delta) <= 60.0:
        return math.nan
    if kind == TV:
        ratio = math.exp(delta)
        both = tiles.distance(e, grown, np.float32(ratio), np.float32(math.expm1(delta)))
        return float(both) / 2
    offset = np.float32(delta)
    total, far = tiles.divergence_near(x, y, e, about, offset)
    if far == ZERO:
        return float(total)
    return float(tiles.divergence(x, y, e, about, offset))


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
    buffers = np.empty((2, min(n, TILE)), np.float32)
    long = n if kind != KL else min(n, TILE)
    powers, grown = np.empty(long, np.float32), np.empty(long if kind == TV else 1, np.float32)
    row = np.empty((6, count))
    tied = np.empty((4, max(views, 1), count))
    held = np.empty((max(views, 1), count), np.float32)
    guess, from_y = np.empty(views, np.float32), np.empty(views, np.float32)
    for r in range(start, stop):
        there = y[r // shared_by]
        guess[:] = np.nan
        found, from_x, cut = False, ZERO, ZERO
        for t in range(count):
            low, high = t * TILE, min(n, t * TILE + TILE)
            here = load(x[r], low, high, brain, buffers[0])
            peak = tiles.largest(here)
            e = powers[: high - low] if kind == KL else powers[low:high]
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
            if kind == KL:
                for k in range(views):
                    if keep[r, k] and not wild[r, k]:
                        beside = load(there[k], low, high, brain, buffers[1])
                        share, origin = row[1, t] + row[2, t], (from_x, from_y[k])
                        c, a, mu = compare(here, beside, e, share, origin, guess[k], False, grown)
                        held[k, t], tied[1, k, t], tied[2, k, t] = c, a, mu
                        guess[k] = np.float32(c + mu)
                        wild[r, k] = a < 0
        singles[1, r], singles[2, r], singles[0, r] = _weigh(
            row[0], row[1], row[2], row[3], row[4], row[5]
        )
        faint[r] = cut > ZERO and singles[2, r] < n * FAINT
        for k in range(views):
            if not keep[r, k]:
                out[r, k] = 0.0
                continue
            if wild[r, k]:
                continue
            if kind != KL:
                for t in range(count):
                    low, high = t * TILE, min(n, t * TILE + TILE)
                    here = load(x[r], low, high, brain, buffers[0])
                    beside = load(there[k], low, high, brain, buffers[1])
                    e, into = powers[low:high], grown[low:high] if kind == TV else grown
                    share, origin = row[1, t] + row[2, t], (from_x, from_y[k])
                    c, a, mu = compare(here, beside, e, share, origin, guess[k], kind == TV, into)
                    held[k, t], tied[1, k, t], tied[2, k, t] = c, a, mu
                    guess[k] = np.float32(c + mu)
                    if a < 0:
                        wild[r, k] = True
                        break
                if wild[r, k]:
                    continue
            value = combine(row[4], held[k], tied[1, k], tied[2, k], tied[3, k])
            if kind != KL:
                value = value - value  # NaN stays
                for t in range(count):
                    if row[4, t] == 0:
                        continue
                    low, high = t * TILE, min(n, t * TILE + TILE)
                    here = load(x[r], low, high, brain, buffers[0])
                    beside = load(there[k], low, high, brain, buffers[1])
                    e, into = powers[low:high], grown[low:high] if kind == TV else grown
                    about, delta = (from_x, from_y[k], held[k, t]), tied[3, k, t]
                    value += row[5, t] * _second(here, beside, e, into, kind, about, delta)
            least = n * (FAINT if cut > ZERO else _SUBNORMAL)
            wild[r, k] = not value < np.inf or (value < least and (cut > ZERO or value > 0))
            out[r, k] = max(value, 0.0)
