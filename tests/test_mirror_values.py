"""The mirror's values: against the reference, against balls, and where single precision is hard."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from tests.mirror_cases import (
    BOUNDS,
    KINDS,
    MIRRORED,
    as_arrays,
    as_ball_arrays,
    as_tensors,
    cases,
    numbers,
    spread,
)
from tests.strategies import Floats, float_rows, logit_pairs
from tests.tolerances import CELL_SUM

LOGIT = [n for n in MIRRORED if n.endswith("_from_logits")]
OFTEN = {"float64": torch.float64, "float32": torch.float32}
TOLERANCE = {"temperature_scale": 1e-6}
"""A fitted temperature is a root: its error is that of the slope over the curvature."""


def _tolerance(name: str, given: dict[str, Any], dtype: torch.dtype) -> float:
    """A few roundings for each label and view; a log-ratio or a logit of size r adds r eps."""
    sizes = [v.shape[-1] for v in given.values() if isinstance(v, np.ndarray) and v.ndim]
    size = max(sizes, default=1)
    return TOLERANCE.get(name, 4 * size * float(torch.finfo(dtype).eps) * spread(given))


def _assert_equal(name: str, ours: Any, truth: Any, tolerance: float, dtype: torch.dtype) -> None:
    pairs = list(zip(numbers(ours), numbers(truth), strict=True))
    assert pairs, name
    beyond = float(torch.finfo(dtype).max)
    for a, b in pairs:
        if isinstance(b, (bool, int)):
            assert a == b, (name, a, b)
        elif abs(b) > beyond / 2:
            assert a == math.copysign(math.inf, b) or a == pytest.approx(b, rel=1e-3), (name, a, b)
        else:
            assert abs(a - b) <= tolerance * (1 + abs(b)), (name, a, b)


@pytest.mark.parametrize("name", [n for n in MIRRORED if n not in BOUNDS])
@given(data=st.data())
def test_values_agree_in_double(name: str, data: st.DataObject) -> None:
    given = data.draw(cases(name))
    tensors = as_tensors(given, torch.float64)
    try:
        truth = getattr(sua_ref, name)(**given)
    except ValueError as refusal:
        with pytest.raises(ValueError, match=re.escape(str(refusal).split(";")[0])):
            getattr(sua_gpu, name)(**tensors)
        return
    ours = getattr(sua_gpu, name)(**tensors)
    _assert_equal(name, ours, truth, _tolerance(name, given, torch.float64), torch.float64)


@pytest.mark.parametrize("name", LOGIT)
@given(data=st.data())
def test_values_from_logits_agree_in_single(name: str, data: st.DataObject) -> None:
    tensors = as_tensors(data.draw(cases(name)), torch.float32)
    seen = as_arrays(tensors)  # the reference sees the very numbers that the tensors hold
    truth = getattr(sua_ref, name)(**seen)
    ours = getattr(sua_gpu, name)(**tensors)
    _assert_equal(name, ours, truth, _tolerance(name, seen, torch.float32), torch.float32)


@pytest.mark.parametrize("name", [n for n in MIRRORED if n not in BOUNDS])
@settings(max_examples=settings().max_examples // 4)  # a sample: balls are slow
@given(data=st.data())
def test_values_lie_beside_the_ball_of_the_exact_inputs(name: str, data: st.DataObject) -> None:
    """Truth without a rounding: 1200 bits, on inputs whose rows sum to 1 exactly."""
    if name == "temperature_scale":
        with pytest.raises(TypeError, match="no exact quantity"):
            sua_ref.temperature_scale(np.array([[arb(0), arb(1)]], dtype=object), [0])
        return
    given = data.draw(cases(name, dyadic=True))
    with ctx.workprec(1200):
        if name == "selective_risk" and not (given["scores"] <= given["tau"]).any():
            reject()  # refused, in both packages
        truth = getattr(sua_ref, name)(**as_ball_arrays(given))
        ours = getattr(sua_gpu, name)(**as_tensors(given, torch.float64))
        tolerance = _tolerance(name, given, torch.float64)
        for a, b in zip(numbers(ours), numbers(truth), strict=True):
            if not isinstance(b, arb):
                assert a == pytest.approx(b, rel=1e-12), (name, a, b)
            elif b.is_finite() and abs(b) < arb(1e308):
                assert b.rad() < arb(1e-200) * (1 + abs(b))  # a wide ball would say nothing
                assert abs(arb(a) - b) <= arb(tolerance) * (1 + abs(b)), (name, a, b)
            else:
                assert abs(a) == math.inf, (name, a, b)


@given(logit_pairs(), st.sampled_from(KINDS))
def test_divergences_in_single_precision_are_never_negative_and_zero_at_equality(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    x, y = (torch.from_numpy(v).float()[None] for v in pair)
    s = sua_gpu.distributional_sensitivity_from_logits(x, y[None], divergence=kind)
    assert bool((s >= 0).all())
    same = sua_gpu.distributional_sensitivity_from_logits(x, x[None], divergence=kind)
    assert bool((same == 0).all())


def _softmax(x: Floats) -> Any:
    top = arb(float(x.max()))
    powers = [arb(0) if v == -math.inf else (arb(float(v)) - top).exp() for v in x]
    total = sum(powers, start=arb(0))
    return np.array([v / total for v in powers], dtype=object)


def _hard_rows(case: str, n: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(n)
    x, noise = 2 * rng.normal(size=n), rng.normal(size=n)
    if case == "-inf":
        x[::10] = -np.inf
        return x, x + 0.1 * noise
    if case == "offset":
        return x + 1e4, x + 0.5 * noise
    if case == "near on offsets":
        return x + 1e4, x - 1e4 + 1e-2 * noise
    return x, x + float(case) * noise


CASES = ["0.5", "1e-2", "1e-3", "1e-5", "offset", "near on offsets", "-inf"]


@pytest.mark.parametrize("n", [3, 50, 4096])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_hard_rows_keep_six_digits_in_single_and_twelve_in_double(
    case: str, kind: str, n: int
) -> None:
    """Where public code is off by factors up to 1e4 (near), or returns NaN (-inf).

    The inputs are exact as stored, so only the arithmetic counts: cells of relative error 10 eps,
    of which total variation's are of either sign of d and lean on ``E_p expm1(z)``, whose sum has
    an error of eps E_p |z|.
    """
    for dtype in (np.float32, np.float64):
        x, y = (v.astype(dtype) for v in _hard_rows(case, n))
        with ctx.workprec(300):
            p, q = _softmax(x.astype(np.float64)), _softmax(y.astype(np.float64))
            truth = float(sua_ref.divergence(p, q, kind=kind).mid())
        logits, views = torch.from_numpy(x), torch.from_numpy(y)[None]
        value = sua_gpu.distributional_sensitivity_from_logits(logits, views, divergence=kind)
        assert float(value) == pytest.approx(truth, rel=2e-6 if dtype is np.float32 else CELL_SUM)


@given(logit_pairs(), st.sampled_from(KINDS), st.sampled_from([1e4, -1e4, 2.0**13]))
def test_an_exact_offset_leaves_every_value(
    pair: tuple[Floats, Floats], kind: str, offset: float
) -> None:
    """Multiples of 1/64 below 2^14 are float32: adding the offset rounds nothing."""
    x, y = (torch.from_numpy(np.round(np.clip(v, -30, 30) * 64) / 64).float() for v in pair)
    plain = sua_gpu.distributional_sensitivity_from_logits(x, y[None], divergence=kind)
    moved = sua_gpu.distributional_sensitivity_from_logits(x + offset, y[None], divergence=kind)
    both = sua_gpu.distributional_sensitivity_from_logits(
        x + offset, y[None] + offset, divergence=kind
    )
    assert torch.equal(plain, moved)
    assert torch.equal(plain, both)
    entropy = sua_gpu.entropy_from_logits(x)
    assert torch.equal(entropy, sua_gpu.entropy_from_logits(x + offset))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_before_anything_else(dtype: torch.dtype) -> None:
    x = torch.linspace(-3, 3, 64).to(dtype)[None]
    value = sua_gpu.entropy_from_logits(x)
    assert value.dtype == torch.float32
    assert torch.equal(value, sua_gpu.entropy_from_logits(x.float()))


def test_single_and_double_in_one_call_are_computed_in_double() -> None:
    x = torch.tensor([0.0, 1.0])
    y = torch.tensor([0.0, 1.0 + 1e-9], dtype=torch.float64)
    value = sua_gpu.kl_divergence_from_logits(x, y)
    p = sua_ref.entropy_from_logits(np.array([0.0, 1.0]))  # p(1 - p) z^2 / 2 to first order
    assert value.dtype == torch.float64
    assert 0 < float(value) < 1e-18 * float(p)


def test_metrics_of_single_precision_scores_tie_and_compare_exactly() -> None:
    """float32 0.1 lies above the double 0.1, float32 0.2 above 1/5; 2^-30 apart is no tie."""
    tenth = torch.tensor([0.1])
    assert bool(sua_gpu.abstain(tenth, 0.1)[0])
    with pytest.raises(ValueError, match="coverage 0"):
        sua_gpu.selective_risk(tenth, torch.tensor([0]), tau=0.1)
    pair = torch.tensor([0.2, 0.1])
    marks = torch.tensor([1, 0])
    found = sua_gpu.expected_calibration_error(pair, marks, n_bins=5)
    assert float(found) == pytest.approx((0.8 + 0.1) / 2, rel=1e-7)
    apart = torch.tensor([1.0, 1.0 + 2.0**-30], dtype=torch.float64)
    assert float(sua_gpu.failure_auroc(apart, torch.tensor([0, 1]))) == 1
    assert float(sua_gpu.failure_auroc(apart.float(), torch.tensor([0, 1]))) == 0.5


@example(2, 1, "right")  # edges that are floats
@example(8, 3, "left")
@given(st.integers(1, 200), st.integers(0, 200), st.sampled_from(["right", "left"]))
def test_a_confidence_beside_an_edge_falls_in_the_bin_of_its_exact_value(
    n_bins: int, k: int, closed: str
) -> None:
    """Two points stand in the bins on either side: the third joins one of them."""
    edge = min(k, n_bins) / n_bins
    beside = [min(max(edge + side / n_bins, 0.0), 1.0) for side in (-0.5, 0.5)]
    for c in (edge, np.nextafter(edge, 0), np.nextafter(edge, 1), np.float64(np.float32(edge))):
        if 0 <= c <= 1:
            points, marks = np.array([c, *beside]), np.array([1, 0, 0])
            truth = sua_ref.expected_calibration_error(points, marks, n_bins=n_bins, closed=closed)
            ours = sua_gpu.expected_calibration_error(
                torch.from_numpy(points), torch.from_numpy(marks), n_bins=n_bins, closed=closed
            )
            assert float(ours) == pytest.approx(float(truth), abs=1e-15)


def test_counts_of_many_scores_are_exact() -> None:
    """2^12 ties of 2^6: products of counts beyond float32, a ratio that is one rounding."""
    scores = torch.arange(2**18) % 2**12
    errors = (torch.arange(2**18) % 3 == 0).long()
    wrong, right = torch.zeros(2, 2**12, dtype=torch.long)
    for group, e in zip(scores.tolist(), errors.tolist(), strict=True):
        (wrong if e else right)[group] += 1
    wins, below = 0, 0
    for w, r in zip(wrong.tolist(), right.tolist(), strict=True):
        wins += w * (2 * below + r)
        below += r
    truth = wins / (2 * int(wrong.sum()) * int(right.sum()))
    assert float(sua_gpu.failure_auroc(scores.float(), errors)) == truth


def test_tiny_losses_survive() -> None:
    logits = torch.tensor([[0.0, -20.0]])
    loss = sua_gpu.task_loss_from_logits(logits, torch.tensor([0]))
    assert loss.item() == pytest.approx(math.exp(-20), rel=1e-6)


def test_a_coefficient_of_zero_switches_its_term_off() -> None:
    p, views = torch.tensor([[1.0, 0.0]]), torch.tensor([[[0.0, 1.0]]])
    loss = sua_gpu.sua_tr_loss(p, views, torch.tensor([0]), lam=1.0, a=0.0, b=0.0, divergence="kl")
    assert loss.item() == 0


@given(float_rows(4))
def test_validation_can_be_switched_off_and_changes_no_value(p: Floats) -> None:
    t = torch.from_numpy(p)
    assert torch.equal(sua_gpu.entropy(t), sua_gpu.entropy(t, validate=False))
