"""The part of the command line that does a study; it alone sees the runs and the verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import typer

from paper_repro.terminal import console, fault, progress, say


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


def study(options: Options, *, as_json: bool) -> None:
    """Do the runs that are not done, write summaries and report, say where things stand."""
    from paper_repro.study.command import Study, document, lines

    asked = Study.of(
        options.scale, options.data, options.out, tasks=_listed(options.tasks),
        methods=_listed(options.methods), seeds=options.seeds, model=options.model,
    )  # fmt: skip
    with progress() as begin:
        statuses = asked.do(begin, workers=options.workers, minutes=options.minutes)
    if as_json:
        console.print_json(json.dumps(document(asked, statuses)))
    else:
        for line in lines(statuses):
            say(line)
    failed = [s for s in statuses if s.state == "failed"]
    for status in failed:
        fault(f"{status.settings.name}: {status.detail}")
    if failed:
        raise typer.Exit(1)
