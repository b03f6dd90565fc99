"""Draws on disk: one file for each draw number of a split, written whole or not at all.

A file is gzip-compressed JSON lines: what decides the draws, then one line for each input. A line
holds edits and no text; reading a file replays them.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example
from paper_repro.perturbations.edits import Edit, replay
from paper_repro.perturbations.sources import Draw
from paper_repro.run_folder import canonical, write_whole


def folder_of(cache: Path, settings: Mapping[str, Any]) -> Path:
    """Where the draws of these settings are kept."""
    digest = hashlib.sha256(canonical(settings)).hexdigest()
    names = (settings[n] for n in ("task", "dataset", "split", "pi", "seed"))
    return cache / "-".join([*(str(n) for n in names), digest[:10]])


def file_of(folder: Path, number: int) -> Path:
    """The file of one draw number."""
    return folder / f"{number:03d}.jsonl.gz"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time draws here; the lock ends with its process, however that ends.

    Raises:
        BadInputError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("wb")
    except OSError as error:
        raise BadInputError(f"{folder}: cannot be written: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(
    path: Path,
    settings: Mapping[str, Any],
    number: int,
    examples: Sequence[Example],
    draws: Sequence[Draw],
) -> None:
    """Write one draw of every example.

    Raises:
        ValueError: the edits of a draw do not lead to its texts.
        BadInputError: the file cannot be written; what stood there still does.
    """
    lines = [canonical({"settings": settings, "number": number})]
    for example, draw in zip(examples, draws, strict=True):
        if replay(example.texts, draw.edits) != draw.texts:
            raise ValueError(f"draws: the edits of {example.id!r} do not lead to {draw.texts!r}")
        row = {
            "id": example.id,
            "source": draw.source,
            "edits": [[e.kind, e.part, e.start, e.before, e.after] for e in draw.edits],
            "outcomes": draw.outcomes,
            "divergence": draw.divergence,
            "queries": draw.queries,
        }
        lines.append(canonical(row))
    write_whole(path, gzip.compress(b"".join(lines), mtime=0))


def read(
    path: Path, settings: Mapping[str, Any], number: int, examples: Sequence[Example]
) -> list[Draw]:
    """Read what :func:`write` wrote.

    Raises:
        BadInputError: the file is damaged, or of other settings or inputs.
    """
    try:
        head, *rows = gzip.decompress(path.read_bytes()).splitlines()
        if head + b"\n" != canonical({"settings": settings, "number": number}):
            raise ValueError("its settings are not those asked for")
        return [_draw(json.loads(row), e) for row, e in zip(rows, examples, strict=True)]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise BadInputError(
            f"{path}: cannot be read as draws: {error}; without the file they are drawn anew"
        ) from error


def _draw(row: Mapping[str, Any], example: Example) -> Draw:
    if row["id"] != example.id:
        raise ValueError(f"a row of {row['id']!r} stands where {example.id!r} should")
    edits = tuple(Edit(*edit) for edit in row["edits"])
    texts, outcomes = replay(example.texts, edits), tuple(row["outcomes"])
    return Draw(row["source"], texts, edits, outcomes, row["divergence"], row["queries"])
