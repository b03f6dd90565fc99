"""Input checks: what is refused, and how the refusal reads.

Nothing is renormalised, clipped or replaced. An error names the argument, the row and the value.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref.elements import Array, _each, at_most, elements, kind_of

DIVERGENCE_ROUNDING = 1e-12
"""How far above its maximum, relatively, a float64 divergence may come out: its own contract."""


def sum_tolerance(n: int, dtype: np.dtype[Any]) -> float:
    """How far from 1 a row of ``n`` probabilities of a float ``dtype`` may sum.

    Single and double: ``(n + 8) eps``. A softmax computed there errs by at most 8 half-ulps per
    entry (exponential within 2 ulps, subtraction, division) and by n - 1 half-ulps in a normaliser
    summed in any order, to first order in eps; the bound is twice that, which leaves room for the
    second order. Half: ``8 eps + n`` smallest subnormals, twice the 8 half-ulps of an entry and the
    underflow of each; its normaliser is taken to be summed in single precision.
    """
    info = np.finfo(dtype)
    if info.bits <= 16:
        return 8 * float(info.eps) + n * float(info.smallest_subnormal)
    return (n + 8) * float(info.eps)


def _place(index: Any) -> str:
    """``row 3`` or ``row (2, 3)``: the position of a row among the leading axes."""
    at = tuple(int(i) for i in index)
    return f"row {at[0] if len(at) == 1 else at if at else 0}"


def _first(bad: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])


def distribution(x: npt.ArrayLike, name: str) -> Array:
    """``x`` with probability rows along its last axis, checked.

    A float row is valid iff every entry lies in [0, 1] and its sum is within
    :func:`sum_tolerance` of 1; a Fraction row iff no entry is negative and its sum is exactly 1; a
    ball row iff every entry may be >= 0 and its sum contains 1.

    Raises:
        ValueError: naming ``name``, the first bad row and the value.
    """
    given = np.asarray(x)
    a = elements(x, name)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError(f"{name}: needs a last axis of at least one probability, got {a.shape}")
    if kind_of(a) == "float64":
        tolerance = sum_tolerance(
            a.shape[-1], given.dtype if given.dtype.kind == "f" else np.dtype(np.float64)
        )
        outside = ~((a >= 0) & (a <= 1 + tolerance))
        total = np.sum(a, axis=-1)
        wrong_sum = ~(np.abs(total - 1) <= tolerance)
        allowed = f" (allowed |sum - 1| <= {tolerance:.3g} at V = {a.shape[-1]}, {given.dtype})"
    else:
        ball = kind_of(a) == "arb"
        bad = (lambda e: bool(e < 0) or e.is_nan()) if ball else (lambda e: not 0 <= e <= 1)
        outside = np.asarray(_each(bad, a), dtype=bool)
        total = np.asarray(np.sum(a, axis=-1), dtype=object)
        wrong_sum = np.asarray(
            _each(lambda s: not (s.contains(1) if ball else s == 1), total), dtype=bool
        )
        allowed = ""
    if outside.any():
        at = _first(outside)
        raise ValueError(
            f"{name}: {_place(at[:-1])} has {a[at]} at position {at[-1]}; "
            "probabilities lie in [0, 1]"
        )
    if wrong_sum.any():
        at = _first(np.atleast_1d(wrong_sum)) if total.ndim else ()
        raise ValueError(f"{name}: {_place(at)} sums to {total[at]}, not 1{allowed}")
    return a


def perturbed_distributions(perturbed: npt.ArrayLike, p: Array, name: str = "perturbed") -> Array:
    """The outputs at K perturbed inputs, ``(..., K, V)`` beside ``p`` of ``(..., V)``."""
    shape = np.shape(perturbed)
    if len(shape) != p.ndim + 1 or shape[:-2] != p.shape[:-1] or shape[-1] != p.shape[-1]:
        wanted = (*p.shape[:-1], "K", p.shape[-1])
        raise ValueError(f"{name}: shape {shape} does not fit p; wanted {_shape(wanted)}")
    if shape[-2] == 0:
        raise ValueError(f"{name}: K = 0 perturbations; at least one is needed")
    return distribution(perturbed, name)


def _shape(dims: tuple[Any, ...]) -> str:
    return "(" + ", ".join(str(d) for d in dims) + ("," if len(dims) == 1 else "") + ")"


def same_shape(p: Array, q: Array, p_name: str = "p", q_name: str = "q") -> None:
    """Refuse two arrays of different shapes: broadcasting would hide a mistake."""
    if p.shape != q.shape:
        raise ValueError(f"{q_name}: shape {q.shape} differs from that of {p_name}, {p.shape}")


def mixture_weights(weights: npt.ArrayLike | None, shape: tuple[int, ...]) -> Array | None:
    """Weights over the K perturbations: a distribution of shape ``(K,)`` or ``(..., K)``."""
    if weights is None:
        return None
    w = distribution(weights, "weights")
    if w.shape not in (shape, shape[-1:]):
        raise ValueError(f"weights: shape {w.shape}; wanted {shape} or {shape[-1:]}")
    return w


def labels(y: npt.ArrayLike, shape: tuple[int, ...], n: int, name: str = "labels") -> Array:
    """Integer labels in ``0..n-1``, one for each row of ``shape``."""
    a = np.asarray(y)
    if a.dtype.kind not in "iu":
        raise ValueError(f"{name}: integers wanted, got dtype {a.dtype}")
    if a.shape != shape:
        raise ValueError(f"{name}: shape {a.shape} differs from that of the rows, {shape}")
    bad = (a < 0) | (a >= n)
    if bad.any():
        at = _first(np.atleast_1d(bad)) if a.ndim else ()
        raise ValueError(f"{name}: {_place(at)} is {a[at]}, not in 0..{n - 1}")
    return a


def loss_matrix(loss: npt.ArrayLike, like_p: Array, *, square: bool) -> Array:
    """A loss as ``[action, label]``; ``square`` where the actions are the labels themselves."""
    a = elements(loss, "loss")
    n = like_p.shape[-1]
    if a.ndim != 2 or a.shape[1] != n or (square and a.shape[0] != n) or a.shape[0] == 0:
        wanted = f"({n}, {n})" if square else f"(actions, {n})"
        raise ValueError(f"loss: shape {a.shape}; wanted {wanted}, rows being actions")
    if kind_of(a) == "float64":
        unbounded = ~np.isfinite(a)
    else:
        unbounded = np.asarray(_each(_is_infinite, a), dtype=bool)
    if unbounded.any():
        at = _first(unbounded)
        raise ValueError(
            f"loss: row {at[0]} has {a[at]} at label {at[1]}, an unbounded loss; "
            "finite values wanted"
        )
    return a


def _is_infinite(e: Any) -> bool:
    return not e.is_finite() if hasattr(e, "is_finite") else abs(e) == math.inf


def no_nan(a: Array, name: str) -> Array:
    """Refuse NaN, and balls that enclose nothing; the entry is named."""
    if kind_of(a) == "float64":
        missing = np.isnan(a)
    else:
        missing = np.asarray(_each(lambda e: hasattr(e, "is_nan") and e.is_nan(), a), dtype=bool)
    if missing.any():
        at = _first(np.atleast_1d(missing))
        raise ValueError(f"{name}: {_place(at)} is nan")
    return a


def within(
    a: Array, name: str, low: Any, high: Any, *, slack: float = 0.0, absolute: float = 0.0
) -> Array:
    """Refuse entries that are NaN or outside [low, high]; a ball, one that lies outside wholly.

    float64 may exceed ``high`` by ``slack`` of it and by ``absolute``: a rounding that the caller
    derives. ``high`` is a number, or an array that broadcasts.
    """
    no_nan(a, name)
    if kind_of(a) == "float64":
        outside = ~((a >= low) & (a <= high * (1 + slack) + absolute))
    else:
        outside = np.asarray(_each(lambda e, top: bool(e < low or e > top), a, high), dtype=bool)
    if outside.any():
        at = _first(np.atleast_1d(outside)) if a.ndim else ()
        top = np.broadcast_to(np.asarray(high), a.shape)[at]
        raise ValueError(f"{name}: {_place(at)} is {a[at]}, not in [{low}, {top}]")
    return a


def integer(value: Any, name: str, *, low: int) -> int:
    """An integer >= ``low``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: an integer wanted, got {type(value).__name__} {value!r}")
    if value < low:
        raise ValueError(f"{name}: {value} is below {low}")
    return int(value)


def scores(x: npt.ArrayLike, name: str = "scores") -> Array:
    """A vector of scores, infinities allowed (they rank last), NaN refused."""
    a = elements(x, name)
    if a.ndim != 1 or a.size == 0:
        raise ValueError(f"{name}: a vector of at least one entry wanted, got shape {a.shape}")
    return no_nan(a, name)


def binary(x: npt.ArrayLike, length: int, name: str) -> npt.NDArray[np.int64]:
    """A vector of 0/1 (or False/True) marks of the given length."""
    a = np.asarray(x)
    if a.shape != (length,):
        raise ValueError(f"{name}: shape {a.shape}; wanted ({length},)")
    if a.dtype.kind not in "biuf":
        raise ValueError(f"{name}: 0 or 1 wanted, got dtype {a.dtype}")
    bad = ~((a == 0) | (a == 1))
    if bad.any():
        at = _first(bad)
        raise ValueError(f"{name}: row {at[0]} is {a[at]}, neither 0 nor 1")
    return a.astype(np.int64)


def number(value: Any, name: str, *, low: float | None = None, high: float | None = None) -> Any:
    """A real scalar within [low, high], not NaN; returned unchanged. A ball must lie within."""
    ball = hasattr(value, "is_nan") and hasattr(value, "mid")
    if not ball and (isinstance(value, bool) or not isinstance(value, Real)):
        raise TypeError(f"{name}: a real number wanted, got {type(value).__name__} {value!r}")
    if value.is_nan() if ball else value != value:
        raise ValueError(f"{name}: nan")
    if low is not None and not at_most(np.asarray(low, dtype=object), np.asarray(value)):
        raise ValueError(f"{name}: {value} is below {low}")
    if high is not None and not at_most(np.asarray(value), np.asarray(high, dtype=object)):
        raise ValueError(f"{name}: {value} is above {high}")
    return value


def positive(value: Any, name: str) -> Any:
    """A finite real scalar strictly above 0."""
    number(value, name, low=0)
    if at_most(np.asarray(value), np.asarray(0, dtype=object)):
        raise ValueError(f"{name}: {value} is not above 0")
    return finite(value, name)


def finite(value: Any, name: str) -> Any:
    """A real scalar that is no infinity."""
    if _is_infinite(value):
        raise ValueError(f"{name}: {value} is not finite")
    return value


def choice(value: str, allowed: tuple[str, ...], name: str) -> str:
    """One of a closed set of words."""
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value


def binning(n_bins: int, closed: str) -> None:
    """How many equal bins of [0, 1], at least one, and on which side they are closed."""
    if not isinstance(n_bins, int):
        raise TypeError(f"n_bins: an integer wanted, got {n_bins!r}")
    number(n_bins, "n_bins", low=1)
    choice(closed, ("right", "left"), "closed")
