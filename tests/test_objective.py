"""The losses of a step: what runs, what carries gradients, and what they are worth."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
from paper_repro.bad_input import BadInputError
from paper_repro.objective import Objective
from paper_repro.views_collator import ViewsCollator
from tests import tiny_classifier

CHOICES = [*itertools.product(("perturbed", "clean", "none"), (False, True))]


def _batch(n: int = 4, k: int = 3) -> dict[str, Any]:
    return ViewsCollator(tiny_classifier.tokenizer())(tiny_classifier.features(n, k))


def _logits(model: Any, inputs: dict[str, Any]) -> torch.Tensor:
    plain = {n: t for n, t in inputs.items() if n not in ("views", "labels")}
    logits: torch.Tensor = model(**plain).logits
    return logits


def _by_hand(model: Any, batch: dict[str, Any], objective: Objective) -> torch.Tensor:
    """Equation (15) from one pass for each view, each side held by hand."""
    k = batch["views"]["input_ids"].shape[1]
    x = _logits(model, batch)
    y = torch.stack(
        [_logits(model, {n: t[:, i] for n, t in batch["views"].items()}) for i in range(k)], 1
    )
    side = objective.stop_gradient
    first = x.detach() if side == "clean" else x
    second = y.detach() if side == "perturbed" else y
    kind = objective.divergence
    consistency = sua_gpu.distributional_sensitivity_from_logits(first, second, divergence=kind)
    held = y if objective.perturbed_gradient else y.detach()
    score = sua_gpu.sua_score_from_logits(x, held, lam=objective.lam, divergence=kind)
    task = torch.nn.functional.cross_entropy(x, batch["labels"])
    return task + objective.a * consistency.mean() + objective.b * score.relu().mean()


def _gradients(model: Any, loss: torch.Tensor) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(model.parameters()), allow_unused=True))


@pytest.mark.parametrize("divergence", ["kl", "jsd"])
@pytest.mark.parametrize(("stop_gradient", "perturbed_gradient"), CHOICES)
def test_value_and_gradient_are_those_of_equation_15(
    stop_gradient: str, perturbed_gradient: bool, divergence: str
) -> None:
    objective = Objective(
        lam=0.01, a=0.5, b=2.0, divergence=divergence, stop_gradient=stop_gradient,
        perturbed_gradient=perturbed_gradient,
    )  # fmt: skip
    model, batch = tiny_classifier.model().double().train(), _batch()
    losses, truth = objective.losses(model, batch, 0), _by_hand(model, batch, objective)
    assert losses.alignment.item() > 0  # else its gradient would not be seen
    torch.testing.assert_close(losses.total, truth, rtol=1e-12, atol=0)
    for mine, theirs in zip(_gradients(model, losses.total), _gradients(model, truth), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-14)


def test_the_perturbed_passes_are_one_batch_without_gradient_or_dropout() -> None:
    calls: list[tuple[int, bool, bool]] = []
    model, batch = tiny_classifier.model(dropout=0.5).train(), _batch()

    def note(module: Any, args: Any, kwargs: Any) -> None:
        calls.append((len(kwargs["input_ids"]), torch.is_grad_enabled(), module.training))

    model.register_forward_pre_hook(note, with_kwargs=True)
    Objective().losses(model, batch, 0)
    assert calls == [(4, True, True), (12, False, False)]
    assert model.training
    calls.clear()
    Objective(stop_gradient="none").losses(model, batch, 0)
    assert calls == [(16, True, True)]
    calls.clear()
    Objective(a=0, b=0).losses(model, batch, 0)
    Objective(warmup_steps=3).losses(model, batch, 0)
    assert calls == [(4, True, True)] * 2


@given(st.integers(1, 50), st.integers(0, 100))
def test_the_penalties_rise_linearly_and_stay(warmup: int, step: int) -> None:
    objective = Objective(warmup_steps=warmup)
    assert objective.warmth(step) == min(1.0, step / warmup)


def test_the_parts_make_the_total_at_half_the_warm_up() -> None:
    objective = Objective(lam=0.01, a=3.0, b=5.0, warmup_steps=2)
    losses = objective.losses(tiny_classifier.model().double().train(False), _batch(), 1)
    total = losses.task + 1.5 * losses.consistency + 2.5 * losses.alignment
    torch.testing.assert_close(losses.total, total)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lam": -1.0}, "lam is -1.0"),
        ({"a": float("nan")}, "a is nan"),
        ({"b": float("inf")}, "b is inf"),
        ({"warmup_steps": -2}, "warmup_steps is -2"),
        ({"divergence": "cosine"}, "divergence 'cosine' is none of kl"),
        ({"stop_gradient": "both"}, "stop_gradient 'both' is none of perturbed"),
    ],
)
def test_bad_choices_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        Objective(**change)


def test_rows_with_different_numbers_of_views_are_named() -> None:
    rows = tiny_classifier.features(3, 2)
    rows[1]["views"] = rows[1]["views"][:1]
    with pytest.raises(ValueError, match="row 1 of the batch has 1, row 0 2"):
        ViewsCollator(tiny_classifier.tokenizer())(rows)


def test_the_collator_keeps_every_view_in_its_place() -> None:
    rows = tiny_classifier.features(5, 3)
    batch = ViewsCollator(tiny_classifier.tokenizer())(rows)
    for i, row in enumerate(rows):
        for j, view in enumerate(row["views"]):
            ids = batch["views"]["input_ids"][i, j]
            seen = batch["views"]["attention_mask"][i, j].bool()
            assert ids[seen].tolist() == view["input_ids"]
    assert batch["labels"].tolist() == [row["labels"] for row in rows]
