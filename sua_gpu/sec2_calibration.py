"""Section 2.3: confidence, calibration error, temperature scaling. Counts are in float64."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sua_gpu import checks, pairs
from sua_gpu.sec2_information import entropy_of
from sua_ref.results import Temperature

MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-6, 1e6
"""The search interval of :func:`temperature_scale`."""


def entropy_confidence(p: Tensor, *, validate: bool = True) -> Tensor:
    """``1 - H(p)/log V`` (see :func:`sua_ref.entropy_confidence`)."""
    a = checks.distribution(p, "p", validate=validate)
    n = a.shape[-1]
    if n == 1:
        raise ValueError("p: V = 1, where 1 - H/log V reads 0/0")
    uniform = torch.full_like(a, 1 / n)
    from_uniform = pairs.kl(pairs.from_probabilities(a, uniform)).sum(-1) / math.log(n)
    plain = 1 - entropy_of(a) / math.log(n)
    return torch.where(plain < 0.5, from_uniform, plain)


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
    """
    count = torch.full_like(c, n)
    scaled, error = c * count, _product_error(c, count)
    whole = scaled == scaled.floor()
    if closed == "right":
        index = torch.where(whole & (error <= 0), scaled - 1, scaled.floor())
        return index.clamp(min=0).long()
    index = torch.where(whole & (error < 0), scaled - 1, scaled.floor())
    return index.clamp(max=n - 1).long()


def expected_calibration_error(
    confidence: Tensor, correct: Tensor, *, n_bins: int = 15, closed: str = "right"
) -> Tensor:
    """Expected calibration error, edges k/n compared exactly, in float64 (see
    :func:`sua_ref.expected_calibration_error`)."""
    c = checks.vector(confidence, "confidence")
    marks = checks.binary(correct, len(c), "correct")
    checks.binning(n_bins, closed)
    checks.unit_interval(c, "confidence")
    index = bins_of(c.detach(), n_bins, closed)
    used, bins = index.unique(return_inverse=True)  # type: ignore[no-untyped-call]  # torch
    gaps = torch.zeros_like(used, dtype=torch.float64).index_add(0, bins, marks - c)
    return gaps.abs().sum() / len(c)


def temperature_scale(logits: Tensor, labels: Tensor) -> Temperature:
    """Temperature scaling by bisection, in float64 (see :func:`sua_ref.temperature_scale`)."""
    x = checks.working_dtype(logits, "logits").detach().double()
    if x.ndim != 2 or x.numel() == 0:
        raise ValueError(f"logits: shape {tuple(x.shape)}; wanted (N, V)")
    if not bool(x.isfinite().all()):
        row, column = (int(i) for i in (~x.isfinite()).nonzero()[0])
        raise ValueError(f"logits: row {row} has {x[row, column].item()} at position {column}")
    y = checks.labels(labels, x.shape[:1], x.shape[1], validate=True)
    below = x - x.amax(-1, keepdim=True)
    if not bool(below.isfinite().all()):
        row = int((~below.isfinite()).nonzero()[0, 0])
        raise ValueError(f"logits: row {row} spans more than float64 can hold")
    if not bool(below.any()):
        return Temperature(1.0, False)
    chosen = below.gather(-1, y.unsqueeze(-1)).squeeze(-1)

    def too_cold(log_t: float) -> bool:
        """Whether the NLL falls as T rises: ``E_softmax x > x_label``, averaged over the rows."""
        mean = (torch.softmax(below * math.exp(-log_t), -1) * below).sum(-1)
        return bool((mean - chosen).mean() > 0)

    low, high = math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)
    if not too_cold(low):
        return Temperature(MIN_TEMPERATURE, True)
    if too_cold(high):
        return Temperature(MAX_TEMPERATURE, True)
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if too_cold(middle) else (low, middle)
    return Temperature(math.exp((low + high) / 2), False)
