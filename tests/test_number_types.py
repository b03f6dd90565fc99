"""Number types: one body for float64, Fractions and balls; soundness of the balls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import Undecided, cells, elements
from sua_ref.elements import Array
from tests.strategies import as_balls, exact, rational_pairs, rational_rows, worlds

ALGEBRAIC: dict[str, Callable[..., Any]] = {
    "total_variation": sua_ref.total_variation,
    "chi2_divergence": sua_ref.chi2_divergence,
    "gibbs_risk": sua_ref.gibbs_risk,
    "argmax_risk": sua_ref.argmax_risk,
    "interpretation_collapse_gap": sua_ref.interpretation_collapse_gap,
}


@given(rational_pairs(), st.sampled_from(sorted(ALGEBRAIC)))
def test_fractions_stay_fractions_and_lie_in_the_ball(pair: tuple[Array, Array], name: str) -> None:
    p, q = pair
    value = ALGEBRAIC[name](p, q)
    if value == float("inf"):
        return
    assert isinstance(value, Fraction)
    try:
        ball = ALGEBRAIC[name](as_balls(p), as_balls(q))
    except Undecided:  # thirds tie only up to the radius of their balls
        return
    assert ball.overlaps(as_balls(exact([value]))[0])


@st.composite
def ball_and_points(draw: st.DrawFn) -> tuple[Any, list[Fraction]]:
    """A ball with a rational midpoint and radius, and rationals inside it."""
    middle = Fraction(draw(st.integers(0, 64)), 64)
    radius = Fraction(draw(st.integers(0, 16)), 64)
    shares = draw(st.lists(st.integers(-8, 8), min_size=1, max_size=5))
    points = [max(middle + radius * Fraction(s, 8), Fraction(0)) for s in shares]
    lower = max(middle - radius, Fraction(0))
    ball = arb(float((lower + middle + radius) / 2), float((middle + radius - lower) / 2))
    return ball, points


def _contains(ball: Any, value: Any) -> bool:
    return not ball.is_finite() or bool(ball.overlaps(value))


@given(ball_and_points())
def test_xlogx_of_a_ball_contains_the_value_at_every_point(
    drawn: tuple[Any, list[Fraction]],
) -> None:
    ball, points = drawn
    result = cells.xlogx(np.array([ball], dtype=object))[0]
    for point in points:
        at = cells.xlogx(as_balls(exact([point])))[0]
        assert result.overlaps(at), (ball, point)


@pytest.mark.parametrize("upper", [0.375, 0.75, 1.0])
def test_xlogx_of_a_ball_from_zero_past_its_minimum_reaches_the_minimum(upper: float) -> None:
    ball = arb(upper / 2, upper / 2)
    result = cells.xlogx(np.array([ball], dtype=object))[0]
    assert result.contains(-arb(-1).exp())
    assert result.contains(arb(0))


@given(ball_and_points(), ball_and_points(), st.sampled_from(["kl", "jsd", "h2", "chi2"]))
def test_cells_of_balls_contain_the_value_at_every_point(
    first: tuple[Any, list[Fraction]], second: tuple[Any, list[Fraction]], kind: str
) -> None:
    cell = {
        "kl": cells.relative_entropy_term,
        "jsd": cells.jensen_shannon_term,
        "h2": cells.squared_hellinger_term,
        "chi2": cells.chi2_term,
    }[kind]
    (p, p_points), (q, q_points) = first, second
    result = cell(np.array([p], dtype=object), np.array([q], dtype=object))[0]
    if kind in ("jsd", "h2"):
        assert result.is_finite()  # these two are bounded: an empty answer is no answer
    for a in p_points:
        for b in q_points:
            at = cell(as_balls(exact([a])), as_balls(exact([b])))[0]
            assert _contains(result, at), (p, q, a, b, result, at)


@given(ball_and_points(), ball_and_points())
def test_order_statistics_of_balls_contain_the_value_at_every_point(
    first: tuple[Any, list[Fraction]], second: tuple[Any, list[Fraction]]
) -> None:
    (p, p_points), (q, q_points) = first, second
    row = np.array([p, q], dtype=object)
    part = elements.positive_part(row - 1)
    for a in p_points:
        for b in q_points:
            assert elements.largest(row).overlaps(as_balls(exact([max(a, b)]))[0])
            assert elements.smallest(row).overlaps(as_balls(exact([min(a, b)]))[0])
            assert part[0].overlaps(as_balls(exact([max(a - 1, Fraction(0))]))[0])


def test_numpy_maximum_would_have_been_unsound_here() -> None:
    """The trap this package avoids; if NumPy ever closes it, this test says so."""
    straddling = arb(0, 1)
    assert np.maximum(np.array([straddling], dtype=object), 0)[0] == 0
    assert elements.positive_part(np.array([straddling], dtype=object))[0].contains(arb(0.5))


def test_overlapping_balls_are_undecided() -> None:
    wide = np.array([arb(0.5, 0.125), arb(0.5, 0.125)], dtype=object)
    with pytest.raises(Undecided):
        elements.argmax(wide)
    with pytest.raises(Undecided):
        elements.at_most(wide, np.array(arb(0.5), dtype=object))
    with pytest.raises(Undecided):
        elements.dense_rank(wide)
    with pytest.raises(Undecided):
        sua_ref.abstain(wide, 0.5)
    with pytest.raises(Undecided):
        sua_ref.expected_calibration_error(wide, [1, 0], n_bins=2)


def test_exact_balls_tie_like_numbers() -> None:
    coin = as_balls(exact([Fraction(1, 2), Fraction(1, 2)]))
    assert elements.argmax(coin) == 0
    assert elements.dense_rank(coin).tolist() == [0, 0]


@given(worlds(), st.sampled_from(["gibbs", "self", "argmax"]))
def test_worst_case_risk_is_the_largest_over_the_ball(
    world: tuple[Array, Array, Array, Array], risk: str
) -> None:
    p, perturbed, truth, _ = world
    rows = [p, *perturbed]
    n = len(truth)
    alone = {
        "gibbs": [sum(a * (1 - b) for a, b in zip(r, truth, strict=True)) for r in rows],
        "self": [1 - max(r) for r in rows],
        "argmax": [1 - truth[max(range(n), key=lambda i: (r[i], -i))] for r in rows],
    }[risk]
    assert sua_ref.worst_case_risk(p, perturbed, truth, risk=risk) == max(alone)


@given(worlds())
def test_weighted_sensitivity_is_the_expectation_and_a_zero_weight_drops_its_term(
    world: tuple[Array, Array, Array, Array],
) -> None:
    p, perturbed, _, weights = world
    value = sua_ref.distributional_sensitivity(p, perturbed, divergence="chi2", weights=weights)
    total: Any = Fraction(0)
    for w, q in zip(weights, perturbed, strict=True):
        if w:
            total += w * sua_ref.chi2_divergence(p, q)
    assert value == total


@given(rational_rows())
def test_integers_join_fractions_and_balls(row: tuple[Fraction, ...]) -> None:
    whole = [int(v) if v.denominator == 1 else v for v in row]
    assert sua_ref.max_confidence(np.array(whole, dtype=object)) == max(row)
    mixed = [0 if v == 0 else as_balls(exact([v]))[0] for v in row]
    assert sua_ref.max_confidence(np.array(mixed, dtype=object)).overlaps(
        as_balls(exact([max(row)]))[0]
    )


SINGLE = np.array([0.1, 0.2, 0.7], dtype=np.float32)
TAKES_SINGLE: dict[str, Callable[[], Any]] = {
    "distributional_sensitivity": lambda: sua_ref.distributional_sensitivity(SINGLE, [SINGLE]),
    "worst_case_sensitivity": lambda: sua_ref.worst_case_sensitivity(SINGLE, [SINGLE]),
    "sua_score": lambda: sua_ref.sua_score(SINGLE, [SINGLE], lam=1),
    "additive_score": lambda: sua_ref.additive_score(SINGLE, [SINGLE]),
    "latent_ambiguity": lambda: sua_ref.latent_ambiguity(SINGLE),
    "true_uncertainty": lambda: sua_ref.true_uncertainty(SINGLE),
    "miscalibration_gap": lambda: sua_ref.miscalibration_gap(SINGLE, SINGLE),
    "self_risk": lambda: sua_ref.self_risk(SINGLE),
    "gap": lambda: sua_ref.interpretation_collapse_gap(SINGLE, SINGLE),
    "worst_case_risk": lambda: sua_ref.worst_case_risk(SINGLE, [SINGLE], SINGLE),
    "robust": lambda: sua_ref.is_distributionally_robust(SINGLE, [SINGLE], delta=0.1),
    "preserving": lambda: sua_ref.is_semantics_preserving(SINGLE, [SINGLE]),
    "reverse_kl": lambda: sua_ref.divergence(SINGLE, SINGLE, kind="reverse_kl"),
    "consistency_loss": lambda: sua_ref.consistency_loss([SINGLE], [[SINGLE]]),
    "sua_tr_loss": lambda: sua_ref.sua_tr_loss([SINGLE], [[SINGLE]], [0], lam=1, a=1, b=1),
    "eq_10": lambda: (
        sua_ref.thm_4_3_eq_10(SINGLE, [SINGLE], SINGLE, lipschitz=1, phi=lambda h: 0 * h).rhs
    ),
    "lem_4_6": lambda: sua_ref.lem_4_6(SINGLE, [1.0], [SINGLE]).rhs,
    "lem_4_7": lambda: sua_ref.lem_4_7(SINGLE, [SINGLE], alpha=0.5).lhs,
    "lem_4_7_general": lambda: sua_ref.lem_4_7_general(SINGLE, [SINGLE], SINGLE, [SINGLE]).lhs,
    "lem_4_7_risk": lambda: sua_ref.lem_4_7_risk(SINGLE, SINGLE, SINGLE).rhs,
    "expected_risk_bound": lambda: sua_ref.expected_risk_bound(SINGLE, [SINGLE], SINGLE).rhs,
    "eq_11": lambda: (
        sua_ref.thm_4_3_eq_11(SINGLE, [SINGLE], SINGLE, lam=1, lipschitz=1, phi=lambda h: 0 * h).lhs
    ),
}


@pytest.mark.parametrize("name", sorted(TAKES_SINGLE))
def test_single_precision_rows_are_checked_once_at_their_own_tolerance(name: str) -> None:
    as_lists = SINGLE.astype(np.float64)
    assert abs(as_lists.sum() - 1) > 4e-15  # as float64 rows they would be refused
    assert np.isfinite(TAKES_SINGLE[name]())


def test_a_ball_that_may_be_zero_over_an_exact_zero_is_indeterminate() -> None:
    touching = np.array([arb(0.05, 0.05), arb(0.95, 0.05)], dtype=object)
    corner = np.array([arb(0), arb(1)], dtype=object)
    assert sua_ref.chi2_divergence(touching, corner).is_nan()
    inside = np.array([arb(0.5), arb(0.5)], dtype=object)
    assert not sua_ref.chi2_divergence(inside, corner).is_finite()
    assert not sua_ref.chi2_divergence(inside, corner).is_nan()


def test_a_ball_never_joins_floats_by_its_midpoint() -> None:
    wide = arb(1, 0.5)
    calls: list[Callable[[], Any]] = [
        lambda: sua_ref.abstain([1.0], wide),
        lambda: sua_ref.selective_risk([1.0], [0], tau=wide),
        lambda: sua_ref.sua_score([0.5, 0.5], [[0.5, 0.5]], lam=wide),
        lambda: sua_ref.sua_risk([0.1, 0.2], weights=as_balls(exact([Fraction(1, 2)] * 2))),
        lambda: sua_ref.miscalibration_gap([0.5, 0.5], as_balls(np.array([0.5, 0.5]))),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"ball cannot join|one number type"):
            call()


def test_a_decided_maximum_is_found_among_undecided_others() -> None:
    row = np.array([arb(0.1, 1e-3), arb(0.1, 1e-3), arb(0.8, 1e-3)], dtype=object)
    assert elements.argmax(row) == 2


def test_an_impossible_label_costs_infinity_in_balls_too() -> None:
    coin = np.array([[arb(1), arb(0)]], dtype=object)
    assert sua_ref.task_loss(coin, [1]) == arb.pos_inf()


def test_infinity_stands_among_fractions_where_a_divergence_returned_it() -> None:
    scores = exact([Fraction(1), float("inf")])
    assert sua_ref.failure_auroc(scores, [0, 1]) == 1
    assert not sua_ref.abstain(exact([Fraction(1)]), float("inf"))[0]


def test_a_zero_coefficient_drops_its_term() -> None:
    views = [[[0.0, 1.0]]]
    loss = sua_ref.sua_tr_loss([[1.0, 0.0]], views, [0], lam=1, a=0, b=0, divergence="kl")
    assert float(loss) == 0
