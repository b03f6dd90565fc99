"""The training head: one pass, against the three losses of the reference and of torch."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch

import sua_gpu
import sua_ref
from sua_gpu import implementations, training_head

KINDS = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
SIDES = ("perturbed", "clean", "none")
WEIGHTS = {"uniform": None, "shared": torch.tensor([0.25, 0.75, 0.0]).double()}


def _given(dtype: torch.dtype = torch.float64) -> dict[str, Any]:
    rng = torch.Generator().manual_seed(5)
    x = torch.randn(4, 7, generator=rng, dtype=torch.float64)
    y = x[:, None] + torch.randn(4, 3, 7, generator=rng, dtype=torch.float64)
    return {
        "logits": x.to(dtype).requires_grad_(),
        "perturbed_logits": y.to(dtype).requires_grad_(),
        "labels": torch.tensor([0, 3, 6, 2]),
        "lam": 0.05,
        "a": 0.5,
        "b": 0.25,
    }


def _separate(g: dict[str, Any], kind: str, side: str, weights: Any) -> torch.Tensor:
    """The three public losses, added."""
    pair = {"divergence": kind, "weights": weights}
    x, y = g["logits"], g["perturbed_logits"]
    task = sua_gpu.task_loss_from_logits(x, g["labels"])
    consistency = sua_gpu.consistency_loss_from_logits(x, y, stop_gradient=side, **pair)
    alignment = sua_gpu.entropy_alignment_loss_from_logits(x, y, lam=g["lam"], **pair)
    total: torch.Tensor = task + g["a"] * consistency + g["b"] * alignment
    return total


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("kind", "side"), list(product(KINDS, SIDES)))
def test_value_and_gradients_are_those_of_the_three_losses(
    kind: str, side: str, weights: str
) -> None:
    """Double precision: a few roundings for each of 21 logits, 1e-12."""
    g, w = _given(), WEIGHTS[weights]
    leaves = (g["logits"], g["perturbed_logits"])
    head = sua_gpu.sua_tr_loss_from_logits(**g, divergence=kind, stop_gradient=side, weights=w)
    apart = _separate(g, kind, side, w)
    assert head.item() == pytest.approx(apart.item(), rel=1e-12)
    plain: dict[str, Any] = {
        k: v.detach().numpy() if isinstance(v, torch.Tensor) else v for k, v in g.items()
    }
    truth = sua_ref.sua_tr_loss_from_logits(
        **plain, divergence=kind, weights=None if w is None else w.numpy()
    )
    assert head.item() == pytest.approx(float(truth), rel=1e-12)
    for ours, theirs in zip(
        torch.autograd.grad(3 * head, leaves), torch.autograd.grad(3 * apart, leaves), strict=True
    ):
        assert torch.allclose(ours, theirs, rtol=1e-11, atol=1e-14)


NUMBA = implementations.present()["numba"]


@pytest.mark.skipif(NUMBA is not None, reason=str(NUMBA))
@pytest.mark.parametrize(("kind", "side"), list(product(KINDS[:4], SIDES)))
def test_the_kernels_agree_in_single_precision(kind: str, side: str) -> None:
    g = _given(torch.float32)
    leaves = (g["logits"], g["perturbed_logits"])
    found = [
        sua_gpu.sua_tr_loss_from_logits(
            **g, divergence=kind, stop_gradient=side, implementation=name
        )
        for name in ("numba", "torch")
    ]
    assert found[0].item() == pytest.approx(found[1].item(), rel=1e-6)
    for ours, theirs in zip(*(torch.autograd.grad(f, leaves) for f in found), strict=True):
        assert float((ours - theirs).norm()) <= 1e-5 * float(theirs.norm())


def test_the_gradient_is_handed_over_once_and_then_computed_again() -> None:
    g = _given()
    loss = sua_gpu.sua_tr_loss_from_logits(**g)
    (first,) = torch.autograd.grad(loss, g["logits"], retain_graph=True)
    kept = first.clone()
    (second,) = torch.autograd.grad(2 * loss, g["logits"], retain_graph=True)
    assert torch.equal(first, kept)
    assert torch.allclose(second, 2 * first, rtol=1e-12, atol=0)


def test_the_head_can_be_differentiated_twice() -> None:
    g = _given()
    small = {"logits": g["logits"][:2, :3], "perturbed_logits": g["perturbed_logits"][:2, :2, :3]}
    g["labels"] = torch.tensor([0, 2])

    def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return sua_gpu.sua_tr_loss_from_logits(
            **{**g, "logits": x, "perturbed_logits": y}, stop_gradient="none"
        )

    leaves = tuple(t.detach().requires_grad_() for t in small.values())
    assert torch.autograd.gradcheck(loss, leaves)
    assert torch.autograd.gradgradcheck(loss, leaves)


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    g = _given()
    leaves = (g["logits"], g["perturbed_logits"])
    whole = sua_gpu.sua_tr_loss_from_logits(**g)
    expected = torch.autograd.grad(whole, leaves)
    monkeypatch.setattr(training_head, "BLOCK_BYTES", 1)
    cut = sua_gpu.sua_tr_loss_from_logits(**g)
    assert cut.item() == pytest.approx(whole.item(), rel=1e-15)
    for ours, theirs in zip(torch.autograd.grad(cut, leaves), expected, strict=True):
        assert torch.equal(ours, theirs)


def test_nothing_is_kept_where_no_gradient_is_wanted() -> None:
    g = _given()
    with torch.no_grad():
        assert not sua_gpu.sua_tr_loss_from_logits(**g).requires_grad
    g["perturbed_logits"].requires_grad_(False)
    (gx,) = torch.autograd.grad(sua_gpu.sua_tr_loss_from_logits(**g), g["logits"])
    assert gx.shape == (4, 7)
