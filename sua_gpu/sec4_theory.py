"""Section 4: the additive score, the repair of Theorem 4.3 that a score can be made of."""

from __future__ import annotations

from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec2_information import error_from_logits, max_confidence
from sua_gpu.sec3_formulation import (
    distributional_sensitivity,
    distributional_sensitivity_from_logits,
)


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
    validate: bool = True,
) -> Tensor:
    """``e + 2 S_TV`` (see :func:`sua_ref.additive_score_from_logits`)."""
    s = distributional_sensitivity_from_logits(
        logits, perturbed_logits, divergence="tv", weights=weights, validate=validate
    )
    return error_from_logits(checks.logits(logits, "logits", validate=False)) + 2 * s
