"""Whole runs of the study on a few public rows: killed, resumed, failed, counted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import RunFolder
from paper_repro.study.command import Study, document, lines
from paper_repro.study.run import do, read_run, read_runs
from paper_repro.study.scale import SCALES, of_model, scale_named
from paper_repro.study.settings import MINILM, SMALL, Settings
from paper_repro.study.sweep import FAILED, Status, prepare, sweep
from tests.tiny_bert import save_tiny_bert

DATA = os.environ.get("SUA_DATA")
real = pytest.mark.skipif(DATA is None, reason="SUA_DATA does not name a folder of datasets")


def tiny(task: str, method: str, model: str = SMALL, seed: int = 0) -> Settings:
    return Settings(
        task, method, seed, model=model, train_rows=24, test_rows=8, epochs=1, batch_size=8,
        max_tokens=24, k=2,
    )  # fmt: skip


def quiet(_: str, __: int) -> object:
    return lambda count: None


def plan(runs: list[Settings], out: Path) -> list[RunFolder]:
    return list(prepare(runs, Path(DATA or ""), out))


@real
@pytest.mark.parametrize(
    ("task", "method", "pretrained"),
    [("topic", "standard", False), ("nli", "sua_tr", True), ("qa", "certified", False)],
)
def test_a_run_has_the_same_bytes_a_second_time(
    tmp_path: Path, task: str, method: str, pretrained: bool
) -> None:
    model = str(save_tiny_bert(tmp_path / "bert")) if pretrained else SMALL
    settings = tiny(task, method, model)
    files = ("config.json", "result.json", "outputs.npz")
    first, second = (
        do(settings, Path(DATA or ""), tmp_path / name, quiet)  # type: ignore[arg-type]
        for name in ("a", "b")
    )
    assert sorted(p.name for p in first.iterdir()) == sorted((*files, "timing.json"))
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    (run,) = read_runs(tmp_path / "a")
    assert (run.task, run.method, run.seed, run.model) == (task, method, 0, model)
    outputs = {o.role: o for o in run.outputs()}
    assert set(outputs) == {"dev", "clean", "perturbed", "ambiguous", "shift"}
    assert outputs["clean"].views.shape[1] == 15
    assert outputs["shift"].views.shape[1] == 5
    assert (outputs["clean"].passes is not None) == (method == "standard")
    floors = [r for r in run.result["rows"] if r["metric"] == "floor_accuracy"]
    assert len(floors) == 5


@real
def test_a_sweep_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    runs = [tiny("topic", "standard"), tiny("topic", "sua_tr")]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    data = Path(DATA or "")
    for _ in range(2):  # stopped before anything is done, then a little later
        statuses = sweep(
            runs, plan(runs, cut), data, cut, workers=2, threads=1, tell=lambda now: None,
            until=time.monotonic() + 4,
        )  # fmt: skip
        assert {s.state for s in statuses} <= {"done", "begun", "left"}
    for out in (whole, cut):
        statuses = sweep(runs, plan(runs, out), data, out, workers=2, threads=1, tell=print)
        assert [s.state for s in statuses] == ["done", "done"]
    for a, b in zip(read_runs(whole), read_runs(cut), strict=True):
        assert a.path.name == b.path.name
        for name in ("config.json", "result.json", "outputs.npz"):
            assert (a.path / name).read_bytes() == (b.path / name).read_bytes()


@real
def test_a_run_that_fails_does_not_lose_the_others(tmp_path: Path) -> None:
    runs = [tiny("topic", "standard", str(tmp_path / "no model")), tiny("topic", "standard")]
    told: list[list[Status]] = []
    data = Path(DATA or "")
    statuses = sweep(
        runs, plan(runs, tmp_path), data, tmp_path, workers=1, threads=1, tell=told.append
    )
    assert [s.state for s in statuses] == ["failed", "done"]
    assert "no classifier can be made of it" in statuses[0].detail
    assert any(s.state == "running" for now in told for s in now)
    (failed,) = (tmp_path / "runs").glob(f"*/{FAILED}")
    assert "Traceback" in failed.read_text(encoding="utf-8")
    (done,) = read_runs(tmp_path)
    assert done.method == "standard"
    study = Study("quick", tuple(runs), data, tmp_path)
    assert lines(statuses)[0] == "2 runs: 1 done, 1 failed"
    assert [r["state"] for r in document(study, statuses)["runs"]] == ["failed", "done"]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no folder of a run"):
        read_run(tmp_path / "none")
    folder = RunFolder(tmp_path, "run", {"a": 1})
    assert read_run(folder.path) is None
    moved = folder.path.rename(tmp_path / "elsewhere")
    with pytest.raises(BadInputError, match="its configuration belongs in"):
        read_run(moved)


def test_every_scale_lists_each_of_its_runs_once() -> None:
    for scale in SCALES.values():
        runs = list(dict.fromkeys(scale.runs()))
        assert len({r.name for r in runs}) == len(runs)
        assert {r.seed for r in runs} == set(range(scale.seeds))
        assert {r.task for r in runs} == {"nli", "topic", "qa"}


def test_the_quick_scale_is_the_one_that_was_asked_for() -> None:
    runs = list(dict.fromkeys(scale_named("quick").runs()))
    small = [r for r in runs if r.model == SMALL]
    minilm = [r for r in runs if r.model == MINILM]
    assert {r.train_rows for r in small} == {4000}
    assert {(r.train_rows, r.epochs, r.k) for r in minilm} == {(6000, 2, 3)}
    assert {r.method for r in minilm} == {"standard", "sua_tr", "certified"}
    assert {r.seed for r in minilm if r.task == "nli"} == {0, 1, 2}
    assert {r.seed for r in minilm if r.task == "topic"} == {0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tasks": ["nil"]}, r"--tasks: 'nil' is none of nli, qa, topic"),
        ({"methods": ["sua"]}, r"--methods: 'sua' is none of"),
        ({"seeds": 0}, "--seeds: 0; at least 1"),
        ({"tasks": ["topic"], "methods": ["lam_2"]}, "no run is left"),
    ],
)
def test_names_that_no_scale_has_are_refused(
    tmp_path: Path, options: dict[str, object], said: str
) -> None:
    given = {"tasks": None, "methods": None, "seeds": None, "model": None} | options
    with pytest.raises(BadInputError, match=said):
        Study.of("quick", tmp_path, None, **given)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="'fast' is none of quick, standard, paper"):
        scale_named("fast")
    with pytest.raises(BadInputError, match="say where with --data"):
        Study.of("quick", None, None, tasks=None, methods=None, seeds=None, model=None)


def test_another_model_takes_the_place_of_the_pretrained_one() -> None:
    changed = of_model(scale_named("quick"), "some/model")
    assert {r.model for r in changed.runs()} == {SMALL, "some/model"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "qna"}, "task: 'qna' is none of"),
        ({"method": "sua"}, "method: 'sua' is none of"),
        ({"epochs": 0}, "epochs: 0; at least 1"),
        ({"learning_rate": float("nan")}, "learning_rate: nan"),
        ({"word_dropout": 1.0}, "word_dropout: 1.0"),
    ],
)
def test_settings_out_of_range_are_named(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        Settings(**({"task": "nli", "method": "standard", "seed": 0} | changes))  # type: ignore[arg-type]
