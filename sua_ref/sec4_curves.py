"""Section 4, sharp curves: what a divergence says about total variation, an entropy about error.

All are known results, credited where they stand. In float64 they keep a relative error of 1e-12
for the value given; on balls they enclose the curve over the whole ball.
"""

from __future__ import annotations

import decimal
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.cells import log, square_root
from sua_ref.curves import entropy_above, entropy_missing, jsd_of, kl_of, tv_of
from sua_ref.elements import (
    Array,
    Value,
    _each,
    _needs_logarithm,
    _unwrap,
    elements,
    kind_of,
    like,
)
from sua_ref.inverse import hull, last_certified, last_float
from sua_ref.sec2_information import DIVERGENCES

_PINSKER_ONLY = 1e-20
"""Below, KL and JSD are their leading terms to the last bit, and subnormals would spoil more."""
_LARGEST_T = 1e300


def smoothing_factor(n: int, alpha: Any) -> Value:
    """Result n_6, the sharp form of Lemma 4.7: ``n alpha^2 / (n alpha + 2 (1 - alpha))``.

    Mixing two outputs over n labels with the uniform law, ``alpha p + (1 - alpha) u``, multiplies
    their divergence by at most this factor, and by no smaller one: for KL and JSD in either order,
    chi-squared, squared Hellinger, and every f-divergence with operator convex f. Total variation
    shrinks by exactly alpha. For another law than the uniform it is false. Known: the contraction
    coefficient of the symmetric channel (Ordentlich and Polyanskiy 2020, arXiv 2010.01987; Makur
    and Polyanskiy 2018, arXiv 1609.06877).

    Args:
        n: the number of labels, >= 1. At n = 1 no two outputs differ, and any factor would do.
        alpha: number or ``(...)``, the weight kept, in [0, 1]: float64, Fractions or balls.

    Returns:
        ``(...)`` in [0, 1], of the element type of ``alpha``.

    Raises:
        ValueError: ``n`` below 1, or an ``alpha`` outside [0, 1]; the row is named.
        TypeError: ``n`` is no integer.

    >>> float(smoothing_factor(2, 0.5)), float(smoothing_factor(6, 0.5))
    (0.25, 0.375)
    """
    checks.integer(n, "n", low=1)
    a = checks.within(elements(alpha, "alpha"), "alpha", 0, 1)
    # The denominator n alpha + 2 (1 - alpha), written so that it stays positive on balls.
    return _unwrap(np.asarray(like(n, a) * a * a / (2 + like(n - 2, a) * a)))


def total_variation_bound(value: Any, *, kind: str) -> Value:
    """The sharp curves that repair Assumption 1: the largest total variation at a divergence.

    The expected loss under two laws differs by at most ``osc(loss)`` times this. For every n >= 2
    and every value some pair of laws attains it:

    * ``"kl"``, ``"reverse_kl"``: ``KL = log(t/sinh t) + t coth t - t^2/sinh^2 t`` against
      ``TV = (t/2)(1 - (coth t - 1/t)^2)``, t >= 0 (Fedotov, Harremoes and Topsoe 2003); below
      both Pinsker's and the Bretagnolle-Huber bound;
    * ``"jsd"``: the root v of ``log 2 - h((1 + v)/2) = JSD`` (Sason 2015; Topsoe 2000);
    * ``"hellinger2"``: ``sqrt(H^2 (2 - H^2))`` (Le Cam);
    * ``"chi2"``: ``sqrt(chi2)/2`` up to 1, then ``chi2/(1 + chi2)`` (Reid and Williamson 2011);
    * ``"tv"``: itself.

    Args:
        value: number or ``(...)``, the divergence in nats: float64 or balls; Fractions where the
            curve is rational (``"tv"``, and ``"chi2"`` from 1 on).
        kind: a name of ``DIVERGENCES``.

    Returns:
        ``(...)`` in [0, 1]; 0 at 0 and 1 at ``inf``. Increasing, with a vertical tangent at 0.

    Raises:
        ValueError: a value that is NaN, negative, or above the divergence's maximum (log 2 for JSD,
            1 for squared Hellinger and total variation). A float64 may exceed it by a relative
            1e-12, the rounding that the divergences allow themselves, and then stands for it.
        TypeError: Fractions where a root or a logarithm is needed.

    >>> total_variation_bound([0.0, 0.25, 3.0], kind="chi2")
    array([0.  , 0.25, 0.75])
    >>> round(float(total_variation_bound(1.0, kind="kl")), 4)
    0.6644
    """
    checks.choice(kind, DIVERGENCES, "kind")
    given = elements(value, "value")
    curve = "kl" if kind == "reverse_kl" else kind
    if kind_of(given) == "Fraction" and curve in ("kl", "jsd", "hellinger2"):
        raise _needs_logarithm(f"the sharp curve of {kind}")
    top = {"jsd": 2, "hellinger2": 1, "tv": 1}.get(curve, math.inf)
    most = log(np.asarray(like(2, given)))[()] if curve == "jsd" else like(top, given)
    a = checks.within(given, "value", 0, most, slack=checks.DIVERGENCE_ROUNDING)
    if kind_of(a) == "arb":
        return _unwrap(_each(lambda x: _ball_curve(x, curve, most), a))
    if kind_of(a) == "Fraction":
        return _unwrap(_each(lambda x: _rational_curve(x, curve), a))
    return _unwrap(np.asarray(_float_curve(np.where(a < most, a, most), curve)))


def _float_curve(d: Array, curve: str) -> Array:
    """A curve on checked float64."""
    if curve == "tv":
        return d
    if curve == "hellinger2":
        return np.sqrt(d) * np.sqrt(2 - d)
    if curve == "chi2":
        finite = np.where(np.isinf(d), 1.0, d)
        return np.where(d <= 1, np.sqrt(d) / 2, np.where(np.isinf(d), 1.0, finite / (1 + finite)))
    if curve == "jsd":
        root = last_float(lambda v: jsd_of(v) <= d, np.ones_like(d))
        return np.where(d < _PINSKER_ONLY, np.sqrt(2.0) * np.sqrt(d), root)
    t = last_float(lambda t: kl_of(t) <= d, np.full_like(d, _LARGEST_T))
    return np.where(d < _PINSKER_ONLY, np.sqrt(0.5) * np.sqrt(d), tv_of(t))


def _rational_curve(d: Any, curve: str) -> Any:
    if curve == "tv" or d == 0:
        return d
    if d < 1:
        raise _needs_logarithm("sqrt(chi2)/2")
    return like(1, np.asarray(d, dtype=object)) if d == math.inf else d / (1 + d)


def _ball_curve(x: Any, curve: str, most: Any) -> Any:
    """The hull of an increasing curve over a ball, from its two ends."""
    one = x * 0 + 1 if x.is_finite() else type(x)(1)
    low, high = x.lower().max(0 * one), x.upper().min(most)
    if curve == "tv":
        return hull(low, high)
    if curve in ("hellinger2", "chi2"):
        return hull(_closed_form(low, curve, one), _closed_form(high, curve, one))
    if curve == "jsd":
        return hull(_jsd_end(low, one, below=True), _jsd_end(high, one, below=False))
    return hull(_kl_end(low, one, below=True), _kl_end(high, one, below=False))


def _closed_form(end: Any, curve: str, one: Any) -> Any:
    if curve == "hellinger2":
        return square_root(np.asarray(end * (2 - end), dtype=object))[()]
    if not end.is_finite():
        return one
    return end.sqrt() / 2 if end <= 1 else end / (1 + end)


def _jsd_end(end: Any, one: Any, *, below: bool) -> Any:
    """A certified point on one side of the root of the JSD curve."""
    if end.is_zero():
        return end
    if below:
        return last_certified(0 * one, one, lambda v: bool(jsd_of(np.asarray(v)) <= end))
    return last_certified(one, 0 * one, lambda v: bool(jsd_of(np.asarray(v)) >= end))


def _kl_end(end: Any, one: Any, *, below: bool) -> Any:
    """The KL curve at one end: an enclosure whose outer side is certified."""
    if end.is_zero():
        return end
    if not end.is_finite():
        return one
    start = ((32 * end).sqrt() * end.exp()).upper()
    if below:
        t = last_certified(0 * one, start, lambda t: bool(kl_of(np.asarray(t)) <= end))
        return 0 * one if t.is_zero() else tv_of(np.asarray(t))[()].nonnegative_part()
    if not kl_of(np.asarray(start)) >= end:
        return one
    t = last_certified(start, 0 * one, lambda t: bool(kl_of(np.asarray(t)) >= end))
    return tv_of(np.asarray(t))[()].min(one)


def error_bounds(h: Any, n: int) -> tuple[Value, Value]:
    """Results n_17: the least and the largest ``e = 1 - max p`` at entropy h over n labels.

    * low: the root of Fano's ``h(e) + e log(n - 1) = H`` on [0, 1 - 1/n], attained by one atom
      and n - 1 equal ones;
    * high: with ``k = floor(exp H)``, ``e = (k - 1 + r)/k`` where ``h(r) + (1 - r) log k = H`` and
      r <= 1/(k + 1), attained by k equal atoms and a remainder r (Kovalevskij 1965; Tebbe and Dwyer
      1968; Feder and Merhav 1994). ``H/(2 log 2)`` (Hellman and Raviv 1970) is its best linear
      bound.

    The paper's ``1 - exp(-H)`` (Assumption 2) agrees with the high curve at H = log k alone. At
    n = 2 the two curves are one. Either moves like the square root of ``log k - h`` just below
    ``log k``: there an error in h of 1e-16 moves it by 1e-8.

    Args:
        h: number or ``(...)`` of entropies in nats, in [0, log n]: float64 or balls.
        n: the number of labels, >= 1.

    Returns:
        Two ``(...)`` in [0, 1 - 1/n], each increasing in h.

    Raises:
        ValueError: an entropy that is NaN, negative or above log n, or ``n`` below 1. A float64 may
            exceed log n by the rounding of an entropy of n probabilities, and then stands for it.
        TypeError: Fractions (a logarithm is needed), or an ``n`` that is no integer.

    >>> [round(float(e), 4) for e in error_bounds(0.9, 3)]
    [0.3..., 0.5355]
    >>> [float(e) for e in error_bounds(0.0, 1)]
    [0.0, 0.0]
    """
    checks.integer(n, "n", low=1)
    given = elements(h, "h")
    if kind_of(given) == "Fraction":
        raise _needs_logarithm("an entropy")
    most = log(np.asarray(like(n, given)))[()]
    # A row may sum to 1 + s, whose entropy may exceed log n by about s log n; and log n rounds.
    slack = 2 * checks.sum_tolerance(n, np.dtype(np.float64))
    a = checks.within(given, "h", 0, most, slack=slack, absolute=slack)
    if n == 1:
        return _unwrap(0 * a), _unwrap(0 * a)
    if kind_of(a) == "arb":
        low = _each(lambda x: _ball_fano(x, n, most), a)
        return _unwrap(low), _unwrap(_each(lambda x: _ball_highest(x, n, most), a))
    return _unwrap(_float_fano(a, n)), _unwrap(_float_highest(a, n))


def _log_in_two(k: int) -> tuple[float, float]:
    """``log k`` as a float64 and what it lacks: the root of log k - h asks for more than 16 digits."""
    exact = decimal.Context(prec=50).ln(decimal.Decimal(k))
    return math.log(k), float(exact - decimal.Decimal(math.log(k)))


def _distance(h: Array, log_k: tuple[Array, Array]) -> Array:
    """``h - log k``; where it is small the first difference is exact."""
    return (h - log_k[0]) - log_k[1]


def _float_remainder(above: Array, missing: Array, log_k: Array, others: Array) -> Array:
    """The atom r in [0, 1/(k+1)] at which the entropy lies ``above`` log k, ``missing`` to the top.

    Either distance decides; on each half of the range the one that keeps its digits there.
    """
    share, rest = 1 / (others + 1), others / (others + 1)

    def not_past(r: Array) -> npt.NDArray[np.bool_]:
        low_half = entropy_above(r, log_k) <= above
        return np.where(2 * r < share, low_half, entropy_missing(r, share, rest) >= missing)

    return np.where(missing <= 0, share, last_float(not_past, share))


def _float_fano(h: Array, n: int) -> Array:
    high, low = _log_in_two(n)
    missing = -_distance(h, (np.asarray(high), np.asarray(low)))
    # Fano's curve is that of an atom e beside "k = 1/(n - 1)" equal ones.
    return _float_remainder(h, missing, np.asarray(-math.log(n - 1)), np.full_like(h, 1 / (n - 1)))


def _float_highest(h: Array, n: int) -> Array:
    guess = np.floor(np.exp(h)).astype(np.int64)
    guess = np.where(guess < n, guess, n)
    seen = [int(g) for g in np.unique(guess)]
    logs = {k: _log_in_two(k) for g in seen for k in range(g - (g > 1), g + 3)}

    def log_of(k: Array) -> tuple[Array, Array]:
        found = np.asarray([logs[int(i)] for i in k.ravel()]).reshape((*k.shape, 2))
        return found[..., 0], found[..., 1]

    k = np.where(_distance(h, log_of(np.where(guess > 1, guess, 1))) < 0, guess - 1, guess)
    k = np.where(_distance(h, log_of(k + 1)) >= 0, k + 1, k)
    k = np.where(k < n, k, n - 1)
    above, missing = _distance(h, log_of(k)), -_distance(h, log_of(k + 1))
    r = _float_remainder(above, missing, log_of(k)[0], k.astype(np.float64))
    return (k - 1 + r) / k


def _ball_root(end: Any, log_k: Any, top: Any, *, below: bool) -> Any:
    """A certified point on one side of the root of ``entropy_above(r) = end`` in [0, top]."""
    zero = 0 * top
    if below:
        holds = lambda r: bool(entropy_above(np.asarray(r), log_k) <= end)  # noqa: E731
        return last_certified(zero, top.lower(), holds)
    holds = lambda r: bool(entropy_above(np.asarray(r), log_k) >= end)  # noqa: E731
    return last_certified(top.upper(), zero, holds)


def _ball_fano(x: Any, n: int, most: Any) -> Any:
    zero = most * 0
    low, high = x.lower().max(zero), x.upper().min(most.upper())
    log_k, top = -(zero + (n - 1)).log(), 1 - (zero + 1) / n
    least = low if low.is_zero() else _ball_root(low, log_k, top, below=True)
    return hull(least, high if high.is_zero() else _ball_root(high, log_k, top, below=False))


def _ball_highest(x: Any, n: int, most: Any) -> Any:
    zero = most * 0
    low, high = x.lower().max(zero), x.upper().min(most.upper())
    # Any k with log k <= low, log(k+1) >= high certified is sound: the curve increases through
    # r = 0, where its pieces meet.
    k = min(int(math.exp(float(low))) + 1, n - 1)
    while k > 1 and not (zero + k).log() <= low:
        k -= 1
    least = low if low.is_zero() else _ball_piece(low, k, zero, below=True)
    k = min(max(int(math.exp(float(high))) - 1, 1), n - 1)
    while k < n - 1 and not (zero + k + 1).log() >= high:
        k += 1
    return hull(least, high if high.is_zero() else _ball_piece(high, k, zero, below=False))


def _ball_piece(end: Any, k: int, zero: Any, *, below: bool) -> Any:
    log_k = (zero + k).log()
    r = _ball_root(end - log_k, log_k, (zero + 1) / (k + 1), below=below)
    return (k - 1 + r) / k
