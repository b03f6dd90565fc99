"""The truths in balls, and the error bounds: derived, and held by every function on drawn rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from paper_repro import crosscheck, error_bounds, hard_inputs
from paper_repro.ball_truth import INFINITY, of_logits, of_probabilities
from paper_repro.crosscheck_rows import Row
from paper_repro.expected import KINDS, SPECS, of_rows
from sua_ref.sec2_information import divergence_of, entropy_of
from tests.strategies import Floats, as_balls, float_pairs, logit_pairs

CPU = torch.device("cpu")
LOGITS = "_from_logits"
NAMES = [name for name in sua_gpu.__all__ if name.removesuffix(LOGITS) in SPECS]

# --- the truth ------------------------------------------------------------------------------------


def _same(mine: Any, theirs: Any) -> bool:
    return bool(mine == INFINITY and theirs == INFINITY) or bool(mine.overlaps(theirs))


@given(logit_pairs())
def test_the_truth_from_logits_is_the_reference_on_balls(pair: tuple[Floats, Floats]) -> None:
    x, y = pair
    truth = of_logits(x.tolist(), y.tolist(), 0)
    a, b = (np.array([arb.neg_inf() if v == -np.inf else arb(v) for v in row]) for row in pair)
    with ctx.workprec(256):
        assert _same(truth.entropy[0], sua_ref.entropy_from_logits(a))
        assert _same(truth.largest[1], sua_ref.max_confidence_from_logits(b))
        for kind in KINDS:
            value = sua_ref.distributional_sensitivity_from_logits(a, b[None], divergence=kind)
            assert _same(truth.divergence[kind][0], value), kind


@given(float_pairs())
def test_the_truth_from_probabilities_is_the_reference_on_balls(
    pair: tuple[Floats, Floats],
) -> None:
    p, q = pair
    truth = of_probabilities(p.tolist(), q.tolist(), 0)
    # The rows of floats sum to 1 only up to rounding: the cells are compared, unvalidated.
    a, b = as_balls(p), as_balls(q)
    with ctx.workprec(256):
        assert _same(truth.entropy[1], entropy_of(b))
        for kind in KINDS:
            assert _same(truth.divergence[kind][0], divergence_of(a, b, kind)), kind
            assert _same(truth.divergence[kind][1], divergence_of(b, a, kind)), kind


# --- the bounds -----------------------------------------------------------------------------------


def _hold(x: Floats, y: Floats, dtype: torch.dtype, *, logits: bool) -> None:
    """Every function on one drawn pair of rows."""
    rounded = torch.from_numpy(x).to(dtype), torch.from_numpy(y).to(dtype)
    one = of_rows("drawn", *rounded, 0, CPU, logits=logits)
    for name in NAMES:
        if name.endswith(LOGITS) == logits:
            row = Row(name, str(dtype), "cpu", len(x))
            crosscheck.check(name, [one], row)
            assert row.ok, (name, row.input, row.worst_error, row.bound)


@pytest.mark.parametrize("dtype", crosscheck.DTYPES, ids=str)
@given(pair=logit_pairs())
def test_the_derived_bounds_hold_from_logits(
    dtype: torch.dtype, pair: tuple[Floats, Floats]
) -> None:
    _hold(*pair, dtype, logits=True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@given(pair=float_pairs())
def test_the_derived_bounds_hold_from_probabilities(
    dtype: torch.dtype, pair: tuple[Floats, Floats]
) -> None:
    _hold(*pair, dtype, logits=False)


def test_a_mean_may_overflow_on_the_way_to_a_finite_value() -> None:
    """chi2 is 2.8e308, past the floats; half of it, the mean over two views, is not."""
    x, y = np.array([1e-310, 1.0]), np.array([1.0, 5.0]) / 6
    assert math.isfinite(
        float(of_probabilities(y.tolist(), x.tolist(), 0).divergence["chi2"][0] / 2)
    )
    _hold(x, y, torch.float64, logits=False)


def test_the_mass_far_from_equality_enters_the_log_ratio_exactly() -> None:
    """A label of 1.7e-5 that only one row allows: dropping its second order cost 1.7e-5 of TV."""
    x, y = np.array([0.0, 11.0]), np.array([-math.inf, 11.0])
    _hold(x, y, torch.float32, logits=True)


@given(logit_pairs(), st.sampled_from(KINDS))
def test_a_bound_is_zero_where_the_truth_is_and_finite_where_it_is(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    at = error_bounds.precision(True, len(pair[0]))
    conditions = error_bounds.of_logits(*pair, at)
    assert error_bounds.divergence_error(kind, 0.0, conditions, at) == 0
    truth = of_logits(pair[0].tolist(), pair[1].tolist(), 0).divergence[kind][0]
    if truth.is_finite() and 0 < float(truth) < 1e30:
        bound = error_bounds.divergence_error(kind, float(truth), conditions, at)
        assert 0 < bound < math.inf


@pytest.mark.parametrize("kind", ["kl", "reverse_kl", "jsd", "tv", "hellinger2"])
@pytest.mark.parametrize("name", [n for n in hard_inputs.CASES if n.startswith("nearly equal")])
def test_nearly_equal_rows_are_bounded_relative_to_the_divergence_however_small(
    kind: str, name: str
) -> None:
    """Single precision at V = 32000: at most 1.3e-5 for any d, TV at d = 1e-5 included, where a
    plain difference of softmaxes is off by 1e-2. The algorithm itself is below 4e-7 there."""
    x, y = (row.astype(np.float32) for row in hard_inputs.logit_rows(name, 32000, 0, edge=-87.0))
    at = error_bounds.precision(True, 32000)
    conditions = error_bounds.of_logits(x.astype(float), y.astype(float), at)
    truth = of_logits(x.astype(float).tolist(), y.astype(float).tolist(), 0).divergence[kind][0]
    assert error_bounds.divergence_error(kind, float(truth), conditions, at) < 1.3e-5 * truth
    value = sua_gpu.distributional_sensitivity_from_logits(
        torch.from_numpy(x), torch.from_numpy(y)[None], divergence=kind
    )
    assert float(value) == pytest.approx(float(truth), rel=1e-6, abs=0)


@pytest.mark.parametrize("seed", range(20))
def test_what_a_shift_loses_is_put_back_into_its_power(seed: int) -> None:
    """e^-40 in single precision: the rounding of the shift alone, 40 u, is 2.4e-6."""
    x, y = (
        row.astype(np.float32) for row in hard_inputs.logit_rows("one-hot", 2, seed, edge=-87.0)
    )
    truth = of_logits(x.astype(float).tolist(), y.astype(float).tolist(), 0)
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    assert float(sua_gpu.entropy_from_logits(a)) == pytest.approx(
        float(truth.entropy[0]), rel=1e-6, abs=0
    )
    value = sua_gpu.total_variation_from_logits(a, b)
    assert float(value) == pytest.approx(float(truth.divergence["tv"][0]), rel=1e-6, abs=0)


def test_single_precision_keeps_six_digits_at_the_largest_vocabularies() -> None:
    """V = 128000, where float32 row sums and ``log_softmax`` lost two digits (3e-5)."""
    x, y = (
        row.astype(np.float32)
        for row in hard_inputs.logit_rows("nearly equal, d = 1e-2", 128000, 0, edge=-87.0)
    )
    truth = of_logits(x.astype(float).tolist(), y.astype(float).tolist(), 0)
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    for kind in KINDS:
        value = sua_gpu.distributional_sensitivity_from_logits(a, b[None], divergence=kind)
        assert float(value) == pytest.approx(float(truth.divergence[kind][0]), rel=1e-6, abs=0), (
            kind
        )
    assert float(sua_gpu.entropy_from_logits(a)) == pytest.approx(
        float(truth.entropy[0]), rel=1e-6, abs=0
    )
