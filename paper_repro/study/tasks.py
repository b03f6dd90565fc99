"""The three tasks of section 6.2 on public data, each with clean, perturbed, ambiguous and shifted
test sets.

Question answering is to choose the sentence that answers: the input is the question and the
sentences of its passage, whose number varies, and the label is the place of the right one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example, Split, Texts, law_of, read_split, rows_of, text_of
from paper_repro.perturbations.ready_made import READY_MADE, read_pairs

TASKS = ("nli", "topic", "qa")
LAW_DIGITS = 4
"""Shares of annotators are printed with so many digits in these data."""
Role = Literal["clean", "perturbed", "ambiguous", "shift"]


@dataclass(frozen=True)
class TestSet:
    """One set of inputs that the models are judged on.

    Attributes:
        role: what it stands for.
        split: its rows.
        originals: for ready-made pairs, the unperturbed texts; the rows are the perturbed ones.
        origin: who perturbed them.
    """

    role: Role
    split: Split
    originals: tuple[Texts, ...] | None = None
    origin: Literal["human", "automatic"] | None = None

    __test__ = False


@dataclass(frozen=True)
class StudyTask:
    """One task, read and checked.

    Attributes:
        name: one of ``TASKS``.
        labels: their names; None where the options vary.
        train, dev: rows to fit, and rows to choose temperatures, weights and scores on.
        tests: the first is the clean test.
        perturbed_parts: which of the texts of an input a perturbation may change; None for all.
    """

    name: str
    labels: tuple[str, ...] | None
    train: Split
    dev: Split
    tests: tuple[TestSet, ...]
    perturbed_parts: tuple[int, ...] | None = None


def _some(split: Split, rows: int) -> Split:
    """A fixed random part of a split: the same whatever else is read, and of any seed."""
    if len(split.examples) <= rows:
        return split
    kept = sorted(
        random.Random(f"rows-{split.dataset}-{split.name}").sample(range(len(split.examples)), rows)
    )
    return Split(split.dataset, split.name, tuple(split.examples[i] for i in kept))


def _joined(name: str, splits: Sequence[Split]) -> Split:
    return Split(name, splits[0].name, tuple(e for s in splits for e in s.examples))


def _pairs(data: Path, dataset: str, n_labels: int) -> TestSet:
    """Ready-made pairs whose label is not said to have changed, the perturbed texts as inputs."""
    pairs = [p for p in read_pairs(data, dataset) if p.preserved is not False]
    for pair in pairs:
        if not 0 <= pair.label < n_labels:
            raise BadInputError(f"{data / dataset}: {pair.id}: label is {pair.label}")
    rows = tuple(Example(p.id, p.perturbed, p.label) for p in pairs)
    originals = tuple(p.original for p in pairs)
    split = Split(dataset, "test", rows)
    return TestSet("perturbed", split, originals, READY_MADE[dataset].origin)


def _first(test: TestSet, rows: int) -> TestSet:
    """A fixed random part of a test set."""
    kept = _some(test.split, rows)
    if test.originals is None:
        return TestSet(test.role, kept)
    by_id = dict(zip((e.id for e in test.split.examples), test.originals, strict=True))
    originals = tuple(by_id[e.id] for e in kept.examples)
    return TestSet(test.role, kept, originals, test.origin)


# --- classification of one text or of a pair


def _classified(
    data: Path,
    fields: tuple[str, ...],
    labels: tuple[str, ...],
    name: str,
    train: Sequence[str],
    main: str,
    others: Mapping[str, tuple[Role, str]],
    pairs: Sequence[str],
) -> StudyTask:
    def read(dataset: str, split: str, label_field: str = "label") -> Split:
        return read_split(
            data, dataset, split, fields=fields, n_labels=len(labels), label_field=label_field,
            law_digits=LAW_DIGITS,
        )  # fmt: skip

    tests = [TestSet("clean", read(main, "test"))]
    tests += [_pairs(data, dataset, len(labels)) for dataset in pairs]
    tests += [
        TestSet(role, read(dataset, "test", field)) for dataset, (role, field) in others.items()
    ]
    fit = _joined("+".join(train), [read(dataset, "train") for dataset in train])
    return StudyTask(name, labels, fit, read(main, "dev"), tuple(tests))


def _nli(data: Path, *, all_sets: bool) -> StudyTask:
    others: dict[str, tuple[Role, str]] = {
        "chaosnli": ("ambiguous", "label"),
        "mnli": ("shift", "label"),
    }
    if all_sets:
        others |= dict.fromkeys(("varierr", "nope", "ambient"), ("ambiguous", "label"))
        others |= {"anli": ("shift", "label")}
    pairs = ["snli_textattack", "nli_textfooler", "advglue_mnli"]
    return _classified(
        data, ("premise", "hypothesis"), ("entailment", "neutral", "contradiction"), "nli",
        ["snli", "snli_more"], "snli", others, pairs if all_sets else pairs[:1],
    )  # fmt: skip


def _topic(data: Path, *, all_sets: bool) -> StudyTask:
    others: dict[str, tuple[Role, str]] = {
        "noisy_ag_annotators": ("ambiguous", "label"),
        "bbc": ("shift", "label_ag"),
    }
    if all_sets:
        others |= {"20news": ("shift", "label_ag")}
    pairs = ["ag_deepwordbug_cnn", "ag_word_substitution"]
    return _classified(
        data, ("text",), ("World", "Sports", "Business", "Sci/Tech"), "topic",
        ["ag_news"], "ag_news", others, pairs if all_sets else pairs[:1],
    )  # fmt: skip


# --- choosing the sentence that answers


def _question(row: Mapping[str, Any], where: str) -> Example:
    question = text_of(row, "question", where)
    options = row.get("options")
    if not isinstance(options, list) or len(options) < 2:
        raise BadInputError(f"{where}: options is {options!r}; a list of two or more wanted")
    texts = tuple(
        text_of({f"options[{i}]": o}, f"options[{i}]", where) for i, o in enumerate(options)
    )
    label = row.get("label")
    if type(label) is not int or not 0 <= label < len(options):
        raise BadInputError(f"{where}: label is {label!r}, not in 0..{len(options) - 1}")
    law = law_of(row, len(options), where, LAW_DIGITS)
    return Example(str(row.get("id")), (question, *texts), label, law)


def _questions(
    data: Path, dataset: str, split: str, wanted: Callable[[Mapping[str, Any]], bool] | None = None
) -> Split:
    path = data / dataset / f"{split}.jsonl.gz"
    examples = tuple(
        _question(row, f"{path}: row {number} (id {row.get('id')!r})")
        for number, row in rows_of(path)
        if wanted is None or wanted(row)
    )
    if not examples:
        raise BadInputError(f"{path}: an empty split")
    return Split(dataset, split, examples)


def _paraphrased(data: Path) -> TestSet:
    """Questions that people reworded, with the question that they reworded and its sentences."""
    path = data / "squad_paraphrase" / "test.jsonl.gz"
    by_id = {row.get("id"): row for _, row in rows_of(path)}
    rows, originals = [], []
    for number, row in rows_of(path):
        if "perturbed_of" in row:
            where = f"{path}: row {number} (id {row.get('id')!r})"
            other = by_id.get(row["perturbed_of"])
            if other is None:
                raise BadInputError(f"{where}: perturbed_of is {row['perturbed_of']!r}: no such id")
            changed, original = _question(row, where), _question(other, f"{where}: its original")
            if changed.texts[1:] == original.texts[1:] and changed.label == original.label:
                rows.append(changed)
                originals.append(original.texts)
    if not rows:
        raise BadInputError(f"{path}: no row has an original beside it")
    split = Split("squad_paraphrase", "test", tuple(rows))
    return TestSet("perturbed", split, tuple(originals), "human")


def _divided(row: Mapping[str, Any]) -> bool:
    """Whether annotators chose different sentences."""
    law = row.get("label_dist")
    return isinstance(law, list) and max(law) < 1


def _qa(data: Path, *, all_sets: bool) -> StudyTask:
    shifted = ["squadshifts_reddit", "squadshifts_amazon"]
    train = ["squadshifts_wiki", "squad_subset"]
    divided = [_questions(data, name, "test", _divided) for name in ["squadshifts_wiki", *shifted]]
    tests = [
        TestSet("clean", _questions(data, "squadshifts_wiki", "test")),
        _paraphrased(data),
        TestSet("ambiguous", _joined("squadshifts_divided", divided)),
        *(
            TestSet("shift", _questions(data, name, "test"))
            for name in (shifted if all_sets else shifted[:1])
        ),
    ]
    fit = _joined("+".join(train), [_questions(data, name, "train") for name in train])
    dev = _questions(data, "squadshifts_wiki", "dev")
    return StudyTask("qa", None, fit, dev, tuple(tests), (0,))


def load_study_task(
    name: str, data: Path, *, train_rows: int, test_rows: int, all_sets: bool = False
) -> StudyTask:
    """Read one task.

    Args:
        name: one of ``TASKS``.
        data: the folder of datasets.
        train_rows: at most so many rows train.
        test_rows: at most so many of the clean and of each perturbed test, half as many of dev and
            of every other test. Which ones is fixed.
        all_sets: every test set of the protocol instead of one for each role.

    Raises:
        BadInputError: the data are missing or do not fit; file, row and field are named.
    """
    if name not in TASKS:
        raise BadInputError(f"task: {name!r} is none of {', '.join(TASKS)}")
    if not data.is_dir():
        raise BadInputError(f"{data}: no such folder")
    task = {"nli": _nli, "topic": _topic, "qa": _qa}[name](data, all_sets=all_sets)
    half = (test_rows + 1) // 2
    tests = tuple(
        _first(t, test_rows if t.role in ("clean", "perturbed") else half) for t in task.tests
    )
    return StudyTask(
        task.name, task.labels, _some(task.train, train_rows), _some(task.dev, half), tests,
        task.perturbed_parts,
    )  # fmt: skip
