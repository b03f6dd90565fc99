"""A run is one configuration in one folder: written whole or not at all, resumed where it stopped.

``config.json`` says what the run is, ``state.pt`` where it stands, ``result.json`` what came of it.
Each is written beside its place, flushed to the disk and renamed, so that a kill or a full disk in
the middle of a write leaves what stood there before.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from paper_repro.bad_input import BadInputError

PARTIAL = ".partial"
"""Ends the name of a file that is still being written."""


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` or, if that fails, leave it as it is.

    Raises:
        BadInputError: the file cannot be written; the path and the reason.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadInputError(f"{path}: cannot be written: {error.strerror}") from error


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON in one spelling: sorted keys, shortest numbers, no NaN, a newline at the end.

    >>> canonical({"b": 0.1, "a": [1, None]})
    b'{"a": [1, null], "b": 0.1}\\n'
    """
    return (json.dumps(document, sort_keys=True, allow_nan=False) + "\n").encode()


class RunFolder:
    """The folder of one run under ``root``, named after the run and a digest of its configuration.

    Args:
        root: where runs are kept; made if missing.
        name: what a person calls the run, such as ``nli-sua_tr-0``.
        config: everything that decides the result, JSON values only.

    Raises:
        BadInputError: the folder holds another configuration, or cannot be read or written.
    """

    def __init__(self, root: Path, name: str, config: Mapping[str, Any]) -> None:
        wanted = canonical(config)
        self.digest = hashlib.sha256(wanted).hexdigest()
        self.path = root / f"{name}-{self.digest[:10]}"
        self.config = dict(config)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInputError(f"{self.path}: cannot be made: {error.strerror}") from error
        stored = self._read("config.json")
        if stored is None:
            write_whole(self.path / "config.json", wanted)
        elif stored != wanted:
            raise BadInputError(f"{self.path / 'config.json'}: is not the configuration asked for")

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInputError(f"{self.path / name}: cannot be read: {error.strerror}") from error

    @property
    def result(self) -> dict[str, Any] | None:
        """What came of the run; None while it is not done.

        Raises:
            BadInputError: the file was damaged.
        """
        stored = self._read("result.json")
        if stored is None:
            return None
        try:
            found = json.loads(stored)
        except ValueError as error:
            raise BadInputError(f"{self.path / 'result.json'}: no JSON: {error}") from error
        if not isinstance(found, dict) or found.get("config") != self.digest:
            raise BadInputError(f"{self.path / 'result.json'}: belongs to another configuration")
        return found

    def finish(self, result: Mapping[str, Any]) -> None:
        """Write the result; the state is no longer needed and goes."""
        write_whole(self.path / "result.json", canonical({**result, "config": self.digest}))
        (self.path / "state.pt").unlink(missing_ok=True)

    def save(self, state: Mapping[str, Any]) -> None:
        """Write where the run stands: tensors and plain values."""
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        write_whole(self.path / "state.pt", buffer.getvalue())

    def load(self) -> dict[str, Any] | None:
        """Where the run stood when it was stopped; None at the start.

        Raises:
            BadInputError: the file was damaged.
        """
        stored = self._read("state.pt")
        if stored is None:
            return None
        try:
            found = torch.load(io.BytesIO(stored), weights_only=True)
        except Exception as error:  # torch raises many kinds on damaged files
            raise BadInputError(f"{self.path / 'state.pt'}: cannot be read: {error}") from error
        if not isinstance(found, dict):
            raise BadInputError(f"{self.path / 'state.pt'}: holds no state")
        return found
