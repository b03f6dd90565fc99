"""Figure 1: the pipeline, drawn from the functions that it is made of.

Each box names a function or a class of this program and says the first sentence of its own
documentation, so the drawing changes with the code.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

from paper_repro.study.report_document import Figure, Panel

Place = str
"""Where a function or class is: ``module:name``."""
LANES: tuple[tuple[str, tuple[tuple[Place, tuple[Place, ...]], ...]], ...] = (
    (
        "Data and perturbations",
        (
            ("paper_repro.study.tasks:load_study_task", ()),
            (
                "paper_repro.study.views:views_of",
                (
                    "paper_repro.study.distributions:distribution",
                    "paper_repro.perturbations.report:report",
                ),
            ),
        ),
    ),
    (
        "Training",
        (
            (
                "paper_repro.objective:Objective",
                (
                    "sua_gpu:task_loss_from_logits",
                    "sua_gpu:consistency_loss_from_logits",
                    "sua_gpu:entropy_alignment_loss_from_logits",
                ),
            ),
            ("paper_repro.study.training:train", ()),
        ),
    ),
    (
        "Scoring",
        (
            ("paper_repro.study.outputs:Outputs", ()),
            (
                "paper_repro.rivals:scores",
                (
                    "sua_gpu:entropy_from_logits",
                    "sua_gpu:distributional_sensitivity_from_logits",
                    "sua_gpu:additive_score_from_logits",
                ),
            ),
        ),
    ),
    (
        "Judging",
        (
            ("paper_repro.study.measures:measure", ()),
            (
                "paper_repro.study.statistics:Ranking",
                ("sua_ref:failure_auroc", "sua_ref:aurc", "sua_ref:selective_accuracy"),
            ),
            ("paper_repro.study.intervals:interval", ()),
        ),
    ),
)
"""The stages in order, each with what it is made of."""
_WIDTH, _SIDE, _LINE, _GAP, _BETWEEN = 360, 12, 17, 26, 8
_TITLE = 'font-size="15" font-weight="700"'
_REFERENCE = re.compile(r" \(see :func:`[^`]*`\)")
_INDENT = 26
_COLUMNS = 45
"""Characters of a line in a box."""


@dataclass(frozen=True)
class Stage:
    """One box."""

    name: str
    module: str
    says: str


def stage(place: Place) -> Stage:
    """What a box says of the function at ``module:name``.

    Raises:
        ImportError, AttributeError: there is none; the drawing is then out of date.
        ValueError: it has no documentation.

    >>> stage("sua_gpu:abstain").name
    'abstain'
    """
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    written = inspect.getdoc(found)
    if not written:
        raise ValueError(f"{place}: has no documentation to draw")
    first = _REFERENCE.sub("", " ".join(written.split("\n\n")[0].split())).replace("``", "")
    return Stage(found.__name__, found.__module__, first)


def part(of: Place, place: Place) -> Stage:
    """A box for what a stage is made of.

    Raises:
        ValueError: the module of the stage does not use it.
    """
    found, module = stage(place), of.partition(":")[0]
    if not re.search(rf"\b{found.name}\b", inspect.getsource(import_module(module))):
        raise ValueError(f"{place}: {module} does not use it")
    return found


def _text(x: int, y: int, said: str, style: str) -> str:
    return f'<text x="{x}" y="{y}" {style}>{escape(said)}</text>'


def _box(stage: Stage, top: int, *, part: bool) -> tuple[str, int]:
    """The drawing of a box, and where it ends; a part is indented and stands on white."""
    left = _SIDE + (_INDENT if part else 0)
    lines = textwrap.wrap(stage.says, _COLUMNS - 4 * part, max_lines=4, placeholder=" ...")
    height, x = 44 + _LINE * len(lines), left + 10
    fill = "#ffffff" if part else "#e3eef8"
    parts = [
        f'<rect x="{left}" y="{top}" width="{_WIDTH - _SIDE - left}" height="{height}" rx="6" '
        f'fill="{fill}" stroke="#0072B2"/>',
        _text(x, top + 20, stage.name, 'font-weight="600" font-size="14"'),
        _text(x, top + 35, stage.module, 'font-size="11" fill="#5f6771"'),
    ]
    for i, line in enumerate(lines):
        parts.append(_text(x, top + 54 + _LINE * i, line, 'font-size="13"'))
    return "".join(parts), top + height


def _arrow(top: int) -> str:
    x, end = _SIDE + _INDENT // 2, top + _GAP
    return (
        f'<path d="M{x} {top} V{end - 9}" stroke="#333" stroke-width="1.5"/>'
        f'<path d="M{x - 5} {end - 10} h10 l-5 8 z" fill="#333"/>'
    )


def lane(title: str, stages: Sequence[tuple[Stage, Sequence[Stage]]]) -> bytes:
    """One column of boxes as SVG."""
    drawn, y = [], 34
    for i, (main, made_of) in enumerate(stages):
        if i:
            drawn.append(_arrow(y))
            y += _GAP
        top = y
        box, y = _box(main, y, part=False)
        drawn.append(box)
        for one in made_of:
            box, y = _box(one, y + _BETWEEN, part=True)
            drawn.append(box)
        if made_of and i + 1 < len(stages):
            x = _SIDE + _INDENT // 2
            drawn.insert(0, f'<path d="M{x} {top} V{y}" stroke="#333" stroke-width="1.5"/>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 12}" '
        f'width="{_WIDTH}" height="{y + 12}" font-family="Helvetica, Arial, sans-serif" '
        f'fill="#1b1f24">{_text(_SIDE, 22, title, _TITLE)}'
    )
    return (head + "".join(drawn) + "</svg>\n").encode()


def pipeline() -> Figure:
    """Figure 1.

    Raises:
        ImportError, AttributeError: a stage is no longer where the drawing looks for it.
    """
    panels = []
    for number, (title, places) in enumerate(LANES, start=1):
        stages = [(stage(main), [part(main, one) for one in made_of]) for main, made_of in places]
        told = ", then ".join(
            main.name + (f" (of {', '.join(p.name for p in made_of)})" if made_of else "")
            for main, made_of in stages
        )
        drawn = lane(f"{number}. {title}", stages)
        panels.append(Panel(f"pipeline-{number}", f"{title}: {told}", drawn))
    caption = (
        "The pipeline, drawn from the functions that ran: their names, and the first sentence of "
        "their own documentation; indented, what a stage is made of. Read the columns in order."
    )
    return Figure(caption, tuple(panels), narrow=True)
