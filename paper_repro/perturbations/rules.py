"""Syntactic rewrites of English that keep the meaning: each a pattern and what to write instead.

A rule is narrow on purpose. It leaves a sentence alone wherever the rewrite could change what is
said: no adverb is fronted out of a clause that it may belong to, no "it's" is expanded where it may
mean "it has". What is left alone is lost as a paraphrase; it is never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from paper_repro.perturbations.token_edits import like_case

Match = re.Match[str]


class Rule(NamedTuple):
    """A name, where it may apply, and the new text; None where it does not apply after all."""

    name: str
    pattern: re.Pattern[str]
    build: Callable[[Match], str | None]


_START = r"(?:^|(?<=[.!?] ))"
_SOME = "A|An|Two|Three|Four|Five|Six|Several|Many|Some"
_OPENERS = f"{_SOME}|The|This|These|Those|That|It|He|She|They|We|There|His|Her|Their|Its"
_PLACE = "in|on|at|near|under|inside|outside|behind|beside"
_NO_NOUN = {
    *_PLACE.split("|"), "and", "or", "of", "with", "by", "from", "to", "for", "is", "are", "who",
    "that", "which", "while", "as", "into", "through", "not", "no", "what", "was", "were",
}  # fmt: skip
_PEOPLE = "man|woman|boy|girl|person|guy|lady|child|kid|player|dog|toddler|worker"
_MANY_PEOPLE = "men|women|boys|girls|people|guys|ladies|children|kids|players|dogs|workers"
_NOT_VERBS = {
    "building", "ceiling", "clothing", "evening", "king", "morning", "painting", "railing", "ring",
    "string", "thing", "wedding", "wing", "something", "nothing", "going", "being", "during",
    "including", "interesting", "missing", "sibling", "sling", "swing", "spring", "crossing",
}  # fmt: skip
_POSTURES = (
    "wearing|holding|carrying|riding|sitting|standing|walking|running|playing|sleeping|eating|"
    "drinking|smiling|reading|dancing|singing|jumping|swimming|waiting|working"
)
_CLOTHES = "shirt|dress|suit|jacket|hat|coat|uniform|sweater|t-shirt|hoodie|vest|costume"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_WHEN = (
    f"on (?:{_DAYS})|yesterday|today|at night|in the morning|in the evening"
    "|last (?:week|month|year)|this (?:week|month|year)"
)
_SECOND_CLAUSE = re.compile(
    r"[,;:()\"]|\b(?:that|sa(?:id|ys?)|to|which|who|whose|would|will|after|before|when|while|until"
    r"|because|if|as|and|but|or|since|though|although|whether|than|not|how|why|where)\b"
)
"""Where one stands, an adverb at the end may belong to something else than the whole sentence."""
_NUMBERS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_UNITS = {
    "mph", "cms", "lbs", "kgs", "pct", "point", "points", "yards", "year-old", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
}  # fmt: skip


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in words) + ")"


def _lowered(clause: str) -> str:
    """A clause to stand in the middle of a sentence; its opener is no name."""
    return clause[:1].lower() + clause[1:]


def _raised(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _is_noun_phrase(words: str) -> bool:
    """Whether 1 to 3 words can be a plain noun: no preposition, no verb form, no conjunction."""
    found = words.split()
    plain = not any(w in _NO_NOUN or (w.endswith("ing") and w not in _NOT_VERBS) for w in found)
    return 1 <= len(found) <= 3 and plain


def _existential(match: Match) -> str | None:
    """ "A man is sitting" to "There is a man sitting"."""
    subject, verb, rest = match["det"] + " " + match["noun"], match["be"], match["rest"]
    if not _is_noun_phrase(match["noun"]) or rest in _NOT_VERBS:
        return None
    return f"There {verb} {_lowered(subject)} {rest}"


def _plain(match: Match) -> str | None:
    """ "There is a man sitting" to "A man is sitting"."""
    if not _is_noun_phrase(match["noun"]) or match["rest"] in _NOT_VERBS:
        return None
    return f"{_raised(match['det'])} {match['noun']} {match['be']} {match['rest']}"


def _in_a_list(match: Match) -> bool:
    before = match.string[: match.start()]
    return re.search(r"(?:,|\b(?:and|or|of|with))(?: \w+){0,3} ?$", before) is not None


def _in_the_past(match: Match) -> bool:
    return re.search(r"\b(?:was|were|had|did)\b", match.string) is not None


def _relative(match: Match) -> str | None:
    """ "a man wearing" to "a man who is wearing"."""
    if _in_a_list(match) or _in_the_past(match) or "?" in match.string[match.end() :]:
        return None
    return f"{match['head']} who {'is' if match['one'] else 'are'} {match['verb']}"


def _fronted(match: Match) -> str | None:
    """ "The team won on Monday." to "On Monday, the team won."."""
    clause = match["clause"]
    names = re.search(rf"\b(?:{_OPENERS})\b", clause[1:])  # a headline before the sentence
    if names or _SECOND_CLAUSE.search(clause) or len(clause.split()) > 12:
        return None
    return f"{_raised(match['when'])}, {_lowered(clause)}{match['end']}"


def _swapped_clauses(match: Match) -> str | None:
    """ "The dog runs while a man watches." to "While a man watches, the dog runs."."""
    main, other = match["clause"], match["other"]
    open_ended = re.search(r"\b(?:as|like|even|only|just|time|moment|and|but|or|know|see)$", main)
    pronoun = re.match(r"(?:he|she|it|they|his|her|its|their|him|them)\b", other)
    both = _SECOND_CLAUSE.search(main) or re.search(r"[,;:()\"]|\b(?:while|because)\b", other)
    if open_ended or pronoun or both or len(main.split()) < 3 or len(other.split()) < 2:
        return None
    return f"{_raised(match['link'])} {other}, {_lowered(main)}{match['end']}"


def _swapped_subjects(match: Match) -> str | None:
    """ "A man and a woman are" to "A woman and a man are"."""
    first, second = match["first"], match["second"]
    if not _is_noun_phrase(first) or not _is_noun_phrase(second):
        return None
    other = f"{match['det2']} {second}"
    return f"{_raised(other)} and {_lowered(match['det1'])} {first} {match['be']}"


def _digits(match: Match) -> str:
    return str(_NUMBERS.index(match["word"].lower()) + 2)


def _number_word(match: Match) -> str | None:
    number, before = int(match["digits"]), match.string[: match.start()].split()
    named = bool(before) and not re.fullmatch(r"[a-z]+", before[-1])
    if not 2 <= number <= 12 or named or match["unit"] in _UNITS:
        return None
    word = _NUMBERS[number - 2]
    return word if before else _raised(word)


_SAYING = r"(?P<say>said|says|announced|reported)"
_DET = rf"(?P<det>(?:{_SOME}))"
_NOUN = r"(?P<noun>[a-z-]+(?: [a-z-]+){0,2}?)"
_REST = rf"(?P<rest>[a-z]{{2,}}ing|(?:{_PLACE}))\b"
_SIDE = r"[a-z-]+(?: [a-z-]+)?"
_HEADS = rf"(?P<head>\b(?:(?P<one>(?:{_PEOPLE}))|(?:{_MANY_PEOPLE})))"
_WORN = rf"(?P<worn>an? (?:[a-z]+ )?(?:{_CLOTHES}))\b"
_CLAUSE = rf"{_START}(?P<clause>(?:{_OPENERS}) [^.!?]+?)"
_COUNT = r"\$?\d[\d,.]* ?(?:percent|%|million|billion|people|[a-z]{4,}s)"
_AFTER_SUM = r"(?=[.,;]|$| (?:in|for|on|to|from|by|at|of|and|over)\b)"

SYNTAX: Sequence[tuple[str, str, Callable[[Match], str | None]]] = (
    ("there is", rf"{_START}{_DET} {_NOUN} (?P<be>is|are) {_REST}", _existential),
    (
        "there is",
        rf"{_START}There (?P<be>is|are) (?P<det>an?|two|three|four|several|many|some) "
        rf"{_NOUN} {_REST}",
        _plain,
    ),
    ("who is", rf"{_HEADS} (?P<verb>(?:{_POSTURES}))\b", _relative),
    ("who is", r"\bwho (?:is|are) (?P<verb>[a-z]{2,}ing)\b", lambda m: m["verb"]),
    ("wearing", rf"{_HEADS} in {_WORN}", lambda m: f"{m['head']} wearing {m['worn']}"),
    ("wearing", rf"{_HEADS} wearing {_WORN}", lambda m: f"{m['head']} in {m['worn']}"),
    ("fronting", rf"{_CLAUSE} (?P<when>(?:{_WHEN}))(?P<end>[.!])(?= |$)", _fronted),
    (
        "fronting",
        rf"{_CLAUSE} (?P<link>while|because|although) (?P<other>[^.!?]+)(?P<end>[.!])(?= |$)",
        _swapped_clauses,
    ),
    (
        "coordination",
        rf"{_START}(?P<det1>An?|The) (?P<first>{_SIDE}) and (?P<det2>an?|the) (?P<second>{_SIDE}) "
        rf"(?P<be>are|were)\b",
        _swapped_subjects,
    ),
    (
        "number",
        rf"(?<![\w-])(?<!y )(?<!and )(?<!or )(?P<word>(?i:{_any(_NUMBERS)}))"
        rf"(?= [a-z])(?! (?:hundred|thousand|or|to|and|{'|'.join(_NUMBERS)})\b)",
        _digits,
    ),
    ("number", r"(?<!\S)(?P<digits>\d{1,2})(?= (?P<unit>[a-z-]{3,}))", _number_word),
    ("number", rf"\bmore than (?={_COUNT})", lambda m: "over "),
    ("number", rf"\bover (?={_COUNT})", lambda m: "more than "),
    ("number", rf"\bless than (?={_COUNT})", lambda m: "under "),
    ("number", rf"\bat least (?={_COUNT})", lambda m: "no fewer than "),
    ("number", rf"\babout (?={_COUNT})", lambda m: "around "),
    ("number", rf"\baround (?={_COUNT})", lambda m: "about "),
    ("percent", r"(?<=\d) (?:percent|per cent)\b", lambda m: "%"),
    ("percent", r"(?<=\d)%(?![\w-])", lambda m: " percent"),
    (
        "dollars",
        rf"(?<![\w$])(?<!\ba )\$(?P<sum>\d[\d.]* (?:m|b|tr)illion){_AFTER_SUM}",
        lambda m: f"{m['sum']} dollars",
    ),
    (
        "dollars",
        r"(?<![\w$-])(?P<sum>\d[\d.]* (?:m|b|tr)illion) dollars\b",
        lambda m: f"${m['sum']}",
    ),
    ("abbreviation", r"\bU\.S\.(?= [a-z])", lambda m: "US"),
    ("abbreviation", r"\bUS(?= [a-z])", lambda m: "U.S."),
    ("abbreviation", r"\bthe United States(?= [a-z])", lambda m: "the US"),
    ("byline", r"\((?P<agency>AP|AFP|Reuters)\) (?P=agency) - ", lambda m: f"({m['agency']}) - "),
    ("abbreviation", r"\bEuropean Union(?= [a-z])", lambda m: "EU"),
    ("abbreviation", r"\bEU(?= [a-z])", lambda m: "European Union"),
    ("abbreviation", r"\bUnited Nations(?= [a-z])", lambda m: "UN"),
    ("abbreviation", r"\bUN(?= [a-z])", lambda m: "United Nations"),
    ("abbreviation", r"\bCEO\b", lambda m: "chief executive"),
    ("abbreviation", r"\bTV\b", lambda m: "television"),
    ("abbreviation", r"\b(?P<t>[Tt])elevision\b(?! [A-Z])", lambda m: "TV"),
    ("weekday", rf"\b{_SAYING} on (?P<day>(?:{_DAYS}))\b", lambda m: f"{m['say']} {m['day']}"),
    ("weekday", rf"\b{_SAYING} (?P<day>(?:{_DAYS}))\b", lambda m: f"{m['say']} on {m['day']}"),
    (
        "that",
        r"\b(?P<say>said|says|believes?|thinks?) that "
        r"(?=(?:it|he|she|they|we|the|its|his|their)\b)",
        lambda m: f"{m['say']} ",
    ),
    (
        "that",
        r"\b(?P<say>said|says|believes?|thinks?) (?=(?:it|he|she|they|we) (?:will|would|has|had|is"
        r"|was|were|are|have)\b)",
        lambda m: f"{m['say']} that ",
    ),
)

_AFTER_BE = (
    r"(?= (?:an?|the|not|no|very|so|too|just|still|also|in|on|at|my|your|his|her|our|their"
    r"|[a-z]{2,}ing)\b)"
)


def _expansions(table: Mapping[str, str]) -> dict[str, str]:
    """The contractions that mean one thing whatever follows."""
    plain = {}
    for short, long in table.items():
        sure = short.endswith(("n't", "'re", "'ve", "'ll", "'m")) and short.count("'") == 1
        if sure and short not in ("ain't", "ain\u2019t") and "/" not in long and " " not in short:
            plain[short.lower()] = long
    return plain


def contractions(table: Mapping[str, str]) -> list[Rule]:
    """Contractions written out, and the other way.

    Args:
        table: contraction to expansion.
    """
    long = _expansions(table)
    words = _any(sorted(long, key=len, reverse=True))
    of_be = r"(?P<who>it|that|he|she|there|what|who|where)"
    after = r"(?! (?:I|you|we|they|he|she|it|the|there|this|that|these|those|an?)\b)(?= \w)"
    negated = r"(?P<verb>do|does|did|is|are|was|were|has|have|had|would|could|should)"
    found = (
        (
            rf"(?<![\w'])(?P<short>(?i:{words})){after}",
            lambda m: None if _asks(m) else like_case(long[m["short"].lower()], m["short"][:1]),
        ),
        (rf"\b(?i:{of_be})'s{_AFTER_BE}", lambda m: f"{m['who']} is"),
        (rf"\b(?i:{negated}) not\b(?! only| to\b)(?= \w)", lambda m: f"{m['verb']}n't"),
        (r"\b(?P<w>[Ww])ill not\b(?= \w)", lambda m: f"{m['w']}on't"),
        (r"\b(?P<c>[Cc])an ?not\b(?! only)(?= \w)", lambda m: f"{m['c']}an't"),
        (r"\bI am(?= \w)", lambda m: "I'm"),
        (rf"\b(?P<who>[Ii]t|[Tt]hat|[Hh]e|[Ss]he|[Tt]here) is{_AFTER_BE}", _with("'s")),
        (rf"\b(?P<who>[Ww]e|[Tt]hey|[Yy]ou) are{_AFTER_BE}", _with("'re")),
        (r"\b(?P<who>I|[Ww]e|[Tt]hey|[Yy]ou) have(?= (?:been|[a-z]{3,}ed)\b)", _with("'ve")),
        (r"(?<!and )\b(?P<who>I|[Ww]e|[Tt]hey|[Yy]ou|[Hh]e|[Ss]he) will(?= [a-z])", _with("'ll")),
    )
    return [Rule("contraction", re.compile(pattern), build) for pattern, build in found]


def _asks(match: Match) -> bool:
    """Whether a question turns the verb round, as in "why isn't history": "is not" would not do."""
    before = match.string[: match.start()].rstrip().lower()
    opens = not before or before.endswith((".", "!", "?", ","))
    asks = "?" in match.string[match.end() :] and match["short"].lower().endswith("n't")
    return before.endswith(("why", "how", "what", "where", "when", "who")) or (opens and asks)


def _with(ending: str) -> Callable[[Match], str]:
    return lambda match: match["who"] + ending


def syntax() -> list[Rule]:
    """The rules of ``SYNTAX``, compiled."""
    return [Rule(name, re.compile(pattern), build) for name, pattern, build in SYNTAX]


def replacements(name: str, table: Mapping[str, Sequence[str]]) -> list[Rule]:
    """Words or phrases with their stand-ins: one rule for each place in the longest list."""
    words = r"[^\W\d_]+"  # thousands of words are looked up faster than matched
    if any(" " in phrase for phrase in table):
        words = _any(sorted(table, key=len, reverse=True))
    spots = re.compile(rf"(?<![\w$'-])(?i:{words})(?![\w-])(?!'(?!s\b))")
    most = max((len(others) for others in table.values()), default=0)
    return [Rule(name, spots, _nth(table, i)) for i in range(most)]


def _nth(table: Mapping[str, Sequence[str]], i: int) -> Callable[[Match], str | None]:
    def build(match: Match) -> str | None:
        found = match.group()
        others = table.get(found.lower(), ())
        if i >= len(others) or not _is_common(match):
            return None
        other = like_case(others[i], found[:1])
        return re.sub(r"\bi\b", "I", other) if re.search(r"\bI\b", found) else other

    return build


def _is_common(match: Match) -> bool:
    """Whether the words are no name: small letters, but for "I" and the start of a sentence."""
    words = re.sub(r"\bI\b", "i", match.group())
    if words == words.lower():
        return True
    opens = match.start() == 0 or match.string[: match.start()].endswith((". ", "! ", "? "))
    follows = re.match(r" [a-z]", match.string[match.end() :]) is not None
    return opens and words[1:].islower() and follows
