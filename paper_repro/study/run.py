"""One run of the study: one configuration and one seed in one folder, trained, scored, measured."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from paper_repro.bad_input import BadInputError
from paper_repro.config import Recipe
from paper_repro.examples import Split, Texts
from paper_repro.many_predictions import mc_dropout
from paper_repro.perturbations.sentence_encoder import minilm_folder
from paper_repro.reproduce import versions
from paper_repro.run_folder import RunFolder, canonical, write_whole
from paper_repro.study import outputs as saved
from paper_repro.study.classifier import Classifier, Laid, from_config, pretrained
from paper_repro.study.floor import floor
from paper_repro.study.measures import measure
from paper_repro.study.outputs import Outputs
from paper_repro.study.qualitative import rerun
from paper_repro.study.settings import METHODS, MINILM, SMALL, Settings
from paper_repro.study.tasks import StudyTask, load_study_task
from paper_repro.study.training import train
from paper_repro.study.views import views_of

K, K_REFERENCE = 5, 15
"""Views of a test input; of a clean one, of which those after the fifth are the reference of
appendix B.1."""
PASSES = 10
"""Dropout masks of MC dropout."""
TIMING = "timing.json"
Report = Callable[[str, int], Callable[[int], None]]
"""Opens a stage of a name and a length; what it returns advances it."""


def read_task(settings: Settings, data: Path) -> StudyTask:
    """The task of a run."""
    return load_study_task(
        settings.task, data, train_rows=settings.train_rows, test_rows=settings.test_rows,
        all_sets=settings.all_sets,
    )  # fmt: skip


def splits_of(task: StudyTask) -> list[tuple[str, Split, tuple[Texts, ...] | None, int]]:
    """Dev and the test sets: role, rows, unperturbed texts, and how many views are drawn."""
    found: list[tuple[str, Split, tuple[Texts, ...] | None, int]] = [("dev", task.dev, None, K)]
    for test in task.tests:
        k = K_REFERENCE if test.role == "clean" else K
        found.append((test.role, test.split, test.originals, k))
    return found


def config_of(settings: Settings, task: StudyTask, data: Path) -> dict[str, Any]:
    """What decides the result: the settings, the data and the versions."""
    names = {name for _, split, _, _ in splits_of(task) for name in split.dataset.split("+")}
    names |= set(task.train.dataset.split("+"))
    hashes = {}
    for name in sorted(names):
        meta = data / name / "meta.json"
        if meta.is_file():  # a set joined of others has none of its own
            hashes[name] = hashlib.sha256(meta.read_bytes()).hexdigest()
    return {
        "schema": "sua.study/1",
        "settings": dataclasses.asdict(settings),
        "data": hashes,
        "versions": versions(),
    }


def build(settings: Settings, task: StudyTask) -> Classifier:
    """The untrained model of a run."""
    labels = None if task.labels is None else len(task.labels)
    if settings.model == SMALL:
        recipe = Recipe(
            settings.epochs, settings.learning_rate, settings.batch_size, 8000,
            settings.max_tokens, 128, 2 if settings.task == "nli" else 1, 4, 0.1, 0.0,
        )  # fmt: skip
        corpus = [e.texts for e in task.train.examples]
        return from_config(corpus, labels, recipe, settings.seed)
    source = minilm_folder() if settings.model == MINILM else settings.model
    return pretrained(
        source, labels, settings.seed, max_tokens=settings.max_tokens, revision=settings.revision
    )


def do(settings: Settings, data: Path, out: Path, report: Report) -> Path:
    """Do a run, or what is left of it; its folder.

    Raises:
        BadInputError: data, model or folder are missing or wrong.
        FloatingPointError: training diverged; the batch is saved.
    """
    settings = settings.resolved()
    task = read_task(settings, data)
    folder = RunFolder(out / "runs", settings.name, config_of(settings, task, data))
    if folder.result is not None:
        return folder.path
    classifier = build(settings, task)
    cache = out / "views"
    rows = task.train.examples
    drawn: list[list[list[Laid]]] = []
    if METHODS[settings.method].views:
        for draw in range(settings.draws):
            texts = views_of(task, task.train, settings.pi, settings.k, draw, cache, data=data)
            drawn.append(_lay_views(classifier, texts))
    report_training = report("train", settings.epochs * len(rows))
    seconds = train(
        classifier, classifier.lay([e.texts for e in rows]), drawn, task.train.labels, settings,
        folder, report_training,
    )  # fmt: skip
    found = list(_outputs(classifier, settings, task, data, cache, report))
    saved.save(folder.path / "outputs.npz", found)
    # Beside the result and no part of it: no two trainings take the same time.
    write_whole(folder.path / TIMING, canonical({"training_seconds": seconds}))
    measured = measure(found, lam=settings.lam, divergence=settings.divergence)
    floors = [
        {"dataset": o.dataset, "role": o.role, "score": None, "metric": "floor_accuracy",
         "value": value, "n": len(o.labels)}
        for o, value in zip(found, floor(task, [s for _, s, _, _ in splits_of(task)]), strict=True)
    ]  # fmt: skip
    about = {name: getattr(settings, name) for name in ("task", "model", "method", "seed")}
    examples = rerun(
        lambda texts: classifier.logits(classifier.lay(texts), advance=lambda _: None),
        settings.task, lam=settings.lam, divergence=settings.divergence,
    )  # fmt: skip
    folder.finish({
        **about, "architecture": classifier.name, "rows": [*measured, *floors],
        "examples": examples,
    })  # fmt: skip
    return folder.path


def _lay_views(classifier: Classifier, views: Sequence[Sequence[Texts]]) -> list[list[Laid]]:
    k = len(views[0])
    flat = classifier.lay([view for row in views for view in row])
    return [flat[i : i + k] for i in range(0, len(flat), k)]


def _outputs(
    classifier: Classifier,
    settings: Settings,
    task: StudyTask,
    data: Path,
    cache: Path,
    report: Report,
) -> Iterator[Outputs]:
    for role, split, originals, k in splits_of(task):
        views = views_of(task, split, "mixture", k, 0, cache, data=data)
        clean = classifier.lay([e.texts for e in split.examples])
        paired = classifier.lay(list(originals)) if originals is not None else []
        flat = [one for row in _lay_views(classifier, views) for one in row]
        dropped = PASSES if settings.method == "standard" else 0
        advance = report(split.dataset, len(clean) * (1 + dropped) + len(paired) + len(flat))
        every = classifier.logits([*clean, *paired, *flat], advance=advance)
        n, v = len(clean), every.shape[-1]
        passes = None
        if dropped:
            predict = functools.partial(_predict, classifier, clean, advance)
            shares = mc_dropout(classifier.model, predict, passes=dropped, seed=settings.seed)
            passes = _padded(shares.log().numpy(), v)
        laws = [e.label_law for e in split.examples]
        yield Outputs(
            dataset=split.dataset if role != "dev" else "dev",
            role=role,
            ids=tuple(e.id for e in split.examples),
            labels=np.asarray(split.labels, dtype=np.int64),
            logits=every[:n].numpy(),
            views=every[n + len(paired) :].reshape(n, k, v).numpy(),
            originals=every[n : n + len(paired)].numpy() if paired else None,
            laws=None if not any(laws) else _laws(laws, v),
            passes=passes,
        )


def _predict(
    classifier: Classifier, laid: Sequence[Laid], advance: Callable[[int], None], _: nn.Module
) -> Tensor:
    return classifier.logits(laid, advance=advance)


def _padded(logs: npt.NDArray[Any], v: int) -> npt.NDArray[Any]:
    missing = v - logs.shape[-1]
    return np.pad(logs, [(0, 0), (0, 0), (0, missing)], constant_values=-np.inf)


def _laws(laws: Sequence[tuple[float, ...] | None], v: int) -> npt.NDArray[Any]:
    found = np.zeros((len(laws), v))
    for i, law in enumerate(laws):
        found[i, : len(law or ())] = law or ()
        if law is None:
            found[i] = np.nan
    return found


@dataclass(frozen=True)
class DoneRun:
    """A run that is done, as its folder holds it."""

    path: Path
    config: dict[str, Any]
    result: dict[str, Any]

    @property
    def task(self) -> str:
        """Of the run."""
        return str(self.result["task"])

    @property
    def model(self) -> str:
        """Of the run: "small", "minilm", a folder or a hub id."""
        return str(self.result["model"])

    @property
    def method(self) -> str:
        """Of the run."""
        return str(self.result["method"])

    @property
    def seed(self) -> int:
        """Of the run."""
        return int(self.result["seed"])

    @property
    def seconds(self) -> float | None:
        """Processor time of the training; None where it was not kept.

        Raises:
            BadInputError: the file is damaged.
        """
        path = self.path / TIMING
        if not path.is_file():
            return None
        try:
            return float(json.loads(path.read_bytes())["training_seconds"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInputError(f"{path}: no time can be read: {error}") from error

    def outputs(self) -> list[Outputs]:
        """What the model said, read anew from the disk."""
        return saved.load(self.path / "outputs.npz")


def read_run(path: Path) -> DoneRun | None:
    """The run in a folder; None where it is not done.

    Raises:
        BadInputError: no folder of a run, or a damaged one.
    """
    try:
        config = json.loads((path / "config.json").read_bytes())
        folder = RunFolder(path.parent, path.name.rpartition("-")[0], config)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: no folder of a run: {error}") from error
    if folder.path != path:
        raise BadInputError(f"{path}: its configuration belongs in {folder.path.name}")
    result = folder.result
    return None if result is None else DoneRun(path, config, result)


def read_runs(out: Path) -> list[DoneRun]:
    """The runs of a study that are done, by name.

    Raises:
        BadInputError: a damaged folder.
    """
    folders = sorted(p for p in (out / "runs").glob("*") if (p / "config.json").is_file())
    return [run for run in map(read_run, folders) if run is not None]
