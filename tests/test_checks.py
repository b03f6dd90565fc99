"""The input checks by themselves: what passes unchanged, what is refused, and in which words."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from sua_ref import checks
from sua_ref.elements import Array
from tests.strategies import as_balls, exact

F = Fraction
P = np.array([0.25, 0.75])
EXACT = exact([F(1, 4), F(3, 4)])
BALLS = as_balls(EXACT)


def _refused(said: str) -> Any:
    return pytest.raises(ValueError, match=f"^{re.escape(said)}$")


# --- distributions --------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [P, EXACT, BALLS])
def test_a_distribution_passes_as_it_is(row: Array) -> None:
    found = checks.distribution(row, "p")
    assert found.dtype == row.dtype
    assert found.tolist() == row.tolist()
    assert checks.distribution(np.array([row, row[::-1]]), "p").shape == (2, 2)


def test_sums_are_refused_from_the_tolerance_on() -> None:
    """``(n + 8) eps``: at V = 2 ten eps pass and twelve do not, on either side of 1."""
    eps = float(np.finfo(np.float64).eps)
    assert checks.sum_tolerance(2, np.dtype(np.float64)) == 10 * eps
    assert checks.sum_tolerance(3, np.dtype(np.float32)) == 11 * float(np.finfo(np.float32).eps)
    half = np.finfo(np.float16)
    assert checks.sum_tolerance(5, np.dtype(np.float16)) == 8 * float(half.eps) + 5 * float(
        half.smallest_subnormal
    )
    checks.distribution(np.array([1 + 10 * eps, 0.0]), "p")
    for sign in (1, -1):
        checks.distribution(np.array([0.5, 0.5 + sign * 10 * eps]), "p")
        with pytest.raises(ValueError, match="row 0 sums to"):
            checks.distribution(np.array([0.5, 0.5 + sign * 12 * eps]), "p")


def test_the_tolerance_is_that_of_the_type_given() -> None:
    """Single precision may be off by its own eps; the same digits in double may not."""
    off = np.array([0.5, 0.5 + 3e-7], dtype=np.float32)
    checks.distribution(off, "p")
    with pytest.raises(ValueError, match=r"allowed \|sum - 1\| <= 2.22e-15 at V = 2, float64"):
        checks.distribution(off.astype(np.float64), "p")
    checks.distribution(np.array([0, 1]), "p")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (np.array([1.5, -0.5]), "p: row 0 has 1.5 at position 0; probabilities lie in [0, 1]"),
        (np.array([0.5, -0.5]), "p: row 0 has -0.5 at position 1; probabilities lie in [0, 1]"),
        (exact([F(3, 2), F(-1, 2)]), "p: row 0 has 3/2 at position 0; probabilities lie in [0, 1]"),
        (exact([F(1, 2), F(-1, 2)]),
         "p: row 0 has -1/2 at position 1; probabilities lie in [0, 1]"),
        (exact([F(1, 2), F(1, 3)]), "p: row 0 sums to 5/6, not 1"),
        (np.array([[arb(1), arb(0)], [arb(0.5), arb(0.25)]], dtype=object),
         "p: row 1 sums to 0.750000000000000, not 1"),
        (np.zeros((2, 0)), "p: needs a last axis of at least one probability, got (2, 0)"),
        (np.array(1.0), "p: needs a last axis of at least one probability, got ()"),
    ],
)  # fmt: skip
def test_what_is_no_distribution_is_refused_in_these_words(row: Array, said: str) -> None:
    with _refused(said):
        checks.distribution(row, "p")


@pytest.mark.parametrize("bad", [arb.nan(), arb(-0.5)])
def test_a_ball_that_is_no_probability_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="position 1; probabilities lie in"):
        checks.distribution(np.array([arb(1), bad], dtype=object), "p")


def test_a_ball_that_may_be_a_probability_passes() -> None:
    """One that reaches below 0, or a sum that only contains 1."""
    checks.distribution(np.array([arb(0, 0.125), arb(1)], dtype=object), "p")
    checks.distribution(np.array([arb(0.5, 0.125), arb(0.5)], dtype=object), "p")


def test_rows_are_named_by_their_place_among_all_leading_axes() -> None:
    deep = np.full((2, 3, 2), 0.5)
    deep[1, 2] = [0.5, 0.25]
    with pytest.raises(ValueError, match=r"^p: row \(1, 2\) sums to 0\.75, not 1"):
        checks.distribution(deep, "p")
    with pytest.raises(ValueError, match=r"^p: row 2 sums to 0\.75, not 1"):
        checks.distribution(deep[1], "p")


# --- shapes ---------------------------------------------------------------------------------------


def test_perturbed_rows_stand_beside_their_own() -> None:
    views = np.full((3, 2), 0.5)
    assert checks.perturbed_distributions(views, P).shape == (3, 2)
    with _refused("perturbed: shape (2,) does not fit p; wanted (K, 2)"):
        checks.perturbed_distributions(P, P)
    with _refused("views: shape (3, 3) does not fit p; wanted (K, 2)"):
        checks.perturbed_distributions(np.full((3, 3), 1 / 3), P, "views")
    batch = np.full((4, 2), 0.5)
    with _refused("perturbed: shape (5, 3, 2) does not fit p; wanted (4, K, 2)"):
        checks.perturbed_distributions(np.full((5, 3, 2), 0.5), batch)
    with _refused("perturbed: K = 0 perturbations; at least one is needed"):
        checks.perturbed_distributions(np.zeros((0, 2)), P)


def test_shapes_are_written_as_python_writes_them() -> None:
    for dims in ((), (3,), (3, 4), (2, 3, 4)):
        assert checks._shape(dims) == str(dims)


def test_two_arrays_must_have_one_shape() -> None:
    checks.same_shape(P, P)
    with _refused("b: shape (2,) differs from that of a, (1, 2)"):
        checks.same_shape(P[None], P, "a", "b")
    with _refused("q: shape (1, 2) differs from that of p, (2,)"):
        checks.same_shape(P, P[None])


def test_weights_are_shared_or_one_for_each_row() -> None:
    assert checks.mixture_weights(None, (3, 2)) is None
    for shape in ((2,), (3, 2)):
        w = checks.mixture_weights(np.full(shape, 0.5), (3, 2))
        assert w is not None
        assert w.shape == shape
    assert checks.mixture_weights(np.full(2, 0.5), (4, 3, 2)) is not None
    with _refused("weights: shape (3, 2); wanted (4, 3, 2) or (2,)"):
        checks.mixture_weights(np.full((3, 2), 0.5), (4, 3, 2))
    with _refused("weights: shape (1, 2); wanted (3, 2) or (2,)"):
        checks.mixture_weights(np.full((1, 2), 0.5), (3, 2))
    with pytest.raises(ValueError, match="weights: row 0 sums to"):
        checks.mixture_weights(np.full(2, 0.25), (2,))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64])
def test_labels_of_any_integer_type_pass(dtype: Any) -> None:
    y = np.array([0, 2], dtype=dtype)
    assert checks.labels(y, (2,), 3) is y
    assert checks.labels(np.array(1, dtype=dtype), (), 3).shape == ()


def test_labels_are_refused_in_these_words() -> None:
    with _refused("labels: integers wanted, got dtype float64"):
        checks.labels(np.array([0.0]), (1,), 2)
    with _refused("y: integers wanted, got dtype bool"):
        checks.labels(np.array([True]), (1,), 2, "y")
    with _refused("labels: shape (2,) differs from that of the rows, (3,)"):
        checks.labels(np.array([0, 1]), (3,), 2)
    with _refused("labels: row 1 is 2, not in 0..1"):
        checks.labels(np.array([0, 2]), (2,), 2)
    with _refused("labels: row 0 is -1, not in 0..1"):
        checks.labels(np.array([-1, 2]), (2,), 2)
    with _refused("labels: row (1, 0) is 5, not in 0..1"):
        checks.labels(np.array([[0], [5]]), (2, 1), 2)
    with _refused("labels: row 0 is 2, not in 0..1"):
        checks.labels(np.array(2), (), 2)


def test_a_loss_has_a_row_for_each_action_and_a_column_for_each_label() -> None:
    assert checks.loss_matrix(np.eye(2), P, square=True).shape == (2, 2)
    assert checks.loss_matrix(np.zeros((5, 2)), P, square=False).shape == (5, 2)
    wanted = {True: "(2, 2)", False: "(actions, 2)"}
    for square, shape in ((True, (3, 2)), (False, (3, 3)), (False, (0, 2)), (False, (2,)),
                          (True, (2, 2, 2)), (False, (1, 2, 2))):  # fmt: skip
        with _refused(f"loss: shape {shape}; wanted {wanted[square]}, rows being actions"):
            checks.loss_matrix(np.zeros(shape), P, square=square)
    with _refused("loss: row 1 has inf at label 0, an unbounded loss; finite values wanted"):
        checks.loss_matrix(np.array([[0.0, 1.0], [math.inf, 0.0]]), P, square=True)
    with pytest.raises(TypeError, match=r"^loss: numbers of dtype complex128"):
        checks.loss_matrix(np.eye(2, dtype=complex), P, square=True)


# --- vectors --------------------------------------------------------------------------------------


def test_scores_pass_with_infinities_and_not_with_nan() -> None:
    found = checks.scores([0.5, math.inf, -math.inf])
    assert found.tolist() == [0.5, math.inf, -math.inf]
    with _refused("scores: row 1 is nan"):
        checks.scores([0.5, math.nan])
    with _refused("s: row 1 is nan"):
        checks.scores(np.array([arb(1), arb.nan()], dtype=object), "s")
    assert checks.scores(exact([F(1, 2)])).tolist() == [F(1, 2)]
    for wrong in ([], [[0.5]], 0.5):
        with pytest.raises(ValueError, match=r"^scores: a vector of at least one entry wanted"):
            checks.scores(wrong)
    with pytest.raises(TypeError, match=r"^s: numbers of dtype <U1"):
        checks.scores(["x"], "s")


def test_nan_is_found_wherever_it_stands() -> None:
    table = np.array([[0.0, 1.0], [math.nan, 1.0]])
    with _refused("a: row (1, 0) is nan"):
        checks.no_nan(table, "a")
    with _refused("a: row 0 is nan"):
        checks.no_nan(np.array(math.nan), "a")
    assert checks.no_nan(table[:1], "a").tolist() == [[0.0, 1.0]]
    assert checks.no_nan(BALLS, "a") is BALLS


@pytest.mark.parametrize("marks", [[0, 1], [False, True], [0.0, 1.0], np.array([0, 1], np.uint8)])
def test_marks_of_any_type_become_integers(marks: Any) -> None:
    found = checks.binary(marks, 2, "errors")
    assert found.dtype == np.int64
    assert found.tolist() == [0, 1]


def test_what_is_no_mark_is_refused_in_these_words() -> None:
    with _refused("errors: row 1 is 2, neither 0 nor 1"):
        checks.binary([0, 2], 2, "errors")
    with _refused("errors: row 0 is nan, neither 0 nor 1"):
        checks.binary([math.nan, 1], 2, "errors")
    with _refused("errors: shape (1,); wanted (2,)"):
        checks.binary([0], 2, "errors")
    with _refused("errors: 0 or 1 wanted, got dtype complex128"):
        checks.binary(np.array([0j, 1]), 2, "errors")
    with _refused("errors: 0 or 1 wanted, got dtype object"):
        checks.binary(exact([F(0), F(1)]), 2, "errors")


# --- scalars --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, 0.5, F(1, 3), np.float64(2), np.int64(1), arb(1), arb(1) / 3])
def test_a_number_passes_as_it_is(value: Any) -> None:
    assert checks.number(value, "x") is value
    assert checks.number(value, "x", low=0, high=2) is value
    assert checks.positive(value, "x") is value
    assert checks.finite(value, "x") is value


@pytest.mark.parametrize("value", [True, "1", None, 1j, [1.0]])
def test_what_is_no_number_is_refused(value: Any) -> None:
    said = f"x: a real number wanted, got {type(value).__name__} {value!r}"
    with pytest.raises(TypeError, match=f"^{re.escape(said)}$"):
        checks.number(value, "x")


@pytest.mark.parametrize("value", [math.nan, arb.nan()])
def test_nan_is_no_number(value: Any) -> None:
    with _refused("x: nan"):
        checks.number(value, "x")


def test_bounds_include_their_ends_and_nothing_beyond() -> None:
    for end in (0, 1, F(0), F(1), arb(0), arb(1)):
        assert checks.number(end, "x", low=0, high=1) is end
    with _refused("x: -1/9 is below 0"):
        checks.number(F(-1, 9), "x", low=0)
    with _refused("x: 10/9 is above 1"):
        checks.number(F(10, 9), "x", high=1)
    with _refused("x: inf is above 1"):
        checks.number(math.inf, "x", high=1)


@pytest.mark.parametrize("value", [0, 0.0, F(0), arb(0)])
def test_zero_is_not_positive(value: Any) -> None:
    with _refused(f"x: {value} is not above 0"):
        checks.positive(value, "x")


@pytest.mark.parametrize("value", [-1, -0.5, F(-1, 3)])
def test_what_is_below_zero_is_said_to_be(value: Any) -> None:
    with _refused(f"x: {value} is below 0"):
        checks.positive(value, "x")


@pytest.mark.parametrize("value", [math.inf, np.float64(math.inf), arb.pos_inf()])
def test_an_infinity_is_not_finite(value: Any) -> None:
    with _refused(f"x: {value} is not finite"):
        checks.finite(value, "x")
    with _refused(f"x: {value} is not finite"):
        checks.positive(value, "x")
    with pytest.raises(ValueError, match="is not finite"):
        checks.finite(-value, "x")


def test_a_ball_without_bounds_is_not_finite() -> None:
    unbounded = arb.pos_inf().union(arb.neg_inf())
    with pytest.raises(ValueError, match="is not finite"):
        checks.finite(unbounded, "x")


def test_a_choice_is_one_of_the_words_offered() -> None:
    assert checks.choice("a", ("a", "b"), "kind") == "a"
    with _refused("kind: 'c' is none of a, b"):
        checks.choice("c", ("a", "b"), "kind")
