"""Section 4.5, label smoothing towards any law: by how much it contracts a divergence."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import square_root
from sua_ref.elements import Array, Value, _unwrap, is_zero, kind_of, like, maximum, smallest


def smoothing_factor_for(u: npt.ArrayLike, alpha: Any) -> Value:
    """Result n_19: the sharp factor of ``q -> alpha q + (1 - alpha) u`` for any fixed law u.

    Mixing multiplies KL and chi-squared, in either order, JSD and squared Hellinger by at most
    ``alpha^2 (alpha + a + b) / (alpha^2 + (sqrt(a (alpha + b)) + sqrt(b (alpha + a)))^2)``, where
    ``a <= b`` are the two least entries of ``(1 - alpha) u``; by no smaller factor, which
    chi-squared attains where a > 0. Total variation shrinks by exactly alpha. For the uniform law
    this is :func:`sua_ref.smoothing_factor`; a law with an entry 0 contracts no better than alpha
    does.

    The contraction coefficient of such a channel is attained by two labels (Ordentlich and
    Polyanskiy 2020, arXiv 2010.01987); claim n_19 proves the closed form.

    Args:
        u: ``(..., V)`` the law that is mixed in: float64, Fractions or balls.
        alpha: the weight kept, a number in [0, 1].

    Returns:
        ``(...)`` in [0, alpha], of the element type of ``u``. At V = 1 no two outputs differ.

    Raises:
        ValueError: a row is no probability vector, or ``alpha`` lies outside [0, 1].
        TypeError: Fractions whose two least entries differ and are not 0 (a square root is needed).

    >>> round(float(smoothing_factor_for([1 / 7, 2 / 7, 4 / 7], 0.5)), 6)     # 5/14
    0.357143
    >>> float(smoothing_factor_for([0.5, 0.5], 0.5)), float(smoothing_factor_for([0.0, 1.0], 0.5))
    (0.25, 0.5)
    """
    law = checks.distribution(u, "u")
    kept = like(checks.number(alpha, "alpha", low=0, high=1), law)
    least, second = _two_least(law)
    if is_zero(np.asarray(kept)).all():
        return _unwrap(0 * least)
    a, b = np.asarray((1 - kept) * least), np.asarray((1 - kept) * second)
    roots = a * (kept + b) + b * (kept + a) + 2 * _product_of_roots(a, b, kept)
    return _unwrap(np.asarray(kept * kept * (kept + a + b) / (kept * kept + roots)))


def _product_of_roots(a: Array, b: Array, kept: Any) -> Array:
    """``sqrt(a (kept + b)) sqrt(b (kept + a))``; rational where a = b or a = 0."""
    if kind_of(a) == "Fraction" and is_zero(np.asarray(a * (b - a))).all():
        return np.asarray(a * (kept + a))
    return square_root(np.asarray(a * (kept + b) * b * (kept + a)))


def _two_least(law: Array) -> tuple[Array, Array]:
    """The least and the second least entry of each row; the same one twice at V = 1."""
    if law.shape[-1] == 1:
        return law[..., 0], law[..., 0]
    if kind_of(law) == "float64":
        pair = np.partition(law, 1, axis=-1)
        return pair[..., 0], pair[..., 1]
    # Minima and maxima of balls enclose; an order of balls may be undecided.
    least, second = smallest(law[..., :2]), maximum(law[..., 0], law[..., 1])
    for i in range(2, law.shape[-1]):
        here = law[..., i]
        beaten = np.asarray(maximum(np.asarray(least), here))
        second = smallest(np.stack([np.asarray(second), beaten]), axis=0)
        least = smallest(np.stack([np.asarray(least), here]), axis=0)
    return np.asarray(least), np.asarray(second)
