"""The objectives that SUA-TR is compared with (section 6.2), each ``losses`` of a batch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import sua_gpu
from paper_repro.adversarial import embedded, pgd
from paper_repro.bad_input import BadInputError
from paper_repro.objective import LABELS, Losses, alone, plain, without_dropout


def wanted(name: str, value: float, *, below: float = math.inf) -> None:
    """Refuse a choice out of ``[0, below)``, by its name."""
    if not 0 <= value < below:
        raise BadInputError(f"objective: {name} is {value}; it must lie in [0, {below})")


@dataclass(frozen=True)
class LabelSmoothing:
    """Cross-entropy with the target ``(1 - share)`` of the label and ``share`` spread evenly.

    Over the labels that exist: an option whose logit is -inf gets none of it. The cross-entropy
    from the even spread u is ``KL(u || q) + H(u)``. With ``share`` 0 it is standard training.
    """

    share: float = 0.0

    def __post_init__(self) -> None:
        wanted("share", self.share, below=1)

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The loss of one clean pass."""
        logits = model(**plain(batch)).logits
        task = sua_gpu.task_loss_from_logits(logits, batch[LABELS], validate=False)
        if self.share == 0:
            return alone(task)
        absent = logits.detach() == -torch.inf
        even = torch.zeros_like(logits).masked_fill(absent, -torch.inf)
        spread = sua_gpu.kl_divergence_from_logits(even, logits, validate=False)
        spread = spread + sua_gpu.entropy_from_logits(even, validate=False)
        return alone((1 - self.share) * task + self.share * spread.mean())


@dataclass(frozen=True)
class RDrop:
    """R-Drop (Liang et al. 2021): two passes with different dropout, drawn together.

    ``(CE_1 + CE_2) / 2 + weight (KL(1 || 2) + KL(2 || 1)) / 4``, which is half of the loss that the
    paper prints; every term is a mean over the rows.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        wanted("weight", self.weight)

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The loss of both passes, run as one batch."""
        twice = {name: torch.cat([t, t]) for name, t in plain(batch).items()}
        first, second = model(**twice).logits.chunk(2)
        task = sum(
            sua_gpu.task_loss_from_logits(x, batch[LABELS], validate=False) / 2
            for x in (first, second)
        )
        apart = sum(
            sua_gpu.kl_divergence_from_logits(x, y, validate=False).mean() / 4
            for x, y in ((first, second), (second, first))
        )
        assert isinstance(task, Tensor)
        assert isinstance(apart, Tensor)
        return Losses(task + self.weight * apart, task, apart, torch.zeros_like(task))


@dataclass(frozen=True)
class AdversarialTraining:
    """Cross-entropy at the worst point that PGD finds around the embeddings (Madry et al. 2018).

    The mean of the clean and the adversarial loss; there is no entropy term. The attack runs
    without dropout. An input of several options has embeddings ``(B, O, T, d)``; the ball is
    around all of them together.

    Attributes:
        radius: of the ball around an input's embeddings.
        steps: of the attack.
        seed: of its starts. Those of one training step depend on the seed and the step alone, so a
            run that is resumed draws them again.
    """

    radius: float = 1.0
    steps: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        wanted("radius", self.radius)
        wanted("seed", self.seed)

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The loss of the clean and the attacked embeddings, run as one batch."""
        rest, labels = plain(batch), batch[LABELS]
        embeddings = embedded(model, rest)
        del rest["input_ids"]

        def loss(at: Tensor) -> Tensor:
            logits = model(inputs_embeds=at, **rest).logits
            return nn.functional.cross_entropy(logits, labels, reduction="none")

        # torch seeds its generator with the lowest 32 bits: the pair must be mixed into those.
        (mixed,) = np.random.SeedSequence((self.seed, step)).generate_state(1)
        with without_dropout(model):
            delta = pgd(
                loss, embeddings, rest["attention_mask"].bool(), radius=self.radius,
                steps=self.steps, generator=torch.Generator().manual_seed(int(mixed)),
            )  # fmt: skip
        both = {name: torch.cat([t, t]) for name, t in rest.items()}
        logits = model(inputs_embeds=torch.cat([embeddings, embeddings + delta]), **both).logits
        task = sua_gpu.task_loss_from_logits(logits, torch.cat([labels, labels]), validate=False)
        return alone(task)
