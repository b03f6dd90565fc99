"""The tasks of section 6 on public data: which rows train, select and test each of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from paper_repro import embedded
from paper_repro.examples import Split, read_split
from paper_repro.token_edits import read_synonyms

DATA_TASKS = ("topic", "nli")
"""The tasks that ``--data`` offers."""


@dataclass(frozen=True)
class Task:
    """Everything one task needs, read and checked.

    Attributes:
        name: a name of ``RECIPES``.
        labels: label names, in the order of the integers.
        train, dev: the rows to fit and to watch.
        tests: evaluation splits; the first is the main test, on which Naive Bayes is the floor.
        synonyms: word list of the token-level edits.
    """

    name: str
    labels: tuple[str, ...]
    train: Split
    dev: Split
    tests: tuple[Split, ...]
    synonyms: Mapping[str, Sequence[str]]


def _joined(splits: Sequence[Split]) -> Split:
    name = "+".join(s.dataset for s in splits)
    return Split(name, splits[0].name, tuple(e for s in splits for e in s.examples))


def _topic(data: Path) -> Task:
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
        read_synonyms(data),
    )


def _nli(data: Path) -> Task:
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
        read_synonyms(data),
    )


def _embedded(seed: int) -> Task:
    rng = random.Random(f"embedded-{seed}")
    return Task(
        "embedded",
        embedded.LABELS,
        embedded.generate("train", 4000, rng),
        embedded.generate("dev", 500, rng),
        (embedded.generate("test", 1500, rng),),
        embedded.SYNONYMS,
    )


def load_task(name: str, data: Path | None, seed: int) -> Task:
    """Read or generate one task.

    Raises:
        BadInputError: the data of the task are missing or wrong.
    """
    if data is None:
        return _embedded(seed)
    return {"topic": _topic, "nli": _nli}[name](data)
