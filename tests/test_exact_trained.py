"""The difficulty of the worlds, on models trained as `sua reproduce` trains them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from paper_repro.config import Config
from paper_repro.encoder import Encoder
from paper_repro.exact_claims import MUST_HOLD, Examined, examine
from paper_repro.naive_bayes import NaiveBayes
from paper_repro.scores import all_logits
from paper_repro.tasks import WORLD_TASKS, load_task
from paper_repro.train import train

pytestmark = pytest.mark.usefixtures("one_thread")


@cache
def standard(name: str) -> tuple[Examined, float]:
    """A model of Standard training on seed 0, examined, and the accuracy of Naive Bayes."""
    config = Config(tasks=(name,))
    task = load_task(name, None, config.seed, config.edit_rate)
    assert task.world is not None
    recipe = config.recipes[name]
    encoder = Encoder((e.texts for e in task.train.examples), len(task.labels), recipe, config.seed)
    train(encoder, task.train, recipe, config, task.perturbation, method="standard")
    logits = all_logits(encoder, [e.texts for e in task.world.inputs]).numpy()
    test = task.tests[0]
    hits = NaiveBayes(task.train, task.dev).predict(test) == np.asarray(test.labels)
    return examine(task.world, logits), float(hits.mean())


@pytest.mark.parametrize("name", WORLD_TASKS)
def test_standard_training_has_room_for_error_and_beats_a_bag_of_words(name: str) -> None:
    examined, naive_bayes = standard(name)
    found = examined.expected
    assert 0.05 <= found["bayes_risk"] <= 0.3
    assert found["accuracy"] <= found["bayes_accuracy"] - 0.03
    assert found["accuracy"] > naive_bayes
    assert found["sensitive_share"] >= 0.3
    # S > 0 wherever the model is not constant; ask for one that can be seen.
    assert found["visibly_sensitive_share"] >= 0.3
    assert found["ambiguous_share"] >= 0.2


@pytest.mark.parametrize("name", WORLD_TASKS)
def test_what_is_proved_holds_on_a_trained_model(name: str) -> None:
    examined, _ = standard(name)
    for decision in examined.decisions:
        if decision.claim in MUST_HOLD:
            assert decision.holds == len(decision.met), decision.claim
