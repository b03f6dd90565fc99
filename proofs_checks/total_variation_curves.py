r"""Total variation from a divergence: the bounds that repair Assumption 1, any number of labels.

Each divergence is a sum of cells, one for each label, and total variation is (1/2) sum |p - q|. The
proofs bound every cell from below by a line, and add; the tangent of the logarithm is the only
analytic fact (:mod:`proofs_checks.log_tangents`). Write w = |p - q|, T = TV.

**Pinsker.** With a = (2p + 4q)/3, Pinsker's cell says w^2 <= a K. Hence ``2 T w <= T^2 a + K``, and
the sum over the labels is ``4 T^2 <= 2 T^2 + KL``.

**Bretagnolle and Huber.** With B = sum sqrt(pq), the tangent at ``sqrt(q/p)/B`` gives
``KL >= -2 log B``, and the next paragraph ``T^2 <= 1 - B^2``.

**Hellinger.** With x = sqrt p, y = sqrt q: w = |x - y| (x + y), and for all numbers A, C
``2 A C w <= A^2 (x - y)^2 + C^2 (x + y)^2``. Sum, with A = 2 + 2B and C = 2 T:
``(2 + 2B)(4 - 4 B^2 - 4 T^2) >= 0``.

**Jensen-Shannon.** With m = (p + q)/2 and e = w/2 the cell is m psi(e/m), and psi is convex; so
``JSD >= psi(sum e) = psi(T)`` by Jensen's inequality. As lines: the larger and the smaller of p, q
are m + e and m - e, and the tangents at (m + e)/(m (1 + T)) and (m - e)/(m (1 - T)) add up to it.
(At T = 1 no label has both p and q > 0, every e is m, and JSD = log 2.)

**Chi-squared.** (p - q)^2/q >= 2 c w - c^2 q for every c: c = 2 T at every label gives 4 T^2. If
T >= 1/2, take c = T/(1 - T) where p >= q and c = 1 elsewhere; there, v <= q says that the q of
those labels sum to at least T.

**KL, sharp.** For t > 0 let k = coth t, and take the tangent at ``q r/p`` with r = t (k + 1) where
p >= q and r = t (k - 1) elsewhere; the two logarithms differ by 2t. The sum over the labels is
``KL >= K(t) + 2t (T - T(t))``, so KL <= K(t) implies T <= T(t).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, log_tangents
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import Polynomial
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import chi2_divergence, divergence, kl_divergence, squared_hellinger, total_variation
from sua_ref.sec4_curves import total_variation_bound

_T, _u, _v, _p, _q, _w, _K = variables("T u v p q w K")


# --- KL -------------------------------------------------------------------------------------------

_a = Fraction(1, 3) * (2 * _p + 4 * _q)
YOUNG = lemma(
    "n_13.root_kl", _a * (_T * _T * _a + _K - 2 * _T * _w),
    atoms={"(T a - w)^2": (_T * _a - _w) * (_T * _a - _w), "Pinsker's cell": _a * _K - _w * _w},
    products={("(T a - w)^2",): 1, ("Pinsker's cell",): 1},
)  # fmt: skip
"""``a (T^2 a + K - 2 T w) >= 0`` at every label."""
PINSKER = lemma(
    "n_13.root_kl", _K - 2 * _T * _T * _p,
    atoms={"T^2 a + K - 2 T w": _T * _T * _a + _K - 2 * _T * _w},
    products={("T^2 a + K - 2 T w",): 1},
    zero={
        "w sums to 2 T": (_w - 2 * _T * _p, -2 * _T),
        "p and q sum to 1": (_p - _q, Fraction(-4, 3) * _T * _T),
    },
    common="T",
)  # fmt: skip
"""``KL >= 2 T^2``."""
_ell, _g, _r = variables("l g r")
BHATTACHARYYA = lemma(
    "n_13.root_kl", _K - 2 * _ell * _p,
    atoms={"tangent": _K - 2 * _ell * _p + 2 * (_g * _r - _p) + _p - _q},
    products={("tangent",): 1},
    zero={"g r and p sum to 1": (_g * _r - _p, 2), "p and q sum to 1": (_p - _q, 1)},
    common="l r",
)  # fmt: skip
"""``KL >= -2 log B``, with g = sqrt(pq), l = -log B, r = 1/B."""

_t, _k, _log, _pa, _qa, _pb, _qb = variables("t k log pA qA pB qB")
SUPPORT_LINE = lemma(
    "n_13.sharp_kl",
    _K - _log * (_pa + _pb) - (1 + _t - _t * _k) * (_qa + _qb) - 2 * _t * (_pa - _qa),
    atoms={
        "tangents": _K - (_log + 2 * _t) * _pa - _qa + _t * (_k + 1) * _qa
        - _log * _pb - _qb + _t * (_k - 1) * _qb
    },
    products={("tangents",): 1}, common="t k log",
)  # fmt: skip
"""``KL >= log(t (k - 1)) + 1 + t - t k + 2 t T``, labels with p >= q being of kind A."""


def _closed_forms() -> list[str]:
    """That line is ``K(t) + 2t (T - T(t))``, and the laws with odds r attain it, as polynomials.

    With c = coth t - 1/t, so t k = t c + 1; log(t/sinh t) = log(t (k - 1)) + t, because
    k - 1 = e^-t/sinh t; and 1/sinh^2 t = k^2 - 1.
    """
    (c,) = variables("c")
    tk = _t * c + 1
    value = _log + _t + tk - (tk * tk - _t * _t)
    variation = HALF * _t * (1 - c * c)
    faults = []
    if value - 2 * _t * variation != _log + 1 + _t - tk:
        faults.append("the line is not the one of K and T")
    small, large = HALF * (1 - c), HALF * (1 + c)
    first, second = small * (tk + _t), large * (tk - _t)
    if first + second != Polynomial.constant(1) + 2 * (first - small) - 2 * variation:
        faults.append("(first, second) is no law of total variation T(t)")
    if first - small != variation or first + second != Polynomial.constant(1):
        faults.append("the laws do not attain the line")
    return faults


def _sharp_instances() -> list[str]:
    """The two laws in balls: their KL, their TV, and sua_ref's curve between them."""
    faults = []
    for t in (Fraction(1, 10), Fraction(1), Fraction(5)):
        x = balls.ball(t)
        c = x.coth() - 1 / x
        b = (1 - c) / 2
        a = b + x * (1 - c * c) / 2
        p, q = np.array([a, 1 - a]), np.array([b, 1 - b])
        value, tv = kl_divergence(p, q), a - b
        shrink = x / x.sinh()
        printed = shrink.log() + x * x.coth() - shrink * shrink
        if not (value.overlaps(printed) and total_variation_bound(value, kind="kl").overlaps(tv)):
            faults.append(f"t = {t}: KL {value}, K(t) {printed}, TV {tv}")
    return faults


def _pinsker_tight() -> list[str]:
    """KL((1/2 + t, 1/2 - t), (1/2, 1/2)) <= 2 t^2 (1 + 8 t^2/3), by the cubic; TV = t."""
    x = 2 * _t

    def cubic(w: Polynomial) -> Polynomial:
        return w - HALF * w * w + Fraction(1, 3) * w * w * w

    above = HALF * ((1 + x) * cubic(x) + (1 - x) * cubic(-x))
    stated = 2 * _t * _t * (1 + Fraction(8, 3) * _t * _t)
    return log_tangents.cubic() + ([] if above == stated else ["the cubics do not add up"])


# --- squared Hellinger ----------------------------------------------------------------------------

_m, _B = variables("m B")
_x, _y = _m + _u, _m + _v  # m the smaller root, u v = 0
_A, _C, _z = 2 + 2 * _B, 2 * _T, 2 * _m + _u + _v
HELLINGER = lemma(
    "n_13.root_hellinger2", (2 + 2 * _B) * (4 - 4 * _B * _B - 4 * _T * _T) * _x * _x,
    atoms={
        "square": (_A * (_u + _v) - _C * _z) * (_A * (_u + _v) - _C * _z),
        "u v = 0": -1 * _u * _v, "1 + B": 1 + _B,
    },
    products={("square",): 1, ("u v = 0", "1 + B", "1 + B"): 16},
    zero={
        "p and q sum to 1": (_x * _x - _y * _y, -1 * (_A * _A + _C * _C)),
        "sqrt(pq) sums to B": (_x * _y - _B * _x * _x, 2 * (_C * _C - _A * _A)),
        "|p - q| sums to 2 T": ((_u + _v) * _z - 2 * _T * _x * _x, -2 * _A * _C),
    },
    common="T B",
)  # fmt: skip
"""``(2 + 2B)(4 - 4 B^2 - 4 T^2) >= 0``: then T^2 <= 1 - B^2 = H^2 (2 - H^2)."""


def _hellinger_tight() -> list[str]:
    """P = (a^2, b^2) and its swap, a^2 + b^2 = 1: T = a^2 - b^2, B = 2ab, T^2 = 1 - B^2."""
    a, b = variables("a b")
    unit, tv, overlap = a * a + b * b, a * a - b * b, 2 * a * b
    p, q = (_exact(Fraction(k, 25) for k in row) for row in ((16, 9), (9, 16)))
    squared = squared_hellinger(balls.balls(p), balls.balls(q))
    fine = squared.overlaps(balls.ball(Fraction(1, 25)))
    fine = fine and total_variation(p, q) == Fraction(7, 25)
    return [] if fine and tv * tv == unit * unit - overlap * overlap else ["no equality"]


# --- Jensen-Shannon -------------------------------------------------------------------------------

_e, _J, _j, _alpha, _beta = variables("e J j alpha beta")
JENSEN = lemma(
    "n_13.root_jsd",
    HALF * (_J + _j) - HALF * ((1 + _T) * _alpha + (1 - _T) * _beta) * _m,
    atoms={
        "tangent at the larger": _J - (_m + _e) * _alpha - (_m + _e) + _m * (1 + _T),
        "tangent at the smaller": _j - (_m - _e) * _beta - (_m - _e) + _m * (1 - _T),
    },
    products={("tangent at the larger",): HALF, ("tangent at the smaller",): HALF},
    zero={"e sums to T": (_e - _T * _m, -HALF * (_alpha - _beta))}, common="T alpha beta",
)  # fmt: skip
"""``JSD >= psi(T)``: J and j are ``p log(p/m)`` of the larger and the smaller of p and q, alpha and
beta are log(1 + T) and log(1 - T), and psi(T) is half of ``(1 + T) alpha + (1 - T) beta``."""


def _jensen_tight() -> list[str]:
    """At p = ((1 + v)/2, (1 - v)/2) and its swap both tangents touch: m + e = m (1 + v)."""
    (v,) = variables("v")
    m, e = HALF * Polynomial.constant(1), HALF * v
    touch = m + e == m * (1 + v) and m - e == m * (1 - v)
    return _curve_agrees("jsd") + ([] if touch else ["a tangent does not touch"])


def _binary_curvature() -> list[str]:
    """A second proof for two labels: the curvature of JSD in the mean is > 0, at fixed TV = 2d.

    With the mean at 1/2 + s, x0 = 1/4 - s^2, x1, x2 = 1/4 - (s +- d)^2, the second derivative
    ``1/(2 x1) + 1/(2 x2) - 1/x0`` equals ``d^2 (3 s^2 + 1/4 - d^2)/(x0 x1 x2)``.
    """
    s, d = variables("s d")
    x0, x1, x2 = (Fraction(1, 4) - y * y for y in (s, s + d, s - d))
    left = HALF * x0 * (x1 + x2) - x1 * x2
    return [] if left == d * d * (3 * s * s + Fraction(1, 4) - d * d) else ["no identity"]


# --- chi-squared ----------------------------------------------------------------------------------

_l = variables("l")[0]
_unit = _qa + _qb  # q, split by the labels with p >= q and the others
CHI2_SMALL = lemma(
    "n_13.root_chi2", _K - 4 * _T * _T * _unit,
    atoms={"square": _K - 4 * _T * (_u + _v) + 4 * _T * _T * _unit},
    products={("square",): 1},
    zero={"u sums to T": (_u - _T * _unit, -4 * _T), "v sums to T": (_v - _T * _unit, -4 * _T)},
    common="T",
)  # fmt: skip
"""``chi2 >= 4 T^2``; u = (p - q)_+, v = (q - p)_+."""
CHI2_LARGE = lemma(
    "n_13.root_chi2", _K - _l * _unit,
    atoms={
        "squares": _K - 2 * _l * _u + _l * _l * _qa - 2 * _v + _qb,
        "p >= 0": _qb - _v, "l - 1": _l - 1, "l + 1": _l + 1,
    },
    products={("squares",): 1, ("p >= 0", "l - 1", "l + 1"): 1},
    zero={
        "u sums to T": (_u - _T * _unit, -2 * _l),
        "v sums to T": (_v - _T * _unit, -1 * (_l * _l + 1)),
        "l (1 - T) = T": ((_T + _T * _l - _l) * _unit, -1 * (_l + 1)),
    },
    common="T l",
)  # fmt: skip
"""``chi2 >= l`` with l = T/(1 - T) >= 1."""


def _chi2_tight() -> list[str]:
    """(1/2 + v, 1/2 - v) from (1/2, 1/2): 4 v^2. (1, 0) from (1 - v, v): v/(1 - v), times 1 - v."""
    (v,) = variables("v")
    faults = [] if 2 * v * v + 2 * v * v == 4 * v * v else ["small"]
    faults += [] if v * v + v * (1 - v) == v else ["large"]
    for t in (Fraction(1, 7), HALF, Fraction(5, 6)):
        small = t <= HALF
        p = _exact((HALF + t, HALF - t) if small else (1, 0))
        q = _exact((HALF, HALF) if small else (1 - t, t))
        value = chi2_divergence(p, q)
        if total_variation(p, q) != t or value != (4 * t * t if small else t / (1 - t)):
            faults.append(f"TV = {t}: chi2 = {value}")
    return faults


# --- evidence -------------------------------------------------------------------------------------


def _exact(entries: Any) -> Any:
    return np.array([Fraction(e) for e in entries], dtype=object)


def _curve_agrees(kind: str) -> list[str]:
    """At the extremal pairs sua_ref's curve, at sua_ref's divergence, meets their TV."""
    faults, one = [], Fraction(1)
    for v in (Fraction(1, 9), Fraction(2, 3)):
        p, q = ((1 + v) / 2, (1 - v) / 2), ((1 - v) / 2, (1 + v) / 2)
        if kind == "chi2":
            p, q = (
                ((HALF + v, HALF - v), (HALF, HALF)) if v < HALF else ((one, 1 - one), (1 - v, v))
            )
        value = divergence(balls.balls(p), balls.balls(q), kind=kind)
        if not total_variation_bound(value, kind=kind).overlaps(balls.ball(v)):
            faults.append(f"TV = {v}: the curve misses it")
    return faults


def _below(value: Callable[[], Any], limit: Callable[[], Any]) -> Callable[[], list[str]]:
    def run() -> list[str]:
        answer = decide(lambda: greater(limit(), value()))
        return [] if answer is Truth.TRUE else [f"the comparison is {answer.value}"]

    return run


def _informative(kind: str, at: Fraction, limit: Fraction) -> Piece:
    return Piece(
        Kind.INFORMATIVE, "checked", f"at {at} the losses differ by at most {limit} osc(l)",
        _below(
            lambda: total_variation_bound(balls.ball(at), kind=kind), lambda: balls.ball(limit)
        ),
    )  # fmt: skip


def _proof(scope: str, *lemmas: Lemma, facts: Callable[[], list[str]] = list) -> Piece:
    return Piece(
        Kind.PROOF, "checked", f"{scope}: every finite number of labels",
        lambda: facts() + [fault for one in lemmas for fault in one.faults()],
    )  # fmt: skip


def root_kl() -> list[Piece]:
    """Evidence for Pinsker's and the Bretagnolle-Huber bound."""
    rows: list[Row] = [("P, Q", "(1/2 + t, 1/2 - t), (1/2, 1/2)"), ("TV", "t"),
                       ("KL", "at most 2 t^2 (1 + 8 t^2/3)")]  # fmt: skip
    return [
        _proof("KL >= 2 TV^2", YOUNG, PINSKER, facts=log_tangents.pinsker),
        _proof(
            "KL >= -2 log B and TV^2 <= 1 - B^2, so TV^2 <= 1 - exp(-KL)", BHATTACHARYYA, HELLINGER,
            facts=log_tangents.tangent,
        ),
        Piece(
            Kind.PROOF, "checked", "the factor 1/2 is the least: KL/(2 TV^2) tends to 1",
            _pinsker_tight,
        ),
        Piece(
            Kind.TIGHT, "checked", "approached: KL/2 is at most TV^2 (1 + 8 TV^2/3) at (1/2 + t, "
            "1/2 - t) from (1/2, 1/2)", _pinsker_tight, instance=lambda: rows,
        ),
        _informative("kl", Fraction(1, 8), Fraction(1, 4)),
    ]  # fmt: skip


def sharp_kl() -> list[Piece]:
    """Evidence for the parametric curve."""
    rows: list[Row] = [
        ("Q", "(b, 1 - b), b = (1 - coth t + 1/t)/2"),
        ("P", "(a, 1 - a), a = b + 2 t b (1 - b)"),
        ("KL, TV", "K(t), T(t)"),
    ]
    return [
        _proof(
            "KL >= K(t) + 2t (TV - T(t)) for every t > 0", SUPPORT_LINE,
            facts=lambda: log_tangents.tangent() + _closed_forms(),
        ),
        Piece(Kind.TIGHT, "checked", "equality for every t > 0, by two binary laws (polynomials in "
              "t and coth t)", _closed_forms, instance=lambda: rows),
        _informative("kl", Fraction(1), Fraction(2, 3)),
        Piece(
            Kind.SUPPORT, "checked", "the laws, and sua_ref.total_variation_bound at their KL, in "
            "balls: t = 1/10, 1, 5", _sharp_instances,
        ),
    ]  # fmt: skip


def root_jsd() -> list[Piece]:
    """Evidence for the Jensen-Shannon curve."""
    rows: list[Row] = [("P", "((1 + v)/2, (1 - v)/2)"), ("Q", "((1 - v)/2, (1 + v)/2)"),
                       ("TV, JSD", "v, psi(v)")]  # fmt: skip
    return [
        _proof("JSD >= psi(TV)", JENSEN, facts=log_tangents.tangent),
        Piece(
            Kind.TIGHT, "checked", "equality by a law and its swap, for every v: the tangents "
            "touch; in balls, with sua_ref's curve, at v = 1/9, 2/3", _jensen_tight,
            instance=lambda: rows,
        ),
        _informative("jsd", Fraction(1, 32), Fraction(1, 4)),
        Piece(
            Kind.SUPPORT, "checked", "a second proof for two labels: the curvature in the mean, as "
            "a rational identity", _binary_curvature,
        ),
    ]  # fmt: skip


def root_hellinger2() -> list[Piece]:
    """Evidence for the curve of the squared Hellinger distance."""
    rows: list[Row] = [("P", "(a^2, b^2), a^2 + b^2 = 1"), ("Q", "(b^2, a^2)"),
                       ("TV, H^2", "a^2 - b^2, 1 - 2ab")]  # fmt: skip
    return [
        _proof("TV^2 <= H^2 (2 - H^2)", HELLINGER),
        Piece(Kind.TIGHT, "checked", "equality by a law and its swap, for every value",
              _hellinger_tight, instance=lambda: rows),
        _informative("hellinger2", Fraction(1, 32), Fraction(1, 4) + Fraction(1, 100)),
        Piece(Kind.SUPPORT, "checked", "sua_ref's curve there, in balls: v = 1/9, 2/3",
              lambda: _curve_agrees("hellinger2")),
    ]  # fmt: skip


def root_chi2() -> list[Piece]:
    """Evidence for the chi-squared curve."""
    rows: list[Row] = [("TV = v <= 1/2", "(1/2 + v, 1/2 - v) from (1/2, 1/2): 4 v^2"),
                       ("TV = v >= 1/2", "(1, 0) from (1 - v, v): v/(1 - v)")]  # fmt: skip
    return [
        _proof("chi2 >= 4 TV^2", CHI2_SMALL),
        _proof("chi2 >= TV/(1 - TV) where TV >= 1/2", CHI2_LARGE),
        Piece(Kind.TIGHT, "checked", "equality on both branches, for every value", _chi2_tight,
              instance=lambda: rows),
        _informative("chi2", Fraction(3), Fraction(4, 5)),
        Piece(Kind.SUPPORT, "checked", "sua_ref's curve there, in balls: v = 1/9, 2/3",
              lambda: _curve_agrees("chi2")),
    ]  # fmt: skip
