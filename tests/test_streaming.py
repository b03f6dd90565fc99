"""Streaming metrics: random splits merged in random orders give the bits of all rows at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import sua_gpu
import sua_ref
from sua_gpu import StreamingCalibration, StreamingRanking
from tests.strategies import exact

Rows = list[tuple[float, int]]
CONFIDENCES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 0.2, 1 / 3, 5e-324, 1e-300, 1 - 2**-53, 2.0**-32]),
    st.floats(0, 1),
    st.floats(0, 1, width=32),
)
SCORES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.5, float("inf"), -float("inf"), 5e-324, 0.1]),
    st.floats(allow_nan=False),
)
MARK = st.integers(0, 1)


@st.composite
def _splits(draw: st.DrawFn, values: st.SearchStrategy[float]) -> tuple[Rows, list[Rows]]:
    """Rows, and the same rows shuffled and cut into batches, some of them empty."""
    rows = draw(st.lists(st.tuples(values, MARK), min_size=1, max_size=40))
    shuffled = draw(st.permutations(rows))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    ends = [0, *cuts, len(rows)]
    return rows, [shuffled[a:b] for a, b in pairwise(ends)]


def _tensors(rows: Rows) -> tuple[Tensor, Tensor]:
    values = torch.tensor([v for v, _ in rows], dtype=torch.float64)
    return values, torch.tensor([m for _, m in rows], dtype=torch.int64)


def _merged(workers: list[Any], order: list[int]) -> Any:
    """Accumulators merged as a tree whose shape the numbers in ``order`` say."""
    workers = list(workers)
    for pick in order:
        if len(workers) > 1:
            one = workers.pop(pick % len(workers))
            workers[pick % len(workers)].merge(one)
    for other in workers[1:]:
        workers[0].merge(other)
    return workers[0]


@given(
    _splits(CONFIDENCES), st.lists(st.integers(0, 9), max_size=8),
    st.sampled_from([1, 2, 5, 15]), st.sampled_from(["right", "left"]),
)  # fmt: skip
def test_calibration_of_any_split_has_the_bits_of_the_whole(
    drawn: tuple[Rows, list[Rows]], order: list[int], n_bins: int, closed: str
) -> None:
    rows, batches = drawn
    workers = []
    for batch in batches:
        workers.append(StreamingCalibration(n_bins=n_bins, closed=closed))
        workers[-1].update(*_tensors(batch))
    result = _merged(workers, order).expected_calibration_error()
    whole = sua_gpu.expected_calibration_error(*_tensors(rows), n_bins=n_bins, closed=closed)
    assert torch.equal(result, whole)
    points = exact([Fraction(v) for v, _ in rows])
    marks = [m for _, m in rows]
    truth = sua_ref.expected_calibration_error(points, marks, n_bins=n_bins, closed=closed)
    assert float(result) == float(truth)  # rounded once


METRICS: list[tuple[str, dict[str, Any]]] = [
    ("aurc", {}),
    ("augrc", {}),
    ("failure_auroc", {}),
    ("selective_accuracy", {"coverage": 0.6}),
    ("selective_accuracy", {"coverage": Fraction(1, 3)}),
    ("selective_risk", {"tau": 0.1}),
    ("selective_risk", {"tau": float("inf")}),
]


def _result(call: Callable[..., Tensor], *rows: Tensor, **options: Any) -> Tensor | str:
    """The value, or the refusal (one class only, nothing kept)."""
    try:
        return call(*rows, **options)
    except ValueError as refusal:
        return str(refusal)


@given(_splits(SCORES), st.lists(st.integers(0, 9), max_size=8), st.booleans())
def test_rankings_of_any_split_have_the_bits_of_the_whole(
    drawn: tuple[Rows, list[Rows]], order: list[int], one_worker: bool
) -> None:
    rows, batches = drawn
    workers = [StreamingRanking()]
    for batch in batches:
        if not one_worker:
            workers.append(StreamingRanking())
        workers[-1].update(*_tensors(batch))
    merged = _merged(workers, order)
    scores, errors = _tensors(rows)
    for name, options in METRICS:
        marks = 1 - errors if name == "selective_accuracy" else errors
        found = _result(getattr(merged, name), **options)
        whole = _result(getattr(sua_gpu, name), scores, marks, **options)
        assert type(found) is type(whole), name
        assert found == whole, name
    curve, whole_curve = merged.risk_coverage_curve(), sua_gpu.risk_coverage_curve(scores, errors)
    assert torch.equal(curve.risk, whole_curve.risk)
    assert torch.equal(curve.coverage, whole_curve.coverage)


def test_a_state_has_a_column_for_each_distinct_score() -> None:
    accumulator = StreamingRanking()
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        scores = torch.randint(0, 7, (100,), generator=generator) / 7
        accumulator.update(scores, torch.rand(100, generator=generator) < 0.5)
        assert sum(part.shape[1] for part in accumulator._parts) <= 2 * 7
    assert accumulator.state.shape == (3, 7)
    assert accumulator.state.dtype == torch.int64
    assert int(accumulator.state[1].sum()) == 5000


def test_equal_numbers_tie_whatever_their_dtype() -> None:
    accumulator = StreamingRanking()
    for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16, torch.int64):
        accumulator.update(torch.tensor([-2, 0, 3]).to(dtype), torch.tensor([0, 1, 0]))
    assert accumulator.state[1].tolist() == [5, 5, 5]
    assert accumulator.state[2].tolist() == [0, 5, 0]


def test_nothing_added_has_no_value() -> None:
    ranking, calibration = StreamingRanking(), StreamingCalibration()
    empty = torch.zeros(0)
    ranking.update(empty, empty)
    ranking.merge(StreamingRanking())
    calibration.update(empty, empty)
    calibration.merge(StreamingCalibration())
    for call in (ranking.aurc, ranking.failure_auroc, ranking.risk_coverage_curve):
        with pytest.raises(ValueError, match="scores: no rows were added"):
            call()
    with pytest.raises(ValueError, match="coverage 0"):
        ranking.selective_risk(tau=1.0)
    with pytest.raises(ValueError, match="confidence: no rows were added"):
        calibration.expected_calibration_error()


def test_a_refused_batch_adds_nothing() -> None:
    ranking, calibration = StreamingRanking(), StreamingCalibration()
    pair, marks = torch.tensor([0.5, 0.75]), torch.tensor([0, 1])
    ranking.update(pair, marks)
    calibration.update(pair, marks)
    before = ranking.state.clone(), calibration.sums.clone()
    for scores, errors, said in (
        (torch.tensor([0.5, torch.nan]), marks, "scores: row 1 is nan"),
        (pair, torch.tensor([0, 2]), "errors: row 1 is 2"),
        (torch.zeros(0), marks, r"errors: shape \(2,\); wanted \(0,\)"),
    ):
        with pytest.raises(ValueError, match=said):
            ranking.update(scores, errors)
    with pytest.raises(ValueError, match=r"confidence: row 0 is 1\.5"):
        calibration.update(torch.tensor([1.5]), torch.tensor([1]))
    assert torch.equal(ranking.state, before[0])
    assert torch.equal(calibration.sums, before[1])
    assert calibration.rows == 2


def test_other_bins_are_not_merged() -> None:
    for other in (StreamingCalibration(n_bins=10), StreamingCalibration(closed="left")):
        with pytest.raises(ValueError, match=r"other: 1[05] bins"):
            StreamingCalibration().merge(other)


def test_an_accumulator_travels_between_processes() -> None:
    rows = torch.tensor([0.25, 0.5, 0.5]), torch.tensor([0, 1, 0])
    for kind, name in (
        (StreamingRanking, "aurc"),
        (StreamingCalibration, "expected_calibration_error"),
    ):
        here = kind()
        here.update(*rows)
        there = pickle.loads(pickle.dumps(here))
        assert torch.equal(getattr(there, name)(), getattr(here, name)())


def test_a_sum_of_many_digits_is_exact() -> None:
    """A bin of 2^19 rows whose confidences span every digit of float64."""
    small = torch.tensor([1.0, 2.0**-40, 2.0**-500, 5e-324], dtype=torch.float64)
    accumulator = StreamingCalibration(n_bins=1)
    for _ in range(4):
        accumulator.update(small.repeat(2**15), torch.zeros(2**17))
    mean = (1 + Fraction(1, 2**40) + Fraction(1, 2**500) + Fraction(1, 2**1074)) / 4
    assert float(accumulator.expected_calibration_error()) == float(mean)
    assert int(accumulator.sums.abs().max()) < 2**34
