"""Invented run folders in the real format, for the tests of the report. No model said any of it."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paper_repro.run_folder import RunFolder
from paper_repro.study import outputs as saved
from paper_repro.study.measures import measure
from paper_repro.study.outputs import Outputs

SETS = {
    "nli": (("snli", "clean"), ("snli_textattack", "perturbed"), ("chaosnli", "ambiguous"),
            ("mnli", "shift"), ("dev", "dev")),
    "topic": (("ag_news", "clean"), ("ag_deepwordbug_cnn", "perturbed"),
              ("noisy_ag_annotators", "ambiguous"), ("bbc", "shift"), ("dev", "dev")),
    "qa": (("squadshifts_wiki", "clean"), ("squad_paraphrase", "perturbed"),
           ("squadshifts_divided", "ambiguous"), ("squadshifts_reddit", "shift"), ("dev", "dev")),
}  # fmt: skip
METHODS = (
    "standard", "label_smoothing", "r_drop", "at", "sua_tr", "no_align", "no_cons", "adv_only",
    "para_only", "tokens_only", "k3", "k10", "lam_0", "lam_0.25", "lam_0.5", "lam_2", "lam_3",
    "certified",
)  # fmt: skip
_LABELS = {"nli": 3, "topic": 4, "qa": 6}


def _generator(*about: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("-".join(map(str, about)).encode()))


def outputs(task: str, dataset: str, role: str, rows: int, seed: int, method: str) -> Outputs:
    """Logits that are often right; in qa some inputs have fewer options than others."""
    rng = _generator(task, dataset, seed, method)
    v = _LABELS[task]
    labels = _generator(task, dataset).integers(0, 2, rows)
    sure = rng.gamma(2.0, 0.8, rows)
    logits = rng.normal(0, 1, (rows, v)) + sure[:, None] * np.eye(v)[labels]
    k = 15 if role in ("clean", "dev") else 5
    views = logits[:, None] + rng.normal(0, 0.6, (rows, k, v))
    if task == "qa":
        gone = np.arange(v)[None] >= _generator(dataset).integers(2, v + 1, rows)[:, None]
        logits[gone] = -np.inf
        views[np.repeat(gone[:, None], k, 1)] = -np.inf
    ids = tuple(f"{dataset}-{i}" for i in range(rows))
    laws = rng.dirichlet(np.ones(v), rows) if role == "ambiguous" and task == "nli" else None
    passes = np.stack([logits + rng.normal(0, 0.3, logits.shape) for _ in range(3)])
    return Outputs(
        dataset, role, ids, labels, logits.astype(np.float32), views.astype(np.float32),
        laws=laws, passes=passes.astype(np.float32) if method == "standard" else None,
    )  # fmt: skip


def _rows(said: Sequence[Outputs]) -> list[dict[str, Any]]:
    """What a run measures, and a floor that the invented models reach."""
    floors = [
        {"dataset": o.dataset, "role": o.role, "score": None, "metric": "floor_accuracy",
         "value": 0.3, "n": len(o.labels)}
        for o in said
    ]  # fmt: skip
    return [*measure(said), *floors]


def invent(
    out: Path, tasks: Sequence[str] = ("nli",), models: Sequence[str] = ("small",),
    methods: Iterable[str] = METHODS, seeds: Iterable[int] = (0, 1, 2), rows: int = 60,
) -> None:  # fmt: skip
    """Write the folders of invented runs under ``out``."""
    for task, model, method, seed in itertools.product(tasks, models, methods, seeds):
        about = {"task": task, "model": model, "method": method, "seed": seed}
        config = {"schema": "sua.study/1", "settings": about | {"train_rows": 4000}, "data": {},
                  "versions": {"invented": "1"}}  # fmt: skip
        run = RunFolder(out / "runs", f"{task}-{model}-{method}-{seed}", config)
        said = [outputs(task, name, role, rows, seed, method) for name, role in SETS[task]]
        saved.save(run.path / "outputs.npz", said)
        run.finish(about | {"architecture": "invented", "rows": _rows(said)})
