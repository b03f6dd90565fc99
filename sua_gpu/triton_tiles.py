"""What every Triton kernel does with a tile: R rows by BLOCK columns, in registers.

A tile's pair of rows is described as :mod:`sua_gpu.pairs` describes whole rows: by weights
``e^(x - max)``, by the log-ratio ``d = log q - log p`` and by small differences summed as they are.
Columns beyond a row, and labels with a logit of ``-inf``, have weight 0 and are never *shared*.
"""

from __future__ import annotations

import triton
import triton.language as tl

from sua_gpu.triton_math import LOG_2, excess, exp, jensen, log1p_share, log_quotient

_INFINITY = tl.constexpr(float("inf"))
_BELOW = tl.constexpr(-1e30)
"""In the place of -inf: finite beside a weight of 0, whatever the logits."""


@triton.jit
def load(pointer, offsets, inside, live, dtype: tl.constexpr):
    """Logits in the working precision, ``-inf`` outside; a row that is not ``live`` is not read."""
    values = tl.load(pointer + offsets, mask=inside & live[:, None], other=0.0).to(dtype)
    return tl.where(inside, values, -_INFINITY)


@triton.jit
def lost(a, b, difference):
    """What rounding ``a - b`` lost (Knuth's two-sum)."""
    back = difference - a
    return (a - (difference - back)) - (b + back)


@triton.jit
def weights(x, top, narrow: tl.constexpr):
    """``(e^(x - top), x - top)``, the first 0 and the second finite at impossible labels.

    ``narrow``: logits of 16 bits, whose differences single precision holds (but for bits of x below
    its rounding of top, 2^-24 |x - top|); otherwise what the subtraction lost is put back.
    """
    base = tl.where(top > -_INFINITY, top, 0.0)[:, None]
    if narrow:
        below = tl.maximum(x - base, _BELOW)
        return exp(below), below
    else:
        possible = x > -_INFINITY
        kept = tl.where(possible, x, base)
        below = kept - base
        power = exp(below)
        power += power * lost(kept, base, below)
        return tl.where(possible, power, 0.0), below


@triton.jit
def rest_of(x, top, power):
    """The row sum of the weights without one largest, left out rather than subtracted; -1 where
    the tile has no possible label."""
    ties = x == tl.where(top > -_INFINITY, top, _INFINITY)[:, None]
    return tl.sum(tl.where(ties, 0.0, power), 1) + (tl.sum(ties.to(x.dtype), 1) - 1)


@triton.jit
def step(x, y, high, low, shared, narrow: tl.constexpr):
    """``y - x - (high + low)``, exact before the last rounding; 0 where not shared."""
    a, b = tl.where(shared, x, 0.0), tl.where(shared, y, 0.0)
    plain = b - a
    if narrow:
        value = (plain - high[:, None]) - low[:, None]
    else:
        value = (plain - high[:, None]) + (lost(b, a, plain) - low[:, None])
    return tl.where(shared, value, 0.0)


@triton.jit
def centre(first_top, first, second_top, second):
    """``(r, high, low)``: the log-ratio of two rows' normalisers, ``second_top - first_top - r``
    in two parts; r = log(first / second), of sums beside each row's largest.

    A row without a possible label, which only a tile has, gives r = 0 and parts to ignore.
    """
    both = (first > 0) & (second > 0)
    r = log_quotient(tl.where(both, first, 1.0), tl.where(both, second, 1.0))
    a, b = tl.where(both, first_top, 0.0), tl.where(both, second_top, 0.0)
    apart = b - a
    high = apart - r
    return r, high, lost(b, a, apart) + lost(apart, r, high)


@triton.jit
def moments(z, first, second, ratio, shared, want_value: tl.constexpr):
    """Row sums of ``w (e^z - 1)`` and of ``w (e^z - 1 - z)``, w the weights ``first`` and
    ``w e^z = second * ratio``; every term of the second is >= 0.

    Near z = 0 from z alone, elsewhere from the weights, which neither overflow nor cancel. A label
    that one row lacks counts with z = 0 in the last term.
    """
    near = shared & (tl.abs(z) <= 1)
    small = tl.where(near, z, 0.0)
    curve = excess(small)
    apart = second * ratio[:, None] - first
    change = tl.sum(tl.where(near, first * (small + curve), apart), 1)
    if want_value:
        return change, tl.sum(tl.where(near, first * curve, apart - first * z), 1)
    else:
        return change, change


@triton.jit
def cells(p, q, d, shared, kind: tl.constexpr):
    """Cells of ``jsd`` or ``tv``: >= 0, and 0 exactly where d = 0.

    jsd: ``(p+q)/2 J(d/2)`` with ``J(u) = u tanh u - log cosh u``, which beyond |d| = 1 is
    ``max/2 ((1+e)(log 2 - log(1+e)) - |d| e)``, ``e = e^-|d|``: a function of d alone, in which
    the roundings of p and q do not meet each other. tv: ``p |e^d - 1| / 2``.
    """
    near = shared & (tl.abs(d) <= 1)
    small = tl.where(near, d, 0.0)
    if kind == "tv":
        return tl.where(near, p * tl.abs(small + excess(small)), tl.abs(q - p)) / 2
    else:
        size = tl.where(near, 1.0, tl.where(shared, tl.abs(d), 1000.0))
        e = exp(-size)
        far = tl.maximum(p, q) * ((1 + e) * (LOG_2 - log1p_share(e)) - size * e)
        return tl.where(near, (p + q) * jensen(small / 2), far) / 2
