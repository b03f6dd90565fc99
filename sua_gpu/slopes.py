"""Values from logits, and their gradients in closed form, which keep digits a graph would lose.

A divergence ``sum F(p_i, q_i)`` of two softmaxes has, in the logits of its argument r (p or q),

    gradient_i = r_i (a_i - E_r a),    a = dF/dr, a function of the log-ratio d alone.

``E_r a`` may be far larger than the gradient: where r is peaked, a recorded graph subtracts two
numbers that agree to within the mass of the unlikely labels. Here a is taken relative to its value
at the likeliest label k of r, whose own term is then exactly 0:

    t_i = r_i (a_i - a_k),    gradient = t - r sum(t),

and ``a_i - a_k`` comes from the difference ``z = d_i - d_k`` itself, whose digits
:func:`sua_gpu.pairs.centred_step` keeps. Each t_i has a relative error of a few eps, C eps say.
With m = sum(t), ``gradient_k = -r_k m`` and ``t = gradient + r m``; as ``|r|_2 <= sqrt(r_k)`` the
error in the Euclidean norm is at most

    C eps (1 + sqrt(V r_k) + 1/sqrt(r_k)) |gradient|  <=  3 C eps sqrt(V) |gradient|,

and without a factor of V where a_k is no outlier. No label's own share of d may be within its
rounding of 0 for total variation, whose a is a step. The slopes are themselves differentiable.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from sua_gpu import pairs
from sua_gpu.pairs import NEAR
from sua_gpu.rows import powers, row_sum


class _Side(NamedTuple):
    """r and s, with ``d = log s - log r`` and ``z = d - d_k`` at the labels that both allow."""

    r: Tensor
    s: Tensor
    log_r: Tensor
    log_s: Tensor
    d: Tensor
    d_k: Tensor
    small: Tensor
    """z where |z| is small, else 0"""
    z: Tensor
    near: Tensor
    shared: Tensor
    in_s: Tensor
    k_shared: Tensor
    """whether the likeliest label of r is possible under s"""


def _side(x: Tensor, y: Tensor) -> _Side:
    """The pair seen from its first argument, centred at the likeliest label of that."""
    pair = pairs.from_logits(x, y)
    k = pair.p.detach().argmax(-1, keepdim=True)
    k_shared = pair.shared.gather(-1, k)
    d_k = torch.where(k_shared, pair.d.gather(-1, k), 0.0)
    z = torch.where(k_shared, pairs.centred_step(x, y, pair.shared, k), pair.d)
    near = pair.shared & k_shared & (z.abs() <= NEAR)
    return _Side(
        pair.p,
        pair.q,
        torch.where(pair.shared, pair.log_p, 0.0),
        torch.where(pair.shared, pair.log_q, 0.0),
        torch.where(pair.shared, pair.d, 0.0),
        d_k,
        torch.where(near, z, 0.0),
        z,
        near,
        pair.shared,
        y > -torch.inf,
        k_shared,
    )


def _far(v: _Side, value: Tensor, at_k: Tensor, alone: float = 0.0) -> Tensor:
    """``r`` times a function of d whose value at a label that s lacks is ``alone``, less the same
    at k; ``value`` is the product itself."""
    return torch.where(v.shared, value, v.r * alone) - v.r * torch.where(v.k_shared, at_k, alone)


def _kl_first(v: _Side) -> Tensor:
    """``a = -d``. A label that s lacks makes the value infinite; it has no part here."""
    return torch.where(v.shared, -v.r * v.z, 0.0)


def _kl_second(v: _Side) -> Tensor:
    """``a = -s/r = -e^d``."""
    at_k = v.d_k.exp()
    close = v.r * at_k * torch.expm1(v.small)
    return -torch.where(v.near, close, _far(v, v.s, at_k))


def _chi2_first(v: _Side) -> Tensor:
    """``a = 2 r/s = 2 e^-d``. A label that s lacks makes the value infinite."""
    at_k = torch.exp(-v.d_k)
    close = v.r * at_k * torch.expm1(-v.small)
    away = torch.where(v.shared & ~v.near, v.d, v.log_r)
    direct = torch.exp(v.log_r - away) - v.r * at_k
    return 2 * torch.where(v.near, close, torch.where(v.shared, direct, 0.0))


def _chi2_second(v: _Side) -> Tensor:
    """``a = -(s/r)^2 = -e^(2d)``."""
    at_k = torch.exp(2 * v.d_k)
    close = v.r * at_k * torch.expm1(2 * v.small)
    away = torch.where(v.near, -v.log_s, v.d)
    return -torch.where(v.near, close, _far(v, torch.exp(v.log_s + away), at_k))


def _hellinger2(v: _Side) -> Tensor:
    """``a = -(1/2) sqrt(s/r) = -(1/2) e^(d/2)``, on either side."""
    at_k = torch.exp(v.d_k / 2)
    close = v.r * at_k * torch.expm1(v.small / 2)
    return -torch.where(v.near, close, _far(v, torch.exp((v.log_r + v.log_s) / 2), at_k)) / 2


def _jsd(v: _Side) -> Tensor:
    """``a = -(1/2) log(1 + s/r) = -(1/2) log(1 + e^d)``, on either side."""
    close = v.r * torch.log1p(torch.sigmoid(v.d_k) * torch.expm1(v.small))
    zero = torch.zeros_like(v.d)
    at_k = torch.logaddexp(v.d_k, zero[..., :1])
    return -torch.where(v.near, close, _far(v, v.r * torch.logaddexp(v.d, zero), at_k)) / 2


def _tv(v: _Side) -> Tensor:
    """``a = -(1/2) sign(d)``, on either side: the subgradient 0 at d = 0."""
    return -_far(v, v.r * v.d.sign(), v.d_k.sign(), alone=-1.0) / 2


_SLOPES = {
    "kl": (_kl_first, _kl_second),
    "chi2": (_chi2_first, _chi2_second),
    "hellinger2": (_hellinger2, _hellinger2),
    "jsd": (_jsd, _jsd),
    "tv": (_tv, _tv),
}


def _centred(t: Tensor, r: Tensor) -> Tensor:
    return t - r * row_sum(t).unsqueeze(-1)


def value(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """The divergence of two rows, never ``reverse_kl``; not to be differentiated by recording."""
    return row_sum(pairs.CELLS[kind](pairs.from_logits(x, y)))


def first_slope(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """The gradient of ``value`` in x, row by row."""
    v = _side(x, y)
    return _centred(_SLOPES[kind][0](v), v.r)


def second_slope(x: Tensor, y: Tensor, kind: str) -> Tensor:
    """The gradient of ``value`` in y, row by row."""
    v = _side(y, x)
    return _centred(_SLOPES[kind][1](v), v.r)


def in_order(x: Tensor, y: Tensor, kind: str) -> tuple[Tensor, Tensor, str]:
    """The reverse of KL is the KL of the pair in the other order."""
    return (y, x, "kl") if kind == "reverse_kl" else (x, y, kind)


def _softmax(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The softmax, ``x - max`` (0 at impossible labels), and the rest of the normaliser."""
    shifted, power, rest = powers(x)
    below = torch.where(shifted > -torch.inf, shifted, 0.0)
    return power / (1 + rest).unsqueeze(-1), below, rest


def entropy(x: Tensor) -> Tensor:
    """The entropy of ``softmax(x)``."""
    p, below, rest = _softmax(x)
    return torch.log1p(rest) - row_sum(p * below)


def entropy_slope(x: Tensor) -> Tensor:
    """``gradient_i = -p_i (log p_i - E_p log p)``, with ``x - max`` for ``log p``."""
    p, below, _ = _softmax(x)
    return -_centred(p * below, p)


def surprise(x: Tensor, labels: Tensor) -> Tensor:
    """``-log softmax(x)_y``, the negative log-likelihood of each row's label."""
    shifted, _, rest = powers(x)
    return torch.log1p(rest) - shifted.gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def surprise_slope(x: Tensor, labels: Tensor) -> Tensor:
    """``gradient_i = p_i`` and ``gradient_y = -sum_(j != y) p_j``."""
    chosen = one_hot(labels, x.shape[-1]).bool()
    others = torch.where(chosen, 0.0, _softmax(x)[0])
    return torch.where(chosen, -row_sum(others).unsqueeze(-1), others)
