"""The question-answering world: a pronoun with two possible referents, and where they were.

"One woman in the kitchen thanked another in the forest because she had waited. Where was she?" The
interpretation z is the referent of "she". Some verbs point to the one who acts, some to the one
who is acted on, and some leave it open. Other questions ("the first") leave no choice. The answer
is the kind of place.
"""

from __future__ import annotations

import random

from paper_repro.worlds import Content, Law, Slot, shares

LABELS = ("home", "work", "school", "outdoors")
_PLACES = (
    ("kitchen scullery", "bedroom bedchamber", "attic loft", "cellar basement",
     "bathroom washroom"),
    ("office bureau", "factory plant", "workshop atelier", "warehouse depot", "laboratory lab"),
    ("classroom schoolroom", "gym gymnasium", "library athenaeum", "dormitory dorm",
     "playground schoolyard"),
    ("garden yard", "forest wood", "orchard grove", "meadow field", "street road"),
)  # fmt: skip
_VERBS = (
    (shares(4, 0), ("disappointed failed", "impressed dazzled")),
    (shares(0, 4), ("thanked acknowledged", "praised lauded")),
    (shares(2, 2), ("met encountered", "joined accompanied")),
    (shares(3, 1), ("called telephoned", "left abandoned")),
    (shares(1, 3), ("followed trailed", "noticed spotted")),
)
"""How likely "she" is the first person, and the verbs for which that is so."""
_RARE = (
    ("annoyed irked", "amused tickled", "deceived duped", "fascinated entranced",
     "frightened spooked", "bored wearied", "charmed enchanted", "confused puzzled",
     "offended affronted", "worried troubled", "shocked stunned", "delighted thrilled",
     "betrayed cheated", "angered enraged", "upset distressed", "inspired motivated",
     "flattered cajoled", "intimidated daunted", "astonished amazed", "embarrassed shamed"),
    ("blamed faulted", "admired revered", "pitied lamented", "punished penalised",
     "envied begrudged", "feared dreaded", "scolded rebuked", "consoled comforted",
     "congratulated applauded", "rewarded honoured", "hated loathed", "respected esteemed",
     "criticised censured", "trusted believed", "mocked ridiculed", "forgave pardoned",
     "accused indicted", "valued prized", "mourned missed", "helped assisted"),
)  # fmt: skip
"""More verbs of the first two kinds, each of which training shows a few times only."""
_ASKED = ("she",) * 6 + ("the first", "the second")


def _label_law(kind: int) -> Law:
    return shares(*(29 if y == kind else 1 for y in range(len(LABELS))))


def invent(rng: random.Random) -> Content:
    """A content: two people in two kinds of places, a verb and a question."""
    kinds = rng.sample(range(len(LABELS)), 2)
    kind = rng.choice((0, 1, *range(len(_VERBS))))
    rare = kind < len(_RARE) and rng.random() < 0.5
    p_z, verbs = _VERBS[kind][0], _RARE[kind] if rare else _VERBS[kind][1]
    asked = rng.choice(_ASKED)
    if asked != "she":
        p_z = shares(4, 0) if asked == "the first" else shares(0, 4)
    person, tail = rng.choice(("woman", "girl")), rng.choice(("waited", "spoken"))
    first, second = (rng.choice(_PLACES[kind]) for kind in kinds)
    words = (first, rng.choice(verbs), second, "because since")
    return Content(
        (
            f"One {person} in the {{0}} {{1}} another in the {{2}} {{3}} she had {tail}. "
            f"Where was {asked}?",
        ),
        tuple(Slot(tuple(w.split()), shares(3, 1)) for w in words),
        p_z,
        tuple(_label_law(kind) for kind in kinds),
    )
