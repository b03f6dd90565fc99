"""What a model has written, kept in a file, so that nothing is paid for twice.

The file holds one JSON object a line and only ever grows: a batch is appended in one write. A line
torn by a full disk or a kill is skipped and its text written anew. Two runs may share a file: of
two lines with one key the first counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from paper_repro.bad_input import BadInputError
from paper_repro.perturbations.seq2seq import Written

_HEAD = '{"key": "'


class ParaphraseCache:
    """Keys and what was written for them.

    Attributes:
        path: the file; it need not exist yet.
        torn: lines of it that were no whole line.

    Raises:
        BadInputError: the file is no such cache; the line is named.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self._known: dict[str, Written] = {}
        self._whole = True
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInputError(f"{path}: cannot be read as a cache: {error}") from error
        self._whole = not content or content.endswith(b"\n")
        for number, line in enumerate(content.split(b"\n"), start=1):
            if line:
                self._read(number, line.decode(errors="replace"))

    def _read(self, number: int, line: str) -> None:
        if not line.startswith(_HEAD) and not _HEAD.startswith(line):
            raise BadInputError(f"{self.path}: line {number} is no line of a cache: {line[:60]!r}")
        try:
            row = json.loads(line)
        except ValueError:
            self.torn += 1
            return
        fields = (row.get("key"), row.get("text"), row.get("failure", ""))
        if not isinstance(fields[0], str) or not isinstance(fields[1], str):
            raise BadInputError(f"{self.path}: line {number}: fields 'key' and 'text' wanted")
        if fields[2] is not None and not isinstance(fields[2], str):
            raise BadInputError(f"{self.path}: line {number}: field 'failure' is {fields[2]!r}")
        self._known.setdefault(fields[0], Written(fields[1], fields[2] or None))

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Written:
        return self._known[key]

    def add(self, entries: Mapping[str, Written]) -> None:
        """Keep these, on disk first.

        Raises:
            OSError: the disk is full; what was there stays readable.
        """
        rows = (
            {"key": key, "text": written.text, "failure": written.failure}
            for key, written in entries.items()
        )
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            # After a torn line a new one must not begin in the middle.
            payload = ("" if self._whole else "\n").encode() + lines.encode()
            self._whole = file.write(payload) == len(payload)
            os.fsync(file.fileno())
        if not self._whole:
            raise OSError(f"{self.path}: the disk took only a part of {len(payload)} bytes")
        for key, written in entries.items():
            self._known.setdefault(key, written)
