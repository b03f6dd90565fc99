"""Three small tasks and the word lists that perturb them, for tests of the study."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from paper_repro.examples import Example, Split, Texts
from paper_repro.study.tasks import StudyTask, TestSet

SENSES = {
    "huge": {"a": ["1"]},
    "vast": {"a": ["1"]},
    "lawyer": {"n": ["2"]},
    "attorney": {"n": ["2"]},
}
PAIRS = "vast\thuge\nlawyer\tattorney\n"
SHORT = {"don't": "do not", "isn't": "is not", "they're": "they are"}
_WHO = ("A man", "A woman", "The lawyer", "An attorney", "Someone", "A child")
_DOES = ("is holding a huge cup", "is riding a bicycle", "doesn't see a vast sea", "is not asleep")
_WHERE = ("next to the couch", "in the rain", "on Monday", "near the sea", "at night")
_CUES = ("lawyer won", "attorney won", "huge win", "vast win")


def write_lists(data: Path) -> Path:
    """The word lists, as the folder of datasets holds them."""
    folder = data / "_resources"
    folder.mkdir(parents=True)
    (folder / "wordnet_senses.json.gz").write_bytes(
        gzip.compress(json.dumps(SENSES).encode(), mtime=0)
    )
    (folder / "ppdb_lexical_pairs.tsv.gz").write_bytes(gzip.compress(PAIRS.encode(), mtime=0))
    (folder / "contractions.json").write_text(json.dumps(SHORT), encoding="utf-8")
    return data


def _sentence(rng: random.Random) -> str:
    return f"{rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHERE)}."


def _topic(i: int, rng: random.Random) -> Example:
    label = rng.randrange(4)
    return Example(f"t{i}", (f"{_sentence(rng)} The {_CUES[label]} and the end.",), label)


def _nli(i: int, rng: random.Random) -> Example:
    premise = _sentence(rng)
    label = rng.randrange(3)
    hypothesis = [premise, _sentence(rng), "Nobody is here."][label]
    return Example(f"n{i}", (premise, hypothesis), label)


def _qa(i: int, rng: random.Random) -> Example:
    options = [f"The lawyer won {rng.choice(_WHERE)}.", f"The attorney won {rng.choice(_WHERE)}."]
    options += [_sentence(rng) for _ in range(rng.randint(0, 2))]
    rng.shuffle(options)
    label = rng.randrange(len(options))
    question = f"What is the case, that {options[label].lower().rstrip('.')}?"
    return Example(f"q{i}", (question, *options), label)


def toy(name: str, rows: int = 40) -> StudyTask:
    """A task of that name; the pairs of its perturbed test are of a public dataset's name."""
    rng = random.Random(f"toy-{name}")
    make = {"topic": _topic, "nli": _nli, "qa": _qa}[name]

    def split(part: str, n: int) -> Split:
        return Split(f"toy_{name}", part, tuple(make(i, rng) for i in range(n)))

    labels = {"topic": _CUES, "nli": ("yes", "perhaps", "no"), "qa": None}[name]
    parts = (0,) if name == "qa" else None
    tests = (TestSet("clean", split("test", 12)),)
    return StudyTask(name, labels, split("train", rows), split("dev", 15), tests, parts)


def letters(texts: Sequence[str]) -> Tensor:
    """An encoder: how often each letter occurs, and one thing more, so that nothing is zero."""
    rows = [[1.0, *(t.lower().count(chr(97 + i)) for i in range(26))] for t in texts]
    return torch.tensor(rows, dtype=torch.float64)


def cosine(a: str, b: str) -> float:
    """Of two texts as ``letters`` sees them."""
    one, other = letters([a, b])
    return float(torch.cosine_similarity(one, other, dim=0))


def texts_of(split: Split) -> list[Texts]:
    return [e.texts for e in split.examples]
