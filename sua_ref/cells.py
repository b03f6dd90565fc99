"""The cells of entropy and divergence: what one label contributes, for each number type.

Every divergence here is a sum of cells that are each >= 0 and free of cancellation, so that in
float64 a divergence is never negative, exactly 0 at p = q, and keeps its digits when p and q are
nearly equal. The textbook sums have none of the three properties. Where both rows sum to 1 exactly
the two agree; where they do not, the cell form is the value meant, in every number type.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sua_ref.elements import Array, _each, _needs_logarithm, kind_of

SERIES_RADIUS = 0.2
"""|d| up to which the series below are used: they then need 12 terms for 1e-17, while beyond it the
direct forms lose at most a factor 10 to cancellation."""
_TERMS = np.arange(12)
_ATANH = 1.0 / (2 * _TERMS + 3)
_JENSEN_SHANNON = 1.0 / ((_TERMS + 1) * (2 * _TERMS + 1))


def _series(coefficients: Array, x: Array) -> Array:
    total = np.zeros_like(x)
    for c in coefficients[::-1]:
        total = total * x + c
    return total


def log(a: Array) -> Array:
    """Natural logarithm; ``log 0 = -inf`` in float64, an unbounded ball on a ball that holds 0."""
    if kind_of(a) == "Fraction":
        raise _needs_logarithm("a logarithm")
    if kind_of(a) == "arb":
        return _each(lambda e: type(e).neg_inf() if e.is_zero() else e.log(), a)
    with np.errstate(divide="ignore"):
        return np.log(a)


def square_root(a: Array) -> Array:
    """Square root of entries >= 0; a ball that reaches below 0 is cut there first."""
    if kind_of(a) == "Fraction":
        raise _needs_logarithm("a square root")
    if kind_of(a) == "arb":
        return _each(lambda e: e.nonnegative_part().sqrt(), a)
    return np.sqrt(a)


def _ball_xlogx(u: Any) -> Any:
    """On a ball that touches 0: the hull of u log u over [0, upper], whose least value is -1/e."""
    if u.is_zero():
        return u
    if u > 0:
        return u * u.log()
    zero, upper = u * 0, u.upper()
    if not upper > 0:
        return zero
    hull = zero.union(upper * upper.log())
    least = type(u)(-1).exp()
    return hull if upper < least else hull.union(-least)


def xlogx(u: Array) -> Array:
    """``u log u`` with ``0 log 0 = 0``. Needs a logarithm: float64 or balls."""
    if kind_of(u) == "Fraction":
        raise _needs_logarithm("u log u")
    if kind_of(u) == "arb":
        return _each(_ball_xlogx, u)
    positive = u > 0
    return np.where(positive, u * np.log(np.where(positive, u, 1.0)), 0.0)


def _float_log_ratio(p: Array, q: Array) -> Array:
    """``log(p / q)`` for p, q > 0, by the quotient unless it leaves the normal range."""
    with np.errstate(over="ignore", under="ignore"):
        ratio = p / q
    tame = (ratio > 1e-290) & (ratio < 1e290)
    return np.where(tame, np.log(np.where(tame, ratio, 1.0)), np.log(p) - np.log(q))


def _float_relative_entropy(p: Array, q: Array) -> Array:
    both = (p > 0) & (q > 0)
    a, b = np.where(both, p, 1.0), np.where(both, q, 1.0)
    # With r = (b-a)/(a+b) the cell is a(u - 1 - log u), u = b/a, and log u = 2 atanh r, so that it
    # equals (b-a) r - 2a (r^3/3 + r^5/5 + ...): b-a is exact there, and nothing cancels.
    r = (b - a) / (a + b)
    near = (b - a) * r - 2 * a * r**3 * _series(_ATANH, r * r)
    far = (b - a) + a * _float_log_ratio(a, b)
    cell = np.where(np.abs(r) <= SERIES_RADIUS, near, far)
    return np.where(both, cell, np.where(p > 0, np.inf, q))


def _ball_relative_entropy(p: Any, q: Any) -> Any:
    if p.is_zero():
        return q
    if q.is_zero():
        return type(p).pos_inf() if p > 0 else type(p).nan()
    if p == q:  # both exact, and the same number
        return p * 0
    cell = _ball_xlogx(p) - p * q.log() + (q - p)
    return cell.nonnegative_part() if cell.is_finite() else cell


def relative_entropy_term(p: Array, q: Array) -> Array:
    """``p log(p/q) - p + q`` >= 0: ``q`` where p = 0, ``+inf`` where p > 0 = q, 0 where p = q."""
    if kind_of(p) == "Fraction":
        raise _needs_logarithm("relative entropy")
    if kind_of(p) == "arb":
        return _each(_ball_relative_entropy, p, q)
    return _float_relative_entropy(p, q)


def _float_jensen_shannon(p: Array, q: Array) -> Array:
    total = p + q
    present = total > 0
    s = np.where(present, total, 1.0)
    d = (q - p) / s
    # (s/4) ((1+d) log(1+d) + (1-d) log(1-d)), whose series is d^2 + d^4/6 + d^6/15 + ...
    near = d * d * _series(_JENSEN_SHANNON, d * d)
    far = xlogx(2 * (q / s)) + xlogx(2 * (p / s))
    return np.where(present, s / 4 * np.where(np.abs(d) <= SERIES_RADIUS, near, far), 0.0)


def _ball_jensen_shannon(p: Any, q: Any) -> Any:
    if p == q:
        return p * 0
    cell = (_ball_xlogx(p) + _ball_xlogx(q)) / 2 - _ball_xlogx((p + q) / 2)
    return cell.nonnegative_part()


def jensen_shannon_term(p: Array, q: Array) -> Array:
    """``(p log p + q log q)/2 - m log m`` with m = (p+q)/2: >= 0, and 0 where p = q."""
    if kind_of(p) == "Fraction":
        raise _needs_logarithm("Jensen-Shannon divergence")
    if kind_of(p) == "arb":
        return _each(_ball_jensen_shannon, p, q)
    return _float_jensen_shannon(p, q)


def _ball_squared_hellinger(p: Any, q: Any) -> Any:
    if p == q:
        return p * 0
    gap = p.nonnegative_part().sqrt() - q.nonnegative_part().sqrt()
    # A power of a ball that holds 0 is indeterminate; a product is not.
    return gap * gap / 2


def squared_hellinger_term(p: Array, q: Array) -> Array:
    """``(sqrt p - sqrt q)^2 / 2``, computed without subtracting the roots."""
    if kind_of(p) == "arb":
        return _each(_ball_squared_hellinger, p, q)
    roots = square_root(p) + square_root(q)
    present = roots > 0
    quotient = (p - q) / np.where(present, roots, 1.0)
    return np.where(present, quotient * quotient / 2, 0.0)


def _float_chi2(p: Array, q: Array) -> Array:
    absent = q == 0
    b = np.where(absent, 1.0, q)
    step = np.abs(p - q)
    with np.errstate(over="ignore", divide="ignore"):
        cell = step * (step / b)
        # The quotient may overflow where the cell does not.
        cell = np.where(np.isinf(cell), np.exp(2 * np.log(step) - np.log(b)), cell)
    return np.where(absent, np.where(p > 0, np.inf, 0.0), cell)


def _exact_chi2(p: Any, q: Any) -> Any:
    if q != 0:
        return (p - q) * (p - q) / q
    return p if p == 0 else math.inf


def _ball_chi2(p: Any, q: Any) -> Any:
    if not q.is_zero():
        return (p - q) * (p - q) / q
    if p.is_zero():
        return p
    return type(p).pos_inf() if p > 0 else type(p).nan()


def chi2_term(p: Array, q: Array) -> Array:
    """``(p - q)^2 / q``: 0 where p = q = 0, ``+inf`` where p > 0 = q.

    The rationals have no infinity: among Fractions it is ``math.inf``, the one exception.
    """
    if kind_of(p) == "float64":
        return _float_chi2(p, q)
    return _each(_ball_chi2 if kind_of(p) == "arb" else _exact_chi2, p, q)


def _ball_surprise(p: Any, others: Any) -> Any:
    return p if p.is_zero() else p * (p + others).log() - _ball_xlogx(p)


def surprise_term(p: Array, others: Array) -> Array:
    """``p log((p + others)/p)`` with p, others >= 0, and 0 where p = 0: one cell of H(B | A)."""
    if kind_of(p) == "Fraction":
        raise _needs_logarithm("conditional entropy")
    if kind_of(p) == "arb":
        return _each(_ball_surprise, p, others)
    a = np.where(p > 0, p, 1.0)
    small = np.log1p(np.where(others <= a, others, 0.0) / a)
    return np.where(p > 0, p * np.where(others <= a, small, _float_log_ratio(a + others, a)), 0.0)
