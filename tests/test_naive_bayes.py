"""Naive Bayes against a count by hand."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper_repro.examples import Example, Split, Texts
from paper_repro.naive_bayes import SMOOTHING, NaiveBayes, _fit
from paper_repro.tasks import load_task
from tests.tolerances import few_ulps

Row = tuple[Texts, int]

WORDS = st.sampled_from(["sun", "Rain", "fog", "goal", "GOAL"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=5).map(", ".join)
LABELS = st.integers(0, 2)
TOPIC_ROWS = st.lists(st.tuples(SENTENCES.map(lambda t: (t,)), LABELS), min_size=1, max_size=8)
PAIR_ROWS = st.lists(st.tuples(st.tuples(SENTENCES, SENTENCES), LABELS), min_size=1, max_size=8)


def split_of(rows: list[Row]) -> Split:
    return Split("toy", "train", tuple(Example(str(i), t, y) for i, (t, y) in enumerate(rows)))


def words_of(text: str) -> list[str]:
    return text.lower().replace(",", " ").split()


def features_of(texts: Texts) -> Counter[tuple[str, ...]]:
    """The features that the module states, as tuples."""
    found: Counter[tuple[str, ...]] = Counter()
    if len(texts) == 1:
        words = words_of(texts[0])
        for i, word in enumerate(words):
            found[(word,)] += 1
            if i > 0:
                found[(words[i - 1], word)] += 1
        return found
    premise, hypothesis = words_of(texts[0]), words_of(texts[1])
    inside = [word for word in hypothesis if word in premise]
    outside = [word for word in hypothesis if word not in premise]
    found.update(("in", word) for word in inside)
    found.update(("out", word) for word in outside)
    return found


def log_posterior(rows: list[Row], texts: Texts, smoothing: float) -> dict[int, float]:
    """Class scores by the definition, over the features of the training rows."""
    bags = [(features_of(t), y) for t, y in rows]
    seen = Counter(feature for bag, _ in bags for feature in bag)
    known = [feature for feature, rows_with_it in seen.items() if rows_with_it >= 1]
    scores = {}
    for label in {y for _, y in rows}:
        own = [bag for bag, y in bags if y == label]
        total = sum(bag[f] for bag in own for f in known) + smoothing * len(known)
        scores[label] = math.log(len(own) / len(rows)) + math.fsum(
            count * math.log((sum(bag[f] for bag in own) + smoothing) / total)
            for f, count in features_of(texts).items()
            if f in known
        )
    return scores


def assert_best_label(rows: list[Row], asked: list[Row]) -> None:
    model = NaiveBayes(split_of(rows), split_of(asked))
    predicted = model.predict(split_of(asked))
    for (texts, _), label in zip(asked, predicted, strict=True):
        scores = log_posterior(rows, texts, model.smoothing)
        # Up to 12 features, each with a logarithm of at most 10 nats: where two labels tie within
        # rounding either may win.
        assert scores[int(label)] >= max(scores.values()) - 120 * few_ulps(16)


@settings(max_examples=30)
@given(TOPIC_ROWS, TOPIC_ROWS)
def test_topics_are_told_by_counts_of_words_and_word_pairs(
    rows: list[Row], asked: list[Row]
) -> None:
    assert_best_label([*rows, rows[0]], asked)


@settings(max_examples=30)
@given(PAIR_ROWS, PAIR_ROWS)
def test_pairs_are_told_by_marked_words_of_the_hypothesis(
    rows: list[Row], asked: list[Row]
) -> None:
    assert_best_label([*rows, rows[0]], asked)


@settings(max_examples=20)
@given(TOPIC_ROWS, TOPIC_ROWS, st.randoms(use_true_random=False))
def test_each_row_is_judged_on_its_own_and_training_order_is_irrelevant(
    rows: list[Row], asked: list[Row], rng: random.Random
) -> None:
    rows = [*rows, rows[0]]
    predicted = NaiveBayes(split_of(rows), split_of(rows)).predict(split_of(asked))
    rng.shuffle(rows)
    model = NaiveBayes(split_of(rows), split_of(rows))
    assert predicted.tolist() == [int(model.predict(split_of([row]))[0]) for row in asked]
    assert predicted.dtype == np.int64
    assert set(predicted.tolist()) <= {label for _, label in rows}


def test_a_word_pair_tells_what_single_words_cannot() -> None:
    rows: list[Row] = [(("good not bad",), 0), (("bad not good",), 1)] * 3
    asked: list[Row] = [(("Not bad, good",), 0), (("Not good, bad",), 1)]
    assert NaiveBayes(split_of(rows), split_of(rows)).predict(split_of(asked)).tolist() == [0, 1]


def test_a_premise_matters_by_the_words_it_shares_with_the_hypothesis() -> None:
    rows: list[Row] = [(("a dog runs", "a dog"), 0), (("a man sits", "a dog"), 2)] * 3
    model = NaiveBayes(split_of(rows), split_of(rows))
    asked: list[Row] = [(("dog! A tall A.", "A dog"), 0), (("one cat", "a dog"), 2)]
    assert model.predict(split_of(asked)).tolist() == [0, 2]


@pytest.mark.parametrize("words", ["unheard of", "1984"])
def test_unknown_words_leave_the_prior(words: str) -> None:
    rows: list[Row] = [*[(("rain",), 1)] * 3, *[(("sun",), 0)] * 2]
    assert NaiveBayes(split_of(rows), split_of(rows)).predict(
        split_of([((words,), 0)])
    ).tolist() == [1]


def test_it_learns_a_world_but_stays_below_the_bayes_classifier() -> None:
    """A bag of words sees both cues, and cannot tell which of them counts."""
    task = load_task("world_topic", None, 0, 0.1)
    test = task.tests[0]
    labels = np.asarray(test.labels)
    accuracy = (NaiveBayes(task.train, task.dev).predict(test) == labels).mean()
    laws = np.asarray([e.label_law for e in test.examples])
    bayes = (laws.argmax(-1) == labels).mean()
    assert 1 / 4 + 0.2 < accuracy < bayes - 0.1


def test_the_smoothing_is_the_most_accurate_on_dev() -> None:
    task = load_task("world_topic", None, 1, 0.1)
    train = Split("world", "train", task.train.examples[:60])
    labels = np.asarray(task.dev.labels)
    chosen = NaiveBayes(train, task.dev)
    accuracy = (chosen.predict(task.dev) == labels).mean()
    for alpha in SMOOTHING:
        predicted = np.asarray(_fit(train, alpha).predict([e.texts for e in task.dev.examples]))
        assert (predicted == labels).mean() <= accuracy
