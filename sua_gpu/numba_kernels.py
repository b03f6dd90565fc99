"""The backend for CPUs: kernels compiled by numba, each logit read once from memory.

Single and half precision; what the kernels leave out (a label that only one of the two allows,
log-ratios beyond e^16), and double precision throughout, is computed by :mod:`sua_gpu.chunked`,
pair by pair. Rows are divided over torch's threads; a row's result does not depend on how.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sua_gpu import chunked, doubled, numba_rows, numba_slopes, slopes
from sua_gpu.checks import widened
from sua_gpu.stats import Stats

_KINDS = {"kl": numba_rows.KL, "reverse_kl": numba_rows.KL, "jsd": numba_rows.JSD,
          "tv": numba_rows.TV}  # fmt: skip
_BLOCK = 1 << 20
"""Logits of a block whose gradients wait in single precision, or are computed again."""
_PARALLEL_FROM = 1 << 18
"""Logits below which a second thread costs more than it saves."""


@cache
def _workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "sua")


def _array(t: Tensor) -> Any:
    """The numbers of a tensor without a copy; those of 16 bits as their bits."""
    t = t.detach()
    return t.numpy() if t.dtype == torch.float32 else t.view(torch.uint16).numpy()


def _divided(rows: int, logits: int, work: Callable[[int, int], None]) -> None:
    """``work(start, stop)`` over all rows, by several threads where that pays."""
    count = min(torch.get_num_threads(), rows) if logits >= _PARALLEL_FROM else 1
    if count <= 1:
        work(0, rows)
        return
    cuts = [rows * i // count for i in range(count + 1)]
    tasks = [_workers(count).submit(work, a, b) for a, b in pairwise(cuts)]
    for task in tasks:
        task.result()


def _run(x: Tensor, y: Tensor, shared_by: int, kind: int, keep: Any) -> tuple[Any, Any, Any]:
    rows, views = len(x), y.shape[1]
    out, wild = np.zeros((rows, views)), np.zeros((rows, views), np.bool_)
    singles, faint = np.empty((3, rows)), np.zeros(rows, np.bool_)
    a, b, brain = _array(x), _array(y), x.dtype == torch.bfloat16

    def work(start: int, stop: int) -> None:
        numba_rows.forward(
            a, b, shared_by, kind, brain, keep, start, stop, out, singles, wild, faint
        )

    _divided(rows, x.numel() + y.numel(), work)
    if faint.any():
        again = torch.from_numpy(faint)
        r = doubled.rows(x[again])
        singles[:, faint] = torch.stack([doubled.entropy(r), r.peak, r.rest]).numpy()
    return out, singles, wild


def _contiguous(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return x.contiguous(), y.contiguous()


def forward(
    x: Tensor,
    y: Tensor,
    kind: str,
    *,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> Stats:
    """Rows ``x`` of ``(B, V)`` and their perturbations ``y`` of ``(B, K, V)``."""
    if x.dtype == torch.float64 or len(x) == 0:
        return chunked.forward(x, y, kind, mask=mask, labels=labels)
    x, y = _contiguous(x, y)
    rows, views, n = y.shape
    keep = np.ones((rows, views), np.bool_) if mask is None else mask.numpy()
    if kind == "reverse_kl":
        _, singles, _ = _run(x, y[:, :0], 1, numba_rows.KL, keep)
        flat, beside = y.reshape(-1, n), x.unsqueeze(1)
        out, _, wild = _run(flat, beside, views, numba_rows.KL, keep.reshape(-1, 1))
        out, wild = out.reshape(rows, views), wild.reshape(rows, views)
    else:
        out, singles, wild = _run(x, y, 1, _KINDS[kind], keep)
    found = torch.from_numpy(out).float()
    if wild.any():
        row, k = torch.from_numpy(wild).nonzero(as_tuple=True)
        for at in chunked.blocks(len(row), n, 4):
            i, j = row[at], k[at]
            pair = slopes.in_order(widened(x[i]), widened(y[i, j]), kind)
            found[i, j] = slopes.value(*pair)
    entropy, peak, rest = (torch.from_numpy(s).float() for s in singles)
    surprise = None
    if labels is not None:
        chosen = x.gather(-1, labels.unsqueeze(-1)).squeeze(-1).double()
        surprise = (torch.from_numpy(singles[2]).log1p() + (peak.double() - chosen)).float()
    return Stats(found, entropy, peak, rest, surprise)


def _or_nothing(t: Tensor | None, *shape: int) -> Any:
    return np.zeros(shape) if t is None else t.detach().double().numpy()


def _gradients(
    x: Tensor, y: Tensor, kind: int, keep: Any, given: dict[str, Tensor | None], gx: Any, gy: Any
) -> Any:
    """Fills the float32 gradients of a block; returns marks of the rows left out."""
    rows = len(x)
    a, b, brain = _array(x), _array(y), x.dtype == torch.bfloat16
    to_x, to_y = (_or_nothing(given[name], rows, 0) for name in ("to_x", "to_y"))
    to_entropy = _or_nothing(given["to_entropy"], 0)
    to_surprise, marks = _or_nothing(given["to_surprise"], 0), np.zeros(0, np.int64)
    if given["to_surprise"] is not None and given["labels"] is not None:
        marks = given["labels"].numpy()
    wild = np.zeros(rows, np.bool_)

    def work(start: int, stop: int) -> None:
        numba_slopes.backward(
            a, b, kind, brain, keep, start, stop, to_x, to_y, to_entropy, to_surprise, marks, gx,
            gy, wild,
        )  # fmt: skip

    _divided(rows, x.numel() + y.numel(), work)
    return wild


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
    """The gradients to x and y; see :func:`sua_gpu.chunked.backward`."""
    given: dict[str, Tensor | None] = {
        "to_x": to_x, "to_y": to_y, "to_entropy": to_entropy, "to_surprise": to_surprise,
        "mask": mask, "labels": labels,
    }  # fmt: skip
    if x.dtype == torch.float64 or kind == "reverse_kl" or len(x) == 0:
        return chunked.backward(x, y, kind, **given)
    x, y = _contiguous(x, y)
    wanted = to_x is not None or to_entropy is not None or to_surprise is not None
    gx = torch.empty_like(x) if wanted else None
    gy = torch.empty_like(y) if to_y is not None else None
    step = len(x) if x.dtype == torch.float32 else max(1, _BLOCK // max(1, y.shape[1] * x.shape[1]))
    for start in range(0, len(x), step):
        at = slice(start, start + step)
        here = {name: None if t is None else t[at] for name, t in given.items()}
        # Half precision is rounded once, from a block in single precision.
        single = [None if g is None else _single(g[at]) for g in (gx, gy)]
        keep = np.ones(y[at].shape[:2], np.bool_) if mask is None else mask[at].numpy()
        arrays = [
            np.zeros((*shape, 0), np.float32) if g is None else g.numpy()
            for g, shape in zip(single, (x[at].shape[:1], y[at].shape[:2]), strict=True)
        ]
        wild = _gradients(x[at], y[at], _KINDS[kind], keep, here, *arrays)
        left = torch.from_numpy(wild).nonzero()[:, 0]
        for part in torch.split(left, max(1, _BLOCK // (x.shape[1] * max(1, y.shape[1])))):
            again = {name: None if t is None else t[part] for name, t in here.items()}
            found = chunked.backward(x[at][part], y[at][part], kind, **again)
            for out, exact in zip(single, found, strict=True):
                if out is not None and exact is not None:
                    out[part] = exact.to(out.dtype)
        for out, block in zip((gx, gy), single, strict=True):
            if out is not None and block is not None and out.dtype != torch.float32:
                out[at] = block.to(out.dtype)
    return gx, gy


def _single(g: Tensor) -> Tensor:
    """Where a block is written: in place, or in single precision beside it."""
    return g.zero_() if g.dtype == torch.float32 else torch.zeros_like(g, dtype=torch.float32)
