"""The sharp curves: never exceeded, attained, accurate, rigorous on balls."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

import sua_ref
from sua_ref.curves import _ball_below_1
from tests.strategies import Floats, as_balls, exact, float_pairs, float_rows, rational_pairs
from tests.tolerances import CELL_SUM, few_ulps

KINDS = ("kl", "jsd", "hellinger2", "chi2", "tv")
TOP = {"kl": 40.0, "jsd": math.log(2), "hellinger2": 1.0, "chi2": 1e12, "tv": 1.0}
"""Where the draws end: the maximum, or far into the flat part."""
SIZES = st.sampled_from([2, 3, 4, 10, 1000, 50257])


@st.composite
def levels(draw: st.DrawFn, top: float) -> float:
    """A float in [0, top): anywhere, tiny, or just below the top."""
    share = draw(st.floats(0, 1, exclude_max=True))
    small = 10.0 ** -draw(st.integers(1, 40))
    value = draw(st.sampled_from([share, share * small, 1 - small, 1 - share * small])) * top
    return min(value, float(np.nextafter(top, 0)))


@st.composite
def entropies(draw: st.DrawFn) -> tuple[float, int]:
    """An entropy below log n, often beside a kink log k."""
    n = draw(SIZES)
    if draw(st.booleans()):
        return draw(levels(math.log(n))), n
    kink = math.log(draw(st.integers(1, n)))
    step = draw(st.sampled_from([0.0, 1e-16, 1e-15, 1e-12, 1e-8, 1e-3]))
    h = kink + draw(st.sampled_from([-1, 1])) * step * max(kink, 1.0)
    return min(max(h, 0.0), float(np.nextafter(math.log(n), 0))), n


def close_to_ball(value: Any, ball: Any, relative: float) -> bool:
    """Whether a float lies within a relative distance of a ball that is far narrower; below the
    normal floats, within one step between two of them."""
    assert ball.rad() <= relative / 100 * abs(ball) or ball.is_zero()
    return bool(abs(arb(float(value)) - ball) <= relative * abs(ball) + arb(5e-324))


# --- accuracy in float64 --------------------------------------------------------------------------


@given(st.data(), st.sampled_from(KINDS))
def test_curves_keep_12_digits_in_float64(data: st.DataObject, kind: str) -> None:
    d = data.draw(levels(TOP[kind]))
    value = sua_ref.total_variation_bound(d, kind=kind)
    with ctx.workprec(256):
        assert close_to_ball(value, sua_ref.total_variation_bound(arb(d), kind=kind), CELL_SUM)


@pytest.mark.parametrize("kind", KINDS)
def test_curves_keep_12_digits_in_every_decade(kind: str) -> None:
    """Where a series gives way to another form, an error shows in a decade or two only."""
    d = np.array([m * TOP[kind] * 10.0**-k for k in range(1, 26) for m in (9.9, 2.2)])
    with ctx.workprec(160):
        balls = sua_ref.total_variation_bound(as_balls(d), kind=kind)
        for value, ball in zip(sua_ref.total_variation_bound(d, kind=kind), balls, strict=True):
            assert close_to_ball(value, ball, CELL_SUM)


@given(entropies())
@example((math.log(2), 3))
@example((float(np.nextafter(math.log(3), 0)), 3))
@example((math.log(50257) * (1 - 2e-16), 50257))
def test_error_bounds_keep_12_digits_in_float64(case: tuple[float, int]) -> None:
    h, n = case
    with ctx.workprec(256):
        balls = sua_ref.error_bounds(arb(h), n)
        for value, ball in zip(sua_ref.error_bounds(h, n), balls, strict=True):
            assert close_to_ball(value, ball, CELL_SUM)


@given(st.data(), st.sampled_from(KINDS))
def test_curves_increase(data: st.DataObject, kind: str) -> None:
    a = data.draw(levels(TOP[kind]))
    near = float(np.nextafter(a, np.inf))
    b = max(a, min(data.draw(st.sampled_from([near, data.draw(levels(TOP[kind]))])), TOP[kind]))
    low, high = sua_ref.total_variation_bound([a, b], kind=kind)
    # Bisection is monotone by construction; the closed forms around it round a few times.
    assert 0 <= low <= high * (1 + few_ulps(4)) <= 1 + few_ulps(4)
    if kind == "jsd":
        assert low <= high


@given(entropies(), st.floats(0, 1))
def test_error_bounds_increase_and_lie_in_order(case: tuple[float, int], share: float) -> None:
    h, n = case
    low, high = sua_ref.error_bounds([share * h, h], n)
    assert 0 <= low[0] <= low[1] <= (1 - 1 / n) * (1 + few_ulps(2))
    assert 0 <= high[0] <= high[1] <= (1 - 1 / n) * (1 + few_ulps(2))
    assert (low <= high * (1 + few_ulps(16))).all()


# --- never exceeded -------------------------------------------------------------------------------


@given(float_pairs(), st.sampled_from(["kl", "reverse_kl", "jsd", "hellinger2", "chi2", "tv"]))
def test_no_pair_exceeds_its_curve(pair: tuple[Floats, Floats], kind: str) -> None:
    p, q = pair
    bound = sua_ref.total_variation_bound(sua_ref.divergence(p, q, kind=kind), kind=kind)
    # The divergence errs by CELL_SUM, and the rows sum to 1 within 1e-15, the curve by less.
    assert sua_ref.total_variation(p, q) <= bound * (1 + 2 * CELL_SUM) + few_ulps(16)


@given(rational_pairs(), st.sampled_from(["kl", "jsd", "hellinger2", "chi2"]))
def test_no_pair_certainly_exceeds_its_curve(pair: tuple[Any, Any], kind: str) -> None:
    p, q = as_balls(pair[0]), as_balls(pair[1])
    with ctx.workprec(128):
        divergence = sua_ref.divergence(p, q, kind=kind)
        bound = sua_ref.total_variation_bound(divergence, kind=kind)
        assert not sua_ref.total_variation(p, q) > bound


@given(float_rows())
def test_no_row_leaves_the_error_bounds(p: Floats) -> None:
    low, high = sua_ref.error_bounds(sua_ref.entropy(p), len(p))
    e = 1 - float(p.max())
    # At a kink the curves move like the root of an entropy's rounding, 16 eps.
    slack = math.sqrt(16 * few_ulps(1))
    assert low - slack <= e <= high + slack


@given(rational_pairs())
def test_no_row_certainly_leaves_the_error_bounds(pair: tuple[Any, Any]) -> None:
    p = pair[0]
    with ctx.workprec(128):
        low, high = sua_ref.error_bounds(sua_ref.entropy(as_balls(p)), len(p))
        e = as_balls(exact([1 - max(p)]))[0]
        assert not e < low
        assert not e > high


# --- attained -------------------------------------------------------------------------------------


@given(st.floats(1e-3, 0.999))
def test_the_kl_curve_is_the_least_binary_divergence(v: float) -> None:
    """The oracle minimises over all binary pairs at total variation v, and knows no parameter."""

    def divergence(b: float) -> float:
        a = b + v
        far = math.log((1 - a) / (1 - b)) * (1 - a) if a < 1 else 0.0
        return a * math.log(a / b) + far

    least = minimize_scalar(
        divergence, bounds=(1e-9, 1 - v), method="bounded", options={"xatol": 1e-12}
    ).fun
    # A minimum found to a part in 1e6 is right to 1e-12; cancellation costs 1e-16 of terms of
    # size 1 against v^2.
    assert sua_ref.total_variation_bound(least, kind="kl") == pytest.approx(v, rel=1e-9)


@given(st.integers(1, 63))
def test_jsd_hellinger_and_chi2_are_attained(sixty_fourths: int) -> None:
    v = Fraction(sixty_fourths, 64)
    half = Fraction(1, 2)
    p, q = exact([half + v / 2, half - v / 2]), exact([half - v / 2, half + v / 2])
    with ctx.workprec(128):
        truth = as_balls(exact([v]))[0]
        for kind in ("jsd", "hellinger2"):
            divergence = sua_ref.divergence(as_balls(p), as_balls(q), kind=kind)
            bound = sua_ref.total_variation_bound(divergence, kind=kind)
            assert bound.contains(truth)
            assert bound.rad() < 1e-30
        fair = exact([half, half]) if v <= half else exact([1 - v, v])
        moved = exact([half + v, half - v]) if v <= half else exact([Fraction(1), Fraction(0)])
        chi2 = sua_ref.chi2_divergence(moved, fair)
        bound = sua_ref.total_variation_bound(as_balls(exact([chi2]))[0], kind="chi2")
        assert bound.contains(truth)


@given(st.integers(2, 9), st.integers(1, 63))
def test_the_error_bounds_are_attained(n: int, sixty_fourths: int) -> None:
    share = Fraction(sixty_fourths, 64)
    e = share * (1 - Fraction(1, n))
    fano = exact([1 - e] + [e / (n - 1)] * (n - 1))
    k = math.floor(1 / (1 - e))
    atoms = exact([1 - e] * k + [1 - k * (1 - e)])
    with ctx.workprec(256):
        truth = as_balls(exact([e]))[0]
        low, _ = sua_ref.error_bounds(sua_ref.entropy(as_balls(fano)), n)
        _, high = sua_ref.error_bounds(sua_ref.entropy(as_balls(atoms)), n)
        for bound in (low, high):
            assert bound.contains(truth)
            assert bound.rad() < 1e-30


def test_values_published_or_computed_elsewhere() -> None:
    kl = sua_ref.total_variation_bound([1.0, 2.0], kind="kl")
    assert kl == pytest.approx([0.6644, 0.8652], abs=5e-5)
    _, high = sua_ref.error_bounds([0.3, 0.9], 3)
    assert high == pytest.approx([0.0889, 0.5355], abs=5e-5)


# --- against the classical bounds -----------------------------------------------------------------


@given(levels(40.0))
def test_kl_lies_below_pinsker_and_bretagnolle_huber(d: float) -> None:
    bound = sua_ref.total_variation_bound(d, kind="kl")
    assert bound <= math.sqrt(d) * math.sqrt(0.5) * (1 + few_ulps(8))
    assert bound <= math.sqrt(-math.expm1(-d)) * (1 + few_ulps(8))


@given(entropies())
def test_error_lies_below_hellman_raviv_and_min_entropy(case: tuple[float, int]) -> None:
    h, n = case
    _, high = sua_ref.error_bounds(h, n)
    assert high <= h / (2 * math.log(2)) * (1 + few_ulps(8))
    assert high <= -math.expm1(-h) * (1 + few_ulps(8))


@given(levels(math.log(2)))
def test_two_labels_have_one_curve(h: float) -> None:
    low, high = sua_ref.error_bounds(h, 2)
    assert low == pytest.approx(high, rel=few_ulps(16))


# --- balls ----------------------------------------------------------------------------------------


@given(st.data(), st.sampled_from(["kl", "jsd", "hellinger2", "chi2", "tv"]))
def test_a_ball_encloses_the_curve_at_every_point(data: st.DataObject, kind: str) -> None:
    top = min(TOP[kind], 40.0)
    middle = data.draw(levels(top))
    radius = data.draw(st.sampled_from([0.0, 1e-9, 0.01, 0.3]))
    ball = arb(middle, radius)
    wide = sua_ref.total_variation_bound(ball, kind=kind)
    # A ball stores its midpoint in 53 bits here and its radius in 30, rounded up a few times.
    slack = few_ulps(2) + float(wide.rad()) * 2.0**-24
    assert -slack <= float(wide.lower()) <= float(wide.upper()) <= 1 + slack
    for share in data.draw(st.lists(st.floats(-1, 1), min_size=1, max_size=4)):
        point = min(max(middle + share * radius, 0.0), float(np.nextafter(top, 0)))
        if ball.contains(arb(point)):
            with ctx.workprec(160):
                assert wide.contains(sua_ref.total_variation_bound(arb(point), kind=kind))


@given(st.data(), entropies())
def test_a_ball_of_entropies_encloses_both_curves(
    data: st.DataObject, case: tuple[float, int]
) -> None:
    middle, n = case
    radius = data.draw(st.sampled_from([0.0, 1e-9, 0.01, 0.3]))
    ball = arb(middle, radius)
    wide = sua_ref.error_bounds(ball, n)
    for share in data.draw(st.lists(st.floats(-1, 1), min_size=1, max_size=4)):
        point = min(max(middle + share * radius, 0.0), float(np.nextafter(math.log(n), 0)))
        if ball.contains(arb(point)):
            with ctx.workprec(160):
                for enclosure, at in zip(wide, sua_ref.error_bounds(arb(point), n), strict=True):
                    assert enclosure.contains(at)


CERTIFIED: dict[str, Callable[[Any], Any]] = {
    "kl": lambda d: sua_ref.total_variation_bound(d, kind="kl"),
    "jsd": lambda d: sua_ref.total_variation_bound(d, kind="jsd"),
    "least error": lambda h: sua_ref.error_bounds(h, 3)[0],
    "largest error": lambda h: sua_ref.error_bounds(h, 3)[1],
}


@pytest.mark.parametrize("name", sorted(CERTIFIED))
def test_each_end_of_a_ball_is_certified_on_its_own_side(name: str) -> None:
    """An end from the other side of a root would leave it out now and then, by a rounding."""
    for value in np.linspace(0.001, 0.69, 60):
        ball = CERTIFIED[name](arb(value))
        with ctx.workprec(160):
            assert ball.contains(CERTIFIED[name](arb(value)))


@given(st.floats(1e-6, 0.999))
def test_the_forward_curve_leads_back_into_the_ball(v: float) -> None:
    """The oracle is the printed formula, in balls."""
    with ctx.workprec(192):
        x = arb(v)
        halves = [(1 + x) / 2, (1 - x) / 2]
        jsd = arb(2).log() + sum(y * y.log() for y in halves)
        assert sua_ref.total_variation_bound(jsd, kind="jsd").contains(x)
        t = x * 10
        tv = t / 2 * (1 - (t.coth() - 1 / t) * (t.coth() - 1 / t))
        kl = (t / t.sinh()).log() + t * t.coth() - t * t / (t.sinh() * t.sinh())
        back = sua_ref.total_variation_bound(kl, kind="kl")
        assert back.overlaps(tv)
        assert back.rad() < 1e-20


@pytest.mark.parametrize("t", [0.1, 0.5, 0.99])
def test_what_the_series_leave_out_is_enclosed(t: float) -> None:
    """At 1200 bits it is far above the rounding."""
    with ctx.workprec(1200):
        slope, series = _ball_below_1(arb(t))
    with ctx.workprec(4000):
        assert slope.contains(arb(t).coth() - 1 / arb(t))
        assert series.contains(arb(t).sinh() / arb(t) - 1)


def test_a_root_that_is_tried_exactly_costs_no_precision() -> None:
    """The first point of the bisection, 1/2, is the root: undecided, and not the end."""
    with ctx.workprec(128):
        jsd = arb(2).log() + arb(0.75) * arb(0.75).log() + arb(0.25) * arb(0.25).log()
        bound = sua_ref.total_variation_bound(jsd, kind="jsd")
        assert bound.contains(arb(0.5))
        assert bound.rad() < 1e-30


# --- ends, number types, bad input ----------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "reverse_kl"])
def test_the_ends_are_exact(kind: str) -> None:
    top = {"kl": math.inf, "reverse_kl": math.inf, "chi2": math.inf}.get(kind, TOP.get(kind))
    assert sua_ref.total_variation_bound([0.0, top], kind=kind).tolist() == [0.0, 1.0]
    assert sua_ref.total_variation_bound(arb(0), kind=kind) == 0
    with ctx.workprec(128):
        ball = {"jsd": arb(2).log(), "tv": arb(1), "hellinger2": arb(1)}.get(kind, arb.pos_inf())
        at_top = sua_ref.total_variation_bound(ball, kind=kind)
    assert at_top.contains(1)
    assert at_top > 1 - 1e-15


def test_shapes_and_scalars() -> None:
    assert np.ndim(sua_ref.total_variation_bound(0.1, kind="kl")) == 0
    assert sua_ref.total_variation_bound(np.full((2, 3), 0.1), kind="jsd").shape == (2, 3)
    low, high = sua_ref.error_bounds(np.full((2, 0), 0.1), 3)
    assert low.shape == high.shape == (2, 0)


def test_rounding_above_the_top_stands_for_it() -> None:
    assert sua_ref.total_variation_bound(math.log(2) * (1 + 1e-14), kind="jsd") == 1
    n = 50257
    above = sua_ref.entropy(np.full(n, 1 / n)) * (1 + 1e-14)
    assert above > math.log(n)
    for bound in sua_ref.error_bounds(above, n):
        assert bound == pytest.approx(1 - 1 / n, rel=few_ulps(4))


def test_fractions_where_the_curve_is_rational() -> None:
    assert sua_ref.total_variation_bound(Fraction(3), kind="chi2") == Fraction(3, 4)
    assert sua_ref.total_variation_bound(Fraction(1), kind="chi2") == Fraction(1, 2)
    assert sua_ref.total_variation_bound(Fraction(1, 3), kind="tv") == Fraction(1, 3)
    top = sua_ref.total_variation_bound(exact([Fraction(0), math.inf]), kind="chi2")
    assert top.tolist() == [0, 1]
    assert isinstance(top[1], Fraction)


THIRD = Fraction(1, 3)
tv_bound = sua_ref.total_variation_bound


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: tv_bound(0.7, kind="jsd"), ValueError, r"row 0 is 0\.7, not"),
        (lambda: tv_bound([0, 1.1], kind="hellinger2"), ValueError, r"row 1 is"),
        (lambda: tv_bound(1.01, kind="tv"), ValueError, "value: row 0"),
        (lambda: tv_bound(-1e-9, kind="kl"), ValueError, "value: row 0 is -1e"),
        (lambda: tv_bound(math.nan, kind="chi2"), ValueError, "row 0 is nan"),
        (lambda: tv_bound(arb.nan(), kind="kl"), ValueError, "row 0 is nan"),
        (lambda: tv_bound(arb(2), kind="jsd"), ValueError, "row 0 is 2"),
        (lambda: tv_bound(0.1, kind="js"), ValueError, "kind: 'js' is none of"),
        (lambda: tv_bound(THIRD, kind="chi2"), TypeError, "flint.arb"),
        (lambda: tv_bound(THIRD, kind="jsd"), TypeError, "curve of jsd"),
        (lambda: tv_bound(THIRD, kind="reverse_kl"), TypeError, "curve of reverse_kl"),
        (lambda: tv_bound("1", kind="kl"), TypeError, "value: numbers of dtype"),
        (lambda: sua_ref.error_bounds(0.7, 2), ValueError, r"h: row 0 is 0\.7, not in \[0, 0\.69"),
        (lambda: sua_ref.error_bounds([0.1, -0.1], 2), ValueError, r"h: row 1 is -0\.1"),
        (lambda: sua_ref.error_bounds(math.nan, 2), ValueError, "h: row 0 is nan"),
        (lambda: sua_ref.error_bounds(0.1, 1), ValueError, r"h: row 0 is 0\.1"),
        (lambda: sua_ref.error_bounds(arb(1), 2), ValueError, "h: row 0 is 1"),
        (lambda: sua_ref.error_bounds(0.1, 0), ValueError, "n: 0 is below 1"),
        (lambda: sua_ref.error_bounds(0.1, 2.5), TypeError, "n: an integer wanted, got float"),  # type: ignore[arg-type]  # what is tested
        (lambda: sua_ref.error_bounds(THIRD, 2), TypeError, "an entropy has no value"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(
    call: Callable[[], Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        call()
