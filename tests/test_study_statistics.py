"""Numbers of resamples from counts, held against the definition on the rows written out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

import sua_ref
from paper_repro.study.statistics import (
    Calibration,
    Constant,
    Correlation,
    Floats,
    Integers,
    Mean,
    Ranking,
    Statistic,
)

METRICS = ("auroc", "aurc", "augrc", "selective_accuracy@0.7", "selective_accuracy@0.8",
           "selective_accuracy@0.9")  # fmt: skip
SIZES = st.tuples(st.integers(0, 10**6), st.integers(2, 25), st.integers(1, 6))
TOLERANCE = 1e-12
"""Sums of at most 25 terms of size at most 25, in float64: errors below 1e-13."""


def drawn(seed: int, n: int, levels: int) -> tuple[Floats, Integers, Floats, npt.NDArray[np.int64]]:
    """Scores with ties, errors, and one resample: counts ``(N, 1)`` and its rows."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, n) / levels
    errors = rng.integers(0, 2, n)
    rows = rng.integers(0, n, n)
    counts = np.bincount(rows, minlength=n).astype(np.float64)[:, None]
    return scores, errors, counts, rows


def by_definition(metric: str, scores: Floats, errors: Integers) -> float:
    """Loops over the definitions; ties averaged over all orders by expectation."""
    n = len(scores)
    if metric == "auroc":
        wins = [
            1.0 if a > b else 0.5 if a == b else 0.0
            for a in scores[errors == 1] for b in scores[errors == 0]
        ]  # fmt: skip
        return float(np.mean(wins)) if wins else math.nan
    expected = []
    for k in range(n + 1):  # expected errors among the first k
        total = 0.0
        for s, e in zip(scores, errors, strict=True):
            below, same = int((scores < s).sum()), int((scores == s).sum())
            total += e * min(max(k - below, 0), same) / same
        expected.append(total)
    if metric == "aurc":
        return float(np.mean([expected[k] / k for k in range(1, n + 1)]))
    if metric == "augrc":
        return float(np.mean(expected[1:])) / n
    points = float(metric.partition("@")[2]) * n
    whole = math.floor(points)
    rest = (points - whole) * (expected[min(whole + 1, n)] - expected[whole])
    return 1 - (expected[whole] + rest) / points


@pytest.mark.parametrize("metric", METRICS)
@given(SIZES)
def test_a_ranking_of_a_resample_is_that_of_its_rows(
    metric: str, size: tuple[int, int, int]
) -> None:
    scores, errors, counts, rows = drawn(*size)
    found = Ranking(metric, scores, errors).resampled(counts)[0]
    wanted = by_definition(metric, scores[rows], errors[rows])
    assert found == pytest.approx(wanted, abs=TOLERANCE, nan_ok=True)


@pytest.mark.parametrize("metric", METRICS)
@given(SIZES)
def test_every_input_once_is_the_set_itself(metric: str, size: tuple[int, int, int]) -> None:
    scores, errors, _, _ = drawn(*size)
    one = Ranking(metric, scores, errors)
    value, again = one.value(), one.resampled(np.ones((len(scores), 1)))[0]
    if value is None:
        assert errors.sum() in (0, len(errors))
    else:
        assert again == pytest.approx(value, abs=TOLERANCE)


@given(SIZES, st.integers(0, 10**6))
def test_a_ranking_among_some_sees_no_others(size: tuple[int, int, int], seed: int) -> None:
    scores, errors, counts, _ = drawn(*size)
    among = np.random.default_rng(seed).integers(0, 2, len(scores)).astype(bool)
    among[0] = True
    found = Ranking("auroc", scores, errors, among)
    alone = Ranking("auroc", scores[among], errors[among])
    assert found.value() == alone.value()
    np.testing.assert_array_equal(found.resampled(counts), alone.resampled(counts[among]))


@given(SIZES)
def test_a_mean_is_over_the_rows_that_have_a_number(size: tuple[int, int, int]) -> None:
    scores, missing, counts, rows = drawn(*size)
    values = np.where(missing == 1, np.nan, 10 * scores - 5)
    kept = values[rows][~np.isnan(values[rows])]
    wanted = kept.mean() if len(kept) else np.nan
    found = Mean(values).resampled(counts)[0]
    assert found == pytest.approx(wanted, abs=TOLERANCE, nan_ok=True)


@given(SIZES)
def test_calibration_of_a_resample_is_that_of_its_rows(size: tuple[int, int, int]) -> None:
    confidence, correct, counts, rows = drawn(size[0], size[1], 30)
    found = Calibration(confidence, correct)
    wanted = float(sua_ref.expected_calibration_error(confidence[rows], correct[rows], n_bins=15))
    assert found.resampled(counts)[0] == pytest.approx(wanted, abs=TOLERANCE)
    assert found.resampled(np.ones_like(counts))[0] == pytest.approx(found.value(), abs=TOLERANCE)


@given(SIZES, st.integers(0, 10**6))
def test_a_correlation_is_scipys_of_its_rows(size: tuple[int, int, int], other: int) -> None:
    x, _, counts, rows = drawn(*size)
    y = np.random.default_rng(other).integers(0, 5, len(x)).astype(np.float64)
    for found, i in ((Correlation(x, y).resampled(counts)[0], rows),
                     (Correlation(x, y).value(), np.arange(len(x)))):  # fmt: skip
        if np.ptp(x[i]) == 0 or np.ptp(y[i]) == 0:
            assert found is None or np.isnan(found)
        else:
            assert found == pytest.approx(spearmanr(x[i], y[i]).statistic, abs=1e-9)


STATISTICS: tuple[Callable[[Floats, Integers], Statistic], ...] = (
    lambda s, e: Mean(s),
    lambda s, e: Calibration(s, e),
    lambda s, e: Correlation(s, e.astype(np.float64)),
    *(lambda s, e, m=m: Ranking(m, s, e) for m in METRICS),
)


@pytest.mark.parametrize("make", STATISTICS)
@given(SIZES)
def test_resamples_do_not_see_each_other(
    make: Callable[[Floats, Integers], Statistic], size: tuple[int, int, int]
) -> None:
    scores, errors, first, _ = drawn(*size)
    _, _, second, _ = drawn(size[0] + 1, size[1], size[2])
    one = make(scores, errors)
    both = one.resampled(np.concatenate([first, second], axis=1))
    # A sum over columns may be added up in another order than one over a single column.
    np.testing.assert_allclose(both[:1], one.resampled(first), rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(both[1:], one.resampled(second), rtol=0, atol=TOLERANCE)


def test_by_hand() -> None:
    """Three inputs of scores 1, 2, 2 and errors 0, 1, 0; then the second drawn twice, the third
    never: AUROC 3/4, then 1."""
    scores, errors = np.array([1.0, 2.0, 2.0]), np.array([0, 1, 0])
    counts = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 0.0]])
    wanted = {
        "auroc": [3 / 4, 1],
        "aurc": [(0 + 1 / 4 + 1 / 3) / 3, (0 + 1 / 2 + 2 / 3) / 3],
        "augrc": [(0 + 1 / 2 + 1) / 9, (0 + 1 + 2) / 9],
        "selective_accuracy@0.8": [1 - 0.7 / 2.4, 1 - 1.4 / 2.4],
    }
    for metric, values in wanted.items():
        found = Ranking(metric, scores, errors).resampled(counts)
        np.testing.assert_allclose(found, values, rtol=1e-14)


def test_what_is_undefined_is_said() -> None:
    flat, right = np.zeros(3), np.zeros(3, dtype=np.int64)
    assert Ranking("auroc", flat, right).value() is None
    assert Mean(np.full(3, np.nan)).value() is None
    assert Correlation(flat, np.arange(3.0)).value() is None
    assert np.isnan(Ranking("auroc", flat, right).resampled(np.ones((3, 2)))).all()
    nobody = np.zeros(3, dtype=bool)
    assert Ranking("auroc", flat, np.array([0, 1, 0]), nobody).value() is None


def test_a_constant_is_the_same_in_every_resample() -> None:
    np.testing.assert_array_equal(Constant(0.3).resampled(np.ones((4, 2))), [0.3, 0.3])
    assert Constant(0.3).value() == 0.3
