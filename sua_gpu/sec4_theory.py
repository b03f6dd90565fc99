"""Section 4: the theorems at one input, as evaluated inequalities.

The contracts, readings and verdicts are those of the functions of the same names in
:mod:`sua_ref`; ``phi`` is a function of tensors here, and hypotheses are decided by comparing
floats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.sec2_information import entropy
from sua_gpu.sec3_formulation import sua_score, worst_case_sensitivity
from sua_gpu.sec4_risks import (
    GAPS,
    gibbs_risk,
    interpretation_collapse_gap,
    least,
    output_and_law,
    worst_case_risk,
)
from sua_ref.results import Bound

CONDITIONS = ("at_least_phi", "at_most_phi")
Phi = Callable[[Tensor], Tensor]


def times(weight: float, values: Tensor) -> Tensor:
    """``weight * values``; a weight of 0 gives 0 even where a value is infinite."""
    return weight * values if weight else torch.zeros_like(values)


def hypotheses(
    q: Tensor, law: Tensor, loss: Tensor | None, phi: Phi, lipschitz: float, divergence: str
) -> dict[str, Any]:
    """What can be read of Assumptions 1 and 2 off an output and a label law."""
    reached = [phi_at(phi, rows) <= least(rows, loss) for rows in (q, law)]
    return {"asm_2.here": reached[0] & reached[1]} | assumption_1(q, loss, lipschitz, divergence)


def phi_at(phi: Phi, rows: Tensor) -> Tensor:
    """``phi`` of the entropies, which must not be NaN."""
    value = torch.as_tensor(phi(entropy(rows, validate=False)))
    if bool(value.isnan().any()):
        raise ValueError("phi: a value is nan")
    return value


def assumption_1(
    q: Tensor, loss: Tensor | None, lipschitz: float, divergence: str
) -> dict[str, Any]:
    """Assumption 1 under TV: every action's loss varies by at most L_D."""
    if divergence != "tv":
        return {}
    if loss is None:
        return {"asm_1": lipschitz >= (q.shape[-1] > 1)}
    varies = loss.amax(1) - loss.amin(1)
    return {"asm_1": bool((varies <= lipschitz).all())}


def lambda_condition(q: Tensor, lam: float, lipschitz: float, phi: Phi, condition: str) -> Tensor:
    """The lambda-condition of (11), in one of its readings."""
    h, bounded = entropy(q, validate=False), phi_at(phi, q)
    if condition == "at_least_phi":
        return lam * h >= bounded
    return bounded >= lipschitz * lam * h


def clean_risk(q: Tensor, law: Tensor, risk: str, loss: Tensor | None) -> Tensor:
    """``R_theta(x)``: the worst case over the ball {x}."""
    if risk == "gibbs":
        return gibbs_risk(q, law, loss, validate=False)
    alone, its_law = q.unsqueeze(-2), law.unsqueeze(-2)
    return worst_case_risk(
        q, alone, law, risk=risk, loss=loss, p_true_perturbed=its_law, validate=False
    )


def thm_4_3_eq_10(
    p: Tensor,
    perturbed: Tensor,
    p_true: Tensor,
    *,
    lipschitz: float,
    phi: Phi,
    risk: str = "gibbs",
    gap: str = "signed",
    divergence: str = "tv",
    loss: Tensor | None = None,
    p_true_perturbed: Tensor | None = None,
    validate: bool = True,
) -> Bound:
    """Theorem 4.3, inequality (10), refuted (see :func:`sua_ref.thm_4_3_eq_10`)."""
    constant = checks.coefficient(lipschitz, "lipschitz")
    checks.choice(gap, GAPS, "gap")
    worst = worst_case_risk(
        p, perturbed, p_true, risk=risk, loss=loss, p_true_perturbed=p_true_perturbed,
        validate=validate,
    )  # fmt: skip
    moved = worst_case_sensitivity(p, perturbed, divergence=divergence, validate=False)
    q, law = output_and_law(p, p_true, validate=False)
    matrix = loss_beside(loss, q)
    kappa = interpretation_collapse_gap(q, law, reading=gap, loss=matrix, validate=False)
    right = clean_risk(q, law, risk, matrix) + times(constant, moved) - phi_at(phi, q) + kappa
    return Bound(worst, right, hypotheses(q, law, matrix, phi, constant, divergence))


def thm_4_3_eq_11(
    p: Tensor,
    perturbed: Tensor,
    p_true: Tensor,
    *,
    lam: float,
    lipschitz: float,
    phi: Phi,
    weights: Tensor | None = None,
    risk: str = "gibbs",
    gap: str = "signed",
    condition: str = "at_least_phi",
    divergence: str = "tv",
    loss: Tensor | None = None,
    p_true_perturbed: Tensor | None = None,
    validate: bool = True,
) -> Bound:
    """Theorem 4.3, inequality (11), refuted (see :func:`sua_ref.thm_4_3_eq_11`)."""
    checks.choice(condition, CONDITIONS, "condition")
    checks.choice(gap, GAPS, "gap")
    factor = checks.coefficient(lam, "lam", strict=True)
    constant = checks.coefficient(lipschitz, "lipschitz")
    worst = worst_case_risk(
        p, perturbed, p_true, risk=risk, loss=loss, p_true_perturbed=p_true_perturbed,
        validate=validate,
    )  # fmt: skip
    score = sua_score(
        p, perturbed, lam=factor, divergence=divergence, weights=weights, validate=validate
    )
    q, law = output_and_law(p, p_true, validate=False)
    matrix = loss_beside(loss, q)
    kappa = interpretation_collapse_gap(q, law, reading=gap, loss=matrix, validate=False)
    met = hypotheses(q, law, matrix, phi, constant, divergence)
    met["condition"] = lambda_condition(q, factor, constant, phi, condition)
    return Bound(worst, clean_risk(q, law, risk, matrix) + times(constant, score) + kappa, met)


def loss_beside(loss: Tensor | None, q: Tensor) -> Tensor | None:
    """A loss that has been checked, in the dtype of ``q``."""
    return None if loss is None else loss.to(q.dtype)


def lem_4_6(
    p: Tensor,
    p_z: Tensor,
    p_y_given_z: Tensor,
    *,
    alpha: float | None = None,
    beta: float | None = None,
    validate: bool = True,
) -> Bound:
    """Lemma 4.6, inequality (13), proved (see :func:`sua_ref.lem_4_6`)."""
    q = checks.distribution(p, "p", validate=validate)
    z = checks.distribution(p_z, "p_z", validate=validate)
    y = checks.distribution(p_y_given_z, "p_y_given_z", validate=validate)
    if y.shape[:-1] != z.shape or y.shape[:-2] + y.shape[-1:] != q.shape:
        raise ValueError(
            f"p_y_given_z: shape {tuple(y.shape)} does not fit p_z, {tuple(z.shape)}, and p, "
            f"{tuple(q.shape)}"
        )
    joint = z.unsqueeze(-1) * y
    law = joint.sum(-2)
    # c = sum_y P(y) H(Z | y); an impossible label has no posterior, and counts nothing.
    possible = (law > 0).unsqueeze(-2)
    posterior = torch.where(possible, joint / torch.where(possible, law.unsqueeze(-2), 1.0), 0.0)
    slack = (law * entropy(posterior.transpose(-1, -2), validate=False)).sum(-1)
    ambiguity, h = entropy(z, validate=False), entropy(q, validate=False)
    low = ambiguity if alpha is None else checks.real(alpha, "alpha")
    high = h if beta is None else checks.real(beta, "beta")
    met = {
        "ambiguity": True if alpha is None else ambiguity >= low,
        "entropy": True if beta is None else h <= high,
    }
    return Bound(low - high - slack, (h - entropy(law, validate=False)).abs(), met)
