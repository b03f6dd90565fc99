"""What a report is made of, before it is Markdown or HTML: prose, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "missing", "below", "best"]
"""Why a cell stands out: no run, a model below its floor, the best of its column."""


@dataclass(frozen=True)
class Cell:
    """One cell: what we found, and in smaller type its interval and what stands beside it."""

    text: str
    note: str = ""
    interval: str = ""
    mark: Mark = ""


NOT_RUN = Cell("not run", mark="missing")
"""No saved run has this number."""
UNDEFINED = Cell("none", mark="missing")
"""The runs are there and say nothing here, as AUROC where no answer is wrong."""


@dataclass(frozen=True)
class Table:
    """A table, with a caption that says what to see in it.

    Attributes:
        words: how many of the first columns hold words; the others hold numbers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"table {self.caption[:40]!r}: a row of {len(row)} cells")


@dataclass(frozen=True)
class Panel:
    """One picture: a drawing in SVG, a name for its file, and its content in words."""

    name: str
    words: str
    svg: bytes


@dataclass(frozen=True)
class Figure:
    """Pictures that share a caption, side by side where there is room."""

    caption: str
    panels: tuple[Panel, ...]
    narrow: bool = False
    """Whether the pictures are read at less than their full width."""


@dataclass(frozen=True)
class Items:
    """A list of short lines."""

    lines: tuple[str, ...]


Block = str | Table | Figure | Items
"""A paragraph, or one of the others."""


@dataclass(frozen=True)
class Section:
    """A titled part of the report."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def anchor(self) -> str:
        """Where links to the section lead.

        >>> Section("Table 2: main results", ()).anchor
        'table-2-main-results'
        """
        kept = "".join(c if c.isalnum() else " " for c in self.title.lower())
        return "-".join(kept.split())


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    sections: tuple[Section, ...]

    def panels(self) -> Iterator[Panel]:
        """Every picture, in order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Figure):
                    yield from block.panels


def table(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[Cell | str]],
    *, words: int = 1,
) -> Table:  # fmt: skip
    """A table from rows of cells or plain texts.

    >>> table("two", ["a", "b"], [["x", Cell("1")]]).rows[0][0]
    Cell(text='x', note='', interval='', mark='')
    """
    filled = tuple(tuple(Cell(c) if isinstance(c, str) else c for c in row) for row in rows)
    return Table(caption, tuple(header), filled, words)
