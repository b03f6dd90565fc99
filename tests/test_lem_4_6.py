"""Lemma 4.6, inequality (13): PROVED; the paper's note on its slack is refuted."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref.elements import Array
from tests.strategies import as_balls, as_floats, exact, rational_rows
from tests.tolerances import EPS

Interpretation = tuple[Array, Array, Array]


@st.composite
def interpretations(draw: st.DrawFn) -> Interpretation:
    """A model output, a law of interpretations, and the label law of each."""
    y, z = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    return (
        exact(draw(rational_rows(y))),
        exact(draw(rational_rows(z))),
        exact([draw(rational_rows(y)) for _ in range(z)]),
    )


def _h(row: list[float]) -> float:
    return -sum(v * math.log(v) for v in row if v > 0)


def _sides(p: Array, p_z: Array, p_y_given_z: Array) -> tuple[float, float]:
    """Both sides by the textbook: c = H(Z, Y) - H(Y)."""
    joint = [[float(p_z[z] * v) for v in row] for z, row in enumerate(p_y_given_z)]
    law = [sum(column) for column in zip(*joint, strict=True)]
    slack = _h([v for row in joint for v in row]) - _h(law)
    ambiguity, h = _h([float(v) for v in p_z]), _h([float(v) for v in p])
    return ambiguity - h - slack, abs(h - _h(law))


def test_the_lemma_holds_in_balls_and_is_mostly_strict() -> None:
    strict: list[bool] = []

    @given(interpretations())
    def holds(drawn: Interpretation) -> None:
        b = sua_ref.lem_4_6(*(as_balls(a) for a in drawn))
        assert not b.lhs > b.rhs
        strict.append(bool(b.lhs < b.rhs))

    holds()
    assert sum(strict) >= len(strict) / 2  # decided, and not only by overlap


@given(interpretations())
def test_the_sides_match_the_textbook(drawn: Interpretation) -> None:
    """Six entropies of at most 12 cells, each of size at most log 12: below 200 eps."""
    b = sua_ref.lem_4_6(*(as_floats(a) for a in drawn))
    lhs, rhs = _sides(*drawn)
    assert b.lhs == pytest.approx(lhs, abs=200 * EPS)
    assert b.rhs == pytest.approx(rhs, abs=200 * EPS)
    ball = sua_ref.lem_4_6(*(as_balls(a) for a in drawn))
    assert abs(float(ball.lhs.mid()) - b.lhs) <= 200 * EPS
    assert abs(float(ball.rhs.mid()) - b.rhs) <= 200 * EPS


def test_equality_where_interpretations_have_labels_of_their_own() -> None:
    p, coin, own = (
        exact([Fraction(1), Fraction(0)]),
        exact([Fraction(1, 2)] * 2),
        exact([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]),
    )
    b = sua_ref.lem_4_6(as_balls(p), as_balls(coin), as_balls(own))
    assert b.lhs.overlaps(arb(2).log())
    assert b.lhs.overlaps(b.rhs)


def test_the_note_fails_where_two_interpretations_share_a_label() -> None:
    """Deterministic labels, yet c = A = log 2 and Delta = 0 however large A is."""
    certain, same = np.array([1.0, 0.0]), np.array([[1.0, 0.0], [1.0, 0.0]])
    b = sua_ref.lem_4_6(certain, [0.5, 0.5], same)
    assert b.rhs == 0
    assert b.lhs == pytest.approx(0, abs=EPS)
    assert sua_ref.latent_ambiguity([0.5, 0.5]) > 0.69


def test_thresholds_take_the_place_of_the_values_and_are_hypotheses() -> None:
    p, p_z, laws = [0.9, 0.1], [0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]]
    b = sua_ref.lem_4_6(p, p_z, laws, alpha=0.5, beta=0.4)
    assert b.lhs == pytest.approx(0.1, abs=4 * EPS)
    assert b.hypotheses == {"ambiguity": True, "entropy": True}
    missed = sua_ref.lem_4_6(p, p_z, laws, alpha=0.7, beta=0.3)
    assert missed.hypotheses == {"ambiguity": False, "entropy": False}
    assert sua_ref.lem_4_6(p, p_z, laws, alpha=0.5).hypotheses["entropy"] is True
    strongest = sua_ref.lem_4_6(p, p_z, laws).hypotheses
    assert strongest == {"ambiguity": True, "entropy": True}


def test_it_is_batched_over_leading_axes() -> None:
    rng = np.random.default_rng(0)
    p, z, y = rng.dirichlet([1, 1], 3), rng.dirichlet([1, 1, 1], 3), rng.dirichlet([1, 1], (3, 3))
    b = sua_ref.lem_4_6(p, z, y, alpha=0.5)
    for i in range(3):
        alone = sua_ref.lem_4_6(p[i], z[i], y[i], alpha=0.5)
        assert (alone.lhs, alone.rhs) == (b.lhs[i], b.rhs[i])
        assert alone.hypotheses["ambiguity"] == b.hypotheses["ambiguity"][i]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0.5, 0.5], [0.5, 0.5], [[1.0, 0.0]]), "p_y_given_z: shape"),
        (([1.0], [1.0], [[0.5, 0.5]]), "mixture of p_y_given_z: shape"),
        (([0.5, 0.6], [1.0], [[0.5, 0.5]]), "p: row 0 sums to 1.1"),
        (([0.5, 0.5], [0.9], [[0.5, 0.5]]), "p_z: row 0 sums to 0.9"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[Any, Any, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sua_ref.lem_4_6(*arguments)


def test_infinite_thresholds_and_fractions_are_refused() -> None:
    with pytest.raises(ValueError, match="alpha: inf is not finite"):
        sua_ref.lem_4_6([1.0], [1.0], [[1.0]], alpha=math.inf)
    one = exact([Fraction(1)])
    with pytest.raises(TypeError, match="use float64 or"):
        sua_ref.lem_4_6(one, one, one[None])
