"""The two operators on which every function of logits is built, known to autograd and the compiler.

``sua::stats`` is a backend's ``forward``, ``sua::slopes`` its ``backward``. The second derivative
is that of the torch form, whatever the backend. An operator returns no None: what was not asked for
is a tensor without elements.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks, chunked, implementations
from sua_gpu.stats import Stats

_UPSTREAMS = ("to_x", "to_y", "to_entropy", "to_surprise")


def _nothing(x: Tensor) -> Tensor:
    return x.new_empty(0)


def _working(x: Tensor) -> torch.dtype:
    return torch.float64 if x.dtype == torch.float64 else torch.float32


@torch.library.custom_op("sua::stats", mutates_args=())
def _stats(
    x: Tensor,
    y: Tensor,
    kind: str,
    implementation: str,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    found = implementations.backend(implementation).forward(x, y, kind, mask=mask, labels=labels)
    surprise = _nothing(found.entropy) if found.surprise is None else found.surprise
    return found.divergences, found.entropy, found.peak, found.rest, surprise


@_stats.register_fake
def _(
    x: Tensor,
    y: Tensor,
    kind: str,
    implementation: str,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    rows, dtype = x.shape[0], _working(x)
    shapes = ((rows, y.shape[1]), (rows,), (rows,), (rows,), (0 if labels is None else rows,))
    divergences, entropy, peak, rest, surprise = (x.new_empty(s, dtype=dtype) for s in shapes)
    return divergences, entropy, peak, rest, surprise


@torch.library.custom_op("sua::slopes", mutates_args=())
def _slopes(
    x: Tensor,
    y: Tensor,
    kind: str,
    implementation: str,
    to_x: Tensor | None,
    to_y: Tensor | None,
    to_entropy: Tensor | None,
    to_surprise: Tensor | None,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    gx, gy = implementations.backend(implementation).backward(
        x,
        y,
        kind,
        to_x=to_x,
        to_y=to_y,
        to_entropy=to_entropy,
        to_surprise=to_surprise,
        mask=mask,
        labels=labels,
    )
    return _nothing(x) if gx is None else gx, _nothing(x) if gy is None else gy


@_slopes.register_fake
def _(
    x: Tensor,
    y: Tensor,
    kind: str,
    implementation: str,
    to_x: Tensor | None,
    to_y: Tensor | None,
    to_entropy: Tensor | None,
    to_surprise: Tensor | None,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    wanted = to_x is not None or to_entropy is not None or to_surprise is not None
    gx = x.new_empty(x.shape) if wanted else _nothing(x)
    return gx, _nothing(x) if to_y is None else y.new_empty(y.shape)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    x, y, ctx.kind, ctx.implementation, mask, labels = inputs
    ctx.save_for_backward(x, y, mask, labels, output[3])
    ctx.set_materialize_grads(False)


def _back(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
    x, y, mask, labels, rest = ctx.saved_tensors
    of_x, of_y = ctx.needs_input_grad[:2]
    to, to_entropy, _, to_rest, to_surprise = upstream
    call = (x, y, ctx.kind, ctx.implementation)
    gx, gy = _slopes(
        *call,
        to if of_x else None,
        to if of_y else None,
        to_entropy if of_x else None,
        to_surprise if of_x and labels is not None else None,
        mask,
        labels,
    )
    if to_rest is not None and of_x:
        # log(1 + rest) is the surprise of the likeliest label.
        scale, top = to_rest * (1 + rest), x.argmax(-1)
        more, _ = _slopes(x, y[:, :0], *call[2:], None, None, None, scale, None, top)
        gx = gx + more if gx.numel() else more
    wanted_y = of_y and to is not None
    return gx if of_x and gx.numel() else None, gy if wanted_y else None, None, None, None, None


_stats.register_autograd(_back, setup_context=_save)


def _save_slopes(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    x, y, ctx.kind, _, *rest = inputs
    ctx.save_for_backward(x, y, *rest)
    ctx.set_materialize_grads(False)


def _back_slopes(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
    """The derivative of the closed forms of the torch backend, recorded anew."""
    x, y, *ups, mask, labels = ctx.saved_tensors
    inputs = [x, y, *ups]
    needs = [ctx.needs_input_grad[i] for i in (0, 1, 4, 5, 6, 7)]
    with torch.enable_grad():
        leaves = [
            t.detach().requires_grad_(n) if t is not None else None
            for t, n in zip(inputs, needs, strict=True)
        ]
        first, second = leaves[:2]
        assert first is not None
        assert second is not None
        found = chunked.gradients(
            checks.widened(first),
            checks.widened(second),
            ctx.kind,
            **dict(zip(_UPSTREAMS, leaves[2:], strict=True)),
            mask=mask,
            labels=labels,
        )
        kept = [
            (f, u) for f, u in zip(found, upstream, strict=True) if f is not None and u is not None
        ]
        wanted = [t for t, n in zip(leaves, needs, strict=True) if n and t is not None]
        outputs, given = [f for f, _ in kept], [u.to(f.dtype) for f, u in kept]
        if outputs and wanted and any(f.requires_grad for f in outputs):
            parts: tuple[Tensor | None, ...]
            parts = torch.autograd.grad(outputs, wanted, given, allow_unused=True)
        else:
            parts = (None,) * len(wanted)
        gradients = iter(parts)
    back = [
        next(gradients) if n and t is not None else None for t, n in zip(leaves, needs, strict=True)
    ]
    return back[0], back[1], None, None, *back[2:], None, None


_slopes.register_autograd(_back_slopes, setup_context=_save_slopes)


def rows(x: Tensor, *, last: int) -> Tensor:
    """The leading axes flattened to one, the last axis contiguous."""
    flat = x.reshape(-1, *x.shape[x.ndim - last :])
    return flat if flat.stride(-1) == 1 or flat.shape[-1] == 1 else flat.contiguous()


def stats(
    x: Tensor,
    y: Tensor | None,
    kind: str,
    implementation: str,
    *,
    mask: Tensor | None = None,
    labels: Tensor | None = None,
) -> Stats:
    """The statistics of checked logits ``x`` of ``(..., V)`` and ``y`` of ``(..., K, V)``."""
    if y is not None:
        dtype = torch.promote_types(x.dtype, y.dtype)
        x, y = x.to(dtype), y.to(dtype)
    name = implementations.choose(implementation, x.device, kind)
    lead = x.shape[:-1]
    a = rows(x, last=1)
    b = a.new_empty(len(a), 0, a.shape[1]) if y is None else rows(y, last=2)
    kept = None if mask is None else mask.reshape(b.shape[:2])
    marks = None if labels is None else labels.reshape(-1)
    found = _stats(a, b, kind, name, kept, marks)
    surprise = None if labels is None else found[4].reshape(lead)
    entropy, peak, rest = (t.reshape(lead) for t in found[1:4])
    return Stats(found[0].reshape(*lead, b.shape[1]), entropy, peak, rest, surprise)
