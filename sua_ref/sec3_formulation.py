"""Section 3: the definitions, in the order of the paper. Units: nats."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    at_most,
    elements,
    largest,
    like,
    positive_part,
    same_kind,
    weighted_mean,
)
from sua_ref.sec2_information import DIVERGENCES, divergence_of, entropy, entropy_of


def mixture(p_z: npt.ArrayLike, p_y_given_z: npt.ArrayLike) -> Value:
    """Equation (1): ``P(y|x) = sum_z P(z|x) P(y|x,z)``.

    Args:
        p_z: ``(..., Z)`` distribution over interpretations.
        p_y_given_z: ``(..., Z, Y)`` label distributions, one for each interpretation.

    Returns:
        ``(..., Y)`` probabilities, of the element type given.

    Raises:
        ValueError: a row is no probability vector, or the shapes do not fit.

    >>> mixture([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])
    array([0.75, 0.25])
    """
    z = checks.distribution(p_z, "p_z")
    y = checks.distribution(p_y_given_z, "p_y_given_z")
    same_kind(p_z=z, p_y_given_z=y)
    if y.ndim != z.ndim + 1 or y.shape[:-1] != z.shape:
        raise ValueError(f"p_y_given_z: shape {y.shape} does not fit p_z, {z.shape}")
    return np.sum(z[..., None] * y, axis=-2)


def _divergences(p: npt.ArrayLike, perturbed: npt.ArrayLike, divergence: str) -> Array:
    a = checks.distribution(p, "p")
    b = checks.perturbed_distributions(perturbed, a)
    same_kind(p=a, perturbed=b)
    checks.choice(divergence, DIVERGENCES, "divergence")
    return np.asarray(divergence_of(np.broadcast_to(a[..., None, :], b.shape), b, divergence))


def distributional_sensitivity(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    *,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Definition 3.2, equation (2): ``S(x) = E_{x'~Pi} D(q_x || q_x')``.

    Args:
        p: ``(..., V)`` model output at x.
        perturbed: ``(..., K, V)`` outputs at the K perturbed inputs.
        divergence: a name of ``DIVERGENCES``; its arguments are (reference, perturbed).
        weights: ``(K,)`` or ``(..., K)`` probabilities of the perturbations; the mean over K where
            none are given. A perturbation of weight exactly 0 does not count.

    Returns:
        ``(...)``, >= 0, in nats for kl, reverse_kl and jsd; ``inf`` is possible for kl, reverse_kl
        and chi2.

    Raises:
        ValueError: bad probabilities, shapes, weights or ``divergence``.

    >>> float(distributional_sensitivity([1.0, 0.0], [[1.0, 0.0], [0.5, 0.5]], divergence="tv"))
    0.25
    """
    values = _divergences(p, perturbed, divergence)
    return weighted_mean(values, checks.mixture_weights(weights, values.shape))


def worst_case_sensitivity(
    p: npt.ArrayLike, perturbed: npt.ArrayLike, *, divergence: str = "jsd"
) -> Value:
    """Remark 3.3: ``S_sup(x) = sup_{x' in B} D(q_x || q_x')`` over a finite ball.

    Args:
        p, perturbed, divergence: as for :func:`distributional_sensitivity`.

    Returns:
        ``(...)``, >= the sensitivity under every weighting.

    Raises:
        ValueError: bad probabilities, shapes or ``divergence``.

    >>> float(worst_case_sensitivity([1.0, 0.0], [[1.0, 0.0], [0.5, 0.5]], divergence="tv"))
    0.5
    """
    return largest(_divergences(p, perturbed, divergence))


def latent_ambiguity(p_z: npt.ArrayLike) -> Value:
    """Definition 3.4, equation (3): ``A(x) = H(Z | X = x)``.

    Args:
        p_z: ``(..., Z)`` distribution over interpretations.

    Returns:
        ``(...)`` nats, in [0, log Z].

    Raises:
        ValueError: a row is no probability vector.

    >>> float(latent_ambiguity([1.0, 0.0]))
    0.0
    """
    return entropy_of(checks.distribution(p_z, "p_z"))


def ambiguity_collapse(
    ambiguity: npt.ArrayLike, predictive_entropy: npt.ArrayLike, *, alpha: Any, beta: Any
) -> Value:
    """Definition 3.5, equation (4): ``A(x) >= alpha`` and ``H_theta(x) <= beta``.

    Args:
        ambiguity, predictive_entropy: ``(...)`` nats.
        alpha, beta: thresholds in nats.

    Returns:
        ``(...)`` booleans.

    Raises:
        ValueError: a threshold is NaN.
        Undecided: a ball overlaps its threshold.

    >>> bool(ambiguity_collapse(0.69, 0.1, alpha=0.5, beta=0.2))
    True
    """
    checks.number(alpha, "alpha")
    checks.number(beta, "beta")
    a = checks.no_nan(elements(ambiguity, "ambiguity"), "ambiguity")
    h = checks.no_nan(elements(predictive_entropy, "predictive_entropy"), "predictive_entropy")
    checks.same_shape(a, h, "ambiguity", "predictive_entropy")
    return at_most(np.asarray(like(alpha, a)), a) & at_most(h, np.asarray(like(beta, h)))


def predictive_entropy(p: npt.ArrayLike) -> Value:
    """Definition 3.6, equation (5): ``H_theta(x) = H(q_x)``, the entropy of the model's output.

    Args, Returns, Raises: as :func:`sua_ref.entropy`.

    >>> float(predictive_entropy([0.0, 1.0]))
    0.0
    """
    return entropy(p)


def true_uncertainty(p_true: npt.ArrayLike) -> Value:
    """Definition 3.7, equation (6): ``H*(x) = H(P(.|x))``, the entropy of the label law.

    Args, Returns, Raises: as :func:`sua_ref.entropy`.

    >>> float(true_uncertainty([0.0, 1.0]))
    0.0
    """
    return entropy_of(checks.distribution(p_true, "p_true"))


def miscalibration_gap(p: npt.ArrayLike, p_true: npt.ArrayLike) -> Value:
    """Definition 3.8, equation (7): ``Delta(x) = |H_theta(x) - H*(x)|``.

    Args:
        p, p_true: ``(..., V)`` model output and label law.

    Returns:
        ``(...)`` nats, in [0, log V].

    Raises:
        ValueError: a row is no probability vector.

    >>> round(float(miscalibration_gap([1.0, 0.0], [0.5, 0.5])), 6)     # log 2
    0.693147
    """
    q, truth = checks.distribution(p, "p"), checks.distribution(p_true, "p_true")
    same_kind(p=q, p_true=truth)
    checks.same_shape(q, truth, "p", "p_true")
    return abs(entropy_of(q) - entropy_of(truth))


def sua_score(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    *,
    lam: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Definition 3.9, equation (8): ``SUA(x) = S(x) - lambda H_theta(x)``.

    Higher is meant to say "more likely to fail". Whether it does is an empirical question, and what
    the paper proves about it is refuted: see ``sua verify thm_4_3``.

    Args:
        p, perturbed, divergence, weights: as for :func:`distributional_sensitivity`.
        lam: the alignment coefficient lambda > 0.

    Returns:
        ``(...)``, in [-lambda log V, D_max].

    Raises:
        ValueError: ``lam`` is not above 0, or as :func:`distributional_sensitivity`.

    >>> float(sua_score([1.0, 0.0], [[0.5, 0.5]], lam=1.0, divergence="tv"))
    0.5
    """
    checks.positive(lam, "lam")
    s = distributional_sensitivity(p, perturbed, divergence=divergence, weights=weights)
    h = predictive_entropy(p)
    return s - like(lam, np.asarray(h)) * h


def sua_risk(scores: npt.ArrayLike, *, weights: npt.ArrayLike | None = None) -> Value:
    """Definition 3.10, equation (9): ``R_SUA = E[(SUA)_+]``.

    Args:
        scores: ``(N,)`` SUA scores.
        weights: ``(N,)`` probabilities of the inputs; the mean where none are given.

    Returns:
        A number >= 0.

    Raises:
        ValueError: no scores, NaN, or bad weights.

    >>> float(sua_risk([0.5, -1.0]))
    0.25
    """
    s = checks.scores(scores)
    return weighted_mean(positive_part(s), checks.mixture_weights(weights, s.shape))


def _within_total_variation(delta: Any, **laws: Array) -> Value:
    """Whether the second of two ``laws``, ``(..., K, V)``, stays within ``delta`` of the first."""
    checks.number(delta, "delta", low=0)
    same_kind(**laws)
    reference, others = laws.values()
    beside = np.broadcast_to(reference[..., None, :], others.shape)
    tv = np.asarray(divergence_of(beside, others, "tv"))
    return np.all(at_most(tv, np.asarray(like(delta, tv))), axis=-1)


def is_semantics_preserving(
    p_z: npt.ArrayLike, p_z_perturbed: npt.ArrayLike, *, delta: Any = 0
) -> Value:
    """Definition 3.1: ``TV(P(Z|x), P(Z|x')) <= delta`` for every x' of the support.

    Args:
        p_z: ``(..., Z)`` interpretations at x.
        p_z_perturbed: ``(..., K, Z)`` interpretations at the perturbed inputs.
        delta: tolerance in [0, 1]; 0 asks for equality.

    Returns:
        ``(...)`` booleans. It does not imply label invariance: :func:`is_label_invariant`.

    Raises:
        ValueError: bad probabilities, shapes or ``delta``.
        Undecided: a ball overlaps ``delta``.

    >>> bool(is_semantics_preserving([1.0], [[1.0], [1.0]]))
    True
    """
    a = checks.distribution(p_z, "p_z")
    around = checks.perturbed_distributions(p_z_perturbed, a, "p_z_perturbed")
    return _within_total_variation(delta, p_z=a, p_z_perturbed=around)


def is_label_invariant(
    p_true: npt.ArrayLike, p_true_perturbed: npt.ArrayLike, *, delta: Any = 0
) -> Value:
    """Label invariance ``TV(p_x, p_x') <= delta``, which the true theorems need in place of
    Definition 3.1.

    Args:
        p_true: ``(..., V)`` label law at x.
        p_true_perturbed: ``(..., K, V)`` label laws at the perturbed inputs.
        delta: tolerance in [0, 1]; 0 asks for equality.

    Returns:
        ``(...)`` booleans.

    Raises:
        ValueError: bad probabilities, shapes or ``delta``.
        Undecided: a ball overlaps ``delta``.

    >>> bool(is_label_invariant([1.0, 0.0], [[0.0, 1.0]]))
    False
    """
    a = checks.distribution(p_true, "p_true")
    around = checks.perturbed_distributions(p_true_perturbed, a, "p_true_perturbed")
    return _within_total_variation(delta, p_true=a, p_true_perturbed=around)
