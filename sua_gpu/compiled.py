"""The torch backend with its divergences compiled: ``torch.compile`` fuses the plain formulas.

Compiled when first asked for, once for each divergence and dtype, with dynamic shapes. Everything
else, and each pair that the plain formulas leave out, is computed by :mod:`sua_gpu.chunked`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

import torch
from torch import Tensor

from sua_gpu import chunked, doubled
from sua_gpu.stats import Stats


def _divergence(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """``(B, K)`` by the formulas of :mod:`sua_gpu.doubled`; NaN where they do not apply."""
    wide = x.double()
    peak, top = wide.max(-1, keepdim=True)
    power = (wide - peak).exp()
    p = (power / power.sum(-1, keepdim=True)).unsqueeze(1)
    z = y.double() - wide.unsqueeze(1)
    z = z - z.gather(-1, top.unsqueeze(1).expand(*z.shape[:-1], 1))
    growth = 2 * (z / 2).exp() * (z / 2).sinh()  # e^z - 1, which the compiler takes literally
    mean = (p * growth).sum(-1, keepdim=True)
    if kind == "kl":
        value = mean.squeeze(-1).log1p() - (p * z).sum(-1)
    elif kind == "tv":
        value = (p * (growth - mean).abs()).sum(-1) / (1 + mean.squeeze(-1)) / 2
    else:
        u = (growth - mean) / (1 + mean)
        d = z - mean.log1p()
        value = (p * (d * (1 + u) - (2 + u) * (u / 2).log1p())).sum(-1) / 2
    low, high = z.amin(-1), z.amax(-1)
    tame = (high <= 300.0) & (low > -torch.inf)
    kept = tame & doubled.resolved(value, torch.maximum(high, -low), kind)
    return torch.where(kept, value.clamp_min(0.0), torch.nan)


@cache
def _compiled() -> Callable[[Tensor, Tensor, str], Tensor]:
    return cast(Callable[[Tensor, Tensor, str], Tensor], torch.compile(_divergence, dynamic=True))


def forward(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> Stats:
    """Rows ``x`` of ``(B, V)`` and their perturbations ``y`` of ``(B, K, V)``."""
    fused = kind in ("kl", "jsd", "tv") and x.dtype != torch.float64
    if not fused or y.shape[1] == 0 or mask is not None or len(x) == 0:
        return chunked.forward(x, y, kind, mask=mask, labels=labels)
    with torch.no_grad():
        found = _compiled()(x, y, kind)
        left = found.isnan()
        if bool(left.any()):
            row, k = left.nonzero(as_tuple=True)
            for at in chunked.blocks(len(row), x.shape[1], 4):
                i, j = row[at], k[at]
                exact = chunked.forward(x[i], y[i, j].unsqueeze(1), kind).divergences
                found[i, j] = exact[:, 0].double()
    single = chunked.forward(x, y[:, :0], kind, labels=labels)
    return single._replace(divergences=found.to(single.entropy.dtype))


backward = chunked.backward
