"""Section 2: entropy, confidence and divergences, from probabilities and from logits.

The contracts (shapes, ranges, conventions, errors) are those of the functions of the same names in
:mod:`sua_ref`; every one of these is differentiable and takes ``validate``. fp16, bf16 and fp32
input is computed in fp32, fp64 in fp64.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sua_gpu import checks, fused, pairs
from sua_gpu.rows import row_sum


def entropy(p: Tensor, *, validate: bool = True) -> Tensor:
    """Shannon entropy of probability rows, nats (see :func:`sua_ref.entropy`)."""
    return entropy_of(checks.distribution(p, "p", validate=validate))


def entropy_of(a: Tensor) -> Tensor:
    """Entropy of checked rows."""
    # At p = 0 the derivative is +inf; the one of the other labels is kept by leaving 0 out.
    positive = torch.where(a > 0, a, 1.0)
    return -row_sum(positive * positive.log()) + 0


def entropy_from_logits(
    logits: Tensor, *, implementation: str = "auto", validate: bool = True
) -> Tensor:
    """Entropy of ``softmax(logits)``, nats (see :func:`sua_ref.entropy_from_logits`)."""
    x = checks.logits(logits, "logits", validate=validate)
    return fused.stats(x, None, "kl", implementation).entropy


def max_confidence(p: Tensor, *, validate: bool = True) -> Tensor:
    """``max_y p(y)`` (see :func:`sua_ref.max_confidence`)."""
    return checks.distribution(p, "p", validate=validate).amax(-1)


def max_confidence_from_logits(
    logits: Tensor, *, implementation: str = "auto", validate: bool = True
) -> Tensor:
    """``max_y softmax(logits)(y)`` (see :func:`sua_ref.max_confidence_from_logits`)."""
    x = checks.logits(logits, "logits", validate=validate)
    return 1 / (1 + fused.stats(x, None, "kl", implementation).rest)


def _of_probabilities(p: Tensor, q: Tensor, kind: str, validate: bool) -> Tensor:
    a = checks.distribution(p, "p", validate=validate)
    b = checks.distribution(q, "q", validate=validate)
    checks.same_shape(a, b, "p", "q")
    return probability_divergence(a, b, kind)


def _one_dtype(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    dtype = torch.promote_types(a.dtype, b.dtype)
    return a.to(dtype), b.to(dtype)


def probability_divergence(a: Tensor, b: Tensor, kind: str) -> Tensor:
    """The divergence ``kind`` of checked probability rows."""
    a, b = _one_dtype(*((b, a) if kind == "reverse_kl" else (a, b)))
    name = "kl" if kind == "reverse_kl" else kind
    return row_sum(pairs.CELLS[name](pairs.from_probabilities(a, b)))


def _of_logits(x: Tensor, y: Tensor, kind: str, implementation: str, validate: bool) -> Tensor:
    a = checks.logits(x, "logits", validate=validate)
    b = checks.logits(y, "perturbed_logits", validate=validate)
    checks.same_shape(a, b, "logits", "perturbed_logits")
    checks.same_device(a, b, "logits", "perturbed_logits")
    return fused.stats(a, b.unsqueeze(-2), kind, implementation).divergences.squeeze(-1)


def divergence(p: Tensor, q: Tensor, *, kind: str, validate: bool = True) -> Tensor:
    """The divergence named ``kind``, arguments (reference, perturbed)."""
    return _of_probabilities(p, q, checks.choice(kind, checks.DIVERGENCES, "kind"), validate)


def f_divergence(
    p: Tensor, q: Tensor, f: Callable[[Tensor], Tensor], *, validate: bool = True
) -> Tensor:
    """The general f-divergence ``sum q f(p/q)`` (see :func:`sua_ref.f_divergence`)."""
    a = checks.distribution(p, "p", validate=validate)
    b = checks.distribution(q, "q", validate=validate)
    checks.same_shape(a, b, "p", "q")
    present = b > 0
    slope = getattr(f, "slope_at_infinity", None)
    outside = ~present & (a > 0)
    if slope is None and bool(outside.any()):
        at = tuple(int(i) for i in outside.nonzero()[0])
        raise ValueError(
            f"q: entry {at} is 0 where p is {a[at].item()}; give f the attribute slope_at_infinity"
        )
    # Where q = 0 the generator sees a ratio of 1: it may be infinite at 0.
    ratio = torch.where(present, a, 1.0) / torch.where(present, b, 1.0)
    infinite = ratio.isinf()
    if bool(infinite.any()):
        at = tuple(int(i) for i in infinite.nonzero()[0])
        raise ValueError(
            f"q: entry {at} is {b[at].item()} where p is {a[at].item()}; p/q overflows"
        )
    cell = b * f(ratio)
    # The slope is chosen before the product: an infinite one times 0 is NaN, in the gradient too.
    beyond = a * torch.zeros_like(a).masked_fill(outside, 0 if slope is None else slope)
    return torch.where(present, cell, beyond).sum(-1)


def _joint(joint: Tensor, validate: bool) -> Tensor:
    if isinstance(joint, Tensor) and joint.ndim < 2:
        raise ValueError(f"joint: shape {tuple(joint.shape)}; wanted (..., A, B)")
    table = checks.working_dtype(joint, "joint")
    checks.distribution(joint.flatten(-2), "joint", validate=validate)
    return table


def mutual_information(joint: Tensor, *, validate: bool = True) -> Tensor:
    """``I(A; B)`` as ``E_a KL(p(b|a) || p(b))`` (see :func:`sua_ref.mutual_information`)."""
    j = _joint(joint, validate)
    mass = j.sum(-1, keepdim=True)
    present = mass > 0
    conditional = j / torch.where(present, mass, 1.0)
    labels = j.sum(-2, keepdim=True).expand_as(j)
    rows = pairs.kl(pairs.from_probabilities(conditional, labels)).sum(-1, keepdim=True)
    return torch.where(present, mass * rows, 0.0).sum((-2, -1))


def conditional_entropy(joint: Tensor, *, validate: bool = True) -> Tensor:
    """``H(B | A)`` (see :func:`sua_ref.conditional_entropy`)."""
    j = _joint(joint, validate)
    # What a row holds besides each entry, by adding what stands before and after it.
    before = j.cumsum(-1)[..., :-1]
    after = j.flip(-1).cumsum(-1).flip(-1)[..., 1:]
    zero = torch.zeros_like(j[..., :1])
    others = torch.cat([zero, before], -1) + torch.cat([after, zero], -1)
    positive = torch.where(j > 0, j, 1.0)
    leading = others <= positive
    close = torch.log1p(torch.where(leading, others, 0.0) / positive)
    apart = torch.where(leading, 1.0, positive + others).log() - positive.log()
    surprise = torch.where(leading, close, apart)
    return torch.where(j > 0, j * surprise, 0.0).sum((-2, -1))


def kl_divergence(p: Tensor, q: Tensor, *, validate: bool = True) -> Tensor:
    """KL(p || q), nats (see :func:`sua_ref.kl_divergence`)."""
    return _of_probabilities(p, q, "kl", validate)


def jensen_shannon_divergence(p: Tensor, q: Tensor, *, validate: bool = True) -> Tensor:
    """Jensen-Shannon divergence, nats (see :func:`sua_ref.jensen_shannon_divergence`)."""
    return _of_probabilities(p, q, "jsd", validate)


def total_variation(p: Tensor, q: Tensor, *, validate: bool = True) -> Tensor:
    """Total variation (see :func:`sua_ref.total_variation`)."""
    return _of_probabilities(p, q, "tv", validate)


def chi2_divergence(p: Tensor, q: Tensor, *, validate: bool = True) -> Tensor:
    """Chi-squared divergence (see :func:`sua_ref.chi2_divergence`)."""
    return _of_probabilities(p, q, "chi2", validate)


def squared_hellinger(p: Tensor, q: Tensor, *, validate: bool = True) -> Tensor:
    """Squared Hellinger distance (see :func:`sua_ref.squared_hellinger`)."""
    return _of_probabilities(p, q, "hellinger2", validate)


def kl_divergence_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """KL of two softmaxes (see :func:`sua_ref.kl_divergence_from_logits`)."""
    return _of_logits(logits, perturbed_logits, "kl", implementation, validate)


def jensen_shannon_divergence_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """JSD of two softmaxes (see :func:`sua_ref.jensen_shannon_divergence_from_logits`)."""
    return _of_logits(logits, perturbed_logits, "jsd", implementation, validate)


def total_variation_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """TV of two softmaxes (see :func:`sua_ref.total_variation_from_logits`)."""
    return _of_logits(logits, perturbed_logits, "tv", implementation, validate)


def chi2_divergence_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Chi-squared of two softmaxes (see :func:`sua_ref.chi2_divergence_from_logits`)."""
    return _of_logits(logits, perturbed_logits, "chi2", implementation, validate)


def squared_hellinger_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """Squared Hellinger of two softmaxes (see :func:`sua_ref.squared_hellinger_from_logits`)."""
    return _of_logits(logits, perturbed_logits, "hellinger2", implementation, validate)
