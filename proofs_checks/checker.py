"""The small checker: re-derives what a certificate claims, in exact and ball arithmetic.

It rests on ``fractions`` and ``flint`` alone, trusts nothing it is handed, and knows two rules.

**Sums over labels** (:func:`check`). Let every label i carry values of the *label variables*, and
let *global variables* be common to all labels. Suppose that for every i each atom A_j(i) is >= 0,
that each zero sum satisfies sum_i Z_k(i) = 0 and each nonnegative sum sum_i N_m(i) >= 0. If, as
polynomials, ``goal + sum_k z_k Z_k - sum_m c_m N_m = sum of c * (product of atoms)``, with z_k a
polynomial in the global variables and rationals c_m, c >= 0, then sum_i goal(i) >= 0, for every
number of labels: sum the identity over i. One label gives Farkas' lemma and its polynomial kin.

**Boxes** (:func:`check_boxes`). A region is covered by regenerated boxes, on each of which balls
(plain, or about the midpoint with the gradient) show that the goal is > 0 or that the box lies
outside the stated domain. The certificate is a split rule and a limit; no box is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

Monomial = tuple[tuple[str, int], ...]  # variables with their exponents, sorted by name


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
        return -self + other

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
    """``sum_i goal(i) >= 0`` for every number of labels, under the named hypotheses."""

    claim: str
    global_variables: frozenset[str]  # common to all labels; the others belong to a label
    goal: Polynomial
    atoms: Mapping[str, Polynomial]  # >= 0 at every label
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


@dataclass(frozen=True)
class Expression:
    """A formula in named variables: an operation with its arguments."""

    operation: str
    arguments: tuple[Any, ...]

    def __add__(self, other: Expression | Fraction | int) -> Expression:
        return Expression("+", (self, _expression(other)))

    def __sub__(self, other: Expression | Fraction | int) -> Expression:
        return self + -1 * _expression(other)

    def __rsub__(self, other: Fraction | int) -> Expression:
        return -1 * self + other

    def __mul__(self, other: Expression | Fraction | int) -> Expression:
        return Expression("*", (self, _expression(other)))

    def __truediv__(self, other: Expression | Fraction | int) -> Expression:
        return Expression("/", (self, _expression(other)))

    __radd__ = __add__
    __rmul__ = __mul__


def _expression(x: Expression | Fraction | int) -> Expression:
    return x if isinstance(x, Expression) else Expression("constant", (Fraction(x),))


class _Jet(NamedTuple):
    """Balls around a formula over a box, and around its partial derivatives there."""

    value: Any
    partials: tuple[Any, ...]


def _function(name: str, x: Any) -> tuple[Any, Any]:
    """Value and slope of a function on a ball."""
    if name == "log":
        return x.log(), 1 / x
    if name == "exp":
        return x.exp(), x.exp()
    if name != "xlogx":
        raise ValueError(f"no operation {name!r}")
    if x > 0:
        return x * x.log(), x.log() + 1
    top, valley = x.upper(), arb(-1).exp()  # touching 0, where u log u falls until u = 1/e
    if x < 0 or not top > 0:
        return (arb(0) if x.is_zero() else arb.nan()), arb.nan()
    end = top * top.log()
    return arb(0).union(end if top < valley else end.union(-valley)), arb.nan()


def _jet(f: Expression, box: Mapping[str, _Jet], known: dict[int, _Jet]) -> _Jet:
    if id(f) in known:
        return known[id(f)]
    if f.operation == "variable":
        return box[f.arguments[0]]
    if f.operation == "constant":
        c = f.arguments[0]
        return _Jet(arb(c.numerator) / c.denominator, (arb(0),) * len(box))
    (u, du), *rest = (_jet(g, box, known) for g in f.arguments)
    if not rest:
        w, slope = _function(f.operation, u)
        partials = [slope * x for x in du]
    else:
        [(v, dv)] = rest
        pairs = list(zip(du, dv, strict=True))
        if f.operation == "+":
            w, partials = u + v, [x + y for x, y in pairs]
        elif f.operation == "*":
            w, partials = u * v, [x * v + u * y for x, y in pairs]
        elif f.operation == "/":
            w, partials = u / v, [(x - u / v * y) / v for x, y in pairs]
        else:
            raise ValueError(f"no operation {f.operation!r}")
    known[id(f)] = _Jet(w, tuple(partials))
    return known[id(f)]


Sides = dict[str, tuple[float, float]]


def _over(f: Expression, sides: Sides) -> _Jet:
    rows = [tuple(arb(int(i == j)) for j in range(len(sides))) for i in range(len(sides))]
    balls = (arb(a).union(arb(b)) for a, b in sides.values())
    return _jet(f, {v: _Jet(x, row) for v, x, row in zip(sides, balls, rows, strict=True)}, {})


def _positive(f: Expression, sides: Sides) -> tuple[bool, list[float]]:
    """Whether f > 0 is shown on the box, and how far each side keeps that from being known."""
    jet, points = _over(f, sides), {v: ((a + b) / 2, (a + b) / 2) for v, (a, b) in sides.items()}
    offsets = [arb(a).union(arb(b)) - points[v][0] for v, (a, b) in sides.items()]
    steps = [d * x for d, x in zip(jet.partials, offsets, strict=True)]
    shown = bool(jet.value > 0) or bool(_over(f, points).value + sum(steps, arb(0)) > 0)
    return shown, [float(s.rad()) if s.is_finite() else math.inf for s in steps]


@dataclass(frozen=True)
class BoxStatement:
    """``goal > 0`` at every point of a box of dyadic corners where no ``outside`` is > 0."""

    claim: str
    goal: Expression
    region: Mapping[str, tuple[Fraction, Fraction]]
    outside: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class BoxCertificate:
    """How to cover the region: halve the ``"widest"`` or the ``"steepest"`` side, up to a limit."""

    claim: str
    split: str
    limit: int


def check_boxes(statement: BoxStatement, certificate: BoxCertificate) -> list[str]:
    """Why the certificate does not prove the statement; empty if it does."""
    if certificate.claim != statement.claim:
        return [f"the certificate is for {certificate.claim}, not for {statement.claim}"]
    if certificate.split not in ("widest", "steepest"):
        return [f"no split rule {certificate.split!r}"]
    if any(Fraction(float(c)) != c for side in statement.region.values() for c in side):
        return ["a corner of the region is no dyadic number of 53 bits"]
    waiting: list[Sides] = [{v: (float(a), float(b)) for v, (a, b) in statement.region.items()}]
    boxes = 0
    while waiting:
        sides = waiting.pop()
        boxes += 1
        shown, blame = _positive(statement.goal, sides)
        if shown or any(_positive(g, sides)[0] for g in statement.outside):
            continue
        widths = [b - a for a, b in sides.values()]
        weigh = blame if certificate.split == "steepest" else widths
        name = max(zip(weigh, widths, sides, strict=True))[2]
        a, b = sides[name]
        middle = (a + b) / 2  # rounded or not, it is a corner of both halves
        if boxes + len(waiting) > certificate.limit or not a < middle < b:
            return [f"undecided after {boxes} boxes, on {sides}"]
        waiting += [{**sides, name: (a, middle)}, {**sides, name: (middle, b)}]
    return []
