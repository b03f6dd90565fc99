"""Single-precision logits in double precision: the plain formulas, which then lose nothing.

With ``z = y - x - c``, c the step at the likeliest label of x (exact in double precision), p the
softmax of x, ``B = E_p(e^z - 1)`` and ``u = q/p - 1 = (e^z - 1 - B) / (1 + B)``,

    KL = log(1 + B) - E_p z,    TV = E_p |u| / 2,
    JSD = E_p (d (1 + u) - (2 + u) log(1 + u/2)) / 2,    d = z - log(1 + B).

What cancels here is at most |d| against d^2, and two logits of single precision that differ do so
by 2^-24 of their size or more: eight digits remain. Rows in which one distribution alone allows a
label, or whose log-ratio exceeds 300, are left to :mod:`sua_gpu.pairs` (``tame`` is False).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

_LARGEST = 300.0
KINDS = ("kl", "reverse_kl", "jsd", "tv")


class Rows(NamedTuple):
    """``(B, V)`` logits in double precision and their softmax by parts."""

    x: Tensor
    power: Tensor
    """``e^(x - max x)``"""
    peak: Tensor
    rest: Tensor
    """the sum of the powers without the largest"""
    top: Tensor
    """the index of the largest, with a last axis of 1"""
    impossible: Tensor | None
    """marks of ``-inf``, where there are any"""


def rows(x: Tensor) -> Rows:
    """The parts of the softmax of each row."""
    wide = x.double()
    peak, top = wide.max(-1, keepdim=True)
    power = (wide - peak).exp_()
    rest = power.scatter_(-1, top, 0.0).sum(-1)
    power.scatter_(-1, top, 1.0)
    none = wide == -torch.inf
    return Rows(wide, power, peak.squeeze(-1), rest, top, none if bool(none.any()) else None)


def entropy(r: Rows) -> Tensor:
    """``log(1 + rest) - E_p (x - max x)``."""
    below = r.x - r.peak.unsqueeze(-1)
    if r.impossible is not None:
        below.masked_fill_(r.impossible, 0.0)
    return r.rest.log1p() - _mean(r, below)


def _mean(r: Rows, of: Tensor) -> Tensor:
    """``E_p`` over the last axis of ``(B, V)`` or ``(B, K, V)``."""
    if of.ndim == 2:
        dot: Tensor = torch.linalg.vecdot(of, r.power)
        return dot / (1 + r.rest)
    return torch.matmul(of, r.power.unsqueeze(-1)).squeeze(-1) / (1 + r.rest).unsqueeze(-1)


class Beside(NamedTuple):
    """The rows ``(B, K, V)`` beside ``Rows``."""

    z: Tensor
    growth: Tensor
    """``e^z - 1``"""
    mean_growth: Tensor
    """``(B, K, 1)``: B"""
    tame: Tensor
    """``(B, K)``: False where the pair is left out"""


def beside(r: Rows, y: Tensor) -> Beside:
    """The log-ratios of y and x, centred at the likeliest label of x."""
    z = y.double()
    z -= r.x.unsqueeze(1)
    if r.impossible is not None:
        z.masked_fill_((y == -torch.inf) & r.impossible.unsqueeze(1), 0.0)
    z -= z.gather(-1, r.top.unsqueeze(1).expand(*z.shape[:-1], 1))
    if r.impossible is not None:
        z.masked_fill_((y == -torch.inf) & r.impossible.unsqueeze(1), 0.0)
    low, high = z.aminmax(dim=-1)
    growth = z.expm1()
    return Beside(
        z, growth, _mean(r, growth).unsqueeze(-1), (high <= _LARGEST) & (low > -torch.inf)
    )


def divergence(r: Rows, b: Beside, kind: str) -> Tensor:
    """``(B, K)``; takes the tensors of ``b`` apart."""
    shift = b.mean_growth.log1p()
    if kind == "kl":
        return (shift.squeeze(-1) - _mean(r, b.z)).clamp_min_(0.0)
    u = b.growth.sub_(b.mean_growth)
    if kind == "tv":
        return _mean(r, u.abs_()) / (1 + b.mean_growth.squeeze(-1)) / 2
    u /= 1 + b.mean_growth
    logarithm = (u / 2).log1p_()
    d = b.z.sub_(shift)
    cell = torch.addcmul(d, d, u)
    cell -= logarithm.mul_(u.add_(2.0))
    return (_mean(r, cell) / 2).clamp_min_(0.0)


def slopes(
    r: Rows, b: Beside, kind: str, to_x: Tensor | None, to_y: Tensor | None
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients in x, summed over the perturbations, and in y."""
    p = (r.power / (1 + r.rest).unsqueeze(-1)).unsqueeze(1)
    u = (b.growth - b.mean_growth).div_(1 + b.mean_growth)
    gx = gy = None
    if to_x is not None:
        t = p * _first(r, b, u, kind)
        t -= p * t.sum(-1, keepdim=True)
        gx = torch.matmul(to_x.double().unsqueeze(1), t).squeeze(1)
    if to_y is not None:
        gy = p * u if kind == "kl" else _second(r, b, u, p, kind)
        gy *= to_y.double().unsqueeze(-1)
    return gx, gy


def _first(r: Rows, b: Beside, u: Tensor, kind: str) -> Tensor:
    """``a = dF/dp``, 0 at the likeliest label of x."""
    if kind == "kl":
        return -b.z
    a = u.sign() if kind == "tv" else (u / 2).log1p_()
    at = r.top.unsqueeze(1).expand(*a.shape[:-1], 1)
    return (a - a.gather(-1, at)).mul_(-0.5)


def _second(r: Rows, b: Beside, u: Tensor, p: Tensor, kind: str) -> Tensor:
    """The gradient in y by ``a = dF/dq``, 0 at the likeliest label of y."""
    q = p * (1 + u)
    at = q.argmax(-1, keepdim=True)
    if kind == "tv":
        a = u.sign()
    else:
        a = b.z - b.mean_growth.log1p()
        a -= (u / 2).log1p_()
    t = (a - a.gather(-1, at)).mul_(0.5).mul_(q)
    return t - q * t.sum(-1, keepdim=True)


def entropy_slope(r: Rows) -> Tensor:
    """``-p_i (log p_i - E_p log p)``, with ``x - max x`` for ``log p``."""
    below = r.x - r.peak.unsqueeze(-1)
    if r.impossible is not None:
        below.masked_fill_(r.impossible, 0.0)
    p = r.power / (1 + r.rest).unsqueeze(-1)
    return p * (_mean(r, below).unsqueeze(-1) - below)


def surprise_slope(r: Rows, labels: Tensor) -> Tensor:
    """``p_i``, and ``-sum_(j != y) p_j`` at the label y."""
    at = labels.unsqueeze(-1)
    p = (r.power / (1 + r.rest).unsqueeze(-1)).scatter_(-1, at, 0.0)
    return p.scatter_(-1, at, -p.sum(-1, keepdim=True))
