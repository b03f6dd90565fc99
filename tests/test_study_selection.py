"""The choice on dev: what it averages, that no row judges itself, and whom it names."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.study import selection
from paper_repro.study.candidates import CANDIDATES, Candidate
from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Seen
from paper_repro.study.selection import out_of_fold, select
from sua_ref import failure_auroc
from tests.study_outputs import drawn

FEW = {
    name: CANDIDATES[name]
    for name in ("max_probability", "answer_half", "pool", "mutual_information")
}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four candidates and thirty resamples."""
    monkeypatch.setattr(selection, "CANDIDATES", FEW)
    monkeypatch.setattr(selection, "RESAMPLES", 30)


def _auroc(name: str, run: Outputs) -> float:
    """Of a candidate that is not fitted."""
    seen = Seen.of(run)
    scores = CANDIDATES[name].fit(seen, run.labels)(seen)
    return float(failure_auroc(scores, seen.wrong(run.labels)))


@pytest.mark.usefixtures("few")
def test_gains_are_means_over_runs_models_and_tasks() -> None:
    dev = {
        ("nli", "small"): [drawn(1, 80), drawn(2, 80)],
        ("nli", "large"): [drawn(3, 90, rows=6)],
        ("qa", "small"): [drawn(4, 100, 6, options=True, rows=7)],
    }
    rows = {row["candidate"]: row for row in select(dev).rows}
    for name in ("answer_half", "mutual_information"):
        gains = {
            key: np.mean([_auroc(name, r) - _auroc("max_probability", r) for r in runs])
            for key, runs in dev.items()
        }
        nli = (gains["nli", "small"] + gains["nli", "large"]) / 2
        assert rows[name]["gains"]["nli"] == pytest.approx(nli, abs=1e-12)
        assert rows[name]["gain"] == pytest.approx((nli + gains["qa", "small"]) / 2, abs=1e-12)
    assert rows["max_probability"]["gain"] == 0


@pytest.mark.parametrize("name", ["pool", "logistic_many_constants", "e_plus_nu_s"])
def test_no_row_judges_itself(name: str) -> None:
    """A row's own label moves the scores of the other folds alone."""
    dev = drawn(1, 50)
    plain = out_of_fold(name, dev)
    fold = np.random.default_rng(0).permutation(50) % 5
    changed = np.where(fold == 2, (dev.labels + 1) % 3, dev.labels)
    other = out_of_fold(name, dataclasses.replace(dev, labels=changed))
    assert (plain[fold == 2] == other[fold == 2]).all()
    assert not (plain[fold != 2] == other[fold != 2]).all()


@pytest.mark.usefixtures("few")
def test_views_that_know_more_win_and_views_that_know_nothing_do_not() -> None:
    telling = select({("nli", "small"): [drawn(s, 300, noise=2.0) for s in (1, 2)]})
    assert telling.chosen in ("pool", "answer_half")
    assert telling.cautious in ("pool", "answer_half")
    row = next(r for r in telling.rows if r["candidate"] == "max_probability")
    assert row["behind"] > 2 * row["error"] > 0

    rng = np.random.default_rng(0)
    run = drawn(1, 300)
    noise = (5 * rng.normal(size=run.views.shape)).astype(np.float32)
    deaf = select({("nli", "small"): [dataclasses.replace(run, views=noise)]})
    assert deaf.cautious == "max_probability"


@pytest.mark.usefixtures("few")
def test_equal_candidates_are_a_tie_that_the_simplest_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = CANDIDATES["max_probability"]
    same = Candidate("again", lambda dev, y: lambda s: 2 * plain.fit(dev, y)(s), fitted=1)
    monkeypatch.setattr(selection, "CANDIDATES", {"again": same, "max_probability": plain})
    monkeypatch.setattr(selection, "simplicity", lambda name: name == "again")
    choice = select({("nli", "small"): [drawn(1, 60)]})
    assert choice.cautious == "max_probability"
    assert [row["error"] for row in choice.rows] == [0, 0]


@pytest.mark.usefixtures("few")
def test_the_error_is_that_of_paired_resamples() -> None:
    """Against the closed form: the difference of two AUROCs is nearly a mean of placements."""
    run = drawn(1, 400, noise=1.5)
    choice = select({("nli", "small"): [run]})
    row = next(r for r in choice.rows if r["candidate"] == "max_probability")
    bad = Seen.of(run).wrong(run.labels) == 1
    placed = np.zeros(400)
    for name, sign in ((choice.chosen, 1), ("max_probability", -1)):
        scores = out_of_fold(name, run)
        above = (scores[bad][:, None] > scores[~bad]).astype(float)
        placed[bad] += sign * (above.mean(1) - above.mean()) * 400 / bad.sum()
        placed[~bad] += sign * (above.mean(0) - above.mean()) * 400 / (~bad).sum()
    wanted = np.std(placed) / 20
    # Thirty draws estimate a standard deviation to one part in eight.
    assert row["error"] == pytest.approx(wanted, rel=0.5)


@pytest.mark.usefixtures("few")
def test_the_same_runs_give_the_same_choice() -> None:
    dev = {("nli", "small"): [drawn(1, 60)]}
    assert select(dev) == select(dev)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("dev", "said"),
    [
        ({}, "no runs"),
        ({("nli", "small"): []}, "nli, small: no runs"),
        ({("nli", "small"): [drawn(1, 60), drawn(1, 60, rows=6)]}, "nli, small: the runs have"),
        ({("nli", "small"): [drawn(1, 12)]}, "wrong answers of 12; 10 of either"),
    ],
)
def test_dev_that_cannot_choose_is_refused(dev: object, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        select(dev)  # type: ignore[arg-type]  # on purpose
