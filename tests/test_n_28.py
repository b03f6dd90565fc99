"""Result n_28: the least lambda of two and of four equal bins."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, n_28
from proofs_checks.lemma import HALF, Lemma
from sua_ref import FiniteWorld
from tests import calibration_draws as draws
from tests.planted import survivors
from tests.strategies import as_balls, exact, in_number_type, stationary_worlds
from tests.tightness import Recorder
from tests.verdicts import verdict

LAMBDA = 14 / (14 * math.log(2) - 3 * math.log(3))
WORLDS = draws.confident_worlds() | stationary_worlds() | draws.torn_worlds()


@pytest.mark.parametrize("part", ["two_bins", "four_bins"])
def test_its_verdicts(part: str) -> None:
    assert verdict(f"n_28.{part}") == "PROVED"


@pytest.mark.parametrize("lemma", [n_28.TORN, n_28.SMALLER, n_28.KEPT, n_28.FLIPPED])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def test_a_larger_or_smaller_lambda_is_noticed_at_the_ends() -> None:
    """In units of 14/lambda: 14 log 2 - 3 log 3 fits (ii) at 1/4 exactly."""
    assert n_28.ends() == []
    said = n_28.ends(n_28._UNIT + n_28._t)
    assert "below, e = 1/4: (ii) fails" in said


@pytest.mark.parametrize(("a", "b", "holds"), [(8, -5, True), (3, -2, False), (-3, 2, True)])
def test_signs_of_logarithms_are_decided_between_integers(a: int, b: int, holds: bool) -> None:
    assert n_28._is_nonnegative(a * n_28._g + b * n_28._t) is holds
    assert holds is (a * math.log(2) + b * math.log(3) >= 0)


def test_the_families_without_what_they_need_show_nothing() -> None:
    assert n_28.two_bins_seen(share=Fraction(2)) == ["S > lambda H is false"]
    assert n_28.two_bins_seen(e=Fraction(1, 3)) == ["S > lambda H is false"]
    assert n_28.four_bins_seen(lam=Fraction(219, 100)) == ["S > lambda H is false"]
    beyond = n_28.four_bins_seen(s=Fraction(-1, 100), lam=Fraction(2))
    assert any(fault.startswith("ECE") for fault in beyond)


def test_the_conditions_hold_for_every_error() -> None:
    """In floats on a grid; they are certified at the ends."""
    v = LAMBDA * math.log(2) - 1
    e = np.linspace(0, 1, 4001)
    inner = np.clip(e, 1e-300, 0.5)
    h = -(inner * np.log(inner) + (1 - inner) * np.log1p(-inner))
    n = LAMBDA / 2 * np.where(e <= 0.5, h, 2 * e * math.log(2))
    for u, where in ((1.0, e <= 0.25), (v, e >= 0.25)):
        assert (n - (1 + u) * e)[where].min() >= -1e-14
        assert (u * (1 - e) + n - 1)[where].min() >= -1e-14


def test_the_bound_of_four_bins_holds() -> None:
    """Also of 8 and 12, which have an edge at 3/4; by the public function, for four."""
    seen = Recorder()

    @given(WORLDS, st.sampled_from([4, 8, 12]), st.sampled_from(["right", "left"]))
    @example(n_28.four_bins(Fraction(1, 10**6)).built(), 4, "right")
    def holds(world: FiniteWorld, n: int, closed: str) -> None:
        ball = in_number_type(world, as_balls)
        value = sua_ref.ece_lower_bound_from_sensitivity(
            as_balls(draws.sensitivities(world)), sua_ref.entropy(ball.model), n_bins=4,
            weights=ball.p_x, label_invariant=True, stationary=True,
        )  # fmt: skip
        error = balls.ball(sua_ref.population_calibration_error(world, n_bins=n, closed=closed))
        assert not value > error
        if value > 0:
            seen.case(value.mid(), (error - value).mid())

    holds()
    seen.check()


@given(st.fractions(Fraction(1, 100), Fraction(49, 100), max_denominator=100))
def test_the_family_of_two_bins_has_no_error_and_the_sensitivity_of_its_formula(
    e: Fraction,
) -> None:
    world = n_28.two_bins(e)
    assert world.hypothesis_faults() == []
    assert sua_ref.population_calibration_error(world.built(), n_bins=2) == 0
    assert world.sensitivity() == 2 * e / (1 + e)


@given(st.fractions(Fraction(1, 1000), Fraction(1, 5), max_denominator=1000))
def test_the_family_of_four_bins_has_no_error_and_the_entropy_of_its_formula(s: Fraction) -> None:
    world = n_28.four_bins(s)
    assert world.hypothesis_faults() == []
    assert sua_ref.population_calibration_error(world.built(), n_bins=4) == 0
    h = [sua_ref.entropy(as_balls(exact([1 - e, e]))) for e in (HALF - s, Fraction(1, 4) + s)]
    a, b = (balls.ball(m - s) for m in (Fraction(3, 4), HALF))
    assert world.entropy().overlaps((a * h[0] + b * h[1]) / balls.ball(Fraction(5, 2) - 4 * s))
