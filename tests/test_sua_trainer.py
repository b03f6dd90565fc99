"""The Trainer and the explicit loop are one algorithm, whatever the Trainer's plain arguments."""

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

from transformers import TrainerCallback, TrainingArguments

from paper_repro.algorithm_5_6 import sua_tr
from paper_repro.objective import Objective
from paper_repro.sua_trainer import SuaTrainer
from paper_repro.views_collator import ViewsCollator
from tests import tiny_classifier

OBJECTIVE = Objective(lam=0.05, a=0.5, b=2.0, warmup_steps=2)
RATE = 1e-2


class _Logs(TrainerCallback):
    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        self.rows.append(dict(logs))


def _trainer(out: Path, logs: _Logs | None = None, **changes: Any) -> Any:
    model = tiny_classifier.model()
    given: dict[str, Any] = {
        "output_dir": str(out), "per_device_train_batch_size": 4, "num_train_epochs": 1,
        "logging_steps": 1, "save_strategy": "no", "report_to": "none", "use_cpu": True,
        "train_sampling_strategy": "sequential", "disable_tqdm": True, "seed": 0,
    } | changes  # fmt: skip
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    constant = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda _: 1.0)
    return SuaTrainer(
        model=model,
        args=TrainingArguments(**given),
        train_dataset=tiny_classifier.features(24, 3),
        data_collator=ViewsCollator(tiny_classifier.tokenizer()),
        optimizers=(optimiser, constant),
        callbacks=[logs] if logs else None,
        objective=OBJECTIVE,
    )


def _weights(model: torch.nn.Module) -> list[torch.Tensor]:
    return [p.detach().clone() for p in model.parameters()]


def test_it_has_the_losses_of_the_explicit_loop_at_every_step(tmp_path: Path) -> None:
    logs = _Logs()
    trainer = _trainer(tmp_path, logs)
    trainer.train()
    model, rows = tiny_classifier.model(), tiny_classifier.features(24, 3)
    collate = ViewsCollator(tiny_classifier.tokenizer())
    batches = [collate(rows[i : i + 4]) for i in range(0, 24, 4)]
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    steps = list(sua_tr(model, batches, OBJECTIVE, optimiser))
    logged = [row for row in logs.rows if "loss" in row]
    assert len(logged) == len(steps) == 6
    for row, losses in zip(logged, steps, strict=True):
        for name, part in zip(("loss", *losses._fields[1:]), losses, strict=True):
            assert row[name] == pytest.approx(float(part), rel=1e-5), name
    assert float(steps[2].alignment) > 0
    for mine, theirs in zip(_weights(trainer.model), _weights(model), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-7)


def test_accumulated_gradients_are_those_of_one_batch(tmp_path: Path) -> None:
    whole = _trainer(tmp_path, per_device_train_batch_size=8, max_steps=1)
    parts = _trainer(tmp_path, gradient_accumulation_steps=2, max_steps=1)
    for trainer in (whole, parts):
        trainer.objective = Objective(lam=0.05, a=0.5, b=2.0)
        trainer.train()
    for one, two in zip(_weights(whole.model), _weights(parts.model), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-7)


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path: Path) -> None:
    whole = _trainer(tmp_path / "whole")
    whole.train()
    stopped = _trainer(tmp_path / "cut", save_strategy="steps", save_steps=3, max_steps=6)
    stopped.train()
    resumed = _trainer(tmp_path / "cut", save_strategy="no", max_steps=6)
    resumed.train(resume_from_checkpoint=str(tmp_path / "cut" / "checkpoint-3"))
    for one, two in zip(_weights(whole.model), _weights(resumed.model), strict=True):
        assert torch.equal(one, two)


def test_it_evaluates_by_the_task_loss_with_or_without_views(tmp_path: Path) -> None:
    trainer, rows = _trainer(tmp_path), tiny_classifier.features(8, 2, seed=3)
    bare = [{n: v for n, v in row.items() if n != "views"} for row in rows]
    given = [trainer.evaluate(part)["eval_loss"] for part in (rows, bare)]
    assert given[0] == pytest.approx(given[1], rel=1e-6)
    batch = trainer.data_collator(bare)
    labels = batch.pop("labels")
    with torch.no_grad():
        truth = torch.nn.functional.cross_entropy(trainer.model(**batch).logits, labels)
    assert given[0] == pytest.approx(float(truth), rel=1e-5)


def test_training_without_views_or_on_a_broken_model_stops(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    trainer.train_dataset = [
        {n: v for n, v in row.items() if n != "views"} for row in trainer.train_dataset
    ]
    with pytest.raises(ValueError, match="views: missing from the batch"):
        trainer.train()
    broken = _trainer(tmp_path)
    with torch.no_grad():
        broken.model.classifier.bias[0] = float("nan")
    with pytest.raises(FloatingPointError, match="step 0: the objective is nan"):
        broken.train()


_WORKER = """
import json, sys
from pathlib import Path
import torch
from paper_repro.sua_trainer import leave
from tests import test_sua_trainer as t
trainer = t._trainer(Path(sys.argv[1]), per_device_train_batch_size=2, max_steps=3)
assert torch.distributed.get_world_size() == 2
trainer.train()
if trainer.is_world_process_zero():
    weights = [p.tolist() for p in trainer.model.parameters()]
    said = json.dumps({"weights": weights, "logs": trainer.state.log_history})
    Path(sys.argv[1], "trained.json").write_text(said)
leave(trainer)
"""


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(_WORKER)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2",
               "--standalone", str(script), str(tmp_path)]  # fmt: skip
    root = str(Path(__file__).parents[1])
    env = os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    single = _trainer(tmp_path, max_steps=3)
    single.train()
    trained = json.loads((tmp_path / "trained.json").read_text())
    for mine, theirs in zip(_weights(single.model), trained["weights"], strict=True):
        torch.testing.assert_close(mine, torch.tensor(theirs), rtol=1e-5, atol=1e-6)
    for one, two in zip(single.state.log_history[:3], trained["logs"][:3], strict=True):
        for name in ("loss", "task", "consistency", "alignment"):
            assert one[name] == pytest.approx(two[name], rel=1e-4), name
