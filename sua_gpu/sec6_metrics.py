"""Section 6.4: accuracy, failure prediction, selective prediction.

Contracts as in :mod:`sua_ref`. Scores of any real dtype and size; ties are exact in that dtype, and
counts are integers, so that results are float64 whatever the dtype of the scores.
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sua_gpu import checks
from sua_ref.results import RiskCoverage


def accuracy(predictions: Tensor, labels: Tensor) -> Tensor:
    """Accuracy on the clean set (see :func:`sua_ref.accuracy`)."""
    f, y = checks.integers(predictions, "predictions"), checks.integers(labels, "labels")
    if f.ndim != 1 or f.numel() == 0:
        raise ValueError(
            f"predictions: shape {tuple(f.shape)}; a vector of at least one row wanted"
        )
    checks.same_shape(f, y, "predictions", "labels")
    return (f == y).double().mean()


def robust_accuracy(perturbed_predictions: Tensor, labels: Tensor) -> Tensor:
    """Accuracy under perturbation, a mean over K (see :func:`sua_ref.robust_accuracy`)."""
    f = checks.integers(perturbed_predictions, "perturbed_predictions")
    y = checks.integers(labels, "labels")
    if f.ndim != 2 or f.numel() == 0 or y.shape != f.shape[:1]:
        raise ValueError(
            f"perturbed_predictions: shape {tuple(f.shape)} does not fit labels, "
            f"{tuple(y.shape)}; wanted (N, K) and (N,)"
        )
    return (f == y.unsqueeze(-1)).double().mean()


class _Ranked(NamedTuple):
    """For each point in order of score: its tie's first position, size, marks, and marks before."""

    start: Tensor
    size: Tensor
    marked: Tensor
    marked_before: Tensor


def _ranked(scores: Tensor, marks: Tensor, name: str) -> _Ranked:
    s = checks.vector(scores)
    m = checks.binary(marks, len(s), name)
    ordered, order = s.sort()
    m = m[order]
    # An infinity equals itself, but its difference with itself is no number.
    new = torch.ones_like(ordered, dtype=torch.bool)
    new[1:] = ordered[1:] != ordered[:-1]
    group = new.long().cumsum(0) - 1
    starts = new.nonzero().squeeze(-1)
    ends = torch.cat([starts[1:], starts.new_tensor([len(s)])])
    through = m.cumsum(0)
    upto, before = through[ends - 1], through[starts] - m[starts]
    return _Ranked(starts[group], (ends - starts)[group], (upto - before)[group], before[group])


def failure_auroc(scores: Tensor, errors: Tensor) -> Tensor:
    """Area under the ROC curve, ties counting one half (see :func:`sua_ref.failure_auroc`)."""
    ties = _ranked(scores, errors, "errors")
    n = len(ties.size)
    wrong = int(ties.marked_before[-1] + ties.marked[-1])
    right = n - wrong
    if wrong == 0 or right == 0:
        raise ValueError(
            f"errors: {wrong} errors among {n} rows; the area under the ROC curve "
            "needs both errors and correct answers"
        )
    # Each tie is counted at its first point.
    first = torch.arange(n, device=ties.size.device) == ties.start
    correct = ties.size - ties.marked
    below = ties.start - ties.marked_before
    half_wins = torch.where(first, ties.marked * (2 * below + correct), 0).sum()
    return half_wins.double() / (2 * wrong * right)


def _expected_marks(ties: _Ranked) -> Tensor:
    """Expected number of marked points among the first k, k = 1..n, ties in random order."""
    within = torch.arange(1, len(ties.size) + 1, device=ties.size.device) - ties.start
    return ties.marked_before + (ties.marked * within).double() / ties.size


def risk_coverage_curve(scores: Tensor, errors: Tensor) -> RiskCoverage:
    """Selective risk at coverages 1/n, ..., 1 (see :func:`sua_ref.risk_coverage_curve`)."""
    expected = _expected_marks(_ranked(scores, errors, "errors"))
    k = torch.arange(1, len(expected) + 1, dtype=torch.float64, device=expected.device)
    return RiskCoverage(k / len(k), expected / k)


def selective_risk(scores: Tensor, errors: Tensor, *, tau: float) -> Tensor:
    """Error rate of the answers with score <= ``tau`` (see :func:`sua_ref.selective_risk`)."""
    checks.number(tau, "tau")
    s = checks.vector(scores)
    marks = checks.binary(errors, len(s), "errors")
    kept = s <= float(tau)
    if not bool(kept.any()):
        raise ValueError(f"tau: no score is at or below {tau}; selective risk at coverage 0")
    return marks[kept].double().mean()


def selective_accuracy(scores: Tensor, correct: Tensor, *, coverage: Any) -> Tensor:
    """Expected accuracy of the first ``coverage n`` points (see
    :func:`sua_ref.selective_accuracy`)."""
    checks.number(coverage, "coverage", high=1)
    if not coverage > 0:
        raise ValueError(f"coverage: {coverage} is not above 0")
    expected = _expected_marks(_ranked(scores, correct, "correct"))
    share = Fraction(coverage if isinstance(coverage, Rational) else float(coverage))
    points = share * len(expected)
    whole = math.floor(points)
    expected = torch.cat([expected.new_zeros(1), expected])
    step = expected[min(whole + 1, len(expected) - 1)] - expected[whole]
    return (expected[whole] + float(points - whole) * step) / float(points)


def aurc(scores: Tensor, errors: Tensor) -> Tensor:
    """Mean selective risk over k = 1..n (see :func:`sua_ref.aurc`)."""
    risk: Tensor = risk_coverage_curve(scores, errors).risk
    return risk.mean()


def augrc(scores: Tensor, errors: Tensor) -> Tensor:
    """Mean generalised risk over k = 1..n (see :func:`sua_ref.augrc`)."""
    expected = _expected_marks(_ranked(scores, errors, "errors"))
    return expected.mean() / len(expected)
