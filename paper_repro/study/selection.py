"""The choice of a score on dev, by the rule of :mod:`paper_repro.study.candidates`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from paper_repro.bad_input import BadInputError
from paper_repro.study.candidates import CANDIDATES, simplicity
from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Floats, Integers, Seen
from sua_ref import failure_auroc

FOLDS = 5
RESAMPLES = 200
LEAST = 10
"""Wrong and right answers on dev without which nothing is chosen."""
REFERENCE = "max_probability"


@dataclass(frozen=True)
class Choice:
    """What dev says.

    Attributes:
        chosen: the candidate with the largest gain; claims rest on it.
        cautious: the simplest one that is within one standard error of it.
        rows: for each candidate, in order of declaration: ``candidate``, ``formula``, ``fitted``,
            ``views``, ``seen_on_test``, ``gain`` (mean over tasks), ``gains`` by task, ``behind``
            (the largest gain less this one), and ``error``, the standard error of ``behind``.
    """

    chosen: str
    cautious: str
    rows: tuple[dict[str, Any], ...]


def out_of_fold(name: str, dev: Outputs) -> Floats:
    """A candidate's score of every row of dev, fitted on the folds that the row is not in."""
    seen, candidate = Seen.of(dev), CANDIDATES[name]
    if candidate.fitted == 0:
        return candidate.fit(seen, dev.labels)(seen)
    fold = np.random.default_rng(0).permutation(len(seen)) % FOLDS
    scores = np.empty(len(fold))
    for held in range(FOLDS):
        inside, outside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        score = candidate.fit(seen.rows(inside), dev.labels[inside])
        scores[outside] = score(seen.rows(outside))
    return scores


@dataclass(frozen=True)
class _Ranked:
    """One run on dev: which answers are wrong, and every candidate's order of the rows."""

    errors: Integers
    ranks: Mapping[str, Floats]

    def aurocs(self, rows: Any) -> Any:
        """AUROC by candidate on some of the rows."""
        return [failure_auroc(self.ranks[name][rows], self.errors[rows]) for name in CANDIDATES]


def _ranked(where: str, dev: Outputs) -> _Ranked:
    errors = Seen.of(dev).wrong(dev.labels)
    if min(errors.sum(), len(errors) - errors.sum()) < LEAST:
        raise BadInputError(
            f"dev of {where}: {errors.sum()} wrong answers of {len(errors)}; {LEAST} of either "
            "kind are needed to choose a score"
        )
    # AUROC sees the order alone, and integers are sorted faster than scores.
    return _Ranked(
        errors,
        {
            name: np.unique(out_of_fold(name, dev), return_inverse=True)[1].astype(np.float64)
            for name in CANDIDATES
        },
    )


def _group(where: str, runs: Sequence[Outputs]) -> tuple[Any, Any]:
    """Mean AUROC by candidate of runs on the same rows, and of resamples of the rows."""
    if any(run.ids != runs[0].ids for run in runs):
        raise BadInputError(f"dev of {where}: the runs have other rows")
    ranked = [_ranked(where, run) for run in runs]
    # The same seed for every group: models of a task that share its rows share the resamples.
    rng, n = np.random.default_rng(0), len(runs[0].ids)
    drawn: list[Any] = []
    while len(drawn) < RESAMPLES:
        rows = rng.integers(0, n, n)
        if all(0 < r.errors[rows].sum() < n for r in ranked):
            drawn.append(np.mean([r.aurocs(rows) for r in ranked], axis=0))
    return np.mean([r.aurocs(slice(None)) for r in ranked], axis=0), np.asarray(drawn)


def _tasks(dev: Mapping[tuple[str, str], Sequence[Outputs]]) -> dict[str, tuple[Any, Any]]:
    """The means over the models of each task."""
    by_task: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for (task, model), runs in dev.items():
        if not runs:
            raise BadInputError(f"dev of {task}, {model}: no runs to choose by")
        by_task[task].append(_group(f"{task}, {model}", runs))
    return {
        task: (np.mean([v for v, _ in groups], axis=0), np.mean([d for _, d in groups], axis=0))
        for task, groups in by_task.items()
    }


def select(dev: Mapping[tuple[str, str], Sequence[Outputs]]) -> Choice:
    """Choose among the candidates.

    Args:
        dev: by task and model, the dev outputs of the runs of method "standard", a seed each.

    Raises:
        BadInputError: no runs, runs of one task and model with other rows, too few errors (or
            right answers) to choose by.
    """
    if not dev:
        raise BadInputError("dev: no runs to choose by")
    names, tasks = list(CANDIDATES), _tasks(dev)
    at = names.index(REFERENCE)
    by_task = np.asarray([value - value[at] for value, _ in tasks.values()])
    gain = by_task.mean(0)
    best = int(gain.argmax())
    apart = np.asarray([draws[:, [best]] - draws for _, draws in tasks.values()])
    # Tasks have rows of their own, so their errors add up as independent ones do.
    error = np.sqrt((apart.std(1, ddof=1) ** 2).sum(0)) / len(tasks)
    behind = gain[best] - gain
    near = [name for i, name in enumerate(names) if behind[i] <= error[i]]
    rows = tuple(
        {
            "candidate": name, "formula": CANDIDATES[name].formula,
            "fitted": CANDIDATES[name].fitted, "views": CANDIDATES[name].views,
            "seen_on_test": CANDIDATES[name].seen_on_test, "gain": float(gain[i]),
            "gains": dict(zip(tasks, by_task[:, i].tolist(), strict=True)),
            "behind": float(behind[i]), "error": float(error[i]),
        }
        for i, name in enumerate(names)
    )  # fmt: skip
    return Choice(names[best], min(near, key=simplicity), rows)
