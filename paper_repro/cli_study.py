"""The part of the command line that does a study; it alone sees the runs and the verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from paper_repro.terminal import console, fault, progress, say

if TYPE_CHECKING:
    from paper_repro.study.write_up import Paper


@dataclass(frozen=True)
class Options:
    """What the user typed."""

    scale: str
    data: Path | None
    out: Path | None
    tasks: str | None
    methods: str | None
    seeds: int | None
    model: str | None
    workers: int | None
    minutes: float | None


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",")]


def paper() -> Paper:
    """The paper's numbers and the declared tests, for the part of the package that writes reports
    and does not import the registry."""
    from paper_repro.study.report_tables import Printed
    from paper_repro.study.write_up import Paper
    from proofs_checks import printed_tables
    from proofs_checks.empirical import comparisons
    from proofs_checks.empirical_judged import read_folder
    from proofs_checks.empirical_rows import rows

    printed = Printed(
        table_2=printed_tables.TABLE_2,
        table_3=printed_tables.TABLE_3,
        ambiguous=printed_tables.FIGURE_2_AMBIGUOUS,
        adversarial=printed_tables.FIGURE_2_ADVERSARIAL,
        by_k=printed_tables.APPENDIX_B_1,
        by_coverage={f"{float(c):g}": two for c, two in printed_tables.APPENDIX_B_4.items()},
    )
    return Paper(printed, comparisons(), lambda folder, scale: rows(read_folder(folder), scale))


def study(options: Options, *, as_json: bool) -> None:
    """Do the runs that are not done, write summaries and report, say where things stand."""
    from paper_repro.study.command import Study, document, lines

    asked = Study.of(
        options.scale, options.data, options.out, tasks=_listed(options.tasks),
        methods=_listed(options.methods), seeds=options.seeds, model=options.model,
    )  # fmt: skip
    with progress() as begin:
        statuses = asked.do(begin, workers=options.workers, minutes=options.minutes)
        report = asked.write_up(statuses, paper(), begin)
    if as_json:
        console.print_json(json.dumps(document(asked, statuses)))
    else:
        for line in lines(statuses):
            say(line)
        if report is not None:
            say(f"Report: {report} and {report.with_suffix('.html').name}")
            say(f"Summaries: {asked.out / 'summaries'}")
    failed = [s for s in statuses if s.state == "failed"]
    for status in failed:
        fault(f"{status.settings.name}: {status.detail}")
    if failed:
        raise typer.Exit(1)
