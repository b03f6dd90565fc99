"""Numbers of a test set, and the same numbers of many resamples of its inputs at once.

A statistic knows its ``value`` on the set as it is, from :mod:`sua_ref`, and its value on B
resamples, from a matrix of counts ``(B, N)``: how often each input was drawn. Counts spare the
sorting of every resample: the order of the scores is that of the set, and a tie is a group of equal
scores, whose size in a resample is the sum of its counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

import sua_ref

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
BINS = 15
"""Of the calibration error."""


class Statistic(Protocol):
    """A number of a set of inputs."""

    def value(self) -> float | None:
        """On the set as it is; None where it is undefined."""

    def resampled(self, counts: Floats) -> Floats:
        """On each resample, ``(B,)``; NaN where it is undefined.

        Args:
            counts: how often each input was drawn, ``(B, N)`` whole numbers.
        """


@dataclass(frozen=True)
class Constant:
    """A number of the model that no test input has a share in."""

    of: float

    def value(self) -> float:
        """It."""
        return self.of

    def resampled(self, counts: Floats) -> Floats:
        """It, again and again."""
        return np.full(len(counts), self.of)


@dataclass(frozen=True)
class Mean:
    """The mean over the inputs that have a number: ``values`` ``(N,)``, NaN where there is none."""

    values: Floats

    def value(self) -> float | None:
        """The mean."""
        kept = self.values[~np.isnan(self.values)]
        return float(np.mean(kept)) if len(kept) else None

    def resampled(self, counts: Floats) -> Floats:
        """The means."""
        known = ~np.isnan(self.values)
        inside = counts[:, known]
        with np.errstate(invalid="ignore"):  # 0/0, a resample without any: NaN
            return np.asarray(inside @ self.values[known] / inside.sum(1))


@dataclass(frozen=True)
class Calibration:
    """ECE with 15 bins, from the confidence ``(N,)`` and whether the answer is right ``(N,)``."""

    confidence: Floats
    correct: Integers

    def value(self) -> float:
        """As :func:`sua_ref.expected_calibration_error`."""
        return float(sua_ref.expected_calibration_error(self.confidence, self.correct, n_bins=BINS))

    def resampled(self, counts: Floats) -> Floats:
        """The same of each resample."""
        bins = sua_ref.elements.bin_index(self.confidence, BINS, "right")
        gaps = np.zeros((len(bins), BINS))
        gaps[np.arange(len(bins)), bins] = self.correct - self.confidence
        return np.asarray(np.abs(counts @ gaps).sum(1) / counts.sum(1))


class _Groups:
    """Inputs in the order of a score, equal scores in one group."""

    def __init__(self, scores: Floats) -> None:
        self.order = np.argsort(scores, kind="stable")
        s = scores[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], s[1:] != s[:-1]]))

    def sums(self, weights: Floats) -> Floats:
        """Sums of weights ``(B, N)`` by group, lowest score first: ``(B, G)``."""
        return np.asarray(np.add.reduceat(weights[:, self.order], self.starts, axis=1))

    def spread(self, of_groups: Floats) -> Floats:
        """What a group has, given to each of its inputs: ``(B, N)``."""
        n = len(self.order)
        sizes = np.diff(np.append(self.starts, n))
        found = np.empty((len(of_groups), n))
        found[:, self.order] = np.repeat(of_groups, sizes, axis=1)
        return found


def _before(of_groups: Floats) -> Floats:
    return np.asarray(np.cumsum(of_groups, axis=1) - of_groups)


def _auroc(size: Floats, wrong: Floats) -> Floats:
    right = size - wrong
    half_wins = (wrong * (2 * _before(right) + right)).sum(1)
    pairs = 2 * wrong.sum(1) * right.sum(1)
    with np.errstate(invalid="ignore"):  # 0/0, errors or right answers alone: NaN
        return np.asarray(half_wins / pairs)


def _aurc(size: Floats, wrong: Floats) -> Floats:
    """Among the first k of a group of m with w errors that follows k0 inputs with w0 errors,
    ``w0 + (k - k0) w/m`` are expected; over k that is ``w/m + (w0 - k0 w/m)/k``, summed by the
    harmonic numbers."""
    n = int(size[0].sum())
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n + 1))])
    start = _before(size)
    rate = np.divide(wrong, size, out=np.zeros_like(wrong), where=size > 0)
    inverse = harmonic[(start + size).astype(int)] - harmonic[start.astype(int)]
    return np.asarray((wrong + (_before(wrong) - start * rate) * inverse).sum(1) / n)


def _augrc(size: Floats, wrong: Floats) -> Floats:
    n = size.sum(1)
    within = wrong * (size + 1) / 2
    return np.asarray((size * _before(wrong) + within).sum(1) / n**2)


def _selective_accuracy(size: Floats, wrong: Floats, coverage: float) -> Floats:
    points = coverage * size.sum(1, keepdims=True)
    start = _before(size)
    taken = np.clip(points - start, 0, size)  # of each group, whole but for the last
    rate = np.divide(wrong, size, out=np.zeros_like(wrong), where=size > 0)
    return np.asarray(1 - (taken * rate).sum(1) / points[:, 0])


@dataclass(frozen=True)
class Ranking:
    """How well a score tells wrong answers from right ones.

    Attributes:
        metric: "auroc", "aurc", "augrc" or "selective_accuracy@" with a coverage.
        scores: ``(N,)``, higher = likelier wrong.
        errors: ``(N,)``, 1 where the answer is wrong.
        among: ``(N,)``, the inputs that are ranked; None for all.
    """

    metric: str
    scores: Floats
    errors: Integers
    among: npt.NDArray[np.bool_] | None = None

    @property
    def _rows(self) -> npt.NDArray[np.bool_]:
        return np.ones(len(self.errors), dtype=bool) if self.among is None else self.among

    @cached_property
    def _groups(self) -> _Groups:
        return _Groups(self.scores[self._rows])

    def value(self) -> float | None:
        """As the function of :mod:`sua_ref`; None where errors or right answers are missing."""
        s, wrong = self.scores[self._rows], self.errors[self._rows]
        if not 0 < wrong.sum() < len(wrong):
            return None
        if self.metric.startswith("selective_accuracy@"):
            return float(sua_ref.selective_accuracy(s, 1 - wrong, coverage=self._coverage))
        of = {
            "auroc": sua_ref.failure_auroc, "aurc": sua_ref.aurc, "augrc": sua_ref.augrc,
        }  # fmt: skip
        return float(of[self.metric](s, wrong))

    @property
    def _coverage(self) -> float:
        return float(self.metric.partition("@")[2])

    def resampled(self, counts: Floats) -> Floats:
        """The same of each resample."""
        inside = counts[:, self._rows]
        size = self._groups.sums(inside)
        wrong = self._groups.sums(inside * self.errors[self._rows])
        if self.metric == "auroc":
            return _auroc(size, wrong)
        if self.metric == "aurc":
            return _aurc(size, wrong)
        if self.metric == "augrc":
            return _augrc(size, wrong)
        return _selective_accuracy(size, wrong, self._coverage)


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of two scores ``(N,)``, ties sharing their mean rank."""

    first: Floats
    second: Floats

    def value(self) -> float | None:
        """It; None where one of the two is constant."""
        found = float(self.resampled(np.ones((1, len(self.first))))[0])
        return None if np.isnan(found) else found

    def resampled(self, counts: Floats) -> Floats:
        """The same of each resample."""
        x, y = (_centred_ranks(_Groups(s), counts) for s in (self.first, self.second))
        both: Any = (counts * x * y).sum(1)
        scale = np.sqrt((counts * x * x).sum(1) * (counts * y * y).sum(1))
        with np.errstate(invalid="ignore"):  # 0/0, no order: NaN
            return np.asarray(both / scale)


def _centred_ranks(groups: _Groups, counts: Floats) -> Floats:
    """Ranks of the inputs in each resample, less their mean, ``(B, N)``."""
    size = groups.sums(counts)
    rank = _before(size) + (size + 1) / 2
    return groups.spread(rank) - (counts.sum(1, keepdims=True) + 1) / 2
