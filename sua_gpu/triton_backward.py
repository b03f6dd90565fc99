"""Triton kernels of the gradients, in the centred form of :mod:`sua_gpu.slopes`.

With r a row's own probabilities and s the other's, ``gradient = t - r sum(t)`` for
``t_i = r_i (a_i - a_k)``, k the likeliest label of r, whose own term is exactly 0. Nothing is saved
between forward and backward: the rows are read again. Rows of one tile are done by :func:`whole`.
Longer ones take the sweep of :func:`sua_gpu.triton_forward.states`, then :func:`sums` for sum(t),
then :func:`gradients`.

Roles: ``first`` and ``second`` arguments of KL; ``jsd`` and ``tv`` are the same on either side.
For the second argument of KL t is ``r - s``, centred at d = 0, whose sum is 0 where the divergence
is finite.
"""

from __future__ import annotations

import triton
import triton.language as tl

from sua_gpu.triton_forward import present
from sua_gpu.triton_math import excess, exp, log1p, log1p_less
from sua_gpu.triton_tiles import centre, load, lost, moments, rest_of, step, weights

_INFINITY = tl.constexpr(float("inf"))


@triton.jit
def _log1p_exp(d):
    """``log(1 + e^d)``."""
    return tl.maximum(d, 0.0) + log1p(exp(-tl.abs(d)))


@triton.jit
def at_peak(x, y, high, low, shift):
    """``(high, low, shift, d_k, both)``: where the likeliest label's step is the centre, and d
    there; where y lacks that label, the centre is the log-ratio and d_k is 0."""
    both = (x > -_INFINITY) & (y > -_INFINITY)
    a, b = tl.where(both, x, 0.0), tl.where(both, y, 0.0)
    plain = b - a
    part = lost(b, a, plain)
    d = tl.where(both, ((plain - high) + (part - low)) - shift, 0.0)
    return (
        tl.where(both, plain, high),
        tl.where(both, part, low),
        tl.where(both, 0.0, shift),
        d,
        both,
    )


@triton.jit
def tilted(
    x, y, r, s, shared, high, low, shift, x_k, y_k, ROLE: tl.constexpr, NARROW: tl.constexpr
):
    """t of the row x, for the log-ratio ``log Z_y/Z_x = high + low + shift``."""
    c_high, c_low, c_shift, d_k, both = at_peak(x_k, y_k, high, low, shift)
    if ROLE == "second":
        d = tl.where(shared, step(x, y, high, low, shared, NARROW) - shift[:, None], 0.0)
        near = shared & (tl.abs(d) <= 1)
        small = tl.where(near, d, 0.0)
        # A label that r lacks, beside an infinite divergence, has no part here.
        return tl.where(near, -r * (small + excess(small)), tl.where(x > -_INFINITY, r - s, 0.0))
    elif ROLE == "tv":
        d = tl.where(shared, step(x, y, high, low, shared, NARROW) - shift[:, None], -1.0)
        sign = (d > 0).to(r.dtype) - (d < 0).to(r.dtype)
        sign_k = tl.where(both, (d_k > 0).to(r.dtype) - (d_k < 0).to(r.dtype), -1.0)
        return r * (sign_k[:, None] - sign) / 2
    else:
        z = step(x, y, c_high, c_low, shared, NARROW)
        z = tl.where(shared, z - c_shift[:, None], 0.0)
        if ROLE == "first":
            return -r * z
        else:
            near = shared & both[:, None] & (tl.abs(z) <= 1)
            small = tl.where(near, z, 0.0)
            e = exp(-tl.abs(d_k))
            share = tl.where(d_k < 0, e, 1.0) / (1 + e)
            close = log1p(share[:, None] * (small + excess(small)))
            here = tl.where(shared, _log1p_exp(z + d_k[:, None]), 0.0)
            away = here - tl.where(both, _log1p_exp(d_k), 0.0)[:, None]
            return r * tl.where(near, close, away) / -2


@triton.jit
def _entropy_and_surprise(
    p, below, spread, total, x, column, top, rest, row, live, to_entropy, labels, to_surprise
):
    """What a row's gradient owes to its entropy and to its label."""
    gradient = tl.zeros_like(p)
    if to_entropy is not None:
        upstream = tl.load(to_entropy + row, mask=live, other=0.0)
        gradient -= upstream[:, None] * p * (below + spread[:, None])
    if to_surprise is not None:
        upstream = tl.load(to_surprise + row, mask=live, other=0.0)
        label = tl.load(labels + row, mask=live, other=0)
        chosen = tl.where(column == label[:, None], 1.0, 0.0).to(p.dtype)
        e = p * total[:, None]
        # The others' mass: all but one largest are in rest.
        others = (
            tl.where(x == top[:, None], rest[:, None], rest[:, None] + (1 - e)) / total[:, None]
        )
        gradient += upstream[:, None] * tl.where(chosen > 0, -others, p)
    return gradient


@triton.jit
def _pick(x, column, at):
    """The logit of one column of each row."""
    return tl.sum(tl.where(column == at[:, None], x, 0.0), 1)


@triton.jit
def whole(
    x, y, mask, labels, to_x, to_y, to_entropy, to_surprise, grad_x, grad_y, n, v,
    K: tl.constexpr, OF_X: tl.constexpr, OF_Y: tl.constexpr, NARROW: tl.constexpr,
    DTYPE: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The gradients of ROWS rows of at most BLOCK labels."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    live = row < n
    column = tl.arange(0, BLOCK)[None, :]
    inside = column < v
    written = inside & live[:, None]
    a = load(x, row[:, None] * v + column, inside, live, DTYPE)
    top_a, at_a = tl.max(a, 1), tl.argmax(a, 1)
    e_a, below = weights(a, top_a, NARROW)
    rest_a = rest_of(a, top_a, e_a)
    all_a = 1 + rest_a
    p = e_a / all_a[:, None]
    total = _entropy_and_surprise(
        p, below, -tl.sum(p * below, 1), all_a, a, column, top_a, rest_a, row, live,
        to_entropy, labels, to_surprise,
    )  # fmt: skip
    for k in range(K):
        here = present(mask, row * K + k, live)
        b = load(y, (row[:, None] * K + k) * v + column, inside, here, DTYPE)
        top_b, at_b = tl.max(b, 1), tl.argmax(b, 1)
        e_b, _ = weights(b, top_b, NARROW)
        all_b = 1 + rest_of(b, top_b, e_b)
        q = e_b / all_b[:, None]
        shared = (a > -_INFINITY) & (b > -_INFINITY)
        ratio, high, low = centre(top_a, all_a, top_b, all_b)
        z = step(a, b, high, low, shared, NARROW)
        g, _ = moments(z, e_a, e_b, exp(ratio), shared, False)
        shift = g / all_a
        shift -= log1p_less(shift)
        if to_x is not None:
            upstream = tl.where(here, tl.load(to_x + row * K + k, mask=live, other=0.0), 0.0)
            t = tilted(
                a, b, p, q, shared, high, low, shift, top_a, _pick(b, column, at_a), OF_X, NARROW
            )
            total += upstream[:, None] * (t - p * tl.sum(t, 1)[:, None])
        if to_y is not None:
            upstream = tl.where(here, tl.load(to_y + row * K + k, mask=live, other=0.0), 0.0)
            t = tilted(
                b, a, q, p, shared, -high, -low, -shift, top_b, _pick(a, column, at_b), OF_Y, NARROW
            )
            t = upstream[:, None] * (t - q * tl.sum(t, 1)[:, None])
            tl.store(grad_y + (row[:, None] * K + k) * v + column, t, written)
    if grad_x is not None:
        tl.store(grad_x + row[:, None] * v + column, total, written)


@triton.jit
def _tile(
    pointer, row, tile, v, top, rest, here,
    NARROW: tl.constexpr, DTYPE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """``(logits, probabilities, logits less the largest)`` of a tile of a row."""
    column = tile * BLOCK + tl.arange(0, BLOCK)[None, :]
    a = load(pointer, row[:, None] * v + column, column < v, here, DTYPE)
    e, below = weights(a, top, NARROW)
    return a, e / (1 + rest)[:, None], below


@triton.jit
def _both_tilted(
    x, y, peak_at, scalars, peaks_at, a, p, row, k, n, v, tile, live, here, to_x, to_y,
    K: tl.constexpr, OF_X: tl.constexpr, OF_Y: tl.constexpr, NARROW: tl.constexpr,
    DTYPE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """``(q, t of x, t of y)`` in a tile; t of a side that is not wanted is 0."""
    pair = row * K + k
    at, field = scalars + pair, n * K
    b, q, _ = _tile(
        y,
        pair,
        tile,
        v,
        tl.load(at, mask=live, other=0.0),
        tl.load(at + field, mask=live, other=0.0),
        here,
        NARROW,
        DTYPE,
        BLOCK,
    )
    high, low = (
        tl.load(at + 2 * field, mask=live, other=0.0),
        tl.load(at + 3 * field, mask=live, other=0.0),
    )
    shift = tl.load(at + 4 * field, mask=live, other=0.0)
    shared = (a > -_INFINITY) & (b > -_INFINITY)
    t_x, t_y = tl.zeros_like(p), tl.zeros_like(p)
    if to_x is not None:
        index = tl.load(peak_at + row, mask=live, other=0)
        x_k = tl.load(x + row * v + index, mask=live, other=0.0).to(DTYPE)
        y_k = tl.load(y + pair * v + index, mask=here, other=0.0).to(DTYPE)
        t_x = tilted(a, b, p, q, shared, high, low, shift, x_k, y_k, OF_X, NARROW)
    if to_y is not None:
        index = tl.load(peaks_at + pair, mask=live, other=0)
        x_k = tl.load(x + row * v + index, mask=live, other=0.0).to(DTYPE)
        y_k = tl.load(y + pair * v + index, mask=here, other=0.0).to(DTYPE)
        t_y = tilted(b, a, q, p, shared, -high, -low, -shift, y_k, x_k, OF_Y, NARROW)
    return q, t_x, t_y


@triton.jit
def sums(
    x, y, mask, peak, rest, peak_at, scalars, peaks_at, to_x, to_y, shares, n, v, tiles,
    K: tl.constexpr, OF_X: tl.constexpr, OF_Y: tl.constexpr, NARROW: tl.constexpr,
    DTYPE: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """One tile's share of sum(t), of x and of y: (2, n, K, tiles)."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    tile = tl.program_id(1)
    live = row < n
    a, p, _ = _tile(
        x,
        row,
        tile,
        v,
        tl.load(peak + row, mask=live, other=0.0),
        tl.load(rest + row, mask=live, other=0.0),
        live,
        NARROW,
        DTYPE,
        BLOCK,
    )
    for k in range(K):
        here = present(mask, row * K + k, live)
        _, t_x, t_y = _both_tilted(
            x, y, peak_at, scalars, peaks_at, a, p, row, k, n, v, tile, live, here, to_x, to_y,
            K, OF_X, OF_Y, NARROW, DTYPE, BLOCK,
        )  # fmt: skip
        place = shares + (row * K + k) * tiles + tile
        tl.store(place, tl.sum(t_x, 1), mask=live)
        tl.store(place + n * K * tiles, tl.sum(t_y, 1), mask=live)


@triton.jit
def gradients(
    x, y, mask, labels, peak, rest, spread, peak_at, scalars, peaks_at, totals,
    to_x, to_y, to_entropy, to_surprise, grad_x, grad_y, n, v,
    K: tl.constexpr, OF_X: tl.constexpr, OF_Y: tl.constexpr, NARROW: tl.constexpr,
    DTYPE: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The gradients of one tile; ``totals`` is sum(t), (2, n, K)."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    tile = tl.program_id(1)
    live = row < n
    column = tile * BLOCK + tl.arange(0, BLOCK)[None, :]
    top, others = (
        tl.load(peak + row, mask=live, other=0.0),
        tl.load(rest + row, mask=live, other=0.0),
    )
    a, p, below = _tile(x, row, tile, v, top, others, live, NARROW, DTYPE, BLOCK)
    mean = tl.load(spread + row, mask=live, other=0.0)
    total = _entropy_and_surprise(
        p, below, mean, 1 + others, a, column, top, others, row, live,
        to_entropy, labels, to_surprise,
    )  # fmt: skip
    for k in range(K):
        here = present(mask, row * K + k, live)
        q, t_x, t_y = _both_tilted(
            x, y, peak_at, scalars, peaks_at, a, p, row, k, n, v, tile, live, here, to_x, to_y,
            K, OF_X, OF_Y, NARROW, DTYPE, BLOCK,
        )  # fmt: skip
        pair = row * K + k
        if to_x is not None:
            upstream = tl.where(here, tl.load(to_x + pair, mask=live, other=0.0), 0.0)
            total += upstream[:, None] * (
                t_x - p * tl.load(totals + pair, mask=live, other=0.0)[:, None]
            )
        if to_y is not None:
            upstream = tl.where(here, tl.load(to_y + pair, mask=live, other=0.0), 0.0)
            t_y = upstream[:, None] * (
                t_y - q * tl.load(totals + n * K + pair, mask=live, other=0.0)[:, None]
            )
            tl.store(grad_y + pair[:, None] * v + column, t_y, (column < v) & live[:, None])
    if grad_x is not None:
        tl.store(grad_x + row[:, None] * v + column, total, (column < v) & live[:, None])
