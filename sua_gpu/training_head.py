"""Section 5: SUA-TR's three losses from logits, the gradient computed beside the value.

The rows are taken in blocks that stay in the cache: their statistics, then the gate of the
alignment term, then their gradient. The gate of a row needs that row alone, so each logit is read
from memory once. What is kept for the backward pass is the gradient itself, which it scales by
its upstream and hands over. A second backward pass computes it again; one that is itself
differentiated goes through the composed form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sua_gpu import fused, implementations
from sua_gpu.stats import Stats

BLOCK_BYTES = 2 << 20
"""Of logits in a block, on the CPU; elsewhere a block is everything."""


class Objective(NamedTuple):
    """``task + a consistency + b alignment``, and how it is computed."""

    kind: str
    lam: float
    a: float
    b: float
    stop_gradient: str
    implementation: str


def _blocks(x: Tensor, y: Tensor) -> Iterator[slice]:
    rows = len(x)
    step = rows
    if x.device.type == "cpu":
        width = x.shape[1] * (1 + y.shape[1]) * x.element_size()
        step = max(1, min(rows, BLOCK_BYTES // width))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def _sensitivity(found: Stats, weights: Tensor | None) -> Tensor:
    d = found.divergences
    return d.mean(-1) if weights is None else (weights * d).sum(-1)


def _losses(found: Stats, weights: Tensor | None, o: Objective) -> tuple[Tensor, Tensor]:
    """The objective of each row, and its score ``S - lambda H``; a weight of 0 drops its term."""
    s = _sensitivity(found, weights)
    score = s - o.lam * found.entropy
    assert found.surprise is not None
    total = found.surprise
    if o.a != 0:
        total = total + o.a * s
    if o.b != 0:
        total = total + o.b * score.relu()
    return total, score


def composed(x: Tensor, y: Tensor, labels: Tensor, weights: Tensor | None, o: Objective) -> Tensor:
    """The objective through two operators: differentiable as often as they are."""
    mask = None if weights is None else (weights != 0).expand(y.shape[:-1])
    here, there = x, y
    if o.stop_gradient != "none":
        here, there = (x.detach(), y) if o.stop_gradient == "clean" else (x, y.detach())
    given: dict[str, Any] = {"mask": mask, "labels": labels}
    found = fused.stats(x, y, o.kind, o.implementation, **given)
    total, _ = _losses(found, weights, o._replace(a=0.0))
    if o.a != 0:
        held = fused.stats(here, there, o.kind, o.implementation, mask=mask)
        total = total + o.a * _sensitivity(held, weights)
    return total.mean()


def _upstreams(
    score: Tensor, weights: Tensor, of_x: bool, of_y: bool, rows: int, o: Objective
) -> dict[str, Tensor | None]:
    """The derivatives of the objective in a block's statistics, each side with its own."""
    gate = (score > 0).to(score.dtype) * o.b
    to_x = gate if o.stop_gradient == "clean" else gate + o.a
    to_y = gate if o.stop_gradient == "perturbed" else gate + o.a
    none_for_y = o.stop_gradient == "perturbed" and o.b == 0
    return {
        "to_x": to_x.unsqueeze(-1) * weights / rows if of_x else None,
        "to_y": to_y.unsqueeze(-1) * weights / rows if of_y and not none_for_y else None,
        "to_entropy": -o.lam * gate / rows if of_x else None,
        "to_surprise": torch.full_like(gate, 1 / rows) if of_x else None,
    }


def _one_pass(
    x: Tensor,
    y: Tensor,
    labels: Tensor,
    weights: Tensor | None,
    o: Objective,
    of_x: bool,
    of_y: bool,
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """The value, and the gradients wanted, in one pass over blocks of rows."""
    name = implementations.choose(o.implementation, x.device, o.kind)
    backend = implementations.backend(name)
    rows, k = y.shape[:2]
    gx = torch.empty_like(x) if of_x else None
    gy = torch.zeros_like(y) if of_y else None
    total = torch.zeros((), dtype=torch.float64, device=x.device)
    for at in _blocks(x, y):
        w = None if weights is None else weights.expand(rows, k)[at]
        given = {"mask": None if w is None else w != 0, "labels": labels[at]}
        found = backend.forward(x[at], y[at], o.kind, **given)
        values, score = _losses(found, w, o)
        total += values.double().sum()
        shares = torch.full_like(found.divergences, 1 / k) if w is None else w
        to = _upstreams(score, shares, of_x, of_y, rows, o)
        if not any(t is not None for t in to.values()):
            continue
        parts = backend.backward(x[at], y[at], o.kind, **to, **given)
        for out, part in zip((gx, gy), parts, strict=True):
            if out is not None and part is not None:
                out[at] = part
        del parts, part  # before the next block takes its own
    return (total / rows).to(found.entropy.dtype), gx, gy


def _wanted(needs: tuple[bool, ...], o: Objective) -> tuple[bool, bool]:
    """The sides that a gradient reaches."""
    return needs[0], needs[1] and not (o.stop_gradient == "perturbed" and o.b == 0)


class _Head(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, y: Tensor, labels: Tensor, weights: Tensor | None, o: Objective
    ) -> Tensor:
        wanted = _wanted(ctx.needs_input_grad[:2], o)
        value, *ctx.kept = _one_pass(x, y, labels, weights, o, *wanted)
        ctx.save_for_backward(x, y, labels, weights)
        ctx.objective = o
        return value

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        scale = upstream[0]
        kept, ctx.kept = ctx.kept, None
        x, y, labels, weights = ctx.saved_tensors
        o, needs = ctx.objective, ctx.needs_input_grad[:2]
        if torch.is_grad_enabled():
            wanted = [t for t, n in zip((x, y), needs, strict=True) if n]
            value = composed(x, y, labels, weights, o)
            found = torch.autograd.grad(value, wanted, scale, create_graph=True, allow_unused=True)
            parts = iter(found)
            gx, gy = (next(parts) if n else None for n in needs)
            return gx, gy, None, None, None
        if kept is None:
            _, *kept = _one_pass(x, y, labels, weights, o, *_wanted(needs, o))
        # Handed over, not copied: nobody else holds it.
        gx, gy = (None if g is None else g.mul_(scale.to(g.dtype)) for g in kept)
        return gx, gy, None, None, None


def objective(x: Tensor, y: Tensor, labels: Tensor, weights: Tensor | None, o: Objective) -> Tensor:
    """Equation (15) of checked logits ``(..., V)``, ``(..., K, V)``, labels and weights."""
    dtype = torch.promote_types(x.dtype, y.dtype)
    x, y = x.to(dtype), y.to(dtype)
    if torch.compiler.is_compiling() or (weights is not None and weights.requires_grad):
        return composed(x, y, labels, weights, o)
    if weights is not None and weights.ndim > 1:
        weights = weights.reshape(-1, weights.shape[-1])
    a, b = fused.rows(x, last=1), fused.rows(y, last=2)
    value: Tensor = _Head.apply(a, b, labels.reshape(-1), weights, o)  # type: ignore[no-untyped-call]  # torch
    return value
