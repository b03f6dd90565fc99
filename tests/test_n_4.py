"""Result n_4 (b): the mean risk under perturbation is at most the clean risk plus S_TV."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import sua_ref
from sua_ref.elements import Array
from tests.strategies import as_balls, as_floats, exact, worlds
from tests.tolerances import WORLD

World = tuple[Array, Array, Array, Array]


def test_it_holds_in_fractions_and_is_often_strict_and_often_tight() -> None:
    slack: list[Fraction] = []

    @given(worlds())
    def holds(world: World) -> None:
        p, perturbed, truth, weights = world
        b = sua_ref.expected_risk_bound(p, perturbed, truth, weights=weights)
        assert b.lhs <= b.rhs
        slack.append(b.rhs - b.lhs)
        assert b.hypotheses == {}

    holds()
    assert sum(s > 0 for s in slack) >= 5


@given(worlds())
def test_the_sides_are_loops_over_the_definition(world: World) -> None:
    p, perturbed, truth, weights = world
    n = len(p)
    mean = sum(
        w * q[a] * truth[y]
        for w, q in zip(weights, perturbed, strict=True)
        for a in range(n)
        for y in range(n)
        if a != y
    )
    clean = sum(p[a] * truth[y] for a in range(n) for y in range(n) if a != y)
    s = sum(
        w * sum(max(q[y] - p[y], Fraction(0)) for y in range(n))
        for w, q in zip(weights, perturbed, strict=True)
    )
    b = sua_ref.expected_risk_bound(p, perturbed, truth, weights=weights)
    assert (b.lhs, b.rhs) == (mean, clean + s)
    ball = sua_ref.expected_risk_bound(
        *(as_balls(a) for a in (p, perturbed, truth)), weights=as_balls(weights)
    )
    near = sua_ref.expected_risk_bound(
        *(as_floats(a) for a in (p, perturbed, truth)), weights=as_floats(weights)
    )
    for side, inside, float_side in (
        (b.lhs, ball.lhs, near.lhs),
        (b.rhs, ball.rhs, near.rhs),
    ):
        assert inside.overlaps(as_balls(exact([side]))[0])
        assert abs(float_side - float(side)) <= WORLD


def test_equality_right_then_wrong() -> None:
    right, wrong = exact([Fraction(1), Fraction(0)]), exact([Fraction(0), Fraction(1)])
    b = sua_ref.expected_risk_bound(right, np.stack([right, wrong]), right)
    assert b.lhs == b.rhs == Fraction(1, 2)


def test_entropy_subtracted_as_in_eq_11_would_break_it() -> None:
    """A still coin: R(x') = 1/2 = R + S, and any -lambda H would be too much."""
    half = exact([Fraction(1, 2), Fraction(1, 2)])
    b = sua_ref.expected_risk_bound(half, half[None, :], half)
    assert b.lhs == b.rhs == Fraction(1, 2)


def test_it_is_batched_and_refuses_bad_rows() -> None:
    rng = np.random.default_rng(2)
    p, there, truth = (rng.dirichlet([1, 1], shape) for shape in ((3,), (3, 2), (3,)))
    b = sua_ref.expected_risk_bound(p, there, truth)
    for i in range(3):
        alone = sua_ref.expected_risk_bound(p[i], there[i], truth[i])
        assert (alone.lhs, alone.rhs) == (b.lhs[i], b.rhs[i])
    with pytest.raises(ValueError, match="p_true: row 0 sums to"):
        sua_ref.expected_risk_bound([0.5, 0.5], [[0.5, 0.5]], [0.5, 0.6])
    with pytest.raises(ValueError, match=r"perturbed: shape \(2,\)"):
        sua_ref.expected_risk_bound([0.5, 0.5], [0.5, 0.5], [0.5, 0.5])
