"""Equation (1): a mixture of one value is that value, whatever the weights."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given

import sua_ref
from proofs_checks import eq_1
from tests.planted import survivors
from tests.strategies import exact, rational_rows
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("eq_1") == "PROVED"


@pytest.mark.parametrize("sign", [1, -1])
def test_damaged_certificates_are_refused(sign: int) -> None:
    assert survivors(eq_1.mean_of_one_value("eq_1", sign)) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_planted_faults_are_refused(sign: int) -> None:
    assert survivors(eq_1.mean_of_one_value("eq_1", sign)) == survivors(eq_1.own(sign)) == []


@given(rational_rows(), rational_rows())
def test_a_law_is_a_mixture_over_interpretations_that_say_nothing(
    law: tuple[Fraction, ...], weights: tuple[Fraction, ...]
) -> None:
    mixed = sua_ref.mixture(exact(weights), exact([law] * len(weights)))
    assert tuple(mixed) == law


@given(rational_rows())
def test_a_law_is_a_mixture_over_its_own_labels(law: tuple[Fraction, ...]) -> None:
    n = len(law)
    own = exact([[Fraction(int(y == z)) for y in range(n)] for z in range(n)])
    assert tuple(sua_ref.mixture(exact(law), own)) == law
