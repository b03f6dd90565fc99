"""What works instead, in the report: the score that dev chose, and the certified objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paper_repro.study import report_names as names
from paper_repro.study.report_cells import Numbers
from paper_repro.study.report_document import NOT_RUN, Block, Cell, Items, Section, Table, table
from paper_repro.study.report_setting import below, setting
from paper_repro.tables import decimal

Rows = Sequence[Mapping[str, Any]]
METRICS = {
    "accuracy": "Acc", "robust_accuracy": "Rob. Acc", "ece": "ECE", "auroc": "AUROC",
    "aurc": "AURC", "augrc": "AUGRC", "selective_accuracy@0.8": "Sel. Acc (80 %)",
}  # fmt: skip


def works(found: Mapping[str, Any] | None, numbers: Numbers) -> Section:
    """The section.

    Args:
        found: of :func:`paper_repro.study.what_works.what_works`; None where nothing was chosen.
        numbers: of the runs.
    """
    title = "What works instead"
    if found is None:
        return Section(title, (NOT_RUN.text,))
    blocks: list[Block] = [
        f"Chosen on dev: {found['chosen']}; the cautious choice: {found['cautious']}. Rule, "
        f"features and candidates were declared in commit {found['declared_in']}. {found['rule']}",
        f"The goal. {found['goal']}",
        Items(tuple(_reached(found["reached"]))),
        _candidates(found["candidates"], numbers.scale),
    ]
    chosen = [row for row in found["gains"] if row["choice"] == "chosen"]
    for (task, model, method, dataset), rows in _grouped(
        (r for r in chosen if r["role"] in ("clean", "perturbed")),
        ("task", "model", "method", "dataset"),
    ):
        blocks.append(_gains(numbers, task, model, method, dataset, rows, found["chosen"]))
    for (task, model), rows in _grouped(found["objective"], ("task", "model")):
        blocks.append(_objective(numbers, task, model, rows))
    return Section(title, tuple(blocks))


def _grouped(rows: Iterable[Mapping[str, Any]], by: Sequence[str]) -> list[tuple[Any, Rows]]:
    """The rows by what they are about, in the order of their first.

    >>> _grouped([{"a": 1, "b": 2}, {"a": 3}, {"a": 1}], ["a"])
    [((1,), [{'a': 1, 'b': 2}, {'a': 1}]), ((3,), [{'a': 3}])]
    """
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(found.items())


def _reached(reached: Mapping[str, Mapping[str, bool]]) -> Iterable[str]:
    for model, tasks in reached.items():
        won = [task for task, holds in tasks.items() if holds]
        said = "reached" if len(won) > 1 else "not reached"
        held = ", ".join(won) if won else "no task"
        yield f"{model}: the goal is {said}; its condition holds on {held}, of {', '.join(tasks)}."


def _candidates(rows: Rows, scale: str) -> Table:
    lines = [
        [
            Cell(row["candidate"], "seen on a test before" if row["seen_on_test"] else ""),
            Cell(row["formula"]), Cell(str(row["fitted"])), Cell(decimal(row["gain"])),
            *(Cell(decimal(gain)) for gain in row["gains"].values()),
            Cell(decimal(row["behind"]), f"standard error {decimal(row['error'])}"),
        ]
        for row in rows
    ]  # fmt: skip
    tasks = list(rows[0]["gains"]) if rows else []
    header = ("candidate", "formula", "numbers fitted", "gain", *tasks, "behind the best")
    said = (
        f"Scale {scale}, dev alone. Gain: AUROC of failure less that of "
        f"{names.score('max_probability')}, over all tasks and by task. The order is that of the "
        "declaration."
    )
    return table(said, header, lines, words=2)


def _cell(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return Cell("-")
    low, high = decimal(row["low"]), decimal(row["high"])
    return Cell(f"{decimal(row['mean'])} {row['verdict']}", interval=f"[{low}, {high}]")


def _cells(rows: Rows, metrics: Iterable[str]) -> list[Cell]:
    return [_cell(next((r for r in rows if r["metric"] == m), None)) for m in metrics]


def _gains(
    numbers: Numbers, task: str, model: str, method: str, dataset: str, rows: Rows, chosen: str
) -> Table:
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    lines = [
        [Cell(names.score(right)), *_cells(same, metrics)]
        for (right,), same in _grouped(
            ({**row, "rival": row["right"][1]} for row in rows), ("rival",)
        )
    ]
    under = below(numbers, task, model, method)
    said = (
        f"{setting(numbers, task, model)} {names.method(method)}, seeds "
        f"{', '.join(map(str, rows[0]['seeds']))}, on {dataset} "
        f"({names.ROLES[rows[0]['role']]}). {under + '. ' if under else ''}{chosen} less each "
        "score: a win or a loss where the 95 % interval leaves out 0. Lower is better for AURC "
        "and AUGRC."
    )
    return table(said, ("less", *(METRICS.get(m, m) for m in metrics)), lines)


def _objective(numbers: Numbers, task: str, model: str, rows: Rows) -> Table:
    every = [(str(row["metric"]), row["left"][1]) for row in rows]
    keys: list[tuple[str, str | None]] = list(dict.fromkeys(every))
    lines = []
    for (dataset, role), same in _grouped(rows, ("dataset", "role")):
        by_key = {(row["metric"], row["left"][1]): row for row in same}
        lines.append([Cell(dataset, names.ROLES[role]), *(_cell(by_key.get(key)) for key in keys)])
    titles = [
        METRICS.get(m, m) + ("" if score is None else f", {names.score(score)}")
        for m, score in keys
    ]
    said = (
        f"{setting(numbers, task, model)} Seeds {', '.join(map(str, rows[0]['seeds']))}. The "
        "objective with the certified sign less SUA-TR: a win or a loss where the 95 % interval "
        "leaves out 0. Lower is better for ECE."
    )
    return table(said, ("data", *titles), lines)
