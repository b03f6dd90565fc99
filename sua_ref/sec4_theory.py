"""Section 4: the theorems at one input, as evaluated inequalities.

A theorem of the paper is a function named by its number that returns
:class:`~sua_ref.results.Bound`: both sides and the hypotheses that can be read off the arguments.
It never says that the inequality holds; the verdicts are in ``proofs_checks``. The formulas are
reconstructed. Lemma 4.7 is in
:mod:`sua_ref.sec4_tension`, the results in expectation over inputs in
:mod:`sua_ref.sec4_population`.
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
    at_most,
    largest,
    like,
    same_kind,
    scale,
    smallest,
)
from sua_ref.results import Bound
from sua_ref.sec2_information import conditional_entropy_of, entropy_of
from sua_ref.sec3_formulation import mixture, sua_score, worst_case_sensitivity
from sua_ref.sec4_risks import (
    GAPS,
    bayes_of,
    gap_of,
    loss_of,
    output_and_truth,
    risk_of,
    worst_case_risk,
)

CONDITIONS = ("at_least_phi", "at_most_phi")
"""Two readings of the lambda-condition of (11): ``lambda H >= phi(H)``, as printed, or
``phi(H) >= L_D lambda H``, the direction that the proof's step 4 would need."""

Phi = Callable[[Any], Any]


def thm_4_3_eq_10(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    lipschitz: Any,
    phi: Phi,
    risk: str = "gibbs",
    gap: str = "signed",
    divergence: str = "tv",
    loss: npt.ArrayLike | None = None,
    p_true_perturbed: npt.ArrayLike | None = None,
) -> Bound:
    """Theorem 4.3, inequality (10): ``R_rob(x) <= R(x) + L_D S_sup(x) - phi(H(x)) + kappa(x)``.

    Refuted under every reading (claim thm_4_3.eq_10): an oracle that is uncertain and does not move
    has kappa = S_sup = 0 and R_rob = R, so that nothing pays for phi(H) > 0. The repairs are
    results n_3 and n_4: :func:`sua_ref.additive_score`, :func:`sua_ref.expected_risk_bound`.

    Args:
        p, perturbed, p_true, loss, p_true_perturbed: as for :func:`sua_ref.worst_case_risk`;
            ``perturbed`` is the whole ball.
        lipschitz: the constant L_D >= 0 of Assumption 1.
        phi: the function of Assumption 2, on an array of entropies.
        risk: a reading of ``RISKS``.
        gap: a reading of ``GAPS``.
        divergence: a name of ``DIVERGENCES``.

    Returns:
        :class:`Bound` with the hypotheses ``asm_1`` and ``asm_2.here``, as
        :func:`thm_4_3_eq_11`.

    Raises:
        ValueError: bad probabilities, shapes, coefficients, or an unknown reading.
        Undecided: balls too wide to decide a hypothesis.

    >>> half = [0.5, 0.5]
    >>> b = thm_4_3_eq_10(half, [half], half, lipschitz=1, phi=lambda h: h / 4)
    >>> float(b.lhs), round(float(b.rhs), 3)     # 1/2 against 1/2 - (log 2)/4
    (0.5, 0.327)
    """
    checks.choice(gap, GAPS, "gap")
    checks.finite(checks.number(lipschitz, "lipschitz", low=0), "lipschitz")
    worst = worst_case_risk(
        p, perturbed, p_true, risk=risk, loss=loss, p_true_perturbed=p_true_perturbed
    )
    moved = scale(lipschitz, worst_case_sensitivity(p, perturbed, divergence=divergence))
    q, truth = output_and_truth(p, p_true)
    matrix = loss_of(loss, q, square=True)
    here = risk_of(q, truth, truth, risk, matrix)
    right = here + moved - phi_at(phi, q) + gap_of(q, truth, matrix, gap)
    return Bound(worst, right, assumptions(q, truth, matrix, phi, lipschitz, divergence))


def thm_4_3_eq_11(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    lam: Any,
    lipschitz: Any,
    phi: Phi,
    weights: npt.ArrayLike | None = None,
    risk: str = "gibbs",
    gap: str = "signed",
    condition: str = "at_least_phi",
    divergence: str = "tv",
    loss: npt.ArrayLike | None = None,
    p_true_perturbed: npt.ArrayLike | None = None,
) -> Bound:
    """Theorem 4.3, inequality (11): ``R_rob(x) <= R(x) + L_D SUA(x) + kappa(x)``.

    Refuted under every reading: claim thm_4_3.eq_11. The repairs are those of
    :func:`thm_4_3_eq_10`.

    Args:
        p, perturbed, p_true, loss, p_true_perturbed: as for :func:`sua_ref.worst_case_risk`;
            ``perturbed`` is the whole ball.
        lam: the alignment coefficient lambda > 0.
        lipschitz: the constant L_D >= 0 of Assumption 1.
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
    checks.finite(checks.number(lipschitz, "lipschitz", low=0), "lipschitz")
    worst = worst_case_risk(
        p, perturbed, p_true, risk=risk, loss=loss, p_true_perturbed=p_true_perturbed
    )
    score = sua_score(p, perturbed, lam=lam, divergence=divergence, weights=weights)
    q, truth = output_and_truth(p, p_true)
    matrix = loss_of(loss, q, square=True)
    here = risk_of(q, truth, truth, risk, matrix)
    hypotheses = assumptions(q, truth, matrix, phi, lipschitz, divergence)
    hypotheses["condition"] = lambda_condition(q, lam, lipschitz, phi, condition)
    right = here + scale(lipschitz, score) + gap_of(q, truth, matrix, gap)
    return Bound(worst, right, hypotheses)


def phi_at(phi: Phi, law: Array) -> Value:
    """``phi(H(law))``, which must not be NaN."""
    value = phi(entropy_of(law))
    checks.no_nan(np.asarray(value), "phi")
    return value


def assumptions(
    q: Array, truth: Array, loss: Array | None, phi: Phi, lipschitz: Any, divergence: str
) -> dict[str, Any]:
    """What can be read of Assumptions 1 and 2 off an output and a label law, checked before."""
    least = np.asarray(bayes_of(q, loss)), np.asarray(bayes_of(truth, loss))
    here = at_most(phi_at(phi, q), least[0]) & at_most(phi_at(phi, truth), least[1])
    return {"asm_2.here": here} | assumption_1(q, loss, lipschitz, divergence)


def assumption_1(q: Array, loss: Array | None, lipschitz: Any, divergence: str) -> dict[str, Any]:
    """Assumption 1 under TV, where the least L_D is ``max_a (max_y l(a, y) - min_y l(a, y))``."""
    if divergence != "tv":
        return {}
    if loss is None:
        oscillation = like(int(q.shape[-1] > 1), q)
    else:
        oscillation = largest(np.asarray(largest(loss) - smallest(loss)))
    return {"asm_1": at_most(np.asarray(oscillation), np.asarray(like(lipschitz, q)))}


def lambda_condition(q: Array, lam: Any, lipschitz: Any, phi: Phi, condition: str) -> Value:
    """The lambda-condition of (11) at an output, in one of its readings."""
    h, bounded = entropy_of(q), phi_at(phi, q)
    scaled = like(lam, q) * h
    if condition == "at_least_phi":
        return at_most(bounded, scaled)
    return at_most(like(lipschitz, q) * scaled, bounded)


def lem_4_6(
    p: npt.ArrayLike,
    p_z: npt.ArrayLike,
    p_y_given_z: npt.ArrayLike,
    *,
    alpha: Any = None,
    beta: Any = None,
) -> Bound:
    """Lemma 4.6, inequality (13): if ``A(x) >= alpha`` and ``H_theta(x) <= beta``, then
    ``Delta(x) >= alpha - beta - c(x)`` with ``c(x) = H(Z | x, Y)``.

    Proved (claim lem_4_6): ``H* = A + H(Y|x,Z) - c >= A - c`` by the chain rule, and ``Delta >= H*
    - H_theta``. The paper's note that c = 0 for deterministic interpretations is refuted
    (lem_4_6.note): that needs them to have different labels.

    Args:
        p: ``(..., Y)`` model output.
        p_z: ``(..., Z)`` interpretations.
        p_y_given_z: ``(..., Z, Y)`` label laws, one for each interpretation.
        alpha, beta: thresholds in nats; None takes A(x) and H_theta(x) themselves, the strongest
            instance.

    Returns:
        :class:`Bound` of ``(...)`` nats, the claimed lower bound on the left and Delta on the
        right, with the hypotheses ``ambiguity`` and ``entropy``.

    Raises:
        ValueError: bad probabilities, shapes or thresholds.
        TypeError: Fractions (logarithms are needed).
        Undecided: a ball overlaps its threshold.

    >>> b = lem_4_6([1.0, 0.0], [0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]])
    >>> round(float(b.lhs), 6), round(float(b.rhs), 6)     # log 2, twice
    (0.693147, 0.693147)
    """
    q, truth = checks.distribution(p, "p"), np.asarray(mixture(p_z, p_y_given_z))
    same_kind(p=q, p_y_given_z=truth)
    checks.same_shape(q, truth, "p", "the mixture of p_y_given_z")
    z, y = checks.distribution(p_z, "p_z"), checks.distribution(p_y_given_z, "p_y_given_z")
    h, ambiguity = entropy_of(q), entropy_of(z)
    slack = conditional_entropy_of(np.swapaxes(z[..., None] * y, -1, -2))
    met: dict[str, Any] = {"ambiguity": True, "entropy": True}
    low, high = ambiguity, h
    if alpha is not None:
        low = like(checks.finite(checks.number(alpha, "alpha"), "alpha"), q)
        met["ambiguity"] = at_most(low, ambiguity)
    if beta is not None:
        high = like(checks.finite(checks.number(beta, "beta"), "beta"), q)
        met["entropy"] = at_most(h, high)
    return Bound(low - high - slack, abs(h - entropy_of(truth)), met)
