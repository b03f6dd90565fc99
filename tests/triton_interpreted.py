"""The Triton kernels against balls and the torch form; run by ``tests/test_triton.py``.

Where TRITON_INTERPRET is set the kernels run on the CPU, otherwise on CUDA. Every output buffer is
filled with NaN first. The tile is made small, so that short rows take the path of long ones.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from paper_repro import hard_inputs
from paper_repro.ball_truth import of_logits
from sua_gpu import slopes, triton_backend
from tests.strategies import Floats, logit_neighbours, logit_rows

DEVICE = "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"
KINDS = ("kl", "reverse_kl", "jsd", "tv")
SMALLEST = {torch.float32: 2.0**-126, torch.float64: 2.0**-1022}
TOLERANCE = {torch.float32: 1e-6, torch.float64: 3e-15}
"""Relative, of values: the contract in single precision, and its like, 30 roundings, in double."""
TOTAL_VARIATION = {torch.float32: 1e-5, torch.float64: 3e-14}
GRADIENT = {torch.float32: 2e-6, torch.float64: 4e-15}
"""Of the Euclidean norm. :mod:`sua_gpu.slopes` bounds it by 3 C eps sqrt(V), and by a few eps, C a
few units, where no label is an outlier: 16 eps."""
TILES = pytest.mark.parametrize("tile", [4096, 16], ids=["whole", "tiles"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


@pytest.fixture(autouse=True)
def _poisoned() -> Iterator[None]:
    """Every new buffer is full of NaN; every index that is not written, out of range."""
    assert torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def tile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(triton_backend, "TILE", request.param)
    return int(request.param)


BOTH_PATHS = pytest.mark.parametrize("tile", [4096, 16], ids=["whole", "tiles"], indirect=True)


def _batch(names: list[str], v: int, dtype: torch.dtype, edge: float) -> tuple[Tensor, Tensor]:
    rows = [hard_inputs.logit_rows(name, v, 1, edge=edge) for name in names]
    x, y = (np.stack([row[i] for row in rows]) for i in range(2))
    return torch.tensor(x, device=DEVICE).to(dtype), torch.tensor(y, device=DEVICE).to(dtype)


def _assert_value(given: float, truth: Any, tolerance: float, floor: float) -> None:
    """``floor``: what a row of results below the smallest normal number may lack."""
    if not truth.is_finite():
        assert given == math.inf
        return
    assert given >= 0
    allowed = abs(truth) * arb(tolerance) + (0 if truth.is_zero() else floor)
    assert bool(abs(arb(given) - truth) <= allowed), (given, truth)


def _check(x: Tensor, y: Tensor, names: list[str]) -> None:
    """All values of rows x and y, and of y and x, against balls."""
    v, labels = x.shape[1], torch.arange(len(x), device=DEVICE) % x.shape[1]
    work = torch.float64 if x.dtype == torch.float64 else torch.float32
    floor = v * 2e4 * SMALLEST[work]
    both = torch.cat([x, y]), torch.stack([torch.cat([y, x]), torch.cat([x, y])], 1)
    found = {k: triton_backend.forward(*both, k, labels=torch.cat([labels] * 2)) for k in KINDS}
    for i, name in enumerate(names):
        at = int(labels[i])
        truth = of_logits(x[i].tolist(), y[i].tolist(), at)
        for side, row in ((0, i), (1, i + len(x))):
            for kind in KINDS:
                tolerance = (TOTAL_VARIATION if kind == "tv" else TOLERANCE)[work]
                one = float(found[kind].divergences[row, 0])
                _assert_value(one, truth.divergence[kind][side], tolerance, floor)
                assert found[kind].divergences[row, 1] == 0, name
            stats, tolerance = found["tv"], TOLERANCE[work]
            assert stats.surprise is not None
            _assert_value(float(stats.entropy[row]), truth.entropy[side], tolerance, floor)
            _assert_value(float(stats.surprise[row]), truth.loss[side], tolerance, floor)
            largest = float(1 / (1 + stats.rest[row].double()))
            _assert_value(largest, truth.largest[side], tolerance, floor)
            assert stats.peak[row] == both[0][row].max()


CASES = list(hard_inputs.CASES)


@pytest.mark.parametrize("v", [2, 3, 31, 33, 1000, 4096])
def test_values_keep_their_digits_on_every_hard_input(v: int) -> None:
    """Rows of one tile, several rows to a program where they are short."""
    _check(*_batch(CASES, v, torch.float32, -87.3), CASES)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16], ids=str)
def test_values_keep_their_digits_in_other_types(dtype: torch.dtype) -> None:
    edge = -708.0 if dtype == torch.float64 else -87.3
    _check(*_batch(CASES, 33, dtype, edge), CASES)


@pytest.mark.parametrize(("v", "tile"), [(33, 16), (1000, 256), (4096, 1024)], indirect=["tile"])
def test_values_keep_their_digits_over_several_tiles(v: int, tile: int) -> None:
    assert triton_backend.plan(v).tiles > 2
    _check(*_batch(CASES, v, torch.float32, -87.3), CASES)


@pytest.mark.parametrize("tile", [16], indirect=True)
def test_doubles_keep_their_digits_over_several_tiles(tile: int) -> None:
    _check(*_batch(CASES, 33, torch.float64, -708.0), CASES)


def test_rows_of_a_vocabulary_keep_their_digits() -> None:
    """V = 256k, all columns; in ``deep`` alone, for an hour's worth of balls is no unit test."""
    if settings.get_current_profile_name() != "deep":
        pytest.skip("V = 262144 is for the profile deep")
    for name in CASES:
        _check(*_batch([name], 262144, torch.float32, -87.3), [name])


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Rows of 7 labels, at times impossible for a whole tile of 4."""
    x = draw(logit_rows(7))
    y = draw(logit_neighbours(x))
    for row in (x, y):
        hidden = draw(st.sampled_from([(0, 0), (0, 0), (0, 4), (4, 7), (2, 6)]))
        row[slice(*hidden)] = -np.inf
    return x, y


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_tiles_that_hold_nothing_merge(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triton_backend, "TILE", 4)

    @settings(max_examples=2)
    @given(st.lists(_pairs(), min_size=12, max_size=12))
    def check(pairs: list[tuple[Floats, Floats]]) -> None:
        x, y = (torch.tensor(np.stack([p[i] for p in pairs])).to(DEVICE, dtype) for i in range(2))
        _check(x, y, ["drawn"] * len(pairs))

    check()
