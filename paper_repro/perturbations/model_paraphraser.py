"""Paraphrases by a model: one that rewrites, or two that translate there and back."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Edit, Perturbed
from paper_repro.perturbations.paraphrase_cache import ParaphraseCache
from paper_repro.perturbations.seq2seq import Seq2Seq, Written


@dataclass(frozen=True)
class ModelParaphraser:
    """The perturbation distribution Pi of model-made paraphrases.

    One draw rewrites one text of the input, chosen in proportion to its length, and takes one of
    ``variants`` samples for it. A sample is determined by the models, the seed, the text and its
    number, and is kept in the cache.

    Attributes:
        stages: one model, or the two of a back-translation, in order.
        cache: where the samples are kept.
        seed: of the samples.
        variants: samples of one text, at most.
    """

    stages: tuple[Seq2Seq, ...]
    cache: ParaphraseCache
    seed: int
    variants: int = 8

    def __post_init__(self) -> None:
        if not self.stages or self.variants < 1:
            raise BadInputError(
                f"stages: {len(self.stages)}, variants: {self.variants}; at least one each wanted"
            )

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw."""
        return self.perturb_all([texts], [rng])[0]

    def perturb_all(
        self, inputs: Sequence[Texts], rngs: Sequence[random.Random]
    ) -> list[Perturbed]:
        """One draw for each input; what the cache lacks is written in batches."""
        choices = []
        for texts, rng in zip(inputs, rngs, strict=True):
            part = rng.choices(range(len(texts)), [max(1, len(t)) for t in texts])[0]
            choices.append((part, rng.randrange(self.variants)))
        self.write([(x[part], n) for x, (part, n) in zip(inputs, choices, strict=True)])
        return [self._result(x, part, n) for x, (part, n) in zip(inputs, choices, strict=True)]

    def write(self, wanted: Sequence[tuple[str, int]]) -> None:
        """Write and keep what the cache lacks of these texts and numbers of samples."""
        lacking = {self._key(*w): w for w in wanted if self._key(*w) not in self.cache}
        order = sorted(lacking, key=lambda key: (len(lacking[key][0]), key))
        size = max(stage.batch_size for stage in self.stages)
        for start in range(0, len(order), size):  # a kill loses one batch at most
            keys = order[start : start + size]
            written = self._chain(keys, [lacking[key][0] for key in keys])
            self.cache.add(dict(zip(keys, written, strict=True)))

    def _chain(self, keys: Sequence[str], texts: Sequence[str]) -> list[Written]:
        """Through all stages; what fails in one does not enter the next."""
        found = [Written(text, None) for text in texts]
        for number, stage in enumerate(self.stages):
            going = [i for i, written in enumerate(found) if written.failure is None]
            seeds = [_number(f"{number}-{keys[i]}") for i in going]
            rows = stage.write([found[i].text for i in going], seeds)
            for i, written in zip(going, rows, strict=True):
                found[i] = written
        return found

    def _key(self, text: str, n: int) -> str:
        models = [stage.identity for stage in self.stages]
        return hashlib.sha256(repr((models, self.seed, n, text)).encode()).hexdigest()

    def _result(self, texts: Texts, part: int, n: int) -> Perturbed:
        written = self.cache[self._key(texts[part], n)]
        if written.failure is not None:
            return Perturbed(texts, (), written.failure)
        if written.text == texts[part]:
            return Perturbed(texts, ())
        edit = Edit("paraphrase", part, 0, texts[part], written.text)
        return Perturbed((*texts[:part], written.text, *texts[part + 1 :]), (edit,))


def _number(text: str) -> int:
    """63 bits of a hash, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
