"""Result n_2: two views of one input, and what they tell about errors without labels."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, flip_pairs, n_2, view_witnesses
from proofs_checks.lemma import Lemma
from sua_ref import FiniteWorld
from sua_ref.elements import Array
from tests import calibration_draws as draws
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows, stationary_worlds
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

BOUNDS = ["tv", "kl", "log_loss", "brier", "zero_one", "views_log_loss", "views_zero_one"]


@pytest.mark.parametrize("part", BOUNDS)
def test_the_bounds_are_proved_and_checked(part: str) -> None:
    assert verdict(f"n_2.{part}") == "PROVED"


@pytest.mark.parametrize(
    ("reading", "wanted"),
    [
        ("geometric.log_loss", "PROVED"), ("arithmetic.brier", "PROVED"),
        ("arithmetic.log_loss", "REFUTED"), ("geometric.brier", "REFUTED"),
    ],
)  # fmt: skip
def test_which_pool_gains_what_the_views_tell(reading: str, wanted: str) -> None:
    assert verdict(f"n_2.pool_gain@{reading}") == wanted


@pytest.mark.parametrize(
    "lemma",
    [
        n_2.TRIANGLE, n_2.COMPENSATION, n_2.GEOMETRIC, n_2.PARALLELOGRAM, n_2.PLURALITY,
        flip_pairs.VIEWS,
    ],
    ids=lambda one: str(one.statement.goal.variables()),
)  # fmt: skip
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def test_a_pool_identity_with_another_pool_is_refused() -> None:
    statement, certificate = n_2.BRIER_POOL
    assert n_2._identity(n_2.BRIER_POOL) == []
    halved = Lemma(statement, certificate.__class__(
        certificate.claim, (), {k: m * Fraction(1, 2) for k, m in
                                certificate.zero_multipliers.items()}, {},
    ))  # fmt: skip
    assert "differ as polynomials" in n_2._identity(halved)[0]


@st.composite
def views(draw: st.DrawFn, count: int | None = None) -> tuple[Array, Array]:
    """K positive outputs and a truth, which is at times their mean or, of a mirrored pair, both."""
    if draw(st.integers(0, 4)) == 0:  # two labels, mirrored, a coin: every bound an equality
        a = draw(st.fractions(Fraction(1, 20), Fraction(9, 20), max_denominator=20))
        return exact([[a, 1 - a], [1 - a, a]]), exact([Fraction(1, 2), Fraction(1, 2)])
    n = draw(st.integers(2, 4))
    k = draw(st.integers(2, 4)) if count is None else count
    positive = rational_rows(n).filter(lambda r: min(r) > 0)
    rows = [draw(positive) for _ in range(k)]
    if draw(st.booleans()) and k == 2:
        rows[1] = rows[0][::-1]
    mean = [sum(column, Fraction(0)) / k for column in zip(*rows, strict=True)]
    truth = draw(st.sampled_from([mean, list(draw(positive))]))
    return exact(rows), exact(truth)


def _halves(pair: Array, value: Any) -> Any:
    return (value(pair[0]) + value(pair[1])) / 2


def _square(v: Array) -> Any:
    return np.sum(v * v)


@counts_cases_of("n_2.tv", "n_2.brier")
def test_total_variation_and_brier_in_fractions() -> None:
    seen = {"tv": Recorder(), "brier": Recorder()}

    @given(views(2))
    def holds(drawn: tuple[Array, Array]) -> None:
        pair, p = drawn
        left = _halves(pair, lambda q: sua_ref.total_variation(q, p))
        right = sua_ref.total_variation(*pair) / 2
        assert left >= right
        squares = _halves(pair, lambda q: _square(q - p))
        quarter = _square(pair[0] - pair[1]) / 4
        assert squares - quarter == _square((pair[0] + pair[1]) / 2 - p)
        if right > 0:
            seen["tv"].case(right, left - right)
            seen["brier"].case(quarter, squares - quarter)

    holds()
    for recorder in seen.values():
        recorder.check()


@counts_cases_of("n_2.kl", "n_2.log_loss", "n_2.views_log_loss")
def test_relative_entropies_in_balls() -> None:
    """KL to the truth against JSD, and the excess log-loss against the geometric mean."""
    seen = {part: Recorder() for part in ("kl", "log_loss", "views_log_loss")}

    @given(views())
    def holds(drawn: tuple[Array, Array]) -> None:
        rows, p = (as_balls(a) for a in drawn)
        k = len(rows)
        excess = sum((sua_ref.kl_divergence(p, q) for q in rows), balls.ball(0)) / k
        z = np.sum(np.array([np.prod(column) ** balls.ball(Fraction(1, k)) for column in rows.T]))
        assert not excess < -z.log()
        if k == 2:
            away = _halves(rows, lambda q: sua_ref.kl_divergence(q, p))
            spread = sua_ref.jensen_shannon_divergence(*rows)
            assert not away < spread
            if spread > 0:
                seen["kl"].case(spread.mid(), (away - spread).mid())
        if z < 1:
            parts = ["views_log_loss"] + ["log_loss"] * (k == 2)
            for part in parts:
                seen[part].case((-z.log()).mid(), (excess + z.log()).mid())

    holds()
    for recorder in seen.values():
        recorder.check()


@counts_cases_of("n_2.zero_one")
def test_flips_bound_the_error_of_a_world() -> None:
    seen = Recorder()

    @given(draws.confident_worlds() | stationary_worlds())
    def holds(world: FiniteWorld) -> None:
        flips = draws.expected(world, draws.flip_probabilities(world))
        right = [world.p_true[x, y] for x, y in enumerate(draws.answers(world))]
        risk = 1 - draws.expected(world, exact(right))
        assert risk >= flips / 2
        if flips > 0:
            seen.case(flips / 2, risk - flips / 2)

    holds()
    seen.check()


@counts_cases_of("n_2.views_zero_one")
def test_the_commonest_answer_bounds_the_error() -> None:
    seen = Recorder()

    @given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.booleans(), rational_rows(3))
    def holds(answers: list[int], sure: bool, law: tuple[Fraction, ...]) -> None:
        share = Fraction(max(answers.count(y) for y in range(3)), len(answers))
        commonest = max(range(3), key=answers.count)
        p = [Fraction(y == commonest) for y in range(3)] if sure else law
        risk = sum((1 - p[y] for y in answers), Fraction(0)) / len(answers)
        assert risk >= 1 - share
        if share < 1:
            seen.case(1 - share, risk - (1 - share))

    holds()
    seen.check()


def test_twice_the_bounds_would_be_false() -> None:
    """At the witnesses the bounds are equalities, so that a larger factor fails there."""
    for tight, speaks in view_witnesses.WITNESSES.values():
        assert tight[1]() == []
        assert speaks[1]() == []
    assert view_witnesses._near(balls.ball(1), balls.ball(2)) != []


def test_the_gains_of_the_wrong_pools_depend_on_the_truth() -> None:
    first, second = (view_witnesses._gain(p) for p in view_witnesses._CERTAIN)
    assert first > second
    same = view_witnesses._gain(view_witnesses._CERTAIN[0])
    assert not first > same
