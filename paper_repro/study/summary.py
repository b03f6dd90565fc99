"""What a study found, small enough to be committed: one file for each scale, task and model.

Rows hold the numbers of each seed (which of them: :mod:`paper_repro.study.summary_rows`),
differences their comparisons with intervals (how: :mod:`paper_repro.study.intervals`). Numbers are
decimal strings with six digits, so that a reader may take them as exact.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import canonical, write_whole
from paper_repro.study.intervals import Interval, Resampled, interval
from paper_repro.study.measures import judge
from paper_repro.study.report_cells import Run
from paper_repro.study.statistics import Constant
from paper_repro.study.summary_rows import Key, kept
from paper_repro.study.summary_schema import LARGEST, SCHEMA, checked

Comparison = Mapping[str, Any]
"""``id``, ``task``, ``model``, ``dataset``, ``metric``, ``left`` and ``right``, each [method,
score]; ``right`` None for the left number alone."""


def short(model: str) -> str:
    """A model's name in files: the last part of a path or hub id.

    >>> short("google-bert/bert-base-uncased")
    'bert-base-uncased'
    """
    return model.rstrip("/").rpartition("/")[2]


def decimal(value: float, place: str) -> str:
    """Six digits.

    >>> decimal(1 / 3, "a"), decimal(-1e-9, "a")
    ('0.333333', '0.000000')

    Raises:
        BadInputError: no finite number.
    """
    if not math.isfinite(value):
        raise BadInputError(f"{place}: {value}; a finite number wanted")
    found = f"{value:.6f}"
    return "0.000000" if found == "-0.000000" else found


def summarise(
    runs: Sequence[Run], comparisons: Iterable[Comparison], *, scale: str
) -> dict[str, Any]:
    """The summary of the runs of one task and model.

    Args:
        runs: of every method and seed, derived ones among them.
        comparisons: to make; those of other tasks and models, and those that name a method,
            set or number that no run has, are left out.
        scale: the study's name.

    Raises:
        BadInputError: no runs, runs of several tasks or models, two of one method and seed, other
            data or inputs behind some of them, or a number that is not finite.
    """
    runs = sorted(runs, key=lambda r: (r.method, r.seed))
    about = {(run.task, short(run.model)) for run in runs}
    if len(about) != 1:
        raise BadInputError(f"summary: runs of {sorted(about)}; one task and model wanted")
    ((task, model),) = about
    names = [(run.method, run.seed) for run in runs]
    for method, seed in names:
        if names.count((method, seed)) > 1:
            raise BadInputError(f"summary: two runs of {task}, {model}, {method}, seed {seed}")
    mine = [c for c in comparisons if (c["task"], c["model"]) == (task, model)]
    done = {run.path.name: run.path for run in runs}
    return {
        "schema": SCHEMA,
        "scale": scale,
        "task": task,
        "model": model,
        "data": _data(runs),
        "settings": _settings(runs),
        "seeds": sorted({run.seed for run in runs}),
        "versions": _versions(runs),
        "runs": {name: _sha256(path / "result.json") for name, path in done.items()},
        "rows": _rows(runs, {key for c in mine for key in _sides(c)}),
        "differences": _differences(runs, mine),
    }


def write_summary(folder: Path, document: Mapping[str, Any]) -> Path:
    """Write a summary under its name, ``{scale}-{task}-{model}.json``.

    Raises:
        BadInputError: it is not as it must be, larger than 200 KiB, or cannot be written.
    """
    path = folder / "{scale}-{task}-{model}.json".format(**document)
    content = canonical(document)
    checked(path, content)
    if len(content) > LARGEST:
        raise BadInputError(f"{path}: {len(content)} bytes; at most {LARGEST} wanted")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{folder}: cannot be made: {error.strerror}") from error
    write_whole(path, content)
    return path


def read_summary(path: Path) -> dict[str, Any]:
    """A summary, every field of it looked at.

    Raises:
        BadInputError: it cannot be read or is not as it must be; the file and the field.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from error
    return checked(path, content)


# --- what the runs are --------------------------------------------------------------------------


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from error


def _data(runs: Sequence[Run]) -> dict[str, str]:
    found: dict[str, str] = {}
    for run in runs:
        for name, digest in run.config["data"].items():
            if found.setdefault(name, digest) != digest:
                raise BadInputError(f"{run.path}: rests on other data of {name} than the others")
    return found


def _versions(runs: Sequence[Run]) -> dict[str, str]:
    """Of each package; "a or b" where runs differ."""
    names = sorted({name for run in runs for name in run.config["versions"]})
    every = {n: sorted({str(run.config["versions"].get(n, "none")) for run in runs}) for n in names}
    return {name: " or ".join(found) for name, found in every.items()}


def _settings(runs: Sequence[Run]) -> dict[str, Any]:
    """Those that all runs share, and by method what the others are."""
    every = [dict(run.config["settings"]) for run in runs]
    shared = {k: v for k, v in every[0].items() if all(s.get(k) == v for s in every)}
    by_method: dict[str, dict[str, Any]] = {}
    for run, settings in zip(runs, every, strict=True):
        own = {k: v for k, v in settings.items() if k not in shared and k not in ("method", "seed")}
        by_method[run.method] = own
    return {**shared, "by_method": by_method}


# --- rows ---------------------------------------------------------------------------------------


def _sides(comparison: Comparison) -> list[Key]:
    sides = [side for side in (comparison["left"], comparison["right"]) if side is not None]
    return [(m, score, comparison["dataset"], comparison["metric"]) for m, score in sides]


def _timed(run: Run) -> list[dict[str, Any]]:
    """The rows of a run, and the logarithm of its training time under the clean test set."""
    rows = list(run.result["rows"])
    seconds = run.seconds
    clean = next((r for r in rows if r["role"] == "clean"), None)
    if seconds and clean is not None:
        timed = {"score": None, "metric": "log_seconds", "value": math.log(seconds)}
        rows.append({**clean, **timed})
    return rows


def _rows(runs: Sequence[Run], named: Set[Key]) -> list[dict[str, Any]]:
    first: dict[str, str] = {}
    for row in runs[0].result["rows"]:
        first.setdefault(row["role"], row["dataset"])
    found: dict[Key, dict[str, Any]] = {}
    for run in runs:
        for row in _timed(run):
            if not kept(run.method, row, named, set(first.values())):
                continue
            key = (run.method, row["score"], row["dataset"], row["metric"])
            about = {name: row[name] for name in ("score", "dataset", "role", "metric", "n")}
            entry = found.setdefault(key, {"method": run.method, **about, "values": {}})
            if entry["n"] != row["n"]:
                raise BadInputError(f"{run.path}: {row['n']} inputs of {row['dataset']}; other "
                                    f"seeds have {entry['n']}")  # fmt: skip
            entry["values"][str(run.seed)] = decimal(
                row["value"], f"{run.path}: {row['metric']} on {row['dataset']}"
            )
    return [found[key] for key in sorted(found, key=lambda k: (k[0], k[2], k[3], k[1] or ""))]


# --- differences ----------------------------------------------------------------------------------


class _Numbers:
    """What the comparisons need, resampled once: by method, seed, score, dataset and metric."""

    def __init__(self, runs: Sequence[Run], named: Set[Key]) -> None:
        self._found: dict[tuple[Key, int], Resampled] = {}
        self._inputs: dict[str, tuple[str, tuple[str, ...]]] = {}
        for run in runs:
            wanted = [key for key in named if key[0] == run.method]
            if wanted:
                self._add(run, wanted)

    def _add(self, run: Run, wanted: Sequence[Key]) -> None:
        settings = run.config["settings"]
        about = {name: settings[name] for name in ("lam", "divergence") if name in settings}
        sets = {dataset for _, _, dataset, _ in wanted}
        outputs = [o for o in run.outputs() if o.role == "dev" or o.dataset in sets]
        judged = {j.outputs.dataset: j for j in judge(outputs, **about)}
        rows = {(r["score"], r["dataset"], r["metric"]): r["value"] for r in _timed(run)}
        for key in wanted:
            _, score, dataset, metric = key
            if dataset not in judged:
                continue
            of = judged[dataset].outputs
            if self._inputs.setdefault(dataset, (of.role, of.ids)) != (of.role, of.ids):
                raise BadInputError(f"{run.path}: has other inputs of {dataset} than the others")
            statistic = judged[dataset].statistics.get((metric, score))
            if statistic is None and (score, dataset, metric) in rows:
                statistic = Constant(rows[score, dataset, metric])
            found = None if statistic is None else Resampled.of(statistic, len(of.ids))
            if found is not None:
                self._found[key, run.seed] = found

    def role(self, dataset: str) -> tuple[str, int]:
        """Of a set, and its inputs."""
        role, ids = self._inputs[dataset]
        return role, len(ids)

    def compared(self, comparison: Comparison) -> tuple[list[int], Interval | None]:
        """The seeds that both sides have, and the interval over them."""
        sides = _sides(comparison)
        seeds = sorted(
            seed for key, seed in self._found
            if key == sides[0] and all((side, seed) in self._found for side in sides)
        )  # fmt: skip
        if not seeds:
            return [], None
        left = [self._found[sides[0], seed] for seed in seeds]
        if len(sides) == 1:
            return seeds, interval(left)
        right = [self._found[sides[1], seed] for seed in seeds]
        return seeds, interval([a - b for a, b in zip(left, right, strict=True)])


def _differences(runs: Sequence[Run], comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    numbers = _Numbers(runs, {key for c in comparisons for key in _sides(c)})
    found = []
    for comparison in comparisons:
        seeds, between = numbers.compared(comparison)
        if between is not None:
            role, n = numbers.role(comparison["dataset"])
            bounds = {
                name: decimal(value, comparison["id"]) for name, value in between._asdict().items()
            }
            about = {k: comparison[k] for k in ("id", "dataset", "metric", "left", "right")}
            found.append({**about, "role": role, **bounds, "seeds": seeds, "n": n})
    return found
