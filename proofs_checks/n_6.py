r"""Result n_6: by how much label smoothing contracts a divergence, sharply.

``D(alpha p + (1-alpha) u, alpha q + (1-alpha) u) <= eta D(p, q)`` with u uniform over n labels and
``eta = n alpha^2 / (n alpha + 2 (1 - alpha))``, for every mixture divergence D: KL and
chi-squared, in either order, JSD, squared Hellinger.

Proof. By :mod:`proofs_checks.mixtures` it is enough to compare ``alpha^2 sum d^2/(alpha w + c)``
with ``sum d^2/w``, c = (1 - alpha)/n; :mod:`proofs_checks.contraction` does that with theta =
1/(alpha + 2 c), and alpha^2 theta = eta. JSD is half of KL(p, m) + KL(q, m), and smoothing takes
the midpoint m to that of the smoothed. It never needs that u is uniform beyond c_y >= c: n_19.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from proofs_checks import balls
from proofs_checks import contraction as by
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.mixtures import integral_form
from proofs_checks.smoothing_boxes import three_labels, two_labels
from sua_ref import lem_4_7, smoothing_factor

CLAIMS = (
    Claim(
        id="n_6",
        kind="formal",
        title="The sharp factor of label smoothing",
        statement=(
            "Label smoothing over n labels with share alpha multiplies KL and chi-squared, in "
            "either order, JSD and squared Hellinger by at most n alpha^2/(n alpha + 2 (1 - "
            "alpha)), and by no smaller factor."
        ),
        formula=(
            r"D(p', q') \le \frac{n\alpha^2}{n\alpha + 2(1-\alpha)}\, D(p, q),\quad "
            r"p' = \alpha p + (1-\alpha)\mathbf{1}/n"
        ),
        source="ours",
        where="sharp form of Lemma 4.7 and A.4",
        severity="conclusion",
        ref=("smoothing_factor", "lem_4_7", "jensen_shannon_divergence", "chi2_divergence"),
        bound=True,
        credit=(
            "known: the contraction coefficient of the symmetric channel (Ordentlich and "
            "Polyanskiy 2020, arXiv 2010.01987; Makur and Polyanskiy 2018, arXiv 1609.06877), one "
            "for all operator convex f (Makur and Zheng 2015, arXiv 1510.01844); the elementary "
            "proof is ours"
        ),
    ),
)
_SHARES = (Fraction(1, 7), Fraction(1, 2), Fraction(9, 10))


def _proof() -> list[str]:
    return [*integral_form(), *by.contraction(), *by.equal_least_values(), *_formula()]


def _formula() -> list[str]:
    """``sua_ref.smoothing_factor`` is ``alpha^2/(alpha + 2 (1 - alpha)/n)``."""
    return [
        f"n = {n}, alpha = {alpha}"
        for n in range(1, 9)
        for alpha in (*_SHARES, Fraction(0), Fraction(1))
        if smoothing_factor(n, alpha) * (alpha + 2 * (1 - alpha) / n) != alpha**2
    ]


def _pair(n: int, t: Fraction) -> tuple[list[Fraction], list[Fraction]]:
    """(1/2 + t, 1/2 - t, 0, ...) and (1/2, ...)."""
    rest = [Fraction(0)] * (n - 2)
    half = Fraction(1, 2)
    return [half + t, half - t, *rest], [half, half, *rest]


def attained() -> list[str]:
    """Chi-squared with q = (1/2, 1/2, 0, ...): equality in Fractions."""
    faults = []
    for n in range(2, 7):
        p, q = (np.array(v, dtype=object) for v in _pair(n, Fraction(1, 3)))
        for alpha in _SHARES:
            b = lem_4_7(p, q[None, :], alpha=alpha, divergence="chi2", factor="sharp")
            if b.lhs != b.rhs:
                faults.append(f"n = {n}, alpha = {alpha}: {b.lhs} and {b.rhs}")
    return faults


def _speaks() -> list[str]:
    """n = 3, alpha = 1/2: the factor is 3/10, below the alpha of A.4."""
    return [] if smoothing_factor(3, Fraction(1, 2)) == Fraction(3, 10) else ["not 3/10"]


def _holds_exactly() -> list[str]:
    """Chi-squared in Fractions, JSD and KL in balls, on a grid of three-label pairs."""
    grid = [d for d in distributions(3, 3) if min(d) > 0] + distributions(3, 2)
    for p in grid:
        for q in grid:
            exact = np.array(p, dtype=object), np.array([q], dtype=object)
            b = lem_4_7(*exact, alpha=Fraction(1, 2), divergence="chi2", factor="sharp")
            if not b.lhs <= b.rhs:
                return [f"chi2, p = {p}, q = {q}: {b.lhs} > {b.rhs}"]
            for kind in ("jsd", "kl"):
                if p != q and not _in_balls(p, q, kind):
                    return [f"{kind}, p = {p}, q = {q}: not shown"]
    return []


def _in_balls(p: tuple[Fraction, ...], q: tuple[Fraction, ...], kind: str) -> bool:
    b = lem_4_7(
        balls.balls(p), balls.balls([q]), alpha=Fraction(1, 2), divergence=kind, factor="sharp"
    )
    return decide(lambda: greater(b.rhs, b.lhs)) is Truth.TRUE


def _drawn() -> list[Row]:
    return [
        ("q_x", "(1/2 + t, 1/2 - t, 0, ...)"),
        ("q_x'", "(1/2, 1/2, 0, ...)"),
        ("chi-squared after / before", "n alpha^2/(n alpha + 2 (1 - alpha)), for every t"),
    ]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_6``."""
    return [
        Piece(
            Kind.PROOF, "checked",
            "the inequality: every number of labels, every alpha, all pairs, every mixture "
            "divergence", _proof,
        ),
        Piece(
            Kind.PROOF, "checked",
            "no smaller factor, for every mixture divergence: (1/2 + t, 1/2 - t, 0, ...) and its "
            "swap keep (1 - 4 t^2) of it, all t in (0, 1/2)", by.approached_at_equal_least_values,
        ),
        Piece(
            Kind.TIGHT, "checked", "chi-squared attains it, n = 2 to 6, in Fractions", attained,
            instance=_drawn,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "n = 3, alpha = 1/2: 3/10, where A.4 has 1/2", _speaks,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "sua_ref on a grid of pairs, three labels: chi-squared in Fractions, JSD and KL in "
            "balls", _holds_exactly,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "by branch and bound, JSD, two labels: p(0) - q(0) >= 1/2, p(0), q(0) in [1/16, "
            "15/16], alpha in [1/4, 3/4]", two_labels, deep=True,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "by branch and bound, JSD, three labels, at alpha = 1/2: p(0) - q(0) >= 1/4, entries "
            "0 and 1 of both in [1/8, 1/2], entry 2 at least 1/8", three_labels, deep=True,
        ),
    ]  # fmt: skip
