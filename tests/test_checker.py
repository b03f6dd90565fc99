"""The small checker: what it accepts is true, and planted faults are rejected with a reason."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks import asm_1, n_3
from proofs_checks.checker import (
    BoxCertificate,
    BoxStatement,
    Expression,
    Polynomial,
    SummedCertificate,
    SummedStatement,
    check,
    check_boxes,
)

POINTS = st.fractions(-3, 3, max_denominator=5)


@st.composite
def polynomials(draw: st.DrawFn) -> Polynomial:
    """Small polynomials in x and y."""
    x, y = Polynomial.variable("x"), Polynomial.variable("y")
    total = Polynomial.constant(draw(POINTS))
    for _ in range(draw(st.integers(0, 4))):
        term = Polynomial.constant(draw(POINTS))
        for factor in draw(st.lists(st.sampled_from([x, y]), max_size=3)):
            term = term * factor
        total = total + term
    return total


@given(polynomials(), polynomials(), POINTS, POINTS)
def test_polynomial_arithmetic_is_that_of_the_values(
    f: Polynomial, g: Polynomial, x: Fraction, y: Fraction
) -> None:
    at = {"x": x, "y": y}
    assert (f + g).at(at) == f.at(at) + g.at(at)
    assert (f - g).at(at) == f.at(at) - g.at(at)
    assert (f * g).at(at) == f.at(at) * g.at(at)
    assert (2 - f).at(at) == 2 - f.at(at)
    assert (f - f).terms == {}


@given(polynomials(), polynomials())
def test_polynomials_are_equal_iff_their_difference_vanishes(f: Polynomial, g: Polynomial) -> None:
    assert (f == g) == ((f - g).terms == {})
    assert f * g == g * f


def test_the_two_certificates_check() -> None:
    assert check(asm_1.statement(1), asm_1.certificate(1)) == []
    assert check(asm_1.statement(-1), asm_1.certificate(-1)) == []
    assert check(n_3.STATEMENT, n_3.CERTIFICATE) == []


STATEMENT, CERTIFICATE = asm_1.statement(1), asm_1.certificate(1)
_M, _L = Polynomial.variable("M"), Polynomial.variable("l")
ONE = Fraction(1)


def _statement(**changes: object) -> SummedStatement:
    return dataclasses.replace(STATEMENT, **changes)  # type: ignore[arg-type]  # any field


def _certificate(**changes: object) -> SummedCertificate:
    return dataclasses.replace(CERTIFICATE, **changes)  # type: ignore[arg-type]  # any field


FAULTS = {
    "a false claim: half the constant": (
        _statement(goal=Fraction(1, 2) * STATEMENT.goal + Fraction(-1, 2) * _L),
        CERTIFICATE,
        "differ as polynomials",
    ),
    "a wrong sign": (asm_1.statement(-1), CERTIFICATE, "differ as polynomials"),
    "a dropped hypothesis": (
        _statement(atoms={k: v for k, v in STATEMENT.atoms.items() if k != "M - l"}),
        CERTIFICATE,
        "no hypothesis 'M - l'",
    ),
    "a dropped equality": (_statement(zero_sums={}), CERTIFICATE, "no hypothesis 'p and q"),
    "a negative coefficient": (
        STATEMENT,
        _certificate(products=((-ONE, ("u", "M - l")), (ONE, ("v", "l - m")))),
        "negative coefficient -1",
    ),
    "a multiplier that depends on the label": (
        STATEMENT,
        _certificate(zero_multipliers={"p and q sum to 1": _L + _M}),
        "depends on the label",
    ),
    "a truncated certificate": (
        STATEMENT,
        _certificate(products=CERTIFICATE.products[:1]),
        "differ as polynomials",
    ),
    "a certificate of another claim": (
        STATEMENT,
        n_3.CERTIFICATE,
        "for n_3, not for asm_1@tv",
    ),
    "a negative multiplier of an inequality": (
        n_3.STATEMENT,
        dataclasses.replace(n_3.CERTIFICATE, nonnegative_multipliers={"y1 maximises q_x'": -ONE}),
        "is negative: -1",
    ),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_planted_faults_are_rejected_with_their_reason(name: str) -> None:
    statement, certificate, reason = FAULTS[name]
    assert any(reason in fault for fault in check(statement, certificate))


# --- boxes ---------------------------------------------------------------------------------------

_X, _Y = Expression("variable", ("x",)), Expression("variable", ("y",))


def _xlogx(u: Expression) -> Expression:
    return Expression("xlogx", (u,))


def _log(u: Expression) -> Expression:
    return Expression("log", (u,))


BINARY_KL = _xlogx(_X) + _xlogx(1 - _X) - _X * _log(_Y) - (1 - _X) * _log(1 - _Y)
PINSKER = BINARY_KL - 2 * (_X - _Y) * (_X - _Y) + Fraction(1, 256)
"""KL >= 2 TV^2 for two labels, with room for boxes where both sides vanish."""
INSIDE = (Fraction(1, 16), Fraction(15, 16))
BOXES = BoxStatement("c", PINSKER, {"x": (Fraction(0), Fraction(1)), "y": INSIDE})
COVER = BoxCertificate("c", "widest", 20_000)


@pytest.mark.parametrize("split", ["widest", "steepest"])
def test_a_true_inequality_is_certified_on_its_region(split: str) -> None:
    assert check_boxes(BOXES, dataclasses.replace(COVER, split=split)) == []


BOX_FAULTS = {
    "a false claim: the constant 5/2 in place of 2": (
        dataclasses.replace(BOXES, goal=PINSKER - Fraction(1, 2) * (_X - _Y) * (_X - _Y)),
        COVER,
        "undecided after",
    ),
    "a wrong sign": (dataclasses.replace(BOXES, goal=-1 * PINSKER), COVER, "undecided after"),
    "a dropped hypothesis": (
        BoxStatement("c", _X - _Y + Fraction(1, 64), {"x": INSIDE, "y": INSIDE}),
        COVER,
        "undecided after",
    ),
    "a widened region": (
        dataclasses.replace(BOXES, region={**BOXES.region, "x": (Fraction(-1), Fraction(1))}),
        COVER,
        "undecided after",
    ),
    "a truncated cover": (BOXES, dataclasses.replace(COVER, limit=10), "undecided after"),
    "a cover of another claim": (BOXES, dataclasses.replace(COVER, claim="d"), "for d, not for c"),
    "a corner that no float holds": (
        dataclasses.replace(BOXES, region={**BOXES.region, "y": (Fraction(1, 3), Fraction(1))}),
        COVER,
        "no dyadic number",
    ),
    "a split rule that does not exist": (
        BOXES,
        dataclasses.replace(COVER, split="?"),
        "split rule",
    ),
}


@pytest.mark.parametrize("name", sorted(BOX_FAULTS))
def test_planted_box_faults_are_rejected_with_their_reason(name: str) -> None:
    statement, certificate, reason = BOX_FAULTS[name]
    assert any(reason in fault for fault in check_boxes(statement, certificate))


def test_a_hypothesis_on_the_domain_is_used() -> None:
    beyond = BoxStatement("c", _X - _Y + Fraction(1, 64), {"x": INSIDE, "y": INSIDE}, (_Y - _X,))
    assert check_boxes(beyond, COVER) == []


@given(st.fractions(0, 1, max_denominator=64), st.fractions(0, 1, max_denominator=64))
def test_xlogx_on_a_box_contains_its_value_at_every_point(low: Fraction, share: Fraction) -> None:
    """``u log u + 0.375 > 0`` everywhere (the least value is -0.3679), and never with 0.36."""
    sides = {"x": (Fraction(0), Fraction(1))}
    assert check_boxes(BoxStatement("c", _xlogx(_X) + Fraction(3, 8), sides), COVER) == []
    point = low + share * (1 - low)
    around = {"x": (Fraction(float(point)), Fraction(float(point)))}
    above = _xlogx(_X) - Fraction(float(point)) * _log(_X) if point else _xlogx(_X)
    assert check_boxes(BoxStatement("c", above - Fraction(1, 2**40), around), COVER) != []
    assert check_boxes(BoxStatement("c", above + Fraction(1, 2**40), around), COVER) == []
