"""Result n_1 on record: verdicts, planted faults, and properties that count how tight they were."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, flip_pairs, flip_witnesses, n_1, solver
from proofs_checks import calibration_worlds as named
from proofs_checks.lemma import Lemma
from sua_ref import FiniteWorld, Undecided
from sua_ref.elements import Array
from tests import calibration_draws as draws
from tests.calibration_draws import HALF, ONE, ZERO
from tests.planted import survivors
from tests.strategies import (
    as_balls,
    exact,
    finite_worlds,
    in_number_type,
    plain_world,
    rational_pairs,
    stationary_worlds,
)
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

WORLDS = draws.confident_worlds() | stationary_worlds() | draws.mirrored_worlds()
PROVED = [
    "flips", "sensitivity", "flip_lemma", "entropy_confidence", "best_factor",
    "least_lambda@every_binning", "mixture_law@mixture", "per_bin",
]  # fmt: skip
REFUTED = [
    "least_lambda@equal_bins", "mixture_law@input", "one_hypothesis@label_invariant",
    "one_hypothesis@stationary",
]  # fmt: skip


@pytest.mark.parametrize("part", PROVED)
def test_what_is_proved_is_checked(part: str) -> None:
    assert verdict(f"n_1.{part}") == "PROVED"


@pytest.mark.parametrize("part", REFUTED)
def test_what_is_refuted(part: str) -> None:
    assert verdict(f"n_1.{part}") == "REFUTED"


def test_the_sample_bound_rests_on_a_written_proof() -> None:
    assert verdict("n_1.sample") == "PROVED (written)"


@pytest.mark.parametrize(
    "lemma",
    [*flip_pairs.SENSITIVITY, n_1.ENTROPY_CONFIDENCE, n_1.LINE],
    ids=lambda one: str(one.statement.goal.variables()),
)
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def changed(world: named.World, **changes: Any) -> named.World:
    return dataclasses.replace(world, **changes)


def test_a_world_that_drops_a_hypothesis_is_noticed() -> None:
    coins = named.FLIPPED_COINS
    assert changed(coins, p_true=(named.UP, named.DOWN)).hypothesis_faults() == [
        "not label-invariant"
    ]
    away = changed(coins, kernel=((ZERO, ONE), (ZERO, ONE)))
    assert away.hypothesis_faults() == ["not stationary"]


def test_a_witness_against_another_lambda_is_refused() -> None:
    """The world of one bin shows 2/log 2, neither more nor less, and not where bins are finer."""
    for least in (Fraction(199, 100), Fraction(201, 100)):
        said = flip_witnesses.no_smaller_lambda(named.ONE_BIN, least, 1)
        assert said == ["sua_ref.entropy says otherwise"]
    said = flip_witnesses.no_smaller_lambda(named.ONE_BIN, Fraction(2), None)
    assert said == ["ECE: 1/3, not 0"]
    third = (Fraction(2, 3), Fraction(1, 3))
    other = changed(named.ONE_BIN, model=(*named.ONE_BIN.model[:3], third))
    said = flip_witnesses.no_smaller_lambda(other, Fraction(2), 1)
    assert any("of another kind" in fault for fault in said)
    said = flip_witnesses.no_smaller_lambda(named.OFF_DISTRIBUTION, Fraction(2), None)
    assert said[0] == "not stationary"


@counts_cases_of("n_1.flips")
def test_flips_bound_every_binning() -> None:
    """(A) in Fractions, delta drawn with the labels."""
    seen = Recorder()

    @given(WORLDS | stationary_worlds(invariant=False), st.integers(1, 12))
    def holds(world: FiniteWorld, n: int) -> None:
        reached = np.argwhere((world.kernel != 0) & (world.p_x != 0)[:, None])
        delta = max(sua_ref.total_variation(*world.p_true[pair]) for pair in reached)
        value = sua_ref.ece_lower_bound(
            sua_ref.max_confidence(world.model), draws.flip_probabilities(world), delta=delta,
            weights=world.p_x, label_invariant=world.is_label_invariant(delta),
            stationary=world.is_stationary(),
        )  # fmt: skip
        error = sua_ref.population_calibration_error(world, n_bins=n)
        assert value <= error <= draws.finest_error(world)
        if value > 0:
            seen.case(value, error - value)

    holds()
    seen.check()


@counts_cases_of("n_1.sensitivity")
def test_sensitivity_beyond_entropy_bounds_one_bin_and_so_every_binning() -> None:
    seen = Recorder()

    @given(WORLDS)
    def holds(world: FiniteWorld) -> None:
        value = draws.accounted(world, Fraction(2))
        error = sua_ref.population_calibration_error(world, n_bins=1)
        slack = balls.ball(error) - value
        assert not slack < 0
        if value > 0:
            seen.case(value.mid(), slack.mid())

    holds()
    seen.check()


def test_a_smaller_lambda_is_caught_by_the_property() -> None:
    """At 199/100 in place of 2 the world of one bin is above its error."""
    value = draws.accounted(named.ONE_BIN.built(), Fraction(199, 100))
    assert value > 0
    assert flip_witnesses.error(named.ONE_BIN) == 0


@counts_cases_of("n_1.flip_lemma")
def test_the_flip_lemma() -> None:
    seen = Recorder()

    @given(rational_pairs(), st.booleans())
    def holds(pair: tuple[Array, Array], certain: bool) -> None:
        q, r = pair
        if certain:  # of the other's answer: an equality
            q = exact([Fraction(y == list(r).index(max(r))) for y in range(len(r))])
        tv = sua_ref.total_variation(q, r)
        for y in range(len(q)):  # every label that both may answer
            if q[y] == max(q) and r[y] == max(r):
                e = max(1 - q[y], 1 - r[y])
                assert tv <= e
                if e > 0:
                    seen.case(e, e - tv)

    holds()
    seen.check()


def test_the_solver_refuses_a_stronger_flip_lemma() -> None:
    """TV <= min(e, e') has models against it."""
    (q, first), (r, second) = solver.simplex("q", 2), solver.simplex("r", 2)
    kept, tv = [q[0] >= q[1], r[0] >= r[1]], solver.total_variation(q, r)
    said = solver.faults([*first, *second, *kept], tv > 1 - q[0], tv == 1 - q[0])
    assert len(said) == 1
    assert "sat where unsat was wanted" in said[0]


@counts_cases_of("n_1.entropy_confidence")
def test_the_papers_confidence() -> None:
    """Conf = 1 - H/log n, a = 1/log n, every binning."""
    seen = Recorder()

    @given(WORLDS, st.integers(1, 12))
    def holds(world: FiniteWorld, n_bins: int) -> None:
        n = world.model.shape[1]
        a = 1 / balls.log(n)
        s = balls.ball(draws.expected(world, draws.sensitivities(world)))
        h = draws.expected(world, draws.entropies(world))
        value = (s - (2 * a + 1 / balls.log(2)) * h) / 2
        try:
            error = sua_ref.population_calibration_error(
                in_number_type(world, as_balls), confidence="entropy", n_bins=n_bins
            )
        except Undecided:  # an entropy confidence at the edge of a bin
            return
        assert not value > error
        if value > 0:
            seen.case(value.mid(), (error - value).mid())

    holds()
    seen.check()


@counts_cases_of("n_1.mixture_law@mixture")
def test_any_perturbation_under_the_law_of_both_members() -> None:
    """Labels kept by one label law for all; S under D, ECE and H under (D + D')/2."""
    seen = Recorder()

    @given(st.fractions(0, 1, max_denominator=20) | finite_worlds())
    def holds(drawn: Fraction | FiniteWorld) -> None:
        if isinstance(drawn, Fraction):  # a share of certain answers flips on coins, elsewhere
            kernel = [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
            laws, rows = [draws.COIN, draws.COIN, draws.UP], [draws.UP, draws.DOWN, draws.UP]
            world = plain_world([drawn, ZERO, 1 - drawn], laws, rows, kernel)
        else:
            world = drawn
            laws = [world.p_true[0]] * len(world)
            rows = list(world.model)
        after = np.sum(world.p_x[:, None] * world.kernel, axis=0)
        here = plain_world(world.p_x, laws, rows, world.kernel)
        mixed = plain_world((world.p_x + after) / 2, laws, rows, world.kernel)
        s = draws.expected(here, draws.sensitivities(here))
        h = draws.expected(mixed, draws.entropies(mixed)) / balls.log(2)
        value = balls.ball(s) / 2 - h
        error = balls.ball(sua_ref.population_calibration_error(mixed, n_bins=1))
        assert not value > error
        if value > 0:
            seen.case(value.mid(), (error - value).mid())

    holds()
    seen.check()


@counts_cases_of("n_1.per_bin")
def test_bin_by_bin_where_the_perturbation_keeps_the_confidence() -> None:
    seen = Recorder()

    @given(draws.confident_worlds() | draws.mirrored_worlds())
    def holds(world: FiniteWorld) -> None:
        conf = sua_ref.max_confidence(world.model)
        s, h = draws.sensitivities(world), draws.entropies(world)
        total = balls.ball(0)
        for c in set(conf):
            inside = np.flatnonzero(conf == c)
            mass = world.p_x[inside]
            share = balls.ball(np.sum(mass * s[inside])) / 2 - np.sum(
                balls.balls(mass) * h[inside]
            ) / balls.log(2)
            total += share.max(balls.ball(0))
        error = balls.ball(draws.finest_error(world))
        assert not total > error
        if total > 0:
            seen.case(total.mid(), (error - total).mid())

    holds()
    seen.check()


def test_equal_weights_would_break_the_bound_bin_by_bin() -> None:
    """A rare bin of flips: by probability 1/200 <= 1/200, by 1/2 each 1/4 would be claimed."""
    world = draws.paired((Fraction(1, 100), Fraction(99, 100)), [draws.FLIP, draws.STILL])
    assert draws.finest_error(world) == Fraction(1, 200)


def test_the_sample_bound_is_seldom_above_the_error() -> None:
    """Simulated: 400 samples of 50 pairs at d = 1/5; the violations stay below d by far."""
    rng = np.random.default_rng(0)
    share, rows, level = 0.8, 50, 0.2
    true = (3 * share - 2) / 2
    w = np.where(rng.random((400, rows)) < share, 0.5, -1.0).mean(axis=1)
    radius = 1.5 * math.sqrt(math.log(1 / level) / (2 * rows))
    assert 0 < np.mean(w - radius > true) <= level


def test_the_exact_tail_of_the_sample_bound() -> None:
    assert flip_witnesses.sample_guarantee() == []
    error = flip_witnesses.ERROR
    assert error == Fraction(1, 5)


def test_no_larger_factor() -> None:
    """At (51/100) (S - lambda H) the flipped coins are above their error."""
    coins = named.FLIPPED_COINS
    assert flip_witnesses.flipped_coins() == []
    assert Fraction(51, 100) * coins.sensitivity() > coins.finest_error() == HALF
