"""Metrics over rows that come in batches, on one worker or on many.

Whatever the order of the batches, and however the rows were split over workers, a result is the
same to the last bit, and is that of the function of the same name on all rows at once (a state
holds integers alone, and only the result is rounded). An accumulator can be pickled, so a worker
sends its own to another, which calls ``merge``. Batches may lie on any device; the state lies on
the one that the constructor names.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sua_gpu import bins, checks, ties
from sua_gpu.sec6_metrics import exact_share
from sua_ref.results import RiskCoverage


def _rows(x: Tensor, name: str) -> Tensor | None:
    """A vector of numbers, or None for one without entries."""
    if isinstance(x, Tensor) and x.shape == (0,):
        return None
    return checks.scores(x, name).detach()


class StreamingCalibration:
    """Expected calibration error (section 2.3), batch by batch, in memory that does not grow.

    Args:
        n_bins, closed: as for :func:`sua_gpu.expected_calibration_error`.
        device: where the state lies.

    Attributes:
        rows: how many rows were added.
        sums: ``(n_bins, 35)`` int64: for each bin its correct rows less the sum of their
            confidences, as an integer and 34 digits of 32 bits behind the point.

    >>> one, other = StreamingCalibration(n_bins=2), StreamingCalibration(n_bins=2)
    >>> one.update(torch.tensor([0.5]), torch.tensor([1]))
    >>> other.update(torch.tensor([0.75]), torch.tensor([0]))
    >>> one.merge(other)
    >>> float(one.expected_calibration_error())
    0.625
    """

    def __init__(
        self, *, n_bins: int = 15, closed: str = "right", device: torch.device | str = "cpu"
    ) -> None:
        checks.binning(n_bins, closed)
        self.n_bins, self.closed, self.rows = n_bins, closed, 0
        self.sums = bins.zeros(n_bins, torch.device(device))

    def update(self, confidence: Tensor, correct: Tensor) -> None:
        """Add rows.

        Args:
            confidence: ``(N,)`` in [0, 1]; N may be 0.
            correct: ``(N,)`` of 0/1.

        Raises:
            ValueError: as :func:`sua_gpu.expected_calibration_error`; nothing is added.
        """
        c = _rows(confidence, "confidence")
        marks = checks.marks(correct, 0 if c is None else len(c), "correct")
        if c is None:
            return
        checks.unit_interval(c, "confidence")
        each = (bins.bins_of(part, self.n_bins, self.closed) for part in bins.blocks(c))
        self._add(bins.total(c, marks, each, self.n_bins), len(c))

    def merge(self, other: StreamingCalibration) -> None:
        """Add the rows of another accumulator.

        Raises:
            ValueError: its bins are others.
        """
        if (other.n_bins, other.closed) != (self.n_bins, self.closed):
            raise ValueError(
                f"other: {other.n_bins} bins closed {other.closed}; here {self.n_bins} bins "
                f"closed {self.closed}"
            )
        self._add(other.sums, other.rows)

    def _add(self, sums: Tensor, rows: int) -> None:
        self.sums = bins.carried(self.sums + sums.to(self.sums.device))
        self.rows += rows

    def expected_calibration_error(self) -> Tensor:
        """The expected calibration error of all rows added, in [0, 1], float64.

        Raises:
            ValueError: no rows were added.
        """
        if self.rows == 0:
            raise ValueError("confidence: no rows were added")
        error = bins.calibration_error(self.sums, self.rows)
        return torch.tensor(error, dtype=torch.float64, device=self.sums.device)


class StreamingRanking:
    """The metrics of failure prediction and of selective prediction (section 6.4), batch by batch.

    They depend on which scores differ, so every distinct score is kept, in 24 bytes, and at times
    twice. Memory grows with the number of distinct scores, not of rows: scores in ``bfloat16`` or
    ``float16`` have at most 2^16 of them, float32 scores of a model hardly ever tie. Equal numbers
    tie whatever the dtype of their batch.

    Args:
        device: where the state lies.

    >>> one, other = StreamingRanking(), StreamingRanking()
    >>> one.update(torch.tensor([0.1, 0.4]), torch.tensor([0, 1]))
    >>> other.update(torch.tensor([0.4, 0.9]), torch.tensor([0, 1]))
    >>> one.merge(other)
    >>> float(one.failure_auroc())
    0.875
    """

    def __init__(self, *, device: torch.device | str = "cpu") -> None:
        self._parts = [torch.zeros(3, 0, dtype=torch.int64, device=device)]

    @property
    def state(self) -> Tensor:
        """``(3, G)`` int64, a column for each distinct score, ascending: an integer that orders as
        the score does, how many rows have it, and how many of those are errors."""
        if len(self._parts) > 1:
            self._parts = [_united(torch.cat(self._parts, dim=1))]
        return self._parts[0]

    def update(self, scores: Tensor, errors: Tensor) -> None:
        """Add rows.

        Args:
            scores: ``(N,)``, higher meaning more likely to fail; infinities allowed; N may be 0.
            errors: ``(N,)`` of 0/1, 1 an error.

        Raises:
            ValueError: a NaN score, or a bad mark; nothing is added.
        """
        s = _rows(scores, "scores")
        marks = checks.marks(errors, 0 if s is None else len(s), "errors")
        if s is not None:
            code = ties.order_code(s.double())
            self._add(_united(torch.stack([code, torch.ones_like(code), marks.long()])))

    def merge(self, other: StreamingRanking) -> None:
        """Add the rows of another accumulator."""
        self._add(other.state)

    def _add(self, part: Tensor) -> None:
        """Parts wait until together they are as large as the first: every row is sorted again
        about log N times, not once for each batch."""
        self._parts.append(part.to(self._parts[0].device))
        if sum(waiting.shape[1] for waiting in self._parts[1:]) >= self._parts[0].shape[1]:
            self._parts = [self.state]

    def _ties(self) -> ties.Ties:
        _, size, errors = self.state
        if len(size) == 0:
            raise ValueError("scores: no rows were added")
        return ties.Ties(size.cumsum(0), errors.cumsum(0))

    def _number(self, value: float) -> Tensor:
        return torch.tensor(value, dtype=torch.float64, device=self._parts[0].device)

    def failure_auroc(self) -> Tensor:
        """See :func:`sua_gpu.failure_auroc`."""
        return self._number(ties.area_under_roc(self._ties()))

    def risk_coverage_curve(self) -> RiskCoverage:
        """See :func:`sua_gpu.risk_coverage_curve`; two numbers for every row."""
        return ties.risk_coverage(self._ties())

    def aurc(self) -> Tensor:
        """See :func:`sua_gpu.aurc`; time grows with the rows, memory does not."""
        return self._number(ties.area_under_risk_coverage(self._ties()))

    def augrc(self) -> Tensor:
        """See :func:`sua_gpu.augrc`."""
        return self._number(ties.generalised_area(self._ties()))

    def selective_accuracy(self, *, coverage: Any) -> Tensor:
        """See :func:`sua_gpu.selective_accuracy`, an answer being correct that is no error."""
        share, all_rows = exact_share(coverage), self._ties()
        correct = ties.Ties(all_rows.end, all_rows.end - all_rows.marked)
        return self._number(ties.accuracy_at(correct, share))

    def selective_risk(self, *, tau: float) -> Tensor:
        """See :func:`sua_gpu.selective_risk`."""
        checks.number(tau, "tau")
        code, size, errors = self.state
        highest = ties.order_code(torch.tensor(float(tau), dtype=torch.float64))
        kept = code <= int(highest)
        if not bool(kept.any()):
            raise ValueError(f"tau: no score is at or below {tau}; selective risk at coverage 0")
        return self._number(int(errors[kept].sum()) / int(size[kept].sum()))


def _united(columns: Tensor) -> Tensor:
    """Columns of equal scores brought together, in ascending order."""
    code, order = columns[0].sort()
    through = columns[1:].index_select(1, order).cumsum(1)
    last = torch.ones_like(code, dtype=torch.bool)
    last[:-1] = code[1:] != code[:-1]
    at = last.nonzero().squeeze(-1)
    through = through.index_select(1, at)
    counts = torch.diff(through, dim=1, prepend=through.new_zeros(2, 1))
    return torch.cat([code.index_select(0, at).unsqueeze(0), counts])
