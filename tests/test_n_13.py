"""Result n_13: the kink theorem, and the curves that bound total variation by each divergence."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import log_tangents, n_13
from proofs_checks import total_variation_curves as curves
from sua_ref.elements import Array, positive_part
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_pairs
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

HALF = Fraction(1, 2)
PARTS = ("root_kl", "sharp_kl", "root_jsd", "root_hellinger2", "root_chi2")


@pytest.mark.parametrize("claim", ["n_13", *(f"n_13.{part}" for part in PARTS)])
def test_the_verdicts_are_proved_and_checked(claim: str) -> None:
    assert verdict(claim) == "PROVED"


LEMMAS = {
    "the bound": n_13.LOWER, "no larger constant": n_13.NO_MORE, "no smaller L": n_13.NO_LESS,
    "Young": curves.YOUNG, "Pinsker": curves.PINSKER, "Bhattacharyya": curves.BHATTACHARYYA,
    "the support line": curves.SUPPORT_LINE, "Hellinger": curves.HELLINGER,
    "Jensen": curves.JENSEN, "chi2, small": curves.CHI2_SMALL, "chi2, large": curves.CHI2_LARGE,
}  # fmt: skip


@pytest.mark.parametrize("name", LEMMAS)
def test_planted_faults_are_refused(name: str) -> None:
    assert survivors(LEMMAS[name]) == []


# --- the kink -------------------------------------------------------------------------------------


@counts_cases_of("n_13")
def test_every_convex_f_is_at_least_its_kink_times_total_variation() -> None:
    seen = Recorder()
    size = st.fractions(0, 3, max_denominator=4)

    @given(rational_pairs(), size, size, st.sampled_from([Fraction(0), Fraction(1, 3)]), size)
    def holds(
        pair: tuple[Array, Array], up: Fraction, down: Fraction, curve: Fraction, tilt: Fraction
    ) -> None:
        p, q = pair
        q = (q + Fraction(1, len(q))) / 2  # no zero, so that f needs no slope at infinity

        def f(u: Any) -> Any:
            rise, fall = positive_part(u - 1), positive_part(1 - u)
            return up * rise + down * fall + curve * (u - 1) * (u - 1) + tilt * (u - 1)

        value = sua_ref.f_divergence(p, q, f)
        slack = value - (up + down) * sua_ref.total_variation(p, q)
        assert slack >= 0
        if value > slack:
            seen.case(value, slack)
            target(-float(slack / value))

    holds()
    seen.check()


@given(st.fractions(Fraction(1, 100), 3), st.fractions(Fraction(1, 100), 1))
def test_a_smooth_f_needs_an_ever_larger_constant(bound: Fraction, scale: Fraction) -> None:
    """f(u) = scale (u - 1)^2 has no kink: any L is beaten at t = 1/(8 L scale)."""
    t = min(Fraction(1, 4), 1 / (8 * bound * scale))
    p, q = exact([HALF + t, HALF - t]), exact([HALF, HALF])
    value = sua_ref.f_divergence(p, q, lambda u: scale * (u - 1) * (u - 1))
    assert t > bound * value


# --- the curves -----------------------------------------------------------------------------------


@st.composite
def near_extremal(draw: st.DrawFn, kind: str) -> tuple[Array, Array]:
    """A pair that attains the curve, or nearly: the parameters of KL's are rounded."""
    v = draw(st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50))
    if kind == "chi2" and v > HALF:
        return exact([Fraction(1), Fraction(0)]), exact([1 - v, v])
    if kind in ("chi2", "root"):
        v = v / 2 if kind == "chi2" or v > HALF / 2 else v / 20
        return exact([HALF + v, HALF - v]), exact([HALF, HALF])
    if kind == "kl":
        t = 4 * float(v)
        c = 1 / math.tanh(t) - 1 / t
        b = Fraction((1 - c) / 2)
        a = b + Fraction(t * (1 - c * c) / 2)
        return exact([a, 1 - a]), exact([b, 1 - b])
    p = exact([HALF + v / 2, HALF - v / 2])
    return p, p[::-1]


def _bound(kind: str, p: Any, q: Any) -> Any:
    if kind == "root":
        kl = sua_ref.kl_divergence(p, q)
        return (kl / 2).sqrt().min((1 - (-kl).exp()).sqrt()) if kl.is_finite() else arb(1)
    return sua_ref.total_variation_bound(sua_ref.divergence(p, q, kind=kind), kind=kind)


@counts_cases_of(*(f"n_13.{part}" for part in PARTS))
@pytest.mark.parametrize("kind", ["kl", "root", "jsd", "hellinger2", "chi2"])
def test_total_variation_stays_below_the_curve(kind: str) -> None:
    seen = Recorder()

    @given(st.one_of(rational_pairs(), near_extremal(kind)))
    def holds(pair: tuple[Array, Array]) -> None:
        tv = sua_ref.total_variation(*pair)
        if tv == 0:
            return
        with ctx.workprec(192):
            bound = _bound(kind, as_balls(pair[0]), as_balls(pair[1]))
            slack = bound - as_balls(exact([tv]))[0]
            assert not slack < 0
            seen.case(bound, slack)
            target(-float(slack) / float(bound))

    holds()
    seen.check()


@given(st.integers(1, 200))
def test_the_closed_forms_of_the_kl_curve_are_those_of_its_laws(hundredths: int) -> None:
    with ctx.workprec(192):
        t = arb(hundredths) / 50
        c = t.coth() - 1 / t
        b = (1 - c) / 2
        a = b + t * (1 - c * c) / 2
        shrink = t / t.sinh()
        value = shrink.log() + t * t.coth() - shrink * shrink
        p, q = exact([a, 1 - a]), exact([b, 1 - b])
        assert sua_ref.kl_divergence(p, q).overlaps(value)
        # Stationary at fixed total variation: the log-odds differ by the slope 2t.
        assert (a * (1 - b) / (b * (1 - a))).log().overlaps(2 * t)


# --- the facts about the logarithm ----------------------------------------------------------------

FACTS: dict[str, tuple[log_tangents.LogSum, int, dict[tuple[str, ...], int]]] = {
    "tangent": (log_tangents.TANGENT, 1, {("(u - 1)^2",): 1}),
    "cubic": (log_tangents.CUBIC, 1, {("(u - 1)^2", "(u - 1)^2"): 1}),
    "pinsker": (log_tangents.PINSKER, 3, {("(u - 1)^2",): 4}),
}


def _value(f: log_tangents.LogSum, u: Any) -> Any:
    return sum((arb(c.numerator) / c.denominator * u**k * u.log() ** j
                for (k, j), c in f.terms.items()), arb(0))  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
@given(st.fractions(Fraction(1, 10**6), 10**6))
def test_the_facts_hold_and_derivatives_are_slopes(name: str, u: Fraction) -> None:
    f = FACTS[name][0]
    with ctx.workprec(256):
        x = as_balls(exact([u]))[0]
        assert not _value(f, x) < 0
        step = arb(2) ** -100
        slope = (_value(f, x + x * step) - _value(f, x)) / (x * step)
        assert abs(slope - _value(f.derivative(), x)) <= (1 + x * x + 1 / (x * x)) * arb(2) ** -60


@pytest.mark.parametrize("name", FACTS)
def test_the_facts_are_shown_and_their_faults_noticed(name: str) -> None:
    f, order, products = FACTS[name]
    assert log_tangents.nonnegative(f, order=order, products=products) == []
    moved = log_tangents.LogSum({**f.terms, (0, 0): f.terms[0, 0] - 1})
    said = log_tangents.nonnegative(moved, order=order, products=products)
    assert said == ["derivative 0 is -1 at u = 1"]
    upside = log_tangents.LogSum({powers: -c for powers, c in f.terms.items()})
    said = log_tangents.nonnegative(upside, order=order, products=products)
    assert said == ["the two sides differ as polynomials"]
    said = log_tangents.nonnegative(f, order=0, products=products)
    assert said == ["derivative 0 still has a logarithm"]


def test_a_constant_better_than_pinskers_is_refused() -> None:
    """(2u + 4)(u log u - u + 1) >= 4 (u - 1)^2 fails, near u = 1."""
    extra = {(2, 0): -1, (1, 0): 2, (0, 0): -1}
    terms = dict(log_tangents.PINSKER.terms)
    for powers, c in extra.items():
        terms[powers] = terms.get(powers, Fraction(0)) + c
    said = log_tangents.nonnegative(
        log_tangents.LogSum(terms), order=3, products={("(u - 1)^2",): 4}
    )
    assert said == ["derivative 2 is -2 at u = 1"]
