r"""Result n_19: by how much mixing with any fixed law contracts a divergence, sharply.

With ``a <= b`` the two least entries of c = (1 - alpha) u, every mixture divergence D
(:mod:`proofs_checks.mixtures`) satisfies ``D(alpha p + c, alpha q + c) <= eta D(p, q)`` with

    eta = alpha^2 (alpha + a + b) / (alpha^2 + (s + t)^2),
    s^2 = a (alpha + b),  t^2 = b (alpha + a).

Proof. As for n_6; theta = eta/alpha^2 is that of :mod:`proofs_checks.contraction`.

Sharp. On two labels with the values a and b, take w = (W, v), W + v = 1, and p, q = w plus or minus
z (1, -1). All weights that occur lie within z of w, so that D shrinks by at least ``alpha^2 sum
1/(alpha w + c + alpha z)`` over ``sum 1/(w - z)``, which tends with z to E(W) = ``alpha^2 v W (A +
B) / (A B)``. Where W t = v s this is eta, if a > 0; if a = 0, it tends to alpha = eta as W falls to
0 (at once, if b = 0 too). For chi-squared q = w is allowed, and then the ratio is E(W) itself.

The bound by the least entry alone, ``alpha^2/(alpha + 2 a)``, is the same proof with b lowered to
a. What it gives away has the sign of ``s t - a (alpha + a)``, hence of ``a (b - a)``, for 0 < alpha
< 1: it is sharp iff a = b or a = 0.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from proofs_checks import balls
from proofs_checks import contraction as by
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import row
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.mixtures import equal, integral_form
from sua_ref import chi2_divergence, divergence, smoothing_factor, smoothing_factor_for

_CREDIT = (
    "that two labels attain the contraction coefficient of a channel is known (Ordentlich and "
    "Polyanskiy 2020, arXiv 2010.01987); we found no earlier statement of this closed form after a "
    "limited search"
)
CLAIMS = (
    Claim(
        id="n_19",
        kind="formal",
        title="The sharp factor of mixing with any fixed law",
        statement=(
            "Mixing with a law u, alpha q + (1 - alpha) u, multiplies KL and chi-squared, in "
            "either order, JSD and squared Hellinger by at most a factor that depends on the two "
            "least entries of u alone, and by no smaller one."
        ),
        formula=(
            r"\eta = \frac{\alpha^2 (\alpha + a + b)}{\alpha^2 + \left(\sqrt{a(\alpha + b)} + "
            r"\sqrt{b(\alpha + a)}\right)^2},\quad a \le b \text{ the least of } (1-\alpha) u"
        ),
        source="ours",
        where="Lemma 4.7 and A.4, for a law that need not be uniform",
        severity="conclusion",
        ref=("smoothing_factor_for", "chi2_divergence"),
        bound=True,
        credit=_CREDIT,
    ),
    Claim(
        id="n_19.least_entry",
        kind="formal",
        title="The factor by the least entry alone, and when it is sharp",
        statement=(
            "The factor is at most alpha^2/(alpha + 2 (1 - alpha) min u). For 0 < alpha < 1 this "
            "is the sharp factor iff two labels attain min u or min u = 0."
        ),
        formula=r"\eta \le \frac{\alpha^2}{\alpha + 2(1-\alpha) \min u}",
        source="ours",
        where="Lemma 4.7 and A.4, for a law that need not be uniform",
        ref=("smoothing_factor_for", "smoothing_factor"),
        bound=True,
        credit=_CREDIT,
    ),
)
_HALF = Fraction(1, 2)
LAW = (Fraction(1, 7), Fraction(2, 7), Fraction(4, 7))
"""At alpha = 1/2: a = 1/14, b = 1/7, s = 3/14, t = 4/14, eta = 5/14."""


def _proof() -> list[str]:
    return [*integral_form(), *by.contraction()]


def _sharp() -> list[str]:
    """E(W) and the limit of the docstring: ``1/W + 1/v`` and ``1/A + 1/B`` over common
    denominators; that W t = v s makes (pair) an equality is ``pair_for_the_two_least``."""
    faults = equal("1/W + 1/v", by.v + (1 - by.v), Polynomial.constant(1))
    left, right = by.alpha * (1 - by.v) + by.a, by.alpha * by.v + by.b
    faults += equal("1/A + 1/B", left + right, by.alpha + by.a + by.b)
    # a = 0: E = v (alpha + b) alpha / (alpha v + b), which is alpha at v = 1.
    at_zero = by.v * (by.alpha + by.b) * by.alpha
    limit = by.alpha * (by.alpha * by.v + by.b)
    gap = limit - at_zero
    return faults + by.pair_for_the_two_least() + equal(
        "E at a = 0", gap, by.alpha * by.b * (1 - by.v)
    )  # fmt: skip


def _attained() -> list[str]:
    """Chi-squared in Fractions: u = (1, 2, 4)/7, alpha = 1/2, q = (3/7, 4/7, 0)."""
    q = np.array([Fraction(3, 7), Fraction(4, 7), Fraction(0)])
    p = q + np.array([Fraction(1, 7), Fraction(-1, 7), Fraction(0)])
    law = np.array(LAW)
    after = chi2_divergence(*(_HALF * v + _HALF * law for v in (p, q)))
    ratio = after / chi2_divergence(p, q)
    return [] if ratio == Fraction(5, 14) else [f"the ratio is {ratio}"]


def _function() -> list[str]:
    """``sua_ref.smoothing_factor_for`` encloses 5/14, and knows the uniform law and a zero."""
    value = smoothing_factor_for(balls.balls(LAW), _HALF)
    faults = [] if value.overlaps(balls.ball(Fraction(5, 14))) else [f"{value} for 5/14"]
    for n in range(2, 7):
        uniform = np.array([Fraction(1, n)] * n)
        if smoothing_factor_for(uniform, _HALF) != smoothing_factor(n, _HALF):
            faults.append(f"n = {n}: not n_6")
    with_zero = np.array([Fraction(0), Fraction(1, 3), Fraction(2, 3)])
    if smoothing_factor_for(with_zero, _HALF) != _HALF:
        faults.append("a law with an entry 0 does not give alpha")
    return faults


def _nearly() -> list[str]:
    """KL and JSD near the same w keep 99 % of the factor: z = 1/1000, in balls."""
    w, z = (Fraction(3, 7), Fraction(4, 7)), Fraction(1, 1000)
    rows = [(w[0] + d, w[1] - d, Fraction(0)) for d in (z, -z)]
    mixed = [tuple(_HALF * x + _HALF * y for x, y in zip(r, LAW, strict=True)) for r in rows]
    faults = []
    for kind in ("kl", "reverse_kl", "jsd"):
        before, after = (
            divergence(*(balls.balls(r) for r in pair), kind=kind) for pair in (rows, mixed)
        )

        def near(before: object = before, after: object = after) -> bool:
            low = balls.ball(Fraction(5, 14) * Fraction(99, 100)) * before
            return greater(after, low) and greater(balls.ball(Fraction(5, 14)) * before, after)

        if decide(near) is not Truth.TRUE:
            faults.append(kind)
    return faults


def _least_entry() -> list[str]:
    """``1/(alpha + 2 a) - theta``, times both denominators, is ``2 (s t - a (alpha + a))``."""
    alpha, a, b, s, t = by.alpha, by.a, by.b, by.s, by.t
    size = alpha * alpha + (s + t) * (s + t)
    goal = size - (alpha + a + b) * (alpha + 2 * a) - 2 * (s * t - a * (alpha + a))
    relations = {"s": s * s - a * (alpha + b), "t": t * t - b * (alpha + a)}
    claim, minus_one = "least entry", Polynomial.constant(-1)
    faults = []
    for sign in (1, -1):
        statement = SummedStatement(
            claim, frozenset(["alpha", "a", "b", "s", "t"]), sign * goal, {}, relations, {}
        )
        multipliers = dict.fromkeys(relations, sign * minus_one)
        faults += check(statement, SummedCertificate(claim, (), multipliers, {}))
    # (s t)^2 - (a (alpha + a))^2 = a (alpha + a) (b - a) (alpha + a + b): its sign is that of s t -
    # a (alpha + a), so 0 iff a = 0 or a = b.
    squares = a * (alpha + b) * b * (alpha + a) - a * a * (alpha + a) * (alpha + a)
    return faults + equal("the sign", squares, a * (alpha + a) * (b - a) * (alpha + a + b))


def _speaks() -> list[str]:
    """u = (1, 2, 4)/7, alpha = 1/2: 5/14 < 7/18, the bound by the least entry, < 1/2."""
    by_least = Fraction(1, 4) / (_HALF + 2 * _HALF * min(LAW))
    return [] if Fraction(5, 14) < by_least == Fraction(7, 18) < _HALF else [f"{by_least}"]


def _drawn() -> list[Row]:
    return [
        ("u, alpha", f"{row(LAW)}, 1/2"),
        ("q_x", "(4/7, 3/7, 0)"),
        ("q_x'", "(3/7, 4/7, 0)"),
        ("chi-squared after / before", "5/14"),
    ]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_19`` and the simpler bound."""
    informative = Piece(
        Kind.INFORMATIVE, "checked", "u = (1, 2, 4)/7, alpha = 1/2: 5/14 < 7/18 < alpha", _speaks
    )
    if claim == "n_19.least_entry":
        return [
            Piece(
                Kind.PROOF, "checked",
                "the bound and when it is sharp: every number of labels, every law and alpha",
                lambda: _proof() + _least_entry(),
            ),
            Piece(
                Kind.TIGHT, "checked", "equality for the uniform laws of 2 to 6 labels, and where "
                "an entry is 0", _function,
            ),
            informative,
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked",
            "the inequality: every number of labels, every law and alpha, all pairs, every mixture "
            "divergence", _proof,
        ),
        Piece(
            Kind.PROOF, "checked",
            "no smaller factor: two labels with the least entries, p and q near (W, v) with "
            "W t = v s, or near (0, 1) where the least entry is 0", _sharp,
        ),
        Piece(
            Kind.TIGHT, "checked", "chi-squared attains 5/14 at u = (1, 2, 4)/7, alpha = 1/2",
            _attained, instance=_drawn,
        ),
        Piece(
            Kind.TIGHT, "checked", "KL, either order, and JSD keep 99 % of it nearby, in balls",
            _nearly,
        ),
        informative,
        Piece(
            Kind.SUPPORT, "checked", "sua_ref.smoothing_factor_for agrees, in Fractions and balls",
            _function,
        ),
    ]  # fmt: skip
