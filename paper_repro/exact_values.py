"""Every definition of sections 3 and 4 at every input of a world, from a model's stored logits.

Logits are floats and so are known exactly; their softmax is taken in ball arithmetic, and every
quantity is a ball that holds the true value. An input where a definition cannot be evaluated
because two labels tie gets the whole line: whatever it is compared with is then undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from flint import arb

import sua_ref
from paper_repro.worlds import Objects, World
from sua_ref import FiniteWorld, Undecided
from sua_ref.elements import argmax, largest, lift

RISKS = ("gibbs", "self", "argmax", "argmax_shifted")
GAPS = ("signed", "positive", "absolute")
N_BINS = 15
"""Equal bins of the calibration error, as usual; n_16 is proved for them."""


def ball(x: Fraction) -> Any:
    """A rational as a ball, exact where it is dyadic."""
    return arb(x.numerator) / x.denominator


def softmax(logits: npt.NDArray[np.float64]) -> Objects:
    """``(X, Y)`` balls around the softmax of ``(X, Y)`` logits, taken as the numbers they store."""
    exact: Objects = np.frompyfunc(lambda x: arb(float(x)), 1, 1)(logits)
    # Any shift gives the same softmax; this one keeps the exponentials in range.
    guide = np.argmax(logits, axis=-1)[:, None]
    weights = np.exp(exact - np.take_along_axis(exact, guide, axis=-1))
    return np.asarray(weights / np.sum(weights, axis=-1, keepdims=True))


@dataclass(frozen=True)
class Values:
    """A model on a world: balls, ``(X,)`` each unless said otherwise.

    Attributes:
        world: the world with the model in it.
        there, weights: ``(X, K, Y)`` outputs over the ball of each input and ``(X, K)`` kernel.
        ambiguity, uncertainty, entropy, miscalibration: A, H*, H_theta and Delta.
        sensitivity, worst_sensitivity: S, in its exact expectation, and S_sup, both of TV.
        collapse: kappa by reading.
        risk, robust: R and R_rob by reading.
        self_risk, bayes_risk: under the model's own output, and under the label law.
        error_nearby: ``E_{x'} P(f(x') != Y | x)``.
        flips: ``P(f(x') != f(x))``.
    """

    world: FiniteWorld
    there: Objects
    weights: Objects
    ambiguity: Objects
    uncertainty: Objects
    entropy: Objects
    miscalibration: Objects
    sensitivity: Objects
    worst_sensitivity: Objects
    collapse: Mapping[str, Objects]
    risk: Mapping[str, Objects]
    robust: Mapping[str, Objects]
    self_risk: Objects
    bayes_risk: Objects
    error_nearby: Objects
    flips: Objects


def by_input(f: Callable[..., Any], *arrays: Objects) -> Objects:
    """``f`` on a batch of inputs. Where it is undecided, on each half, and so on down to the input
    that is: of the value there nothing is known."""
    try:
        return np.asarray(f(*arrays), dtype=object)
    except Undecided:
        n = len(arrays[0])
        if n == 1:
            return np.array([arb(0, float("inf"))], dtype=object)
        halves = (slice(0, n // 2), slice(n // 2, n))
        return np.concatenate([by_input(f, *(a[half] for a in arrays)) for half in halves])


def values(world: World, logits: npt.NDArray[np.float64]) -> Values:
    """Every definition, at the working precision of flint.

    Args:
        world: the world.
        logits: ``(X, Y)`` in the order of ``world.inputs``.

    Raises:
        ValueError: a logit is not finite.
    """
    if not np.isfinite(logits).all():
        row = int(np.argwhere(~np.isfinite(logits))[0][0])
        raise ValueError(f"logits: row {row} is {logits[row].tolist()}; finite numbers wanted")
    finite = world.finite(softmax(logits), ball)
    balls = [finite.arguments(x) for x in range(len(finite))]
    q, there, p, weights, p_there = (np.stack(column) for column in zip(*balls, strict=True))

    def robust(risk: str) -> Objects:
        return by_input(
            lambda a, b, c, d: sua_ref.worst_case_risk(a, b, c, risk=risk, p_true_perturbed=d),
            q, there, p, p_there,
        )  # fmt: skip

    clean = by_input(sua_ref.argmax_risk, q, p)
    own = sua_ref.self_risk(q)
    return Values(
        finite,
        there,
        weights,
        sua_ref.latent_ambiguity(finite.p_z),
        sua_ref.true_uncertainty(p),
        sua_ref.predictive_entropy(q),
        sua_ref.miscalibration_gap(q, p),
        sua_ref.distributional_sensitivity(q, there, divergence="tv", weights=weights),
        sua_ref.worst_case_sensitivity(q, there, divergence="tv"),
        {gap: sua_ref.interpretation_collapse_gap(q, p, reading=gap) for gap in GAPS},
        dict(zip(RISKS, (sua_ref.gibbs_risk(q, p), own, clean, clean), strict=True)),
        {risk: robust(risk) for risk in RISKS},
        own,
        sua_ref.bayes_risk(p),
        by_input(_error_nearby, p, there, weights),
        by_input(_flips, q, there, weights),
    )


def _flips(q: Objects, there: Objects, weights: Objects) -> Objects:
    """``P(f(x') != f(x))``, f being the label of the largest probability."""
    moved = argmax(there) != argmax(q)[:, None]
    return np.asarray(np.sum(weights * lift(moved, weights), axis=-1))


def _error_nearby(p: Objects, there: Objects, weights: Objects) -> Objects:
    """``E_{x'} P(f(x') != Y | x)``, with the label law of x."""
    risks = sua_ref.argmax_risk(there, np.broadcast_to(p[:, None, :], there.shape))
    return np.asarray(np.sum(weights * risks, axis=-1))


class Calibration(NamedTuple):
    """The ECE of a world, and what n_1 and n_16 say that it is at least."""

    from_flips: Any
    from_sensitivity: Any
    error: Any


def calibration(v: Values) -> Calibration | None:
    """The sides of n_1 and n_16. None where a confidence lies across the edge of a bin, or two
    labels tie."""
    w = v.world
    try:
        error = sua_ref.population_calibration_error(w, confidence="max", n_bins=N_BINS)
    except Undecided:
        return None
    label_invariant, stationary = w.is_label_invariant(), w.is_stationary()
    return Calibration(
        sua_ref.ece_lower_bound(
            largest(w.model),
            v.flips,
            label_invariant=label_invariant,
            stationary=stationary,
            weights=w.p_x,
        ),
        sua_ref.ece_lower_bound_from_sensitivity(
            v.sensitivity,
            v.entropy,
            label_invariant=label_invariant,
            stationary=stationary,
            n_bins=N_BINS,
            weights=w.p_x,
        ),
        error,
    )


def expectations(v: Values) -> dict[str, float]:
    """Means under P(x), rounded from balls to float64; the ECE only where it is decided."""
    by_name = {
        "bayes_risk": v.bayes_risk,
        "latent_ambiguity": v.ambiguity,
        "true_uncertainty": v.uncertainty,
        "entropy": v.entropy,
        "miscalibration_gap": v.miscalibration,
        "sensitivity": v.sensitivity,
        "worst_sensitivity": v.worst_sensitivity,
        "flips": v.flips,
        **{f"collapse_gap@{reading}": x for reading, x in v.collapse.items()},
        **{f"risk@{reading}": x for reading, x in v.risk.items()},
        **{f"robust_risk@{reading}": x for reading, x in v.robust.items()},
    }
    found = {name: float(np.sum(v.world.p_x * x)) for name, x in by_name.items()}
    found["accuracy"] = 1 - found["risk@argmax"]
    found["bayes_accuracy"] = 1 - found["bayes_risk"]
    sides = calibration(v)
    if sides is not None:
        found |= {
            "ece_lower_bound": float(sides.from_flips),
            "ece_lower_bound_from_sensitivity": float(sides.from_sensitivity),
            "ece": float(sides.error),
        }
    return found
