"""Claims decided in balls: the combinations against the functions of the reference."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax as scipy_softmax

import sua_ref
from paper_repro import exact_claims, world_nli, world_topic
from paper_repro.evaluate import Result
from paper_repro.exact_claims import (
    BASELINES,
    CONDITIONS,
    LAMBDAS,
    MUST_HOLD,
    NO,
    OPEN,
    PHIS,
    SELECTIVE,
    TAUS,
    YES,
    Decision,
    Examined,
    at_most,
    both,
    examine,
)
from paper_repro.exact_results import Tally, exact_results, tallies
from paper_repro.exact_values import GAPS, RISKS, ball, by_input, calibration, softmax, values
from paper_repro.worlds import World, distinct
from sua_ref import Undecided
from tests.tolerances import few_ulps

Floats = npt.NDArray[np.float64]
WORLDS = (
    World(tuple(distinct(world_topic.invent, 2, "exact"))),
    World(tuple(distinct(world_nli.invent, 2, "exact"))),
)
SHARP = settings(max_examples=25)


def logits_for(world: World, seed: int, scale: float) -> Floats:
    n = len(world.contents[0].label_law)
    return np.random.default_rng(seed).normal(size=(len(world.inputs), n)) * scale


@cache
def examined(which: int, seed: int, scale: float) -> Examined:
    world = WORLDS[which]
    return examine(world, logits_for(world, seed, scale))


CASES = st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([0.3, 2.0]))
"""Which world, which seed, how confident: the arguments of ``examined``."""
Key = tuple[int, int, float]


def find(case: Examined, claim: str, **parameters: Any) -> Decision:
    (found,) = (
        d
        for d in case.decisions
        if d.claim == claim and all(getattr(d, k) == v for k, v in parameters.items())
    )
    return found


def mark(left: Any, right: Any) -> int:
    return int(at_most(left, right)[0])


@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_softmax_of_stored_logits_is_enclosed(rows: list[list[float]]) -> None:
    logits = np.array(rows)
    with ctx.workprec(128):
        coarse = softmax(logits)
    with ctx.workprec(400):
        for row, enclosed in zip(rows, coarse, strict=True):
            weights = [arb(x).exp() for x in row]
            for weight, e in zip(weights, enclosed, strict=True):
                assert e.contains(weight / sum(weights, arb(0)))
    plain = scipy_softmax(logits, axis=-1)
    # scipy: three roundings of an exponent below 100 and of a sum of three.
    assert np.allclose(coarse.astype(np.float64), plain, rtol=few_ulps(200), atol=0)


def test_a_logit_that_is_not_finite_is_refused() -> None:
    logits = logits_for(WORLDS[0], 0, 1.0)
    logits[3, 1] = math.nan
    with pytest.raises(ValueError, match=r"logits: row 3 is \[.*nan"):
        values(WORLDS[0], logits)


@SHARP
@given(CASES, st.data())
def test_10_is_the_public_function_at_every_reading(key: Key, data: st.DataObject) -> None:
    case = examined(*key)
    risk, gap = data.draw(st.sampled_from(RISKS)), data.draw(st.sampled_from(GAPS))
    phi, x = data.draw(st.sampled_from(list(PHIS))), data.draw(st.integers(0, 31))
    p, near, truth, _, laws = case.values.world.arguments(x)
    with ctx.workprec(case.bits):
        bound = sua_ref.thm_4_3_eq_10(
            p, near, truth, lipschitz=1, phi=PHIS[phi], risk=risk, gap=gap, p_true_perturbed=laws
        )
        found = find(case, f"thm_4_3.eq_10@{risk}.{gap}", phi=phi)
        assert found.true[x] == mark(bound.lhs, bound.rhs)
    assert found.met[x] == all(bound.hypotheses.values())


@SHARP
@given(CASES, st.data())
def test_11_is_the_public_function_at_every_reading(key: Key, data: st.DataObject) -> None:
    case = examined(*key)
    risk, gap = data.draw(st.sampled_from(RISKS)), data.draw(st.sampled_from(GAPS))
    phi, x = data.draw(st.sampled_from(list(PHIS))), data.draw(st.integers(0, 31))
    lam, condition = data.draw(st.sampled_from(LAMBDAS)), data.draw(st.sampled_from(CONDITIONS))
    p, near, truth, weights, laws = case.values.world.arguments(x)
    with ctx.workprec(case.bits):
        bound = sua_ref.thm_4_3_eq_11(
            p, near, truth, lam=lam, lipschitz=1, phi=PHIS[phi], weights=weights, risk=risk,
            gap=gap, condition=condition, p_true_perturbed=laws,
        )  # fmt: skip
        found = find(case, f"thm_4_3.eq_11@{risk}.{gap}.{condition}", phi=phi, lam=lam)
        assert found.true[x] == mark(bound.lhs, bound.rhs)
    assert found.met[x] == all(bound.hypotheses.values())


@SHARP
@given(CASES, st.data())
def test_corollary_4_4_is_the_public_function(key: Key, data: st.DataObject) -> None:
    case = examined(*key)
    risk, gap = data.draw(st.sampled_from(RISKS)), data.draw(st.sampled_from(GAPS))
    phi, lam = data.draw(st.sampled_from(list(PHIS))), data.draw(st.sampled_from(LAMBDAS))
    condition = data.draw(st.sampled_from(CONDITIONS))
    with ctx.workprec(case.bits):
        bound = sua_ref.cor_4_4(
            case.values.world, lam=lam, lipschitz=1, phi=PHIS[phi], risk=risk, gap=gap,
            condition=condition,
        )  # fmt: skip
        found = find(case, f"cor_4_4@{risk}.{gap}.{condition}", phi=phi, lam=lam)
        assert found.true.tolist() == [mark(bound.lhs, bound.rhs)]
    assert found.met.tolist() == [all(bound.hypotheses.values())]


@SHARP
@given(CASES, st.data())
def test_14_is_the_public_function(key: Key, data: st.DataObject) -> None:
    case = examined(*key)
    risk, gap = data.draw(st.sampled_from(RISKS)), data.draw(st.sampled_from(GAPS))
    baseline, selective = (
        data.draw(st.sampled_from(BASELINES)),
        data.draw(st.sampled_from(SELECTIVE)),
    )
    lam, tau = data.draw(st.sampled_from(LAMBDAS)), data.draw(st.sampled_from(TAUS))
    found = find(case, f"prop_4_8@{risk}.{gap}.{baseline}.{selective}", lam=lam, tau=tau)

    def public() -> sua_ref.Bound:
        return sua_ref.prop_4_8(
            case.values.world, tau=tau, lam=lam, lipschitz=1, risk=risk, gap=gap,
            baseline=baseline, selective=selective,
        )  # fmt: skip

    with ctx.workprec(case.bits):
        if found.met[0] == NO:
            with pytest.raises(ValueError, match="coverage 0"):
                public()
        else:
            bound = public()
            assert found.true.tolist() == [mark(bound.lhs, bound.rhs)]


@given(CASES)
def test_the_proved_statements_hold_everywhere(key: Key) -> None:
    case = examined(*key)
    for claim in MUST_HOLD:
        decision = find(case, claim)
        assert decision.holds == len(decision.met)


@given(CASES, st.integers(0, 31))
def test_the_repairs_are_their_definitions_in_float(key: Key, x: int) -> None:
    """A loop over the ball: the two sides of n_3 and n_4, and the flips of n_1."""
    case = examined(*key)
    v = case.values
    p, near, truth, weights, _ = (np.asarray(a).astype(np.float64) for a in v.world.arguments(x))
    errors = sum(w * (1 - truth[q.argmax()]) for w, q in zip(weights, near, strict=True))
    flips = sum(w * (q.argmax() != p.argmax()) for w, q in zip(weights, near, strict=True))
    s = sum(w * np.abs(q - p).sum() / 2 for w, q in zip(weights, near, strict=True))
    assert math.isclose(float(v.error_nearby[x]), errors, abs_tol=few_ulps(20))
    assert math.isclose(float(v.flips[x]), flips, abs_tol=few_ulps(20))
    assert math.isclose(float(v.sensitivity[x]), s, abs_tol=few_ulps(20))
    assert errors <= 1 - p.max() + 2 * s + np.abs(p - truth).sum() / 2 + few_ulps(50)


@given(CASES)
def test_the_calibration_error_is_its_definition_in_float(key: Key) -> None:
    case = examined(*key)
    w = case.values.world
    q, truth, mass = (np.asarray(a).astype(np.float64) for a in (w.model, w.p_true, w.p_x))
    confidence, label = q.max(-1), q.argmax(-1)
    gap = mass * (truth[np.arange(len(q)), label] - confidence)
    bins = np.ceil(confidence * 15)
    error = sum(abs(gap[bins == b].sum()) for b in np.unique(bins))
    sides = calibration(case.values)
    assert sides is not None
    assert math.isclose(float(sides.error), error, abs_tol=few_ulps(100))
    assert math.isclose(case.expected["ece"], error, abs_tol=few_ulps(100))


def assert_bounds_are_their_formulas(case: Examined) -> None:
    """n_1 and n_16 in float, the smaller lambda of the 15 bins written out."""
    v = case.values
    w = v.world
    q, mass, flips, s = (
        np.asarray(a).astype(np.float64) for a in (w.model, w.p_x, v.flips, v.sensitivity)
    )
    from_flips = mass @ q.max(-1) - 1 + mass @ flips / 2
    from_sensitivity = mass @ s / 2 + 3 / (4 * math.log(2)) * (mass @ (q * np.log(q)).sum(-1))
    for found, formula in (
        ("ece_lower_bound", from_flips), ("ece_lower_bound_from_sensitivity", from_sensitivity),
    ):  # fmt: skip
        assert math.isclose(case.expected[found], max(formula, 0), abs_tol=few_ulps(100))
        assert case.expected[found] <= case.expected["ece"]


@given(CASES)
def test_the_bounds_of_the_calibration_error_are_their_formulas(key: Key) -> None:
    assert_bounds_are_their_formulas(examined(*key))


@pytest.mark.parametrize("certainty", [6.0, 8.0, 40.0])
def test_the_bounds_of_the_calibration_error_speak_where_synonyms_turn_the_answer(
    certainty: float,
) -> None:
    world = WORLDS[0]
    said = np.array([sum(entry.choice) % 2 for entry in world.inputs])
    case = examine(world, np.where(np.arange(4) == said[:, None], certainty, 0.0))
    assert_bounds_are_their_formulas(case)
    assert case.expected["ece_lower_bound"] > 0.05
    assert case.expected["ece_lower_bound_from_sensitivity"] > 0.05
    assert find(case, "n_1").holds == find(case, "n_16").holds == 1


@given(CASES)
def test_every_input_is_counted_once(key: Key) -> None:
    case = examined(*key)
    for d in case.decisions:
        assert d.holds + d.fails + d.missed + d.undecided == len(d.met)
        assert set(d.met) | set(d.true) <= {YES, NO, OPEN}
    names = [(d.name, d.tau) for d in case.decisions]
    assert len(set(names)) == len(names)


def test_balls_have_three_answers() -> None:
    wide = arb(0.5, 1)
    marks = at_most(np.array([arb(1), arb(2), wide], dtype=object), arb(1))
    assert marks.tolist() == [YES, NO, OPEN]
    for a, b, expected in (
        (YES, YES, YES), (YES, NO, NO), (NO, OPEN, NO), (OPEN, NO, NO), (OPEN, YES, OPEN),
        (OPEN, OPEN, OPEN),
    ):  # fmt: skip
        assert both(np.array([a], np.int8), np.array([b], np.int8)).tolist() == [expected]


def test_an_undecided_input_leaves_the_others_decided() -> None:
    def f(a: Any) -> Any:
        if any(x == 3 for x in a):
            raise Undecided("three")
        return a * 2

    found = by_input(f, np.array([arb(i) for i in range(7)], dtype=object))
    known = [i for i in range(7) if found[i] == 2 * i]
    assert known == [0, 1, 2, 4, 5, 6]
    assert not found[3] <= 1000
    assert not found[3] > -1000


def test_a_tie_of_two_labels_is_undecided_and_is_counted() -> None:
    """Two equal logits: no precision tells which label is the answer."""
    logits = logits_for(WORLDS[0], 0, 2.0)
    logits[5] = [1.0, 1.0, 0.0, 0.0]
    case = examine(WORLDS[0], logits)
    near = {i for i in range(32) if case.values.world.neighbours[i, 5]}
    additive = find(case, "n_3")
    assert {i for i in range(32) if additive.true[i] == OPEN} == near
    assert additive.undecided == len(near)
    assert find(case, "n_1").undecided == find(case, "n_16").undecided == 1
    assert find(case, "n_4").undecided == 0
    assert "ece" not in case.expected
    assert case.bits == exact_claims.PRECISIONS[-1]


def rows_of(case: Examined) -> dict[str, Result]:
    rows = exact_results(case)
    by_metric = {r.metric: r for r in rows}
    assert len(by_metric) == len(rows)
    return by_metric


@given(CASES)
def test_rows_are_shares_that_add_up(key: Key) -> None:
    case = examined(*key)
    rows = rows_of(case)
    for name, tally in tallies(case).items():
        kinds = ("holds", "fails", "missed", "undecided")
        given_rows = [rows[f"{k}@{name}"] for k in kinds if f"{k}@{name}" in rows]
        assert math.isclose(sum(r.value for r in given_rows), 1)
        assert all(r.n == tally.total for r in given_rows)
    grid = [d for d in case.decisions if d.claim == "prop_4_8@gibbs.signed.overall.clean"]
    assert len(grid) == len(LAMBDAS) * len(TAUS)
    assert tallies(case)["prop_4_8@gibbs.signed.overall.clean"] == Tally(
        sum(d.holds for d in grid), sum(d.fails for d in grid), sum(d.missed for d in grid)
    )


def test_names_carry_the_parameters() -> None:
    marks = np.array([YES], np.int8)
    named = Decision("cor_4_4@self.signed.at_most_phi", marks, marks, "0", Fraction(1, 10))
    assert named.name == "cor_4_4@self.signed.at_most_phi;phi=0;lambda=0.1"
    assert Decision("n_3", marks, marks).name == "n_3"


def fractions() -> Iterator[Fraction]:
    yield from (Fraction(1, 16), Fraction(3, 4), Fraction(0))


def test_dyadic_numbers_are_exact_balls() -> None:
    for f in fractions():
        assert ball(f).is_exact()
        assert float(ball(f)) == float(f)
