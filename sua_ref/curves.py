"""The increasing curves that section 4 inverts, forwards: float64 without cancellation, and balls.

* ``jsd_of(v)``: the least Jensen-Shannon divergence of two laws at total variation v.
* ``kl_of(t)`` and ``tv_of(t)``: the same curve for KL, given by a parameter t >= 0.
* ``entropy_above(r, k)``: entropy above log k of k atoms (1 - r)/k and one atom r.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sua_ref.cells import _ball_xlogx, relative_entropy_term, xlogx
from sua_ref.elements import Array, _each, kind_of


def _ball_jsd(x: Any) -> Any:
    if x < 0.5:
        return x * x.atanh() + (-x * x).log1p() / 2
    return (_ball_xlogx(1 + x) + _ball_xlogx(1 - x)) / 2


def jsd_of(v: Array) -> Array:
    """``log 2 - h((1+v)/2)``, v in [0, 1]; below 1/2 as ``v atanh v + log(1 - v^2)/2``.

    There the two terms are v^2 and -v^2/2 to first order, where the entropies would cancel to
    nothing.
    """
    if kind_of(v) == "arb":
        return _each(_ball_jsd, v)
    small = np.where(v < 0.5, v, 0.0)
    near = small * np.arctanh(small) + np.log1p(-small * small) / 2
    return np.where(v < 0.5, near, (xlogx(1 + v) + xlogx(1 - v)) / 2)


def _below_1(t: Any, depth: int, last: Any, remainder: Any) -> tuple[Any, Any]:
    """``L = coth t - 1/t`` and ``sinh t / t - 1`` for t < 1, from positive terms alone.

    L is Lambert's continued fraction ``t/(3 + t^2/(5 + t^2/(7 + ...)))``, whose denominator after
    ``depth`` levels is ``last``; the other is a power series, whose terms from there on are
    ``remainder`` times the one before.
    """
    rest, series = last, remainder
    for m in range(depth, 0, -1):
        rest = (2 * m + 1) + t * t / rest
        series = t * t / (2 * m * (2 * m + 1)) * (1 + series)
    return t / rest, series


def _float_below_1(t: Array) -> tuple[Array, Array]:
    """To 1e-17 of the values."""
    return _below_1(t, 12, np.full_like(t, 27.0), np.zeros_like(t))


def _ball_below_1(x: Any) -> tuple[Any, Any]:
    """Rigorous, to about 400 bits: what 40 levels leave out lies between 0 and its first bound."""
    zero, square = 0 * x, x * x
    return _below_1(x, 40, 83 + zero.union(square / 85), zero.union(square / (41 * 83)))


def _ball_kl(x: Any) -> Any:
    if x < 1:
        slope, series = _ball_below_1(x)
        return x * x * (1 - slope * slope) - x * slope - series.log1p()
    shrink = x / x.sinh()
    return shrink.log() + x * x.coth() - shrink * shrink


def kl_of(t: Array) -> Array:
    """``log(t/sinh t) + t coth t - t^2/sinh^2 t``, t > 0 (t >= 0 in float64).

    With L = coth t - 1/t it equals ``t^2 (1 - L^2) - t L - log(sinh t/t)``, three terms of the size
    of the answer for small t; the printed terms are of size 1 there, and their sum is t^2/2.
    """
    if kind_of(t) == "arb":
        return _each(_ball_kl, t)
    low, high = np.where(t < 1, t, 0.0), np.where(t < 1, 1.0, t)
    slope, series = _float_below_1(low)
    near = low * low * (1 - slope * slope) - low * slope - np.log1p(series)
    decay = np.exp(-2 * high)
    # coth t - 1 and 1/sinh^2 t, of decay = e^-2t; the product with t^2 may not overflow first.
    beyond, inverse_square = 2 * decay / (1 - decay), 4 * decay / (1 - decay) ** 2
    tail = high * beyond - high * (high * inverse_square)
    return np.where(t < 1, near, np.log(2 * high) - np.log1p(-decay) + tail)


def _ball_tv(x: Any) -> Any:
    if x < 1:
        slope, _ = _ball_below_1(x)
        return x * (1 - slope * slope) / 2
    beyond = 2 / (2 * x).expm1()
    return (1 - x * beyond) * (2 + beyond - 1 / x) / 2


def tv_of(t: Array) -> Array:
    """``(t/2)(1 - (coth t - 1/t)^2)``; from 1 on as ``(1 - t q)(2 + q - 1/t)/2``
    with q = coth t - 1."""
    if kind_of(t) == "arb":
        return _each(_ball_tv, t)
    low, high = np.where(t < 1, t, 0.0), np.where(t < 1, 1.0, t)
    slope, _ = _float_below_1(low)
    decay = np.exp(-2 * high)
    beyond = 2 * decay / (1 - decay)
    far = (1 - high * beyond) * (2 + beyond - 1 / high) / 2
    return np.where(t < 1, low * (1 - slope * slope) / 2, far)


def entropy_above(r: Array, log_k: Any) -> Array:
    """``h(r) - r log k``: what an atom r beside k equal ones adds to log k; positive terms only."""
    if kind_of(r) == "arb":
        return _each(lambda x: -_ball_xlogx(x) - (1 - x) * (-x).log1p() - x * log_k, r)
    positive = np.where(r > 0, r, 1.0)
    surprise = np.where(r > 0, -r * (np.log(positive) + log_k), 0.0)
    return np.asarray(surprise - (1 - r) * np.log1p(-r))


def entropy_missing(r: Array, share: Array, rest: Array) -> Array:
    """``KL((r, 1-r), (share, rest))``: what the same atom lacks to ``log(k+1)``, where
    ``share = 1/(k+1)`` and ``rest = k/(k+1)``, each rounded once."""
    return relative_entropy_term(r, share) + relative_entropy_term(1 - r, rest)
