"""The worlds: their laws exactly, their samplers against the laws, their texts as tokens."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro import world_nli, world_qa, world_topic
from paper_repro.config import RECIPES
from paper_repro.encoder import UNKNOWN, Encoder
from paper_repro.tasks import WORLD_TASKS, Task, load_task
from paper_repro.worlds import Input, Kernel, Law, World, distinct, draw, sample, shares

GRAMMARS = {"world_qa": world_qa, "world_nli": world_nli, "world_topic": world_topic}
NAMES = pytest.mark.parametrize("name", WORLD_TASKS)
SEEDS = st.integers(0, 2**32)
ONE_IN_A_MILLION = math.log(2e6)
"""Hoeffding: a mean of n draws from [0, 1] strays further than sqrt(this / 2n) with a probability
below one in a million."""


def small(name: str, seed: int, contents: int = 4) -> World:
    return World(tuple(distinct(GRAMMARS[name].invent, contents, str(seed))))


@cache
def task_of(name: str, seed: int = 0) -> Task:
    return load_task(name, None, seed, 0.1)


@given(st.sampled_from(WORLD_TASKS), SEEDS)
def test_the_kernel_is_stationary_reversible_and_label_invariant_exactly(
    name: str, seed: int
) -> None:
    world = small(name, seed)
    p = dict(zip(world.inputs, world.p_x, strict=True))
    assert sum(p.values()) == 1
    after: Counter[Input] = Counter()
    for here in world.inputs:
        ball = here.neighbours()
        assert sum(ball.values()) == 1
        assert ball[here] > 0
        for there, share in ball.items():
            after[there] += p[here] * share  # type: ignore[assignment]  # a counter of fractions
            assert p[here] * share == p[there] * there.neighbours()[here]
            assert there.content.p_z == here.content.p_z
            assert there.content.label_law == here.content.label_law
            changed = sum(a != b for a, b in zip(here.choice, there.choice, strict=True))
            assert changed <= 1
    assert dict(after) == p


@given(st.sampled_from(WORLD_TASKS), SEEDS)
def test_every_probability_is_dyadic_and_every_law_sums_to_one(name: str, seed: int) -> None:
    world = small(name, seed)
    laws: list[Law] = [world.p_x]
    for content in world.contents:
        laws += [content.p_z, *content.p_y_given_z, content.label_law]
        laws += [slot.law for slot in content.slots]
    for law in laws:
        assert sum(law) == 1
        assert all(p >= 0 and p.denominator & (p.denominator - 1) == 0 for p in law)


@NAMES
def test_the_reference_sees_the_same_world(name: str) -> None:
    world = small(name, 5, contents=2)
    labels = len(GRAMMARS[name].LABELS)
    model = np.full((len(world.inputs), labels), Fraction(1, labels), dtype=object)
    finite = world.finite(model, Fraction)
    assert finite.is_stationary()
    assert finite.is_label_invariant()
    assert finite.p_true.tolist() == [list(e.content.label_law) for e in world.inputs]
    for x, entry in enumerate(world.inputs):
        _, _, _, weights, _ = finite.arguments(x)
        assert Counter(weights) == Counter(entry.neighbours().values())


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.data())
def test_a_draw_has_exactly_the_probability_of_its_law(
    counts: list[int], data: st.DataObject
) -> None:
    total = max(1, 1 << (sum(counts) - 1).bit_length())
    law = shares(*counts, total - sum(counts))
    tickets = max(p.denominator for p in law)

    class Ticket(random.Random):
        def randrange(self, *_: int) -> int:  # type: ignore[override]
            return self.ticket

        ticket = 0

    drawn: Counter[int] = Counter()
    for ticket in range(tickets):
        rng = Ticket()
        rng.ticket = ticket
        drawn[draw(law, rng)] += 1
    assert [Fraction(drawn[i], tickets) for i in range(len(law))] == list(law)


@pytest.mark.parametrize("counts", [(1, 2), (0, 0), (-1, 2), (3, 3)])
def test_shares_that_are_not_dyadic_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="power of two"):
        shares(*counts)


@NAMES
def test_perturbations_are_drawn_from_the_kernel(name: str) -> None:
    entry = small(name, 1).inputs[5]
    kernel, rng, n = Kernel(), random.Random(0), 4000
    kernel.know(entry)
    drawn = Counter(kernel.perturb(entry.texts, rng).texts for _ in range(n))
    law = {there.texts: share for there, share in entry.neighbours().items()}
    assert set(drawn) <= set(law)
    for texts, share in law.items():
        assert abs(drawn[texts] / n - share) < math.sqrt(ONE_IN_A_MILLION / (2 * n))


@NAMES
def test_an_edit_says_what_changed(name: str) -> None:
    entry = small(name, 2).inputs[3]
    kernel, rng = Kernel(), random.Random(1)
    kernel.know(entry)
    for _ in range(50):
        done = kernel.perturb(entry.texts, rng)
        assert bool(done.edits) == (done.texts != entry.texts)
        for edit in done.edits:
            before, after = entry.texts[edit.part], done.texts[edit.part]
            assert edit.before in before
            assert before.replace(edit.before, edit.after, 1) == after


def test_a_text_of_another_world_cannot_be_perturbed() -> None:
    with pytest.raises(KeyError):
        Kernel().perturb(("No such text.",), random.Random(0))


@NAMES
def test_rows_have_the_law_of_their_content_and_labels_drawn_from_it(name: str) -> None:
    contents = distinct(GRAMMARS[name].invent, 40, "rows")
    split = sample(name, "train", contents, 4000, Kernel(), "rows")
    n = len(split.examples)
    law_of = {e.texts: e.content.label_law for e in World(tuple(contents)).inputs}
    allowed = math.sqrt(ONE_IN_A_MILLION / (2 * n))
    for e in split.examples:
        assert e.label_law == tuple(map(float, law_of[e.texts]))
    for y in range(len(GRAMMARS[name].LABELS)):
        drawn = sum(e.label == y for e in split.examples) / n
        assert abs(drawn - sum((e.label_law or ())[y] for e in split.examples) / n) < allowed
    hit = sum((e.label_law or ())[e.label] for e in split.examples) / n
    expected = sum(p * p for e in split.examples for p in e.label_law or ()) / n
    assert abs(hit - expected) < allowed


@NAMES
def test_a_text_stands_for_one_input_and_a_content_for_one_split(name: str) -> None:
    task = task_of(name)
    assert task.world is not None
    world = {e.texts for e in task.world.inputs}
    assert len(world) == len(task.world.inputs) == 1024
    train, dev, test = (
        {e.texts for e in s.examples} for s in (task.train, task.dev, task.tests[0])
    )
    assert test <= world
    assert not train & world
    assert not dev & world
    assert not train & dev


@NAMES
def test_texts_are_plain_sentences(name: str) -> None:
    for entry in small(name, 3, contents=64).inputs:
        for text in entry.texts:
            assert re.fullmatch(r"[A-Z][A-Za-z ,.]*[a-z][.?]", text), text


@NAMES
def test_tokens_give_the_text_back_and_tell_inputs_apart(name: str) -> None:
    task = task_of(name)
    assert task.world is not None
    encoder = Encoder((e.texts for e in task.train.examples), len(task.labels), RECIPES[name], 0)
    inputs = [e.texts for e in task.world.inputs]
    tokens = encoder.tokens(inputs)
    assert len({(tuple(t.ids), tuple(t.types)) for t in tokens}) == len(inputs)
    for texts, row in zip(inputs, tokens, strict=True):
        assert UNKNOWN not in row.ids
        assert len(row.ids) < RECIPES[name].max_tokens
        spelled = [str(encoder.tokenizer.id_to_token(i)) for i in row.ids]
        read = "".join(piece.removeprefix("##") for piece in spelled if not piece.startswith("["))
        # A pair is read hypothesis first; spaces are not tokens.
        assert read == "".join(reversed(texts)).lower().replace(" ", "")


@NAMES
def test_the_seed_determines_everything(name: str) -> None:
    one, again, other = load_task(name, None, 3, 0.1), task_of(name, 3), task_of(name)
    assert one.train == again.train
    assert one.tests == again.tests
    assert one.world == again.world
    assert one.train != other.train


@NAMES
@pytest.mark.parametrize("seed", range(5))
def test_the_worlds_are_neither_trivial_nor_hopeless(name: str, seed: int) -> None:
    """The part of the difficulty that needs no training; the rest is in test_exact_trained.py."""
    world = task_of(name, seed).world
    assert world is not None
    risk = sum(
        (p * (1 - max(e.content.label_law)) for e, p in zip(world.inputs, world.p_x, strict=True)),
        Fraction(),
    )
    assert Fraction(1, 20) <= risk <= Fraction(3, 10)
    assert sum(e.content.ambiguous for e in world.inputs) >= 0.2 * len(world.inputs)
    bound = {e.content.label_law.index(max(e.content.label_law)) for e in world.inputs}
    assert bound == set(range(len(GRAMMARS[name].LABELS)))


@pytest.mark.parametrize(("premise_wide", "wide"), list(product((False, True), repeat=2)))
def test_what_follows_agrees_with_sets_of_individuals(premise_wide: bool, wide: bool) -> None:
    """Two individuals of the narrow noun and two more of the wide one, each doing it or not."""

    def amount(doing: tuple[bool, ...]) -> int:
        return 2 if all(doing) else 1 if any(doing) else 0

    quantities = [{0}, {1}, {2}, {1, 2}, {0, 1}]
    for premise, hypothesis in product(quantities, quantities):
        truths = set()
        for doing in product((False, True), repeat=4):
            if amount(doing if premise_wide else doing[:2]) in premise:
                truths.add(amount(doing if wide else doing[:2]) in hypothesis)
        expected = (
            "neutral" if len(truths) == 2 else "entailment" if True in truths else "contradiction"
        )
        found = world_nli.follows(premise, hypothesis, premise_wide, wide)
        assert world_nli.LABELS[found] == expected


def test_in_the_topic_world_the_connective_settles_the_cue() -> None:
    for entry in small("world_topic", 0, contents=200).inputs:
        (text,) = entry.texts
        first_counts = entry.content.p_z[0]
        if "rather than" in text or "instead of" in text:
            assert first_counts == 1
        elif "not the" in text or "never the" in text:
            assert first_counts == 0
        else:
            assert 0 < first_counts < 1


def test_in_the_qa_world_the_question_or_the_verb_settles_the_referent() -> None:
    for entry in small("world_qa", 0, contents=200).inputs:
        (text,) = entry.texts
        verb = entry.content.slots[1].words[0]
        first = entry.content.p_z[0]
        if "the first?" in text or "the second?" in text:
            assert first == ("the first?" in text)
        elif verb in ("disappointed", "annoyed"):
            assert first == 1
        elif verb in ("thanked", "blamed"):
            assert first == 0
