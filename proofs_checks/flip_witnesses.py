"""Worlds where the bounds of n_1 are tight, where they say something, and where they stop."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb
from typing import Any, Literal

import numpy as np

from proofs_checks import balls, solver
from proofs_checks import calibration_worlds as worlds
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.calibration_worlds import World
from proofs_checks.checker import Polynomial
from proofs_checks.flip_pairs import FLIP_LEMMA, INVARIANCE
from sua_ref import ece_lower_bound, max_confidence, population_calibration_error, total_variation

_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)


def shown(answer: Truth, what: str) -> list[str]:
    """A fault unless the comparison is true."""
    return [] if answer is Truth.TRUE else [f"{what} is {answer.value}"]


def same(name: str, found: Any, wanted: Any) -> list[str]:
    """A fault unless two exact numbers agree."""
    return [] if found == wanted else [f"{name}: {found}, not {wanted}"]


def flip_bound(world: World) -> Any:
    """n_1 (A) as :func:`sua_ref.ece_lower_bound` computes it, exactly."""
    built = world.built()
    f = [list(q).index(max(q)) for q in built.model]
    inputs = range(len(f))
    flips = [sum(built.kernel[x, i] for i in inputs if f[i] != f[x]) for x in inputs]
    return ece_lower_bound(
        max_confidence(built.model), np.array(flips, dtype=object), weights=built.p_x,
        label_invariant=built.is_label_invariant(), stationary=built.is_stationary(),
    )  # fmt: skip


def error(world: World, n_bins: int = 1) -> Any:
    """The population's calibration error, exactly."""
    return population_calibration_error(world.built(), n_bins=n_bins)


def flipped_coins() -> list[str]:
    """Certain, always another answer, a coin: ECE = (A) = 1/2 = S/2, and H = 0."""
    world = worlds.FLIPPED_COINS
    faults = world.hypothesis_faults() + same("S", world.sensitivity(), _ONE)
    faults += same("(A)", flip_bound(world), _HALF) + same("ECE", world.finest_error(), _HALF)
    return faults + ([] if world.entropy().is_zero() else ["H is not 0"])


_SURE, _REST = Fraction(99, 100), Fraction(1, 100)
NEITHER = World(
    "neither",
    (_HALF, _HALF),
    ((_ZERO, _ZERO, _ONE),) * 2,
    ((_SURE, _REST, _ZERO), (_REST, _SURE, _ZERO)),
    ((_ZERO, _ONE), (_ONE, _ZERO)),
)
"""Nearly certain, always another answer, and the label is a third: ECE = 99/100, S = 49/50."""
ONE_OF_TWO = World(
    "one_of_two", NEITHER.p_x, (worlds.DOWN,) * 2, ((_SURE, _REST), (_REST, _SURE)), NEITHER.kernel
)
"""The same on two labels, of which one is right: ECE = 49/100, S = 49/50."""


def says(
    world: World, lam: Any, least: Fraction, *, confidence: Literal["max", "entropy"] = "max"
) -> list[str]:
    """``least < (S - lam H)/2 < ECE``, H > 0: the bound is not 0, and not attained. In balls."""
    faults = world.hypothesis_faults()

    def bound() -> Any:
        return (balls.ball(world.sensitivity()) - lam() * world.entropy()) / 2

    def found() -> Any:
        return population_calibration_error(world.in_balls(), confidence=confidence)

    faults += shown(decide(lambda: greater(world.entropy(), balls.ball(0))), "H > 0")
    faults += shown(decide(lambda: greater(bound(), balls.ball(least))), f"the bound > {least}")
    return faults + shown(decide(lambda: greater(found(), bound())), "ECE > the bound")


def flips_say() -> list[str]:
    """(A) is 49/100 where the error is 99/100."""
    faults = NEITHER.hypothesis_faults() + same("(A)", flip_bound(NEITHER), Fraction(49, 100))
    return faults + same("ECE", error(NEITHER, 15), Fraction(99, 100))


def entropy_over_log_2(world: World, share: Fraction) -> list[str]:
    """``E H = share * log 2`` exactly: every output is one-hot or a coin on two labels."""
    built, coins = world.built(), _ZERO
    for d, q in zip(built.p_x, built.model, strict=True):
        positive = [v for v in q if v != 0]
        if positive not in ([_ONE], [_HALF, _HALF]):
            return [f"an output {q} of another kind"]
        coins += d if len(positive) == 2 else _ZERO
    if not world.entropy().overlaps(balls.ball(share) * balls.log(2)):
        return ["sua_ref.entropy says otherwise"]
    return same("H/log 2", coins, share)


def no_smaller_lambda(world: World, least: Fraction, n_bins: int | None) -> list[str]:
    """ECE = 0 while ``S - lambda H = S (1 - lambda log 2/least) > 0`` for lambda < least/log 2.

    So ``ECE >= c (S - lambda H)`` fails for every c > 0 and every smaller lambda.
    """
    s = world.sensitivity()
    share = s / least
    gap = world.finest_error() if n_bins is None else error(world, n_bins)
    faults = world.hypothesis_faults() + same("ECE", gap, _ZERO)
    faults += entropy_over_log_2(world, share)
    x = Polynomial.variable("lambda log 2")  # S - x H/log 2, as a polynomial in x = lambda log 2
    if s - share * x != share * (least - x):
        faults.append("S - lambda H is not a multiple of least - lambda log 2")
    return faults + ([] if share > 0 else ["S is 0"])


def input_law() -> list[str]:
    """H under D is 0 and S = 1/2: with D the bound says 1/4, the error under (D + D')/2 is 0."""
    world = worlds.LANDS_UNCERTAIN
    mixed = World("mixed", (_HALF, _HALF), world.p_true, world.model, world.kernel)
    faults = same("S over the pair", world.sensitivity(), _HALF)
    faults += same("ECE of the mixture", error(mixed), _ZERO)
    faults += [] if world.entropy().is_zero() else ["H under D is not 0"]
    faults += [] if world.built().is_label_invariant() else ["a label law moves"]
    return faults + entropy_over_log_2(mixed, _HALF)


def one_hypothesis(world: World) -> list[str]:
    """ECE = 0 where all flip with confidence 1: the formula would say 1/2."""
    built = world.built()
    said = ece_lower_bound(
        max_confidence(built.model), [True, True], label_invariant=True, stationary=True,
        weights=built.p_x,
    )  # fmt: skip
    return same("ECE", world.finest_error(), _ZERO) + same("(A)", said, _HALF)


def flip_lemma_encoding() -> list[str]:
    """The two encodings against sua_ref, on every pair of a grid."""
    for q, r in product(distributions(3, 4), repeat=2):
        tv = total_variation(np.array(q, dtype=object), np.array(r, dtype=object))
        for y, z in product(range(3), repeat=2):
            kept = both = _ZERO
            for i in range(3):
                u, v = max(q[i] - r[i], _ZERO), max(r[i] - q[i], _ZERO)
                at = {"q'": r[i], "v": v, "y": Fraction(i == y), "y'": Fraction(i == z),
                      "p": q[i], "s": u, "t": v}  # fmt: skip
                kept += FLIP_LEMMA.statement.goal.at(at)
                both += INVARIANCE.statement.goal.at(at)
            if kept != 1 - r[y] - tv or both != 1 + tv - q[y] - r[z]:
                return [f"q = {q}, q' = {r}, labels {y}, {z}: {kept}, {both}"]
    return []


def flip_lemma_solved() -> list[str]:
    """z3 on n = 2, 3, 4 labels: without a flip TV > max(e, e') is impossible, equality is not."""
    found = []
    for n in (2, 3, 4):
        (q, first), (r, second) = solver.simplex("q", n), solver.simplex("r", n)
        kept = [*(q[0] >= x for x in q), *(r[0] >= x for x in r)]
        e, there, tv = 1 - q[0], 1 - r[0], solver.total_variation(q, r)
        equal = (tv == there) & (there >= e) & (tv > 0)
        found += solver.faults([*first, *second, *kept], (tv > e) & (tv > there), equal)
    return found


def flip_lemma_tight() -> list[str]:
    """q = (1, 0, 0), q' = (1/2, 1/2, 0): no flip, TV = 1/2 = e'."""
    q, r = (np.array(v, dtype=object) for v in ((_ONE, _ZERO, _ZERO), (_HALF, _HALF, _ZERO)))
    return same("TV", total_variation(q, r), _HALF) + same("e'", 1 - max_confidence(r), _HALF)


def flip_lemma_speaks() -> list[str]:
    """Confidences 9/10 and 4/5 without a flip: TV is at most 1/5."""
    e = 1 - min(Fraction(9, 10), Fraction(4, 5))
    return same("max(e, e')", e, Fraction(1, 5))


SHARE, ROWS, LEVEL = Fraction(4, 5), 100, Fraction(1, 10)
ERROR = (3 * SHARE - 2) / 2


def _exceeds(flips: int) -> bool:
    """Whether the sample bound exceeds the error where so many of the rows flip."""
    mean = Fraction(3, 2) * Fraction(flips, ROWS) - 1
    radius = balls.ball(Fraction(3, 2)) * (-balls.log(LEVEL) / (2 * ROWS)).sqrt()
    return greater(balls.ball(mean) - radius, balls.ball(ERROR))


def sample_guarantee() -> list[str]:
    """Exact probability that the sample bound exceeds the ECE, against its level.

    Flips of mass f at confidence 1 on coins, the rest stable and right at confidence 0: in one bin
    ECE = (3f - 2)/2 = E W, and W = -1 + (3/2) Bernoulli(f) fills its whole range.
    """
    exceeded = _ZERO
    for k in range(ROWS + 1):
        answer = decide(lambda: _exceeds(k))  # noqa: B023  # called at once
        if answer is Truth.UNKNOWN:
            return [f"{k} flips: the comparison is unknown"]
        if answer is Truth.TRUE:
            exceeded += comb(ROWS, k) * SHARE**k * (1 - SHARE) ** (ROWS - k)
    return [] if 0 < exceeded <= LEVEL else [f"exceeded with probability {float(exceeded)}"]
