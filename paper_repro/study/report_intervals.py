"""95 % intervals of a mean over seeds: inputs and seeds resampled, the inputs alike for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from paper_repro.study import resampled
from paper_repro.study.outputs import Outputs
from paper_repro.study.report_cells import Bounds, Run
from paper_repro.study.resampled import Counts, Floats, Ranked

ScoresOf = Callable[[Run, Outputs], Mapping[str, Floats]]
"""Every score of a run on one set of outputs, ``(N,)`` each."""
LEVEL = 0.95
RESAMPLES = 1000
K = 5
"""Views of robust accuracy and of every score."""
_KEPT = 8
"""Sorted resamples kept at once: a score's metrics are asked for one after the other."""


class Intervals:
    """Intervals of the cells of a report, from the outputs of its runs.

    Spearman correlations and other metrics that are not made of sums over inputs have none.

    Args:
        scores_of: computes the scores of a run.
        resamples: how many.
    """

    def __init__(self, scores_of: ScoresOf, resamples: int = RESAMPLES) -> None:
        self._scores_of = scores_of
        self._resamples = resamples
        self._outputs: dict[int, dict[str, Outputs]] = {}
        self._scores: dict[tuple[int, str], Mapping[str, Floats]] = {}
        self._ranked = lru_cache(_KEPT)(self._sorted)
        self._runs: dict[int, Run] = {}

    def __call__(
        self, runs: Sequence[Run], dataset: str, metric: str, score: str | None
    ) -> Bounds | None:
        """The middle 95 % of the resampled means; None where a resample has no such number."""
        by_seed = [self._draws(run, dataset, metric, score) for run in runs]
        known = [d for d in by_seed if d is not None]
        if not runs or len(known) < len(runs):
            return None
        rng = np.random.default_rng(len(runs))
        chosen = rng.integers(0, len(runs), (len(runs), self._resamples))
        means = np.take_along_axis(np.stack(known), chosen, 0).mean(0)
        means = means[np.isfinite(means)]  # a resample of right answers alone ranks nothing
        if len(means) < self._resamples / 2:
            return None
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(means, [tail, 1 - tail])
        return float(low), float(high)

    def _of(self, run: Run, dataset: str) -> Outputs | None:
        if id(run) not in self._outputs:
            self._runs[id(run)] = run  # so that its id stays its own
            self._outputs[id(run)] = {o.dataset: o for o in run.outputs()}
        return self._outputs[id(run)].get(dataset)

    def _drawn(self, n: int) -> Counts:
        return _counts(n, self._resamples)

    def _sorted(self, run: int, dataset: str, score: str) -> Ranked | None:
        output = self._outputs[run][dataset]
        if (run, dataset) not in self._scores:
            self._scores[run, dataset] = self._scores_of(self._runs[run], output)
        values = self._scores[run, dataset].get(score)
        if values is None:
            return None
        errors = 1 - _correct(output.logits, output).astype(np.int64)
        return Ranked(np.asarray(values), errors, self._drawn(len(errors)))

    def _draws(self, run: Run, dataset: str, metric: str, score: str | None) -> Floats | None:
        """The metric of each resample, ``(R,)``; None where this does not know it."""
        output = self._of(run, dataset)
        if output is None:
            return None
        if score is None:
            return _plain(metric, output, self._drawn(len(output.labels)))
        ranked = self._ranked(id(run), dataset, score)
        name, _, coverage = metric.partition("@")
        if ranked is None:
            return None
        if name == "selective_accuracy":
            return ranked.selective_accuracy(float(coverage))
        by_name = {"auroc": ranked.auroc, "aurc": ranked.aurc, "augrc": ranked.augrc}
        return by_name[name]() if name in by_name else None


@lru_cache(4)
def _counts(n: int, resamples: int) -> Counts:
    return resampled.counts(n, resamples, n)


def _correct(logits: npt.NDArray[np.float32], output: Outputs) -> npt.NDArray[np.bool_]:
    labels = output.labels if logits.ndim == 2 else output.labels[:, None]
    return np.asarray(np.argmax(logits, axis=-1) == labels)


def _plain(metric: str, output: Outputs, drawn: Counts) -> Floats | None:
    """Metrics of the answers alone."""
    correct = _correct(output.logits, output).astype(np.float64)
    if metric == "accuracy":
        return resampled.mean(correct, drawn)
    if metric == "robust_accuracy":
        return resampled.mean(_correct(output.views[:, :K], output).mean(-1), drawn)
    if metric == "ece":
        # The bins are those of the printed number, so the confidences are computed as it does.
        p = torch.softmax(torch.from_numpy(output.logits).double(), -1)
        return resampled.ece(p.amax(-1).numpy(), correct, drawn)
    return None
