"""Section 4, repaired: true results in the place of the refuted ones, each with its proof.

They are results n_1 (A), n_3 and n_4 of the register; we found no earlier statement of n_1 and n_3
after a limited search.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import (
    Array,
    Value,
    elements,
    largest,
    lift,
    like,
    positive_part,
    same_kind,
    weighted_mean,
)
from sua_ref.results import Bound
from sua_ref.sec3_formulation import distributional_sensitivity
from sua_ref.sec4_risks import gibbs_of, output_and_truth


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


def expected_risk_bound(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
) -> Bound:
    """The repair of Theorem 4.3 in the mean: ``E_{x'~Pi} R(x') <= R(x) + S_TV(x)`` (result n_4 b).

    R is the Gibbs risk under the 0-1 loss and the label law of x. Since ``S = SUA + lambda H``,
    entropy enters an upper bound with the sign opposite to that of (11). Proof: ``R(x') - R(x) =
    sum_y (q_x(y) - q_x'(y)) p_true(y)``, at most the sum of the positive ``q_x(y) - q_x'(y)``,
    which is ``TV(q_x, q_x')``; take the mean. Equality: one-hot outputs, the first right, the
    second wrong. It is Assumption 1 under TV, averaged, and known in substance.

    Args:
        p, perturbed, weights: as for :func:`sua_ref.distributional_sensitivity`.
        p_true: ``(..., V)`` label law of x.

    Returns:
        :class:`Bound` of ``(...)`` values; the left in [0, 1], the right in [0, 2]. It has no
        hypotheses beyond the label law being that of x.

    Raises:
        ValueError: bad probabilities, shapes or weights.

    >>> b = expected_risk_bound([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    >>> float(b.lhs), float(b.rhs)
    (0.5, 0.5)
    """
    q, truth = output_and_truth(p, p_true)
    there = checks.perturbed_distributions(perturbed, q)
    same_kind(p=q, perturbed=there)
    risks = np.asarray(gibbs_of(there, truth[..., None, :], None))
    mean = weighted_mean(risks, checks.mixture_weights(weights, risks.shape))
    s = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    return Bound(mean, gibbs_of(q, truth, None) + s, {})


def ece_lower_bound(
    confidence: npt.ArrayLike,
    flips: npt.ArrayLike,
    *,
    label_invariant: bool,
    stationary: bool,
    delta: Any = 0,
    weights: npt.ArrayLike | None = None,
) -> Value:
    """The repair of Theorem 4.5: ``ECE >= (E Conf - 1 + (1 - delta)/2 P(f(X') != f(X)))_+``
    (result n_1, A), for every confidence function and every binning.

    X' is the perturbed input. Needed: X' has the law of X (stationary), and ``TV(p_X, p_X') <=
    delta`` (label-invariant). Proof: ECE >= |E acc - E Conf|, and stationarity makes E acc the mean
    of ``(acc(X) + acc(X'))/2``, where acc + acc' is at most 1 + delta on a flip and at most 2
    elsewhere. Tight: confidence 1, all pairs flip, label law (1/2, 1/2). It bounds the population
    ECE: the one in which accuracy is the label law's.

    Args:
        confidence: ``(N,)`` in [0, 1].
        flips: ``(N,)`` or ``(N, K)``: whether (or with what probability in [0, 1]) the prediction
            changes; a mean over K is taken.
        label_invariant, stationary: assertions by the caller; nothing here can check them.
        delta: how far, in total variation, a label law may move; in [0, 1].
        weights: ``(N,)`` probabilities of the inputs; uniform where none are given.

    Returns:
        A number in [0, 1/2], of the element type of ``confidence``.

    Raises:
        ValueError: a flag is False (the bound does not hold then), no rows, a value outside [0, 1],
            or shapes that do not fit. The row is named.

    >>> float(ece_lower_bound([1.0, 1.0], [True, True], label_invariant=True, stationary=True))
    0.5
    """
    for name, asserted in (("label_invariant", label_invariant), ("stationary", stationary)):
        if not isinstance(asserted, (bool, np.bool_)):
            raise TypeError(f"{name}: True or False wanted, got {asserted!r}")
        if not asserted:
            raise ValueError(f"{name}: False; the bound does not hold without it")
    checks.number(delta, "delta", low=0, high=1)
    c = checks.within(checks.scores(confidence, "confidence"), "confidence", 0, 1)
    changed = _flips(flips, c)
    w = checks.mixture_weights(weights, c.shape)
    lost = (1 - like(delta, c)) / 2 * weighted_mean(changed, w)
    return positive_part(weighted_mean(c, w) - 1 + lost)


def _flips(flips: npt.ArrayLike, confidence: Array) -> Array:
    """Flip probabilities ``(N,)`` of the element type of ``confidence``."""
    given = np.asarray(flips)
    a = lift(given, confidence) if given.dtype.kind in "biu" else elements(given, "flips")
    if a.ndim not in (1, 2) or a.shape[:1] != confidence.shape or a.size == 0:
        raise ValueError(
            f"flips: shape {a.shape}; wanted ({len(confidence)},) or ({len(confidence)}, K)"
        )
    same_kind(confidence=confidence, flips=a)
    checks.within(a, "flips", 0, 1)
    return a if a.ndim == 1 else np.asarray(weighted_mean(a, None))
