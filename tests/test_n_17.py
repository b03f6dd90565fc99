"""Result n_17: the errors that an entropy allows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import example, given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_17
from proofs_checks.checker import BoxStatement, check_boxes
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows, rows_beside
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

PARTS = ("n_17", "n_17.fano", "n_17.linear", "n_17.exponential")


@pytest.mark.parametrize("claim", PARTS)
def test_the_verdicts_are_proved_and_checked(claim: str) -> None:
    assert verdict(claim) == "PROVED"


@pytest.mark.parametrize("name", ["LARGEST", "FANO", "MIXTURE", "CHORD", "MIN_ENTROPY"])
def test_planted_faults_are_refused(name: str) -> None:
    assert survivors(getattr(n_17, name)) == []


EXTREMAL = {"n_17": "atoms", "n_17.fano": "fano", "n_17.linear": "coin", "n_17.exponential": "flat"}


@st.composite
def rows(draw: st.DrawFn, part: str | None = None) -> tuple[Fraction, ...]:
    """Any row, or an extremal one, half of the time that of the part: equal atoms and a rest, one
    atom and equal others, a coin or a uniform law."""
    kinds = [*EXTREMAL.values(), "any"]
    kind = draw(st.sampled_from(kinds if part is None else [*kinds, *[EXTREMAL[part]] * 4]))
    n = draw(st.integers(2, 6))
    if kind == "any":
        return draw(rational_rows(n))
    if kind in ("coin", "flat"):
        k = 2 if kind == "coin" else n
        return draw(rows_beside((Fraction(1, k),) * k + (Fraction(0),) * (n - k)))
    e = draw(st.fractions(Fraction(1, 60), 1 - Fraction(1, n), max_denominator=60))
    if kind == "fano":
        return (1 - e, *(e / (n - 1) for _ in range(n - 1)))
    k = int(1 / (1 - e))
    return tuple([1 - e] * k + [1 - k * (1 - e)])


def _least_entropy(e: Fraction) -> Any:
    c = 1 - e
    k = int(1 / c)
    return sua_ref.entropy(as_balls(exact([c] * k + [1 - k * c])))


def _greatest_entropy(e: Fraction, n: int) -> Any:
    return sua_ref.entropy(as_balls(exact([1 - e] + [e / (n - 1)] * (n - 1))))


def _of_error(h: Any, e: Fraction, n: int) -> dict[str, tuple[Any, Any]]:
    """By part, the larger and the smaller side."""
    error = arb(e.numerator) / e.denominator
    return {
        "n_17": (h, _least_entropy(e)),
        "n_17.fano": (_greatest_entropy(e, n), h),
        "n_17.linear": (h / (2 * arb(2).log()), error),
        "n_17.exponential": (1 - (-h).exp(), error),
    }


@counts_cases_of(*PARTS)
@pytest.mark.parametrize("part", PARTS)
def test_the_bounds_hold_and_are_attained(part: str) -> None:
    seen = Recorder()

    @given(rows(part))
    @example((Fraction(1, 2), Fraction(1, 2)))
    def holds(row: tuple[Fraction, ...]) -> None:
        e = 1 - max(row)
        with ctx.workprec(128):
            h = sua_ref.entropy(as_balls(exact(row)))
            larger, smaller = _of_error(h, e, len(row))[part]
            slack = larger - smaller
            assert not slack < 0
            if larger > 0:
                seen.case(larger, slack)
                target(-float(slack) / float(larger))

    holds()
    seen.check()


@given(rows(), st.fractions(0, 1, max_denominator=20))
def test_a_looser_cap_on_the_probabilities_allows_a_lower_entropy(
    row: tuple[Fraction, ...], share: Fraction
) -> None:
    """H >= G(1 - c) for every c >= max q: G increases in the error."""
    c = max(row) + share * (1 - max(row))
    with ctx.workprec(128):
        assert not sua_ref.entropy(as_balls(exact(row))) < _least_entropy(1 - c)


def test_a_slope_that_is_too_steep_is_not_covered() -> None:
    """h(e) > 3 e log 2 fails at e = 31/64, and the cover ends undecided."""
    x, region = n_17._X, n_17.BINARY.region
    goal = n_17.BINARY.goal - x * n_17._LOG_2
    said = check_boxes(BoxStatement("n_17.linear", goal, region), n_17.COVER)
    assert said
    assert "undecided" in said[0]


def test_the_integers_behind_the_line() -> None:
    assert n_17._powers() == []
    assert all(j**j >= 4 ** (j - 1) for j in range(1, 60))
    assert not 2**2 >= 5 ** (2 - 1)  # a slope above 2 log 2 would fail at two labels


@given(rational_rows())
def test_a_sorted_row_is_a_mixture_of_uniform_laws(row: tuple[Fraction, ...]) -> None:
    """The weights of the proof are a law, and give the row and its error back."""
    q = [*sorted(row, reverse=True), Fraction(0)]
    n = len(row)
    weights = [j * (q[j - 1] - q[j]) for j in range(1, n + 1)]
    assert min(weights) >= 0
    assert sum(weights) == 1
    assert [sum(weights[j - 1] / j for j in range(i + 1, n + 1)) for i in range(n)] == q[:n]
    assert sum(w * (1 - Fraction(1, j)) for j, w in enumerate(weights, 1)) == 1 - q[0]
