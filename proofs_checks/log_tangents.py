r"""Inequalities with one logarithm, for every u > 0, by exact differentiation.

A :class:`LogSum` is ``sum c u^k (log u)^j`` with rational c; its derivatives are of the same kind,
and its value at u = 1 is rational, because log 1 = 0. The rule: let f and its first m - 1
derivatives vanish at u = 1, and let the m-th have no logarithm. If m is even and the m-th
derivative is >= 0 for u > 0, or m is odd and it has the sign of u - 1, then f >= 0 for u > 0.

Proof. A function that vanishes at 1 and whose derivative has the sign of u - 1 is >= 0 (it falls
up to 1 and rises after it). One that vanishes at 1 and whose derivative is >= 0 has the sign of
u - 1. Apply the two in turn, from the m-th derivative down to f.

The sign of the m-th derivative is a polynomial statement, which the checker re-expands. Three facts
are had this way, and with them every property of the logarithm that the proofs here rest on:

* the tangent, ``log u <= u - 1``; for cells, ``p log(p/q) - p + q >= 0`` (p = 0: the value is q;
  p > 0 = q: it is infinite);
* the cubic, ``log u <= w - w^2/2 + w^3/3`` with w = u - 1;
* Pinsker's cell, ``(2u + 4)(u log u - u + 1) >= 3 (u - 1)^2``; for cells of relative entropy K,
  ``(2p + 4q) K >= 3 (p - q)^2`` (p = 0: 4 q^2 >= 3 q^2).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs_checks.checker import Polynomial
from proofs_checks.lemma import HALF, lemma

_U = Polynomial.variable("u")


class LogSum:
    """``sum c u^k (log u)^j``, as a mapping from (k, j) to c."""

    def __init__(self, terms: Mapping[tuple[int, int], Fraction | int]) -> None:
        self.terms = {powers: Fraction(c) for powers, c in terms.items() if c != 0}

    def derivative(self) -> LogSum:
        """By the product rule, with ``(log u)' = 1/u``."""
        total: dict[tuple[int, int], Fraction] = {}
        for (k, j), c in self.terms.items():
            total[k - 1, j] = total.get((k - 1, j), Fraction(0)) + c * k
            if j:
                total[k - 1, j - 1] = total.get((k - 1, j - 1), Fraction(0)) + c * j
        return LogSum(total)

    def at_one(self) -> Fraction:
        """The value at u = 1."""
        return sum((c for (_, j), c in self.terms.items() if j == 0), Fraction(0))

    def cleared(self) -> Polynomial | None:
        """Without a logarithm: itself times a power of u that leaves no denominator."""
        if any(j for _, j in self.terms):
            return None
        lowest = min((k for k, _ in self.terms), default=0)
        return sum((c * _power(k - lowest) for (k, _), c in self.terms.items()), start=Polynomial())


def _power(k: int) -> Polynomial:
    total = Polynomial.constant(1)
    for _ in range(k):
        total = total * _U
    return total


def nonnegative(
    f: LogSum, *, order: int, products: Mapping[tuple[str, ...], Fraction | int]
) -> list[str]:
    """Why the rule does not show f >= 0 for every u > 0; empty if it does.

    Args:
        f: the function.
        order: m, the first derivative without a logarithm and with a sign.
        products: products of ``u`` and ``(u - 1)^2`` that make up that derivative, cleared of
            denominators, and times u - 1 where m is odd.
    """
    for m in range(order):
        if f.at_one() != 0:
            return [f"derivative {m} is {f.at_one()} at u = 1"]
        f = f.derivative()
    sign = f.cleared()
    if sign is None:
        return [f"derivative {order} still has a logarithm"]
    goal = sign * (_U - 1) if order % 2 else sign
    atoms = {"u": _U, "(u - 1)^2": (_U - 1) * (_U - 1)}
    return lemma("log_tangents", goal, atoms=atoms, products=products).faults()


TANGENT = LogSum({(1, 0): 1, (0, 0): -1, (0, 1): -1})
"""``u - 1 - log u``."""
_THIRD = Fraction(1, 3)
CUBIC = LogSum(
    {(3, 0): _THIRD, (2, 0): -HALF - 1, (1, 0): 3, (0, 0): -1 - HALF - _THIRD, (0, 1): -1}
)
"""``w - w^2/2 + w^3/3 - log u`` with w = u - 1."""
PINSKER = LogSum(
    {(2, 1): 2, (1, 1): 4, (2, 0): -2 - 3, (1, 0): 2 - 4 + 6, (0, 0): 4 - 3}
)  # fmt: skip
"""``(2u + 4)(u log u - u + 1) - 3 (u - 1)^2``."""


def tangent() -> list[str]:
    """``log u <= u - 1``: the derivative of the difference is ``(u - 1)/u``."""
    return nonnegative(TANGENT, order=1, products={("(u - 1)^2",): 1})


def cubic() -> list[str]:
    """The cubic bound: the derivative of the difference is ``(u - 1)^3/u``."""
    return nonnegative(CUBIC, order=1, products={("(u - 1)^2", "(u - 1)^2"): 1})


def pinsker() -> list[str]:
    """Pinsker's cell: the third derivative is ``4 (u - 1)/u^2``."""
    return nonnegative(PINSKER, order=3, products={("(u - 1)^2",): 4})
