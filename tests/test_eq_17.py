"""Equation (17): what its stop-gradient does, against automatic differentiation."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
from proofs_checks import balls, eq_17, stop_gradient
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from tests.planted import survivors

VERDICTS = {
    "eq_17.side": Verdict.REFUTED,
    "eq_17.no_collapse": Verdict.REFUTED,
    "eq_17.ascent": Verdict.REFUTED,
    "eq_17.reference_side": Verdict.PROVED,
    "eq_17.half": Verdict.PROVED,
}


def test_the_verdicts() -> None:
    judged = {c.id: check_claim(c).judgement for c in select("eq_17")}
    assert {name: j.verdict for name, j in judged.items()} == VERDICTS
    assert {j.grade for j in judged.values()} == {"checked"}


def _loss(theta: torch.Tensor, inputs: torch.Tensor, kind: str, stop: str) -> torch.Tensor:
    """(17) for two-class logits (theta x, 0), over both orders of a pair of inputs."""
    z = inputs[:, None] * theta
    logits = torch.cat([z, torch.zeros_like(z)], dim=1)
    return sua_gpu.consistency_loss_from_logits(
        logits, logits.flip(0)[:, None, :], divergence=kind, stop_gradient=stop
    )


def _slope(theta: float, inputs: tuple[float, float], kind: str, stop: str) -> float:
    t = torch.tensor([theta], dtype=torch.float64, requires_grad=True)
    value = _loss(t, torch.tensor(inputs, dtype=torch.float64), kind, stop)
    return float(torch.autograd.grad(value, t)[0])


@given(st.fractions(Fraction(1, 4), 3, max_denominator=8))
def test_the_closed_derivatives_are_those_of_the_code(theta: Fraction) -> None:
    t = balls.ball(theta)
    for stop, closed in (
        ("perturbed", stop_gradient.printed_derivative),
        ("none", stop_gradient.full_derivative),
    ):
        # Derivatives of size up to 10, computed through some 50 roundings.
        assert _slope(float(theta), stop_gradient.INPUTS, "kl", stop) == pytest.approx(
            float(closed(t)), abs=1e-13
        )


def test_the_recorded_numbers() -> None:
    theta = balls.ball(stop_gradient.THETA)
    assert float(stop_gradient.printed_derivative(theta)) == pytest.approx(-0.16102, abs=1e-5)
    assert float(stop_gradient.full_derivative(theta)) == pytest.approx(0.02202, abs=1e-5)


@pytest.mark.parametrize("kind", ["jsd", "tv", "hellinger2"])
@given(
    theta=st.floats(0.1, 3),
    first=st.floats(-3, 3),
    second=st.floats(-3, 3),
    stop=st.sampled_from(["perturbed", "clean"]),
)
def test_for_symmetric_divergences_it_halves_the_gradient(
    kind: str, theta: float, first: float, second: float, stop: str
) -> None:
    full = _slope(theta, (first, second), kind, "none")
    assert _slope(theta, (first, second), kind, stop) == pytest.approx(
        full / 2, rel=1e-9, abs=1e-12
    )


def test_for_kl_it_does_not() -> None:
    """Control: the hypothesis of symmetry is needed."""
    printed = _slope(1.4, (1.0, 3.0), "kl", "perturbed")
    assert printed < 0 < _slope(1.4, (1.0, 3.0), "kl", "none")
    assert eq_17.half() == []


def test_the_perturbed_side_gets_no_gradient_and_the_uniform_predictor_none_at_all() -> None:
    x = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    y = torch.tensor([[[0.0, 1.0, 2.0]]], dtype=torch.float64, requires_grad=True)
    loss = sua_gpu.consistency_loss_from_logits(x, y, divergence="kl")
    reached = [g is not None for g in torch.autograd.grad(loss, (x, y), allow_unused=True)]
    assert reached == [True, False]
    for kind in ("kl", "jsd", "tv", "chi2", "hellinger2"):
        same = sua_gpu.consistency_loss_from_logits(
            x, torch.zeros(1, 1, 3).double(), divergence=kind
        )
        assert same.item() == 0
        assert torch.autograd.grad(same, x)[0].abs().max() == 0


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=2, max_size=5))
def test_with_the_reference_stopped_descent_moves_the_perturbed_output_to_it(
    pairs: list[tuple[float, float]],
) -> None:
    x, y = torch.tensor(pairs, dtype=torch.float64).T.contiguous().requires_grad_()
    loss = sua_gpu.consistency_loss_from_logits(
        x[None, :], y[None, None, :], divergence="kl", stop_gradient="clean"
    )
    to_x, to_y = torch.autograd.grad(loss, (x, y), allow_unused=True)
    assert to_x is None or not to_x.any()
    q, there = x.softmax(-1), y.softmax(-1)
    # A dozen roundings of numbers below 1.
    assert torch.allclose(-to_y, q - there, rtol=0, atol=1e-14)


def test_planted_faults_of_the_descent_are_refused() -> None:
    assert survivors(eq_17.DESCENT) == []


def test_a_smaller_theta_does_not_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    """At theta = 1/2 the two derivatives agree in sign, and the evidence says so."""
    monkeypatch.setattr(stop_gradient, "THETA", Fraction(1, 2))
    assert stop_gradient.derivative_signs() == ["printed: false"]
    assert stop_gradient.step_ascends() != []
