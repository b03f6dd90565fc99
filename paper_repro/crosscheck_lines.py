"""How a crosscheck reads on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from paper_repro import exact_metrics
from paper_repro.conformance import Outcome
from paper_repro.crosscheck import Foreign
from paper_repro.crosscheck_rows import Row


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()


def of_backend(rows: Sequence[Row]) -> str:
    """One line for each function and precision: the worst error over its bound at each V, and the
    case that came nearest."""
    sizes = sorted({row.v for row in rows if row.function not in exact_metrics.CALLS})
    header = ("function", "dtype", *(f"{v}" for v in sizes), "V", "error", "bound", "", "input")
    written = []
    for _, group in groupby(rows, key=lambda r: (r.function, r.dtype)):
        at = {row.v: row for row in group}
        row = max(at.values(), key=lambda r: r.ratio)
        mark = "ok" if row.ok else "WRONG"
        error, bound = f"{row.worst_error:.1e}", f"{row.bound:.1e}"
        shares = (f"{at[v].ratio:.2f}" if v in at else "-" for v in sizes)
        written.append(
            (row.function, row.dtype, *shares, f"{row.v}", error, bound, mark, row.input)
        )  # fmt: skip
    cases = sum(row.cases for row in rows)
    functions = len({row.function for row in rows})
    devices = ", ".join(sorted({row.device for row in rows}))
    last = (
        f"{functions} functions, {cases} results on {devices}, each held to a ball. "
        "Below each V: the worst error over its bound."
    )
    return "\n".join([*_table(header, written), "", last])


def of_functions(found: Foreign) -> str:
    """For each function, one line for each hard input."""
    lines: list[str] = []
    for title, group in groupby(found.outcomes, key=lambda o: o.function):
        outcomes = list(group)
        wrong = sum(bool(o.fault) for o in outcomes)
        lines += [f"{title} ({outcomes[0].dtype}): wrong on {wrong} of {len(outcomes)}", ""]
        lines += _table(("input", "V", "given", "right", "verdict"), [_line(o) for o in outcomes])
        lines.append("")
    lines += [f"skipped: {said}" for said in found.skipped]
    return "\n".join(lines)


def _line(o: Outcome) -> tuple[str, ...]:
    return o.input, f"{o.v}", o.given, o.right, f"WRONG: {o.fault}" if o.fault else "ok"


def faults(document: dict[str, Any]) -> Iterator[str]:
    """One line for each function that is wrong, with the first input that shows it."""
    wrong = [row for row in document["rows"] if not row["ok"]]
    for (function, dtype), group in groupby(wrong, key=lambda r: (r["function"], r["dtype"])):
        rows = list(group)
        yield f"{function} ({dtype}) is wrong at V = {rows[0]['v']}, {rows[0]['input']}"
