"""Definition 4.1: the gap is neither nonnegative nor zero for an optimal predictor."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_4_1
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import exact, rational_pairs, rational_rows
from tests.verdicts import verdict


def test_the_verdicts() -> None:
    assert verdict("def_4_1.nonnegative") == "REFUTED"
    assert verdict("def_4_1.zero@predictor") == "REFUTED"
    assert verdict("def_4_1.zero@distribution") == "PROVED"
    assert verdict("def_4_1.zero") == "ILL_POSED"


@pytest.mark.parametrize("sign", [1, -1])
def test_planted_faults_are_refused(sign: int) -> None:
    assert survivors(def_4_1.same_loss(sign)) == []


def test_the_printed_numbers() -> None:
    assert def_4_1._cautious() == def_4_1._exact_assumption() == def_4_1._optimal_predictor() == []


@given(rational_rows(), st.data())
def test_the_gap_of_the_truth_is_exactly_zero(
    row: tuple[Fraction, ...], data: st.DataObject
) -> None:
    p, n = exact(row), len(row)
    cells = st.fractions(-2, 3, max_denominator=4)
    rows = st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=3)
    loss = data.draw(st.none() | rows)
    matrix = None if loss is None else exact(loss)
    for reading in ("signed", "positive", "absolute"):
        gap = sua_ref.interpretation_collapse_gap(p, p, loss=matrix, reading=reading)
        assert gap == 0


@given(rational_pairs())
def test_the_gap_changes_sign_when_model_and_truth_change_places(pair: tuple[Array, Array]) -> None:
    """So it is negative as often as positive."""
    p, q = pair
    there = sua_ref.interpretation_collapse_gap(p, q)
    assert there == -sua_ref.interpretation_collapse_gap(q, p)
    assert there == max(p) - max(q)


def test_a_certain_model_does_not_refute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(def_4_1, "_COIN", def_4_1._SURE)
    checked = check_claim(select("def_4_1.nonnegative")[0])
    assert checked.judgement.verdict is Verdict.UNVERIFIED
    assert "kappa = 0" in checked.judgement.reason
