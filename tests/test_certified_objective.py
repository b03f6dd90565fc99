"""The certified objective: the bounds its docstring claims, its values by hand, its gradients."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import sua_gpu
from paper_repro.bad_input import BadInputError
from paper_repro.certified_objective import Certified, announcement_loss, failures
from paper_repro.objective import Objective
from paper_repro.views_collator import ViewsCollator
from tests import tiny_classifier


def _drawn(seed: int, k: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of inputs and views of which some options are absent, and labels that exist."""
    rng = np.random.default_rng(seed)
    options = rng.integers(1, 5, 8)
    absent = torch.from_numpy(np.arange(4) >= options[:, None])
    x = torch.from_numpy(rng.normal(size=(8, 4)) * 3).masked_fill(absent, -torch.inf)
    moved = torch.from_numpy(rng.normal(size=(8, k, 4)) * rng.choice([0.1, 3.0]))
    y = (x.unsqueeze(1) + moved).masked_fill(absent.unsqueeze(1), -torch.inf)
    return x, y, torch.from_numpy(rng.integers(0, options))


def _laws(logits: Tensor) -> list[Any]:
    rows: list[Any] = torch.softmax(logits, -1).tolist()
    return rows


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_the_values_are_loops_over_the_definition(seed: int, k: int) -> None:
    x, y, labels = _drawn(seed, k)
    shares, squares = [], []
    for p, views, label in zip(_laws(x), _laws(y), labels.tolist(), strict=True):
        wrong = [max(range(4), key=q.__getitem__) != label for q in (p, *views)]
        shares.append(sum(wrong) / (k + 1))
        squares.append((1 - max(p) - shares[-1]) ** 2)
    assert failures(x, y, labels).tolist() == pytest.approx(shares, abs=1e-15)
    assert announcement_loss(x, y, labels).item() == pytest.approx(sum(squares) / 8, abs=1e-14)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_task_and_sensitivity_bound_the_error_under_perturbation(seed: int, k: int) -> None:
    x, y, labels = _drawn(seed, k)
    wrong = (y.argmax(-1) != labels.unsqueeze(-1)).double().mean()
    task = sua_gpu.task_loss_from_logits(x, labels)
    s = sua_gpu.distributional_sensitivity_from_logits(x, y, divergence="tv").mean()
    assert wrong <= 2 * (task + s) + 1e-12


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 12))
def test_announcement_bounds_the_calibration_error(seed: int, k: int, bins: int) -> None:
    x, y, labels = _drawn(seed, k)
    limit = math.sqrt(announcement_loss(x, y, labels).item())
    gaps: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    changed = 0
    for p, views, label in zip(_laws(x), _laws(y), labels.tolist(), strict=True):
        answers = [max(range(4), key=q.__getitem__) for q in (p, *views)]
        changed += sum(a != answers[0] for a in answers)
        of = gaps[min(int(max(p) * bins), bins - 1)]
        of[0] += sum(max(p) - (a == label) for a in answers) / (8 * (k + 1))
        of[1] += (max(p) - (answers[0] == label)) / 8
    together, clean = (sum(abs(of[i]) for of in gaps.values()) for i in (0, 1))
    assert together <= limit + 1e-12
    assert clean <= limit + changed / (8 * (k + 1)) + 1e-12


def test_a_model_that_announces_its_failures_pays_nothing() -> None:
    x = torch.tensor([[0.75, 0.25], [0.5, 0.5]], dtype=torch.float64).log()
    y = torch.tensor([[[3.0, 0], [3, 0], [0, 3]], [[3, 0], [0, 3], [0, 3]]], dtype=torch.float64)
    labels = torch.tensor([0, 0])
    assert failures(x, y, labels).tolist() == [0.25, 0.5]
    assert announcement_loss(x, y, labels).item() == pytest.approx(0, abs=1e-30)


@pytest.mark.parametrize("seed", range(4))
def test_gradients_are_those_of_differences_and_nothing_where_no_option_is(seed: int) -> None:
    x, y, labels = _drawn(seed)
    absent = x == -torch.inf
    inner = torch.where(absent, 0.0, x).requires_grad_()

    def total(z: Tensor) -> Tensor:
        logits = z.masked_fill(absent, -torch.inf)
        moved = sua_gpu.consistency_loss_from_logits(logits, y, divergence="tv")
        return 2 * moved + 3 * announcement_loss(logits, y, labels)

    # One option alone: its entropy and error are constants; the rest has slopes of order 1.
    assert torch.autograd.gradcheck(total, (inner,), eps=1e-7, atol=1e-6)
    (slope,) = torch.autograd.grad(total(inner), inner)
    assert slope.abs().sum() > 0
    assert (slope[absent] == 0).all()
    direct = x.clone().requires_grad_()
    (raw,) = torch.autograd.grad(announcement_loss(direct, y, labels), direct)
    assert raw.isfinite().all()


def _batch() -> dict[str, Any]:
    return ViewsCollator(tiny_classifier.tokenizer())(tiny_classifier.features(4, 3))


def test_a_step_is_the_sum_of_its_parts_with_the_views_held() -> None:
    model, batch = tiny_classifier.model().double().train(), _batch()
    found = Certified(a=0.7, b=1.9).losses(model, batch, 0)
    x = model(**{n: t for n, t in batch.items() if n not in ("views", "labels")}).logits
    views = [{n: t[:, i] for n, t in batch["views"].items()} for i in range(3)]
    y = torch.stack([model(**view).logits for view in views], 1).detach()
    p, q = torch.softmax(x, -1), torch.softmax(y, -1)
    moved = (p.unsqueeze(1) - q).abs().sum(-1).mean() / 2
    outputs = torch.cat([p.unsqueeze(1), q], 1).argmax(-1)
    wrong = (outputs != batch["labels"].unsqueeze(1)).double().mean(1)
    announced = (1 - p.amax(-1) - wrong).square().mean()
    total = torch.nn.functional.cross_entropy(x, batch["labels"]) + 0.7 * moved + 1.9 * announced
    assert announced.item() > 0
    torch.testing.assert_close(found.total, total)
    torch.testing.assert_close(found.consistency, moved)
    torch.testing.assert_close(found.alignment, announced)
    of = list(model.parameters())
    ours, theirs = (torch.autograd.grad(t, of, allow_unused=True) for t in (found.total, total))
    for mine, wanted in zip(ours, theirs, strict=True):
        assert (mine is None) == (wanted is None)
        if mine is not None and wanted is not None:
            torch.testing.assert_close(mine, wanted, rtol=1e-9, atol=1e-14)


def test_it_costs_what_sua_tr_costs() -> None:
    calls: list[tuple[int, bool, bool]] = []
    model, batch = tiny_classifier.model(dropout=0.5).train(), _batch()

    def note(module: Any, args: Any, kwargs: Any) -> None:
        calls.append((len(kwargs["input_ids"]), torch.is_grad_enabled(), module.training))

    model.register_forward_pre_hook(note, with_kwargs=True)
    for objective in (
        Certified(),
        Objective(),
        Certified(a=0, b=0),
        Certified(warmup_steps=3),
    ):
        objective.losses(model, batch, 0)
    assert calls == [(4, True, True), (12, False, False)] * 2 + [(4, True, True)] * 2
    assert model.training


def test_the_penalties_are_half_in_force_at_half_the_warm_up() -> None:
    model = tiny_classifier.model().double().train(False)
    losses = Certified(a=3.0, b=5.0, warmup_steps=2).losses(model, _batch(), 1)
    total = losses.task + 1.5 * losses.consistency + 2.5 * losses.alignment
    torch.testing.assert_close(losses.total, total)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": float("nan")}, "a is nan"),
        ({"b": -1.0}, "b is -1.0"),
        ({"warmup_steps": -2}, "warmup_steps is -2"),
    ],
)
def test_bad_choices_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        Certified(**change)
