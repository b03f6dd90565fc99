"""Result n_21: the pair of completions that minimises every f-divergence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_checks import n_21
from sua_ref import least_favourable
from sua_ref.least_favourable import Cell, Levels, cells, levels, ratio
from tests.lists import known
from tests.planted import survivors
from tests.verdicts import verdict


@pytest.mark.parametrize(
    ("claim", "said"), [("n_21", "PROVED"), ("n_21.exists", "PROVED (written)")]
)
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_21.LEAST) == []


def test_the_instance_has_the_levels_that_are_drawn() -> None:
    parts = cells(*n_21._instance(), 2)
    at = levels(parts)
    assert at.p == pytest.approx(2 / 3)
    assert at.q == pytest.approx(2 / 3)
    assert [float(ratio(c, at)) for c in parts] == pytest.approx([2, 2 / 3, 2 / 3])


def test_a_solver_that_lies_costs_sharpness_and_no_soundness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever levels are handed over, the tangent stays below every pair of completions."""

    @settings(max_examples=10)
    @given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
    def holds(p: float, q: float) -> None:
        monkeypatch.setattr(least_favourable, "levels", lambda parts: Levels(p, q))
        assert n_21._pairs_of(n_21.ROWS[:2]) == []

    holds()


@given(st.data(), st.integers(2, 5))
def test_levels_lie_where_the_theorem_says(data: st.DataObject, n: int) -> None:
    """The ratio of every cell lies between what its intervals allow."""
    p, q = data.draw(known(n, 2)), data.draw(known(n, 2))
    parts: list[Cell] = cells(p.top, q.top, None)
    at = levels(parts)
    for cell in parts:
        r = ratio(cell, at)
        (low, high), (least, most) = cell
        assert r * most >= low or r >= max(at.p, at.q)
        assert r * least <= high or r <= min(at.p, at.q)
