"""The chosen score on test: fitted on dev alone, compared with what was declared, called a tie."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.study import chosen_on_test
from paper_repro.study.candidates import BASELINES, TO_BEAT
from paper_repro.study.chosen_on_test import Seeds, beaten, gains, goal, judge, scores
from paper_repro.study.intervals import Interval
from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Seen
from paper_repro.study.selection import Choice
from sua_ref import failure_auroc
from tests.study_outputs import drawn

METRICS = ("auroc", "aurc", "augrc", "selective_accuracy@0.8")
CHOICE = Choice("pool", "answer_half", ())


def _run(seed: int, noise: float = 1.0) -> list[Outputs]:
    return [
        drawn(seed, 60, noise=noise),
        drawn(seed, 50, noise=noise, dataset="snli", role="clean", rows=6),
        drawn(seed, 40, noise=noise, dataset="attacked", role="perturbed", rows=7),
    ]


def test_the_labels_of_a_test_set_move_its_numbers_and_no_score() -> None:
    dev, test, _ = _run(1)
    other = dataclasses.replace(test, labels=(test.labels + 1) % 3)
    before, after = scores(CHOICE, dev, test), scores(CHOICE, dev, other)
    assert list(before) == list(dict.fromkeys(("pool", "answer_half", *BASELINES)))
    assert all((before[name] == after[name]).all() for name in before)
    unlike = dataclasses.replace(dev, labels=(dev.labels + 1) % 3)
    assert not (scores(CHOICE, unlike, test)["pool"] == before["pool"]).all()


def test_one_run_is_measured_on_every_test_set() -> None:
    run = _run(2)
    rows = judge(CHOICE, run)
    assert {(r["dataset"], r["role"], r["n"]) for r in rows} == {
        ("snli", "clean", 50), ("attacked", "perturbed", 40)
    }  # fmt: skip
    assert len(rows) == 2 * (2 + len(BASELINES)) * 4
    seen = Seen.of(run[1])
    (row,) = (r for r in rows if (r["dataset"], r["score"], r["metric"]) == (
        "snli", "max_probability", "auroc"))  # fmt: skip
    assert row["value"] == failure_auroc(seen.e.numpy(), seen.wrong(run[1].labels))
    right = dataclasses.replace(run[1], labels=run[1].logits.argmax(-1).astype(np.int64))
    assert {r["dataset"] for r in judge(CHOICE, [run[0], right, run[2]])} == {"attacked"}


def test_gains_pair_the_same_inputs_and_seeds() -> None:
    seeds = Seeds("nli", "small", "standard", {0: _run(1, 2.0), 1: _run(2, 2.0)})
    rows = gains(CHOICE, seeds)
    assert len(rows) == 2 * 2 * len(BASELINES) * 4
    assert len({(r["id"], r["dataset"]) for r in rows}) == len(rows)
    for row in rows:
        assert row["left"][1] == {"chosen": "pool", "cautious": "answer_half"}[row["choice"]]
        assert row["low"] <= row["high"]
    each = [judge(CHOICE, run) for run in seeds.outputs.values()]
    for row in rows[:60]:
        values = [
            {r["score"]: r["value"] for r in found
             if (r["dataset"], r["metric"]) == (row["dataset"], row["metric"])}
            for found in each
        ]  # fmt: skip
        wanted = np.mean([v[row["left"][1]] - v[row["right"][1]] for v in values])
        assert row["mean"] == pytest.approx(wanted, abs=1e-12)
    same = dataclasses.replace(CHOICE, cautious="pool")
    assert {r["choice"] for r in gains(same, seeds)} == {"chosen"}
    alone = dataclasses.replace(CHOICE, chosen="entropy", cautious="entropy")
    assert "entropy" not in {r["right"][1] for r in gains(alone, seeds)}


@pytest.mark.parametrize("metric", METRICS)
def test_a_verdict_goes_by_the_direction_of_its_metric(
    metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = Seeds("nli", "small", "standard", {0: _run(1)})
    up = metric not in ("aurc", "augrc")
    for low, high in ((0.1, 0.2), (-0.2, -0.1), (0.0, 0.1), (-0.1, 0.1)):
        given = Interval(low, low, high)
        monkeypatch.setattr(chosen_on_test, "interval", lambda _, given=given: given)
        wanted = "tie" if low <= 0 <= high else "win" if (low > 0) == up else "loss"
        found = [r for r in gains(CHOICE, seeds) if r["metric"] == metric]
        assert {r["verdict"] for r in found} == {wanted}


def test_better_scores_win_and_equal_ones_tie() -> None:
    """Views of a noisy model average its noise out: far more than the interval is wide."""
    runs = {
        seed: [drawn(seed, 200, noise=3.0),
               drawn(seed, 400, noise=3.0, dataset="snli", role="clean", rows=6)]
        for seed in (0, 1, 2)
    }  # fmt: skip
    rows = gains(CHOICE, Seeds("nli", "small", "standard", runs))
    against = {(r["metric"], r["choice"]): r["verdict"] for r in rows
               if r["right"][1] == "max_probability"}  # fmt: skip
    assert set(against.values()) == {"win"}
    same = Choice("max_probability", "max_probability", ())
    (tie,) = (r for r in gains(same, Seeds("nli", "small", "standard", runs))
              if (r["right"][1], r["metric"]) == ("margin", "auroc"))  # fmt: skip
    assert tie["low"] <= tie["mean"] <= tie["high"]


def _rows(
    role: str = "clean", task: str = "nli", lost: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    return [
        {"dataset": f"{task}-{role}", "role": role, "task": task, "model": "small",
         "method": "standard", "choice": "chosen", "right": ["standard", name], "metric": metric,
         "verdict": "tie" if f"{name} {metric}" in lost else "win"}
        for name in TO_BEAT for metric in METRICS
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "won"),
    [
        ((), True),
        (("entropy aurc",), True),
        (("entropy augrc",), True),
        (("entropy aurc", "entropy augrc"), False),
        (("self_consistency auroc",), False),
        (("mean_views selective_accuracy@0.8",), False),
    ],
)
def test_the_goal_is_to_beat_each_of_the_named_scores(lost: tuple[str, ...], won: bool) -> None:
    assert beaten(_rows(lost=lost), "pool") == {"nli-clean": won}
    assert beaten(_rows(lost=lost), "max_probability") == {"nli-clean": False}
    both = _rows(lost=lost) + _rows("perturbed")
    topic = _rows(task="topic") + _rows("shift", "topic")
    assert goal([*both, *topic], "pool") == {"small": {"nli": won, "topic": False}}


def test_runs_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(BadInputError, match="0 of role dev"):
        judge(CHOICE, _run(1)[1:])
    with pytest.raises(BadInputError, match="nli, small, standard: no runs"):
        gains(CHOICE, Seeds("nli", "small", "standard", {}))
    with pytest.raises(BadInputError, match="seeds of other tests"):
        gains(CHOICE, Seeds("nli", "small", "standard", {0: _run(1), 1: _run(2)[:2]}))
