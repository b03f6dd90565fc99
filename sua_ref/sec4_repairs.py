"""Section 4, repaired: true results in the place of the refuted ones, each with its proof.

They are results n_1, n_3, n_4, n_16 and n_28 of the register; we found no earlier statement of n_1,
n_3, n_16 and n_28 after a limited search.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import log
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
    second wrong. It is Assumption 1 under TV, averaged; the step is in Pinot et al. (NeurIPS 2019).

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
    ECE: :func:`sua_ref.population_calibration_error`. Nearest earlier work: Jiang et al. (ICLR
    2022), on the disagreement of two models instead of two views.

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
    _asserted(label_invariant=label_invariant, stationary=stationary)
    checks.number(delta, "delta", low=0, high=1)
    c = checks.within(checks.scores(confidence, "confidence"), "confidence", 0, 1)
    changed = _flips(flips, confidence=c)
    w = checks.mixture_weights(weights, c.shape)
    lost = (1 - like(delta, c)) / 2 * weighted_mean(changed, w)
    return positive_part(weighted_mean(c, w) - 1 + lost)


def _asserted(**flags: object) -> None:
    """Refuse a hypothesis that the caller does not assert."""
    for name, asserted in flags.items():
        if not isinstance(asserted, (bool, np.bool_)):
            raise TypeError(f"{name}: True or False wanted, got {asserted!r}")
        if not asserted:
            raise ValueError(f"{name}: False; the bound does not hold without it")


def ece_lower_bound_from_sensitivity(
    sensitivity: npt.ArrayLike,
    entropy: npt.ArrayLike,
    *,
    label_invariant: bool,
    stationary: bool,
    n_bins: int = 15,
    flips: npt.ArrayLike | None = None,
    delta: Any = 0,
    weights: npt.ArrayLike | None = None,
) -> Value:
    """The repair of Theorem 4.5 in its own terms: ``ECE >= (E S_TV - lambda E H - delta P(flip))_+
    /2`` with ``lambda = 3/(2 log 2)`` for the binnings in use (result n_16), ``14/(14 log 2 - 3 log
    3)`` for 4 bins (result n_28) and ``2/log 2`` for 1 and 2 (result n_1, B).

    X' is the perturbed input, the confidence is ``max p``. Needed: X' has the law of X
    (stationary), and ``TV(p_X, p_X') <= delta`` (label-invariant). The first lambda is proved for
    3 equal bins, and from 5 on, whichever side is closed; in general for every binning of which no
    bin leaves all three of the intervals [0, .72], [.58, .9], [.65, 1]. Each lambda is the least
    that serves. It bounds the population ECE: :func:`sua_ref.population_calibration_error`. Where
    flips are known, :func:`sua_ref.ece_lower_bound` is a bound of its own, often the larger.

    Args:
        sensitivity: ``(N,)`` of ``distributional_sensitivity(..., divergence="tv")``, in [0, 1].
        entropy: ``(N,)`` of ``predictive_entropy``, in nats, >= 0.
        label_invariant, stationary: assertions by the caller; nothing here can check them.
        n_bins: of the calibration error that is bounded, equal bins.
        flips: as for :func:`sua_ref.ece_lower_bound`; without them every pair counts as one, which
            matters for delta alone.
        delta: how far, in total variation, a label law may move; in [0, 1].
        weights: ``(N,)`` probabilities of the inputs; uniform where none are given.

    Returns:
        A number in [0, 1/2].

    Raises:
        ValueError: a flag is False (the bound does not hold then), no rows, a value out of range,
            or shapes that do not fit. The row is named.
        TypeError: Fractions (log 2 is needed).

    >>> flags = {"label_invariant": True, "stationary": True}
    >>> float(ece_lower_bound_from_sensitivity([1.0, 0.5], [0.0, 0.0], **flags))
    0.375
    >>> half = np.log(2) / 2                  # 3/(2 log 2) times this is 3/4, 2/log 2 times it 1
    >>> round(float(ece_lower_bound_from_sensitivity([1.0], [half], **flags)), 12)
    0.125
    >>> float(ece_lower_bound_from_sensitivity([1.0], [half], n_bins=1, **flags))
    0.0
    """
    _asserted(label_invariant=label_invariant, stationary=stationary)
    checks.number(delta, "delta", low=0, high=1)
    checks.integer(n_bins, "n_bins", low=1)
    s = checks.scores(sensitivity, "sensitivity")
    checks.within(s, "sensitivity", 0, 1, slack=checks.DIVERGENCE_ROUNDING)
    h = checks.within(checks.scores(entropy, "entropy"), "entropy", 0, math.inf)
    same_kind(sensitivity=s, entropy=h)
    checks.same_shape(s, h, "sensitivity", "entropy")
    w = checks.mixture_weights(weights, s.shape)
    moved = 1 if flips is None else weighted_mean(_flips(flips, sensitivity=s), w)
    accounted = _least_lambda(n_bins, s) * weighted_mean(h, w)
    return positive_part(weighted_mean(s, w) - accounted - like(delta, s) * moved) / 2


def _least_lambda(n_bins: int, number: Array) -> Value:
    """Of that many equal bins, in the number type given."""
    log_2, log_3 = (log(np.asarray(like(n, number)))[()] for n in (2, 3))
    if n_bins == 4:
        return 14 / (14 * log_2 - 3 * log_3)
    return (2 if n_bins < 3 else like(3, number) / 2) / log_2


def _flips(flips: npt.ArrayLike, **beside: Array) -> Array:
    """Flip probabilities ``(N,)`` of the element type of the array ``beside``, named as given."""
    given = np.asarray(flips)
    (rows,) = beside.values()
    a = lift(given, rows) if given.dtype.kind in "biu" else elements(given, "flips")
    if a.ndim not in (1, 2) or a.shape[:1] != rows.shape or a.size == 0:
        raise ValueError(f"flips: shape {a.shape}; wanted ({len(rows)},) or ({len(rows)}, K)")
    same_kind(**beside, flips=a)
    checks.within(a, "flips", 0, 1)
    return a if a.ndim == 1 else np.asarray(weighted_mean(a, None))
