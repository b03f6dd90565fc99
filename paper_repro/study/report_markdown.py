"""A report as Markdown; its pictures stand in files beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from paper_repro.study.report_document import Block, Cell, Document, Figure, Items, Panel, Table

_SPECIAL = re.compile(r"([\\`*_<>|\[\]#~])")


def escaped(text: str) -> str:
    """A text that Markdown shows as it is, on one line.

    >>> print(escaped("sua_tr | *"))
    sua\\_tr \\| \\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _cell(cell: Cell) -> str:
    said = escaped(f"{cell.text} {cell.interval}")
    if cell.mark in ("best", "below"):
        said = f"**{said}**"
    return f"{said} ({escaped(cell.note)})" if cell.note else said


def _table(table: Table) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("---" if i < table.words else "--:" for i in range(len(table.header)))
    rows = [line([_cell(c) for c in row]) for row in table.rows]
    head = line([escaped(h) for h in table.header])
    return "\n".join([f"*{escaped(table.caption)}*", "", head, rule + "|", *rows])


def _block(block: Block, place: Callable[[Panel], str]) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        images = [f"![{escaped(panel.words)}]({place(panel)})" for panel in block.panels]
        return "\n".join([*images, "", f"*{escaped(block.caption)}*"])
    if isinstance(block, Items):
        return "\n".join(f"- {escaped(line)}" for line in block.lines)
    return escaped(block)


def markdown(document: Document, place: Callable[[Panel], str]) -> str:
    """The text of ``report.md``.

    Args:
        document: what to write.
        place: where the file of a picture stands, as the text links to it.
    """
    parts = [f"# {escaped(document.title)}"]
    for section in document.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [_block(block, place) for block in section.blocks]
    return "\n\n".join(parts) + "\n"
