"""Result n_18: below log 2 an entropy forces a margin."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import ctx
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, n_5, n_18
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdict_is_proved_and_checked() -> None:
    assert verdict("n_18") == "PROVED"


@pytest.mark.parametrize("name", ["GROUPED", "LARGEST", "MARGIN", "INCREASING"])
def test_planted_faults_are_refused(name: str) -> None:
    assert survivors(getattr(n_18, name)) == []


@st.composite
def confident_rows(draw: st.DrawFn) -> tuple[Fraction, ...]:
    """Rows on two or more labels whose entropy is often below log 2."""
    row = draw(rational_rows().filter(lambda r: len(r) > 1))
    lean = draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(9, 10)]))
    return tuple((1 - lean) * x + lean * (i == 0) for i, x in enumerate(row))


@counts_cases_of("n_18")
def test_the_margin_is_at_least_what_the_entropy_forces() -> None:
    seen = Recorder()

    @given(confident_rows())
    def holds(row: tuple[Fraction, ...]) -> None:
        with ctx.workprec(128):
            bound = sua_ref.margin_bound(sua_ref.entropy(as_balls(exact(row))))
            margin = n_5.margin(row)
            slack = balls.ball(margin) - bound
            assert not slack < 0
            if bound > 0:
                seen.case(margin, slack)
                target(-float(slack) / float(margin))

    holds()
    seen.check()


@given(st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100))
def test_it_is_the_best_of_the_three_bounds(share: Fraction) -> None:
    h = balls.ball(share) * balls.log(2)
    sharp, line, exponential = sua_ref.margin_bound(h), 1 - balls.ball(share), 2 * (-h).exp() - 1
    assert sharp > line
    assert line > exponential


def test_from_log_2_on_a_tie_is_possible() -> None:
    half = Fraction(1, 2)
    for row in (
        [half, half],
        [half, half, Fraction(0)],
        [Fraction(2, 5), Fraction(2, 5), half / 5 * 2],
    ):
        assert n_5.margin(row) == 0
        assert not sua_ref.entropy(as_balls(exact(row))) < balls.log(2)
