"""How far from the truth :mod:`sua_gpu.doubled` may be: narrow logits in double precision.

A running error analysis, first order in U = 2^-53; nothing is fitted. u = 2^-24 is the rounding of
the result. **Assumed** besides what :mod:`paper_repro.error_bounds` assumes: a dot product of V
terms, in any order, fused or not, is within V U of the sum of their sizes (a product and at most
V - 1 additions each). A row sum passes an element through at most S = min(V-1, 64 + log2 V).

**Logits** are exact. z = (y - x) - c, c the step at the likeliest label of x: three roundings,

    |error of z_i| <= U (|y_i - x_i| + |c| + |z_i|) = delta_i.

**Weights** e^(x - max): omega_i = U (|x_i - max| + 4) each; relative to them the sum 1 + rest, and
so every mean, is off by the common factor nu = (S + 2) U. A mean E_p f is a dot product and a
division: (V + 1) U E_p|f| beyond that.

**Growth** G = e^z - 1: 4U |G|, and what z lost, which moves z and G together. Of B = E_p G, with
1 + B = e^shift and e_i = q_i/p_i, what is *not* a change of z or of the weights is

    b = ((V + 5) U E_p|G| + nu |B|) / (1 + B)    of 1 + B, relative.

**KL** = shift - E_p z. A change of the weights alone moves it by sum p_i omega_i (e_i - 1 - d_i),
whose terms are the cells, and a change of z_i by p_i (e_i - 1): both small where D is. So

    b + 4U |shift| + (V + 1) U E_p|z| + nu |E_p z| + sum p omega cell + sum p |e - 1| delta + U D.

nu enters b and E_p z with opposite signs; no use is made of that.

**A common change of d.** In TV and JSD an error of B moves d and u = e - 1 together, by

    c = b + sum p omega |u| + sum p e delta.

**TV** = E_p|G - B| / (1 + B) / 2. With 4U |G| + U |G - B| per term, the mean, c against every term
and in 1 + B, and what z lost,

    [4U E_p|G|/(1 + B) + ((V + 5) U + nu + 2c) 2TV + c + sum p omega |u| + sum p e delta] / 2.

**JSD** = E_p(cell)/2, cell = d (1 + u) - (2 + u) log(1 + u/2). Given d, the cell's slope in u is
d - 1 - log(1 + u/2), and u is off by 4U |G|/(1 + B) + 3U |u|; given u, its slope in d is 1 + u, and
d is off by U |d| and by the 4U |shift| of the logarithm. The product d u loses 2U |d u|, the sum
U |d (1 + u)|, the logarithm with its products 7U (2 + u) |log(1 + u/2)|, the difference U cell. The
cells are >= 0, so their mean is within (V + 1) U + nu of itself; c and delta move a cell by at most
|q - p|/4, as in :mod:`paper_repro.error_bounds`.

In KL and JSD a few roundings of terms of the size of |z| are left: at least V U |z|, against a
value that may be z^2. Where the value is below 2^-24 max|z| the rows are left to the cells, whose
bound then holds; beside that edge (a factor of 2 either way) the larger of the two.

**Entropy** = log(1 + rest) - E_p(x - max), all terms >= 0: 4U and S U of the first, and by the
weights 2 max omega of H in all, (V + 2) U + nu of the second, u of the result.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from paper_repro.error_bounds import Floats

U = 2.0**-53
ROUNDED = 2.0**-24
"""Of the result, u above; also the least value, in units of the largest |z|, that is kept."""
LARGEST = 300.0
"""|z| upwards of which a pair is left to the cells."""
KINDS = ("kl", "reverse_kl", "jsd", "tv")


class Pair(NamedTuple):
    """Two rows at their possible labels, centred at the likeliest label of the first."""

    p: Floats
    d: Floats
    z: Floats
    shift: float
    """log(1 + B)"""
    omega: Floats
    delta: Floats

    def mean(self, f: Floats) -> float:
        """``E_p f``."""
        return float((self.p * f).sum())


def of_logits(x: Floats, y: Floats) -> Pair | None:
    """The pair of x and y; None where one of them alone allows a label, which the cells serve."""
    possible = x > -np.inf
    if not np.array_equal(possible, y > -np.inf):
        return None
    x, y = x[possible], y[possible]
    below, step = x - x.max(), y - x
    log_p, log_q = (r - r.max() - math.log(np.exp(r - r.max()).sum()) for r in (x, y))
    d = log_q - log_p
    ties = np.flatnonzero(below == 0)
    k = ties[np.abs(d[ties]).argmax()]  # any of them may be the centre
    z = step - step[k]
    return Pair(
        np.exp(log_p), d, z, float(-d[k]), U * (np.abs(below) + 4),
        U * (np.abs(step) + abs(step[k]) + np.abs(z)),
    )  # fmt: skip


def _sums(v: int) -> tuple[float, float]:
    """The errors of a dot product, and nu."""
    return v * U, (min(v - 1, 64 + math.log2(v)) + 2) * U


def _normaliser(c: Pair, growth: Floats, v: int) -> float:
    """b above; ``growth`` is G / (1 + B)."""
    dot, nu = _sums(v)
    return (dot + 5 * U) * c.mean(np.abs(growth)) + nu * abs(-math.expm1(-c.shift))


def _kl(c: Pair, value: float, v: int) -> float:
    dot, nu = _sums(v)
    u = np.expm1(c.d)
    growth = u - math.expm1(-c.shift)
    lost = _normaliser(c, growth, v) + 4 * U * abs(c.shift)
    lost += (dot + U) * c.mean(np.abs(c.z)) + nu * abs(c.mean(c.z))
    lost += c.mean(c.omega * np.abs(u - c.d)) + c.mean(np.abs(u) * c.delta)
    return lost + U * value


def _others(c: Pair, value: float, v: int, kind: str) -> float:
    dot, nu = _sums(v)
    u = np.expm1(c.d)
    growth = np.abs(u - math.expm1(-c.shift))
    moved = c.mean(c.omega * np.abs(u)) + c.mean((1 + u) * c.delta)
    common = _normaliser(c, growth, v) + moved
    if kind == "tv":
        own = 4 * U * c.mean(growth) + (dot + 5 * U + nu + 2 * common) * 2 * value
        return (own + common + moved) / 2
    logarithm = np.log1p(u / 2)
    in_u = (4 * U * growth + 3 * U * np.abs(u)) * np.abs(c.d - 1 - logarithm)
    in_d = (U * np.abs(c.d) + 4 * U * abs(c.shift)) * (1 + u)
    products = U * np.abs(c.d) * (2 * np.abs(u) + 1 + u) + 7 * U * (2 + u) * np.abs(logarithm)
    cells = np.maximum(c.d * (1 + u) - (2 + u) * logarithm, 0.0)
    lost = c.mean(in_u + in_d + products + (c.omega + U) * cells) / 2
    slopes = c.mean(np.abs(u) * (common + c.delta)) / 4
    return lost + slopes + (dot + U + nu) * value


def in_doubles(kind: str, value: float, c: Pair, v: int) -> float:
    """Bound on the absolute error of a divergence before it is rounded; ``c`` in its order."""
    return _kl(c, value, v) if kind in ("kl", "reverse_kl") else _others(c, value, v, kind)


def divergence_error(
    kind: str, value: float, cells: float, ways: tuple[Pair | None, Pair | None], v: int
) -> float:
    """Bound on the absolute error of a divergence of narrow logits in the torch backend.

    Args:
        kind: one of :data:`KINDS`, of rows x and y.
        value: its true value.
        cells: the bound where the cells serve, flushed results included.
        ways: the pair of x and y, and that of y and x.
        v: number of labels.
    """
    c = ways[1 if kind == "reverse_kl" else 0]
    if c is None or value == 0 or not math.isfinite(value) or c.z.max() > 1.01 * LARGEST:
        return cells
    reach = float(np.abs(c.z).max())
    kept = 1.0 if kind == "tv" else value / (ROUNDED * reach)
    if kept < 0.5:
        return cells
    mine = in_doubles(kind, value, c, v) + ROUNDED * value + v * 2.0**-126
    certain = (kind == "tv" or kept > 2) and c.z.max() < 0.99 * LARGEST
    return mine if certain else max(mine, cells)


def entropy_error(value: float, spread: float, v: int) -> float:
    """Bound on the absolute error of an entropy; ``spread`` is the largest -log p."""
    dot, nu = _sums(v)
    relative = 2 * (spread + 4) * U + dot + 6 * U + 2 * nu + ROUNDED
    return relative * value + (v * 2.0**-126 if value else 0.0)
