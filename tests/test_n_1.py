"""Result n_1 (A): flips bound the calibration error from below, for every binning."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import FiniteWorld
from sua_ref.elements import Array
from tests.calibration_draws import confident_worlds
from tests.strategies import as_balls, as_floats, exact, plain_world, stationary_worlds
from tests.tolerances import WORLD

BINS = st.integers(1, 12)
FLAGS = {"label_invariant": True, "stationary": True}


def flip_probabilities(world: FiniteWorld) -> Array:
    """``P(f(X') != f(X) | X = x)``, ties of the argmax going to the lowest index."""
    f = [list(row).index(max(row)) for row in world.model]
    n = len(world)
    return exact([sum(world.kernel[x, i] for i in range(n) if f[i] != f[x]) for x in range(n)])


def bound(world: FiniteWorld, delta: Fraction) -> Any:
    return sua_ref.ece_lower_bound(
        sua_ref.max_confidence(world.model), flip_probabilities(world), delta=delta,
        weights=world.p_x, label_invariant=world.is_label_invariant(delta),
        stationary=world.is_stationary(),
    )  # fmt: skip


def farthest(world: FiniteWorld) -> Any:
    """The largest total variation between the label laws of x and of an x' reached from it."""
    pairs = np.argwhere((world.kernel != 0) & (world.p_x != 0)[:, None])
    return max(sua_ref.total_variation(world.p_true[x], world.p_true[i]) for x, i in pairs)


@pytest.mark.parametrize("invariant", [True, False])
def test_it_bounds_the_population_error_of_every_binning(invariant: bool) -> None:
    """In Fractions, on stationary worlds; with labels that move, delta is how far they do."""
    positive: list[bool] = []

    @given(
        confident_worlds() | stationary_worlds(invariant), BINS, st.sampled_from(["right", "left"])
    )
    def holds(world: FiniteWorld, n: int, closed: str) -> None:
        value = bound(world, farthest(world))
        error = sua_ref.population_calibration_error(world, n_bins=n, closed=closed)
        assert value <= error
        positive.append(value > 0)

    holds()
    assert sum(positive) >= 5  # the bound says something often enough to be tested


def test_it_is_tight_where_confident_pairs_flip_on_a_coin() -> None:
    coin, up, down = (
        [Fraction(1, 2), Fraction(1, 2)],
        [Fraction(1), Fraction(0)],
        [Fraction(0), Fraction(1)],
    )
    world = plain_world(coin, [coin, coin], [up, down], [[0, 1], [1, 0]])
    assert bound(world, Fraction(0)) == Fraction(1, 2)
    assert sua_ref.population_calibration_error(world) == Fraction(1, 2)


def test_neither_hypothesis_can_be_dropped() -> None:
    """Asserted falsely, the bound is above the error: a moving label, an off-distribution x'."""
    coin, up, down = (
        [Fraction(1, 2), Fraction(1, 2)],
        [Fraction(1), Fraction(0)],
        [Fraction(0), Fraction(1)],
    )
    moving = plain_world(coin, [up, down], [up, down], [[0, 1], [1, 0]])
    away = plain_world([1, 0], [up, up], [up, down], [[0, 1], [0, 1]])
    assert moving.is_stationary()
    assert not moving.is_label_invariant()
    assert away.is_label_invariant()
    assert not away.is_stationary()
    for world in (moving, away):
        assert sua_ref.population_calibration_error(world) == 0
        with pytest.raises(ValueError, match="False; the bound does not hold"):
            bound(world, Fraction(0))
        said = sua_ref.ece_lower_bound(
            sua_ref.max_confidence(world.model), flip_probabilities(world), weights=world.p_x,
            label_invariant=True, stationary=True,
        )  # fmt: skip
        assert said == Fraction(1, 2)


@given(
    st.lists(st.tuples(st.fractions(0, 1), st.fractions(0, 1)), min_size=1, max_size=5),
    st.fractions(0, 1),
)
def test_the_formula_in_three_number_types(
    rows: list[tuple[Fraction, Fraction]], delta: Fraction
) -> None:
    conf, flips = exact([c for c, _ in rows]), exact([f for _, f in rows])
    n = len(rows)
    value = sua_ref.ece_lower_bound(conf, flips, delta=delta, **FLAGS)
    assert value == max(Fraction(0), sum(conf) / n - 1 + (1 - delta) / 2 * sum(flips) / n)
    near = sua_ref.ece_lower_bound(as_floats(conf), as_floats(flips), delta=delta, **FLAGS)
    assert abs(near - float(value)) <= WORLD
    ball = sua_ref.ece_lower_bound(as_balls(conf), as_balls(flips), delta=delta, **FLAGS)
    assert ball.overlaps(arb(value.numerator) / value.denominator)


def test_flips_may_be_booleans_and_several_for_each_input() -> None:
    several = sua_ref.ece_lower_bound(
        exact([Fraction(1), Fraction(1)]), [[True, False], [True, True]], **FLAGS
    )
    assert several == Fraction(3, 8)
    weighted = sua_ref.ece_lower_bound(
        exact([Fraction(1), Fraction(3, 4)]),
        [True, False],
        weights=exact([Fraction(3, 4), Fraction(1, 4)]),
        **FLAGS,
    )
    assert weighted == Fraction(15, 16) - 1 + Fraction(3, 8)


BAD: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: sua_ref.ece_lower_bound([0.5], [True], label_invariant=False, stationary=True),
        "label_invariant: False",
    ),
    (
        lambda: sua_ref.ece_lower_bound([0.5], [True], label_invariant=True, stationary=False),
        "stationary: False",
    ),
    (lambda: sua_ref.ece_lower_bound([1.5], [True], **FLAGS), r"confidence: row 0 is 1\.5"),
    (lambda: sua_ref.ece_lower_bound([math.nan], [True], **FLAGS), "confidence: row 0 is nan"),
    (lambda: sua_ref.ece_lower_bound([0.5, 0.5], [0.5, -0.25], **FLAGS), r"flips: row 1 is -0\.25"),
    (
        lambda: sua_ref.ece_lower_bound([0.5], [[0.5, math.nan]], **FLAGS),
        r"flips: row \(0, 1\) is nan",
    ),
    (lambda: sua_ref.ece_lower_bound([0.5], [2], **FLAGS), r"flips: row 0 is 2"),
    (
        lambda: sua_ref.ece_lower_bound([0.5], [True, False], **FLAGS),
        r"flips: shape \(2,\); wanted \(1,\)",
    ),
    (lambda: sua_ref.ece_lower_bound([0.5], np.zeros((1, 0)), **FLAGS), r"flips: shape \(1, 0\)"),
    (lambda: sua_ref.ece_lower_bound([], [], **FLAGS), "confidence: a vector of at least one"),
    (lambda: sua_ref.ece_lower_bound([0.5], [True], delta=2, **FLAGS), "delta: 2 is above 1"),
    (lambda: sua_ref.ece_lower_bound([0.5], [True], weights=[0.5], **FLAGS), "weights: row 0 sums"),
]


@pytest.mark.parametrize(("call", "said"), BAD)
def test_bad_input_is_refused_in_words(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_a_flag_is_a_boolean() -> None:
    with pytest.raises(TypeError, match="stationary: True or False wanted, got 1"):
        sua_ref.ece_lower_bound([0.5], [True], label_invariant=True, stationary=1)  # type: ignore[arg-type]  # what is tested


def test_a_label_law_that_may_move_takes_its_share_of_the_bound() -> None:
    """Confidence 1, three flips in four by weight, delta = 1/2: (1 - 1/2)/2 times 3/4."""
    bound = sua_ref.ece_lower_bound(
        [1.0, 1.0], [True, False], delta=0.5, weights=[0.75, 0.25],
        label_invariant=True, stationary=True,
    )  # fmt: skip
    assert bound == 3 / 16
