"""The digits of gradients from logits: float64 and float32 against the softmax Jacobian in balls.

Derivation of the truth, independent of the mirror's: for ``D = sum F(p_i, q_i)``, p = softmax(x),
the chain rule gives ``dD/dx_i = sum_j F_p(p_j, q_j) p_j (delta_ij - p_i)``, evaluated as it stands
at 300 bits, where nothing that cancels here is noticed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx

import sua_gpu
from tests.strategies import Floats

Partial = Callable[[Any, Any], Any]
HALF = arb(1) / 2
PARTIALS: dict[str, tuple[Partial, Partial]] = {
    "kl": (lambda p, q: (p / q).log() + 1, lambda p, q: -p / q),
    "reverse_kl": (lambda p, q: -q / p, lambda p, q: (q / p).log() + 1),
    "jsd": (
        lambda p, q: (2 * p / (p + q)).log() * HALF,
        lambda p, q: (2 * q / (p + q)).log() * HALF,
    ),
    "tv": (lambda p, q: (p - q).sgn() * HALF, lambda p, q: (q - p).sgn() * HALF),
    "chi2": (lambda p, q: 2 * (p - q) / q, lambda p, q: 1 - (p / q) * (p / q)),
    "hellinger2": (lambda p, q: (1 - (q / p).sqrt()) / 2, lambda p, q: (1 - (p / q).sqrt()) / 2),
}
"""``F_p`` and ``F_q`` of each cell F, by hand."""
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
"""Of the Euclidean norm. The bound is 3 C eps sqrt(V) (see ``sua_gpu.slopes``): at V = 4096 it is
192 C eps, 2e-5 C in single and 4e-14 C in double precision, and reached only where one label is an
outlier; C is a few units. Without an outlier it is a few eps."""


def _softmax(x: Floats) -> list[Any]:
    top = arb(float(x.max()))
    powers = [arb(0) if v == -math.inf else (arb(float(v)) - top).exp() for v in x]
    total = sum(powers, start=arb(0))
    return [v / total for v in powers]


def _through_softmax(p: list[Any], partial: list[Any]) -> Floats:
    mean = sum((a * f for a, f in zip(p, partial, strict=True)), start=arb(0))
    exact = [a * (f - mean) for a, f in zip(p, partial, strict=True)]
    assert all(g.rad() < arb(1e-60) for g in exact)  # the truth is known
    return np.array([float(g.mid()) for g in exact])


def _rows(case: str, n: int) -> tuple[Floats, Floats]:
    """Pairs of rows, impossible labels shared."""
    rng = np.random.default_rng(7)
    x, noise = 2 * rng.normal(size=n), rng.normal(size=n)
    peaked = x.copy()
    peaked[0] += 20
    split = peaked.copy()
    split[1] = split[0]
    impossible = np.where(np.arange(n) % 10 == 1, -np.inf, x)
    return {
        "generic": (x, x + 0.5 * noise),
        "far": (x, 2 * noise),
        "1e-2": (x, x + 1e-2 * noise),
        "1e-5": (x, x + 1e-5 * noise),
        "near uniform": (1e-3 * x, 1e-3 * noise),
        "peaked": (peaked, peaked + 0.5 * noise),
        "peaked near": (peaked, peaked + 1e-3 * noise),
        "peak split": (peaked, split),
        "offset": (x + 1e4, x + 0.5 * noise),
        "near on offsets": (x + 1e4, x + 1e4 + 1e-2 * noise),
        "-inf": (impossible, impossible + 0.1 * noise),
    }[case]


CASES = ["generic", "far", "1e-2", "1e-5", "near uniform", "peaked", "peaked near", "peak split",
         "offset", "near on offsets", "-inf"]  # fmt: skip
SIZES = pytest.mark.parametrize("n", [4, 300, 4096])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


def _assert_close(gradient: torch.Tensor, truth: Floats, dtype: torch.dtype) -> None:
    error = float(np.linalg.norm(gradient.double().numpy() - truth))
    assert error <= TOLERANCE[dtype] * float(np.linalg.norm(truth))


def _leaves(case: str, n: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    x, y = _rows(case, n)
    return torch.tensor(x, dtype=dtype, requires_grad=True), torch.tensor(
        y, dtype=dtype, requires_grad=True
    )


def _balls(x: torch.Tensor) -> tuple[list[int], list[Any]]:
    """The possible labels and their probabilities, from the numbers as stored."""
    stored = x.detach().double().numpy()
    return [int(i) for i in np.flatnonzero(stored > -np.inf)], _softmax(stored)


@DTYPES
@SIZES
@pytest.mark.parametrize("case", CASES)
def test_gradients_of_divergences_keep_their_digits(case: str, n: int, dtype: torch.dtype) -> None:
    x, y = _leaves(case, n, dtype)
    with ctx.workprec(300):
        (possible, p), (_, q) = _balls(x), _balls(y)
        p, q = [p[i] for i in possible], [q[i] for i in possible]
        for kind, partials in PARTIALS.items():
            value = sua_gpu.distributional_sensitivity_from_logits(x, y[None], divergence=kind)
            gradients = torch.autograd.grad(value, (x, y))
            for gradient, row, partial in zip(gradients, (p, q), partials, strict=True):
                truth = np.zeros(n)
                inner = [partial(a, b) for a, b in zip(p, q, strict=True)]
                truth[possible] = _through_softmax(row, inner)
                _assert_close(gradient, truth, dtype)


@DTYPES
@SIZES
@pytest.mark.parametrize("case", CASES)
def test_gradients_of_entropy_confidence_and_likelihood_keep_their_digits(
    case: str, n: int, dtype: torch.dtype
) -> None:
    x, _ = _leaves(case, n, dtype)
    top, other = int(x.detach().argmax()), int(x.detach().argmin())
    with ctx.workprec(300):
        possible, p = _balls(x)
        kept = [p[i] for i in possible]

        def jacobian(partial: dict[int, Any]) -> Floats:
            truth = np.zeros(n)
            inner = [partial.get(i, arb(0)) for i in possible]
            truth[possible] = _through_softmax(kept, inner)
            return truth

        surprised = other if p[other] > 0 else top
        cases = [
            (sua_gpu.entropy_from_logits(x), {i: -p[i].log() - 1 for i in possible}),
            (sua_gpu.max_confidence_from_logits(x), {top: arb(1)}),
            (sua_gpu.task_loss_from_logits(x[None], torch.tensor([top])), {top: -1 / p[top]}),
            (
                sua_gpu.task_loss_from_logits(x[None], torch.tensor([surprised])),
                {surprised: -1 / p[surprised]},
            ),
        ]
        for value, partial in cases:
            (gradient,) = torch.autograd.grad(value, x)
            _assert_close(gradient, jacobian(partial), dtype)


@DTYPES
@pytest.mark.parametrize("kind", sorted(PARTIALS))
def test_an_outlier_costs_at_most_the_square_root_of_the_labels(
    kind: str, dtype: torch.dtype
) -> None:
    """The worst case of the bound: p flat, the likeliest label alone far from the rest."""
    n = 1024
    x = torch.zeros(n, dtype=dtype)
    x[0] = 2.0**-10
    y = torch.linspace(-0.01, 0.01, n, dtype=dtype)
    y[0] = 3.0
    x.requires_grad_()
    with ctx.workprec(300):
        (_, p), (_, q) = _balls(x), _balls(y)
        inner = [PARTIALS[kind][0](a, b) for a, b in zip(p, q, strict=True)]
        truth = _through_softmax(p, inner)
    value = sua_gpu.distributional_sensitivity_from_logits(x, y[None], divergence=kind)
    (gradient,) = torch.autograd.grad(value, x)
    error = np.linalg.norm(gradient.double().numpy() - truth) / np.linalg.norm(truth)
    assert error <= 16 * math.sqrt(n) * float(torch.finfo(dtype).eps)
