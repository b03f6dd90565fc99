"""Appendix C in the report: which signatures each test set shows, and how often they fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paper_repro.study import report_names as names
from paper_repro.study.report_cells import Numbers, Run, seeds
from paper_repro.study.report_document import Block, Cell, Section, Table, table
from paper_repro.study.report_setting import below, setting
from paper_repro.study.taxonomy import signatures
from paper_repro.tables import decimal
from sua_ref import FailureSignature

_TITLES = {
    FailureSignature.SENSITIVITY: "sensitivity failure: S high, H low",
    FailureSignature.INVARIANCE: "invariance failure: S low, H low",
    FailureSignature.EPISTEMIC: "epistemic failure: S low, H high",
    FailureSignature.AMBIGUITY_COLLAPSE: "ambiguity collapse: S low, H low, A high",
    FailureSignature.EXPRESSED: "not in the paper: S high, H high",
}


def counted(run: Run) -> list[dict[str, Any]]:
    """The rows of one run, from its outputs."""
    outputs = run.outputs()
    dev = next((o for o in outputs if o.role == "dev"), None)
    if dev is None:
        return []
    return [row for o in outputs if o.role != "dev" for row in signatures(dev, o)]


def _cell(rows: Iterable[Mapping[str, Any]]) -> Cell:
    """Inputs and errors of a signature, summed over seeds."""
    found = list(rows)
    if not found:
        return Cell("-", "no p* known")
    count, errors, n = (sum(row[name] for row in found) for name in ("count", "errors", "n"))
    rate = decimal(errors / count) if count else "none"
    return Cell(f"{count} of {n}", f"{errors} wrong: {rate}")


def _table(numbers: Numbers, task: str, model: str, method: str) -> Table:
    runs = numbers.runs(task, model, method)
    found = [row for run in runs for row in counted(run)]
    rows = []
    for test in numbers.tests(task, model):
        here = [row for row in found if row["dataset"] == test.dataset]
        cells = [
            _cell(row for row in here if row["signature"] == signature.name.lower())
            for signature in _TITLES
        ]
        rows.append([Cell(test.dataset, names.ROLES[test.role]), *cells])
    under = below(numbers, task, model, method)
    caption = (
        f"{setting(numbers, task, model)} {names.method(method)}, {seeds(runs)}, summed over "
        f"seeds. {under + '. ' if under else ''}In large type the inputs with the signature, in "
        "small type those of them answered wrong and their share. A signature diagnoses failures "
        "if its share of wrong answers is well above that of its neighbours."
    )
    return table(caption, ("data", *_TITLES.values()), rows)


def taxonomy(numbers: Numbers) -> Section:
    """The section of appendix C."""
    tables: list[Block] = [
        _table(numbers, task, model, method)
        for task, model in numbers.pairs()
        for method in ("standard", "sua_tr")
        if numbers.runs(task, model, method)
    ]
    first = (
        "High S and high H are above the value that a fifth of dev exceeds; high A is an entropy "
        "of the annotators above that of a vote of two to one, where they are known."
    )
    return Section("Appendix C: the failure taxonomy, counted", (first, *tables))
