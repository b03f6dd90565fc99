"""The Triton kernel that merges the states of a row's tiles, in double precision.

One program per pair of rows; what it adds up is at most a few hundred numbers, in a fixed order.
See :mod:`sua_gpu.triton_forward` for the states and how they move to another centre.
"""

from __future__ import annotations

import triton
import triton.language as tl

from sua_gpu.triton_math import excess, exp, log1p, log1p_less
from sua_gpu.triton_tiles import lost

_INFINITY = tl.constexpr(float("inf"))
_FOLD_32 = tl.constexpr(2.0**-15)
_FOLD_64 = tl.constexpr(2.0**-44)


@triton.jit
def _of(values, at, index):
    """``values[index]`` of each row."""
    return tl.sum(tl.where(at == index[:, None], values, 0), 1)


@triton.jit
def _row(top, rest, at):
    """Largest logit, its tile, the rest of the normaliser, and each tile's scale beside it."""
    peak = tl.max(top, 1)
    first = tl.argmax(top, 1)
    scale = exp(top - peak[:, None])
    others = tl.sum(tl.where(at == first[:, None], 0.0, scale * (1 + rest)), 1)
    return peak, first, others + _of(rest, at, first), scale


@triton.jit
def _log(x):
    """``log x`` for x >= 1, or 0 below: a scale, no more."""
    return log1p(tl.maximum(x, 1.0) - 1)


@triton.jit
def _shifted(a, b, delta, w, g, f):
    """Tiles' G and F about another centre, scaled: a the tile's scale, ``b = a e^delta``."""
    near = tl.abs(delta) <= 1
    small = tl.where(near, delta, 0.0)
    curve = excess(small)
    growth = tl.where(near, a * (small + curve), b - a)
    bend = tl.where(near, a * curve, growth - a * delta)
    return b * g + growth * w, a * f + growth * g + bend * w


@triton.jit
def _pair(at, top_a, rest_a, top_b, rest_b, r, g, f):
    """``(high, low, shift, value)``: log Z_b/Z_a = high + low + shift, and the KL divergence.

    The first centre c is that of the tile where b has most, so that no tile has e^delta large
    beside it. The second adds ``move``, the log-ratio found from there.
    """
    has_a, has_b = top_a > -_INFINITY, top_b > -_INFINITY
    both, only_b = has_a & has_b, has_b & (top_a == -_INFINITY)
    peak_a, _, all_rest_a, a = _row(top_a, rest_a, at)
    total = 1 + all_rest_a
    a = tl.where(has_a, a, 0.0)
    w, w_b = tl.where(has_a, 1 + rest_a, 0.0), tl.where(has_b, 1 + rest_b, 0.0)
    # c of each tile in two parts, and of the tile chosen.
    m_a, m_b = tl.where(both, top_a, 0.0), tl.where(both, top_b, 0.0)
    apart = m_b - m_a
    high = apart - r
    low = lost(m_b, m_a, apart) + lost(apart, r, high)
    chosen = tl.argmax(tl.where(both, top_b + _log(w_b), -_INFINITY), 1)
    any_both = tl.max(both.to(tl.int32), 1) > 0
    c_high = tl.where(any_both, _of(high, at, chosen), 0.0)
    c_low = tl.where(any_both, _of(low, at, chosen), 0.0)
    delta = tl.where(both, (high - c_high[:, None]) + (low - c_low[:, None]), 0.0)
    # b's mass in units of e^(peak_a + c): exponents first, for they may exceed any double.
    exponent = tl.where(both, (m_a - peak_a[:, None]) + delta, -_INFINITY)
    m_b, m_a = tl.where(only_b, top_b, 0.0), tl.where(only_b, peak_a[:, None], 0.0)
    apart = m_b - m_a
    alone = (apart - c_high[:, None]) + (lost(m_b, m_a, apart) - c_low[:, None])
    exponent = tl.where(only_b, alone, exponent)
    mass = tl.where(both, w + g, tl.where(only_b, w_b, 0.0))
    most = tl.maximum(tl.max(exponent, 1), -1e6)
    scaled = tl.sum(exp(exponent - most[:, None]) * mass, 1)
    one_sided = tl.where(has_a & (top_b == -_INFINITY), -a * w, 0.0)
    b = exp(tl.minimum(exponent, 600.0))
    near_g, _ = _shifted(a, b, delta, w, g, 0.0)
    ratio = tl.sum(tl.where(both, near_g, tl.where(only_b, b * w_b, one_sided)), 1) / total
    plain = tl.abs(ratio) <= 0.5
    far = most + _log(scaled) - log1p(all_rest_a)
    move = tl.where(plain, log1p(tl.where(plain, ratio, 0.0)), far)
    move = tl.where(any_both, move, 0.0)
    # The sums about c + move.
    delta = tl.where(both, delta - move[:, None], 0.0)
    b = exp(tl.minimum(exponent - move[:, None], 600.0))
    new_g, new_f = _shifted(a, b, delta, w, g, tl.where(f < _INFINITY, f, 0.0))
    one_sided = tl.where(only_b, b * w_b, one_sided)
    s = tl.sum(tl.where(both, new_g, one_sided), 1) / total
    s = tl.where(any_both, s, 0.0)
    mean = tl.sum(tl.where(both, new_f, tl.where(only_b, b * w_b, 0.0)), 1) / total
    value = tl.where(tl.max(f, 1) == _INFINITY, _INFINITY, mean - log1p_less(s))
    return c_high, c_low, move + (s - log1p_less(s)), tl.maximum(value, 0.0)


@triton.jit
def merge(
    x, mask, labels, rows, at_x, pairs, at_y,
    divergences, entropy, peak, rest, surprise, peak_at, spread, scalars, peaks_at, n, v, tiles,
    K: tl.constexpr, KIND: tl.constexpr, DTYPE: tl.constexpr,
    ROWS: tl.constexpr, TILES: tl.constexpr,
):  # fmt: skip
    """What the states of ROWS pairs come to; ``scalars`` is (5, n, K): top and rest of y, and the
    log-ratio of the normalisers in three parts. ``spread`` is the mean of peak - x under p."""
    each: tl.constexpr = K if K > 0 else 1
    pair = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    live = pair < n * each
    row = pair // each
    first_of_row = live & (pair % each == 0)
    at = tl.arange(0, TILES)[None, :]
    real = (at < tiles) & live[:, None]
    field = n * tiles
    place = rows + row[:, None] * tiles + at
    nothing = tl.where((at == 0) & (pair[:, None] >= 0), 0.0, -_INFINITY)  # where no row is
    top_a = tl.where(real, tl.load(place, mask=real, other=0.0), nothing).to(tl.float64)
    rest_a = tl.load(place + field, mask=real, other=-1.0).to(tl.float64)
    below = tl.load(place + 2 * field, mask=real, other=0.0).to(tl.float64)
    largest, first, others, scale = _row(top_a, rest_a, at)
    drop = tl.where(top_a > -_INFINITY, largest[:, None] - top_a, 0.0)
    total = tl.where(live, 1 + others, 1.0)
    mean = tl.sum(scale * (below + drop * (1 + rest_a)), 1) / total
    log_rest = log1p(tl.where(live, others, 0.0))
    tl.store(peak + row, largest.to(DTYPE), mask=first_of_row)
    tl.store(rest + row, others.to(DTYPE), mask=first_of_row)
    tl.store(entropy + row, (log_rest + mean).to(DTYPE), mask=first_of_row)
    if spread is not None:
        tl.store(spread + row, mean.to(DTYPE), mask=first_of_row)
        index = tl.load(at_x + row[:, None] * tiles + at, mask=real, other=0)
        tl.store(peak_at + row, _of(index, at, first), mask=first_of_row)
    if labels is not None:
        label = tl.load(labels + row, mask=live, other=0)
        chosen = tl.load(x + row * v + label, mask=live, other=0.0).to(tl.float64)
        tl.store(surprise + row, (log_rest + (largest - chosen)).to(DTYPE), mask=first_of_row)
    if K > 0:
        field = n * K * tiles
        place = pairs + pair[:, None] * tiles + at
        top_b = tl.where(real, tl.load(place, mask=real, other=0.0), nothing).to(tl.float64)
        rest_b = tl.load(place + field, mask=real, other=-1.0).to(tl.float64)
        r = tl.load(place + 2 * field, mask=real, other=0.0).to(tl.float64)
        g = tl.load(place + 3 * field, mask=real, other=0.0).to(tl.float64)
        f = tl.load(place + 4 * field, mask=real, other=0.0).to(tl.float64)
        rest_a = tl.where(live[:, None], rest_a, 0.0)
        rest_b = tl.where(live[:, None], rest_b, 0.0)
        if KIND == "reverse_kl":
            high, low, shift, value = _pair(at, top_b, rest_b, top_a, rest_a, r, g, f)
        else:
            high, low, shift, value = _pair(at, top_a, rest_a, top_b, rest_b, r, g, f)
        if divergences is not None:
            if mask is not None:
                value = tl.where(tl.load(mask + pair, mask=live, other=0) != 0, value, 0.0)
            tl.store(divergences + pair, value.to(DTYPE), mask=live)
        if scalars is not None:
            top, first, others, _ = _row(top_b, rest_b, at)
            # A shift that is no rounding is folded in, lest the steps be centred off their middle.
            fold: tl.constexpr = _FOLD_64 if tl.float64 == DTYPE else _FOLD_32
            folded = tl.where(tl.abs(shift) > fold, shift, 0.0)
            part = low + folded
            sum_high = high + part
            over = part - (sum_high - high)
            rounded = sum_high.to(DTYPE)
            second = ((sum_high - rounded.to(tl.float64)) + over).to(DTYPE)
            out, field = scalars + pair, n * K
            tl.store(out, top.to(DTYPE), mask=live)
            tl.store(out + field, others.to(DTYPE), mask=live)
            tl.store(out + 2 * field, rounded, mask=live)
            tl.store(out + 3 * field, second, mask=live)
            tl.store(out + 4 * field, (shift - folded).to(DTYPE), mask=live)
            if peaks_at is not None:
                index = tl.load(at_y + pair[:, None] * tiles + at, mask=real, other=0)
                tl.store(peaks_at + pair, _of(index, at, first), mask=live)
