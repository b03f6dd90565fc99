"""Kernels kept on disk under a name that says what they were compiled from.

numba looks for a function's code by its name and by the age of the file that defines it, and does
not see a change in what the function calls. Here the name carries a digest of every source file of
the kernels and of the compiler's version, so that code of another version is never found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba


def digest(folder: Path) -> str:
    """Of the kernels' source files in ``folder`` and the compiler that reads them."""
    found = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    for file in sorted(folder.glob("numba_*.py")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


_DIGEST = digest(Path(__file__).parent)


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``numba.njit`` with these options, its code kept on disk for the next process."""

    def compiled(function: Callable[..., Any]) -> Any:
        function.__qualname__ = f"{function.__qualname__}_{_DIGEST}"
        return numba.njit(cache=True, **options)(function)

    return compiled
