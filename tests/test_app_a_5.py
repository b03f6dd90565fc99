"""A.5: the covered inputs may be the riskier ones; the risk over the coverage bounds theirs."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks import app_a_5
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from tests.strategies import rational_rows
from tests.tightness import Recorder, counts_cases_of


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("app_a_5.last_inequality", Verdict.REFUTED),
        ("app_a_5.by_coverage", Verdict.PROVED),
    ],
)
def test_the_verdicts(claim: str, verdict: Verdict) -> None:
    (record,) = select(claim)
    judgement = check_claim(record).judgement
    assert (judgement.verdict, judgement.grade) == (verdict, "checked")


def test_a_world_without_the_violation_is_no_counterexample() -> None:
    right = dataclasses.replace(app_a_5.CERTAIN_AND_WRONG, p_true=app_a_5.CERTAIN_AND_WRONG.p)
    assert app_a_5.covered_are_riskier(right) == ["0 <= 0"]
    strict = dataclasses.replace(app_a_5.ORACLE, tau=Fraction(-5))
    assert app_a_5.covered_are_riskier(strict) == ["nothing is covered"]


@counts_cases_of("app_a_5.by_coverage")
def test_the_bound_by_coverage_holds_and_is_attained() -> None:
    seen = Recorder()

    @given(rational_rows(4), st.data())
    def holds(masses: tuple[Fraction, ...], data: st.DataObject) -> None:
        kept = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
        risks = [Fraction(data.draw(st.integers(0, 3)), 3) for _ in range(4)]
        if data.draw(st.booleans()):  # all the risk is covered
            risks = [r if k else Fraction(0) for r, k in zip(risks, kept, strict=True)]
        coverage = sum((m for m, k in zip(masses, kept, strict=True) if k), Fraction(0))
        everything = sum((m * r for m, r in zip(masses, risks, strict=True)), Fraction(0))
        if coverage == 0 or everything == 0:
            return
        covered = sum(
            (m * r for m, r, k in zip(masses, risks, kept, strict=True) if k), Fraction(0)
        )
        bound = everything / coverage
        assert covered / coverage <= bound
        seen.case(bound, bound - covered / coverage)

    holds()
    seen.check()
