"""Points in order of score, as groups of equal scores: all that a ranking metric depends on.

Scores are sorted by an integer that orders as they do, because torch sorts integers by radix (at a
million float32 scores on a CPU, several times faster than the floats); marks then follow by index.
Every result below is a function of the groups alone, and counts are integers: neither the order of
the rows nor how they were brought together (``streaming.py``) can change a bit of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import torch
from torch import Tensor

from sua_ref.results import RiskCoverage

BLOCK = 2**14
"""Positions worked on at once on a CPU: they stay in its cache, and one thread adds them up, so
that the number of threads changes no bit."""


class Ties(NamedTuple):
    """Groups of equal scores, lowest first, at least one.

    Attributes:
        end: ``(G,)`` int64, how many points score at most as much as the group's.
        marked: ``(G,)`` int64, how many of those are marked.
    """

    end: Tensor
    marked: Tensor

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(self.end[-1])


def order_code(scores: Tensor) -> Tensor:
    """Integers that compare as the floats do, int32 for float32 and int64 for float64.

    >>> order_code(torch.tensor([-1.5, -0.0, 0.0, 1e-45, torch.inf])).tolist()
    [-1069547521, 0, 0, 1, 2139095040]
    """
    # -0.0 + 0.0 is 0.0. The bits of a negative float count down: all but the sign are flipped.
    kind = torch.int64 if scores.dtype == torch.float64 else torch.int32
    bits = (scores + 0.0).view(kind)
    flip = bits >> (torch.iinfo(kind).bits - 1)
    flip &= torch.iinfo(kind).max
    return bits.bitwise_xor_(flip)


def ties_of(scores: Tensor, marks: Tensor) -> Ties:
    """The groups of float32 or float64 ``scores`` without NaN; ``marks`` are booleans."""
    ordered, order = order_code(scores).sort()
    return grouped(ordered, marks.index_select(0, order))


def grouped(ordered: Tensor, marks: Tensor) -> Ties:
    """The groups of equal entries of a sorted vector, whose entries are marked or not."""
    n = len(ordered)
    end, marked = (torch.empty(n, dtype=torch.int64, device=ordered.device) for _ in range(2))
    groups = before = 0
    for low, high in _blocks(n, ordered.device):
        last = torch.ones(high - low, dtype=torch.bool, device=ordered.device)
        inside = min(high, n - 1)
        torch.ne(ordered[low + 1 : inside + 1], ordered[low:inside], out=last[: inside - low])
        at = last.nonzero().squeeze(-1)
        through = marks[low:high].cumsum(0) + before
        end[groups : groups + len(at)] = at + (low + 1)
        marked[groups : groups + len(at)] = through.index_select(0, at)
        groups, before = groups + len(at), int(through[-1])
    return Ties(end[:groups], marked[:groups])


def _blocks(n: int, device: torch.device) -> Iterator[tuple[int, int]]:
    step = BLOCK if device.type == "cpu" else 2**10 * BLOCK
    for low in range(0, n, step):
        yield low, min(low + step, n)


def _widths(counts: Tensor, low: int, high: int) -> Tensor:
    """Differences of running counts, for the groups from ``low`` to ``high``."""
    widths = counts[low:high].clone()
    widths[1:] -= counts[low : high - 1]
    if low:
        widths[0] -= counts[low - 1]
    return widths


def area_under_roc(ties: Ties) -> float:
    """The area under the ROC curve, a tie counting one half, rounded once.

    Twice the number of won pairs is ``sum_g marked_g (right before g + right through g)``.

    Raises:
        ValueError: only marked points, or only others.
    """
    n, wrong = ties.points, int(ties.marked[-1])
    if wrong in (0, n):
        raise ValueError(
            f"errors: {wrong} errors among {n} rows; the area under the ROC curve "
            "needs both errors and correct answers"
        )
    half_wins = 0
    for low, high in _blocks(len(ties.end), ties.end.device):
        size, marked = _widths(ties.end, low, high), _widths(ties.marked, low, high)
        right = ties.end[low:high] - ties.marked[low:high]
        half_wins += int((marked * (2 * right - size + marked)).sum())
    return half_wins / (2 * wrong * (n - wrong))


def generalised_area(ties: Ties) -> float:
    """The mean over k of the expected number of marked points among the first k, over n, rounded
    once.

    Twice its sum over a group of s points, m of them marked, is ``m (s + 1) + 2 s before``.
    """
    twice = 0
    for low, high in _blocks(len(ties.end), ties.end.device):
        size, marked = _widths(ties.end, low, high), _widths(ties.marked, low, high)
        before = ties.marked[low:high] - marked
        twice += int((marked * (size + 1) + 2 * size * before).sum())
    return twice / (2 * ties.points**2)


def expected_marks(ties: Ties, first: int, last: int) -> Tensor:
    """Expected number of marked points among the first k, k = first + 1, ..., last, in float64:
    ties stand in random order."""
    span = torch.tensor([first + 1, last], device=ties.end.device)
    low, high = torch.searchsorted(ties.end, span).tolist()
    end, through = ties.end[low : high + 1], ties.marked[low : high + 1]
    if len(end) == last - first and [int(end[0]), int(end[-1])] == [first + 1, last]:
        return through.double()  # no two points tie
    size, marked = _widths(ties.end, low, high + 1), _widths(ties.marked, low, high + 1)
    share = end.clamp(max=last) - (end - size).clamp(min=first)
    group = torch.repeat_interleave(share, output_size=last - first)
    expected = through.index_select(0, group).double()
    behind = end.index_select(0, group) - torch.arange(first + 1, last + 1, device=end.device)
    # Elsewhere k is the end of its group.
    inside = behind.nonzero().squeeze(-1)
    group = group.index_select(0, inside)
    s, m, before = (t.index_select(0, group) for t in (size, marked, through - marked))
    within = s - behind.index_select(0, inside)
    return expected.index_copy(0, inside, before + (m * within).double() / s)


def risk_coverage(ties: Ties) -> RiskCoverage:
    """Selective risk at coverages 1/n, ..., 1."""
    n = ties.points
    k = torch.arange(1, n + 1, dtype=torch.float64, device=ties.end.device)
    return RiskCoverage(k / n, expected_marks(ties, 0, n) / k)


_SERIES_FROM = 128
"""From where on the series of the harmonic numbers below has double precision."""
_HARMONIC = [math.fsum(1 / i for i in range(1, n + 1)) for n in range(_SERIES_FROM + 1)]


def _harmonic(low: Tensor, high: Tensor) -> Tensor:
    """``1/(low + 1) + ... + 1/high``.

    The n-th harmonic number is ``log x + gamma + 1/(24 x^2) - 7/(960 x^4) + ...``, x = n + 1/2
    (DeTemple 1991), whose next term is below 1e-15 here.
    """
    first = torch.tensor(_HARMONIC, dtype=torch.float64, device=low.device)
    a, b = low.clamp(max=_SERIES_FROM), high.clamp(max=_SERIES_FROM)
    x, y = (t.clamp(min=_SERIES_FROM).double() + 0.5 for t in (low, high))
    curved = (y**-2 - x**-2) / 24 - 7 * (y**-4 - x**-4) / 960
    return first[b] - first[a] + ((y - x) / x).log1p_() + curved


def area_under_risk_coverage(ties: Ties) -> float:
    """The mean selective risk over k = 1..n, in blocks whose sums are added without rounding.

    A group of s points, m of them marked, behind a points, ``before`` of them marked, adds
    ``sum_j (before + m j/s) / (a + j) = m + (before - m a/s) h``, h the sum of ``1 / (a + j)``.
    """
    sums = []
    for low, high in _blocks(len(ties.end), ties.end.device):
        end, through = ties.end[low:high], ties.marked[low:high]
        size, risk = _widths(ties.end, low, high), through.double() / end
        tied = (size > 1).nonzero().squeeze(-1)
        if len(tied):
            marked = _widths(ties.marked, low, high)
            s, m, b, t = (v.index_select(0, tied) for v in (size, marked, end, through))
            lead = (t - m) - m.double() * (b - s) / s
            risk = risk.index_copy(0, tied, m + lead * _harmonic(b - s, b))
        sums.append(risk.sum())
    return math.fsum(torch.stack(sums).tolist()) / ties.points


def accuracy_at(ties: Ties, coverage: Fraction) -> float:
    """Expected share of marked points among the first ``coverage n``, a fraction of a point
    weighted."""
    points = coverage * ties.points
    whole = math.floor(points)
    upto = min(whole + 1, ties.points)
    counts = [0.0, *expected_marks(ties, max(whole - 1, 0), upto).tolist()]
    kept, after = counts[-1 - (upto - whole)], counts[-1]
    value: float = (kept + float(points - whole) * (after - kept)) / float(points)
    return value
