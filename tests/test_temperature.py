"""Temperature scaling on cases with a known answer, boundaries among them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from paper_repro.temperature import fit_temperature


def _drawn(seed: int, n: int, v: int, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(scale * rng.normal(size=(n, v))), torch.from_numpy(
        rng.integers(v, size=n)
    )


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(2, 5), st.floats(0.1, 300))
def test_no_other_temperature_is_likelier(seed: int, n: int, v: int, scale: float) -> None:
    x, y = _drawn(seed, n, v, scale)
    fitted = fit_temperature(x, y)
    assume(not fitted.at_boundary)

    def nll(log_t: float) -> float:
        return float(torch.nn.functional.cross_entropy(x * math.exp(-log_t), y))

    assert fitted.nll == pytest.approx(nll(math.log(fitted.value)), rel=1e-9)
    centre = math.log(fitted.value)
    best = minimize_scalar(nll, bounds=(centre - 4, centre + 4), method="bounded")
    assert fitted.nll <= best.fun * (1 + 1e-12) + 1e-15


def test_sharpened_logits_are_flattened_by_the_factor_that_sharpened_them() -> None:
    rng = np.random.default_rng(0)
    true = torch.from_numpy(rng.normal(size=(20_000, 4)))
    noise = torch.from_numpy(rng.gumbel(size=(20_000, 4)))
    y = (true + noise).argmax(-1)  # a draw from softmax(true)
    calibrated = fit_temperature(true, y).value
    assert calibrated == pytest.approx(1, abs=0.05)
    assert fit_temperature(100 * true, y).value == pytest.approx(100 * calibrated, rel=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(2, 5))
def test_separable_rows_have_temperature_exactly_0(seed: int, n: int, v: int) -> None:
    x, _ = _drawn(seed, n, v, 1.0)
    fitted = fit_temperature(x, x.argmax(-1))
    assert (fitted.value, fitted.nll, fitted.at_boundary) == (0.0, 0.0, True)


def test_a_tie_at_the_top_costs_its_logarithm() -> None:
    fitted = fit_temperature(torch.tensor([[1.0, 1.0, 0.0], [2.0, 0.0, 0.0]]), torch.tensor([1, 0]))
    assert fitted.value == 0
    assert fitted.nll == pytest.approx(math.log(2) / 2)


def test_labels_that_the_logits_speak_against_want_an_infinite_temperature() -> None:
    x = torch.tensor([[1.0, 0.0, -1.0], [3.0, 0.0, 0.0]])
    fitted = fit_temperature(x, x.argmin(-1))
    assert fitted.value == math.inf
    assert fitted.nll == pytest.approx(math.log(3))


@given(st.integers(0, 10**6), st.integers(2, 20), st.integers(2, 4))
def test_an_option_that_does_not_exist_is_as_good_as_left_out(seed: int, n: int, v: int) -> None:
    x, y = _drawn(seed, n, v, 1.0)
    absent = torch.cat([x, torch.full((n, 1), -torch.inf, dtype=x.dtype)], 1)
    one, other = fit_temperature(x, y), fit_temperature(absent, y)
    assert (one.value, one.nll) == pytest.approx((other.value, other.nll), rel=1e-9)


def test_rows_may_have_other_numbers_of_options() -> None:
    """Two options with the right one first, and three with the wrong one first: uniform is best,
    log 2 and log 3."""
    x = torch.tensor([[0.0, 1.0, -torch.inf], [3.0, 0.0, 0.0]])
    fitted = fit_temperature(x, torch.tensor([0, 2]))
    assert fitted.value == math.inf
    assert fitted.nll == pytest.approx(math.log(6) / 2)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (
            torch.tensor([[0.0, -torch.inf]]),
            torch.tensor([1]),
            "logits: row 0 has -inf at its label",
        ),
        (torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), r"logits: shape \(0, 3\)"),
        (torch.zeros(2, 3), torch.tensor([0, 3]), "labels"),
        (torch.tensor([[0.0, torch.nan]]), torch.tensor([0]), "logits: entry"),
    ],
)
def test_bad_input_is_named(x: torch.Tensor, y: torch.Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_temperature(x, y)
