"""Training of the study: stopped anywhere, it goes on to the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from paper_repro.config import Recipe
from paper_repro.encoder import Tokens
from paper_repro.run_folder import RunFolder
from paper_repro.study import training
from paper_repro.study.classifier import Laid, from_config
from paper_repro.study.settings import METHODS, Settings
from paper_repro.study.training import _hide, batches, rate, train

WORDS = ["red", "crimson", "blue", "navy", "dog", "cat", "runs", "sleeps"]
TEXTS = [(f"the {WORDS[i % 4]} {WORDS[4 + i % 4]} {i % 5}",) for i in range(22)]
LABELS = [i % 4 // 2 for i in range(22)]
QUESTIONS = [(text[0], "the red dog runs", "the blue cat sleeps") for text in TEXTS]


class StoppedError(Exception):
    """Stands for a kill."""


def trained(tmp: Path, method: str, *, by_option: bool = False, stop_after: int = 10**9) -> Any:
    """The weights after a run that is stopped after so many examples, or at its end."""
    s = Settings("nli", method, 3, epochs=2, batch_size=4, word_dropout=0.2, k=2).resolved()
    texts = QUESTIONS if by_option else TEXTS
    recipe = Recipe(2, 1e-3, 4, 60, 12, 8, 1, 2, 0.1, 0.0)
    classifier = from_config(texts, None if by_option else 2, recipe, s.seed)
    rows = classifier.lay(texts)
    views: list[list[list[Laid]]] = []
    if METHODS[s.method].views:
        views = [[[rows[(i + j) % 22] for j in range(s.k)] for i in range(22)]]
    folder = RunFolder(tmp, "run", {"method": method})
    seen = [0]

    def advance(count: int) -> None:
        seen[0] += count
        if seen[0] >= stop_after:
            raise StoppedError

    train(classifier, rows, views, LABELS, s, folder, advance)
    return classifier.model.state_dict()


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("method", ["standard", "r_drop", "at", "sua_tr", "certified"])
@pytest.mark.parametrize("by_option", [False, True])
def test_a_stopped_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, by_option: bool
) -> None:
    whole = trained(tmp_path / "whole", method, by_option=by_option)
    monkeypatch.setattr(training, "SAVE_EVERY", 0.0)
    for stop in (4, 30):  # in the first epoch, and in the second
        with pytest.raises(StoppedError):
            trained(tmp_path / "cut", method, by_option=by_option, stop_after=stop)
    assert same(whole, trained(tmp_path / "cut", method, by_option=by_option))
    # Its state is that of the end: nothing is trained a second time.
    assert same(whole, trained(tmp_path / "cut", method, by_option=by_option))


def test_the_seed_changes_the_run(tmp_path: Path) -> None:
    first = batches([(Tokens([1], [0]),)] * 9, 4, 0, 0)
    assert first != batches([(Tokens([1], [0]),)] * 9, 4, 1, 0)
    assert first != batches([(Tokens([1], [0]),)] * 9, 4, 0, 1)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 7), st.integers(0, 3))
def test_every_input_is_in_one_batch(lengths: list[int], size: int, epoch: int) -> None:
    laid = [(Tokens([1] * n, [0] * n),) for n in lengths]
    found = batches(laid, size, 0, epoch)
    assert sorted(i for batch in found for i in batch) == list(range(len(laid)))
    assert max(len(batch) for batch in found) <= size
    assert sum(len(batch) < size for batch in found) <= 1 + len(laid) // (50 * size)


@settings(max_examples=50)
@given(st.integers(1, 300))
def test_the_rate_rises_to_one_and_falls_towards_zero(steps: int) -> None:
    rates = [rate(step, steps) for step in range(steps)]
    assert max(rates) == pytest.approx(1)
    assert all(0 < r <= 1 for r in rates)
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_an_objective_that_is_not_finite_stops_the_run_with_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = torch.nn.functional.cross_entropy

    def losses(self: Any, model: Any, batch: Any, step: int) -> Any:
        from paper_repro.objective import Losses

        plain = {n: t for n, t in batch.items() if n not in ("labels", "views")}
        loss = broken(model(**plain).logits, batch["labels"])
        bad = loss * (float("nan") if step == 3 else 1.0)
        return Losses(bad, bad, bad, bad)

    monkeypatch.setattr("paper_repro.rival_objectives.LabelSmoothing.losses", losses)
    with pytest.raises(FloatingPointError, match=r"step 3: the objective is nan; its batch"):
        trained(tmp_path, "standard")
    (saved,) = tmp_path.glob("*/batch.pt")
    batch = torch.load(saved, weights_only=True)
    assert batch["input_ids"].shape[0] == len(batch["labels"]) == 4


def test_special_tokens_are_never_hidden() -> None:
    ids = torch.tensor([[2, 9, 9, 3, 0], [2, 9, 3, 0, 0]]).repeat(200, 1)
    batch = {"input_ids": ids.clone()}
    _hide(batch, 0.5, torch.Generator().manual_seed(0))
    changed = batch["input_ids"] != ids
    assert not changed[ids != 9].any()
    assert 0.4 < changed[ids == 9].double().mean() < 0.6
    assert set(batch["input_ids"][changed].tolist()) == {4}
