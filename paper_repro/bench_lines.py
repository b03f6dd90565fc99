"""How a benchmark reads on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from paper_repro.tables import aligned

HEADER = ("implementation", "median", "/ ours", "of copy", "extra memory", "difference")


def table(document: dict[str, Any]) -> str:
    """A table for each case, then what is missing."""
    copy = document["copy_bandwidth"] / 1e9
    lines = [
        f"{document['device']}, {document['threads']} threads; a copy moves {copy:.1f} GB/s "
        "(read and write)"
    ]
    for title, group in groupby(document["rows"], key=_title):
        lines += ["", title, aligned(HEADER, [_line(row) for row in group])]
    return "\n".join([*lines, "", *_missing(document)]).rstrip()


def _title(row: dict[str, Any]) -> str:
    if row["v"] is None:
        return f"{row['function']}: {row['b']} rows, {row['dtype']}"
    shape = f"B = {row['b']}, K = {row['k']}, V = {row['v']}"
    return f"{row['function']}, {row['divergence']}: {shape}, {row['dtype']}"


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    memory, difference = row["extra_memory_fraction"], row["difference"]
    return (
        row["implementation"],
        f"{row['seconds_median'] * 1e3:.2f} ms",
        f"{row['ratio_to_ours']:.2f}x",
        f"{row['bandwidth_fraction']:.0%}",
        "?" if memory is None else f"{memory:.2f}x",
        "" if difference is None else f"{difference:.0e}",
    )


def _missing(document: dict[str, Any]) -> Iterator[str]:
    """One line for each contender and reason, with how many of the contests it missed."""
    reasons: dict[tuple[str, str], int] = {}
    for one in document["missing"]:
        key = one["implementation"], one["reason"]
        reasons[key] = reasons.get(key, 0) + 1
    for (name, reason), count in reasons.items():
        yield f"missing: {name} in {count} contests: {reason}"
