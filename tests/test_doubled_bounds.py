"""The double-precision path is within its derived bound, before the result is rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import given

from paper_repro import doubled_bounds, hard_inputs
from paper_repro.ball_truth import of_logits
from sua_gpu import doubled
from tests.strategies import Floats, logit_pairs

FLUSHED = 2.0**-1000
"""More than what a row of subnormal weights may lack."""


def _double(x: torch.Tensor, y: torch.Tensor, kind: str) -> tuple[float, bool]:
    """The value in double precision, and whether the path would keep it."""
    first, second = (y, x) if kind == "reverse_kl" else (x, y)
    r = doubled.rows(first[None])
    b = doubled.beside(r, second[None, None])
    value = doubled.divergence(r, b, "kl" if kind == "reverse_kl" else kind)
    return float(value), bool(b.tame & doubled.resolved(value, b.reach, kind))


def _ratios(x: Floats, y: Floats) -> dict[str, float]:
    """Error over bound of each divergence that the path keeps."""
    a, b = (torch.from_numpy(row).float() for row in (x, y))
    held = a.double().numpy(), b.double().numpy()
    ways = doubled_bounds.of_logits(*held), doubled_bounds.of_logits(*held[::-1])
    truth, found = of_logits(held[0].tolist(), held[1].tolist(), 0), {}
    for kind in doubled_bounds.KINDS:
        value, kept = _double(a, b, kind)
        c = ways[1 if kind == "reverse_kl" else 0]
        if not kept:
            continue
        assert c is not None  # a label that one row alone allows is never kept
        true: Any = truth.divergence[kind][0]
        size = float(true)
        with ctx.workprec(256):
            error = float(abs(arb(value) - true).upper())
        found[kind] = error / (doubled_bounds.in_doubles(kind, size, c, len(x)) + FLUSHED)
    return found


@given(logit_pairs())
def test_the_bound_holds_on_drawn_rows(pair: tuple[Floats, Floats]) -> None:
    assert max(_ratios(*pair).values(), default=0.0) <= 1


@pytest.mark.parametrize("v", [2, 3, 31, 1000])
@pytest.mark.parametrize("case", sorted(hard_inputs.CASES))
def test_the_bound_holds_on_hard_inputs(case: str, v: int) -> None:
    for seed in range(3):
        assert (
            max(_ratios(*hard_inputs.logit_rows(case, v, seed, edge=-87.3)).values(), default=0)
            <= 1
        )


@pytest.mark.parametrize("kind", doubled_bounds.KINDS)
def test_the_bound_is_within_sight_of_the_error_on_short_rows(kind: str) -> None:
    """A bound so generous that it would hide a fault is a fault itself."""
    pairs = [
        hard_inputs.logit_rows(c, 2, s, edge=-87.3) for c in hard_inputs.CASES for s in range(4)
    ]
    assert max(_ratios(*pair).get(kind, 0.0) for pair in pairs) > 0.02


def test_what_is_kept_of_a_divergence_has_eight_digits_on_short_rows() -> None:
    """At the edge, a value of 2^-24 of the largest step, seven roundings of it are 2^-29 7."""
    x = np.zeros(3)
    for step in np.geomspace(1e-6, 1e-1, 40):
        y = step * np.array([0.0, 1.0, -0.5])
        a, b = (torch.from_numpy(row).float() for row in (x, y))
        held = b.double().numpy()
        c = doubled_bounds.of_logits(x, held)
        assert c is not None
        for kind in ("kl", "jsd"):
            value, kept = _double(a, b, kind)
            if kept:
                assert doubled_bounds.in_doubles(kind, value, c, 3) <= 2.0**-24 * value
