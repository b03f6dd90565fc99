"""Rewrites of questions: what they make of one, and which they leave alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from paper_repro.perturbations.edits import replay
from paper_repro.perturbations.question_rules import question_rules
from paper_repro.perturbations.rule_paraphraser import RuleParaphraser, read_rules
from paper_repro.study.tasks import load_study_task


def rewrites(text: str) -> set[str]:
    """Every single rewrite that a draw can make, but for the openings."""
    paraphraser = RuleParaphraser(question_rules(), 0.01)
    drawn = [paraphraser.perturb((text,), random.Random(seed)) for seed in range(40)]
    assert all(len(one.edits) <= 1 for one in drawn)
    return {one.texts[0] for one in drawn if [e.kind for e in one.edits] != ["framing"]} - {text}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("What city did he leave?", "Which city did he leave?"),
        ("Which newspaper does he own?", "What newspaper does he own?"),
        ("In what park is the arena?", "In which park is the arena?"),
        ("What demographic group is it?", "Which demographic group is it?"),
        ("What is the name of the sea?", "What's the name of the sea?"),
        ("Who's the king?", "Who is the king?"),
    ],
)
def test_a_rewrite_asks_the_same(text: str, wanted: str) -> None:
    assert rewrites(text) == {wanted}


@pytest.mark.parametrize(
    "text",
    [
        "What is it?",  # "what's it" is another question
        "What did he say?",
        "What happens when it is cold?",
        "What made people do it?",
        "What kind of dog was it?",  # a phrase pair of its own
        "It is known what city it was.",
        "Which is the best?",
        "What matters is this.",
    ],
)
def test_where_the_question_could_change_nothing_is_rewritten(text: str) -> None:
    assert rewrites(text) == set()


def test_an_opening_stands_before_a_whole_question_and_before_nothing_else() -> None:
    def opened(text: str) -> set[str]:
        paraphraser = RuleParaphraser(question_rules()[-3:], 1.0)
        return {paraphraser.perturb((text,), random.Random(i)).texts[0] for i in range(40)}

    assert opened("When was Rome built?") == {
        "Tell me, when was Rome built?",
        "Can you tell me: when was Rome built?",
        "I would like to know: when was Rome built?",
    }
    assert len(opened("On what day was it?")) == 3
    for text in ("Rome was built when?", "Was it? When was it?", "When it rains.", "Did he go?"):
        assert opened(text) == {text}


def test_most_public_questions_can_be_paraphrased(data: Path) -> None:
    split = load_study_task("qa", data, train_rows=400, test_rows=10).train
    changed = {}
    for name, rules in (("plain", ()), ("questions", question_rules())):
        paraphraser = RuleParaphraser((*read_rules(data), *rules), 0.5)
        drawn = [
            (e.texts[:1], paraphraser.perturb(e.texts[:1], random.Random(e.id)))
            for e in split.examples
        ]
        assert all(replay(texts, one.edits) == one.texts for texts, one in drawn)
        changed[name] = sum(bool(one.edits) for _, one in drawn) / len(drawn)
    assert changed["plain"] < 0.3
    assert changed["questions"] > 0.75
