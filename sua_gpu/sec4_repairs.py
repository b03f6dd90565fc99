"""Section 4, repaired: the true results (contracts and proofs as in :mod:`sua_ref`)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec2_information import max_confidence
from sua_gpu.sec3_formulation import distributional_sensitivity, from_logits, mean_view
from sua_gpu.sec4_risks import gibbs_risk, output_and_law
from sua_ref.results import Bound


def additive_score(
    p: Tensor, perturbed: Tensor, *, weights: Tensor | None = None, validate: bool = True
) -> Tensor:
    """``e + 2 S_TV`` (see :func:`sua_ref.additive_score`)."""
    s = distributional_sensitivity(
        p, perturbed, divergence="tv", weights=weights, validate=validate
    )
    return 1 - max_confidence(p, validate=False) + 2 * s


def additive_score_from_logits(
    logits: Tensor,
    perturbed_logits: Tensor,
    *,
    weights: Tensor | None = None,
    implementation: str = "auto",
    validate: bool = True,
) -> Tensor:
    """``e + 2 S_TV`` (see :func:`sua_ref.additive_score_from_logits`)."""
    found, w = from_logits(logits, perturbed_logits, "tv", weights, implementation, validate)
    # 1 - max p without the subtraction.
    return found.rest / (1 + found.rest) + 2 * mean_view(found.divergences, w)


def expected_risk_bound(
    p: Tensor,
    perturbed: Tensor,
    p_true: Tensor,
    *,
    weights: Tensor | None = None,
    validate: bool = True,
) -> Bound:
    """Result n_4 (b): ``E R(x') <= R(x) + S_TV`` (see :func:`sua_ref.expected_risk_bound`)."""
    s = distributional_sensitivity(
        p, perturbed, divergence="tv", weights=weights, validate=validate
    )
    q, law = output_and_law(p, p_true, validate)
    there = checks.distribution(perturbed, "perturbed", validate=False).to(q.dtype)
    w = checks.mixture_weights(weights, there[..., 0], validate=False)
    # R is linear in the output: its mean over x' is the risk of the mean output.
    pooled = there.mean(-2) if w is None else (w.unsqueeze(-1) * there).sum(-2)
    risk = gibbs_risk(q, law, validate=False)
    return Bound(gibbs_risk(pooled, law, validate=False), risk + s, {})


def ece_lower_bound(
    confidence: Tensor,
    flips: Tensor,
    *,
    label_invariant: bool,
    stationary: bool,
    delta: float = 0,
    weights: Tensor | None = None,
) -> Tensor:
    """Result n_1 (A): a lower bound on the calibration error
    (see :func:`sua_ref.ece_lower_bound`)."""
    _hypotheses(label_invariant, stationary)
    moved = checks.real(delta, "delta", low=0, high=1)
    c = checks.working_dtype(confidence, "confidence")
    if c.ndim != 1 or c.numel() == 0:
        raise ValueError(
            f"confidence: a vector of at least one entry wanted, got shape {tuple(c.shape)}"
        )
    checks.unit_interval(c, "confidence")
    changed, share = _changed(flips, c), _shares(weights, c)
    return (share @ (c + changed * ((1 - moved) / 2)) - 1).relu()


def _hypotheses(label_invariant: bool, stationary: bool) -> None:
    for name, asserted in (("label_invariant", label_invariant), ("stationary", stationary)):
        if not isinstance(asserted, bool):
            raise TypeError(f"{name}: True or False wanted, got {asserted!r}")
        if not asserted:
            raise ValueError(f"{name}: False; the bound does not hold without it")


def _changed(flips: Tensor, rows: Tensor) -> Tensor:
    """How often each row flips."""
    if not isinstance(flips, Tensor):
        raise TypeError(f"flips: a torch tensor wanted, got {type(flips).__name__}")
    f, n = flips.to(rows.dtype), len(rows)
    if f.ndim not in (1, 2) or f.shape[:1] != rows.shape or f.numel() == 0:
        raise ValueError(f"flips: shape {tuple(f.shape)}; wanted ({n},) or ({n}, K)")
    checks.unit_interval(f, "flips")
    return f if f.ndim == 1 else f.mean(-1)


def _shares(weights: Tensor | None, rows: Tensor) -> Tensor:
    w = checks.mixture_weights(weights, rows, validate=True)
    return torch.full_like(rows, 1 / len(rows)) if w is None else w


def ece_lower_bound_from_sensitivity(
    sensitivity: Tensor,
    entropy: Tensor,
    *,
    label_invariant: bool,
    stationary: bool,
    n_bins: int = 15,
    flips: Tensor | None = None,
    delta: float = 0,
    weights: Tensor | None = None,
) -> Tensor:
    """Results n_16, n_28 and n_1 (B): the same from sensitivity and entropy
    (see :func:`sua_ref.ece_lower_bound_from_sensitivity`)."""
    _hypotheses(label_invariant, stationary)
    moved = checks.real(delta, "delta", low=0, high=1)
    bins = checks.integer(n_bins, "n_bins", low=1)
    s = checks.working_dtype(sensitivity, "sensitivity")
    h = checks.working_dtype(entropy, "entropy")
    if s.ndim != 1 or s.numel() == 0:
        raise ValueError(
            f"sensitivity: a vector of at least one entry wanted, got shape {tuple(s.shape)}"
        )
    checks.same_shape(s, h, "sensitivity", "entropy")
    checks.within(s, "sensitivity", 1.0, validate=True)
    checks.within(h, "entropy", math.inf, validate=True)
    share = _shares(weights, s)
    # A row of weight 0 does not count, even one of infinite entropy.
    nats = share @ h.to(s.dtype).masked_fill(share == 0, 0.0)
    lost = moved if flips is None else moved * (share @ _changed(flips, s))
    return (share @ s - _LAMBDA.get(bins, 1.5 / math.log(2)) * nats - lost).relu() / 2


_LAMBDA = {
    1: 2 / math.log(2),
    2: 2 / math.log(2),
    4: 14 / (14 * math.log(2) - 3 * math.log(3)),
}
"""By number of equal bins; 3/(2 log 2) for the others."""
