"""The margin curve: accurate, rigorous, decreasing, and the same by another route in torch."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import brentq

import sua_gpu
import sua_ref
from tests.tolerances import CELL_SUM, few_ulps

LOG_2 = math.log(2)
LEVELS = st.one_of(
    st.floats(0, LOG_2),
    st.builds(lambda k: LOG_2 * (1 - 10.0**-k), st.integers(1, 17)),
    st.builds(lambda k: 10.0**-k, st.integers(1, 320)),
)


@given(LEVELS)
@example(LOG_2)
@example(float(np.nextafter(LOG_2, 0)))
@example(0.0)
def test_it_keeps_its_digits_in_float64(h: float) -> None:
    value = float(sua_ref.margin_bound(h))
    with ctx.workprec(256):
        sharp = sua_ref.margin_bound(arb(h))
        # log 2 - h is rounded once, and the curve is at most linear in it, relatively.
        assert abs(arb(value) - sharp) <= (CELL_SUM + few_ulps(2)) * sharp


@given(st.floats(1e-6, LOG_2 - 1e-6))
def test_it_is_one_less_twice_the_inverse_of_binary_entropy(h: float) -> None:
    def above(e: float) -> float:
        return -e * math.log(e) - (1 - e) * math.log1p(-e) - h

    e = brentq(above, 1e-12, 0.5, xtol=1e-15, rtol=8.9e-16)
    # The root errs by the rounding of h, 4 eps, over the slope of h(e), at least 2 sqrt(2e-6).
    assert sua_ref.margin_bound(h) == pytest.approx(1 - 2 * e, abs=few_ulps(16) / 1e-3)


@given(LEVELS, LEVELS)
def test_it_decreases(a: float, b: float) -> None:
    low, high = sua_ref.margin_bound([min(a, b), max(a, b)])
    assert 0 <= high <= low <= 1


@given(st.floats(0, 1), st.sampled_from([0.0, 1e-9, 0.01, 0.3]), st.floats(-1, 1))
def test_a_ball_encloses_it_at_every_point(middle: float, radius: float, share: float) -> None:
    ball = arb(middle, radius)
    point = max(middle + share * radius, 0.0)
    if ball.contains(arb(point)):
        wide = sua_ref.margin_bound(ball)
        with ctx.workprec(160):
            assert wide.contains(sua_ref.margin_bound(arb(point)))


def test_hand_computed_values() -> None:
    quarter = -0.25 * math.log(0.25) - 0.75 * math.log(0.75)
    assert sua_ref.margin_bound(quarter) == pytest.approx(0.5, rel=few_ulps(32))
    assert sua_ref.margin_bound([0.0, LOG_2 + 1e-15, 5.0, math.inf]).tolist() == [1, 0, 0, 0]
    assert sua_ref.margin_bound(np.zeros((2, 3))).shape == (2, 3)


@pytest.mark.parametrize(
    ("h", "error", "said"),
    [
        ([0.1, -0.1], ValueError, "h: row 1 is -0.1"),
        (float("nan"), ValueError, "h: row 0 is nan"),
        (np.array([Fraction(1, 2)], dtype=object), TypeError, "an entropy"),
    ],
)
def test_bad_input_is_refused(h: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        sua_ref.margin_bound(h)


# --- the mirror -----------------------------------------------------------------------------------


@given(st.lists(LEVELS, min_size=1, max_size=5))
@example([0.0, LOG_2, 1.0])
def test_the_mirror_agrees_in_double(levels: list[float]) -> None:
    ours = sua_ref.margin_bound(levels)
    theirs = sua_gpu.margin_bound(torch.tensor(levels, dtype=torch.float64)).numpy()
    # Beside log 2 the tilt of the two labels is sought to an absolute 1e-16.
    assert np.abs(ours - theirs).max() <= 1e-14


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_lower_precision_is_computed_in_single(dtype: torch.dtype) -> None:
    h = torch.tensor([0.0, 0.1, 0.5, 0.6875, 2.0], dtype=dtype)
    value = sua_gpu.margin_bound(h)
    assert value.dtype == torch.float32
    truth = sua_ref.margin_bound(h.double().numpy())
    assert np.abs(value.numpy() - truth).max() <= 64 * torch.finfo(torch.float32).eps


@given(st.floats(0.01, 0.68))
def test_the_gradient_is_that_of_the_inverse(h: float) -> None:
    x = torch.tensor(h, dtype=torch.float64, requires_grad=True)
    sua_gpu.margin_bound(x).backward()  # type: ignore[no-untyped-call]
    e = (1 - float(sua_ref.margin_bound(h))) / 2
    assert x.grad is not None
    assert float(x.grad) == pytest.approx(-2 / math.log((1 - e) / e), rel=1e-10)
    step = 1e-6
    rise = float(sua_ref.margin_bound(h + step) - sua_ref.margin_bound(h - step))
    # Central differences: the third derivative is below 1e6 here, and rounding costs 1e-10.
    assert float(x.grad) == pytest.approx(rise / (2 * step), rel=1e-5)


def test_the_gradient_is_zero_from_log_2_on() -> None:
    x = torch.tensor([0.7, 2.0], dtype=torch.float64, requires_grad=True)
    sua_gpu.margin_bound(x).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]


def test_the_mirror_refuses_the_same_input() -> None:
    with pytest.raises(ValueError, match="h: row 1 is -0"):
        sua_gpu.margin_bound(torch.tensor([0.1, -0.1]))
    with pytest.raises(ValueError, match="nan"):
        sua_gpu.margin_bound(torch.tensor(float("nan")))
    assert sua_gpu.margin_bound(torch.tensor([-0.1]), validate=False).shape == (1,)
