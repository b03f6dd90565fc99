"""The Triton kernels, in a process of their own: whether they are interpreted is decided on import.

The tests themselves are in ``triton_interpreted.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INTERPRETED = [
    ["tests/triton_interpreted.py"],
    ["tests/triton_gradients.py"],
    ["tests/triton_functions.py"],
    ["tests/test_bad_logits_everywhere.py", "-k", "triton"],
]


@pytest.mark.parametrize("arguments", INTERPRETED, ids=lambda a: Path(a[0]).stem)
@pytest.mark.skipif(find_spec("triton") is None, reason="triton is not installed")
def test_the_kernels_pass_their_tests_under_the_interpreter(
    arguments: list[str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", *arguments],
        cwd=ROOT,
        env=os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
