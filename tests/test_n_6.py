"""Result n_6: the smoothing factor is never exceeded, and approached."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import sua_ref
from sua_ref.elements import Array
from tests.strategies import Floats, as_balls, exact, rational_rows

SHARP: dict[str, Callable[[Any, Any], Any]] = {
    "kl": sua_ref.kl_divergence,
    "reverse_kl": lambda p, q: sua_ref.kl_divergence(q, p),
    "jsd": sua_ref.jensen_shannon_divergence,
    "chi2": sua_ref.chi2_divergence,
    "reverse_chi2": lambda p, q: sua_ref.chi2_divergence(q, p),
    "hellinger2": sua_ref.squared_hellinger,
}
"""The divergences that the factor is claimed for; total variation is not among them."""


def smoothed(p: Array, alpha: Any) -> Array:
    n = p.shape[-1]
    return alpha * p + (1 - alpha) * (Fraction(1, n) if p.dtype == object else 1 / n)


@st.composite
def smoothings(draw: st.DrawFn) -> tuple[Array, Array, Fraction]:
    n = draw(st.integers(2, 6))
    alpha = Fraction(draw(st.integers(0, 16)), 16)
    return exact(draw(rational_rows(n))), exact(draw(rational_rows(n))), alpha


@given(smoothings())
def test_chi2_never_exceeds_the_factor_exactly(case: tuple[Array, Array, Fraction]) -> None:
    p, q, alpha = case
    before = sua_ref.chi2_divergence(p, q)
    if before == float("inf"):
        return
    after = sua_ref.chi2_divergence(smoothed(p, alpha), smoothed(q, alpha))
    assert after <= sua_ref.smoothing_factor(len(p), alpha) * before


@given(smoothings(), st.sampled_from(sorted(SHARP)))
def test_no_divergence_certainly_exceeds_the_factor(
    case: tuple[Array, Array, Fraction], kind: str
) -> None:
    p, q, alpha = case
    if alpha == 0:
        return  # every output becomes uniform: both sides are 0, or 0 times infinity
    with ctx.workprec(128):
        before = SHARP[kind](as_balls(p), as_balls(q))
        after = SHARP[kind](as_balls(smoothed(p, alpha)), as_balls(smoothed(q, alpha)))
        factor = as_balls(exact([sua_ref.smoothing_factor(len(p), alpha)]))[0]
        assert not after > factor * before


@pytest.mark.parametrize("kind", sorted(SHARP))
@pytest.mark.parametrize("n", [2, 3, 5, 10])
@pytest.mark.parametrize("alpha", [Fraction(1, 8), Fraction(1, 2), Fraction(31, 32)])
def test_the_extremal_family_comes_within_1e_4(kind: str, n: int, alpha: Fraction) -> None:
    t = Fraction(1, 1000)
    p = exact([Fraction(1, 2) + t, Fraction(1, 2) - t] + [Fraction(0)] * (n - 2))
    q = p[[1, 0, *range(2, n)]]
    with ctx.workprec(200):
        before = SHARP[kind](as_balls(p), as_balls(q))
        after = SHARP[kind](as_balls(smoothed(p, alpha)), as_balls(smoothed(q, alpha)))
        share = after / before / as_balls(exact([sua_ref.smoothing_factor(n, alpha)]))[0]
        # The ratio is even in t, and its coefficient of t^2 is below 4 max(1, 1/alpha).
        assert share > 0.9999
        assert share < 1


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("kind", ["kl", "jsd", "chi2", "hellinger2"])
def test_an_adversary_finds_no_larger_ratio(n: int, kind: str) -> None:
    alpha, rng = 0.5, np.random.default_rng(n)
    best = 0.0

    def minus_ratio(x: Floats) -> float:
        weights = np.exp(np.clip(x.reshape(2, n), -12, 12))
        p, q = weights / weights.sum(axis=1, keepdims=True)
        if np.abs(p - q).max() < 1e-4:
            return 0.0  # below, the rounding of the rows would be measured
        after = SHARP[kind](smoothed(p, alpha), smoothed(q, alpha))
        return -float(after / SHARP[kind](p, q))

    for _ in range(3):
        start = rng.normal(size=2 * n)
        found = minimize(minus_ratio, start, method="Nelder-Mead", options={"maxiter": 400})
        best = max(best, -found.fun)
    factor = float(sua_ref.smoothing_factor(n, alpha))
    # Four rows, each entry rounded by 1e-16 of a difference of 1e-4, squared in the ratio.
    assert best <= factor * (1 + 1e-11)
    assert best >= 0.95 * factor


def test_the_largest_ratio_of_a_whole_grid_lies_below_and_near() -> None:
    rows = [exact(r) for r in product([Fraction(i, 8) for i in range(9)], repeat=3) if sum(r) == 1]
    alpha = Fraction(1, 2)
    largest = Fraction(0)
    for p in rows:
        for q in rows:
            before = sua_ref.chi2_divergence(p, q)
            if before not in (0, float("inf")):
                after = sua_ref.chi2_divergence(smoothed(p, alpha), smoothed(q, alpha))
                largest = max(largest, after / before)
    factor = sua_ref.smoothing_factor(3, alpha)
    assert factor == Fraction(3, 10)
    assert Fraction(28, 100) < largest <= factor


def test_three_claims_beside_it_are_false() -> None:
    """Controls: alpha squared for three labels, the factor for another law, and for TV."""
    half = Fraction(1, 2)
    zero = Fraction(0)
    p = as_balls(exact([Fraction(3, 5), Fraction(2, 5), zero]))
    q = as_balls(exact([Fraction(2, 5), Fraction(3, 5), zero]))
    jsd = sua_ref.jensen_shannon_divergence
    third = as_balls(exact([Fraction(1, 3)] * 3))
    assert jsd((p + third) / 2, (q + third) / 2) > jsd(p, q) / 4

    law = exact([Fraction(1, 10), Fraction(9, 10)])
    p, q = exact([half, half]), exact([Fraction(3, 10), Fraction(7, 10)])
    ratio = sua_ref.chi2_divergence(half * p + half * law, half * q + half * law)
    assert ratio / sua_ref.chi2_divergence(p, q) == Fraction(21, 64)
    assert Fraction(21, 64) > sua_ref.smoothing_factor(2, half)

    shrunk = sua_ref.total_variation(smoothed(p, half), smoothed(q, half))
    assert shrunk == half * sua_ref.total_variation(p, q)
    assert half > sua_ref.smoothing_factor(2, half)


@given(st.integers(2, 50), st.integers(0, 64))
def test_it_lies_between_alpha_squared_and_alpha_and_grows_with_n(
    n: int, sixty_fourths: int
) -> None:
    alpha = Fraction(sixty_fourths, 64)
    factor = sua_ref.smoothing_factor(n, alpha)
    assert alpha**2 <= factor <= alpha
    assert factor <= sua_ref.smoothing_factor(n + 1, alpha)
    assert sua_ref.smoothing_factor(2, alpha) == alpha**2


@given(st.integers(1, 50), st.floats(0, 1))
def test_number_types_agree(n: int, alpha: float) -> None:
    truth = sua_ref.smoothing_factor(n, Fraction(alpha))
    assert float(sua_ref.smoothing_factor(n, alpha)) == pytest.approx(float(truth), rel=1e-15)
    assert sua_ref.smoothing_factor(n, arb(alpha)).overlaps(as_balls(exact([truth]))[0])
    wide = sua_ref.smoothing_factor(n, arb(alpha, 0.125))
    assert wide.overlaps(as_balls(exact([truth]))[0])


def test_the_ends() -> None:
    assert sua_ref.smoothing_factor(7, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert sua_ref.smoothing_factor(1, Fraction(1, 2)) == Fraction(1, 6)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: sua_ref.smoothing_factor(0, 0.5), ValueError, "n: 0 is below 1"),
        (lambda: sua_ref.smoothing_factor(2.0, 0.5), TypeError, "n: an integer wanted"),  # type: ignore[arg-type]  # what is tested
        (lambda: sua_ref.smoothing_factor(2, 1.5), ValueError, r"alpha: row 0 is 1\.5, not in"),
        (lambda: sua_ref.smoothing_factor(2, [0.5, -0.1]), ValueError, r"alpha: row 1 is -0\.1"),
        (lambda: sua_ref.smoothing_factor(2, float("nan")), ValueError, "alpha: row 0 is nan"),
        (lambda: sua_ref.smoothing_factor(2, Fraction(3, 2)), ValueError, "alpha: row 0 is 3/2"),
        (lambda: sua_ref.smoothing_factor(2, arb(2)), ValueError, "alpha: row 0 is 2"),
    ],
)
def test_bad_input_is_refused_in_words(
    call: Callable[[], Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        call()
