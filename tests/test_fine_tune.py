"""`sua train` on public rows: one process, two, stopped and resumed; what it saves and refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("accelerate", reason="transformers.Trainer needs accelerate (extra 'trainer')")

from transformers import AutoModelForSequenceClassification, AutoTokenizer
from typer.testing import CliRunner

from paper_repro import fine_tune
from paper_repro.bad_input import BadInputError
from paper_repro.cli import app
from paper_repro.fine_tune import Training, fit
from paper_repro.objective import Objective
from paper_repro.study.tasks import load_study_task
from tests.tiny_bert import save_tiny_bert

DATA = os.environ.get("SUA_DATA")
real = pytest.mark.skipif(DATA is None, reason="SUA_DATA does not name a folder of datasets")


def small(task: str, folder: Path, **changes: Any) -> Training:
    given: dict[str, Any] = {
        "k": 2, "pi": "tokens", "rows": 16, "epochs": 2.0, "batch_size": 4, "max_tokens": 24,
    } | changes  # fmt: skip
    return Training(task, str(save_tiny_bert(folder)), Objective(lam=0.5), **given)


@pytest.fixture(autouse=True)
def few_test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(name: str, data: Path, *, train_rows: int, test_rows: int) -> Any:
        return load_study_task(name, data, train_rows=train_rows, test_rows=8)

    monkeypatch.setattr(fine_tune, "load_study_task", few)


@real
@pytest.mark.parametrize("task", ["nli", "qa"])
def test_what_is_saved_is_read_by_the_hub_library(tmp_path: Path, task: str) -> None:
    training = small(task, tmp_path / "bert")
    accuracy = fit(training, Path(DATA or ""), tmp_path / "out", use_cpu=True)
    assert set(accuracy) > {"dev"}
    assert len(accuracy) == 5
    assert json.loads((tmp_path / "out" / "accuracy.json").read_bytes()) == accuracy
    folder = tmp_path / "out" / "model"
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert model.config.num_labels == (3 if task == "nli" else 1)
    batch = AutoTokenizer.from_pretrained(folder)("a man rides", "a dog", return_tensors="pt")
    with torch.no_grad():
        assert torch.isfinite(model(**batch).logits).all()


@real
def test_a_training_that_was_stopped_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = small("nli", tmp_path / "bert")
    whole = fit(training, Path(DATA or ""), tmp_path / "whole", use_cpu=True)
    monkeypatch.setattr(fine_tune, "_accuracy", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit(training, Path(DATA or ""), tmp_path / "cut", use_cpu=True)
    monkeypatch.undo()
    monkeypatch.setattr(
        fine_tune, "load_study_task",
        lambda name, data, train_rows, test_rows: load_study_task(
            name, data, train_rows=train_rows, test_rows=8
        ),
    )  # fmt: skip
    assert fit(training, Path(DATA or ""), tmp_path / "cut", use_cpu=True) == whole
    one, two = (
        AutoModelForSequenceClassification.from_pretrained(tmp_path / name / "model").state_dict()
        for name in ("whole", "cut")
    )
    assert all(torch.equal(one[name], two[name]) for name in one)


@real
def test_two_processes_share_the_work(tmp_path: Path) -> None:
    """Half the steps for each, and a model that both agree on."""
    bert = save_tiny_bert(tmp_path / "bert")
    command = [
        "-m", "paper_repro", "train", "topic", "--data", str(DATA), "--out", str(tmp_path / "out"),
        "--model", str(bert), "--k", "1", "--pi", "tokens", "--rows", "16", "--epochs", "1",
        "--batch-size", "4", "--max-tokens", "16", "--cpu",
    ]  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         *command],
        capture_output=True, text=True, check=False, timeout=600,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    (state,) = (tmp_path / "out").glob("checkpoint-*/trainer_state.json")
    assert json.loads(state.read_text(encoding="utf-8"))["max_steps"] == 2
    assert (tmp_path / "out" / "model" / "model.safetensors").is_file()


def test_another_training_in_the_folder_is_refused(tmp_path: Path) -> None:
    first = Training("nli", "m", Objective())
    fine_tune._claim(first, tmp_path)
    fine_tune._claim(first, tmp_path)
    with pytest.raises(BadInputError, match="holds another training"):
        fine_tune._claim(Training("nli", "m", Objective(lam=2.0)), tmp_path)
    (tmp_path / "other" / "checkpoint-3").mkdir(parents=True)
    with pytest.raises(BadInputError, match="checkpoints of another program"):
        fine_tune._claim(first, tmp_path / "other")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--k", "0"], "--k: 0; at least 1"),
        (["--epochs", "nan"], "--epochs: nan"),
        (["--lambda", "-1"], "lam is -1"),
        (["--divergence", "js"], "'js' is none of"),
    ],
)
def test_options_out_of_range_are_named(tmp_path: Path, options: list[str], said: str) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["train", "nli", "--data", str(tmp_path), "--out", str(out), *options]
    )
    assert isinstance(result.exception, BadInputError)
    assert said in str(result.exception)
    assert not out.exists()
