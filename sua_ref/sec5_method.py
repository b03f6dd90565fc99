"""Section 5: the training objective (15) to (18), the ambiguity proxy, abstention.

Losses are means over rows; units: nats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import log
from sua_ref.elements import Array, Value, at_most, elements, like, positive_part, select
from sua_ref.results import FailureSignature
from sua_ref.sec3_formulation import distributional_sensitivity, sua_score

STOP_GRADIENT = ("perturbed", "clean", "none")
"""Which argument of the consistency loss is held fixed. The text names the perturbed side."""


def task_loss(p: npt.ArrayLike, labels: npt.ArrayLike) -> Value:
    """Equation (16): the negative log-likelihood ``-E log q_x(y)``, a mean over rows.

    Args:
        p: ``(..., V)`` probabilities: float64, or balls.
        labels: ``(...)`` integers in 0..V-1.

    Returns:
        A number in [0, inf]; ``inf`` where a label has probability 0.

    Raises:
        ValueError: a row is no probability vector, or a label is out of range (the row is named).

    >>> float(task_loss([[1.0, 0.0]], [0]))
    0.0
    """
    a = checks.distribution(p, "p")
    y = checks.labels(labels, a.shape[:-1], a.shape[-1])
    chosen = np.take_along_axis(a, y[..., None], axis=-1)[..., 0]
    return mean_over_rows(-log(np.asarray(chosen))) + 0


def mean_over_rows(values: Value, name: str = "p") -> Value:
    """The mean over all rows of a batch, which is the argument ``name``."""
    rows = np.asarray(values).ravel()
    if rows.size == 0:
        raise ValueError(f"{name}: no rows to average over")
    return np.sum(rows) / rows.size


def consistency_loss(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    *,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
    stop_gradient: str = "perturbed",
) -> Value:
    """Equation (17): ``L_cons = E_x E_x' D(q_x || q_x')``, with a stop-gradient on one side.

    Args:
        p: ``(..., V)``; perturbed: ``(..., K, V)``; divergence, weights: as for
            :func:`sua_ref.distributional_sensitivity`.
        stop_gradient: ``"perturbed"`` (what the text names), ``"clean"`` (whose effect it
            describes) or ``"none"``. The value is the same; the torch backend differentiates
            accordingly.

    Returns:
        A number >= 0.

    Raises:
        ValueError: bad probabilities, shapes, or an unknown name.

    >>> float(consistency_loss([[1.0, 0.0]], [[[0.5, 0.5]]], divergence="tv"))
    0.5
    """
    checks.choice(stop_gradient, STOP_GRADIENT, "stop_gradient")
    return mean_over_rows(
        distributional_sensitivity(p, perturbed, divergence=divergence, weights=weights)
    )


def entropy_alignment_loss(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    *,
    lam: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
) -> Value:
    """Equation (18): ``L_align = E (S - lambda H)_+``, the SUA risk of the batch.

    Args:
        p, perturbed, lam, divergence, weights: as for :func:`sua_ref.sua_score`.

    Returns:
        A number >= 0.

    Raises:
        ValueError: as :func:`sua_ref.sua_score`.

    >>> float(entropy_alignment_loss([[1.0, 0.0]], [[[0.5, 0.5]]], lam=1, divergence="tv"))
    0.5
    """
    scores = sua_score(p, perturbed, lam=lam, divergence=divergence, weights=weights)
    return mean_over_rows(positive_part(scores))


def sua_tr_loss(
    p: npt.ArrayLike,
    perturbed: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    lam: Any,
    a: Any,
    b: Any,
    divergence: str = "jsd",
    weights: npt.ArrayLike | None = None,
    stop_gradient: str = "perturbed",
) -> Value:
    """Equation (15): ``L = L_task + a L_cons + b L_align``.

    Args:
        p, perturbed, labels, lam, divergence, weights, stop_gradient: as for the three losses.
        a, b: weights >= 0 of the consistency and the alignment loss.

    Returns:
        A number >= 0.

    Raises:
        ValueError: a negative weight, or as the three losses.

    >>> half = [[[0.5, 0.5]]]
    >>> float(sua_tr_loss([[1.0, 0.0]], half, [0], lam=1, a=1, b=2, divergence="tv"))
    1.5
    """
    checks.finite(checks.number(a, "a", low=0), "a")
    checks.finite(checks.number(b, "b", low=0), "b")
    consistency = consistency_loss(
        p, perturbed, divergence=divergence, weights=weights, stop_gradient=stop_gradient
    )
    alignment = entropy_alignment_loss(
        p, perturbed, lam=lam, divergence=divergence, weights=weights
    )
    return objective(task_loss(p, labels), consistency, alignment, a, b)


def objective(task: Value, consistency: Value, alignment: Value, a: Any, b: Any) -> Value:
    """``task + a consistency + b alignment``; a weight of exactly 0 drops its term."""
    total = task
    for weight, term in ((a, consistency), (b, alignment)):
        if weight != 0:
            total = total + like(weight, np.asarray(task)) * term
    return total


def ambiguity_proxy(samples: npt.ArrayLike) -> Value:
    """Section 5.4: entropy of the empirical distribution of M outputs.

    The outputs are independent samples, or answers under M independent paraphrases. It estimates
    the model's own entropy, not A(x): claim txt_5_4.proxy.

    Args:
        samples: ``(..., M)`` outputs as integers or strings.

    Returns:
        ``(...)`` nats, in [0, log M].

    Raises:
        ValueError: M = 0, or outputs that are neither integers nor strings.

    >>> round(float(ambiguity_proxy(["yes", "no", "no", "yes"])), 6)     # log 2
    0.693147
    """
    s = np.asarray(samples)
    if s.ndim == 0 or s.shape[-1] == 0:
        raise ValueError(f"samples: shape {s.shape}; at least one output is needed")
    if s.dtype.kind not in "iuUb":
        raise ValueError(f"samples: integers or strings wanted, got dtype {s.dtype}")
    # Averaging -log(count/M) over the samples themselves needs no list of the distinct outputs.
    counts = np.sum(s[..., :, None] == s[..., None, :], axis=-1)
    return np.mean(np.log(s.shape[-1] / counts), axis=-1)


def failure_signature(
    sensitivity: npt.ArrayLike,
    entropy: npt.ArrayLike,
    ambiguity: npt.ArrayLike | None = None,
    *,
    thresholds: Mapping[str, Any],
) -> Value:
    """Appendix C: which failure the signature (S, H, A) points to.

    "High" is strictly above the threshold. The table leaves out high S with high H, which section
    7.3 calls appropriate uncertainty: ``EXPRESSED`` here.

    Args:
        sensitivity, entropy: ``(...)``; ambiguity: ``(...)`` or None.
        thresholds: ``{"sensitivity": s, "entropy": h}``, and ``"ambiguity"`` where A is given.

    Returns:
        ``(...)`` integers of :class:`~sua_ref.results.FailureSignature`.

    Raises:
        ValueError: a threshold is missing or unknown, or shapes differ.
        Undecided: a ball overlaps its threshold.

    >>> code = failure_signature(0.5, 0.1, thresholds={"sensitivity": 0.2, "entropy": 0.3})
    >>> FailureSignature(int(code)).name
    'SENSITIVITY'
    """
    given = {"sensitivity": sensitivity, "entropy": entropy}
    if ambiguity is not None:
        given["ambiguity"] = ambiguity
    if set(thresholds) != set(given):
        raise ValueError(f"thresholds: wanted {sorted(given)}, got {sorted(thresholds)}")
    arrays: dict[str, Array] = {
        name: checks.no_nan(elements(x, name), name) for name, x in given.items()
    }
    for name, value in thresholds.items():
        checks.number(value, f"thresholds[{name!r}]")
    if len({a.shape for a in arrays.values()}) > 1:
        said = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ValueError(f"entropy: shapes differ: {said}")
    high = {
        name: ~np.asarray(at_most(a, np.asarray(like(thresholds[name], a))), dtype=bool)
        for name, a in arrays.items()
    }
    s, h = high["sensitivity"], high["entropy"]
    collapsed = high.get("ambiguity", np.zeros(s.shape, dtype=bool))
    quiet = select(
        collapsed, int(FailureSignature.AMBIGUITY_COLLAPSE), int(FailureSignature.INVARIANCE)
    )
    low_entropy = select(s, int(FailureSignature.SENSITIVITY), quiet)
    high_entropy = select(s, int(FailureSignature.EXPRESSED), int(FailureSignature.EPISTEMIC))
    return select(h, high_entropy, low_entropy)[()]


def abstain(scores: npt.ArrayLike, tau: Any) -> Value:
    """Section 5.5: abstain iff the score is strictly above ``tau``.

    Args:
        scores: ``(...)`` scores, higher meaning more likely to fail.
        tau: the abstention threshold.

    Returns:
        ``(...)`` booleans, True meaning abstain.

    Raises:
        ValueError: a score or ``tau`` is NaN.
        Undecided: a ball overlaps ``tau``.

    >>> abstain([0.5, 0.6], 0.5)
    array([False,  True])
    """
    checks.number(tau, "tau")
    a = checks.no_nan(elements(scores, "scores"), "scores")
    return ~np.asarray(at_most(a, np.asarray(like(tau, a))), dtype=bool)[()]
