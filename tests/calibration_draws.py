"""Stationary, label-invariant worlds near the extremal ones, and their means."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls
from sua_ref import FiniteWorld
from tests.strategies import as_balls, exact, in_number_type, plain_world, rational_rows

ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)
UP, DOWN, COIN = (ONE, ZERO), (ZERO, ONE), (HALF, HALF)
Pair = tuple[tuple[Fraction, ...], tuple[Fraction, ...], tuple[Fraction, ...]]
FLIP: Pair = (UP, DOWN, COIN)
STILL: Pair = (UP, UP, UP)
TORN: tuple[Pair, Pair] = ((UP, COIN, UP), (DOWN, COIN, DOWN))


def paired(masses: tuple[Fraction, ...], pairs: list[Pair]) -> FiniteWorld:
    """Each pair: the outputs of two inputs that the perturbation exchanges, and their label law."""
    n = 2 * len(pairs)
    kernel = [[int(j == (i ^ 1)) for j in range(n)] for i in range(n)]
    return plain_world(
        [m / 2 for m in masses for _ in range(2)],
        [law for _, _, law in pairs for _ in range(2)],
        [q for first, second, _ in pairs for q in (first, second)],
        kernel,
    )


@st.composite
def confident_worlds(draw: st.DrawFn) -> FiniteWorld:
    """Certain answers, of which a share flips on coins: (A) and (B) are equalities."""
    share = draw(st.fractions(Fraction(1, 20), 1, max_denominator=20))
    return paired((share, 1 - share), [FLIP, STILL])


@st.composite
def torn_worlds(draw: st.DrawFn) -> FiniteWorld:
    """Confident flips, and certain answers torn at their perturbation: near n_16.two_labels."""
    share = draw(st.fractions(0, 1, max_denominator=8))
    rest = (1 - share) / 2
    return paired((share, rest, rest), [FLIP, *TORN])


@st.composite
def mirrored_worlds(draw: st.DrawFn) -> FiniteWorld:
    """Pairs whose outputs are permutations of one row: the perturbation keeps the confidence."""
    masses = draw(rational_rows(2))
    pairs: list[Pair] = []
    for _ in masses:
        row = draw(st.sampled_from([UP, (Fraction(9, 10), Fraction(1, 10))]) | rational_rows(2))
        second = row[::-1] if draw(st.booleans()) else row
        pairs.append((row, second, draw(st.sampled_from([COIN, row]))))
    return paired(masses, pairs)


def sensitivities(world: FiniteWorld) -> Any:
    """S_TV of each input, exactly."""
    found = []
    for x in range(len(world)):
        p, perturbed, _, weights, _ = world.arguments(x)
        s = sua_ref.distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
        found.append(s)
    return exact(found)


def entropies(world: FiniteWorld) -> Any:
    """H of each input, in balls."""
    return sua_ref.entropy(in_number_type(world, as_balls).model)


def answers(world: FiniteWorld) -> list[int]:
    """The most likely labels, ties going to the lowest."""
    return [list(q).index(max(q)) for q in world.model]


def flip_probabilities(world: FiniteWorld) -> Any:
    """``P(f(X') != f(X) | X = x)``, exactly."""
    f = answers(world)
    n = range(len(f))
    return exact([sum((world.kernel[x, i] for i in n if f[i] != f[x]), ZERO) for x in n])


def finest_error(world: FiniteWorld) -> Fraction:
    """The calibration error with one bin for each confidence, exactly."""
    gaps: dict[Fraction, Fraction] = {}
    for x, y in enumerate(answers(world)):
        c = world.model[x, y]
        gaps[c] = gaps.get(c, ZERO) + world.p_x[x] * (world.p_true[x, y] - c)
    return sum((abs(g) for g in gaps.values()), ZERO)


def expected(world: FiniteWorld, values: Any) -> Any:
    """A mean over the inputs, in the number type of the values."""
    weights = as_balls(world.p_x) if hasattr(values[0], "mid") else world.p_x
    return np.sum(weights * values)


def accounted(world: FiniteWorld, lam_log_2: Fraction) -> Any:
    """``(E S - lambda E H)/2``, a ball, by lambda log 2."""
    h = expected(world, entropies(world)) / balls.log(2)
    return (balls.ball(expected(world, sensitivities(world))) - balls.ball(lam_log_2) * h) / 2
