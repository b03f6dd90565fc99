"""Finite worlds: what they hold, what they decide, what they refuse."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given

import sua_ref
from sua_ref import FiniteWorld, Undecided
from tests.strategies import (
    as_balls,
    as_floats,
    exact,
    finite_worlds,
    in_number_type,
    plain_world,
    stationary_worlds,
)

COIN = [Fraction(1, 2), Fraction(1, 2)]
GOOD: dict[str, Any] = {
    "p_x": [0.5, 0.5],
    "p_z": [[1.0], [1.0]],
    "p_y_given_z": [[[0.5, 0.5]], [[1.0, 0.0]]],
    "model": [[0.5, 0.5], [0.0, 1.0]],
    "kernel": [[0.25, 0.75], [0.0, 1.0]],
    "neighbours": [[True, True], [False, True]],
}


@given(finite_worlds())
def test_the_arguments_at_an_input_are_the_rows_of_its_ball(world: FiniteWorld) -> None:
    for x in range(len(world)):
        p, perturbed, p_true, weights, laws = world.arguments(x)
        ball = [i for i in range(len(world)) if world.neighbours[x, i]]
        assert x in ball
        assert (p == world.model[x]).all()
        assert (p_true == world.p_true[x]).all()
        for k, there in enumerate(ball):
            assert (perturbed[k] == world.model[there]).all()
            assert (laws[k] == world.p_true[there]).all()
            assert weights[k] == world.kernel[x, there]
        assert len(perturbed) == len(laws) == len(weights) == len(ball)
        assert sum(weights) == 1


@given(finite_worlds())
def test_the_label_law_is_the_mixture_over_interpretations(world: FiniteWorld) -> None:
    for x in range(len(world)):
        for y in range(world.model.shape[1]):
            parts = zip(world.p_z[x], world.p_y_given_z[x, :, y], strict=True)
            assert world.p_true[x, y] == sum(a * b for a, b in parts)


@given(finite_worlds())
def test_stationarity_and_invariance_are_what_they_say(world: FiniteWorld) -> None:
    n = len(world)
    after = [sum(world.p_x[x] * world.kernel[x, i] for x in range(n)) for i in range(n)]
    assert world.is_stationary() == all(a == b for a, b in zip(after, world.p_x, strict=True))
    moved = [
        sua_ref.total_variation(world.p_true[x], world.p_true[i])
        for x in range(n)
        for i in range(n)
        if world.p_x[x] * world.kernel[x, i] != 0
    ]
    assert world.is_label_invariant() == (max(moved) == 0)
    assert world.is_label_invariant(max(moved))
    if max(moved) > 0:
        assert not world.is_label_invariant(max(moved) / 2)


@given(stationary_worlds())
def test_orbits_are_stationary_and_invariant_in_every_number_type(world: FiniteWorld) -> None:
    """In floats up to the rounding of the products, for which the predicate allows."""
    for w in (world, in_number_type(world, as_floats)):
        assert w.is_stationary()
        assert w.is_label_invariant()


def test_balls_decide_stationarity_or_say_that_they_cannot() -> None:
    swap = plain_world(COIN, [COIN, COIN], [COIN, COIN], [[0, 1], [1, 0]])
    assert in_number_type(swap, as_balls).is_stationary()
    drift = plain_world(COIN, [COIN, COIN], [COIN, COIN], [[0, 1], [0, 1]])
    assert not in_number_type(drift, as_balls).is_stationary()
    thirds = [Fraction(1, 3), Fraction(2, 3)]
    still = plain_world(thirds, [COIN, COIN], [COIN, COIN], [thirds, thirds])
    assert still.is_stationary()
    with pytest.raises(Undecided):
        in_number_type(still, as_balls).is_stationary()


def test_a_float_world_is_not_stationary_once_mass_moves() -> None:
    drift = FiniteWorld(**(GOOD | {"kernel": [[1 - 1e-12, 1e-12], [0.0, 1.0]]}))
    assert not drift.is_stationary()


def test_an_input_of_probability_zero_has_no_say() -> None:
    """Its kernel may change the label law, and its value may be infinite."""
    world = plain_world(
        [1, 0],
        [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]],
        [COIN, COIN],
        [[Fraction(1), Fraction(0)], [Fraction(1), Fraction(0)]],
    )
    assert world.is_label_invariant()
    assert world.expectation(exact([Fraction(2, 3), float("inf")])) == Fraction(2, 3)
    assert world.expectation([[3, 4], [5, 6]]).tolist() == [3, 5]


@given(finite_worlds())
def test_expectation_is_the_sum_and_the_ball_holds_the_fraction(world: FiniteWorld) -> None:
    values = world.model[:, 0]
    total = sum(a * b for a, b in zip(world.p_x, values, strict=True))
    assert world.expectation(values) == total
    ball = in_number_type(world, as_balls).expectation(as_balls(values))
    assert ball.overlaps(as_balls(exact([total]))[0])


def test_integers_join_every_number_type() -> None:
    rows = exact([COIN])
    for kind, half in (("Fraction", rows), ("arb", as_balls(rows)), ("float", as_floats(rows))):
        world = FiniteWorld([1], [[1]], [[[1, 0]]], half, [[1]], [[True]], [[0, 1], [1, 0]])
        assert type(world.p_true[0, 0]) is type(half[0, 0]), kind
        assert type(world.loss[0, 0]) is type(half[0, 0]), kind  # type: ignore[index]  # given above
    assert FiniteWorld([1], [[1]], [[[1]]], [[1]], [[1]], [[True]]).p_x.dtype == np.float64


def test_a_world_is_frozen_and_keeps_no_reference_to_what_it_was_given() -> None:
    model = np.array([[0.5, 0.5], [0.0, 1.0]])
    world = FiniteWorld(**(GOOD | {"model": model}))
    model[0] = [1.0, 0.0]
    assert world.model[0].tolist() == [0.5, 0.5]
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.model = model  # type: ignore[misc]  # what is tested
    with pytest.raises(ValueError, match="read-only"):
        world.kernel[0, 0] = 1.0


BAD: list[tuple[str, dict[str, Any], str]] = [
    (
        "leaves the ball",
        {"neighbours": np.eye(2, dtype=bool)},
        r"kernel: row 0 has 0\.75 at column 1",
    ),
    (
        "no centre",
        {"neighbours": [[True, True], [True, False]]},
        "neighbours: row 1 is False at column 1",
    ),
    ("p_x sum", {"p_x": [0.5, 0.25]}, r"p_x: row 0 sums to 0\.75"),
    ("p_x nan", {"p_x": [math.nan, 1.0]}, "p_x: row 0 has nan"),
    ("p_z row", {"p_z": [[1.0], [0.5]]}, r"p_z: row 1 sums to 0\.5"),
    (
        "label law",
        {"p_y_given_z": [[[0.5, 0.5]], [[1.5, -0.5]]]},
        r"p_y_given_z: row \(1, 0\) has 1\.5",
    ),
    ("model row", {"model": [[0.5, 0.5], [-0.25, 1.25]]}, r"model: row 1 has -0\.25"),
    ("kernel row", {"kernel": [[0.25, 0.5], [0.0, 1.0]]}, r"kernel: row 0 sums to 0\.75"),
    ("kernel shape", {"kernel": [[0.5, 0.5]]}, r"kernel: shape \(1, 2\); wanted \(2, 2\)"),
    ("labels", {"model": [[1.0], [1.0]]}, r"p_y_given_z: shape \(2, 1, 2\); wanted \(2, 1, 1\)"),
    (
        "interpretations",
        {"p_z": [[0.5, 0.5]] * 2},
        r"p_y_given_z: shape \(2, 1, 2\); wanted \(2, 2, 2\)",
    ),
    ("p_x matrix", {"p_x": [[0.5, 0.5]]}, r"p_x: shape \(1, 2\)"),
    ("neighbours shape", {"neighbours": [[True]]}, r"neighbours: shape \(1, 1\)"),
    ("no input", {"p_x": np.zeros(0)}, "p_x: needs a last axis of at least one"),
    (
        "unbounded",
        {"loss": [[0.0, math.inf], [1.0, 0.0]]},
        "loss: row 0 has inf at label 1, an unbounded",
    ),
    ("loss shape", {"loss": [[0.0, 1.0]]}, r"loss: shape \(1, 2\); wanted \(2, 2\)"),
    ("single", {"model": np.array([[0.1, 0.9], [0.3, 0.7]], np.float32)}, "model: row 0 sums to"),
]


@pytest.mark.parametrize(("changes", "said"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_world_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FiniteWorld(**(GOOD | changes))


def test_an_unbounded_loss_is_refused_in_every_number_type() -> None:
    one = exact([[Fraction(1)]])
    for infinity, rows in ((float("inf"), one), (arb.pos_inf(), as_balls(one))):
        with pytest.raises(ValueError, match=r"loss: row 0 has .* unbounded"):
            FiniteWorld(rows[0], rows, rows[None], rows, rows, [[True]], exact([[infinity]]))


def test_a_kernel_ball_that_may_be_positive_counts_as_support() -> None:
    rows = as_balls(exact([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]))
    kernel = rows.copy()
    kernel[0, 1] = arb(0, 1e-20)
    with pytest.raises(ValueError, match=r"kernel: row 0 has .* at column 1"):
        FiniteWorld(rows[0], [[1]] * 2, rows[:, None], rows, kernel, np.eye(2, dtype=bool))


TYPE_ERRORS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: FiniteWorld(**(GOOD | {"p_x": exact(COIN)})),
        "one number type per call: p_x is Fraction",
    ),
    (
        lambda: FiniteWorld(**(GOOD | {"neighbours": [[1, 1], [0, 1]]})),
        "neighbours: booleans wanted",
    ),
    (
        lambda: FiniteWorld(**(GOOD | {"model": exact([[Fraction(1), 0.5]] * 2)})),
        "model: 0.5 among exact",
    ),
    (lambda: FiniteWorld(**GOOD).expectation(exact(COIN)), "one number type per call"),
    (lambda: FiniteWorld(**GOOD).arguments(0.5), "float"),  # type: ignore[arg-type]  # what is tested
]


@pytest.mark.parametrize(("call", "said"), TYPE_ERRORS)
def test_mixed_types_are_refused(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda w: w.arguments(2), r"x: 2 is not in 0\.\.1"),
        (lambda w: w.arguments(-1), r"x: -1 is not in 0\.\.1"),
        (lambda w: w.expectation([1.0]), r"values: shape \(1,\); wanted \(\.\.\., 2\)"),
        (lambda w: w.expectation([1.0, math.nan]), "values: row 1 is nan"),
        (lambda w: w.is_label_invariant(-1), "delta: -1 is below 0"),
    ],
)
def test_bad_questions_are_refused(call: Callable[[FiniteWorld], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call(FiniteWorld(**GOOD))


def test_a_float_law_drawn_anew_is_stationary_though_its_sums_round() -> None:
    """Every row of the kernel is the law itself; 6/14 and 8/14 sum to it within half an ulp."""
    law = np.array([6.0, 8.0]) / 14
    kernel = np.stack([law, law])
    assert np.any(np.sum(law[:, None] * kernel, axis=0) != law)
    half = [0.5, 0.5]
    near = [[True, True], [True, True]]
    world = FiniteWorld(law, [[1.0]] * 2, [[half]] * 2, [half] * 2, kernel, near)
    assert world.is_stationary()


def test_what_is_averaged_over_a_world_has_its_number_type() -> None:
    world = plain_world(COIN, [COIN, COIN], [COIN, COIN], [[1, 0], [0, 1]])
    with pytest.raises(TypeError, match="p_x is Fraction, values is float64"):
        world.expectation([0.5, 0.25])
    with pytest.raises(TypeError, match=r"^values: numbers of dtype complex128"):
        world.expectation([1j, 0])
