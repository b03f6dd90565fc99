"""Every backend that is present, on the same rows: the reference in double precision is the truth.

``sua_ref`` shares no numeric code with any of them and keeps twelve digits, six more than asked.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

import sua_gpu
import sua_ref
from sua_gpu import chunked, fused, implementations

REASONS = {name: reason for name, reason in implementations.present().items() if name != "triton"}
BACKENDS = [
    pytest.param(name, marks=[pytest.mark.skipif(why is not None, reason=str(why))])
    for name, why in REASONS.items()
    if name != "compile"
]
"""Triton's have files of their own; the compiled one, which is slow to build, has a test below."""
KINDS = ("kl", "reverse_kl", "jsd", "tv")
CASES = ("generic", "0.3", "1e-2", "1e-3", "1e-5", "offsets", "offset", "range", "one hot", "-inf",
         "far")  # fmt: skip
SIZES = (2, 3, 31, 1000, 4096)
TOLERANCE = {"kl": 1e-6, "reverse_kl": 1e-6, "jsd": 1e-6, "tv": 1e-5}
SMALLEST = 1e-36
"""Below it single precision has no seven digits to keep."""


def _rows(case: str, n: int, views: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(n)
    x, noise = 2 * rng.normal(size=(3, n)), rng.normal(size=(3, views, n))
    scale = float(case) if case[0].isdigit() else 0.5
    if case == "offsets":
        x = x + 1e4
    if case == "range":
        x = 5e3 * x
    if case == "one hot":
        x[:, 0] += 40
    if case == "-inf":
        x[:, np.arange(n) % 10 == 1] = -np.inf
    x32 = torch.tensor(x, dtype=torch.float32)
    moved = scale * noise + (1e4 if case == "offset" else 0)
    y = 3 * noise if case == "far" else x32.double().numpy()[:, None] + moved
    return x32, torch.tensor(y, dtype=torch.float32)


def _truth(x: torch.Tensor, y: torch.Tensor, kind: str) -> Any:
    return np.stack(
        [
            [
                float(
                    sua_ref.distributional_sensitivity_from_logits(
                        row.double().numpy(), view[None].double().numpy(), divergence=kind
                    )
                )
                for view in views
            ]
            for row, views in zip(x, y, strict=True)
        ]
    )


def _close(found: torch.Tensor, truth: Any, tolerance: float) -> None:
    ours = found.double().numpy()
    assert (ours >= 0).all()
    known = truth > SMALLEST
    assert (ours[~known] <= SMALLEST).all()
    both = np.isinf(truth) & np.isinf(ours)
    kept = known & ~both
    assert (np.abs(ours[kept] / truth[kept] - 1) <= tolerance).all(), (ours, truth)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_values_keep_their_digits(case: str, n: int, name: str) -> None:
    x, y = _rows(case, n)
    for kind in KINDS:
        found = implementations.backend(name).forward(x, y, kind)
        _close(found.divergences, _truth(x, y, kind), TOLERANCE[kind])
    wide = x.double().numpy()
    _close(found.entropy, sua_ref.entropy_from_logits(wide), 1e-6)
    _close(1 / (1 + found.rest), sua_ref.max_confidence_from_logits(wide), 1e-6)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("n", [2, 31, 3000])
def test_equal_rows_are_at_distance_zero_and_an_exact_offset_changes_nothing(
    n: int, name: str
) -> None:
    x = (torch.randn(4, n, generator=torch.Generator().manual_seed(n)) * 64).round() / 64
    for kind in KINDS:
        forward = implementations.backend(name).forward
        for offset in (0.0, 4096.0):
            assert bool((forward(x, x[:, None] + offset, kind).divergences == 0).all())
        fine = torch.randn(4, 2, n, generator=torch.Generator().manual_seed(n + 1))
        for y in (x[:, None].roll(1, -1), fine):
            plain = forward(x, y, kind)
            for of_x, of_y in ((4096.0, 0.0), (0.0, 4096.0), (-4096.0, 512.0)):
                if y is fine:  # its last digits leave room for no offset
                    of_y = 0.0
                moved = forward(x + of_x, y + of_y, kind)
                assert torch.equal(plain.divergences, moved.divergences)
                assert torch.equal(plain.entropy, moved.entropy)
                assert torch.equal(plain.rest, moved.rest)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("n", [3, 3000])
@pytest.mark.parametrize("kind", KINDS)
def test_an_exact_offset_changes_no_gradient(kind: str, n: int, name: str) -> None:
    draw = torch.Generator().manual_seed(n)
    x = (torch.randn(4, n, generator=draw) * 64).round() / 64
    y = x[:, None] + (torch.randn(4, 2, n, generator=draw) * 64).round() / 64
    x[:, 1] = y[..., 1] = -math.inf
    up = torch.rand(4, 2, generator=draw)
    given = {"to_x": up, "to_y": up, "to_entropy": up[:, 0]}
    backward = implementations.backend(name).backward
    plain = backward(x, y, kind, **given)
    for of_x, of_y in ((4096.0, 0.0), (0.0, 4096.0), (-4096.0, 512.0)):
        for before, after in zip(plain, backward(x + of_x, y + of_y, kind, **given), strict=True):
            assert torch.equal(before, after)


@pytest.mark.parametrize("name", BACKENDS)
def test_infinity_is_decided_on_logits(name: str) -> None:
    inf = math.inf
    x = torch.tensor([[0.0, 0.0, -200.0], [0.0, -inf, 0.0], [0.0, 1.0, -inf]])
    y = torch.tensor([[0.0, -inf, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, -inf]])[:, None]
    for kind, infinite in (("kl", [True, False, False]), ("reverse_kl", [False, True, False])):
        found = implementations.backend(name).forward(x, y, kind).divergences[:, 0]
        assert found.isinf().tolist() == infinite
        assert found[2] == 0
    for kind in KINDS:
        found = implementations.backend(name).forward(x, y, kind).divergences
        _close(found, _truth(x, y, kind), TOLERANCE[kind])


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_masked_row_is_not_read_and_gets_no_gradient(kind: str, name: str) -> None:
    x, y = _rows("generic", 50)
    mask = torch.tensor([[True, False], [False, True], [True, True]])
    poisoned = torch.where(mask[..., None], y, torch.nan)
    backend, up = implementations.backend(name), torch.ones(3, 2)
    plain = backend.forward(x, y, kind).divergences
    found = backend.forward(x, poisoned, kind, mask=mask).divergences
    assert torch.equal(found, torch.where(mask, plain, 0.0))
    gx, gy = backend.backward(x, poisoned, kind, to_x=up, to_y=up, mask=mask)
    hx, hy = backend.backward(x, y, kind, to_x=up * mask, to_y=up * mask)
    assert torch.allclose(gx, hx, rtol=1e-6, atol=1e-9)
    assert torch.allclose(gy, hy, rtol=1e-6, atol=1e-9)
    assert bool((gy[~mask] == 0).all())


@pytest.mark.parametrize("name", BACKENDS)
def test_the_number_of_threads_changes_nothing(name: str) -> None:
    x, y = (t.repeat(40, *[1] * (t.ndim - 1)) for t in _rows("generic", 1000))
    threads, found = torch.get_num_threads(), []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            for _ in range(2):
                found.append(implementations.backend(name).forward(x, y, "jsd"))
    finally:
        torch.set_num_threads(threads)
    for other in found[1:]:
        assert torch.equal(found[0].divergences, other.divergences)
        assert torch.equal(found[0].entropy, other.entropy)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_widened_first(dtype: torch.dtype, name: str) -> None:
    x, y = (t.to(dtype) for t in _rows("generic", 300))
    x[0, 5] = y[0, :, 5] = -math.inf
    backend = implementations.backend(name)
    ours, wide = backend.forward(x, y, "tv"), backend.forward(x.float(), y.float(), "tv")
    assert torch.equal(ours.divergences, wide.divergences)
    assert torch.equal(ours.entropy, wide.entropy)
    up = torch.ones(3, 2)
    found = backend.backward(x, y, "kl", to_x=up, to_y=up)
    single = backend.backward(x.float(), y.float(), "kl", to_x=up, to_y=up)
    for half, full in zip(found, single, strict=True):
        assert half.dtype == dtype
        assert torch.equal(half, full.to(dtype))


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("n", [3, 31, 3000])
@pytest.mark.parametrize("case", ["generic", "1e-2", "1e-5", "offset", "one hot", "-inf", "far"])
def test_gradients_agree_with_the_closed_forms_in_double(case: str, n: int, name: str) -> None:
    """As for ``sua_gpu.slopes``: 1e-5 of the Euclidean norm of each row."""
    x, y = _rows(case, n)
    rng = torch.Generator().manual_seed(1)
    up = {"to_x": torch.rand(3, 2, generator=rng), "to_y": torch.rand(3, 2, generator=rng)}
    one = {"to_entropy": torch.rand(3, generator=rng)}
    label = {"to_surprise": torch.rand(3, generator=rng), "labels": x.argmax(-1)}
    for kind in KINDS:
        for given in (up, one, label):
            wide = {k: t.double() if t.is_floating_point() else t for k, t in given.items()}
            truth = chunked.gradients(x.double(), y.double(), kind, **wide)
            found = implementations.backend(name).backward(x, y, kind, **given)
            for g, t in zip(found, truth, strict=True):
                assert (g is None) == (t is None)
                if g is not None and t is not None:
                    error = (g.double() - t).flatten(1).norm(dim=-1)
                    assert bool((error <= 1e-5 * t.flatten(1).norm(dim=-1) + SMALLEST).all())


@pytest.mark.parametrize("name", BACKENDS)
def test_an_empty_batch_returns_an_empty_result(name: str) -> None:
    x, y = torch.zeros(0, 4), torch.zeros(0, 2, 4)
    s = sua_gpu.sua_score_from_logits(x, y, lam=1.0, implementation=name)
    assert s.shape == (0,)
    assert sua_gpu.entropy_from_logits(x, implementation=name).shape == (0,)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_autograd_goes_through_twice(kind: str, name: str) -> None:
    x, y = (t.double().requires_grad_() for t in _rows("generic", 3))

    def score(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return sua_gpu.sua_score_from_logits(a, b, lam=0.5, divergence=kind, implementation=name)

    assert torch.autograd.gradcheck(score, (x, y))
    if kind != "tv":
        assert torch.autograd.gradgradcheck(score, (x, y))


@pytest.mark.parametrize("name", BACKENDS)
def test_torch_compile_sees_one_graph(name: str) -> None:
    """Traced, not built: the operators are known to the compiler by their shapes."""
    x, y = _rows("generic", 31)
    x.requires_grad_()

    def score(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return sua_gpu.sua_score_from_logits(
            a, b, lam=0.5, implementation=name, validate=False
        ).sum()

    traced = torch.compile(score, fullgraph=True, backend="aot_eager")
    (plain,) = torch.autograd.grad(score(x, y), x)
    (ours,) = torch.autograd.grad(traced(x, y), x)
    assert torch.equal(plain, ours)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # its own, on first use
@pytest.mark.skipif(REASONS["compile"] is not None, reason=str(REASONS["compile"]))
def test_the_compiled_backend_keeps_its_digits() -> None:
    for case in ("generic", "1e-5", "-inf"):
        x, y = _rows(case, 100)
        found = implementations.backend("compile").forward(x, y, "kl")
        _close(found.divergences, _truth(x, y, "kl"), 1e-6)


def test_what_cannot_be_had_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = _rows("generic", 4)

    def ask(name: str, kind: str = "kl") -> Any:
        return sua_gpu.distributional_sensitivity_from_logits(
            x, y, divergence=kind, implementation=name
        )

    with pytest.raises(ValueError, match=r"^implementation: 'cuda' is none of auto, torch"):
        ask("cuda")
    for name in ("numba", "triton"):
        with pytest.raises(RuntimeError, match=f"{name}.*not chi2"):
            ask(name, "chi2")
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with pytest.raises(RuntimeError, match="triton' cannot be had"):
        ask("triton")
    monkeypatch.setitem(implementations.INSTALLED, "numba", False)
    with pytest.raises(RuntimeError, match="numba is not installed"):
        ask("numba")
    assert implementations.choose("auto", torch.device("cpu"), "kl") == "torch"
    monkeypatch.setattr(implementations, "compiler", lambda: False)
    with pytest.raises(RuntimeError, match="C\\+\\+ compiler"):
        ask("compile")


def test_single_operators_accept_no_view() -> None:
    x, _ = _rows("generic", 5)
    found = fused.stats(x, None, "kl", "torch")
    assert found.divergences.shape == (3, 0)
    assert found.surprise is None


MEMORY = """
import resource, torch
from sua_gpu import implementations
torch.set_num_threads(2)
backend = implementations.backend("numba")
x = torch.randn(2, 3000); y = torch.randn(2, 5, 3000)
up = torch.ones(2, 5)
for kind in ("kl", "jsd", "tv"):
    backend.forward(x, y, kind); backend.backward(x, y, kind, to_x=up)
x = torch.randn(64, 32000); y = x[:, None] + torch.randn(64, 5, 32000)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
size, allowed = 4 * (x.numel() + y.numel()), 0
for kind in ("kl", "jsd", "tv"):
    # Fill up to the highest mark so far, so that any page beyond is seen.
    before = peak()
    backend.forward(x, y, kind)
    allowed = max(allowed, peak() - before)
print(allowed / size)
"""


@pytest.mark.skipif(REASONS["numba"] is not None, reason=str(REASONS["numba"]))
def test_the_kernels_take_little_memory_beside_their_input() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert float(done.stdout) <= 0.02
