"""Hypothesis profiles and the folder of real data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, settings

# Deadlines are off: a slow machine is no failure. `ci` draws the same examples every time.
_SLOW = [HealthCheck.too_slow]
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
# Few examples, always the same ones, never shrunk: a mutant's fate must not depend on the draw,
# and nobody reads its smallest example.
settings.register_profile(
    "mutation",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=_SLOW,
)
settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

if "PYTEST_XDIST_WORKER" in os.environ:  # one process a core: a second thread has no core
    torch.set_num_threads(1)


def pytest_report_header() -> str:
    data = os.environ.get("SUA_DATA", "not set: tests on real data are skipped")
    return f"SUA_DATA: {data}; Hypothesis profile: {settings.get_current_profile_name()}"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public datasets."""
    folder = os.environ.get("SUA_DATA")
    if folder is None:
        pytest.skip("SUA_DATA is not set; it names the folder of public datasets")
    return Path(folder)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """On models as small as the tests' a second thread costs far more than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
