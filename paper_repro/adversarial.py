"""Projected gradient ascent in embedding space, the attack of adversarial training (section 6.2).

A perturbation of one input is added to its token embeddings and kept in a ball of the Euclidean
norm over all its tokens, those of all its options where an input has several. Padding is never
perturbed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""From embeddings ``(B, ..., T, d)`` to the loss of each row, ``(B,)``."""


def _norm(delta: Tensor) -> Tensor:
    """Of each row, over all that is the row's."""
    norm: Tensor = torch.linalg.vector_norm(delta, dim=tuple(range(1, delta.ndim)), keepdim=True)
    return norm


def _project(delta: Tensor, radius: float) -> Tensor:
    """The nearest point of each row's ball."""
    norm = _norm(delta)
    return torch.where(norm > radius, delta * (radius / torch.where(norm > 0, norm, 1.0)), delta)


def pgd(
    loss: Loss,
    embeddings: Tensor,
    seen: Tensor,
    *,
    radius: float,
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """A perturbation ``(B, ..., T, d)`` that raises the loss of each row; detached.

    Each of the steps is ``2 radius / steps`` long in the direction of the row's gradient, from a
    random point of norm ``radius / 2``, and is projected back into the ball. The best point that
    was visited is returned, so more steps never give a weaker attack from the same start.

    Args:
        loss: of each row, given its embeddings; its parameters receive no gradient.
        embeddings: ``(B, ..., T, d)``.
        seen: ``(B, ..., T)``, False at padding.
        radius: of the ball, above 0.
        steps: at least 1.
        generator: draws the start, on its own device.

    Raises:
        ValueError: ``radius`` or ``steps`` out of range.
    """
    if not 0 < radius < float("inf"):
        raise ValueError(f"radius: {radius}; it must be above 0 and finite")
    if steps < 1:
        raise ValueError(f"steps: {steps}; at least 1 is needed")
    held = embeddings.detach()
    room = seen.unsqueeze(-1).to(held.dtype)
    device = generator.device  # a generator draws nowhere else
    noise = torch.randn(held.shape, generator=generator, dtype=held.dtype, device=device)
    delta = noise.to(held.device) * room
    delta = delta * (radius / 2 / _norm(delta))
    best, highest = delta, torch.full_like(_norm(delta), -torch.inf)
    for step in range(steps + 1):
        delta.requires_grad_()
        with torch.enable_grad():
            value = loss(held + delta)
            (slope,) = torch.autograd.grad(value.sum(), delta)
        now = value.detach().reshape(highest.shape).to(highest.dtype)
        best = torch.where(now > highest, delta.detach(), best)
        highest = torch.maximum(now, highest)
        if step < steps:
            slope = slope * room
            length = _norm(slope)
            move = torch.where(length > 0, slope / torch.where(length > 0, length, 1.0), slope)
            delta = _project(delta.detach() + 2 * radius / steps * move, radius)
    return best.detach()


def embedded(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """The token embeddings of a batch, ``(B, ..., T, d)``."""
    found: Tensor = model.get_input_embeddings()(batch["input_ids"])
    return found
