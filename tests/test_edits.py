"""The record of a perturbation leads from the input to the output."""

from __future__ import annotations

import random

import pytest

from paper_repro.perturbations.edits import Edit, Perturbed, perturb_all, replay
from paper_repro.perturbations.token_edits import TokenEdits
from paper_repro.tasks import WORLD_TASKS, load_task


def test_edits_are_replayed_in_order_each_in_the_text_that_the_earlier_left() -> None:
    edits = [
        Edit("a", 1, 0, "cat", "big cat"),
        Edit("b", 1, 4, "cat", "dog"),
        Edit("c", 0, 2, "", "!"),
    ]
    assert replay(("no", "cat"), edits) == ("no!", "big dog")


def test_an_edit_that_does_not_fit_is_refused_with_the_text_it_met() -> None:
    with pytest.raises(ValueError, match=r"edit 1 is Edit\(kind='b'.*part 0 reads 'big cat'"):
        replay(("cat",), [Edit("a", 0, 0, "cat", "big cat"), Edit("b", 0, 0, "cat", "dog")])


@pytest.mark.parametrize("name", WORLD_TASKS)
def test_the_edits_of_a_world_can_be_replayed(name: str) -> None:
    task, rng = load_task(name, None, 0, 0.1), random.Random(0)
    changed = 0
    for example in task.tests[0].examples[:300]:
        perturbed = task.perturbation.perturb(example.texts, rng)
        assert replay(example.texts, perturbed.edits) == perturbed.texts
        changed += perturbed.texts != example.texts
    assert changed > 100


def test_a_perturbation_of_one_text_at_a_time_draws_the_same_in_a_batch() -> None:
    edits = TokenEdits({"rain": ["drizzle"]}, 0.3)
    inputs = [("heavy rain all day",), ("no rain",)]
    one = [edits.perturb(x, random.Random(i)) for i, x in enumerate(inputs)]
    batch: list[Perturbed] = perturb_all(edits, inputs, [random.Random(i) for i in range(2)])
    assert one == batch
