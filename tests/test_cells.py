"""The cells by themselves: each against its definition in balls, at their boundaries by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from sua_ref import cells
from tests.strategies import as_balls, exact

F = Fraction
DIGITS = 700
POINTS = [
    (0.25, 0.75), (0.75, 0.25), (0.5, 0.5), (0.5, 0.5000001), (1.0, 1e-3), (1e-3, 1.0),
    (0.3, 0.2), (0.2, 0.3), (1e-300, 1.0), (1.0, 1e-300), (5e-324, 0.5), (0.9, 0.9 - 1e-16),
    (0.6, 0.4), (0.4, 0.6), (1e-160, 1e-165), (1e-12, 1.0000001e-12), (1e-9, 5e-324),
    (1e-200, 1.7e-200), (1.7e-200, 1e-200),
]  # fmt: skip


def _kl(p: Any, q: Any) -> Any:
    return p * (p / q).log() - p + q


def _jsd(p: Any, q: Any) -> Any:
    m = (p + q) / 2
    return (p * (p / m).log() + q * (q / m).log()) / 2


def _hellinger(p: Any, q: Any) -> Any:
    step = p.sqrt() - q.sqrt()
    return step * step / 2


def _chi2(p: Any, q: Any) -> Any:
    return (p - q) * (p - q) / q


def _surprise(p: Any, others: Any) -> Any:
    return p * ((p + others) / p).log()


CELLS: dict[str, tuple[Callable[..., Any], Callable[[Any, Any], Any]]] = {
    "kl": (cells.relative_entropy_term, _kl),
    "jsd": (cells.jensen_shannon_term, _jsd),
    "hellinger": (cells.squared_hellinger_term, _hellinger),
    "chi2": (cells.chi2_term, _chi2),
    "surprise": (cells.surprise_term, _surprise),
}


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.parametrize(("p", "q"), POINTS)
def test_a_float_cell_is_its_definition_to_the_last_digits(name: str, p: float, q: float) -> None:
    """Against the definition in balls of 700 digits: 1e-14, or within the subnormals."""
    cell, definition = CELLS[name]
    with ctx.workdps(DIGITS):
        wanted = float(definition(arb(p), arb(q)).mid())
    found = float(cell(np.array([p]), np.array([q]))[0])
    if math.isinf(wanted) or wanted > 1e308:
        assert found > 1e307
    else:
        # Where chi-squared goes by exp(703), the rounding of the exponent counts 703 times.
        share = 1e-12 if wanted > 1e300 else 1e-14
        assert abs(found - wanted) <= share * abs(wanted) + 1e-307, (found, wanted)


@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_cell_of_balls_encloses_its_definition_tightly(name: str) -> None:
    cell, definition = CELLS[name]
    for p, q in ((F(1, 4), F(3, 4)), (F(2, 3), F(1, 7)), (F(1), F(1, 2))):
        a, b = as_balls(exact([p])), as_balls(exact([q]))
        found = cell(a, b)[0]
        assert found.overlaps(definition(a[0], b[0]))
        assert float(found.rad()) < 1e-14


def test_a_chi2_cell_of_fractions_by_hand() -> None:
    """(1/4)^2 / (3/4) = 1/12; 0 where p = q = 0; infinite where p > 0 = q."""
    p, q = exact([F(1, 2), F(0), F(1, 3)]), exact([F(3, 4), F(0), F(0)])
    assert cells.chi2_term(p, q).tolist() == [F(1, 12), F(0), math.inf]


BOUNDARY = {"kl": (0.5, math.inf, 0.0), "chi2": (0.5, math.inf, 0.0),
            "jsd": (math.log(2) / 4, math.log(2) / 4, 0.0), "hellinger": (0.25, 0.25, 0.0),
            "surprise": (0.0, 0.0, 0.0)}  # fmt: skip
"""The values at (0, 1/2), (1/2, 0) and (0, 0), by hand."""


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.parametrize("kind", ["float64", "arb"])
def test_the_boundary_is_as_written(name: str, kind: str) -> None:
    p, q = np.array([0.0, 0.5, 0.0]), np.array([0.5, 0.0, 0.0])
    if kind == "float64":
        found = CELLS[name][0](p, q)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, BOUNDARY[name], rtol=1e-15)
        return
    for ball, wanted in zip(CELLS[name][0](as_balls(p), as_balls(q)), BOUNDARY[name], strict=True):
        if math.isinf(wanted):
            assert ball == arb.pos_inf()
        else:
            assert abs(float(ball.mid()) - wanted) < 1e-15
            assert ball.is_finite()


@pytest.mark.parametrize("name", ["kl", "chi2"])
def test_a_ball_that_may_be_zero_over_zero_has_no_value(name: str) -> None:
    """p may be 0, and then the cell is 0, or more, and then it is infinite: neither is known."""
    for p in (arb(0, 0.5), arb(0, 1).nonnegative_part()):
        found = CELLS[name][0](np.array([p], dtype=object), np.array([arb(0)], dtype=object))[0]
        assert found.is_nan()
    sure = CELLS[name][0](np.array([arb(0.25)], dtype=object), np.array([arb(0)], dtype=object))[0]
    assert sure == arb.pos_inf()


def test_a_kl_cell_is_cut_at_zero_only_where_it_is_finite() -> None:
    """It is known to be >= 0; an unbounded ball says nothing, and must not be made to."""
    near = np.array([arb(0.5, 1e-6)], dtype=object)
    assert cells.relative_entropy_term(near, near)[0] >= 0
    may_vanish = np.array([arb(0.25, 0.5)], dtype=object)
    assert not cells.relative_entropy_term(near, may_vanish)[0].is_finite()


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        (cells.log, 1, "a logarithm"),
        (cells.square_root, 1, "a square root"),
        (cells.xlogx, 1, "u log u"),
        (cells.relative_entropy_term, 2, "relative entropy"),
        (cells.jensen_shannon_term, 2, "Jensen-Shannon divergence"),
        (cells.surprise_term, 2, "conditional entropy"),
    ],
)
def test_what_has_no_value_in_the_rationals_says_so(
    function: Callable[..., Any], arguments: int, said: str
) -> None:
    with pytest.raises(TypeError, match=f"^{said}.* has no value in the rationals; use float64"):
        function(*[exact([F(1, 2)])] * arguments)


def test_logarithms_by_hand() -> None:
    found = cells.log(np.array([1.0, 0.0]))
    assert found.tolist() == [0.0, -math.inf]
    balls = cells.log(np.array([arb(2), arb(0)], dtype=object))
    assert balls[0].overlaps(arb(2).log())
    assert balls[0].is_finite()
    assert balls[1] == arb.neg_inf()


def test_square_roots_by_hand() -> None:
    assert cells.square_root(np.array([0.25, 0.0])).tolist() == [0.5, 0.0]
    balls = cells.square_root(np.array([arb(4), arb(0, 1)], dtype=object))
    assert balls[0] == arb(2)
    assert balls[1].is_finite()
    assert balls[1].overlaps(arb(1))


@pytest.mark.parametrize("top", [2.0**-30, 0.125, 0.36, 0.375, 0.75, 1.0, 2.0])
def test_u_log_u_of_a_ball_from_zero_is_hardly_wider_than_its_range(top: float) -> None:
    ball = arb(top / 2, top / 2)
    found = cells.xlogx(np.array([ball], dtype=object))[0]
    end = top * math.log(top)
    low = end if top < math.exp(-1) else -math.exp(-1)
    assert low - 1e-7 <= float(found.lower()) <= low + 1e-15
    assert max(0.0, end) - 1e-15 <= float(found.upper()) <= max(0.0, end) + 1e-7


def test_u_log_u_at_zero_and_below() -> None:
    assert cells.xlogx(np.array([0.0, 1.0, math.e])).tolist()[:2] == [0.0, 0.0]
    assert cells.xlogx(np.array([arb(0)], dtype=object))[0].is_zero()
    assert cells.xlogx(np.array([arb(-1)], dtype=object))[0].is_zero()
    touching = arb(0, 1).nonnegative_part()
    assert cells.xlogx(np.array([touching], dtype=object))[0].overlaps(-arb(-1).exp())
    assert cells.xlogx(np.array([touching], dtype=object))[0].is_finite()
