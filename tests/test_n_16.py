"""Result n_16: lambda = 3/(2 log 2) for the binnings in use; the function that computes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import sua_gpu
import sua_ref
from proofs_checks import balls, binary_entropy, flip_witnesses, n_16
from proofs_checks import calibration_worlds as named
from proofs_checks.lemma import Lemma
from sua_ref import FiniteWorld
from tests import calibration_draws as draws
from tests.calibration_draws import HALF, ONE, ZERO
from tests.planted import survivors
from tests.strategies import as_balls, as_floats, exact, in_number_type, stationary_worlds
from tests.tightness import Recorder, counts_cases_of
from tests.tolerances import WORLD
from tests.verdicts import verdict

FLAGS: dict[str, Any] = {"label_invariant": True, "stationary": True}
WORLDS = draws.confident_worlds() | stationary_worlds() | draws.torn_worlds()
UNIT = st.floats(0, 1)
BINS = st.sampled_from([3, 5, 6, 7, 8, 10, 15, 20, 97])


@pytest.mark.parametrize("part", ["", ".least_lambda", ".weighted", ".two_labels"])
def test_what_is_proved_is_checked(part: str) -> None:
    assert verdict(f"n_16{part}") == "PROVED"


def test_four_bins_are_refuted() -> None:
    assert verdict("n_16.four_bins") == "REFUTED"


@pytest.mark.parametrize(
    "lemma",
    [
        n_16.KEPT, n_16.FLIPPED, n_16.TWO_KEPT, n_16.TWO_FLIPPED, binary_entropy.CONCAVE,
        binary_entropy.NEAR, binary_entropy.FAR,
    ],
    ids=lambda one: str(one.statement.goal.variables()),
)  # fmt: skip
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@pytest.mark.parametrize(
    ("u", "e", "said"),
    [
        (ONE, Fraction(36, 100), "(i)"),  # beyond the end of its interval
        (HALF, Fraction(27, 100), "(ii)"),
        (Fraction(3, 4), Fraction(43, 100), "(i)"),
        (Fraction(3, 4), Fraction(8, 100), "(ii)"),
        (ONE, HALF, "(i)"),
    ],
)
def test_an_interval_too_wide_is_refused(u: Fraction, e: Fraction, said: str) -> None:
    assert [said in fault for fault in binary_entropy.conditions(u, e)] == [True]


def test_which_equal_bins_are_within_the_intervals() -> None:
    assert [n for n in range(1, 60) if n_16.admissible(n)] == [1, 2, 4]


def test_the_conditions_hold_throughout_each_interval() -> None:
    """In floats on a grid; they are certified at the ends."""
    for u, (low, high) in n_16.INTERVALS.items():
        e = np.linspace(float(1 - high), float(1 - low), 400)
        inner = np.clip(e, 1e-300, 0.5)
        h = -(inner * np.log(inner) + (1 - inner) * np.log1p(-inner)) / math.log(2)
        eta = np.where(e <= 0.5, h, 2 * e)
        assert (0.75 * eta - (1 + float(u)) * e >= -1e-12).all()
        assert (float(u) * (1 - e) + 0.75 * eta >= 1 - 1e-12).all()


def test_the_parabola_lies_below_the_entropy() -> None:
    e = np.linspace(1e-6, 0.5, 2001)
    h = -(e * np.log(e) + (1 - e) * np.log1p(-e))
    assert (h - 4 * e * (1 - e) * math.log(2) >= -1e-15).all()


@counts_cases_of("n_16")
def test_the_bound_holds_for_the_binnings_in_use() -> None:
    seen = Recorder()

    @given(WORLDS, BINS, st.sampled_from(["right", "left"]))
    def holds(world: FiniteWorld, n: int, closed: str) -> None:
        value = draws.accounted(world, Fraction(3, 2))
        error = balls.ball(sua_ref.population_calibration_error(world, n_bins=n, closed=closed))
        assert not value > error
        if value > 0:
            seen.case(value.mid(), (error - value).mid())

    holds()
    seen.check()


def test_no_smaller_lambda_passes_the_property() -> None:
    """At 149/100 in place of 3/2 the world of three labels is above its error, bin by bin."""
    world = named.THREE_LABELS
    assert draws.accounted(world.built(), Fraction(149, 100)) > 0
    assert world.finest_error() == 0
    assert draws.accounted(named.FOUR_BINS.built(), Fraction(3, 2)) > 0
    assert flip_witnesses.error(named.FOUR_BINS, 4) == 0
    assert flip_witnesses.error(named.FOUR_BINS, 5) > Fraction(1, 10)


@counts_cases_of("n_16.two_labels")
def test_two_labels_with_a_bin_for_each_confidence() -> None:
    seen = Recorder()

    @given(WORLDS.filter(lambda w: w.model.shape[1] == 2))
    def holds(world: FiniteWorld) -> None:
        value, error = draws.accounted(world, ONE), balls.ball(draws.finest_error(world))
        assert not value > error
        if value > 0:
            seen.case(value.mid(), (error - value).mid())

    holds()
    seen.check()


@counts_cases_of("n_16.weighted")
def test_the_weighted_form_in_fractions() -> None:
    """Any weights of the bins, any delta that the labels need; u = 1 is n_1.flips."""
    seen = Recorder()

    @given(WORLDS | stationary_worlds(invariant=False), st.integers(1, 6), st.data())
    def holds(world: FiniteWorld, n: int, data: st.DataObject) -> None:
        weight = data.draw(st.sampled_from([ONE, HALF]) | st.fractions(0, 1, max_denominator=6))
        low = data.draw(st.sampled_from([weight, HALF * weight]))
        conf, f = sua_ref.max_confidence(world.model), draws.answers(world)
        u = [weight if math.ceil(c * n) == n else low for c in conf]  # by bins (lo, hi]
        total = sum((d * w * c for d, w, c in zip(world.p_x, u, conf, strict=True)), ZERO)
        for x in range(len(world)):
            for i in np.flatnonzero(world.kernel[x] != 0):
                moved = sua_ref.total_variation(world.p_true[x], world.p_true[i])
                least, most = sorted((u[x], u[i]))
                most_right = most + moved * least if f[x] != f[i] else most + least
                total -= world.p_x[x] * world.kernel[x, i] * most_right / 2
        error = sua_ref.population_calibration_error(world, n_bins=n)
        assert total <= error
        if total > 0:
            seen.case(total, error - total)

    holds()
    seen.check()


def least_error(world: FiniteWorld, n_bins: int) -> float:
    """The least calibration error over all label laws that swapped pairs share, by linear
    programming: an oracle that knows nothing of the proof."""
    conf, f = as_floats(sua_ref.max_confidence(world.model)), draws.answers(world)
    n, labels = world.model.shape
    bins = [min(max(math.ceil(c * n_bins) - 1, 0), n_bins - 1) for c in conf]
    free = n // 2 * labels
    gaps = np.zeros((n_bins, free + n_bins))
    for x in range(n):
        gaps[bins[x], x // 2 * labels + f[x]] += float(world.p_x[x])
    offset = np.array(
        [
            sum(float(world.p_x[x]) * conf[x] for x in range(n) if bins[x] == b)
            for b in range(n_bins)
        ]
    )
    bound = np.hstack([np.zeros((n_bins, free)), np.eye(n_bins)])
    law = np.kron(np.eye(n // 2), np.ones(labels))
    found = linprog(
        np.r_[np.zeros(free), np.ones(n_bins)],
        A_ub=np.vstack([gaps - bound, -gaps - bound]), b_ub=np.r_[offset, -offset],
        A_eq=np.hstack([law, np.zeros((n // 2, n_bins))]), b_eq=np.ones(n // 2),
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun)


def test_the_least_error_over_all_label_laws_is_no_lower() -> None:
    """Three labels, two swapped pairs, rows on a grid; 5, 10 and 15 bins."""
    positive = 0
    rng = np.random.default_rng(3)
    grid = [exact(r) for r in ([ONE, ZERO, ZERO], [ZERO, HALF, HALF], [HALF, HALF, ZERO])]
    for _ in range(600):
        rows = []
        for _ in range(4):
            counts = rng.integers(0, 9, 3) + np.array([0, 0, 1])
            drawn = exact([Fraction(int(c), int(counts.sum())) for c in counts])
            rows.append(grid[rng.integers(3)] if rng.random() < 0.6 else drawn)
        share = Fraction(int(rng.integers(1, 8)), 8)
        pairs = [(rows[0], rows[1], grid[0]), (rows[2], rows[3], grid[0])]
        world = draws.paired((share, 1 - share), [tuple(map(tuple, p)) for p in pairs])  # type: ignore[misc]  # rows of Fractions
        value = float(draws.accounted(world, Fraction(3, 2)).mid())
        if value > 0:  # at or below 0 there is nothing to test
            positive += 1
            for bins in (5, 10, 15):
                assert value <= least_error(world, bins) + 1e-9
    assert positive >= 15


# --- the function --------------------------------------------------------------------------------


def by_hand(s: Any, h: Any, n_bins: int, flips: Any, delta: float, w: Any) -> float:
    """The formula, as a loop."""
    four = 14 * math.log(2) / math.log(2**14 / 3**3)
    lam = {1: 2, 2: 2, 4: four}.get(n_bins, 1.5) / math.log(2)
    total = 0.0
    for i in range(len(s)):
        moved = 1 if flips is None else np.mean(flips[i])
        total += w[i] * (s[i] - lam * h[i] - delta * moved)
    return max(total, 0.0) / 2


@given(
    st.lists(st.tuples(UNIT, st.floats(0, 0.5), UNIT), min_size=1, max_size=5),
    st.sampled_from([1, 2, 3, 4, 5, 15]),
    st.sampled_from([0, 0.125]),
    st.booleans(),
)
def test_the_formula_in_floats_balls_and_torch(
    rows: list[tuple[float, float, float]], n_bins: int, delta: float, flipped: bool
) -> None:
    s, h, f = (np.array(column) for column in zip(*rows, strict=True))
    given_flips = f if flipped else None
    wanted = by_hand(s, h, n_bins, given_flips, delta, np.full(len(s), 1 / len(s)))
    shared: dict[str, Any] = {**FLAGS, "n_bins": n_bins, "delta": delta}
    value = sua_ref.ece_lower_bound_from_sensitivity(s, h, flips=given_flips, **shared)
    assert abs(value - wanted) <= WORLD
    ball = sua_ref.ece_lower_bound_from_sensitivity(
        as_balls(s), as_balls(h), flips=as_balls(f) if flipped else None, **shared
    )
    assert abs(ball - arb(wanted)) <= WORLD
    mirrored = sua_gpu.ece_lower_bound_from_sensitivity(
        torch.from_numpy(s), torch.from_numpy(h), flips=torch.from_numpy(f) if flipped else None,
        **shared,
    )  # fmt: skip
    assert abs(float(mirrored) - wanted) <= WORLD


@given(WORLDS, BINS | st.sampled_from([1, 2, 4]))
def test_what_it_computes_is_the_bound_of_a_world(world: FiniteWorld, n: int) -> None:
    """Never above the population's error, in balls; flips do not matter at delta = 0."""
    ball = in_number_type(world, as_balls)
    value = sua_ref.ece_lower_bound_from_sensitivity(
        as_balls(draws.sensitivities(world)), sua_ref.entropy(ball.model), n_bins=n,
        weights=ball.p_x, label_invariant=world.is_label_invariant(),
        stationary=world.is_stationary(),
    )  # fmt: skip
    assert not value > balls.ball(sua_ref.population_calibration_error(world, n_bins=n))


def test_by_hand_at_the_three_witnesses() -> None:
    log_2 = math.log(2)
    for module, make in ((sua_ref, np.array), (sua_gpu, torch.tensor)):
        bound: Any = module.ece_lower_bound_from_sensitivity
        assert float(bound(make([1.0]), make([0.0]), **FLAGS)) == 0.5
        at = (make([0.75]), make([log_2 / 4]))
        assert float(bound(*at, **FLAGS)) == pytest.approx(3 / 16, abs=WORLD)
        assert float(bound(*at, n_bins=2, **FLAGS)) == pytest.approx(1 / 8, abs=WORLD)
        four = (make([0.7]), make([0.3 * log_2 + 0.2 * (2 * log_2 - 0.75 * math.log(3))]))
        assert float(bound(*four, n_bins=4, **FLAGS)) == pytest.approx(0, abs=WORLD)
        assert float(bound(four[0], four[1] / 2, n_bins=4, **FLAGS)) == pytest.approx(0.175)
        moved = bound(*at, flips=make([0.5]), delta=0.25, **FLAGS)
        assert float(moved) == pytest.approx(1 / 8, abs=WORLD)
        weighted = bound(make([1.0, 0.5]), make([0.0, 0.0]), weights=make([0.25, 0.75]), **FLAGS)
        assert float(weighted) == pytest.approx(5 / 16, abs=WORLD)
        gone = bound(make([1.0, 0.5]), make([0.0, math.inf]), weights=make([1.0, 0.0]), **FLAGS)
        assert float(gone) == 0.5  # a row of weight 0 does not count
        assert float(bound(make([1.0]), make([math.inf]), **FLAGS)) == 0


ONES, NONE = [1.0], [0.0]
BAD: list[tuple[Callable[[Any, Callable[[Any], Any]], Any], str]] = [
    (lambda f, t: f(t(ONES), t(NONE), label_invariant=False, stationary=True), "label_inv"),
    (lambda f, t: f(t(ONES), t(NONE), label_invariant=True, stationary=False), "stationary: False"),
    (lambda f, t: f(t([1.5]), t(NONE), **FLAGS), r"sensitivity: row 0 is 1\.5"),
    (lambda f, t: f(t(ONES), t([-0.5]), **FLAGS), r"entropy: row 0 is -0\.5"),
    (lambda f, t: f(t(ONES), t([math.nan]), **FLAGS), "entropy: row 0 is nan"),
    (lambda f, t: f(t(ONES), t([0.0, 0.0]), **FLAGS), r"entropy: shape \(2,\) differs"),
    (lambda f, t: f(t([[1.0]]), t([[0.0]]), **FLAGS), "sensitivity: a vector of at least one"),
    (lambda f, t: f(t(ONES), t(NONE), n_bins=0, **FLAGS), "n_bins: 0 is below 1"),
    (lambda f, t: f(t(ONES), t(NONE), delta=2, **FLAGS), "delta: 2 is above 1"),
    (lambda f, t: f(t(ONES), t(NONE), flips=t([2.0]), **FLAGS), r"flips: row 0 is 2\.0"),
    (lambda f, t: f(t(ONES), t(NONE), flips=t([1.0, 0.0]), **FLAGS), r"flips: shape \(2,\)"),
    (lambda f, t: f(t(ONES), t(NONE), weights=t([0.5]), **FLAGS), "weights: row 0 sums"),
]


@pytest.mark.parametrize(("call", "said"), BAD)
@pytest.mark.parametrize("module", [sua_ref, sua_gpu])
def test_bad_input_is_refused_in_words(
    module: Any, call: Callable[[Any, Callable[[Any], Any]], Any], said: str
) -> None:
    make = np.array if module is sua_ref else torch.tensor
    with pytest.raises(ValueError, match=said):
        call(module.ece_lower_bound_from_sensitivity, make)


def test_types_that_are_refused() -> None:
    with pytest.raises(TypeError, match="logarithm"):
        sua_ref.ece_lower_bound_from_sensitivity(exact([ONE]), exact([ZERO]), **FLAGS)
    for module, make in ((sua_ref, np.array), (sua_gpu, torch.tensor)):
        bound: Any = module.ece_lower_bound_from_sensitivity
        with pytest.raises(TypeError, match="n_bins: an integer wanted"):
            bound(make(ONES), make(NONE), n_bins=2.5, **FLAGS)
        with pytest.raises(TypeError, match="stationary: True or False wanted"):
            bound(make(ONES), make(NONE), label_invariant=True, stationary=1)


def test_the_gradient_is_that_of_the_formula() -> None:
    s = torch.tensor([0.9, 0.8], dtype=torch.float64, requires_grad=True)
    h = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
    sua_gpu.ece_lower_bound_from_sensitivity(s, h, **FLAGS).backward()  # type: ignore[no-untyped-call]  # torch's own
    assert s.grad is not None
    assert h.grad is not None
    assert torch.allclose(s.grad, torch.full_like(s, 0.25))
    assert torch.allclose(h.grad, torch.full_like(h, -0.375 / math.log(2)))


def test_single_precision_computes_in_single_and_half_in_single() -> None:
    s, h = torch.tensor([1.0, 0.5]), torch.tensor([0.0, 0.25])
    wanted = by_hand([1.0, 0.5], [0.0, 0.25], 15, None, 0, [0.5, 0.5])
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        found = sua_gpu.ece_lower_bound_from_sensitivity(s.to(dtype), h.to(dtype), **FLAGS)
        assert found.dtype == torch.float32
        assert float(found) == pytest.approx(wanted, abs=1e-6)
