"""Algorithm 5.6, as short as the paper prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from paper_repro.objective import Losses, Objective


def sua_tr(
    model: nn.Module,
    batches: Iterable[Mapping[str, Any]],
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
    *,
    max_gradient_norm: float = 1.0,
) -> Iterator[Losses]:
    """Train ``model`` in place, a step for each batch; yields the losses of each step.

    Raises:
        FloatingPointError: the objective of a step is not finite; its number is named, and the
            model is as it was before that step.
    """
    for step, batch in enumerate(batches):
        model.train()
        losses = objective.losses(model, batch, step)
        if not torch.isfinite(losses.total):
            raise FloatingPointError(f"step {step}: the objective is {losses.total.item()}")
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_gradient_norm)
        optimiser.step()
        if schedule is not None:
            schedule.step()
        yield Losses(*(part.detach() for part in losses))
