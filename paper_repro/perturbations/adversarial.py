"""Adversarial proposals (section 5.3): a gradient-free climb of the divergence.

From the input, a few changed texts are proposed, filtered, and shown to the model; the one with the
largest divergence is the next place to start from. The model is a function from texts to logits and
nothing else is known of it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

import sua_gpu
from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.constraints import Constraint, Logits, broken, checked_logits
from paper_repro.perturbations.edits import Edit, Perturbation, Perturbed, perturb_all
from paper_repro.perturbations.sources import (
    ACCEPTED,
    REPEATED,
    SHOWN,
    Draw,
    Drawing,
    outcomes_of,
)
from sua_ref import DIVERGENCES

_PROPOSALS_PER_QUERY = 4
"""Proposals beyond which a climb ends even where the filters leave queries unspent."""
_ROUNDING = 1e-12
"""Nats. A smaller step up may be none: the last digits of a divergence are the machine's."""


class _Place(NamedTuple):
    """Where a climb has been: what leads there, its divergence and the number of the proposal."""

    proposal: Perturbed
    divergence: float
    number: int


@dataclass
class _Climb:
    """One search: the best place so far, and what it took to get there."""

    texts: Texts
    rng: random.Random
    clean: Tensor
    best: Texts
    edits: tuple[Edit, ...] = ()
    divergence: float = 0.0
    queries: int = 1
    outcomes: list[str] = field(default_factory=list)
    seen: set[Texts] = field(default_factory=set)
    path: list[_Place] = field(default_factory=list)

    def stand(self, place: _Place) -> None:
        """Be there."""
        self.best, self.edits = place.proposal.texts, place.proposal.edits
        self.divergence = place.divergence


@dataclass(frozen=True)
class Adversarial(Drawing):
    """A search for the perturbation of largest divergence.

    Attributes:
        transformations: what proposes a step; each step takes one of them.
        logits: the model under study.
        constraints: filters, asked of the input and the whole change before the model is.
        last: filters that cost more than the model: asked of the place where the climb ended, then
            of the one it came from, and so on back to the first that they let through.
        divergence: D of D(q_x || q_x').
        budget: inputs the model may be asked about for one draw, the clean one included.
        width: proposals of one step.
    """

    transformations: tuple[Perturbation, ...]
    logits: Logits
    constraints: tuple[Constraint, ...]
    last: tuple[Constraint, ...] = ()
    divergence: str = "jsd"
    budget: int = 20
    width: int = 4
    name: str = "adversarial"

    def __post_init__(self) -> None:
        if not self.transformations:
            raise BadInputError("transformations: none given")
        if self.budget < 2 or self.width < 1:
            raise BadInputError(
                f"budget: {self.budget}, width: {self.width}; at least 2 (the clean input is one)"
                " and at least 1 wanted"
            )
        if self.divergence not in DIVERGENCES:
            raise BadInputError(
                f"divergence: {self.divergence!r} is none of {', '.join(DIVERGENCES)}"
            )

    def draw(self, inputs: Sequence[Texts], rngs: Sequence[random.Random]) -> list[Draw]:
        """One climb for each input, from its own generator; all of them step together."""
        if not inputs:
            return []
        once = list(dict.fromkeys(inputs))
        clean = dict(zip(once, checked_logits(self.logits, once), strict=True))
        climbs = [_Climb(x, rng, clean[x], x) for x, rng in zip(inputs, rngs, strict=True)]
        while climbing := [c for c in climbs if self._goes_on(c)]:
            self._step(climbing)
        if self.last:
            self._go_back(climbs)
        return [
            Draw(self.name, c.best, c.edits, tuple(c.outcomes), c.divergence, c.queries)
            for c in climbs
        ]

    def _goes_on(self, climb: _Climb) -> bool:
        spent = len(climb.outcomes) >= _PROPOSALS_PER_QUERY * self.budget
        return climb.queries < self.budget and not spent

    def _step(self, climbs: Sequence[_Climb]) -> None:
        """One step of every climb: propose, filter, ask the model, move where it is better."""
        tries = [c for c in climbs for _ in range(min(self.width, self.budget - c.queries))]
        proposals = self._propose(tries)
        found = outcomes_of([c.texts for c in tries], proposals, self.constraints)
        asked: list[tuple[_Climb, Perturbed, int]] = []
        for climb, proposal, outcome in zip(tries, proposals, found, strict=True):
            if outcome == ACCEPTED and proposal.texts in climb.seen:
                outcome = REPEATED
            climb.outcomes.append(outcome)
            if outcome == ACCEPTED:
                climb.seen.add(proposal.texts)
                climb.queries += 1
                asked.append((climb, proposal, len(climb.outcomes) - 1))
        if asked:
            self._move(asked)

    def _propose(self, climbs: Sequence[_Climb]) -> list[Perturbed]:
        """One proposal for each climb from its best place; its edits lead there from the input."""
        kinds = range(len(self.transformations))
        chosen = [c.rng.choice(kinds) for c in climbs]
        found: dict[int, Perturbed] = {}
        for kind in kinds:
            mine = [i for i, choice in enumerate(chosen) if choice == kind]
            texts, rngs = [climbs[i].best for i in mine], [climbs[i].rng for i in mine]
            steps = perturb_all(self.transformations[kind], texts, rngs) if mine else []
            for i, step in zip(mine, steps, strict=True):
                edits = (*climbs[i].edits, *step.edits)
                found[i] = Perturbed(step.texts, edits, step.failure)
        return [found[i] for i in range(len(climbs))]

    def _move(self, asked: Sequence[tuple[_Climb, Perturbed, int]]) -> None:
        logits = checked_logits(self.logits, [p.texts for _, p, _ in asked])
        clean = torch.stack([c.clean for c, _, _ in asked])
        gained = sua_gpu.distributional_sensitivity_from_logits(
            clean, logits[:, None], divergence=self.divergence
        )
        for (climb, proposal, number), value in zip(asked, gained.tolist(), strict=True):
            if value > climb.divergence + _ROUNDING:
                climb.stand(_Place(proposal, value, number))
                climb.path.append(_Place(proposal, value, number))

    def _go_back(self, climbs: Sequence[_Climb]) -> None:
        """Each climb back to the last place on its way that every filter of ``last`` lets be."""
        for climb in climbs:
            climb.outcomes = [SHOWN if o == ACCEPTED else o for o in climb.outcomes]
        while unsure := [c for c in climbs if c.path]:
            at = [c.path.pop() for c in unsure]
            inputs, ends = [c.texts for c in unsure], [p.proposal.texts for p in at]
            for climb, place, verdict in zip(
                unsure, at, broken(self.last, inputs, ends), strict=True
            ):
                climb.outcomes[place.number] = verdict or ACCEPTED
                if verdict is None:
                    climb.stand(place)
                    climb.path.clear()
                elif not climb.path:
                    climb.stand(_Place(Perturbed(climb.texts, ()), 0.0, 0))
