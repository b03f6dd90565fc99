"""Equal bins of [0, 1] without any rounding: which bin, and sums by bin in whatever order.

A confidence in [0, 1] is an integer multiple of 2^-1074. It is split into digits of 32 bits; a bin
adds up each digit by itself, as an integer, and only the calibration error is rounded, once.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

DIGIT = 32
DIGITS = -(-1074 // DIGIT)
"""Digits behind the point that hold every float64 in [0, 1]; a float32 fills two or three."""
Sums = Tensor
"""``(n_bins, 1 + DIGITS)`` int64: for each bin its correct rows less the sum of their confidences,
as an integer and digits of any size behind the point. Sums add up entry by entry."""


def blocks(x: Tensor) -> tuple[Tensor, ...]:
    """Parts that fit a CPU's cache, in which sums of digits are exact in float64."""
    parts: tuple[Tensor, ...] = torch.split(x, 2**15 if x.device.type == "cpu" else 2**20)
    return parts


def _product_error(a: Tensor, b: Tensor) -> Tensor:
    """``a b`` minus its rounding, exactly, for float64 of moderate size (Dekker's product)."""

    def halves(x: Tensor) -> tuple[Tensor, Tensor]:
        scaled = x * (2.0**27 + 1)
        high = scaled - (scaled - x)
        return high, x - high

    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    error = a_high * b_high - a * b + a_high * b_low + a_low * b_high
    return error + a_low * b_low


def bins_of(c: Tensor, n: int, closed: str) -> Tensor:
    """Bin of each confidence, ``c n`` being known exactly as a float and its rounding error.

    Rounding is monotone: unless the float is an integer m, no integer lies between it and ``c n``.
    A product of float32 and of an integer up to 2^29 has no error in float64.
    """
    scaled = c.double() * n
    if c.dtype != torch.float64 and n <= 2**29:
        index = scaled.ceil_().sub_(1) if closed == "right" else scaled.floor_()
    else:
        error = _product_error(c.double(), torch.full_like(scaled, n))
        whole, over = scaled == scaled.floor(), error <= 0 if closed == "right" else error < 0
        index = torch.where(whole & over, scaled - 1, scaled.floor())
    return index.clamp_(0, n - 1).long()


def zeros(n_bins: int, device: torch.device) -> Sums:
    """The sums of no rows."""
    return torch.zeros(n_bins, 1 + DIGITS, dtype=torch.int64, device=device)


def total(confidence: Tensor, correct: Tensor, indices: Iterable[Tensor], n_bins: int) -> Sums:
    """Sums of rows: confidences in [0, 1], boolean marks, and their bins block by block."""
    found = zeros(n_bins, confidence.device)
    for c, marks, index in zip(blocks(confidence), blocks(correct), indices, strict=True):
        found = carried(found)
        scaled = c.double() * 2.0**DIGIT
        whole = scaled.floor()
        gap = marks.double().mul_(2.0**DIGIT).sub_(whole)
        found[:, 1] += _by_bin(index, gap, n_bins)
        left = scaled.sub_(whole)
        for digit in range(2, 1 + DIGITS):
            rest = left.nonzero().squeeze(-1)
            if len(rest) == 0:
                break
            left, index = left.index_select(0, rest) * 2.0**DIGIT, index.index_select(0, rest)
            whole = left.floor()
            found[:, digit] -= _by_bin(index, whole, n_bins)
            left = left.sub_(whole)
    return found


def _by_bin(index: Tensor, weights: Tensor, n_bins: int) -> Tensor:
    """Sums of up to 2^20 integers of size up to 2^32: exact."""
    return torch.bincount(index, weights=weights, minlength=n_bins).long()


def carried(sums: Sums) -> Sums:
    """The same sums, their digits below 2^33 in size, so that there is room for 2^30 rows more."""
    over = sums[:, 1:] >> DIGIT
    found = sums.clone()
    found[:, 1:] -= over << DIGIT
    found[:, :-1] += over
    return found


def gaps(sums: Sums) -> list[int]:
    """The sums as integers, in units of ``2^(-32 DIGITS)``."""
    found = []
    for digits in sums.tolist():
        gap = 0
        for digit in digits:
            gap = (gap << DIGIT) + digit
        found.append(gap)
    return found


def calibration_error(sums: Sums, rows: int) -> float:
    """``sum_b |correct - confidence| / N`` of the exact sums, rounded once."""
    return sum(abs(gap) for gap in gaps(sums)) / (rows << DIGIT * DIGITS)
