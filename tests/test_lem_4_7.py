"""Lemma 4.7: true for label smoothing with factor alpha, refuted in general and for the risk."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from sua_ref.elements import Array
from sua_ref.sec4_risks import RISKS
from tests.strategies import as_balls, as_floats, exact, rational_pairs, worlds
from tests.tolerances import WORLD

World = tuple[Array, Array, Array, Array]
SHARES = st.fractions(0, 1, max_denominator=8)
RIGHT, WRONG = [Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]


@pytest.mark.parametrize("divergence", ["kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2"])
@pytest.mark.parametrize("factor", ["alpha", "sharp"])
def test_label_smoothing_contracts_every_divergence(divergence: str, factor: str) -> None:
    """In balls: no violation is ever certified, and strictness often is."""
    strict: list[bool] = []

    one, turns = exact([Fraction(1)]), (exact(RIGHT), exact([WRONG]), exact(RIGHT))

    @given(worlds(), SHARES)
    @example((*turns, one), Fraction(1, 2))
    def holds(world: World, alpha: Fraction) -> None:
        p, perturbed, _, weights = (as_balls(a) for a in world)
        b = sua_ref.lem_4_7(
            p, perturbed, alpha=alpha, divergence=divergence, weights=weights, factor=factor
        )
        assert b.hypotheses == {}
        assert not b.lhs > b.rhs
        strict.append(bool(b.lhs < b.rhs))

    holds()
    assert any(strict) == (divergence != "tv")  # TV contracts by alpha exactly


@given(worlds(), SHARES, st.sampled_from(["alpha", "sharp"]))
def test_in_fractions_nothing_is_left_to_overlap(
    world: World, alpha: Fraction, factor: str
) -> None:
    p, perturbed, _, weights = world
    for divergence in ("tv", "chi2"):
        b = sua_ref.lem_4_7(
            p, perturbed, alpha=alpha, divergence=divergence, weights=weights, factor=factor
        )
        assert b.lhs <= b.rhs
        if divergence == "tv":
            assert b.lhs == b.rhs


@given(rational_pairs(), SHARES, st.sampled_from(["tv", "chi2"]))
def test_the_sides_are_what_they_say(
    pair: tuple[Array, Array], alpha: Fraction, divergence: str
) -> None:
    p, q = pair
    n = len(p)
    smooth = [exact([alpha * v + (1 - alpha) / n for v in row]) for row in (p, q)]
    after = sua_ref.divergence(*smooth, kind=divergence)
    before: Any = sua_ref.divergence(p, q, kind=divergence)
    eta = n * alpha**2 / (n * alpha + 2 * (1 - alpha))
    constants = {
        "alpha": alpha,
        "alpha_squared": alpha**2,
        "sharp": alpha if divergence == "tv" else eta,
    }
    for factor, constant in constants.items():
        b = sua_ref.lem_4_7(p, q[None, :], alpha=alpha, divergence=divergence, factor=factor)
        assert b.lhs == after
        assert b.rhs == (constant * before if constant else 0)  # 0 times infinity is 0 here
        near = sua_ref.lem_4_7(
            as_floats(p), as_floats(q)[None, :], alpha=alpha, divergence=divergence, factor=factor
        )
        if float(after) < 1e3:
            assert near.lhs == pytest.approx(float(after), abs=WORLD)
            assert near.rhs == pytest.approx(float(b.rhs), abs=WORLD)


def test_the_square_is_refuted_from_three_labels_on() -> None:
    """JSD .006014 > .005034."""
    p, q = (
        as_balls(exact([Fraction(3, 5), Fraction(2, 5), Fraction(0)])),
        as_balls(exact([Fraction(2, 5), Fraction(3, 5), Fraction(0)])),
    )
    b = sua_ref.lem_4_7(p, q[None, :], alpha=Fraction(1, 2), factor="alpha_squared")
    assert b.lhs > b.rhs
    assert b.lhs > arb("0.006013")
    assert b.rhs < arb("0.005035")
    two = as_balls(exact([[Fraction(3, 5), Fraction(2, 5)], [Fraction(2, 5), Fraction(3, 5)]]))
    fine = sua_ref.lem_4_7(two[0], two[1:], alpha=Fraction(1, 2), factor="alpha_squared")
    assert fine.lhs < fine.rhs


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_sharp_factor_cannot_be_lowered(n: int) -> None:
    """Near (1/2, 1/2, 0, ...) chi-squared reaches it up to t^2, exactly."""
    t = Fraction(1, 1000)
    rest = [Fraction(0)] * (n - 2)
    p, q = (
        exact([Fraction(1, 2) + t, Fraction(1, 2) - t, *rest]),
        exact([Fraction(1, 2), Fraction(1, 2), *rest]),
    )
    b = sua_ref.lem_4_7(p, q[None, :], alpha=Fraction(1, 2), divergence="chi2", factor="sharp")
    assert Fraction(999, 1000) * b.rhs < b.lhs <= b.rhs


def test_the_general_lemma_fails_on_a_constant_model() -> None:
    after = exact([[Fraction(3, 4), Fraction(1, 4)], [Fraction(1, 4), Fraction(3, 4)]])
    before = exact([RIGHT, RIGHT])
    b = sua_ref.lem_4_7_general(
        *(as_balls(a) for a in (before[0], before[1:], after[0], after[1:])), divergence="tv"
    )
    assert b.lhs == arb(1) / 2
    assert b.rhs == 0
    assert b.hypotheses["entropy"]
    assert b.hypotheses["entropy.around"].all()


def test_the_general_lemma_fails_for_a_higher_temperature() -> None:
    """Odds 10^4:1 and 10^2:1 become 10^2:1 and 10:1; TV goes from 9900/1010101 to 90/1111."""

    def at(odds: int) -> list[Fraction]:
        return [Fraction(odds, odds + 1), Fraction(1, odds + 1)]

    for divergence in ("tv", "jsd"):
        b = sua_ref.lem_4_7_general(
            *(
                as_balls(exact(a))
                for a in (at(10**4), [at(10**2)], at(10**2), [at(10)])
            ),
            divergence=divergence,
        )  # fmt: skip
        assert b.lhs > b.rhs
        assert b.hypotheses["entropy"]
        assert b.hypotheses["entropy.around"].all()
        if divergence == "tv":
            assert b.rhs.overlaps(arb(9900) / 1010101)
            assert b.lhs.overlaps(arb(90) / 1111)


def test_the_hypothesis_of_the_general_lemma_is_decided() -> None:
    flat, peak = [0.5, 0.5], [1.0, 0.0]
    b = sua_ref.lem_4_7_general(flat, [peak, flat], peak, [flat, peak])
    assert not b.hypotheses["entropy"]
    assert b.hypotheses["entropy.around"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("risk", "expected"),
    [
        ("gibbs", (1, Fraction(3, 4))),
        ("argmax", (1, 1)),
        ("argmax_shifted", (1, 1)),
        ("self", (0, Fraction(1, 4))),
    ],
)
def test_the_risk_of_a_model_that_is_certain_and_wrong(
    risk: str, expected: tuple[Fraction, Fraction]
) -> None:
    """Gibbs falls, accuracy stays (so "decreases" is false), the self-risk alone rises."""
    b = sua_ref.lem_4_7_risk(
        *(as_balls(exact(a)) for a in (WRONG, [Fraction(1, 4), Fraction(3, 4)], RIGHT)), risk=risk
    )
    assert b.lhs == float(expected[0])
    assert b.rhs == float(expected[1])
    assert b.hypotheses == {"entropy": True}


@given(worlds(), st.sampled_from(RISKS))
def test_the_risks_are_those_of_the_two_outputs(world: World, risk: str) -> None:
    p, perturbed, truth, _ = (as_floats(a) for a in world)
    b = sua_ref.lem_4_7_risk(p, perturbed[0], truth, risk=risk)
    for output, side in ((p, b.lhs), (perturbed[0], b.rhs)):
        alone = {
            "gibbs": sua_ref.gibbs_risk(output, truth),
            "self": sua_ref.self_risk(output),
        }.get(risk, sua_ref.argmax_risk(output, truth))
        assert side == alone
    assert b.hypotheses["entropy"] == (sua_ref.entropy(p) <= sua_ref.entropy(perturbed[0]))


@given(rational_pairs(), SHARES)
def test_self_risk_rises_and_gibbs_follows_its_formula_under_smoothing(
    pair: tuple[Array, Array], alpha: Fraction
) -> None:
    p, truth = pair
    n = len(p)
    smooth = exact([alpha * v + (1 - alpha) / n for v in p])
    assert sua_ref.self_risk(smooth) >= sua_ref.self_risk(p)
    risk = sua_ref.gibbs_risk(p, truth)
    assert sua_ref.gibbs_risk(smooth, truth) == alpha * risk + (1 - alpha) * (1 - Fraction(1, n))


def test_batches_are_rows() -> None:
    rng = np.random.default_rng(1)
    p, there = rng.dirichlet([1, 1, 1], 4), rng.dirichlet([1, 1, 1], (4, 2))
    b = sua_ref.lem_4_7(p, there, alpha=0.25, weights=[0.25, 0.75])
    alone = [sua_ref.lem_4_7(p[i], there[i], alpha=0.25, weights=[0.25, 0.75]) for i in range(4)]
    assert b.lhs.tolist() == [a.lhs for a in alone]
    assert b.rhs.tolist() == [a.rhs for a in alone]


def test_smoothing_to_nothing_costs_nothing_even_from_infinity() -> None:
    b = sua_ref.lem_4_7([1.0, 0.0], [[0.0, 1.0]], alpha=0, divergence="kl")
    assert (b.lhs, b.rhs) == (0, 0)
