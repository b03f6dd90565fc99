"""Predictions averaged over dropout masks or over models: MC dropout and deep ensembles.

Both give probabilities ``(M, N, V)``; :func:`scores` makes the same two scores of either. The
answer of the average is the answer that is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

import sua_gpu
from paper_repro.rivals import error

Predict = Callable[[nn.Module], Tensor]
"""Logits ``(N, V)`` of a fixed set of inputs, given the model in its present mode."""


def mc_dropout(model: nn.Module, predict: Predict, *, passes: int, seed: int) -> Tensor:
    """Probabilities under M dropout masks, ``(M, N, V)`` (Gal and Ghahramani 2016).

    Only modules of dropout are switched on; the global generator is as it was afterwards.

    Raises:
        ValueError: fewer than 1 pass, or a model without dropout above 0.
    """
    if passes < 1:
        raise ValueError(f"passes: {passes}; at least 1 is needed")
    dropped = [m for m in model.modules() if isinstance(m, nn.Dropout) and m.p > 0]
    if not dropped:
        raise ValueError("model: has no dropout above 0; its passes would all be equal")
    training = model.training
    model.train(False)
    for module in dropped:
        module.train(True)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        found = torch.stack([torch.softmax(predict(model), -1) for _ in range(passes)])
    model.train(training)
    return found


def deep_ensemble(models: Sequence[nn.Module], predict: Predict) -> Tensor:
    """Probabilities of M models trained from different seeds, ``(M, N, V)`` (Lakshminarayanan
    et al. 2017).

    Raises:
        ValueError: no model.
    """
    if not models:
        raise ValueError("models: none given")
    found = []
    for model in models:
        training = model.training
        model.train(False)
        with torch.no_grad():
            found.append(torch.softmax(predict(model), -1))
        model.train(training)
    return torch.stack(found)


def scores(probabilities: Tensor) -> dict[str, npt.NDArray[np.float64]]:
    """``max_probability`` and ``entropy`` of the average prediction, ``(N,)`` each.

    >>> two = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]], dtype=torch.float64)
    >>> {name: round(float(s[0]), 4) for name, s in scores(two).items()}
    {'max_probability': 0.5, 'entropy': 0.6931}
    """
    mean = probabilities.double().mean(0)
    found = {
        "max_probability": error(mean),
        "entropy": sua_gpu.entropy(mean, validate=False),
    }
    return {name: value.numpy() for name, value in found.items()}
