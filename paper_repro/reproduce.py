"""The main job: train each task as Standard and as SUA-TR, score every test split, report."""

from __future__ import annotations

import dataclasses
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import sklearn
import tokenizers
import torch
import transformers

from paper_repro.bad_input import BadInputError
from paper_repro.config import Config
from paper_repro.encoder import Encoder
from paper_repro.evaluate import Result, evaluate
from paper_repro.exact_claims import Examined, examine
from paper_repro.exact_results import exact_results
from paper_repro.examples import Example, Split, Texts
from paper_repro.naive_bayes import NaiveBayes
from paper_repro.perturbations.edits import Perturbation
from paper_repro.scores import Floats, Outputs, all_logits, draw_views, run_encoder, scores
from paper_repro.tasks import Task, load_task
from paper_repro.train import METHODS, train

SCHEMA = "sua.results/1"
Report = Callable[[str, int], Callable[[int], None]]
"""Opens a progress bar of a name and a length; what it returns advances the bar."""


@dataclass(frozen=True)
class Evaluation:
    """One model on one split: what the plots are drawn from."""

    task: str
    split: Split
    method: str
    outputs: Outputs
    scored: dict[str, Floats]
    k: int


@dataclass(frozen=True)
class TaskRun:
    """One task, done.

    Attributes:
        task: the task.
        rows: its part of the tidy table.
        evaluations: models by split.
        floor: accuracy of Naive Bayes on the main test.
        accuracy: accuracy there, by method.
        seconds: wall time by step.
        examined: by method, what is decided about the model on all inputs of a world.
    """

    task: Task
    rows: list[dict[str, object]]
    evaluations: list[Evaluation]
    floor: float
    accuracy: dict[str, float]
    seconds: dict[str, float]
    examined: dict[str, Examined] = field(default_factory=dict)

    def reached(self, method: str) -> bool:
        """Whether the method reached Naive Bayes, without which nothing is concluded."""
        return self.accuracy[method] >= self.floor


def _row(
    task: Task, split: Split, model: str, method: str, config: Config, k: int, result: Result
) -> dict[str, object]:
    return {
        "task": task.name,
        "dataset": split.dataset,
        "split": split.name,
        "model": model,
        "scale": "small",
        "method": method,
        "seed": config.seed,
        "score": result.score,
        "divergence": result.divergence,
        "k": k,
        "metric": result.metric,
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "n": result.n,
    }


def _evaluation_splits(
    task: Task, edits: Perturbation, config: Config
) -> list[tuple[Split, list[list[Texts]]]]:
    """The test splits with the views of every input.

    A split of ready-made pairs is used twice: its originals with the rewritten text as the only
    view, and the rewritten texts as inputs of their own, perturbed like any other.
    """
    found: list[tuple[Split, list[list[Texts]]]] = []
    for split in task.tests:
        pairs = [e.rewritten for e in split.examples if e.rewritten is not None]
        if len(pairs) == len(split.examples):
            found.append((dataclasses.replace(split, name="original"), [[view] for view in pairs]))
            attacked = tuple(
                Example(e.id, view, e.label) for e, view in zip(split.examples, pairs, strict=True)
            )
            split = Split(split.dataset, "attacked", attacked)
        found.append((split, draw_views(split, edits, config.k, config.seed)))
    return found


def run_task(task: Task, config: Config, report: Report) -> TaskRun:
    """Train and evaluate one task."""
    recipe = config.recipes[task.name]
    edits = task.perturbation
    main = task.tests[0]
    seconds: dict[str, float] = {}
    rows: list[dict[str, object]] = []

    naive = NaiveBayes(task.train, task.dev)
    floor = 0.0
    for split in task.tests:
        hits = (naive.predict(split) == np.asarray(split.labels)).astype(np.float64)
        value = float(hits.mean())
        floor = value if split is main else floor
        result = Result(None, None, "accuracy", value, None, None, len(hits))
        rows.append(_row(task, split, "naive-bayes", "naive_bayes", config, 0, result))

    splits = _evaluation_splits(task, edits, config)
    evaluations, accuracy, examined = [], {}, {}
    for method in METHODS:
        start = time.perf_counter()
        encoder = Encoder(
            (e.texts for e in task.train.examples), len(task.labels), recipe, config.seed
        )
        advance = report(f"{task.name}: train {method}", recipe.epochs * len(task.train.examples))
        train(encoder, task.train, recipe, config, edits, method=method, advance=advance)
        seconds[f"train {method}"] = time.perf_counter() - start
        start = time.perf_counter()
        advance = report(f"{task.name}: evaluate {method}", len(splits))
        for split, views in splits:
            outputs = run_encoder(encoder, split, views)
            scored = scores(outputs, config.divergence)
            k = len(views[0])
            evaluations.append(Evaluation(task.name, split, method, outputs, scored, k))
            results = evaluate(outputs, scored, split, config)
            rows += [_row(task, split, encoder.name, method, config, k, r) for r in results]
            advance(1)
            if split is main:
                accuracy[method] = next(r.value for r in results if r.metric == "accuracy")
        seconds[f"evaluate {method}"] = time.perf_counter() - start
        if task.world is not None:
            start = time.perf_counter()
            advance = report(f"{task.name}: examine {method}", 1)
            logits = all_logits(encoder, [e.texts for e in task.world.inputs]).numpy()
            examined[method] = examine(task.world, logits)
            split = Split(task.name, "world", ())
            results = exact_results(examined[method])
            rows += [_row(task, split, encoder.name, method, config, 0, r) for r in results]
            advance(1)
            seconds[f"examine {method}"] = time.perf_counter() - start
    return TaskRun(task, rows, evaluations, floor, accuracy, seconds, examined)


def load_tasks(config: Config, data: Path | None) -> list[Task]:
    """Read and check every task of a run before any of them starts.

    Raises:
        BadInputError: a folder, a file or a row is missing or wrong.
    """
    if data is not None and not data.is_dir():
        raise BadInputError(f"--data {data}: no such folder")
    return [load_task(name, data, config.seed, config.edit_rate) for name in config.tasks]


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "scikit-learn": sklearn.__version__,
    }


def results_document(config: Config, runs: Sequence[TaskRun]) -> dict[str, object]:
    """The content of ``results.json``."""
    return {
        "schema": SCHEMA,
        "config": dataclasses.asdict(config),
        "seed": config.seed,
        "versions": versions(),
        "rows": [row for run in runs for row in run.rows],
    }
