"""The scores that SUA must beat: all from one output and the same K views, higher = likelier wrong.

Sources: entropy, one minus the largest probability and margin are classical; self-consistency after
Wang et al. (2023); ``product`` after CoCoA (Vashurin et al. 2025), confidence times inconsistency;
``rank_sum`` after HUQ (Vazhentsev et al. 2023); ``mean_views`` and ``mean_views_entropy`` are the
total uncertainty over the views that matches the 0-1 loss and the log loss (Hofman et al. 2025),
``mutual_information`` its part that the views disagree on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import sua_gpu
from sua_ref import failure_auroc

Floats = npt.NDArray[np.float64]
MU_GRID = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Weights of H that are tried on dev; the score S + mu H only depends on their ratio."""


def error(p: Tensor) -> Tensor:
    """``e = 1 - max p`` without the subtraction, so that confident inputs still have an order.

    >>> error(torch.tensor([[0.7, 0.2, 0.1]]))
    tensor([0.3000])
    """
    return p.sort(-1).values[..., :-1].sum(-1)


def margin(p: Tensor) -> Tensor:
    """``1 - (largest - second)``; 0 where there is one label only.

    >>> margin(torch.tensor([[0.7, 0.2, 0.1]]))
    tensor([0.5000])
    """
    top = p.topk(min(2, p.shape[-1]), -1).values
    return 1 - top[..., 0] + (top[..., 1] if p.shape[-1] > 1 else 0.0)


def self_consistency(p: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """One minus the share of the commonest of M answers sampled from the model.

    Raises:
        ValueError: ``samples`` is below 1.
    """
    if samples < 1:
        raise ValueError(f"samples: {samples}; at least 1 is needed")
    drawn = torch.multinomial(p, samples, replacement=True, generator=generator)
    counts = torch.zeros_like(p).scatter_add(-1, drawn, torch.ones_like(drawn, dtype=p.dtype))
    return 1 - counts.amax(-1) / samples


def mutual_information(views: Tensor) -> Tensor:
    """``H(mean_k q_k) - mean_k H(q_k)``: the mean divergence of the views from their mean.

    >>> mutual_information(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]], dtype=torch.float64))
    tensor([0.6931], dtype=torch.float64)
    """
    mean = views.mean(-2, keepdim=True).expand_as(views)
    return sua_gpu.kl_divergence(views, mean, validate=False).mean(-1)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[at], dtype=np.float64)


def rank_sum(first: Floats, second: Floats) -> Floats:
    """Mean of the two ranks in (0, 1], ties sharing theirs: a score of the whole set.

    >>> rank_sum(np.array([0.1, 0.3, 0.2]), np.array([5.0, 5.0, 1.0])).tolist()
    [0.5833333333333334, 0.9166666666666666, 0.5]
    """
    both = _ranks(first) + _ranks(second)
    return np.asarray(both / (2 * len(both)), dtype=np.float64)


def fit_mu(
    sensitivity: Floats, entropy: Floats, errors: npt.NDArray[np.int64],
    grid: Sequence[float] = MU_GRID,
) -> float:  # fmt: skip
    """The weight of H in ``S + mu H`` with the best AUROC of failure on dev; the first of equals.

    Raises:
        ValueError: all answers right, or all wrong: nothing can be ranked.
    """
    found = [failure_auroc(sensitivity + mu * entropy, errors) for mu in grid]
    return grid[int(np.argmax(found))]


def scores(
    logits: Tensor, views: Tensor, *, divergence: str, mu: float, samples: int, seed: int
) -> dict[str, Floats]:
    """Every rival by name, ``(N,)`` each.

    Args:
        logits: ``(N, V)``.
        views: logits at the K views, ``(N, K, V)``.
        divergence: D of S in ``sensitivity``, ``s_plus_mu_h``, ``product`` and ``rank_sum``.
        mu: from :func:`fit_mu`.
        samples: M of self-consistency.
        seed: of its samples.
    """
    p, q = torch.softmax(logits, -1), torch.softmax(views, -1)
    h = sua_gpu.entropy_from_logits(logits)
    s = sua_gpu.distributional_sensitivity_from_logits(logits, views, divergence=divergence)
    e, mean = error(p), q.mean(-2)
    generator = torch.Generator().manual_seed(seed)
    found = {
        "entropy": h,
        "max_probability": e,
        "margin": margin(p),
        "self_consistency": self_consistency(p, samples, generator),
        "sensitivity": s,
        "additive": sua_gpu.additive_score_from_logits(logits, views),
        "s_plus_mu_h": s + mu * h,
        "product": e * s,
        "mean_views": error(mean),
        "mean_views_entropy": sua_gpu.entropy(mean, validate=False),
        "mutual_information": mutual_information(q),
    }
    arrays = {name: value.double().numpy() for name, value in found.items()}
    return arrays | {"rank_sum": rank_sum(arrays["max_probability"], arrays["sensitivity"])}
