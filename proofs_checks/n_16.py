r"""Result n_16: for the binnings in use, lambda = 3/(2 log 2) serves, and is the least.

Let every bin lie in one of the confidence intervals [0, 18/25], [29/50, 9/10], [13/20, 1], as each
of B equal bins does for B = 3 and every B >= 5. Under the hypotheses of n_1, with Conf = max q,

    ECE >= (1/2) (E S_TV - (3/(2 log 2)) E H - E delta 1{flip}).

Proof. Give a bin the weight u = 1/2, 3/4 or 1, by its interval. With e = 1 - Conf let eta =
h(e)/log 2 for e <= 1/2 and 2e beyond; H >= eta log 2, by n_17 (where G(e) = h(e), there being one
atom 1 - e) and n_17.linear. Each interval is chosen such that, on it,

    (i)  (1 + u) e <= (3/4) eta        (ii)  u (1 - e) + (3/4) eta >= 1.

By 1 and 2 of :mod:`proofs_checks.flip_pairs`, 2 ECE is at least the mean over pairs of
``u (c - a) + u' (c' - a')``. Without a flip a, a' <= 1 and T <= e + e', so that
``u (c - a) + u' (c' - a') >= -u e - u' e' >= T - (3/4)(eta + eta')`` by (i) for both. On a flip
T <= 1; let u >= u'. By 4, ``u a + u' a' <= u + delta u' <= u + delta``, so that the sum is at least
``-u e + u' (1 - e') - delta``, which (i) for one member and (ii) for the other make at least ``1 -
(3/4)(eta + eta') - delta``. Take means: E (eta + eta')/2 = E eta <= E H/log 2.

(i) and (ii) ask that a concave function of e be >= 0 on an interval: its ends decide. Equal bins:
for B = 3, 5, 6, 7 by hand; from 8 on a bin is at most 1/8 wide, and each two neighbouring intervals
of the three overlap by more. For B = 4 the bin (1/2, 3/4] lies in none, and
the world ``four_bins`` violates the bound; the least lambda of 2 and 4 bins is in n_28.

Least: in the world ``three_labels`` ECE = 0 bin by bin, S = 3/4 and H = (log 2)/2.

For any weights u_b in [0, 1] the same proof gives, label-free,
``ECE >= E u Conf - E ((u + u') 1{no flip} + (max(u, u') + delta min(u, u')) 1{flip})/2``.

Two labels, one bin for each confidence: with u = 1 - 2e, lambda = 1/log 2 serves, and is the least.
There T <= max(e, e') - min(e, e') without a flip and T = 1 - e - e' with one, and all that is asked
is ``h(e) >= 4 e (1 - e) log 2``: see :mod:`proofs_checks.binary_entropy`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs_checks import balls
from proofs_checks import binary_entropy as curve
from proofs_checks import calibration_worlds as worlds
from proofs_checks import flip_pairs as pairs
from proofs_checks import flip_witnesses as seen
from proofs_checks.balls import decide, greater
from proofs_checks.calibration_worlds import World
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, Lemma, lemma, variables

_OURS = (
    "we found no earlier statement after a limited search; 4 e (1 - e) log 2 <= h(e) is classical "
    "(Topsoe 2001)"
)


def _claim(name: str, title: str, statement: str, formula: str, **more: Any) -> Claim:
    return Claim(
        id=name, kind="formal", title=title, statement=statement, formula=formula, source="ours",
        where="repair of Theorem 4.5, for the binnings in use", severity="conclusion",
        ref=("ece_lower_bound_from_sensitivity", "population_calibration_error"), credit=_OURS,
        **more,
    )  # fmt: skip


CLAIMS = (
    _claim(
        "n_16", "Sensitivity beyond entropy, for the binnings in use",
        "Let every bin lie in one of the confidence intervals [0, 18/25], [29/50, 9/10], [13/20, "
        "1]; equal bins do if B = 3 or B >= 5. If X' has the law of X and the label law moves by "
        "at most delta, then with Conf = max q the ECE is at least (E S_TV - (3/(2 log 2)) E H - E "
        "delta 1{flip})/2.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{3}{2\log 2}\mathbb{E}H"
        r" - \mathbb{E}\,\delta 1\{f(X') \ne f(X)\}\right)",
        bound=True, uses=("n_1.flips", "n_1.flip_lemma", "n_17", "n_17.linear"),
    ),
    _claim(
        "n_16.least_lambda", "3/(2 log 2) is the least lambda, however fine the bins",
        "With three or more labels, for lambda < 3/(2 log 2) and c > 0, ECE >= c (E S_TV - lambda "
        "E H) fails in a stationary, label-invariant world, one for all such lambda, c and every "
        "binning.",
        r"\mathrm{ECE} = 0,\quad \mathbb{E}S = \tfrac34,\quad \mathbb{E}H = \tfrac12\log 2",
    ),
    _claim(
        "n_16.weighted", "The general weighted form, label-free",
        "Under the hypotheses of n_1, for every confidence function, every binning and all weights "
        "u_b in [0, 1] of its bins: ECE >= E u Conf - E ((u + u') 1{no flip} + (max(u, u') + delta "
        "min(u, u')) 1{flip})/2. With u = 1 it is n_1.flips.",
        r"\mathrm{ECE} \ge \mathbb{E}\,u\,\mathrm{Conf} - \tfrac12\mathbb{E}\left[(u + u')"
        r"1\{f = f'\} + (u \vee u' + \delta\, u \wedge u')1\{f \ne f'\}\right]",
        bound=True, uses=("n_1.flips",),
    ),
    _claim(
        "n_16.two_labels", "Two labels, one bin for each confidence: 1/log 2",
        "With two labels, Conf = max q and one bin for each confidence value, under the hypotheses "
        "of n_1 the ECE is at least (E S_TV - (1/log 2) E H - E delta 1{flip})/2; for a smaller "
        "lambda and any c > 0, ECE >= c (E S_TV - lambda E H) fails.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{1}{\log 2}\mathbb{E}H"
        r" - \mathbb{E}\,\delta 1\{f(X') \ne f(X)\}\right)",
        bound=True, uses=("n_1.flips",),
    ),
    _claim(
        "n_16.four_bins", "The same for four equal bins",
        "In every stationary, label-invariant world the ECE of 4 equal bins is at least (E S_TV - "
        "(3/(2 log 2)) E H)/2.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{3}{2\log 2}\mathbb{E}H\right)",
        breaks="the bin from 1/2 to 3/4 lies in none of the intervals of n_16",
        repair="n_28.four_bins",
    ),
)  # fmt: skip

INTERVALS = {
    HALF: (Fraction(0), Fraction(18, 25)),
    Fraction(3, 4): (Fraction(29, 50), Fraction(9, 10)),
    Fraction(1): (Fraction(13, 20), Fraction(1)),
}
"""By weight u: the confidences of the bins that may have it."""

_u, _uu, _a, _aa, _e, _ee, _T, _d, _n, _nn = variables("u u' a a' e e' T delta eta eta'")


def on_pairs(claim: str, share: Fraction) -> tuple[Lemma, Lemma]:
    """``u (c - a) + u' (c' - a') - T + share (eta + eta') >= 0`` without a flip; the same plus
    delta on one, u >= u'."""
    gain = _u * (1 - _e - _a) + _uu * (1 - _ee - _aa) - _T + share * (_n + _nn)
    first = {"(i)": share * _n - (1 + _u) * _e}
    kept = lemma(
        claim, gain,
        atoms={
            "u": _u, "u'": _uu, "1 - a": 1 - _a, "1 - a'": 1 - _aa, "flip lemma": _e + _ee - _T,
            **first, "(i)'": share * _nn - (1 + _uu) * _ee,
        },
        products={
            ("u", "1 - a"): 1, ("u'", "1 - a'"): 1, ("flip lemma",): 1, ("(i)",): 1, ("(i)'",): 1,
        },
    )  # fmt: skip
    flipped = lemma(
        claim, gain + _d,
        atoms={
            "accuracy": _u + _d * _uu - _u * _a - _uu * _aa, "1 - u'": 1 - _uu, "delta": _d,
            "e": _e, "T <= 1": 1 - _T, **first, "(ii)'": _uu * (1 - _ee) + share * _nn - 1,
        },
        products={
            ("accuracy",): 1, ("1 - u'", "delta"): 1, ("T <= 1",): 1, ("(i)",): 1, ("e",): 1,
            ("(ii)'",): 1,
        },
    )  # fmt: skip
    return kept, flipped


KEPT, FLIPPED = on_pairs("n_16", Fraction(3, 4))
TWO_KEPT = lemma(
    "n_16.two_labels", (1 - 2 * _e) * (1 - _e - _a) + (1 - 2 * _ee) * (1 - _ee - _aa) - (_ee - _e)
    + HALF * (_n + _nn),
    atoms={
        "u": 1 - 2 * _e, "u'": 1 - 2 * _ee, "1 - a": 1 - _a, "1 - a'": 1 - _aa, "e": _e,
        "curve": _n - 4 * _e * (1 - _e), "curve'": _nn - 4 * _ee * (1 - _ee),
    },
    products={
        ("u", "1 - a"): 1, ("u'", "1 - a'"): 1, ("curve",): HALF, ("curve'",): HALF, ("e",): 2,
    },
)  # fmt: skip
"""Two labels, no flip, e <= e': T = e' - e."""
TWO_FLIPPED = lemma(
    "n_16.two_labels", (1 - 2 * _e) * (1 - _e - _a) + (1 - 2 * _ee) * (1 - _ee - _aa)
    - (1 - _e - _ee) + HALF * (_n + _nn) + _d,
    atoms={
        "accuracy": (1 - 2 * _e) + _d * (1 - 2 * _ee) - (1 - 2 * _e) * _a - (1 - 2 * _ee) * _aa,
        "e": _e, "e'": _ee, "delta": _d, "curve": _n - 4 * _e * (1 - _e),
        "curve'": _nn - 4 * _ee * (1 - _ee),
    },
    products={
        ("accuracy",): 1, ("delta", "e'"): 2, ("curve",): HALF, ("curve'",): HALF, ("e",): 2,
    },
)  # fmt: skip
"""Two labels, a flip, e <= e' and so u >= u': T = 1 - e - e'."""


def intervals() -> list[str]:
    """(i) and (ii) at both ends of the errors of each interval, and at 1/2 within the first."""
    faults = []
    for u, (low, high) in INTERVALS.items():
        for e in {1 - high, min(1 - low, HALF), 1 - low}:
            faults += curve.conditions(u, e)
    return faults


def proof() -> list[str]:
    """All lemmas of n_16."""
    faults = pairs.proved(*pairs.EVERY_FLIP, KEPT, FLIPPED, curve.CONCAVE) + intervals()
    return faults + pairs.rerun("n_17") + pairs.rerun("n_17.linear")


def admissible(n_bins: int) -> list[str]:
    """The equal bins that lie in none of the intervals."""
    edges = [Fraction(k, n_bins) for k in range(n_bins + 1)]
    return [
        f"the bin from {a} to {b} is in none of the intervals"
        for a, b in pairwise(edges)
        if not any(low <= a and b <= high for low, high in INTERVALS.values())
    ]


def every_equal_binning() -> list[str]:
    """B = 3, 5, 6, 7, and the overlaps that serve all narrower bins; B = 1, 2, 4 fail."""
    faults = [fault for n in (3, 5, 6, 7) for fault in admissible(n)]
    faults += [f"{n} bins pass" for n in (1, 2, 4) if not admissible(n)]
    ends = sorted(INTERVALS.values())
    if (ends[0][0], ends[-1][1]) != (Fraction(0), Fraction(1)):
        faults.append("the intervals do not reach 0 and 1")
    overlaps = [before[1] - after[0] for before, after in pairwise(ends)]
    return faults + ([] if min(overlaps) >= Fraction(1, 8) else [f"overlaps {overlaps}"])


def _all_of_it() -> list[str]:
    return proof() + every_equal_binning()


def _two_labels() -> list[str]:
    faults = pairs.proved(*pairs.FLIPS, TWO_KEPT, TWO_FLIPPED) + curve.parabola()
    return faults + seen.no_smaller_lambda(worlds.CERTAIN_AND_TORN, Fraction(1), None)


def _least() -> list[str]:
    return seen.no_smaller_lambda(worlds.THREE_LABELS, Fraction(3, 2), None)


def _four_bins() -> list[str]:
    world = worlds.FOUR_BINS
    faults = world.hypothesis_faults() + seen.same("ECE", seen.error(world, 4), Fraction(0))
    s = world.sensitivity()
    exceeds = decide(
        lambda: greater(balls.ball(s), balls.ball(Fraction(3, 2)) * world.entropy() / balls.log(2))
    )
    return faults + seen.shown(exceeds, "S > (3/(2 log 2)) H")


_PROOFS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "n_16": (
        "every finite number of inputs and labels, every binning within the intervals; equal bins, "
        "B = 3 and every B >= 5", _all_of_it,
    ),
    "n_16.least_lambda": ("every smaller lambda and every c > 0, by one world", _least),
    "n_16.weighted": (
        "every finite number of inputs, labels and bins", lambda: pairs.proved(*pairs.FLIPS)
    ),
    "n_16.two_labels": (
        "the bound in every finite world of two labels; every smaller lambda and every c > 0, by "
        "one world", _two_labels,
    ),
}  # fmt: skip


def speaks() -> list[str]:
    """Half of the inputs flip at entropy 0: every one of the bounds says 1/4."""
    world = seen.RARE_FLIPS
    faults = world.hypothesis_faults() + seen.same("S", world.sensitivity(), HALF)
    return faults + ([] if world.entropy().is_zero() else ["H is not 0"])


def _equality(world: World, least: Fraction) -> Callable[[], list[str]]:
    """``S = lambda H`` and ECE = 0, at an entropy that is not 0."""
    return lambda: seen.no_smaller_lambda(world, least, None)


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_16."""
    if claim == "n_16.four_bins":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "ECE = 0 in Fractions, S > (3/(2 log 2)) H by "
                "balls", _four_bins, instance=worlds.FOUR_BINS.lines,
            )
        ]  # fmt: skip
    scope, proof = _PROOFS[claim]
    if claim == "n_16.least_lambda":
        return [Piece(Kind.PROOF, "checked", scope, proof, instance=worlds.THREE_LABELS.lines)]
    found = [
        Piece(Kind.PROOF, "checked", scope, proof),
        Piece(
            Kind.TIGHT, "checked", "equality at 1/2: confidence 1, every pair flips, labels are "
            "coins", seen.flipped_coins, instance=worlds.FLIPPED_COINS.lines,
        ),
        Piece(Kind.INFORMATIVE, "checked", "half of the inputs flip: the bound is 1/4", speaks),
    ]  # fmt: skip
    if claim == "n_16":
        found += [
            Piece(
                Kind.TIGHT, "checked", "equality at 0 with H = (log 2)/2, bin by bin",
                _equality(worlds.THREE_LABELS, Fraction(3, 2)), instance=worlds.THREE_LABELS.lines,
            ),
            Piece(
                Kind.SUPPORT, "checked", "(i) and (ii) by branch and bound, strictly, within the "
                "intervals", curve.boxes,
            ),
        ]  # fmt: skip
    if claim == "n_16.two_labels":
        found.append(
            Piece(
                Kind.TIGHT, "checked", "equality at 0 with H = (log 2)/2, bin by bin",
                _equality(worlds.CERTAIN_AND_TORN, Fraction(1)),
                instance=worlds.CERTAIN_AND_TORN.lines,
            )
        )  # fmt: skip
    return found
