"""Section 2.2: robustness of one output over a finite perturbation set.

A distance in single precision is compared with ``delta`` exactly, not with ``delta`` rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec3_formulation import worst_case_sensitivity


def is_pointwise_robust(
    output: Any,
    perturbed_outputs: Sequence[Any],
    *,
    delta: float,
    metric: Callable[[Any, Any], Any],
) -> bool:
    """Every perturbed output within ``delta`` (see :func:`sua_ref.is_pointwise_robust`); ``metric``
    returns a number or a tensor of one."""
    checks.number(delta, "delta", low=0)
    for k, other in enumerate(perturbed_outputs):
        found = metric(output, other)
        distance = found.item() if isinstance(found, Tensor) else found
        if checks.number(distance, f"metric(output, perturbed_outputs[{k}])") > delta:
            return False
    return True


def is_distributionally_robust(
    p: Tensor, perturbed: Tensor, *, delta: float, divergence: str = "jsd", validate: bool = True
) -> Tensor:
    """``sup D(p || p') <= delta`` (see :func:`sua_ref.is_distributionally_robust`)."""
    checks.number(delta, "delta", low=0)
    worst = worst_case_sensitivity(p, perturbed, divergence=divergence, validate=validate)
    return worst.double() <= float(delta)
