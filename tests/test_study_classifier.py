"""Layouts of inputs: options of varying number, padding, batches by length."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.config import Recipe
from paper_repro.encoder import Tokens
from paper_repro.study.classifier import Classifier, _filled, from_config, pretrained
from tests.tiny_bert import save_tiny_bert

RECIPE = Recipe(1, 1e-3, 4, 200, 24, 16, 1, 2, 0.1, 0.0)
QUESTIONS = [
    ("who sat?", "the cat sat", "it rained"),
    ("who ran away from the dog?", "it rained again and again", "a cat ran", "the dog sat", "no"),
    ("what?", "a dog", "a cat", "rain"),
]
TOPICS = [("the cat sat on the mat",), ("rain",), ("a dog ran after the cat again",)]


def none(_: int) -> None:
    pass


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_bert(tmp_path_factory.mktemp("bert"))


def both(by_option: bool, tiny: Path) -> list[Classifier]:
    labels = None if by_option else 3
    corpus = QUESTIONS if by_option else TOPICS
    made = [from_config(corpus, labels, RECIPE, 0), pretrained(tiny, labels, 0, max_tokens=16)]
    for classifier in made:
        classifier.model.train(False)
    return made


@pytest.mark.parametrize("by_option", [False, True])
def test_a_row_has_the_logits_it_has_alone(by_option: bool, tiny: Path) -> None:
    inputs = QUESTIONS if by_option else TOPICS
    for classifier in both(by_option, tiny):
        laid = classifier.lay(inputs)
        together = classifier.logits(laid, advance=none)
        for one, row in zip(laid, together, strict=True):
            alone = classifier.logits([one], advance=none)[0]
            assert torch.isfinite(alone).all()
            torch.testing.assert_close(row[: len(alone)], alone, rtol=1e-5, atol=1e-6)
            assert (row[len(alone) :] == -torch.inf).all()


def test_options_that_are_missing_have_no_logit(tiny: Path) -> None:
    for classifier in both(True, tiny):
        found = classifier.logits(classifier.lay(QUESTIONS), advance=none)
        assert torch.isfinite(found).sum(-1).tolist() == [2, 4, 3]


def test_the_order_of_options_is_that_of_the_input(tiny: Path) -> None:
    turned = [(q, *options[::-1]) for q, *options in QUESTIONS]
    for classifier in both(True, tiny):
        there = classifier.logits(classifier.lay(QUESTIONS), advance=none)
        back = classifier.logits(classifier.lay(turned), advance=none)
        for a, b, n in zip(there, back, (2, 4, 3), strict=True):
            torch.testing.assert_close(a[:n], b[:n].flip(0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("by_option", [False, True])
def test_a_training_batch_gives_the_same_logits(by_option: bool, tiny: Path) -> None:
    inputs = QUESTIONS if by_option else TOPICS
    for classifier in both(by_option, tiny):
        laid = classifier.lay(inputs)
        views = [[laid[1], laid[2]], [laid[2], laid[0]], [laid[0], laid[1]]]
        batch = classifier.batch(laid, views, [0, 1, 1])
        flat = {name: t.flatten(0, 1) for name, t in batch.pop("views").items()}
        assert batch.pop("labels").tolist() == [0, 1, 1]
        wanted = classifier.logits(laid, advance=none)
        with torch.no_grad():
            torch.testing.assert_close(classifier.model(**batch).logits, wanted)
            order = [1, 2, 2, 0, 0, 1]
            torch.testing.assert_close(classifier.model(**flat).logits, wanted[order])


@pytest.mark.parametrize("by_option", [False, True])
def test_gradients_reach_the_model_and_are_finite(by_option: bool, tiny: Path) -> None:
    inputs = QUESTIONS if by_option else TOPICS
    for classifier in both(by_option, tiny):
        batch = classifier.batch(classifier.lay(inputs), [], [0, 1, 1])
        labels = batch.pop("labels")
        logits = classifier.model(**batch).logits
        torch.nn.functional.cross_entropy(logits, labels).backward()  # type: ignore[no-untyped-call]
        slopes = [p.grad for p in classifier.model.parameters() if p.grad is not None]
        assert slopes
        assert all(torch.isfinite(slope).all() for slope in slopes)


def test_what_is_passed_is_told(tiny: Path) -> None:
    classifier = both(False, tiny)[0]
    laid = classifier.lay([*TOPICS, TOPICS[0]])
    counted: list[int] = []
    classifier.logits(laid, tokens_at_once=8, advance=counted.append)
    assert sum(counted) == 4
    assert len(counted) > 1


@given(
    st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=3), max_size=12), st.integers(1, 40)
)
def test_batches_fill_the_budget_in_order(sizes: list[list[int]], budget: int) -> None:
    laid = [tuple(Tokens([1] * n, [0] * n) for n in row) for row in sizes]
    found = _filled(laid, budget)
    assert [i for batch in found for i in batch] == list(range(len(laid)))

    def area(batch: list[int]) -> int:
        wide = max(len(laid[i]) for i in batch)
        return len(batch) * wide * max(len(t.ids) for i in batch for t in laid[i])

    assert all(len(batch) == 1 or area(batch) <= budget for batch in found)
    assert all(area([*a, b[0]]) > budget for a, b in pairwise(found))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no classifier can be made of it"):
        pretrained(tmp_path, 3, 0, max_tokens=16)


def test_a_pretrained_model_starts_from_its_seed(tiny: Path) -> None:
    heads = [
        pretrained(tiny, 3, seed, max_tokens=16).model.state_dict()["classifier.weight"]
        for seed in (0, 0, 1)
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
