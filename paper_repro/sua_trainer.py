"""SUA-TR as a ``transformers.Trainer``: plain arguments, callbacks, checkpoints and launchers work.

Needs ``accelerate``, as every ``Trainer`` does (``pip install -e '.[trainer]'``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Trainer

import sua_gpu
from paper_repro.objective import LABELS, VIEWS, Losses, Objective


class SuaTrainer(Trainer):
    """A ``Trainer`` whose loss is equation (15).

    Train on features with ``views`` (see :class:`~paper_repro.views_collator.ViewsCollator`). An
    evaluation set without views is scored by the task loss alone. The parts of the objective are
    logged beside the loss, as ``task``, ``consistency`` and ``alignment``: means over the steps
    since the last log and over the processes.
    """

    def __init__(self, *args: Any, objective: Objective, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.objective: Objective = objective
        # Means over a batch: the Trainer divides by the number of accumulation steps.
        self.model_accepts_loss_kwargs = False
        self._parts: dict[str, list[Tensor]] = defaultdict(list)

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        columns = [*(self._signature_columns or ()), VIEWS]
        self._signature_columns = columns  # type: ignore[assignment]  # declared as None

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Mapping[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The objective of a batch, or, when evaluating, the task loss and the model's output.

        Raises:
            ValueError: a training batch without ``views`` or without ``labels``.
            FloatingPointError: a training loss that is not finite, with the step.
        """
        if LABELS not in inputs:
            raise ValueError(f"{LABELS}: missing from the batch")
        if return_outputs or not model.training:
            plain = {n: t for n, t in inputs.items() if n not in (VIEWS, LABELS)}
            outputs = model(**plain)
            loss = sua_gpu.task_loss_from_logits(outputs.logits, inputs[LABELS], validate=False)
            return (loss, outputs) if return_outputs else loss
        if VIEWS not in inputs:
            raise ValueError(f"{VIEWS}: missing from the batch; collate with ViewsCollator")
        step = self.state.global_step
        losses = self.objective.losses(model, inputs, step)
        if not torch.isfinite(losses.total):
            raise FloatingPointError(f"step {step}: the objective is {losses.total.item()}")
        for name in Losses._fields[1:]:
            self._parts[name].append(getattr(losses, name).detach())
        return losses.total

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, with the parts of the objective where a training loss is logged."""
        if "loss" in logs and self._parts:
            for name, parts in self._parts.items():
                mean = self.accelerator.gather(torch.stack(parts).mean().reshape(1)).mean()
                logs = logs | {name: mean.item()}
            self._parts.clear()
        super().log(logs, *args, **kwargs)


def leave(trainer: Trainer) -> None:
    """End a training on several processes together: one that leaves early takes the store that the
    others still ask, which then abort."""
    if trainer.args.world_size > 1:
        trainer.accelerator.wait_for_everyone()
        trainer.accelerator.end_training()
