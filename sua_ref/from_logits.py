"""The siblings that start from logits: what a model returns, before any softmax.

Logits are floats (computed in float64) or balls; ``-inf`` marks an impossible label. NaN, ``+inf``
and a row of ``-inf`` alone are refused. Every function is invariant to an offset of a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.elements import Array, Value, kind_of, largest, like, positive_part, weighted_mean
from sua_ref.logit_cells import as_logits, logit_divergence, rest, softmax
from sua_ref.sec2_calibration import max_confidence
from sua_ref.sec2_information import DIVERGENCES, entropy
from sua_ref.sec5_method import STOP_GRADIENT, mean_over_rows, objective, task_loss


def _two(logits: npt.ArrayLike, perturbed: npt.ArrayLike, kind: str) -> Value:
    x, y = as_logits(logits, "logits"), as_logits(perturbed, "perturbed_logits")
    checks.same_shape(x, y, "logits", "perturbed_logits")
    return logit_divergence(x, y, kind)


def entropy_from_logits(logits: npt.ArrayLike) -> Value:
    """Entropy of ``softmax(logits)``, as ``log1p(s') - t/(1 + s')`` (see :func:`sua_ref.entropy`).

    Args:
        logits: ``(..., V)`` floats or balls.

    Returns:
        ``(...)`` nats, in [0, log V].

    Raises:
        ValueError: NaN, ``+inf``, or a row of ``-inf`` alone.

    >>> round(float(entropy_from_logits([10000.0, 10000.0])), 6)     # log 2
    0.693147
    """
    x = as_logits(logits, "logits")
    if kind_of(x) == "arb":
        return entropy(softmax(x))
    shifted, remainder = rest(x)
    finite = np.where(np.isfinite(shifted), shifted, 0.0)
    below = np.sum(-finite * np.exp(shifted), axis=-1)
    return np.log1p(remainder) + below / (1 + remainder)


def max_confidence_from_logits(logits: npt.ArrayLike) -> Value:
    """``max_y softmax(logits)(y)`` (see :func:`sua_ref.max_confidence`).

    Args, Raises: as :func:`entropy_from_logits`.

    Returns:
        ``(...)`` in [1/V, 1].

    >>> float(max_confidence_from_logits([0.0, 0.0]))
    0.5
    """
    x = as_logits(logits, "logits")
    return max_confidence(softmax(x)) if kind_of(x) == "arb" else 1 / (1 + rest(x)[1])


def kl_divergence_from_logits(logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike) -> Value:
    """``KL(softmax(logits) || softmax(perturbed_logits))`` (see :func:`sua_ref.kl_divergence`).

    Args:
        logits, perturbed_logits: ``(..., V)`` of one shape, floats or balls.

    Returns:
        ``(...)`` nats >= 0; ``inf`` where a label is possible under the first and impossible under
        the second; exactly 0 for equal rows.

    Raises:
        ValueError: NaN, ``+inf``, a row of ``-inf`` alone, or shapes that differ.

    >>> float(kl_divergence_from_logits([1e4, 1e4 + 1], [0.0, 1.0]))
    0.0
    """
    return _two(logits, perturbed_logits, "kl")


def jensen_shannon_divergence_from_logits(
    logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike
) -> Value:
    """Jensen-Shannon divergence of two softmaxes, in [0, log 2] nats.

    Args, Raises: as :func:`kl_divergence_from_logits`.

    >>> round(float(jensen_shannon_divergence_from_logits([0, -np.inf], [-np.inf, 0])), 6)
    0.693147
    """
    return _two(logits, perturbed_logits, "jsd")


def total_variation_from_logits(logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike) -> Value:
    """Total variation of two softmaxes, in [0, 1].

    Args, Raises: as :func:`kl_divergence_from_logits`.

    >>> float(total_variation_from_logits([0.0, 0.0], [0.0, -np.inf]))
    0.5
    """
    return _two(logits, perturbed_logits, "tv")


def chi2_divergence_from_logits(logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike) -> Value:
    """Chi-squared divergence of two softmaxes, in [0, inf].

    Args, Raises: as :func:`kl_divergence_from_logits`.

    >>> float(chi2_divergence_from_logits([0.0, -np.inf], [0.0, 0.0]))
    1.0
    """
    return _two(logits, perturbed_logits, "chi2")


def squared_hellinger_from_logits(logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike) -> Value:
    """Squared Hellinger distance of two softmaxes, in [0, 1].

    Args, Raises: as :func:`kl_divergence_from_logits`.

    >>> float(squared_hellinger_from_logits([0, -np.inf], [-np.inf, 0]))
    1.0
    """
    return _two(logits, perturbed_logits, "hellinger2")


def _over_perturbations(x: Array, perturbed_logits: npt.ArrayLike, kind: str) -> Array:
    checks.choice(kind, DIVERGENCES, "divergence")
    y = as_logits(perturbed_logits, "perturbed_logits")
    wanted = (*x.shape[:-1], y.shape[-2] if y.ndim > 1 else 0, x.shape[-1])
    if y.ndim != x.ndim + 1 or y.shape != wanted or y.shape[-2] == 0:
        raise ValueError(
            f"perturbed_logits: shape {y.shape} does not fit logits, {x.shape}; wanted (..., K, V)"
        )
    return np.asarray(logit_divergence(np.broadcast_to(x[..., None, :], y.shape), y, kind))


def distributional_sensitivity_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    *,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Definition 3.2 from logits (see :func:`sua_ref.distributional_sensitivity`).

    Args:
        logits: ``(..., V)``; perturbed_logits: ``(..., K, V)``.
        divergence: a name of ``DIVERGENCES``.
        weights: ``(K,)`` or ``(..., K)`` probabilities; the mean where none are given.

    Returns:
        ``(...)`` >= 0.

    Raises:
        ValueError: bad logits, shapes, weights or ``divergence``.

    >>> float(distributional_sensitivity_from_logits([0.0, 0.0], [[0, -np.inf]], divergence="tv"))
    0.5
    """
    values = _over_perturbations(as_logits(logits, "logits"), perturbed_logits, divergence)
    return weighted_mean(values, checks.mixture_weights(weights, values.shape))


def worst_case_sensitivity_from_logits(
    logits: npt.ArrayLike, perturbed_logits: npt.ArrayLike, *, divergence: str = "jsd"
) -> Value:
    """Remark 3.3 from logits (see :func:`sua_ref.worst_case_sensitivity`).

    Args, Raises: as :func:`distributional_sensitivity_from_logits`.

    >>> float(worst_case_sensitivity_from_logits([0.0, 0.0], [[0, -np.inf]], divergence="tv"))
    0.5
    """
    return largest(_over_perturbations(as_logits(logits, "logits"), perturbed_logits, divergence))


def sua_score_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    *,
    lam: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Definition 3.9 from logits: ``S - lambda H`` (see :func:`sua_ref.sua_score`).

    Args, Raises: as :func:`distributional_sensitivity_from_logits`, and ``lam`` > 0.

    >>> round(float(sua_score_from_logits([0.0, 0.0], [[0.0, 0.0]], lam=1)), 6)     # -log 2
    -0.693147
    """
    checks.positive(lam, "lam")
    s = distributional_sensitivity_from_logits(
        logits, perturbed_logits, divergence=divergence, weights=weights
    )
    return s - like(lam, np.asarray(s)) * entropy_from_logits(logits)


def additive_score_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
) -> Value:
    """The repaired score ``e + 2 S_TV`` from logits (see :func:`sua_ref.additive_score`).

    Args, Raises: as :func:`distributional_sensitivity_from_logits`.

    >>> float(additive_score_from_logits([0.0, 0.0], [[0.0, 0.0]]))
    0.5
    """
    s = distributional_sensitivity_from_logits(
        logits, perturbed_logits, divergence="tv", weights=weights
    )
    x = as_logits(logits, "logits")
    if kind_of(x) == "arb":
        return 1 - max_confidence(softmax(x)) + 2 * s
    remainder = rest(x)[1]
    return remainder / (1 + remainder) + 2 * s


def task_loss_from_logits(logits: npt.ArrayLike, labels: npt.ArrayLike) -> Value:
    """Equation (16) from logits (see :func:`sua_ref.task_loss`).

    Args:
        logits: ``(..., V)``; labels: ``(...)`` integers in 0..V-1.

    Returns:
        A number in [0, inf]; ``inf`` only where a label's logit is ``-inf``.

    Raises:
        ValueError: bad logits, or a label out of range.

    >>> round(float(task_loss_from_logits([[0.0, 0.0]], [1])), 6)     # log 2
    0.693147
    """
    x = as_logits(logits, "logits")
    if kind_of(x) == "arb":
        return task_loss(softmax(x), labels)
    y = checks.labels(labels, x.shape[:-1], x.shape[-1])
    shifted, remainder = rest(x)
    return mean_over_rows(
        np.log1p(remainder) - np.take_along_axis(shifted, y[..., None], axis=-1)[..., 0],
        "logits",
    )


def consistency_loss_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    *,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
    stop_gradient: str = "perturbed",
) -> Value:
    """Equation (17) from logits (see :func:`sua_ref.consistency_loss`).

    Args, Raises: as :func:`distributional_sensitivity_from_logits`, and ``stop_gradient``.

    >>> float(consistency_loss_from_logits([[0.0, 0.0]], [[[0, -np.inf]]], divergence="tv"))
    0.5
    """
    checks.choice(stop_gradient, STOP_GRADIENT, "stop_gradient")
    return mean_over_rows(
        distributional_sensitivity_from_logits(
            logits, perturbed_logits, divergence=divergence, weights=weights
        ),
        "logits",
    )


def entropy_alignment_loss_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    *,
    lam: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Equation (18) from logits (see :func:`sua_ref.entropy_alignment_loss`).

    Args, Raises: as :func:`sua_score_from_logits`.

    >>> float(entropy_alignment_loss_from_logits([[0.0, 0.0]], [[[0.0, 0.0]]], lam=1))
    0.0
    """
    scores = sua_score_from_logits(
        logits, perturbed_logits, lam=lam, divergence=divergence, weights=weights
    )
    return mean_over_rows(positive_part(scores), "logits")


def sua_tr_loss_from_logits(
    logits: npt.ArrayLike,
    perturbed_logits: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    lam: Any,
    a: Any,
    b: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
    stop_gradient: str = "perturbed",
) -> Value:
    """Equation (15) from logits (see :func:`sua_ref.sua_tr_loss`).

    Args, Raises: as the three losses, and ``a``, ``b`` >= 0.

    >>> x = [[0.0, 0.0]]
    >>> round(float(sua_tr_loss_from_logits(x, [x], [0], lam=1, a=1, b=1)), 6)     # log 2
    0.693147
    """
    checks.finite(checks.number(a, "a", low=0), "a")
    checks.finite(checks.number(b, "b", low=0), "b")
    consistency = consistency_loss_from_logits(
        logits,
        perturbed_logits,
        divergence=divergence,
        weights=weights,
        stop_gradient=stop_gradient,
    )
    alignment = entropy_alignment_loss_from_logits(
        logits, perturbed_logits, lam=lam, divergence=divergence, weights=weights
    )
    return objective(task_loss_from_logits(logits, labels), consistency, alignment, a, b)
