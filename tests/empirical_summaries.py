"""Summaries made up for tests: every number that the declared tests ask for, as given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from proofs_checks.empirical import RECORDS
from proofs_checks.empirical_conditions import Comparison
from proofs_checks.empirical_judged import Read
from proofs_checks.empirical_protocol import DATASETS, TASKS
from proofs_checks.empirical_summary import parse

Ends = tuple[str, str]
"""Low and high of an interval, as decimal numbers."""
ROLES = {name: role for roles in DATASETS.values() for role, name in roles.items()}
COMPARISONS = tuple(dict.fromkeys(c for record in RECORDS for c in record.test.comparisons))
SHA = "0" * 64


def decimal(value: str | Fraction | float) -> str:
    """Six digits, as the summaries have them."""
    return f"{float(value):.6f}"


def difference(comparison: Comparison, ends: Ends, model: str, seeds: int = 3) -> dict[str, Any]:
    """One entry of ``differences``."""
    low, high = (Fraction(end) for end in ends)
    found = comparison.document(model)
    del found["task"], found["model"]
    return found | {
        "role": ROLES[comparison.dataset], "mean": decimal((low + high) / 2),
        "low": decimal(low), "high": decimal(high), "seeds": list(range(seeds)), "n": 1000,
    }  # fmt: skip


def row(method: str, dataset: str, metric: str, value: str) -> dict[str, Any]:
    """One entry of ``rows``, without a score, the same for three seeds."""
    return {
        "method": method, "score": None, "dataset": dataset, "role": ROLES[dataset],
        "metric": metric, "values": {str(seed): decimal(value) for seed in range(3)}, "n": 1000,
    }  # fmt: skip


def summary(
    task: str, entries: Iterable[dict[str, Any]], *, scale: str = "quick", model: str = "small",
    accuracy: str = "0.8", floor: str = "0.7",
) -> dict[str, Any]:  # fmt: skip
    """A summary that fits the schema."""
    clean = DATASETS[task]["clean"]
    return {
        "schema": "sua.summary/1", "scale": scale, "task": task, "model": model,
        "data": {clean: SHA}, "settings": {"k": 5}, "seeds": [0, 1, 2],
        "versions": {"torch": "2.13"}, "runs": {f"{task}-{model}-standard-0": SHA},
        "rows": [
            row("standard", clean, "accuracy", accuracy),
            row("standard", clean, "floor_accuracy", floor),
        ],
        "differences": list(entries),
    }  # fmt: skip


def name_of(document: Mapping[str, Any]) -> str:
    """The name of its file."""
    return "{scale}-{task}-{model}".format(**document)


def reading_of(documents: Iterable[Mapping[str, Any]]) -> Read:
    """What a folder of these summaries would hold."""
    found = {}
    for document in documents:
        name = name_of(document)
        found[name] = parse(name, json.dumps(document).encode())
    return Read(found, {})


def world(
    ends: Callable[[Comparison], Ends | None], *, scale: str = "quick", model: str = "small",
    seeds: int = 3, **more: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """The summaries of all tasks, with the interval that ``ends`` gives each comparison."""
    documents = []
    for task in TASKS:
        given = ((c, ends(c)) for c in COMPARISONS if c.task == task)
        entries = [difference(c, e, model, seeds) for c, e in given if e is not None]
        documents.append(summary(task, entries, scale=scale, model=model, **more))
    return documents
