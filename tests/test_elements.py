"""The element primitives by themselves, on each of the three number types."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from sua_ref import Undecided, elements
from sua_ref.elements import Array
from tests.strategies import as_balls, exact

F = Fraction
FLOATS = np.array([0.25, 0.75])
RATIONALS = exact([F(1, 4), F(3, 4)])
BALLS = as_balls(RATIONALS)
KINDS: dict[str, Array] = {"float64": FLOATS, "Fraction": RATIONALS, "arb": BALLS}


def _same(found: Any, wanted: Any) -> bool:
    """Equal, and of the same element type; a ball must be exactly the ball wanted."""
    if hasattr(wanted, "rad"):
        return bool(found.mid() == wanted.mid() and found.rad() == wanted.rad())
    return type(found) is type(wanted) and found == wanted


# --- reading numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_number_type_is_recognised(kind: str) -> None:
    assert elements.kind_of(KINDS[kind]) == kind
    assert elements.elements(KINDS[kind], "p").tolist() == KINDS[kind].tolist()


@pytest.mark.parametrize(
    "number", [F(1, 3), 2, np.int64(2), 0.5, np.float64(0.5), np.float32(0.5), arb(3)]
)
def test_any_real_number_stands_among_balls_as_itself(number: Any) -> None:
    """A rational as the quotient of its parts, anything else exactly."""
    row = elements.elements(np.array([arb(1) / 7, number], dtype=object), "p")
    third = arb(1) / 3
    wanted = third if number == F(1, 3) else arb(2 if number == 2 else 3 if number == 3 else 0.5)
    assert _same(row[1], wanted)
    assert row.dtype == object


def test_what_is_no_number_cannot_stand_among_balls() -> None:
    with pytest.raises(TypeError, match=r"^a str cannot stand among balls: 'x'$"):
        elements.elements(np.array([arb(1), "x"], dtype=object), "p")


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, bool, np.float16, np.float32])
def test_narrow_types_are_widened_exactly(dtype: Any) -> None:
    found = elements.elements(np.array([0, 1], dtype=dtype), "p")
    assert found.dtype == np.float64
    assert found.tolist() == [0.0, 1.0]


def test_integers_beside_fractions_become_fractions() -> None:
    found = elements.elements(np.array([F(1, 2), 1, np.int64(0)], dtype=object), "p")
    assert [type(x) for x in found] == [F, F, F]
    infinite = elements.elements(np.array([F(1, 2), math.inf], dtype=object), "p")
    assert infinite[1] == math.inf


@pytest.mark.parametrize("entry", [0.5, math.nan, True, "x", 1j])
def test_what_is_not_exact_is_refused_beside_fractions(entry: Any) -> None:
    with pytest.raises(TypeError, match="among exact numbers; give Fractions or integers"):
        elements.elements(np.array([F(1, 2), entry], dtype=object), "p")


def test_two_number_types_in_one_call_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"one number type per call: p is float64, q is Fraction"):
        elements.same_kind(p=FLOATS, q=RATIONALS)
    elements.same_kind(p=FLOATS, q=FLOATS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_scalar_joins_its_neighbours_type(kind: str) -> None:
    wanted = {"float64": 0.5, "Fraction": F(1, 2), "arb": arb(0.5)}[kind]
    assert _same(elements.like(F(1, 2), KINDS[kind]), wanted)
    lifted = elements.lift([0, 3], KINDS[kind])
    three = {"float64": np.float64(3), "Fraction": F(3), "arb": arb(3)}[kind]
    assert _same(lifted[1], three)
    assert lifted.dtype == (np.float64 if kind == "float64" else object)
    assert elements.lift(np.array([7], dtype=np.int32), FLOATS).dtype == np.float64


def test_infinity_may_stand_among_fractions_and_a_ball_among_nothing_else() -> None:
    assert elements.like(math.inf, RATIONALS) == math.inf
    assert _same(elements.like(0.25, RATIONALS), F(1, 4))
    for neighbours in (FLOATS, RATIONALS):
        with pytest.raises(TypeError, match="a ball cannot join"):
            elements.like(arb(1), neighbours)
    assert _same(elements.like(arb(5), BALLS), arb(5))


# --- comparisons ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_at_most_by_hand(kind: str) -> None:
    row = KINDS[kind]
    found = elements.at_most(row, row[::-1])
    assert found.dtype == bool
    assert found.tolist() == [True, False]
    scalar = elements.at_most(row[0], row[0])
    assert bool(scalar) is True
    assert not isinstance(scalar, np.ndarray)
    assert np.asarray(elements.at_most(row, row)).all()


TOUCHING = arb(0, 1).nonnegative_part()
"""A ball whose lower end is exactly 0."""


def test_at_most_of_balls_that_merely_touch_is_undecided() -> None:
    assert TOUCHING >= 0
    with pytest.raises(Undecided, match="cannot decide"):
        elements.at_most(np.array([TOUCHING], dtype=object), np.array([arb(0)], dtype=object))


def test_at_most_of_overlapping_balls_is_undecided() -> None:
    """Beside another ball or a float, on either side."""
    wide = arb(0.5, 0.25)
    row, half = np.array([wide], dtype=object), np.array([arb(0.5)], dtype=object)
    for other in (half, half.astype(np.float64)):
        with pytest.raises(Undecided, match="cannot decide"):
            elements.at_most(row, other)
    with pytest.raises(Undecided, match="cannot decide"):
        elements.at_most(np.array([0.625]), row)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_exact_zeros_are_found_and_only_they(kind: str) -> None:
    zero = {"float64": 0.0, "Fraction": F(0), "arb": arb(0)}[kind]
    row = np.array([zero, KINDS[kind][0]], dtype=KINDS[kind].dtype)
    found = elements.is_zero(row)
    assert found.dtype == bool
    assert found.tolist() == [True, False]


def test_a_ball_that_merely_contains_zero_is_not_zero() -> None:
    assert elements.is_zero(np.array([arb(0, 1), arb(0)], dtype=object)).tolist() == [False, True]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "values", [[F(1, 2), F(1, 4), F(1, 2), F(0)], [F(1)], [F(1, 4), F(1, 2), F(3, 4)]]
)
def test_ranks_are_dense_lowest_first(kind: str, values: list[Fraction]) -> None:
    row = exact(values)
    row = row if kind == "Fraction" else as_balls(row) if kind == "arb" else row.astype(np.float64)
    order = sorted(set(values))
    found = elements.dense_rank(row)
    assert found.dtype == np.int64
    assert found.tolist() == [order.index(v) for v in values]


def test_balls_that_cannot_be_ordered_have_no_ranks() -> None:
    with pytest.raises(Undecided, match="cannot order"):
        elements.dense_rank(np.array([arb(0.5, 0.25), arb(0.5)], dtype=object))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_largest_goes_to_the_lowest_index(kind: str) -> None:
    rows = [[F(1, 4), F(1, 2), F(1, 2)], [F(1, 2), F(1, 4), F(1, 2)], [F(0), F(0), F(1)]]
    a = exact(rows)
    a = a if kind == "Fraction" else as_balls(a) if kind == "arb" else a.astype(np.float64)
    found = elements.argmax(a)
    assert found.dtype == np.intp
    assert found.tolist() == [1, 0, 2]


def test_the_first_largest_of_balls_must_beat_those_before_it() -> None:
    """The second overlaps the first, so neither can be named; a clear third can."""
    wide, clear = arb(0.5, 0.25), arb(0.875)
    with pytest.raises(Undecided, match="cannot decide the largest of"):
        elements.argmax(np.array([[wide, arb(0.5)]], dtype=object))
    assert elements.argmax(np.array([[wide, arb(0.5), clear]], dtype=object)).tolist() == [2]
    with pytest.raises(Undecided, match="cannot decide the largest of"):
        elements.argmax(np.array([[arb(0), TOUCHING]], dtype=object))


def test_a_tie_that_only_rounding_suggests_is_undecided() -> None:
    """Two balls around 1/3 need not hold the same number, whichever comes first."""
    third = arb(1) / 3
    with pytest.raises(Undecided):
        elements.argmax(np.array([[third, third]], dtype=object))


# --- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_extremes_and_parts_by_hand(kind: str) -> None:
    row = KINDS[kind]
    assert _same(elements.largest(row), row[1])
    assert _same(elements.smallest(row), row[0])
    table = np.array([row, row[::-1]], dtype=row.dtype)
    assert elements.largest(table, axis=0).tolist() == [row[1], row[1]]
    assert elements.smallest(table, axis=0).tolist() == [row[0], row[0]]
    wider = np.array([[*row, row[0]], [*row, row[1]]], dtype=row.dtype)
    assert elements.largest(wider).tolist() == [row[1], row[1]]
    assert elements.smallest(wider).tolist() == [row[0], row[0]]
    assert elements.maximum(row, row).dtype == row.dtype
    part = elements.positive_part(row[1])
    assert _same(part, row[1])
    half = elements.like(F(1, 2), row)
    assert elements.positive_part(row - half).tolist() == [0, row[1] - half]
    assert elements.maximum(row, F(1, 2)).tolist() == [half, row[1]]
    assert elements.maximum(row, row[::-1]).tolist() == [row[1], row[1]]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_weighted_means_by_hand(kind: str) -> None:
    row = KINDS[kind]
    weights = {"float64": np.array([0.75, 0.25]), "Fraction": exact([F(3, 4), F(1, 4)]),
               "arb": as_balls(exact([F(3, 4), F(1, 4)]))}[kind]  # fmt: skip
    assert _same(elements.weighted_mean(row, None), row.dtype.type(0.5) if kind == "float64"
                 else elements.like(F(1, 2), row))  # fmt: skip
    assert elements.weighted_mean(row, weights) == elements.like(F(3, 8), row)
    table = np.array([row, row[::-1], row], dtype=row.dtype)
    means = elements.weighted_mean(table, np.array([weights] * 3, dtype=row.dtype))
    assert means.tolist() == [elements.like(F(k, 8), row) for k in (3, 5, 3)]
    half = elements.like(F(1, 2), row)
    assert elements.weighted_mean(table, None).tolist() == [half] * 3


def test_a_weight_of_exactly_zero_drops_an_infinite_term() -> None:
    values, weights = np.array([math.inf, 0.5]), np.array([0.0, 1.0])
    assert elements.weighted_mean(values, weights) == 0.5
    balls = np.array([arb.pos_inf(), arb(0.5)], dtype=object)
    assert elements.weighted_mean(balls, np.array([arb(0), arb(1)], dtype=object)) == arb(0.5)
    with pytest.raises(TypeError, match="values is float64, weights is Fraction"):
        elements.weighted_mean(values, RATIONALS)


# --- bins -----------------------------------------------------------------------------------------


def _bin(c: Fraction, n: int, closed: str) -> int:
    """By search: the bin (k/n, (k+1)/n], 0 in the first, or [k/n, (k+1)/n), 1 in the last."""
    for k in range(n):
        low, high = F(k, n), F(k + 1, n)
        if closed == "right" and (low < c <= high or (k == 0 and c == 0)):
            return k
        if closed == "left" and (low <= c < high or (k == n - 1 and c == 1)):
            return k
    raise AssertionError(c)


@example(60, 7, "left")
@example(0, 7, "right")
@given(st.integers(0, 60), st.integers(1, 12), st.sampled_from(["left", "right"]))
def test_bins_of_rationals_and_of_balls_by_search(c: int, n: int, closed: str) -> None:
    """Sixtieths: edges are hit exactly, and a ball beside an edge it does not touch is decided."""
    value = F(c, 60)
    row = exact([value])
    found = elements.bin_index(row, n, closed)
    assert found.dtype == np.int64
    assert found.tolist() == [_bin(value, n, closed)]
    on_inner_edge = (value * n).denominator == 1 and 0 < value < 1
    if not on_inner_edge or (value.denominator & (value.denominator - 1)) == 0:
        balls = elements.bin_index(as_balls(row), n, closed)
        assert balls.dtype == np.int64
        assert balls.tolist() == found.tolist()


@example(1024, 5, "left")
@example(0, 5, "right")
@given(st.integers(0, 1024), st.integers(1, 40), st.sampled_from(["left", "right"]))
def test_bins_of_floats_are_those_of_the_rationals_they_store(c: int, n: int, closed: str) -> None:
    """Around every edge: the float itself, and its two neighbours."""
    near = float(F(round(c * n / 1024), n)) if n else 0.0
    for value in (c / 1024, near, math.nextafter(near, 0.0), math.nextafter(near, 1.0)):
        found = elements.bin_index(np.array([value]), n, closed)
        assert found.dtype == np.int64
        assert found.tolist() == [_bin(F(value), n, closed)], (value, n)


@pytest.mark.parametrize("closed", ["left", "right"])
def test_every_bin_of_balls_is_reached(closed: str) -> None:
    middles = as_balls(exact([F(2 * k + 1, 14) for k in range(7)]))
    assert elements.bin_index(middles, 7, closed).tolist() == list(range(7))
    dyadic = as_balls(exact([F(k, 8) for k in range(9)]))
    wanted = [_bin(F(k, 8), 8, closed) for k in range(9)]
    assert elements.bin_index(dyadic, 8, closed).tolist() == wanted


def test_a_ball_across_an_edge_has_no_bin() -> None:
    with pytest.raises(Undecided):
        elements.bin_index(np.array([arb(0.5, 0.125)], dtype=object), 2, "right")
