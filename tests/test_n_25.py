"""Result n_25: SUA of lists."""

from __future__ import annotations

import math

import pytest

import sua_ref
from proofs_checks import n_25
from proofs_checks.reported_lists import reported
from tests.planted import survivors
from tests.verdicts import verdict


@pytest.mark.parametrize(("claim", "said"), [("n_25", "PROVED"), ("n_25.truncated", "REFUTED")])
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_25.DIFFERENCE) == []


def test_without_a_vocabulary_size_there_is_no_lower_end() -> None:
    top = reported(n_25.EVEN, [0])
    found = sua_ref.sua_enclosure(top, [top], lam=0.5, divergence="jsd")
    assert found.low == -math.inf
    assert found.high < math.inf
    assert found.sharp
