"""Softmax and divergence cells from logits, for the siblings in :mod:`sua_ref.from_logits`.

A probability that underflows is no zero: ``+inf`` is decided on the logits (``x > -inf`` and
``y = -inf``). The log-ratio of two softmaxes is never formed as a difference of two normalisers, so
that nearly equal rows keep their digits, and an offset of a row changes nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sua_ref.cells import xlogx
from sua_ref.elements import Array, Value, _each, elements, kind_of
from sua_ref.sec2_information import divergence_of

_NEAR = 0.5
"""|log-ratio| up to which the cells are series; beyond it at most 4 bits cancel."""
_HALF_LOG_2 = math.log(2) / 2
_EXPONENTIAL = 1.0 / np.cumprod(np.arange(2.0, 20.0))
_JENSEN_SHANNON = 1.0 / ((np.arange(24) + 1) * (2 * np.arange(24) + 1))


def as_logits(x: npt.ArrayLike, name: str) -> Array:
    """Logits as elements: floats without NaN or +inf, no row of -inf alone; or balls."""
    a = elements(x, name)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError(f"{name}: needs a last axis of at least one logit, got {a.shape}")
    if kind_of(a) == "Fraction":
        raise TypeError(f"{name}: softmax has no value in the rationals; use float64 or flint.arb")
    if kind_of(a) == "float64":
        bad = np.isnan(a) | (a == np.inf)
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            raise ValueError(f"{name}: entry {at} is {a[at]}")
        empty = np.max(a, axis=-1) == -np.inf
        if np.any(empty):
            row = tuple(int(i) for i in np.argwhere(np.atleast_1d(empty))[0])
            raise ValueError(f"{name}: row {row} is -inf throughout")
    return a


def softmax(x: Array) -> Array:
    """Softmax of balls; floats take the forms below, which never leave the logits."""
    powers = _each(lambda e: e.exp(), x)
    normalised: Array = powers / np.sum(powers, axis=-1, keepdims=True)
    return normalised


def rest(x: Array) -> tuple[Array, Array]:
    """``x - max`` and the normaliser without its largest term, ``sum e^(x - max) - 1``."""
    shifted = x - np.max(x, axis=-1, keepdims=True)
    powers = np.exp(shifted)
    np.put_along_axis(powers, np.argmax(shifted, axis=-1)[..., None], 0.0, axis=-1)
    return shifted, np.sum(powers, axis=-1)


class _Pair(NamedTuple):
    """Two softmaxes p, q with their logarithms, and ``d = log q - log p`` to full accuracy."""

    p: Array
    q: Array
    log_p: Array
    log_q: Array
    d: Array
    in_p: npt.NDArray[np.bool_]
    in_q: npt.NDArray[np.bool_]


def _difference(y: Array, x: Array, at: Array) -> Array:
    """``(y - x)`` minus its value at the index ``at``, exact before the last rounding: the rounding
    error of each difference is recovered (Knuth's two-sum), so that an offset of a row costs no
    digit."""
    s = y - x
    back = s - y
    error = (y - (s - back)) - (x + back)
    s_at, error_at = (np.take_along_axis(v, at, axis=-1) for v in (s, error))
    difference: Array = (s - s_at) + (error - error_at)
    return difference


def _pair(x: Array, y: Array) -> _Pair:
    (a, rest_a), (b, rest_b) = rest(x), rest(y)
    log_p, log_q = a - np.log1p(rest_a)[..., None], b - np.log1p(rest_b)[..., None]
    p, q = np.exp(log_p), np.exp(log_q)
    in_p, in_q = np.isfinite(x), np.isfinite(y)
    shared = in_p & in_q
    # With k the likeliest shared label, c = y_k - x_k and z = y - x - c,
    #   lse(y) - lse(x) = c + log(1 + E_p[(e^z - 1) shared] + p_k sum e^(y - y_k) - P(not q)),
    # the last two sums over the labels that only q, or only p, allows.
    at = np.argmax(np.where(shared, p, -1.0), axis=-1)[..., None]
    finite_x, finite_y = np.where(shared, x, 0.0), np.where(shared, y, 0.0)
    z = np.where(shared, _difference(finite_y, finite_x, at), 0.0)
    y_k, p_k = np.take_along_axis(y, at, axis=-1), np.take_along_axis(p, at, axis=-1)
    any_shared = np.any(shared, axis=-1, keepdims=True)
    with np.errstate(over="ignore", invalid="ignore"):
        above = np.where(in_q & ~in_p, y, -np.inf) - np.where(any_shared, y_k, 0.0)
        excess = np.sum(p * np.expm1(z), axis=-1, keepdims=True)
        excess = excess + p_k * np.sum(np.exp(above), axis=-1, keepdims=True)
        excess = excess - np.sum(np.where(in_p & ~in_q, p, 0.0), axis=-1, keepdims=True)
        gap = np.where(shared, log_q - log_p, 0.0)
    accurate = any_shared & np.isfinite(excess) & (excess > -0.5)
    close = z - np.log1p(np.where(accurate, excess, 0.0))
    return _Pair(p, q, log_p, log_q, np.where(accurate, close, gap), in_p, in_q)


def _one_sided(r: _Pair, cell: Array, only_p: Any, only_q: Any) -> Array:
    """``cell`` where both allow the label, else the value of a cell that one of them lacks."""
    alone = np.where(r.in_p, only_p, np.where(r.in_q, only_q, 0.0))
    return np.where(r.in_p & r.in_q, cell, alone)


def _float_kl(r: _Pair) -> Array:
    """Cells ``p (e^d - 1 - d)``: q where x = -inf, +inf where y = -inf < x."""
    near = np.abs(r.d) <= _NEAR
    d = np.where(near, r.d, 0.0)
    series = np.zeros_like(d)
    for c in _EXPONENTIAL[::-1]:
        series = series * d + c
    far = (r.q - r.p) - r.p * np.where(near, 0.0, r.d)
    return _one_sided(r, np.where(near, r.p * d * d * series, far), np.inf, r.q)


def _float_jensen_shannon(r: _Pair) -> Array:
    near = np.abs(r.d) <= _NEAR
    w = np.tanh(np.where(near, r.d, 0.0) / 2)
    series = np.zeros_like(w)
    for c in _JENSEN_SHANNON[::-1]:
        series = series * w * w + c
    s = np.where(r.p + r.q > 0, r.p + r.q, 1.0)
    far = xlogx(2 * (r.q / s)) + xlogx(2 * (r.p / s))
    cell = (r.p + r.q) / 4 * np.where(near, w * w * series, far)
    return _one_sided(r, cell, r.p * _HALF_LOG_2, r.q * _HALF_LOG_2)


def _float_total_variation(r: _Pair) -> Array:
    near = np.abs(r.d) <= _NEAR
    difference = np.where(near, r.p * np.expm1(np.where(near, r.d, 0.0)), r.q - r.p)
    return _one_sided(r, np.abs(difference) / 2, r.p / 2, r.q / 2)


def _float_chi2(r: _Pair) -> Array:
    near = np.abs(r.d) <= _NEAR
    close = r.q * np.expm1(np.where(near, -r.d, 0.0)) ** 2
    with np.errstate(over="ignore"):
        power = np.exp(np.where(r.in_p, r.log_p, 0.0) - np.where(near, 0.0, r.d))
    return _one_sided(r, np.where(near, close, power - 2 * r.p + r.q), np.inf, r.q)


def _float_squared_hellinger(r: _Pair) -> Array:
    near = np.abs(r.d) <= _NEAR
    close = r.p * np.expm1(np.where(near, r.d, 0.0) / 2) ** 2
    far = (np.exp(r.log_p / 2) - np.exp(r.log_q / 2)) ** 2
    return _one_sided(r, np.where(near, close, far) / 2, r.p / 2, r.q / 2)


_CELLS = {
    "kl": _float_kl,
    "jsd": _float_jensen_shannon,
    "tv": _float_total_variation,
    "chi2": _float_chi2,
    "hellinger2": _float_squared_hellinger,
}


def logit_divergence(x: Array, y: Array, kind: str) -> Value:
    """The divergence ``kind`` of two softmaxes, row by row."""
    if kind_of(x) != kind_of(y):
        raise TypeError(f"one number type per call: {kind_of(x)} and {kind_of(y)}")
    if kind == "reverse_kl":
        x, y, kind = y, x, "kl"
    if kind_of(x) == "arb":
        return divergence_of(softmax(x), softmax(y), kind)
    return np.sum(_CELLS[kind](_pair(x, y)), axis=-1)
