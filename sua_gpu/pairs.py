"""A pair of distributions in the form that every divergence here is computed from.

A pair holds p, q, their logarithms, and ``d = log q - log p``, accurate even where the two are
nearly equal. The cells of a divergence are >= 0 and exactly 0 at d = 0; small |d| takes a series in
``expm1``-like form, larger |d| the direct one, so that no cell cancels. Masked branches are fed a
harmless argument, because autograd differentiates the branch that ``where`` throws away.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

NEAR = 0.5
"""|d| up to which a cell is a series."""
_LOG_2 = 0.6931471805599453
_PSI = [1.0 / 2]
for _k in range(3, 20):
    _PSI.append(_PSI[-1] / _k)
_JENSEN_SHANNON = [1.0 / ((k + 1) * (2 * k + 1)) for k in range(24)]


class Pair(NamedTuple):
    """p, q, their logarithms and ``d = log q - log p``; cells of impossible labels are marked."""

    p: Tensor
    q: Tensor
    log_p: Tensor
    log_q: Tensor
    d: Tensor
    shared: Tensor
    """both labels possible: d is finite"""


def from_logits(x: Tensor, y: Tensor) -> Pair:
    """The pair of softmaxes. ``-inf`` marks an impossible label; an underflow does not."""
    log_p, log_q = torch.log_softmax(x, -1), torch.log_softmax(y, -1)
    p, q = log_p.exp(), log_q.exp()
    in_p, in_q = x > -torch.inf, y > -torch.inf
    shared = in_p & in_q
    z = torch.where(shared, y, 0.0) - torch.where(shared, x, 0.0)
    # For any constant c: lse(y) - lse(x) = c + log E_p e^(z - c) where both rows allow the same
    # labels; c = E_p z makes the logarithm one of nearly 1 for nearly equal rows.
    z = z - (p * z).sum(-1, keepdim=True).detach()
    inside = torch.where(shared, z, 0.0)
    excess = (p * torch.expm1(inside)).sum(-1, keepdim=True)
    accurate = (in_p == in_q).all(-1, keepdim=True) & torch.isfinite(excess) & (excess > -0.5)
    close = torch.where(accurate, inside, 0.0)
    close = close - torch.log1p((p * torch.expm1(close)).sum(-1, keepdim=True))
    plain = torch.where(shared, log_q, 0.0) - torch.where(shared, log_p, 0.0)
    return Pair(p, q, log_p, log_q, torch.where(accurate, close, plain), shared)


def from_probabilities(p: Tensor, q: Tensor) -> Pair:
    """The pair of two probability vectors; 0 marks an impossible label."""
    in_p, in_q = p > 0, q > 0
    shared = in_p & in_q
    a, b = torch.where(shared, p, 1.0), torch.where(shared, q, 1.0)
    step = (b - a) / a
    near = step.abs() <= NEAR
    plain = b.log() - a.log()
    d = torch.where(near, torch.log1p(torch.where(near, step, 0.0)), plain)
    impossible = torch.full_like(p, -torch.inf)
    log_p = torch.where(in_p, torch.where(in_p, p, 1.0).log(), impossible)
    log_q = torch.where(in_q, torch.where(in_q, q, 1.0).log(), impossible)
    return Pair(p, q, log_p, log_q, torch.where(shared, d, 0.0), shared)


def _horner(coefficients: list[float], x: Tensor) -> Tensor:
    total = torch.zeros_like(x)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def _split(r: Pair) -> tuple[Tensor, Tensor, Tensor]:
    """Where the series applies, its argument, and the argument of the direct form."""
    near = r.d.abs() <= NEAR
    zero = torch.zeros_like(r.d)
    return near, torch.where(near, r.d, zero), torch.where(near, zero, r.d)


def _outside(r: Pair, cell: Tensor, only_p: Tensor | float, only_q: Tensor) -> Tensor:
    """``cell`` where both labels are possible, else the value of a one-sided cell."""
    in_p, in_q = r.log_p > -torch.inf, r.log_q > -torch.inf
    alone = torch.where(in_q, only_q, torch.zeros_like(cell))
    return torch.where(r.shared, cell, torch.where(in_p, only_p, alone))


def kl(r: Pair) -> Tensor:
    """Cells ``p (e^d - 1 - d)`` of KL(p || q): q where p = 0, ``+inf`` where p > 0 = q."""
    near, small, large = _split(r)
    series = r.p * small * small * _horner(_PSI, small)
    return _outside(r, torch.where(near, series, (r.q - r.p) - r.p * large), torch.inf, r.q)


def jsd(r: Pair) -> Tensor:
    """Cells ``(p+q)/4 ((1+w) log(1+w) + (1-w) log(1-w))``, w = tanh(d/2)."""
    near, small, large = _split(r)
    w2 = torch.tanh(small / 2) ** 2
    series = (r.p + r.q) / 4 * w2 * _horner(_JENSEN_SHANNON, w2)
    soft = torch.nn.functional.softplus
    direct = (r.p * (_LOG_2 - soft(large)) + r.q * (_LOG_2 - soft(-large))) / 2
    return _outside(r, torch.where(near, series, direct), r.p * (_LOG_2 / 2), r.q * (_LOG_2 / 2))


def tv(r: Pair) -> Tensor:
    """Cells ``p |e^d - 1| / 2``."""
    near, small, _ = _split(r)
    cell = torch.where(near, r.p * torch.expm1(small), r.q - r.p).abs() / 2
    return _outside(r, cell, r.p / 2, r.q / 2)


def chi2(r: Pair) -> Tensor:
    """Cells ``q (e^-d - 1)^2``: q where p = 0, ``+inf`` where p > 0 = q."""
    near, small, large = _split(r)
    log_p = torch.where(r.shared, r.log_p, 0.0)
    direct = torch.exp(log_p - large) - 2 * r.p + r.q
    cell = torch.where(near, r.q * torch.expm1(-small) ** 2, direct)
    return _outside(r, cell, torch.inf, r.q)


def hellinger2(r: Pair) -> Tensor:
    """Cells ``p (e^(d/2) - 1)^2 / 2``."""
    near, small, _ = _split(r)
    root_p = torch.exp(torch.where(r.shared, r.log_p, 0.0) / 2)
    root_q = torch.exp(torch.where(r.shared, r.log_q, 0.0) / 2)
    series = r.p * torch.expm1(small / 2) ** 2
    cell = torch.where(near, series, (root_p - root_q) ** 2) / 2
    return _outside(r, cell, r.p / 2, r.q / 2)


CELLS = {"kl": kl, "jsd": jsd, "tv": tv, "chi2": chi2, "hellinger2": hellinger2}
