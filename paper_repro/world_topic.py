"""The topic world: a headline about a word of two senses, and two cues that may settle which.

"The record, a caption said, meant the stadium rather than the choir." The interpretation z is the
cue that counts. "Rather than" and "not ... but" leave no doubt, "perhaps" leaves some, and "or"
leaves it to the usual sense of the word.
"""

from __future__ import annotations

import random

from paper_repro.worlds import Content, Law, Slot, shares

LABELS = ("sport", "music", "money", "weather")
_CUES = (
    ("stadium arena", "striker forward", "coach trainer", "league division", "referee umpire",
     "penalty foul", "sprinter runner", "rower oarsman", "boxer pugilist", "goalkeeper goalie"),
    ("choir chorus", "violin fiddle", "concert recital", "singer vocalist", "tune melody",
     "drummer percussionist", "pianist keyboardist", "opera operetta", "anthem hymn",
     "organ harmonium"),
    ("bank lender", "shares stocks", "profit gain", "dividend payout", "merger takeover",
     "budget outlay", "broker dealer", "loan mortgage", "auditor accountant", "tariff levy"),
    ("rain drizzle", "storm tempest", "frost rime", "fog mist", "snow sleet",
     "breeze zephyr", "drought aridity", "thunder thunderclap", "flood deluge",
     "heatwave scorcher"),
)  # fmt: skip
_SENSES = {
    (0, 1): ("record", "score", "pitch"),
    (0, 2): ("return", "transfer", "stake"),
    (0, 3): ("cover", "spell", "draught"),
    (1, 2): ("release", "note", "bar"),
    (1, 3): ("roll", "air", "movement"),
    (2, 3): ("drop", "outlook", "freeze"),
}
"""Words of two senses, by their two topics. The first of each leans to neither, the second to the
first topic, the third to the second."""
_LEANS = (shares(2, 2), shares(3, 1), shares(1, 3))
_CAPTION = Slot(("caption", "subtitle"), shares(3, 1))
_CONNECTIVES = (
    ("the {1} {3} the {2}", ("rather than", "instead of"), shares(4, 0)),
    ("{3} the {1} but the {2}", ("not", "never"), shares(0, 4)),
    ("the {1}, {3} the {2}", ("perhaps", "possibly"), shares(3, 1)),
    ("the {1} {3} the {2}", ("or", "or else"), None),
)
"""How two cues are joined, synonyms of the joint, and how likely the first cue counts."""


def _label_law(topic: int) -> Law:
    return shares(*(29 if y == topic else 1 for y in range(len(LABELS))))


def invent(rng: random.Random) -> Content:
    """A content: the word, its cues in either order, what joins them."""
    topics = rng.choice(list(_SENSES))
    lean = rng.randrange(3)
    flipped = rng.random() < 0.5
    first, second = topics[::-1] if flipped else topics
    frame, joints, p_first = rng.choice(_CONNECTIVES)
    if p_first is None:
        p_first = _LEANS[lean][::-1] if flipped else _LEANS[lean]
    cues = [tuple(rng.choice(_CUES[t]).split()) for t in (first, second)]
    return Content(
        (f"The {_SENSES[topics][lean]}, a {{0}} said, meant {frame}.",),
        (_CAPTION, *(Slot(c, shares(3, 1)) for c in cues), Slot(joints, shares(3, 1))),
        p_first,
        (_label_law(first), _label_law(second)),
    )
