"""The backend in plain torch: blocks of rows whose temporaries stay in the cache.

It reuses :mod:`sua_gpu.pairs` and :mod:`sua_gpu.slopes`, and is what every other backend is held
to. A fresh page costs several times a warm one, so a block is kept at about ``BLOCK_BYTES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from sua_gpu import doubled, slopes
from sua_gpu.checks import widened
from sua_gpu.rows import powers
from sua_gpu.stats import Stats

BLOCK_BYTES = 8 << 20
"""Of the temporaries of a block, of which about ``TEMPORARIES`` of its size live at once."""
TEMPORARIES = 16

Value = Callable[[Tensor, Tensor, str], Tensor]
Upstreams = dict[str, Tensor | None]


def blocks(rows: int, width: int, itemsize: int) -> Iterator[slice]:
    """Slices over ``rows`` whose temporaries come to about ``BLOCK_BYTES``; one row at least."""
    step = max(1, BLOCK_BYTES // (TEMPORARIES * max(1, width) * max(itemsize, 4)))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def _pairs(x: Tensor, y: Tensor, mask: Tensor | None, kind: str, of: Value) -> Tensor:
    """``of`` the block's rows that the mask keeps, 0 elsewhere; the others are not read."""
    if mask is None:
        # ``of`` sees contiguous rows: a broadcast operand would be walked with stride 0.
        return of(*slopes.in_order(x.unsqueeze(1).expand_as(y), y, kind))
    row, k = mask.nonzero(as_tuple=True)
    found = of(*slopes.in_order(x[row], y[row, k], kind))
    shape = (*y.shape[:2], *found.shape[1:])
    return found.new_zeros(shape).index_put((row, k), found)


def _accurate(x: Tensor, y: Tensor, kind: str, mask: Tensor | None, of: Value) -> Tensor:
    """``(b, K)`` divergences of a block by the cells of :mod:`sua_gpu.pairs`."""
    # Widened only if read: a masked row may hold anything.
    return _pairs(x, y, mask, kind, lambda a, b, name: of(widened(a), widened(b), name))


def _beside(
    x: Tensor, r: doubled.Rows, y: Tensor, k: int, kind: str
) -> tuple[doubled.Rows, doubled.Beside, str]:
    """The k-th pair of each row in the order in which its divergence is a forward one."""
    if kind == "reverse_kl":
        there = doubled.rows(y[:, k])
        return there, doubled.beside(there, x.unsqueeze(1)), "kl"
    return r, doubled.beside(r, y[:, k : k + 1]), kind


def _block(x: Tensor, y: Tensor, kind: str, labels: Tensor | None) -> tuple[Tensor, ...]:
    """A block of rows of at most single precision."""
    r = doubled.rows(x)
    out = torch.zeros(y.shape[:2], dtype=torch.float64, device=x.device)
    left = torch.ones_like(out, dtype=torch.bool)
    if kind in doubled.KINDS:
        for k in range(y.shape[1]):
            first, b, name = _beside(x, r, y, k, kind)
            out[:, k : k + 1] = doubled.divergence(first, b, name)
            left[:, k : k + 1] = ~(b.tame & out[:, k : k + 1].isfinite())
    if bool(left.any()):
        out = torch.where(left, _accurate(x, y, kind, left, slopes.value).double(), out)
    surprise = x.new_empty(0)
    if labels is not None:
        chosen = r.x.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
        surprise = r.rest.log1p() + (r.peak - chosen)
    return out, doubled.entropy(r), r.peak, r.rest, surprise


def _double_block(x: Tensor, y: Tensor, kind: str, labels: Tensor | None) -> tuple[Tensor, ...]:
    """A block of rows of double precision."""
    surprise = x.new_empty(0) if labels is None else slopes.surprise(x, labels)
    return (
        _accurate(x, y, kind, None, slopes.value),
        slopes.entropy(x),
        x.amax(-1),
        powers(x)[2],
        surprise,
    )


def _kept(x: Tensor, y: Tensor, mask: Tensor | None) -> Tensor:
    """y with x in the place of the rows that are not to be read."""
    if mask is None or bool(mask.all()):
        return y
    return torch.where(mask.unsqueeze(-1), y, x.unsqueeze(1))


def forward(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> Stats:
    """Rows ``x`` of ``(B, V)`` and their perturbations ``y`` of ``(B, K, V)``."""
    of = _double_block if x.dtype == torch.float64 else _block
    dtype = widened(x[:0]).dtype
    found = [x.new_empty(s, dtype=dtype) for s in (y.shape[:2], x.shape[:1])]
    divergences, entropy = found
    peak, rest = torch.empty_like(entropy), torch.empty_like(entropy)
    surprise = None if labels is None else torch.empty_like(entropy)
    with torch.no_grad():
        for at in blocks(len(x), x.shape[1], x.element_size()):
            there = _kept(x[at], y[at], None if mask is None else mask[at])
            block = of(x[at], there, kind, None if labels is None else labels[at])
            for out, part in zip((divergences, entropy, peak, rest), block[:4], strict=True):
                out[at] = part.to(dtype)
            if surprise is not None:
                surprise[at] = block[4].to(dtype)
    return Stats(divergences, entropy, peak, rest, surprise)


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


def _block_gradients(
    x: Tensor, y: Tensor, kind: str, gx: Tensor | None, gy: Tensor | None, given: Upstreams
) -> Tensor:
    """Writes a block's gradients; returns ``(b,)`` marks of the rows that are left out."""
    r = doubled.rows(x)
    total = torch.zeros_like(r.x) if gx is not None else None
    left = torch.zeros_like(r.peak, dtype=torch.bool)
    to_x, to_y = given["to_x"], given["to_y"]
    if to_x is not None or to_y is not None:
        for k in range(y.shape[1]):
            u = None if to_x is None else to_x[:, k : k + 1]
            v = None if to_y is None else to_y[:, k : k + 1]
            first, b, name = _beside(x, r, y, k, kind)
            left |= ~b.tame[:, 0]
            if kind == "reverse_kl":
                part_y, part_x = doubled.slopes(first, b, name, v, u)
                part_x = None if part_x is None else part_x.squeeze(1)
            else:
                part_x, part_y = doubled.slopes(first, b, name, u, v)
                part_y = None if part_y is None else part_y.squeeze(1)
            if total is not None and part_x is not None:
                total += part_x
            if gy is not None and part_y is not None:
                gy[:, k] = part_y.to(gy.dtype)
    if gx is not None and total is not None:
        if given["to_entropy"] is not None:
            total += given["to_entropy"].double().unsqueeze(-1) * doubled.entropy_slope(r)
        if given["to_surprise"] is not None and given["labels"] is not None:
            slope = doubled.surprise_slope(r, given["labels"])
            total += given["to_surprise"].double().unsqueeze(-1) * slope
        gx.copy_(total)
    return left


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
    given: Upstreams = {
        "to_x": to_x if mask is None or to_x is None else to_x * mask,
        "to_y": to_y if mask is None or to_y is None else to_y * mask,
        "to_entropy": to_entropy,
        "to_surprise": to_surprise,
        "labels": labels,
    }
    with torch.no_grad():
        for at in blocks(len(x), x.shape[1], x.element_size()):
            here = {name: None if t is None else t[at] for name, t in given.items()}
            there = _kept(x[at], y[at], None if mask is None else mask[at])
            outs = (None if gx is None else gx[at], None if gy is None else gy[at])
            left = torch.ones(len(there), dtype=torch.bool, device=x.device)
            if kind in doubled.KINDS and x.dtype != torch.float64:
                left = _block_gradients(x[at], there, kind, *outs, here)
            for row in torch.split(left.nonzero()[:, 0], max(1, len(left) // max(1, y.shape[1]))):
                again = {name: None if t is None else t[row] for name, t in here.items()}
                found = gradients(widened(x[at][row]), widened(there[row]), kind, **again)
                for out, part in zip(outs, found, strict=True):
                    if out is not None and part is not None:
                        out[row] = part.to(out.dtype)
    return gx, gy
