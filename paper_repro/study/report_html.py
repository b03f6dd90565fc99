"""A report as one HTML file that loads nothing: its style and its pictures are inside it."""

from __future__ import annotations

import base64
import html as markup

from paper_repro.study.report_document import Block, Cell, Document, Figure, Items, Panel, Table

STYLE = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; color: #1b1f24; background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .5rem;
  border-top: 1px solid #d0d7de; }
p, ul { max-width: 46rem; margin: .6rem 0; overflow-wrap: break-word; }
nav ul { columns: 16rem; padding-left: 1.1rem; max-width: none; }
a { color: #0b5394; }
figure { margin: 1.25rem 0; }
figcaption, caption { text-align: left; color: #4a5058; font-size: .9rem; }
figcaption { max-width: 46rem; margin-top: .4rem; }
.panels { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); }
.narrow { grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
.panels img { width: 100%; max-width: 30rem; height: auto; }
.scroll { overflow-x: auto; margin: 1.25rem 0; border: 1px solid #d0d7de; border-radius: 6px; }
.caption { margin: 1.25rem 0 -.9rem; font-size: .9rem; color: #4a5058; }
table { border-collapse: separate; border-spacing: 0; font-size: .875rem; width: 100%;
  font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #e6e9ec; text-align: right;
  vertical-align: top; white-space: nowrap; background: #fff; }
thead th { background: #f3f5f7; border-bottom-color: #b6bec7; vertical-align: bottom;
  white-space: normal; }
tbody tr:last-child > * { border-bottom: 0; }
.w { text-align: left; }
.first { position: sticky; left: 0; z-index: 1; white-space: normal; max-width: 16rem;
  font-weight: 600; }
td.said { white-space: normal; min-width: 11rem; text-align: left; }
small { display: block; color: #5f6771; font-size: .78rem; font-weight: 400; }
.missing { color: #6a717a; font-style: italic; }
.below { color: #8a3b00; font-weight: 600; }
.best { font-weight: 700; text-decoration: underline; text-underline-offset: 2px; }
@media (max-width: 40rem) {
  body { padding: .6rem; }
  th, td { padding: .3rem .4rem; }
  .first { min-width: 7.5rem; max-width: 8.5rem; overflow-wrap: break-word; }
}
@media print { .scroll { overflow: visible; border: 0; } h2 { break-after: avoid; } }
"""


def _said(text: str) -> str:
    """A text, its numbers kept beside their per cent signs."""
    return markup.escape(text).replace(" %", "\N{NO-BREAK SPACE}%")


_LONG = 30
"""Characters above which the text of a cell wraps."""


def _cell(cell: Cell, column: int, words: int) -> str:
    long = column > 0 and len(cell.text + cell.note) > _LONG
    names = [n for n, on in (("w", column < words), ("first", not column), ("said", long)) if on]
    names += [cell.mark] if cell.mark else []
    shown = f' class="{" ".join(names)}"' if names else ""
    small = "".join(f"<small>{_said(s)}</small>" for s in (cell.interval, cell.note) if s)
    tag = 'th scope="row"' if column == 0 else "td"
    return f"<{tag}{shown}>{_said(cell.text)}{small}</{tag.split()[0]}>"


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col" class="{"w" if i < table.words else ""}{"" if i else " first"}">'
        f"{_said(h)}</th>"
        for i, h in enumerate(table.header)
    )
    rows = "\n".join(
        "<tr>" + "".join(_cell(c, i, table.words) for i, c in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    said = _said(table.caption)
    return (
        f'<p class="caption">{said}</p>\n'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_said(table.caption)}">'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _image(panel: Panel) -> str:
    data = base64.b64encode(panel.svg).decode("ascii")
    return f'<img alt="{_said(panel.words)}" src="data:image/svg+xml;base64,{data}">'


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        images = "\n".join(_image(panel) for panel in block.panels)
        said = _said(block.caption)
        return (
            f'<figure><div class="panels{" narrow" if block.narrow else ""}">\n{images}\n</div>\n'
            f"<figcaption>{said}</figcaption></figure>"
        )
    if isinstance(block, Items):
        return "<ul>" + "".join(f"<li>{_said(line)}</li>" for line in block.lines) + "</ul>"
    return f"<p>{_said(block)}</p>"


def html(document: Document) -> str:
    """The text of ``report.html``."""
    links = "".join(
        f'<li><a href="#{s.anchor}">{_said(s.title)}</a></li>' for s in document.sections
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_said(document.title)}</title>",
        f"<style>\n{STYLE}</style></head><body>",
        f"<h1>{_said(document.title)}</h1>",
        f'<nav aria-label="Contents"><ul>{links}</ul></nav>',
    ]
    for section in document.sections:
        parts.append(f'<section id="{section.anchor}"><h2>{_said(section.title)}</h2>')
        parts += [_block(block) for block in section.blocks]
        parts.append("</section>")
    return "\n".join([*parts, "</body></html>", ""])
