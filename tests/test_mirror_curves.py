"""Curves and guarantees in torch: values of the reference, gradients, the same decisions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import assume, given
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from sua_gpu import sec5_guarantees
from sua_ref.binomial import counts
from tests.strategies import Floats, scored
from tests.test_sec4_curves import KINDS, TOP, entropies, levels

DTYPES = [torch.float64, torch.float32]


def eps(dtype: torch.dtype) -> float:
    return float(torch.finfo(dtype).eps)


def below(value: float, top: float, dtype: torch.dtype) -> torch.Tensor:
    """The nearest number of the dtype, kept below a top that it may have rounded up to."""
    x = torch.tensor(value, dtype=dtype)
    while float(x) >= top:
        x = torch.nextafter(x, torch.zeros_like(x))
    return x


@given(st.data(), st.sampled_from(KINDS), st.sampled_from(DTYPES))
def test_curves_agree_with_the_reference(
    data: st.DataObject, kind: str, dtype: torch.dtype
) -> None:
    d = below(data.draw(levels(min(TOP[kind], 1e6))), TOP[kind], dtype)
    truth = float(sua_ref.total_variation_bound(float(d), kind=kind))
    value = sua_gpu.total_variation_bound(d, kind=kind)
    assert value.dtype == dtype
    # KL is sought in log t, up to 20 in size: 20 eps, and a few more roundings.
    assert float(value) == pytest.approx(truth, rel=32 * eps(dtype))


@given(entropies(), st.sampled_from(DTYPES))
def test_error_bounds_agree_with_the_reference(case: tuple[float, int], dtype: torch.dtype) -> None:
    h, n = below(case[0], math.log(case[1]), dtype), case[1]
    assume(float(h) == 0 or float(h) > 1e3 * torch.finfo(dtype).tiny)  # no subnormal answers
    truth = sua_ref.error_bounds(float(h), n)
    for value, expected in zip(sua_gpu.error_bounds(h, n), truth, strict=True):
        # The tilt, about -log e, is up to 100 here and rounds to eps of itself.
        assert float(value) == pytest.approx(float(expected), rel=128 * eps(dtype))


@given(entropies())
def test_error_bounds_keep_12_digits_against_balls(case: tuple[float, int]) -> None:
    h, n = case
    assume(h == 0 or h > 1e-300)  # no subnormal answers
    values = sua_gpu.error_bounds(torch.tensor(h, dtype=torch.float64), n)
    with ctx.workprec(200):
        for value, ball in zip(values, sua_ref.error_bounds(arb(h), n), strict=True):
            assert abs(arb(float(value)) - ball) <= 1e-12 * abs(ball)


@pytest.mark.parametrize("kind", ["kl", "reverse_kl", "jsd", "hellinger2", "chi2"])
def test_curves_have_the_derivative_of_the_inverse_function(kind: str) -> None:
    x = torch.tensor([1e-3, 0.05, 0.3, 0.6], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda d: sua_gpu.total_variation_bound(d, kind=kind), (x,))
    if kind in ("kl", "chi2"):
        y = torch.tensor([1.5, 4.0], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda d: sua_gpu.total_variation_bound(d, kind=kind), (y,))


@pytest.mark.parametrize("n", [2, 4, 1000])
def test_error_bounds_have_the_derivative_of_the_inverse_function(n: int) -> None:
    h = torch.tensor([1e-3, 0.3, 0.5], dtype=torch.float64)
    h = torch.cat([h, math.log(n) - h[1:]]).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: sua_gpu.error_bounds(x, n), (h,))


def test_gradients_at_the_ends_are_infinite_or_zero_and_never_nan() -> None:
    for kind, top in [("jsd", math.log(2)), ("kl", math.inf)]:
        d = torch.tensor([0.0, top], dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad(sua_gpu.total_variation_bound(d, kind=kind).sum(), d)
        assert gradient.tolist() == [math.inf, 0.0]
    d = torch.tensor([4.0, math.inf], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(sua_gpu.total_variation_bound(d, kind="chi2").sum(), d)
    assert gradient.tolist() == pytest.approx([1 / 25, 0.0])


def test_ends_shapes_and_half_precision() -> None:
    ends = {"kl": math.inf, "jsd": math.log(2), "hellinger2": 1.0, "chi2": math.inf, "tv": 1.0}
    for kind, top in ends.items():
        x = torch.tensor([[0.0, top]], dtype=torch.float64)
        assert sua_gpu.total_variation_bound(x, kind=kind).tolist() == [[0.0, 1.0]]
    half = torch.tensor([0.5], dtype=torch.float16)
    assert sua_gpu.total_variation_bound(half, kind="kl").dtype == torch.float32
    low, high = sua_gpu.error_bounds(torch.zeros(2, 3), 1)
    assert low.tolist() == high.tolist() == [[0.0] * 3] * 2
    assert [float(e) for e in sua_gpu.error_bounds(0.0, 5)] == [0.0, 0.0]


@given(st.integers(1, 100), st.floats(0, 1))
def test_smoothing_factors_agree(n: int, alpha: float) -> None:
    truth = float(sua_ref.smoothing_factor(n, alpha))
    x = torch.tensor(alpha, dtype=torch.float64)
    assert float(sua_gpu.smoothing_factor(n, x)) == pytest.approx(truth, rel=8 * eps(x.dtype))
    assert float(sua_gpu.smoothing_factor(n, alpha)) == float(sua_gpu.smoothing_factor(n, x))


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
    st.floats(0.01, 0.99),
    st.sampled_from(["hoeffding", "bernstein"]),
    st.sampled_from([1.0, math.log(2)]),
)
def test_sensitivity_bounds_agree(
    shares: list[float], confidence: float, method: str, d_max: float
) -> None:
    z = np.array([shares, shares[::-1]]) * d_max
    truth = sua_ref.sensitivity_upper_bound(z, confidence=confidence, method=method, d_max=d_max)
    value = sua_gpu.sensitivity_upper_bound(
        torch.from_numpy(z), confidence=confidence, method=method, d_max=d_max
    )
    # The two variances round apart by eps of the samples squared.
    assert value.numpy() == pytest.approx(truth, rel=1e-13, abs=1e-15)
    assert bool((value <= d_max).all())


def test_a_sensitivity_bound_has_a_gradient_even_without_spread() -> None:
    z = torch.tensor([[0.25] * 400, [0.0, 0.5] * 200], dtype=torch.float64, requires_grad=True)
    bound = sua_gpu.sensitivity_upper_bound(z, confidence=0.5, d_max=1.0)
    assert bool((bound < 1).all())
    (gradient,) = torch.autograd.grad(bound.sum(), z)
    assert bool(gradient.isfinite().all())
    assert gradient[0].tolist() == pytest.approx([1 / 400] * 400)


@given(
    scored(),
    st.sampled_from(["clopper-pearson", "crc"]),
    st.sampled_from(["fixed_sequence", "bonferroni"]),
    st.sampled_from([0.1, 0.25, 0.5, Fraction(1, 3)]),
    st.sampled_from([0.05, 0.25, 0.5, Fraction(3, 4)]),
)
def test_thresholds_agree_with_the_reference(
    case: tuple[Floats, Any], method: str, correction: str, risk: Any, confidence: Any
) -> None:
    asked: dict[str, Any] = {
        "target_risk": risk, "confidence": confidence, "method": method, "correction": correction,
        "grid": [0.25, -1.5, 1.0, math.inf, 0.0],
    }  # fmt: skip
    scores, errors = case
    ours = sua_gpu.choose_threshold(torch.from_numpy(scores), torch.from_numpy(errors), **asked)
    truth = sua_ref.choose_threshold(scores, errors, **asked)
    assert type(ours) is type(truth)
    if isinstance(truth, sua_ref.Threshold):  # which of two equal failures came closest may differ
        for name in ("tau", "coverage", "n", "answered", "errors", "confidence", "correction"):
            assert getattr(ours, name) == getattr(truth, name), name
        if truth.p_value is not None and ours.p_value is not None:
            assert truth.p_value <= ours.p_value <= truth.p_value * (1 + 1e-9)
            assert truth.upper_limit <= ours.upper_limit <= truth.upper_limit + 1e-9


@given(st.integers(1, 2000), st.data())
def test_doubles_enclose_the_tail(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    r = Fraction(data.draw(st.floats(0, 1, exclude_max=True)))
    low, high = sec5_guarantees._tail(n, k, r)
    exact = counts([(n, k)])[0].tail(r)
    # The reference's decimals are right to 1e-40, these to the error that they claim.
    assert Fraction(low) <= Fraction(exact.high)
    assert Fraction(exact.low) <= Fraction(high)
    assert high - low <= 1e-7 * high + 1e-300


def test_a_close_call_is_decided_in_integers() -> None:
    """At a level equal to the tail itself no double can tell; one part in 1e30 below, it fails."""
    n, k, r = 400, 20, Fraction(1, 10)
    tail = counts([(n, k)])[0].tail_exactly(r)
    scores, errors = torch.zeros(n), torch.tensor([1] * k + [0] * (n - k))
    for level, passes in [(tail, True), (tail * (1 - Fraction(1, 10**30)), False)]:
        for package, s, e in [(sua_gpu, scores, errors), (sua_ref, scores.numpy(), errors.numpy())]:
            found = package.choose_threshold(s, e, target_risk=r, confidence=1 - level, grid=[0.0])
            assert isinstance(found, sua_ref.Threshold) == passes


def test_single_precision_scores_are_compared_exactly() -> None:
    scores = torch.tensor([0.1, 0.2], dtype=torch.float32)  # 0.1 in single lies above 0.1 in double
    errors = torch.tensor([False, True])
    found = sua_gpu.choose_threshold(
        scores, errors, target_risk=0.5, confidence=0.5, grid=[0.1, 0.11], correction="bonferroni"
    )
    assert isinstance(found, sua_ref.Infeasible)
    assert found.answered == 1  # at 0.11; its p-value, 1/2, is above 1/4
    alone = sua_gpu.choose_threshold(
        scores, errors, target_risk=0.9, confidence=0.5, grid=[0.1], method="crc"
    )
    assert alone.answered == 0


VALUE = torch.tensor([0.1, 0.8])
tv_bound, upper_bound = sua_gpu.total_variation_bound, sua_gpu.sensitivity_upper_bound


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: tv_bound(VALUE, kind="jsd"), ValueError, r"value: row 1 is 0\.8"),
        (lambda: tv_bound(-VALUE, kind="kl"), ValueError, "value: row 0 is -0"),
        (lambda: tv_bound(VALUE * math.nan, kind="kl"), ValueError, "row 0 is nan"),
        (lambda: tv_bound(VALUE, kind="js"), ValueError, "kind: 'js'"),
        (lambda: tv_bound([0.1], kind="kl"), TypeError, "value: a torch tensor or a number"),  # type: ignore[arg-type]  # what is tested
        (lambda: sua_gpu.error_bounds(VALUE, 2), ValueError, r"h: row 1 is 0\.8.*\[0, 0\.69"),
        (lambda: sua_gpu.error_bounds(VALUE, 0), ValueError, "n: 0 is below 1"),
        (lambda: sua_gpu.smoothing_factor(2, VALUE + 1), ValueError, r"alpha: row 0 is 1\.1"),
        (lambda: sua_gpu.smoothing_factor(2, 1 + 1e-13), ValueError, r"alpha: row 0 is 1\.0000"),
        (lambda: sua_gpu.smoothing_factor(2.0, VALUE), TypeError, "n: an integer wanted"),  # type: ignore[arg-type]  # what is tested
        (lambda: upper_bound(VALUE, confidence=0.9, d_max=0.5), ValueError, "samples: row 1"),
        (lambda: upper_bound(VALUE[:1], confidence=0.9, d_max=1.0), ValueError, "K >= 2"),
        (lambda: upper_bound(VALUE, confidence=1.0, d_max=1.0), ValueError, "confidence: 1"),
        (lambda: upper_bound(VALUE, confidence=0.5, d_max=0.0), ValueError, "d_max: 0"),
        (lambda: threshold(scores=VALUE * math.nan), ValueError, "scores: row 0 is nan"),
        (lambda: threshold(errors=torch.tensor([0, 2])), ValueError, "errors: row 1 is 2"),
        (lambda: threshold(errors=torch.tensor([0])), ValueError, r"errors: shape \(1,\)"),
        (lambda: threshold(grid=[]), ValueError, "grid: a vector"),
        (lambda: threshold(grid=[math.nan]), ValueError, "grid: row 0 is nan"),
        (lambda: threshold(target_risk=1), ValueError, "target_risk: 1 is not below 1"),
        (lambda: threshold(target_risk=math.nan), ValueError, "target_risk: nan"),
        (lambda: threshold(confidence=None), TypeError, "confidence: a real number"),
        (lambda: threshold(confidence=1.0), ValueError, "confidence: 1"),
        (lambda: threshold(method="ltt"), ValueError, "method: 'ltt'"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(
    call: Callable[[], Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        call()


def threshold(**arguments: Any) -> Any:
    fine = {"scores": VALUE, "errors": torch.tensor([0, 1]), "target_risk": 0.5, "confidence": 0.9}
    return sua_gpu.choose_threshold(**{**fine, "grid": [0.1], **arguments})
