"""The embedded task: its label law is Bayes' rule, and its synonyms leave the law alone."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from paper_repro import embedded
from paper_repro.embedded import LABELS, SYNONYMS, generate, label_law
from paper_repro.examples import Split
from sua_ref import entropy
from tests.tolerances import few_ulps

CUES = [[word for pair in topic for word in pair] for topic in embedded._CUES]
NEUTRAL = list(embedded._NEUTRAL)
WORDS = [word for topic in CUES for word in topic] + NEUTRAL
CLAUSES = st.lists(st.sampled_from(WORDS), max_size=8)
SEEDS = st.integers(0, 2**32)


def law_by_bayes(clause: list[str]) -> list[Fraction]:
    """Uniform prior; a word is a cue of the topic with probability 0.45, a cue of one of the two
    other topics with probability 0.15, else neutral; each word of a group is equally likely."""
    weights = []
    for topic in range(3):
        weight = Fraction(1, 3)
        for word in clause:
            if word in NEUTRAL:
                weight *= Fraction(40, 100) / len(NEUTRAL)
            elif word in CUES[topic]:
                weight *= Fraction(45, 100) / len(CUES[topic])
            else:
                (home,) = (cues for cues in CUES if word in cues)
                weight *= Fraction(15, 100) / 2 / len(home)
        weights.append(weight)
    return [weight / sum(weights) for weight in weights]


def second_clause(text: str) -> list[str]:
    return text.rstrip(".").lower().split(" but ")[1].split()


@given(CLAUSES)
def test_the_label_law_is_bayes_rule(clause: list[str]) -> None:
    law = label_law(clause)
    for value, exact in zip(law, law_by_bayes(clause), strict=True):
        # One rounding for each word above and below the division, two for the sum, one for it,
        # and one for each constant's own rounding per word.
        assert math.isclose(value, exact, rel_tol=few_ulps(4 * len(clause) + 3), abs_tol=0)


@given(CLAUSES)
def test_the_label_law_is_a_probability_vector(clause: list[str]) -> None:
    law = label_law(clause)
    assert abs(math.fsum(law) - 1) <= few_ulps(2)
    assert 0 <= float(entropy(law)) <= math.log(3) + few_ulps(4)


@given(CLAUSES, st.data())
def test_a_synonym_in_place_of_a_cue_leaves_every_bit_of_the_law(
    clause: list[str], data: st.DataObject
) -> None:
    swapped = [
        data.draw(st.sampled_from([word, *SYNONYMS.get(word, [])]), label="word") for word in clause
    ]
    assert label_law(swapped) == label_law(clause)
    assert label_law([SYNONYMS.get(word, [word])[0] for word in clause]) == label_law(clause)


@given(CLAUSES, st.randoms(use_true_random=False))
def test_neutral_words_and_the_order_of_the_words_do_not_move_the_law(
    clause: list[str], rng: random.Random
) -> None:
    moved = [*clause, rng.choice(NEUTRAL)]
    rng.shuffle(moved)
    tolerance = few_ulps(4 * len(moved) + 3)
    for value, other in zip(label_law(clause), label_law(moved), strict=True):
        assert math.isclose(value, other, rel_tol=tolerance)


def test_a_clause_without_cues_says_nothing() -> None:
    assert label_law([]) == label_law(NEUTRAL) == (1 / 3, 1 / 3, 1 / 3)


def test_synonyms_go_both_ways_within_a_topic_and_cover_all_cues() -> None:
    cues = [word for topic in CUES for word in topic]
    assert len(cues) == len(set(cues))
    assert set(cues) == set(SYNONYMS)
    assert not set(cues) & set(NEUTRAL)
    for topic in CUES:
        for word in topic:
            (twin,) = SYNONYMS[word]
            assert twin != word
            assert twin in topic
            assert SYNONYMS[twin] == [word]


@given(st.integers(1, 30), SEEDS)
def test_every_flash_is_two_clauses_with_the_law_of_the_second(size: int, seed: int) -> None:
    split = generate("dev", size, random.Random(seed))
    assert (split.dataset, split.name, len(split.examples)) == ("embedded", "dev", size)
    assert len({e.id for e in split.examples}) == size
    for example in split.examples:
        (text,) = example.texts
        assert re.fullmatch(r"[A-Z][a-z]+( [a-z]+){4} but( [a-z]+){5}\.", text)
        assert set(text.rstrip(".").lower().split()) <= {*WORDS, "but"}
        assert example.label_law == label_law(second_clause(text))
        assert example.label in range(len(LABELS))


@given(st.integers(1, 10), st.integers(0, 10), SEEDS)
def test_the_seed_determines_the_flashes_and_a_longer_split_begins_alike(
    size: int, more: int, seed: int
) -> None:
    short = generate("x", size, random.Random(seed))
    assert short == generate("x", size, random.Random(seed))
    assert generate("x", size + more, random.Random(seed)).examples[:size] == short.examples


def test_another_seed_gives_other_flashes() -> None:
    assert generate("x", 5, random.Random(0)) != generate("x", 5, random.Random(1))


def large_split() -> Split:
    return generate("x", 4000, random.Random(0))


def hoeffding(n: int) -> float:
    """How far a mean of ``n`` draws from [0, 1] strays with a probability below one in a million.

    The seed is fixed, so a run that passes always passes."""
    return math.sqrt(math.log(2e6) / (2 * n))


def test_labels_are_drawn_from_the_law() -> None:
    """``E law[label] = E sum law^2``, for each label on its own too."""
    examples = large_split().examples
    assert all(e.label_law is not None for e in examples)
    laws = [(e.label, e.label_law or ()) for e in examples]
    hit = math.fsum(law[label] for label, law in laws) / len(laws)
    expected = math.fsum(p * p for _, law in laws for p in law) / len(laws)
    assert abs(hit - expected) < hoeffding(len(laws))
    for y in range(3):
        share = sum(label == y for label, _ in laws) / len(laws)
        assert abs(share - math.fsum(law[y] for _, law in laws) / len(laws)) < hoeffding(len(laws))
        assert abs(share - 1 / 3) < hoeffding(len(laws))


def test_words_are_cues_as_often_as_stated() -> None:
    words = [(e.label, w) for e in large_split().examples for w in second_clause(e.texts[0])]
    n = len(words)
    assert n == 5 * 4000
    own = sum(w in CUES[label] for label, w in words) / n
    neutral = sum(w in NEUTRAL for _, w in words) / n
    assert abs(own - 0.45) < hoeffding(n)
    assert abs(neutral - 0.40) < hoeffding(n)


def test_the_first_clause_says_nothing_about_the_label() -> None:
    examples = large_split().examples
    own = 0.0
    for e in examples:
        decoy = e.texts[0].lower().split(" but ")[0].split()
        own += sum(word in CUES[e.label] for word in decoy) / len(decoy)
    # A decoy of a uniform topic: a third of its cues, 0.60 of its words, belong to any one topic.
    assert abs(own / len(examples) - 0.60 / 3) < hoeffding(len(examples))
