"""The numbers of one model on its test sets: what tables and comparisons are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

import sua_gpu
import sua_ref
from paper_repro import rivals
from paper_repro.study.outputs import Outputs

K = 5
"""Views that every score is made of; those after them are the reference of appendix B.1."""
SCORE_LAMBDAS = (-2.0, -1.0, -0.5, -0.25, 0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
SAMPLES = 10
"""Answers that self-consistency samples."""
COVERAGES = (0.9, 0.8, 0.7)
FEWER = (1, 3, 5)
"""Numbers of views that appendix B.1 compares with the reference."""
Floats = npt.NDArray[np.float64]


def _torch(array: npt.NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(array).double()


def _few(output: Outputs) -> torch.Tensor:
    return _torch(output.views[:, :K])


def errors(output: Outputs) -> npt.NDArray[np.int64]:
    """1 where the answer is wrong; ties of the maximum go to the lowest index."""
    return np.asarray(output.logits.argmax(-1) != output.labels, dtype=np.int64)


def fitted_mu(dev: Outputs, divergence: str) -> float:
    """The weight of H beside S, from dev; 1 where its answers are all right or all wrong."""
    wrong = errors(dev)
    if not 0 < wrong.sum() < len(wrong):
        return 1.0
    x, views = _torch(dev.logits), _few(dev)
    s = sua_gpu.distributional_sensitivity_from_logits(x, views, divergence=divergence)
    return rivals.fit_mu(s.numpy(), sua_gpu.entropy_from_logits(x).numpy(), wrong)


def scores_of(output: Outputs, *, divergence: str, mu: float) -> dict[str, Floats]:
    """Every score by name, ``(N,)`` each; higher means more likely to fail."""
    x, views = _torch(output.logits), _few(output)
    found = rivals.scores(x, views, divergence=divergence, mu=mu, samples=SAMPLES, seed=0)
    s = torch.from_numpy(found["sensitivity"])
    h = torch.from_numpy(found["entropy"])
    return found | {f"sua@{lam:g}": (s - lam * h).numpy() for lam in SCORE_LAMBDAS}


def _plain(output: Outputs, divergence: str, lam: float) -> Iterator[tuple[str, float]]:
    x, labels = _torch(output.logits), torch.from_numpy(output.labels)
    p, views = torch.softmax(x, -1), _few(output)
    wrong = errors(output)
    correct = torch.from_numpy(1 - wrong)
    yield "accuracy", float(1 - wrong.mean())
    answers = output.views[:, :K].argmax(-1)
    yield "robust_accuracy", float((answers == output.labels[:, None]).mean())
    if output.originals is not None:
        yield "robust_accuracy_pairs", float(1 - wrong.mean())
        yield "original_accuracy", float((output.originals.argmax(-1) == output.labels).mean())
    yield "ece", float(sua_gpu.expected_calibration_error(p.amax(-1), correct, n_bins=15))
    target = torch.nn.functional.one_hot(labels, p.shape[-1]).double()
    yield "brier", float((p - target).square().sum(-1).mean())
    yield "nll", float(sua_gpu.task_loss_from_logits(x, labels))
    yield "mean_entropy", float(sua_gpu.entropy_from_logits(x).mean())
    s = sua_gpu.distributional_sensitivity_from_logits(x, views, divergence=divergence)
    yield "mean_sensitivity", float(s.mean())
    yield "sua_risk", float((s - lam * sua_gpu.entropy_from_logits(x)).clamp(min=0).mean())


def _ranked(output: Outputs, scored: dict[str, Floats]) -> Iterator[tuple[str, str, float]]:
    wrong = errors(output)
    if not 0 < wrong.sum() < len(wrong):
        return
    for name, score in scored.items():
        yield name, "auroc", float(sua_ref.failure_auroc(score, wrong))
        yield name, "aurc", float(sua_ref.aurc(score, wrong))
        yield name, "augrc", float(sua_ref.augrc(score, wrong))
        for coverage in COVERAGES:
            kept = float(sua_ref.selective_accuracy(score, 1 - wrong, coverage=coverage))
            yield name, f"selective_accuracy@{coverage:g}", kept


def _ranks(values: Floats) -> Floats:
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[at], dtype=np.float64)


def _by_k(output: Outputs, divergence: str) -> Iterator[tuple[str, float]]:
    """Spearman correlation of SUA at lambda 1 from k views with that of the views kept apart."""
    if output.views.shape[1] <= K:
        return
    x, every = _torch(output.logits), _torch(output.views)

    def sua(views: torch.Tensor) -> Floats:
        found: Floats = sua_gpu.sua_score_from_logits(
            x, views, lam=1, divergence=divergence
        ).numpy()
        return found

    apart = _ranks(sua(every[:, K:]))
    for k in FEWER:
        few = _ranks(sua(every[:, :k]))
        if min(few.std(), apart.std()) > 0:
            yield f"spearman@{k}", float(np.corrcoef(few, apart)[0, 1])


def measure(
    outputs: Sequence[Outputs], *, lam: float = 1.0, divergence: str = "jsd"
) -> list[dict[str, Any]]:
    """The rows of a run: "dataset", "role", "score" (or None), "metric", "value" and "n".

    Args:
        outputs: of one model, dev among them: on it the weight of H is chosen.
        lam: of ``sua_risk``.
        divergence: D of S.

    A set whose answers are all right, or all wrong, has no rows by score.
    """
    (dev,) = (o for o in outputs if o.role == "dev")
    mu = fitted_mu(dev, divergence)
    rows: list[dict[str, Any]] = []
    for output in outputs:
        found: list[tuple[str | None, str, float]] = [
            (None, metric, value) for metric, value in _plain(output, divergence, lam)
        ]
        found += _ranked(output, scores_of(output, divergence=divergence, mu=mu))
        found += [("sua@1", metric, value) for metric, value in _by_k(output, divergence)]
        about = {"dataset": output.dataset, "role": output.role, "n": len(output.ids)}
        rows += [{**about, "score": s, "metric": m, "value": v} for s, m, v in found]
    return rows
