"""Section 4 in expectation over the inputs of a finite world, as evaluated inequalities.

Corollary 4.4, Theorem 4.5 and Proposition 4.8 take a :class:`~sua_ref.world.FiniteWorld` and
return a :class:`~sua_ref.results.Bound`. An input of probability exactly 0 counts for nothing,
except where a perturbation reaches it. The formulas are reconstructed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    argmax,
    at_most,
    bin_index,
    is_zero,
    largest,
    like,
    positive_part,
    scale,
)
from sua_ref.results import Bound
from sua_ref.sec2_calibration import entropy_confidence
from sua_ref.sec2_information import DIVERGENCES, entropy_of
from sua_ref.sec3_formulation import distributional_sensitivity
from sua_ref.sec4_risks import GAPS, RISKS, gap_of, risk_of, worst_case_risk
from sua_ref.sec4_theory import CONDITIONS, Phi, assumption_1, assumptions, lambda_condition
from sua_ref.world import FiniteWorld

CONFIDENCES = ("entropy", "max")
"""``1 - H/log V``, the paper's, or ``max_y p(y)``."""
WEIGHTINGS = ("bins", "mass")
"""Two readings of the sum in (12): each bin counts 1/B, or as much as its probability."""
BASELINES = ("overall", "accepted")
"""Two readings of ``R_theta`` in (14): over all inputs, or over the accepted ones."""
SELECTIVE = ("clean", "robust")
"""Two readings of the selective risk in (14): of R(x), or of R_rob(x)."""


def _likely(world: FiniteWorld) -> Array:
    """The inputs that count, in index order: all but those of probability exactly 0."""
    return np.flatnonzero(~is_zero(world.p_x))


def _mean(p: Array, values: Array) -> Value:
    """Mean of ``values`` under the weights ``p``, normalised."""
    return np.sum(p * values) / np.sum(p)


def _sensitivities(world: FiniteWorld, inputs: Array, divergence: str) -> Array:
    found = []
    for x in inputs:
        p, perturbed, _, weights, _ = world.arguments(x)
        found.append(
            distributional_sensitivity(p, perturbed, divergence=divergence, weights=weights)
        )
    return np.array(found, dtype=world.model.dtype)


def _sua_scores(world: FiniteWorld, inputs: Array, lam: Any, divergence: str) -> Array:
    h = entropy_of(world.model[inputs])
    scores: Array = _sensitivities(world, inputs, divergence) - like(lam, h) * h
    return scores


def _risks(world: FiniteWorld, inputs: Array, risk: str) -> Array:
    truth = world.p_true[inputs]
    return np.asarray(risk_of(world.model[inputs], truth, truth, risk, world.loss))


def _worst_case_risks(world: FiniteWorld, inputs: Array, risk: str) -> Array:
    found = []
    for x in inputs:
        p, perturbed, p_true, _, laws = world.arguments(x)
        found.append(
            worst_case_risk(p, perturbed, p_true, risk=risk, loss=world.loss, p_true_perturbed=laws)
        )
    return np.array(found, dtype=world.model.dtype)


def cor_4_4(
    world: FiniteWorld,
    *,
    lam: Any,
    lipschitz: Any,
    phi: Phi,
    risk: str = "gibbs",
    gap: str = "signed",
    condition: str = "at_least_phi",
    divergence: str = "tv",
) -> Bound:
    """Corollary 4.4: ``E R_rob <= E R + L_D R_SUA + E kappa``, with ``R_SUA = E (SUA)_+``.

    Refuted (claim cor_4_4), even where R_SUA = 0: a rare perturbation moves the supremum and hardly
    the mean. Repair: result n_4, :func:`sua_ref.expected_risk_bound`, for the mean over x'.

    Args:
        world: a finite world.
        lam, lipschitz, phi, risk, gap, condition, divergence: as for
            :func:`sua_ref.thm_4_3_eq_11`.

    Returns:
        :class:`Bound` of numbers, with the hypotheses of :func:`sua_ref.thm_4_3_eq_11`, each
        required at every input of positive probability.

    Raises:
        ValueError: bad coefficients, or an unknown reading.
        TypeError: a world of Fractions (logarithms are needed).
        Undecided: balls too wide to decide a hypothesis or an argmax.

    >>> rare = FiniteWorld(
    ...     [1.0, 0.0], [[1.0]] * 2, [[[1.0, 0.0]]] * 2, [[1.0, 0.0], [0.0, 1.0]],
    ...     [[0.75, 0.25], [0.0, 1.0]], [[True, True], [False, True]],
    ... )
    >>> b = cor_4_4(rare, lam=1, lipschitz=1, phi=lambda h: 0 * h)
    >>> float(b.lhs), float(b.rhs)
    (1.0, 0.25)
    """
    checks.choice(risk, RISKS, "risk")
    checks.choice(gap, GAPS, "gap")
    checks.choice(condition, CONDITIONS, "condition")
    checks.positive(lam, "lam")
    checks.finite(checks.number(lipschitz, "lipschitz", low=0), "lipschitz")
    likely = _likely(world)
    p, q, truth = world.p_x[likely], world.model[likely], world.p_true[likely]
    hypotheses = assumptions(q, truth, world.loss, phi, lipschitz, divergence)
    hypotheses["condition"] = lambda_condition(q, lam, lipschitz, phi, condition)
    excess = np.sum(p * positive_part(_sua_scores(world, likely, lam, divergence)))
    clean = np.sum(p * (_risks(world, likely, risk) + gap_of(q, truth, world.loss, gap)))
    return Bound(
        np.sum(p * _worst_case_risks(world, likely, risk)),
        clean + scale(lipschitz, excess),
        {name: bool(np.all(holds)) for name, holds in hypotheses.items()},
    )


def _confidence(q: Array, confidence: str) -> Array:
    return np.asarray(entropy_confidence(q) if confidence == "entropy" else largest(q))


def population_calibration_error(
    world: FiniteWorld, *, confidence: str = "max", n_bins: int = 15, closed: str = "right"
) -> Value:
    """The expected calibration error of a world (section 2.3): ``sum_b |E 1{Conf in b}(acc -
    Conf)|``, where ``acc(x) = P(Y = f(x) | x)`` is the label law's.

    Args:
        world: a finite world.
        confidence: a name of ``CONFIDENCES``.
        n_bins, closed: as for :func:`sua_ref.expected_calibration_error`.

    Returns:
        A number in [0, 1]; exact on Fractions where the confidence is ``"max"``.

    Raises:
        ValueError: an unknown name, or ``n_bins`` below 1.
        Undecided: balls that tie for the argmax, or lie across a bin edge.

    >>> coin = FiniteWorld([1.0], [[1.0]], [[[0.5, 0.5]]], [[0.75, 0.25]], [[1.0]], [[True]])
    >>> float(population_calibration_error(coin))
    0.25
    """
    checks.choice(confidence, CONFIDENCES, "confidence")
    checks.binning(n_bins, closed)
    likely = _likely(world)
    conf = _confidence(world.model[likely], confidence)
    accuracy = _accuracies(world, likely)
    gap = world.p_x[likely] * (accuracy - conf)
    total = like(0, conf)
    for members in _bins(conf, n_bins, closed):
        total = total + abs(np.sum(gap[members]))
    return total


def _accuracies(world: FiniteWorld, inputs: Array) -> Array:
    chosen = argmax(world.model[inputs])[:, None]
    return np.take_along_axis(world.p_true[inputs], chosen, axis=-1)[:, 0]


def _bins(conf: Array, n_bins: int, closed: str) -> list[Array]:
    """The bins that are not empty, each as a mask."""
    index = bin_index(conf, n_bins, closed)
    return [index == b for b in np.unique(index)]


def thm_4_5(
    world: FiniteWorld,
    *,
    lam: Any,
    slack: Any = 0,
    confidence: str = "entropy",
    n_bins: int = 15,
    closed: str = "right",
    weighting: str = "bins",
    divergence: str = "tv",
) -> Bound:
    """Theorem 4.5, inequality (12): ``ECE >= sum_b w_b (S_b - lambda H_b - c_b)_+``, S_b and H_b
    being means over bin b and ``w_b = 1/B``.

    The slack c_b is never defined, so the claim is ill-posed; with the slack 0 that its description
    leaves for exact sensitivities and constant confidence, it is refuted (claim thm_4_5). Repair:
    result n_1, :func:`sua_ref.ece_lower_bound`, which needs label invariance and stationarity.

    Args:
        world: a finite world.
        lam: lambda > 0.
        slack: one c_b >= 0 for all bins.
        confidence: a name of ``CONFIDENCES``.
        n_bins, closed: as for :func:`sua_ref.expected_calibration_error`.
        weighting: a name of ``WEIGHTINGS``; B counts empty bins.
        divergence: a name of ``DIVERGENCES``.

    Returns:
        :class:`Bound` of numbers: the claimed lower bound on the left, the population's ECE on the
        right, with the hypotheses ``confidence`` (it is a nonincreasing function of H, over the
        inputs of positive probability) and ``sensitivity`` (``S_b >= lambda H_b`` in each bin).

    Raises:
        ValueError: bad coefficients, an unknown name, or V = 1 where the confidence is the paper's.
        TypeError: a world of Fractions (logarithms are needed).
        Undecided: balls that leave a bin, an argmax or a hypothesis open.

    >>> off = FiniteWorld(
    ...     [1.0, 0.0], [[1.0]] * 2, [[[1.0, 0.0]]] * 2, [[1.0, 0.0], [0.0, 1.0]],
    ...     [[0.0, 1.0], [0.0, 1.0]], [[True, True], [False, True]],
    ... )
    >>> b = thm_4_5(off, lam=1, n_bins=1)
    >>> float(b.lhs), float(b.rhs)
    (1.0, 0.0)
    """
    checks.choice(weighting, WEIGHTINGS, "weighting")
    checks.choice(divergence, DIVERGENCES, "divergence")
    checks.positive(lam, "lam")
    checks.finite(checks.number(slack, "slack", low=0), "slack")
    error = population_calibration_error(world, confidence=confidence, n_bins=n_bins, closed=closed)
    likely = _likely(world)
    p, q = world.p_x[likely], world.model[likely]
    conf, h, s = (
        _confidence(q, confidence),
        entropy_of(q),
        _sensitivities(world, likely, divergence),
    )
    total, exceeds = like(0, p), True
    for members in _bins(conf, n_bins, closed):
        mass = np.sum(p[members])
        sensitivity = _mean(p[members], s[members])
        accounted = like(lam, p) * _mean(p[members], h[members])
        exceeds = exceeds and bool(at_most(accounted, sensitivity))
        excess = positive_part(sensitivity - accounted - like(slack, p))
        total = total + (mass * excess if weighting == "mass" else excess / n_bins)
    falls = confidence == "entropy" or _is_nonincreasing(conf, h, q.shape[-1])
    return Bound(total, error, {"confidence": falls, "sensitivity": exceeds})


def _is_nonincreasing(conf: Array, h: Array, n: int) -> bool:
    """Whether a higher confidence always goes with a strictly lower entropy."""
    if n <= 2:
        return True
    return not any(
        not at_most(conf[j], conf[i]) and at_most(h[i], h[j])
        for i in range(len(h))
        for j in range(len(h))
        if i != j
    )


def prop_4_8(
    world: FiniteWorld,
    *,
    tau: Any,
    lam: Any,
    lipschitz: Any,
    risk: str = "gibbs",
    gap: str = "signed",
    divergence: str = "tv",
    baseline: str = "overall",
    selective: str = "clean",
) -> Bound:
    """Proposition 4.8, inequality (14): ``R_sel(tau) <= R + L_D tau + E[kappa | SUA <= tau]``.

    Refuted (claim prop_4_8). With the accepted inputs' own risk on the right it is true for the
    clean risk and tau >= 0, kappa >= 0, but says nothing: the left side is that risk. Repair: n_10,
    a threshold chosen on held-out data.

    Args:
        world: a finite world.
        tau: the threshold; x is answered iff ``SUA(x) <= tau``.
        lam, lipschitz, risk, gap, divergence: as for :func:`sua_ref.thm_4_3_eq_11`.
        baseline: a name of ``BASELINES``.
        selective: a name of ``SELECTIVE``.

    Returns:
        :class:`Bound` of numbers, with the hypothesis ``asm_1`` under TV.

    Raises:
        ValueError: nothing is answered, so the selective risk is undefined; bad coefficients; or an
            unknown name.
        TypeError: a world of Fractions (logarithms are needed).
        Undecided: a ball overlaps ``tau``, or leaves an argmax open.

    >>> two = FiniteWorld(
    ...     [0.5, 0.5, 0.0], [[1.0]] * 3, [[[1.0, 0.0]]] * 3,
    ...     [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]],
    ...     [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]],
    ...     [[True, False, False], [False, True, True], [False, False, True]],
    ... )
    >>> b = prop_4_8(two, tau=0, lam=1, lipschitz=1)
    >>> float(b.lhs), float(b.rhs)
    (1.0, 0.5)
    """
    checks.choice(risk, RISKS, "risk")
    checks.choice(gap, GAPS, "gap")
    checks.choice(baseline, BASELINES, "baseline")
    checks.choice(selective, SELECTIVE, "selective")
    checks.positive(lam, "lam")
    checks.finite(checks.number(lipschitz, "lipschitz", low=0), "lipschitz")
    checks.finite(checks.number(tau, "tau"), "tau")
    likely = _likely(world)
    scores = _sua_scores(world, likely, lam, divergence)
    kept = likely[np.asarray(at_most(scores, np.asarray(like(tau, scores))), dtype=bool)]
    if kept.size == 0:
        raise ValueError(
            f"tau: no input of positive probability has SUA <= {tau}; the selective risk is "
            "undefined at coverage 0"
        )
    p, q, truth = world.p_x[kept], world.model[kept], world.p_true[kept]
    clean = _risks(world, kept, risk)
    left = _mean(p, clean if selective == "clean" else _worst_case_risks(world, kept, risk))
    overall = np.sum(world.p_x[likely] * _risks(world, likely, risk))
    reference = overall if baseline == "overall" else _mean(p, clean)
    collapse = _mean(p, np.asarray(gap_of(q, truth, world.loss, gap)))
    right = reference + like(lipschitz, p) * like(tau, p) + collapse
    return Bound(left, right, assumption_1(world.model, world.loss, lipschitz, divergence))
