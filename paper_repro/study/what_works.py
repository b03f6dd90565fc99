"""What works instead, from the saved runs: the choice on dev, its gains on test, the objective.

The order matters: dev of every run of method "standard" is read first and a score chosen, and only
then are test sets read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from paper_repro.bad_input import BadInputError
from paper_repro.study.candidates import DECLARED_IN, GOAL, RULE
from paper_repro.study.chosen_on_test import Rows, Seeds, gains, goal, verdict
from paper_repro.study.intervals import difference
from paper_repro.study.measures import judge
from paper_repro.study.outputs import Outputs
from paper_repro.study.selection import select

STANDARD, SUA_TR, CERTIFIED = "standard", "sua_tr", "certified"
OBJECTIVE = {
    ("robust_accuracy", None): True, ("ece", None): False, ("auroc", "max_probability"): True,
    ("auroc", "sua@1"): True, ("accuracy", None): True,
}  # fmt: skip
"""What the objectives are compared in, and whether more of it is better. The question is about
robust accuracy, ECE and AUROC at once, the last with the score max_probability on both sides: a
score that ranks SUA-TR's failures badly would flatter the other."""
AT_ONCE = [("robust_accuracy", None), ("ece", None), ("auroc", "max_probability")]


class Run(Protocol):
    """A run that is done."""

    @property
    def task(self) -> str:
        """Of the run."""

    @property
    def model(self) -> str:
        """Of the run."""

    @property
    def method(self) -> str:
        """Of the run."""

    @property
    def seed(self) -> int:
        """Of the run."""

    def outputs(self) -> list[Outputs]:
        """What the model said."""


def _by_model(runs: Iterable[Run], method: str) -> dict[tuple[str, str], dict[int, Run]]:
    found: dict[tuple[str, str], dict[int, Run]] = defaultdict(dict)
    for run in sorted((r for r in runs if r.method == method), key=lambda r: r.seed):
        found[run.task, run.model][run.seed] = run
    return dict(sorted(found.items()))


def what_works(runs: Sequence[Run], methods: Sequence[str] = (STANDARD,)) -> dict[str, Any]:
    """The choice, its gains, and whether the goal is reached.

    Args:
        runs: of one scale.
        methods: whose test sets the choice is judged on; the goal is about "standard".

    Returns:
        ``declared_in``, ``rule``, ``goal``; ``chosen``, ``cautious`` and ``candidates`` (the rows
        of the choice on dev); ``gains`` (rows of :func:`gains`); ``reached`` by model and task;
        and ``objective`` (rows of :func:`objectives`).

    Raises:
        BadInputError: no runs of method "standard", or runs that do not fit together.
    """
    standard = _by_model(runs, STANDARD)
    choice = select({
        key: [o for run in by_seed.values() for o in run.outputs() if o.role == "dev"]
        for key, by_seed in standard.items()
    })  # fmt: skip
    rows: Rows = []
    for method in dict.fromkeys((STANDARD, *methods)):
        for (task, model), by_seed in _by_model(runs, method).items():
            outputs = {seed: run.outputs() for seed, run in by_seed.items()}
            rows += gains(choice, Seeds(task, model, method, outputs))
    return {
        "declared_in": DECLARED_IN, "rule": RULE, "goal": GOAL, "chosen": choice.chosen,
        "cautious": choice.cautious, "candidates": list(choice.rows), "gains": rows,
        "reached": goal(rows, choice.chosen), "objective": objectives(runs),
    }  # fmt: skip


def objectives(runs: Sequence[Run]) -> Rows:
    """The certified objective less SUA-TR, on every test set, over the seeds that both have.

    Returns:
        Rows ``id``, ``task``, ``model``, ``dataset``, ``role``, ``metric``, ``left``, ``right``,
        ``mean``, ``low``, ``high``, ``seeds``, ``n`` and ``verdict``.

    Raises:
        BadInputError: two runs of one task and model with other test sets.
    """
    ours, theirs = _by_model(runs, CERTIFIED), _by_model(runs, SUA_TR)
    rows: Rows = []
    for (task, model), by_seed in ours.items():
        seeds = sorted(set(by_seed) & set(theirs.get((task, model), {})))
        if seeds:
            pairs = [
                (judge(by_seed[s].outputs()), judge(theirs[task, model][s].outputs()))
                for s in seeds
            ]
            about = {"task": task, "model": model, "seeds": seeds}
            rows += [about | row for row in _against(f"objective.{task}.{model}", pairs)]
    return rows


def _against(name: str, pairs: Sequence[tuple[Any, Any]]) -> Rows:
    sets = [[(j.outputs.dataset, j.outputs.ids) for j in side] for pair in pairs for side in pair]
    if any(found != sets[0] for found in sets):
        raise BadInputError(f"{name}: runs with other test sets")
    rows: Rows = []
    for place, first in enumerate(pairs[0][0]):
        o = first.outputs
        for key, higher in OBJECTIVE.items():
            both = [(a[place].statistics[key], b[place].statistics[key]) for a, b in pairs]
            found = difference(both, len(o.ids)) if o.role != "dev" else None
            if found is not None:
                metric, score = key
                rows.append({
                    "id": f"{name}.{metric}" + (f".{score}" if score else ""),
                    "dataset": o.dataset, "role": o.role, "metric": metric,
                    "left": [CERTIFIED, score], "right": [SUA_TR, score], **found._asdict(),
                    "n": len(o.ids), "verdict": verdict(found.low, found.high, higher=higher),
                })  # fmt: skip
    return rows


def better_at_once(rows: Rows) -> dict[str, dict[str, bool]]:
    """By model, then task: whether the certified objective wins robust accuracy, ECE and AUROC of
    max_probability on the clean test set, all three."""
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        found.setdefault(row["model"], {}).setdefault(row["task"], False)
    for model, tasks in found.items():
        for task in tasks:
            won = {
                (r["metric"], r["left"][1])
                for r in rows
                if (r["model"], r["task"], r["role"], r["verdict"]) == (model, task, "clean", "win")
            }
            tasks[task] = all(key in won for key in AT_ONCE)
    return found
