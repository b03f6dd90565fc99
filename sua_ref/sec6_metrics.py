"""Section 6.4: accuracy, failure prediction, selective prediction.

Scores follow one sign: higher means more likely to fail. Every result is invariant under the order
of equal scores: points that tie are averaged over, never broken by position.
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import Array, Value, at_most, dense_rank, lift, like
from sua_ref.results import RiskCoverage


def _integers(x: npt.ArrayLike, name: str) -> Array:
    a = np.asarray(x)
    if a.dtype.kind not in "iu":
        raise ValueError(f"{name}: integers wanted, got dtype {a.dtype}")
    return a


def accuracy(predictions: npt.ArrayLike, labels: npt.ArrayLike) -> Value:
    """Accuracy on the clean test set (section 6.4).

    Args:
        predictions, labels: ``(N,)`` integers.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: no rows, shapes that differ, or entries that are no integers.

    >>> float(accuracy([0, 1, 1, 0], [0, 1, 0, 0]))
    0.75
    """
    f, y = _integers(predictions, "predictions"), _integers(labels, "labels")
    if f.ndim != 1 or f.size == 0:
        raise ValueError(f"predictions: shape {f.shape}; a vector of at least one row wanted")
    checks.same_shape(f, y, "predictions", "labels")
    return np.mean(f == y)


def robust_accuracy(perturbed_predictions: npt.ArrayLike, labels: npt.ArrayLike) -> Value:
    """Accuracy under perturbation, a mean over rows and over the K perturbations (section 6.4).

    Args:
        perturbed_predictions: ``(N, K)`` integers.
        labels: ``(N,)`` integers.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: no rows, K = 0, shapes that do not fit, or entries that are no integers.

    >>> float(robust_accuracy([[0, 1], [1, 1]], [0, 1]))
    0.75
    """
    f = _integers(perturbed_predictions, "perturbed_predictions")
    y = _integers(labels, "labels")
    if f.ndim != 2 or f.size == 0 or y.shape != f.shape[:1]:
        raise ValueError(
            f"perturbed_predictions: shape {f.shape} does not fit labels, {y.shape}; "
            "wanted (N, K) and (N,)"
        )
    return np.mean(f == y[:, None])


class _Ties(NamedTuple):
    """Groups of equal scores, lowest first: how many points, and how many of them marked."""

    size: npt.NDArray[np.int64]
    marked: npt.NDArray[np.int64]


def _ties(scores: npt.ArrayLike, marks: npt.ArrayLike, name: str) -> tuple[Array, _Ties]:
    s = checks.scores(scores)
    m = checks.binary(marks, len(s), name)
    rank = dense_rank(s)
    groups = int(rank.max()) + 1
    marked = np.bincount(rank[m == 1], minlength=groups)
    return s, _Ties(np.bincount(rank, minlength=groups), marked)


def failure_auroc(scores: npt.ArrayLike, errors: npt.ArrayLike) -> Value:
    """Area under the ROC curve for predicting errors (section 6.4).

    The probability that an error outscores a correct answer, a tie counting one half.

    Args:
        scores: ``(N,)``, higher meaning more likely to fail; infinities allowed.
        errors: ``(N,)`` of 0/1, 1 an error.

    Returns:
        A number in [0, 1], of the element type of ``scores``.

    Raises:
        ValueError: only errors or only correct answers (the area is undefined), a NaN score, or a
            mark that is neither 0 nor 1.
        Undecided: balls that overlap without being equal.

    >>> float(failure_auroc([0.1, 0.4, 0.4, 0.9], [0, 1, 0, 1]))
    0.875
    """
    s, ties = _ties(scores, errors, "errors")
    correct = ties.size - ties.marked
    wrong, right = int(ties.marked.sum()), int(correct.sum())
    if wrong == 0 or right == 0:
        raise ValueError(
            f"errors: {wrong} errors among {wrong + right} rows; the area under the ROC curve "
            "needs both errors and correct answers"
        )
    below = np.cumsum(correct) - correct
    half_wins = int(np.sum(ties.marked * (2 * below + correct)))
    return _ratio(half_wins, 2 * wrong * right, s)


def _ratio(numerator: int, denominator: int, example: Array) -> Value:
    return like(Fraction(numerator, denominator), example)


def _expected_marks(s: Array, ties: _Ties) -> Array:
    """Expected number of marked points among the first k, k = 1..n, ties in random order."""
    start = np.cumsum(ties.size) - ties.size
    marked_before = np.cumsum(ties.marked) - ties.marked
    within = np.arange(1, len(s) + 1) - np.repeat(start, ties.size)
    share = lift(np.repeat(ties.marked, ties.size) * within, s)
    return lift(np.repeat(marked_before, ties.size), s) + share / lift(
        np.repeat(ties.size, ties.size), s
    )


def risk_coverage_curve(scores: npt.ArrayLike, errors: npt.ArrayLike) -> RiskCoverage:
    """Selective risk at every coverage k/n, the lowest scores kept first.

    Args:
        scores, errors: as for :func:`failure_auroc`.

    Returns:
        :class:`RiskCoverage` of two ``(N,)`` vectors; within a tie, the expected risk over its
        orders.

    Raises:
        ValueError: no rows, a NaN score, or a bad mark.

    >>> risk_coverage_curve([0.1, 0.2, 0.2], [0, 1, 0]).risk
    array([0.        , 0.25      , 0.33333333])
    """
    s, ties = _ties(scores, errors, "errors")
    k = lift(np.arange(1, len(s) + 1), s)
    return RiskCoverage(k / len(s), _expected_marks(s, ties) / k)


def selective_risk(scores: npt.ArrayLike, errors: npt.ArrayLike, *, tau: Any) -> Value:
    """Error rate of the answers given under the rule "abstain iff score > tau" (Prop. 4.8).

    Args:
        scores, errors: as for :func:`failure_auroc`.
        tau: the abstention threshold.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: every point is abstained on, so the risk is undefined; a NaN; or a bad mark.

    >>> float(selective_risk([0.1, 0.2, 0.9], [0, 1, 1], tau=0.2))
    0.5
    """
    checks.number(tau, "tau")
    s = checks.scores(scores)
    marks = checks.binary(errors, len(s), "errors")
    kept = np.asarray(at_most(s, np.asarray(like(tau, s))), dtype=bool)
    if not kept.any():
        raise ValueError(f"tau: no score is at or below {tau}; selective risk at coverage 0")
    return _ratio(int(marks[kept].sum()), int(kept.sum()), s)


def selective_accuracy(scores: npt.ArrayLike, correct: npt.ArrayLike, *, coverage: Any) -> Value:
    """Expected accuracy of the first ``coverage * n`` points, lowest scores first (section 6.4).

    Ties are averaged; where ``coverage * n`` is no integer, the last point counts by its fraction.

    Args:
        scores: ``(N,)``; correct: ``(N,)`` of 0/1, 1 a correct answer.
        coverage: in (0, 1].

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: ``coverage`` outside (0, 1], no rows, a NaN score, or a bad mark.

    >>> float(selective_accuracy([0.1, 0.2, 0.3, 0.4], [1, 1, 0, 1], coverage=0.625))
    0.8
    """
    checks.positive(checks.number(coverage, "coverage", high=1), "coverage")
    s, ties = _ties(scores, correct, "correct")
    expected = np.concatenate([lift(np.zeros(1, dtype=np.int64), s), _expected_marks(s, ties)])
    share = coverage if isinstance(coverage, Rational) else float(coverage)
    points = Fraction(share) * len(s)
    whole = math.floor(points)
    part = like(points - whole, s)
    step = expected[min(whole + 1, len(s))] - expected[whole]
    return (expected[whole] + part * step) / like(points, s)


def aurc(scores: npt.ArrayLike, errors: npt.ArrayLike) -> Value:
    """Area under the risk-coverage curve: the mean selective risk over k = 1..n.

    Args:
        scores, errors: as for :func:`failure_auroc`.

    Returns:
        A number in [0, 1]; lower is better.

    Raises:
        ValueError: no rows, a NaN score, or a bad mark.

    >>> float(aurc([0.1, 0.2], [0, 1]))
    0.25
    """
    risk = risk_coverage_curve(scores, errors).risk
    return np.sum(risk) / len(risk)


def augrc(scores: npt.ArrayLike, errors: npt.ArrayLike) -> Value:
    """Area under the generalised risk-coverage curve: the mean over k = 1..n of the expected
    number of errors among the first k, divided by n (Traub et al. 2024).

    Args:
        scores, errors: as for :func:`failure_auroc`.

    Returns:
        A number in [0, 1]; lower is better.

    Raises:
        ValueError: no rows, a NaN score, or a bad mark.

    >>> float(augrc([0.1, 0.2], [0, 1]))
    0.25
    """
    s, ties = _ties(scores, errors, "errors")
    return np.sum(_expected_marks(s, ties)) / (len(s) * len(s))
