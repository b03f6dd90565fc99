"""A pair of distributions in the form that every divergence here is computed from.

A pair holds p, q, their logarithms, and ``d = log q - log p``, accurate relative to itself even
where the two are nearly equal. The cells of a divergence are >= 0 and exactly 0 at d = 0. Each is a
multiple of p, of q or of the larger of the two, times a function of d alone: a series for small
|d|, elsewhere a form in ``e^-|d|`` that neither cancels nor overflows. Masked branches are fed a
harmless argument, because autograd differentiates the branch that ``where`` throws away.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from sua_gpu.rows import lost, row_sum, softmax

NEAR = 1.0
"""|d| up to which a cell is a series."""
_LOG_2 = math.log(2)
_EXPONENTIAL = [1 / math.factorial(k + 2) for k in range(19)]
_JENSEN_SHANNON = [1 / ((k + 1) * (2 * k + 1)) for k in range(24)]


class Pair(NamedTuple):
    """p, q, their logarithms and ``d = log q - log p``; cells of impossible labels are marked."""

    p: Tensor
    q: Tensor
    log_p: Tensor
    log_q: Tensor
    d: Tensor
    shared: Tensor
    """both labels possible: d is finite"""


def _pair(p: Tensor, q: Tensor, log_p: Tensor, log_q: Tensor, d: Tensor, shared: Tensor) -> Pair:
    """The pair whose log-ratio has the value ``d`` and the derivative of ``log_q - log_p``."""
    if torch.is_grad_enabled():
        plain = torch.where(shared, log_q, 0.0) - torch.where(shared, log_p, 0.0)
        d = d.detach() + (plain - plain.detach())
    return Pair(p, q, log_p, log_q, d, shared)


def centred_step(
    x: Tensor, y: Tensor, shared: Tensor, at: Tensor, value: Tensor | float = 0.0
) -> Tensor:
    """``y - x`` shifted to have ``value`` at the index ``at``; 0 where not ``shared``.

    The differences are exact before the last rounding, so that an offset costs no digit.
    """
    x, y = torch.where(shared, x, 0.0), torch.where(shared, y, 0.0)
    step = y - x
    low = lost(y, x, step)
    step_at = step.gather(-1, at)
    centre = step_at - value
    low_centre = low.gather(-1, at) + lost(step_at, value, centre)
    return torch.where(shared, (step - centre) + (low - low_centre), 0.0)


def from_logits(x: Tensor, y: Tensor) -> Pair:
    """The pair of softmaxes. ``-inf`` marks an impossible label; an underflow does not."""
    (p, log_p, *_), (q, log_q, *_) = softmax(x), softmax(y)
    shared = (x > -torch.inf) & (y > -torch.inf)
    with torch.no_grad():
        d = _log_ratio(x, y, p, q, log_p, log_q, shared)
    return _pair(p, q, log_p, log_q, d, shared)


def _log_ratio(
    x: Tensor, y: Tensor, p: Tensor, q: Tensor, log_p: Tensor, log_q: Tensor, shared: Tensor
) -> Tensor:
    """``log q - log p`` where both labels are possible, else 0; never as a plain difference.

    With z = y - x shifted to have at k, the likeliest shared label, a value r near
    log q_k - log p_k, d = z - log(1 + excess) and

        (1 + excess) (1 - Q) = 1 - P + sum p (e^z - 1),

    P and Q the masses that p and q have far from d = 0 or where the other has none, the sum over
    the labels near. So the excess is a sum of small differences, and where Q is most of the mass it
    is the rounding of r. With r = 0 rows that differ by an offset have z = 0 exactly.
    """
    rough = torch.where(shared, log_q, 0.0) - torch.where(shared, log_p, 0.0)
    near = shared & (rough.abs() <= NEAR)
    beyond = row_sum(torch.where(near, 0.0, q))
    close = beyond <= 0.5
    at = torch.where(shared, log_p + log_q, -torch.inf).argmax(-1, keepdim=True)
    r = rough.gather(-1, at)
    tiny = close.unsqueeze(-1) & (r.abs() <= 256 * torch.finfo(x.dtype).eps)
    z = centred_step(x, y, shared, at, torch.where(tiny, 0.0, r))
    excess = row_sum(torch.where(near, p * torch.where(near, z, 0.0).expm1(), q - p))
    excess = excess / torch.where(close, 1 - beyond, 1.0)
    # Without a shared label nothing is left of d but its masked cells.
    excess = torch.where(shared.any(-1), excess, 0.0)
    return torch.where(shared, z - excess.log1p().unsqueeze(-1), 0.0)


def from_probabilities(p: Tensor, q: Tensor) -> Pair:
    """The pair of two probability vectors; 0 marks an impossible label."""
    in_p, in_q = p > 0, q > 0
    shared = in_p & in_q
    log_p = torch.where(in_p, torch.where(in_p, p, 1.0).log(), -torch.inf)
    log_q = torch.where(in_q, torch.where(in_q, q, 1.0).log(), -torch.inf)
    with torch.no_grad():
        a, b = torch.where(shared, p, 1.0), torch.where(shared, q, 1.0)
        low = torch.minimum(a, b)
        growth = (torch.maximum(a, b) - low) / low
        plain = (torch.where(shared, log_q, 0.0) - torch.where(shared, log_p, 0.0)).abs()
        size = torch.where(growth < torch.inf, growth.log1p(), plain)
        d = torch.where(b < a, -size, size)
    return _pair(p, q, log_p, log_q, d, shared)


def _series(coefficients: list[float], x: Tensor) -> Tensor:
    """The power series in x, to the precision of its dtype for the x that occur here."""
    terms = coefficients if x.dtype == torch.float64 else coefficients[:12]
    total = torch.zeros_like(x)
    for c in reversed(terms):
        total = total * x + c
    return total


def _split(r: Pair) -> tuple[Tensor, Tensor, Tensor]:
    """Where the series applies, its argument, and |d| for the form that applies elsewhere."""
    near = r.d.abs() <= NEAR
    zero = torch.zeros_like(r.d)
    return near, torch.where(near, r.d, zero), torch.where(near, zero, r.d).abs()


def _outside(r: Pair, cell: Tensor, only_p: Tensor | float, only_q: Tensor) -> Tensor:
    """``cell`` where both labels are possible, else the value of a one-sided cell."""
    in_p, in_q = r.log_p > -torch.inf, r.log_q > -torch.inf
    alone = torch.where(in_q, only_q, torch.zeros_like(cell))
    return torch.where(r.shared, cell, torch.where(in_p, only_p, alone))


def kl(r: Pair) -> Tensor:
    """Cells ``p (e^d - 1 - d)`` of KL(p || q): q where p = 0, ``+inf`` where p > 0 = q."""
    near, small, a = _split(r)
    series = r.p * small * small * _series(_EXPONENTIAL, small)
    fall = torch.expm1(-a)
    far = torch.where(r.d < 0, r.p * (fall + a), -r.q * (fall + a * (1 + fall)))
    return _outside(r, torch.where(near, series, far), torch.inf, r.q)


def jsd(r: Pair) -> Tensor:
    """Cells ``(p+q)/4 ((1+w) log(1+w) + (1-w) log(1-w))``, w = tanh(d/2)."""
    near, small, a = _split(r)
    w2 = torch.tanh(small / 2) ** 2
    series = (r.p + r.q) / 4 * w2 * _series(_JENSEN_SHANNON, w2)
    ratio = torch.exp(-a)
    far = (1 + ratio) * torch.tanh(a / 2).log1p() - ratio * a
    cell = torch.where(near, series, torch.maximum(r.p, r.q) / 2 * far)
    return _outside(r, cell, r.p * (_LOG_2 / 2), r.q * (_LOG_2 / 2))


def tv(r: Pair) -> Tensor:
    """Cells ``|p - q| / 2`` as ``max(p, q) (1 - e^-|d|) / 2``."""
    cell = torch.maximum(r.p, r.q) * torch.expm1(-r.d.abs()) / -2
    return _outside(r, cell, r.p / 2, r.q / 2)


def chi2(r: Pair) -> Tensor:
    """Cells ``q (e^-d - 1)^2``: q where p = 0, ``+inf`` where p > 0 = q."""
    falls = r.d < -NEAR
    close = r.q * torch.expm1(-torch.where(falls, 0.0, r.d)) ** 2
    down = torch.where(falls, r.d, 0.0)
    # Where q is far below p: p^2/q from the logarithms, lest q has underflowed.
    far = torch.exp(torch.where(falls, r.log_p, 0.0) - down) * torch.expm1(down) ** 2
    return _outside(r, torch.where(falls, far, close), torch.inf, r.q)


def hellinger2(r: Pair) -> Tensor:
    """Cells ``(sqrt p - sqrt q)^2 / 2`` as ``max(p, q) (1 - e^(-|d|/2))^2 / 2``."""
    cell = torch.maximum(r.p, r.q) * torch.expm1(-r.d.abs() / 2) ** 2 / 2
    return _outside(r, cell, r.p / 2, r.q / 2)


CELLS = {"kl": kl, "jsd": jsd, "tv": tv, "chi2": chi2, "hellinger2": hellinger2}
