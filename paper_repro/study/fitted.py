"""Two models of failure with few parameters, fitted to dev by Newton's method with a ridge.

Both objectives are strictly convex, so there is one minimum whatever the start.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

RIDGE = 1.0
"""Half the squared distance of the weights from where they start is added to the total loss."""
STEPS = 50
ENOUGH = 1e-10


def _step(
    loss: Callable[[Tensor], Tensor], w: Tensor, slope: Tensor, curvature: Tensor
) -> tuple[Tensor, bool]:
    """A Newton step, halved until it descends; whether there is no more to gain."""
    move = torch.linalg.solve(curvature, slope)
    promised, here, length = float(slope @ move), float(loss(w)), 1.0
    if promised <= ENOUGH:
        return w, True
    while float(loss(w - length * move)) > here - 1e-4 * length * promised:
        length /= 2
        if length < 1e-10:  # the promise is below the rounding of the loss
            return w, True
    return w - length * move, False


def logistic(features: Tensor, errors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Ridge logistic regression of the errors on standardised features.

    Args:
        features: ``(N, F)`` float64.
        errors: ``(N,)``, 0 or 1.

    Returns:
        Means and scales ``(F,)`` of the features, and weights ``(F + 1,)``; the last is the
        intercept, which bears no ridge. A feature that does not vary has weight 0.
    """
    mean, scale = features.mean(0), features.std(0, correction=0)
    scale = torch.where(scale > 0, scale, 1.0)
    x = torch.cat([(features - mean) / scale, torch.ones(len(features), 1, dtype=torch.double)], 1)
    y = errors.double()
    ridge = RIDGE * torch.ones(x.shape[1], dtype=torch.double)
    ridge[-1] = 0.0
    w = torch.zeros(x.shape[1], dtype=torch.double)

    def loss(at: Tensor) -> Tensor:
        z = x @ at
        return torch.nn.functional.softplus(z).sum() - y @ z + (ridge * at**2).sum() / 2

    for _ in range(STEPS):
        p = torch.sigmoid(x @ w)
        slope = x.T @ (p - y) + ridge * w
        curvature = (x.T * (p * (1 - p))) @ x + torch.diag(ridge)
        w, done = _step(loss, w, slope, curvature)
        if done:
            break
    return mean, scale, w


def predicted(features: Tensor, fit: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """The log-odds of failure that :func:`logistic` fitted, ``(N,)``."""
    mean, scale, w = fit
    return ((features - mean) / scale) @ w[:-1] + w[-1]


def pool(evidence: Tensor, exists: Tensor, labels: Tensor, start: Tensor) -> Tensor:
    """Weights w of ``P(y) proportional to exp(sum_f w_f evidence_f(y))``, a conditional logit.

    With evidence ``log q_x`` alone it is temperature scaling, ``w = 1/T``.

    Args:
        evidence: ``(N, V, F)`` float64; anything finite where an option does not exist.
        exists: ``(N, V)``.
        labels: ``(N,)``.
        start: ``(F,)``: weights that the ridge draws to.
    """
    x = torch.where(exists.unsqueeze(-1), evidence, 0.0)
    right = x.gather(1, labels[:, None, None].expand(-1, 1, x.shape[2])).squeeze(1)
    w = start.double().clone()

    def loss(at: Tensor) -> Tensor:
        z = (x @ at).masked_fill(~exists, -torch.inf)
        fit = (torch.logsumexp(z, -1) - right @ at).sum()
        return fit + RIDGE * ((at - start) ** 2).sum() / 2

    for _ in range(STEPS):
        p = pooled(x, exists, w)
        mean = (p.unsqueeze(-1) * x).sum(1)
        slope = (mean - right).sum(0) + RIDGE * (w - start)
        second = torch.einsum("nv,nvf,nvg->fg", p, x, x) - mean.T @ mean
        w, done = _step(loss, w, slope, second + RIDGE * torch.eye(len(w), dtype=torch.double))
        if done:
            break
    return w


def pooled(evidence: Tensor, exists: Tensor, w: Tensor) -> Tensor:
    """The distribution of :func:`pool`, ``(N, V)``."""
    x = torch.where(exists.unsqueeze(-1), evidence, 0.0)
    return torch.softmax((x @ w).masked_fill(~exists, -torch.inf), -1)
