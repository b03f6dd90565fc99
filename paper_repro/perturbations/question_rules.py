"""Rewrites of questions that keep what is asked, for inputs that are questions.

The rules for sentences leave four questions in five alone: they turn no verb round. These do not
either; they exchange the question word, shorten it with its verb, or ask the whole more politely.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from paper_repro.perturbations.rules import Rule

_ASKS = "What|Who|Whom|Whose|When|Where|Why|How|Which"
_VERBS = "did|does|do|was|were|is|are|has|have|had|can|could|would|will|should"
_NO_NOUNS = (
    f"{_VERBS}|may|might|must|of|kind|kinds|type|types|sort|sorts|about|if|else|happens|happened|"
    "makes|made|causes|caused|matters|remains|follows|comes|came|helps|helped|led|leads|gives|gave|"
    "keeps|kept|lets|let|needs|became|becomes|means|meant|happen|then|exactly|all|other|more|not"
)
_AT = r"(?:^|(?<=^In )|(?<=^On )|(?<=^At )|(?<=^By )|(?<=^To )|(?<=^For )|(?<=^From )|(?<=^Under ))"
_WHOLE = rf"^(?:{_ASKS}|(?:In|On|At|By|To|For|From|Under) (?:what|which|whom|whose))\b[^.?!;:]*\?$"
_NOUN = rf"(?! (?:{_NO_NOUNS})\b)(?= [a-z-]+(?: [a-z-]+)? (?:{_VERBS})\b[^.?!]*\?)"
_OTHER = {"What": "Which", "what": "which", "Which": "What", "which": "what"}


def _lowered(text: str) -> str:
    """A question to stand after an opening; its first word is no name."""
    return text[:1].lower() + text[1:]


_RULES: tuple[tuple[str, str, Callable[[re.Match[str]], str]], ...] = (
    ("question word", rf"{_AT}(?:[Ww]hat|[Ww]hich){_NOUN}", lambda m: _OTHER[m.group()]),
    (
        "contraction",
        r"^(?P<ask>What|Who|Where|How) is(?= (?:the|an?|his|her|its|their|this|that|another)\b)",
        lambda m: f"{m['ask']}'s",
    ),
    (
        "contraction",
        r"^(?P<ask>What|Who|Where|How)'s(?= (?:the|an?)\b)",
        lambda m: f"{m['ask']} is",
    ),
    ("framing", _WHOLE, lambda m: f"Tell me, {_lowered(m.group())}"),
    ("framing", _WHOLE, lambda m: f"Can you tell me: {_lowered(m.group())}"),
    ("framing", _WHOLE, lambda m: f"I would like to know: {_lowered(m.group())}"),
)


def question_rules() -> tuple[Rule, ...]:
    """The rules, compiled."""
    return tuple(Rule(name, re.compile(pattern), build) for name, pattern, build in _RULES)
