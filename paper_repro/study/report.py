"""The report of a study: ``report.html``, ``report.md`` and its pictures, from saved runs alone."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import write_whole
from paper_repro.study import report_figures as figures
from paper_repro.study import report_sections as sections
from paper_repro.study.pipeline import pipeline
from paper_repro.study.report_cells import Numbers
from paper_repro.study.report_document import Document, Panel, Section
from paper_repro.study.report_html import html
from paper_repro.study.report_intervals import Judges
from paper_repro.study.report_markdown import markdown
from paper_repro.study.report_sections import Material
from paper_repro.study.report_taxonomy import taxonomy
from paper_repro.study.report_works import works

_FIGURES = "figures"


def document(material: Material) -> Document:
    """The whole report, before it is written."""
    judges, material = Judges(), _readable(material)
    numbers = Numbers(material.runs, judges.interval, material.scale)
    b = sections.appendix_b(material, numbers)
    parts = [
        sections.summary(material, numbers),
        sections.verdicts(material),
        Section("Figure 1: the pipeline", (pipeline(),)),
        *sections.main_tables(material, numbers),
        Section(
            "Figure 2: failure prediction by score, task and subset",
            (figures.auroc_by_score(numbers, material.printed),),
        ),
        sections.rivals(material, numbers),
        works(material.works, numbers),
        Section("Appendix B.1: how many views", (figures.by_k(numbers), *b["B.1"])),
        Section("Appendix B.2: mixture weights", tuple(b["B.2"]) or ("not run",)),
        Section(
            "Appendix B.3: lambda",
            (
                figures.by_training_lambda(numbers), *b["B.3"],
                figures.by_score_lambda(numbers),
            ),
        ),
        Section(
            "Appendix B.4: abstention",
            (figures.risk_coverage(numbers, judges), *b["B.4"]),
        ),
        taxonomy(numbers),
        sections.examples(material),
        sections.acceptance(material),
        sections.provenance(material, numbers),
    ]  # fmt: skip
    title = f"Sensitivity-Uncertainty Alignment: section 6 on public data, scale {material.scale}"
    return Document(title, tuple(parts))


def _readable(material: Material) -> Material:
    """With the runs that have a result; the others are among those that failed, and say why."""
    kept, faults = [], {}
    for run in material.runs:
        try:
            if "rows" in run.result:
                kept.append(run)
        except BadInputError as error:  # of a method derived from others
            faults[sections.name_of(run)] = str(error)
    return dataclasses.replace(material, runs=kept, left={**material.left, **faults})


def write(folder: Path, made: Document) -> None:
    """Write a report into a folder, each file whole or not at all.

    A picture's file is named after its content, so the text that stands there when the program is
    stopped keeps its own pictures; those that no text names any more go at the end.

    Raises:
        BadInputError: a file cannot be written.
    """
    held = folder / _FIGURES
    try:
        held.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{held}: cannot be made: {error.strerror}") from error
    panels = list(made.panels())
    for panel in panels:
        write_whole(held / _file(panel), panel.svg)
    text = markdown(made, lambda panel: f"{_FIGURES}/{_file(panel)}")
    write_whole(folder / "report.md", text.encode())
    write_whole(folder / "report.html", html(made).encode())
    kept = {_file(panel) for panel in panels}
    for path in held.glob("*.svg"):
        if path.name not in kept:
            path.unlink()


def _file(panel: Panel) -> str:
    name = re.sub(r"[^\w.-]+", "-", panel.name)
    return f"{name}-{hashlib.sha256(panel.svg).hexdigest()[:8]}.svg"
