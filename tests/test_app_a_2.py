"""A.2, the proof of Theorem 4.5, step by step."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import app_a_2
from proofs_checks import calibration_worlds as named
from proofs_checks.lemma import Lemma
from sua_ref import FiniteWorld
from tests.planted import survivors
from tests.strategies import plain_world, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("step_1_confidence", "PROVED"), ("step_2", "PROVED"), ("step_2_errors", "REFUTED"),
        ("step_3_upper", "REFUTED"), ("step_3_lower", "REFUTED"), ("step_3_gap", "REFUTED"),
        ("step_1@argmax", "PROVED"), ("step_1@gibbs", "REFUTED"), ("step_4@equal_bins", "PROVED"),
        ("step_4@any_bins", "REFUTED"), ("step_4@mass", "PROVED"),
    ],
)  # fmt: skip
def test_the_verdict_of_each_step(step: str, wanted: str) -> None:
    assert verdict(f"app_a_2.{step}") == wanted


def test_where_readings_differ_the_step_is_ill_posed() -> None:
    assert verdict("app_a_2.step_1") == verdict("app_a_2.step_4") == "ILL_POSED"


@pytest.mark.parametrize(
    "lemma", [app_a_2.MEAN, app_a_2.BOTH_IN, app_a_2.ABSOLUTE, app_a_2.BY_MASS],
    ids=lambda one: str(one.statement.goal.variables()),
)  # fmt: skip
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


RIGHT = st.lists(st.fractions(0, 1, max_denominator=20), min_size=3, max_size=3)


@st.composite
def binned(draw: st.DrawFn) -> tuple[Fraction, Fraction]:
    """Mean confidence of one bin (0, 1], and g of its mean entropy; g falls by steps.

    At times the one far from the other: most inputs certain, a few uncertain, and one low step.
    """
    if draw(st.booleans()):
        share = draw(st.fractions(Fraction(1, 300), Fraction(1, 100), max_denominator=300))
        return 1 - share, Fraction(0)
    weights = draw(rational_rows(3))
    entropies = sorted(draw(st.lists(st.fractions(0, 1), min_size=3, max_size=3)))
    confidences = sorted(draw(st.lists(st.fractions(0, 1), min_size=3, max_size=3)), reverse=True)
    for i in (1, 2):  # one confidence for one entropy
        if entropies[i] == entropies[i - 1]:
            confidences[i] = confidences[i - 1]
    mean = sum((w * h for w, h in zip(weights, entropies, strict=True)), Fraction(0))
    within = [c for c, h in zip(confidences, entropies, strict=True) if h >= mean]
    conf = sum((w * c for w, c in zip(weights, confidences, strict=True)), Fraction(0))
    return conf, within[0]


@counts_cases_of("app_a_2.step_1_confidence")
def test_the_mean_confidence_is_within_the_bin() -> None:
    seen = Recorder()

    @given(binned(), st.integers(1, 20))
    def holds(pair: tuple[Fraction, Fraction], bins: int) -> None:
        width, (conf, at_mean) = Fraction(1, bins), pair
        apart = abs(conf - at_mean) * width  # the bin (0, 1] shrunk to its width
        assert apart <= width
        seen.case(width, width - apart)

    holds()
    seen.check()


CONFIDENCES = (Fraction(11, 20), Fraction(3, 4), Fraction(19, 20))
"""In three of ten bins."""


def one_input_to_a_bin(masses: tuple[Fraction, ...], right: list[Fraction]) -> FiniteWorld:
    """Two labels; input i answers the first with its own confidence, and ``right[i]`` is so."""
    rows, laws = ([[v, 1 - v] for v in values] for values in (CONFIDENCES, right))
    return plain_world(masses, laws, rows, np.eye(3, dtype=int).tolist())


@counts_cases_of("app_a_2.step_2")
def test_the_gap_is_at_least_confidence_less_accuracy() -> None:
    """Of one bin, in Fractions; the bound is an equality wherever it is positive."""
    seen = Recorder()

    @given(rational_rows(3), RIGHT)
    def holds(masses: tuple[Fraction, ...], right: list[Fraction]) -> None:
        world = one_input_to_a_bin(masses, right)
        gap = sua_ref.population_calibration_error(world, n_bins=1)
        risk = world.expectation(sua_ref.argmax_risk(world.model, world.p_true))
        bound = world.expectation(sua_ref.max_confidence(world.model)) - 1 + risk
        assert gap >= bound
        if bound > 0:
            seen.case(bound, gap - bound)

    holds()
    seen.check()


@counts_cases_of("app_a_2.step_4@equal_bins", "app_a_2.step_4@mass")
@pytest.mark.parametrize("equal", [True, False])
def test_bins_add_up_by_their_probability(equal: bool) -> None:
    """The ECE of a world against what each bin's gap is known to be at least."""
    seen = Recorder()
    known = st.sampled_from([Fraction(1), Fraction(999, 1000), Fraction(1, 2)])

    @given(rational_rows(3), RIGHT, known)
    def holds(masses: tuple[Fraction, ...], right: list[Fraction], share: Fraction) -> None:
        if equal:
            masses = (Fraction(1, 3),) * 3
        error = sua_ref.population_calibration_error(one_input_to_a_bin(masses, right), n_bins=10)
        least = [share * abs(c - r) for c, r in zip(CONFIDENCES, right, strict=True)]
        total = sum((w * v for w, v in zip(masses, least, strict=True)), Fraction(0))
        assert error >= total
        if equal:
            assert total == sum(least) / 3
        if total > 0:
            seen.case(error, error - total)

    holds()
    seen.check()


def test_bins_do_not_add_up_by_1_over_b() -> None:
    """Gaps 11/20, 0, 0 at probabilities 1/100, 99/100, 0."""
    masses = (Fraction(1, 100), Fraction(99, 100), Fraction(0))
    world = one_input_to_a_bin(masses, [Fraction(0), *CONFIDENCES[1:]])
    assert sua_ref.population_calibration_error(world, n_bins=10) < Fraction(11, 20) / 3


def test_a_premise_that_fails_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refutation stands on its world: with another it is refused, and says why."""
    still = dataclasses.replace(named.OFF_DISTRIBUTION, model=(named.UP, named.UP))
    monkeypatch.setattr(named, "OFF_DISTRIBUTION", still)
    assert app_a_2._lower() == ["R_rob: 0, not 1", "S: 0, not 1"]
    wrong = dataclasses.replace(named.CONFIDENT_ERRORS, p_true=(named.DOWN, named.DOWN))
    monkeypatch.setattr(named, "CONFIDENT_ERRORS", wrong)
    assert app_a_2._overconfident() == ["the gap: 1, not 1/10"]
    moved = dataclasses.replace(
        named.CERTAIN_AND_TORN, p_true=(named.UP, named.DOWN, named.DOWN, named.DOWN)
    )
    monkeypatch.setattr(named, "CERTAIN_AND_TORN", moved)
    assert app_a_2._no_errors() == ["not label-invariant"]
