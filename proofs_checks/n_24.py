r"""Result n_24: the sensitivity, from top-k lists of the reference and of K perturbed outputs.

The mean of the K enclosures encloses S. The upper end is attained where p's tail finds room beside
the tails of every perturbed output: one placement of p's tail is then the farthest from all of
them. The lower end need not be: the nearest placements of p's tail may differ.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from proofs_checks.balls import ball
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import attained, in_balls, reported, row
from sua_ref import distributional_sensitivity, sensitivity_enclosure, total_variation

_FOUND = "we found no earlier statement after a limited search"
CLAIMS = (
    Claim(
        id="n_24",
        kind="formal",
        title="The mean of the K enclosures encloses the sensitivity",
        statement="S(x) lies between the means of the K lower and of the K upper ends.",
        formula=(
            r"\tfrac1K \sum_k D^{\mathrm{low}}_k \le S(x) \le "
            r"\tfrac1K \sum_k D^{\mathrm{high}}_k"
        ),
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("sensitivity_enclosure", "TopK", "distributional_sensitivity"),
        uses=("n_21", "n_22"),
        bound=True,
        credit=_FOUND,
    ),
    Claim(
        id="n_24.attained",
        kind="formal",
        title="The mean of the K lower ends is attained",
        statement="Some completion of all lists has the mean of the least divergences as its S(x).",
        formula=r"\min S(x) = \tfrac1K \sum_k D^{\mathrm{low}}_k",
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("sensitivity_enclosure", "total_variation"),
        repair="n_24",
        breaks="the reference is one distribution, and K perturbed outputs may call it to K places",
        credit=_FOUND,
    ),
)  # fmt: skip
_w, _D, _E = variables("w D E")
MEAN = lemma("n_24", _w * (_D - _E), atoms={"w": _w, "D_k >= its lower end": _D - _E},
             products={("w", "D_k >= its lower end"): 1})  # fmt: skip
"""``S - mean of the lower ends``, a sum over perturbations of weight w; the upper end alike."""
P, QS = row(1, 1, 0, 0, 0), (row(1, 0, 1, 1, 1), row(2, 0, 1, 1, 0))
"""The upper end: tails on tokens of their own. Lists: 1/2; 1/4; 1/2, all of token 0."""
ONE, OTHER = row(1, 1, 0), row(1, 0, 1)
"""The lower end: p's list names 1/2; whole lists (1, 1, 0)/2 and (1, 0, 1)/2."""


def _tight() -> list[str]:
    tops = [reported(q, [0]) for q in QS]
    faults = []
    for kind in ("tv", "jsd", "hellinger2"):
        found = sensitivity_enclosure(reported(P, [0]), tops, divergence=kind, vocab_size=5)
        s = distributional_sensitivity(in_balls(P), in_balls(*QS), divergence=kind)
        faults += attained(found.high, s) + ([] if found.sharp else ["not said to be sharp"])
    return faults


def _informative() -> list[str]:
    """Both ends away from 0 and 1: TV in [1/8, 5/8]."""
    found = sensitivity_enclosure(
        reported(P, [0]), [reported(q, [0]) for q in QS], divergence="tv", vocab_size=9
    )
    exact = (Fraction(1, 8), Fraction(5, 8))
    return attained(found.low, ball(exact[0])) + attained(found.high, ball(exact[1]))


def _shared() -> list[str]:
    """Each list alone admits TV = 0; together TV(q1, q2) = 1/2 keeps S at 1/4 or more."""
    tops = [reported(ONE, [0, 1]), reported(OTHER, [0, 2])]
    found = sensitivity_enclosure(reported(ONE, [0]), tops, divergence="tv", vocab_size=3)
    apart = total_variation(*(np.array(x, dtype=object) for x in (ONE, OTHER)))
    least = apart / 2  # TV(q1, q2) <= TV(p, q1) + TV(p, q2)
    return [] if found.low < least == Fraction(1, 4) else [f"{found}, least {least}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_24."""
    if claim == "n_24.attained":
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", "K = 2, three tokens, total variation: the mean "
                  "of the lower ends is 0, S at least 1/4 by the triangle inequality", _shared,
                  instance=lambda: [
                      ("lists", "p: 1/2 of token 0; q1: (1, 1, 0)/2; q2: (1, 0, 1)/2"),
                      ("lower ends", "0, 0"), ("S", "at least 1/4")]),
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every K, every weights, every completions, given the "
              "enclosure of each divergence", MEAN.faults),
        Piece(Kind.TIGHT, "checked", "the upper end attained: tails of their own", _tight),
        Piece(Kind.INFORMATIVE, "checked", "lists of one token: TV between 1/8 and 5/8",
              _informative),
    ]  # fmt: skip
