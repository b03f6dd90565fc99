"""The fixed classifiers: their logits against the definition, and what they are fitted to."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example, Split
from paper_repro.naive_bayes import NaiveBayes
from paper_repro.perturbations.constraints import checked_logits
from paper_repro.study.auxiliary import SCALES, auxiliary, best_scale, overlap
from paper_repro.study.tasks import load_study_task
from tests.study_toys import texts_of, toy
from tests.tolerances import few_ulps

WORDS = st.lists(st.sampled_from(["sea", "Sea!", "the", "land", "rain"]), max_size=4).map(" ".join)
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS).map(tuple), min_size=1, max_size=5)


def split_of(rows: list[tuple[str, ...]]) -> Split:
    return Split("toy", "train", tuple(Example(str(i), t, 0) for i, t in enumerate(rows)))


@given(ROWS, ROWS)
def test_the_overlap_is_the_sum_over_shared_words(
    train: list[tuple[str, ...]], asked: list[tuple[str, ...]]
) -> None:
    found = overlap(split_of(train), split_of(train), 4)
    logits = found(asked)
    assert found.scale in SCALES
    assert logits.shape == (len(asked), 4)
    options = [re.findall("[a-z]+", option.lower()) for row in train for option in row[1:]]
    for row, (question, *rest) in zip(logits.tolist(), asked, strict=True):
        for value, option in zip(row, rest, strict=False):
            wanted = sum(
                math.log((len(options) + 1) / (sum(w in o for o in options) + 1))
                for w in ("sea", "the", "land", "rain")
                if w in question.lower() and w in option.lower()
            )
            # Four logarithms of at most log 11, their sum and the scale.
            assert value == pytest.approx(found.scale * wanted, abs=12 * few_ulps(16))
        assert torch.softmax(torch.tensor(row, dtype=torch.float64), 0)[2:].tolist() == [0, 0]


def test_more_options_than_there_are_columns_are_refused() -> None:
    rows: list[tuple[str, ...]] = [("q", "a", "b", "c")]
    with pytest.raises(BadInputError, match="inputs: 0 has 3 options of 2"):
        overlap(split_of(rows), split_of(rows), 2)(rows)


@given(
    st.lists(st.lists(st.floats(-9, 9), min_size=3, max_size=3), min_size=1, max_size=6),
    st.integers(0, 2),
)
def test_the_scale_has_the_least_loss(logits: list[list[float]], label: int) -> None:
    def loss(scale: float) -> float:
        total = 0.0
        for row in logits:
            scaled = [scale * v for v in row]
            total += math.log(math.fsum(math.exp(v) for v in scaled)) - scaled[label]
        return total / len(logits)

    found = best_scale(torch.tensor(logits, dtype=torch.float64), [label] * len(logits))
    assert loss(found) <= min(map(loss, SCALES)) + 1e-12


def test_an_option_that_is_not_there_has_no_part_in_the_loss() -> None:
    there = torch.tensor([[2.0, 1.0], [0.5, 1.5]], dtype=torch.float64)
    padded = torch.nn.functional.pad(there, (0, 1), value=-1e4)
    for labels in ([0, 1], [1, 0], [0, 0]):
        assert best_scale(there, labels) == best_scale(padded, labels)


@pytest.mark.parametrize("name", ["topic", "nli"])
def test_naive_bayes_is_asked_for_scaled_log_probabilities(name: str) -> None:
    task = toy(name)
    model = NaiveBayes(task.train, task.dev)
    inputs = texts_of(task.dev)
    found = model.log_probabilities(inputs)
    assert np.exp(found).sum(-1) == pytest.approx(1, abs=1e-9)
    assert found.argmax(-1).tolist() == model.predict(task.dev).tolist()
    logits = checked_logits(auxiliary(task, task.dev), inputs).numpy()
    assert any(np.allclose(logits, scale * found, rtol=1e-12, atol=0) for scale in SCALES)


@pytest.mark.parametrize("name", ["topic", "nli", "qa"])
def test_each_input_is_judged_on_its_own(name: str) -> None:
    task = toy(name)
    asked, inputs = auxiliary(task, task.dev), texts_of(task.dev)
    together = checked_logits(asked, inputs)
    for texts, row in zip(inputs, together, strict=True):
        assert torch.allclose(checked_logits(asked, [texts])[0], row, rtol=1e-12)


@pytest.mark.parametrize(("name", "least"), [("topic", 0.75), ("nli", 0.45), ("qa", 0.65)])
def test_on_public_data_it_is_far_better_than_chance(name: str, least: float, data: object) -> None:
    """Chance is 1/4, 1/3 and, with five sentences to choose from, 1/5."""
    task = load_study_task(name, data, train_rows=1500, test_rows=400)  # type: ignore[arg-type]
    logits = checked_logits(auxiliary(task, task.dev), texts_of(task.dev))
    accuracy = (logits.argmax(-1) == torch.tensor(task.dev.labels)).double().mean()
    assert accuracy > least
