"""The small checker: re-expands a certificate in exact rational arithmetic.

It rests on ``fractions`` alone, trusts nothing that it is handed, and knows one rule:

    Let every label i carry values of the *label variables*, and let *global variables* be common to
    all labels. Suppose that for every i each atom A_j(i) is >= 0, that each zero sum satisfies
    sum_i Z_k(i) = 0 and each nonnegative sum sum_i N_m(i) >= 0. If, as polynomials,

        goal + sum_k z_k Z_k - sum_m c_m N_m  =  sum of  c * (product of atoms),

    where z_k is a polynomial in the global variables, c_m >= 0 and c >= 0 are rationals, then
    sum_i goal(i) >= 0, for every number of labels.

Proof: sum the identity over i; the Z sums vanish, the N sums and the products are >= 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Monomial = tuple[tuple[str, int], ...]
"""Variables with their exponents, sorted by name."""


class Polynomial:
    """A polynomial with rational coefficients; only ``+``, ``-``, ``*`` and comparison."""

    def __init__(self, terms: Mapping[Monomial, Fraction] | None = None) -> None:
        self.terms = {m: c for m, c in (terms or {}).items() if c != 0}

    @staticmethod
    def variable(name: str) -> Polynomial:
        """The polynomial that is one variable."""
        return Polynomial({((name, 1),): Fraction(1)})

    @staticmethod
    def constant(value: Fraction | int) -> Polynomial:
        """A constant polynomial."""
        return Polynomial({(): Fraction(value)})

    def variables(self) -> set[str]:
        """The variables that occur."""
        return {name for monomial in self.terms for name, _ in monomial}

    def __add__(self, other: Polynomial | Fraction | int) -> Polynomial:
        total = dict(self.terms)
        for monomial, c in _polynomial(other).terms.items():
            total[monomial] = total.get(monomial, Fraction(0)) + c
        return Polynomial(total)

    def __neg__(self) -> Polynomial:
        return Polynomial({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Polynomial | Fraction | int) -> Polynomial:
        return self + -_polynomial(other)

    def __rsub__(self, other: Fraction | int) -> Polynomial:
        return _polynomial(other) - self

    def __mul__(self, other: Polynomial | Fraction | int) -> Polynomial:
        total: dict[Monomial, Fraction] = {}
        for a, x in self.terms.items():
            for b, y in _polynomial(other).terms.items():
                monomial = _product(a, b)
                total[monomial] = total.get(monomial, Fraction(0)) + x * y
        return Polynomial(total)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    __hash__ = None  # type: ignore[assignment]  # equality is by value, and terms are mutable

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        """The value at a point."""
        total = Fraction(0)
        for monomial, c in self.terms.items():
            for name, exponent in monomial:
                c *= values[name] ** exponent
            total += c
        return total


def _polynomial(x: Polynomial | Fraction | int) -> Polynomial:
    return x if isinstance(x, Polynomial) else Polynomial.constant(x)


def _product(a: Monomial, b: Monomial) -> Monomial:
    exponents = dict(a)
    for name, exponent in b:
        exponents[name] = exponents.get(name, 0) + exponent
    return tuple(sorted(exponents.items()))


@dataclass(frozen=True)
class SummedStatement:
    """``sum_i goal(i) >= 0`` for every number of labels, under the named hypotheses.

    Attributes:
        claim: id of the claim that this encodes.
        global_variables: the variables common to all labels; the others belong to a label.
        goal: what is summed.
        atoms: what is >= 0 at every label.
        zero_sums: what sums to 0 over the labels.
        nonnegative_sums: what sums to something >= 0.
    """

    claim: str
    global_variables: frozenset[str]
    goal: Polynomial
    atoms: Mapping[str, Polynomial]
    zero_sums: Mapping[str, Polynomial]
    nonnegative_sums: Mapping[str, Polynomial]


@dataclass(frozen=True)
class SummedCertificate:
    """The multipliers of the rule above, and the claim they are for."""

    claim: str
    products: tuple[tuple[Fraction, tuple[str, ...]], ...]
    zero_multipliers: Mapping[str, Polynomial]
    nonnegative_multipliers: Mapping[str, Fraction]


def check(statement: SummedStatement, certificate: SummedCertificate) -> list[str]:
    """Why the certificate does not prove the statement; empty if it does."""
    if certificate.claim != statement.claim:
        return [f"the certificate is for {certificate.claim}, not for {statement.claim}"]
    faults = []
    left, right = statement.goal, Polynomial()
    for name, multiplier in certificate.zero_multipliers.items():
        if name not in statement.zero_sums:
            faults.append(f"no hypothesis {name!r} among the zero sums")
        elif not multiplier.variables() <= statement.global_variables:
            faults.append(f"the multiplier of {name!r} depends on the label")
        else:
            left = left + multiplier * statement.zero_sums[name]
    for name, c in certificate.nonnegative_multipliers.items():
        if name not in statement.nonnegative_sums:
            faults.append(f"no hypothesis {name!r} among the nonnegative sums")
        elif c < 0:
            faults.append(f"the multiplier of {name!r} is negative: {c}")
        else:
            left = left - c * statement.nonnegative_sums[name]
    for c, names in certificate.products:
        term = Polynomial.constant(c)
        if c < 0:
            faults.append(f"a product has the negative coefficient {c}")
        for name in names:
            if name not in statement.atoms:
                faults.append(f"no hypothesis {name!r} among the atoms")
            else:
                term = term * statement.atoms[name]
        right = right + term
    if not faults and left != right:
        faults.append("the two sides differ as polynomials")
    return faults
