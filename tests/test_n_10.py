"""Result n_10: the thresholds keep their promise by exact enumeration, and their rivals do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sua_ref
from sua_ref import Infeasible, Threshold
from sua_ref.binomial import counts
from tests.strategies import Floats, as_balls, exact, scored
from tests.test_n_9 import chance, outcomes
from tests.tolerances import few_ulps

Law = Sequence[Fraction]
"""Probabilities of (score 0, right), (score 0, wrong), (score 1, right), (score 1, wrong), ..."""
Rule = Callable[[list[int], list[int], list[int]], int | None]
"""From scores, errors and grid to a threshold, or None for abstaining always."""


def rates(law: Law, tau: int) -> tuple[Fraction, Fraction]:
    """True probabilities of answering, and of answering wrongly."""
    answered = sum(law[: 2 * (tau + 1)], Fraction(0))
    return answered, sum(law[1 : 2 * (tau + 1) : 2], Fraction(0))


def enumerate_rule(law: Law, n: int, rule: Rule) -> list[tuple[Fraction, int | None]]:
    """Every outcome of n calibration rows: its exact probability, and the threshold chosen."""
    grid = list(range(len(law) // 2))
    found = []
    for outcome in outcomes(n, len(law)):
        cells = [(i // 2, i % 2) for i, count in enumerate(outcome) for _ in range(count)]
        tau = rule([score for score, _ in cells], [wrong for _, wrong in cells], grid)
        found.append((chance(outcome, law), tau))
    return found


def chance_of_violation(law: Law, n: int, risk: Fraction, rule: Rule) -> Fraction:
    """P(selective risk of the chosen threshold > risk)."""
    total = Fraction(0)
    for p, tau in enumerate_rule(law, n, rule):
        if tau is not None:
            answered, wrong = rates(law, tau)
            total += p * (wrong > risk * answered)
    return total


def expected(law: Law, n: int, rule: Rule, *, selective: bool) -> Fraction:
    """E of the joint (or selective) risk of the chosen threshold, 0 where it abstains always."""
    total = Fraction(0)
    for p, tau in enumerate_rule(law, n, rule):
        if tau is not None:
            answered, wrong = rates(law, tau)
            total += p * (wrong / answered if selective else wrong)
    return total


def chosen(**settings_: Any) -> Rule:
    def rule(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        found = sua_ref.choose_threshold(scores, errors, grid=grid, **settings_)
        return int(found.tau) if isinstance(found, Threshold) else None

    return rule


def tenths(*numerators: int) -> Law:
    assert sum(numerators) == 30
    return [Fraction(i, 30) for i in numerators]


LAWS = [
    tenths(8, 2, 6, 4, 2, 8),
    tenths(5, 5, 5, 5, 5, 5),
    tenths(9, 6, 5, 4, 2, 4),
    tenths(14, 1, 2, 8, 4, 1),
]
CORRECTIONS = ["fixed_sequence", "bonferroni"]


@pytest.mark.parametrize("case", range(len(LAWS)))
@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize(
    ("risk", "delta"),
    [(Fraction(3, 10), Fraction(3, 10)), (Fraction(2, 5), Fraction(1, 2))],
)
def test_the_target_is_missed_with_no_more_than_the_promised_probability(
    case: int, correction: str, risk: Fraction, delta: Fraction
) -> None:
    rule = chosen(target_risk=risk, confidence=1 - delta, correction=correction)
    assert chance_of_violation(LAWS[case], 6, risk, rule) <= delta


@settings(max_examples=10)
@given(
    st.lists(st.integers(0, 6), min_size=6, max_size=6).filter(lambda w: sum(w) > 0),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(CORRECTIONS),
)
def test_the_promise_holds_for_any_law(
    weights: list[int], risk: int, delta: int, correction: str
) -> None:
    law = [Fraction(w, sum(weights)) for w in weights]
    rule = chosen(
        target_risk=Fraction(risk, 10), confidence=1 - Fraction(delta, 10), correction=correction
    )
    assert chance_of_violation(law, 4, Fraction(risk, 10), rule) <= Fraction(delta, 10)


def test_the_promise_is_not_kept_by_never_answering() -> None:
    risk, delta = Fraction(2, 5), Fraction(1, 2)
    rule = chosen(target_risk=risk, confidence=1 - delta)
    answers = sum(p for p, tau in enumerate_rule(LAWS[0], 7, rule) if tau is not None)
    assert answers > Fraction(2, 5)
    assert chance_of_violation(LAWS[1], 7, risk, rule) > 0


def test_the_best_threshold_without_correction_is_not_controlled() -> None:
    """A control: each test has its level, their best has not."""
    risk, delta, n = Fraction(1, 2), Fraction(1, 2), 5
    law = [Fraction(i, 3200) for mass in (4, 6, 6) for i in (99 * mass, 101 * mass)]
    assert all(wrong > risk * answered for answered, wrong in (rates(law, t) for t in range(3)))

    def uncorrected(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        passing = []
        for tau in grid:
            one = sua_ref.choose_threshold(
                scores, errors, grid=[tau], target_risk=risk, confidence=1 - delta
            )
            passing += [tau] if isinstance(one, Threshold) else []
        return max(passing, default=None)

    assert chance_of_violation(law, n, risk, uncorrected) > delta
    for correction in CORRECTIONS:
        rule = chosen(target_risk=risk, confidence=1 - delta, correction=correction)
        assert chance_of_violation(law, n, risk, rule) <= delta


@pytest.mark.parametrize("case", range(len(LAWS)))
@pytest.mark.parametrize("alpha", [Fraction(1, 8), Fraction(1, 4), Fraction(1, 2)])
def test_the_expected_joint_risk_is_at_most_the_target(case: int, alpha: Fraction) -> None:
    rule = chosen(target_risk=alpha, confidence=None, method="crc")
    assert expected(LAWS[case], 6, rule, selective=False) <= alpha


def test_conformal_risk_control_is_no_control_of_the_selective_risk() -> None:
    """A control: selective risk is not monotone, and its (k+1)/(n+1) promises nothing."""
    alpha = Fraction(2, 5)
    law = tenths(1, 2, 10, 6, 6, 5)

    def on_selective_risk(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        passing = []
        for tau in grid:
            answered = [e for s, e in zip(scores, errors, strict=True) if s <= tau]
            passing += [tau] if sum(answered) + 1 <= alpha * (len(answered) + 1) else []
        return min(passing, default=None)

    assert (
        expected(law, 7, on_selective_risk, selective=True)
        / sum(p for p, tau in enumerate_rule(law, 7, on_selective_risk) if tau is not None)
        > alpha
    )


def test_off_by_one_is_no_control_of_the_joint_risk() -> None:
    """A control: k/n in place of (k+1)/(n+1), the slip of a public notebook on conformal risk."""
    alpha, law = Fraction(1, 5), [Fraction(1, 2), Fraction(1, 2)]

    def off_by_one(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        return 0 if sum(errors) <= alpha * len(errors) else None

    assert expected(law, 1, off_by_one, selective=False) == Fraction(1, 4) > alpha
    rule = chosen(target_risk=alpha, confidence=None, method="crc")
    assert expected(law, 1, rule, selective=False) == 0


# --- the numbers ----------------------------------------------------------------------------------


@given(st.integers(1, 60), st.data())
def test_p_values_are_exact_tails_rounded_up(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    risk = data.draw(st.floats(0, 1, exclude_max=True))
    r = Fraction(risk)
    tail = sum(math.comb(n, i) * r**i * (1 - r) ** (n - i) for i in range(k + 1))
    errors = [1] * k + [0] * (n - k)
    found = sua_ref.choose_threshold([0.0] * n, errors, target_risk=risk, confidence=0.5, grid=[0])
    assert isinstance(found, Threshold) == (tail <= Fraction(1, 2))
    p_value = found.p_value
    assert p_value is not None
    assert tail <= Fraction(p_value)
    assert Fraction(math.nextafter(p_value, 0)) <= tail


@given(st.integers(1, 3000), st.data())
def test_clopper_pearson_agrees_with_scipy(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    level = data.draw(st.sampled_from([0.5, 0.1, 0.05, 1e-3, 1e-9]))
    risk = data.draw(st.sampled_from([0.01, 0.05, 0.2, 0.7]))
    (test,) = counts([(n, k)])
    limit = test.upper_limit(Fraction(level))
    low, high = test.tail(Fraction(risk))
    assert low <= high
    # SciPy is the oracle; its incomplete beta function is good to about 1e-10.
    oracle = float(stats.beta.ppf(1 - level, k + 1, n - k)) if k < n else 1.0
    assert limit == pytest.approx(oracle, rel=1e-9 if level > 1e-6 else 1e-6)
    assert float(high) == pytest.approx(stats.binom.cdf(k, n, risk), rel=1e-9, abs=1e-290)
    assert float(low) == pytest.approx(float(high), rel=few_ulps(1))


@given(st.integers(1, 300), st.data())
def test_both_tails_enclose_the_exact_sum(n: int, data: st.DataObject) -> None:
    k, i = data.draw(st.integers(0, n)), data.draw(st.integers(1, 63))
    (test,) = counts([(n, k)])
    r = Fraction(i, 64)
    low, high = test.tail(r)
    assert Fraction(low) <= test.tail_exactly(r) <= Fraction(high)
    assert Fraction(high) - Fraction(low) <= Fraction(low) / 10**40


def test_an_exact_tie_passes() -> None:
    """(1 - 1/2)^2 = 1/4: an enclosure alone could not tell, and must not refuse."""
    found = sua_ref.choose_threshold([0, 0], [0, 0], target_risk=0.5, confidence=0.75, grid=[0])
    assert isinstance(found, Threshold)
    assert found.p_value == 0.25
    # A third is no float: at the float just below 2/3 confidence, 1/3 passes, above it does not.
    third: dict[str, Any] = {"target_risk": Fraction(2, 3), "grid": [0]}
    for confidence, passes in [(Fraction(2, 3), True), (0.6666666666666666, True), (0.667, False)]:
        found = sua_ref.choose_threshold([0], [0], confidence=confidence, **third)
        assert isinstance(found, Threshold) == passes


def test_floats_are_the_rationals_that_they_store() -> None:
    rows: dict[str, Any] = {
        "scores": [0] * 9,
        "errors": [1, 1] + [0] * 7,
        "grid": [0],
        "method": "crc",
    }
    for risk, passes in [(Fraction(3, 10), True), (0.3, False), (math.nextafter(0.3, 1), True)]:
        found = sua_ref.choose_threshold(target_risk=risk, confidence=None, **rows)
        assert isinstance(found, Threshold) == passes


def test_a_hundred_answers_without_an_error() -> None:
    """Public code gives 7.2e-5 here (a NaN lost in a minimum), or 0 at variance 0."""
    found = sua_ref.choose_threshold(
        [0.0] * 100, [0] * 100, target_risk=Fraction(1, 10), confidence=0.95, grid=[0.0]
    )
    assert found.p_value == pytest.approx(0.9**100, rel=1e-14)
    assert found.p_value == pytest.approx(2.656e-5, rel=1e-3)


@pytest.mark.parametrize(("errors", "tau"), [([0] * 1000, 3), ([1] * 1000, None), ([0] * 5, None)])
def test_conformal_risk_control_where_public_code_answers_the_first_threshold(
    errors: list[int], tau: int | None
) -> None:
    found = sua_ref.choose_threshold(
        [0] * len(errors), errors, target_risk=0.1, confidence=None, grid=[0, 1, 2, 3], method="crc"
    )
    assert (found.tau if isinstance(found, Threshold) else None) == tau


def test_many_rows_against_scipy() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=20000)
    errors = rng.uniform(size=20000) < 0.3 * scores
    grid = np.linspace(0.02, 1, 50)
    found = sua_ref.choose_threshold(
        scores, errors, target_risk=0.1, confidence=0.9, grid=grid, correction="bonferroni"
    )
    passing = []
    for tau in grid:
        kept = scores <= tau
        if stats.binom.cdf(errors[kept].sum(), kept.sum(), 0.1) <= (1 - 0.9) / 50:
            passing.append(tau)
    assert isinstance(found, Threshold)
    assert found.tau == max(passing)
    assert found.answered == np.sum(~sua_ref.abstain(scores, found.tau))
    assert found.coverage == found.answered / 20000
    assert found.errors == errors[scores <= found.tau].sum()
    assert found.upper_limit <= 0.1


# --- the contract ---------------------------------------------------------------------------------


@given(scored(), st.sampled_from(["clopper-pearson", "crc"]), st.sampled_from(CORRECTIONS))
def test_the_order_of_rows_is_irrelevant_and_counts_are_those_of_abstain(
    case: tuple[Floats, Any], method: str, correction: str
) -> None:
    scores, errors = case
    asked: dict[str, Any] = {
        "target_risk": 0.4, "confidence": 0.5, "grid": [-1.5, 0.0, 0.5, math.inf],
        "method": method, "correction": correction,
    }  # fmt: skip
    found = sua_ref.choose_threshold(scores, errors, **asked)
    assert found == sua_ref.choose_threshold(scores[::-1], errors[::-1], **asked)
    answered = ~np.asarray(sua_ref.abstain(scores, found.tau))
    assert (found.n, found.answered) == (len(scores), answered.sum())
    assert found.errors == errors[answered].sum()
    if isinstance(found, Threshold) and found.answered and method == "clopper-pearson":
        assert sua_ref.selective_risk(scores, errors, tau=found.tau) <= 0.4
    if method == "crc":
        assert (found.confidence, found.correction, found.p_value) == (None, None, None)


def test_the_sequence_stops_at_its_first_failure_and_its_order_is_the_callers() -> None:
    scores, errors = [0] * 5 + [1] * 95, [1] * 2 + [0] * 98
    up = sua_ref.choose_threshold(scores, errors, target_risk=0.1, confidence=0.9, grid=[0, 1])
    down = sua_ref.choose_threshold(scores, errors, target_risk=0.1, confidence=0.9, grid=[1, 0])
    assert isinstance(up, Infeasible)
    assert isinstance(down, Threshold)
    assert (up.tau, up.answered, up.errors) == (0, 5, 2)
    assert down.tau == 1
    assert "2 errors among 5 answers" in up.reason


def test_bonferroni_ignores_the_order_and_divides_the_level() -> None:
    scores, errors = [0] * 22, [0] * 22  # .9^22 = .0985, within .1 but not within .05
    asked: dict[str, Any] = {"target_risk": 0.1, "confidence": 0.9, "correction": "bonferroni"}
    alone = sua_ref.choose_threshold(scores, errors, grid=[0], **asked)
    among = sua_ref.choose_threshold(scores, errors, grid=[0, 1], **asked)
    assert isinstance(alone, Threshold)
    assert isinstance(among, Infeasible)
    mixed = [0] * 5 + [1] * 95
    for grid in ([0, 1, 2], [2, 1, 0]):
        found = sua_ref.choose_threshold(mixed, [1] * 2 + [0] * 98, grid=grid, **asked)
        assert isinstance(found, Threshold)
        assert found.tau == 2
    neither = sua_ref.choose_threshold(mixed[:20], [1] * 2 + [0] * 18, grid=[0, 1], **asked)
    assert isinstance(neither, Infeasible)
    assert neither.tau == 1  # 2 errors of 20 come closer than 2 of 5, though not first


def test_no_answer_is_no_evidence() -> None:
    found = sua_ref.choose_threshold([1.0], [0], target_risk=0.9, confidence=0.1, grid=[0.0])
    assert isinstance(found, Infeasible)
    assert (found.answered, found.p_value, found.upper_limit) == (0, 1.0, 1.0)
    never = sua_ref.choose_threshold([0.0], [0], target_risk=0, confidence=0.5, grid=[0.0])
    assert isinstance(never, Infeasible)
    joint = sua_ref.choose_threshold(
        [0, 1], [1, 0], target_risk=0.2, confidence=None, grid=[1, -1], method="crc"
    )
    assert isinstance(joint, Infeasible)
    assert (joint.tau, joint.upper_limit) == (-1, math.nextafter(1 / 3, 1))  # rounded up
    assert "(errors + 1)/(n + 1) = 1/3 is above" in joint.reason


def test_exact_and_ball_scores_are_compared_as_what_they_are() -> None:
    asked: dict[str, Any] = {"target_risk": 0.5, "confidence": 0.5}
    thirds = exact([Fraction(1, 3), Fraction(2, 3)])
    found = sua_ref.choose_threshold(thirds, [0, 1], grid=exact([Fraction(1, 3)]), **asked)
    assert (found.tau, found.answered) == (Fraction(1, 3), 1)
    balls = as_balls(thirds)
    assert sua_ref.choose_threshold(balls, [0, 1], grid=[0.5], **asked).answered == 1
    with pytest.raises(sua_ref.Undecided):
        sua_ref.choose_threshold(balls, [0, 1], grid=exact([Fraction(1, 3)]), **asked)


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({"scores": [0.1, math.nan]}, ValueError, "scores: row 1 is nan"),
        ({"scores": [], "errors": []}, ValueError, "scores: a vector of at least one entry"),
        ({"errors": [0, 2]}, ValueError, "errors: row 1 is 2, neither 0 nor 1"),
        ({"errors": [0]}, ValueError, r"errors: shape \(1,\); wanted \(2,\)"),
        ({"grid": []}, ValueError, "grid: a vector of at least one entry"),
        ({"grid": [math.nan]}, ValueError, "grid: row 0 is nan"),
        ({"target_risk": 1}, ValueError, "target_risk: 1 is not below 1"),
        ({"target_risk": 1.5}, ValueError, r"target_risk: 1\.5 is not below 1"),
        ({"target_risk": -0.1}, ValueError, r"target_risk: -0\.1 is below 0"),
        ({"target_risk": math.nan}, ValueError, "target_risk: nan"),
        ({"target_risk": math.inf}, ValueError, "target_risk: inf is not finite"),
        ({"target_risk": None}, TypeError, "target_risk: a real number wanted"),
        ({"target_risk": as_balls(np.array([0.1]))[0]}, TypeError, "target_risk: a float or a"),
        ({"confidence": 1}, ValueError, r"confidence: 1 is not in \(0, 1\)"),
        ({"confidence": 0.0}, ValueError, r"confidence: 0\.0 is not in \(0, 1\)"),
        ({"confidence": None}, TypeError, "confidence: a real number wanted"),
        ({"confidence": 2, "method": "crc"}, ValueError, r"confidence: 2 is not in \(0, 1\)"),
        ({"method": "ltt"}, ValueError, "method: 'ltt' is none of clopper-pearson, crc"),
        ({"correction": "holm"}, ValueError, "correction: 'holm' is none of fixed_sequence"),
    ],
)
def test_bad_input_is_refused_in_words(
    arguments: dict[str, Any], kind: type[Exception], said: str
) -> None:
    fine = {"scores": [0.1, 0.2], "errors": [0, 1], "target_risk": 0.5, "confidence": 0.9}
    with pytest.raises(kind, match=said):
        sua_ref.choose_threshold(**{**fine, "grid": [0.1], **arguments})
