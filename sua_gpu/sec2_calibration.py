"""Section 2.3: confidence, calibration error, temperature scaling. Counts are in float64."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sua_gpu import bins, checks, pairs
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


def expected_calibration_error(
    confidence: Tensor, correct: Tensor, *, n_bins: int = 15, closed: str = "right"
) -> Tensor:
    """Expected calibration error, edges k/n compared exactly, the sums exact, in float64 (see
    :func:`sua_ref.expected_calibration_error`)."""
    c = checks.scores(confidence, "confidence")
    marks = checks.marks(correct, len(c), "correct")
    checks.binning(n_bins, closed)
    checks.unit_interval(c, "confidence")
    points = c.detach()
    if c.requires_grad or n_bins > len(c):
        every = bins.bins_of(points, n_bins, closed)
        used, index = every.unique(return_inverse=True)  # type: ignore[no-untyped-call]  # torch
        total = bins.total(points, marks, bins.blocks(index), len(used))
    else:
        each = (bins.bins_of(part, n_bins, closed) for part in bins.blocks(points))
        total = bins.total(points, marks, each, n_bins)
    error = torch.tensor(
        bins.calibration_error(total, len(c)), dtype=torch.float64, device=c.device
    )
    if not c.requires_grad:
        return error
    signs = torch.tensor([(gap < 0) - (gap > 0) for gap in bins.gaps(total)], device=c.device)
    sloped = (signs[index] * c.double()).sum() / len(c)
    return error + (sloped - sloped.detach())


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
