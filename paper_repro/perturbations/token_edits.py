"""Token-level edits (section 5.3): synonyms, typos, casing, punctuation.

A :class:`TokenEdits` draws perturbations of a text from an explicit generator and records what each
of them changed. Whether an edit preserves the meaning is not checked here.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Edit, Perturbed

EditKind = Literal["synonym", "typo", "casing", "punctuation"]
KINDS: tuple[EditKind, ...] = get_args(EditKind)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")

KEYBOARD: Mapping[str, str] = {
    "q": "wa", "w": "qase", "e": "wsdr", "r": "edft", "t": "rfgy", "y": "tghu", "u": "yhji",
    "i": "ujko", "o": "iklp", "p": "ol", "a": "qwsz", "s": "awedxz", "d": "serfcx", "f": "drtgvc",
    "g": "ftyhbv", "h": "gyujnb", "j": "huikmn", "k": "jiolm", "l": "kop", "z": "asx", "x": "zsdc",
    "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
"""The letters beside each letter on a QWERTY keyboard."""


def like_case(word: str, model: str) -> str:
    """``word`` in capitals, or with a capital, where ``model`` is."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


@dataclass(frozen=True)
class TokenEdits:
    """The perturbation distribution Pi of token-level edits.

    Attributes:
        synonyms: lower-case word to its replacements.
        rate: share of the words to edit, at least one edit per perturbation.
    """

    synonyms: Mapping[str, Sequence[str]]
    rate: float

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        """One draw: a number of edits in proportion to the words, each of a random kind."""
        parts = list(texts)
        words = sum(len(_WORD.findall(t)) for t in parts)
        edits: list[Edit] = []
        for _ in range(max(1, round(self.rate * words))):
            part = rng.choices(range(len(parts)), [max(1, len(t)) for t in parts])[0]
            kind = rng.choice(KINDS)
            edit = self._edit(kind, part, parts[part], rng)
            if edit is not None:
                parts[part], change = edit
                edits.append(change)
        return Perturbed(tuple(parts), tuple(edits))

    def _edit(
        self, kind: EditKind, part: int, text: str, rng: random.Random
    ) -> tuple[str, Edit] | None:
        if kind == "punctuation":
            body = text.rstrip(".!?;, ")
            end = text[len(body) :]
            mark = rng.choice([m for m in ("", ".", "!", " .", "...") if m != end])
            return body + mark, Edit(kind, part, len(body), end, mark)
        spot = self._spot(kind, list(_WORD.finditer(text)), rng)
        if spot is None:
            return None
        word = spot.group()
        if kind == "synonym":
            new = like_case(rng.choice(list(self.synonyms[word.lower()])), word)
        elif kind == "typo":
            new = _mistype(word, rng)
        else:
            new = rng.choice([w for w in (word.lower(), word.upper(), word.title()) if w != word])
        changed = text[: spot.start()] + new + text[spot.end() :]
        return changed, Edit(kind, part, spot.start(), word, new)

    def _spot(
        self, kind: EditKind, words: list[re.Match[str]], rng: random.Random
    ) -> re.Match[str] | None:
        """A word of those that ``kind`` applies to, each as likely as the other."""
        for _ in range(8 if words else 0):  # rejection: cheap while most words qualify
            word = rng.choice(words)
            if self._applies(kind, word.group()):
                return word
        spots = [m for m in words if self._applies(kind, m.group())]
        return rng.choice(spots) if spots else None

    def _applies(self, kind: EditKind, word: str) -> bool:
        if kind == "synonym":
            return word.lower() in self.synonyms
        if kind == "typo":
            return len(word) >= 4 and word.isascii()
        return word.lower() != word.upper()


def _mistype(word: str, rng: random.Random) -> str:
    """A neighbouring key, a swap, a dropped or a doubled letter, never the first."""
    at = rng.randrange(1, len(word))
    letter = word[at]
    changed = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:]]
    if letter.lower() in KEYBOARD:
        changed.append(word[:at] + rng.choice(KEYBOARD[letter.lower()]) + word[at + 1 :])
    if at > 1 and word[at - 1] != letter:
        changed.append(word[: at - 1] + letter + word[at - 1] + word[at + 1 :])
    return rng.choice(changed)


def read_synonyms(data: Path) -> dict[str, list[str]]:
    """Synonyms of the first two WordNet senses, for words of one part of speech only.

    A word that is both noun and verb is left out: which of its senses is meant cannot be told here.
    Even so some break the meaning ("behind" and "buttocks"); the list is kept for the runs that
    were made with it. :func:`paper_repro.perturbations.phrases.read_lexicon` is the careful one.

    Raises:
        BadInputError: the word list is missing or is no such table.
    """
    path = data / "_resources" / "wordnet_synonyms_top2.json.gz"
    stop = data / "_resources" / "stopwords_en.txt"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            table = json.load(file)
        stopped = set(stop.read_text(encoding="utf-8").split())
    except FileNotFoundError as error:
        raise BadInputError(f"{error.filename}: no such file (the word list for edits)") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInputError(f"{path}: cannot be read as a word list: {error}") from error
    if not isinstance(table, dict):
        raise BadInputError(f"{path}: a table of words wanted, got {type(table).__name__}")
    found = {}
    for word, senses in table.items():
        lists = list(senses.values()) if isinstance(senses, dict) else []
        if not lists or not all(_is_word_list(words) for words in lists):
            raise BadInputError(f"{path}: {word!r} has {senses!r}; lists by part of speech wanted")
        others = [s for s in lists[0] if s != word] if len(lists) == 1 else []
        if others and word not in stopped and len(word) > 2:
            found[word] = others
    return found


def _is_word_list(words: object) -> bool:
    return isinstance(words, list) and all(isinstance(w, str) for w in words)
