"""What the tests of the study's report share: invented studies, and parts of their reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paper_repro.study import report
from paper_repro.study import report_sections as sections
from paper_repro.study.report_cells import Bounds, Numbers, Run
from paper_repro.study.report_document import Cell, Document, Table
from paper_repro.study.report_markdown import markdown
from paper_repro.study.report_sections import Material
from paper_repro.study.report_tables import Printed
from paper_repro.study.run import read_runs
from tests.study_runs import invent

PRINTED = Printed(
    table_2={"NLI": {"Standard": ("0.111", "0.222", "", "0.444", "0.555")}},
    table_3={"SUA-TR (full)": ("0.119", "0.229", "0.339", "0.449", "0.559")},
    by_k=("0.12", "0.34"),
    by_coverage={"0.9": ("0.912", "0.891")},
)


def small_study(out: Path) -> Path:
    """Some runs of two tasks."""
    invent(out, ["nli"], ["small"], ["standard", "sua_tr", "k3"], seeds=(0, 1), rows=40)
    invent(out, ["qa"], ["small"], ["standard"], seeds=(0,), rows=40)
    return out


def no_interval(runs: Sequence[Run], dataset: str, metric: str, score: str | None) -> None:
    return None


def narrow(runs: Sequence[Run], dataset: str, metric: str, score: str | None) -> Bounds:
    return 0.25, 0.75


def numbers(out: Path, interval: Any = no_interval) -> Numbers:
    return Numbers(read_runs(out), interval, "quick")


def made(out: Path, **given: Any) -> Document:
    return report.document(Material("quick", read_runs(out), **given))


def told(out: Path, **given: Any) -> str:
    """The summary and the verdicts, as Markdown."""
    material = Material(**({"scale": "quick", "runs": read_runs(out)} | given))
    parts = sections.summary(material, numbers(out)), sections.verdicts(material)
    return markdown(Document("told", parts), lambda panel: panel.name)


def row_of(found: Table, title: str) -> tuple[Cell, ...]:
    return next(row for row in found.rows if row[0].text == title)
