r"""Result n_25: SUA from top-k lists: ``[S_low - lambda H_high, S_high - lambda H_low]``.

The upper end is attained where the tails have room: p's most concentrated tail, on tokens that no
perturbed output uses, makes S greatest and H least at once. The lower end is attained where no
perturbed list names a token that p's does not (even tails make S least and H greatest at once);
elsewhere S asks p's tail to follow q's, and H asks it to be even. With V unknown and mass unseen
the lower end is -infinity, for H has no upper bound.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks.balls import ball, log
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import attained, in_balls, outside, reported, row
from sua_ref import sua_enclosure, sua_score

_FOUND = "we found no earlier statement after a limited search"
CLAIMS = (
    Claim(
        id="n_25",
        kind="formal",
        title="SUA from top-k lists",
        statement="SUA lies between S_low - lambda H_high and S_high - lambda H_low.",
        formula=r"S_{\mathrm{low}} - \lambda H_{\mathrm{high}} \le \mathrm{SUA}_\lambda(x) \le "
        r"S_{\mathrm{high}} - \lambda H_{\mathrm{low}}",
        source="ours",
        where="beside Definition 3.9, for outputs known by their top k",
        severity="remark",
        ref=("sua_enclosure", "TopK", "sua_score"),
        uses=("n_20", "n_24"),
        bound=True,
        credit=_FOUND,
    ),
    Claim(
        id="n_25.truncated",
        kind="formal",
        title="SUA of the truncated lists is a possible value",
        statement=(
            "SUA computed with 0 for what a list does not name lies between the least and the "
            "greatest SUA that the lists admit."
        ),
        formula=r"\widetilde{\mathrm{SUA}} \in [\min \mathrm{SUA}, \max \mathrm{SUA}]",
        source="ours",
        where="common practice: scores of truncated log-probabilities",
        severity="remark",
        ref=("sua_enclosure", "sua_score"),
        repair="n_25",
        breaks="the entropy of the truncated list is below every possible one",
        credit=_FOUND,
    ),
)
_S, _Sl, _H, _Hh, _l = variables("S Sl H Hh lambda")
DIFFERENCE = lemma(
    "n_25", _S - _l * _H - _Sl + _l * _Hh,
    atoms={"S": _S - _Sl, "lambda": _l, "H": _Hh - _H}, products={("S",): 1, ("lambda", "H"): 1},
    common="lambda",
)  # fmt: skip
"""``SUA - lower end``; the upper end alike."""
P, Q = row(2, 1, 1, 0, 0, 0), row(1, 0, 0, 1, 1, 1)
"""Lists: 1/2 and 1/4 (p), 1/4 (q). p's tail 1/4 in one token, q's 3/4 in three others."""
EVEN, NEAR = row(2, 1, 1), row(1, 1, 2)


def _tight() -> list[str]:
    found = sua_enclosure(reported(P, [0, 1]), [reported(Q, [0])], lam=1, divergence="jsd",
                          vocab_size=9)  # fmt: skip
    s = sua_score(in_balls(P), in_balls(Q, Q)[:1], lam=ball(1), divergence="jsd")
    return attained(found.high, s)


def _informative() -> list[str]:
    """p = (2, 1, 1)/4 with the list 1/2: at lambda = 1 an interval of 0.35 nats, below 0."""
    found = sua_enclosure(reported(EVEN, [0]), [reported(EVEN, [0])], lam=1, divergence="tv",
                          vocab_size=3)  # fmt: skip
    exact = sua_score(in_balls(EVEN), in_balls(EVEN, EVEN)[:1], lam=ball(1), divergence="tv")
    low = attained(found.low, exact)
    return low + ([] if found.high < 0 else [f"{found}"])


def _truncated() -> list[str]:
    """Two tokens, lists of one, p = q: SUA is -log 2 for certain; the truncated value is half."""
    half = row(1, 1)
    top = reported(half, [0])
    found = sua_enclosure(top, [top], lam=1, divergence="tv", vocab_size=2)
    truncated = ball(Fraction(1, 2)) * -log(2)
    exact = sua_score(in_balls(half), in_balls(half, half)[:1], lam=ball(1), divergence="tv")
    certain = attained(found.low, exact) + attained(found.high, exact)
    return certain + ([] if outside(found, truncated) else [f"{truncated} in {found}"])


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_25."""
    if claim == "n_25.truncated":
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", "two tokens, lists of one, lambda = 1",
                  _truncated, instance=lambda: [("lists", "p, q: 1/2 of token 0, two tokens"),
                                    ("truncated SUA", "-(log 2)/2"), ("SUA", "-log 2")]),
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every lambda >= 0 and every completions, given the "
              "enclosures of S and H", DIFFERENCE.faults),
        Piece(Kind.TIGHT, "checked", "the upper end attained: p's tail where q has none", _tight,
              instance=lambda: [("lists", "p: 1/2, 1/4; q: 1/4, both of token 0 first"),
                                ("p, q", "(2, 1, 1, 0, 0, 0)/4, (1, 0, 0, 1, 1, 1)/4")]),
        Piece(Kind.INFORMATIVE, "checked", "p = (2, 1, 1)/4: certainly below 0, the lower end "
              "attained", _informative),
    ]  # fmt: skip
