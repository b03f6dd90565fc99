"""The backend in plain torch: blocks of rows whose temporaries stay in the cache.

It reuses :mod:`sua_gpu.pairs` and :mod:`sua_gpu.slopes`, and is what every other backend is held
to. A fresh page costs several times a warm one, so a block is kept at about ``BLOCK_BYTES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from sua_gpu import slopes
from sua_gpu.checks import widened
from sua_gpu.rows import powers
from sua_gpu.stats import Stats

BLOCK_BYTES = 8 << 20
"""Of the temporaries of a block, of which about ``TEMPORARIES`` of its size live at once."""
TEMPORARIES = 16

Value = Callable[[Tensor, Tensor, str], Tensor]


def blocks(rows: int, width: int, itemsize: int) -> Iterator[slice]:
    """Slices over ``rows`` whose temporaries come to about ``BLOCK_BYTES``; one row at least."""
    step = max(1, BLOCK_BYTES // (TEMPORARIES * max(1, width) * max(itemsize, 4)))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def _pairs(x: Tensor, y: Tensor, mask: Tensor | None, kind: str, of: Value) -> Tensor:
    """``of`` the block's rows that the mask keeps, 0 elsewhere; the others are not read."""
    if mask is None:
        # ``of`` sees contiguous rows: a broadcast operand would be walked with stride 0.
        return of(*slopes.in_order(*torch.broadcast_tensors(x.unsqueeze(1), y), kind))
    row, k = mask.nonzero(as_tuple=True)
    found = of(*slopes.in_order(x[row], y[row, k], kind))
    shape = (*y.shape[:2], *found.shape[1:])
    return found.new_zeros(shape).index_put((row, k), found)


def divergences(
    x: Tensor, y: Tensor, kind: str, mask: Tensor | None = None, of: Value = slopes.value
) -> Tensor:
    """``(B, K)`` divergences, block by block."""
    a = widened(x[:0])
    out = torch.zeros(y.shape[:2], dtype=a.dtype, device=x.device)
    for k in range(0, y.shape[1]):
        for at in blocks(len(x), x.shape[1], x.element_size()):
            kept = None if mask is None else mask[at, k : k + 1]
            there = y[at, k : k + 1]
            # Widened only if read: a masked row may hold anything.
            out[at, k : k + 1] = _pairs(widened(x[at]), widened(there), kept, kind, of)
    return out


def forward(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
    of: Value = slopes.value,
) -> Stats:
    """Rows ``x`` of ``(B, V)`` and their perturbations ``y`` of ``(B, K, V)``."""
    with torch.no_grad():
        single = []
        for at in blocks(len(x), x.shape[1], x.element_size()):
            a = widened(x[at])
            surprise = None if labels is None else slopes.surprise(a, labels[at])
            single.append((slopes.entropy(a), a.amax(-1), powers(a)[2], surprise))
        columns = list(zip(*single, strict=True)) if single else [[], [], [], []]
        empty = widened(x[:0, 0])
        entropy, peak, rest = (torch.cat([empty, *c]) for c in columns[:3])
        surprise = None if labels is None else torch.cat([empty, *columns[3]])
        return Stats(divergences(x, y, kind, mask, of), entropy, peak, rest, surprise)


def gradients(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    to_x: Tensor | None = None,
    to_y: Tensor | None = None,
    to_entropy: Tensor | None = None,
    to_surprise: Tensor | None = None,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor | None, Tensor | None]:
    """One block of the backward pass, differentiable itself; in the working dtype."""
    gx = gy = None
    swap = kind == "reverse_kl"
    first, second = slopes.first_slope, slopes.second_slope
    if swap:
        first, second = second, first
    if to_x is not None:
        slope = _pairs(x, y, mask, kind, first)
        gx = (to_x.unsqueeze(-1) * slope).sum(1)
    if to_y is not None:
        gy = to_y.unsqueeze(-1) * _pairs(x, y, mask, kind, second)
    if to_entropy is not None:
        part = to_entropy.unsqueeze(-1) * slopes.entropy_slope(x)
        gx = part if gx is None else gx + part
    if to_surprise is not None:
        assert labels is not None
        part = to_surprise.unsqueeze(-1) * slopes.surprise_slope(x, labels)
        gx = part if gx is None else gx + part
    return gx, gy


def backward(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    to_x: Tensor | None = None,
    to_y: Tensor | None = None,
    to_entropy: Tensor | None = None,
    to_surprise: Tensor | None = None,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients to x and y from upstreams of the divergences, the entropy and the surprise."""
    wanted = to_x is not None or to_entropy is not None or to_surprise is not None
    gx = torch.empty_like(x) if wanted else None
    gy = torch.empty_like(y) if to_y is not None else None
    given = {
        "to_x": to_x,
        "to_y": to_y,
        "to_entropy": to_entropy,
        "to_surprise": to_surprise,
        "mask": mask,
        "labels": labels,
    }
    with torch.no_grad():
        for at in blocks(len(x), max(1, y.shape[1]) * x.shape[1], x.element_size()):
            here = {name: None if t is None else t[at] for name, t in given.items()}
            block = gradients(widened(x[at]), widened(y[at]), kind, **here)
            for out, found in zip((gx, gy), block, strict=True):
                if out is not None and found is not None:
                    out[at] = found.to(out.dtype)
    return gx, gy
