"""Result n_27: rounded lists, and tangents that may touch anywhere."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest

from proofs_checks import n_27
from sua_ref import TopK
from tests.planted import survivors
from tests.verdicts import verdict


def test_the_verdict() -> None:
    assert verdict("n_27") == "PROVED"


def test_planted_faults_are_refused() -> None:
    assert survivors(n_27.TANGENT) == []


def test_a_multiplier_that_varies_over_tokens_is_refused() -> None:
    statement, certificate = n_27.TANGENT
    local = n_27.TANGENT._replace(
        statement=dataclasses.replace(statement, global_variables=frozenset({"n"}))
    )
    assert "the multiplier of 'p sums to 1' depends on the label" in local.faults()
    assert certificate.claim == "n_27"


def test_a_list_that_understates_its_rounding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of it: the rows leave their own enclosures, where the sums do not tell."""
    honest = n_27._rounded

    def understated(p: tuple[Fraction, ...], decimals: int, k: int = 4) -> TopK:
        top = honest(p, decimals, min(k, 3))
        return TopK(top.tokens, top.log_probs, top.rounding / 100)

    monkeypatch.setattr(n_27, "_rounded", understated)
    assert any("outside" in fault for fault in n_27._inside())
