"""Groups of equal scores: their integer code, and blocks that cut through groups."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from sua_gpu import bins, ties
from tests.strategies import exact


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=8), st.booleans())
def test_codes_compare_as_the_floats_do(values: list[float], single: bool) -> None:
    x = torch.tensor(values, dtype=torch.float32 if single else torch.float64)
    codes, floats = ties.order_code(x).tolist(), x.tolist()
    for (a, i), (b, j) in itertools.product(zip(floats, codes, strict=True), repeat=2):
        assert (a < b, a == b) == (i < j, i == j)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=2, max_size=40),
    st.sampled_from([1, 2, 3, 7]),
    st.fractions(Fraction(1, 50), 1),
)
def test_blocks_cut_through_groups_and_change_nothing(
    rows: list[tuple[int, int]], block: int, coverage: Fraction
) -> None:
    scores, marks = zip(*rows, strict=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ties, "BLOCK", block)
        given = torch.tensor(scores).float(), torch.tensor(marks)
        points = exact([Fraction(s) for s in scores])
        for name in ("aurc", "augrc", "failure_auroc"):
            if name == "failure_auroc" and len(set(marks)) == 1:
                continue
            truth = float(getattr(sua_ref, name)(points, marks))
            found = float(getattr(sua_gpu, name)(*given))
            # AUROC and AUGRC are rounded once; AURC adds n rounded quotients.
            allowed = len(rows) * 2.0**-53 if name == "aurc" else 0.0
            assert found == pytest.approx(truth, rel=0, abs=allowed), name
        truth = float(sua_ref.selective_accuracy(points, marks, coverage=coverage))
        found = float(sua_gpu.selective_accuracy(*given, coverage=coverage))
        assert found == pytest.approx(truth, rel=0, abs=8 * 2.0**-53)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.data())
def test_part_of_a_curve_is_that_part_of_the_whole(scores: list[int], data: Any) -> None:
    marks = torch.tensor(
        data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    )
    groups = ties.ties_of(torch.tensor(scores).float(), marks)
    first = data.draw(st.integers(0, len(scores) - 1))
    last = data.draw(st.integers(first + 1, len(scores)))
    whole = ties.expected_marks(groups, 0, len(scores))
    assert torch.equal(ties.expected_marks(groups, first, last), whole[first:last])


def test_a_million_rows_by_another_route() -> None:
    """float32 scores that nearly all differ, beyond one block: areas from NumPy's stable sort."""
    draw = np.random.default_rng(0)
    scores = draw.standard_normal(10**6).astype(np.float32)
    errors = draw.random(10**6) < 0.2  # of no relation to the scores
    rank = np.unique(scores, return_inverse=True)[1]
    wrong, size = np.bincount(rank[errors], minlength=rank.max() + 1), np.bincount(rank)
    right = size - wrong
    wins = math.fsum(wrong * (np.cumsum(right) - right / 2))
    found = sua_gpu.failure_auroc(torch.from_numpy(scores), torch.from_numpy(errors))
    assert float(found) == wins / (int(wrong.sum()) * int(right.sum()))
    first = np.cumsum(size) - size
    k = np.arange(1, 10**6 + 1)
    group = np.repeat(np.arange(len(size)), size)
    before = (np.cumsum(wrong) - wrong)[group]
    expected = before + wrong[group] * (k - first[group]) / size[group]
    truth = math.fsum(expected / k) / 10**6
    found = sua_gpu.aurc(torch.from_numpy(scores), torch.from_numpy(errors))
    assert float(found) == pytest.approx(truth, rel=1e-13)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=20),
    st.sampled_from([torch.float64, torch.float32, torch.bfloat16]),
    st.sampled_from([1, 3, 15, 2**30]),
    st.sampled_from(["right", "left"]),
)
def test_the_calibration_error_is_rounded_once(
    rows: list[tuple[float, int]], dtype: torch.dtype, n_bins: int, closed: str
) -> None:
    values, marks = zip(*rows, strict=True)
    points = torch.tensor(values, dtype=torch.float64).to(dtype)
    held = exact([Fraction(v) for v in points.double().tolist()])
    truth = sua_ref.expected_calibration_error(held, marks, n_bins=n_bins, closed=closed)
    found = sua_gpu.expected_calibration_error(
        points, torch.tensor(marks), n_bins=n_bins, closed=closed
    )
    assert float(found) == float(truth)


def test_the_slope_of_the_calibration_error_is_the_sign_of_its_bin() -> None:
    c = torch.tensor([0.25, 0.25, 0.75, 0.5], dtype=torch.float64, requires_grad=True)
    error = sua_gpu.expected_calibration_error(c, torch.tensor([0, 1, 0, 1]), n_bins=2)
    (slope,) = torch.autograd.grad(error, c)
    assert error.item() == 0.4375
    # The first bin is right more often than it says, the second less.
    assert slope.tolist() == [-0.25, -0.25, 0.25, -0.25]


def test_digits_have_room() -> None:
    """2^40 at every digit is carried without a change of the sum."""
    sums = torch.full((1, 1 + bins.DIGITS), 2**40)
    assert bins.gaps(bins.carried(sums)) == bins.gaps(sums)
    assert int(bins.carried(sums)[:, 1:].max()) < 2**33


def test_a_product_of_more_than_53_bits_is_not_taken_for_the_integer_beside_it() -> None:
    """(1 - 2^-24)(2^30 + 1) lies 2^-24 below an integer, half a unit of float64."""
    below = torch.tensor([1 - 2.0**-24])
    assert bins.bins_of(below, 2**30 + 1, "left").tolist() == [2**30 - 64]
    assert bins.bins_of(below.double(), 2**30 + 1, "left").tolist() == [2**30 - 64]
