"""Result n_4: what stands in the place of Theorem 4.3, and its function, part (b)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_4
from sua_ref.elements import Array
from tests.moved_outputs import moved_outputs
from tests.planted import survivors
from tests.strategies import as_balls, as_floats, exact, worlds
from tests.tightness import Recorder, counts_cases_of
from tests.tolerances import WORLD
from tests.verdicts import verdict

World = tuple[Array, Array, Array, Array]
PARTS = sorted(n_4.LEMMAS)


def test_the_verdicts_are_proved_and_checked() -> None:
    assert {c.id for c in n_4.CLAIMS} == {f"n_4.{part}" for part in PARTS}
    for part in PARTS:
        assert verdict(f"n_4.{part}") == "PROVED"


@pytest.mark.parametrize("part", PARTS)
def test_planted_faults_are_refused(part: str) -> None:
    for lemma in n_4.LEMMAS[part]:
        assert survivors(lemma) == []


@counts_cases_of(*(f"n_4.{part}" for part in PARTS))
@pytest.mark.parametrize("part", PARTS)
def test_each_part_holds_and_is_nearly_tight_at_times(part: str) -> None:
    seen = Recorder()

    @given(moved_outputs(), st.booleans())
    def holds(world: World, alone: bool) -> None:
        p, perturbed, truth, weights = world
        if alone:
            perturbed, weights = perturbed[:1], exact([Fraction(1)])
        slack = []
        # Near by what the bound adds to the risk: a larger risk hides no constant.
        here = Fraction(0) if part == "tail" else sua_ref.gibbs_risk(p, truth)
        for left, right in n_4.sides(part, p, perturbed, weights, truth):
            assert left <= right
            if right > here:
                seen.case(right - here, right - left)
                slack.append(float(right - left))
        target(-sum(slack))

    holds()
    seen.check()


@given(moved_outputs(), st.integers(1, 3))
def test_labels_of_the_perturbed_input_cost_their_distance(world: World, k: int) -> None:
    p, perturbed, truth, _ = world
    law = exact([Fraction(i == 0) for i in range(len(p))])
    there = truth + Fraction(k, 3) * (law - truth)
    delta = sua_ref.total_variation(truth, there)
    for q in perturbed:
        moved = sua_ref.gibbs_risk(q, there) - sua_ref.gibbs_risk(p, truth)
        assert moved <= sua_ref.total_variation(p, q) + delta


def test_draws_are_enumerated() -> None:
    """Two outputs, two draws: 1/4 both the first, 3/4 one the second."""
    right, wrong = exact([Fraction(1), Fraction(0)]), exact([Fraction(0), Fraction(1)])
    half = exact([Fraction(1, 2), Fraction(1, 2)])
    found = n_4.draws(right, np.stack([right, wrong]), half, right, 2)
    assert found == (Fraction(3, 4), Fraction(3, 4))


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
