"""``sua compare``: what differs between two runs, and whether it is more than noise.

A change is the second run's number less the first's, on the same inputs, with the 95 % interval of
a paired bootstrap over inputs (:mod:`paper_repro.study.intervals`): it "differs" where the interval
excludes 0, is "noise" where it holds 0, "equal" where nothing changed, and "unknown" where it has
no interval (a number that dev decided, or one that too many resamples lack). Of two models that are
as good, one number in twenty differs by chance. What another seed of the same run would change is
not known from two runs: a summary's intervals are over seeds too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.study.intervals import difference
from paper_repro.study.judged import Judged, Key
from paper_repro.study.measures import judge
from paper_repro.study.run import DoneRun, read_run
from paper_repro.study.statistics import Constant
from paper_repro.tables import aligned, decimal

EQUAL, NOISE, DIFFERS, UNKNOWN = "equal", "noise", "differs", "unknown"
Begin = Callable[[str, int], Callable[[int], None]]


@dataclass(frozen=True)
class Change:
    """One number of both runs.

    Attributes:
        metric, score: what it is.
        first, second: the runs' numbers.
        bounds: 95 % interval of second - first; None for a number without inputs, or where too few
            resamples have it.
    """

    metric: str
    score: str | None
    first: float
    second: float
    bounds: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """Of the four words above."""
        if self.bounds is None:
            return EQUAL if self.first == self.second else UNKNOWN
        low, high = self.bounds
        if low == high == 0:
            return EQUAL
        return NOISE if low <= 0 <= high else DIFFERS


@dataclass(frozen=True)
class Compared:
    """A test set of both runs.

    Attributes:
        dataset, role, n: of the first run.
        changes: none where the runs were tested on other inputs.
        same_inputs: whether they were not.
    """

    dataset: str
    role: str
    n: int
    changes: tuple[Change, ...]
    same_inputs: bool = True


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    Attributes:
        first, second: the runs.
        fields: of their configurations that differ, by name: first's and second's.
        sets: that both were tested on.
        alone: that one was tested on: its name, and 1 or 2.
    """

    first: DoneRun
    second: DoneRun
    fields: Mapping[str, tuple[Any, Any]]
    sets: tuple[Compared, ...]
    alone: Mapping[str, int]


def done(path: Path) -> DoneRun:
    """The run in a folder.

    Raises:
        BadInputError: no run, one that is not done, or a damaged one.
    """
    run = read_run(path.resolve())
    if run is None:
        raise BadInputError(f"{path}: the run is not done")
    return run


def compare(first: DoneRun, second: DoneRun, begin: Begin) -> Comparison:
    """What differs between two runs.

    Args:
        first, second: the runs.
        begin: opens a progress bar.

    Raises:
        BadInputError: outputs that are missing or damaged.
    """
    mine, theirs = _judged(first), _judged(second)
    both = [name for name in mine if name in theirs]
    advance = begin("compare", sum(len(_shown(mine[name], theirs[name])) for name in both))
    sets = tuple(_compared(mine[name], theirs[name], advance) for name in both)
    alone = {n: 1 for n in mine if n not in theirs} | {n: 2 for n in theirs if n not in mine}
    return Comparison(first, second, dict(_fields(first.config, second.config)), sets, alone)


def _judged(run: DoneRun) -> dict[str, Judged]:
    settings = run.config["settings"]
    about = {name: settings[name] for name in ("lam", "divergence") if name in settings}
    return {j.outputs.dataset: j for j in judge(run.outputs(), **about)}


def _fields(
    first: Mapping[str, Any], second: Mapping[str, Any], within: str = ""
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The entries that differ, by their place; None for one that is missing."""
    for name in sorted(first.keys() | second.keys()):
        a, b = first.get(name), second.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _fields(a, b, f"{within}{name}.")
        elif a != b:
            yield f"{within}{name}", (a, b)


def _shown(first: Judged, second: Judged) -> list[Key]:
    """The numbers that both have; of SUA's lambdas 1 alone."""

    def other_lambda(score: str | None) -> bool:
        return score is not None and score.startswith("sua@") and score != "sua@1"

    return [k for k in first.statistics if k in second.statistics and not other_lambda(k[1])]


def _compared(first: Judged, second: Judged, advance: Callable[[int], None]) -> Compared:
    about, n = first.outputs, len(first.errors)
    keys = _shown(first, second)
    if about.ids != second.outputs.ids:
        advance(len(keys))
        return Compared(about.dataset, about.role, n, (), same_inputs=False)
    changes = []
    for key in keys:
        old, new = first.statistics[key], second.statistics[key]
        before, after = old.value(), new.value()
        if before is not None and after is not None:
            found = None if isinstance(old, Constant) else difference([(new, old)], n)
            bounds = None if found is None else (found.low, found.high)
            changes.append(Change(*key, before, after, bounds))
        advance(1)
    return Compared(about.dataset, about.role, n, tuple(changes))


# --- what is shown --------------------------------------------------------------------------------


def document(found: Comparison) -> dict[str, Any]:
    """Everything, as JSON."""
    return {
        "schema": "sua.compare/1",
        "runs": [found.first.path.name, found.second.path.name],
        "configuration": [
            {"field": name, "first": a, "second": b} for name, (a, b) in found.fields.items()
        ],
        "sets": [
            {
                "dataset": s.dataset, "role": s.role, "n": s.n, "same_inputs": s.same_inputs,
                "changes": [_entry(change) for change in s.changes],
            }
            for s in found.sets
        ],
        "alone": dict(found.alone),
    }  # fmt: skip


def _entry(change: Change) -> dict[str, Any]:
    low, high = change.bounds or (None, None)
    return {
        "metric": change.metric, "score": change.score, "first": change.first,
        "second": change.second, "change": change.second - change.first, "low": low, "high": high,
        "verdict": change.verdict,
    }  # fmt: skip


def lines(found: Comparison) -> list[str]:
    """For a terminal: what differs, number by number; of what does not, how much there is."""
    told = [f"1: {found.first.path.name}", f"2: {found.second.path.name}", ""]
    told += [f"{name}: {a} | {b}" for name, (a, b) in found.fields.items()]
    if not found.fields:
        told.append("The configurations are equal.")
    for name, which in found.alone.items():
        told.append(f"{name}: only run {which} was tested on it")
    for one in found.sets:
        told += ["", *_of_set(one)]
    compared = sum(len(one.changes) for one in found.sets)
    if compared:
        told += [
            "",
            f"{compared} numbers. A change is 2 - 1, with the 95 % interval of a paired bootstrap "
            "over inputs.",
            "One in twenty may differ by chance, and then the scores of one set do so together.",
        ]
    return told


def _of_set(one: Compared) -> list[str]:
    head = f"{one.dataset} ({one.role}, {one.n} inputs)"
    if not one.same_inputs:
        return [f"{head}: the runs were tested on other inputs; nothing is compared"]
    verdicts = [change.verdict for change in one.changes]
    counts = [f"{verdicts.count(v)} {v}" for v in (DIFFERS, NOISE, UNKNOWN, EQUAL) if v in verdicts]
    rows = [
        [
            c.metric + (f" by {c.score}" if c.score else ""), decimal(c.first), decimal(c.second),
            f"{c.second - c.first:+.3f}",
            "" if c.bounds is None else f"[{c.bounds[0]:+.3f}, {c.bounds[1]:+.3f}]",
        ]
        for c in one.changes
        if c.verdict == DIFFERS
    ]  # fmt: skip
    said = [f"{head}: {', '.join(counts)}"]
    if rows:
        header = ["", "1", "2", "change", "95 %"]
        said.append(aligned(header, rows))
    return said
