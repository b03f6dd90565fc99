"""The reader of summaries: what fits is read exactly, and each fault is refused with its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.empirical_judged import read_folder
from proofs_checks.empirical_summary import LARGEST, Summary, SummaryError, parse, read
from tests.empirical_summaries import COMPARISONS, difference, name_of, summary

FIRST = next(c for c in COMPARISONS if c.task == "nli" and c.right is not None)
GOOD = summary("nli", [difference(FIRST, ("-0.25", "0.125"), "small")])
Change = Callable[[dict[str, Any]], object]


def parsed(document: Any, name: str = "quick-nli-small") -> Summary:
    return parse(name, json.dumps(document).encode())


def refused(change: Change) -> str:
    document = copy.deepcopy(GOOD)
    change(document)
    with pytest.raises(SummaryError) as error:
        parsed(document)
    return str(error.value)


def test_a_summary_is_read_exactly() -> None:
    found = parsed(GOOD)
    d = found.differences[FIRST.id]
    assert (d.interval.low, d.interval.high) == (Fraction(-1, 4), Fraction(1, 8))
    assert (d.mean, d.seeds, d.n) == (Fraction("-0.0625"), 3, 1000)
    assert found.rows["standard", None, "snli", "accuracy"] == Fraction(4, 5)
    assert (found.scale, found.task, found.model, found.seeds) == (
        "quick",
        "nli",
        "small",
        (0, 1, 2),
    )
    assert found.datasets == ["snli"]


FAULTS: dict[str, tuple[Change, str]] = {
    "unknown schema": (lambda d: d.update(schema="sua.summary/2"), "schema: 'sua.summary/2', sua"),
    "no schema": (lambda d: d.pop("schema"), "schema: None, sua.summary/1 wanted"),
    "a missing field": (lambda d: d.pop("runs"), "runs: missing"),
    "an unknown field": (lambda d: d.update(notes=""), "notes: unknown"),
    "an unknown scale": (lambda d: d.update(scale="huge"), "scale: 'huge', one of paper,"),
    "an unknown model": (lambda d: d.update(model=None), "model: None, one of"),
    "another file's content": (lambda d: d.update(scale="standard"),
                               "it is of standard-nli-small, but its name is quick-nli-small"),
    "no hash": (lambda d: d["data"].update(snli="abc"), "data.snli: 'abc', 64 hexadecimal"),
    "a hash in capitals": (lambda d: d["runs"].update(x="A" * 64), "64 hexadecimal digits"),
    "a number as a number": (lambda d: d["differences"][0].update(low=-0.25),
                             "differences[0].low: -0.25, a decimal number with six digits"),
    "too few digits": (lambda d: d["differences"][0].update(mean="0.5"), "mean: '0.5', a decimal"),
    "not a number": (lambda d: d["differences"][0].update(high="nan"), "high: 'nan', a decimal"),
    "a space": (lambda d: d["differences"][0].update(high=" 0.125000"), "a decimal number"),
    "a line end": (lambda d: d["differences"][0].update(high="0.125000\n"), "a decimal number"),
    "a turned interval": (lambda d: d["differences"][0].update(low="0.500000"),
                          "differences[0]: low, mean and high out"),
    "a mean outside": (lambda d: d["differences"][0].update(mean="0.125001"), "out of order"),
    "the id of another": (lambda d: d["differences"][0].update(metric="brier"),
                          "but it is of small/brier/"),
    "turned sides": (lambda d: d["differences"][0].update(
        left=d["differences"][0]["right"], right=d["differences"][0]["left"]), "but it is of"),
    "a side that is none": (lambda d: d["differences"][0].update(left=["a"]), "[method, score]"),
    "one twice": (lambda d: d["differences"].append(d["differences"][0]), "differences[1]: small"),
    "no seeds": (lambda d: d["differences"][0].update(seeds=[]), "a list of distinct seeds wanted"),
    "a seed twice": (lambda d: d["differences"][0].update(seeds=[1, 1]), "distinct seeds"),
    "a seed of no run": (lambda d: d["differences"][0].update(seeds=[7]), "seeds of the summary"),
    "seeds as texts": (lambda d: d.update(seeds=["0"]), "seeds[0]: '0', an integer of at least 0"),
    "true as a seed": (lambda d: d.update(seeds=[True]), "seeds[0]: True, an integer"),
    "no inputs": (lambda d: d["differences"][0].update(n=0), "n: 0, an integer of at least 1"),
    "a list for an object": (lambda d: d.update(data=[]), "data: [], an object wanted"),
    "an object for a list": (lambda d: d.update(rows={}), "rows: {}, a list wanted"),
    "a row that is none": (lambda d: d["rows"].append("x"), "rows[2]: 'x', an object wanted"),
    "a row without a field": (lambda d: d["rows"][0].pop("n"), "rows[0].n: missing"),
    "a row twice": (lambda d: d["rows"].append(d["rows"][0]), "rows[2]: ('standard', None"),
    "a row of another seed": (lambda d: d["rows"][0]["values"].update({"9": "0.100000"}),
                              "rows[0].values"),
    "a row without values": (lambda d: d["rows"][0].update(values={}), "values by seed wanted"),
    "an empty name": (lambda d: d["rows"][0].update(method=""), "method: '', a text wanted"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_refused_with_its_place(name: str) -> None:
    change, said = FAULTS[name]
    assert said in refused(change)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (json.dumps(GOOD).encode()[:-20], "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "an object wanted"),
        (b'{"schema": "sua.summary/1", "schema": "sua.summary/1"}', "schema: twice in one object"),
        (b'{"schema": NaN}', "NaN is no number"),
        (b" " * (LARGEST + 1), f"{LARGEST + 1} bytes, at most {LARGEST} wanted"),
    ],
)
def test_bytes_that_are_no_summary_are_refused(content: bytes, said: str) -> None:
    with pytest.raises(SummaryError, match=said):
        parse("quick-nli-small", content)


def test_the_largest_size_is_allowed() -> None:
    content = json.dumps(GOOD).encode()
    assert parse("quick-nli-small", content + b" " * (LARGEST - len(content)))


@given(st.data())
def test_a_value_of_another_type_is_refused_wherever_it_stands(data: st.DataObject) -> None:
    document = copy.deepcopy(GOOD)
    parent: Any = document
    key: Any = data.draw(st.sampled_from(sorted(document.keys() - {"settings"})))
    while parent[key] and isinstance(parent[key], (dict, list)) and data.draw(st.booleans()):
        parent = parent[key]
        places = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
        key = data.draw(st.sampled_from(places))
    parent[key] = data.draw(st.sampled_from([3.5, False, [[]], {"x": [1]}]))
    with pytest.raises(SummaryError):
        parsed(document)


def test_a_folder_tells_summaries_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / f"{name_of(GOOD)}.json").write_text(json.dumps(GOOD))
    (tmp_path / "quick-qa-small.json").write_text("{")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "quick-topic-small.json").mkdir()
    found = read_folder(tmp_path)
    assert list(found.summaries) == ["quick-nli-small"]
    assert sorted(found.faults) == ["notes.txt", "quick-qa-small.json", "quick-topic-small.json"]
    assert found.faults["quick-topic-small.json"].startswith("cannot be read: ")
    assert read_folder(tmp_path / "none") == read_folder(tmp_path / "neither")
    with pytest.raises(SummaryError, match="cannot be read"):
        read(tmp_path / "none.json")
