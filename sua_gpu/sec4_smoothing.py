"""Section 4.5: the sharp factor of label smoothing towards any law (result n_19)."""

from __future__ import annotations

from numbers import Real
from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks


def smoothing_factor_for(u: Tensor, alpha: Any, *, validate: bool = True) -> Tensor:
    """The contraction of ``q -> alpha q + (1 - alpha) u`` (see
    :func:`sua_ref.smoothing_factor_for`)."""
    law = checks.distribution(u, "u", validate=validate)
    if isinstance(alpha, bool) or not isinstance(alpha, Real):
        raise TypeError(f"alpha: a real number wanted, got {type(alpha).__name__} {alpha!r}")
    kept = float(alpha)
    if not 0 <= kept <= 1:
        raise ValueError(f"alpha: {alpha} is not in [0, 1]")
    count = min(2, law.shape[-1])
    two = (1 - kept) * torch.topk(law, count, dim=-1, largest=False).values
    a, b = two[..., 0], two[..., -1]
    if kept == 0:
        return 0 * a
    roots = (a * (kept + b)).sqrt() + (b * (kept + a)).sqrt()
    return kept * kept * (kept + a + b) / (kept * kept + roots.square())
