"""How far from the truth the algorithms of :mod:`sua_gpu` may be: a running error analysis.

Nothing here is fitted. Let u be the unit roundoff of the working precision (float64 in float64,
float32 for everything narrower). **Assumed** of the platform:

* ``+ - * /`` and ``sqrt`` round correctly; ``exp``, ``expm1``, ``log``, ``log1p`` and ``tanh`` are
  within 2 ulps, 4u (CUDA documents 2 for ``expf`` and ``tanhf``, 1 for the rest; SLEEF, which torch
  uses on CPUs, 1).
* A float32 row sum adds 8 strips in any order and those in float64: an error of
  s = (min(V-1, 7) + 2) u times the sum of magnitudes. A float64 row sum passes an element through
  at most 64 + log2 V additions (torch's cascade on CPUs: 4 levels of at most 16 and 16 lanes; a
  tree of blocks on CUDA, shallower): s = min(V-1, 64 + log2 V) u.
* Results below the smallest normal number t may be flushed: every bound has the absolute term
  V (2 + max |exponent|) t, and is exactly 0 where the truth is 0.

First order in u; a second-order term is kept only where it can matter.

**Softmax** (``rows.py``). A power e^(x - max) has its subtraction's loss put back: 4u + 2u = 6u.
rest: 6u + s. 1 + rest: 7u + s. So p = power/(1 + rest) has relative error r = 14u + s. log p is
log1p(rest) off its exact shift: |error| <= 2u |log p| + 4u log(1 + rest) + 6u + s.

**Entropy** = log1p(rest) + sum(-shift power)/(1 + rest), all terms >= 0: the first is within
10u + s, the second 16u + 2s, one addition: h = 17u + 2s of H. Largest 1/(1 + rest): 9u + s.
Error rest/(1 + rest): 9u + s. Loss log1p(rest) - shift: 11u + s.

**Log-ratio** (``pairs.py``). z = y - x - c has a relative error of 2u, and 4u^2 max |y - x| from
the low parts; d = z - log(1 + excess) is rounded, u. Let n be what is left of d in z by the choice
of c: |log q_k - log p_k| where that is below 512u, else the error of log q_k - log p_k (above). The
sum near has terms p expm1(z) (r + 9u each: 4u, a product, 1.6 times 2u for z); the rest, q - p, is
far from d = 0 or of labels that one row lacks (r + u of p + q). Hence |error of d| <= 3u |d| + c,

    c = (r + 9u + s) (n + N + F)/(1 - Q) + 6u n + 4u^2 max|y - x|,
    N = sum |q - p| near,  F = sum (p + q) far or one-sided,  Q = sum q likewise,

where Q <= 1/2, and without the division but with n more where Q > 1/2 (there n is a rounding and
TV at least 1/10). The pair is taken both ways round, and c is the larger.

**Cells.** With w = 3u the relative error of d (7u from probabilities, where p, q are exact, r = c =
0, and |d| = log1p((max - min)/min)), the relative error of a cell, its own factor r aside, is

    =========  ========================  ===========================================
    tv         w + 6u                    max(p,q) (1 - e^-|d|)/2
    hellinger2 2w + 10u                  max(p,q) (1 - e^-|d|/2)^2/2
    kl         3w + 7u;  2w + 28u far    series; at |d| = 1 the far forms lose a factor 4
    jsd        2w + 15u; 8w + 46u far    series; at |d| = 1 the far form loses a factor 6
    chi2       3.2w + 10u                q expm1(-d)^2 for d >= -1
    =========  ========================  ===========================================

and for chi2 at d < -1, from logarithms: 5u |log p| + (w + u) |d| + 14u + 1.2w, and the constant
part of the error of log p. The common error c moves a cell by at most c times its slope in d:
|q - p| for kl, |q - p|/4 for jsd and hellinger2, min(p, q)/2 for tv, |q - p| (1 + max(1, p/q)) for
chi2 (at most p^2/q where d < -1).
The sum over cells adds s. So a divergence D has the error bound

    (r + near + s) D + (far - near) sum of far cells + c sum of slopes.

By Pinsker's inequality the slopes of kl sum to at most 2 TV <= sqrt(2 KL) and c is about
2 (r + 9u + s) TV where the rows are nearly equal: the bound stays a multiple of u relative to D
however small D is, TV included. What it cannot undo is n: TV far below 512u loses n/TV more digits.

**In double precision.** On logits of at most single precision the torch backend computes kl,
reverse_kl, jsd and tv by other formulas, in double precision (``doubled.py``), and comes here only
with the pairs that those do not resolve. Their analysis, after which little but the rounding of the
result is left, is in :mod:`paper_repro.doubled_bounds`; the bound here holds the float64 logits,
the pairs handed over, chi2 and hellinger2, and every kernel in single precision.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Precision(NamedTuple):
    """The working precision, at one row length."""

    u: float
    smallest: float
    """the smallest normal number"""
    largest: float
    s: float
    """error of a row sum, relative to the sum of magnitudes"""

    @property
    def r(self) -> float:
        """Relative error of a softmax probability."""
        return 14 * self.u + self.s


def precision(single: bool, v: int) -> Precision:
    """Precision of float32 work, or of float64 work, on rows of ``v``."""
    info = np.finfo(np.float32 if single else np.float64)
    u = float(info.eps) / 2
    terms = min(v - 1, 7) + 2 if single else min(v - 1, 64 + math.log2(v))
    return Precision(u, float(info.smallest_normal), float(info.max), terms * u)


class Conditions(NamedTuple):
    """What the bounds depend on; plain float64 is enough for it, one digit being wanted."""

    p: Floats
    q: Floats
    log_p: Floats
    log_q: Floats
    d: Floats
    shared: npt.NDArray[np.bool_]
    common: float
    """c above"""
    w: float
    """relative error of d"""
    r: float
    """relative error of p and q"""
    log_error: float
    """the part of the error of log p that does not depend on the label"""

    def swapped(self) -> Conditions:
        """The conditions of the pair the other way round."""
        return self._replace(p=self.q, q=self.p, log_p=self.log_q, log_q=self.log_p, d=-self.d)


def _log_softmax(x: Floats) -> tuple[Floats, float]:
    shifted = x - x.max()
    log_total = math.log(np.exp(shifted).sum())
    return shifted - log_total, log_total


def of_logits(x: Floats, y: Floats, at: Precision) -> Conditions:
    """Conditions of two logit rows, ``-inf`` marking an impossible label."""
    u, s = at.u, at.s
    (log_p, total_p), (log_q, total_q) = _log_softmax(x), _log_softmax(y)
    p, q = np.exp(log_p), np.exp(log_q)
    shared = np.isfinite(x) & np.isfinite(y)
    d = np.zeros_like(x)
    d[shared] = log_q[shared] - log_p[shared]
    log_error = 6 * u + s + 4 * u * max(total_p, total_q)
    if not shared.any():
        return Conditions(p, q, log_p, log_q, d, shared, 0.0, 3 * u, at.r, log_error)
    near = shared & (np.abs(d) <= 1)
    apart = float(np.abs(q - p)[near].sum()) + float((p + q)[~near].sum())
    low_parts = 4 * u * u * float(np.abs(y[shared] - x[shared]).max())
    rough, offset = _likeliest(log_p, log_q, d, shared, u)
    rough += 2 * log_error
    common = 0.0
    for beyond in (float(q[~near].sum()), float(p[~near].sum())):
        if beyond < 0.501:
            left = _left(offset, rough, u)
            excess = (at.r + 9 * u + s) * (left + apart) / (1 - beyond)
            common = max(common, excess + 6 * u * left + low_parts)
        if beyond > 0.499:
            excess = (at.r + 9 * u + s) * (rough + apart) + rough
            common = max(common, excess + 6 * u * rough + low_parts)
    return Conditions(p, q, log_p, log_q, d, shared, common, 3 * u, at.r, log_error)


def _likeliest(
    log_p: Floats, log_q: Floats, d: Floats, shared: npt.NDArray[np.bool_], u: float
) -> tuple[float, float]:
    """Roundings of log q_k - log p_k, and its size; a tie for k may go any way."""
    both = np.where(shared, log_p + log_q, -np.inf)
    ties = both >= both.max() - 64 * u * (1 - both.max())
    rough = 2 * u * float((np.abs(log_p[ties]) + np.abs(log_q[ties])).max())
    return rough, float(np.abs(d[ties]).max())


def _left(offset: float, rough: float, u: float) -> float:
    """What is left of d in z: r is 0 where the computed log q_k - log p_k is at most 512u."""
    if offset + rough <= 512 * u:
        return offset
    return rough if offset - rough > 512 * u else max(offset, rough)


def of_probabilities(p: Floats, q: Floats, at: Precision) -> Conditions:
    """Conditions of two probability rows, taken as exact."""
    with np.errstate(divide="ignore"):
        log_p, log_q = np.log(p), np.log(q)
    shared = (p > 0) & (q > 0)
    d = np.zeros_like(p)
    # log1p keeps the digits of d where the rows are nearly equal.
    low, high = np.minimum(p, q)[shared], np.maximum(p, q)[shared]
    with np.errstate(over="ignore"):
        growth = (high - low) / low
    size = np.where(np.isfinite(growth), np.log1p(growth), np.log(high) - np.log(low))
    d[shared] = np.where((q < p)[shared], -size, size)
    return Conditions(p, q, log_p, log_q, d, shared, 0.0, 7 * at.u, 0.0, 0.0)


def _cell_errors(kind: str, c: Conditions, u: float) -> tuple[float, Floats, Floats]:
    """Relative error of a near cell; the far cells, and the relative error of each."""
    w, far, size = c.w, c.shared & (np.abs(c.d) > 1), np.abs(c.d)
    none, zero = np.zeros_like(c.d), np.where(far, c.d, 0.0)
    if kind == "tv":
        return w + 6 * u, none, none
    if kind == "hellinger2":
        return 2 * w + 10 * u, none, none
    fall = np.expm1(-np.abs(zero))
    if kind == "kl":
        cell = np.where(c.d < 0, c.p * (fall + size), -c.q * (fall + size * (1 + fall)))
        return 3 * w + 7 * u, np.where(far, cell, 0.0), none + 2 * w + 28 * u
    if kind == "jsd":
        ratio = 1 + fall
        cell = np.maximum(c.p, c.q) / 2 * ((1 + ratio) * np.log1p(np.tanh(size / 2)) - ratio * size)
        return 2 * w + 15 * u, np.where(far, cell, 0.0), none + 8 * w + 46 * u
    down = far & (c.d < 0)
    log_p, drop = np.where(down, c.log_p, 0.0), np.where(down, c.d, 0.0)
    with np.errstate(over="ignore"):
        cell = np.where(down, np.exp(log_p - drop) * np.expm1(drop) ** 2, 0.0)
    own = 5 * u * np.abs(log_p) + (w + u) * np.abs(drop) + 14 * u + 1.2 * w + c.log_error
    return 3.2 * w + 10 * u, cell, own


def _slopes(kind: str, c: Conditions) -> float:
    """Sum over the shared labels of how much a cell moves with d."""
    p, q = c.p[c.shared], c.q[c.shared]
    apart = np.abs(q - p)
    if kind == "tv":
        return float(np.minimum(p, q).sum()) / 2
    if kind != "chi2":
        return float(apart.sum()) * (1.0 if kind == "kl" else 0.25)
    d, log_p = c.d[c.shared], c.log_p[c.shared]
    with np.errstate(over="ignore"):
        down = np.exp(np.where(d < -1, log_p - d, 0.0))
        slopes = np.where(d < -1, down, apart * (1 + np.exp(np.clip(-d, 0.0, 1.0))))
        return float(slopes.sum())


def divergence_error(kind: str, value: float, c: Conditions, at: Precision) -> float:
    """Bound on the absolute error of the divergence ``kind`` whose true value is ``value``."""
    if value == 0:
        return 0.0
    if kind == "reverse_kl":
        kind, c = "kl", c.swapped()
    near, far_cells, far = _cell_errors(kind, c, at.u)
    with np.errstate(over="ignore"):
        beyond = float(np.where(far_cells > 0, far_cells * np.maximum(far - near, 0.0), 0.0).sum())
        own = (c.r + near + at.s) * value + beyond + c.common * _slopes(kind, c)
    return own + floor(len(c.p), float(np.abs(c.d).max()), at)


def floor(v: int, exponent: float, at: Precision) -> float:
    """What flushed results may lack: ``v (2 + exponent)`` smallest normal numbers."""
    return v * (2 + exponent) * at.smallest


def entropy_error(value: float, spread: float, v: int, at: Precision, *, logits: bool) -> float:
    """Bound on the absolute error of an entropy; from probabilities: log 4u, product u, sum s."""
    relative = 17 * at.u + 2 * at.s if logits else 5 * at.u + at.s
    return relative * value + (floor(v, spread, at) if value else 0.0)
