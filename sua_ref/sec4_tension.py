"""Section 4.5, the entropy-stability tension: Lemma 4.7 and its parts, as evaluated inequalities.

Is a model of higher entropy less sensitive, and riskier? Under label smoothing the first is true.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import Array, Value, at_most, like, same_kind, scale, weighted_mean
from sua_ref.results import Bound
from sua_ref.sec2_information import DIVERGENCES, divergence_of, entropy_of
from sua_ref.sec4_curves import smoothing_factor
from sua_ref.sec4_risks import RISKS, loss_of, output_and_truth, risk_of

FACTORS = ("alpha", "alpha_squared", "sharp")
"""Three constants for Lemma 4.7: the two readings of A.4, and the least that is true."""


def _sensitivity(q: Array, there: Array, divergence: str, weights: Array | None) -> Value:
    """``S`` of checked rows, which smoothing may have rounded."""
    beside = np.broadcast_to(q[..., None, :], there.shape)
    return weighted_mean(np.asarray(divergence_of(beside, there, divergence)), weights)


def _smoothed(rows: Array, alpha: Any) -> Array:
    a = like(alpha, rows)
    smooth: Array = a * rows + (1 - a) / rows.shape[-1]
    return smooth


def _smoothing_constant(n: int, a: Any, divergence: str, factor: str) -> Any:
    if factor == "alpha" or (factor == "sharp" and divergence == "tv"):
        return a
    if factor == "alpha_squared":
        return a * a
    return smoothing_factor(n, a)


def lem_4_7(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    *,
    alpha: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
    factor: str = "alpha",
) -> Bound:
    """Lemma 4.7 for label smoothing, ``q' = alpha q + (1 - alpha) u``: ``S' <= factor * S``.

    The factor ``alpha`` is proved (lem_4_7.smoothing): D is jointly convex and ``D(u || u) = 0``.
    The factor ``alpha^2`` holds for two labels and is refuted from three on, and for TV
    (lem_4_7.alpha_squared). ``sharp`` is the least constant (result n_6): ``n alpha^2 / (n alpha +
    2 (1 - alpha))``, the contraction coefficient of the n-ary symmetric channel (Ordentlich and
    Polyanskiy 2020); for TV, ``alpha``.

    Args:
        p, perturbed, divergence, weights: as for :func:`sua_ref.distributional_sensitivity`.
        alpha: in [0, 1], the share of the output that is kept.
        factor: a name of ``FACTORS``.

    Returns:
        :class:`Bound` of ``(...)``: the sensitivity of the smoothed outputs, and the factor times
        that of the given ones. It has no hypotheses.

    Raises:
        ValueError: bad probabilities, shapes, weights, ``alpha``, or an unknown name.

    >>> b = lem_4_7([1.0, 0.0], [[0.0, 1.0]], alpha=0.5, divergence="tv", factor="alpha_squared")
    >>> float(b.lhs), float(b.rhs)
    (0.5, 0.25)
    """
    checks.choice(factor, FACTORS, "factor")
    checks.choice(divergence, DIVERGENCES, "divergence")
    checks.number(alpha, "alpha", low=0, high=1)
    q = checks.distribution(p, "p")
    there = checks.perturbed_distributions(perturbed, q)
    same_kind(p=q, perturbed=there)
    w = checks.mixture_weights(weights, there.shape[:-1])
    after = _sensitivity(_smoothed(q, alpha), _smoothed(there, alpha), divergence, w)
    constant = _smoothing_constant(q.shape[-1], like(alpha, q), divergence, factor)
    return Bound(after, scale(constant, _sensitivity(q, there, divergence, w)), {})


def lem_4_7_general(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    after: npt.ArrayLike,
    perturbed_after: npt.ArrayLike,
    *,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Bound:
    """Lemma 4.7 in general: a model whose entropy is higher has ``S_after(x) <= S(x)``.

    Refuted (claim lem_4_7.general): a constant model is as stable as can be, and almost any change
    that raises its entropy makes it move. True for label smoothing: :func:`lem_4_7`.

    Args:
        p, perturbed, divergence, weights: as for :func:`sua_ref.distributional_sensitivity`.
        after, perturbed_after: outputs of the second model, of the same shapes.

    Returns:
        :class:`Bound` of ``(...)``, with the hypotheses ``entropy`` (``H_after >= H`` at x) and
        ``entropy.around`` (at each perturbed input, ``(..., K)``).

    Raises:
        ValueError: bad probabilities, shapes, weights or ``divergence``.
        TypeError: Fractions (the hypothesis needs logarithms).
        Undecided: the entropies are balls that overlap.

    >>> b = lem_4_7_general(
    ...     [1.0, 0.0], [[1.0, 0.0]], [0.75, 0.25], [[0.25, 0.75]], divergence="tv"
    ... )
    >>> float(b.lhs), float(b.rhs), bool(b.hypotheses["entropy"])
    (0.5, 0.0, True)
    """
    checks.choice(divergence, DIVERGENCES, "divergence")
    q, q_after = checks.distribution(p, "p"), checks.distribution(after, "after")
    checks.same_shape(q, q_after, "p", "after")
    there = checks.perturbed_distributions(perturbed, q)
    there_after = checks.perturbed_distributions(perturbed_after, q, "perturbed_after")
    checks.same_shape(there, there_after, "perturbed", "perturbed_after")
    same_kind(p=q, after=q_after, perturbed=there, perturbed_after=there_after)
    w = checks.mixture_weights(weights, there.shape[:-1])
    hypotheses = {
        "entropy": at_most(entropy_of(q), entropy_of(q_after)),
        "entropy.around": at_most(entropy_of(there), entropy_of(there_after)),
    }
    before = _sensitivity(q, there, divergence, w)
    return Bound(_sensitivity(q_after, there_after, divergence, w), before, hypotheses)


def lem_4_7_risk(
    p: npt.ArrayLike,
    after: npt.ArrayLike,
    p_true: npt.ArrayLike,
    *,
    risk: str = "gibbs",
    loss: npt.ArrayLike | None = None,
) -> Bound:
    """Lemma 4.7, the risk: a model whose entropy is higher has ``R(x) <= R_after(x)``.

    The paper claims ``<``, "so accuracy decreases"; this is the weaker form, and it is refuted too
    (claim lem_4_7.risk): a model that is certain and wrong gains by spreading its mass, and label
    smoothing leaves the argmax, hence accuracy, as it was. True of the self-risk under label
    smoothing and the 0-1 loss.

    Args:
        p, after: ``(..., V)`` outputs of the two models.
        p_true: ``(..., V)`` label law.
        risk: a reading of ``RISKS``; at x itself the two argmax readings agree.
        loss: ``(V, V)`` ``[action, label]``; None is 0-1.

    Returns:
        :class:`Bound` of ``(...)``, the risk before on the left, with the hypothesis ``entropy``.

    Raises:
        ValueError: bad probabilities, shapes, or an unknown ``risk``.
        TypeError: Fractions (the hypothesis needs logarithms).
        Undecided: the entropies are balls that overlap.

    >>> b = lem_4_7_risk([0.0, 1.0], [0.25, 0.75], [1.0, 0.0])
    >>> float(b.lhs), float(b.rhs), bool(b.hypotheses["entropy"])
    (1.0, 0.75, True)
    """
    checks.choice(risk, RISKS, "risk")
    q, truth = output_and_truth(p, p_true)
    q_after = checks.distribution(after, "after")
    same_kind(p=q, after=q_after)
    checks.same_shape(q, q_after, "p", "after")
    matrix = loss_of(loss, q, square=True)
    left, right = (risk_of(output, truth, truth, risk, matrix) for output in (q, q_after))
    return Bound(left, right, {"entropy": at_most(entropy_of(q), entropy_of(q_after))})
