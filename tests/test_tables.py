"""Tables: each number stands in its own cell, and reads back as itself."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.examples import Split
from paper_repro.perturbations.token_edits import TokenEdits
from paper_repro.reproduce import Evaluation, TaskRun
from paper_repro.scores import Outputs, score_names
from paper_repro.tables import (
    METHOD_TITLES,
    TITLES,
    auroc_table,
    decimal,
    find,
    markdown,
    number,
    standing,
    summary_table,
    with_interval,
)
from paper_repro.tasks import Task
from paper_repro.train import METHODS

SHARES = st.integers(0, 1000).map(lambda i: i / 1000)
CELLS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=5)
SPLITS = [Split(dataset, name, ()) for dataset in ("ag", "bbc") for name in ("test", "attacked")]
OUTPUTS = Outputs(torch.zeros(1, 2), torch.zeros(1, 1, 2), np.zeros(1, dtype=np.int64))
METRICS = (("accuracy", None), ("robust_accuracy", None), ("ece", None))
Row = dict[str, object]


def run_of(rows: list[Row], accuracy: float = 0.5, floor: float = 0.5) -> TaskRun:
    task = Task("topic", ("a", "b"), SPLITS[0], SPLITS[0], tuple(SPLITS), TokenEdits({}, 0.1))
    evaluations = [
        Evaluation("topic", split, method, OUTPUTS, {}, 1) for method in METHODS for split in SPLITS
    ]
    return TaskRun(task, rows, evaluations, floor, dict.fromkeys(METHODS, accuracy), {})


def row(split: Split, method: str, metric: str, score: str | None, value: float) -> Row:
    key: Row = {"dataset": split.dataset, "split": split.name, "method": method}
    low, high = (value / 2, (1 + value) / 2) if metric != "auroc" else (None, None)
    return key | {"metric": metric, "score": score, "value": value, "low": low, "high": high}


def all_rows(seed: int) -> list[Row]:
    """A row of a random value for every cell of both tables, and rows that belong in none."""
    rng = random.Random(seed)
    named = [("auroc", score) for score in score_names()]
    named += [("selective_accuracy@0.8", "entropy"), ("selective_accuracy@0.8", "sensitivity")]
    named += [("aurc", "entropy"), *METRICS]  # type: ignore[list-item]
    rows = [row(s, m, *key, rng.random()) for s in SPLITS for m in METHODS for key in named]
    rng.shuffle(rows)
    return rows


def cell_of(rows: list[Row], split: Split, method: str, metric: str, score: str | None) -> Row:
    wanted = (split.dataset, split.name, method, metric, score)
    keys = ("dataset", "split", "method", "metric", "score")
    (found,) = (r for r in rows if tuple(r[k] for k in keys) == wanted)
    return found


@given(st.floats(-1000, 1000))
def test_a_decimal_reads_back_to_three_places_without_a_leading_zero(value: float) -> None:
    text = decimal(value)
    assert abs(float(text) - value) <= 0.0005 * (1 + 1e-9)
    assert len(text.split(".")[1]) == 3
    assert text.lstrip("-")[0] != "0"
    assert abs(value) >= 0.9995 or text.lstrip("-")[0] == "."


BY_HAND = {None: "-", 0.0: ".000", 1.0: "1.000", 0.9996: "1.000", 0.1: ".100", -0.25: "-.250"}


@pytest.mark.parametrize(
    ("value", "text"), [*BY_HAND.items(), (10.5, "10.500"), (-20.0, "-20.000")]
)
def test_decimals_by_hand(value: float | None, text: str) -> None:
    assert decimal(value) == text


@given(st.lists(st.fixed_dictionaries({"a": st.integers(0, 2), "b": st.integers(0, 2)})), st.data())
def test_find_returns_the_first_row_with_the_values(
    rows: list[dict[str, object]], data: st.DataObject
) -> None:
    a, b = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))
    matching = [i for i, r in enumerate(rows) if r["a"] == a and r["b"] == b]
    found = find(rows, a=a, b=b)
    assert found is (rows[matching[0]] if matching else None)


@pytest.mark.parametrize(
    ("cells", "wanted"), [(None, None), ({"value": None}, None), ({"value": "x"}, None)]
)
def test_what_is_no_number_is_none(cells: dict[str, object] | None, wanted: None) -> None:
    assert number(cells) is wanted


@given(st.integers(-5, 5) | st.floats(-5, 5), SHARES, SHARES)
def test_an_interval_shows_its_three_numbers_in_order(
    value: float, low: float, high: float
) -> None:
    cells: Row = {"value": value, "low": low, "high": high}
    assert number(cells) == value
    text = with_interval(cells)
    middle, rest = text.split(" [")
    first, last = rest.removesuffix("]").split(", ")
    assert [float(t) for t in (middle, first, last)] == [
        float(f"{v:.3f}") for v in (value, low, high)
    ]
    assert with_interval(cells | {"low": None}) == with_interval(cells | {"high": None}) == middle
    assert with_interval(None) == "-"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_method_stands_only_if_it_reached_naive_bayes(accuracy: float, floor: float) -> None:
    run = run_of([], accuracy, floor)
    for method in METHODS:
        said = standing(run, method)
        assert decimal(accuracy) in said
        assert f"Naive Bayes {decimal(floor)}" in said
        assert ("no conclusion is drawn" in said) == (accuracy < floor)


def test_every_score_and_every_method_has_a_title_of_its_own() -> None:
    assert list(TITLES) == score_names()
    assert len(set(TITLES.values())) == len(TITLES)
    assert set(METHODS) <= set(METHOD_TITLES)


@given(st.integers(0, 2**32), st.sampled_from(METHODS))
def test_the_auroc_of_each_split_and_score_stands_in_its_cell(seed: int, method: str) -> None:
    rows = all_rows(seed)
    header, lines = auroc_table(run_of(rows), method)
    assert header == ["split", *TITLES.values()]
    assert [line[0] for line in lines] == [f"{s.dataset} {s.name}" for s in SPLITS]
    for split, line in zip(SPLITS, lines, strict=True):
        for score, cell in zip(score_names(), line[1:], strict=True):
            assert cell == decimal(number(cell_of(rows, split, method, "auroc", score)))


@given(st.integers(0, 2**32))
def test_the_summary_of_each_split_and_method_stands_in_its_line(seed: int) -> None:
    rows = all_rows(seed)
    header, lines = summary_table(run_of(rows))
    keys = [(split, method) for method in METHODS for split in SPLITS]
    for (split, method), line in zip(keys, lines, strict=True):
        assert len(line) == len(header)
        assert line[:2] == [f"{split.dataset} {split.name}", METHOD_TITLES[method]]
        wanted = [*METRICS, ("selective_accuracy@0.8", "entropy")]
        cells = [cell_of(rows, split, method, *key) for key in wanted]
        assert line[2:] == [with_interval(cell) for cell in cells]


def test_a_number_that_was_not_measured_is_a_dash() -> None:
    _, lines = auroc_table(run_of([]), "standard")
    assert lines == [[f"{s.dataset} {s.name}", *["-"] * len(TITLES)] for s in SPLITS]
    _, lines = summary_table(run_of([]))
    assert all(line[2:] == ["-"] * 4 for line in lines)


@given(st.data(), st.integers(1, 5), st.integers(0, 4))
def test_markdown_reads_back_cell_by_cell(data: st.DataObject, width: int, height: int) -> None:
    table: list[list[str]] = [
        data.draw(st.lists(CELLS, min_size=width, max_size=width)) for _ in range(height + 1)
    ]
    first, rule, *rest = markdown(table[0], table[1:]).split("\n")

    def cells(line: str) -> list[Any]:
        assert line[0] == line[-1] == "|"
        return [cell.strip() for cell in line[1:-1].split("|")]

    assert [cells(line) for line in (first, *rest)] == table
    assert cells(rule) == ["---"] + ["--:"] * (width - 1)
