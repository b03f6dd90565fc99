"""Numbers of a test set, and the same numbers of many resamples of its inputs at once.

A statistic knows its ``value`` on the set as it is, from :mod:`sua_ref`, and its value on B
resamples, from a matrix of counts ``(N, B)``: how often each input was drawn. Counts spare the
sorting of every resample: the order of the scores is that of the set, and a tie is a group of equal
scores, whose size in a resample is the sum of its counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

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
            counts: how often each input was drawn, ``(N, B)`` whole numbers.
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
        return np.full(counts.shape[1], self.of)


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
        inside = counts[known]
        with np.errstate(invalid="ignore"):  # 0/0, a resample without any: NaN
            return np.asarray(self.values[known] @ inside / inside.sum(0))


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
        gaps = np.zeros((BINS, len(bins)))
        gaps[bins, np.arange(len(bins))] = self.correct - self.confidence
        return np.asarray(np.abs(gaps @ counts).sum(0) / counts.sum(0))


class _Groups:
    """Inputs in the order of a score, equal scores in one group."""

    def __init__(self, scores: Floats) -> None:
        self.order = np.argsort(scores, kind="stable")
        s = scores[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], s[1:] != s[:-1]]))

    def sums(self, weights: Floats) -> Floats:
        """Sums of weights ``(N, B)`` by group, lowest score first: ``(G, B)``."""
        ordered = weights[self.order]
        if len(self.starts) == len(self.order):
            return ordered
        return np.asarray(np.add.reduceat(ordered, self.starts, axis=0))

    def spread(self, of_groups: Floats) -> Floats:
        """What a group has, given to each of its inputs: ``(N, B)``."""
        n = len(self.order)
        found = np.empty((n, of_groups.shape[1]))
        found[self.order] = np.repeat(of_groups, np.diff(np.append(self.starts, n)), axis=0)
        return found


def _before(of_groups: Floats) -> Floats:
    return np.asarray(np.cumsum(of_groups, axis=0) - of_groups)


def _auroc(size: Floats, wrong: Floats) -> Floats:
    right = size - wrong
    half_wins = np.einsum("gb,gb->b", wrong, 2 * _before(right) + right)
    pairs = 2 * wrong.sum(0) * right.sum(0)
    with np.errstate(invalid="ignore"):  # 0/0, errors or right answers alone: NaN
        return np.asarray(half_wins / pairs)


def _aurc(size: Floats, wrong: Floats) -> Floats:
    """Among the first k of a group of m with w errors that follows k0 inputs with w0 errors,
    ``w0 + (k - k0) w/m`` are expected; over k that is ``w/m + (w0 - k0 w/m)/k``, summed by the
    harmonic numbers."""
    n = int(size[:, 0].sum())
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n + 1))])
    start = _before(size)
    inverse = harmonic[(start + size).astype(int)] - harmonic[start.astype(int)]
    risks = wrong + (_before(wrong) - start * _rate(size, wrong)) * inverse
    return np.asarray(risks.sum(0) / n)


def _rate(size: Floats, wrong: Floats) -> Floats:
    """The share of errors in each group; 0 in one that was not drawn."""
    return np.divide(wrong, size, out=np.zeros_like(wrong), where=size > 0)


def _augrc(size: Floats, wrong: Floats) -> Floats:
    sums = size * _before(wrong) + wrong * (size + 1) / 2
    return np.asarray(sums.sum(0) / size.sum(0) ** 2)


def _selective_accuracy(size: Floats, wrong: Floats, coverage: float) -> Floats:
    points = coverage * size.sum(0)
    taken = np.clip(points - _before(size), 0, size)  # of each group, whole but for the last
    return np.asarray(1 - (taken * _rate(size, wrong)).sum(0) / points)


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
        inside = counts[self._rows]
        size = self._groups.sums(inside)
        wrong = self._groups.sums(inside * self.errors[self._rows, None])
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
        found = float(self.resampled(np.ones((len(self.first), 1)))[0])
        return None if np.isnan(found) else found

    def resampled(self, counts: Floats) -> Floats:
        """The same of each resample."""
        x, y = (_centred_ranks(_Groups(s), counts) for s in (self.first, self.second))
        both = np.einsum("nb,nb,nb->b", counts, x, y)
        scale = np.einsum("nb,nb,nb->b", counts, x, x) * np.einsum("nb,nb,nb->b", counts, y, y)
        with np.errstate(invalid="ignore"):  # 0/0, no order: NaN
            return np.asarray(both / np.sqrt(scale))


def _centred_ranks(groups: _Groups, counts: Floats) -> Floats:
    """Ranks of the inputs in each resample, less their mean, ``(N, B)``."""
    size = groups.sums(counts)
    rank = _before(size) + (size + 1) / 2
    return np.asarray(groups.spread(rank) - (counts.sum(0) + 1) / 2)
