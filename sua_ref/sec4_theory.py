"""Section 4: risks, the interpretation-collapse gap, the theorems as evaluated inequalities.

A theorem of the paper is a function named by its number that returns
:class:`~sua_ref.results.Bound`: both sides and the hypotheses that can be read off the arguments.
It never says that the inequality holds; the verdicts are in ``proofs_checks``. A loss is a matrix
``[action, label]``; ``None`` is the 0-1 loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    argmax,
    at_most,
    largest,
    like,
    maximum,
    positive_part,
    same_kind,
    smallest,
)
from sua_ref.results import Bound
from sua_ref.sec2_information import entropy_of
from sua_ref.sec3_formulation import distributional_sensitivity, sua_score

RISKS = ("gibbs", "self", "argmax", "argmax_shifted")
"""Four readings of ``R_theta(x')``: a label drawn from q_x', the model's risk under its own output,
the most likely label judged by the label law of x, or by that of x'."""
GAPS = ("signed", "positive", "absolute")
"""Three readings of Definition 4.1."""
CONDITIONS = ("at_least_phi", "at_most_phi")
"""Two readings of the lambda-condition of (11): ``lambda H >= phi(H)``, as printed, or
``phi(H) >= L_D lambda H``, the direction that the proof's step 4 would need."""


def _matrix(loss: npt.ArrayLike | None, p: Array, *, square: bool) -> Array | None:
    if loss is None:
        return None
    matrix = checks.loss_matrix(loss, p, square=square)
    same_kind(p=p, loss=matrix)
    return matrix


def _expected_losses(label_law: Array, loss: Array | None) -> Array:
    """``E_{y ~ label_law} l(a, y)`` for each action, ``(..., A)``; the 0-1 loss needs no matrix."""
    if loss is None:
        return np.asarray(1 - label_law)
    return np.asarray(np.sum(label_law[..., None, :] * loss, axis=-1))


def _gibbs(q: Array, truth: Array, loss: Array | None) -> Value:
    return np.sum(q * _expected_losses(truth, loss), axis=-1)


def _bayes(truth: Array, loss: Array | None) -> Value:
    return smallest(_expected_losses(truth, loss))


def _argmax(q: Array, truth: Array, loss: Array | None) -> Value:
    expected = _expected_losses(truth, loss)
    return np.take_along_axis(expected, argmax(q)[..., None], axis=-1)[..., 0][()]


def _output_and_truth(p: npt.ArrayLike, p_true: npt.ArrayLike) -> tuple[Array, Array]:
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
    q, truth = _output_and_truth(p, p_true)
    return _gibbs(q, truth, _matrix(loss, q, square=True))


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
    return _bayes(truth, _matrix(loss, truth, square=False))


def self_risk(p: npt.ArrayLike, loss: npt.ArrayLike | None = None) -> Value:
    """The model's risk under its own output, ``min_a E_{y~p} l(a, y)`` (Definition 4.1).

    Args, Returns, Raises: as :func:`bayes_risk`, with the output in place of the truth.

    >>> float(self_risk([0.25, 0.75]))
    0.25
    """
    q = checks.distribution(p, "p")
    return _bayes(q, _matrix(loss, q, square=False))


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
    return _argmax(*_output_and_truth(p, p_true), None)


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
    q, truth = _output_and_truth(p, p_true)
    return _gap(q, truth, _matrix(loss, q, square=False), reading)


def _gap(q: Array, truth: Array, loss: Array | None, reading: str) -> Value:
    gap = _bayes(truth, loss) - _bayes(q, loss)
    if reading == "positive":
        return positive_part(gap)
    return abs(gap) if reading == "absolute" else gap


def _risk(q: Array, truth: Array, truth_there: Array, risk: str, loss: Array | None) -> Value:
    if risk == "gibbs":
        return _gibbs(q, truth, loss)
    if risk == "self":
        return _bayes(q, loss)
    return _argmax(q, truth if risk == "argmax" else truth_there, loss)


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
    q, truth = _output_and_truth(p, p_true)
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
    matrix = _matrix(loss, q, square=True)
    here = np.asarray(_risk(q, truth, truth, risk, matrix))
    around = np.asarray(_risk(there, law, law_there, risk, matrix))
    return maximum(here, np.asarray(largest(around)))


def thm_4_3_eq_11(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    lam: Any,
    lipschitz: Any,
    phi: Callable[[Any], Any],
    weights: npt.ArrayLike | None = None,
    risk: str = "gibbs",
    gap: str = "signed",
    condition: str = "at_least_phi",
    divergence: str = "tv",
    loss: npt.ArrayLike | None = None,
    p_true_perturbed: npt.ArrayLike | None = None,
) -> Bound:
    """Theorem 4.3, inequality (11): ``R_rob(x) <= R(x) + L_D SUA(x) + kappa(x)``.

    The formula is reconstructed. The claim is refuted under every reading: claim thm_4_3.eq_11.

    Args:
        p, perturbed, p_true, loss, p_true_perturbed: as for :func:`worst_case_risk`; ``perturbed``
            is the whole ball.
        lam: the alignment coefficient lambda > 0.
        lipschitz: the constant L_D of Assumption 1.
        phi: the function of Assumption 2, on an array of entropies.
        weights: the law of the perturbation; uniform where none is given.
        risk: a reading of ``RISKS``.
        gap: a reading of ``GAPS``.
        condition: a reading of ``CONDITIONS``.
        divergence: a name of ``DIVERGENCES``.

    Returns:
        :class:`Bound` with the hypotheses ``asm_1`` (under TV: ``osc(loss) <= L_D``, which implies
        it; otherwise absent, being about all distributions), ``asm_2.here`` (``E l(a, .) >=
        phi(H)`` at the output and at the label law, every action) and ``condition``.

    Raises:
        ValueError: bad probabilities, shapes, coefficients, or an unknown reading.
        Undecided: balls too wide to decide a hypothesis.

    >>> half = [0.5, 0.5]
    >>> b = thm_4_3_eq_11(half, [half], half, lam=1, lipschitz=1, phi=lambda h: 0 * h)
    >>> float(b.lhs), round(float(b.rhs), 3), bool(b.hypotheses["condition"])
    (0.5, -0.193, True)
    """
    checks.choice(condition, CONDITIONS, "condition")
    checks.choice(gap, GAPS, "gap")
    checks.positive(lam, "lam")
    checks.number(lipschitz, "lipschitz", low=0)
    worst = worst_case_risk(
        p, perturbed, p_true, risk=risk, loss=loss, p_true_perturbed=p_true_perturbed
    )
    score = sua_score(p, perturbed, lam=lam, divergence=divergence, weights=weights)
    q, truth = _output_and_truth(p, p_true)
    matrix, constant = _matrix(loss, q, square=True), like(lipschitz, q)
    here = _risk(q, truth, truth, risk, matrix)

    h = entropy_of(q)
    bounded, scaled = phi(h), like(lam, q) * h
    hypotheses = {
        "asm_2.here": _entropy_risk_link(q, matrix, phi) & _entropy_risk_link(truth, matrix, phi),
        "condition": at_most(bounded, scaled)
        if condition == "at_least_phi"
        else at_most(constant * scaled, bounded),
    }
    if divergence == "tv":
        hypotheses["asm_1"] = at_most(np.asarray(_oscillation(matrix, q)), np.asarray(constant))
    return Bound(worst, here + constant * score + _gap(q, truth, matrix, gap), hypotheses)


def _oscillation(loss: Array | None, p: Array) -> Value:
    """``max_a (max_y l(a, y) - min_y l(a, y))``: the least L_D of Assumption 1 under TV."""
    if loss is None:
        return like(int(p.shape[-1] > 1), p)
    return largest(np.asarray(largest(loss) - smallest(loss)))


def _entropy_risk_link(law: Array, loss: Array | None, phi: Callable[[Any], Any]) -> Value:
    """Assumption 2 at one distribution: ``min_a E_{y~law} l(a, y) >= phi(H(law))``."""
    return at_most(phi(entropy_of(law)), _bayes(law, loss))


def additive_score(
    p: npt.ArrayLike, perturbed: npt.ArrayLike, *, weights: npt.ArrayLike | None = None
) -> Value:
    """The repaired score ``e + 2 S_TV``, with ``e = 1 - max p`` (result n_3).

    It bounds the error of the perturbed prediction: ``E P(f(x') != Y | x) <= e(x) + 2 S_TV(x) +
    TV(p, p_true)``. Proof: with y0 = f(x) and y1 = f(x'), ``p(y0) - p(y1) <= 2 TV(p, p')`` because
    p'(y1) >= p'(y0), and ``p_true(y1) >= p(y1) - TV(p, p_true)``.

    Args:
        p, perturbed, weights: as for :func:`sua_ref.distributional_sensitivity`.

    Returns:
        ``(...)`` in [0, 3); higher means more likely to fail.

    Raises:
        ValueError: bad probabilities, shapes or weights.

    >>> float(additive_score([0.75, 0.25], [[0.75, 0.25], [0.25, 0.75]]))
    0.75
    """
    s = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    return 1 - largest(checks.distribution(p, "p")) + 2 * s
