"""Metrics and risks, whose truth is rational: the backend against the reference on Fractions.

Their inputs are floats, which are rationals; ranks, counts and bin edges are exact there. What is
left to the backend is a sum of n numbers of size at most 1 and a few divisions, so that n + 8
roundings of the precision of its result bound the error, absolutely.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from flint import arb, ctx
from torch import Tensor

import sua_gpu
import sua_ref
from paper_repro.crosscheck_rows import Row
from paper_repro.expected import Allowed

POINTS, LABELS = 60, 4
Call = Callable[[Any, "Inputs"], Any]


class Inputs:
    """The same numbers twice: as tensors, and as Fractions or integers for the reference."""

    def __init__(self, dtype: torch.dtype, device: torch.device, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.exact: dict[str, Any] = {}
        self.tensors: dict[str, Tensor] = {}
        confidence = draw.uniform(0, 1, POINTS)
        confidence[:9] = [0.0, 1.0, 0.2, 0.4, 0.6, 0.8, 0.5, 1 / 3, 2 / 3]  # edges of 2, 10, 15
        counts = draw.multinomial(256, [0.25] * LABELS, 6)
        counts[0] = [256, 0, 0, 0]
        floats = {
            "scores": draw.choice([-1.5, 0.0, 0.25, 0.5, 1.0, 20.0, 40.0], POINTS),
            "confidence": confidence,
            "p": counts / 256,
            "p_true": counts[::-1].copy() / 256,
        }
        marks = draw.integers(0, 2, POINTS)
        marks[:2] = [0, 1]
        integers = {
            "marks": marks,
            "predictions": draw.integers(0, 3, POINTS),
            "views": draw.integers(0, 3, (POINTS, 3)),
            "labels": draw.integers(0, 3, POINTS),
        }
        for name, values in floats.items():
            tensor = torch.from_numpy(values).to(dtype)
            self.tensors[name] = tensor.to(device)
            held = tensor.double().numpy()
            self.exact[name] = np.frompyfunc(lambda x: Fraction(float(x)), 1, 1)(held)
        for name, values in integers.items():
            self.tensors[name] = torch.from_numpy(values).to(device)
            self.exact[name] = values


def _ece(n_bins: int, closed: str) -> Callable[[Any, Any], Any]:
    return lambda f, x: f(x["confidence"], x["marks"], n_bins=n_bins, closed=closed)


_SCORED: Callable[[Any, Any], Any] = lambda f, x: f(x["scores"], x["marks"])  # noqa: E731  # a row of the table
_OUTPUT: Callable[[Any, Any], Any] = lambda f, x: f(x["p"], x["p_true"])  # noqa: E731  # likewise
CALLS: dict[str, dict[str, Callable[[Any, Any], Any]]] = {
    "accuracy": {"": lambda f, x: f(x["predictions"], x["labels"])},
    "argmax_risk": {"": _OUTPUT},
    "augrc": {"ties": _SCORED},
    "aurc": {"ties": _SCORED},
    "bayes_risk": {"": lambda f, x: f(x["p_true"])},
    "expected_calibration_error": {
        f"edges, {n} bins, {side}": _ece(n, side) for n in (1, 2, 10, 15)
        for side in ("right", "left")
    },
    "failure_auroc": {"ties": _SCORED},
    "gibbs_risk": {"": _OUTPUT},
    "robust_accuracy": {"": lambda f, x: f(x["views"], x["labels"])},
    "risk_coverage_curve": {"ties": lambda f, x: f(x["scores"], x["marks"]).risk},
    "self_risk": {"": lambda f, x: f(x["p"])},
    "selective_accuracy": {
        f"coverage {c}": (lambda f, x, c=c: f(x["scores"], x["marks"], coverage=c))
        for c in (0.01, 0.8, 1)
    },
    "selective_risk": {
        f"tau {t}": (lambda f, x, t=t: f(x["scores"], x["marks"], tau=t))
        for t in (-1.5, 0.25, 40.0)
    },
    "sua_risk": {"": lambda f, x: f(x["scores"])},
}  # fmt: skip
"""Name -> the calls of it: what is special about each, and the call itself."""


def functions() -> list[str]:
    """Those that the backend has."""
    return [name for name in CALLS if name in sua_gpu.__all__]


def rows(dtype: torch.dtype, device: torch.device, seed: int) -> list[Row]:
    """One row for each metric at one precision of its inputs; V is the number of points."""
    found = []
    inputs = Inputs(dtype, device, seed)
    for name in functions():
        row = Row(name, str(dtype).removeprefix("torch."), device.type, POINTS)
        for said, call in CALLS[name].items():
            truth = np.atleast_1d(call(getattr(sua_ref, name), inputs.exact))
            given = call(getattr(sua_gpu, name), inputs.tensors)
            error = (POINTS + 8) * torch.finfo(given.dtype).eps / 2
            values = given.double().flatten().tolist()
            largest = torch.finfo(given.dtype).max
            row.add(values, allowed(truth, error), largest, f"{said or 'rows'}, seed {seed}")
        found.append(row)
    return found


def allowed(truth: Sequence[Any], error: float) -> list[Allowed]:
    """Rationals with one absolute error: sums of terms of size at most 1, or of scores."""
    with ctx.workprec(256):
        values = [Fraction(t) for t in truth]
        sizes = [max(1.0, float(abs(v))) for v in values]
        return [
            Allowed(arb(v.numerator) / v.denominator, error * size, size)
            for v, size in zip(values, sizes, strict=True)
        ]
