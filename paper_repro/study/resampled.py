"""Bootstrap of the metrics of section 6.4, all resamples at once.

A resample of N inputs is a column of N counts that sum to N. Every metric is a function of sums
over inputs, or over inputs of equal score, so each takes the counts as weights: what it says is
what :mod:`sua_ref` says of the inputs written out as often as they were drawn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]
"""``(N, R)``."""


def counts(n: int, resamples: int, seed: int) -> Counts:
    """How often each of ``n`` inputs is drawn, ``(N, R)``; each column sums to ``n``."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, np.full(n, 1 / n), resamples)
    return np.ascontiguousarray(drawn.T, dtype=np.int32)


def mean(values: Floats, drawn: Counts) -> Floats:
    """The mean of ``(N,)`` values, ``(R,)``."""
    return np.asarray(values @ drawn / len(values), dtype=np.float64)


def ece(confidence: Floats, correct: Floats, drawn: Counts, bins: int = 15) -> Floats:
    """Expected calibration error with equal bins ``(a, b]``, the first closed, ``(R,)``."""
    which = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    into = np.eye(bins)[:, which] * (correct - confidence)
    return np.asarray(np.abs(into @ drawn).sum(0) / len(confidence), dtype=np.float64)


class Ranked:
    """The inputs sorted by score, those of equal score in one group.

    Args:
        scores: ``(N,)``, higher meaning likelier to fail.
        errors: ``(N,)`` of 0/1.
        drawn: ``(N, R)``.
    """

    def __init__(self, scores: Floats, errors: npt.NDArray[np.int64], drawn: Counts) -> None:
        _, group = np.unique(scores, return_inverse=True)
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        self.n = len(scores)
        self.size = np.add.reduceat(drawn[order], starts, axis=0)
        marked = self.size * errors[order][starts, None].astype(np.int32)
        if len(starts) < self.n:  # some scores are equal
            marked = np.add.reduceat((drawn * errors[:, None])[order], starts, axis=0)
        self.wrong = marked
        self._size_before = np.cumsum(self.size, 0, dtype=np.int32) - self.size
        self._wrong_before = np.cumsum(self.wrong, 0, dtype=np.int32) - self.wrong

    def auroc(self) -> Floats:
        """Area under the ROC curve, ``(R,)``; NaN where all answers are right, or all wrong."""
        right = self.size - self.wrong
        right_before = self._size_before - self._wrong_before
        won = np.einsum("gr,gr->r", self.wrong, right_before + right / 2)
        pairs = self.wrong.sum(0) * right.sum(0)
        return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)

    def aurc(self) -> Floats:
        """Mean over k of the expected risk among the first k, ``(R,)``."""
        harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, self.n + 1))])
        before, size = self._size_before, self.size
        # Within a group of m the j-th point adds j/m of its w errors: with h the sum of
        # 1/(k + j), the risks sum to e h + (w/m)(m - k h).
        h = harmonic[before + size] - harmonic[before]
        rate = np.divide(self.wrong, size, out=np.zeros(size.shape), where=size > 0)
        risks = self._wrong_before * h + rate * (size - before * h)
        return np.asarray(risks.sum(0) / self.n, dtype=np.float64)

    def augrc(self) -> Floats:
        """Mean over k of the expected number of errors among the first k, over n, ``(R,)``."""
        sums = self._wrong_before * self.size + self.wrong * (self.size + 1) / 2
        return np.asarray(sums.sum(0) / self.n**2, dtype=np.float64)

    def selective_accuracy(self, coverage: float) -> Floats:
        """Expected accuracy of the first ``coverage * n`` points, ``(R,)``."""
        points = coverage * self.n
        taken = np.clip(points - self._size_before, 0, self.size)
        rate = np.divide(self.wrong, self.size, out=np.zeros(taken.shape), where=self.size > 0)
        return np.asarray(1 - (taken * rate).sum(0) / points, dtype=np.float64)
