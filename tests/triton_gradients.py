"""The gradients of the Triton kernels against the softmax Jacobian in balls, on every hard input.

As in ``test_gradient_digits.py``: ``gradient_i = r_i (a_i - E_r a)``, a = dF/dr, evaluated as it
stands at 300 bits. r is the row whose gradient is meant, s the other, d = log s - log r:

    KL, r first: a = -d;    KL, r second: -e^d;    JSD: -log(1 + e^d) / 2;    TV: -sign(d) / 2.

The contract is that of the values, relative to the Euclidean norm. Beside it, where the gradient
itself comes near the smallest normal number t, each r_i may be flushed: ``V t max|a_i - a_k|``.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import settings
from torch import Tensor

from paper_repro import hard_inputs
from sua_gpu import triton_backend
from tests.strategies import Floats
from tests.triton_interpreted import BOTH_PATHS, CASES, DEVICE, KINDS, SMALLEST, batch, tile

__all__ = ["tile"]  # the fixture
TOLERANCE = {torch.float32: 1e-6, torch.float64: 3e-15}
"""Relative to the norm: as of values. The bound of ``sua_gpu.slopes``, C u (1 + sqrt(V r_k) +
1/sqrt(r_k)), is larger; a row with an outlier, which no hard input has, meets it below."""
OUTLIERS = {"uniform, one label raised"}
"""Where a at one label, perhaps the likeliest, is far from all others: 16 sqrt(V) u."""
ROLES = {"kl": ("first", "second"), "reverse_kl": ("second", "first")}
ZERO = arb(0)


class _Side(NamedTuple):
    """A row r and the other s: probabilities, and d = log s - log r, None where one lacks it."""

    r: list[Any]
    s: list[Any]
    d: list[Any]


def _softmax(x: Floats) -> tuple[list[Any], list[Any]]:
    shifted: list[Any] = [
        None if v == -math.inf else arb(float(v)) - arb(float(x.max())) for v in x
    ]
    powers: list[Any] = [ZERO if v is None else v.exp() for v in shifted]
    total = sum(powers, start=ZERO)
    logarithms = [None if v is None else v - total.log() for v in shifted]
    return [v / total for v in powers], logarithms


def _sides(x: Floats, y: Floats) -> tuple[_Side, _Side]:
    (p, log_p), (q, log_q) = _softmax(x), _softmax(y)
    both: list[tuple[Any, Any]] = list(zip(log_p, log_q, strict=True))
    d = [None if a is None or b is None else b - a for a, b in both]
    return _Side(p, q, d), _Side(q, p, [None if v is None else -v for v in d])


def _slope(role: str, d: Any, tied: int) -> Any:
    """a at a label that both rows allow; ``tied`` is the sign of d where d = 0."""
    if role == "first":
        return -d
    if role == "second":
        return -d.exp()
    if role == "jsd":
        return -(d.exp().log1p() if d < 50 else d + (-d).exp().log1p()) / 2
    sign = arb(tied) if abs(d) < arb(2) ** -200 else d.sgn()
    assert sign.is_exact()
    return -sign / 2


def _truth(side: _Side, role: str, tied: int = 0) -> tuple[Floats, float]:
    """The gradient, and the largest |a_i - a_k|; k is the likeliest label."""
    alone: Any = {"first": None, "second": ZERO, "jsd": ZERO, "tv": arb(0.5)}[role]
    k = max(range(len(side.r)), key=lambda i: float(side.r[i]))
    a: list[Any] = [alone if d is None else _slope(role, d, tied) for d in side.d]
    centre = ZERO if a[k] is None else a[k]
    # A label that makes a divergence infinite has no part: a convention, t_i = 0.
    apart = [
        ZERO if i == k or v is None or side.r[i].is_zero() else v - centre for i, v in enumerate(a)
    ]
    mean = sum((r * v for r, v in zip(side.r, apart, strict=True)), start=ZERO)
    exact = [r * (v - mean) for r, v in zip(side.r, apart, strict=True)]
    assert all(g.rad() < arb(2) ** -180 * (1 + abs(g)) for g in exact)
    size = max(abs(float(v)) for v in apart)
    return _floats(exact), size


def _floats(balls: list[Any]) -> Floats:
    """The middles; 0 for a ball that holds it."""
    return np.array([0.0 if b.contains(0) else float(b.mid()) for b in balls])


def _error(given: Tensor, side: _Side, role: str, tolerance: float, smallest: float) -> float:
    """Error over what is allowed; a tie in TV may take any sign within the subdifferential."""
    found, shares = given.double().cpu().numpy(), []
    for tied in (0, 1, -1) if role == "tv" else (0,):
        truth, size = _truth(side, role, tied)
        norm = float(np.linalg.norm(truth))
        allowed = tolerance * norm + len(truth) * smallest * (2 + size) * (norm > 0)
        error = float(np.linalg.norm(found - truth))
        shares.append(error / allowed if allowed > 0 else math.inf if error > 0 else 0.0)
    return min(shares)


def _infinite(side: _Side, role: str) -> bool:
    """Whether the divergence is: its first row allows a label that its second lacks."""
    first, second = (side.r, side.s) if role == "first" else (side.s, side.r)
    lacks = any(not a.is_zero() and b.is_zero() for a, b in zip(first, second, strict=True))
    return role in ("first", "second") and lacks


def _hold(
    names: list[str], v: int, dtype: torch.dtype, edge: float, *, turned: bool = False
) -> None:
    """``turned``: the last label first, so that peaked rows have their peak in another tile."""
    x, y = batch(names, v, dtype, edge)
    _hold_rows(names, *((x.flip(1), y.flip(1)) if turned else (x, y)))


def _hold_rows(names: list[str], x: Tensor, y: Tensor) -> None:
    v, dtype = x.shape[1], x.dtype
    work = torch.float64 if dtype == torch.float64 else torch.float32
    up = torch.ones(len(x), 1, device=DEVICE)
    found = {k: triton_backend.backward(x, y[:, None], k, to_x=up, to_y=up) for k in KINDS}
    rounding = 0.0 if dtype == work else float(torch.finfo(dtype).eps)
    smallest = max(SMALLEST[work], float(torch.finfo(dtype).smallest_normal))
    for i, name in enumerate(names):
        with ctx.workprec(300):
            sides = _sides(*(t[i].double().cpu().numpy() for t in (x, y)))
            for kind in KINDS:
                roles = ROLES.get(kind, (kind, kind))
                for side, role, given in zip(sides, roles, found[kind], strict=True):
                    assert given is not None
                    row = given[i].reshape(-1)
                    tolerance = TOLERANCE[work] + rounding
                    if name in OUTLIERS:
                        tolerance += 8 * math.sqrt(v) * torch.finfo(work).eps
                    if _infinite(side, role):
                        # What r_i a_i has beside the gradient is as large as the row: absolute.
                        assert bool(row.isfinite().all()), (name, kind, role)
                        norm = float(np.linalg.norm(_truth(side, role)[0]))
                        tolerance += 16 * math.sqrt(v) * torch.finfo(work).eps / norm
                    share = _error(row, side, role, tolerance, smallest)
                    assert share <= 1, (name, kind, role, share)


@BOTH_PATHS
@pytest.mark.parametrize("v", [3, 33])
def test_gradients_keep_their_digits(v: int, tile: int) -> None:
    _hold(CASES, v, torch.float32, -87.3)


@pytest.mark.parametrize("tile", [16], indirect=True)
def test_the_likeliest_label_is_found_in_whichever_tile_it_is(tile: int) -> None:
    """Centred at another, a gradient of peaked rows would lose the digits of the unlikely mass."""
    peaked = ["nearly equal, d = 0.3", "nearly equal, d = 1e-3", "one-hot", "own -inf", "underflow"]
    _hold(peaked, 33, torch.float32, -87.3, turned=True)


@BOTH_PATHS
def test_a_row_may_lack_the_likeliest_label_of_the_other(tile: int) -> None:
    """The centre is then no label's step, and d there is infinite."""
    x, y = batch(["nearly equal, d = 0.3", "nearly equal, d = 1e-2"], 33, torch.float32, -87.3)
    y[0, x[0].argmax()] = -math.inf
    x[1, y[1].argmax()] = -math.inf
    _hold_rows(["of x", "of y"], x, y)


@pytest.mark.parametrize(("v", "tile"), [(300, 64)], indirect=["tile"])
def test_gradients_of_long_rows_keep_their_digits(v: int, tile: int) -> None:
    assert triton_backend.plan(v).tiles > 2
    _hold(CASES, v, torch.float32, -87.3)


@pytest.mark.parametrize("case", CASES)
def test_gradients_of_a_vocabulary_keep_their_digits(case: str) -> None:
    """V = 32000 at the tile that is used; in ``deep`` alone."""
    if settings.get_current_profile_name() != "deep":
        pytest.skip("V = 32000 is for the profile deep")
    _hold([case], 32000, torch.float32, -87.3)


@BOTH_PATHS
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16], ids=str)
def test_gradients_keep_their_digits_in_other_types(dtype: torch.dtype, tile: int) -> None:
    _hold(CASES, 33, dtype, -708.0 if dtype == torch.float64 else -87.3)


@BOTH_PATHS
@pytest.mark.parametrize("kind", KINDS)
def test_an_outlier_costs_at_most_the_square_root_of_the_labels(kind: str, tile: int) -> None:
    """The worst case of the bound: p flat, the likeliest label alone far from the rest."""
    n = 256
    x, y = torch.zeros(1, n, device=DEVICE), torch.linspace(-0.01, 0.01, n, device=DEVICE)[None]
    x[0, 0], y[0, 0] = 2.0**-10, 3.0
    found, _ = triton_backend.backward(x, y[:, None], kind, to_x=torch.ones(1, 1, device=DEVICE))
    assert found is not None
    with ctx.workprec(300):
        side, _ = _sides(*(t[0].double().cpu().numpy() for t in (x, y)))
        role = ROLES.get(kind, (kind, kind))[0]
        assert _error(found[0], side, role, 16 * math.sqrt(n) * 2.0**-24, 0.0) <= 1


@BOTH_PATHS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_gradients_of_entropy_and_surprise_keep_their_digits(dtype: torch.dtype, tile: int) -> None:
    """a = -log p, and -1/p at the label alone, the likeliest and another."""
    edge = -708.0 if dtype == torch.float64 else -87.3
    x, y = batch(CASES, 33, dtype, edge)
    top, other = x.argmax(1), torch.full_like(x[:, 0], 32, dtype=torch.long)
    other = torch.where(x.gather(1, other[:, None])[:, 0] > -math.inf, other, top)
    up = torch.linspace(1, 2, len(x), device=DEVICE, dtype=dtype)
    none = y[:, None][:, :0]
    entropy, nothing = triton_backend.backward(x, y[:, None], "kl", to_entropy=up)
    assert nothing is None
    losses = [
        triton_backend.backward(x, none, "kl", to_surprise=up, labels=at)[0] for at in (top, other)
    ]
    both, _ = triton_backend.backward(x, none, "kl", to_entropy=up, to_surprise=up, labels=other)
    assert entropy is not None
    assert both is not None
    for i, name in enumerate(CASES):
        row = x[i].double().cpu().numpy()
        with ctx.workprec(300):
            p, log_p = _softmax(row)
            partials = [[ZERO if v is None else -v for v in log_p]]
            for at in (top, other):
                partials.append([-1 / v if j == int(at[i]) else ZERO for j, v in enumerate(p)])
            for given, a in zip((entropy, *losses), partials, strict=True):
                assert given is not None
                mean = sum((u * w for u, w in zip(p, a, strict=True)), start=ZERO)
                truth = _floats([u * (w - mean) for u, w in zip(p, a, strict=True)])
                exact = truth * float(up[i])
                error = np.linalg.norm(given[i].double().cpu().numpy() - exact)
                floor = 33 * SMALLEST[dtype] * 1e3
                assert error <= TOLERANCE[dtype] * np.linalg.norm(exact) + floor, name
    assert losses[1] is not None
    plain = entropy + losses[1]
    assert torch.allclose(both, plain, rtol=1e-5, atol=1e-6 * float(plain.abs().max()))


def test_every_hard_input_is_met() -> None:
    assert list(hard_inputs.CASES) == CASES
