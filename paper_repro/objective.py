"""What SUA-TR minimises, and one step's losses of it (equations 15 to 18, Algorithm 5.6).

The losses are those of :mod:`sua_gpu`. This file says which forward passes they are made of, and
which of them carry gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import sua_gpu
from paper_repro.bad_input import BadInputError
from sua_gpu.checks import DIVERGENCES, STOP_GRADIENT

VIEWS = "views"
"""Key of a batch's perturbed inputs: the same tensors as the batch, ``(B, K, T)`` each."""
LABELS = "labels"


class Losses(NamedTuple):
    """The objective of one batch and its parts, means over the batch, in nats."""

    total: Tensor
    task: Tensor
    consistency: Tensor
    alignment: Tensor


@dataclass(frozen=True)
class Objective:
    """``L_task + a L_cons + b L_align``, equation (15), by its choices.

    Attributes:
        lam: lambda of the score ``S - lambda H`` in (18).
        a, b: weights of the consistency and of the alignment loss. The paper's values are lost.
        divergence: D of Definition 3.2.
        stop_gradient: the side of (17) that is held: ``"perturbed"`` as the text names it,
            ``"clean"`` or ``"none"``.
        perturbed_gradient: whether (18) is differentiated through the perturbed outputs too, on
            which the text is silent.
        warmup_steps: over how many steps a and b rise linearly from 0.

    Raises:
        BadInputError: a value out of range, named.
    """

    lam: float = 1.0
    a: float = 1.0
    b: float = 1.0
    divergence: str = "jsd"
    stop_gradient: str = "perturbed"
    perturbed_gradient: bool = False
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        for name in ("lam", "a", "b", "warmup_steps"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise BadInputError(f"objective: {name} is {value}; it must be >= 0 and finite")
        for name, known in (("divergence", DIVERGENCES), ("stop_gradient", STOP_GRADIENT)):
            if getattr(self, name) not in known:
                given = getattr(self, name)
                raise BadInputError(f"objective: {name} {given!r} is none of {', '.join(known)}")

    @property
    def differentiates_views(self) -> bool:
        """Whether the perturbed passes need gradients."""
        held = self.stop_gradient == "perturbed" or self.a == 0
        return not held or (self.perturbed_gradient and self.b > 0)

    def warmth(self, step: int) -> float:
        """The share of a and b that is in force at a step, counted from 0.

        >>> [Objective(warmup_steps=4).warmth(step) for step in (0, 1, 4, 9)]
        [0.0, 0.25, 1.0, 1.0]
        """
        return risen(step, self.warmup_steps)

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The losses of one batch: a clean pass, and the K perturbed ones in one batch.

        Args:
            model: maps the batch's tensors to an output whose ``logits`` are ``(B, V)``.
            batch: tensors ``(B, T)``, ``labels`` ``(B,)``, and ``views``, a mapping of tensors
                ``(B, K, T)`` of the same names.
            step: counted from 0; decides the warm-up.

        The perturbed passes run without gradient and without dropout where none is needed, else
        together with the clean pass. Where the step's weights are 0 they do not run at all.
        """
        warmth = self.warmth(step)
        a, b = warmth * self.a, warmth * self.b
        labels = batch[LABELS]
        if a == b == 0:
            logits = model(**plain(batch)).logits
            return alone(sua_gpu.task_loss_from_logits(logits, labels, validate=False))
        logits, perturbed = passes(model, batch, together=self.differentiates_views)
        task = sua_gpu.task_loss_from_logits(logits, labels, validate=False)
        consistency = sua_gpu.consistency_loss_from_logits(
            logits, perturbed, divergence=self.divergence, stop_gradient=self.stop_gradient,
            validate=False,
        )  # fmt: skip
        alignment = sua_gpu.entropy_alignment_loss_from_logits(
            logits, perturbed if self.perturbed_gradient else perturbed.detach(), lam=self.lam,
            divergence=self.divergence, validate=False,
        )  # fmt: skip
        return weighed(task, a, consistency, b, alignment)


def plain(batch: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of the unperturbed inputs alone."""
    return {name: t for name, t in batch.items() if name not in (VIEWS, LABELS)}


def alone(task: Tensor) -> Losses:
    """An objective that is the task loss and nothing else."""
    none = torch.zeros_like(task)
    return Losses(task, task, none, none)


def weighed(task: Tensor, a: float, consistency: Tensor, b: float, alignment: Tensor) -> Losses:
    """``task + a consistency + b alignment``; a weight of exactly 0 drops its term."""
    total = task
    for weight, part in ((a, consistency), (b, alignment)):
        total = total + weight * part if weight else total
    return Losses(total, task, consistency, alignment)


def risen(step: int, over: int) -> float:
    """The share of a penalty that is in force: it rises linearly from 0 over so many steps."""
    return 1.0 if step >= over else step / over


def passes(model: nn.Module, batch: Mapping[str, Any], *, together: bool) -> tuple[Tensor, Tensor]:
    """Logits ``(B, V)`` and ``(B, K, V)``, the K perturbed passes in one batch.

    ``together`` runs them beside the clean pass, with gradient; else they run without gradient and
    without dropout.
    """
    clean, views = plain(batch), batch[VIEWS]
    rows, k = next(iter(views.values())).shape[:2]
    flat = {name: t.flatten(0, 1) for name, t in views.items()}
    if together:
        both = model(**{name: torch.cat([clean[name], flat[name]]) for name in clean}).logits
        return both[:rows], both[rows:].unflatten(0, (rows, k))
    logits = model(**clean).logits
    with torch.no_grad(), without_dropout(model):
        return logits, model(**flat).logits.unflatten(0, (rows, k))


@contextmanager
def without_dropout(model: nn.Module) -> Iterator[None]:
    """The model as it answers at test time, for as long as the block runs."""
    training = model.training
    model.train(False)
    try:
        yield
    finally:
        model.train(training)
