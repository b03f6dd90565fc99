"""Section 2.1: entropy, divergences, mutual information. Units: nats.

The conventions at the boundary (``0 log 0``, ``p > 0 = q``, balls that touch 0) are those of
:mod:`sua_ref.cells`. Divergences always take ``(p, q)`` in that order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import (
    chi2_term,
    jensen_shannon_term,
    relative_entropy_term,
    squared_hellinger_term,
    surprise_term,
    xlogx,
)
from sua_ref.elements import Array, Value, is_zero, kind_of, like, same_kind, select

DIVERGENCES = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
"""The names that ``divergence`` and ``kind`` accept."""


def entropy(p: npt.ArrayLike) -> Value:
    """Shannon entropy ``H(p) = -sum p log p`` (section 2.1).

    Args:
        p: ``(..., V)`` probabilities: float64, or balls.

    Returns:
        ``(...)`` nats, in [0, log V] up to the rounding of the row's sum; 0 exactly for a one-hot
        row, and at V = 1.

    Raises:
        ValueError: a row is no probability vector; argument, row and value are named.
        TypeError: Fractions (a logarithm is needed: use float64 or flint.arb).

    >>> entropy([1.0, 0.0])
    np.float64(0.0)
    >>> round(float(entropy([0.5, 0.5])), 6)     # log 2
    0.693147
    """
    return entropy_of(checks.distribution(p, "p"))


def entropy_of(p: Array) -> Value:
    """Entropy of rows that have been checked."""
    return np.sum(-xlogx(p), axis=-1) + 0


def divergence_of(p: Array, q: Array, kind: str) -> Value:
    """The divergence ``kind`` of rows that have been checked."""
    if kind == "reverse_kl":
        p, q, kind = q, p, "kl"
    with np.errstate(over="ignore"):  # a chi-squared beyond the largest float is infinite
        return np.sum(_CELLS[kind](p, q), axis=-1)


def _half_distance(p: Array, q: Array) -> Array:
    cell: Array = abs(p - q) / 2
    return cell


_CELLS: dict[str, Callable[[Array, Array], Array]] = {
    "kl": relative_entropy_term,
    "jsd": jensen_shannon_term,
    "tv": _half_distance,
    "chi2": chi2_term,
    "hellinger2": squared_hellinger_term,
}


def _pair(p: npt.ArrayLike, q: npt.ArrayLike) -> tuple[Array, Array]:
    a, b = checks.distribution(p, "p"), checks.distribution(q, "q")
    same_kind(p=a, q=b)
    checks.same_shape(a, b)
    return a, b


def kl_divergence(p: npt.ArrayLike, q: npt.ArrayLike) -> Value:
    """Kullback-Leibler divergence ``KL(p || q) = sum p log(p/q)`` (section 2.1).

    Computed as ``sum (p log(p/q) - p + q)``, whose cells are >= 0.

    Args:
        p, q: ``(..., V)`` probabilities of one shape: float64, or balls.

    Returns:
        ``(...)`` nats, in [0, inf]; ``inf`` where p > 0 = q; exactly 0 at p = q.

    Raises:
        ValueError: a row is no probability vector, or the shapes differ.
        TypeError: Fractions, or two number types.

    >>> float(kl_divergence([1.0, 0.0], [0.0, 1.0]))
    inf
    >>> round(float(kl_divergence([1.0, 0.0], [0.5, 0.5])), 6)     # log 2
    0.693147
    """
    return divergence_of(*_pair(p, q), "kl")


def jensen_shannon_divergence(p: npt.ArrayLike, q: npt.ArrayLike) -> Value:
    """Jensen-Shannon divergence ``H(m) - (H(p) + H(q))/2``, m = (p+q)/2 (section 2.1).

    The divergence, not its square root.

    Args:
        p, q: ``(..., V)`` probabilities of one shape: float64, or balls.

    Returns:
        ``(...)`` nats, in [0, log 2]; exactly 0 at p = q; symmetric.

    Raises:
        ValueError, TypeError: as :func:`kl_divergence`.

    >>> round(float(jensen_shannon_divergence([1.0, 0.0], [0.0, 1.0])), 6)     # log 2
    0.693147
    """
    return divergence_of(*_pair(p, q), "jsd")


def total_variation(p: npt.ArrayLike, q: npt.ArrayLike) -> Value:
    """Total variation ``TV(p, q) = (1/2) sum |p - q|`` (section 2.1).

    Args:
        p, q: ``(..., V)`` probabilities of one shape: float64, Fractions or balls.

    Returns:
        ``(...)`` in [0, 1].

    Raises:
        ValueError: a row is no probability vector, or the shapes differ.
        TypeError: two number types.

    >>> from fractions import Fraction as F
    >>> total_variation([F(1, 2), F(1, 2)], [F(1, 3), F(2, 3)])
    Fraction(1, 6)
    """
    return divergence_of(*_pair(p, q), "tv")


def chi2_divergence(p: npt.ArrayLike, q: npt.ArrayLike) -> Value:
    """Chi-squared divergence ``sum (p - q)^2 / q`` (Assumption 1 speaks of all f-divergences).

    Args:
        p, q: ``(..., V)`` probabilities of one shape: float64, Fractions or balls.

    Returns:
        ``(...)`` in [0, inf]; ``inf`` where p > 0 = q (``math.inf`` among Fractions).

    Raises:
        ValueError, TypeError: as :func:`total_variation`.

    >>> float(chi2_divergence([1.0, 0.0], [0.5, 0.5]))
    1.0
    """
    return divergence_of(*_pair(p, q), "chi2")


def squared_hellinger(p: npt.ArrayLike, q: npt.ArrayLike) -> Value:
    """Squared Hellinger distance ``1 - sum sqrt(p q) = (1/2) sum (sqrt p - sqrt q)^2``.

    Args:
        p, q: ``(..., V)`` probabilities of one shape: float64, or balls.

    Returns:
        ``(...)`` in [0, 1]; exactly 0 at p = q.

    Raises:
        ValueError, TypeError: as :func:`kl_divergence`.

    >>> float(squared_hellinger([1.0, 0.0], [0.0, 1.0]))
    1.0
    """
    return divergence_of(*_pair(p, q), "hellinger2")


def f_divergence(p: npt.ArrayLike, q: npt.ArrayLike, f: Callable[[Array], Array]) -> Value:
    """The general f-divergence ``sum q f(p/q)``, f convex with f(1) = 0 (section 2.1).

    Args:
        p, q: ``(..., V)`` probabilities of one shape.
        f: the generator, on arrays of ratios >= 0. Where q = 0 < p the cell is
            ``p * f.slope_at_infinity`` (the limit of f(t)/t), which only the caller knows: set it
            as an attribute of ``f``.

    Returns:
        ``(...)``; a cell with p = q = 0 counts 0.

    Raises:
        ValueError: also where q = 0 < p and ``f`` carries no ``slope_at_infinity``, and where p/q
            is beyond float64.

    >>> float(f_divergence([1.0, 0.0], [0.5, 0.5], lambda t: abs(t - 1) / 2))     # TV
    0.5
    """
    a, b = _pair(p, q)
    outside, absent = is_zero(b) & ~is_zero(a), is_zero(b)
    slope = getattr(f, "slope_at_infinity", None)
    if outside.any() and slope is None:
        at = tuple(int(i) for i in np.argwhere(outside)[0])
        raise ValueError(
            f"q: entry {at} is 0 where p is {a[at]}; give f the attribute slope_at_infinity"
        )
    with np.errstate(over="ignore"):
        # Where q = 0 the generator sees a ratio of 1: it may be infinite at 0.
        ratio = select(absent, like(1, a), a) / select(absent, like(1, b), b)
    infinite = np.isinf(ratio) if kind_of(ratio) == "float64" else absent & ~absent
    if infinite.any():
        at = tuple(int(i) for i in np.argwhere(infinite)[0])
        raise ValueError(f"q: entry {at} is {b[at]} where p is {a[at]}; p/q overflows")
    cell = b * f(ratio)
    # An infinite slope times 0 has no value, nor is it asked for.
    beyond = a * select(outside, like(0 if slope is None else slope, a), like(0, a))
    return np.sum(select(absent, beyond, cell), axis=-1)


def divergence(p: npt.ArrayLike, q: npt.ArrayLike, *, kind: str) -> Value:
    """The divergence named ``kind`` of :data:`DIVERGENCES`, with arguments ``(reference,
    perturbed)``; ``"reverse_kl"`` is ``KL(q || p)``.

    Raises:
        ValueError: ``kind`` is unknown, or as the function of that name.

    >>> float(divergence([1.0, 0.0], [0.25, 0.75], kind="tv"))
    0.75
    """
    return divergence_of(*_pair(p, q), checks.choice(kind, DIVERGENCES, "kind"))


def _joint(joint: npt.ArrayLike) -> Array:
    shape = np.shape(joint)
    if len(shape) < 2:
        raise ValueError(f"joint: shape {shape}; wanted (..., A, B)")
    flat = checks.distribution(
        np.asarray(joint).reshape(*shape[:-2], shape[-2] * shape[-1]), "joint"
    )
    return flat.reshape(shape)


def mutual_information(joint: npt.ArrayLike) -> Value:
    """``I(A; B) = KL(joint || product of its marginals)`` (section 2.1).

    In float64 it is ``E_a KL(p(b|a) || p(b))``, the same number. The quotients are rounded, so that
    near independence, where the joint table is within t of the product, the relative error grows
    to about eps/t; balls have no such limit.

    Args:
        joint: ``(..., A, B)`` joint probabilities: float64, or balls.

    Returns:
        ``(...)`` nats, in [0, min(log A, log B)].

    Raises:
        ValueError: a table does not sum to 1 or has an entry outside [0, 1].

    >>> round(float(mutual_information([[0.5, 0.0], [0.0, 0.5]])), 6)     # log 2
    0.693147
    """
    j = _joint(joint)
    a, b = np.sum(j, axis=-1, keepdims=True), np.sum(j, axis=-2, keepdims=True)
    if kind_of(j) != "float64":
        return np.sum(relative_entropy_term(j, a * b), axis=(-2, -1))
    # The product of two tiny marginals may underflow to 0 where a label is possible; p(b|a) cannot.
    given_a = j / select(is_zero(a), 1.0, a)
    return np.sum(a * relative_entropy_term(given_a, np.broadcast_to(b, j.shape)), axis=(-2, -1))


def conditional_entropy(joint: npt.ArrayLike) -> Value:
    """``H(B | A) = -sum p(a,b) log p(b|a)`` (section 2.1).

    Args:
        joint: ``(..., A, B)`` joint probabilities: float64, or balls.

    Returns:
        ``(...)`` nats, in [0, log B]; a row a of probability 0 counts 0.

    Raises:
        ValueError: as :func:`mutual_information`.

    >>> round(float(conditional_entropy([[0.25, 0.25], [0.5, 0.0]])), 6)     # (log 2)/2
    0.346574
    """
    return conditional_entropy_of(_joint(joint))


def conditional_entropy_of(j: Array) -> Value:
    """``H(B | A)`` of joint tables that have been checked."""
    others = np.matmul(j, 1 - np.eye(j.shape[-1], dtype=int))
    return np.sum(surprise_term(j, others), axis=(-2, -1))
