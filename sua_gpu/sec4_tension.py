"""Section 4.5: Lemma 4.7 and its parts (contracts and verdicts as in :mod:`sua_ref`)."""

from __future__ import annotations

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec2_information import entropy
from sua_gpu.sec3_formulation import distributional_sensitivity
from sua_gpu.sec4_curves import smoothing_factor
from sua_gpu.sec4_risks import RISKS, output_and_law
from sua_gpu.sec4_theory import clean_risk, times
from sua_ref.results import Bound

FACTORS = ("alpha", "alpha_squared", "sharp")


def _constant(n: int, a: float, divergence: str, factor: str) -> float:
    if factor == "alpha_squared":
        return a**2
    if factor == "alpha" or divergence == "tv":
        return a
    return float(smoothing_factor(n, a))


def lem_4_7(
    p: Tensor,
    perturbed: Tensor,
    *,
    alpha: float,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    factor: str = "alpha",
    validate: bool = True,
) -> Bound:
    """Lemma 4.7 for label smoothing (see :func:`sua_ref.lem_4_7`)."""
    checks.choice(factor, FACTORS, "factor")
    a = checks.real(alpha, "alpha", low=0, high=1)
    before = distributional_sensitivity(
        p, perturbed, divergence=divergence, weights=weights, validate=validate
    )
    rows = [checks.distribution(x, "p", validate=False) for x in (p, perturbed)]
    even = [torch.full_like(x, 1 / x.shape[-1]) for x in rows]
    q, there = (torch.lerp(u, x, a) for u, x in zip(even, rows, strict=True))
    after = distributional_sensitivity(
        q, there, divergence=divergence, weights=weights, validate=False
    )
    return Bound(after, times(_constant(q.shape[-1], a, divergence, factor), before), {})


def lem_4_7_general(
    p: Tensor,
    perturbed: Tensor,
    after: Tensor,
    perturbed_after: Tensor,
    *,
    divergence: str = "jsd",
    weights: Tensor | None = None,
    validate: bool = True,
) -> Bound:
    """Lemma 4.7 in general, refuted (see :func:`sua_ref.lem_4_7_general`)."""
    q = checks.distribution(p, "p", validate=validate)
    q_after = checks.distribution(after, "after", validate=validate)
    checks.same_shape(q, q_after, "p", "after")
    there = checks.distribution(perturbed, "perturbed", validate=validate)
    there_after = checks.distribution(perturbed_after, "perturbed_after", validate=validate)
    checks.perturbed_shape(q, there, "perturbed")
    checks.same_shape(there, there_after, "perturbed", "perturbed_after")
    raised = {
        "entropy": entropy(q_after, validate=False) >= entropy(q, validate=False),
        "entropy.around": entropy(there_after, validate=False) >= entropy(there, validate=False),
    }
    left, right = (
        distributional_sensitivity(a, b, divergence=divergence, weights=weights, validate=validate)
        for a, b in ((q_after, there_after), (q, there))
    )
    return Bound(left, right, raised)


def lem_4_7_risk(
    p: Tensor,
    after: Tensor,
    p_true: Tensor,
    *,
    risk: str = "gibbs",
    loss: Tensor | None = None,
    validate: bool = True,
) -> Bound:
    """Lemma 4.7, the risk, refuted (see :func:`sua_ref.lem_4_7_risk`)."""
    checks.choice(risk, RISKS, "risk")
    q, law = output_and_law(p, p_true, validate)
    q_after = checks.distribution(after, "after", validate=validate).to(q.dtype)
    checks.same_shape(q, q_after, "p", "after")
    matrix = None
    if loss is not None:
        matrix = checks.loss_matrix(loss, q, square=True, validate=validate)
    raised = entropy(q_after, validate=False) >= entropy(q, validate=False)
    left, right = (clean_risk(rows, law, risk, matrix) for rows in (q, q_after))
    return Bound(left, right, {"entropy": raised})
