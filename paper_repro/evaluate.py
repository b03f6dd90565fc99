"""The metrics of section 6.4 on one split, each with a bootstrap 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import sua_ref
from paper_repro.config import Config
from paper_repro.examples import Split
from paper_repro.scores import Floats, Outputs

Marks = npt.NDArray[np.int64]
REFERENCE_SCORE = "entropy"
"""The score that the paired gains are measured against."""


@dataclass(frozen=True)
class Result:
    """One number of the tidy table, with its interval."""

    score: str | None
    divergence: str | None
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int


def _interval(draws: list[float]) -> tuple[float | None, float | None]:
    """The middle 95 % of the bootstrap draws."""
    if not draws:
        return None, None
    low, high = np.quantile(np.asarray(draws), [0.025, 0.975])
    return float(low), float(high)


def resamples(n: int, errors: Marks, count: int, seed: int) -> list[Marks]:
    """Bootstrap row indices. A draw of one class only has no ROC curve and is drawn again; with
    fewer than two errors (or correct answers) there are none, and no interval is given."""
    rng = np.random.default_rng(seed)
    if min(errors.sum(), n - errors.sum()) < 2:
        return []
    drawn: list[Marks] = []
    while len(drawn) < count:
        rows = rng.integers(0, n, n)
        if 0 < errors[rows].sum() < n:
            drawn.append(rows)
    return drawn


def _rank_metrics() -> dict[str, Callable[[Floats, Marks], float]]:
    return {
        "auroc": lambda s, e: float(sua_ref.failure_auroc(s, e)),
        "selective_accuracy@0.8": lambda s, e: float(
            sua_ref.selective_accuracy(s, 1 - e, coverage=0.8)
        ),
        "aurc": lambda s, e: float(sua_ref.aurc(s, e)),
        "augrc": lambda s, e: float(sua_ref.augrc(s, e)),
    }


def _by_score(
    scored: Mapping[str, Floats], errors: Marks, drawn: list[Marks], divergence: str
) -> list[Result]:
    results = []
    n = len(errors)
    for metric, compute in _rank_metrics().items():
        draws: dict[str, list[float]] = {}
        values: dict[str, float] = {}
        for name, score in scored.items():
            # Metrics see only the order, so the ranks stand for the scores: cheaper to resample.
            rank = np.unique(score, return_inverse=True)[1].astype(np.float64)
            values[name] = compute(rank, errors)
            draws[name] = [compute(rank[rows], errors[rows]) for rows in drawn]
        for name in scored:
            about = _divergence_of(name, divergence)
            results.append(Result(name, about, metric, values[name], *_interval(draws[name]), n))
            if metric == "auroc" and name != REFERENCE_SCORE:
                pairs = zip(draws[name], draws[REFERENCE_SCORE], strict=True)
                gain = _interval([a - b for a, b in pairs])
                difference = values[name] - values[REFERENCE_SCORE]
                results.append(Result(name, about, "auroc_gain_over_entropy", difference, *gain, n))
    return results


def _divergence_of(score: str, divergence: str) -> str | None:
    if score == "additive":
        return "tv"
    return divergence if score == "sensitivity" or score.startswith("sua@") else None


def _mean(name: str, values: Floats, drawn: list[Marks]) -> Result:
    low, high = _interval([float(values[rows].mean()) for rows in drawn])
    return Result(None, None, name, float(values.mean()), low, high, len(values))


def _calibration(outputs: Outputs, drawn: list[Marks]) -> Result:
    confidence, correct = outputs.probabilities.max(-1), 1 - outputs.errors

    def ece(rows: Marks | slice) -> float:
        return float(sua_ref.expected_calibration_error(confidence[rows], correct[rows]))

    low, high = _interval([ece(rows) for rows in drawn])
    return Result(None, None, "ece", ece(slice(None)), low, high, len(correct))


def evaluate(
    outputs: Outputs, scored: Mapping[str, Floats], split: Split, config: Config
) -> list[Result]:
    """Every metric of one model on one split.

    Where the errors are of one kind only (all answers right, or all wrong) no ranking is scored.
    """
    errors = outputs.errors
    n = len(errors)
    drawn = resamples(n, errors, config.bootstrap, config.seed)
    robust = (np.argmax(outputs.perturbed_logits.numpy(), -1) == outputs.labels[:, None]).mean(-1)
    results = [
        _mean("accuracy", (1 - errors).astype(np.float64), drawn),
        _mean("robust_accuracy", robust, drawn),
        _calibration(outputs, drawn),
        _mean("sua_risk", np.maximum(scored["sua@1"], 0.0), drawn),
    ]
    if 0 < errors.sum() < n:
        results += _by_score(scored, errors, drawn, config.divergence)
    if all(e.label_law is not None for e in split.examples):
        results += _against_truth(outputs, split, drawn)
    return results


def _against_truth(outputs: Outputs, split: Split, drawn: list[Marks]) -> list[Result]:
    """Where p*(.|x) is known: entropy calibration, and the two bounds, input by input.

    The bounds take TV, 0-1 loss and the label law of x for its views. ``eq_11_violated`` is the
    share of inputs where inequality (11) fails at phi = 0, lambda = L_D = 1, Gibbs risk, signed
    gap: there Assumptions 1 and 2 and the lambda-condition hold for every distribution.
    ``n_3_violated`` is that of its repair.
    """
    laws = np.asarray([e.label_law for e in split.examples], dtype=np.float64)
    p, views = outputs.probabilities, outputs.perturbed
    eq_11 = sua_ref.thm_4_3_eq_11(p, views, laws, lam=1, lipschitz=1, phi=lambda h: 0 * h)
    n_3 = sua_ref.additive_score(p, views) + sua_ref.total_variation(p, laws)
    law_of_views = np.broadcast_to(laws[:, None, :], views.shape)
    perturbed_error = np.mean(sua_ref.argmax_risk(views, law_of_views), axis=-1)
    slack = 1e-12  # rounding of a few float64 operations; a verdict never rests on these counts
    return [
        _mean("miscalibration_gap", sua_ref.miscalibration_gap(p, laws), drawn),
        _mean("expected_error_under_truth", sua_ref.argmax_risk(p, laws), drawn),
        _mean("eq_11_violated", (eq_11.lhs > eq_11.rhs + slack).astype(np.float64), drawn),
        _mean("n_3_violated", (perturbed_error > n_3 + slack).astype(np.float64), drawn),
    ]
