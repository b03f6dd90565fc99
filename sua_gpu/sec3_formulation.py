"""Section 3: sensitivity and the SUA score, from probabilities and from logits.

Contracts as in :mod:`sua_ref`, with ``validate`` added.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec2_information import (
    entropy,
    entropy_from_logits,
    logit_divergence,
    probability_divergence,
)

Compute = Callable[[Tensor, Tensor, str], Tensor]


def _each_perturbation(
    reference: Tensor, perturbed: Tensor, kind: str, compute: Compute, weights: Tensor | None
) -> Tensor:
    beside = reference.unsqueeze(-2).expand_as(perturbed)
    if weights is not None:
        # A perturbation of weight 0 does not count: no infinity of it may reach a gradient.
        perturbed = torch.where((weights == 0).unsqueeze(-1), beside.detach(), perturbed)
    return compute(beside, perturbed, kind)


def _from_probabilities(
    p: Tensor, perturbed: Tensor, kind: str, weights: Tensor | None, validate: bool
) -> tuple[Tensor, Tensor | None]:
    checks.choice(kind, checks.DIVERGENCES, "divergence")
    a = checks.distribution(p, "p", validate=validate)
    b = checks.distribution(perturbed, "perturbed", validate=validate)
    checks.perturbed_shape(a, b, "perturbed")
    w = checks.mixture_weights(weights, b[..., 0], validate=validate)
    return _each_perturbation(a, b, kind, probability_divergence, w), w


def _from_logits(
    logits: Tensor, perturbed: Tensor, kind: str, weights: Tensor | None, validate: bool
) -> tuple[Tensor, Tensor | None]:
    checks.choice(kind, checks.DIVERGENCES, "divergence")
    a = checks.logits(logits, "logits", validate=validate)
    b = checks.logits(perturbed, "perturbed_logits", validate=validate)
    checks.perturbed_shape(a, b, "perturbed_logits")
    w = checks.mixture_weights(weights, b[..., 0], validate=validate)
    return _each_perturbation(a, b, kind, logit_divergence, w), w


def _mean(values: Tensor, weights: Tensor | None) -> Tensor:
    return values.mean(-1) if weights is None else (weights * values).sum(-1)


def distributional_sensitivity(
    p: Tensor,
    perturbed: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 3.2 (see :func:`sua_ref.distributional_sensitivity`)."""
    return _mean(*_from_probabilities(p, perturbed, divergence, weights, validate))


def distributional_sensitivity_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 3.2 (see :func:`sua_ref.distributional_sensitivity_from_logits`)."""
    return _mean(*_from_logits(logits, perturbed_logits, divergence, weights, validate))


def worst_case_sensitivity(
    p: Tensor, perturbed: Tensor, *, divergence: str = "jsd", validate: bool = True
) -> Tensor:
    """Remark 3.3 (see :func:`sua_ref.worst_case_sensitivity`)."""
    return _from_probabilities(p, perturbed, divergence, None, validate)[0].amax(-1)


def worst_case_sensitivity_from_logits(
    logits: Tensor, perturbed_logits: Tensor, *, divergence: str = "jsd", validate: bool = True
) -> Tensor:
    """Remark 3.3 (see :func:`sua_ref.worst_case_sensitivity_from_logits`)."""
    return _from_logits(logits, perturbed_logits, divergence, None, validate)[0].amax(-1)


def predictive_entropy(p: Tensor, *, validate: bool = True) -> Tensor:
    """Definition 3.6 (see :func:`sua_ref.predictive_entropy`)."""
    return entropy(p, validate=validate)


def sua_score(
    p: Tensor,
    perturbed: Tensor,
    *,
    lam: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 3.9, ``S - lambda H`` (see :func:`sua_ref.sua_score`)."""
    checks.coefficient(lam, "lam", strict=True)
    s = distributional_sensitivity(
        p, perturbed, divergence=divergence, weights=weights, validate=validate
    )
    return s - lam * entropy(p, validate=False)


def sua_score_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    lam: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 3.9, ``S - lambda H`` (see :func:`sua_ref.sua_score_from_logits`)."""
    checks.coefficient(lam, "lam", strict=True)
    s = distributional_sensitivity_from_logits(
        logits, perturbed_logits, divergence=divergence, weights=weights, validate=validate
    )
    return s - lam * entropy_from_logits(logits, validate=False)


def sua_risk(scores: Tensor, *, weights: Tensor | None = None, validate: bool = True) -> Tensor:
    """Definition 3.10, ``E (SUA)_+`` (see :func:`sua_ref.sua_risk`)."""
    s = checks.working_dtype(scores, "scores")
    if s.ndim != 1 or s.numel() == 0:
        raise ValueError(f"scores: shape {tuple(s.shape)}; a vector of at least one entry wanted")
    if validate and bool(s.isnan().any()):
        raise ValueError(f"scores: row {int(s.isnan().nonzero()[0])} is nan")
    return _mean(s.relu(), checks.mixture_weights(weights, s, validate=validate))
