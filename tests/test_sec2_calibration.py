"""Confidence, calibration error at its bin edges, temperature scaling."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

import sua_ref
from sua_ref.sec2_calibration import MAX_TEMPERATURE, MIN_TEMPERATURE
from tests.strategies import Floats, exact, float_rows
from tests.tolerances import CELL_SUM, EPS


def _ece_by_hand(
    confidence: list[Fraction], correct: list[int], n_bins: int, closed: str
) -> Fraction:
    """A loop over bins with exact edges."""
    total = Fraction(0)
    for b in range(n_bins):
        low, high = Fraction(b, n_bins), Fraction(b + 1, n_bins)
        if closed == "right":
            inside = [i for i, c in enumerate(confidence) if low < c <= high or c == 0 == b]
        else:
            last = b == n_bins - 1
            inside = [i for i, c in enumerate(confidence) if low <= c < high or (last and c == 1)]
        if inside:
            accuracy = Fraction(sum(correct[i] for i in inside), len(inside))
            mean = sum((confidence[i] for i in inside), start=Fraction(0)) / len(inside)
            total += Fraction(len(inside), len(confidence)) * abs(accuracy - mean)
    return total


EDGES = st.integers(1, 20).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(
                st.one_of(
                    st.integers(0, n).map(lambda k: k / n),  # on an edge, as floats round it
                    st.floats(0, 1),
                ),
                st.integers(0, 1),
            ),
            min_size=1,
            max_size=12,
        ),
        st.sampled_from(["right", "left"]),
    )
)


@given(EDGES)
def test_ece_puts_every_confidence_in_the_bin_of_its_exact_value(
    drawn: tuple[int, list[tuple[float, int]], str],
) -> None:
    n_bins, rows, closed = drawn
    confidence, correct = [c for c, _ in rows], [m for _, m in rows]
    stored = [Fraction(c) for c in confidence]
    truth = _ece_by_hand(stored, correct, n_bins, closed)
    value = sua_ref.expected_calibration_error(confidence, correct, n_bins=n_bins, closed=closed)
    assert float(value) == pytest.approx(float(truth), abs=len(rows) * EPS)
    in_fractions = sua_ref.expected_calibration_error(
        exact(stored), correct, n_bins=n_bins, closed=closed
    )
    assert in_fractions == truth


def test_the_float_0_2_lies_above_one_fifth() -> None:
    assert Fraction(0.2) > Fraction(1, 5)
    # (1/5, 2/5] holds the float; the bin [0, 1/5] holds the fraction.
    pair = [0.2, 0.1]
    apart = sua_ref.expected_calibration_error(pair, [1, 0], n_bins=5)
    assert float(apart) == pytest.approx((0.8 + 0.1) / 2, abs=EPS)
    together = exact([Fraction(1, 5), Fraction(1, 10)])
    assert sua_ref.expected_calibration_error(together, [1, 0], n_bins=5) == Fraction(7, 20)


@pytest.mark.parametrize(
    ("confidence", "correct", "n_bins", "closed", "value"),
    [
        ([1.0, 0.95], [0, 1], 10, "right", 0.475),
        ([0.0, 1.0], [0, 1], 10, "right", 0.0),
        ([0.0, 1.0], [0, 1], 10, "left", 0.0),
        ([0.5, 0.75], [1, 0], 2, "right", 0.625),
        ([0.5, 0.75], [1, 0], 2, "left", 0.125),
        ([0.3, 0.9], [1, 0], 2, "right", 0.8),
        ([0.9, 0.8], [1, 0], 1, "right", 0.35),
    ],
)
def test_ece_where_known_libraries_go_wrong(
    confidence: list[float], correct: list[int], n_bins: int, closed: str, value: float
) -> None:
    found = sua_ref.expected_calibration_error(confidence, correct, n_bins=n_bins, closed=closed)
    assert float(found) == pytest.approx(value, abs=4 * EPS)


@given(float_rows())
def test_max_confidence_is_at_least_one_over_v(p: Floats) -> None:
    confidence = float(sua_ref.max_confidence(p))
    assert confidence == max(p)
    assert confidence * len(p) >= 1 - 4 * len(p) * EPS


@given(st.integers(2, 8).flatmap(float_rows))
def test_entropy_confidence_is_one_minus_normalised_entropy(p: Floats) -> None:
    value = float(sua_ref.entropy_confidence(p))
    plain = 1 - float(sua_ref.entropy(p)) / math.log(len(p))
    assert value == pytest.approx(plain, abs=20 * len(p) * EPS)
    assert value >= 0


def test_entropy_confidence_at_the_ends() -> None:
    assert sua_ref.entropy_confidence(np.full(3, 1 / 3)) == 0
    assert float(sua_ref.entropy_confidence([0.0, 1.0])) == pytest.approx(1, rel=CELL_SUM)


def _nll(x: Floats, y: list[int], temperature: float) -> float:
    return float(-np.mean(log_softmax(x / temperature, axis=-1)[range(len(y)), y]))


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 30.0, 3000.0]))
def test_temperature_minimises_the_likelihood(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x = scale * rng.normal(size=(40, 3))
    y = [int(v) for v in rng.integers(0, 3, 40)]
    value, at_boundary = sua_ref.temperature_scale(x, y)
    assert MIN_TEMPERATURE <= value <= MAX_TEMPERATURE
    found = minimize_scalar(
        lambda t: _nll(x, y, math.exp(t)),
        bounds=(math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    # A bounded search stops within its tolerance; the value at our T may not be worse.
    assert _nll(x, y, value) <= found.fun + 1e-9
    assert at_boundary == (value in (MIN_TEMPERATURE, MAX_TEMPERATURE))


def test_separable_labels_are_a_boundary_result() -> None:
    x = np.array([[3.0, 1.0], [0.0, 2.0]])
    assert sua_ref.temperature_scale(x, [0, 1]) == (MIN_TEMPERATURE, True)
    assert sua_ref.temperature_scale(x, [1, 0]) == (MAX_TEMPERATURE, True)
    assert sua_ref.temperature_scale(np.zeros((3, 2)), [0, 1, 0]) == (1.0, False)


def test_fifteen_bins_unless_asked_otherwise() -> None:
    """15 bins part at 14/15: 0.9335 lies above it, and below 15/16 = 0.9375, as 0.92 does."""
    confidence, correct = [0.92, 0.9335], [0, 1]
    default = sua_ref.expected_calibration_error(confidence, correct)
    assert default == pytest.approx((0.92 + 0.0665) / 2, rel=CELL_SUM)
    sixteen = sua_ref.expected_calibration_error(confidence, correct, n_bins=16)
    assert sixteen == pytest.approx((0.92 - 0.0665) / 2, rel=CELL_SUM)


def test_a_label_that_is_never_likeliest_counts_in_the_temperature() -> None:
    """Logits (1, 0, -2), three of four labels right and one the least likely: E x = 1/4."""
    x = np.tile([1.0, 0.0, -2.0], (4, 1))
    t = sua_ref.temperature_scale(x, [0, 0, 0, 2]).value
    powers = np.exp(x[0] / t)
    assert powers @ x[0] / powers.sum() == pytest.approx(0.25, abs=1e-12)


def test_rows_that_are_constant_say_nothing_about_the_temperature() -> None:
    """Each row's own offset is removed first, and the largest float is no obstacle."""
    for rows in ([[1.0, 1.0], [5.0, 5.0]], [[1e308, 1e308], [0.0, 0.0]], [[3.0]]):
        labels = [0] * len(rows)
        assert sua_ref.temperature_scale(rows, labels) == sua_ref.Temperature(1.0, False)


def test_a_slope_that_no_float_shows_is_at_the_boundary() -> None:
    """Balanced labels want T = inf; at T = 1e6 these logits differ by 1e-18."""
    found = sua_ref.temperature_scale([[1e-12, 0.0], [1e-12, 0.0]], [0, 1])
    assert found == sua_ref.Temperature(MAX_TEMPERATURE, True)


def test_logits_without_rows_or_beyond_float64_are_refused() -> None:
    with pytest.raises(ValueError, match=r"logits: shape \(0, 2\); wanted"):
        sua_ref.temperature_scale(np.zeros((0, 2)), [])
    with pytest.raises(ValueError, match="logits: row 1 spans more"):
        sua_ref.temperature_scale([[1.0, 0.0], [1e308, -1e308]], [0, 0])


@given(st.integers(2, 64))
def test_a_one_hot_output_is_wholly_confident(n: int) -> None:
    """Exactly 1, though ``KL(p || uniform)/log n`` rounds beside it at most n."""
    assert sua_ref.entropy_confidence(np.eye(n)[0]) == 1
