"""Sections 4.1 and 4.2: risks, robust risk and the gap (contracts as in :mod:`sua_ref`)."""

from __future__ import annotations

import torch
from torch import Tensor

from sua_gpu import checks

RISKS = ("gibbs", "self", "argmax", "argmax_shifted")
GAPS = ("signed", "positive", "absolute")


def prices(law: Tensor, loss: Tensor | None) -> Tensor:
    """Expected loss of each action under label laws, ``(..., A)``."""
    return 1 - law if loss is None else law @ loss.T


def least(law: Tensor, loss: Tensor | None) -> Tensor:
    """The least expected loss of an action."""
    return 1 - law.amax(-1) if loss is None else prices(law, loss).amin(-1)


def gap_of(q: Tensor, law: Tensor, loss: Tensor | None, reading: str) -> Tensor:
    """Definition 4.1, in one of its readings, of checked rows."""
    signed = least(law, loss) - least(q, loss)
    return {"signed": signed, "positive": signed.relu(), "absolute": signed.abs()}[reading]


def risk_of(q: Tensor, law: Tensor, law_there: Tensor, risk: str, loss: Tensor | None) -> Tensor:
    """``R_theta``, in one of its readings, of checked rows."""
    if risk == "self":
        return least(q, loss)
    paid = prices(law_there if risk == "argmax_shifted" else law, loss)
    if risk == "gibbs":
        return (q * paid).sum(-1)
    return paid.gather(-1, q.argmax(-1, keepdim=True)).squeeze(-1)


def _matrix(loss: Tensor | None, p: Tensor, square: bool, validate: bool) -> Tensor | None:
    if loss is None:
        return None
    return checks.loss_matrix(loss, p, square=square, validate=validate)


def output_and_law(p: Tensor, p_true: Tensor, validate: bool) -> tuple[Tensor, Tensor]:
    """A model output and a label law of one shape, checked, in the wider of their dtypes."""
    q = checks.distribution(p, "p", validate=validate)
    law = checks.distribution(p_true, "p_true", validate=validate)
    checks.same_shape(q, law, "p", "p_true")
    wider = torch.promote_types(q.dtype, law.dtype)
    return q.to(wider), law.to(wider)


def gibbs_risk(
    p: Tensor, p_true: Tensor, loss: Tensor | None = None, *, validate: bool = True
) -> Tensor:
    """Risk of an answer drawn from the output (see :func:`sua_ref.gibbs_risk`)."""
    q, law = output_and_law(p, p_true, validate)
    return risk_of(q, law, law, "gibbs", _matrix(loss, q, True, validate))


def bayes_risk(p_true: Tensor, loss: Tensor | None = None, *, validate: bool = True) -> Tensor:
    """The least risk of an answer (see :func:`sua_ref.bayes_risk`)."""
    law = checks.distribution(p_true, "p_true", validate=validate)
    return least(law, _matrix(loss, law, False, validate))


def self_risk(p: Tensor, loss: Tensor | None = None, *, validate: bool = True) -> Tensor:
    """The model's risk under its own output (see :func:`sua_ref.self_risk`)."""
    q = checks.distribution(p, "p", validate=validate)
    return least(q, _matrix(loss, q, False, validate))


def argmax_risk(p: Tensor, p_true: Tensor, *, validate: bool = True) -> Tensor:
    """Error probability of the likeliest answer (see :func:`sua_ref.argmax_risk`)."""
    q, law = output_and_law(p, p_true, validate)
    return risk_of(q, law, law, "argmax", None)


def interpretation_collapse_gap(
    p: Tensor,
    p_true: Tensor,
    *,
    reading: str = "signed",
    loss: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 4.1 (see :func:`sua_ref.interpretation_collapse_gap`)."""
    checks.choice(reading, GAPS, "reading")
    q, law = output_and_law(p, p_true, validate)
    return gap_of(q, law, _matrix(loss, q, False, validate), reading)


def worst_case_risk(
    p: Tensor,
    perturbed: Tensor,
    p_true: Tensor,
    *,
    risk: str = "gibbs",
    loss: Tensor | None = None,
    p_true_perturbed: Tensor | None = None,
    validate: bool = True,
) -> Tensor:
    """Definition 4.2, x itself included (see :func:`sua_ref.worst_case_risk`)."""
    checks.choice(risk, RISKS, "risk")
    q, law = output_and_law(p, p_true, validate)
    there = checks.distribution(perturbed, "perturbed", validate=validate)
    checks.perturbed_shape(q, there, "perturbed")
    if p_true_perturbed is not None:
        laws = checks.distribution(p_true_perturbed, "p_true_perturbed", validate=validate)
        checks.same_shape(there, laws, "perturbed", "p_true_perturbed")
    elif risk == "argmax_shifted":
        raise ValueError("p_true_perturbed: needed by risk='argmax_shifted'")
    else:
        laws = law.unsqueeze(-2).expand_as(there)
    # One ball with x in front: every reading is then one maximum.
    ball = torch.cat([q.unsqueeze(-2), there.to(q.dtype)], -2)
    laws_ball = torch.cat([law.unsqueeze(-2), laws.to(q.dtype)], -2)
    beside = law.unsqueeze(-2).expand_as(ball)
    return risk_of(ball, beside, laws_ball, risk, _matrix(loss, q, True, validate)).amax(-1)
