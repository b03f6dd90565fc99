"""Bootstrap of the report's cells: the reference on the inputs written out, and known intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from paper_repro.study import resampled
from paper_repro.study.outputs import Outputs
from paper_repro.study.report_intervals import Intervals
from paper_repro.study.resampled import Floats, Ranked

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(2, 40), st.integers(0, 3))
def test_every_resample_is_the_reference_on_the_inputs_written_out(
    seed: int, n: int, digits: int
) -> None:
    rng = np.random.default_rng(seed)
    scores, confidence = np.round(rng.random(n), digits), rng.random(n)
    errors = (rng.random(n) < 0.4).astype(np.int64)
    drawn = resampled.counts(n, 3, seed % 1000)
    ranked = Ranked(scores, errors, drawn)
    right = 1.0 - errors
    for r in range(3):
        at = np.repeat(np.arange(n), drawn[:, r])
        assert len(at) == n
        s, e = scores[at], errors[at]
        # Sums of at most 40 quotients, each within a rounding or two: far below 1e-12.
        same = {"abs": 1e-12, "rel": 0}
        assert ranked.aurc()[r] == pytest.approx(sua_ref.aurc(s, e), **same)
        assert ranked.augrc()[r] == pytest.approx(sua_ref.augrc(s, e), **same)
        for coverage in (0.33, 0.8, 1.0):
            wanted = sua_ref.selective_accuracy(s, 1 - e, coverage=coverage)
            assert ranked.selective_accuracy(coverage)[r] == pytest.approx(wanted, **same)
        if 0 < e.sum() < n:
            assert ranked.auroc()[r] == pytest.approx(sua_ref.failure_auroc(s, e), **same)
        else:
            assert np.isnan(ranked.auroc()[r])
        wanted = sua_ref.expected_calibration_error(confidence[at], 1 - e)
        assert resampled.ece(confidence, right, drawn)[r] == pytest.approx(wanted, **same)
        assert resampled.mean(right, drawn)[r] == pytest.approx(right[at].mean(), **same)


def test_a_confidence_of_zero_or_one_falls_into_a_bin() -> None:
    drawn = np.ones((2, 1), dtype=np.int32)
    confidence, correct = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    wanted = sua_ref.expected_calibration_error(confidence, correct.astype(int))
    assert resampled.ece(confidence, correct, drawn)[0] == wanted


@dataclass(frozen=True, eq=False)
class SaidRun:
    """A run whose outputs are given."""

    said: Outputs
    seed: int = 0
    task: str = "nli"
    model: str = "small"
    method: str = "standard"
    path: Path = Path()
    config: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)

    def outputs(self) -> list[Outputs]:
        return [self.said]


def said(right: list[bool], seed: int = 0) -> SaidRun:
    """Two labels, the right one 0; each view answers as the input does."""
    logits = np.array([[1.0, 0.0] if r else [0.0, 1.0] for r in right], dtype=np.float32)
    views = np.repeat(logits[:, None], 5, 1)
    ids = tuple(map(str, range(len(right))))
    return SaidRun(Outputs("d", "clean", ids, np.zeros(len(right), dtype=np.int64), logits, views),
                   seed)  # fmt: skip


def given_scores(run: Any, output: Outputs) -> dict[str, Floats]:
    return {"logit": output.logits[:, 1].astype(np.float64)}


def test_the_interval_of_an_accuracy_is_that_of_a_binomial() -> None:
    """400 answers, half right: 1.96 standard errors are 2 * .0245; the quantiles of 1000
    resamples scatter by about .002, a fifth of that is allowed for each end."""
    found = Intervals(given_scores)([said([True, False] * 200)], "d", "accuracy", None)
    assert found is not None
    assert found == (pytest.approx(0.451, abs=0.01), pytest.approx(0.549, abs=0.01))


def test_seeds_that_differ_widen_the_interval() -> None:
    """Two seeds with accuracies 0 and 1: their resampled mean is 0, 1/2 or 1."""
    pair = [said([False] * 10, 0), said([True] * 10, 1)]
    assert Intervals(given_scores)(pair, "d", "accuracy", None) == (0.0, 1.0)


def test_the_resample_of_inputs_is_the_same_for_all_seeds() -> None:
    """Two seeds that err on opposite inputs: whatever is drawn, their mean is a half, if each seed
    is drawn once; so the middle of the means is exactly there."""
    right = [True] * 30 + [False] * 30
    intervals = Intervals(given_scores)
    pair = [said(right, 0), said([not r for r in right], 1)]
    first, second = (intervals._draws(run, "d", "accuracy", None) for run in pair)
    assert first is not None
    assert second is not None
    assert first + second == pytest.approx(np.ones(1000), abs=1e-12)


def test_a_perfect_score_is_sure_of_its_auroc() -> None:
    run = said([True, False] * 20)
    assert Intervals(given_scores)([run], "d", "auroc", "logit") == (1.0, 1.0)


@pytest.mark.parametrize(
    ("dataset", "metric", "score"),
    [
        ("other", "accuracy", None), ("d", "spearman@3", None), ("d", "auroc", "other"),
        ("d", "no such metric", "logit"),
    ],
)  # fmt: skip
def test_what_is_not_known_has_no_interval(dataset: str, metric: str, score: str | None) -> None:
    assert Intervals(given_scores)([said([True, False])], dataset, metric, score) is None


def test_answers_that_are_all_right_have_no_auroc() -> None:
    assert Intervals(given_scores)([said([True] * 9)], "d", "auroc", "logit") is None
    assert Intervals(given_scores)([], "d", "accuracy", None) is None


def test_twice_the_same() -> None:
    run = said([True, True, False] * 20)
    first, second = (Intervals(given_scores)([run], "d", "aurc", "logit") for _ in range(2))
    assert first == second


def test_robust_accuracy_is_of_five_views() -> None:
    run = said([True] * 8)
    views = np.concatenate([run.said.views, -run.said.views], axis=1)
    o = run.said
    fifteen = SaidRun(Outputs(o.dataset, o.role, o.ids, o.labels, o.logits, views))
    assert Intervals(given_scores)([fifteen], "d", "robust_accuracy", None) == (1.0, 1.0)
