"""Which backend computes a function of logits: by name, or the best one present.

A backend is a module with the two functions of :mod:`sua_gpu.chunked`, ``forward`` and
``backward``. ``"auto"`` may fall back; a backend asked for by name that cannot serve is refused,
with the reason.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import torch

from sua_gpu import checks

IMPLEMENTATIONS = ("auto", "torch", "compile", "numba", "triton")
FUSED_KINDS = ("kl", "reverse_kl", "jsd", "tv")
"""Divergences that the kernels know; the others are computed in torch."""
_MODULES = {
    "torch": "sua_gpu.chunked",
    "compile": "sua_gpu.compiled",
    "numba": "sua_gpu.numba_kernels",
    "triton": "sua_gpu.triton_backend",
}


def _found(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ImportError:  # an import hook that refuses the package
        return False


INSTALLED = {name: _found(name) for name in ("numba", "triton")}
"""What can be imported; looked up once, so that the compiler may read it."""


@cache
def compiler() -> bool:
    """Whether a C++ compiler is at hand, which ``torch.compile`` needs on the CPU."""
    return any(shutil.which(c) for c in (os.environ.get("CXX", "g++"), "g++", "clang++"))


def interpreted() -> bool:
    """Whether Triton kernels run under its interpreter, on the CPU."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def obstacle(name: str, device: torch.device, kind: str) -> str | None:
    """Why the backend ``name`` cannot serve here; None if it can."""
    if name in ("numba", "triton") and kind not in FUSED_KINDS:
        return f"its kernels know {', '.join(FUSED_KINDS)}, not {kind}"
    if name == "compile" and device.type == "cpu" and not compiler():
        return "torch.compile needs a C++ compiler, and none is on the path (g++, clang++, CXX)"
    if name == "numba":
        if device.type != "cpu":
            return f"it computes on the CPU, and the logits are on {device.type}"
        if not INSTALLED["numba"]:
            return "the package numba is not installed (pip install 'sua[cpu]')"
    if name == "triton":
        if not INSTALLED["triton"]:
            return "the package triton is not installed"
        if device.type != "cuda" and not interpreted():
            return f"it computes on CUDA, and the logits are on {device.type}"
    return None


def choose(implementation: str, device: torch.device, kind: str) -> str:
    """The name of the backend that computes ``kind`` on ``device``; never ``"auto"``.

    Raises:
        ValueError: the name is none of ``IMPLEMENTATIONS``.
        RuntimeError: a backend asked for by name cannot serve, with the reason.
    """
    checks.choice(implementation, IMPLEMENTATIONS, "implementation")
    if implementation != "auto":
        reason = obstacle(implementation, device, kind)
        if reason is not None:
            raise RuntimeError(f"implementation: {implementation!r} cannot be had: {reason}")
        return implementation
    best = {"cuda": "triton", "cpu": "numba"}.get(device.type)
    return best if best is not None and obstacle(best, device, kind) is None else "torch"


def backend(name: str) -> ModuleType:
    """The module of a backend, imported when first asked for."""
    return import_module(_MODULES[name])


def present(device: str = "cpu") -> dict[str, str | None]:
    """Every backend by name: None if it serves on the device, else why not."""
    at = torch.device(device)
    return {name: obstacle(name, at, "kl") for name in _MODULES}
