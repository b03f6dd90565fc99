"""Enclosures from lists: how often an end is nearly attained by the distribution behind the list.

Half of the lists leave one token out. What it has is then known, so both ends are nearly the value.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import Interval
from tests.lists import DECIMALS, Known, balls, known, listed
from tests.strategies import as_balls, exact
from tests.tightness import Recorder, counts_cases_of

COUNTS = st.integers(1, 12)
LAM = Fraction(1, 2)


@st.composite
def behind(draw: st.DrawFn, n: int, decimals: int | None = None) -> Known:
    """A distribution with its list, which half of the time lacks the least likely token alone."""
    if draw(st.booleans()):
        return draw(known(n, decimals))
    counts = draw(st.lists(COUNTS, min_size=n, max_size=n))
    row = tuple(Fraction(c, sum(counts)) for c in counts)
    order = sorted(range(n), key=lambda i: (-row[i], i))
    return listed(row, order[: n - 1], decimals=decimals)


Known3 = tuple[Known, Known, Known]
ENCLOSED: dict[str, tuple[Callable[[Known3], Interval], Callable[[Known3], Any]]] = {
    "n_20": (
        lambda s: sua_ref.entropy_enclosure(s[0].top, vocab_size=len(s[0].row)),
        lambda s: sua_ref.entropy(balls(s[0].row)),
    ),
    "n_21": (
        lambda s: sua_ref.divergence_enclosure(
            s[0].top, s[1].top, kind="jsd", vocab_size=len(s[0].row)
        ),
        lambda s: sua_ref.divergence(balls(s[0].row), balls(s[1].row), kind="jsd"),
    ),
    "n_24": (
        lambda s: sua_ref.sensitivity_enclosure(
            s[0].top, [s[1].top, s[2].top], divergence="hellinger2", vocab_size=len(s[0].row)
        ),
        lambda s: sua_ref.distributional_sensitivity(
            balls(s[0].row), as_balls(exact([s[1].row, s[2].row])), divergence="hellinger2"
        ),
    ),
    "n_25": (
        lambda s: sua_ref.sua_enclosure(
            s[0].top, [s[1].top, s[2].top], lam=float(LAM), divergence="tv",
            vocab_size=len(s[0].row),
        ),
        lambda s: sua_ref.sua_score(
            balls(s[0].row), as_balls(exact([s[1].row, s[2].row])), lam=LAM, divergence="tv"
        ),
    ),
    "n_26": (
        lambda s: sua_ref.additive_score_enclosure(
            s[0].top, [s[1].top, s[2].top], vocab_size=len(s[0].row)
        ),
        lambda s: sua_ref.additive_score(
            balls(s[0].row), as_balls(exact([s[1].row, s[2].row]))
        ),
    ),
}  # fmt: skip
"""Claim -> the enclosure by the public function, and the value in balls."""


@counts_cases_of(*ENCLOSED)
@pytest.mark.parametrize("claim", ENCLOSED)
def test_both_ends_enclose_and_are_nearly_attained(claim: str) -> None:
    enclosure, value = ENCLOSED[claim]
    low, high = Recorder(), Recorder()

    @given(st.integers(2, 5).flatmap(lambda n: st.tuples(behind(n), behind(n), behind(n))))
    def holds(seen: Known3) -> None:
        found = enclosure(seen)
        with ctx.workprec(128):
            true = value(seen)
            assert not true < found.low
            assert not true > found.high
            if not true.contains(0):
                low.case(true, true - found.low)
                high.case(true, found.high - true)

    holds()
    low.check()
    high.check()


@counts_cases_of("n_27")
def test_tangents_of_rounded_lists_are_nearly_attained() -> None:
    seen = Recorder()

    @given(
        st.tuples(st.integers(2, 5), DECIMALS).flatmap(
            lambda how: st.tuples(behind(*how), behind(*how))
        )
    )
    def holds(pair: tuple[Known, Known]) -> None:
        p, q = pair
        found = sua_ref.divergence_enclosure(p.top, q.top, kind="jsd", vocab_size=len(p.row))
        with ctx.workprec(128):
            true = sua_ref.divergence(balls(p.row), balls(q.row), kind="jsd")
            assert not true < found.low
            if found.low > 0:
                seen.case(true, true - found.low)

    holds()
    seen.check()


@counts_cases_of("n_23")
def test_the_bound_with_a_floor_is_nearly_attained() -> None:
    """By lists that leave one token out of q, whose probability is the floor."""
    seen = Recorder()

    @given(st.integers(2, 5).flatmap(lambda n: st.tuples(behind(n), behind(n))))
    def holds(pair: tuple[Known, Known]) -> None:
        p, q = pair
        floor = min(q.row)
        if floor == 0:
            return
        found = sua_ref.divergence_enclosure(
            p.top, q.top, kind="kl", vocab_size=len(p.row), floor=float(floor) * (1 - 2.0**-50)
        )
        with ctx.workprec(128):
            true = sua_ref.kl_divergence(balls(p.row), balls(q.row))
            assert not true > found.high
            if not true.contains(0):
                seen.case(true, found.high - true)

    holds()
    seen.check()
