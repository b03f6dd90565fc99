"""Result n_26: additive score, margin and flip of lists."""

from __future__ import annotations

import pytest

from proofs_checks import n_26
from sua_ref import Interval
from tests.planted import survivors
from tests.verdicts import verdict


@pytest.mark.parametrize(
    ("claim", "said"), [("n_26", "PROVED"), ("n_26.answer", "PROVED (written)")]
)
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_26.SCORE) == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("margin_enclosure", Interval(0.2, 1.0, True)),
        ("margin_enclosure", Interval(0.0, 0.3, True)),
        ("flip_enclosure", Interval(1.0, 1.0, True)),
        ("flip_enclosure", Interval(0.0, 0.0, True)),
    ],
)
def test_a_wrong_enclosure_is_noticed(
    name: str, wrong: Interval, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(n_26, name, lambda *tops, vocab_size: wrong)
    assert n_26._answers() != []
