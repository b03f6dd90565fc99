"""Adversarial training, label smoothing and R-Drop on cases with a known answer."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from paper_repro.adversarial import pgd
from paper_repro.bad_input import BadInputError
from paper_repro.rival_objectives import AdversarialTraining, LabelSmoothing, RDrop
from paper_repro.views_collator import ViewsCollator
from tests import tiny_classifier


class Output(NamedTuple):
    logits: Tensor


class Choice(nn.Module):
    """Chooses among options ``(B, O, T)``; the logit of an option without a token is -inf."""

    def __init__(self) -> None:
        super().__init__()
        generator = _generator(7)
        self.words = nn.Embedding(9, 4).double()
        self.score = nn.Linear(4, 1).double()
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.randn(p.shape, generator=generator))

    def get_input_embeddings(self) -> nn.Module:
        return self.words

    def forward(
        self, attention_mask: Tensor, input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> Output:  # fmt: skip
        at = self.words(input_ids) if inputs_embeds is None else inputs_embeds
        seen = attention_mask.unsqueeze(-1)
        mean = (at.tanh() * seen).sum(-2) / seen.sum(-2).clamp(min=1)
        scores: Tensor = self.score(mean).squeeze(-1)
        return Output(scores.masked_fill(attention_mask.sum(-1) == 0, -torch.inf))


def _choices() -> dict[str, Any]:
    """Three questions, of 3, 2 and 4 options."""
    mask = torch.ones(3, 4, 5, dtype=torch.long)
    mask[0, 3:] = mask[1, 2:] = 0
    mask[:, 1, 3:] = 0
    ids = torch.randint(0, 9, (3, 4, 5), generator=_generator(3))
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([1, 0, 3])}


def _batch(n: int = 4) -> dict[str, Any]:
    return ViewsCollator(tiny_classifier.tokenizer())(tiny_classifier.features(n, 1))


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(st.integers(0, 10**6), st.floats(0.01, 10), st.integers(1, 8))
def test_a_linear_loss_is_attacked_along_its_gradient(seed: int, radius: float, steps: int) -> None:
    """The maximiser over the ball is radius times the unit gradient, padding aside."""
    draw = _generator(seed)
    slope = torch.randn(3, 4, 2, generator=draw, dtype=torch.float64)
    seen = torch.tensor([[True, True, True, False]] * 3)
    embeddings = torch.randn(3, 4, 2, generator=draw, dtype=torch.float64)
    delta = pgd(
        lambda at: (slope * at).sum((1, 2)), embeddings, seen,
        radius=radius, steps=steps, generator=draw,
    )  # fmt: skip
    room = slope * seen.unsqueeze(-1)
    best = radius * room / torch.linalg.vector_norm(room, dim=(1, 2), keepdim=True)
    assert (delta[:, 3] == 0).all()
    gained, most = ((slope * d).sum((1, 2)) for d in (delta, best))
    assert (torch.linalg.vector_norm(delta, dim=(1, 2)) <= radius * (1 + 1e-12)).all()
    assert (gained <= most * (1 + 1e-12)).all()
    # Two radii of travel along a fixed direction from half a radius off: the end is on the sphere,
    # turned from the gradient by at most 30 degrees.
    assert (gained >= math.cos(math.pi / 6) * most * (1 - 1e-9)).all()


def test_more_steps_on_a_concave_hill_climb_higher() -> None:
    top = torch.tensor([[[0.3, 0.4]]], dtype=torch.float64)
    found = []
    for steps in (1, 2, 8, 64):
        delta = pgd(
            lambda at: -((at - top) ** 2).sum((1, 2)), torch.zeros_like(top),
            torch.ones(1, 1, dtype=torch.bool), radius=1.0, steps=steps, generator=_generator(),
        )  # fmt: skip
        found.append(float(((delta - top) ** 2).sum()))
    assert found[-1] < 1e-3
    assert found[-1] < min(found[:2])


def test_an_attack_leaves_no_gradient_in_the_model_and_raises_its_loss() -> None:
    model, batch = tiny_classifier.model().train(), _batch(8)
    clean = LabelSmoothing().losses(model, batch, 0).total.item()
    attacked = AdversarialTraining(radius=2.0, steps=4).losses(model, batch, 0).total
    assert all(p.grad is None for p in model.parameters())
    assert attacked.item() > clean  # half of it is the clean loss itself
    assert model.training
    weak = AdversarialTraining(radius=1e-6, steps=1).losses(model, batch, 0).total
    assert weak.item() == pytest.approx(clean, rel=1e-4)
    attacked.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert all(p.grad is not None for p in model.bert.embeddings.word_embeddings.parameters())


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_smoothed_targets_are_a_mixture(share: float) -> None:
    model, batch = tiny_classifier.model().double().train(), _batch()
    plain = {n: t for n, t in batch.items() if n not in ("views", "labels")}
    log_p = torch.log_softmax(model(**plain).logits, -1)
    right = log_p.gather(-1, batch["labels"].unsqueeze(-1)).squeeze(-1)
    truth = -((1 - share) * right + share * log_p.mean(-1)).mean()
    torch.testing.assert_close(LabelSmoothing(share).losses(model, batch, 0).total, truth)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_smoothing_spreads_over_the_options_that_exist(share: float) -> None:
    model, batch = Choice(), _choices()
    plain = {n: t for n, t in batch.items() if n != "labels"}
    p, wanted = torch.softmax(model(**plain).logits, -1), 0.0
    for row, label, options in zip(p.tolist(), (1, 0, 3), (3, 2, 4), strict=True):
        target = [share / options + (1 - share) * (i == label) for i in range(options)]
        wanted -= sum(t * math.log(v) for t, v in zip(target, row[:options], strict=True)) / 3
    found = LabelSmoothing(share).losses(model, batch, 0).total
    assert found.item() == pytest.approx(wanted, rel=1e-12)
    found.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_the_gradient_of_smoothing_is_the_prediction_less_the_target() -> None:
    """The textbook slope ``(q - target) / B``, and 0 where there is no option."""
    logits = torch.tensor([[0.3, -1.0, -torch.inf], [2.0, 0.5, 1.0]], dtype=torch.float64)
    logits.requires_grad_()
    labels = torch.tensor([0, 2])

    class Fixed(nn.Module):
        def forward(self) -> Output:
            return Output(logits)

    LabelSmoothing(0.3).losses(Fixed(), {"labels": labels}, 0).total.backward()  # type: ignore[no-untyped-call]
    target = torch.tensor([[0.85, 0.15, 0.0], [0.1, 0.1, 0.8]], dtype=torch.float64)
    wanted = (torch.softmax(logits.detach(), -1) - target) / 2
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, wanted, rtol=0, atol=1e-15)


def test_the_options_of_an_input_share_one_ball() -> None:
    model, batch = Choice(), _choices()
    clean = LabelSmoothing().losses(model, batch, 0).total.item()
    attacked = AdversarialTraining(radius=2.0, steps=4).losses(model, batch, 0).total
    assert attacked.item() > clean
    attacked.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    slope = torch.randn(3, 4, 5, 2, generator=_generator(), dtype=torch.float64)
    seen = batch["attention_mask"].bool()
    delta = pgd(
        lambda at: (slope * at).sum((1, 2, 3)), torch.zeros_like(slope), seen,
        radius=0.5, steps=64, generator=_generator(),
    )  # fmt: skip
    assert (delta[~seen] == 0).all()
    length = delta.flatten(1).norm(dim=1)
    torch.testing.assert_close(length, torch.full_like(length, 0.5))


def test_a_resumed_attack_starts_where_the_killed_one_did() -> None:
    model, batch = tiny_classifier.model(), _batch(8)
    objective = AdversarialTraining(radius=2.0, steps=1, seed=1)
    first, second = (objective.losses(model, batch, step).total for step in (0, 1))
    resumed = AdversarialTraining(radius=2.0, steps=1, seed=1).losses(model, batch, 1).total
    assert torch.equal(resumed, second)
    assert not torch.equal(first, second)
    other = AdversarialTraining(radius=2.0, steps=1, seed=2).losses(model, batch, 1).total
    assert not torch.equal(other, second)


def test_r_drop_without_dropout_is_standard_training() -> None:
    model, batch = tiny_classifier.model().double().train(), _batch()
    losses = RDrop(3.0).losses(model, batch, 0)
    assert losses.consistency.item() == 0
    torch.testing.assert_close(losses.total, LabelSmoothing().losses(model, batch, 0).total)


def test_r_drop_compares_two_draws_of_dropout() -> None:
    model, batch = tiny_classifier.model(dropout=0.5).double().train(), _batch()
    torch.manual_seed(0)
    losses = RDrop(3.0).losses(model, batch, 0)
    torch.manual_seed(0)
    plain = {n: torch.cat([t, t]) for n, t in batch.items() if n not in ("views", "labels")}
    p, q = torch.softmax(model(**plain).logits, -1).chunk(2)
    apart = ((p * (p / q).log()).sum(-1) + (q * (q / p).log()).sum(-1)).mean() / 4
    assert apart.item() > 0
    torch.testing.assert_close(losses.consistency, apart)
    torch.testing.assert_close(losses.total, losses.task + 3 * apart)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LabelSmoothing(1.0), "share is 1.0"),
        (lambda: RDrop(-1.0), "weight is -1.0"),
        (lambda: AdversarialTraining(radius=float("nan")), "radius is nan"),
        (lambda: AdversarialTraining(seed=-1), "seed is -1"),
    ],
)
def test_bad_choices_are_named(make: Any, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        make()


def test_an_attack_without_room_or_steps_is_refused() -> None:
    zero, seen = torch.zeros(1, 1, 1), torch.ones(1, 1, dtype=torch.bool)
    with pytest.raises(ValueError, match="radius: 0"):
        pgd(lambda at: at.sum((1, 2)), zero, seen, radius=0, steps=1, generator=_generator())
    with pytest.raises(ValueError, match="steps: 0"):
        pgd(lambda at: at.sum((1, 2)), zero, seen, radius=1, steps=0, generator=_generator())
