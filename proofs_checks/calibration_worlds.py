"""Named finite worlds about calibration under perturbation, with rational entries.

A world has one interpretation; its balls are the kernel's support and their centres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.counterexamples import Row, row
from sua_ref import FiniteWorld, distributional_sensitivity, entropy, max_confidence

_0, _1, _H = Fraction(0), Fraction(1), Fraction(1, 2)
UP, DOWN, COIN = (_1, _0), (_0, _1), (_H, _H)


@dataclass(frozen=True)
class World:
    """Inputs with their probability, label law, output and perturbation.

    Attributes:
        name: what to call it.
        p_x: the law of the input.
        p_true: the label law of each input.
        model: the output at each.
        kernel: the law of its perturbation.
    """

    name: str
    p_x: Row
    p_true: tuple[Row, ...]
    model: tuple[Row, ...]
    kernel: tuple[Row, ...]

    def built(self, convert: Callable[[Any], Any] = lambda a: a) -> FiniteWorld:
        """As a :class:`sua_ref.FiniteWorld`, of Fractions unless ``convert`` says otherwise."""
        pi = np.array(self.kernel, dtype=object)
        near = (pi != 0) | np.eye(len(pi), dtype=bool)
        laws = np.array(self.p_true, dtype=object)[:, None, :]
        arrays = (self.p_x, [[_1]] * len(pi), laws, self.model, pi)
        p_x, p_z, truth, model, kernel = (convert(np.array(a, dtype=object)) for a in arrays)
        return FiniteWorld(p_x, p_z, truth, model, kernel, near)

    def in_balls(self) -> FiniteWorld:
        """In balls, of the working precision."""
        return self.built(balls.balls)

    def lines(self) -> list[tuple[str, str]]:
        """The world as a small table."""
        rows = zip(self.p_x, self.model, self.p_true, self.kernel, strict=True)
        return [
            (f"input {i}: D, q, p, Pi", f"{d}, {row(q)}, {row(p)}, {row(pi)}")
            for i, (d, q, p, pi) in enumerate(rows)
        ]

    def sensitivity(self) -> Fraction:
        """``E S_TV``, exactly."""
        world = self.built()
        total = _0
        for x in range(len(world)):
            p, perturbed, _, weights, _ = world.arguments(x)
            s = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
            total += world.p_x[x] * s
        return total

    def entropy(self) -> Any:
        """``E H``, a ball."""
        world = self.in_balls()
        return world.expectation(entropy(world.model))

    def finest_error(self) -> Fraction:
        """The calibration error with one bin for each confidence value, exactly.

        Where it is 0, so is that of every coarser binning, whose gaps are sums of these.
        """
        world = self.built()
        gaps: dict[Fraction, Fraction] = {}
        for x, c in enumerate(max_confidence(world.model)):
            chosen = list(world.model[x]).index(c)
            gap = world.p_x[x] * (world.p_true[x, chosen] - c)
            gaps[c] = gaps.get(c, _0) + gap
        return sum((abs(gap) for gap in gaps.values()), _0)

    def hypothesis_faults(self) -> list[str]:
        """Why X' has not the law of X, or a label law moves; empty if neither."""
        world = self.built()
        faults = [] if world.is_stationary() else ["not stationary"]
        return faults + ([] if world.is_label_invariant() else ["not label-invariant"])


def swaps(*pairs: tuple[int, int], n: int) -> tuple[Row, ...]:
    """The kernel that exchanges the members of each pair and leaves the others alone."""
    image = {i: i for i in range(n)} | dict(pairs) | {b: a for a, b in pairs}
    return tuple(tuple(Fraction(j == image[i]) for j in range(n)) for i in range(n))


FLIPPED_COINS = World("flipped_coins", (_H, _H), (COIN, COIN), (UP, DOWN), swaps((0, 1), n=2))
"""Certain, always another answer, and the label is a coin: ECE = 1/2, S = 1, H = 0."""
OFF_DISTRIBUTION = World("off_distribution", (_1, _0), (UP, UP), (UP, DOWN), ((_0, _1), (_0, _1)))
"""A perfect model whose input is perturbed to one that never occurs: ECE = 0, S = 1, H = 0."""
MOVING_LABELS = World("moving_labels", (_H, _H), (UP, DOWN), (UP, DOWN), swaps((0, 1), n=2))
"""A perfect model, and a perturbation that changes the label: ECE = 0, S = 1, H = 0."""
CERTAIN_AND_TORN = World(
    "certain_and_torn",
    (Fraction(1, 4),) * 4,
    (UP, UP, DOWN, DOWN),
    (UP, COIN, DOWN, COIN),
    swaps((0, 1), (2, 3), n=4),
)
"""Right where it is certain, torn at the perturbed input, whatever the label.

Stationary and label-invariant; with one bin for each confidence ECE = 0, S = 1/2, H = (log 2)/2.
"""
THREE_LABELS = World(
    "three_labels",
    (Fraction(1, 4),) * 4,
    ((_1, _0, _0),) * 4,
    ((_1, _0, _0), (_0, _H, _H), (_1, _0, _0), (_H, _H, _0)),
    swaps((0, 1), (2, 3), n=4),
)
"""As before, but torn once between wrong labels: ECE = 0 bin by bin, S = 3/4, H = (log 2)/2."""
ONE_BIN = World(
    "one_bin",
    (Fraction(1, 6), Fraction(1, 6), Fraction(1, 3), Fraction(1, 3)),
    (COIN, COIN, UP, UP),
    (UP, DOWN, UP, COIN),
    swaps((0, 1), (2, 3), n=4),
)
"""Overconfident flips made up for by an underconfident input: in one bin ECE = 0, S = 2/3,
H = (log 2)/3."""
LANDS_UNCERTAIN = World(
    "lands_uncertain",
    (_1, _0),
    ((Fraction(3, 4), Fraction(1, 4)),) * 2,
    (UP, COIN),
    ((_0, _1), (_0, _1)),
)
"""The perturbed input never occurs, and the output there is a coin."""
_T, _R = (Fraction(19, 20), Fraction(1, 20)), (Fraction(1, 20), Fraction(19, 20))
ENTROPY_READ = World(
    "entropy_read",
    (Fraction(2, 7), Fraction(2, 7), Fraction(3, 7)),
    (COIN, COIN, UP),
    (_T, _R, _T),
    swaps((0, 1), n=3),
)
"""One confidence 1 - H/log 2 for all: flips on coins, made up for where the answer is right."""
CONFIDENT_ERRORS = World(
    "confident_errors",
    (_1, _0),
    ((Fraction(9, 10), Fraction(1, 10)),) * 2,
    (UP, DOWN),
    ((_0, _1), (_0, _1)),
)
"""Certain, wrong in a tenth of the cases, and perturbed to an input that never occurs."""
UNEQUAL_BINS = World(
    "unequal_bins",
    (Fraction(1, 100), Fraction(99, 100), _0, _0),
    (DOWN, (Fraction(51, 100), Fraction(49, 100)), COIN, COIN),
    (UP, COIN, DOWN, UP),
    ((_0, _0, _1, _0), (_0, _0, _0, _1), (_0, _0, _1, _0), (_0, _0, _0, _1)),
)
"""A bin of probability 1/100 with a gap of 1, and one of 99/100 with a gap of 1/100."""
ALWAYS_WRONG = World("always_wrong", (_1, _0), (UP, UP), (DOWN, DOWN), ((_0, _1), (_0, _1)))
"""A constant model that is certain and wrong: S = H = 0, ECE = 1."""
_NEARLY, _P, _Q = Fraction(501, 1000), Fraction(375, 1249), Fraction(499, 2498)
FOUR_BINS = World(
    "four_bins",
    (_P, _P, _Q, _Q),
    ((_1, _0, _0),) * 4,
    ((_1, _0, _0), (_NEARLY, 1 - _NEARLY, _0), (_1, _0, _0), (_0, Fraction(3, 4), Fraction(1, 4))),
    swaps((0, 1), (2, 3), n=4),
)
"""Confidences .501, right, and 3/4, wrong, make up for each other in the bin from 1/2 to 3/4."""
