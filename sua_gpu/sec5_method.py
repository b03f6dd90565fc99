"""Section 5: the training objective, equations (15) to (18), differentiable.

Contracts as in :mod:`sua_ref`, with ``validate`` added. Losses are means over rows.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sua_gpu import checks, slopes
from sua_gpu.sec3_formulation import (
    distributional_sensitivity,
    distributional_sensitivity_from_logits,
    sua_score,
    sua_score_from_logits,
)


def _rows(x: Tensor) -> torch.Size:
    if x[..., 0].numel() == 0:
        raise ValueError("p: no rows to average over")
    return x.shape[:-1]


def task_loss(p: Tensor, labels: Tensor, *, validate: bool = True) -> Tensor:
    """Equation (16), the mean negative log-likelihood (see :func:`sua_ref.task_loss`)."""
    a = checks.distribution(p, "p", validate=validate)
    y = checks.labels(labels, _rows(a), a.shape[-1], validate=validate)
    return -a.gather(-1, y.unsqueeze(-1)).log().mean()


def task_loss_from_logits(logits: Tensor, labels: Tensor, *, validate: bool = True) -> Tensor:
    """Equation (16) (see :func:`sua_ref.task_loss_from_logits`)."""
    x = checks.logits(logits, "logits", validate=validate)
    y = checks.labels(labels, _rows(x), x.shape[-1], validate=validate)
    return slopes.surprise(x, y).mean()


def _held(clean: Tensor, perturbed: Tensor, stop_gradient: str) -> tuple[Tensor, Tensor]:
    """The two sides of (17), the one named by ``stop_gradient`` detached."""
    _rows(clean)
    checks.choice(stop_gradient, checks.STOP_GRADIENT, "stop_gradient")
    return (
        clean.detach() if stop_gradient == "clean" else clean,
        perturbed.detach() if stop_gradient == "perturbed" else perturbed,
    )


def consistency_loss(
    p: Tensor,
    perturbed: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    stop_gradient: str = "perturbed",
    validate: bool = True,
) -> Tensor:
    """Equation (17) (see :func:`sua_ref.consistency_loss`)."""
    return distributional_sensitivity(
        *_held(p, perturbed, stop_gradient),
        divergence=divergence,
        weights=weights,
        validate=validate,
    ).mean()


def consistency_loss_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    stop_gradient: str = "perturbed",
    validate: bool = True,
) -> Tensor:
    """Equation (17) (see :func:`sua_ref.consistency_loss_from_logits`)."""
    return distributional_sensitivity_from_logits(
        *_held(logits, perturbed_logits, stop_gradient),
        divergence=divergence,
        weights=weights,
        validate=validate,
    ).mean()


def entropy_alignment_loss(
    p: Tensor,
    perturbed: Tensor,
    *,
    lam: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Equation (18) (see :func:`sua_ref.entropy_alignment_loss`)."""
    return (
        sua_score(p, perturbed, lam=lam, divergence=divergence, weights=weights, validate=validate)
        .relu()
        .mean()
    )


def entropy_alignment_loss_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    lam: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Equation (18) (see :func:`sua_ref.entropy_alignment_loss_from_logits`)."""
    return (
        sua_score_from_logits(
            logits,
            perturbed_logits,
            lam=lam,
            divergence=divergence,
            weights=weights,
            validate=validate,
        )
        .relu()
        .mean()
    )


def _objective(task: Tensor, consistency: Tensor, alignment: Tensor, a: float, b: float) -> Tensor:
    """``task + a consistency + b alignment``; a weight of exactly 0 drops its term."""
    total = task
    for weight, term in ((a, consistency), (b, alignment)):
        if weight != 0:
            total = total + weight * term
    return total


def sua_tr_loss(
    p: Tensor,
    perturbed: Tensor,
    labels: Tensor,
    *,
    lam: float,
    a: float,
    b: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    stop_gradient: str = "perturbed",
    validate: bool = True,
) -> Tensor:
    """Equation (15), ``L_task + a L_cons + b L_align`` (see :func:`sua_ref.sua_tr_loss`)."""
    checks.coefficient(a, "a")
    checks.coefficient(b, "b")
    task = task_loss(p, labels, validate=validate)
    consistency = consistency_loss(
        p,
        perturbed,
        divergence=divergence,
        weights=weights,
        stop_gradient=stop_gradient,
        validate=validate,
    )
    alignment = entropy_alignment_loss(
        p, perturbed, lam=lam, divergence=divergence, weights=weights, validate=False
    )
    return _objective(task, consistency, alignment, a, b)


def sua_tr_loss_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    labels: Tensor,
    *,
    lam: float,
    a: float,
    b: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    stop_gradient: str = "perturbed",
    validate: bool = True,
) -> Tensor:
    """Equation (15) (see :func:`sua_ref.sua_tr_loss_from_logits`)."""
    checks.coefficient(a, "a")
    checks.coefficient(b, "b")
    task = task_loss_from_logits(logits, labels, validate=validate)
    consistency = consistency_loss_from_logits(
        logits,
        perturbed_logits,
        divergence=divergence,
        weights=weights,
        stop_gradient=stop_gradient,
        validate=validate,
    )
    alignment = entropy_alignment_loss_from_logits(
        logits,
        perturbed_logits,
        lam=lam,
        divergence=divergence,
        weights=weights,
        validate=False,
    )
    return _objective(task, consistency, alignment, a, b)
