"""SUA-TR on a task of section 6 with a pretrained encoder: what ``sua train`` does.

It goes on from the last checkpoint in its folder, and under ``torchrun`` all processes train.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from paper_repro.bad_input import BadInputError
from paper_repro.objective import LABELS, VIEWS, Objective
from paper_repro.perturbations.sentence_encoder import minilm_folder
from paper_repro.run_folder import canonical, write_whole
from paper_repro.study.classifier import Classifier, OptionScorer, pretrained
from paper_repro.study.settings import MINILM
from paper_repro.study.tasks import StudyTask, load_study_task
from paper_repro.study.views import views_of
from paper_repro.sua_trainer import SuaTrainer, leave

_LAID = "laid"


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes:
        task: "nli", "topic" or "qa".
        model: "minilm", a local folder or a hub id.
        objective: equation (15), by its choices.
        k: perturbations of each input, drawn once.
        pi: which: "mixture", "tokens", "paraphrase" or "adversarial".
        rows: at most so many train.
        epochs, batch_size, learning_rate, max_tokens, seed: as usual; the batch is a process's.
    """

    task: str
    model: str
    objective: Objective
    k: int = 5
    pi: str = "mixture"
    rows: int = 20000
    epochs: float = 3.0
    batch_size: int = 32
    learning_rate: float = 5e-5
    max_tokens: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("k", "rows", "batch_size"):
            if getattr(self, name) < 1:
                raise BadInputError(f"--{name}: {getattr(self, name)}; at least 1 wanted")
        for name in ("epochs", "learning_rate"):
            if not 0 < getattr(self, name) < float("inf"):
                raise BadInputError(f"--{name}: {getattr(self, name)}; above 0 and finite wanted")


def features(
    classifier: Classifier, task: StudyTask, training: Training, data: Path, cache: Path
) -> list[dict[str, Any]]:
    """The training rows: token sequences of each input and of its K views, and its label."""
    examples = task.train.examples
    drawn = views_of(task, task.train, training.pi, training.k, training.seed, cache, data=data)
    clean = classifier.lay([e.texts for e in examples])
    flat = classifier.lay([view for row in drawn for view in row])
    k = training.k
    return [
        {_LAID: one, VIEWS: flat[i * k : (i + 1) * k], LABELS: e.label}
        for i, (one, e) in enumerate(zip(clean, examples, strict=True))
    ]


def fit(training: Training, data: Path, out: Path, *, use_cpu: bool = False) -> dict[str, float]:
    """Train, save model and tokenizer under ``out / "model"``, and say how accurate it is.

    Returns:
        Accuracy on dev and on each test set, by the name of the set.

    Raises:
        BadInputError: data or model are missing or wrong, or ``out`` holds another training.
        FloatingPointError: the objective of a step is not finite.
    """
    _claim(training, out)
    task = load_study_task(training.task, data, train_rows=training.rows, test_rows=2000)
    source = minilm_folder() if training.model == MINILM else training.model
    labels = None if task.labels is None else len(task.labels)
    set_seed(training.seed)
    classifier = pretrained(source, labels, training.seed, max_tokens=training.max_tokens)
    arguments = TrainingArguments(
        output_dir=str(out), num_train_epochs=training.epochs, seed=training.seed,
        per_device_train_batch_size=training.batch_size, learning_rate=training.learning_rate,
        warmup_steps=0.1, save_strategy="epoch", save_total_limit=1, logging_steps=50,
        report_to="none", remove_unused_columns=False, use_cpu=use_cpu,
    )  # fmt: skip

    def collate(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return classifier.batch(
            [r[_LAID] for r in rows], [r[VIEWS] for r in rows], [r[LABELS] for r in rows]
        )

    trainer = SuaTrainer(
        model=classifier.model,
        args=arguments,
        train_dataset=features(classifier, task, training, data, out / "views"),
        data_collator=collate,
        objective=training.objective,
    )
    last = get_last_checkpoint(str(out))  # type: ignore[no-untyped-call]
    trainer.train(resume_from_checkpoint=last)
    accuracy = _accuracy(classifier, task)
    if trainer.is_world_process_zero():
        _save(classifier, out / "model")
        write_whole(out / "accuracy.json", canonical(accuracy))
    leave(trainer)
    return accuracy


def _claim(training: Training, out: Path) -> None:
    """Write down what is trained here, or see that it is this."""
    wanted = canonical(dataclasses.asdict(training))
    path = out / "training.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        stored = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise BadInputError(f"--out {out}: {error.strerror}") from error
    if stored is None and any(p.name.startswith("checkpoint-") for p in out.iterdir()):
        raise BadInputError(f"--out {out}: holds checkpoints of another program")
    if stored not in (None, wanted):
        raise BadInputError(f"--out {out}: holds another training; see {path}")
    write_whole(path, wanted)


def _accuracy(classifier: Classifier, task: StudyTask) -> dict[str, float]:
    model = classifier.model
    device = next(model.parameters()).device
    model.to("cpu").train(False)
    found = {}
    splits = {"dev": task.dev} | {t.split.dataset: t.split for t in task.tests}
    for name, split in splits.items():
        laid = classifier.lay([e.texts for e in split.examples])
        answers = classifier.logits(laid, advance=lambda _: None).argmax(-1)
        found[name] = float((answers == torch.tensor(split.labels)).double().mean())
    model.to(device)
    return found


def _save(classifier: Classifier, folder: Path) -> None:
    model: nn.Module = classifier.model
    inner: Any = model.model if isinstance(model, OptionScorer) else model
    inner.save_pretrained(folder)
    if classifier.tokenizer is not None:
        classifier.tokenizer.save_pretrained(folder)
