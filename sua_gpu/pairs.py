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


def _rounding(y: Tensor, x: Tensor, difference: Tensor) -> Tensor:
    """What the rounding of ``y - x`` lost (Knuth's two-sum): a constant, not differentiated."""
    y, x, s = y.detach(), x.detach(), difference.detach()
    back = s - y
    return (y - (s - back)) - (x + back)


def centred_step(x: Tensor, y: Tensor, shared: Tensor, at: Tensor) -> Tensor:
    """``y - x`` minus its value at the index ``at``; 0 where not ``shared``.

    The differences are exact before the last rounding, so that an offset costs no digit.
    """
    x_in, y_in = torch.where(shared, x, 0.0), torch.where(shared, y, 0.0)
    step = y_in - x_in
    lost = _rounding(y_in, x_in, step)
    z = (step - step.gather(-1, at)) + (lost - lost.gather(-1, at))
    return torch.where(shared, z, 0.0)


def from_logits(x: Tensor, y: Tensor) -> Pair:
    """The pair of softmaxes. ``-inf`` marks an impossible label; an underflow does not."""
    log_p, log_q = torch.log_softmax(x, -1), torch.log_softmax(y, -1)
    p, q = log_p.exp(), log_q.exp()
    in_p, in_q = x > -torch.inf, y > -torch.inf
    shared = in_p & in_q
    # With k the likeliest shared label, c = y_k - x_k and z = y - x - c,
    #   lse(y) - lse(x) = c + log(1 + E_p[(e^z - 1) shared] + p_k sum e^(y - y_k) - P(not q)),
    # the last two sums over the labels that only q, or only p, allows. c is any constant.
    at = torch.where(shared, p.detach(), -1.0).argmax(-1, keepdim=True)
    z = centred_step(x, y, shared, at)
    y_k, p_k = torch.where(shared, y, 0.0).gather(-1, at), p.gather(-1, at)
    only_q, only_p = in_q & ~in_p, in_p & ~in_q
    above = torch.where(only_q, torch.where(only_q, y, 0.0) - y_k, -torch.inf)
    with torch.no_grad():
        excess = _excess(p, z, p_k, above, only_p)
        usable = shared.any(-1, keepdim=True) & torch.isfinite(excess) & (excess > -0.5)
    z, above = torch.where(usable, z, 0.0), torch.where(usable, above, -torch.inf)
    close = z - torch.log1p(torch.where(usable, _excess(p, z, p_k, above, only_p), 0.0))
    plain = torch.where(shared, log_q, 0.0) - torch.where(shared, log_p, 0.0)
    return Pair(p, q, log_p, log_q, torch.where(usable, close, plain), shared)


def _excess(p: Tensor, z: Tensor, p_k: Tensor, above: Tensor, only_p: Tensor) -> Tensor:
    inside = (p * torch.expm1(z)).sum(-1, keepdim=True)
    gained = p_k * above.exp().sum(-1, keepdim=True)
    return inside + gained - torch.where(only_p, p, 0.0).sum(-1, keepdim=True)


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
