"""Gradients of one row and its perturbations, tile by tile, in three sweeps of which two find the
row in the cache.

The formulas are those of :mod:`sua_gpu.slopes`: the gradient of ``sum F(p_i, q_i)`` in the logits
of its argument r is ``r (a - E_r a)``, a taken relative to its value at the likeliest label of r.
Each row counts from its logit at that label, so that its own offset is gone before anything is
rounded. With z the difference of the two, ``d = z + offset`` and ``s = 1 / (1 + e^-offset)``:

    KL in x: a = -z;   KL in y: q - p = p (e^d - 1);
    JSD, either side: a = -log(1 + s (e^z - 1)) / 2;   TV: a = -(sign d - sign offset) / 2,

the second argument being the first of the pair in the other order. Only tiles of e^(x - max x) are
kept. A row with a pair beyond single precision is marked, and left to the caller.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sua_gpu import numba_slope_tiles as slopes
from sua_gpu import numba_tiles as tiles
from sua_gpu.numba_math import ZERO
from sua_gpu.numba_rows import FAINT, JSD, KL, compiled, load, single
from sua_gpu.numba_tiles import HIGHEST, TILE


@compiled
def _peak(x: Any, brain: bool, buffer: Any) -> Any:
    """The largest logit, where it stands."""
    n = len(x)
    peak, at = np.float32(-np.inf), 0
    for low in range(0, n, TILE):
        here = load(x, low, min(n, low + TILE), brain, buffer)
        top = tiles.largest(here)
        if top > peak:
            peak, at = top, low + tiles.place(here, top)
    return peak, at


@compiled
def _side(
    x: Any,
    y: Any,
    kind: int,
    swapped: bool,
    brain: bool,
    peak: Any,
    about: Any,
    offset: Any,
    about_other: Any,
    offset_other: Any,
    total: float,
    scale: float,
    into: Any,
    buffers: Any,
) -> bool:
    """Adds JSD's or TV's gradient in x, or in y if ``swapped``; whether it could not."""
    n = len(x)
    share = np.float32(1 / (1 + math.exp(-(offset_other if swapped else offset))))
    mean, wild = 0.0, 0.0
    for sweep in range(2):
        for low in range(0, n, TILE):
            high = min(n, low + TILE)
            a = load(x, low, high, brain, buffers[0])
            b = load(y, low, high, brain, buffers[1])
            w = buffers[2, : high - low]
            tiles.powers(a, peak, w)
            origin, moved = about, offset
            if swapped:
                into_w = buffers[3, : high - low]
                slopes.beside(a, b, w, about, offset, into_w)
                a, b, w, origin, moved = b, a, into_w, about_other, offset_other
            if sweep == 0:
                if kind == JSD:
                    part, bad = slopes.jsd_sum(a, b, w, origin, share)
                else:
                    part, bad = slopes.tv_sum(a, b, w, origin, moved)
                mean += part / total
                wild += bad
            elif kind == JSD:
                slopes.jsd_slope(
                    a, b, w, origin, share, np.float32(mean), np.float32(scale), into[low:high]
                )
            else:
                slopes.tv_slope(
                    a, b, w, origin, moved, np.float32(mean), np.float32(scale), into[low:high]
                )
        if wild > 0:
            return True
    return False


@compiled
def _view(
    x: Any,
    y: Any,
    kind: int,
    brain: bool,
    peak: Any,
    at: int,
    total: float,
    to_x: float,
    to_y: float,
    gx: Any,
    gy: Any,
    buffers: Any,
) -> bool:
    """Adds the gradients of one pair; whether it is beyond single precision."""
    n, e = len(x), buffers[2]
    from_y = single(y, at, brain, buffers[1])
    if from_y == -np.inf:
        return True
    about, wide = (peak, from_y, ZERO), np.empty(min(n, TILE))
    above, mean = 0.0, 0.0
    for low in range(0, n, TILE):
        high = min(n, low + TILE)
        a, b = load(x, low, high, brain, buffers[0]), load(y, low, high, brain, buffers[1])
        tiles.powers(a, peak, e[: high - low])
        tiles.apart(a, peak, wide)
        z = buffers[3, : high - low]
        if not tiles.steps(b, from_y, wide, ZERO, z) <= HIGHEST and tiles.tamed(a, b, z) > ZERO:
            return True
        part, first = tiles.moments(z, e[: high - low], y[high : high + TILE])
        above += part / total
        mean += first / total
    moved = -math.log1p(above + mean)
    offset = np.float32(moved)
    if not abs(moved) <= 60:
        return True
    if kind == KL:
        for low in range(0, n, TILE):
            high = min(n, low + TILE)
            a, b = load(x, low, high, brain, buffers[0]), load(y, low, high, brain, buffers[1])
            w = e[: high - low]
            tiles.powers(a, peak, w)
            if len(gx) > 0:
                slopes.kl_first(
                    a, b, w, about, np.float32(mean), np.float32(to_x / total), gx[low:high]
                )
            if len(gy) > 0:
                slopes.kl_second(a, b, w, about, offset, np.float32(to_y / total), gy[low:high])
        return False
    bad = False
    if len(gx) > 0:
        scale = to_x / total / 2
        bad |= _side(
            x, y, kind, False, brain, peak, about, offset, about, offset, total, scale, gx, buffers
        )
    if len(gy) > 0:
        top, place = _peak(y, brain, buffers[1])
        x_there = single(x, place, brain, buffers[0])
        if x_there == -np.inf:
            return True
        other = (top, x_there, ZERO)
        # -d = (x - x_there) - (y - top) + back; each difference by itself, as in ``step``.
        back = (float(x_there) - float(peak)) - (float(top) - float(from_y)) - moved
        scale = to_y / total / 2
        bad |= _side(
            x, y, kind, True, brain, peak, about, offset, other, np.float32(back), total, scale, gy,
            buffers,
        )  # fmt: skip
    return bad


@compiled
def backward(
    x: Any,
    y: Any,
    kind: int,
    brain: bool,
    keep: Any,
    start: int,
    stop: int,
    to_x: Any,
    to_y: Any,
    to_entropy: Any,
    to_surprise: Any,
    labels: Any,
    gx: Any,
    gy: Any,
    wild: Any,
) -> None:
    """Rows ``start .. stop``; ``gx`` (R, V) and ``gy`` (R, K, V) are float32 and 0 on entry, and
    of width 0 where not wanted. ``wild`` (R) marks the rows that are not to be had here."""
    n = x.shape[1]
    buffers = np.empty((4, min(n, TILE)), np.float32)
    nothing = np.empty(0, np.float32)
    for r in range(start, stop):
        peak, at = _peak(x[r], brain, buffers[0])
        rest, ties, moment, cut = 0.0, 0.0, 0.0, 0.0
        for low in range(0, n, TILE):
            high = min(n, low + TILE)
            here = load(x[r], low, high, brain, buffers[0])
            below, equal, first, lost = tiles.powers(here, peak, buffers[2, : high - low])
            rest += below
            ties += equal
            moment += first
            cut += lost
        total = rest + ties
        if cut > 0 and total - 1 < n * FAINT:
            wild[r] = True
            continue
        wanted = gx.shape[1] > 0
        if wanted and len(labels) > 0:
            label = labels[r]
            for low in range(0, n, TILE):
                high = min(n, low + TILE)
                here = load(x[r], low, high, brain, buffers[0])
                w = buffers[2, : high - low]
                tiles.powers(here, peak, w)
                slopes.scaled(w, np.float32(to_surprise[r] / total), gx[r, low:high])
                if low <= label < high:
                    own = w[label - low]
            others = rest + (ties - 1) if own == 1 else total - own
            gx[r, label] = -to_surprise[r] * others / total
        if wanted and len(to_entropy) > 0:
            for low in range(0, n, TILE):
                high = min(n, low + TILE)
                here = load(x[r], low, high, brain, buffers[0])
                w = buffers[2, : high - low]
                tiles.powers(here, peak, w)
                slopes.entropy_slope(
                    here,
                    w,
                    peak,
                    np.float32(moment / total),
                    np.float32(to_entropy[r] / total),
                    gx[r, low:high],
                )
        for k in range(y.shape[1]):
            if not keep[r, k]:
                continue
            of_x = gx[r] if wanted and to_x.shape[1] > 0 else nothing
            of_y = gy[r, k] if gy.shape[2] > 0 else nothing
            if len(of_x) == 0 and len(of_y) == 0:
                continue
            u = to_x[r, k] if len(of_x) > 0 else 0.0
            v = to_y[r, k] if len(of_y) > 0 else 0.0
            if _view(x[r], y[r, k], kind, brain, peak, at, total, u, v, of_x, of_y, buffers):
                wild[r] = True
                break
