r"""Assumption 1 under total variation, and the constant 1 of the 0-1 loss.

Claim: for every loss with values in [m, M] and any two distributions P, Q on finitely many labels,
``|E_P l - E_Q l| <= (M - m) TV(P, Q)``, and M - m is the least such constant.

Proof, for any number of labels. Split p - q = u - v with u = (p - q)_+ and v = (q - p)_+, so that
TV = (1/2) sum (u + v) and sum (u - v) = 0. Then

    (M-m)/2 (u+v) - l (u-v) + (M+m)/2 (u-v)  =  u (M - l) + v (l - m),

label by label, and the right side is >= 0. Summing, the last term on the left vanishes, which
leaves ``(M - m) TV - (E_P l - E_Q l) >= 0``. Exchanging P and Q exchanges u and v and gives the
other sign. Equality: P at a label of loss M, Q at one of loss m.

The identity is what the checker re-expands; the loop over exact instances shows that the encoding
means what ``sua_ref.total_variation`` computes. The readings that are refuted, and the other side
claims, are in :mod:`proofs_checks.asm_1_refuted`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, product

import numpy as np
import z3

from proofs_checks import asm_1_refuted, solver
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma
from sua_ref import total_variation

CLAIMS = (
    Claim(
        id="asm_1@tv",
        kind="formal",
        title="Lipschitz loss in divergence, total variation",
        statement=(
            "For every loss with finite oscillation osc(l) = max l - min l over the labels, and "
            "any two label distributions P and Q, the expected losses differ by at most osc(l) "
            "times their total variation; osc(l) is the least such constant, so 1 for the 0-1 loss."
        ),
        formula=(
            r"\left|\mathbb{E}_{y\sim P}\,\ell(a,y) - \mathbb{E}_{y\sim Q}\,\ell(a,y)\right|"
            r" \le \mathrm{osc}(\ell)\,\mathrm{TV}(P,Q)"
        ),
        source="reconstructed",
        where="section 4.1, Assumption 1, and the sentence after it",
        quote="This assumption holds for bounded losses and any",
        silent="which divergence; whether TV is halved",
        reading="D is total variation, TV = (1/2) sum |p - q|",
        severity="step",
        ref=("total_variation",),
        bound=True,
        credit="folklore: the variational form of total variation",
    ),
    Claim(
        id="asm_1.zero_one",
        kind="formal",
        title="The constant of the 0-1 loss under total variation is 1",
        statement=(
            "For the 0-1 loss the probabilities of an error under two label distributions differ "
            "by at most their total variation, and with two or more labels no constant below 1 "
            "serves."
        ),
        formula=r"|P(y \ne a) - Q(y \ne a)| \le \mathrm{TV}(P, Q)",
        source="reconstructed",
        where="section 4.1, the sentence after Assumption 1",
        quote="For 0-1 loss and total variation,",
        silent="the value, and whether total variation is halved",
        reading="L_D = 1, TV = (1/2) sum |p - q|; were it not halved, 1/2 would serve",
        severity="remark",
        uses=("asm_1@tv",),
        ref=("total_variation",),
        bound=True,
        credit="folklore: the definition of total variation as a supremum over events",
    ),
    *asm_1_refuted.REFUTED,
)
ID = "asm_1@tv"
_u, _v, _l, _top, _bottom = (Polynomial.variable(name) for name in ("u", "v", "l", "M", "m"))


def statement(sign: int) -> SummedStatement:
    """``osc(l) TV - sign (E_P l - E_Q l) >= 0`` as a sum over labels."""
    return SummedStatement(
        claim=ID,
        global_variables=frozenset({"M", "m"}),
        goal=HALF * (_top - _bottom) * (_u + _v) - sign * _l * (_u - _v),
        atoms={"u": _u, "v": _v, "M - l": _top - _l, "l - m": _l - _bottom},
        zero_sums={"p and q sum to 1": _u - _v},
        nonnegative_sums={},
    )


def certificate(sign: int) -> SummedCertificate:
    """The multipliers of the proof above."""
    one = Fraction(1)
    if sign > 0:
        products = ((one, ("u", "M - l")), (one, ("v", "l - m")))
    else:
        products = ((one, ("u", "l - m")), (one, ("v", "M - l")))
    return SummedCertificate(
        claim=ID,
        products=products,
        zero_multipliers={"p and q sum to 1": sign * HALF * (_top + _bottom)},
        nonnegative_multipliers={},
    )


def _proof() -> list[str]:
    return [
        f"sign {sign}: {fault}"
        for sign in (1, -1)
        for fault in check(statement(sign), certificate(sign))
    ]


def distributions(n: int, denominator: int) -> list[tuple[Fraction, ...]]:
    """Every distribution on ``n`` labels whose entries are multiples of 1/denominator."""
    found = []
    for cuts in combinations_with_replacement(range(denominator + 1), n - 1):
        edges = (0, *cuts, denominator)
        found.append(tuple(Fraction(b - a, denominator) for a, b in pairwise(edges)))
    return found


def _encoding() -> list[str]:
    """Both sides of the encoding, exactly, on every instance of a small rational grid."""
    losses = [(Fraction(0), Fraction(1), Fraction(1, 3)), (Fraction(-2), Fraction(5), Fraction(5))]
    for p, q in product(distributions(3, 4), repeat=2):
        tv = total_variation(np.array(p, dtype=object), np.array(q, dtype=object))
        for loss in losses:
            top, bottom = max(loss), min(loss)
            gap = sum((a - b) * x for a, b, x in zip(p, q, loss, strict=True))
            for sign in (1, -1):
                total = sum(
                    statement(sign).goal.at(
                        {"u": max(a - b, Fraction(0)), "v": max(b - a, Fraction(0)),
                         "l": x, "M": top, "m": bottom}
                    )
                    for a, b, x in zip(p, q, loss, strict=True)
                )  # fmt: skip
                if total != (top - bottom) * tv - sign * gap:
                    return [f"p = {p}, q = {q}, loss = {loss}: the encoding gives {total}"]
    return []


def _tight() -> list[str]:
    """P at a label of loss M, Q at one of loss m: the difference is M - m, as a polynomial."""
    p, q = np.array([Fraction(1), Fraction(0)]), np.array([Fraction(0), Fraction(1)])
    gap = sum(((a - b) * x for a, b, x in zip(p, q, (_top, _bottom), strict=True)), Polynomial())
    bound = total_variation(p, q) * (_top - _bottom)
    return [] if gap == bound == _top - _bottom else ["the two sides differ"]


def _informative() -> list[str]:
    """P and Q a thousandth apart: the bound says so, where the range of the loss says nothing."""
    p = np.array([Fraction(501, 1000), Fraction(499, 1000)])
    q = np.array([Fraction(1, 2), Fraction(1, 2)])
    return [] if 0 < total_variation(p, q) < 1 else ["the bound is trivial there"]


ZERO_ONE = lemma(
    "asm_1.zero_one", HALF * (_u + _v) - _l * (_u - _v),
    atoms={"u": _u, "v": _v, "l": _l, "1 - l": 1 - _l},
    products={("u", "1 - l"): 1, ("v", "l"): 1},
    zero={"p and q sum to 1": (_u - _v, HALF)},
)  # fmt: skip
"""``TV - (P(y != a) - Q(y != a)) >= 0``; the other sign by exchanging P and Q."""


def _point_masses() -> list[str]:
    p, q = np.array([Fraction(1), Fraction(0)]), np.array([Fraction(0), Fraction(1)])
    return [] if total_variation(p, q) == 1 == p[0] - q[0] else ["no equality"]


def _zero_one() -> list[Piece]:
    return [
        Piece(
            Kind.PROOF, "checked", "the inequality: every finite number of labels", ZERO_ONE.faults
        ),
        Piece(
            Kind.PROOF, "checked", "no smaller constant: point masses at two labels", _point_masses
        ),
        Piece(
            Kind.TIGHT, "checked", "equality, with P, Q at two labels", _point_masses,
            instance=lambda: [("P", "(1, 0)"), ("Q", "(0, 1)"), ("TV", "1")],
        ),
        Piece(Kind.INFORMATIVE, "checked", "P = (501, 499)/1000, Q = (1, 1)/2", _informative),
    ]  # fmt: skip


def _solved() -> list[str]:
    """z3 on n = 2, 3, 4 labels: more than the bound is impossible, equality is not."""
    found = []
    for n in (2, 3, 4):
        (p, first), (q, second) = solver.simplex("p", n), solver.simplex("q", n)
        losses = [z3.Real(f"l{i}") for i in range(n)]
        low, high = z3.Reals("m M")
        within = [term for x in losses for term in (low <= x, x <= high)]
        gap = z3.Sum([x * (a - b) for x, a, b in zip(losses, p, q, strict=True)])
        bound = (high - low) * solver.total_variation(p, q)
        equal = (gap == bound) & (gap > 0)
        found += solver.faults([*first, *second, *within], gap > bound, equal)
    return found


def _extremes() -> list[Row]:
    return [("P", "(1, 0)"), ("Q", "(0, 1)"), ("l", "(M, m)"), ("E_P l - E_Q l", "M - m")]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Assumption 1."""
    if claim == "asm_1.zero_one":
        return _zero_one()
    if claim != ID:
        return asm_1_refuted.pieces(claim)
    return [
        Piece(
            Kind.PROOF, "checked",
            "the inequality, both signs: every finite number of labels, every bounded loss", _proof,
        ),
        Piece(
            Kind.PROOF, "checked",
            "osc(l) cannot be lowered for any loss: equality with P, Q at labels of loss M, m",
            _tight,
        ),
        Piece(
            Kind.TIGHT, "checked", "equality, with P, Q at labels of loss M, m", _tight,
            instance=_extremes,
        ),
        Piece(Kind.INFORMATIVE, "checked", "P = (501, 499)/1000, Q = (1, 1)/2", _informative),
        Piece(
            Kind.SUPPORT, "checked",
            "the encoding equals sua_ref.total_variation, in Fractions: n = 3, denominators of 4, "
            "two losses, all 225 pairs", _encoding,
        ),
        Piece(
            Kind.SUPPORT, "solver", "z3: n = 2, 3, 4 labels, every loss in [m, M], negation "
            "unsatisfiable, equality satisfiable", _solved,
        ),
    ]  # fmt: skip
