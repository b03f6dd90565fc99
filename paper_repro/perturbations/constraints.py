"""What a perturbation must satisfy to be kept.

Those of section 5.3 (a fixed auxiliary classifier predicts the same label; the sentence embeddings
stay close) and the ball of Definition 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts

Logits = Callable[[Sequence[Texts]], Tensor]
"""A model: inputs to logits ``(N, V)``."""
Embed = Callable[[Sequence[str]], Tensor]
"""A sentence encoder: texts to vectors ``(N, d)``."""


class Constraint(Protocol):
    """A yes or no about each pair of an input and a proposal."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    def keeps(self, inputs: Sequence[Texts], proposals: Sequence[Texts]) -> list[bool]:
        """Whether each proposal may stand for its input."""


def checked_logits(logits: Logits, inputs: Sequence[Texts]) -> Tensor:
    """``logits(inputs)`` as float64 on the CPU, ``(N, V)``.

    Raises:
        ValueError: another shape, or a NaN or an infinite value, named by its input.
    """
    found = logits(inputs).detach().double().cpu()
    if found.ndim != 2 or len(found) != len(inputs) or found.shape[1] == 0:
        raise ValueError(
            f"logits: shape {tuple(found.shape)} for {len(inputs)} inputs; (N, V) wanted"
        )
    for i in torch.nonzero(~torch.isfinite(found).all(-1)).flatten().tolist():
        raise ValueError(f"logits: row {i} is {found[i].tolist()} for {inputs[i]!r}")
    return found


@dataclass(frozen=True)
class SameLabel:
    """A fixed auxiliary classifier predicts the same label; a tie goes to the lowest index.

    That a classifier says so does not make it so: no person has looked.

    Attributes:
        logits: the classifier. It must not be the model under study, or be the same throughout.
    """

    logits: Logits
    name: str = "same label"

    def keeps(self, inputs: Sequence[Texts], proposals: Sequence[Texts]) -> list[bool]:
        """Whether the predicted labels of each pair are equal."""
        once = list(dict.fromkeys([*inputs, *proposals]))
        if not once:
            return []
        labels = dict(zip(once, checked_logits(self.logits, once).argmax(-1).tolist(), strict=True))
        return [labels[x] == labels[y] for x, y in zip(inputs, proposals, strict=True)]


@dataclass(frozen=True)
class SimilarMeaning:
    """Every changed text keeps a cosine similarity of at least ``threshold`` to its original.

    Attributes:
        embed: a sentence encoder.
        threshold: in [-1, 1]. The paper's value is lost; 0.8 is ours.
    """

    embed: Embed
    threshold: float = 0.8
    name: str = "similar meaning"

    def __post_init__(self) -> None:
        if not -1 <= self.threshold <= 1:
            raise BadInputError(f"threshold: {self.threshold} is no cosine, in [-1, 1]")

    def keeps(self, inputs: Sequence[Texts], proposals: Sequence[Texts]) -> list[bool]:
        """Whether the least similar text of each pair is similar enough."""
        pairs = [
            [(a, b) for a, b in zip(x, y, strict=True) if a != b]
            for x, y in zip(inputs, proposals, strict=True)
        ]
        once = list(dict.fromkeys(text for row in pairs for pair in row for text in pair))
        if not once:
            return [True] * len(pairs)
        vector = dict(zip(once, self._units(once), strict=True))
        return [
            all(float(vector[a] @ vector[b]) >= self.threshold for a, b in row) for row in pairs
        ]

    def _units(self, texts: list[str]) -> Tensor:
        found = self.embed(texts).detach().double().cpu()
        if found.ndim != 2 or len(found) != len(texts):
            raise ValueError(
                f"embed: shape {tuple(found.shape)} for {len(texts)} texts; (N, d) wanted"
            )
        length = found.norm(dim=-1, keepdim=True)
        for i in torch.nonzero(~((length > 0) & torch.isfinite(length)).flatten()).flatten():
            raise ValueError(f"embed: a vector of length {float(length[i])} for {texts[i]!r}")
        units: Tensor = found / length
        return units


@dataclass(frozen=True)
class WithinRadius:
    """x' lies in B_eps(x): the words to insert, drop or replace in each text are at most ``radius``
    of its words, one at least.

    Attributes:
        radius: eps of Definition 3.1, a share.

    >>> WithinRadius(0.25).keeps([("it is very wet",)] * 2, [("it is wet",), ("it rains",)])
    [True, False]
    """

    radius: float
    name: str = "within radius"

    def __post_init__(self) -> None:
        if not 0 < self.radius < math.inf:
            raise BadInputError(f"radius: {self.radius}; above 0 and finite wanted")

    def keeps(self, inputs: Sequence[Texts], proposals: Sequence[Texts]) -> list[bool]:
        """Whether every text of each proposal is near its original."""
        return [
            all(self._near(a.split(), b.split()) for a, b in zip(x, y, strict=True))
            for x, y in zip(inputs, proposals, strict=True)
        ]

    def _near(self, before: list[str], after: list[str]) -> bool:
        return _word_distance(before, after) <= max(1.0, self.radius * len(before))


def _word_distance(before: list[str], after: list[str]) -> int:
    """Levenshtein distance over words, one row at a time."""
    row = list(range(len(after) + 1))
    for i, word in enumerate(before, start=1):
        left, row[0] = row[0], i
        for j, other in enumerate(after, start=1):
            left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left + (word != other))
    return row[-1]


def broken(
    constraints: Sequence[Constraint], inputs: Sequence[Texts], proposals: Sequence[Texts]
) -> list[str | None]:
    """For each pair the first constraint that it breaks; a later one is not asked about it."""
    verdicts: list[str | None] = [None] * len(inputs)
    for constraint in constraints:
        left = [i for i, verdict in enumerate(verdicts) if verdict is None]
        kept = constraint.keeps([inputs[i] for i in left], [proposals[i] for i in left])
        for i, keep in zip(left, kept, strict=True):
            if not keep:
                verdicts[i] = constraint.name
    return verdicts
