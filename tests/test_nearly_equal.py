"""The contract of the float64 path: 1e-12 where rows differ by 1e-8, exactly 0 where they agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

import sua_ref
from tests.strategies import Floats, as_balls
from tests.tolerances import CELL_SUM

KINDS = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
NAMES = {
    "kl": "kl_divergence",
    "jsd": "jensen_shannon_divergence",
    "tv": "total_variation",
    "chi2": "chi2_divergence",
    "hellinger2": "squared_hellinger",
}
SIZES = pytest.mark.parametrize("n", [2, 7, 300])


def _u_log_u(u: Any) -> Any:
    return u if u == 0 else u * u.log()


CELLS: dict[str, Callable[[Any, Any], Any]] = {
    "kl": lambda p, q: q if p == 0 else _u_log_u(p) - p * q.log() - p + q,
    "reverse_kl": lambda p, q: CELLS["kl"](q, p),
    "jsd": lambda p, q: (_u_log_u(p) + _u_log_u(q)) / 2 - _u_log_u((p + q) / 2),
    "tv": lambda p, q: abs(p - q) / 2,
    "chi2": lambda p, q: q * 0 if p == q else (p - q) * (p - q) / q,
    "hellinger2": lambda p, q: (p.sqrt() - q.sqrt()) * (p.sqrt() - q.sqrt()) / 2,
}
"""One label's share by the definition (the cell form of relative entropy)."""


def _near(value: Any, truth: Any) -> bool:
    assert truth.rad() < abs(truth) * arb(1e-30)  # the truth is known
    return bool(abs(arb(float(value)) - truth) <= abs(truth) * arb(CELL_SUM))


def _truth(p: Any, q: Any, kind: str) -> Any:
    return sum((CELLS[kind](a, b) for a, b in zip(p, q, strict=True)), start=arb(0))


def _rows(n: int, flavour: str) -> tuple[Floats, Floats]:
    """Two rows whose entries differ by 1e-8, and by no more than themselves."""
    rng = np.random.default_rng(n)
    p = rng.dirichlet(np.ones(n))
    if flavour == "skewed":
        p = np.array([1.0, *[3e-7] * (n - 1)])
        p /= p.sum()
    if flavour == "zeros":
        p[: n // 2] = 0.0
        p /= p.sum()
    step = rng.uniform(-1, 1, n) * np.minimum(1e-8, p / 4)
    q = p + step
    q[int(np.argmax(p))] -= q.sum() - 1
    return p, q


@SIZES
@pytest.mark.parametrize("flavour", ["generic", "skewed", "zeros"])
@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_apart_by_1e_8_keep_twelve_digits(kind: str, flavour: str, n: int) -> None:
    p, q = _rows(n, flavour)
    with ctx.workprec(400):
        truth = _truth(as_balls(p), as_balls(q), kind)
    if truth == 0:
        assert (p == q).all()
        assert sua_ref.divergence(p, q, kind=kind) == 0
        return
    values = [
        sua_ref.divergence(p, q, kind=kind),
        sua_ref.distributional_sensitivity(p, q[None], divergence=kind),
        sua_ref.worst_case_sensitivity(p, np.stack([p, q]), divergence=kind),
    ]
    if kind in NAMES:
        values.append(getattr(sua_ref, NAMES[kind])(p, q))
    assert all(_near(v, truth) for v in values)


def _softmax(x: Floats) -> Any:
    powers = [arb(0) if v == -math.inf else arb(float(v)).exp() for v in x]
    total = sum(powers, start=arb(0))
    return [v / total for v in powers]


@SIZES
@pytest.mark.parametrize("flavour", ["generic", "offset", "-inf"])
@pytest.mark.parametrize("kind", KINDS)
def test_logits_apart_by_1e_8_keep_twelve_digits(kind: str, flavour: str, n: int) -> None:
    rng = np.random.default_rng(n)
    x = 2 * rng.normal(size=n) + (1e4 if flavour == "offset" else 0)
    if flavour == "-inf" and n > 2:
        x[0] = -np.inf
    y = x + 1e-8 * rng.normal(size=n)
    with ctx.workprec(1200):
        truth = _truth(_softmax(x), _softmax(y), kind)
    values = [
        sua_ref.distributional_sensitivity_from_logits(x, y[None], divergence=kind),
        sua_ref.worst_case_sensitivity_from_logits(x, np.stack([x, y]), divergence=kind),
    ]
    if kind in NAMES:
        values.append(getattr(sua_ref, NAMES[kind] + "_from_logits")(x, y))
    assert all(_near(v, truth) for v in values)


@SIZES
@pytest.mark.parametrize("kind", KINDS)
def test_equal_rows_are_at_distance_exactly_zero(kind: str, n: int) -> None:
    x = 2 * np.random.default_rng(n).normal(size=n)
    x[0] = -np.inf
    for flavour in ("generic", "skewed", "zeros"):
        p = _rows(n, flavour)[0]
        assert sua_ref.divergence(p, p, kind=kind) == 0
    for offset in (0.0, 2.0**13):
        moved = np.round(x * 64) / 64
        s = sua_ref.distributional_sensitivity_from_logits(
            moved, (moved + offset)[None], divergence=kind
        )
        assert s == 0


@pytest.mark.parametrize("kind", KINDS)
def test_equal_exact_balls_are_at_distance_exactly_zero(kind: str) -> None:
    p = as_balls(np.array([0.0, 0.25, 0.75]))
    assert sua_ref.divergence(p, p, kind=kind) == 0
    assert sua_ref.divergence(p, p, kind=kind).is_exact()
    wide = np.array([arb(0.5, 0.125), arb(0.5, 0.125)], dtype=object)
    assert not sua_ref.divergence(wide, wide, kind=kind).is_zero()  # two numbers of one ball
