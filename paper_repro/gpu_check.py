"""Checks and times the Triton kernels on a GPU, in one call: ``python -m paper_repro.gpu_check``.

It needs numpy, torch and triton alone. Every kernel is held to the torch form in double precision
on fresh random rows, with all buffers full of NaN; then each is timed against plain eager code,
``torch.compile`` and Liger (where installed), beside the copy bandwidth measured in the same run.
Without CUDA it says so and exits with status 2; with a wrong result, 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import sua_gpu

KINDS = ("kl", "reverse_kl", "jsd", "tv")
TOLERANCE = {"kl": 1e-6, "reverse_kl": 1e-6, "jsd": 1e-6, "tv": 1e-5}
GRADIENT = 1e-5
"""Of the Euclidean norm in single precision."""
CHECKED = [(64, 3, 2), (64, 5, 31), (33, 5, 1000), (9, 3, 4097), (5, 2, 50257), (2, 2, 262144)]
TIMED = [(64, 5, 32000), (64, 5, 128000), (64, 5, 152064), (16, 5, 262144), (200000, 5, 3)]


def rows(b: int, k: int, v: int, seed: int, dtype: torch.dtype, device: str) -> tuple[Any, Any]:
    """Peaked rows and perturbations of them, from 0.5 down to 1e-5 away."""
    draw = torch.Generator().manual_seed(seed)
    x = 2 * torch.randn(b, v, generator=draw, dtype=torch.float64)
    x[:, 0] += 8
    step = 10.0 ** -torch.linspace(0.3, 5, b, dtype=torch.float64)[:, None, None]
    y = x[:, None] + step * torch.randn(b, k, v, generator=draw, dtype=torch.float64)
    return x.to(device, dtype), y.to(device, dtype)


def truth(x: Tensor, y: Tensor, kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """Divergences and their gradients to x and y, by the torch form in double precision."""
    a, b = x.double().requires_grad_(), y.double().requires_grad_()
    value = torch.stack(
        [
            sua_gpu.distributional_sensitivity_from_logits(
                a, b[:, i : i + 1], divergence=kind, implementation="torch"
            )
            for i in range(y.shape[1])
        ],
        1,
    )
    of_x, of_y = torch.autograd.grad(value.sum(), (a, b))
    return value.detach(), of_x, of_y


def worst(found: Tensor, exact: Tensor) -> float:
    """Largest relative error; infinite where a NaN was left."""
    error = ((found.double() - exact).abs() / exact.abs().clamp(min=1e-30)).max()
    return float(error) if bool(torch.isfinite(found).all()) else float("inf")


def check(backend: Any, b: int, k: int, v: int, seed: int, device: str) -> list[dict[str, Any]]:
    """Values and gradients of every kind at one shape."""
    x, y = rows(b, k, v, seed, torch.float32, device)
    up = torch.ones(b, k, device=device)
    lines = []
    for kind in KINDS:
        value, of_x, of_y = truth(x, y, kind)
        torch.use_deterministic_algorithms(True, warn_only=True)  # fills new buffers with NaN
        found = backend.forward(x, y, kind)
        grad_x, grad_y = backend.backward(x, y, kind, to_x=up, to_y=up)
        torch.use_deterministic_algorithms(False)
        entropy = worst(
            found.entropy, sua_gpu.entropy_from_logits(x.double(), implementation="torch")
        )
        off = worst(found.divergences, value)
        slope = max(
            float((g.double() - t).norm() / t.norm()) for g, t in ((grad_x, of_x), (grad_y, of_y))
        )
        ok = off <= TOLERANCE[kind] and entropy <= 1e-6 and slope <= GRADIENT
        lines.append(
            {"kind": kind, "b": b, "k": k, "v": v, "error": off, "entropy_error": entropy,
             "gradient_error": slope, "ok": ok}
        )  # fmt: skip
    return lines


def eager(x: Tensor, y: Tensor, kind: str) -> tuple[Tensor, Tensor]:
    """The textbook in plain torch: divergence and entropy."""
    log_p, log_q = x.float().log_softmax(-1)[:, None], y.float().log_softmax(-1)
    p, q = log_p.exp(), log_q.exp()
    entropy = -(p * log_p).sum(-1).squeeze(1)
    if kind == "kl":
        return (p * (log_p - log_q)).sum(-1), entropy
    if kind == "reverse_kl":
        return (q * (log_q - log_p)).sum(-1), entropy
    if kind == "tv":
        return (p - q).abs().sum(-1) / 2, entropy
    log_m = ((p + q) / 2).log()
    return ((p * (log_p - log_m)).sum(-1) + (q * (log_q - log_m)).sum(-1)) / 2, entropy


def _event() -> Any:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]  # torch


def seconds(run: Callable[[], object]) -> float:
    """Median time of a call on the GPU, the second-level cache flushed before each."""
    flush = torch.empty(256 << 20, dtype=torch.int8, device="cuda")
    times = []
    for i in range(25):
        flush.zero_()
        begin, end = _event(), _event()
        begin.record()
        run()
        end.record()
        torch.cuda.synchronize()
        if i >= 5:
            times.append(float(begin.elapsed_time(end)) / 1e3)
    return sorted(times)[len(times) // 2]


def copy_bandwidth() -> float:
    """Bytes read and written per second by a copy of 1 GiB."""
    a = torch.zeros(1 << 30, dtype=torch.int8, device="cuda")
    b = torch.empty_like(a)
    return 2 * a.numel() / seconds(lambda: b.copy_(a))


def rivals(x: Tensor, y: Tensor, kind: str) -> dict[str, Callable[[], object]]:
    """What the kernel is timed against."""
    compiled = torch.compile(eager)
    found: dict[str, Callable[[], object]] = {
        "eager": lambda: eager(x, y, kind),
        "compile": lambda: compiled(x, y, kind),
    }
    if find_spec("liger_kernel") is not None and kind == "jsd":
        from liger_kernel.transformers.jsd import LigerJSD

        jsd = LigerJSD()
        wide = x[:, None].expand_as(y).reshape(-1, x.shape[-1])
        flat = y.reshape(-1, x.shape[-1])
        found["liger"] = lambda: jsd(flat.float().log_softmax(-1), wide.float().log_softmax(-1))
    return found


def timing(backend: Any, b: int, k: int, v: int, copied: float) -> list[dict[str, Any]]:
    """Forward and backward of every kind at one shape, in bfloat16."""
    x, y = rows(b, k, v, 0, torch.bfloat16, "cuda")
    up = torch.ones(b, k, device="cuda")
    size = (x.numel() + y.numel()) * x.element_size()
    lines = []
    for kind in KINDS:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        backend.forward(x, y, kind)
        extra = (torch.cuda.max_memory_allocated() - before) / size
        took = seconds(lambda kind=kind: backend.forward(x, y, kind))  # type: ignore[misc]  # bound now
        back = seconds(lambda kind=kind: backend.backward(x, y, kind, to_x=up))  # type: ignore[misc]
        line = {"kind": kind, "b": b, "k": k, "v": v, "us": took * 1e6, "backward_us": back * 1e6,
                "of_copy": size / took / copied, "extra_memory": extra}  # fmt: skip
        for name, run in rivals(x, y, kind).items():
            line[f"over_{name}"] = seconds(run) / took
        lines.append(line)
    return lines


def show(title: str, lines: list[dict[str, Any]]) -> None:
    """A table on the terminal."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    print(title)  # noqa: T201  # a command's output
    print("  ".join(f"{name:>14}" for name in names))  # noqa: T201
    for line in lines:
        cells = (line.get(name, "") for name in names)
        said = (f"{c:14.3g}" if isinstance(c, float) else f"{c!s:>14}" for c in cells)
        print("  ".join(said))  # noqa: T201


def main(arguments: list[str] | None = None) -> int:
    """Run everything; the status is 0, 1 for a wrong result, 2 without a GPU."""
    parser = argparse.ArgumentParser(prog="python -m paper_repro.gpu_check", description=__doc__)
    parser.add_argument("--out", default=os.environ.get("OUT"), help="folder of gpu_check.json")
    parser.add_argument("--seed", type=int, default=None, help="of the rows checked; else fresh")
    given = parser.parse_args(arguments)
    if not torch.cuda.is_available() or find_spec("triton") is None:
        missing = "triton is not installed" if torch.cuda.is_available() else "there is no CUDA"
        print(f"nothing to check: {missing}")  # noqa: T201
        return 2
    from sua_gpu import triton_backend

    seed = int.from_bytes(os.urandom(4)) if given.seed is None else given.seed
    checked = [c for s in CHECKED for c in check(triton_backend, *s, seed, "cuda")]
    show(f"against the torch form in double precision, seed {seed}", checked)
    copied = copy_bandwidth()
    timed = [t for s in TIMED for t in timing(triton_backend, *s, copied)]
    show(f"bfloat16, copy bandwidth {copied / 1e12:.2f} TB/s", timed)
    result = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "seed": seed,
              "copy_bytes_per_second": copied, "checked": checked, "timed": timed}  # fmt: skip
    if given.out:
        path = Path(given.out) / "gpu_check.json"
        path.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0 if all(line["ok"] for line in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
