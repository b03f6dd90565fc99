"""Result n_10 on record: the verdicts, and promises that are kept with nothing to spare."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from proofs_checks import n_10, thresholds
from sua_ref.binomial import counts
from tests.test_n_10 import CORRECTIONS, LAWS, chance_of_violation, chosen, expected
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdicts() -> None:
    assert [c.id for c in n_10.CLAIMS] == [f"n_10.{p}" for p in (*CORRECTIONS, "crc")]
    for claim in n_10.CLAIMS:
        assert verdict(claim.id) == "PROVED (written)"


@counts_cases_of(*(f"n_10.{correction}" for correction in CORRECTIONS))
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_rate_just_above_the_target_passes_nearly_as_often_as_allowed(correction: str) -> None:
    """Where delta is a value of the binomial law, that is the whole of delta."""
    seen = Recorder()
    above = st.sampled_from([Fraction(1, 10**6), Fraction(1, 100), Fraction(1, 5)])

    @settings(max_examples=40)
    @given(st.integers(1, 6), st.integers(0, 5), st.integers(1, 7), above)
    def holds(n: int, k: int, tenths: int, more: Fraction) -> None:
        risk = Fraction(tenths, 10)
        delta = counts([(n, min(k, n - 1))])[0].tail_exactly(risk)
        law = (1 - risk - more, risk + more)
        rule = chosen(target_risk=risk, confidence=1 - delta, correction=correction)
        missed = chance_of_violation(law, n, risk, rule)
        assert missed <= delta
        seen.case(delta, delta - missed)
        target(float(missed / delta))

    holds()
    seen.check()


@counts_cases_of("n_10.crc")
def test_the_joint_risk_comes_as_near_to_its_target() -> None:
    seen = Recorder()

    @settings(max_examples=15)
    @given(st.integers(1, 3), st.sampled_from([2, 4, 120]))
    def holds(n: int, m: int) -> None:
        rows = n if m < 120 else 1
        law = [Fraction(i % 2, m) for i in range(2 * m)]
        alpha = Fraction(1, rows + 1)
        found = expected(
            law, rows, chosen(target_risk=alpha, confidence=None, method="crc"), selective=False
        )
        assert found <= alpha
        seen.case(alpha, alpha - found)
        target(float(found / alpha))

    holds()
    seen.check()


def test_the_evidence_notices_a_rule_that_breaks_its_promise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def careless(part: str, target: Fraction, delta: Fraction) -> thresholds.Rule:
        return lambda scores, errors, grid: 2

    monkeypatch.setattr(thresholds, "rule", careless)
    for part in (*CORRECTIONS, "crc"):
        assert thresholds.kept(part) != []
        assert thresholds.tight(part) != []


@pytest.mark.parametrize("case", range(len(LAWS)))
def test_the_enumeration_of_the_evidence_is_that_of_the_tests(case: int) -> None:
    risk, delta = Fraction(2, 5), Fraction(1, 2)
    rule = chosen(target_risk=risk, confidence=1 - delta)
    theirs = thresholds.violation(
        thresholds.LAWS[case], 3, risk, thresholds.rule("fixed_sequence", risk, delta)
    )
    assert theirs == chance_of_violation(LAWS[case], 3, risk, rule)


def test_no_tail_exceeds_1() -> None:
    """Where it is all but 1, what the binomial coefficient was rounded up by may not stay."""
    low, high = counts([(100, 0)])[0].tail(Fraction(1, 10**60))
    assert low < high == 1
