"""Sources of perturbations: a transformation, the constraints on it and a seed; and their mixture.

A draw depends on the seed, the id of its input and its number alone, never on what else is in the
batch (as far as the models behind it round alike in every batch).
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example, Texts
from paper_repro.perturbations.constraints import Constraint, broken
from paper_repro.perturbations.edits import Edit, Perturbation, Perturbed, perturb_all

ACCEPTED, IDENTICAL, EMPTY, REPEATED = "accepted", "identical", "empty", "repeated"
SHOWN = "shown"
"""A search showed the proposal to the model, and did not end at it."""
NOT_ASKED = (IDENTICAL, EMPTY, REPEATED, SHOWN, "too long", "cut short")
"""Outcomes of a proposal that no constraint was asked about."""
WEIGHTS = {"paraphrase": 0.4, "token edits": 0.4, "adversarial": 0.2}
"""The mixture of section 5.3. The paper's weights are lost; these are ours. It says only that the
adversarial part weighs less."""


@dataclass(frozen=True)
class Draw:
    """One perturbation and how it came about.

    Attributes:
        source: the name of the source.
        texts: the perturbed input; the input itself where no proposal was accepted.
        edits: what was changed.
        outcomes: of every proposal in order: "accepted", "identical", "empty", another failure of a
            model, the name of the constraint that it broke, or "shown" where a search asked the
            model about it and its last filters about others alone.
        divergence: D(q_x || q_x') in nats where the source looked for a large one.
        queries: inputs that the model under study was asked about.
    """

    source: str
    texts: Texts
    edits: tuple[Edit, ...]
    outcomes: tuple[str, ...]
    divergence: float | None = None
    queries: int = 0


class Drawing(ABC):
    """What draws; it is itself a ``Perturbation``, in training as in evaluation."""

    @abstractmethod
    def draw(self, inputs: Sequence[Texts], rngs: Sequence[random.Random]) -> list[Draw]:
        """One draw for each input, from its own generator."""

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw for one input."""
        return self.perturb_all([texts], [rng])[0]

    def perturb_all(
        self, inputs: Sequence[Texts], rngs: Sequence[random.Random]
    ) -> list[Perturbed]:
        """One draw for each input."""
        return [Perturbed(d.texts, d.edits) for d in self.draw(inputs, rngs)]


def outcomes_of(
    inputs: Sequence[Texts], proposals: Sequence[Perturbed], constraints: Sequence[Constraint]
) -> list[str]:
    """The outcome of each proposal; constraints are asked only about texts that are new."""
    found = [_plain_outcome(x, p) for x, p in zip(inputs, proposals, strict=True)]
    new = [i for i, outcome in enumerate(found) if outcome == ACCEPTED]
    verdicts = broken(constraints, [inputs[i] for i in new], [proposals[i].texts for i in new])
    for i, verdict in zip(new, verdicts, strict=True):
        found[i] = verdict or ACCEPTED
    return found


def _plain_outcome(texts: Texts, proposal: Perturbed) -> str:
    if proposal.failure is not None:
        return proposal.failure
    if any(x.strip() and not y.strip() for x, y in zip(texts, proposal.texts, strict=True)):
        return EMPTY
    return IDENTICAL if proposal.texts == texts else ACCEPTED


@dataclass(frozen=True)
class Source(Drawing):
    """A transformation under constraints: rejection sampling with at most ``tries`` proposals.

    Attributes:
        name: what a report calls it.
        transformation: what proposes.
        constraints: all of which must hold; asked in order.
        tries: proposals before the input is left as it is.
    """

    name: str
    transformation: Perturbation
    constraints: tuple[Constraint, ...] = ()
    tries: int = 4

    def __post_init__(self) -> None:
        if self.tries < 1:
            raise BadInputError(f"tries: {self.tries} of source {self.name!r}; at least 1 wanted")

    def draw(self, inputs: Sequence[Texts], rngs: Sequence[random.Random]) -> list[Draw]:
        """One draw for each input, from its own generator."""
        done = [Draw(self.name, x, (), ()) for x in inputs]
        left = list(range(len(inputs)))
        for _ in range(self.tries):
            asked = [inputs[i] for i in left]
            proposals = perturb_all(self.transformation, asked, [rngs[i] for i in left])
            outcomes = outcomes_of(asked, proposals, self.constraints)
            for i, proposal, outcome in zip(left, proposals, outcomes, strict=True):
                kept = proposal if outcome == ACCEPTED else Perturbed(inputs[i], ())
                tried = (*done[i].outcomes, outcome)
                done[i] = Draw(self.name, kept.texts, kept.edits, tried)
            left = [i for i in left if done[i].outcomes[-1] != ACCEPTED]
            if not left:
                break
        return done


@dataclass(frozen=True)
class Mixture(Drawing):
    """Each draw from one source, taken with its weight; a source that fails leaves the input as it
    is, so that the weights stay what they are.

    Attributes:
        sources: at least one.
        weights: one for each, at least 0, of sum 1.
    """

    sources: tuple[Drawing, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        fine = all(0 <= w < math.inf for w in self.weights) and bool(self.weights)
        if len(self.sources) != len(self.weights) or not fine:
            raise BadInputError(f"weights: {self.weights} for {len(self.sources)} sources")
        if abs(math.fsum(self.weights) - 1) > len(self.weights) * 2**-52:
            raise BadInputError(f"weights: {self.weights} sum to {math.fsum(self.weights)}, not 1")

    def draw(self, inputs: Sequence[Texts], rngs: Sequence[random.Random]) -> list[Draw]:
        """One draw for each input, from its own generator."""
        places = range(len(self.sources))
        chosen = [rng.choices(places, self.weights)[0] for rng in rngs]
        drawn: dict[int, Draw] = {}
        for place, source in enumerate(self.sources):
            mine = [i for i, choice in enumerate(chosen) if choice == place]
            if mine:
                found = source.draw([inputs[i] for i in mine], [rngs[i] for i in mine])
                drawn |= dict(zip(mine, found, strict=True))
        return [drawn[i] for i in range(len(inputs))]


def standard_mixture(paraphrase: Drawing, token_edits: Drawing, adversarial: Drawing) -> Mixture:
    """The mixture of section 5.3 with the weights of ``WEIGHTS``."""
    return Mixture((paraphrase, token_edits, adversarial), tuple(WEIGHTS.values()))


def draw_each(source: Drawing, examples: Sequence[Example], k: int, seed: int) -> list[list[Draw]]:
    """K draws for every example, each from a generator of (seed, number of the draw, id)."""
    rngs = [_generator(seed, i, e) for e in examples for i in range(k)]
    flat = source.draw([e.texts for e in examples for _ in range(k)], rngs)
    return [flat[i : i + k] for i in range(0, len(flat), k)]


def draw_nth(source: Drawing, examples: Sequence[Example], number: int, seed: int) -> list[Draw]:
    """The draw of that number, from 0, for every example: a column of :func:`draw_each`."""
    rngs = [_generator(seed, number, e) for e in examples]
    return source.draw([e.texts for e in examples], rngs)


def _generator(seed: int, number: int, example: Example) -> random.Random:
    return random.Random(f"{seed}-{number}-{example.id}")
