"""The score that dev chose, on the test sets, against every baseline of the declaration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from paper_repro.bad_input import BadInputError
from paper_repro.study.candidates import BASELINES, CANDIDATES, TO_BEAT
from paper_repro.study.intervals import Resampled, interval
from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Floats, Integers, Seen
from paper_repro.study.selection import Choice
from paper_repro.study.statistics import Ranking

HIGHER = {"auroc": True, "aurc": False, "augrc": False, "selective_accuracy@0.8": True}
"""Whether more of it is better."""

Rows = list[dict[str, Any]]


def scores(choice: Choice, dev: Outputs, test: Outputs) -> dict[str, Floats]:
    """The chosen scores and the baselines of one model on one test set, by name.

    What is fitted is fitted on dev. The labels of the test set are not looked at.
    """
    fitted_on, seen, found = Seen.of(dev), Seen.of(test), {}
    for name in dict.fromkeys((choice.chosen, choice.cautious, *BASELINES)):
        if name in CANDIDATES:
            found[name] = CANDIDATES[name].fit(fitted_on, dev.labels)(seen)
        else:
            found[name] = seen.rivals()[name]
    return found


def judge(choice: Choice, outputs: Sequence[Outputs]) -> Rows:
    """One run's numbers.

    Args:
        choice: of :func:`paper_repro.study.selection.select`.
        outputs: of one run, dev among them.

    Returns:
        Rows ``dataset``, ``role``, ``score``, ``metric``, ``value``, ``n`` of every test set; of
        none on which all answers are right, or all wrong.

    Raises:
        BadInputError: no dev, or more than one.
    """
    dev, tests = _divided(outputs)
    rows = []
    for test in tests:
        errors = Seen.of(test).wrong(test.labels)
        for name, values in scores(choice, dev, test).items():
            for metric in HIGHER:
                value = Ranking(metric, values, errors).value()
                if value is not None:
                    rows.append({
                        "dataset": test.dataset, "role": test.role, "score": name,
                        "metric": metric, "value": value, "n": len(errors),
                    })  # fmt: skip
    return rows


def _divided(outputs: Sequence[Outputs]) -> tuple[Outputs, list[Outputs]]:
    dev = [o for o in outputs if o.role == "dev"]
    if len(dev) != 1:
        raise BadInputError(f"outputs: {len(dev)} of role dev; one wanted")
    return dev[0], [o for o in outputs if o.role != "dev"]


@dataclass(frozen=True)
class Seeds:
    """The runs of one task, model and method, a seed each."""

    task: str
    model: str
    method: str
    outputs: Mapping[int, Sequence[Outputs]]


def gains(choice: Choice, seeds: Seeds) -> Rows:
    """The chosen score less each baseline, with intervals.

    Args:
        choice: of :func:`paper_repro.study.selection.select`.
        seeds: the runs.

    Returns:
        For the chosen score, and for the cautious one if it is another, rows ``id``, ``task``,
        ``model``, ``method``, ``choice`` ("chosen" or "cautious"), ``dataset``, ``role``,
        ``metric``, ``left`` and ``right`` ([method, score]), ``mean``, ``low``, ``high``,
        ``seeds``, ``n`` and ``verdict``: "win" or "loss" where the interval leaves out 0, else
        "tie". None where :func:`paper_repro.study.intervals.interval` gives none.

    Raises:
        BadInputError: no runs, or seeds with other test sets or other inputs.
    """
    if not seeds.outputs:
        raise BadInputError(f"{seeds.task}, {seeds.model}, {seeds.method}: no runs to judge")
    runs = [_divided(outputs) for outputs in seeds.outputs.values()]
    first = [(t.dataset, t.ids) for t in runs[0][1]]
    if any([(t.dataset, t.ids) for t in tests] != first for _, tests in runs):
        raise BadInputError(f"{seeds.task}, {seeds.model}, {seeds.method}: seeds of other tests")
    rows: Rows = []
    for place, test in enumerate(runs[0][1]):
        sets = [(dev, tests[place]) for dev, tests in runs]
        errors = [Seen.of(t).wrong(t.labels) for _, t in sets]
        found = [scores(choice, dev, t) for dev, t in sets]
        about = {"dataset": test.dataset, "role": test.role, "n": len(test.ids)}
        rows += [about | row for row in _compared(choice, seeds, found, errors)]
    return rows


def _compared(
    choice: Choice, seeds: Seeds, found: Sequence[Mapping[str, Floats]], errors: Sequence[Integers]
) -> Iterator[dict[str, Any]]:
    # Each number of each seed is resampled once, for all the comparisons that it is part of.
    drawn = [
        {
            (metric, name): Resampled.of(Ranking(metric, values, e), len(e))
            for name, values in f.items() for metric in HIGHER
        }
        for f, e in zip(found, errors, strict=True)
    ]  # fmt: skip
    kinds = {choice.cautious: "cautious", choice.chosen: "chosen"}
    for left, kind in reversed(kinds.items()):
        for right, (metric, higher) in itertools.product(BASELINES, HIGHER.items()):
            pairs = [(d[metric, left], d[metric, right]) for d in drawn]
            apart = [a - b for a, b in pairs if a is not None and b is not None]
            bounds = interval(apart) if len(apart) == len(pairs) else None
            if right != left and bounds is not None:
                mean, low, high = bounds
                yield {
                    "id": f"{kind}.{seeds.task}.{seeds.model}.{seeds.method}.{right}.{metric}",
                    "task": seeds.task, "model": seeds.model, "method": seeds.method,
                    "choice": kind, "metric": metric, "left": [seeds.method, left],
                    "right": [seeds.method, right], "mean": mean, "low": low, "high": high,
                    "seeds": sorted(seeds.outputs), "verdict": verdict(low, high, higher=higher),
                }  # fmt: skip


def verdict(low: float, high: float, *, higher: bool) -> Literal["win", "tie", "loss"]:
    """What an interval of a difference says.

    >>> verdict(0.01, 0.02, higher=True), verdict(-0.01, 0.0, higher=False)
    ('win', 'tie')
    """
    if low <= 0 <= high:
        return "tie"
    return "win" if (low > 0) == higher else "loss"


def beaten(rows: Rows, chosen: str) -> dict[str, bool]:
    """On which test sets of one task, model and method the goal's condition holds, by name.

    It holds where AUROC, AURC or AUGRC, and selective accuracy are won against every score that
    the goal names. A chosen score that is one of them beats nothing.
    """
    found: dict[str, bool] = {}
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        won = {
            (row["right"][1], row["metric"])
            for row in rows
            if row["dataset"] == dataset and row["choice"] == "chosen" and row["verdict"] == "win"
        }
        found[dataset] = (
            all(
                (name, "auroc") in won
                and ((name, "aurc") in won or (name, "augrc") in won)
                and (name, "selective_accuracy@0.8") in won
                for name in TO_BEAT
                if name != chosen
            )
            and chosen not in TO_BEAT
        )
    return found


def goal(rows: Rows, chosen: str) -> dict[str, dict[str, bool]]:
    """By model, then task, whether the goal holds there: on a clean and on a perturbed set.

    Rows are those of method "standard". The goal of the declaration is reached by a model with
    which it holds on two tasks.
    """
    found: dict[str, dict[str, bool]] = {}
    for model, task in dict.fromkeys((row["model"], row["task"]) for row in rows):
        of = [r for r in rows if (r["model"], r["task"], r["method"]) == (model, task, "standard")]
        won = beaten(of, chosen)
        roles = {row["role"] for row in of if won[row["dataset"]]}
        found.setdefault(model, {})[task] = {"clean", "perturbed"} <= roles
    return found
