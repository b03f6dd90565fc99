"""The two examples of section 6.8, put to a model of ours.

The paper prints the question "What is the capital of France?" under "a minor character
perturbation" that its text does not show, and a premise with a modal verb. The sentences to choose
from and the perturbations are ours; they are fixed here, so that every model is asked the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

import sua_gpu
from paper_repro.examples import Texts

Logits = Callable[[Sequence[Texts]], Tensor]
"""From N inputs to logits ``(N, V)``."""


@dataclass(frozen=True)
class Printed:
    """One example.

    Attributes:
        task: it belongs to.
        texts: the input.
        part: which text the views change.
        views: that text, perturbed.
        answers: names of the columns of the logits.
        label: of the right answer; None where the paper says that there is none.
        said: what the paper reports of it.
    """

    task: str
    texts: Texts
    part: int
    views: tuple[str, ...]
    answers: tuple[str, ...]
    label: int | None
    said: str

    def view(self, text: str) -> Texts:
        """The input with its text changed."""
        return (*self.texts[: self.part], text, *self.texts[self.part + 1 :])


_SENTENCES = (
    "Paris is the capital and the largest city of France.",
    "Lyon lies where the Rhone and the Saone meet.",
    "The Loire is the longest river of France.",
    "Marseille is its oldest city and has a large port.",
)
EXAMPLES = (
    Printed(
        "qa",
        ("What is the capital of France?", *_SENTENCES),
        0,
        (
            "What is the captial of France?",
            "What is the capital of Frnace?",
            "What is the capitl of France?",
            "Whar is the capital of France?",
            "what is the capital of france",
        ),
        _SENTENCES,
        0,
        "Standard: confidence 0.98, SUA high; SUA-TR: SUA below threshold, answers correctly",
    ),
    Printed(
        "nli",
        ("The committee may recommend approval.", "The proposal will be approved."),
        0,
        (
            "The committee might recommend approval.",
            "The committee may reccomend approval.",
            "The panel may recommend approval.",
            "The committee may recommend approval",
            "the committee may perhaps recommend approval.",
        ),
        ("entailment", "neutral", "contradiction"),
        None,
        "Standard: entailment, confidence 0.91; SUA-TR: neutral, entropy 0.61, SUA 0.08",
    ),
)


def rerun(
    logits: Logits, task: str, *, lam: float = 1.0, divergence: str = "jsd"
) -> list[dict[str, Any]]:
    """What a model says of the examples of its task; none for a task without.

    Args:
        logits: asked once for each example, with the input first and its views after it.
        task: of the model.
        lam, divergence: of SUA.

    Returns:
        Rows ``task``, ``texts``, ``perturbed`` (the view that moves the output furthest),
        ``label``, ``answer``, ``confidence``, ``sensitivity``, ``entropy``, ``sua``,
        ``law`` (the output), ``views`` (each with ``text``, ``answer``, ``confidence``,
        ``divergence`` and ``law``) and ``said``.

    Raises:
        ValueError: logits of another shape than the answers need.
    """
    return [_row(logits, e, lam, divergence) for e in EXAMPLES if e.task == task]


def _row(logits: Logits, example: Printed, lam: float, divergence: str) -> dict[str, Any]:
    found = logits([example.texts, *map(example.view, example.views)]).detach().double().cpu()
    wanted = (1 + len(example.views), len(example.answers))
    if tuple(found.shape) != wanted:
        raise ValueError(f"logits: shape {tuple(found.shape)}; {wanted} wanted")
    x, y = found[:1], found[None, 1:]
    apart = [
        float(sua_gpu.distributional_sensitivity_from_logits(x, y[:, i : i + 1],
                                                             divergence=divergence))
        for i in range(len(example.views))
    ]  # fmt: skip
    outputs = [_output(row, example) for row in found]
    views = [
        {"text": text, "divergence": d, **output}
        for text, d, output in zip(example.views, apart, outputs[1:], strict=True)
    ]
    furthest = max(range(len(views)), key=apart.__getitem__)
    return {
        "task": example.task, "texts": list(example.texts), "perturbed": example.views[furthest],
        "label": "none" if example.label is None else example.answers[example.label], **outputs[0],
        "sensitivity": float(
            sua_gpu.distributional_sensitivity_from_logits(x, y, divergence=divergence)
        ),
        "entropy": float(sua_gpu.entropy_from_logits(x)),
        "sua": float(sua_gpu.sua_score_from_logits(x, y, lam=lam, divergence=divergence)),
        "views": views, "said": example.said,
    }  # fmt: skip


def _output(row: Tensor, example: Printed) -> dict[str, Any]:
    law = torch.softmax(row, -1)
    return {
        "answer": example.answers[int(row.argmax())],
        "confidence": float(law.max()),
        "law": dict(zip(example.answers, law.tolist(), strict=True)),
    }
