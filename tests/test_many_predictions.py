"""MC dropout and deep ensembles where the law of their predictions is known."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from paper_repro.many_predictions import deep_ensemble, mc_dropout, scores
from tests import tiny_classifier


class _Coin(nn.Module):
    """Two inputs dropped with probability 1/4 each: logits (a + b, 0)."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.25)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept = self.drop(x)
        return torch.stack([kept.sum(-1), torch.zeros(len(x))], -1)


def test_the_mean_over_masks_is_the_expectation() -> None:
    x = torch.tensor([[0.6, -1.5]])
    exact = 0.0
    for a, b in itertools.product((0, 1), repeat=2):
        chance = (0.75 if a else 0.25) * (0.75 if b else 0.25)
        exact += chance / (1 + math.exp(-(0.6 * a - 1.5 * b) / 0.75))
    found = mc_dropout(_Coin(), lambda m: m(x), passes=20_000, seed=0)
    assert found.shape == (20_000, 1, 2)
    assert float(found[:, 0, 0].mean()) == pytest.approx(exact, abs=4.5 * 0.25 / math.sqrt(20_000))


def test_the_seed_decides_and_nothing_else_is_touched() -> None:
    model, x = _Coin().train(False), torch.ones(3, 2)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one, two = (mc_dropout(model, lambda m: m(x), passes=4, seed=1) for _ in range(2))
    assert torch.equal(one, two)
    assert torch.equal(before, torch.random.get_rng_state())
    assert not model.training
    assert not model.drop.training
    assert not torch.equal(one, mc_dropout(model, lambda m: m(x), passes=4, seed=2))


def test_a_model_without_dropout_is_refused() -> None:
    with pytest.raises(ValueError, match="no dropout above 0"):
        mc_dropout(nn.Dropout(0.0), lambda m: torch.zeros(1, 2), passes=2, seed=0)
    with pytest.raises(ValueError, match="passes: 0"):
        mc_dropout(_Coin(), lambda m: torch.zeros(1, 2), passes=0, seed=0)


def test_an_ensemble_averages_probabilities_without_dropout() -> None:
    models = [tiny_classifier.model(dropout=0.5, seed=seed).train() for seed in range(3)]
    ids = torch.tensor([[2, 4, 7], [3, 5, 9]])
    found = deep_ensemble(models, lambda m: m(input_ids=ids).logits)
    by_hand = []
    for model in models:
        assert model.training
        model.train(False)
        with torch.no_grad():
            by_hand.append(torch.softmax(model(input_ids=ids).logits, -1))
    torch.testing.assert_close(found, torch.stack(by_hand))
    mean = torch.stack(by_hand).double().mean(0)
    entropy = -(mean * mean.log()).sum(-1)
    torch.testing.assert_close(torch.from_numpy(scores(found)["entropy"]), entropy)
    with pytest.raises(ValueError, match="models: none"):
        deep_ensemble([], lambda m: torch.zeros(1, 2))
