"""Sections 4.1 and 4.2: risks, robust risk and the interpretation-collapse gap, in all readings.

A loss is a matrix ``[action, label]``; ``None`` is the 0-1 loss. Names that end in ``_of`` take
arguments that have been checked.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    argmax,
    largest,
    maximum,
    positive_part,
    same_kind,
    smallest,
)

RISKS = ("gibbs", "self", "argmax", "argmax_shifted")
"""Four readings of ``R_theta(x')``: a label drawn from q_x', the model's risk under its own output,
the most likely label judged by the label law of x, or by that of x'."""
GAPS = ("signed", "positive", "absolute")
"""Three readings of Definition 4.1."""


def loss_of(loss: npt.ArrayLike | None, p: Array, *, square: bool, name: str = "p") -> Array | None:
    """A loss beside the argument ``name``, checked; None stays None."""
    if loss is None:
        return None
    matrix = checks.loss_matrix(loss, p, square=square)
    same_kind(**{name: p, "loss": matrix})
    return matrix


def _expected_losses(label_law: Array, loss: Array | None) -> Array:
    """``E_{y ~ label_law} l(a, y)`` for each action, ``(..., A)``; the 0-1 loss needs no matrix."""
    if loss is None:
        return np.asarray(1 - label_law)
    return np.asarray(np.sum(label_law[..., None, :] * loss, axis=-1))


def gibbs_of(q: Array, truth: Array, loss: Array | None) -> Value:
    """Risk of an answer drawn from ``q``."""
    return np.sum(q * _expected_losses(truth, loss), axis=-1)


def bayes_of(truth: Array, loss: Array | None) -> Value:
    """Least risk of an answer."""
    return smallest(_expected_losses(truth, loss))


def argmax_of(q: Array, truth: Array, loss: Array | None) -> Value:
    """Risk of the likeliest answer of ``q``."""
    expected = _expected_losses(truth, loss)
    return np.take_along_axis(expected, argmax(q)[..., None], axis=-1)[..., 0][()]


def output_and_truth(p: npt.ArrayLike, p_true: npt.ArrayLike) -> tuple[Array, Array]:
    """A model output and a label law of one shape, checked."""
    q, truth = checks.distribution(p, "p"), checks.distribution(p_true, "p_true")
    same_kind(p=q, p_true=truth)
    checks.same_shape(q, truth, "p", "p_true")
    return q, truth


def gibbs_risk(p: npt.ArrayLike, p_true: npt.ArrayLike, loss: npt.ArrayLike | None = None) -> Value:
    """``E_{Y~p_true} E_{yhat~p} l(yhat, Y)``: the risk of an answer drawn from the output.

    Args:
        p: ``(..., V)`` model output.
        p_true: ``(..., V)`` label law.
        loss: ``(V, V)`` ``[action, label]``; None is 0-1.

    Returns:
        ``(...)`` in the range of the loss.

    Raises:
        ValueError: a row is no probability vector, or a shape does not fit.

    >>> float(gibbs_risk([1.0, 0.0], [0.25, 0.75]))
    0.75
    """
    q, truth = output_and_truth(p, p_true)
    return gibbs_of(q, truth, loss_of(loss, q, square=True))


def bayes_risk(p_true: npt.ArrayLike, loss: npt.ArrayLike | None = None) -> Value:
    """``R*(x) = min_a E_{Y~p_true} l(a, Y)``: the least risk that an answer can have.

    Args:
        p_true: ``(..., V)`` label law.
        loss: ``(A, V)`` ``[action, label]``; None is 0-1, where the value is ``1 - max p_true``.

    Returns:
        ``(...)`` in the range of the loss.

    Raises:
        ValueError: a row is no probability vector, or a shape does not fit.

    >>> float(bayes_risk([0.25, 0.75]))
    0.25
    """
    truth = checks.distribution(p_true, "p_true")
    return bayes_of(truth, loss_of(loss, truth, square=False, name="p_true"))


def self_risk(p: npt.ArrayLike, loss: npt.ArrayLike | None = None) -> Value:
    """The model's risk under its own output, ``min_a E_{y~p} l(a, y)`` (Definition 4.1).

    Args, Returns, Raises: as :func:`bayes_risk`, with the output in place of the truth.

    >>> float(self_risk([0.25, 0.75]))
    0.25
    """
    q = checks.distribution(p, "p")
    return bayes_of(q, loss_of(loss, q, square=False))


def argmax_risk(p: npt.ArrayLike, p_true: npt.ArrayLike) -> Value:
    """``P(f != Y)`` for ``f = argmax p`` and Y ~ p_true: what accuracy measures (section 6.4).

    Args:
        p, p_true: ``(..., V)`` model output and label law. Ties go to the lowest index.

    Returns:
        ``(...)`` in [0, 1].

    Raises:
        ValueError: a row is no probability vector, or the shapes differ.
        Undecided: two balls tie for the maximum.

    >>> float(argmax_risk([0.5, 0.5], [0.25, 0.75]))
    0.75
    """
    return argmax_of(*output_and_truth(p, p_true), None)


def interpretation_collapse_gap(
    p: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    reading: str = "signed",
    loss: npt.ArrayLike | None = None,
) -> Value:
    """Definition 4.1: ``kappa(x) = R*(x) - R_self(x)``, Bayes risk minus self-risk.

    Args:
        p, p_true: ``(..., V)`` model output and label law.
        reading: ``"signed"``, or its ``"positive"`` part, or its ``"absolute"`` value. The paper
            says "kappa >= 0 always", which the signed reading refutes.
        loss: ``(A, V)``; None is 0-1.

    Returns:
        ``(...)``.

    Raises:
        ValueError: a row is no probability vector, a shape does not fit, or ``reading`` is unknown.

    >>> float(interpretation_collapse_gap([0.5, 0.5], [1.0, 0.0]))
    -0.5
    """
    checks.choice(reading, GAPS, "reading")
    q, truth = output_and_truth(p, p_true)
    return gap_of(q, truth, loss_of(loss, q, square=False), reading)


def gap_of(q: Array, truth: Array, loss: Array | None, reading: str) -> Value:
    """Definition 4.1 in one of its readings."""
    gap = bayes_of(truth, loss) - bayes_of(q, loss)
    if reading == "positive":
        return positive_part(gap)
    return abs(gap) if reading == "absolute" else gap


def risk_of(q: Array, truth: Array, truth_there: Array, risk: str, loss: Array | None) -> Value:
    """``R_theta`` in one of its readings: the output ``q``, judged by the label law of x or, where
    the reading says so, by that of the perturbed input."""
    if risk == "gibbs":
        return gibbs_of(q, truth, loss)
    if risk == "self":
        return bayes_of(q, loss)
    return argmax_of(q, truth if risk == "argmax" else truth_there, loss)


def worst_case_risk(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    risk: str = "gibbs",
    loss: npt.ArrayLike | None = None,
    p_true_perturbed: npt.ArrayLike | None = None,
) -> Value:
    """Definition 4.2: ``R_rob(x) = sup_{x' in B} R_theta(x')``, x itself included.

    Args:
        p: ``(..., V)`` output at x.
        perturbed: ``(..., K, V)`` outputs over the ball.
        p_true: ``(..., V)`` label law of x.
        risk: a reading of ``RISKS``.
        loss: ``(V, V)`` ``[action, label]``; None is 0-1.
        p_true_perturbed: ``(..., K, V)`` label laws of the perturbed inputs, needed by
            ``"argmax_shifted"``.

    Returns:
        ``(...)``, >= the risk at x.

    Raises:
        ValueError: bad probabilities, shapes, or an unknown ``risk``.

    >>> float(worst_case_risk([1.0, 0.0], [[0.0, 1.0]], [1.0, 0.0]))
    1.0
    """
    checks.choice(risk, RISKS, "risk")
    q, truth = output_and_truth(p, p_true)
    there = checks.perturbed_distributions(perturbed, q)
    same_kind(p=q, perturbed=there)
    law = np.broadcast_to(truth[..., None, :], there.shape)
    law_there = law
    if p_true_perturbed is not None:
        law_there = checks.perturbed_distributions(p_true_perturbed, q, "p_true_perturbed")
        same_kind(p=q, p_true_perturbed=law_there)
        checks.same_shape(there, law_there, "perturbed", "p_true_perturbed")
    elif risk == "argmax_shifted":
        raise ValueError("p_true_perturbed: needed by risk='argmax_shifted'")
    matrix = loss_of(loss, q, square=True)
    here = np.asarray(risk_of(q, truth, truth, risk, matrix))
    around = np.asarray(risk_of(there, law, law_there, risk, matrix))
    return maximum(here, np.asarray(largest(around)))
