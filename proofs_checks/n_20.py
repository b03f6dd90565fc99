r"""Result n_20: the entropy, from the most likely tokens alone.

A list tells the probabilities a of the tokens in A, the first k of which are the most likely; s is
the least of these, r the unseen mass, N the number of unseen tokens. A completion keeps a, gives
every unseen token at most s, and all of them r together.

Proof of n_20. Entropy is Schur-concave (Marshall and Olkin 1979). Low: the tail (s, ..., s, r - j
s, 0, ...) with j = floor(r/s) has the largest partial sums that tails at or below s can have, so
that it majorises every one. High: the even tail, at r/N <= s, is majorised by all. Under rounding
every seen token has an interval [L, U], where L and U have the order of the log-probabilities: the
sum of any j probabilities is at most min(sum of the j largest U, 1 - sum of the other L), and
filling the tokens from L towards U in that order, then unseen ones up to s, attains this for all j
at once. The flattest is at one level c cut to each interval; ``-sum p log g - p + g`` with g this
distribution bounds the entropy of every p (Gibbs), and at g it is the entropy.

For n_20.renormalised: let h be the binary entropy. ``H = h(r) + (1-r) H' + r H"``, where H' is the
entropy of the renormalised list and H" that of the unseen tokens among themselves, none of which
has more than s/r. So H" >= log(r/s), k s <= 1 - r, H' <= log k; the checker adds the three.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import log_tangents
from proofs_checks.balls import Truth, balls, decide, greater, log
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row, written
from proofs_checks.lemma import lemma, variables
from proofs_checks.reported_lists import (
    attained,
    ball_of,
    completions,
    filled,
    in_balls,
    likeliest,
    outside,
    reported,
    row,
    spread,
)
from sua_ref import entropy, entropy_enclosure

_KNOWN = "majorisation, Marshall and Olkin 1979; bounds from the largest posteriors: Prasad 2014"
CLAIMS = (
    Claim(
        id="n_20",
        kind="formal",
        title="The entropy of a top-k list lies in a known interval",
        statement=(
            "Every completion of a top-k list has an entropy between that of the tail (s, ..., s, "
            "rest) and that of the even tail; both are attained."
        ),
        formula=(
            r"\sum_A \eta(a) + j\,\eta(s) + \eta(r - j s) \le H \le \sum_A \eta(a) + r \log(N/r), "
            r"\quad j = \lfloor r/s \rfloor"
        ),
        source="ours",
        where="beside Definition 3.6, for outputs known by their top k",
        severity="remark",
        ref=("entropy_enclosure", "TopK", "entropy"),
        bound=True,
        credit=_KNOWN,
    ),
    Claim(
        id="n_20.renormalised",
        kind="formal",
        title="Truncating and renormalising loses at least log 1/(1-r) of entropy",
        statement=(
            "The entropy exceeds that of the renormalised top-k list by at least log 1/(1-r), r > "
            "0 being the unseen mass."
        ),
        formula=r"H \ge H_{\mathrm{ren}} + \log\frac{1}{1-r}",
        source="ours",
        where="beside Definition 3.6, for outputs known by their top k",
        severity="remark",
        ref=("entropy",),
        bound=True,
        credit="we found no earlier statement after a limited search",
    ),
    Claim(
        id="n_20.truncated",
        kind="formal",
        title="The entropy of the truncated, renormalised list is a possible value",
        statement=(
            "The entropy of the renormalised top-k list lies between the least and the greatest "
            "entropy that the list admits."
        ),
        formula=r"H_{\mathrm{low}} \le H_{\mathrm{ren}} \le H_{\mathrm{high}}",
        source="ours",
        where="common practice: the entropy of truncated log-probabilities",
        severity="remark",
        ref=("entropy_enclosure", "TopK", "entropy"),
        repair="n_20",
        breaks="a renormalised list leaves out unseen mass, and with it entropy: n_20.renormalised",
        credit="the bias of truncated lists is known; its certain sign we found nowhere stated",
    ),
)  # fmt: skip
_p, _g, _m, _lp, _lg, _K = variables("p g m lp lg K")
GIBBS = lemma(
    "n_20", -_p * _lg - (_p - _g) + _p * _lp,
    atoms={"cell of KL(p, g)": _p * _lp - _p * _lg - _p + _g},
    products={("cell of KL(p, g)",): 1},
)  # fmt: skip
"""``-sum p log g - p + g >= H(p)``: the tangent of the entropy at g, for any g > 0."""
_r, _lr, _ls, _lk, _lo, _H1, _H2 = variables("r lr ls lk lo H' H''")
RENORMALISED = lemma(
    "n_20.renormalised", -_r * _lr - (1 - _r) * _lo + (1 - _r) * _H1 + _r * _H2 - _H1 + _lo,
    atoms={
        "r": _r, "H'' >= log(r/s)": _H2 - _lr + _ls, "k s <= 1 - r": _lo - _lk - _ls,
        "H' <= log k": _lk - _H1,
    },
    products={("r", "H'' >= log(r/s)"): 1, ("r", "k s <= 1 - r"): 1, ("r", "H' <= log k"): 1},
)  # fmt: skip
"""``H - H' + log(1 - r) >= 0``: lr, ls, lk, lo the logarithms of r, s, k and 1 - r."""
ROWS = (row(4, 2, 1, 1), row(5, 3, 3, 2, 1), row(3, 2, 2, 2, 1), row(6, 1, 1, 1, 1), row(2, 2, 2))


def _vertices() -> list[str]:
    """Every vertex, the even tail and the row itself, for each k of each row."""
    faults = []
    for p in ROWS:
        for k in range(1, len(p) + 1):
            seen = likeliest(p, k)
            found = entropy_enclosure(reported(p, seen), vocab_size=len(p))
            values = [entropy(in_balls(q)) for q in completions(p, seen)]
            if any(outside(found, h) for h in values):
                faults.append(f"{p}, k = {k}: a completion lies outside {found}")
            faults += attained(found.low, min(values, key=float))
            faults += attained(found.high, max(values, key=float))
    return faults


P, SEEN = row(8, 4, 2, 1, 1), [0, 1]


def _tight() -> list[str]:
    found = entropy_enclosure(reported(P, SEEN), vocab_size=5)
    ends = filled(P, SEEN, [2, 3, 4]), spread(P, SEEN)
    return [
        fault
        for end, q in zip((found.low, found.high), ends, strict=True)
        for fault in attained(end, entropy(in_balls(q)))
    ]


def _informative() -> list[str]:
    """Three quarters seen: H in [1.03, 1.32], of the [0, log 5] that are possible."""
    found = entropy_enclosure(reported(P, SEEN), vocab_size=5)
    share = (found.high - found.low) / 1.6
    return [] if found.low > 1 and share < 0.2 else [f"{found}"]


def _renormalised_gap(p: tuple[Fraction, ...], k: int) -> tuple[Any, Any]:
    seen = sum(p[:k], Fraction(0))
    return entropy(balls(p)) - entropy(balls([x / seen for x in p[:k]])), -log(seen)


def _renormalised_tight() -> list[str]:
    """Uniform rows: H = log n, H' = log k, 1 - r = k/n: equality."""
    faults = []
    for n, k in ((4, 3), (10, 9), (50, 20)):
        gap, bound = _renormalised_gap(tuple([Fraction(1, n)] * n), k)
        if not gap.overlaps(bound):
            faults.append(f"n = {n}, k = {k}: {gap} is not {bound}")
    return faults


def _renormalised_says() -> list[str]:
    """(8, 4, 2, 1, 1)/16 with k = 2: the loss is at least log 4/3, a fifth of H."""
    gap, bound = _renormalised_gap(P, 2)
    sure = decide(lambda: greater(gap, bound) and greater(bound * 5, entropy(balls(P))))
    return [] if sure is Truth.TRUE else [f"{gap}, {bound}"]


def _truncated() -> list[str]:
    """3 % unseen: the entropy of the renormalised list is below the least possible."""
    p = row(*_THREE_PERCENT)
    seen = likeliest(p, 4)
    mass = sum((p[y] for y in seen), Fraction(0))
    found = entropy_enclosure(reported(p, seen), vocab_size=len(p))
    renormalised = entropy(balls([p[y] / mass for y in seen]))
    if 1 - mass != Fraction(3, 100):
        return [f"the unseen mass is {1 - mass}"]
    sure = decide(lambda: greater(ball_of(found.low), renormalised))
    return [] if sure is Truth.TRUE else [f"{renormalised} is not below {found}"]


_THREE_PERCENT = (50, 30, 12, 5, 1, 1, 1)


def pieces(claim: str) -> list[Piece]:
    """The evidence for the records of n_20."""
    if claim == "n_20.truncated":
        drawn: list[Row] = [
            ("p", "(50, 30, 12, 5, 1, 1, 1)/100"), ("list", "the first 4; unseen: 0.03"),
            ("entropy of the renormalised list", "1.12"), ("certain interval", "[1.22, 1.25]"),
        ]  # fmt: skip
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", "seven tokens, 3 % of the mass unseen",
                  _truncated, instance=lambda: drawn),
        ]  # fmt: skip
    if claim == "n_20.renormalised":
        return [
            Piece(Kind.PROOF, "checked", "every list, every completion, r > 0: three inequalities "
                  "added, each of which is the definition of its terms or H <= log k",
                  RENORMALISED.faults),
            Piece(Kind.TIGHT, "checked", "equality at uniform rows", _renormalised_tight),
            Piece(Kind.INFORMATIVE, "checked", "(8, 4, 2, 1, 1)/16, k = 2: a fifth of the entropy",
                  _renormalised_says),
        ]  # fmt: skip
    return [
        written(Kind.PROOF, "every list, rounded or not, every completion", __doc__),
        Piece(Kind.SUPPORT, "checked", "the upper end: the tangent of the entropy, every number of "
              "tokens", lambda: log_tangents.tangent() + GIBBS.faults()),
        Piece(Kind.SUPPORT, "checked", "all vertices of the completions of all lists of five rows: "
              "inside, and both ends attained", _vertices),
        Piece(Kind.TIGHT, "checked", "(8, 4, 2, 1, 1)/16, k = 2: both ends attained", _tight,
              instance=lambda: [("list", "1/2, 1/4; r = 1/4, s = 1/4, N = 3"),
                                ("low", "the tail (1/4, 0, 0)"), ("high", "(1, 1, 1)/12")]),
        Piece(Kind.INFORMATIVE, "checked", "a quarter unseen: an interval of 0.27 nats, above 1",
              _informative),
    ]  # fmt: skip
