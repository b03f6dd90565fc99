r"""Result n_5: an answer flips only if the output moves by half the margins.

Claims, with m the margin between the two largest probabilities: if argmax q and argmax q' differ,
TV(q, q') >= (m + m')/2; so ``Pi(f(x') != f(x)) <= 2 S_TV(x)/m(x)``; and the confidences differ by
at most TV.

Proof. Let y0 and y1 be the two answers, a and b their indicators, q - q' = u - v. As y1 is not y0,
``m <= q(y0) - q(y1)`` and ``m' <= q'(y1) - q'(y0)``; as sums over labels,
``sum (a - b) q - m a >= 0`` and ``sum (b - a)(q - u + v) - m' b >= 0``. Taken off
``2 TV - m - m' = sum (u + v) - m a - m' b`` they leave ``u (1 - a) + u b + v (1 - b) + v a``, label
by label. Averaging ``2 TV >= m`` over the x' that flip gives the second claim. For the third, add
half of ``sum (u - v) = 0`` to ``TV - (q(y0) - q'(y1))`` and take ``sum (b - a) q' >= 0`` off:
``u (1 - a) + v a`` is left.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import solver
from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import distributional_sensitivity, max_confidence, total_variation

_FOLKLORE = "folklore in certified robustness (Lecuyer et al. 2019; Li et al. 2019)"


def _claim(name: str, title: str, statement: str, formula: str) -> Claim:
    return Claim(
        id=name,
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where="beside Theorem 4.3, for the argmax risk",
        severity="remark",
        ref=("total_variation", "distributional_sensitivity", "max_confidence"),
        bound=True,
        credit=_FOLKLORE,
    )


CLAIMS = (
    _claim(
        "n_5", "A flip of the answer moves the output by half the margins",
        "If the most likely labels of q and q' differ (ties broken in any way), TV(q, q') is at "
        "least half the sum of the margins of q and q'.",
        r"f(x') \ne f(x) \Rightarrow \mathrm{TV}(q_x, q_{x'}) \ge \tfrac12 (m(x) + m(x'))",
    ),
    _claim(
        "n_5.frequency", "Flips are at most as frequent as twice the sensitivity over the margin",
        "For a margin m(x) > 0, the probability that the answer at x' ~ Pi differs from that at x "
        "is at most 2 S_TV(x)/m(x).",
        r"\Pi(f(x') \ne f(x)) \le 2\,S_{\mathrm{TV}}(x)/m(x)",
    ),
    _claim(
        "n_5.confidence", "The confidence moves by at most the total variation",
        "The largest probabilities of two outputs differ by at most their total variation.",
        r"|\max q_x - \max q_{x'}| \le \mathrm{TV}(q_x, q_{x'})",
    ),
)  # fmt: skip
_u, _v, _a, _b, _q, _m, _n, _w, _f, _T = variables("u v a b q m m' w f TV")
_MOVED = {"u": _u, "v": _v, "a": _a, "b": _b, "1 - a": 1 - _a, "1 - b": 1 - _b}

FLIP = lemma(
    "n_5", (_u + _v) - _m * _a - _n * _b, atoms=_MOVED,
    products={("u", "1 - a"): 1, ("u", "b"): 1, ("v", "1 - b"): 1, ("v", "a"): 1},
    nonnegative={
        "margin of q": ((_a - _b) * _q - _m * _a, 1),
        "margin of q'": ((_b - _a) * (_q - _u + _v) - _n * _b, 1),
    },
    common="m m'",
)  # fmt: skip
"""``2 TV - m - m' >= 0``."""
FREQUENCY = lemma(
    "n_5.frequency", _w * (2 * _T - _m * _f),
    atoms={"w": _w, "2 TV - m where it flips": 2 * _T - _m * _f},
    products={("w", "2 TV - m where it flips"): 1}, common="m",
)  # fmt: skip
"""``2 S_TV - m Pi(flip) >= 0``: a sum over perturbations of weight w, f the indicator of a flip."""
CONFIDENCE = lemma(
    "n_5.confidence", HALF * (_u + _v) - _a * _q + _b * (_q - _u + _v), atoms=_MOVED,
    products={("u", "1 - a"): 1, ("v", "a"): 1},
    zero={"q and q' sum to 1": (_u - _v, HALF)},
    nonnegative={"y1 maximises q'": ((_b - _a) * (_q - _u + _v), 1)},
)  # fmt: skip
"""``TV - (max q - max q') >= 0``; the other sign by exchanging q and q'."""
_LEMMAS = {"n_5": FLIP, "n_5.frequency": FREQUENCY, "n_5.confidence": CONFIDENCE}


def margin(p: Any) -> Fraction:
    """The largest entry less the second largest."""
    first, second = sorted(p)[-2:][::-1]
    return Fraction(first - second)


def _exact(*values: Fraction | int) -> Any:
    return np.array([Fraction(v) for v in values], dtype=object)


def _encoding() -> list[str]:
    """Every pair of a grid whose answers differ: the encoded sums are what sua_ref computes."""
    zero = Fraction(0)
    for q, there in product(distributions(3, 4), repeat=2):
        y0, y1 = q.index(max(q)), there.index(max(there))
        x, y = _exact(*q), _exact(*there)
        tv = total_variation(x, y)
        if abs(max_confidence(x) - max_confidence(y)) > tv:
            return [f"q = {q}, q' = {there}: the confidences differ by more than {tv}"]
        if y0 == y1:
            continue
        values = [
            {"u": max(q[i] - there[i], zero), "v": max(there[i] - q[i], zero), "q": q[i],
             "a": Fraction(i == y0), "b": Fraction(i == y1), "m": margin(q), "m'": margin(there)}
            for i in range(3)
        ]  # fmt: skip
        sums = [
            sum((part.at(v) for v in values), zero)
            for part in (FLIP.statement.goal, *FLIP.statement.nonnegative_sums.values())
        ]
        if sums[0] != 2 * tv - margin(q) - margin(there) or min(sums) < 0:
            return [f"q = {q}, q' = {there}: the encoded sums are {sums}"]
    return []


def _swap() -> list[str]:
    """(1/2 + s, 1/2 - s) and its swap: both margins and TV are 2s."""
    for s in (Fraction(1, 10), Fraction(1, 3)):
        q, there = _exact(HALF + s, HALF - s), _exact(HALF - s, HALF + s)
        if not total_variation(q, there) == 2 * s == (margin(q) + margin(there)) / 2:
            return [f"s = {s}: no equality"]
    return []


def _barely() -> list[str]:
    """(1/2 + s, 1/2 - s) to a tie and t beyond: Pi(flip) = 1 and 2 S/m = 1 + t/s."""
    s = Fraction(1, 10)
    q = _exact(HALF + s, HALF - s)
    for t in (Fraction(1, 10**3), Fraction(1, 10**6)):
        there = _exact(HALF - t, HALF + t)[None, :]
        if 2 * distributional_sensitivity(q, there, divergence="tv") / margin(q) != 1 + t / s:
            return [f"t = {t}: not 1 + t/s"]
    return []


def _lean() -> list[str]:
    """(3/5, 2/5) and (4/5, 1/5): the confidences differ by TV = 1/5."""
    q, there = _exact(Fraction(3, 5), Fraction(2, 5)), _exact(Fraction(4, 5), Fraction(1, 5))
    moved = max_confidence(there) - max_confidence(q)
    return [] if moved == total_variation(q, there) == Fraction(1, 5) else ["no equality"]


def _small() -> list[str]:
    """A margin of 4/5 and S = 1/10: at most a quarter of the perturbations flip."""
    q, there = _exact(Fraction(9, 10), Fraction(1, 10)), _exact(Fraction(4, 5), Fraction(1, 5))
    share = 2 * distributional_sensitivity(q, there[None, :], divergence="tv") / margin(q)
    return [] if share == Fraction(1, 4) else [f"the bound is {share}"]


def _solved(claim: str) -> list[str]:
    """z3 on n = 2, 3, 4 labels: the negation is unsatisfiable, equality is satisfiable."""
    found = []
    for n in (2, 3, 4):
        (q, first), (there, second) = solver.simplex("q", n), solver.simplex("r", n)
        tv, base = solver.total_variation(q, there), [*first, *second]
        if claim == "n_5.confidence":
            rise = solver.largest(q) - solver.largest(there)
            found += solver.faults(base, rise > tv, (rise == tv) & (tv > 0))
            continue
        flips = [*(q[0] >= x for x in q), *(there[1] >= x for x in there)]
        m, other = q[0] - solver.largest(q[1:]), there[1] - solver.largest([*there[:1], *there[2:]])
        half = (m + other) / 2
        found += solver.faults([*base, *flips], tv < half, (tv == half) & (half > 0))
    return found


_TIGHT = {
    "n_5": (_swap, "equality: (1/2 + s, 1/2 - s) and its swap",
            [("q, q'", "(1/2 + s, 1/2 - s), (1/2 - s, 1/2 + s)"), ("m, m', TV", "2s, 2s, 2s")]),
    "n_5.frequency": (
        _barely, "approached: (1/2 + s, 1/2 - s) moved to (1/2 - t, 1/2 + t), t -> 0",
        [("q, q'", "(1/2 + s, 1/2 - s), (1/2 - t, 1/2 + t)"), ("Pi(flip)", "1"),
         ("2 S/m", "1 + t/s")]),
    "n_5.confidence": (_lean, "equality: (3, 2)/5 and (4, 1)/5",
                       [("q, q'", "(3/5, 2/5), (4/5, 1/5)"), ("TV", "1/5")]),
}  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_5."""
    tight, words, rows = _TIGHT[claim]
    drawn: list[Row] = rows
    runs = [FLIP.faults, FREQUENCY.faults] if claim == "n_5.frequency" else [_LEMMAS[claim].faults]
    found = [
        Piece(
            Kind.PROOF, "checked",
            "every finite number of labels and of perturbations, every way to break ties",
            lambda: [fault for run in runs for fault in run()],
        ),
        Piece(Kind.TIGHT, "checked", words, tight, instance=lambda: drawn),
        Piece(
            Kind.INFORMATIVE, "checked", "q = (9, 1)/10, q' = (4, 1)/5: margin 4/5, TV 1/10",
            _small,
        ),
    ]  # fmt: skip
    if claim == "n_5.frequency":
        return found
    return [
        *found,
        Piece(
            Kind.SUPPORT, "checked", "the encoding equals sua_ref's total variation and margins, "
            "in Fractions: n = 3, denominators of 4, 225 pairs", _encoding,
        ),
        Piece(
            Kind.SUPPORT, "solver", "z3: n = 2, 3, 4 labels, negation unsatisfiable, equality "
            "satisfiable", lambda: _solved(claim),
        ),
    ]  # fmt: skip
