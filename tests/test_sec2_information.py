"""Entropy and divergences: identities, exact values, and float64 against balls."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr

import sua_ref
from sua_ref.elements import Array
from tests.strategies import (
    Floats,
    as_balls,
    as_floats,
    float_pairs,
    float_rows,
    rational_pairs,
    rational_rows,
)
from tests.tolerances import CELL_SUM, EPS, few_ulps

FLOAT_KINDS = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
SYMMETRIC = ("jsd", "tv", "hellinger2")


def _near(value: float, ball: Any, tolerance: float) -> bool:
    """|value - true| <= tolerance * true, decided in balls; infinite values must agree."""
    if not ball.is_finite():
        return not math.isfinite(value)
    scale = abs(ball) * arb(tolerance) + arb(1e-320)
    return bool(abs(arb(value) - ball) <= scale)


def _cell(p: Any, q: Any, kind: str) -> Any:
    """One label's share, by the definition, in balls of many bits."""
    if kind == "reverse_kl":
        return _cell(q, p, "kl")
    if kind == "tv":
        return abs(p - q) / 2
    if kind == "hellinger2":
        return (p.sqrt() - q.sqrt()) * (p.sqrt() - q.sqrt()) / 2
    if kind == "jsd":
        return (_ulogu(p) + _ulogu(q)) / 2 - _ulogu((p + q) / 2)
    if q == 0:
        return p if p == 0 else arb.pos_inf()
    return (p - q) * (p - q) / q if kind == "chi2" else _ulogu(p) - p * q.log() - p + q


def _ulogu(u: Any) -> Any:
    return u if u == 0 else u * u.log()


@given(float_pairs(), st.sampled_from(FLOAT_KINDS))
def test_float_divergences_lie_within_their_bound_of_the_ball(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    p, q = pair
    with ctx.workprec(1400):
        cells = zip(as_balls(p), as_balls(q), strict=True)
        truth = sum((_cell(a, b, kind) for a, b in cells), start=arb(0))
        value = float(sua_ref.divergence(p, q, kind=kind))
        if truth.is_finite() and truth > arb(1.7e308):
            assert value == math.inf
        else:
            assert _near(value, truth, CELL_SUM), (value, truth)


@given(float_rows())
def test_float_entropy_lies_within_its_bound_of_the_ball(p: Floats) -> None:
    with ctx.workprec(1400):
        truth = sum((-_ulogu(u) for u in as_balls(p)), start=arb(0))
        assert _near(float(sua_ref.entropy(p)), truth, CELL_SUM)


@given(float_pairs(), st.sampled_from(FLOAT_KINDS))
def test_divergences_are_never_negative_and_zero_at_equality(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    p, q = pair
    assert sua_ref.divergence(p, q, kind=kind) >= 0
    assert sua_ref.divergence(p, p, kind=kind) == 0


@given(float_pairs(), st.sampled_from(SYMMETRIC))
def test_symmetric_divergences_do_not_see_the_order(pair: tuple[Floats, Floats], kind: str) -> None:
    p, q = pair
    forward = float(sua_ref.divergence(p, q, kind=kind))
    assert forward == pytest.approx(float(sua_ref.divergence(q, p, kind=kind)), rel=CELL_SUM)


@given(float_pairs())
def test_reverse_kl_is_kl_with_its_arguments_exchanged(pair: tuple[Floats, Floats]) -> None:
    p, q = pair
    assert sua_ref.divergence(p, q, kind="reverse_kl") == sua_ref.kl_divergence(q, p)


@given(rational_pairs())
def test_known_inequalities_hold_in_balls(pair: tuple[Array, Array]) -> None:
    """Pinsker, JSD <= TV log 2, TV^2 <= H2 (2 - H2): no ball may contradict them."""
    p, q = pair
    tv = as_balls(np.array([sua_ref.total_variation(p, q)]))[0]
    a, b = as_balls(p), as_balls(q)
    hellinger = sua_ref.squared_hellinger(a, b)
    assert not tv * tv > hellinger * (2 - hellinger)
    assert not sua_ref.jensen_shannon_divergence(a, b) > tv * arb.const_log2()
    if sua_ref.kl_divergence(a, b).is_finite():
        assert not tv * tv > sua_ref.kl_divergence(a, b) / 2


@given(rational_pairs(), st.randoms(use_true_random=False))
def test_total_variation_is_a_half_sum_and_a_largest_event(
    pair: tuple[Array, Array], rng: Any
) -> None:
    p, q = pair
    tv = sua_ref.total_variation(p, q)
    assert tv == sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2
    assert tv == sum((a - b for a, b in zip(p, q, strict=True) if a > b), start=Fraction(0))
    order = list(range(len(p)))
    rng.shuffle(order)
    assert tv == sua_ref.total_variation(p[order], q[order])


@given(rational_pairs())
def test_chi2_in_fractions_matches_a_loop(pair: tuple[Array, Array]) -> None:
    p, q = pair
    total: Any = Fraction(0)
    for a, b in zip(p, q, strict=True):
        if b != 0:
            total += (a - b) ** 2 / b
        elif a != 0:
            total = math.inf
    assert sua_ref.chi2_divergence(p, q) == total


@given(float_pairs())
def test_kl_matches_scipy_where_scipy_keeps_its_digits(pair: tuple[Floats, Floats]) -> None:
    p, q = pair
    ours, theirs = float(sua_ref.kl_divergence(p, q)), float(rel_entr(p, q).sum())
    # The textbook sum lacks the term sum(q - p), which rounding leaves at up to V eps.
    assert ours == pytest.approx(theirs, rel=CELL_SUM, abs=4 * len(p) * EPS)


@given(rational_pairs())
def test_f_divergence_reproduces_the_named_ones(pair: tuple[Array, Array]) -> None:
    p, q = pair

    def tv_generator(t: Array) -> Array:
        return np.asarray(abs(t - 1) / 2)

    tv_generator.slope_at_infinity = Fraction(1, 2)  # type: ignore[attr-defined]  # how f carries it
    assert sua_ref.f_divergence(p, q, tv_generator) == sua_ref.total_variation(p, q)


def test_f_divergence_needs_the_slope_where_q_vanishes() -> None:
    with pytest.raises(ValueError, match=r"q: entry \(1,\) is 0.*slope_at_infinity"):
        sua_ref.f_divergence([0.5, 0.5], [1.0, 0.0], lambda t: t * t - 1)


def test_entropy_at_the_boundary() -> None:
    assert sua_ref.entropy([1.0]) == 0
    assert not math.copysign(1, float(sua_ref.entropy([1.0, 0.0]))) < 0
    assert sua_ref.entropy([0.0, 1.0, 0.0]) == 0
    assert float(sua_ref.entropy(np.full(4, 0.25))) == math.log(4)
    assert 0 < sua_ref.entropy([1.0, 5e-324]) < 1e-300


def test_kl_at_the_boundary() -> None:
    assert sua_ref.kl_divergence([1.0, 0.0], [0.0, 1.0]) == math.inf
    assert sua_ref.kl_divergence([0.0, 1.0], [5e-324, 1.0]) == 5e-324
    far = float(sua_ref.kl_divergence([1.0, 0.0], [5e-324, 1.0]))
    assert far == pytest.approx(-math.log(5e-324), rel=few_ulps(4))


def test_rows_that_stand_beside_each_other_are_reduced_one_by_one() -> None:
    p = np.array([[[0.5, 0.5], [1.0, 0.0]]])
    q = np.array([[[0.25, 0.75], [1.0, 0.0]]])
    assert sua_ref.total_variation(p, q).tolist() == [[0.25, 0.0]]


@given(rational_rows(6))
def test_chain_rule_of_entropy_in_balls(row: tuple[Fraction, ...]) -> None:
    joint = as_balls(np.array(row, dtype=object)).reshape(2, 3)
    joined = sua_ref.entropy(joint.reshape(-1))
    marginal = sua_ref.entropy(np.sum(joint, axis=-1))
    assert joined.overlaps(marginal + sua_ref.conditional_entropy(joint))
    labels = sua_ref.entropy(np.sum(joint, axis=0))
    difference = labels - sua_ref.conditional_entropy(joint)
    assert sua_ref.mutual_information(joint).overlaps(difference)


@given(rational_rows(6))
def test_float_information_follows_the_balls(row: tuple[Fraction, ...]) -> None:
    exact = np.array(row, dtype=object).reshape(2, 3)
    balls, floats = as_balls(exact), as_floats(exact)
    for function in (sua_ref.mutual_information, sua_ref.conditional_entropy):
        # Rounding the six entries moves the value by about their number times eps.
        assert float(function(floats)) == pytest.approx(float(function(balls)), abs=100 * EPS)


def test_tiny_marginals_do_not_underflow_in_the_mutual_information() -> None:
    tiny = 2.0**-700
    joint = np.array([[tiny, 0.0], [0.0, 1.0]])
    # I = -tiny log(tiny) + tiny, where the product of the marginals, tiny^2, is no float.
    value = float(sua_ref.mutual_information(joint))
    assert value == pytest.approx(tiny * (700 * math.log(2) + 1), rel=1e-15)


def test_a_chi_squared_beyond_the_largest_float_is_infinite() -> None:
    q = np.array([0.0, 0.0, 1e-310, 1e-310, 0.0, 1.0])
    assert sua_ref.chi2_divergence(np.full(6, 1 / 6), q) == math.inf
    # Two finite cells, 1.6e308 each, whose sum is none.
    assert sua_ref.chi2_divergence([0.4, 0.4, 0.2], [1e-309, 1e-309, 1.0]) == math.inf


def test_logarithms_of_fractions_are_refused_with_the_way_out() -> None:
    half = np.array([Fraction(1, 2), Fraction(1, 2)])
    for call in (sua_ref.entropy, lambda p: sua_ref.kl_divergence(p, p)):
        with pytest.raises(TypeError, match=r"float64 or flint\.arb"):
            call(half)


def test_number_types_do_not_mix() -> None:
    with pytest.raises(TypeError, match="p is Fraction, q is float64"):
        sua_ref.total_variation(np.array([Fraction(1, 2), Fraction(1, 2)]), [0.5, 0.5])


def test_a_label_that_neither_law_allows_counts_nothing_in_an_f_divergence() -> None:
    """KL as f(t) = t log t, whose slope at infinity is infinite: 0 times it is not asked for."""

    def generator(t: Array) -> Array:
        return np.asarray(t * np.log(np.where(t > 0, t, 1.0)))

    p, q = [0.75, 0.25, 0.0], [0.5, 0.5, 0.0]
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    # Without the slope, which no label here needs, and with it.
    assert float(sua_ref.f_divergence(p, q, generator)) == pytest.approx(expected, rel=1e-15)
    generator.slope_at_infinity = math.inf  # type: ignore[attr-defined]  # how f carries it
    assert float(sua_ref.f_divergence(p, q, generator)) == pytest.approx(expected, rel=1e-15)
    assert sua_ref.f_divergence([0.5, 0.5, 0.0], [1.0, 0.0, 0.0], generator) == math.inf


def test_a_generator_that_is_infinite_at_0_is_not_asked_there_where_q_vanishes() -> None:
    """KL(q || p) as f(t) = -log t, whose slope at infinity is 0."""

    def generator(t: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(t))

    generator.slope_at_infinity = 0  # type: ignore[attr-defined]  # how f carries it
    p, q = [0.5, 0.25, 0.25, 0.0], [0.5, 0.5, 0.0, 0.0]
    value = float(sua_ref.f_divergence(p, q, generator))
    assert value == pytest.approx(0.5 * math.log(2), rel=1e-15)
    assert sua_ref.f_divergence([1.0, 0.0, 0.0], [0.5, 0.5, 0.0], generator) == math.inf
