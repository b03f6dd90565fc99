"""Result n_14: 1 - H/log n is at most max p for every output iff n <= 4."""

from __future__ import annotations

from fractions import Fraction

from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_14
from sua_ref import entropy_confidence, max_confidence
from tests.planted import survivors
from tests.strategies import as_balls, exact, extreme_rows, rational_rows
from tests.tightness import Recorder, counts_cases_of
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


def test_planted_faults_are_refused() -> None:
    assert survivors(n_14.FEW) == survivors(n_14.MANY) == []


@counts_cases_of("n_14")
def test_up_to_four_labels_the_confidence_is_at_most_the_largest_probability() -> None:
    seen = Recorder()

    @given(st.integers(2, 4).flatmap(extreme_rows))
    @example(tuple(n_14.coin(4)))
    @example((Fraction(1), Fraction(0)))
    def holds(law: tuple[Fraction, ...]) -> None:
        p = as_balls(exact(law))
        conf, most = sua_ref.entropy_confidence(p), sua_ref.max_confidence(p)
        assert not conf > most
        seen.case(most, most - conf)

    holds()
    seen.check()


@given(st.integers(5, 200))
def test_from_five_labels_on_a_coin_exceeds_it(n: int) -> None:
    p = as_balls(exact(n_14.coin(n)))
    assert sua_ref.entropy_confidence(p) > Fraction(1, 2).numerator / as_balls(
        exact([Fraction(2)])
    )[0]  # fmt: skip
