"""The embedded task: generated news flashes whose label law is known exactly.

A flash is two clauses joined by "but": the first is a decoy about a random topic, the second is
about the true one. Each clause is a sequence of words drawn independently: a cue of its own topic,
a cue of another one, or a neutral word. So p*(y|x) follows from the second clause by Bayes' rule,
every cue has a synonym of the same probability (replacing one leaves p* exactly as it was), and a
bag of words cannot tell the clauses apart.
"""

from __future__ import annotations

import math
import random

from paper_repro.examples import Example, Split

LABELS = ("weather", "sport", "markets")
_CUES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("rain", "drizzle"), ("storm", "tempest"), ("sunny", "bright"), ("fog", "mist"),
     ("frost", "ice"), ("breeze", "wind")),
    (("match", "game"), ("coach", "trainer"), ("goal", "score"), ("league", "division"),
     ("striker", "forward"), ("stadium", "arena")),
    (("shares", "stocks"), ("profit", "gain"), ("bank", "lender"), ("trade", "commerce"),
     ("bond", "note"), ("price", "rate")),
)  # fmt: skip
_NEUTRAL = ("today", "people", "report", "after", "early", "north", "city", "again", "said", "new")
_OWN, _OTHER = 0.45, 0.15  # probability that a word is a cue of the clause's topic, of another one
_WORDS = 5

SYNONYMS: dict[str, list[str]] = {
    word: [twin] for topic in _CUES for a, b in topic for word, twin in ((a, b), (b, a))
}
_TOPIC_OF = {word: t for t, topic in enumerate(_CUES) for pair in topic for word in pair}


def _clause(topic: int, rng: random.Random) -> list[str]:
    words = []
    for _ in range(_WORDS):
        u = rng.random()
        if u < _OWN + _OTHER:
            other = rng.choice([t for t in range(len(LABELS)) if t != topic])
            words.append(rng.choice(rng.choice(_CUES[topic if u < _OWN else other])))
        else:
            words.append(rng.choice(_NEUTRAL))
    return words


def label_law(clause: list[str]) -> tuple[float, ...]:
    """p*(y | x) of the second clause: uniform prior, words independent given the topic.

    >>> [round(v, 3) for v in label_law(["rain", "today", "today", "today", "today"])]
    [0.75, 0.125, 0.125]
    """
    own, other = _OWN, _OTHER / (len(LABELS) - 1)
    likelihood = [
        math.prod(own if _TOPIC_OF[w] == t else other for w in clause if w in _TOPIC_OF)
        for t in range(len(LABELS))
    ]
    law = [value / math.fsum(likelihood) for value in likelihood]
    return tuple(law)


def generate(name: str, size: int, rng: random.Random) -> Split:
    """A split of ``size`` flashes; the label is the topic that the second clause was drawn from."""
    examples = []
    for i in range(size):
        label = rng.randrange(len(LABELS))
        decoy, clause = _clause(rng.randrange(len(LABELS)), rng), _clause(label, rng)
        text = " ".join([*decoy, "but", *clause]).capitalize() + "."
        examples.append(Example(f"{name}-{i}", (text,), label, label_law(clause)))
    return Split("embedded", name, tuple(examples))
