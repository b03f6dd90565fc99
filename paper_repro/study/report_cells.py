"""The numbers of a report: looked up in saved runs, averaged over seeds, never invented."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from paper_repro.study.outputs import Outputs
from paper_repro.study.report_document import NOT_RUN, UNDEFINED, Cell
from paper_repro.tables import decimal


class Run(Protocol):
    """One finished run, as its folder holds it."""

    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def config(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def result(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def model(self) -> str: ...  # noqa: D102
    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def seconds(self) -> float | None: ...  # noqa: D102
    def outputs(self) -> list[Outputs]: ...  # noqa: D102


Bounds = tuple[float, float]
Interval = Callable[[Sequence[Run], str, str, str | None], Bounds | None]
"""95 % interval of the mean over runs of one number: of a data set, a metric and a score."""


@dataclass(frozen=True)
class Test:
    """A set of inputs: its name, and what it stands for."""

    dataset: str
    role: str

    __test__ = False


class Numbers:
    """The rows of all runs, by what they are about.

    Args:
        runs: finished runs.
        interval: of a mean over runs; None where too little is known for one.
        scale: the name of the study's scale.
    """

    def __init__(self, runs: Iterable[Run], interval: Interval, scale: str) -> None:
        self.scale = scale
        self._runs: dict[tuple[str, str, str], list[Run]] = {}
        self._rows: dict[tuple[int, str, str, str | None], float] = {}
        self._tests: dict[tuple[str, str], dict[Test, None]] = {}
        self._scores: dict[tuple[str, str], dict[str, None]] = {}
        self._interval = interval
        self._known: dict[tuple[str, str, str, str, str, str | None], Bounds | None] = {}
        for run in sorted(runs, key=lambda r: (r.task, r.model, r.method, r.seed)):
            self._runs.setdefault((run.task, run.model, run.method), []).append(run)
            for row in run.result["rows"]:
                key = (id(run), row["dataset"], row["metric"], row["score"])
                self._rows[key] = float(row["value"])
                test = Test(row["dataset"], row["role"])
                self._tests.setdefault((run.task, run.model), {})[test] = None
                if row["score"] is not None:
                    self._scores.setdefault((run.task, run.model), {})[row["score"]] = None

    def pairs(self) -> list[tuple[str, str]]:
        """Tasks and models with a finished run."""
        return sorted({(task, model) for task, model, _ in self._runs})

    def methods(self, task: str, model: str) -> list[str]:
        """Methods with a finished run."""
        return [m for t, n, m in self._runs if (t, n) == (task, model)]

    def runs(self, task: str, model: str, method: str) -> list[Run]:
        """The finished runs of a method, by seed."""
        return self._runs.get((task, model, method), [])

    def tests(self, task: str, model: str, *roles: str) -> list[Test]:
        """The test sets, of these roles where any is named; dev only where it is named."""
        order = ("clean", "perturbed", "ambiguous", "shift", "dev")
        found = self._tests.get((task, model), {})
        kept = [t for t in found if (t.role in roles if roles else t.role != "dev")]
        return sorted(kept, key=lambda t: (order.index(t.role), t.dataset))

    def clean(self, task: str, model: str) -> str | None:
        """The clean test set."""
        found = self.tests(task, model, "clean")
        return found[0].dataset if found else None

    def scores(self, task: str, model: str) -> list[str]:
        """Every score that some run was judged by."""
        return list(self._scores.get((task, model), {}))

    def values(
        self, task: str, model: str, method: str, dataset: str, metric: str,
        score: str | None = None,
    ) -> dict[int, float]:  # fmt: skip
        """The number of each seed that has one."""
        found = {}
        for run in self.runs(task, model, method):
            value = self._rows.get((id(run), dataset, metric, score))
            if value is not None:
                found[run.seed] = value
        return found

    def mean(self, *about: Any) -> float | None:
        """The mean over seeds; None where there is no number. Arguments as of :meth:`values`."""
        found = self.values(*about)
        return fmean(found.values()) if found else None

    def interval(
        self, task: str, model: str, method: str, dataset: str, metric: str,
        score: str | None = None,
    ) -> Bounds | None:  # fmt: skip
        """95 % interval of the mean, computed once."""
        key = (task, model, method, dataset, metric, score)
        if key not in self._known:
            runs = [r for r in self.runs(*key[:3]) if (id(r), *key[3:]) in self._rows]
            self._known[key] = self._interval(runs, dataset, metric, score) if runs else None
        return self._known[key]

    def cell(
        self, task: str, model: str, method: str, dataset: str | None, metric: str,
        score: str | None = None, *, note: str = "", bounds: bool = True,
    ) -> Cell:  # fmt: skip
        """What the report shows: ``.742 [.730, .755]``, "not run" or "none"."""
        if dataset is None or not self.runs(task, model, method):
            return dataclasses.replace(NOT_RUN, note=note)
        about = (task, model, method, dataset, metric, score)
        mean = self.mean(*about)
        if mean is None:
            return dataclasses.replace(UNDEFINED, note=note)
        between = self.interval(*about) if bounds else None
        shown = f"[{decimal(between[0])}, {decimal(between[1])}]" if between else ""
        return Cell(decimal(mean), note, shown)


def seeds(runs: Sequence[Run]) -> str:
    """The seeds in words.

    >>> seeds([])
    'no seed'
    """
    found = sorted({run.seed for run in runs})
    if not found:
        return "no seed"
    return ("seed " if len(found) == 1 else "seeds ") + ", ".join(map(str, found))
