"""Section 7.1: self-consistency, entropy and temperature."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import example, given

import sua_ref
from proofs_checks import txt_7_1
from proofs_checks.lemma import HALF
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

VERDICTS = {
    "txt_7_1.self_consistency": "PROVED",
    "txt_7_1.entropy_proxy": "REFUTED",
    "txt_7_1.agreement": "PROVED",
    "txt_7_1.temperature": "REFUTED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_7_1.AGREEMENT) == []


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_7_1.agrees_more() == []
    assert txt_7_1.agrees_more(p=txt_7_1.DIFFERS) != []
    coin = (Fraction(1, 2), Fraction(1, 2))
    assert txt_7_1.rescaled_moves() == []
    assert txt_7_1.rescaled_moves(after=(coin, coin)) != []


def test_planted_faults_are_refused() -> None:
    assert survivors(txt_7_1.AGREEMENT) == []


def test_instances_without_what_they_need_do_not_refute() -> None:
    """On two labels both kinds of agreement order outputs as the entropy does."""
    two = (Fraction(3, 4), Fraction(1, 4))
    assert txt_7_1.agrees_more(two, (HALF, HALF))[0].startswith("H(p) - H(q) > 1/5 is")
    assert "pairs agree with" in txt_7_1.agrees_more((HALF, HALF), two)[0]
    unscaled = txt_7_1.rescaled_moves(after=txt_7_1.RAW)
    assert unscaled[0].startswith("odds at T = 2, squared is")


@counts_cases_of("txt_7_1.agreement")
def test_the_entropy_is_at_least_that_of_the_agreement() -> None:
    seen = Recorder()

    @given(rational_rows())
    @example((HALF, HALF))
    def holds(law: tuple[Fraction, ...]) -> None:
        s = sum(v * v for v in law)
        bound = -(arb(s.numerator) / s.denominator).log()
        h = sua_ref.entropy(as_balls(exact(law)))
        assert not h < bound
        if s < 1:
            seen.case(bound, h - bound)

    holds()
    seen.check()
