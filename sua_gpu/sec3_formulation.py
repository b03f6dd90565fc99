"""Section 3: sensitivity and the SUA score, from probabilities and from logits.

Contracts as in :mod:`sua_ref`, with ``validate`` added.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sua_gpu import checks, fused
from sua_gpu.sec2_information import entropy, entropy_of, probability_divergence
from sua_gpu.stats import Stats


def mixture(p_z: Tensor, p_y_given_z: Tensor, *, validate: bool = True) -> Tensor:
    """Equation (1), ``sum_z P(z|x) P(y|x,z)`` (see :func:`sua_ref.mixture`)."""
    z = checks.distribution(p_z, "p_z", validate=validate)
    y = checks.distribution(p_y_given_z, "p_y_given_z", validate=validate)
    if y.ndim != z.ndim + 1 or y.shape[:-1] != z.shape:
        raise ValueError(f"p_y_given_z: shape {tuple(y.shape)} does not fit p_z, {tuple(z.shape)}")
    return (z.unsqueeze(-1) * y).sum(-2)


def _each_perturbation(
    reference: Tensor, perturbed: Tensor, kind: str, weights: Tensor | None
) -> Tensor:
    beside = reference.unsqueeze(-2).expand_as(perturbed)
    if weights is not None:
        # A perturbation of weight 0 does not count: no infinity of it may reach a gradient.
        perturbed = torch.where((weights == 0).unsqueeze(-1), beside.detach(), perturbed)
    return probability_divergence(beside, perturbed, kind)


def _from_probabilities(
    p: Tensor, perturbed: Tensor, kind: str, weights: Tensor | None, validate: bool
) -> tuple[Tensor, Tensor | None]:
    checks.choice(kind, checks.DIVERGENCES, "divergence")
    a = checks.distribution(p, "p", validate=validate)
    b = checks.distribution(perturbed, "perturbed", validate=validate)
    checks.perturbed_shape(a, b, "perturbed")
    w = checks.mixture_weights(weights, b[..., 0], validate=validate)
    return _each_perturbation(a, b, kind, w), w


def from_logits(
    logits: Tensor,
    perturbed: Tensor,
    kind: str,
    weights: Tensor | None,
    implementation: str,
    validate: bool,
) -> tuple[Stats, Tensor | None]:
    """The statistics of all views in one read, and the weights over them, checked."""
    checks.choice(kind, checks.DIVERGENCES, "divergence")
    a = checks.logits(logits, "logits", validate=validate)
    b = checks.logits(perturbed, "perturbed_logits", validate=validate)
    checks.perturbed_shape(a, b, "perturbed_logits")
    checks.same_device(a, b, "logits", "perturbed_logits")
    w = checks.view_weights(weights, a, b, validate=validate)
    # A perturbation of weight 0 does not count: it is not even read.
    mask = None if w is None else (w != 0).expand(b.shape[:-1])
    return fused.stats(a, b, kind, implementation, mask=mask), w


def mean_view(values: Tensor, weights: Tensor | None) -> Tensor:
    """The mean over the last axis."""
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
    return mean_view(*_from_probabilities(p, perturbed, divergence, weights, validate))


def distributional_sensitivity_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Definition 3.2 (see :func:`sua_ref.distributional_sensitivity_from_logits`)."""
    found, w = from_logits(logits, perturbed_logits, divergence, weights, implementation, validate)
    return mean_view(found.divergences, w)


def worst_case_sensitivity(
    p: Tensor, perturbed: Tensor, *, divergence: str = "jsd", validate: bool = True
) -> Tensor:
    """Remark 3.3 (see :func:`sua_ref.worst_case_sensitivity`)."""
    return _from_probabilities(p, perturbed, divergence, None, validate)[0].amax(-1)


def worst_case_sensitivity_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    divergence: str = "jsd",
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Remark 3.3 (see :func:`sua_ref.worst_case_sensitivity_from_logits`)."""
    found, _ = from_logits(logits, perturbed_logits, divergence, None, implementation, validate)
    return found.divergences.amax(-1)


def latent_ambiguity(p_z: Tensor, *, validate: bool = True) -> Tensor:
    """Definition 3.4, ``H(Z | X = x)`` (see :func:`sua_ref.latent_ambiguity`)."""
    return entropy_of(checks.distribution(p_z, "p_z", validate=validate))


def ambiguity_collapse(
    ambiguity: Tensor, predictive_entropy: Tensor, *, alpha: float, beta: float
) -> Tensor:
    """Definition 3.5, ``A >= alpha`` and ``H <= beta`` (see :func:`sua_ref.ambiguity_collapse`)."""
    checks.number(alpha, "alpha")
    checks.number(beta, "beta")
    a = checks.values(ambiguity, "ambiguity")
    h = checks.values(predictive_entropy, "predictive_entropy")
    checks.same_shape(a, h, "ambiguity", "predictive_entropy")
    return (a >= float(alpha)) & (h <= float(beta))


def predictive_entropy(p: Tensor, *, validate: bool = True) -> Tensor:
    """Definition 3.6 (see :func:`sua_ref.predictive_entropy`)."""
    return entropy(p, validate=validate)


def true_uncertainty(p_true: Tensor, *, validate: bool = True) -> Tensor:
    """Definition 3.7, the entropy of the label law (see :func:`sua_ref.true_uncertainty`)."""
    return entropy_of(checks.distribution(p_true, "p_true", validate=validate))


def miscalibration_gap(p: Tensor, p_true: Tensor, *, validate: bool = True) -> Tensor:
    """Definition 3.8, ``|H(p) - H(p_true)|`` (see :func:`sua_ref.miscalibration_gap`)."""
    q = checks.distribution(p, "p", validate=validate)
    truth = checks.distribution(p_true, "p_true", validate=validate)
    checks.same_shape(q, truth, "p", "p_true")
    return (entropy_of(q) - entropy_of(truth)).abs()


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
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Definition 3.9, ``S - lambda H`` (see :func:`sua_ref.sua_score_from_logits`)."""
    checks.coefficient(lam, "lam", strict=True)
    found, w = from_logits(logits, perturbed_logits, divergence, weights, implementation, validate)
    return mean_view(found.divergences, w) - lam * found.entropy


def sua_risk(scores: Tensor, *, weights: Tensor | None = None, validate: bool = True) -> Tensor:
    """Definition 3.10, ``E (SUA)_+`` (see :func:`sua_ref.sua_risk`)."""
    s = checks.working_dtype(scores, "scores")
    if s.ndim != 1 or s.numel() == 0:
        raise ValueError(f"scores: shape {tuple(s.shape)}; a vector of at least one entry wanted")
    if validate and bool(s.isnan().any()):
        raise ValueError(f"scores: row {int(s.isnan().nonzero()[0])} is nan")
    return mean_view(s.relu(), checks.mixture_weights(weights, s, validate=validate))


def _within_total_variation(
    reference: Tensor, perturbed: Tensor, name: str, delta: float, validate: bool
) -> Tensor:
    a = checks.distribution(reference, name, validate=validate)
    b = checks.distribution(perturbed, f"{name}_perturbed", validate=validate)
    checks.perturbed_shape(a, b, f"{name}_perturbed")
    checks.number(delta, "delta", low=0)
    tv = probability_divergence(a.unsqueeze(-2).expand_as(b), b, "tv")
    return (tv.double() <= float(delta)).all(-1)


def is_semantics_preserving(
    p_z: Tensor, p_z_perturbed: Tensor, *, delta: float = 0, validate: bool = True
) -> Tensor:
    """Definition 3.1, TV within ``delta`` (see :func:`sua_ref.is_semantics_preserving`)."""
    return _within_total_variation(p_z, p_z_perturbed, "p_z", delta, validate)


def is_label_invariant(
    p_true: Tensor, p_true_perturbed: Tensor, *, delta: float = 0, validate: bool = True
) -> Tensor:
    """Label laws within ``delta`` in TV (see :func:`sua_ref.is_label_invariant`)."""
    return _within_total_variation(p_true, p_true_perturbed, "p_true", delta, validate)
