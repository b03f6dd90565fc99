"""``sua reproduce --scale``: do the runs of a study that are not done, then write its report."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import RunFolder
from paper_repro.study.scale import of_model, scale_named
from paper_repro.study.settings import Settings
from paper_repro.study.sweep import Status, prepare, sweep
from paper_repro.study.write_up import Paper, write_up

Begin = Callable[[str, int], Callable[[int], None]]
STATES = ("done", "running", "begun", "failed", "left")


@dataclass(frozen=True)
class Study:
    """A study to be done.

    Attributes:
        scale: its name.
        runs: in the order of their value.
        data: the folder of datasets.
        out: where everything of it is kept.
    """

    scale: str
    runs: tuple[Settings, ...]
    data: Path
    out: Path

    @classmethod
    def of(
        cls,
        scale: str,
        data: Path | None,
        out: Path | None,
        *,
        tasks: Sequence[str] | None,
        methods: Sequence[str] | None,
        seeds: int | None,
        model: str | None,
    ) -> Study:
        """The study that the options of the command name.

        Raises:
            BadInputError: an unknown name, or no data.
        """
        chosen = scale_named(scale)
        if data is None:
            raise BadInputError("--scale: reads public datasets; say where with --data DIR")
        if model is not None:
            chosen = of_model(chosen, model)
        runs = tuple(dict.fromkeys(chosen.runs(tasks, methods, seeds)))
        if not runs:
            raise BadInputError(f"--scale {scale}: no run is left by the other options")
        return cls(scale, runs, data, out or Path("sua-runs") / f"study-{scale}")

    def write_up(self, statuses: Sequence[Status], paper: Paper, begin: Begin) -> Path | None:
        """Summaries and report of the runs that are done; the path of the report, if there is one.

        Raises:
            BadInputError: a damaged run, or a file that cannot be written.
        """
        return write_up(self.scale, statuses, self.data, self.out, paper, begin)

    def do(self, begin: Begin, *, workers: int | None, minutes: float | None) -> list[Status]:
        """Do what is not done; where each run stands in the end.

        Args:
            begin: opens a progress bar.
            workers: processes at once; None for one a core.
            minutes: after which no run goes on; what is left is left for the next time.
        """
        until = None if minutes is None else time.monotonic() + 60 * minutes
        advance = begin(f"study-{self.scale}: read the data", len(self.runs))
        folders: list[RunFolder] = []
        for folder in prepare(self.runs, self.data, self.out):
            folders.append(folder)
            advance(1)
        advance = begin(f"study-{self.scale}: train and score", len(self.runs))
        told = [0]

        def tell(now: list[Status]) -> None:
            done = sum(s.state in ("done", "failed") for s in now)
            advance(done - told[0])
            told[0] = done

        return sweep(
            self.runs, folders, self.data, self.out, workers=workers or os.cpu_count() or 1,
            threads=1, tell=tell, until=until,
        )  # fmt: skip


def lines(statuses: Sequence[Status]) -> list[str]:
    """What is done, and what is not, for a terminal."""
    count = Counter(s.state for s in statuses)
    head = ", ".join(f"{count[state]} {state}" for state in STATES if count[state])
    return [
        f"{len(statuses)} runs: {head}",
        *(f"failed: {s.settings.name}: {s.detail}" for s in statuses if s.state == "failed"),
    ]


def document(study: Study, statuses: Sequence[Status]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "schema": "sua.study-status/1",
        "scale": study.scale,
        "out": str(study.out),
        "runs": [{"name": s.settings.name, "state": s.state, "detail": s.detail} for s in statuses],
    }
