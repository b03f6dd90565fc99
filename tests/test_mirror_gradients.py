"""Derivatives of the mirror: every differentiable function, and what training relies on."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import sua_gpu
from tests.mirror_cases import BOUNDS, KINDS, MIRRORED, Scene, Seeded, as_tensors, keywords

_DECISION = "returns a decision"
_COUNT = "counts and ranks: piecewise constant in the scores"
_RELAXED = {"validate": False}
NOT_DIFFERENTIABLE = {
    "abstain": _DECISION,
    "ambiguity_collapse": _DECISION,
    "failure_signature": _DECISION,
    "is_distributionally_robust": _DECISION,
    "is_label_invariant": _DECISION,
    "is_pointwise_robust": _DECISION,
    "is_semantics_preserving": _DECISION,
    "accuracy": _COUNT,
    "ambiguity_proxy": _COUNT,
    "augrc": _COUNT,
    "aurc": _COUNT,
    "failure_auroc": _COUNT,
    "risk_coverage_curve": _COUNT,
    "robust_accuracy": _COUNT,
    "selective_accuracy": _COUNT,
    "selective_risk": _COUNT,
    "temperature_scale": "returns Python numbers found by bisection",
}
"""Mirrored functions without a derivative, each with its reason; every other one is differentiated.

An addition to the public names is differentiated unless it is listed here.
"""
DIFFERENTIABLE = [name for name in MIRRORED if name not in NOT_DIFFERENTIABLE]


def test_only_mirrored_names_are_listed() -> None:
    assert set(NOT_DIFFERENTIABLE) <= set(MIRRORED)


def _generic(name: str, kind: str | None, seed: int) -> dict[str, Any]:
    """Generic float64 arguments; weights, which are data and no parameters, are left out."""
    given = keywords(name, Scene(Seeded(seed)))
    given.pop("weights", None)
    for key in {"scores", "confidence"} & set(given):  # away from every kink
        given[key] = 0.9 * Seeded(seed).row(len(given[key]))
    if kind is not None:
        given["divergence" if "divergence" in given else "kind"] = kind
    if "stop_gradient" in given:
        given["stop_gradient"] = "none"
    return as_tensors(given, torch.float64)


def _kinds(name: str) -> list[str | None]:
    chosen = {"divergence", "kind"} & set(keywords(name, Scene(Seeded(0))))
    return list(KINDS) if chosen else [None]


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in DIFFERENTIABLE for kind in _kinds(name)]
)
def test_gradients_are_those_of_the_value(name: str, kind: str | None) -> None:
    """Central differences (gradcheck), to the first order, on generic inputs. A row of
    probabilities is moved off the simplex, so it is not validated."""
    function = getattr(sua_gpu, name)
    relaxed = _RELAXED if "validate" in function.__kwdefaults__ else {}
    given = _generic(name, kind, 0)
    moved = [k for k, v in given.items() if _is_float_tensor(v)]
    leaves = tuple(given[k].requires_grad_() for k in moved)

    def value(*tensors: torch.Tensor) -> torch.Tensor:
        result = function(**{**given, **dict(zip(moved, tensors, strict=True))}, **relaxed)
        if name in BOUNDS:
            result = result.lhs + result.rhs
        assert isinstance(result, torch.Tensor)
        return result

    assert leaves
    assert torch.autograd.gradcheck(value, leaves)


def _is_float_tensor(v: Any) -> bool:
    return isinstance(v, torch.Tensor) and v.is_floating_point()


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "tv"])
def test_second_derivatives_exist(kind: str) -> None:
    """The backward pass is written out, so it must be differentiable itself."""
    x, y = (torch.from_numpy(Seeded(s).logits(4)).requires_grad_() for s in (1, 2))

    def loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        s = sua_gpu.distributional_sensitivity_from_logits(a, b[None], divergence=kind)
        return s + sua_gpu.entropy_from_logits(a)

    assert torch.autograd.gradgradcheck(loss, (x, y))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["perturbed", "clean", "none"])
def test_stop_gradient_holds_the_side_it_names(kind: str, side: str) -> None:
    given = _generic("consistency_loss_from_logits", kind, 0)
    x, y = (given[k].requires_grad_() for k in ("logits", "perturbed_logits"))

    def loss(stop_gradient: str) -> torch.Tensor:
        return sua_gpu.consistency_loss_from_logits(
            x, y, divergence=kind, stop_gradient=stop_gradient
        )

    full_x, full_y = torch.autograd.grad(loss("none"), (x, y))
    got_x, got_y = torch.autograd.grad(loss(side), (x, y), allow_unused=True)
    assert (got_x is None) == (side == "clean")
    assert (got_y is None) == (side == "perturbed")
    assert got_x is None or torch.equal(got_x, full_x)
    assert got_y is None or torch.equal(got_y, full_y)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_stay_finite_at_impossible_labels_and_at_equality(kind: str) -> None:
    x = torch.tensor(
        [
            [0.5, -math.inf, 1.0],
            [0.0, 0.0, 0.0],
            [0.0, -math.inf, 9.0],
            [-math.inf, -math.inf, 0.0],
        ],
        requires_grad=True,
    )
    y = torch.tensor(
        [[0.2, -math.inf, 2.0], [0.0, 0.0, 0.0], [0.0, 4.0, -math.inf], [0.0, 1.0, -math.inf]],
        requires_grad=True,
    )
    s = sua_gpu.distributional_sensitivity_from_logits(x, y.unsqueeze(-2), divergence=kind)
    for gradient in torch.autograd.grad(s.sum(), (x, y)):
        assert bool(torch.isfinite(gradient).all())
        assert bool((gradient[1] == 0).all())
        assert bool((gradient[3] == 0).all())  # nothing shared: no small step changes the value


def test_the_gradient_of_entropy_leaves_impossible_labels_out() -> None:
    p = torch.tensor([[1.0, 0.0], [0.25, 0.75]], requires_grad=True)
    (gradient,) = torch.autograd.grad(sua_gpu.entropy(p).sum(), p)
    assert gradient[0].tolist() == [-1.0, 0.0]
    assert gradient[1, 0].item() == pytest.approx(-math.log(0.25) - 1, rel=1e-6)


def test_a_view_of_weight_zero_reaches_neither_value_nor_gradient() -> None:
    x = torch.tensor([0.0, 0.0], requires_grad=True)
    y = torch.tensor([[0.0, -200.0], [0.0, 1.0]], requires_grad=True)
    weights = torch.tensor([0.0, 1.0])
    s = sua_gpu.distributional_sensitivity_from_logits(x, y, divergence="chi2", weights=weights)
    alone = sua_gpu.chi2_divergence_from_logits(x, y[1])
    assert s.item() == pytest.approx(alone.item(), rel=1e-6)
    for gradient in torch.autograd.grad(s, (x, y)):
        assert bool(torch.isfinite(gradient).all())


def test_an_infinite_slope_at_infinity_stays_out_of_the_gradient_where_no_label_asks_for_it() -> (
    None
):
    """KL as an f-divergence: the derivative of ``p log(p/q)`` in p is ``log(p/q) + 1``."""

    def generator(t: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = torch.special.xlogy(t, t)
        return value

    generator.slope_at_infinity = math.inf  # type: ignore[attr-defined]  # how f carries it
    p = torch.tensor([0.75, 0.25], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([0.5, 0.5], dtype=torch.float64)
    sua_gpu.f_divergence(p, q, generator).backward()  # type: ignore[no-untyped-call]  # torch's own
    assert p.grad is not None
    assert p.grad.tolist() == pytest.approx([math.log(1.5) + 1, math.log(0.5) + 1], rel=1e-14)
    never = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64)
    reverse = sua_gpu.f_divergence(never, never, lambda t: -t.log())
    assert reverse == 0  # the generator is infinite at 0, and is not asked
    away = sua_gpu.f_divergence(
        p.detach(), torch.tensor([1.0, 0.0], dtype=torch.float64), generator
    )
    assert away == math.inf
