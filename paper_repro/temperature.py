"""Temperature scaling (Guo et al. 2017): one number fitted to held-out rows, boundaries said.

The mean negative log-likelihood of ``softmax(b x)`` is convex in b = 1/T, with the derivative
``mean(E_b[x] - x_label)``, which never falls. So there is one minimum, found by bisection on the
sign of the derivative; where the derivative keeps its sign there is none inside, and the boundary
is the answer: T -> 0 where every label is the largest logit of its row (the separable case), T ->
infinity where the labels' logits are on average no larger than the others. A logit of ``-inf`` is
an option that does not exist: its probability is 0 at every temperature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

import sua_gpu
from sua_gpu import checks

LARGEST_LOG = 24.0
"""|log T| beyond which a temperature counts as the boundary."""


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature.

    Attributes:
        value: T > 0, or exactly 0 or infinity at a boundary.
        nll: mean negative log-likelihood there, in nats; its limit at a boundary.
    """

    value: float
    nll: float

    @property
    def at_boundary(self) -> bool:
        """Whether the likelihood has no maximum at a finite T > 0."""
        return self.value in (0.0, math.inf)


def _slope(x: Tensor, labels: Tensor, log_b: float) -> float:
    """Derivative of the mean loss in b, x taken relative to each row's label."""
    behind = x - x.gather(-1, labels.unsqueeze(-1))
    weights = torch.softmax(behind * math.exp(log_b), -1)
    return float((weights * behind.masked_fill(behind == -torch.inf, 0.0)).sum(-1).mean())


def fit_temperature(logits: Tensor, labels: Tensor) -> Temperature:
    """The temperature of largest likelihood.

    Args:
        logits: ``(N, V)``, finite or ``-inf``.
        labels: ``(N,)`` integers.

    Raises:
        ValueError: bad logits or labels, with the row; a label whose own logit is ``-inf``.

    Logits ten times too large, right nine times in ten, want a larger T:

    >>> x = torch.tensor([[10.0, 0.0]]).repeat(10, 1)
    >>> fitted = fit_temperature(x, torch.tensor([0] * 9 + [1]))
    >>> round(fitted.value, 4), round(10 / math.log(9), 4)
    (4.5512, 4.5512)
    >>> fit_temperature(x, torch.zeros(10, dtype=torch.long)).value
    0.0
    """
    x = checks.logits(logits, "logits", validate=True).double()
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"logits: shape {tuple(x.shape)}; (N, V) with N >= 1 wanted")
    y = checks.labels(labels, x.shape[:-1], x.shape[-1], validate=True)
    right = x.gather(-1, y.unsqueeze(-1)).squeeze(-1)
    absent = right == -torch.inf
    if bool(absent.any()):
        raise ValueError(f"logits: row {int(absent.nonzero()[0])} has -inf at its label")
    if bool((right == x.amax(-1)).all()):
        ties = (x == x.amax(-1, keepdim=True)).sum(-1).double()
        return Temperature(0.0, float(ties.log().mean()))
    there = x > -torch.inf
    options = there.sum(-1).double()
    if bool((x.masked_fill(~there, 0.0).sum(-1) / options - right).mean() >= 0):
        return Temperature(math.inf, float(options.log().mean()))
    low, high = -LARGEST_LOG, LARGEST_LOG
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _slope(x, y, middle) < 0 else (low, middle)
    b = math.exp((low + high) / 2)
    return Temperature(1 / b, float(sua_gpu.task_loss_from_logits(b * x, y)))
