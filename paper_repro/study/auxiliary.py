"""Fixed classifiers that no run trains: what the label check and the adversarial search ask.

They see the training rows and nothing of the models under study, so that every model is shown the
same views. Topics and NLI: Naive Bayes. Question answering: the words that a question shares with
an option.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Split, Texts
from paper_repro.naive_bayes import NaiveBayes
from paper_repro.perturbations.constraints import Logits
from paper_repro.study.tasks import StudyTask

_WORD = re.compile(r"\w+")
_NO_OPTION = -1e4
"""The logit of an option that an input does not have: its share is 0 in double precision, and the
logit is finite, as constraints want it, at every scale below."""
SCALES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Both count what they saw as if every word were news, and are far too sure; their logits are
multiplied by the one of these that has the least loss on dev."""


def words_of(text: str) -> set[str]:
    """The words of a text, in lower case."""
    return set(_WORD.findall(text.lower()))


@dataclass(frozen=True)
class Overlap:
    """Options by the rare words that they share with the question.

    The logit of an option is ``scale`` times the sum, over the words of the question that it holds,
    of ``log((N + 1) / (n_w + 1))``: of the N options that train, n_w hold the word w.

    Attributes:
        options: N.
        holding: n_w by word.
        scale: of the logits.
        width: options of the longest input; the logits have so many columns.

    >>> overlap = Overlap(options=7, holding={"the": 7, "sea": 1}, scale=0.5, width=3)
    >>> overlap([("the sea?", "the sea", "the land")]).tolist()  # log 4 / 2, by "sea" alone
    [[0.693..., 0.0, -10000.0]]
    """

    options: int
    holding: dict[str, int]
    scale: float
    width: int

    def __call__(self, inputs: Sequence[Texts]) -> Tensor:
        """Logits ``(N, width)`` of inputs (question, option, option, ...).

        Raises:
            BadInputError: an input has more than ``width`` options.
        """
        found = torch.full((len(inputs), self.width), _NO_OPTION, dtype=torch.float64)
        for i, (question, *options) in enumerate(inputs):
            if len(options) > self.width:
                raise BadInputError(f"inputs: {i} has {len(options)} options of {self.width}")
            asked = words_of(question)
            for j, option in enumerate(options):
                shared = asked & words_of(option)
                found[i, j] = self.scale * math.fsum(self._rarity(w) for w in shared)
        return found

    def _rarity(self, word: str) -> float:
        return math.log((self.options + 1) / (self.holding.get(word, 0) + 1))


def best_scale(logits: Tensor, labels: Sequence[int]) -> float:
    """The one of ``SCALES`` with the least cross-entropy, the first of equals."""

    def loss(scale: float) -> float:
        return float(torch.nn.functional.cross_entropy(logits * scale, torch.tensor(labels)))

    return min(SCALES, key=loss)


def overlap(train: Split, dev: Split, width: int) -> Overlap:
    """The counts of the training rows, and the scale that suits dev."""
    options = [option for e in train.examples for option in e.texts[1:]]
    holding = dict(Counter(word for option in options for word in words_of(option)))
    plain = Overlap(len(options), holding, 1.0, max(len(e.texts) - 1 for e in dev.examples))
    scale = best_scale(plain([e.texts for e in dev.examples]), dev.labels)
    return Overlap(len(options), holding, scale, width)


def auxiliary(task: StudyTask, split: Split) -> Logits:
    """The classifier of a task, for the inputs of ``split``."""
    if task.labels is None:
        return overlap(task.train, task.dev, max(len(e.texts) - 1 for e in split.examples))
    model = NaiveBayes(task.train, task.dev)

    def plain(inputs: Sequence[Texts]) -> Tensor:
        return torch.from_numpy(model.log_probabilities(inputs))

    scale = best_scale(plain([e.texts for e in task.dev.examples]), task.dev.labels)
    return lambda inputs: plain(inputs) * scale
