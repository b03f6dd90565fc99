"""Section 5: the training objective, equations (15) to (18), differentiable.

Contracts as in :mod:`sua_ref`, with ``validate`` added. Losses are means over rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sua_gpu import checks, fused, training_head
from sua_gpu.sec3_formulation import (
    distributional_sensitivity,
    distributional_sensitivity_from_logits,
    sua_score,
    sua_score_from_logits,
)
from sua_ref.results import FailureSignature


def _rows(x: Tensor, name: str) -> torch.Size:
    if x.shape[:-1].numel() == 0:
        raise ValueError(f"{name}: no rows to average over")
    return x.shape[:-1]


def _labels(labels: Tensor, x: Tensor, name: str, validate: bool) -> Tensor:
    """Labels of the rows of x, on its device."""
    rows = _rows(x, name)
    checks.integers(labels, "labels")
    checks.same_device(x, labels, name, "labels")
    return checks.labels(labels, rows, x.shape[-1], validate=validate)


def task_loss(p: Tensor, labels: Tensor, *, validate: bool = True) -> Tensor:
    """Equation (16), the mean negative log-likelihood (see :func:`sua_ref.task_loss`)."""
    a = checks.distribution(p, "p", validate=validate)
    y = _labels(labels, a, "p", validate)
    return -a.gather(-1, y.unsqueeze(-1)).log().mean()


def task_loss_from_logits(
    logits: Tensor, labels: Tensor, *, implementation: str = "auto", validate: bool = True
) -> Tensor:
    """Equation (16) (see :func:`sua_ref.task_loss_from_logits`)."""
    x = checks.logits(logits, "logits", validate=validate)
    y = _labels(labels, x, "logits", validate)
    found = fused.stats(x, None, "kl", implementation, labels=y)
    assert found.surprise is not None
    return found.surprise.mean()


def _held(
    clean: Tensor, perturbed: Tensor, stop_gradient: str, *names: str
) -> tuple[Tensor, Tensor]:
    """The two sides of (17), the one named by ``stop_gradient`` detached."""
    _rows(checks.working_dtype(clean, names[0]), names[0])
    checks.working_dtype(perturbed, names[1])
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
        *_held(p, perturbed, stop_gradient, "p", "perturbed"),
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
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Equation (17) (see :func:`sua_ref.consistency_loss_from_logits`)."""
    return distributional_sensitivity_from_logits(
        *_held(logits, perturbed_logits, stop_gradient, "logits", "perturbed_logits"),
        divergence=divergence,
        weights=weights,
        implementation=implementation,
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
    score = sua_score(
        p, perturbed, lam=lam, divergence=divergence, weights=weights, validate=validate
    )
    _rows(p, "p")
    return score.relu().mean()


def entropy_alignment_loss_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    lam: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Equation (18) (see :func:`sua_ref.entropy_alignment_loss_from_logits`)."""
    score = sua_score_from_logits(
        logits,
        perturbed_logits,
        lam=lam,
        divergence=divergence,
        weights=weights,
        implementation=implementation,
        validate=validate,
    )
    _rows(logits, "logits")
    return score.relu().mean()


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
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Equation (15) (see :func:`sua_ref.sua_tr_loss_from_logits`)."""
    checks.coefficient(a, "a")
    checks.coefficient(b, "b")
    checks.coefficient(lam, "lam", strict=True)
    checks.choice(stop_gradient, checks.STOP_GRADIENT, "stop_gradient")
    checks.choice(divergence, checks.DIVERGENCES, "divergence")
    x = checks.logits(logits, "logits", validate=validate)
    y = _labels(labels, x, "logits", validate)
    views = checks.logits(perturbed_logits, "perturbed_logits", validate=validate)
    checks.perturbed_shape(x, views, "perturbed_logits")
    checks.same_device(x, views, "logits", "perturbed_logits")
    w = checks.view_weights(weights, x, views, validate=validate)
    settings = training_head.Objective(
        divergence, float(lam), float(a), float(b), stop_gradient, implementation
    )
    return training_head.objective(x, views, y, w, settings)


def ambiguity_proxy(samples: Tensor) -> Tensor:
    """Section 5.4, entropy of the empirical distribution of M outputs, float64 (see
    :func:`sua_ref.ambiguity_proxy`). Torch has no strings: integers or booleans only."""
    if not isinstance(samples, Tensor):
        raise TypeError(f"samples: a torch tensor wanted, got {type(samples).__name__}")
    if samples.ndim == 0 or samples.shape[-1] == 0:
        raise ValueError(f"samples: shape {tuple(samples.shape)}; at least one output is needed")
    if samples.is_floating_point() or samples.is_complex():
        raise ValueError(f"samples: integers wanted, got {samples.dtype}")
    ordered = samples.long().sort(-1).values
    group = (ordered.diff(dim=-1) != 0).long().cumsum(-1)
    group = torch.cat([torch.zeros_like(ordered[..., :1]), group], -1)
    counts = torch.zeros_like(ordered).scatter_add(-1, group, torch.ones_like(ordered))
    return (samples.shape[-1] / counts.gather(-1, group).double()).log().mean(-1)


def failure_signature(
    sensitivity: Tensor,
    entropy: Tensor,
    ambiguity: Tensor | None = None,
    *,
    thresholds: Mapping[str, float],
) -> Tensor:
    """Appendix C, the code of a :class:`~sua_ref.results.FailureSignature` (see
    :func:`sua_ref.failure_signature`)."""
    given = {"sensitivity": sensitivity, "entropy": entropy}
    if ambiguity is not None:
        given["ambiguity"] = ambiguity
    if set(thresholds) != set(given):
        raise ValueError(f"thresholds: wanted {sorted(given)}, got {sorted(thresholds)}")
    tensors = {name: checks.values(x, name) for name, x in given.items()}
    for name, value in thresholds.items():
        checks.number(value, f"thresholds[{name!r}]")
    if len({t.shape for t in tensors.values()}) > 1:
        said = ", ".join(f"{name} {tuple(t.shape)}" for name, t in tensors.items())
        raise ValueError(f"entropy: shapes differ: {said}")
    high = {name: t > float(thresholds[name]) for name, t in tensors.items()}
    s, h = high["sensitivity"], high["entropy"]
    code = torch.full(s.shape, int(FailureSignature.INVARIANCE), device=s.device)
    if "ambiguity" in high:
        code = torch.where(high["ambiguity"], int(FailureSignature.AMBIGUITY_COLLAPSE), code)
    code = torch.where(s, int(FailureSignature.SENSITIVITY), code)
    code = torch.where(h, int(FailureSignature.EPISTEMIC), code)
    return torch.where(s & h, int(FailureSignature.EXPRESSED), code)


def abstain(scores: Tensor, tau: float) -> Tensor:
    """Section 5.5, True iff the score is above ``tau`` (see :func:`sua_ref.abstain`)."""
    checks.number(tau, "tau")
    return checks.values(scores, "scores") > float(tau)
