"""Row sums and softmax with errors of a few roundings, whatever the row's length and offset.

``torch.log_softmax`` in single precision loses two digits at V = 128000 (its row sum) and
``|log p|`` roundings of every probability (its result is rounded before the exponential). Here the
exponent is kept in two parts, and long rows are summed in strips and then in double precision.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

STRIPS = 8
"""Terms that single precision adds before double precision takes over."""


def row_sum(a: Tensor) -> Tensor:
    """Sum over the last axis; in single precision the error is 8 roundings at any length."""
    if a.dtype == torch.float64:
        return a.sum(-1)
    even = a.shape[-1] // STRIPS * STRIPS
    strips = a[..., :even].unflatten(-1, (STRIPS, -1)).sum(-2)
    return (strips.double().sum(-1) + a[..., even:].double().sum(-1)).to(a.dtype)


def lost(a: Tensor, b: Tensor | float, difference: Tensor) -> Tensor:
    """What rounding ``a - b`` lost (Knuth's two-sum), 0 beside infinities; not differentiated."""
    with torch.no_grad():
        back = difference - a
        error = (a - (difference - back)) - (b + back)
        return torch.where(torch.isfinite(error), error, 0.0)


class Softmax(NamedTuple):
    """A softmax, its logarithm and its parts; ``p = powers / (1 + rest)``."""

    p: Tensor
    log_p: Tensor
    shifted: Tensor
    """``x - max x``"""
    powers: Tensor
    """``e^(x - max x)``"""
    rest: Tensor
    """the sum of the powers without the largest, left out rather than subtracted"""


def powers(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """``x - max``, ``e^(x - max)`` with what the subtraction lost put back, and ``rest``."""
    largest, at = x.max(-1, keepdim=True)
    shifted = x - largest
    power = shifted.exp() * (1 + lost(x, largest, shifted))
    return shifted, power, row_sum(power.scatter(-1, at, 0.0))


def softmax(x: Tensor) -> Softmax:
    """Softmax of rows with at least one finite entry; ``-inf`` has probability 0."""
    shifted, power, rest = powers(x)
    total = (1 + rest).unsqueeze(-1)
    return Softmax(power / total, shifted - rest.log1p().unsqueeze(-1), shifted, power, rest)
