"""The kernels' elementary functions, densely against balls, to the bounds that they state."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import triton
import triton.language as tl
from flint import arb, ctx

from sua_gpu import triton_math
from tests.strategies import Floats
from tests.triton_interpreted import DEVICE

BLOCK = 1 << 14


@triton.jit  # type: ignore[untyped-decorator]
def _apply(x, out, n, NAME: tl.constexpr, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    v = tl.load(x + at, mask=at < n, other=0.0)
    if NAME == "exp":
        r = triton_math.exp(v)
    elif NAME == "excess":
        r = triton_math.excess(v)
    elif NAME == "expm1":
        r = v + triton_math.excess(v)
    elif NAME == "log1p":
        r = triton_math.log1p(v)
    elif NAME == "jensen":
        r = triton_math.jensen(v)
    else:
        r = triton_math.log1p_less(v)
    tl.store(out + at, r, mask=at < n)


def _dense(low: float, high: float) -> Floats:
    """Evenly and geometrically spaced, on both sides of 0."""
    small = np.geomspace(1e-9, 1, 700)
    return np.concatenate([np.linspace(low, high, 5000), high * small, low * small])


CASES: dict[str, tuple[Callable[[Any], Any], Floats, float]] = {
    "exp": (lambda a: a.exp(), _dense(-87, 12), 5.2),
    "excess": (lambda a: a.expm1() - a, _dense(-1, 1), 5),
    "expm1": (lambda a: a.expm1(), _dense(-1, 1), 8),
    "log1p": (lambda a: a.log1p(), np.concatenate([_dense(0, 4), np.geomspace(4, 3e5, 4000)]), 12),
    "log1p below 0": (lambda a: a.log1p(), _dense(-0.63, 0), 24),
    "jensen": (lambda a: a * a.tanh() - a.cosh().log(), _dense(-0.5, 0.5), 4),
}
"""The truth, arguments, and the bound in roundings."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_function_keeps_its_bound(name: str, dtype: torch.dtype) -> None:
    truth, arguments, roundings = CASES[name]
    x = torch.tensor(arguments, device=DEVICE).to(dtype)
    out = torch.full_like(x, torch.nan)
    _apply[(triton.cdiv(len(x), BLOCK),)](x, out, len(x), name.split()[0], BLOCK)
    bound = arb(roundings) * arb(2) ** (-24 if dtype == torch.float32 else -53)
    with ctx.workprec(300):
        for a, given in zip(x.tolist(), out.tolist(), strict=True):
            exact = truth(arb(a))
            if a == 0:
                assert given == float(exact)
            else:
                assert abs(arb(given) - exact) <= abs(exact) * bound, (a, given)


def test_exp_ends_at_the_smallest_normal_number() -> None:
    x = torch.tensor([0.0, -torch.inf, -87.5, -88.5, -1e30, -3e38, -87.3, 0.0], device=DEVICE)
    out = torch.full_like(x, torch.nan)
    _apply[(1,)](x, out, 8, "exp", 8)
    assert out.tolist()[:2] == [1.0, 0.0]
    assert 0 <= float(out[2]) < 2.0**-126  # flushed or not
    assert out.tolist()[3:6] == [0.0, 0.0, 0.0]
    assert float(out[6]) == pytest.approx(math.exp(float(x[6])), rel=1e-6)
