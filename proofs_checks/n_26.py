r"""Result n_26: what top-k lists tell of answers: the additive score, the margin, a flip.

``e = 1 - max p`` is on the list, for k >= 1. So ``e + 2 S_TV`` lies between e + 2 S_low and e + 2
S_high, at most 3, whatever the size of the vocabulary.

Proof of n_26.answer. The most likely token is among the first k, since no other has more than the
least of these. k >= 2: so is the second most likely probability. k = 1: the unseen tokens have r
together, the largest of them at least r/N (even tail) and at most min(p_1, r) (a tail on as few
tokens as will hold it). A flip is certain where no token can be most likely in both, impossible
where one token alone can be in each, and open otherwise: a completion of each list makes any
candidate of it most likely, ties being ties.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from proofs_checks.balls import ball
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, written
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import attained, completions, in_balls, likeliest, reported, row
from sua_ref import additive_score, additive_score_enclosure, flip_enclosure, margin_enclosure

_FOUND = "we found no earlier statement after a limited search"
CLAIMS = (
    Claim(
        id="n_26",
        kind="formal",
        title="The additive score from top-k lists, without knowing V",
        statement=(
            "The additive score lies between e + 2 S_low and e + 2 S_high of total variation, "
            "which are finite for every size of the vocabulary, unknown ones included."
        ),
        formula=(
            r"e + 2 S_{\mathrm{low}} \le e(x) + 2 S_{\mathrm{TV}}(x) \le "
            r"e + 2 S_{\mathrm{high}}"
        ),
        source="ours",
        where="beside n_3, for outputs known by their top k",
        severity="remark",
        ref=("additive_score_enclosure", "TopK", "additive_score"),
        uses=("n_3", "n_24"),
        bound=True,
        credit=_FOUND,
    ),
    Claim(
        id="n_26.answer",
        kind="formal",
        title="Margin and flip from top-k lists",
        statement=(
            "The margin is on the list for k >= 2, and within [p_1 - min(p_1, r), p_1 - r/N] for k "
            "= 1; a flip is certain, impossible or open according to the candidates of both lists."
        ),
        formula=r"p_1 - \min(p_1, r) \le m(x) \le p_1 - r/N, \quad k = 1",
        source="ours",
        where="beside n_5, for outputs known by their top k",
        severity="remark",
        ref=("margin_enclosure", "flip_enclosure"),
        credit=_FOUND,
    ),
)  # fmt: skip
_e, _S, _E = variables("e S Sl")
SCORE = lemma("n_26", _e + 2 * _S - _e - 2 * _E, atoms={"S": _S - _E}, products={("S",): 2})
"""``score - lower end``; the upper end alike."""
P, Q = row(1, 1, 0, 0, 0), row(1, 0, 1, 1, 1)


def _tight() -> list[str]:
    """V unknown: disjoint tails attain the upper end, e + 2 (3/4)."""
    found = additive_score_enclosure(reported(P, [0]), [reported(Q, [0])])
    s = additive_score(in_balls(P), in_balls(Q, Q)[:1])
    return attained(found.high, s) + attained(found.high, ball(2))


def _informative() -> list[str]:
    """Nine tenths shared, V unknown: the score is within [1/10, 3/10], of [0, 3]."""
    top = reported(row(9, 1), [0])
    found = additive_score_enclosure(top, [top])
    return attained(found.low, ball(Fraction(1, 10))) + attained(found.high, ball(Fraction(3, 10)))


ROWS = (row(4, 2, 1, 1), row(1, 1, 3, 5), row(2, 2, 2, 2), row(1, 6, 2, 1), row(0, 1, 1, 6))


def _answers() -> list[str]:
    """Vertices, even tails and the rows: margins and flips keep to what is said."""
    faults = []
    for p, q in product(ROWS, repeat=2):
        for k, j in product((1, 2), repeat=2):
            a, b = likeliest(p, k), likeliest(q, j)
            margin = margin_enclosure(reported(p, a), vocab_size=4)
            flips = flip_enclosure(reported(p, a), reported(q, b), vocab_size=4)
            for x, y in product(completions(p, a), completions(q, b)):
                first, second = sorted(x, reverse=True)[:2]
                best = [{i for i in range(4) if z[i] == max(z)} for z in (x, y)]
                if not margin.low <= first - second <= margin.high:
                    faults.append(f"{x}: a margin outside {margin}")
                if (flips.low == 1 and best[0] & best[1]) or (
                    flips.high == 0 and best[0] != best[1]
                ):
                    faults.append(f"{x}, {y}: not {flips}")
    return faults


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_26."""
    if claim == "n_26.answer":
        return [
            written(Kind.PROOF, "every list and every completion", __doc__),
            Piece(Kind.SUPPORT, "checked", "every pair of vertices of 100 pairs of lists over four "
                  "tokens", _answers),
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every completions, given the enclosure of S", SCORE.faults),
        Piece(Kind.TIGHT, "checked", "the upper end attained by disjoint tails, V unknown", _tight,
              instance=lambda: [("lists", "1/2 and 1/4 of token 0"), ("score", "1/2 + 2 (3/4)")]),
        Piece(Kind.INFORMATIVE, "checked", "nine tenths seen, V unknown: within [1/10, 3/10]",
              _informative),
    ]  # fmt: skip
