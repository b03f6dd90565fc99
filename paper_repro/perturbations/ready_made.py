"""Perturbed inputs that the data bring along: a fourth source, for evaluation only.

Each dataset is marked by who made its perturbed texts, a person or a program. A program carried the
label of the original over and nobody looked; where people wrote or checked the texts, they judged
the label in some datasets and not in others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts, rows_of, text_of
from paper_repro.perturbations.edits import Edit, Perturbed
from paper_repro.perturbations.sources import Draw, outcomes_of

Origin = Literal["human", "automatic"]
_NLI, _QA = ("premise", "hypothesis"), ("question", "context")


@dataclass(frozen=True)
class ReadyMade:
    """A dataset of pairs.

    Attributes:
        origin: who made the perturbed texts.
        fields: the texts of an input.
        judged: how the label of a perturbed text came to be known: "validated" (people kept only
            the texts whose label they confirmed), "field" (the row says whether it is preserved)
            or None (nobody judged it).
        marks: brackets that the attack left around its words.
    """

    origin: Origin
    fields: tuple[str, ...]
    judged: Literal["validated", "field"] | None = None
    marks: tuple[str, ...] = ()


READY_MADE: Mapping[str, ReadyMade] = {
    "snli_textattack": ReadyMade("automatic", _NLI),
    "nli_textfooler": ReadyMade("automatic", _NLI, marks=("[[", "]]")),
    "ag_deepwordbug_cnn": ReadyMade("automatic", ("text",)),
    "ag_word_substitution": ReadyMade("automatic", ("text",)),
    "advglue_mnli": ReadyMade("human", _NLI, judged="validated"),
    "advglue_qnli": ReadyMade("human", _QA, judged="validated"),
    "squad_paraphrase": ReadyMade("human", _QA),
    "qnli_disfluent": ReadyMade("human", _QA),
    "boolq_contrast": ReadyMade("human", _QA, judged="field"),
    "cad_nli": ReadyMade("human", _NLI, judged="field"),
}
"""Which datasets hold pairs, as the README of the data describes them."""


@dataclass(frozen=True)
class Pair:
    """An input, its perturbed form, and the label of the latter.

    ``preserved`` says whether the label is that of the original; None where no person judged it.
    """

    id: str
    original: Texts
    perturbed: Texts
    label: int
    preserved: bool | None


def read_pairs(data: Path, dataset: str, split: str = "test") -> list[Pair]:
    """The pairs of a split; rows without an original beside them are left out.

    Args:
        data: the folder of datasets.
        dataset: a name of ``READY_MADE``.
        split: a file of it.

    Raises:
        BadInputError: no such dataset or file, or a row that does not fit; file, row and field are
            named.
    """
    if dataset not in READY_MADE:
        raise BadInputError(f"dataset: {dataset!r} is none of {', '.join(READY_MADE)}")
    made = READY_MADE[dataset]
    path = data / dataset / f"{split}.jsonl.gz"
    rows = dict(rows_of(path))
    by_id = {row.get("id"): row for row in rows.values()}
    found = []
    for number, row in rows.items():
        where = f"{path}: row {number} (id {row.get('id')!r})"
        original = _original(row, by_id, made, where)
        if original is not None:
            label = row.get("label")
            if type(label) is not int:
                raise BadInputError(f"{where}: label is {label!r}; an integer wanted")
            perturbed = _texts(row, made, where)
            preserved = _preserved(row, made, where)
            found.append(Pair(str(row.get("id", number)), original, perturbed, label, preserved))
    if not found:
        raise BadInputError(f"{path}: no row has an original beside it")
    return found


def _texts(row: Mapping[str, Any], made: ReadyMade, where: str, prefix: str = "") -> Texts:
    """The texts under ``prefix``; a field that has none there was not perturbed."""
    names = (prefix + f if prefix + f in row else f for f in made.fields)
    texts = [text_of(row, name, where) for name in names]
    for mark in made.marks:
        texts = [text.replace(mark, "") for text in texts]
    return tuple(texts)


def _original(
    row: Mapping[str, Any], by_id: Mapping[object, dict[str, Any]], made: ReadyMade, where: str
) -> Texts | None:
    if any(f"original_{f}" in row for f in made.fields):
        return _texts(row, made, where, "original_")
    if "perturbed_of" not in row:
        return None
    other = by_id.get(row["perturbed_of"])
    if other is None:
        raise BadInputError(f"{where}: perturbed_of is {row['perturbed_of']!r}, and no row has it")
    return _texts(other, made, f"{where}: its original")


def _preserved(row: Mapping[str, Any], made: ReadyMade, where: str) -> bool | None:
    if made.judged != "field":
        return True if made.judged == "validated" else None
    value = row.get("label_preserved")
    if not isinstance(value, bool):
        raise BadInputError(f"{where}: label_preserved is {value!r}; true or false wanted")
    return value


def as_draws(dataset: str, pairs: list[Pair]) -> list[Draw]:
    """The pairs as draws of a source of that name, to stand in one report with the others."""
    found = []
    for pair in pairs:
        edits = tuple(
            Edit(dataset, part, 0, a, b)
            for part, (a, b) in enumerate(zip(pair.original, pair.perturbed, strict=True))
            if a != b
        )
        outcome = outcomes_of([pair.original], [Perturbed(pair.perturbed, edits)], ())
        found.append(Draw(dataset, pair.perturbed, edits, tuple(outcome)))
    return found
