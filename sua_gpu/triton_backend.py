"""The Triton backend: launch grids, block choice and buffers around the kernels.

Block sizes depend on V alone and are never autotuned: the order of every sum, and so every bit of a
result, is the same in each run and under the interpreter. Long rows are taken in groups whose
logits stay in the cache between the reads of one group.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from sua_gpu import triton_backward, triton_forward, triton_merge
from sua_gpu.stats import Stats

TILE = 4096
"""Labels in a tile: 16 to a thread, 8 warps to a program."""
_ELEMENTS = 2048
"""In a program that takes several short rows."""
_INTERPRETED_ELEMENTS = 1 << 16
_CACHE_BYTES = 24 << 20
"""Of logits in a group of rows that are read more than once: half the second-level cache of an
H100."""


class _Plan(NamedTuple):
    """How the rows of one call are cut."""

    tiles: int
    block: int
    rows: int
    """rows to a program: on a GPU 1 where a row has several tiles"""
    pairs: int
    """pairs to a program that merges"""
    warps: int

    @property
    def shape(self) -> dict[str, int]:
        """The kernels' parameters."""
        return {"ROWS": self.rows, "BLOCK": self.block, "num_warps": self.warps}

    def grid(self, n: int) -> tuple[int, int]:
        """The programs for n rows."""
        return triton.cdiv(n, self.rows), self.tiles


def plan(v: int) -> _Plan:
    """The cut of rows of ``v`` labels.

    The interpreter pays for operations, not for elements, and so takes more rows to a program;
    what is added up, and in which order, stays the same.
    """
    block = min(TILE, triton.next_power_of_2(v))
    tiles = triton.cdiv(v, block)
    if triton.knobs.runtime.interpret:
        rows = max(1, _INTERPRETED_ELEMENTS // block)
        pairs = max(1, _INTERPRETED_ELEMENTS // triton.next_power_of_2(tiles))
    else:
        rows = max(1, _ELEMENTS // block) if tiles == 1 else 1
        pairs = 1
    return _Plan(tiles, block, rows, pairs, 8 if block * rows > _ELEMENTS else 4)


_Rows = tuple[Tensor, Tensor, Tensor | None]
"""x, y and the mask of a group of rows"""
_Results = tuple[Tensor | None, Tensor, Tensor, Tensor, Tensor | None]
"""where the fields of :class:`Stats` go"""


def _working(x: Tensor) -> tuple[torch.dtype, dict[str, Any]]:
    """The working precision, and the kernels' parameters that follow from the dtype."""
    wide = x.dtype == torch.float64
    narrow = x.dtype in (torch.float16, torch.bfloat16)
    return (
        torch.float64 if wide else torch.float32,
        {"NARROW": narrow, "DTYPE": tl.float64 if wide else tl.float32},
    )


def _groups(x: Tensor, k: int) -> list[slice]:
    n = len(x)
    size = max(1, _CACHE_BYTES // (x.shape[1] * x.element_size() * (k + 1)))
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def _bytes(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask.contiguous().view(torch.uint8)


def forward(
    x: Tensor, y: Tensor, kind: str, *, mask: Tensor | None = None, labels: Tensor | None = None
) -> Stats:
    """Divergence from each perturbation, entropy, normaliser and surprise of rows of logits.

    Args:
        x: ``(B, V)``, validated, of bfloat16, float16, float32 or float64.
        y: ``(B, K, V)`` likewise; K may be 0.
        kind: ``"kl"``, ``"reverse_kl"``, ``"jsd"`` or ``"tv"``.
        mask: ``(B, K)`` bool; where False, y is not read and the divergence is 0.
        labels: ``(B,)`` int64.

    Returns:
        The statistics, in nats, in float32, or in float64 for float64 logits.
    """
    (n, v), k = x.shape, y.shape[1]
    dtype, given = _working(x)
    x, y, mask = x.contiguous(), y.contiguous(), _bytes(mask)
    divergences = x.new_empty((n, k), dtype=dtype)
    entropy, peak, rest = (x.new_empty(n, dtype=dtype) for _ in range(3))
    surprise = None if labels is None else x.new_empty(n, dtype=dtype)
    found = Stats(divergences, entropy, peak, rest, surprise)
    if n == 0:
        return found
    cut = plan(v)
    given |= {"K": k, "KIND": kind}
    if cut.tiles == 1:
        triton_forward.whole[cut.grid(n)](
            x, y, mask, labels, *found, n, v, **given,
            **cut.shape,
        )  # fmt: skip
        return found
    twice = kind in ("jsd", "tv") and k > 0
    for rows in _groups(x, k) if twice else [slice(0, n)]:
        own = (x[rows], y[rows], _of(mask, rows))
        size = len(own[0])
        scalars = x.new_empty((5, size, k), dtype=dtype) if twice else None
        value = None if twice else divergences[rows]
        merged = (value, entropy[rows], peak[rows], rest[rows], _of(surprise, rows))
        _merge(own, _of(labels, rows), merged, None, scalars, None, cut, given)
        if twice:
            sums = x.new_empty((size, k, cut.tiles), dtype=dtype)
            triton_forward.shares[cut.grid(size)](
                *own, peak[rows], rest[rows], scalars, sums, size, v, cut.tiles, **given,
                **cut.shape,
            )  # fmt: skip
            divergences[rows] = sums.sum(-1, dtype=torch.float64).to(dtype)
    return found


def _of(tensor: Tensor | None, rows: slice) -> Tensor | None:
    return None if tensor is None else tensor[rows]


def _merge(
    own: _Rows,
    labels: Tensor | None,
    found: _Results,
    spread: Tensor | None,
    scalars: Tensor | None,
    places: tuple[Tensor, Tensor] | None,
    cut: _Plan,
    given: dict[str, Any],
) -> None:
    """Run the first sweep over the rows and merge its states into ``found`` and ``scalars``."""
    x, y, mask = own
    (n, v), k = x.shape, y.shape[1]
    dtype = torch.float64 if given["DTYPE"] == tl.float64 else torch.float32
    rows = x.new_empty((3, n, cut.tiles), dtype=dtype)
    pairs = x.new_empty((5, n, k, cut.tiles), dtype=dtype)
    at_x = at_y = None
    if places is not None:
        at_x = x.new_empty((n, cut.tiles), dtype=torch.int32)
        at_y = x.new_empty((n, k, cut.tiles), dtype=torch.int32)
    triton_forward.states[cut.grid(n)](
        x, y, mask, rows, at_x, pairs, at_y, n, v, cut.tiles, **given,
        **cut.shape,
    )  # fmt: skip
    peak_at, peaks_at = (None, None) if places is None else places
    merge_given = {name: value for name, value in given.items() if name != "NARROW"}
    triton_merge.merge[(triton.cdiv(n * max(k, 1), cut.pairs),)](
        x, mask, labels, rows, at_x, pairs, at_y,
        *found,
        peak_at, spread, scalars, peaks_at, n, v, cut.tiles, **merge_given,
        ROWS=cut.pairs, TILES=triton.next_power_of_2(cut.tiles), num_warps=1,
    )  # fmt: skip


_ROLES = {"kl": ("first", "second"), "reverse_kl": ("second", "first")}


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
    """Gradients to the logits, recomputed from them.

    Args:
        x, y, kind, mask, labels: as given to :func:`forward`.
        to_x: ``(B, K)``: upstream of each divergence on its way to x; None: not wanted.
        to_y: the same on its way to y.
        to_entropy: ``(B,)``: upstream of the entropy.
        to_surprise: ``(B,)``: upstream of the surprise.

    Returns:
        ``(B, V)`` if anything goes to x, and ``(B, K, V)`` if anything goes to y, else None; of the
        dtype of the logits. A perturbation that the mask leaves out has gradient 0.
    """
    (n, v), k = x.shape, y.shape[1]
    dtype, given = _working(x)
    x, y, mask = x.contiguous(), y.contiguous(), _bytes(mask)
    ups = [None if u is None else u.to(dtype).contiguous() for u in (to_x, to_y)]
    ups += [None if u is None else u.to(dtype).contiguous() for u in (to_entropy, to_surprise)]
    to_rows = any(u is not None for u in (ups[0], *ups[2:]))
    grad_x = torch.empty_like(x) if to_rows else None
    grad_y = None if to_y is None else torch.empty_like(y)
    if n == 0 or (grad_x is None and grad_y is None):
        return grad_x, grad_y
    cut = plan(v)
    of_x, of_y = _ROLES.get(kind, (kind, kind))
    given |= {"K": k, "OF_X": of_x, "OF_Y": of_y}
    if cut.tiles == 1:
        triton_backward.whole[cut.grid(n)](
            x, y, mask, labels, *ups, grad_x, grad_y, n, v, **given,
            **cut.shape,
        )  # fmt: skip
        return grad_x, grad_y
    for rows in _groups(x, k):
        own = (x[rows], y[rows], _of(mask, rows))
        parts = [_of(u, rows) for u in ups]
        grads = _of(grad_x, rows), _of(grad_y, rows)
        _tiled_backward(own, _of(labels, rows), parts, grads, cut, given)
    return grad_x, grad_y


def _tiled_backward(
    own: _Rows,
    labels: Tensor | None,
    ups: list[Tensor | None],
    grads: tuple[Tensor | None, Tensor | None],
    cut: _Plan,
    given: dict[str, Any],
) -> None:
    x, y, mask = own
    (n, v), k = x.shape, y.shape[1]
    dtype, _ = _working(x)
    entropy, peak, rest, spread = (x.new_empty(n, dtype=dtype) for _ in range(4))
    scalars = x.new_empty((5, n, k), dtype=dtype)
    places = x.new_empty(n, dtype=torch.int32), x.new_empty((n, k), dtype=torch.int32)
    sweep = {name: given[name] for name in ("K", "NARROW", "DTYPE")} | {"KIND": "tv"}
    _merge(
        own,
        None,
        (None, entropy, peak, rest, None),
        spread,
        scalars if k else None,
        places,
        cut,
        sweep,
    )
    shared = given | cut.shape
    totals = None
    if k:
        shares = x.new_empty((2, n, k, cut.tiles), dtype=dtype)
        triton_backward.sums[cut.grid(n)](
            x, y, mask, peak, rest, places[0], scalars, places[1], *ups[:2], shares,
            n, v, cut.tiles, **shared,
        )  # fmt: skip
        totals = shares.sum(-1, dtype=torch.float64).to(dtype)
    triton_backward.gradients[cut.grid(n)](
        x, y, mask, labels, peak, rest, spread, places[0], scalars, places[1], totals, *ups,
        *grads, n, v, **shared,
    )  # fmt: skip
