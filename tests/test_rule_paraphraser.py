"""Paraphrases by rule: what is rewritten, what is left alone, and that the record is complete."""

from __future__ import annotations

import gzip
import json
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts, read_split
from paper_repro.perturbations.edits import replay
from paper_repro.perturbations.phrases import BOTH_WAYS, ONE_WAY, phrase_table, read_lexicon
from paper_repro.perturbations.rule_paraphraser import RuleParaphraser, read_rules
from paper_repro.perturbations.rules import Rule, contractions, replacements, syntax

SHORT = {
    "don't": "do not", "isn't": "is not", "aren't": "are not", "won't": "will not",
    "they're": "they are", "I've": "I have", "I'm": "I am", "ain't": "are not",
    "couldn't've": "could not have", "he's": "he is", "he'd": "he would",
}  # fmt: skip
LEXICON = {"lawyer": ["attorney"], "huge": ["immense", "vast"], "attorney": ["lawyer"]}


@cache
def rules() -> tuple[Rule, ...]:
    return (
        *contractions(SHORT),
        *syntax(),
        *replacements("phrase", phrase_table()),
        *replacements("lexicon", LEXICON),
    )


def paraphrases(*texts: str) -> set[Texts]:
    """Every single rewrite that a draw can make."""
    paraphraser, found = RuleParaphraser(rules(), 0.01), set()
    for seed in range(60):
        drawn = paraphraser.perturb(texts, random.Random(seed))
        assert len(drawn.edits) <= 1
        found.add(drawn.texts)
    return found - {texts}


REWRITES = [
    ("Humans don't share.", {"Humans do not share."}),
    ("Humans do not share.", {"Humans don't share."}),
    ("I'm home.", {"I am home."}),
    ("I am home.", {"I'm home."}),
    ("It's raining.", {"It is raining."}),
    ("He is a cook.", {"He's a cook."}),
    ("They will win.", {"They'll win."}),
    ("Don't go.", {"Do not go."}),
    ("A man is sitting.", {"There is a man sitting."}),
    ("There are two dogs asleep.", {"There are 2 dogs asleep."}),
    (
        "There are two girls in the yard.",
        {"Two girls are in the yard.", "There are 2 girls in the yard."},
    ),
    ("A woman holding a cup.", {"A woman who is holding a cup."}),
    ("Dogs who are barking.", {"Dogs barking."}),
    ("A boy in a red shirt.", {"A boy wearing a red shirt."}),
    ("The team won on Monday.", {"On Monday, the team won."}),
    ("The dog runs while a man watches.", {"While a man watches, the dog runs."}),
    ("A cat and an owl are here.", {"An owl and a cat are here."}),
    ("It cost $5 million in all.", {"It cost 5 million dollars in all."}),
    ("It rose 5 percent.", {"It rose 5%.", "It rose five percent."}),
    ("It rose 15%.", {"It rose 15 percent."}),
    ("It took more than 40 years.", {"It took over 40 years."}),
    (
        "In all at least 5 million.",
        {"In all no fewer than 5 million.", "In all at least five million."},
    ),
    ("Up again (AP) AP - The end.", {"Up again (AP) - The end."}),
    ("Made in the United States last May.", {"Made in the US last May."}),
    ("The U.S. economy grew.", {"The US economy grew."}),
    ("Intel said on Friday it grew.", {"Intel said Friday it grew."}),
    ("Intel said it will grow.", {"Intel said that it will grow."}),
    ("A lawyer came.", {"An attorney came."}),
    ("An attorney came.", {"A lawyer came."}),
    ("A huge wave.", {"An immense wave.", "A vast wave.", "An enormous wave."}),
    ("Someone came.", {"Somebody came."}),
    ("How do I pay?", {"How can I pay?"}),
    ("how do i pay?", {"how can i pay?"}),
    ("A dog next to a cat.", {"A dog beside a cat."}),
]


@pytest.mark.parametrize(("text", "wanted"), REWRITES, ids=[t for t, _ in REWRITES])
def test_a_rewrite_reads_like_english(text: str, wanted: set[str]) -> None:
    assert paraphrases(text) == {(w,) for w in wanted}


def test_a_rewrite_is_made_in_the_text_where_it_applies() -> None:
    assert paraphrases("I am home.", "No.") == {("I'm home.", "No.")}
    assert paraphrases("No.", "I am home.") == {("No.", "I'm home.")}
    both = {("I'm home.", "I am home."), ("I am home.", "I'm home.")}
    assert paraphrases("I am home.", "I am home.") == both


LEFT_ALONE = [
    "It's been long.",  # it has
    "He'd gone.",  # had, or would
    "Why isn't history taught?",  # "why is not history" is no English
    "Isn't history fun?",
    "That is what it is.",
    "That was not only wet.",
    "The man is sitting.",  # "there is the man"
    "What sport are women playing?",
    "A man and a young girl swimming.",  # perhaps both swim
    "The owner said it closes on Monday.",  # said on Monday, or closes on Monday
    "The old team from the small town by the sea won the first game on Monday.",  # too long
    "A dog runs while he sleeps.",  # whose "he"?
    "Mike Lawyer met Huge Prime Minister.",  # names
    "Halo 2 players won 21 games.",
    "One-two finish.",
    "two hundred and ten",
    "400-500 million dollars",
    "The peace talks to hold a vote.",
    "",
    "12 % $ 5",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_where_the_meaning_could_change_nothing_is_rewritten(text: str) -> None:
    assert paraphrases(text) == set()


_SENTENCE = (
    "A a man The dogs is are sitting two 2 people who wearing red shirt while don't not it's . ? , "
    "someone lawyer huge U.S. $5 million 5% said on Monday There and I am Two"
)
WORDS = st.sampled_from([*re.split(" ", _SENTENCE), "\u2019"])
TEXTS = st.lists(
    st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=12), min_size=1, max_size=2
).map(tuple)


@given(TEXTS, st.floats(0.01, 1), st.integers(0, 2**32))
def test_the_recorded_edits_lead_from_the_input_to_the_output(
    texts: Texts, rate: float, seed: int
) -> None:
    drawn = RuleParaphraser(rules(), rate).perturb(texts, random.Random(seed))
    assert replay(texts, drawn.edits) == drawn.texts
    assert all(edit.before != edit.after for edit in drawn.edits)
    assert (drawn.texts == texts) == (not drawn.edits)
    again = RuleParaphraser(rules(), rate).perturb(texts, random.Random(seed))
    assert drawn == again


@given(TEXTS, st.integers(0, 2**32))
def test_a_higher_rate_never_makes_fewer_edits(texts: Texts, seed: int) -> None:
    counts = [
        len(RuleParaphraser(rules(), rate).perturb(texts, random.Random(seed)).edits)
        for rate in (0.01, 0.3, 0.6, 1.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] <= 1


def test_no_phrase_stands_for_itself_and_none_is_listed_twice() -> None:
    pairs = [*BOTH_WAYS, *((b, a) for a, b in BOTH_WAYS), *ONE_WAY]
    assert len(set(pairs)) == len(pairs)
    assert all(a != b and a == a.lower() and b == b.lower() for a, b in pairs)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan")])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(BadInputError, match=r"rate: .* is no share"):
        RuleParaphraser((), rate)


def write_lists(data: Path, senses: object, pairs: str) -> Path:
    folder = data / "_resources"
    folder.mkdir()
    (folder / "wordnet_senses.json.gz").write_bytes(gzip.compress(json.dumps(senses).encode()))
    (folder / "ppdb_lexical_pairs.tsv.gz").write_bytes(gzip.compress(pairs.encode()))
    (folder / "contractions.json").write_text(json.dumps(SHORT), encoding="utf-8")
    return folder


def test_the_lexicon_keeps_pairs_of_ppdb_with_one_first_sense(tmp_path: Path) -> None:
    senses = {
        "huge": {"a": ["1"]}, "vast": {"a": ["1", "7"]}, "broad": {"a": ["1", "2", "3"]},
        "film": {"n": ["4"], "v": ["5"]}, "movie": {"n": ["4"]}, "arms": {"n": ["6"]},
        "weaponry": {"n": ["6"]}, "grand": {"a": ["1"]},
    }  # fmt: skip
    write_lists(tmp_path, senses, "vast\thuge\r\nbroad\thuge\r\nfilm\tmovie\r\narms\tweaponry\r\n")
    assert read_lexicon(tmp_path) == {"huge": ["vast"], "vast": ["huge"]}


def test_a_word_list_that_is_none_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"contractions\.json: no such file"):
        read_rules(tmp_path)
    folder = write_lists(tmp_path, {"huge": ["1"]}, "vast\thuge\n")
    with pytest.raises(BadInputError, match="'huge' has"):
        read_rules(tmp_path)
    (folder / "ppdb_lexical_pairs.tsv.gz").write_bytes(gzip.compress(b"a\tb\nalone\n"))
    with pytest.raises(BadInputError, match=r"ppdb_lexical_pairs\.tsv\.gz: line 2 is 'alone'"):
        read_rules(tmp_path)
    (folder / "wordnet_senses.json.gz").write_bytes(b"plain")
    with pytest.raises(BadInputError, match=r"wordnet_senses\.json\.gz: cannot be read"):
        read_rules(tmp_path)
    (folder / "contractions.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"contractions\.json: a table of contractions wanted"):
        read_rules(tmp_path)


def test_on_real_sentences_most_can_be_paraphrased_and_every_record_is_whole(data: Path) -> None:
    paraphraser = RuleParaphraser(read_rules(data), 0.5)
    split = read_split(data, "snli", "test", fields=("premise", "hypothesis"), n_labels=3)
    changed = 0
    for example in split.examples[:400]:
        drawn = paraphraser.perturb(example.texts, random.Random(example.id))
        assert replay(example.texts, drawn.edits) == drawn.texts
        changed += drawn.texts != example.texts
    assert changed > 240
