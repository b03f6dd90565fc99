"""Worlds with known truth: finite sets of texts whose every law is written down.

A *content* is a sentence with slots, a law of its interpretations and a law of the label under
each. A slot holds synonyms with a law of their own, common and rare ones; which synonym stands
there says nothing about the interpretation or the label. An *input* is a content with its slots
filled. One perturbation picks a slot, each as likely as the other, and draws its synonym afresh.
That Gibbs step leaves the law of the inputs as it is and the label laws too: stationary and
label-invariant, both exactly. Every probability is a dyadic rational, so that balls hold it exactly
and both can be decided.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from paper_repro.examples import Example, Split, Texts
from paper_repro.perturbations.edits import Edit, Perturbed
from sua_ref import FiniteWorld

Law = tuple[Fraction, ...]
Objects = npt.NDArray[np.object_]


def shares(*counts: int) -> Law:
    """A law from whole numbers that sum to a power of two.

    >>> shares(3, 1)
    (Fraction(3, 4), Fraction(1, 4))
    """
    total = sum(counts)
    if min(counts) < 0 or total <= 0 or total & (total - 1):
        raise ValueError(f"counts: {counts} sum to {total}, no power of two")
    return tuple(Fraction(c, total) for c in counts)


@dataclass(frozen=True)
class Slot:
    """Synonyms, and how often each is written."""

    words: tuple[str, ...]
    law: Law


@dataclass(frozen=True)
class Content:
    """What a text says, apart from the choice between synonyms.

    Attributes:
        templates: the texts, with ``{0}``, ``{1}``, ... where the slots stand.
        slots: their synonyms.
        p_z: P(z|x).
        p_y_given_z: P(y|x,z), one law for each z.
    """

    templates: Texts
    slots: tuple[Slot, ...]
    p_z: Law
    p_y_given_z: tuple[Law, ...]

    @property
    def label_law(self) -> Law:
        """Equation (1): ``P(y|x) = sum_z P(z|x) P(y|x,z)``."""
        columns = zip(*self.p_y_given_z, strict=True)
        return tuple(
            sum((z * y for z, y in zip(self.p_z, c, strict=True)), Fraction()) for c in columns
        )

    @property
    def ambiguous(self) -> bool:
        """Whether two possible interpretations disagree about the label: ``I(Y; Z | x) > 0``."""
        possible = {y for z, y in zip(self.p_z, self.p_y_given_z, strict=True) if z > 0}
        return len(possible) > 1


@dataclass(frozen=True)
class Input:
    """A content and the synonym that stands in each of its slots."""

    content: Content
    choice: tuple[int, ...]

    @property
    def texts(self) -> Texts:
        """The input as it is read."""
        words = [slot.words[c] for slot, c in zip(self.content.slots, self.choice, strict=True)]
        return tuple(t.format(*words) for t in self.content.templates)

    @property
    def probability(self) -> Fraction:
        """Its probability given the content."""
        return prod(
            (slot.law[c] for slot, c in zip(self.content.slots, self.choice, strict=True)),
            start=Fraction(1),
        )

    def neighbours(self) -> dict[Input, Fraction]:
        """Every outcome of one perturbation, the input itself included, with its probability."""
        found: dict[Input, Fraction] = {}
        for i, slot in enumerate(self.content.slots):
            for new, share in enumerate(slot.law):
                there = Input(self.content, (*self.choice[:i], new, *self.choice[i + 1 :]))
                found[there] = found.get(there, Fraction()) + share / len(self.content.slots)
        return found

    def step(self, rng: random.Random) -> tuple[Input, Edit]:
        """One perturbation, drawn."""
        i = rng.randrange(len(self.content.slots))
        slot, old = self.content.slots[i], self.choice[i]
        new = draw(slot.law, rng)
        there = Input(self.content, (*self.choice[:i], new, *self.choice[i + 1 :]))
        part = next(p for p, t in enumerate(self.content.templates) if f"{{{i}}}" in t)
        template = self.content.templates[part]
        before = [slot.words[c] for slot, c in zip(self.content.slots, self.choice, strict=True)]
        start = len(template[: template.index(f"{{{i}}}")].format(*before))
        return there, Edit("synonym", part, start, slot.words[old], slot.words[new])


def draw(law: Law, rng: random.Random) -> int:
    """An index drawn from a dyadic law, exactly."""
    denominator = max(p.denominator for p in law)
    ticket = rng.randrange(denominator)
    for i, p in enumerate(law):
        ticket -= int(p * denominator)
        if ticket < 0:
            return i
    raise ValueError(f"law: {law} does not sum to 1")


class Kernel:
    """The perturbation distribution of a world, as training and evaluation draw from it."""

    def __init__(self) -> None:
        self._inputs: dict[Texts, Input] = {}

    def know(self, entry: Input) -> Texts:
        """The texts of an input, which can be perturbed from now on."""
        return self._inputs.setdefault(entry.texts, entry).texts

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw.

        Raises:
            KeyError: the texts are no input of this world.
        """
        there, edit = self._inputs[texts].step(rng)
        return Perturbed(there.texts, (edit,) if edit.before != edit.after else ())


def sample(
    dataset: str, name: str, contents: Sequence[Content], size: int, kernel: Kernel, seed: str
) -> Split:
    """A split of ``size`` rows: a content, each as likely as the other, its synonyms, its label."""
    rng = random.Random(f"{seed}-{name}")
    rows = []
    for i in range(size):
        content = contents[rng.randrange(len(contents))]
        entry = Input(content, tuple(draw(slot.law, rng) for slot in content.slots))
        law = content.label_law
        label = draw(law, rng)
        exact = tuple(float(p) for p in law)  # dyadic: no rounding
        rows.append(Example(f"{name}-{i}", kernel.know(entry), label, exact))
    return Split(dataset, name, tuple(rows))


def distinct(invent: Callable[[random.Random], Content], count: int, seed: str) -> list[Content]:
    """``count`` different contents, in the order in which they were invented."""
    rng = random.Random(f"{seed}-contents")
    found: dict[Texts, Content] = {}
    for _ in range(100 * count):
        content = invent(rng)
        found.setdefault(content.templates + tuple(s.words[0] for s in content.slots), content)
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"count: only {len(found)} of {count} contents can be told apart")


@dataclass(frozen=True)
class World:
    """All inputs of some contents: what a trained model is evaluated on, input by input.

    Attributes:
        contents: each as likely as the other; a power of two of them keeps P(x) dyadic.
    """

    contents: tuple[Content, ...]

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Every content with every choice of synonyms."""
        return tuple(
            Input(content, choice)
            for content in self.contents
            for choice in product(*(range(len(slot.words)) for slot in content.slots))
        )

    @cached_property
    def p_x(self) -> Law:
        """P(x)."""
        return tuple(e.probability / len(self.contents) for e in self.inputs)

    def finite(self, model: Objects, number: Callable[[Fraction], Any]) -> FiniteWorld:
        """The world as the reference evaluates it.

        Args:
            model: ``(X, Y)`` outputs of a model, in the order of ``inputs``.
            number: takes a dyadic rational to the number type of ``model``.
        """
        size = len(self.inputs)
        place = {entry: x for x, entry in enumerate(self.inputs)}
        kernel = np.full((size, size), number(Fraction()), dtype=object)
        near = np.zeros((size, size), dtype=bool)
        for x, entry in enumerate(self.inputs):
            for there, share in entry.neighbours().items():
                kernel[x, place[there]], near[x, place[there]] = number(share), True
        return FiniteWorld(
            _numbers(self.p_x, number),
            _numbers([e.content.p_z for e in self.inputs], number),
            _numbers([e.content.p_y_given_z for e in self.inputs], number),
            model,
            kernel,
            near,
        )


def _numbers(nested: Any, number: Callable[[Fraction], Any]) -> Objects:
    converted: Objects = np.frompyfunc(number, 1, 1)(np.array(nested, dtype=object))
    return converted
