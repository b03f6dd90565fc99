"""Reading datasets: what is kept, what is refused, and how the refusal reads."""

from __future__ import annotations

import gzip
import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Split, read_split

N = 3
TEXTS = st.text(min_size=1, max_size=12).filter(lambda t: bool(t.strip()))
IDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)
LAWS = (
    st.lists(st.integers(0, 100), min_size=N, max_size=N)
    .filter(any)
    .map(lambda counts: [c / sum(counts) for c in counts])
)
ROWS = st.fixed_dictionaries(
    {"text": TEXTS, "label": st.integers(-1, N - 1)},
    optional={"id": IDS, "label_dist": LAWS, "group": TEXTS},
)
KEPT_ROWS = st.fixed_dictionaries({"text": TEXTS, "label": st.integers(0, N - 1)})


def write_lines(data: Path, lines: Sequence[str], dataset: str = "toy") -> Path:
    path = data / dataset / "test.jsonl.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    return path


def read_toy(
    data: Path, fields: Sequence[str] = ("text",), n: int = N, label_field: str = "label"
) -> Split:
    return read_split(data, "toy", "test", fields=fields, n_labels=n, label_field=label_field)


def read_rows(rows: Sequence[object], fields: Sequence[str] = ("text",)) -> Split:
    with tempfile.TemporaryDirectory() as folder:
        write_lines(Path(folder), [json.dumps(row) for row in rows])
        return read_toy(Path(folder), fields)


def refusal(lines: Sequence[str], fields: Sequence[str] = ("text",), n: int = N) -> str:
    """The message of the error that reading raises; it must name the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_lines(Path(folder), lines)
        with pytest.raises(BadInputError) as caught:
            read_toy(Path(folder), fields, n)
        assert str(path) in str(caught.value)
        return str(caught.value).replace(str(path), "FILE")


@given(st.lists(ROWS, min_size=1, max_size=6), st.booleans())
def test_reading_gives_back_the_rows_with_a_label_in_order(
    rows: list[dict[str, Any]], ascii_only: bool
) -> None:
    lines = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    wanted = [(i, row) for i, row in enumerate(rows, start=1) if row["label"] != -1]
    if not wanted:
        assert "empty split" in refusal(lines)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_lines(Path(folder), lines)
        split = read_toy(Path(folder))
    assert (split.dataset, split.name) == ("toy", "test")
    assert split.labels == [row["label"] for _, row in wanted]
    assert len(split.examples) == len(wanted)
    for example, (number, row) in zip(split.examples, wanted, strict=True):
        assert example.texts == (row["text"],)
        assert example.id == row.get("id", str(number))
        assert example.rewritten is None
        law = row.get("label_dist")
        assert example.label_law == (None if law is None else tuple(law))


@given(st.lists(KEPT_ROWS, min_size=1, max_size=4), st.data())
def test_the_label_is_read_from_the_named_field_alone(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    other = [data.draw(st.integers(-1, N - 1), label="other scheme") for _ in rows] + [0]
    rows = [*rows, {"text": "last", "label": 0}]
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            json.dumps(row | {"label_ag": label}) for row, label in zip(rows, other, strict=True)
        ]
        write_lines(Path(folder), lines)
        split = read_toy(Path(folder), label_field="label_ag")
    assert split.labels == [label for label in other if label >= 0]
    kept = [row["text"] for row, label in zip(rows, other, strict=True) if label >= 0]
    assert [e.texts[0] for e in split.examples] == kept


@given(
    st.lists(TEXTS, min_size=4, max_size=4),
    st.fixed_dictionaries({}, optional={"label_preserved": st.booleans()}),
)
def test_a_row_is_a_pair_unless_its_label_was_not_preserved(
    texts: list[str], preserved: dict[str, bool]
) -> None:
    premise, hypothesis, old_premise, old_hypothesis = texts
    row = {"label": 1, "premise": premise, "hypothesis": hypothesis, "perturbed_of": "x"}
    row |= {"original_premise": old_premise, "original_hypothesis": old_hypothesis}
    (example,) = read_rows([row | preserved], ("premise", "hypothesis")).examples
    if preserved.get("label_preserved", True):
        assert example.texts == (old_premise, old_hypothesis)
        assert example.rewritten == (premise, hypothesis)
    else:
        assert example.texts == (premise, hypothesis)
        assert example.rewritten is None


def test_originals_without_perturbed_of_are_no_pair() -> None:
    (example,) = read_rows([{"text": "new", "label": 0, "original_text": "old"}]).examples
    assert example.texts == ("new",)
    assert example.rewritten is None


def test_the_originals_of_an_edit_that_changed_the_label_are_not_needed() -> None:
    row = {"text": "new", "label": 0, "perturbed_of": "x", "label_preserved": False}
    assert read_rows([row]).examples[0].texts == ("new",)


BAD_LABELS: list[object] = ["1", True, False, 1.0, 0.5, N, -2, None, [1], {}]
BAD_TEXTS: list[object] = ["", "  \t", 3, True, ["a"], {}]
BAD_LAWS: list[object] = [
    [0.5, 0.5],
    [0.25, 0.25, 0.25, 0.25],
    [],
    [1.5, -0.5, 0.0],
    [0.5, 0.25, 0.125],
    [0.5, 0.5, 0.5],
    [0, 0, 0],
    [True, 0, 0],
    ["1", 0, 0],
    [None, 1, 0],
    [math.inf, 0, 0],
    [math.nan, 0.5, 0.5],
    [1e308, 1e308, 1e308],
    [10**400, 0, 0],
    "abc",
    {"0": 1.0},
    1,
]
BAD_FIELDS = (
    [("label", value) for value in BAD_LABELS]
    + [("text", value) for value in BAD_TEXTS]
    + [("label_dist", value) for value in BAD_LAWS]
)


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS)
def test_a_bad_value_is_refused_with_file_row_field_and_value(name: str, value: object) -> None:
    good = {"text": "fine", "label": 0, "label_dist": [1, 0, 0], "id": "g"}
    message = refusal([json.dumps(row) for row in (good, good | {name: value, "id": "b"}, good)])
    assert "FILE: row 2 (id 'b')" in message
    assert f"{name}" in message
    assert repr(value) in message


@given(
    st.lists(KEPT_ROWS, max_size=4),
    st.lists(KEPT_ROWS, max_size=2),
    st.sampled_from(BAD_FIELDS),
)
def test_the_row_named_is_the_first_bad_one(
    before: list[dict[str, Any]], after: list[dict[str, Any]], bad: tuple[str, object]
) -> None:
    row: dict[str, object] = {"text": "fine", "label": 0} | dict([bad])
    lines = [json.dumps(r) for r in [*before, row, *after, {"label": "also bad"}]]
    assert f"FILE: row {len(before) + 1} (id None)" in refusal(lines)


@given(st.integers(1, 5), st.integers().filter(lambda x: not -1 <= x <= 5))
def test_labels_outside_the_scheme_are_refused_with_its_range(n: int, label: int) -> None:
    for wrong in (label, n):
        message = refusal([json.dumps({"text": "a", "label": wrong})], n=n)
        assert f"label is {wrong}, not in 0..{n - 1}" in message


@pytest.mark.parametrize("name", ["premise", "hypothesis", "original_premise"])
def test_a_row_without_a_text_field_is_refused_by_the_fields_name(name: str) -> None:
    row = {"premise": "a", "hypothesis": "b", "label": 0, "perturbed_of": "z", "id": "r"}
    row |= {"original_premise": "c", "original_hypothesis": "d"}
    del row[name]
    message = refusal([json.dumps(row)], ("premise", "hypothesis"))
    assert f"FILE: row 1 (id 'r') has no field {name!r}" in message


@pytest.mark.parametrize("line", ["{", '{"text": "a", "label": 0', "nonsense", "", "{'a': 1}"])
def test_a_line_that_is_no_json_is_refused_by_number(line: str) -> None:
    good = json.dumps({"text": "a", "label": 0})
    assert "FILE: line 3 is no JSON" in refusal([good, good, line, good])


@pytest.mark.parametrize("line", ["[]", "3", '"text"', "null", "true"])
def test_a_line_that_is_no_object_is_refused_by_number(line: str) -> None:
    good = json.dumps({"text": "a", "label": 0})
    assert "FILE: line 2 is no JSON object" in refusal([good, line, good])


def test_a_split_without_labelled_rows_is_refused_as_empty() -> None:
    assert "empty split" in refusal([])
    assert "empty split" in refusal([json.dumps({"text": "a", "label": -1})])


def test_a_missing_folder_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such folder") as caught:
        read_toy(tmp_path)
    assert str(tmp_path / "toy") in str(caught.value)


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    with pytest.raises(BadInputError, match="no such file") as caught:
        read_toy(tmp_path)
    assert str(tmp_path / "toy" / "test.jsonl.gz") in str(caught.value)


GOOD = b'{"text": "a", "label": 0}\n'
UNREADABLE = {
    "not compressed": GOOD,
    "cut short": gzip.compress(GOOD * 1000)[:-12],
    "damaged": gzip.compress(GOOD)[:10] + b"\xff" * 20 + gzip.compress(GOOD)[30:],
    "not UTF-8": gzip.compress(b'{"text": "\xff", "label": 0}\n'),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_refused_by_its_path(tmp_path: Path, content: bytes) -> None:
    path = write_lines(tmp_path, [])
    path.write_bytes(content)
    with pytest.raises(BadInputError, match="cannot be read") as caught:
        read_toy(tmp_path)
    assert str(path) in str(caught.value)


NLI = ("premise", "hypothesis")
REAL = [
    ("ag_news", "train", ("text",), 4, "label"),
    ("ag_news", "dev", ("text",), 4, "label"),
    ("bbc", "test", ("text",), 4, "label_ag"),
    ("chaosnli", "test", NLI, 3, "label"),
    ("ag_deepwordbug_cnn", "test", ("text",), 4, "label"),
]


def raw_rows(data: Path, dataset: str, split: str) -> list[dict[str, Any]]:
    with gzip.open(data / dataset / f"{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("dataset", "split", "fields", "n", "label_field"), REAL)
def test_public_splits_keep_every_labelled_row(
    data: Path, dataset: str, split: str, fields: tuple[str, ...], n: int, label_field: str
) -> None:
    rows = raw_rows(data, dataset, split)
    read = read_split(data, dataset, split, fields=fields, n_labels=n, label_field=label_field)
    kept = [row for row in rows if row[label_field] != -1]
    assert [e.id for e in read.examples] == [row["id"] for row in kept]
    assert read.labels == [row[label_field] for row in kept]
    assert set(read.labels) == set(range(n))
    assert len({e.id for e in read.examples}) == len(read.examples)
    assert all(len(e.texts) == len(fields) for e in read.examples)


def test_chaosnli_gives_a_law_whose_mode_is_the_label(data: Path) -> None:
    for example in read_split(data, "chaosnli", "test", fields=NLI, n_labels=3).examples:
        assert example.label_law is not None
        assert math.isclose(math.fsum(example.label_law), 1, abs_tol=1e-12)
        assert example.label_law[example.label] == max(example.label_law)


def test_character_attacks_stand_beside_a_different_original(data: Path) -> None:
    rows = raw_rows(data, "ag_deepwordbug_cnn", "test")
    split = read_split(data, "ag_deepwordbug_cnn", "test", fields=("text",), n_labels=4)
    for example, row in zip(split.examples, rows, strict=True):
        assert (example.texts, example.rewritten) == ((row["original_text"],), (row["text"],))
        assert example.rewritten != example.texts
