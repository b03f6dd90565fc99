"""A.4 step by step: the differences scale; the additional loss depends on the risk."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.claims import select
from proofs_checks.entropy_stability import smoothed
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict, join
from tests.strategies import rational_rows

VERDICTS = {
    "app_a_4.differences": Verdict.PROVED,
    "app_a_4.additional_loss@gibbs": Verdict.REFUTED,
    "app_a_4.additional_loss@self": Verdict.PROVED,
}


def test_the_verdicts() -> None:
    judged = {c.id: check_claim(c).judgement for c in select("app_a_4")}
    assert {name: j.verdict for name, j in judged.items()} == VERDICTS
    assert {j.grade for j in judged.values()} == {"checked"}
    assert join(list(judged.values())[1:]).verdict is Verdict.ILL_POSED


@given(rational_rows(4), rational_rows(4), st.fractions(0, 1, max_denominator=7))
def test_differences_from_the_midpoint_are_scaled(
    p: tuple[Fraction, ...], q: tuple[Fraction, ...], alpha: Fraction
) -> None:
    after_p, after_q = smoothed(p, alpha), smoothed(q, alpha)
    for a, b, x, y in zip(p, q, after_p, after_q, strict=True):
        assert x - (x + y) / 2 == alpha * (a - (a + b) / 2)
