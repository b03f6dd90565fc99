"""Risks, the gap, and the evaluated inequalities."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref.elements import Array
from sua_ref.sec4_risks import GAPS, RISKS
from tests.strategies import as_floats, exact, rational_pairs, worlds
from tests.tolerances import EPS

World = tuple[Array, Array, Array, Array]


@st.composite
def losses(draw: st.DrawFn, n: int) -> Array:
    """A square loss with rational entries."""
    cells = st.fractions(-2, 2, max_denominator=6)
    return exact([[draw(cells) for _ in range(n)] for _ in range(n)])


@given(rational_pairs(), st.data())
def test_risks_match_loops_over_the_definition(
    pair: tuple[Array, Array], data: st.DataObject
) -> None:
    q, truth = pair
    n = len(q)
    loss = data.draw(losses(n))
    expected = [sum(truth[y] * loss[a, y] for y in range(n)) for a in range(n)]
    assert sua_ref.gibbs_risk(q, truth, loss) == sum(q[a] * expected[a] for a in range(n))
    assert sua_ref.bayes_risk(truth, loss) == min(expected)
    own = [sum(q[y] * loss[a, y] for y in range(n)) for a in range(n)]
    assert sua_ref.self_risk(q, loss) == min(own)


@given(rational_pairs())
def test_zero_one_loss_is_the_default(pair: tuple[Array, Array]) -> None:
    q, truth = pair
    zero_one = exact([[Fraction(a != y) for y in range(len(q))] for a in range(len(q))])
    assert sua_ref.gibbs_risk(q, truth) == sua_ref.gibbs_risk(q, truth, zero_one)
    assert sua_ref.bayes_risk(truth) == sua_ref.bayes_risk(truth, zero_one) == 1 - max(truth)
    assert sua_ref.self_risk(q) == 1 - max(q)
    assert sua_ref.argmax_risk(q, truth) == 1 - truth[list(q).index(max(q))]


@given(rational_pairs())
def test_no_answer_beats_the_bayes_risk(pair: tuple[Array, Array]) -> None:
    q, truth = pair
    assert sua_ref.bayes_risk(truth) <= sua_ref.gibbs_risk(q, truth)
    assert sua_ref.bayes_risk(truth) <= sua_ref.argmax_risk(q, truth)


@given(rational_pairs())
def test_three_readings_of_the_gap(pair: tuple[Array, Array]) -> None:
    q, truth = pair
    signed = sua_ref.interpretation_collapse_gap(q, truth)
    assert signed == max(q) - max(truth)
    positive = sua_ref.interpretation_collapse_gap(q, truth, reading="positive")
    assert positive == max(signed, 0)
    assert sua_ref.interpretation_collapse_gap(q, truth, reading="absolute") == abs(signed)
    assert sua_ref.interpretation_collapse_gap(truth, truth) == 0


@given(worlds(), st.sampled_from(RISKS))
def test_robust_risk_is_at_least_the_clean_risk(world: World, risk: str) -> None:
    p, perturbed, truth, _ = world
    clean = {
        "gibbs": sua_ref.gibbs_risk(p, truth),
        "self": sua_ref.self_risk(p),
        "argmax": sua_ref.argmax_risk(p, truth),
        "argmax_shifted": sua_ref.argmax_risk(p, truth),
    }[risk]
    laws = np.stack([truth] * len(perturbed))
    worst = sua_ref.worst_case_risk(p, perturbed, truth, risk=risk, p_true_perturbed=laws)
    assert worst >= clean
    fewer = sua_ref.worst_case_risk(p, perturbed[:1], truth, risk=risk, p_true_perturbed=laws[:1])
    assert worst >= fewer


def test_shifted_argmax_is_judged_by_the_law_of_the_perturbed_input() -> None:
    p, there = np.array([1.0, 0.0]), np.array([[1.0, 0.0]])
    flipped = np.array([[0.0, 1.0]])
    assert sua_ref.worst_case_risk(p, there, p, risk="argmax", p_true_perturbed=flipped) == 0
    shifted = sua_ref.worst_case_risk(p, there, p, risk="argmax_shifted", p_true_perturbed=flipped)
    assert shifted == 1


@given(worlds(), st.sampled_from(RISKS), st.sampled_from(GAPS))
def test_eq_11_sides_are_the_sums_they_say(world: World, risk: str, gap: str) -> None:
    p, perturbed, truth, weights = (as_floats(a) for a in world)
    laws = np.stack([truth] * len(perturbed))
    b = sua_ref.thm_4_3_eq_11(
        p, perturbed, truth, lam=0.5, lipschitz=2.0, phi=lambda h: h / 4, weights=weights,
        risk=risk, gap=gap, p_true_perturbed=laws,
    )  # fmt: skip
    assert b.lhs == sua_ref.worst_case_risk(p, perturbed, truth, risk=risk, p_true_perturbed=laws)
    clean = sua_ref.worst_case_risk(
        p, p[None, :], truth, risk=risk, p_true_perturbed=truth[None, :]
    )
    score = sua_ref.sua_score(p, perturbed, lam=0.5, divergence="tv", weights=weights)
    kappa = sua_ref.interpretation_collapse_gap(p, truth, reading=gap)
    assert abs(b.rhs - (clean + 2 * score + kappa)) <= 16 * EPS


@given(worlds())
def test_eq_11_hypotheses_are_read_off_the_arguments(world: World) -> None:
    p, perturbed, truth, _ = (as_floats(a) for a in world)
    read = sua_ref.thm_4_3_eq_11(
        p, perturbed, truth, lam=1, lipschitz=0.5, phi=lambda h: 2 * h, condition="at_most_phi"
    ).hypotheses
    assert set(read) == {"asm_1", "asm_2.here", "condition"}
    assert not read["asm_1"]  # osc of the 0-1 loss is 1
    assert bool(read["condition"])  # 2 H >= H / 2
    h = max(float(sua_ref.entropy(p)), float(sua_ref.entropy(truth)))
    if h > 0.7:
        assert not read["asm_2.here"]  # no 0-1 risk reaches 2 H there


@given(worlds())
def test_additive_score_bounds_the_error_of_every_perturbed_prediction(world: World) -> None:
    """Result n_3, in Fractions: nothing may violate it."""
    p, perturbed, truth, weights = world
    mean_error = sum(
        w * sua_ref.argmax_risk(q, truth) for w, q in zip(weights, perturbed, strict=True)
    )
    score = sua_ref.additive_score(p, perturbed, weights=weights)
    assert mean_error <= score + sua_ref.total_variation(p, truth)


def test_a_loss_may_have_an_action_that_is_no_label() -> None:
    """Abstaining costs 1/4 whatever the label; under (1/2, 1/2) either answer costs 1/2."""
    loss = [[0.0, 1.0], [1.0, 0.0], [0.25, 0.25]]
    assert sua_ref.self_risk([0.5, 0.5], loss) == sua_ref.bayes_risk([0.5, 0.5], loss) == 0.25
    assert sua_ref.interpretation_collapse_gap([0.5, 0.5], [1.0, 0.0], loss=loss) == -0.25
