r"""Result n_28: the least lambda of two and of four equal bins, which n_16 leaves out.

**Two bins.** None below 2/log 2, as with one bin. Let e < 1/2; pairs of certain answers that flip
on coins have the mass e/(1 + e), and pairs (1, 0), (1 - e, e) of label 0 the rest. All confidences
lie in the bin above 1/2, where the former gap makes up for the latter: ECE = 0. And

    (1 + e)(S - lambda H) = 2 e - lambda h(e)/2  >=  2 e - lambda (log 2)/2,

which is > 0 for e > lambda log 2/4: there is such an e for every lambda < 2/log 2.

**Four bins.** Let no bin have confidences on both sides of 3/4, and let

    lambda = 14/(14 log 2 - 3 log 3) = 2.18... (2/log 2 is 2.88..., 3/(2 log 2) is 2.16...).

Then under the hypotheses of n_1, with Conf = max q, ``ECE >= (E S_TV - lambda E H - E delta
1{flip})/2``; for four equal bins no smaller lambda will do.

Proof of the bound: that of n_16, with the weight u = 1 on bins above 3/4 and v = lambda log 2 - 1 =
3 log 3/(14 log 2 - 3 log 3) below. With N = (lambda/2) log 2 eta(e), the entropy accounted for, it
needs

    (i)  N >= (1 + u) e        (ii)  u (1 - e) + N >= 1.

Both ask that a function of e be >= 0 that is concave up to 1/2 and linear beyond, so the ends
decide. At e = 0 both are equalities for u = 1. At e = 1/4, where h = 2 log 2 - (3/4) log 3, (ii) is
one for v. At e = 1/2 and beyond (i) is one for v. What is left is ``28 log 2 >= 15 log 3``, ``9 log
3 >= 14 log 2``, ``2 log 2 >= log 3`` and ``14 log 2 > 3 log 3``: inequalities between integers.

Least: let s > 0 be small. Pairs (1, 0, 0), (1/2 + s, 1/2 - s, 0) have the mass a in proportion to
3/4 - s, pairs (1, 0, 0), (0, 3/4 - s, 1/4 + s) the rest, in proportion to 1/2 - s; the label is 0.
In the bin from 1/2 to 3/4 the gaps make up for each other: ECE = 0. By Gibbs' inequality
``h(1/4 + s) <= h(1/4) + s log 3``, so that S - lambda H is, but for a positive factor, at least
``7/4 - lambda (14 log 2 - 3 log 3)/8 - s (9/2 + lambda log 3/2)``: for a smaller lambda, > 0 for s
small.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_checks import balls, def_3_6, log_tangents, n_1, n_16
from proofs_checks import calibration_worlds as worlds
from proofs_checks import flip_pairs as pairs
from proofs_checks import flip_witnesses as seen
from proofs_checks.balls import decide, greater
from proofs_checks.binary_entropy import CONCAVE
from proofs_checks.calibration_worlds import World, swaps
from proofs_checks.checker import Polynomial
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, lemma, variables
from proofs_checks.mixtures import equal
from sua_ref import population_calibration_error

_OURS = "we found no earlier statement after a limited search"


def _claim(name: str, title: str, statement: str, formula: str, **more: Any) -> Claim:
    return Claim(
        id=f"n_28.{name}", kind="formal", title=title, statement=statement, formula=formula,
        source="ours", where="repair of Theorem 4.5, for two and for four equal bins",
        severity="conclusion",
        ref=("ece_lower_bound_from_sensitivity", "population_calibration_error"), credit=_OURS,
        **more,
    )  # fmt: skip


CLAIMS = (
    _claim(
        "two_bins", "Two equal bins: the least lambda is 2/log 2",
        "With two equal bins and Conf = max q, some c > 0 has ECE >= c (E S_TV - lambda E H) in "
        "every stationary, label-invariant world if and only if lambda >= 2/log 2; then c = 1/2 "
        "has.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{2}{\log 2}\mathbb{E}H\right)",
        uses=("n_1.sensitivity",),
    ),
    _claim(
        "four_bins", "Four equal bins: the least lambda is 14/(14 log 2 - 3 log 3)",
        "Let no bin have confidences on both sides of 3/4, as four equal bins have none. With "
        "lambda = 14/(14 log 2 - 3 log 3), under the hypotheses of n_1 and with Conf = max q, the "
        "ECE is at least (E S_TV - lambda E H - E delta 1{flip})/2. With four equal bins and a "
        "smaller lambda, ECE >= c (E S_TV - lambda E H) fails for every c > 0.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{14}{14\log 2 - 3\log 3}\mathbb{E}H"
        r" - \mathbb{E}\,\delta 1\{f(X') \ne f(X)\}\right)",
        bound=True, uses=("n_1.flips", "n_1.flip_lemma", "n_17", "n_17.linear"),
    ),
)  # fmt: skip
ONE, QUARTER = Fraction(1), Fraction(1, 4)

# --- two bins --------------------------------------------------------------------------------


def two_bins(e: Fraction) -> World:
    """Flips on coins and nearly torn answers, whose gaps make up for each other above 1/2."""
    f, up = e / (1 + e), worlds.UP
    return World(
        f"two_bins ({e})",
        (f / 2, f / 2, (1 - f) / 2, (1 - f) / 2),
        (worlds.COIN, worlds.COIN, up, up),
        (up, worlds.DOWN, up, (1 - e, e)),
        swaps((0, 1), (2, 3), n=4),
    )


_e, _lam, _g, _h, _t, _s = variables("e lambda log2 h log3 s")
TORN = lemma(
    "n_28.two_bins", (2 * _e - HALF * _lam * _h) - (2 * _e - HALF * _lam * _g),
    atoms={"lambda": _lam, "h(e) <= log 2": _g - _h},
    products={("lambda", "h(e) <= log 2"): HALF},
)  # fmt: skip
"""``(1 + e)(S - lambda H) >= 2 e - lambda (log 2)/2``."""


def _two() -> list[str]:
    return n_1.sensitivity() + TORN.faults() + def_3_6.UNIFORM.faults() + log_tangents.tangent()


def two_bins_seen(
    e: Fraction = Fraction(499, 1000), share: Fraction = Fraction(199, 100)
) -> list[str]:
    """By sua_ref: ECE = 0 in two bins closed on either side, S = 2e/(1 + e), S > share H/log 2."""
    world = two_bins(e)
    faults = world.hypothesis_faults() + seen.same("S", world.sensitivity(), 2 * e / (1 + e))
    return faults + _no_error(world, 2) + _exceeds(world, lambda: balls.ball(share) / balls.log(2))


def _no_error(world: World, n_bins: int) -> list[str]:
    built, faults = world.built(), []
    for closed in ("right", "left"):
        error = population_calibration_error(built, n_bins=n_bins, closed=closed)
        faults += seen.same(f"ECE, bins closed on the {closed}", error, 0)
    return faults


def _exceeds(world: World, lam: Callable[[], Any]) -> list[str]:
    s = world.sensitivity()
    answer = decide(lambda: greater(balls.ball(s), lam() * world.entropy()))
    return seen.shown(answer, "S > lambda H")


# --- four bins -------------------------------------------------------------------------------


def four_bins(s: Fraction) -> World:
    """Right and torn, wrong and less torn: their gaps make up for each other below 3/4."""
    torn, wrong = HALF - s, QUARTER + s
    right = (1 - wrong) / (torn + 1 - wrong)
    sure, zero = (ONE, Fraction(0), Fraction(0)), Fraction(0)
    return World(
        f"four_bins ({s})",
        (right / 2, right / 2, (1 - right) / 2, (1 - right) / 2),
        (sure,) * 4,
        (sure, (1 - torn, torn, zero), sure, (zero, 1 - wrong, wrong)),
        swaps((0, 1), (2, 3), n=4),
    )


KEPT, FLIPPED = n_16.on_pairs("n_28.four_bins", ONE)
_hh = 2 * _g - Fraction(3, 4) * _t
"""h(1/4)."""
_UNIT = 14 * _g - 3 * _t
"""14/lambda: the ends are compared in units of it."""
_N = {
    Fraction(0): Polynomial(),
    QUARTER: 7 * _hh,
    HALF: 7 * _g,
    ONE: 14 * _g,
}
"""N at the ends, in that unit: (lambda/2) h(e) up to 1/2, lambda e log 2 beyond."""
WEIGHTS = {
    "above 3/4": (1 * _UNIT, (Fraction(0), QUARTER)),
    "below": (3 * _t, (QUARTER, HALF, ONE)),
}
"""u in the unit, and the ends of the errors of its bins."""


def _is_nonnegative(x: Polynomial) -> bool:
    """``a log 2 + b log 3 >= 0``, decided between integers: 2^a 3^b >= 1."""
    of = {name: 4 * x.terms.get(((name, 1),), Fraction(0)) for name in ("log2", "log3")}
    if x != sum((c / 4 * Polynomial.variable(v) for v, c in of.items()), Polynomial()):
        return False
    a, b = of.values()
    return (
        a.denominator == b.denominator == 1 and Fraction(2) ** int(a) * Fraction(3) ** int(b) >= 1
    )


def ends(unit: Polynomial = _UNIT) -> list[str]:
    """(i) and (ii) at the ends of either weight's errors, in the unit."""
    faults = [] if _is_nonnegative(unit) else ["lambda is negative"]
    for name, (u, errors) in WEIGHTS.items():
        for e in errors:
            first, second = _N[e] - e * (unit + u), (1 - e) * u + _N[e] - unit
            faults += [
                f"{name}, e = {e}: ({which}) fails"
                for which, x in (("i", first), ("ii", second))
                if not _is_nonnegative(x)
            ]
    return faults


SMALLER = lemma(
    "n_28.four_bins",
    2 * (HALF - _s) * (Fraction(7, 4) - _s) - _lam * ((Fraction(3, 4) - _s) * _h + (HALF - _s) * _e)
    - (Fraction(7, 4) - Fraction(1, 8) * _lam * _UNIT) + _s * (Fraction(9, 2) + HALF * _lam * _t),
    atoms={
        "s": _s, "1/2 - s": HALF - _s, "3/4 - s": Fraction(3, 4) - _s, "lambda": _lam,
        "h <= log 2": _g - _h, "Gibbs": _hh + _s * _t - _e, "log 2": _g, "log 3": _t,
        "h(1/4)": _hh,
    },
    products={
        ("s", "s"): 2, ("lambda", "3/4 - s", "h <= log 2"): 1, ("lambda", "1/2 - s", "Gibbs"): 1,
        ("lambda", "s", "log 2"): 1, ("lambda", "s", "h(1/4)"): 1, ("lambda", "s", "s", "log 3"): 1,
    },
)  # fmt: skip
"""``(5/2 - 4 s)(S - lambda H)`` from below: h and e stand for h(1/2 - s) and h(1/4 + s)."""


def _bound() -> list[str]:
    faults = pairs.proved(*pairs.EVERY_FLIP, KEPT, FLIPPED, CONCAVE) + ends()
    return faults + pairs.rerun("n_17") + pairs.rerun("n_17.linear")


def _least() -> list[str]:
    gaps = [(Fraction(3, 4) - _s) * (HALF - _s), (HALF - _s) * (1 - (QUARTER + _s))]
    faults = equal("the gaps of the bin", *gaps) + SMALLER.faults()
    return faults + def_3_6.UNIFORM.faults() + log_tangents.tangent()


def four_bins_seen(
    s: Fraction = Fraction(1, 1000), lam: Fraction = Fraction(217, 100)
) -> list[str]:
    """By sua_ref: ECE = 0 in four bins closed on either side, the formula of S, S > lam H."""
    world = four_bins(s)
    wanted = (HALF - s) * (Fraction(7, 4) - s) / (Fraction(5, 4) - 2 * s)
    faults = world.hypothesis_faults() + seen.same("S", world.sensitivity(), wanted)
    return faults + _no_error(world, 4) + _exceeds(world, lambda: balls.ball(lam))


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_28."""
    if claim == "n_28.two_bins":
        e = Fraction(499, 1000)
        return [
            Piece(
                Kind.PROOF, "checked", "2/log 2 serves (n_1.sensitivity); every smaller lambda and "
                "every c > 0 fails, by a family of worlds", _two, instance=two_bins(e).lines,
            ),
            Piece(
                Kind.SUPPORT, "checked", "that world by sua_ref, bins closed on either side: ECE = "
                "0, S > (1.99/log 2) H", two_bins_seen,
            ),
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "the bound: every finite number of inputs and labels, every "
            "binning with an edge at 3/4", _bound,
        ),
        Piece(
            Kind.PROOF, "checked", "four equal bins: every smaller lambda and every c > 0 fails, "
            "by a family of worlds", _least, instance=four_bins(Fraction(1, 1000)).lines,
        ),
        Piece(
            Kind.SUPPORT, "checked", "that world by sua_ref, bins closed on either side: ECE = 0, "
            "S > 2.17 H, where lambda = 2.1847", four_bins_seen,
        ),
        Piece(
            Kind.TIGHT, "checked", "equality at 1/2: confidence 1, every pair flips, labels are "
            "coins", seen.flipped_coins, instance=worlds.FLIPPED_COINS.lines,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "half of the inputs flip: the bound is 1/4", n_16.speaks
        ),
    ]  # fmt: skip
