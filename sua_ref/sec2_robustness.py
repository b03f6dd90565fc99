"""Section 2.2: robustness of one output over a finite perturbation set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import Value, at_most, like, same_kind
from sua_ref.sec2_information import DIVERGENCES, divergence_of


def is_pointwise_robust(
    output: Any,
    perturbed_outputs: Sequence[Any],
    *,
    delta: Any,
    metric: Callable[[Any, Any], Any],
) -> bool:
    """Pointwise (eps, delta)-robustness: every perturbed output within ``delta`` (section 2.2).

    Args:
        output: the output at x.
        perturbed_outputs: the outputs at the K perturbed inputs.
        delta: the tolerance, >= 0, in the units of ``metric``.
        metric: distance between two outputs.

    Returns:
        Whether ``metric(output, o) <= delta`` for every ``o``; true for an empty set, since x
        itself is at distance 0.

    Raises:
        ValueError: ``delta`` is negative or NaN, or a distance is NaN (its index is named).
        Undecided: a distance is a ball that overlaps ``delta``.

    >>> is_pointwise_robust(1.0, [1.1, 0.8], delta=0.25, metric=lambda a, b: abs(a - b))
    True
    """
    checks.number(delta, "delta", low=0)
    for k, other in enumerate(perturbed_outputs):
        distance = checks.number(metric(output, other), f"metric(output, perturbed_outputs[{k}])")
        if not at_most(np.asarray(distance), np.asarray(delta)):
            return False
    return True


def is_distributionally_robust(
    p: npt.ArrayLike, perturbed: npt.ArrayLike, *, delta: Any, divergence: str = "jsd"
) -> Value:
    """Distributional (eps, delta)-robustness: ``sup D(p || p') <= delta`` (section 2.2).

    Args:
        p: ``(..., V)`` output at x.
        perturbed: ``(..., K, V)`` outputs over the perturbation set.
        delta: the tolerance, >= 0, in the units of the divergence (nats for kl and jsd).
        divergence: a name of ``DIVERGENCES``.

    Returns:
        ``(...)`` booleans.

    Raises:
        ValueError: bad probabilities, shapes, ``delta`` or ``divergence``.
        Undecided: a ball overlaps ``delta``.

    >>> bool(is_distributionally_robust([1.0, 0.0], [[0.5, 0.5]], delta=0.5, divergence="tv"))
    True
    """
    checks.number(delta, "delta", low=0)
    a = checks.distribution(p, "p")
    b = checks.perturbed_distributions(perturbed, a)
    same_kind(p=a, perturbed=b)
    checks.choice(divergence, DIVERGENCES, "divergence")
    values = np.asarray(divergence_of(np.broadcast_to(a[..., None, :], b.shape), b, divergence))
    return np.all(at_most(values, np.asarray(like(delta, values))), axis=-1)
