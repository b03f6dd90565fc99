"""What the strategies can produce: a property is only as good as the inputs that reach it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from sua_ref import FiniteWorld
from tests.strategies import (
    disjoint_rows,
    finite_worlds,
    float_pairs,
    float_rows,
    logit_pairs,
    one_hot_rows,
    rational_rows,
    rows_beside,
    scored,
    stationary_worlds,
)


def test_rational_rows_reach_one_hot_uniform_and_one_label() -> None:
    assert max(find(rational_rows(3), lambda r: max(r) == 1)) == 1
    assert len(set(find(rational_rows(3), lambda r: len(set(r)) == 1))) == 1
    assert len(find(rational_rows(), lambda r: len(r) == 1)) == 1


@given(st.integers(2, 5).flatmap(lambda n: disjoint_rows(n, 2)))
def test_disjoint_rows_have_no_label_in_common(rows: tuple[Any, list[Any]]) -> None:
    p, others = rows
    assert sum(p) == 1
    assert all(a * b == 0 for q in others for a, b in zip(p, q, strict=True))


@given(st.integers(2, 4).flatmap(one_hot_rows).flatmap(rows_beside))
def test_rows_beside_another_are_rows_as_near_as_said(row: tuple[Fraction, ...]) -> None:
    assert sum(row) == 1
    assert min(row) >= 0
    assert max(row) >= 1 - Fraction(1, 10**4)


def test_float_rows_reach_zeros_subnormals_ties_and_uniform() -> None:
    assert find(float_rows(4), lambda p: 0 < p.min() < 1e-307).min() > 0
    assert (find(float_rows(4), lambda p: bool((p == 0).any())) == 0).any()
    assert len(np.unique(find(float_rows(4), lambda p: len(np.unique(p)) == 1))) == 1


def test_float_pairs_reach_equal_near_and_disjoint_support() -> None:
    p, q = find(float_pairs(), lambda pq: 0 < np.abs(pq[0] - pq[1]).max() < 1e-10)
    assert 0 < np.abs(p - q).max() < 1e-10
    p, q = find(float_pairs(), lambda pq: bool(((pq[0] > 0) & (pq[1] == 0)).any()))
    assert ((p > 0) & (q == 0)).any()


def test_logit_pairs_reach_shared_infinities_and_offsets() -> None:
    x, y = find(logit_pairs(), lambda xy: bool((xy[0] == -np.inf).any()))
    assert (x == -np.inf).any()
    x, y = find(logit_pairs(), lambda xy: bool(((xy[0] == -np.inf) != (xy[1] == -np.inf)).any()))
    assert ((x == -np.inf) != (y == -np.inf)).any()
    x, _ = find(logit_pairs(), lambda xy: bool(xy[0].max() > 1000))
    assert x.max() > 1000


@given(scored())
def test_scored_always_has_both_kinds(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    _, marks = drawn
    assert 0 < marks.sum() < len(marks)


FIRST = settings(phases=[Phase.generate], max_examples=2000, database=None)
"""The first example that will do: to shrink a world takes minutes, and shows nothing more."""


def test_finite_worlds_reach_inputs_without_mass_off_diagonal_kernels_and_losses() -> None:
    wanted: list[Callable[[FiniteWorld], bool]] = [
        lambda w: bool((w.p_x == 0).any()) and w.loss is not None,
        lambda w: bool(((w.kernel != 0) & ~np.eye(len(w), dtype=bool)).any()),
        lambda w: bool((w.neighbours & (w.kernel == 0)).any()) and w.loss is None,
    ]
    for holds in wanted:
        assert holds(find(finite_worlds(), holds, settings=FIRST))


@given(stationary_worlds(invariant=False))
def test_orbits_keep_the_law_of_the_input_whatever_the_labels(world: FiniteWorld) -> None:
    assert world.is_stationary()
