"""Definition 3.10: the SUA risk is gamed by smoothing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_10
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from tests.planted import survivors
from tests.strategies import exact
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_that_entropy_alone_cannot_lower_it_is_refuted_and_checked() -> None:
    (claim,) = (c for c in select("def_3_10") if c.id == "def_3_10.gaming")
    checked = check_claim(claim)
    assert (checked.judgement.verdict, checked.judgement.grade) == (Verdict.REFUTED, "checked")
    assert claim.repair == "n_7"
    drawn = dict(checked.evidence[0].instance)
    assert drawn["q_x, q_x' after"] == "(3/4, 1/4), (1/4, 3/4)"


def test_what_the_positive_part_does_not_penalise() -> None:
    assert verdict("def_3_10.no_penalty@fixed_sensitivity") == "PROVED"
    assert verdict("def_3_10.no_penalty@output") == "REFUTED"
    assert verdict("def_3_10.no_penalty") == "ILL_POSED"


def test_planted_faults_are_refused() -> None:
    assert survivors(def_3_10.STEP) == []


def test_a_truth_that_does_not_move_does_not_refute() -> None:
    law = (Fraction(3, 4), Fraction(1, 4))
    assert "for the constant model" in def_3_10.truth_is_penalised(law, law)[0]
    assert def_3_10.truth_is_penalised(def_3_10._SURE)[0].startswith("SUA of the truth > 1/10 is")


@counts_cases_of("def_3_10.no_penalty@fixed_sensitivity")
def test_at_a_fixed_sensitivity_more_entropy_costs_nothing() -> None:
    seen = Recorder()
    size = st.fractions(0, 3, max_denominator=8)
    small = st.fractions(0, Fraction(1, 10**4), max_denominator=10**6)

    @given(size, size, size, small | size)
    def holds(s: Fraction, lam: Fraction, h: Fraction, rise: Fraction) -> None:
        before, after = (sua_ref.sua_risk(exact([s - lam * x])) for x in (h, h + rise))
        assert after <= before
        assert (before == 0) == (s <= lam * h)
        if before > 0:
            seen.case(before, before - after)

    holds()
    seen.check()
