r"""Result n_13: which f-divergences control the expected loss, and the curves that always do.

**The kink.** Let f be convex on (0, inf) with f(1) = 0 and one-sided slopes b <= a at 1. Then
``D_f(P, Q) >= (a - b) TV(P, Q)``, and a - b cannot be raised. So a finite L_D exists for a loss
that is not constant iff a > b, and the best one is then osc(l)/(a - b).

Proof. With p - q = u - v as in asm_1, a cell F = q f(p/q) is at least ``a u - b v``, since both
slopes support f at 1 (where q = 0 < p the cell is p times the slope of f at infinity, which is at
least a). Summing, ``D_f >= a TV - b TV``. For P = (1/2 + t, 1/2 - t), Q = (1/2, 1/2) the divergence
is ``(f(1 + 2t) + f(1 - 2t))/2``, TV is t, and for every s > 0 there is a t at which the two values
are at most ``2t (a + s)`` and ``-2t (b - s)``: that is what one-sided slopes are. Then
``D_f <= (a - b + 2s) t``, so that no L < osc/(a - b + 2s) serves, and none at all if a = b.

**The curves.** ``|E_P l - E_Q l| <= osc(l) TV``, and TV is at most a function of each divergence:
:mod:`proofs_checks.total_variation_curves`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import total_variation_curves as curves
from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import f_divergence, total_variation

_WHERE = "repair of Assumption 1"


def _root(name: str, title: str, statement: str, formula: str, credit: str) -> Claim:
    return Claim(
        id=f"n_13.{name}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where=_WHERE,
        severity="step",
        uses=("asm_1@tv",),
        ref=("total_variation", "divergence"),
        bound=True,
        credit=credit,
    )


CLAIMS = (
    Claim(
        id="n_13",
        kind="formal",
        title="An f-divergence controls bounded losses iff f has a kink at 1",
        statement=(
            "For a convex f with f(1) = 0 and kink Delta = f'(1+) - f'(1-), D_f >= Delta TV, and "
            "Delta is the largest such constant. So Assumption 1 holds for D_f and a loss that is "
            "not constant with some finite L_D iff Delta > 0, the best being osc(l)/Delta."
        ),
        formula=r"D_f(P\|Q) \ge (f'_+(1) - f'_-(1))\,\mathrm{TV}(P, Q)",
        source="ours",
        where=_WHERE,
        severity="step",
        uses=("asm_1@tv",),
        ref=("f_divergence", "total_variation"),
        bound=True,
        credit=(
            "known in substance: an atom of the spectral measure of f at 1 (Liese and Vajda 2006; "
            "Sason 2018); in the wording of the best constant we found no earlier statement after "
            "a limited search"
        ),
    ),
    _root(
        "root_kl", "Losses and the square root of KL",
        "The expected losses differ by at most osc(l) times the smaller of sqrt(KL/2) and "
        "sqrt(1 - exp(-KL)), in either order of KL; the factor 1/2 is the least under the first "
        "root.",
        r"|\mathbb{E}_P\ell - \mathbb{E}_Q\ell| \le \mathrm{osc}(\ell)\,"
        r"\min\{\sqrt{\mathrm{KL}/2},\ \sqrt{1 - e^{-\mathrm{KL}}}\}",
        "Pinsker 1964 and Csiszar 1967; Bretagnolle and Huber 1979",
    ),
    _root(
        "sharp_kl", "Losses and KL, the sharp curve",
        "For every t > 0: if KL <= log(t/sinh t) + t coth t - t^2/sinh^2 t, then the expected "
        "losses differ by at most osc(l) (t/2)(1 - (coth t - 1/t)^2), and two binary laws attain "
        "both equalities.",
        r"\mathrm{KL} \le K(t) \Rightarrow |\mathbb{E}_P\ell - \mathbb{E}_Q\ell| \le "
        r"\mathrm{osc}(\ell)\,T(t)",
        "Fedotov, Harremoes and Topsoe 2003",
    ),
    _root(
        "root_jsd", "Losses and the Jensen-Shannon divergence, the sharp curve",
        "JSD >= psi(TV) with psi(v) = log 2 - h((1 + v)/2), so the expected losses differ by at "
        "most osc(l) times the inverse of psi at JSD; for every v two binary laws attain equality.",
        r"|\mathbb{E}_P\ell - \mathbb{E}_Q\ell| \le \mathrm{osc}(\ell)\,\psi^{-1}(\mathrm{JSD})",
        "Sason 2015; Gilardoni 2006; the series of psi: Topsoe 2000",
    ),
    _root(
        "root_hellinger2", "Losses and the squared Hellinger distance, the sharp curve",
        "The expected losses differ by at most osc(l) sqrt(H^2 (2 - H^2)), H^2 = 1 - sum sqrt(pq); "
        "for every value two binary laws attain equality.",
        r"|\mathbb{E}_P\ell - \mathbb{E}_Q\ell| \le \mathrm{osc}(\ell)\,\sqrt{H^2(2 - H^2)}",
        "Le Cam; Kraft 1955",
    ),
    _root(
        "root_chi2", "Losses and the chi-squared divergence, the sharp curve",
        "chi2 >= 4 TV^2 and, where TV >= 1/2, chi2 >= TV/(1 - TV); so the expected losses differ "
        "by at most osc(l) sqrt(chi2)/2 where chi2 <= 1 and osc(l) chi2/(1 + chi2) beyond. For "
        "every value two binary laws attain equality.",
        r"|\mathbb{E}_P\ell - \mathbb{E}_Q\ell| \le \mathrm{osc}(\ell)\,\begin{cases}"
        r"\tfrac12\sqrt{\chi^2} & \chi^2 \le 1\\ \chi^2/(1+\chi^2) & \chi^2 > 1\end{cases}",
        "Reid and Williamson 2011",
    ),
)  # fmt: skip


# --- the kink -------------------------------------------------------------------------------------

_f, _u, _v, _a, _b, _s, _t, _up, _down, _osc, _l = variables("F u v a b s t up down osc L")

LOWER = lemma(
    "n_13", _f - HALF * (_a - _b) * (_u + _v),
    atoms={"both slopes support f": _f - _a * _u + _b * _v},
    products={("both slopes support f",): 1},
    zero={"p and q sum to 1": (_u - _v, -HALF * (_a + _b))}, common="a b",
)  # fmt: skip
"""``D_f - (a - b) TV >= 0``."""

_SLOPES = {
    "f(1 + 2t) <= 2t (a + s)": 2 * _t * (_a + _s) - _up,
    "f(1 - 2t) <= -2t (b - s)": -2 * _t * (_b - _s) - _down,
}
NO_MORE = lemma(
    "n_13", (_a - _b + 2 * _s) * _t - HALF * (_up + _down),
    atoms=_SLOPES, products={(name,): HALF for name in _SLOPES}, common="a b s t up down",
)  # fmt: skip
"""``D_f <= (a - b + 2s) t`` at P = (1/2 + t, 1/2 - t), Q = (1/2, 1/2), where TV = t."""
NO_LESS = lemma(
    "n_13", _osc * _t - _l * HALF * (_up + _down) - (_osc - _l * (_a - _b + 2 * _s)) * _t,
    atoms={**_SLOPES, "L": _l}, products={("L", name): HALF for name in _SLOPES},
    common="a b s t up down osc L",
)  # fmt: skip
"""There ``osc t - L D_f >= (osc - L (a - b + 2s)) t``, which is > 0 for small s if L (a - b) < osc.
"""


def _kinked(u: Any) -> Any:
    """``|u - 1|/2 + (u - 1)^2``: slopes -1/2 and 1/2 at 1."""
    return abs(u - 1) / 2 + (u - 1) * (u - 1)


def _encoding() -> list[str]:
    """On a grid of rationals: cells sum to sua_ref.f_divergence, the atom and the bound hold."""
    for p in distributions(3, 4):
        for q in distributions(3, 5):
            if 0 in q:
                continue
            cells = [y * _kinked(x / y) for x, y in zip(p, q, strict=True)]
            x, y = np.array(p, dtype=object), np.array(q, dtype=object)
            value, tv = f_divergence(x, y, _kinked), total_variation(x, y)
            supported = all(c >= abs(x - y) / 2 for c, x, y in zip(cells, p, q, strict=True))
            if value != sum(cells) or value < tv or not supported:
                return [f"P = {p}, Q = {q}: D_f = {value}, TV = {tv}"]
    return []


def _half(u: Any) -> Any:
    return abs(u - 1) / 2


def _tight() -> list[str]:
    """f(u) = |u - 1|/2 has a kink of 1, and D_f is total variation itself."""
    p, q = np.array([Fraction(2, 3), Fraction(1, 3)]), np.array([HALF, HALF])
    return [] if f_divergence(p, q, _half) == total_variation(p, q) > 0 else ["no equality"]


def _informative() -> list[str]:
    """The bound osc D_f/Delta on a difference of losses, well below osc."""
    p, q = np.array([Fraction(11, 20), Fraction(9, 20)]), np.array([HALF, HALF])
    value = f_divergence(p, q, _kinked)
    return [] if 0 < total_variation(p, q) <= value < Fraction(1, 10) else [f"D_f = {value}"]


def _kink() -> list[Piece]:
    rows: list[Row] = [("f(u)", "|u - 1|/2, kink 1"), ("P, Q", "(2/3, 1/3), (1/2, 1/2)"),
                       ("D_f = TV", "1/6")]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked",
            "D_f >= Delta TV: every finite number of labels, every convex f", LOWER.faults,
        ),
        Piece(
            Kind.PROOF, "checked",
            "no larger constant, and no smaller L_D: P = (1/2 + t, 1/2 - t), Q = (1/2, 1/2), t -> "
            "0, every convex f", lambda: NO_MORE.faults() + NO_LESS.faults(),
        ),
        Piece(Kind.TIGHT, "checked", "equality: f(u) = |u - 1|/2", _tight, instance=lambda: rows),
        Piece(
            Kind.INFORMATIVE, "checked",
            "f(u) = |u - 1|/2 + (u - 1)^2 at P = (11, 9)/20, Q = (1, 1)/2: D_f = 3/50",
            _informative,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "the encoding equals sua_ref.f_divergence, in Fractions: n = 3, f(u) = |u - 1|/2 + "
            "(u - 1)^2, 90 pairs", _encoding,
        ),
    ]  # fmt: skip


_CURVES: dict[str, Callable[[], list[Piece]]] = {
    "n_13.root_kl": curves.root_kl,
    "n_13.sharp_kl": curves.sharp_kl,
    "n_13.root_jsd": curves.root_jsd,
    "n_13.root_hellinger2": curves.root_hellinger2,
    "n_13.root_chi2": curves.root_chi2,
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_13."""
    return _CURVES[claim]() if claim in _CURVES else _kink()
