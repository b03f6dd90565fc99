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
from flint import arb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import Tensor

from paper_repro import hard_inputs
from paper_repro.ball_truth import of_logits
from sua_gpu import triton_backend
from tests.strategies import Floats, logit_neighbours, logit_rows

DEVICE = "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"
KINDS = ("kl", "reverse_kl", "jsd", "tv")
SMALLEST = {torch.float32: 2.0**-126, torch.float64: 2.0**-1022}
TOLERANCE = {torch.float32: 1e-6, torch.float64: 3e-15}
"""Relative, of values: the contract in single precision, and its like, 30 roundings, in double."""
TOTAL_VARIATION = {torch.float32: 1e-5, torch.float64: 3e-14}


@pytest.fixture(autouse=True)
def _poisoned() -> Iterator[None]:
    """Every new buffer is full of NaN; every index that is not written, out of range."""
    assert torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]  # torch
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def tile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(triton_backend, "TILE", request.param)
    return int(request.param)


BOTH_PATHS = pytest.mark.parametrize("tile", [4096, 16], ids=["whole", "tiles"], indirect=True)


def batch(names: list[str], v: int, dtype: torch.dtype, edge: float) -> tuple[Tensor, Tensor]:
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
    u = torch.finfo(work).eps / 2
    flushed = v * 2e4 * SMALLEST[work]
    both = torch.cat([x, y]), torch.stack([torch.cat([y, x]), torch.cat([x, y])], 1)
    found = {k: triton_backend.forward(*both, k, labels=torch.cat([labels] * 2)) for k in KINDS}
    for i, name in enumerate(names):
        at = int(labels[i])
        apart = (y[i].double() - x[i].double()).abs()
        # A difference of logits is held in two parts: d may be off by 4u^2 of it, D by twice that.
        floor = flushed + 8 * u * u * float(torch.where(apart < math.inf, apart, 0.0).max())
        truth = of_logits(x[i].tolist(), y[i].tolist(), at)
        for side, row in ((0, i), (1, i + len(x))):
            for kind in KINDS:
                tolerance = (TOTAL_VARIATION if kind == "tv" else TOLERANCE)[work]
                one = float(found[kind].divergences[row, 0])
                _assert_value(one, truth.divergence[kind][side], tolerance, floor)
                assert found[kind].divergences[row, 1] == 0, name
            stats, tolerance = found["tv"], TOLERANCE[work]
            assert stats.surprise is not None
            _assert_value(float(stats.entropy[row]), truth.entropy[side], tolerance, flushed)
            _assert_value(float(stats.surprise[row]), truth.loss[side], tolerance, flushed)
            largest = float(1 / (1 + stats.rest[row].double()))
            _assert_value(largest, truth.largest[side], tolerance, flushed)
            assert stats.peak[row] == both[0][row].max()


CASES = list(hard_inputs.CASES)


@pytest.mark.parametrize("v", [2, 3, 31, 33, 1000, 4096])
def test_values_keep_their_digits_on_every_hard_input(v: int) -> None:
    """Rows of one tile, several rows to a program where they are short."""
    _check(*batch(CASES, v, torch.float32, -87.3), CASES)


def test_what_a_shift_loses_is_put_back_into_its_power() -> None:
    """e^-40 in single precision: the rounding of the shift alone, 40 u, is 2.4e-6."""
    rows = [hard_inputs.logit_rows("one-hot", 2, seed, edge=-87.3) for seed in range(20)]
    x, y = (torch.tensor(np.stack([r[i] for r in rows]), device=DEVICE).float() for i in range(2))
    _check(x, y, ["one-hot"] * len(rows))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16], ids=str)
def test_values_keep_their_digits_in_other_types(dtype: torch.dtype) -> None:
    edge = -708.0 if dtype == torch.float64 else -87.3
    _check(*batch(CASES, 33, dtype, edge), CASES)


@pytest.mark.parametrize(("v", "tile"), [(33, 16), (1000, 256), (4096, 1024)], indirect=["tile"])
def test_values_keep_their_digits_over_several_tiles(v: int, tile: int) -> None:
    assert triton_backend.plan(v).tiles > 2
    _check(*batch(CASES, v, torch.float32, -87.3), CASES)


@pytest.mark.parametrize("tile", [16], indirect=True)
def test_doubles_keep_their_digits_over_several_tiles(tile: int) -> None:
    _check(*batch(CASES, 33, torch.float64, -708.0), CASES)


@pytest.mark.parametrize("case", CASES)
def test_rows_of_a_vocabulary_keep_their_digits(case: str) -> None:
    """V = 256k; in ``deep`` alone, for minutes of balls are no unit test."""
    if settings.get_current_profile_name() != "deep":
        pytest.skip("V = 262144 is for the profile deep")
    _check(*batch([case], 262144, torch.float32, -87.3), [case])


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

    @settings(max_examples=2, phases=[Phase.generate])
    @given(st.lists(_pairs(), min_size=12, max_size=12))
    def check(pairs: list[tuple[Floats, Floats]]) -> None:
        x, y = (torch.tensor(np.stack([p[i] for p in pairs])).to(DEVICE, dtype) for i in range(2))
        _check(x, y, ["drawn"] * len(pairs))

    check()


FINITE = [c for c in CASES if c != "own -inf"]


@BOTH_PATHS
def test_a_perturbation_left_out_is_not_read_and_nothing_else_moves(tile: int) -> None:
    x, y = batch(FINITE, 33, torch.float32, -87.3)
    pair = torch.stack([y, y.roll(1, 0)], 1)
    mask = torch.rand(pair.shape[:2], generator=torch.Generator().manual_seed(1)).to(DEVICE) < 0.5
    up = torch.ones_like(mask, dtype=torch.float32)
    poisoned = torch.where(mask[:, :, None], pair, math.nan)
    for kind in KINDS:
        all_of_it = triton_backend.forward(x, pair, kind)
        found = triton_backend.forward(x, poisoned, kind, mask=mask)
        assert torch.equal(found.divergences, torch.where(mask, all_of_it.divergences, 0.0))
        given_x, given_y = triton_backend.backward(x, poisoned, kind, to_x=up, to_y=up, mask=mask)
        truth_x, truth_y = triton_backend.backward(x, pair, kind, to_x=up * mask, to_y=up * mask)
        assert given_x is not None
        assert given_y is not None
        assert truth_x is not None
        assert truth_y is not None
        assert torch.equal(given_x, truth_x)
        assert torch.equal(given_y, truth_y)


@BOTH_PATHS
def test_a_row_has_the_same_bits_in_every_run_and_everybatch(tile: int) -> None:
    x, y = batch(FINITE, 33, torch.float32, -87.3)
    pair = torch.stack([y, y.roll(1, 0)], 1)
    first, again = (triton_backend.forward(x, pair, "jsd") for _ in range(2))
    assert torch.equal(first.divergences, again.divergences)
    assert torch.equal(first.entropy, again.entropy)
    alone = triton_backend.forward(x[3:5], pair[3:5], "jsd")
    assert torch.equal(alone.divergences, first.divergences[3:5])
    assert torch.equal(alone.rest, first.rest[3:5])


@pytest.mark.parametrize("tile", [16], indirect=True)
@pytest.mark.parametrize("kind", ["kl", "jsd"])
def test_groups_of_rows_change_no_bit(
    kind: str, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long rows that are read twice are taken a few at a time: 2 of 3 here, with what is theirs."""
    x, y = batch(["generic", "nearly equal, d = 0.3", "offset 1e4"], 33, torch.float32, -87.3)
    pair = torch.stack([y, y.roll(1, 0)], 1)
    mask = torch.tensor([[True, True], [True, False], [False, True]], device=DEVICE)
    up = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.25, -1.5]], device=DEVICE)
    labels = torch.tensor([1, 20, 32], device=DEVICE)
    row = {"mask": mask, "labels": labels}
    ups = {"to_x": up, "to_y": 2 * up, "to_entropy": up[:, 0], "to_surprise": up[:, 1]}

    def results() -> list[Tensor | None]:
        values = triton_backend.forward(x, pair, kind, **row)
        return [*values, *triton_backend.backward(x, pair, kind, **row, **ups)]

    whole = results()
    monkeypatch.setattr(triton_backend, "_CACHE_BYTES", 2 * 33 * 4 * 3)
    assert len(triton_backend._groups(x, 2)) == 2
    for one, other in zip(whole, results(), strict=True):
        assert one is not None
        assert other is not None
        assert torch.equal(one, other)


@BOTH_PATHS
def test_what_belongs_to_one_side_does_not_reach_the_other(tile: int) -> None:
    """Each upstream alone, and all together, come to the same gradients."""
    x, y = batch(["generic", "nearly equal, d = 0.3", "shared -inf"], 33, torch.float32, -87.3)
    up, labels = torch.tensor([[1.0], [-0.5], [2.0]], device=DEVICE), x.argmax(1)
    parts = {"to_x": up, "to_entropy": 3 * up[:, 0], "to_surprise": -up[:, 0]}
    for kind in KINDS:
        back = triton_backend.backward
        both = back(x, y[:, None], kind, **parts, to_y=5 * up, labels=labels)
        alone = [back(x, y[:, None], kind, **{n: u}, labels=labels) for n, u in parts.items()]
        assert all(found[1] is None for found in alone)
        nothing, of_y = back(x, y[:, None], kind, to_y=5 * up)
        assert nothing is None
        assert of_y is not None
        assert both[0] is not None
        assert both[1] is not None
        assert torch.equal(both[1], of_y)
        total = sum((found[0].double() for found in alone if found[0] is not None), torch.zeros(1))
        assert torch.allclose(both[0].double(), total, rtol=0, atol=1e-6 * float(total.abs().max()))


class _Divergence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, kind: str) -> Tensor:
        ctx.save_for_backward(x, y)
        ctx.kind = kind
        return triton_backend.forward(x, y, kind).divergences

    @staticmethod
    def backward(ctx: Any, *up: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, y = ctx.saved_tensors
        found = triton_backend.backward(x, y, ctx.kind, to_x=up[0], to_y=up[0])
        return (*found, None)


@pytest.mark.parametrize("tile", [4096, 2], ids=["whole", "tiles"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_gradcheck_in_double_precision(kind: str, tile: int) -> None:
    draw = torch.Generator().manual_seed(3)
    x = torch.randn(1, 4, dtype=torch.float64, generator=draw).to(DEVICE).requires_grad_()
    y = torch.randn(1, 2, 4, dtype=torch.float64, generator=draw).to(DEVICE).requires_grad_()

    def value(a: Tensor, b: Tensor) -> Any:
        return _Divergence.apply(a, b, kind)  # type: ignore[no-untyped-call]  # torch

    assert torch.autograd.gradcheck(value, (x, y), fast_mode=True)


@pytest.mark.parametrize("v", [3, 33])
def test_no_rows_and_no_perturbations(v: int) -> None:
    x, y = batch(["generic"], v, torch.float32, -87.3)
    empty = triton_backend.forward(x[:0], y[:0, None], "kl")
    assert empty.divergences.shape == (0, 1)
    alone = triton_backend.forward(x, y[:, None][:, :0], "kl")
    assert alone.divergences.shape == (1, 0)
    assert torch.equal(alone.entropy, triton_backend.forward(x, y[:, None], "tv").entropy)
