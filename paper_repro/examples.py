"""Labelled texts, and reading them from a folder of datasets.

A dataset is a folder of gzip-compressed JSON-lines files, one for each split. Everything a run
needs is read and checked before any of it is used.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from paper_repro.bad_input import BadInputError
from sua_ref.checks import sum_tolerance

Texts = tuple[str, ...]
"""The input: one text, or premise and hypothesis."""
_FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True)
class Example:
    """One labelled input; ``label_law`` is p*(.|x) where annotators or a generator give it, and
    ``rewritten`` a ready-made perturbation of the same input."""

    id: str
    texts: Texts
    label: int
    label_law: tuple[float, ...] | None = None
    rewritten: Texts | None = None


@dataclass(frozen=True)
class Split:
    """A named part of a dataset."""

    dataset: str
    name: str
    examples: tuple[Example, ...]

    @property
    def labels(self) -> list[int]:
        """The labels, in order."""
        return [e.label for e in self.examples]


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file and their numbers, from 1; what is no row is refused by its line."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise BadInputError(f"{path}: line {number} is no JSON: {error}") from error
                if not isinstance(row, dict):
                    raise BadInputError(f"{path}: line {number} is no JSON object")
                yield number, row
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read: {error}") from error


def text_of(row: Mapping[str, Any], name: str, where: str) -> str:
    """A field that must hold a text; ``where`` says in a refusal whose field it is."""
    value = row.get(name)
    if value is None:
        raise BadInputError(f"{where} has no field {name!r}")
    if not isinstance(value, str) or not value.strip() or not _encodable(value):
        raise BadInputError(f"{where}: field {name!r} is {value!r}; a text wanted")
    return value


def _encodable(text: str) -> bool:
    """False for a lone surrogate, which no tokenizer reads."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def law_of(
    row: Mapping[str, Any], n: int, where: str, digits: int | None = None
) -> tuple[float, ...] | None:
    """The shares of a row's ``label_dist``, n of them; None where it has none.

    With ``digits`` they are known to be printed with so many: they may then miss 1 by what rounding
    explains, and are divided by their sum.

    Raises:
        BadInputError: other than n shares in [0, 1] that sum to 1.
    """
    law = row.get("label_dist")
    if law is None:
        return None
    slack = sum_tolerance(n, _FLOAT64) if digits is None else n * 0.5 * 10**-digits
    numbers = isinstance(law, list) and all(type(v) in (int, float) and 0 <= v <= 1 for v in law)
    if not numbers or len(law) != n or abs(math.fsum(law) - 1) > slack:
        raise BadInputError(f"{where}: label_dist is {law!r}; {n} shares that sum to 1 wanted")
    total = 1.0 if digits is None else math.fsum(law)
    return tuple(v / total for v in law)


def read_split(
    data: Path,
    dataset: str,
    split: str,
    *,
    fields: Sequence[str],
    n_labels: int,
    label_field: str = "label",
    law_digits: int | None = None,
) -> Split:
    """Read and check one split.

    Rows whose label is -1 ("no correct label", or none in this label scheme) are left out.

    Args:
        data: the folder of datasets.
        dataset, split: names of a folder and of a file in it.
        fields: the text fields of the input.
        n_labels: labels lie in 0..n_labels-1.
        label_field: where the label stands.
        law_digits: with how many digits the shares of ``label_dist`` are printed; None for all.

    Raises:
        BadInputError: a missing folder or file, a row without a field, a label out of range, an
            empty split. The file, the row and the value are named.
    """
    folder = data / dataset
    if not folder.is_dir():
        raise BadInputError(f"{folder}: no such folder (it should hold the dataset {dataset!r})")
    path = folder / f"{split}.jsonl.gz"
    examples = []
    for number, row in rows_of(path):
        where = f"{path}: row {number} (id {row.get('id')!r})"
        label = row.get(label_field)
        if type(label) is not int or not -1 <= label < n_labels:
            raise BadInputError(
                f"{where}: {label_field} is {label!r}, not in 0..{n_labels - 1} (or -1 for none)"
            )
        texts = tuple(text_of(row, name, where) for name in fields)
        rewritten = None
        if "perturbed_of" in row and row.get("label_preserved", True):
            # The row itself is the rewritten input; its original stands beside it.
            original = tuple(text_of(row, f"original_{name}", where) for name in fields)
            texts, rewritten = original, texts
        if label >= 0:
            law = law_of(row, n_labels, where, law_digits)
            examples.append(Example(str(row.get("id", number)), texts, label, law, rewritten))
    if not examples:
        raise BadInputError(f"{path}: an empty split (no row with a label)")
    return Split(dataset, split, tuple(examples))
