"""From the runs of a study that are done to its summaries and its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.study import report
from paper_repro.study.derived import DerivedRun, derived_runs
from paper_repro.study.report_sections import Material
from paper_repro.study.report_tables import Printed
from paper_repro.study.run import K_REFERENCE, DoneRun, read_runs, read_task
from paper_repro.study.settings import Settings
from paper_repro.study.summary import Comparison, summarise, write_summary
from paper_repro.study.sweep import Status
from paper_repro.study.views import acceptance
from paper_repro.study.what_works import what_works

Begin = Callable[[str, int], Callable[[int], None]]
AnyRun = DoneRun | DerivedRun


@dataclass(frozen=True)
class Paper:
    """What the registry of claims says, which this package does not read by itself.

    Attributes:
        printed: the paper's own numbers.
        comparisons: those that its empirical sentences are tested by.
        judge: from a folder of summaries and a scale to a row for each sentence.
    """

    printed: Printed
    comparisons: Sequence[Comparison]
    judge: Callable[[Path, str], Sequence[Mapping[str, Any]]]


def write_up(
    scale: str, statuses: Sequence[Status], data: Path, out: Path, paper: Paper, begin: Begin
) -> Path | None:
    """Write ``summaries/`` and ``report/`` of a study; the path of the report.

    None where no run is done: there is nothing to say.

    Raises:
        BadInputError: a damaged run, or a file that cannot be written.
    """
    done = [s.settings for s in statuses if s.state == "done"]
    names = {settings.name for settings in done}
    trained = [run for run in read_runs(out) if run.path.name.rpartition("-")[0] in names]
    if not trained:
        return None
    runs: list[AnyRun] = [*trained, *derived_runs(trained)]
    groups: dict[tuple[str, str], list[AnyRun]] = defaultdict(list)
    for run in runs:
        groups[run.task, run.model].append(run)
    advance = begin(f"study-{scale}: write up", len(groups) + 2)
    differences: list[Mapping[str, Any]] = []
    for group in groups.values():
        summary = summarise(group, paper.comparisons, scale=scale)
        write_summary(out / "summaries", summary)
        about = {"task": summary["task"], "model": summary["model"]}
        differences += [about | row for row in summary["differences"]]
        advance(1)
    material = Material(
        scale=scale,
        runs=runs,
        left={s.settings.name: s.detail for s in statuses if s.state != "done"},
        printed=paper.printed,
        differences=differences,
        verdicts=paper.judge(out / "summaries", scale),
        acceptance=list(
            _acceptance((s.settings for s in statuses if s.state == "done"), data, out)
        ),
        examples=list(_examples(trained)),
        works=_works(trained),
    )
    advance(1)
    report.write(out / "report", report.document(material))
    advance(1)
    return out / "report" / "report.md"


def _examples(runs: Iterable[DoneRun]) -> Iterable[dict[str, Any]]:
    for run in runs:
        about = {"model": run.model, "method": run.method, "seed": run.seed}
        if run.method in ("standard", "sua_tr"):
            yield from (about | row for row in run.result["examples"])


def _acceptance(done: Iterable[Settings], data: Path, out: Path) -> Iterable[dict[str, Any]]:
    """Of the clean test of each task, whose views have all been drawn."""
    seen = set()
    for settings in done:
        if settings.task not in seen:
            seen.add(settings.task)
            task = read_task(settings, data)
            clean = task.tests[0].split
            yield from acceptance(task, clean, "mixture", K_REFERENCE, 0, out / "views", data=data)


def _works(runs: Sequence[DoneRun]) -> dict[str, Any] | None:
    """None while no run of method "standard" is done, or dev gives nothing to choose on."""
    try:
        return what_works(runs, ("standard", "sua_tr"))
    except BadInputError:
        return None
