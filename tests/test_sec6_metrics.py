"""Metrics: brute force over pairs and over all orders of ties; known libraries as oracles."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

import sua_ref
from tests.strategies import Floats, exact, scored
from tests.tolerances import few_ulps

Marks = npt.NDArray[np.int64]


def _auroc_by_pairs(scores: list[Any], errors: list[int]) -> Fraction:
    wins = Fraction(0)
    wrong = [s for s, e in zip(scores, errors, strict=True) if e]
    right = [s for s, e in zip(scores, errors, strict=True) if not e]
    for w in wrong:
        for r in right:
            wins += Fraction(int(w > r)) + Fraction(int(w == r), 2)
    return wins / (len(wrong) * len(right))


@given(scored())
def test_auroc_is_the_share_of_won_pairs(drawn: tuple[Floats, Marks]) -> None:
    scores, errors = drawn
    truth = _auroc_by_pairs(scores.tolist(), errors.tolist())
    assert sua_ref.failure_auroc(scores, errors) == float(truth)


@given(scored())
def test_auroc_matches_scikit_learn_on_ranks(drawn: tuple[Floats, Marks]) -> None:
    scores, errors = drawn
    rank = np.unique(scores, return_inverse=True)[1]  # scikit-learn refuses infinities
    theirs = float(roc_auc_score(errors, rank))
    assert float(sua_ref.failure_auroc(scores, errors)) == pytest.approx(theirs, rel=few_ulps(64))


@given(scored(), st.randoms(use_true_random=False))
def test_no_metric_sees_the_order_of_the_rows(drawn: tuple[Floats, Marks], rng: Any) -> None:
    scores, errors = drawn
    order = list(range(len(scores)))
    rng.shuffle(order)
    for metric in (sua_ref.failure_auroc, sua_ref.aurc, sua_ref.augrc):
        assert metric(scores, errors) == metric(scores[order], errors[order])
    accuracy = sua_ref.selective_accuracy(scores, 1 - errors, coverage=0.8)
    assert accuracy == sua_ref.selective_accuracy(scores[order], 1 - errors[order], coverage=0.8)


@given(scored())
def test_metrics_see_only_the_ranks(drawn: tuple[Floats, Marks]) -> None:
    scores, errors = drawn
    rank = np.unique(scores, return_inverse=True)[1].astype(np.float64)
    assert sua_ref.aurc(scores, errors) == sua_ref.aurc(rank, errors)
    assert sua_ref.failure_auroc(scores, errors) == sua_ref.failure_auroc(rank, errors)


SMALL = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=5).map(
    lambda rows: ([Fraction(s) for s, _ in rows], [m for _, m in rows])
)


def _over_all_tie_orders(scores: list[Fraction], marks: list[int]) -> list[Fraction]:
    """Expected number of marked points among the first k, by listing every order of the ties."""
    sums: list[Fraction] = [Fraction(0)] * len(scores)
    count = 0
    for order in permutations(range(len(scores))):
        if all(scores[a] <= scores[b] for a, b in pairwise(order)):
            count += 1
            running = 0
            for k, i in enumerate(order):
                running += marks[i]
                sums[k] += running
    return [s / count for s in sums]


@given(SMALL)
def test_curves_average_over_every_order_of_the_ties(
    drawn: tuple[list[Fraction], list[int]],
) -> None:
    scores, marks = drawn
    n = len(scores)
    expected = _over_all_tie_orders(scores, marks)
    curve = sua_ref.risk_coverage_curve(exact(scores), marks)
    assert list(curve.coverage) == [Fraction(k, n) for k in range(1, n + 1)]
    assert list(curve.risk) == [e / k for k, e in enumerate(expected, start=1)]
    assert sua_ref.aurc(exact(scores), marks) == sum(curve.risk) / n
    assert sua_ref.augrc(exact(scores), marks) == sum(expected, start=Fraction(0)) / n**2


@given(SMALL, st.fractions(Fraction(1, 10), 1))
def test_selective_accuracy_weights_a_fractional_last_point(
    drawn: tuple[list[Fraction], list[int]], coverage: Fraction
) -> None:
    scores, correct = drawn
    expected = [Fraction(0), *_over_all_tie_orders(scores, correct)]
    points = coverage * len(scores)
    whole = math.floor(points)
    right = expected[whole]
    if whole < len(scores):
        right += (points - whole) * (expected[whole + 1] - expected[whole])
    value = sua_ref.selective_accuracy(exact(scores), correct, coverage=coverage)
    assert value == right / points


@given(scored())
def test_full_coverage_is_plain_accuracy(drawn: tuple[Floats, Marks]) -> None:
    scores, errors = drawn
    full = float(sua_ref.selective_accuracy(scores, 1 - errors, coverage=1))
    assert full == pytest.approx(1 - errors.mean(), rel=few_ulps(8))
    assert float(sua_ref.selective_risk(scores, errors, tau=math.inf)) == pytest.approx(
        errors.mean(), rel=few_ulps(8)
    )


@given(scored(), st.sampled_from([-1.5, 0.0, 0.5]))
def test_selective_risk_keeps_scores_at_the_threshold(
    drawn: tuple[Floats, Marks], tau: float
) -> None:
    scores, errors = drawn
    kept = [e for s, e in zip(scores, errors, strict=True) if s <= tau]
    if not kept:
        with pytest.raises(ValueError, match="coverage 0"):
            sua_ref.selective_risk(scores, errors, tau=tau)
    else:
        value = float(sua_ref.selective_risk(scores, errors, tau=tau))
        assert value == sum(kept) / len(kept)


@pytest.mark.parametrize("marks", [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1]])
def test_four_ties_have_one_area_whatever_their_order(marks: list[int]) -> None:
    assert sua_ref.aurc([0.5] * 4, marks) == 0.5
    assert sua_ref.failure_auroc([0.5] * 4, marks) == 0.5


def test_large_scores_keep_their_order() -> None:
    assert sua_ref.failure_auroc([20, 25, 30, 40], [0, 0, 1, 1]) == 1


def test_accuracies_by_hand() -> None:
    assert sua_ref.accuracy([0, 1, 2], [0, 1, 1]) == pytest.approx(2 / 3, rel=few_ulps(2))
    assert sua_ref.robust_accuracy([[0, 0], [1, 0]], [0, 1]) == 0.75


def test_one_prediction_is_enough_and_its_axes_are_two() -> None:
    assert sua_ref.robust_accuracy([[1]], [1]) == 1
    for predictions in ([[[1]], [[0]]], [1, 0], np.zeros((0, 2), dtype=int)):
        labels = np.zeros(len(predictions), dtype=int)
        with pytest.raises(ValueError, match=r"^perturbed_predictions: shape"):
            sua_ref.robust_accuracy(predictions, labels)
    with pytest.raises(ValueError, match=r"^labels: shape \(1,\) differs from that of predictions"):
        sua_ref.accuracy([1, 0], [1])


def test_a_coverage_in_single_precision_is_the_number_it_stores() -> None:
    half = sua_ref.selective_accuracy([0.1, 0.2], [1, 0], coverage=np.float32(0.5))
    assert half == 1
