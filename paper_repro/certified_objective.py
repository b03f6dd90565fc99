"""A training objective in the spirit of SUA-TR whose terms have the certified sign.

SUA-TR's alignment term ``(S - lambda H)_+`` lets a model pay for sensitivity with entropy, yet no
combination ``S - lambda H`` bounds an error. What does, with the model's own error mass
``e = 1 - max q`` and the sensitivity in total variation, is the additive score ``e + 2 S_TV``
(result n_3); both enter with a plus. So here one term makes the sensitivity small, and the other
makes ``e`` say how often the model errs at an input and around it::

    L = L_task + a E S_TV(x) + b E (e(x) - r(x))^2,
    r(x) = the share of wrong answers at x and its K perturbations

What the parts bound, for every model and every draw of the perturbations x' that keep the label y:

1. The error under perturbation: ``E 1{f(x') != y} <= 2 (L_task + E S_TV)``. For a wrong answer has
   ``q_x'(y) <= 1/2``; the Gibbs risk moves by at most the total variation,
   ``1 - q_x'(y) <= 1 - q_x(y) + TV`` (result n_4); and ``1 - u <= -log u``.
2. The calibration error, for every binning of the confidence ``1 - e``: that of the answers at x
   and at its perturbations together is at most ``E |e - r| <= sqrt(E (e - r)^2)``, by the triangle
   inequality in each bin and Jensen's inequality. That of the answers at x alone exceeds it by at
   most ``K / (K + 1)`` times the share of perturbations at which the answer changes, which 1
   pushes down.
3. ``(e - r)^2`` is a proper score of ``e`` as a prediction of failure: its minimiser is the
   expected share of wrong answers given the input. That is the order which an abstaining user
   wants, though no bound on AUROC follows.

They are statements about expectations over the data; on a training set they hold for that set.

The perturbed passes carry no gradient, as in SUA-TR by default and at the same price. For a
symmetric divergence and exchangeable pairs (x, x') holding one side halves the gradient of
``E S_TV`` and leaves its direction (audit of (17)), which is why a is 2 by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

import sua_gpu
from paper_repro.objective import LABELS, Losses, alone, passes, plain, risen, weighed
from paper_repro.rival_objectives import wanted


def failures(logits: Tensor, views: Tensor, labels: Tensor) -> Tensor:
    """The share of wrong answers among an input and its K perturbations, ``(B,)``; no gradient.

    >>> x, y = torch.tensor([[2.0, 0.0]]), torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    >>> failures(x, y, torch.tensor([0]))
    tensor([0.5000])
    """
    answers = torch.cat([logits.unsqueeze(-2), views], -2).argmax(-1)
    return (answers != labels.unsqueeze(-1)).to(logits.dtype).mean(-1)


def announcement_loss(logits: Tensor, views: Tensor, labels: Tensor) -> Tensor:
    """``E (e - r)^2``, the mean squared error of ``e`` as a prediction of the failures, in [0, 1].

    Args:
        logits: ``(B, V)``; -inf where an option does not exist.
        views: ``(B, K, V)``.
        labels: ``(B,)``.

    >>> x, y = torch.tensor([[0.0, 0.0]]), torch.tensor([[[1.0, 0.0]]])
    >>> announcement_loss(x, y, torch.tensor([0]))  # e = 1/2, r = 0
    tensor(0.2500)
    """
    e = 1 - sua_gpu.max_confidence_from_logits(logits, validate=False)
    return (e - failures(logits, views, labels)).square().mean()


@dataclass(frozen=True)
class Certified:
    """``L_task + a E S_TV + b E (e - r)^2``: what each part bounds is said above.

    Attributes:
        a, b: the weights of the sensitivity and of the announcement.
        warmup_steps: over how many steps both rise linearly from 0.

    Raises:
        BadInputError: a value out of range, named.
    """

    a: float = 2.0
    b: float = 1.0
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        for name in ("a", "b", "warmup_steps"):
            wanted(name, getattr(self, name))

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The losses of one batch, shaped as in :meth:`paper_repro.objective.Objective.losses`.

        ``consistency`` is the mean of ``S_TV``, ``alignment`` that of ``(e - r)^2``.
        """
        warmth = risen(step, self.warmup_steps)
        a, b, labels = warmth * self.a, warmth * self.b, batch[LABELS]
        if a == b == 0:
            logits = model(**plain(batch)).logits
            return alone(sua_gpu.task_loss_from_logits(logits, labels, validate=False))
        logits, views = passes(model, batch, together=False)
        task = sua_gpu.task_loss_from_logits(logits, labels, validate=False)
        moved = sua_gpu.consistency_loss_from_logits(logits, views, divergence="tv", validate=False)
        return weighed(task, a, moved, b, announcement_loss(logits, views, labels))
