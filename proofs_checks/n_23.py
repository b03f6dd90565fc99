r"""Result n_23: the KL divergence, from top-k lists.

A list of q leaves every token that it does not name free to have the probability 0, if the unseen
mass fits on the others. One such token that p must use, or may, makes the supremum infinite. With a
known floor m of q on these tokens, ``log(p/q) <= log(p/m)`` there, and an unseen p is at most s:
the checker adds up.
"""

from __future__ import annotations

import math
from fractions import Fraction

from proofs_checks.balls import log
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import attained, in_balls, reported, row
from sua_ref import divergence_enclosure, kl_divergence

CLAIMS = (
    Claim(
        id="n_23",
        kind="formal",
        title="A floor bounds the KL divergence of two lists from above",
        statement=(
            "If q has at least m at every token that its list does not name, KL(p || q) is at most "
            "the sum of a log(a/b) over what both lists name, of a log(a/m) over what p's list "
            "alone names, and r_p log(s/m)."
        ),
        formula=(
            r"\mathrm{KL} \le \sum_{A \cap B} a \log\tfrac{a}{b} + \sum_{A \setminus B} a "
            r"\log\tfrac{a}{m} + r_p \log\tfrac{s}{m}"
        ),
        source="ours",
        where="beside Definition 3.2, for outputs known by their top k",
        severity="remark",
        ref=("divergence_enclosure", "TopK", "kl_divergence"),
        bound=True,
        credit="we found no earlier statement after a limited search",
    ),
    Claim(
        id="n_23.finite",
        kind="formal",
        title="Two lists bound the KL divergence from above",
        statement="The KL divergence of all completions of two top-k lists has a finite bound.",
        formula=r"\sup \mathrm{KL}(p \,\|\, q) < \infty",
        source="ours",
        where="common practice: KL divergences of truncated log-probabilities",
        severity="remark",
        ref=("divergence_enclosure", "TopK", "kl_divergence"),
        repair="n_23",
        breaks="a token that q's list does not name may have the probability 0 under q",
        credit="folklore",
    ),
)
_v, _t, _p, _lp, _lq, _lm, _ls = variables("v t p lp lq lm ls")
FLOOR = lemma(
    "n_23", _v * _p * (_lp - _lm) + _t * _p * (_ls - _lm) - (_v + _t) * _p * (_lp - _lq),
    atoms={
        "p named by its list alone": _v * _p, "p unseen": _t * _p, "q >= m": _lq - _lm,
        "p <= s": _ls - _lp,
    },
    products={
        ("p named by its list alone", "q >= m"): 1, ("p unseen", "p <= s"): 1,
        ("p unseen", "q >= m"): 1,
    },
    common="lm ls",
)  # fmt: skip
"""Bound less KL: v, t the indicators of what p's list alone names, and of what it does not; where
both name a token the two sides are equal. lp, lq, lm, ls are logarithms."""
P, Q = row(1, 1, 0), row(6, 1, 1)
M = Fraction(1, 8)
_TOPS = reported(P, [0, 1]), reported(Q, [0])


def _tight() -> list[str]:
    found = divergence_enclosure(*_TOPS, kind="kl", vocab_size=3, floor=M)
    return attained(found.high, kl_divergence(in_balls(P), in_balls(Q)))


def _informative() -> list[str]:
    """At most log(4/3) + log 2 (each halved): below 0.5."""
    found = divergence_enclosure(*_TOPS, kind="kl", vocab_size=3, floor=M)
    exact = (log(Fraction(2, 3)) + log(4)) / 2
    return attained(found.high, exact) + ([] if found.high < Fraction(1, 2) else [f"{found}"])


def _infinite() -> list[str]:
    """q = (3/4, 0, 1/4) fits the list of (3/4, ...), and p uses its token of probability 0."""
    q = row(3, 0, 1)
    value = kl_divergence(in_balls(P), in_balls(q))
    found = divergence_enclosure(*_TOPS, kind="kl", vocab_size=3)
    if q[0] != Q[0] or max(q[1:]) > Q[0]:
        return ["q does not fit the list"]
    infinite = not value.is_finite() and not value.is_nan() and found.high == math.inf
    return [] if infinite else [f"{value}, {found}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_23."""
    if claim == "n_23.finite":
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", "three tokens: a completion with q = 0 < p",
                  _infinite, instance=lambda: [
                      ("lists", "p: 1/2, 1/2 of tokens 0, 1; q: 3/4 of token 0"),
                      ("p, q", "(2, 2, 0)/4, (3, 0, 1)/4"), ("KL", "infinite")]),
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every number of tokens, every pair of completions with q >= "
              "m outside q's list", FLOOR.faults),
        Piece(Kind.TIGHT, "checked", "attained: p = (1, 1, 0)/2, q = (6, 1, 1)/8, m = 1/8", _tight,
              instance=lambda: [("lists", "p: 1/2, 1/2; q: 3/4; m = 1/8"),
                                ("KL", "(log 2/3 + log 4)/2")]),
        Piece(Kind.INFORMATIVE, "checked", "the same lists: at most 0.49", _informative),
    ]  # fmt: skip
