"""Assumption 3: ILL_POSED, for want of a tolerance."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import asm_3
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref import total_variation
from tests.verdicts import verdict

CLAIM = select("asm_3")[0]


def test_the_verdict_is_ill_posed_and_checked() -> None:
    assert verdict("asm_3") == "ILL_POSED"


def test_one_completion_alone_decides_nothing() -> None:
    alone = check_claim(CLAIM, pieces=asm_3.pieces(CLAIM.id)[1:])
    assert alone.judgement.verdict is Verdict.UNVERIFIED
    assert alone.judgement.reason == "one completion alone: two must differ"


def test_the_completions_differ_at_the_same_instance() -> None:
    assert total_variation(asm_3._OUTPUT, asm_3._MODE) == Fraction(1, 10)
    assert not asm_3._within(Fraction(99, 1000))
    assert asm_3._within(Fraction(1, 10))


def test_an_instance_that_meets_both_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asm_3, "_OUTPUT", asm_3._MODE)
    checked = check_claim(CLAIM)
    assert checked.judgement.verdict is Verdict.UNVERIFIED
    assert "the instance meets the exact reading" in checked.judgement.reason
