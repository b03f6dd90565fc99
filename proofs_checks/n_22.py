r"""Result n_22: how far two outputs can be apart, given their top-k lists.

TV, JSD and squared Hellinger distance are a maximum (1, log 2, 1) less a sum of affinities:
``min(a, b)``, ``((a+b) log(a+b) - a log a - b log b)/2``, ``sqrt(a b)``. Each affinity is >= 0 and
increases in both arguments, so that a token that both lists name keeps at least the affinity of its
seen probabilities, and every other at least 0: the checker adds up. Both tails on tokens that
nothing else uses attain the bound, which ``ceil(r_p/s) + ceil(r_q/t)`` tokens outside both lists
allow.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import attained, in_balls, reported, row
from sua_ref import divergence, divergence_enclosure, total_variation

CLAIMS = (
    Claim(
        id="n_22",
        kind="formal",
        title="What two lists share bounds TV, JSD and Hellinger distance from above",
        statement=(
            "TV, JSD and squared Hellinger distance are at most their maximum less the affinities "
            "of the tokens that both lists name."
        ),
        formula=r"D \le D_{\max} - \sum_{A \cap B} g(a, b)",
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("divergence_enclosure", "TopK"),
        bound=True,
        credit="we found no earlier statement after a limited search",
    ),
    Claim(
        id="n_22.truncated",
        kind="formal",
        title="The total variation of truncated lists is a bound",
        statement=(
            "The total variation computed with 0 for what a list does not name is a lower bound of "
            "the true one, or an upper bound."
        ),
        formula=r"\tfrac12 \sum_{A \cup B} |\tilde a - \tilde b| \le \mathrm{TV} \text{ or } \ge",
        source="ours",
        where="common practice: divergences of truncated log-probabilities",
        severity="remark",
        ref=("total_variation",),
        repair="n_22",
        breaks="a token that one list leaves out may have the probability that the other names",
        credit="we found no earlier statement after a limited search",
    ),
)  # fmt: skip
_i, _w, _p, _q, _d, _g = variables("i w p q d g")
APART = lemma(
    "n_22", _w * (_p + _q) - _d - _i * _g,
    atoms={
        "affinity elsewhere": (1 - _i) * (_w * (_p + _q) - _d),
        "affinity where both name it": _i * (_w * (_p + _q) - _d - _g),
    },
    products={("affinity elsewhere",): 1, ("affinity where both name it",): 1}, common="w",
)  # fmt: skip
"""``max - sum g - D >= 0``: w = max/2, i the indicator of A and B, g the seen affinity."""
P, Q = row(1, 1, 0, 0, 0), row(1, 0, 1, 1, 1)
"""Disjoint tails: the lists name 1/2 and 1/4 of token 0."""


def _found(kind: str) -> Any:
    return divergence_enclosure(reported(P, [0]), reported(Q, [0]), kind=kind, vocab_size=5)


def _tight() -> list[str]:
    faults = []
    for kind in ("tv", "jsd", "hellinger2"):
        found = _found(kind)
        faults += attained(found.high, divergence(in_balls(P), in_balls(Q), kind=kind))
        faults += [] if found.sharp else [f"{kind}: not said to be sharp"]
    return faults


def _informative() -> list[str]:
    high = _found("tv").high
    return [] if abs(high - 0.75) < 1e-9 else [f"TV at most {high}, where 3/4 was wanted"]


def _truncated() -> list[str]:
    """p's list: 1/2 of token 0; q's list: 1/2 of token 1. Truncated TV 1/2; true TV 0 or 1."""
    half, zero = Fraction(1, 2), Fraction(0)
    truncated = (half + half) / 2
    same = np.array([half, half, zero, zero], dtype=object)
    apart = [
        np.array(x, dtype=object) for x in ([half, zero, half, zero], [zero, half, zero, half])
    ]
    if total_variation(same, same) >= truncated or total_variation(*apart) <= truncated:
        return ["no violation"]
    return []


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_22."""
    if claim == "n_22.truncated":
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", "one pair of lists, two pairs of completions",
                  _truncated, instance=lambda: [
                      ("lists", "p: 1/2 of token 0; q: 1/2 of token 1"), ("truncated TV", "1/2"),
                      ("p = q = (1, 1, 0, 0)/2", "0"),
                      ("(1, 0, 1, 0)/2, (0, 1, 0, 1)/2", "1")]),
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every number of tokens, every pair of completions",
              APART.faults),
        Piece(Kind.TIGHT, "checked", "attained for all three by disjoint tails", _tight,
              instance=lambda: [("lists", "1/2 and 1/4 of token 0, five tokens"),
                                ("p, q", "(2, 2, 0, 0, 0)/4, (1, 0, 1, 1, 1)/4")]),
        Piece(Kind.INFORMATIVE, "checked", "the same lists: TV at most 3/4", _informative),
    ]  # fmt: skip
