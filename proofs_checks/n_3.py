r"""Result n_3: the additive score bounds the error of the perturbed prediction.

Claim: with y0 = argmax q_x and y1 = argmax q_x' (ties broken in any way),
``1 - p_x(y1) <= 1 - q_x(y0) + 2 TV(q_x, q_x') + TV(q_x, p_x)``.

Proof, for any number of labels. Write q_x - q_x' = u - v and p_x - q_x = s - t with all four >= 0
and no overlap, so that 2 TV(q_x, q_x') = sum (u + v), TV(q_x, p_x) = (1/2) sum (s + t) and
sum (s - t) = 0. Let a and b be the indicators of y0 and y1. The right side minus the left is the
sum over labels of ``(u + v) + (s + t)/2 - a q + b (q + s - t)``. That y1 maximises q_x' reads
``sum (b - a)(q - u + v) >= 0``. Subtract it, and subtract (s - t)/2, whose sum is 0; what is left
is ``u (1-a) + u b + v a + v (1-b) + s b + t (1-b)``, label by label, and every term is >= 0.

Averaging over x' ~ Pi turns 2 TV into 2 S_TV; the other terms do not depend on x'.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from proofs_checks import solver
from proofs_checks.asm_1 import distributions
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from sua_ref import additive_score, argmax_risk, total_variation

CLAIMS = (
    Claim(
        id="n_3",
        kind="formal",
        title="The additive score bounds the error of the perturbed prediction",
        statement=(
            "For any two outputs q_x and q_x' and any label law p_x, the error of argmax q_x' "
            "under p_x is at most e(x) + 2 TV(q_x, q_x') + TV(q_x, p_x), with e = 1 - max q_x. "
            "Averaged over x' ~ Pi, the bound is e + 2 S_TV + TV(q_x, p_x)."
        ),
        formula=(
            r"P(f(x') \ne Y \mid x) \le e(x) + 2\,\mathrm{TV}(q_x, q_{x'})"
            r" + \mathrm{TV}(q_x, p_x)"
        ),
        source="ours",
        where="repair of Theorem 4.3 for the argmax risk",
        severity="conclusion",
        ref=("additive_score", "argmax_risk", "total_variation"),
        bound=True,
        credit=(
            "we found no earlier statement after a limited search; the ingredients are classical "
            "(plug-in regret: Devroye, Gyorfi, Lugosi 1996)"
        ),
    ),
)
ID = "n_3"
_u, _v, _s, _t, _a, _b, _q = (Polynomial.variable(name) for name in "uvstabq")
_HALF = Fraction(1, 2)

STATEMENT = SummedStatement(
    claim=ID,
    global_variables=frozenset(),
    goal=(_u + _v) + _HALF * (_s + _t) - _a * _q + _b * (_q + _s - _t),
    atoms={"u": _u, "v": _v, "s": _s, "t": _t, "a": _a, "b": _b, "1 - a": 1 - _a, "1 - b": 1 - _b},
    zero_sums={"p_x and q_x sum to 1": _s - _t},
    nonnegative_sums={"y1 maximises q_x'": (_b - _a) * (_q - _u + _v)},
)
_ONE = Fraction(1)
CERTIFICATE = SummedCertificate(
    claim=ID,
    products=(
        (_ONE, ("u", "1 - a")),
        (_ONE, ("u", "b")),
        (_ONE, ("v", "a")),
        (_ONE, ("v", "1 - b")),
        (_ONE, ("s", "b")),
        (_ONE, ("t", "1 - b")),
    ),
    zero_multipliers={"p_x and q_x sum to 1": Polynomial.constant(-_HALF)},
    nonnegative_multipliers={"y1 maximises q_x'": _ONE},
)


def _proof() -> list[str]:
    return check(STATEMENT, CERTIFICATE)


def _encoding() -> list[str]:
    """The encoded sum equals bound minus error as :mod:`sua_ref` computes them, in Fractions."""
    zero = Fraction(0)
    for q, there, law in product(distributions(3, 3), repeat=3):
        x, y, truth = (np.array(d, dtype=object) for d in (q, there, law))
        slack = additive_score(x, y[None, :]) + total_variation(x, truth) - argmax_risk(y, truth)
        y0, y1 = q.index(max(q)), there.index(max(there))
        total = sum(
            STATEMENT.goal.at(
                {
                    "u": max(q[i] - there[i], zero),
                    "v": max(there[i] - q[i], zero),
                    "s": max(law[i] - q[i], zero),
                    "t": max(q[i] - law[i], zero),
                    "a": Fraction(i == y0),
                    "b": Fraction(i == y1),
                    "q": q[i],
                }
            )
            for i in range(3)
        )
        if total != slack:
            return [f"q_x = {q}, q_x' = {there}, p_x = {law}: encoded {total}, computed {slack}"]
    return []


def _solved() -> list[str]:
    """z3 on n = 2, 3, 4 labels: more than the bound is impossible, equality is not.

    Renaming the labels leaves two cases: the answers agree, or they are labels 0 and 1.
    """
    found = []
    for n, y1 in product((2, 3, 4), (0, 1)):
        (q, first), (there, second), (law, third) = (solver.simplex(name, n) for name in "qrp")
        answers = [*(q[0] >= x for x in q), *(there[y1] >= x for x in there)]
        moved = solver.total_variation(q, there)
        bound, error = 1 - q[0] + 2 * moved + solver.total_variation(q, law), 1 - law[y1]
        equal = (error == bound) & (error > 0) & (error < 1)
        found += solver.faults([*first, *second, *third, *answers], error > bound, equal)
    return found


def _tight() -> list[str]:
    """Y = 0, q_x = (3/5, 2/5), q_x' = (1/2 - s, 1/2 + s): the slack is 2s, and tends to 0."""
    law = np.array([Fraction(1), Fraction(0)])
    x = np.array([Fraction(3, 5), Fraction(2, 5)])
    for k in (1, 10, 1000):
        s = Fraction(1, 10 * k)
        y = np.array([_HALF - s, _HALF + s])
        slack = additive_score(x, y[None, :]) + total_variation(x, law) - argmax_risk(y, law)
        if slack != 2 * s:
            return [f"s = {s}: slack {slack}"]
    return []


def _informative() -> list[str]:
    """A confident, stable, right model: the bound is far below 1."""
    x, y = (
        np.array([Fraction(9, 10), Fraction(1, 10)]),
        np.array([Fraction(8, 9), Fraction(1, 9)]),
    )
    bound = additive_score(x, y[None, :]) + total_variation(x, x)
    return [] if bound < Fraction(1, 5) else [f"the bound is {bound}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_3``."""
    return [
        Piece(
            Kind.PROOF, "checked",
            "the inequality for each x': every finite number of labels, every way to break ties",
            _proof,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "the encoding equals sua_ref.additive_score and its neighbours, in Fractions: n = 3, "
            "denominators of 3, all 1000 triples", _encoding,
        ),
        Piece(
            Kind.SUPPORT, "solver", "z3: n = 2, 3, 4 labels, negation unsatisfiable, equality "
            "satisfiable", _solved,
        ),
        Piece(
            Kind.TIGHT, "checked",
            "approached: Y = 0, q_x = (3/5, 2/5), q_x' = (1/2 - s, 1/2 + s) leaves slack 2s",
            _tight,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "q_x = p_x = (9, 1)/10, q_x' = (8, 1)/9: below 1/5",
            _informative,
        ),
    ]  # fmt: skip
