"""Result n_14: 1 - H/log n is at most max p for every output iff n <= 4."""

from __future__ import annotations

from fractions import Fraction

from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks import n_14
from sua_ref import entropy_confidence, max_confidence
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("n_14") == "PROVED"


def test_damaged_certificates_are_refused() -> None:
    assert survivors(n_14.FEW) == []
    assert survivors(n_14.MANY) == []


@given(st.integers(2, 4).flatmap(rational_rows))
def test_up_to_four_labels_it_is_never_above_the_likeliest(row: tuple[Fraction, ...]) -> None:
    p = as_balls(exact(row))
    assert not entropy_confidence(p) > max_confidence(p)


def test_at_five_labels_a_fair_coin_is_enough() -> None:
    assert entropy_confidence(as_balls(exact(n_14.coin(5)))) > arb(1) / 2
