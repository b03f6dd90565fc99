"""From saved runs to the choice, its gains and the verdict on the objective."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.study import selection
from paper_repro.study.candidates import CANDIDATES, DECLARED_IN
from paper_repro.study.outputs import Outputs
from paper_repro.study.what_works import better_at_once, objectives, what_works
from tests.study_outputs import drawn


@dataclass
class Run:
    """A run in memory, which notes when it is read."""

    task: str
    method: str
    seed: int
    noise: float = 1.0
    model: str = "small"
    read: list[str] | None = None

    def outputs(self) -> list[Outputs]:
        if self.read is not None:
            self.read.append(f"{self.method}-{self.seed}")
        about: dict[str, Any] = {"noise": self.noise}
        return [
            drawn(self.seed, 80, **about),
            drawn(self.seed, 150, dataset="snli", role="clean", rows=6, **about),
            drawn(self.seed, 100, dataset="attacked", role="perturbed", rows=7, **about),
        ]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("max_probability", "answer_half", "pool")
    monkeypatch.setattr(selection, "CANDIDATES", {name: CANDIDATES[name] for name in names})
    monkeypatch.setattr(selection, "RESAMPLES", 20)


def test_the_report_of_what_works_is_data_and_dev_is_read_before_any_other_run() -> None:
    read: list[str] = []
    runs = [
        *(Run("nli", "standard", s, 2.5, read=read) for s in (1, 0)),
        Run("nli", "sua_tr", 0, 2.5, read=read),
    ]
    found = what_works(runs, ["sua_tr"])
    assert read == ["standard-0", "standard-1"] * 2 + ["sua_tr-0"]
    assert json.loads(json.dumps(found)) == found
    assert found["declared_in"] == DECLARED_IN
    assert found["chosen"] in ("answer_half", "pool")
    assert {(r["method"], r["model"], len(r["seeds"])) for r in found["gains"]} == {
        ("standard", "small", 2), ("sua_tr", "small", 1)
    }  # fmt: skip
    assert set(found["reached"]) == {"small"}
    assert found["objective"] == []


def test_a_better_objective_wins_and_the_same_one_ties() -> None:
    """A model of less noise is better in every number but perhaps its calibration."""
    better = [Run("nli", "certified", s, 0.3) for s in (0, 1, 2, 9)]
    worse = [Run("nli", "sua_tr", s, 3.0) for s in (0, 1, 2)]
    rows = objectives([*better, *worse])
    verdicts = {(r["dataset"], r["metric"], r["left"][1]): r["verdict"] for r in rows}
    assert len(verdicts) == len(rows) == 2 * 5
    assert {r["role"] for r in rows} == {"clean", "perturbed"}
    assert all(r["seeds"] == [0, 1, 2] for r in rows)
    for metric, score in (("robust_accuracy", None), ("accuracy", None), ("ece", None)):
        assert verdicts["snli", metric, score] == "win"
    mean = {(r["dataset"], r["metric"]): r["mean"] for r in rows}
    assert mean["snli", "robust_accuracy"] > 0 > mean["snli", "ece"]

    same = objectives(
        [dataclasses.replace(r, method=m) for r in worse for m in ("certified", "sua_tr")]
    )
    assert {(r["mean"], r["verdict"]) for r in same} == {(0, "tie")}
    assert better_at_once(same) == {"small": {"nli": False}}


@pytest.mark.parametrize("lost", [None, 0, 1, 2])
def test_all_three_at_once_on_the_clean_test(lost: int | None) -> None:
    keys = [("robust_accuracy", None), ("ece", None), ("auroc", "max_probability")]
    rows = [
        {"model": "minilm", "task": "qa", "role": role, "metric": metric,
         "left": ["certified", score],
         "verdict": "tie" if i == lost and role == "clean" else "win"}
        for i, (metric, score) in enumerate(keys) for role in ("clean", "perturbed")
    ]  # fmt: skip
    assert better_at_once(rows) == {"minilm": {"qa": lost is None}}


def test_runs_of_other_rows_are_not_compared() -> None:
    class Other(Run):
        def outputs(self) -> list[Outputs]:
            return super().outputs()[:2]

    with pytest.raises(BadInputError, match=r"objective.nli.small: runs with other test sets"):
        objectives([Run("nli", "certified", 0), Other("nli", "sua_tr", 0)])
    with pytest.raises(BadInputError, match="no runs to choose by"):
        what_works([Run("nli", "sua_tr", 0)])
