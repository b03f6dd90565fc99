"""Section 4, the margin: contracts as in :mod:`sua_ref.sec4_margin`, differentiable."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec4_curves import _distance, _Inverse, _tilted


def margin_bound(h: Tensor | float, *, validate: bool = True) -> Tensor:
    """The least margin at entropy h (see :func:`sua_ref.margin_bound`).

    Found as ``tanh(s/2)``, s being the log-odds of two labels of that entropy. The gradient is
    ``-2/s``, and 0 from log 2 on.
    """
    x = checks.within(checks.tensor(h, "h"), "h", math.inf, validate=validate)
    with torch.no_grad():
        one = torch.ones_like(x, dtype=torch.long)
        missing = -_distance(x, 2 * one)
        _, tilt = _tilted(x, missing, torch.ones_like(x))
        root = torch.where(missing > 0, torch.tanh(tilt / 2), 0.0)
        slope = torch.where(missing > 0, -tilt / 2, torch.inf)
    least: Tensor = _Inverse.apply(x, root, slope)  # type: ignore[no-untyped-call]  # torch's own
    return least
