"""The drawings of a study's report: dots with intervals, and lines with bands, as SVG.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; marks and dashes differ
as well.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import cycle

import matplotlib as mpl
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))


_MOST_TICKS = 7
"""Marked places that have room for their names."""
_SHORT = 28
"""Characters of a label that has room for another beside it."""


@dataclass(frozen=True)
class Dot:
    """One number with its interval: in a row of the picture, of a group with one colour."""

    row: str
    group: str
    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """A line through points, and what lies around it."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def _style(name: str) -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e6e6e6",
            "axes.axisbelow": True,
            "font.size": 9,
            "legend.frameon": False,
            "legend.fontsize": 8,
            "svg.hashsalt": name,  # equal runs give equal bytes
        }
    )


def _svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _error(dot: Dot) -> list[list[float]]:
    """Lengths to the left and right; a percentile interval need not hold the mean."""
    low = dot.mean if dot.low is None else dot.low
    high = dot.mean if dot.high is None else dot.high
    return [[max(0.0, dot.mean - low)], [max(0.0, high - dot.mean)]]


def _columns(labels: Sequence[str]) -> int:
    """Columns of a legend: two where the labels leave room for them."""
    return 1 if max(map(len, labels)) > _SHORT else 2


def dots(title: str, xlabel: str, drawn: Sequence[Dot], coin: float | None = None) -> bytes:
    """One row for each ``row`` in the order given, one colour and mark for each ``group``.

    Args:
        title: of the picture.
        xlabel: what the numbers are.
        drawn: the dots.
        coin: where a grey line stands, such as a ranking by chance.
    """
    rows = list(dict.fromkeys(d.row for d in drawn))
    groups = list(dict.fromkeys(d.group for d in drawn))
    with _style(title):
        figure = Figure(figsize=(4.6, 1.3 + 0.3 * len(rows)), layout="constrained")
        axis = figure.subplots()
        if coin is not None:
            axis.axvline(coin, color="#888888", lw=1, ls=":")
        spread = 0.6 / max(1, len(groups))
        for g, (group, colour, mark) in enumerate(
            zip(groups, cycle(COLOURS), cycle(_MARKS), strict=False)
        ):
            shift = (g - (len(groups) - 1) / 2) * spread
            label: str | None = group
            for dot in drawn:
                if dot.group == group:
                    axis.errorbar(
                        dot.mean, rows.index(dot.row) + shift, xerr=_error(dot), fmt=mark,
                        ms=4, lw=1, color=colour, label=label,
                    )  # fmt: skip
                    label = None
        axis.set_yticks(range(len(rows)), rows)
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.set_xlabel(xlabel)
        axis.set_title(title, fontsize=9.5, loc="left")
        figure.legend(loc="outside lower center", ncols=_columns(groups))
        return _svg(figure)


def lines(
    title: str, xlabel: str, ylabel: str, drawn: Sequence[Line], *, marks: bool = True,
    zero: bool = False, coin: float | None = None,
) -> bytes:  # fmt: skip
    """Lines over a common axis.

    Args:
        title: of the picture.
        xlabel, ylabel: what the axes are.
        drawn: the lines.
        marks: whether the points are marked.
        zero: whether the y axis starts at 0.
        coin: where a grey line stands, such as a ranking by chance.
    """
    with _style(title):
        figure = Figure(figsize=(4.6, 3.4), layout="constrained")
        axis = figure.subplots()
        if coin is not None:
            axis.axhline(coin, color="#888888", lw=1, ls=":")
        for line, colour, mark, dash in zip(
            drawn, cycle(COLOURS), cycle(_MARKS), cycle(_DASHES), strict=False
        ):
            axis.plot(
                line.x, line.y, color=colour, ls=dash, lw=1.6, label=line.name,
                marker=mark if marks else None, ms=4,
            )  # fmt: skip
            if line.low and line.high:
                axis.fill_between(line.x, line.low, line.high, color=colour, alpha=0.13, lw=0)
        axis.set(xlabel=xlabel, ylabel=ylabel)
        places = sorted({x for line in drawn for x in line.x})
        if len(places) <= _MOST_TICKS:
            axis.set_xticks(places, [f"{x:g}" for x in places])
        if zero:
            axis.set_ylim(bottom=0)
        axis.set_title(title, fontsize=9.5, loc="left")
        if len(drawn) > 1:
            figure.legend(loc="outside lower center", ncols=_columns([d.name for d in drawn]))
        return _svg(figure)
