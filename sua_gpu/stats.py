"""What one read of a batch of rows yields: the numbers that every score and loss is built from."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Stats(NamedTuple):
    """Per row, in nats; float32, or float64 where the logits are that."""

    divergences: Tensor
    """``(B, K)``: D of the row and of each of its perturbations"""
    entropy: Tensor
    """``(B,)``"""
    peak: Tensor
    """``(B,)``: the largest logit. ``log Z = peak + log1p(rest)``, never added up in float32"""
    rest: Tensor
    """``(B,)``: the sum of ``e^(x - peak)`` without the largest term"""
    surprise: Tensor | None
    """``(B,)``: ``-log p_label``, where labels were given"""
