"""95 % intervals and scores for the report, from the outputs of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paper_repro.study.intervals import Resampled, interval
from paper_repro.study.judged import Judged
from paper_repro.study.measures import judge
from paper_repro.study.report_cells import Bounds, Run
from paper_repro.study.statistics import Floats


class Judges:
    """What the outputs of each run say, worked out once for all tables and figures."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Run, Mapping[str, Judged]]] = {}

    def _of(self, run: Run) -> Mapping[str, Judged]:
        if id(run) not in self._found:  # the run is kept, so that its id stays its own
            settings = run.config["settings"]
            about = {name: settings[name] for name in ("lam", "divergence") if name in settings}
            judged = {j.outputs.dataset: j for j in judge(run.outputs(), **about)}
            self._found[id(run)] = run, judged
        return self._found[id(run)][1]

    def scores(self, run: Run, dataset: str) -> Mapping[str, Floats]:
        """Every score of a run on a test set, ``(N,)`` each; none where it was not tested on it."""
        judged = self._of(run).get(dataset)
        return {} if judged is None else judged.scores

    def errors(self, run: Run, dataset: str) -> Floats | None:
        """1 where the run's answer is wrong, ``(N,)``."""
        judged = self._of(run).get(dataset)
        return None if judged is None else judged.errors.astype(float)

    def interval(
        self, runs: Sequence[Run], dataset: str, metric: str, score: str | None
    ) -> Bounds | None:
        """Of the mean over runs; None where one of them has no such number, or too few resamples.

        How: :mod:`paper_repro.study.intervals`.
        """
        found = []
        for run in runs:
            judged = self._of(run).get(dataset)
            statistic = None if judged is None else judged.statistics.get((metric, score))
            if judged is None or statistic is None:
                return None
            one = Resampled.of(statistic, len(judged.errors))
            if one is None:
                return None
            found.append(one)
        between = interval(found) if found else None
        return None if between is None else (between.low, between.high)
