"""Section 4, sharp curves: contracts as in :mod:`sua_ref.sec4_curves`, differentiable.

The inverse curves are found by bisection in other variables than the reference uses; their
derivatives are those of the inverse function, so that no graph runs through a bisection.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks

_SCALE = 120
"""Binary digits of the integers in which log k is computed."""


class _Inverse(torch.autograd.Function):
    """A root that was found outside the graph, with the slope of its curve there."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, root: Tensor, slope: Tensor) -> Tensor:
        ctx.save_for_backward(slope)
        return root

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return gradient / slope, None, None


def _inverse(value: Tensor, root: Tensor, slope: Tensor) -> Tensor:
    result: Tensor = _Inverse.apply(value, root, slope)  # type: ignore[no-untyped-call]  # torch's
    return result


def _halve(low: Tensor, high: Tensor, below: Callable[[Tensor], Tensor]) -> Tensor:
    """Bisection of [low, high], where ``below`` holds at low and is lost once, going up."""
    for _ in range(70 if low.dtype == torch.float64 else 40):
        middle = (low + high) / 2
        left = below(middle)
        low, high = torch.where(left, middle, low), torch.where(left, high, middle)
    return (low + high) / 2


def smoothing_factor(n: int, alpha: Tensor | float, *, validate: bool = True) -> Tensor:
    """``n alpha^2 / (n alpha + 2 (1 - alpha))`` (see :func:`sua_ref.smoothing_factor`)."""
    checks.integer(n, "n", low=1)
    a = checks.within(checks.tensor(alpha, "alpha"), "alpha", 1.0, validate=validate, slack=0.0)
    return n * a.square() / (n * a + 2 * (1 - a))


def total_variation_bound(value: Tensor | float, *, kind: str, validate: bool = True) -> Tensor:
    """The sharp curve of ``kind`` (see :func:`sua_ref.total_variation_bound`)."""
    checks.choice(kind, checks.DIVERGENCES, "kind")
    top = {"jsd": math.log(2), "hellinger2": 1.0, "tv": 1.0}.get(kind, math.inf)
    d = checks.within(checks.tensor(value, "value"), "value", top, validate=validate)
    d = d.clamp(max=top)  # only what the check let pass as a rounding: it stands for the top
    if kind == "tv":
        return d
    if kind == "hellinger2":
        return d.sqrt() * (2 - d).sqrt()
    if kind == "chi2":
        # Each branch sees only its own values, so that neither spoils the other's gradient.
        small, large = torch.where(d <= 1, d, 1.0), torch.where(d > 1, d, 1.0)
        return torch.where(d <= 1, small.sqrt() / 2, 1 / (1 + 1 / large))
    with torch.no_grad():
        root, slope = _jsd_root(d) if kind == "jsd" else _kl_root(d)
    return _inverse(d, root, slope)


def _jsd(v: Tensor) -> Tensor:
    """``log 2 - h((1+v)/2)``: its power series ``sum v^2k / (2k (2k-1))`` up to 0.4."""
    square = v.square()
    series = torch.zeros_like(v)
    for k in range(24, 0, -1):
        series = square * (series + 1 / (2 * k * (2 * k - 1)))
    direct = (torch.xlogy(1 + v, 1 + v) + torch.xlogy(1 - v, 1 - v)) / 2
    return torch.where(v < 0.4, series, direct)


def _jsd_root(d: Tensor) -> tuple[Tensor, Tensor]:
    """v with ``_jsd(v) = d``, and the slope there, atanh v. ``v^2/2 <= d <= v^2 log 2``."""
    high = math.sqrt(2) * d.sqrt()
    v = _halve((d / math.log(2)).sqrt(), high.clamp(max=1.0), lambda v: _jsd(v) <= d)
    v = torch.where(d < torch.finfo(d.dtype).eps, high, v)
    v = torch.where(d >= torch.tensor(math.log(2), dtype=d.dtype), 1.0, v)
    return v, torch.atanh(v)


def _coth_series(terms: int) -> list[float]:
    """c with ``t coth t = sum c_n t^2n``, from ``sinh t (t coth t) = t cosh t``, exactly."""
    c: list[Fraction] = []
    for n in range(terms):
        known = sum((c[k] / math.factorial(2 * (n - k) + 1) for k in range(n)), Fraction(0))
        c.append(Fraction(1, math.factorial(2 * n)) - known)
    return [float(x) for x in c]


_COTH = _coth_series(18)


def _kl_and_tv(t: Tensor) -> tuple[Tensor, Tensor]:
    """The parametric curve; with ``L = coth t - 1/t``, ``TV = t (1 - L^2)/2`` and
    ``KL = t^2 (1 - L^2) - sum_{n>=1} c_n (1 + 1/(2n)) t^2n``."""
    low, high = torch.where(t < 1, t, 0.0), torch.where(t < 1, 1.0, t)
    square = low.square()
    slope, rest = torch.zeros_like(t), torch.zeros_like(t)
    for n in range(len(_COTH) - 1, 0, -1):
        slope = slope * square + _COTH[n]
        rest = rest * square + _COTH[n] * (1 + 1 / (2 * n))
    defect = 1 - square * slope.square()
    decay = torch.exp(-2 * high)
    q = 2 * high * decay / (1 - decay)
    kl = torch.log(2 * high) - torch.log1p(-decay) + q - q * 2 * high / (1 - decay)
    upper = 1 + (1 + decay) / (1 - decay) - 1 / high
    return (
        torch.where(t < 1, square * (defect - rest), kl),
        torch.where(t < 1, low * defect / 2, upper * (1 - q) / 2),
    )


def _kl_root(d: Tensor) -> tuple[Tensor, Tensor]:
    """TV at KL = d, and the slope there, 2 t; t is sought on a logarithmic scale."""
    eps = torch.finfo(d.dtype).eps
    # From here on TV = 1 - exp(-d) to the last bit, and t = exp(d)/2.
    far = 4 - math.log(eps)
    inner = d.clamp(min=eps, max=far)
    start = (2 * inner).log() / 2
    log_t = _halve(start, start + math.log(4) + inner, lambda u: _kl_and_tv(u.exp())[0] <= inner)
    t = torch.where(d < eps, math.sqrt(2) * d.sqrt(), log_t.exp())
    t = torch.where(d > far, d.exp() / 2, t)
    tv = torch.where(d < eps, math.sqrt(0.5) * d.sqrt(), _kl_and_tv(log_t.exp())[1])
    return torch.where(d > far, 1.0, tv), 2 * t


def error_bounds(h: Tensor | float, n: int, *, validate: bool = True) -> tuple[Tensor, Tensor]:
    """Least and largest ``1 - max p`` at entropy h (see :func:`sua_ref.error_bounds`)."""
    checks.integer(n, "n", low=1)
    x = checks.tensor(h, "h")
    slack = 2 * checks.sum_tolerance(n, x.dtype)
    checks.within(x, "h", math.log(n), validate=validate, slack=slack)
    if n == 1:
        return 0 * x, 0 * x
    with torch.no_grad():
        k = _atoms(x, n)
        below, above = _distance(x, k), -_distance(x, k + 1)
        to_top = -_distance(x, torch.full_like(k, n))
        low, low_tilt = _tilted(x, to_top, torch.full_like(x, 1 / (n - 1)))
        rest, tilt = _tilted(below, above, k.to(x.dtype))
        high = (k - 1 + rest) / k
    return _inverse(x, low, low_tilt), _inverse(x, high, k * tilt)


def _twice_atanh(p: int, q: int) -> int:
    """``2 atanh(p/q)`` in units of 2^-_SCALE, |p/q| <= 1/3."""
    power, j, total = (p << _SCALE) // q, 1, 0
    while power not in (0, -1):
        total += power // j
        power, j = power * p * p // (q * q), j + 2
    return 2 * total


def _log_parts(k: int, dtype: torch.dtype) -> tuple[float, float]:
    """log k as a number of ``dtype`` and what it lacks."""
    e = k.bit_length() - (3 * (1 << k.bit_length()) > 4 * k)
    whole = e * _twice_atanh(1, 3) + _twice_atanh(k - (1 << e), k + (1 << e))
    first = torch.tensor(whole / 2**_SCALE, dtype=dtype).item()
    return first, (whole - int(math.ldexp(first, _SCALE))) / 2**_SCALE


def _distance(h: Tensor, k: Tensor) -> Tensor:
    """``h - log k`` with the digits that log k has beyond its dtype."""
    values, where = torch.unique(k, return_inverse=True)
    parts = [_log_parts(int(v), h.dtype) for v in values.tolist()]
    first, second = torch.tensor(parts, dtype=h.dtype, device=h.device).unbind(-1)
    return (h - first[where]) - second[where]


def _atoms(h: Tensor, n: int) -> Tensor:
    """``floor(exp h)``, decided beside an integer by the digits beyond the dtype; at most n - 1."""
    k = h.exp().floor().long().clamp(1, n)
    k = torch.where((_distance(h, k) < 0) & (k > 1), k - 1, k)
    return torch.where(_distance(h, k + 1) >= 0, k + 1, k).clamp(max=n - 1)


def _tilted(above: Tensor, missing: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """An atom r beside ``others`` equal ones, and its tilt ``log((1-r)/(r others)) >= 0``.

    ``above`` is the entropy beyond log others, ``missing`` the entropy short of log(others + 1);
    the tilt is the slope of entropy in r, and the variable of the search.
    """

    def odds(tilt: Tensor) -> Tensor:
        return torch.exp(-tilt) / others

    def too_uniform(tilt: Tensor) -> Tensor:
        r = odds(tilt) / (1 + odds(tilt))
        entropy = torch.log1p(odds(tilt)) + tilt * r
        lack = -torch.log1p(torch.expm1(-tilt) / (others + 1)) - tilt * r
        return torch.where(tilt > 1, entropy > above, lack < missing)

    info = torch.finfo(above.dtype)
    end = -math.log(info.tiny) - math.log(info.eps) - others.log().clamp(max=0.0)
    tilt = _halve(torch.zeros_like(above), end, too_uniform)
    tilt = torch.where(missing > 0, tilt, 0.0)
    r = odds(tilt) / (1 + odds(tilt))
    return torch.where(above > 0, r, 0.0), torch.where(above > 0, tilt, torch.inf)
