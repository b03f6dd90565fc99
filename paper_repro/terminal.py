"""What every command shows on the terminal: lines, faults, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from paper_repro.bad_input import BadInputError

console = Console()
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def say(text: str, style: str = "") -> None:
    """Print as it is: no wrapping, no markup, no colouring of numbers."""
    console.print(text, style=style, soft_wrap=True, highlight=False, markup=False)


def fault(said: str) -> None:
    """One line on the error stream."""
    print(f"sua: {said}", file=sys.stderr)  # noqa: T201  # the command's error lines


def write_new(text: str, out: Path | None) -> None:
    """Print a document, or write it to a file that is not there yet."""
    if out is None:
        sys.stdout.write(text)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadInputError(f"--out {out}: {error.strerror}") from error
    say(f"Written: {out}")


@contextmanager
def progress() -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """Progress bars with the rate and the time left, on a terminal; silent elsewhere."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description:32}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as bars:

        def begin(name: str, total: int) -> Callable[[int], None]:
            task = bars.add_task(name, total=total)
            return lambda done: bars.advance(task, done)

        yield begin
