"""Result n_23: the KL divergence of two lists."""

from __future__ import annotations

import pytest

from proofs_checks import n_23
from tests.planted import survivors
from tests.verdicts import verdict


@pytest.mark.parametrize(("claim", "said"), [("n_23", "PROVED"), ("n_23.finite", "REFUTED")])
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_23.FLOOR) == []


def test_a_floor_that_is_not_one_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the floor: the divergence of the instance exceeds the bound."""
    monkeypatch.setattr(n_23, "M", n_23.M * 9 / 10)
    assert n_23._tight() != []
