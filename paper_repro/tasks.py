"""The tasks of section 6, on public data or in a world with known truth: which rows train, select
and test each of them, and what perturbs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paper_repro import world_nli, world_qa, world_topic
from paper_repro.examples import Split, read_split
from paper_repro.perturbations.edits import Perturbation
from paper_repro.perturbations.token_edits import TokenEdits, read_synonyms
from paper_repro.worlds import Kernel, World, distinct, sample

DATA_TASKS = ("topic", "nli")
"""The tasks that ``--data`` offers."""
WORLD_TASKS = ("world_qa", "world_nli", "world_topic")
"""The tasks that need no data."""


@dataclass(frozen=True)
class Task:
    """Everything one task needs, read and checked.

    Attributes:
        name: a name of ``RECIPES``.
        labels: label names, in the order of the integers.
        train, dev: the rows to fit and to watch.
        tests: evaluation splits; the first is the main test, on which Naive Bayes is the floor.
        perturbation: what perturbs its inputs, in training and in evaluation.
        world: where the truth is known, all inputs that the trained models are examined on.
    """

    name: str
    labels: tuple[str, ...]
    train: Split
    dev: Split
    tests: tuple[Split, ...]
    perturbation: Perturbation
    world: World | None = None


def _joined(splits: Sequence[Split]) -> Split:
    name = "+".join(s.dataset for s in splits)
    return Split(name, splits[0].name, tuple(e for s in splits for e in s.examples))


def _topic(data: Path, edit_rate: float) -> Task:
    fields = ("text",)
    labels = ("World", "Sports", "Business", "Sci/Tech")
    n = len(labels)
    return Task(
        "topic",
        labels,
        read_split(data, "ag_news", "train", fields=fields, n_labels=n),
        read_split(data, "ag_news", "dev", fields=fields, n_labels=n),
        (
            read_split(data, "ag_news", "test", fields=fields, n_labels=n),
            read_split(data, "bbc", "test", fields=fields, n_labels=n, label_field="label_ag"),
            read_split(data, "ag_deepwordbug_cnn", "test", fields=fields, n_labels=n),
        ),
        TokenEdits(read_synonyms(data), edit_rate),
    )


def _nli(data: Path, edit_rate: float) -> Task:
    fields = ("premise", "hypothesis")
    labels = ("entailment", "neutral", "contradiction")
    n = len(labels)
    train = [
        read_split(data, name, "train", fields=fields, n_labels=n) for name in ("snli", "snli_more")
    ]
    return Task(
        "nli",
        labels,
        _joined(train),
        read_split(data, "snli", "dev", fields=fields, n_labels=n),
        (
            read_split(data, "snli", "test", fields=fields, n_labels=n),
            read_split(data, "chaosnli", "test", fields=fields, n_labels=n),
        ),
        TokenEdits(read_synonyms(data), edit_rate),
    )


_GRAMMARS = {"world_qa": world_qa, "world_nli": world_nli, "world_topic": world_topic}
_HELD_OUT = 64
"""Contents of the world that is examined: with 16 choices of synonyms each, 1024 inputs."""
_DEV_CONTENTS, _DEV_ROWS, _TEST_ROWS = 32, 300, 1500
_TRAIN = {"world_qa": (1000, 1600), "world_nli": (1500, 3000), "world_topic": (800, 1600)}
"""Contents and rows that train. More of them, and the model would be as good as the truth."""


def _world(name: str, seed: int) -> Task:
    """Contents are dealt to one split each; rows and labels are drawn from the laws."""
    grammar, source = _GRAMMARS[name], f"{name}-{seed}"
    kernel = Kernel()
    n_train, rows = _TRAIN[name]
    contents = distinct(grammar.invent, _HELD_OUT + _DEV_CONTENTS + n_train, source)
    world = World(tuple(contents[:_HELD_OUT]))
    dev, train = contents[_HELD_OUT:-n_train], contents[-n_train:]
    return Task(
        name,
        grammar.LABELS,
        sample(name, "train", train, rows, kernel, source),
        sample(name, "dev", dev, _DEV_ROWS, kernel, source),
        (sample(name, "test", world.contents, _TEST_ROWS, kernel, source),),
        kernel,
        world,
    )


def load_task(name: str, data: Path | None, seed: int, edit_rate: float) -> Task:
    """Read or generate one task.

    Raises:
        BadInputError: the data of the task are missing or wrong.
    """
    if data is None:
        return _world(name, seed)
    return {"topic": _topic, "nli": _nli}[name](data, edit_rate)
