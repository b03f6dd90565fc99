"""A statement and its certificate for the checker, written down together.

The checker keeps the two apart, for it trusts the statement's reading and not the multipliers. Most
proofs are easier to read with each hypothesis beside its multiplier; a :class:`Lemma` holds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check

HALF = Fraction(1, 2)
_Times = Mapping[str, tuple[Polynomial, Polynomial | Fraction | int]]


class Lemma(NamedTuple):
    """What the checker is asked, and the multipliers it is given."""

    statement: SummedStatement
    certificate: SummedCertificate

    def faults(self) -> list[str]:
        """Why the checker does not accept it; empty if it does."""
        return check(self.statement, self.certificate)


def variables(names: str) -> tuple[Polynomial, ...]:
    """``variables("u v")``: the polynomials u and v."""
    return tuple(Polynomial.variable(name) for name in names.split())


def lemma(
    claim: str,
    goal: Polynomial,
    *,
    atoms: Mapping[str, Polynomial],
    products: Mapping[tuple[str, ...], Fraction | int],
    zero: _Times | None = None,
    nonnegative: Mapping[str, tuple[Polynomial, Fraction | int]] | None = None,
    common: str = "",
) -> Lemma:
    """``sum goal >= 0`` over any number of labels.

    Args:
        claim: the id that the lemma serves.
        goal: the summand, a polynomial.
        atoms: what is >= 0 at every label, by name.
        products: which products of atoms make up the summand, with their coefficients.
        zero: what sums to 0 over the labels, by name, with the multiplier that adds it to the goal.
        nonnegative: what sums to >= 0, by name, with the multiplier that takes it off the goal.
        common: the variables that all labels share.
    """
    sums, taken = zero or {}, nonnegative or {}
    statement = SummedStatement(
        claim=claim,
        global_variables=frozenset(common.split()),
        goal=goal,
        atoms=atoms,
        zero_sums={name: z for name, (z, _) in sums.items()},
        nonnegative_sums={name: n for name, (n, _) in taken.items()},
    )
    certificate = SummedCertificate(
        claim=claim,
        products=tuple((Fraction(c), names) for names, c in products.items()),
        zero_multipliers={name: Polynomial() + m for name, (_, m) in sums.items()},
        nonnegative_multipliers={name: Fraction(c) for name, (_, c) in taken.items()},
    )
    return Lemma(statement, certificate)
