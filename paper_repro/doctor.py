"""What is installed, and what is missing with the command that gets it."""

from __future__ import annotations

import importlib.util
import os
import platform
from importlib import metadata
from pathlib import Path

_CORE = {
    "numpy": "numpy",
    "python-flint": "flint",
    "torch": "torch",
    "transformers": "transformers",
    "tokenizers": "tokenizers",
    "scikit-learn": "sklearn",
    "matplotlib": "matplotlib",
    "typer": "typer",
    "rich": "rich",
}
_EXTRAS = {
    "cpu": {"numba": "numba"},
    "test": {"pytest": "pytest", "hypothesis": "hypothesis", "scipy": "scipy"},
    "bench": {"scipy": "scipy", "torchmetrics": "torchmetrics"},
    "lint": {"mypy": "mypy", "ruff": "ruff"},
}


def _package(name: str, module: str, advice: str) -> dict[str, str]:
    if importlib.util.find_spec(module) is None:
        return {"what": name, "state": "missing", "advice": advice}
    return {"what": name, "state": metadata.version(name), "advice": ""}


def _device() -> list[dict[str, str]]:
    if importlib.util.find_spec("torch") is None:
        return [{"what": "device", "state": "unknown", "advice": "torch is missing"}]
    import torch

    if torch.cuda.is_available():
        device = {
            "what": "device",
            "state": torch.cuda.get_device_name(),
            "advice": "sua crosscheck checks the backend on it; sua reproduce trains on the CPU",
        }
    else:
        device = {"what": "device", "state": "cpu", "advice": "enough for everything here"}
    threads = {
        "what": "threads",
        "state": f"{torch.get_num_threads()} of {os.cpu_count()} cores",
        "advice": "",
    }
    return [device, threads]


def _data() -> dict[str, str]:
    folder = os.environ.get("SUA_DATA")
    if folder is None:
        return {
            "what": "SUA_DATA",
            "state": "not set",
            "advice": "set it to the folder of datasets to run the tests that read them",
        }
    state = "found" if Path(folder).is_dir() else "no such folder"
    return {"what": "SUA_DATA", "state": state, "advice": folder}


def findings() -> list[dict[str, str]]:
    """One entry for each thing looked at: what, its state, and what to do about it."""
    found = [{"what": "python", "state": platform.python_version(), "advice": ""}]
    found.append(_package("sua", "paper_repro", "pip install -e ."))
    found += [_package(name, module, "pip install -e .") for name, module in _CORE.items()]
    for extra, packages in _EXTRAS.items():
        advice = f"pip install -e '.[{extra}]'"
        found += [_package(name, module, advice) for name, module in packages.items()]
    return [*found, *_device(), _data()]
