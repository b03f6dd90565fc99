"""Definitions 3.1 to 3.10: identities and hand-computed values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref.elements import Array
from tests.strategies import (
    as_balls,
    as_floats,
    exact,
    float_rows,
    rational_pairs,
    rational_rows,
    worlds,
)
from tests.tolerances import CELL_SUM, EPS

World = tuple[Array, Array, Array, Array]
KINDS = ["kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2"]


@given(worlds())
def test_mixture_of_conditionals_is_a_distribution_in_their_hull(world: World) -> None:
    _, conditionals, _, weights = world
    mixed = sua_ref.mixture(weights, conditionals)
    assert sum(mixed) == 1
    for y, value in enumerate(mixed):
        assert min(conditionals[:, y]) <= value <= max(conditionals[:, y])


@given(worlds(), st.sampled_from(KINDS))
def test_sensitivity_never_exceeds_its_supremum(world: World, kind: str) -> None:
    """Remark 3.3, first sentence, under every weighting."""
    p, perturbed, _, weights = (as_floats(a) for a in world)
    s = sua_ref.distributional_sensitivity(p, perturbed, divergence=kind, weights=weights)
    supremum = sua_ref.worst_case_sensitivity(p, perturbed, divergence=kind)
    assert s <= supremum * (1 + 8 * EPS)


@given(worlds(), st.sampled_from(KINDS))
def test_sensitivity_is_the_mean_of_the_divergences(world: World, kind: str) -> None:
    p, perturbed = (as_floats(a) for a in world[:2])
    each = [float(sua_ref.divergence(p, q, kind=kind)) for q in perturbed]
    s = float(sua_ref.distributional_sensitivity(p, perturbed, divergence=kind))
    assert s == pytest.approx(sum(each) / len(each), rel=CELL_SUM)
    worst = float(sua_ref.worst_case_sensitivity(p, perturbed, divergence=kind))
    assert worst == max(each)


@given(rational_rows(), st.integers(1, 3), st.sampled_from(KINDS))
def test_a_model_that_never_moves_has_no_sensitivity(
    row: tuple[Fraction, ...], k: int, kind: str
) -> None:
    p = as_floats(exact(row))
    assert sua_ref.distributional_sensitivity(p, np.stack([p] * k), divergence=kind) == 0


@given(worlds(), st.fractions(Fraction(1, 8), 4), st.sampled_from(["jsd", "tv"]))
def test_sua_score_is_sensitivity_minus_lambda_entropy_and_falls_with_lambda(
    world: World, lam: Fraction, kind: str
) -> None:
    p, perturbed = (as_balls(a) for a in world[:2])
    score = sua_ref.sua_score(p, perturbed, lam=lam, divergence=kind)
    s = sua_ref.distributional_sensitivity(p, perturbed, divergence=kind)
    assert score.overlaps(s - as_balls(exact([lam]))[0] * sua_ref.predictive_entropy(p))
    assert not sua_ref.sua_score(p, perturbed, lam=2 * lam, divergence=kind) > score


@given(worlds())
def test_sua_score_stays_in_its_range(world: World) -> None:
    p, perturbed = (as_floats(a) for a in world[:2])
    n = len(p)
    score = float(sua_ref.sua_score(p, perturbed, lam=0.5, divergence="tv"))
    assert -0.5 * math.log(n) - 8 * EPS <= score <= 1 + 8 * EPS


def test_an_infinite_divergence_makes_the_score_infinite() -> None:
    assert sua_ref.sua_score([1.0, 0.0], [[0.0, 1.0]], lam=1, divergence="kl") == math.inf


@given(rational_pairs())
def test_miscalibration_gap_is_symmetric_and_zero_for_the_truth(
    pair: tuple[Array, Array],
) -> None:
    p, q = (as_floats(a) for a in pair)
    assert sua_ref.miscalibration_gap(p, q) == sua_ref.miscalibration_gap(q, p)
    assert sua_ref.miscalibration_gap(p, p) == 0
    assert sua_ref.true_uncertainty(p) == sua_ref.predictive_entropy(p) == sua_ref.entropy(p)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_sua_risk_counts_positive_scores_only(scores: list[float]) -> None:
    expected = sum(s for s in scores if s > 0) / len(scores)
    assert float(sua_ref.sua_risk(scores)) == pytest.approx(expected, rel=CELL_SUM)


def test_sua_risk_in_fractions_with_weights() -> None:
    scores = exact([Fraction(1, 2), Fraction(-1), Fraction(1, 3)])
    weights = exact([Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)])
    assert sua_ref.sua_risk(scores, weights=weights) == Fraction(7, 24)


@given(worlds(), st.fractions(0, 1))
def test_invariance_predicates_decide_total_variation_exactly(
    world: World, delta: Fraction
) -> None:
    p, others = world[:2]
    inside = all(sua_ref.total_variation(p, q) <= delta for q in others)
    assert bool(sua_ref.is_label_invariant(p, others, delta=delta)) == inside
    assert bool(sua_ref.is_semantics_preserving(p, others, delta=delta)) == inside


def test_semantics_preserving_does_not_imply_label_invariant() -> None:
    """The audit's two-point case: one interpretation, labels that flip."""
    assert sua_ref.is_semantics_preserving([1.0], [[1.0]])
    assert not sua_ref.is_label_invariant([1.0, 0.0], [[0.0, 1.0]])


@given(worlds(), st.sampled_from(KINDS))
def test_distributional_robustness_is_the_supremum_within_delta(world: World, kind: str) -> None:
    p, perturbed = (as_floats(a) for a in world[:2])
    supremum = sua_ref.worst_case_sensitivity(p, perturbed, divergence=kind)
    if math.isfinite(float(supremum)):
        assert sua_ref.is_distributionally_robust(p, perturbed, delta=supremum, divergence=kind)
    if supremum > 0:
        below = min(float(np.nextafter(supremum, 0)), 1e300)
        assert not sua_ref.is_distributionally_robust(p, perturbed, delta=below, divergence=kind)


def test_pointwise_robustness_at_the_boundary() -> None:
    def distance(a: float, b: float) -> float:
        return abs(a - b)

    assert sua_ref.is_pointwise_robust(0.0, [0.5, -0.5], delta=0.5, metric=distance)
    assert not sua_ref.is_pointwise_robust(0.0, [0.75], delta=0.5, metric=distance)
    assert sua_ref.is_pointwise_robust(0.0, [], delta=0, metric=distance)
    with pytest.raises(ValueError, match=r"perturbed_outputs\[1\]\): nan"):
        sua_ref.is_pointwise_robust(0.0, [0.0, math.nan], delta=1, metric=distance)


@given(float_rows(3))
def test_ambiguity_collapse_needs_both_sides(row: np.ndarray) -> None:
    a, h = float(sua_ref.latent_ambiguity(row)), 0.25
    assert sua_ref.ambiguity_collapse(a, h, alpha=a, beta=h)
    assert not sua_ref.ambiguity_collapse(a, h, alpha=a + 0.5, beta=h)
    assert not sua_ref.ambiguity_collapse(a, h, alpha=a, beta=0.125)


def test_invariance_means_equality_unless_a_tolerance_is_given() -> None:
    for predicate in (sua_ref.is_semantics_preserving, sua_ref.is_label_invariant):
        assert predicate([0.5, 0.5], [[0.5, 0.5]])
        assert not predicate([0.5, 0.5], [[0.5, 0.5], [0.25, 0.75]])
        assert predicate([0.5, 0.5], [[0.5, 0.5], [0.25, 0.75]], delta=0.25)
