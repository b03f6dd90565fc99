"""What ``sua bench`` runs beside the backend: the textbook formulas, and public libraries.

Each rival is written as a user of it would write it, from the same logits or scores, and returns
what ours returns: the score of each row (Liger-Kernel has their mean alone), loss and gradients, or
a metric. The first four arguments of a rival of a function of logits are those of the textbook.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor

Result = Any
"""A tensor, or a tuple of tensors: what the call returns."""


class Rival(NamedTuple):
    """A rival's name, the package it needs (empty for none), and the call."""

    name: str
    package: str
    call: Callable[..., Result]

    def obstacle(self, *, device: str, dtype: torch.dtype) -> str | None:
        """Why it cannot run here; None if it can."""
        if self.package and find_spec(self.package) is None:
            return f"{self.package} is not installed: pip install 'sua[bench]'"
        if self.name == "liger" and device != "cuda":
            return "its kernels run on CUDA"
        if self.name in ("scipy", "sklearn", "sort"):
            if device != "cpu":
                return "it computes on the CPU"
            if dtype in (torch.bfloat16, torch.float16):
                return f"it does not compute in {dtype}"
        return None


def textbook_divergences(log_p: Tensor, log_q: Tensor, kind: str) -> Tensor:
    """``D(p || q)`` from log-probabilities as every textbook writes it."""
    p, q = log_p.exp(), log_q.exp()
    if kind == "kl":
        return (p * (log_p - log_q)).sum(-1)
    if kind == "tv":
        return (p - q).abs().sum(-1) / 2
    log_m = torch.logaddexp(log_p, log_q) - math.log(2)
    return ((p * (log_p - log_m)).sum(-1) + (q * (log_q - log_m)).sum(-1)) / 2


def textbook_entropy(log_p: Tensor) -> Tensor:
    """``-sum p log p`` from log-probabilities."""
    return -(log_p.exp() * log_p).sum(-1)


def _log_softmax(x: Tensor) -> Tensor:
    return torch.log_softmax(x if x.dtype == torch.float64 else x.float(), -1)


def textbook_score(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """``S - H`` of logits ``(B, V)`` and ``(B, K, V)``."""
    log_p, log_q = _log_softmax(x), _log_softmax(y)
    s = textbook_divergences(log_p.unsqueeze(1), log_q, kind).mean(-1)
    return s - textbook_entropy(log_p)


def textbook_loss(x: Tensor, y: Tensor, labels: Tensor, kind: str) -> Tensor:
    """SUA-TR's objective, lambda = a = b = 1; the consistency term stops at the perturbed side."""
    log_p, log_q = _log_softmax(x), _log_softmax(y)
    task = -log_p.gather(-1, labels.unsqueeze(-1)).mean()
    consistency = textbook_divergences(log_p.unsqueeze(1), log_q.detach(), kind).mean()
    s = textbook_divergences(log_p.unsqueeze(1), log_q, kind).mean(-1)
    return task + consistency + (s - textbook_entropy(log_p)).relu().mean()


def gradients(loss: Callable[..., Tensor]) -> Callable[..., Result]:
    """The loss with its gradient to the logits on both sides."""

    def call(x: Tensor, y: Tensor, *rest: Any) -> Result:
        leaves = x.detach().requires_grad_(), y.detach().requires_grad_()
        value = loss(*leaves, *rest)
        return value.detach(), *torch.autograd.grad(value, leaves)

    return call


def compiled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``torch.compile`` of a textbook formula, specialised to the shapes."""
    wrapped: Callable[..., Tensor] = torch.compile(function, dynamic=False)
    return wrapped


def scipy_score(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """``S - H`` by scipy, from its softmax."""
    special, stats = import_module("scipy.special"), import_module("scipy.stats")
    p, q = special.softmax(x.numpy(), -1), special.softmax(y.numpy(), -1)
    each = p[:, None]
    if kind == "kl":
        d = stats.entropy(each, q, axis=-1)
    elif kind == "jsd":
        d = import_module("scipy.spatial.distance").jensenshannon(each, q, axis=-1) ** 2
    else:
        d = abs(each - q).sum(-1) / 2
    return torch.from_numpy(d.mean(-1) - stats.entropy(p, axis=-1))


def torchmetrics_score(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """``S`` by torchmetrics, row by row of pairs; it has no entropy, so that H is torch's."""
    regression = import_module("torchmetrics.functional.regression")
    name = {"kl": "kl_divergence", "jsd": "jensen_shannon_divergence"}[kind]
    p, q = _log_softmax(x).exp(), _log_softmax(y).exp()
    pairs = p.unsqueeze(1).expand_as(q).reshape(-1, q.shape[-1]), q.reshape(-1, q.shape[-1])
    d = getattr(regression, name)(*pairs, reduction="none").view(q.shape[:2])
    entropy: Tensor = torch.special.entr(p).sum(-1)
    mean: Tensor = d.mean(-1)
    return mean - entropy


def liger_score(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """The mean of ``S - H`` by Liger-Kernel: its losses take what softmax gives, and reduce."""
    liger = import_module("liger_kernel.transformers.functional")
    log_p, log_q = _log_softmax(x), _log_softmax(y).flatten(0, 1)
    each = log_p.unsqueeze(1).expand(y.shape).reshape(log_q.shape)
    if kind == "kl":
        s = liger.liger_kl_div(log_q, each, reduction="batchmean", log_target=True)
    elif kind == "jsd":
        s = liger.liger_jsd(log_q, each)
    else:
        s = liger.liger_tvd(each.exp(), log_q.exp(), reduction="batchmean")
    mean: Tensor = s - textbook_entropy(log_p).mean()
    return mean


def loop_over_bins(confidence: Tensor, correct: Tensor) -> Tensor:
    """The calibration error as most code has it: a mask for each of 15 bins (Guo et al. 2017)."""
    edges = torch.linspace(0, 1, 16, device=confidence.device)
    error = torch.zeros((), device=confidence.device)
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = correct[inside].float().mean() - confidence[inside].mean()
            error = error + gap.abs() * inside.float().mean()
    return error


def auroc_by_ranks(scores: Tensor, errors: Tensor) -> Tensor:
    """AUROC from scipy's average ranks (Mann and Whitney)."""
    rank = import_module("scipy.stats").rankdata(scores.numpy())
    wrong = int(errors.sum())
    won = rank[errors.numpy()].sum() - wrong * (wrong + 1) / 2
    return torch.tensor(won / (wrong * (len(scores) - wrong)), dtype=torch.float64)


def sklearn_auroc(scores: Tensor, errors: Tensor) -> Tensor:
    """AUROC by scikit-learn."""
    area = import_module("sklearn.metrics").roc_auc_score(errors.numpy(), scores.numpy())
    return torch.tensor(area, dtype=torch.float64)


def aurc_by_argsort(scores: Tensor, errors: Tensor) -> Tensor:
    """AURC as most code has it: ties in the order in which they stand."""
    kept = errors[scores.argsort()].double().cumsum(0)
    k = torch.arange(1, len(kept) + 1, device=kept.device)
    return (kept / k).mean()


def sort_alone(scores: Tensor, errors: Tensor) -> Result:
    """One sort of the scores, the yardstick: it returns no metric."""
    import_module("numpy").sort(scores.numpy())


def _torchmetrics(name: str, **options: Any) -> Callable[[Tensor, Tensor], Tensor]:
    def call(scores: Tensor, marks: Tensor) -> Tensor:
        functional = import_module("torchmetrics.functional.classification")
        value: Tensor = getattr(functional, name)(scores, marks.long(), **options)
        return value

    return call


def of_score(kind: str) -> list[Rival]:
    """The rivals of ``sua_score_from_logits``."""
    found = [
        Rival("eager", "", textbook_score),
        Rival("compile", "", compiled(textbook_score)),
        Rival("scipy", "scipy", scipy_score),
        Rival("liger", "liger_kernel", liger_score),
    ]
    if kind != "tv":  # which torchmetrics does not have
        found.append(Rival("torchmetrics", "torchmetrics", torchmetrics_score))
    return found


def of_loss() -> list[Rival]:
    """The rivals of ``sua_tr_loss_from_logits``, forward and backward."""
    return [
        Rival("eager", "", gradients(textbook_loss)),
        Rival("compile", "", gradients(compiled(textbook_loss))),
    ]


OF_METRICS: dict[str, list[Rival]] = {
    "expected_calibration_error": [
        Rival("eager", "", loop_over_bins),
        Rival("torchmetrics", "torchmetrics", _torchmetrics("binary_calibration_error", n_bins=15)),
        Rival("sort", "numpy", sort_alone),
    ],
    "failure_auroc": [
        Rival("scipy", "scipy", auroc_by_ranks),
        Rival("sklearn", "sklearn", sklearn_auroc),
        Rival("torchmetrics", "torchmetrics", _torchmetrics("binary_auroc")),
        Rival("sort", "numpy", sort_alone),
    ],
    "aurc": [
        Rival("eager", "", aurc_by_argsort),
        Rival("sort", "numpy", sort_alone),
    ],
}
"""The rivals of each metric. torchmetrics squashes scores outside [0, 1] by a sigmoid, so the
scores compared lie within."""
