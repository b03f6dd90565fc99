"""Training one model of the study: a loop that may stop anywhere and goes on to the same bits.

Batches, hidden tokens and dropout depend on the seed and the step alone, so that the state of a run
is its weights, its optimiser and its generators.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from paper_repro.encoder import MASK
from paper_repro.run_folder import RunFolder
from paper_repro.study.classifier import Classifier, Laid
from paper_repro.study.settings import Settings

SAVE_EVERY = 30.0
"""Seconds between two states on the disk. When one is written does not change the result."""
Advance = Callable[[int], None]


def batches(laid: Sequence[Laid], size: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch: inputs of similar length together, in random order."""
    rng = random.Random(f"order-{seed}-{epoch}")
    order = list(range(len(laid)))
    rng.shuffle(order)
    found = []
    for start in range(0, len(order), 50 * size):
        near = order[start : start + 50 * size]
        near.sort(key=lambda i: sum(len(t.ids) for t in laid[i]))
        found += [near[i : i + size] for i in range(0, len(near), size)]
    rng.shuffle(found)
    return found


def rate(step: int, steps: int) -> float:
    """Linear warm-up over a tenth of the steps, then linear to 0."""
    warm = max(1, steps // 10)
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def train(
    classifier: Classifier,
    rows: Sequence[Laid],
    views: Sequence[Sequence[Sequence[Laid]]],
    labels: Sequence[int],
    settings: Settings,
    folder: RunFolder,
    advance: Advance,
) -> float:
    """Train in place, from where the run was stopped; the seconds of processor time it took.

    Args:
        classifier: freshly built.
        rows: the inputs.
        views: their K views, once for each draw; empty where the method needs none.
        labels: of the inputs.
        settings: of the run.
        folder: holds the state, and is left with the state of the end.
        advance: told the number of examples after each step; at once those done before.

    Raises:
        FloatingPointError: an objective that is not finite; the batch is saved as ``batch.pt``.
    """
    model, objective = classifier.model, settings.objective()
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=0.01, foreach=True
    )
    per_epoch = math.ceil(len(rows) / settings.batch_size)
    steps = settings.epochs * per_epoch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, steps))
    torch.manual_seed(settings.seed)  # dropout draws from the global generator
    hidden = torch.Generator().manual_seed(settings.seed)
    first, spent, started = 0, 0.0, time.process_time()
    if (state := folder.load()) is not None:
        first, spent = state["step"], state["seconds"]
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["dropout"])
        hidden.set_state(state["hidden"])
        advance(min(first * settings.batch_size, settings.epochs * len(rows)))

    def save(step: int) -> None:
        folder.save({
            "step": step, "model": model.state_dict(), "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(), "dropout": torch.get_rng_state(),
            "hidden": hidden.get_state(), "seconds": spent + time.process_time() - started,
        })  # fmt: skip

    saved = time.monotonic()
    for epoch in range(settings.epochs):
        if first >= (epoch + 1) * per_epoch:
            continue
        drawn = views[epoch % len(views)] if views else []
        for place, at in enumerate(batches(rows, settings.batch_size, settings.seed, epoch)):
            step = epoch * per_epoch + place
            if step < first:
                continue
            batch = classifier.batch(
                [rows[i] for i in at], [drawn[i] for i in at] if drawn else [],
                [labels[i] for i in at],
            )  # fmt: skip
            _hide(batch, settings.word_dropout, hidden)
            model.train()
            losses = objective.losses(model, batch, step)
            if not torch.isfinite(losses.total):
                torch.save(batch, folder.path / "batch.pt")
                raise FloatingPointError(
                    f"{settings.name}: step {step}: the objective is {losses.total.item()};"
                    f" its batch is saved in {folder.path / 'batch.pt'}"
                )
            optimiser.zero_grad()
            losses.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            advance(len(at))
            if time.monotonic() - saved > SAVE_EVERY:
                save(step + 1)
                saved = time.monotonic()
    model.train(False)
    if first == steps:
        return float(spent)
    save(steps)
    return spent + time.process_time() - started


def _hide(batch: dict[str, Any], share: float, generator: torch.Generator) -> None:
    """Put the mask's id in place of a share of the clean input's tokens, special ones excepted."""
    if share:
        ids: Tensor = batch["input_ids"]
        chosen = torch.rand(ids.shape, generator=generator) < share
        batch["input_ids"] = torch.where(chosen & (ids > MASK), MASK, ids)
