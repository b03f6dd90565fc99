"""Token-level edits: reproducible, bounded, and explained by what they record."""

from __future__ import annotations

import copy
import gzip
import json
import math
import random
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Edit, replay
from paper_repro.perturbations.token_edits import (
    KEYBOARD,
    KINDS,
    TokenEdits,
    read_synonyms,
)

TABLE = {
    "rain": ["drizzle", "wet weather"],
    "storm": ["tempest"],
    "don\u2019t": ["never"],
    "don't": ["never"],
    "a": ["one"],
    "caf\u00e9": ["bistro"],
    "stra\u00dfe": ["street", "road"],
}
ASCII = ["rain", "Rain", "RAIN", "rAin", "storm", "STORM", "Don't", "a", "A", "x-ray", "Keyboard"]
WORDS = st.sampled_from(ASCII) | st.sampled_from(
    ["don\u2019t", "DON\u2019T", "caf\u00e9", "Caf\u00c9", "CAF\u00c9", "stra\u00dfe"]
)
ENDS = st.sampled_from(["", ".", "!", " .", "...", "?!", ";", ", "])
SENTENCES = st.builds(lambda words, end: " ".join(words) + end, st.lists(WORDS, max_size=5), ENDS)
INPUTS = st.lists(SENTENCES, min_size=1, max_size=2).map(tuple)
SEEDS = st.integers(0, 2**32)
RATES = st.floats(0.01, 1)
ANY_TEXT = st.sampled_from(["", "a", "12345", "...", "\u2019", "'", " ", "\n"]) | st.text(
    max_size=8
)


def edits_of(kind: str, texts: Texts, seed: int, rate: float) -> list[Edit]:
    perturbed = TokenEdits(TABLE, rate).perturb(texts, random.Random(seed))
    return [edit for edit in perturbed.edits if edit.kind == kind]


@given(INPUTS, RATES, SEEDS)
def test_the_generator_state_determines_the_perturbation(
    texts: Texts, rate: float, seed: int
) -> None:
    one, other = random.Random(seed), random.Random(seed)
    random.seed(1)
    first = TokenEdits(TABLE, rate).perturb(texts, one)
    random.seed(2)
    assert first == TokenEdits(TABLE, rate).perturb(texts, other)
    assert one.getstate() == other.getstate()


@given(INPUTS, RATES, SEEDS)
def test_the_word_list_and_the_input_stay_as_they_were(
    texts: Texts, rate: float, seed: int
) -> None:
    table, given_texts = copy.deepcopy(TABLE), list(texts)
    TokenEdits(table, rate).perturb(given_texts, random.Random(seed))  # type: ignore[arg-type]  # what is tested
    assert table == TABLE
    assert given_texts == list(texts)


@given(INPUTS | st.lists(ANY_TEXT, min_size=1, max_size=2).map(tuple), RATES, SEEDS)
def test_the_recorded_edits_lead_from_the_input_to_the_output(
    texts: Texts, rate: float, seed: int
) -> None:
    perturbed = TokenEdits(TABLE, rate).perturb(texts, random.Random(seed))
    assert {edit.kind for edit in perturbed.edits} <= set(KINDS)
    assert replay(texts, perturbed.edits) == perturbed.texts
    for i, edit in enumerate(perturbed.edits):
        text, end = replay(texts, perturbed.edits[:i])[edit.part], edit.start + len(edit.before)
        if edit.kind == "punctuation":
            assert end == len(text)
        else:
            assert not text[: edit.start][-1:].isalpha()
            assert not text[end:][:1].isalpha()


@given(INPUTS, RATES, SEEDS)
def test_a_casing_edit_changes_the_case_and_nothing_else(
    texts: Texts, rate: float, seed: int
) -> None:
    for edit in edits_of("casing", texts, seed, rate):
        assert edit.before != edit.after
        assert edit.before.casefold() == edit.after.casefold()


@given(INPUTS, RATES, SEEDS)
def test_a_synonym_comes_from_the_table_in_the_case_of_the_word(
    texts: Texts, rate: float, seed: int
) -> None:
    for edit in edits_of("synonym", texts, seed, rate):
        choices = TABLE[edit.before.lower()]
        if edit.before.isupper() and len(edit.before) > 1:
            assert edit.after in {choice.upper() for choice in choices}
        elif edit.before[0].isupper():
            assert edit.after[0].isupper()
            assert edit.after in {choice.capitalize() for choice in choices}
        else:
            assert edit.after in choices


def is_one_slip(before: str, after: str) -> bool:
    """Whether the two differ by a neighbouring key, a swap, a dropped or a doubled letter."""
    same = sum(1 for _ in takewhile(lambda ab: ab[0] == ab[1], zip(before, after, strict=False)))
    old, new = before[same:], after[same:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    if len(old) == len(new) == 1:
        return new in KEYBOARD.get(old.lower(), "")
    if (len(old), len(new)) == (0, 1):
        return new == after[same - 1]
    return (len(old), len(new)) == (1, 0) or (len(old) == 2 and new == old[::-1])


@given(INPUTS, RATES, SEEDS)
def test_a_typo_is_one_slip_inside_a_word_of_four_letters_or_more(
    texts: Texts, rate: float, seed: int
) -> None:
    for edit in edits_of("typo", texts, seed, rate):
        assert len(edit.before) >= 4
        assert edit.before.isascii()
        assert edit.before[0] == edit.after[0]
        assert is_one_slip(edit.before, edit.after)


@pytest.mark.parametrize("word", ["don't", "e-mail", "noon", "WORD"])
def test_a_typo_always_changes_the_word(word: str) -> None:
    for seed in range(300):
        for edit in edits_of("typo", (word,), seed, 0.1):
            assert is_one_slip(edit.before, edit.after)


@given(INPUTS, RATES, SEEDS)
def test_a_punctuation_edit_changes_the_closing_marks(texts: Texts, rate: float, seed: int) -> None:
    for edit in edits_of("punctuation", texts, seed, rate):
        assert edit.before != edit.after
        assert set(edit.before + edit.after) <= set(".!?;, ")


@given(st.lists(WORDS, max_size=40), RATES, SEEDS)
def test_the_number_of_edits_is_at_most_the_share_of_the_words(
    words: list[str], rate: float, seed: int
) -> None:
    perturbed = TokenEdits(TABLE, rate).perturb((" ".join(words) + " 2024",), random.Random(seed))
    assert len(perturbed.edits) <= max(1.0, rate * len(words) + 0.5)


@given(st.integers(1, 40), st.floats(0.01, 0.5), SEEDS, st.booleans())
def test_where_every_edit_applies_their_number_is_the_share_of_the_words(
    n: int, rate: float, seed: int, two_parts: bool
) -> None:
    edits = TokenEdits({"rain": ["snow"], "snow": ["rain"]}, rate)
    texts = (" ".join(["rain"] * n),) if not two_parts else (" ".join(["snow"] * n), "rain")
    count = len(edits.perturb(texts, random.Random(seed)).edits)
    assert count == 1 or abs(count - rate * (n + two_parts)) <= 0.5
    assert count >= 1


@given(st.lists(ANY_TEXT, min_size=1, max_size=2).map(tuple), st.floats(0.01, 3), SEEDS)
def test_any_text_can_be_perturbed_and_keeps_its_parts(
    texts: Texts, rate: float, seed: int
) -> None:
    perturbed = TokenEdits(TABLE, rate).perturb(texts, random.Random(seed))
    assert len(perturbed.texts) == len(texts)
    assert all(edit.part in range(len(texts)) for edit in perturbed.edits)
    if not perturbed.edits:
        assert perturbed.texts == texts


@given(SEEDS)
def test_without_words_only_the_closing_marks_change(seed: int) -> None:
    for text in ("", "12345", "12 3_4"):
        perturbed = TokenEdits(TABLE, 1.0).perturb((text,), random.Random(seed))
        assert {edit.kind for edit in perturbed.edits} <= {"punctuation"}
        assert perturbed.texts[0].rstrip(".! ") == text


def test_every_kind_of_edit_and_every_part_of_the_input_comes_up() -> None:
    edits, rng = TokenEdits(TABLE, 0.1), random.Random(0)
    drawn = [edits.perturb(("rain and storm", "storm or rain"), rng) for _ in range(400)]
    assert {edit.kind for p in drawn for edit in p.edits} == set(KINDS)
    assert {edit.part for p in drawn for edit in p.edits} == {0, 1}
    assert len({p.texts for p in drawn}) > 20


@pytest.mark.parametrize("mark", ["'", "\u2019", "-"])
def test_an_apostrophe_or_a_hyphen_does_not_end_a_word(mark: str) -> None:
    word = f"O{mark}Neil"
    edits, rng = TokenEdits({word.lower(): ["smith"]}, 0.1), random.Random(0)
    found = [e for _ in range(300) for e in edits.perturb((f"{word} spoke",), rng).edits]
    assert {e.before for e in found if e.kind != "punctuation"} == {word, "spoke"}
    assert {(e.before, e.after) for e in found if e.kind == "synonym"} == {(word, "Smith")}


def test_keyboard_neighbours_lie_within_one_key_and_a_half() -> None:
    """Rows of a keyboard are shifted by a quarter and by three quarters of a key."""
    rows = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
    place = {c: (i + shift, y) for y, (row, shift) in enumerate(rows) for i, c in enumerate(row)}
    assert set(KEYBOARD) == set(place)
    for letter, near in KEYBOARD.items():
        assert near
        assert all(0 < math.dist(place[letter], place[other]) < 1.5 for other in near)


def write_word_list(data: Path, table: object, stopped: str = "the\nduring\n") -> Path:
    folder = data / "_resources"
    folder.mkdir()
    (folder / "stopwords_en.txt").write_text(stopped, encoding="utf-8")
    path = folder / "wordnet_synonyms_top2.json.gz"
    path.write_bytes(gzip.compress(json.dumps(table).encode()))
    return path


def test_the_word_list_keeps_words_of_one_part_of_speech(tmp_path: Path) -> None:
    table = {
        "storm": {"n": ["tempest", "storm", "gale"]},
        "rain": {"n": ["shower"], "v": ["pour"]},
        "during": {"r": ["amid"]},
        "ox": {"n": ["cow"]},
    }
    write_word_list(tmp_path, table)
    assert read_synonyms(tmp_path) == {"storm": ["tempest", "gale"]}


def test_a_missing_word_list_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"wordnet_synonyms_top2\.json\.gz: no such file"):
        read_synonyms(tmp_path)
    write_word_list(tmp_path, {})
    (tmp_path / "_resources" / "stopwords_en.txt").unlink()
    with pytest.raises(BadInputError, match=r"stopwords_en\.txt: no such file"):
        read_synonyms(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"plain", gzip.compress(b"{"), gzip.compress(b"\xff")],
    ids=["not compressed", "no JSON", "no UTF-8"],
)
def test_a_word_list_that_cannot_be_read_is_refused_by_its_path(
    tmp_path: Path, content: bytes
) -> None:
    path = write_word_list(tmp_path, {})
    path.write_bytes(content)
    with pytest.raises(BadInputError, match="cannot be read as a word list") as caught:
        read_synonyms(tmp_path)
    assert str(path) in str(caught.value)


def test_the_public_word_list_offers_another_word_for_every_word(data: Path) -> None:
    synonyms = read_synonyms(data)
    assert len(synonyms) > 10_000
    assert all(word.islower() and len(word) > 2 for word in synonyms)
    assert all(others and word not in others for word, others in synonyms.items())
