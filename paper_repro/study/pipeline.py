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

LANES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Data and perturbations",
        (
            "paper_repro.study.tasks:load_study_task",
        ),
    ),
    (
        "Training, equation (15)",
        (
            "paper_repro.objective:Objective",
            "sua_gpu:task_loss_from_logits",
            "sua_gpu:consistency_loss_from_logits",
            "sua_gpu:entropy_alignment_loss_from_logits",
            "paper_repro.algorithm_5_6:sua_tr",
        ),
    ),
    (
        "Scoring, sections 3 and 5.5",
        (
            "paper_repro.study.outputs:Outputs",
            "sua_gpu:distributional_sensitivity_from_logits",
            "sua_gpu:entropy_from_logits",
            "sua_gpu:sua_score_from_logits",
            "sua_gpu:abstain",
        ),
    ),
    (
        "Judging, section 6.4",
        (
            "sua_ref:robust_accuracy",
            "sua_ref:expected_calibration_error",
            "sua_ref:failure_auroc",
            "sua_ref:selective_accuracy",
        ),
    ),
)
"""The stages in order, as ``module:name``."""
_WIDTH, _SIDE, _LINE, _GAP = 360, 12, 17, 26
_REFERENCE = re.compile(r" \(see :func:`[^`]*`\)")
_COLUMNS = 46
"""Characters of the text in a box."""


@dataclass(frozen=True)
class Stage:
    """One box."""

    name: str
    module: str
    says: str


def stage(place: str) -> Stage:
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


def _box(stage: Stage, top: int) -> tuple[str, int]:
    """The drawing of a box, and where it ends."""
    lines = textwrap.wrap(stage.says, _COLUMNS, max_lines=4, placeholder=" ...")
    height = 44 + _LINE * len(lines)
    x = _SIDE + 10
    parts = [
        f'<rect x="{_SIDE}" y="{top}" width="{_WIDTH - 2 * _SIDE}" height="{height}" rx="6" '
        'fill="#eef4fa" stroke="#0072B2"/>',
        f'<text x="{x}" y="{top + 20}" font-weight="600" font-size="14">{escape(stage.name)}</text>',
        f'<text x="{x}" y="{top + 35}" font-size="11" fill="#5f6771">{escape(stage.module)}</text>',
    ]
    for i, line in enumerate(lines):
        y = top + 54 + _LINE * i
        parts.append(f'<text x="{x}" y="{y}" font-size="13">{escape(line)}</text>')
    return "".join(parts), top + height


def _arrow(top: int) -> str:
    x, end = _WIDTH // 2, top + _GAP
    return (
        f'<path d="M{x} {top + 3} V{end - 9}" stroke="#333" stroke-width="1.5"/>'
        f'<path d="M{x - 5} {end - 10} h10 l-5 8 z" fill="#333"/>'
    )


def lane(title: str, stages: Sequence[Stage]) -> bytes:
    """One column of boxes as SVG."""
    parts, y = [], 34
    for i, one in enumerate(stages):
        if i:
            parts.append(_arrow(y))
            y += _GAP
        drawn, y = _box(one, y)
        parts.append(drawn)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 12}" '
        f'width="{_WIDTH}" height="{y + 12}" font-family="Helvetica, Arial, sans-serif" '
        'fill="#1b1f24">'
        f'<text x="{_SIDE}" y="22" font-size="15" font-weight="700">{escape(title)}</text>'
    )
    return (head + "".join(parts) + "</svg>\n").encode()


def pipeline() -> Figure:
    """Figure 1.

    Raises:
        ImportError, AttributeError: a stage is no longer where the drawing looks for it.
    """
    panels = []
    for number, (title, places) in enumerate(LANES, start=1):
        stages = [stage(place) for place in places]
        words = f"{title}: " + ", then ".join(s.name for s in stages)
        panels.append(Panel(f"pipeline-{number}", words, lane(f"{number}. {title}", stages)))
    caption = (
        "The pipeline, drawn from the functions that ran: their names, and the first sentence of "
        "their own documentation. Read each column from the top, the columns in their order."
    )
    return Figure(caption, tuple(panels))
