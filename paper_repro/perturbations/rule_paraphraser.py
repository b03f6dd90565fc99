"""A paraphraser that needs no model: rewrites by rule, at places that do not overlap."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Edit, Perturbed, replay
from paper_repro.perturbations.phrases import phrase_table, read_lexicon
from paper_repro.perturbations.rules import Rule, contractions, replacements, syntax

_ARTICLE = re.compile(r"\b(an?) $", re.IGNORECASE)
_VOWEL_SOUND = re.compile(r"(?!(?:uni|use|us\b|eu|one|once)\w*)[aeiou]|hour|honest|heir", re.I)
_REMEMBERED = 20_000
"""Texts whose places are kept."""


class _Spot(NamedTuple):
    part: int
    start: int
    end: int
    name: str
    after: str


@dataclass(frozen=True)
class RuleParaphraser:
    """The perturbation distribution Pi of rule-based paraphrases.

    Attributes:
        rules: what may be rewritten.
        rate: share of the places where a rule applies that one draw rewrites, at least one.
    """

    rules: tuple[Rule, ...]
    rate: float
    _known: dict[str, list[_Spot]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise BadInputError(f"rate: {self.rate} is no share in (0, 1]")

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw: places of the input in random order, each taken where it is still free."""
        spots = [
            spot._replace(part=part) for part, text in enumerate(texts) for spot in self._of(text)
        ]
        wanted = max(1, round(self.rate * len({spot[:3] for spot in spots})))
        rng.shuffle(spots)
        taken: list[_Spot] = []
        for spot in spots:
            if len(taken) < wanted and not any(_overlap(spot, other) for other in taken):
                taken.append(spot)
        # From the back, so that no edit moves the place of another.
        taken.sort(key=lambda s: (s.part, -s.start))
        edits = tuple(
            Edit(s.name, s.part, s.start, texts[s.part][s.start : s.end], s.after) for s in taken
        )
        return Perturbed(replay(texts, edits), edits)

    def _of(self, text: str) -> list[_Spot]:
        """The places of a text; K draws and a search come back to the same texts."""
        if text not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = list(self._spots(text))
        return self._known[text]

    def _spots(self, text: str) -> Iterator[_Spot]:
        for rule in self.rules:
            for match in rule.pattern.finditer(text):
                after = rule.build(match)
                if after is not None and after != match.group():
                    yield _with_article(_Spot(0, *match.span(), rule.name, after), text)


def _overlap(a: _Spot, b: _Spot) -> bool:
    return a.part == b.part and a.start < b.end and b.start < a.end


def _with_article(spot: _Spot, text: str) -> _Spot:
    """The same place with the "a" or "an" before it, where that must change too."""
    article = _ARTICLE.search(text, 0, spot.start)
    if article is None:
        return spot
    vowel = _VOWEL_SOUND.match(spot.after) is not None
    if vowel == (_VOWEL_SOUND.match(text, spot.start) is not None):
        return spot
    right = article[1][0] + ("n" if vowel else "")
    return spot._replace(start=article.start(), after=f"{right} {spot.after}")


def read_rules(data: Path) -> tuple[Rule, ...]:
    """Every rule: ours, and those made of the word lists of the data.

    Raises:
        BadInputError: a word list is missing or is no such table.
    """
    path = data / "_resources" / "contractions.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file (a word list for paraphrases)") from error
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: cannot be read as a word list: {error}") from error
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise BadInputError(f"{path}: a table of contractions wanted")
    rules: Sequence[Rule] = (
        *contractions(table),
        *syntax(),
        *replacements("phrase", phrase_table()),
        *replacements("lexicon", read_lexicon(data)),
    )
    return tuple(rules)
