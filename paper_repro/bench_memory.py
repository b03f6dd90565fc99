"""How much memory a call takes at its peak, beyond what was there and what it returns.

On CUDA the allocator says. On a CPU no library's allocator sees all (NumPy, numba and the compiler
have their own), so the kernel is asked: Linux keeps the peak of the resident pages of a process and
lets it be reset. Pages that an earlier call left in the heap are given back first, or they would be
used again unseen. Elsewhere the answer is not known, and None.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def extra_bytes(call: Callable[[], Any], device: torch.device) -> int | None:
    """Peak memory of ``call()`` beyond that before it and beyond the tensors it returns.

    On a CPU in steps of about a megabyte, as the kernel counts.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        returned = _size(call())
        torch.cuda.synchronize(device)
        return max(0, torch.cuda.max_memory_allocated(device) - before - returned)
    return _resident(call)


def _resident(call: Callable[[], Any]) -> int | None:
    try:
        ctypes.CDLL(None).malloc_trim(0)
        _RESET.write_text("5", encoding="ascii")
        before = _kilobytes("VmRSS")
    except (OSError, AttributeError, TypeError):
        return None
    returned = _size(call())
    return max(0, 1024 * (_kilobytes("VmHWM") - before) - returned)


def _kilobytes(entry: str) -> int:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(entry + ":"):
            return int(line.split()[1])
    raise OSError(f"{_STATUS} has no {entry}")


def _size(result: Any) -> int:
    parts = result if isinstance(result, tuple) else (result,)
    return sum(part.nbytes for part in parts if isinstance(part, Tensor))
