"""What a trained encoder says about a split, and the scores made of it.

Sign: higher means more likely to fail. All scores of an input come from the same K views.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import sua_gpu
from paper_repro.encoder import Encoder, Tokens
from paper_repro.examples import Split, Texts
from paper_repro.perturbations.edits import Perturbation

LAMBDAS = (0.1, 0.5, 1.0, 2.0)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outputs:
    """Logits at the inputs ``(N, V)`` and at their K views ``(N, K, V)``, with the labels."""

    logits: Tensor
    perturbed_logits: Tensor
    labels: npt.NDArray[np.int64]

    @property
    def probabilities(self) -> Floats:
        """``softmax(logits)``, float64."""
        return torch.softmax(self.logits, -1).numpy()

    @property
    def perturbed(self) -> Floats:
        """``softmax(perturbed_logits)``, float64."""
        return torch.softmax(self.perturbed_logits, -1).numpy()

    @property
    def errors(self) -> npt.NDArray[np.int64]:
        """1 where the answer is wrong; ties of the maximum go to the lowest index."""
        wrong = np.argmax(self.logits.numpy(), axis=-1) != self.labels
        return np.asarray(wrong, dtype=np.int64)


def all_logits(encoder: Encoder, inputs: Sequence[Texts], batch_size: int = 256) -> Tensor:
    """Logits of every input without dropout, ``(N, V)``, in float64."""
    tokens = encoder.tokens(inputs)
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i].ids))
    rows: list[Tensor] = [torch.empty(0)] * len(tokens)
    encoder.model.train(False)
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            at = order[start : start + batch_size]
            batch: list[Tokens] = [tokens[i] for i in at]
            for i, row in zip(at, encoder.logits(batch), strict=True):
                rows[i] = row
    return torch.stack(rows).double().clone()


def run_encoder(encoder: Encoder, split: Split, views: Sequence[Sequence[Texts]]) -> Outputs:
    """Logits of every input and of its views."""
    clean = all_logits(encoder, [e.texts for e in split.examples])
    flat = all_logits(encoder, [view for row in views for view in row])
    return Outputs(
        clean,
        flat.reshape(len(views), len(views[0]), -1),
        np.asarray(split.labels, dtype=np.int64),
    )


def draw_views(split: Split, edits: Perturbation, k: int, seed: int) -> list[list[Texts]]:
    """K perturbations of every input; the same for every model of a run."""
    rng = random.Random(f"views-{split.dataset}-{split.name}-{seed}")
    return [[edits.perturb(e.texts, rng).texts for _ in range(k)] for e in split.examples]


def score_names() -> list[str]:
    """The scores, in the order of the tables."""
    return [
        "entropy",
        "max_probability",
        "mean_views",
        "additive",
        "sensitivity",
        *(f"sua@{lam:g}" for lam in LAMBDAS),
    ]


def _all_but_largest(p: Tensor) -> Tensor:
    """``1 - max p`` without the subtraction, so that confident inputs still have an order."""
    return p.sort(-1).values[..., :-1].sum(-1)


def scores(outputs: Outputs, divergence: str) -> dict[str, Floats]:
    """Every score of ``score_names``, ``(N,)`` each.

    ``max_probability`` is ``1 - max_y q(y)``; ``mean_views`` is ``1 - max_y mean_k q_k(y)``, the
    loss-matched total uncertainty over the K views (Hofman et al. 2025).
    """
    x, views = outputs.logits, outputs.perturbed_logits
    entropy = sua_gpu.entropy_from_logits(x)
    s = sua_gpu.distributional_sensitivity_from_logits(x, views, divergence=divergence)
    found = {
        "entropy": entropy,
        "max_probability": _all_but_largest(torch.softmax(x, -1)),
        "mean_views": _all_but_largest(torch.softmax(views, -1).mean(-2)),
        "additive": sua_gpu.additive_score_from_logits(x, views),
        "sensitivity": s,
        **{
            f"sua@{lam:g}": sua_gpu.sua_score_from_logits(x, views, lam=lam, divergence=divergence)
            for lam in LAMBDAS
        },
    }
    return {name: found[name].numpy() for name in score_names()}
