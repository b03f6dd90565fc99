"""Tables 2 and 3 and those of appendix B, the printed numbers beside ours, never as targets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paper_repro.study import report_names as names
from paper_repro.study.report_cells import Numbers, seeds
from paper_repro.study.report_document import Cell, Table, table
from paper_repro.study.report_setting import below, setting
from paper_repro.tables import decimal

Five = Sequence[str]
"""Accuracy, robust accuracy, ECE, AUROC, selective accuracy at 80 %, as printed."""
COLUMNS = ("Acc", "Rob. Acc", "ECE", "AUROC", "Sel. Acc (80 %)")
_METRICS = ("accuracy", "robust_accuracy", "ece", "auroc", "selective_accuracy@0.8")
PRINTED_TASK = {"qa": "QA", "nli": "NLI", "topic": "Class."}
COVERAGES = ("0.9", "0.8", "0.7")


@dataclass(frozen=True)
class Printed:
    """The paper's own numbers, as strings; empty where the command has none to show.

    Attributes:
        table_2: by task and method, as the paper names them.
        table_3: by the paper's row.
        ambiguous, adversarial: of section 6.6, by score.
        by_k: the rank correlations of appendix B.1, K rising.
        by_coverage: of appendix B.4: coverage to selective accuracy of SUA and of entropy.
    """

    table_2: Mapping[str, Mapping[str, Five]] = field(default_factory=dict)
    table_3: Mapping[str, Five] = field(default_factory=dict)
    ambiguous: Mapping[str, str] = field(default_factory=dict)
    adversarial: Mapping[str, str] = field(default_factory=dict)
    by_k: Sequence[str] = ()
    by_coverage: Mapping[str, tuple[str, str]] = field(default_factory=dict)


Row = tuple[str, str, str]
"""A row's title, the method that trained its model, and the score that it is judged by."""
TABLE_2: tuple[Row, ...] = (
    ("Standard", "standard", "entropy"),
    ("AT", "at", "entropy"),
    ("Temp. Scale", "temp_scale", "max_probability"),
    ("Self-Consist.", "standard", "self_consistency"),
    ("SUA-TR", "sua_tr", "sua@1"),
)
BESIDE: tuple[Row, ...] = (
    ("Standard, by SUA", "standard", "sua@1"),
    ("Standard, additive score", "standard", "additive"),
    ("Label smoothing", "label_smoothing", "entropy"),
    ("R-Drop", "r_drop", "entropy"),
    ("MC dropout", "mc_dropout", "entropy"),
    ("Ensemble", "ensemble", "entropy"),
    ("SUA-TR, by entropy", "sua_tr", "entropy"),
    ("SUA-TR, additive score", "sua_tr", "additive"),
    ("Certified sign", "certified", "additive"),
)
"""Rows that the paper's table does not have."""
TABLE_3: tuple[tuple[Row, str], ...] = (
    (("SUA-TR (full)", "sua_tr", "sua@1"), "SUA-TR (full)"),
    (("without L_align", "no_align", "sua@1"), "row 2"),
    (("without L_cons", "no_cons", "sua@1"), "row 3"),
    (("without both: Standard", "standard", "entropy"), "row 4"),
    (("Adv-only", "adv_only", "sua@1"), "Adv-only"),
    (("Para-only", "para_only", "sua@1"), "Para-only"),
    (("K = 3 perturbations", "k3", "sua@1"), "row 7"),
    (("K = 5 perturbations (the full one)", "sua_tr", "sua@1"), "row 8"),
    (("K = 10 perturbations", "k10", "sua@1"), "row 9"),
)
"""Each row with the paper's; rows 2 to 4 lost their labels, which are read off its discussion."""
MIXTURES: tuple[Row, ...] = (
    ("mixture (the default)", "sua_tr", "sua@1"),
    ("token edits alone", "tokens_only", "sua@1"),
    ("paraphrases alone", "para_only", "sua@1"),
    ("adversarial proposals alone", "adv_only", "sua@1"),
)
TRAINING_LAMBDAS: Mapping[float, str] = {
    0.0: "lam_0", 0.25: "lam_0.25", 0.5: "lam_0.5", 1.0: "sua_tr", 2.0: "lam_2", 3.0: "lam_3",
}  # fmt: skip
"""SUA-TR itself trains at lambda = 1."""


def _notes(printed: Five | None) -> list[str]:
    if printed is None:
        return [""] * len(COLUMNS)
    return [f"printed {p}" if p else "printed: none" for p in printed]


def _five(numbers: Numbers, task: str, model: str, row: Row, printed: Five | None) -> list[Cell]:
    title, method, score = row
    clean = numbers.clean(task, model)
    cells = [
        numbers.cell(task, model, method, clean, metric, score if i > 2 else None, note=note)
        for i, (metric, note) in enumerate(zip(_METRICS, _notes(printed), strict=True))
    ]
    under = below(numbers, task, model, method)
    told = f"scored by {names.score(score)}, {seeds(numbers.runs(task, model, method))}"
    first = Cell(title, f"{under}; {told}", mark="below") if under else Cell(title, told)
    return [first, *cells]


_HEADER = ("method", *COLUMNS)


def table_2(numbers: Numbers, task: str, model: str, printed: Printed) -> Table:
    """Table 2 of one task and one of our models."""
    of_task = printed.table_2.get(PRINTED_TASK[task], {})
    rows = [_five(numbers, task, model, row, of_task.get(row[0])) for row in TABLE_2]
    rows += [_five(numbers, task, model, row, None) for row in BESIDE]
    caption = (
        f"{setting(numbers, task, model)} Mean over seeds; in small type its 95 % "
        "interval over seeds and inputs, and what the paper prints for "
        "its own unnamed model and data. AUROC and selective accuracy are those of the score "
        "named. Read down a column: lower is better for ECE alone."
    )
    return table(caption, _HEADER, rows)


def table_3(numbers: Numbers, task: str, model: str, printed: Printed) -> Table:
    """Table 3: what each part of SUA-TR contributes. The paper's is of one task, which it leaves
    unnamed; its full row is that of QA in Table 2."""
    shown = printed.table_3 if task == "qa" else {}
    rows = [_five(numbers, task, model, row, shown.get(theirs)) for row, theirs in TABLE_3]
    caption = (
        f"{setting(numbers, task, model)} Compare each "
        "row with the first: what a part contributes is what is lost without it."
    )
    return table(caption, _HEADER, rows)


def mixtures(numbers: Numbers, task: str, model: str) -> Table:
    """Appendix B.2: SUA-TR trained on one source of perturbations alone."""
    rows = [_five(numbers, task, model, row, None) for row in MIXTURES]
    caption = (
        f"{setting(numbers, task, model)} Robust "
        "accuracy is on views of the mixture in every row. The paper says that the mixture is "
        "best in every column; the sizes that it prints are lost from its text."
    )
    return table(caption, _HEADER, rows)


def training_lambdas(numbers: Numbers, task: str, model: str) -> Table:
    """Appendix B.3: SUA-TR by the lambda that it trains with."""
    rows = []
    for lam, method in TRAINING_LAMBDAS.items():
        rows.append(_five(numbers, task, model, (f"lambda {lam:g}", method, f"sua@{lam:g}"), None))
    caption = (
        f"{setting(numbers, task, model)} Stable where "
        "the intervals of neighbouring rows overlap. Each model is scored with its own lambda."
    )
    return table(caption, _HEADER, rows)


def spearman(numbers: Numbers, task: str, model: str, printed: Printed) -> Table:
    """Appendix B.1: rank correlation of SUA at K views with that at ten other views."""
    known = ("1", "3", "5")
    rows: list[list[Cell | str]] = []
    for method in ("standard", "sua_tr"):
        for test in numbers.tests(task, model, "clean"):
            cells = [
                numbers.cell(task, model, method, test.dataset, f"spearman@{k}") for k in known
            ]
            about = f"{test.dataset} ({names.ROLES[test.role]})"
            rows.append([names.method(method), about, *cells])
    told = ", ".join(printed.by_k)
    theirs = f" The paper prints {told} for rising K, whose values it has lost." if told else ""
    caption = (
        f"{setting(numbers, task, model)} Spearman "
        f"correlation of SUA at lambda 1 from K views with SUA from ten others.{theirs}"
    )
    return table(caption, ("method", "data", *(f"K = {k}" for k in known)), rows, words=2)


def coverages(numbers: Numbers, task: str, model: str, printed: Printed) -> Table:
    """Appendix B.4: selective accuracy of abstention by SUA and by entropy."""
    shown = printed.by_coverage if task == "qa" else {}
    clean = numbers.clean(task, model)
    rows: list[list[Cell | str]] = []
    for method in ("standard", "sua_tr"):
        for place, score in enumerate(("sua@1", "entropy", "max_probability", "additive")):
            cells = []
            for c in COVERAGES:
                note = f"printed {shown[c][place]}" if c in shown and place < 2 else ""
                metric = f"selective_accuracy@{c}"
                cells.append(numbers.cell(task, model, method, clean, metric, score, note=note))
            rows.append([names.method(method), names.score(score), *cells])
    caption = (
        f"{setting(numbers, task, model)} Accuracy "
        "among the inputs that a score keeps. The paper does not say on which of its models."
    )
    header = ("method", "score", *(f"coverage {c}" for c in COVERAGES))
    return table(caption, header, rows, words=2)


_RANKED = (("auroc", "AUROC", 1), ("aurc", "AURC", -1), ("augrc", "AUGRC", -1),
           ("selective_accuracy@0.8", "Sel. Acc (80 %)", 1))  # fmt: skip


def rivals(numbers: Numbers, task: str, model: str, method: str, dataset: str, role: str) -> Table:
    """Every score on one test set, by four metrics; the best mean of a column is marked."""
    scores = names.rivals(numbers.scores(task, model))
    best = {}
    for metric, _, sign in _RANKED:
        found = {s: numbers.mean(task, model, method, dataset, metric, s) for s in scores}
        known = {s: sign * v for s, v in found.items() if v is not None}
        best[metric] = {s for s, v in known.items() if v == max(known.values())}
    rows: list[list[Cell | str]] = []
    for score in scores:
        cells = []
        for metric, _, _ in _RANKED:
            cell = numbers.cell(task, model, method, dataset, metric, score)
            top = score in best[metric] and not below(numbers, task, model, method)
            cells.append(dataclasses.replace(cell, mark="best") if top else cell)
        rows.append([names.score(score), *cells])
    under = below(numbers, task, model, method)
    caption = (
        f"{setting(numbers, task, model)} {names.method(method)} "
        f"({seeds(numbers.runs(task, model, method))}), on {dataset} ({names.ROLES[role]}). "
        + (f"{under}." if under else "Underlined: the best mean of the column; whether it is ahead "
           "of the next is for the paired differences to say.")
    )  # fmt: skip
    return table(caption, ("score", *(title for _, title, _ in _RANKED)), rows)


_LOWER = ("ece", "aurc", "augrc", "brier", "nll", "sua_risk")
"""Metrics of which less is better."""


def score_against_score(row: Mapping[str, Any]) -> bool:
    """Whether a difference is one between two scores."""
    return row["right"] is not None and None not in (row["left"][1], row["right"][1])


def differences(rows: Sequence[Mapping[str, Any]], about: str) -> Table:
    """Paired differences between scores, as the summaries of one task and model hold them."""
    lines = []
    for row in rows:
        mean, low, high = (float(row[name]) for name in ("mean", "low", "high"))
        sign = -1 if row["metric"].startswith(_LOWER) else 1
        ends = sorted((sign * low, sign * high))
        verdict = "ahead" if ends[0] > 0 else "behind" if ends[1] < 0 else "a tie"
        (left, by), (right, against) = row["left"], row["right"]
        lines.append(
            [
                Cell(names.score(by), names.method(left)),
                Cell(names.score(against), names.method(right)),
                row["dataset"], row["metric"],
                Cell(decimal(mean), "", f"[{decimal(low)}, {decimal(high)}]"), verdict,
            ]
        )  # fmt: skip
    caption = (
        f"{about} Differences on the same inputs and seeds, with intervals over both; those that "
        "the declared tests ask for. A tie where the interval holds 0."
    )
    return table(caption, ("left", "right", "data", "metric", "left - right", "left is"), lines,
                 words=4)  # fmt: skip
