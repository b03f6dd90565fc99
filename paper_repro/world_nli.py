"""The inference world: quantifiers of two readings, and what follows from them.

"All the dogs had not vanished. / Some of the animals had vanished." The interpretation z is the
reading of the premise: the scope of "not" under "all", or whether "some" and "not all" mean to deny
the stronger claim. The label is found by going through every way things could be.
"""

from __future__ import annotations

import random
from itertools import product

from paper_repro.worlds import Content, Law, Slot, shares

LABELS = ("entailment", "neutral", "contradiction")
_NONE, _PART, _ALL = range(3)
_NOUNS = (
    ("dogs hounds", "animals creatures"), ("roses briars", "flowers blossoms"),
    ("nurses matrons", "workers employees"), ("children kids", "people folk"),
    ("poets bards", "writers authors"), ("sailors seamen", "travellers voyagers"),
    ("cars autos", "vehicles conveyances"), ("swords sabres", "weapons arms"),
)  # fmt: skip
"""A noun and a wider one."""
_VERBS = (
    "vanished disappeared", "arrived landed", "waited lingered", "moved shifted",
    "fallen tumbled", "changed altered", "returned reappeared", "suffered deteriorated",
)  # fmt: skip
_LEANS = (shares(2, 2), shares(3, 1), shares(1, 3))
_PREMISES = (
    ("All the {0} had {1}", ({_ALL}, {_ALL})),
    ("None of the {0} had {1}", ({_NONE}, {_NONE})),
    ("Only some of the {0} had {1}", ({_PART}, {_PART})),
    ("At least some of the {0} had {1}", ({_PART, _ALL}, {_PART, _ALL})),
    ("Some of the {0} had {1}", ({_PART, _ALL}, {_PART})),
    ("All the {0} had not {1}", ({_NONE}, {_NONE, _PART})),
    ("Not all the {0} had {1}", ({_NONE, _PART}, {_PART})),
)
"""A premise and how much of its noun it allows to be meant, under each reading."""
_HYPOTHESES = (
    ("All the {2} had {3}", {_ALL}),
    ("None of the {2} had {3}", {_NONE}),
    ("Some of the {2} had {3}", {_PART, _ALL}),
    ("Not all the {2} had {3}", {_NONE, _PART}),
)


def _whole(narrow: int, rest: int) -> int:
    """How much of the wider noun, from how much of the narrow one and of the rest of the wider."""
    return narrow if narrow == rest else _PART


def follows(premise: set[int], hypothesis: set[int], premise_wide: bool, wide: bool) -> int:
    """The label by exhaustion: is the hypothesis true in all, some or none of the ways things can
    be when the premise is true?

    >>> LABELS[follows({2}, {1, 2}, False, True)]    # all dogs: then some animals
    'entailment'
    """
    outcomes = set()
    for narrow, rest in product(range(3), repeat=2):
        whole = _whole(narrow, rest)
        if (whole if premise_wide else narrow) in premise:
            outcomes.add((whole if wide else narrow) in hypothesis)
    return 1 if len(outcomes) == 2 else 0 if outcomes == {True} else 2


def _label_law(label: int) -> Law:
    return shares(*(14 if y == label else 1 for y in range(len(LABELS))))


def invent(rng: random.Random) -> Content:
    """A content: two nouns, one verb or two, a premise and a hypothesis."""
    nouns = rng.choice(_NOUNS)
    premise_wide, wide = rng.choice(((False, False), (True, True), (False, True), (True, False)))
    verb = rng.randrange(len(_VERBS))
    other = verb if rng.random() < 0.875 else rng.randrange(len(_VERBS))
    premise, readings = rng.choice((*_PREMISES, *_PREMISES[4:]))

    def labels(claimed: set[int]) -> list[int]:
        if other != verb:
            return [1, 1]
        return [follows(reading, claimed, premise_wide, wide) for reading in readings]

    telling = [h for h in _HYPOTHESES if len(set(labels(h[1]))) > 1]
    hypothesis, claimed = rng.choice(telling or _HYPOTHESES)
    words = (nouns[premise_wide], _VERBS[verb], nouns[wide], _VERBS[other])
    return Content(
        (f"{premise}.", f"{hypothesis}."),
        tuple(Slot(tuple(w.split()), shares(3, 1)) for w in words),
        shares(4, 0) if readings[0] == readings[1] else _LEANS[verb % 3],
        tuple(_label_law(y) for y in labels(claimed)),
    )
