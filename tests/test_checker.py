"""The small checker: what it accepts is true, and planted faults are rejected with a reason."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks import asm_1, n_3
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check

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
