"""Section 2.3: confidence, calibration error, temperature scaling."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import log, relative_entropy_term
from sua_ref.elements import Array, Value, bin_index, elements, kind_of, largest, lift, like
from sua_ref.results import Temperature
from sua_ref.sec2_information import entropy_of

MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-6, 1e6
"""The search interval of :func:`temperature_scale`."""


def max_confidence(p: npt.ArrayLike) -> Value:
    """The confidence ``max_y p(y)`` (section 2.3).

    Args:
        p: ``(..., V)`` probabilities: float64, Fractions or balls.

    Returns:
        ``(...)`` in [1/V, 1].

    Raises:
        ValueError: a row is no probability vector.

    >>> float(max_confidence([0.25, 0.75]))
    0.75
    """
    return largest(checks.distribution(p, "p"))


def entropy_confidence(p: npt.ArrayLike) -> Value:
    """The paper's ``Conf = 1 - H(p)/log V`` (section 2.3).

    In [0, 1] up to rounding, but no calibrated confidence. Below 1/2 it is computed as
    ``KL(p || uniform)/log V``, whose digits outlast the subtraction near uniform.

    Args:
        p: ``(..., V)`` probabilities with V >= 2: float64, or balls.

    Returns:
        ``(...)`` in [0, 1]; 0 at uniform, 1 at one-hot.

    Raises:
        ValueError: V = 1, where the formula reads 0/0; or a row is no probability vector.

    >>> round(float(entropy_confidence([0.75, 0.25])), 3)
    0.189
    """
    a = checks.distribution(p, "p")
    n = a.shape[-1]
    if n == 1:
        raise ValueError("p: V = 1, where 1 - H/log V reads 0/0")
    most = log(np.asarray(like(n, a)))[()]
    plain = 1 - entropy_of(a) / most
    if kind_of(a) != "float64":
        return plain
    near_uniform = np.sum(relative_entropy_term(a, np.full_like(a, 1 / n)), axis=-1) / most
    return np.where(plain < 0.5, near_uniform, plain)[()]


def expected_calibration_error(
    confidence: npt.ArrayLike, correct: npt.ArrayLike, *, n_bins: int = 15, closed: str = "right"
) -> Value:
    """Expected calibration error ``sum_b (|B_b|/N) |acc(b) - conf(b)|`` (section 2.3).

    The paper names no side on which a bin is closed; the default is that of Guo et al. (2017). The
    edges k/n are compared exactly: the float 0.2 lies above 1/5.

    Args:
        confidence: ``(N,)`` in [0, 1].
        correct: ``(N,)`` of 0/1.
        n_bins: number of equal bins, >= 1.
        closed: ``"right"`` for ``(lo, hi]`` with 0 in the first bin, ``"left"`` for ``[lo, hi)``
            with 1 in the last.

    Returns:
        A number in [0, 1], of the element type of ``confidence``.

    Raises:
        ValueError: no rows, a confidence outside [0, 1], a mark that is neither 0 nor 1, or
            ``n_bins`` below 1. The row is named.
        Undecided: a ball lies across a bin edge.

    >>> float(expected_calibration_error([0.5, 0.75], [1, 0], n_bins=2))
    0.625
    >>> float(expected_calibration_error([0.5, 0.75], [1, 0], n_bins=2, closed="left"))
    0.125
    """
    c = checks.scores(confidence, "confidence")
    marks = checks.binary(correct, len(c), "correct")
    checks.binning(n_bins, closed)
    checks.within(c, "confidence", 0, 1)
    bins = bin_index(c, n_bins, closed)
    gap = lift(marks, c) - c
    total = like(0, c)
    for b in np.unique(bins):
        total = total + abs(np.sum(gap[bins == b]))
    return total / len(c)


def _slope(logits: Array, chosen: Array, inverse: float) -> float:
    """Derivative of the mean NLL in 1/T: ``E_softmax[x] - x_label``, averaged over rows."""
    weights = np.exp(inverse * (logits - np.max(logits, axis=-1, keepdims=True)))
    mean = np.sum(weights * logits, axis=-1) / np.sum(weights, axis=-1)
    return float(np.mean(mean - chosen))


def temperature_scale(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Temperature:
    """Temperature scaling: T > 0 minimising the NLL of ``softmax(logits / T)`` (Guo et al. 2017).

    The NLL is convex in 1/T, so the root of its derivative is found by bisection on log T within
    [1e-6, 1e6]. Where the labels are separable (or the logits point away from them) the infimum
    lies at the end of that interval; the result then says ``at_boundary``. If no T changes the NLL
    (constant rows), T = 1.

    Args:
        logits: ``(N, V)`` finite numbers, float.
        labels: ``(N,)`` integers in 0..V-1.

    Returns:
        :class:`Temperature`.

    Raises:
        ValueError: a logit is not finite, or a label out of range; the row is named.
        TypeError: logits that are not floats.

    >>> temperature_scale([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 2.0]], [0, 0, 1, 1])
    Temperature(value=1.82..., at_boundary=False)
    >>> temperature_scale([[1.0, 0.0]], [0])
    Temperature(value=1e-06, at_boundary=True)
    """
    x = elements(logits, "logits")
    if kind_of(x) != "float64":
        raise TypeError("logits: floats wanted; a fitted temperature is no exact quantity")
    if x.ndim != 2 or x.size == 0:
        raise ValueError(f"logits: shape {x.shape}; wanted (N, V)")
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(f"logits: row {row} has {x[row, column]} at position {column}")
    y = checks.labels(labels, x.shape[:1], x.shape[1])
    with np.errstate(over="ignore"):
        centred = x - np.max(x, axis=-1, keepdims=True)
    if not np.isfinite(centred).all():
        row = np.argwhere(~np.isfinite(centred))[0][0]
        raise ValueError(f"logits: row {row} spans more than float64 can hold")
    chosen = np.take_along_axis(centred, y[:, None], axis=-1)[:, 0]
    if not centred.any():
        return Temperature(1.0, False)
    low, high = math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)
    if _slope(centred, chosen, math.exp(-low)) <= 0:
        return Temperature(MIN_TEMPERATURE, True)
    if _slope(centred, chosen, math.exp(-high)) >= 0:
        return Temperature(MAX_TEMPERATURE, True)
    while high - low > 1e-14:
        middle = (low + high) / 2
        if _slope(centred, chosen, math.exp(-middle)) > 0:
            low = middle
        else:
            high = middle
    return Temperature(math.exp((low + high) / 2), False)
