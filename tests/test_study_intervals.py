"""The report's intervals are those of the study, for the runs and numbers that the report names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from paper_repro.study.intervals import Resampled, interval
from paper_repro.study.measures import judge
from paper_repro.study.outputs import Outputs
from paper_repro.study.report_intervals import Judges
from paper_repro.study.run import DoneRun, read_runs
from tests.study_runs import invent


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[DoneRun]:
    out = tmp_path_factory.mktemp("study")
    invent(out, ["nli"], ["small"], ["standard"], seeds=(0, 1), rows=60)
    return read_runs(out)


@pytest.mark.parametrize(
    ("dataset", "metric", "score"),
    [("snli", "auroc", "sua@1"), ("mnli", "robust_accuracy", None), ("snli", "spearman@3", None)],
)
def test_the_interval_is_that_of_the_study(
    runs: list[DoneRun], dataset: str, metric: str, score: str | None
) -> None:
    found = []
    for run in runs:
        (judged,) = (j for j in judge(run.outputs()) if j.outputs.dataset == dataset)
        one = Resampled.of(judged.statistics[metric, score], 60)
        assert one is not None
        found.append(one)
    wanted = interval(found)
    assert wanted is not None
    assert Judges().interval(runs, dataset, metric, score) == (wanted.low, wanted.high)
    assert wanted.low < wanted.high


@pytest.mark.parametrize(
    ("dataset", "metric", "score"),
    [
        ("other", "accuracy", None), ("snli", "auroc", "other"), ("snli", "other", None),
        ("mnli", "spearman@3", None),
    ],
)  # fmt: skip
def test_what_no_run_says_has_no_interval(
    runs: list[DoneRun], dataset: str, metric: str, score: str | None
) -> None:
    assert Judges().interval(runs, dataset, metric, score) is None
    assert Judges().interval([], "snli", "accuracy", None) is None


def test_the_outputs_of_a_run_are_read_once(
    runs: list[DoneRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    original = DoneRun.outputs

    def remember(run: DoneRun) -> list[Outputs]:
        read.append(run.path)
        return original(run)

    monkeypatch.setattr(DoneRun, "outputs", remember)
    judges = Judges()
    for metric in ("accuracy", "ece"):
        judges.interval(runs, "snli", metric, None)
    assert read == [run.path for run in runs]


def test_scores_and_errors_are_of_the_same_inputs(runs: list[DoneRun]) -> None:
    judges = Judges()
    (output,) = (o for o in runs[0].outputs() if o.dataset == "snli")
    errors = judges.errors(runs[0], "snli")
    assert errors is not None
    assert np.array_equal(errors, output.logits.argmax(-1) != output.labels)
    assert judges.scores(runs[0], "snli")["entropy"].shape == errors.shape
    assert judges.scores(runs[0], "other") == {}
    assert judges.errors(runs[0], "other") is None
