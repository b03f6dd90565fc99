"""Section 6.4: accuracy, failure prediction, selective prediction.

Contracts as in :mod:`sua_ref`. Scores of any real dtype and size; ties are exact in that dtype, and
counts are integers, so that results are float64 whatever the dtype of the scores.
"""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational
from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks, ties
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


def _ties(scores: Tensor, marks: Tensor, name: str) -> ties.Ties:
    s = checks.scores(scores)
    return ties.ties_of(s.detach(), checks.marks(marks, len(s), name))


def _number(value: float, like: Tensor) -> Tensor:
    return torch.tensor(value, dtype=torch.float64, device=like.device)


def failure_auroc(scores: Tensor, errors: Tensor) -> Tensor:
    """Area under the ROC curve, ties counting one half (see :func:`sua_ref.failure_auroc`)."""
    return _number(ties.area_under_roc(_ties(scores, errors, "errors")), scores)


def risk_coverage_curve(scores: Tensor, errors: Tensor) -> RiskCoverage:
    """Selective risk at coverages 1/n, ..., 1 (see :func:`sua_ref.risk_coverage_curve`)."""
    return ties.risk_coverage(_ties(scores, errors, "errors"))


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
    share = exact_share(coverage)
    return _number(ties.accuracy_at(_ties(scores, correct, "correct"), share), scores)


def exact_share(coverage: Any) -> Fraction:
    """A coverage in (0, 1] as the rational that it is."""
    checks.number(coverage, "coverage", high=1)
    if not coverage > 0:
        raise ValueError(f"coverage: {coverage} is not above 0")
    return Fraction(coverage if isinstance(coverage, Rational) else float(coverage))


def aurc(scores: Tensor, errors: Tensor) -> Tensor:
    """Mean selective risk over k = 1..n (see :func:`sua_ref.aurc`)."""
    return _number(ties.area_under_risk_coverage(_ties(scores, errors, "errors")), scores)


def augrc(scores: Tensor, errors: Tensor) -> Tensor:
    """Mean generalised risk over k = 1..n (see :func:`sua_ref.augrc`)."""
    return _number(ties.generalised_area(_ties(scores, errors, "errors")), scores)
