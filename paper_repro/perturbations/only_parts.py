"""A perturbation of some texts of an input, the others left as they are: of a question, not of the
sentences it is to be answered with."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Perturbation, Perturbed, perturb_all


@dataclass(frozen=True)
class OnlyParts:
    """``transformation``, shown nothing of an input but its ``parts``.

    Attributes:
        transformation: what perturbs them.
        parts: places in the input, ascending; each input must have them.
    """

    transformation: Perturbation
    parts: tuple[int, ...]

    def __post_init__(self) -> None:
        fine = self.parts and min(self.parts) >= 0 and list(self.parts) == sorted(set(self.parts))
        if not fine:
            raise BadInputError(f"parts: {self.parts}; ascending places from 0 wanted")

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw for one input."""
        return self.perturb_all([texts], [rng])[0]

    def perturb_all(
        self, inputs: Sequence[Texts], rngs: Sequence[random.Random]
    ) -> list[Perturbed]:
        """One draw for each input, from its own generator."""
        for i, texts in enumerate(inputs):
            if self.parts[-1] >= len(texts):
                raise BadInputError(f"parts: {self.parts}, but input {i} has {len(texts)} texts")
        shown = [tuple(texts[p] for p in self.parts) for texts in inputs]
        drawn = perturb_all(self.transformation, shown, rngs)
        return [self._in_place(x, d) for x, d in zip(inputs, drawn, strict=True)]

    def _in_place(self, texts: Texts, drawn: Perturbed) -> Perturbed:
        """What was drawn, back among the texts that were not shown."""
        whole = list(texts)
        for part, text in zip(self.parts, drawn.texts, strict=True):
            whole[part] = text
        edits = tuple(dataclasses.replace(e, part=self.parts[e.part]) for e in drawn.edits)
        return Perturbed(tuple(whole), edits, drawn.failure)
