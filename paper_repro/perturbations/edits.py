"""What a perturbation is, and the record of what it changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from paper_repro.examples import Texts


@dataclass(frozen=True)
class Edit:
    """One change: which text of the input, where in it, what stood there and what stands there now.

    ``start`` counts in the text as the earlier edits of the same perturbation left it.
    """

    kind: str
    part: int
    start: int
    before: str
    after: str


@dataclass(frozen=True)
class Perturbed:
    """A perturbed input and the edits that made it; none where no edit applied.

    ``failure`` says why a model gave no text ("empty", "too long", "cut short"); the texts are then
    those of the input.
    """

    texts: Texts
    edits: tuple[Edit, ...]
    failure: str | None = None


class Perturbation(Protocol):
    """A perturbation distribution Pi(.|x) (Definition 3.1), to draw from."""

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw."""


@runtime_checkable
class BatchPerturbation(Protocol):
    """One that draws for many inputs at once, because a model stands behind it."""

    def perturb_all(
        self, inputs: Sequence[Texts], rngs: Sequence[random.Random]
    ) -> list[Perturbed]:
        """One draw for each input, from its own generator."""


def perturb_all(
    perturbation: Perturbation, inputs: Sequence[Texts], rngs: Sequence[random.Random]
) -> list[Perturbed]:
    """One draw for each input from its own generator, in one batch where that is offered."""
    if isinstance(perturbation, BatchPerturbation):
        return perturbation.perturb_all(inputs, rngs)
    return [perturbation.perturb(t, rng) for t, rng in zip(inputs, rngs, strict=True)]


def replay(texts: Texts, edits: Sequence[Edit]) -> Texts:
    """The input after the edits, one after the other.

    Raises:
        ValueError: an edit does not fit the text that it meets.

    >>> replay(("It is wet.",), [Edit("contract", 0, 0, "It is", "It's")])
    ("It's wet.",)
    """
    parts = list(texts)
    for i, edit in enumerate(edits):
        text, end = parts[edit.part], edit.start + len(edit.before)
        if text[edit.start : end] != edit.before:
            raise ValueError(f"edits: edit {i} is {edit!r}, but part {edit.part} reads {text!r}")
        parts[edit.part] = text[: edit.start] + edit.after + text[end:]
    return tuple(parts)
