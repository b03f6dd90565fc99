"""The tables that a person reads: on the terminal and in the report, from the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paper_repro.reproduce import TaskRun
from paper_repro.scores import score_names

TITLES = {
    "entropy": "H",
    "max_probability": "1-max",
    "mean_views": "1-max mean",
    "additive": "e+2S_TV",
    "sensitivity": "S",
    "sua@0.1": "SUA .1",
    "sua@0.5": "SUA .5",
    "sua@1": "SUA 1",
    "sua@2": "SUA 2",
}
"""Column headings of the scores."""
METHOD_TITLES = {"naive_bayes": "Naive Bayes", "standard": "Standard", "sua_tr": "SUA-TR"}


def decimal(value: float | None) -> str:
    """Three decimals without a leading zero, as in the literature; ``-`` where there is none."""
    if value is None:
        return "-"
    text = f"{value:.3f}".replace("-0.000", "0.000")
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def find(rows: Iterable[dict[str, object]], **wanted: object) -> dict[str, object] | None:
    """The first row with these values."""
    for row in rows:
        if all(row[name] == value for name, value in wanted.items()):
            return row
    return None


def number(row: dict[str, object] | None, name: str = "value") -> float | None:
    """A numeric cell of a row, or None."""
    value = None if row is None else row[name]
    return float(value) if isinstance(value, (int, float)) else None


def with_interval(row: dict[str, object] | None) -> str:
    """``.795 [.780, .810]``."""
    low, high = number(row, "low"), number(row, "high")
    if low is None or high is None:
        return decimal(number(row))
    return f"{decimal(number(row))} [{decimal(low)}, {decimal(high)}]"


def standing(run: TaskRun, method: str) -> str:
    """One line: did the method reach Naive Bayes, and what follows."""
    said = f"accuracy {decimal(run.accuracy[method])}, Naive Bayes {decimal(run.floor)}"
    if run.reached(method):
        return said
    return f"BELOW NAIVE BAYES ({said}): no conclusion is drawn from this table"


def auroc_table(run: TaskRun, method: str) -> tuple[list[str], list[list[str]]]:
    """AUROC of failure prediction by score, one line for each split."""
    header = ["split", *(TITLES[s] for s in score_names())]
    lines = []
    for evaluation in run.evaluations:
        if evaluation.method != method:
            continue
        split = evaluation.split
        cells = []
        for score in score_names():
            row = find(
                run.rows,
                dataset=split.dataset,
                split=split.name,
                method=method,
                metric="auroc",
                score=score,
            )
            cells.append(decimal(number(row)))
        lines.append([f"{split.dataset} {split.name}", *cells])
    return header, lines


def summary_table(run: TaskRun) -> tuple[list[str], list[list[str]]]:
    """Accuracy, robust accuracy and calibration by split and method, with intervals."""
    header = [
        "split",
        "method",
        "accuracy",
        "robust accuracy",
        "ECE",
        "selective accuracy (H, 80 %)",
    ]
    lines = []
    for evaluation in run.evaluations:
        key = {
            "dataset": evaluation.split.dataset,
            "split": evaluation.split.name,
            "method": evaluation.method,
        }
        cells = [
            with_interval(find(run.rows, **key, metric=metric, score=None))
            for metric in ("accuracy", "robust_accuracy", "ece")
        ]
        selective = find(run.rows, **key, metric="selective_accuracy@0.8", score="entropy")
        lines.append(
            [
                f"{key['dataset']} {key['split']}",
                METHOD_TITLES[evaluation.method],
                *cells,
                with_interval(selective),
            ]
        )
    return header, lines


def markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("---" if i == 0 else "--:" for i in range(len(header))) + "|"
    return "\n".join([line(header), rule, *(line(cells) for cells in lines)])


def aligned(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table for the terminal: the first column flush left, the others flush right."""
    rows = [header, *lines]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
