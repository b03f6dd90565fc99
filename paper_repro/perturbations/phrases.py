"""Phrases that may stand for one another, and words that share their first sense.

The phrases are ours. A pair is listed one way only where the other way would be wrong in some
sentence: "bicycle" may become "bike", but a bike may have an engine.
"""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from paper_repro.bad_input import BadInputError

BOTH_WAYS = (
    ("a lot of", "lots of"), ("each other", "one another"), ("someone", "somebody"),
    ("anyone", "anybody"), ("everyone", "everybody"), ("no one", "nobody"),
    ("next to", "beside"), ("for instance", "for example"), ("right now", "at the moment"),
    ("photograph", "photo"), ("couch", "sofa"), ("taxi", "cab"),
    ("cell phone", "mobile phone"), ("child", "kid"), ("children", "kids"),
    ("begins to", "starts to"), ("began to", "started to"), ("begin to", "start to"),
    ("talking to", "speaking to"), ("talks to a", "speaks to a"), ("talks to her", "speaks to her"),
    ("talks to his", "speaks to his"), ("nearly", "almost"),
    ("in spite of", "despite"), ("on top of", "atop"), ("toward", "towards"),
    ("lawyer", "attorney"), ("lawyers", "attorneys"), ("mom", "mother"), ("dad", "father"),
    ("grandma", "grandmother"), ("grandpa", "grandfather"),
    ("gasoline", "petrol"), ("largest", "biggest"),
    ("buying", "purchasing"), ("trying to", "attempting to"), ("located in", "situated in"),
    ("also known as", "also called"), ("perhaps", "maybe"), ("maybe", "possibly"),
    ("what kind of", "what type of"), ("what sort of", "what kind of"),
    ("in what year", "in which year"), ("in what country", "in which country"),
    ("in what city", "in which city"), ("in what state", "in which state"),
    ("how do i", "how can i"), ("can you tell me", "could you tell me"),
    ("can you please", "could you please"), ("i want to", "i would like to"),
    ("thanks for", "thank you for"), ("versus", "vs."), ("together with", "along with"),
    ("outdoors", "in the open air"), ("is napping", "is taking a nap"),
    ("close to the", "near the"), ("with no", "without any"),
)  # fmt: skip
"""Either may stand for the other."""
ONE_WAY = (
    ("due to the", "because of the"), ("due to a", "because of a"), ("prior to", "before"),
    ("as a result of", "because of"), ("in order to", "to"), ("with regard to", "regarding"),
    ("concerning the", "regarding the"), ("approximately", "about"), ("although", "though"),
    ("bicycle", "bike"), ("bicycles", "bikes"), ("movie", "film"), ("movies", "films"),
    ("telephone", "phone"), ("the company", "the firm"), ("a company", "a firm"),
    ("prime minister", "premier"), ("began", "started"),
    ("is expected to", "is anticipated to"), ("are expected to", "are anticipated to"),
    ("a year ago", "one year ago"), ("a week ago", "one week ago"),
    ("a quarter of", "one quarter of"),
    ("stock prices", "share prices"), ("companies", "firms"), ("among", "amongst"),
    ("attempted to", "tried to"), ("seeks to", "aims to"), ("is able to", "can"),
    ("are able to", "can"), ("at present", "currently"), ("gentleman", "man"), ("guy", "man"),
    ("guys", "men"), ("puppy", "young dog"), ("puppies", "young dogs"), ("infant", "baby"),
    ("a large number of", "many"), ("a number of", "several"), ("a huge", "an enormous"),
    ("is planning to", "intends to"), ("are planning to", "intend to"), ("such as", "like"),
    ("is having a conversation", "is talking"),
    ("are having a conversation", "are talking"), ("takes a picture", "takes a photo"),
    ("taking a picture", "taking a photo"), ("taking pictures", "taking photos"),
    ("is located", "lies"), ("how many people", "what number of people"),
    ("what year did", "in what year did"), ("what year was", "in what year was"),
    ("very large", "huge"), ("very small", "tiny"),
)  # fmt: skip
"""The second may stand for the first."""
_FAR = {
    "takeover", "coup", "financial", "fiscal", "airport", "inn", "infrastructure", "sister",
    "hello", "thinner", "swimwear", "swimsuit", "calculator", "independence", "grippe", "atar",
    "daylight", "shipment", "mike", "telecommunication", "gunshot", "mystery", "percentage",
    "manpower",
}  # fmt: skip
"""Words whose partner is a stranger to the sentences we read."""


def phrase_table() -> dict[str, list[str]]:
    """Each phrase in lower case and what may stand for it."""
    table: dict[str, list[str]] = {}
    pairs = (*BOTH_WAYS, *((b, a) for a, b in BOTH_WAYS), *ONE_WAY)
    for phrase, other in pairs:
        table.setdefault(phrase, []).append(other)
    return table


def read_lexicon(data: Path) -> dict[str, list[str]]:
    """Words and the words that may stand for them, from WordNet and PPDB.

    Both words have one part of speech, at most two senses and the same first sense in WordNet,
    and they are a pair in PPDB. Inflected forms are left out: "arms" is no plural of "arm" there.

    Raises:
        BadInputError: a word list is missing or is no such table.
    """
    folder = data / "_resources"
    senses = json.loads(_read(folder / "wordnet_senses.json.gz"))
    path = folder / "ppdb_lexical_pairs.tsv.gz"
    pairs = set()
    for number, line in enumerate(
        _read(path).replace("\r\n", "\n").rstrip("\n").split("\n"), start=1
    ):
        pair = tuple(line.split("\t"))
        if len(pair) != 2:
            raise BadInputError(f"{path}: line {number} is {line!r}; two words wanted")
        pairs.add(pair)
    if not isinstance(senses, dict):
        raise BadInputError(f"{folder / 'wordnet_senses.json.gz'}: a table of words wanted")
    groups: dict[str, list[str]] = {}
    for word, by_part in senses.items():
        sense = _only_sense(word, by_part)
        if sense is not None:
            groups.setdefault(sense, []).append(word)
    found = {}
    for group in groups.values():
        for word in group:
            others = [o for o in group if {(word, o), (o, word)} & pairs and o != word]
            if others:
                found[word] = others
    return found


def _only_sense(word: str, by_part: object) -> str | None:
    """The first sense of a word that has one part of speech and two senses at most."""
    plain = word.isascii() and word.isalpha() and word.islower() and len(word) > 3
    inflected = word.endswith(("s", "ed", "ing")) and not word.endswith("ss")
    if not plain or inflected or word in _FAR:
        return None
    if not isinstance(by_part, dict) or not all(isinstance(s, list) for s in by_part.values()):
        raise BadInputError(f"wordnet_senses: {word!r} has {by_part!r}; lists by part wanted")
    if len(by_part) != 1:
        return None
    (senses,) = by_part.values()
    return str(senses[0]) if 0 < len(senses) <= 2 else None


def _read(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode()
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file (a word list for paraphrases)") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read as a word list: {error}") from error
