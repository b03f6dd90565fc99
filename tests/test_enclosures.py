"""Enclosures from top-k lists: every completion inside, and completions at the ends."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, target
from hypothesis import strategies as st
from scipy.optimize import linprog

import sua_ref
from sua_ref import Interval, TopK
from sua_ref.enclosed_divergence import neither
from sua_ref.least_favourable import Cell, cells, least_divergence, levels, ratio
from tests.lists import (
    DECIMALS,
    ROUNDED,
    Known,
    balls,
    completions,
    even,
    filled,
    inside,
    known,
    listed,
    padded,
    pairs,
)
from tests.tightness import Recorder

KINDS = sua_ref.DIVERGENCES
BOUNDED = ("tv", "jsd", "hellinger2")


def _ends(interval: Interval) -> list[float]:
    return [interval.low, interval.high]


# --- entropy --------------------------------------------------------------------------------------


@given(st.data(), st.integers(2, 7), DECIMALS)
def test_the_entropy_of_every_completion_lies_inside(
    data: st.DataObject, n: int, decimals: int | None
) -> None:
    seen = data.draw(known(n, decimals))
    found = sua_ref.entropy_enclosure(seen.top, vocab_size=n)
    anywhere = sua_ref.entropy_enclosure(seen.top)
    assert anywhere.low <= found.low <= found.high <= anywhere.high
    with ctx.workprec(128):
        for _ in range(3):
            h = sua_ref.entropy(balls(data.draw(completions(seen))))
            assert inside(found, h), (found, h)


@given(st.integers(2, 7).flatmap(known))
def test_the_entropy_interval_is_attained(seen: Known) -> None:
    found = sua_ref.entropy_enclosure(seen.top, vocab_size=len(seen.row))
    assert found.sharp
    with ctx.workprec(128):
        fewest, flattest = (
            filled(seen, list(range(len(seen.row)))),
            even(seen) if (len(seen.seen) < len(seen.row)) else seen.row,
        )
        assert abs(sua_ref.entropy(balls(fewest)) - found.low) < ROUNDED
        assert abs(sua_ref.entropy(balls(flattest)) - found.high) < ROUNDED


@given(st.lists(st.floats(-20, -1.2), min_size=1, max_size=3), st.integers(1, 50))
def test_exact_log_probabilities_cost_one_float_at_each_end(logs: list[float], n: int) -> None:
    """rounding = 0: the probabilities are exp of the floats, and only the last step rounds."""
    top = TopK(list(range(len(logs))), logs, 0)
    with ctx.workprec(256):
        p = [arb(x).exp() for x in logs]
        rest, cap = 1 - sum(p, arb(0)), min(p, key=float)
        needed = (rest / cap).ceil().unique_fmpz()
        if needed is None or needed + n > 10**6:
            return
        size = len(logs) + int(needed) + n
        found = sua_ref.entropy_enclosure(top, vocab_size=size)
        atoms, seen = int(needed) - 1, sum((-x * x.log() for x in p), arb(0))
        last = rest - atoms * cap
        low = seen - atoms * cap * cap.log() - last * last.log()
        high = seen - rest * (rest / (size - len(logs))).log()
        assert arb(found.low) <= low < arb(math.nextafter(found.low, math.inf))
        assert arb(math.nextafter(found.high, 0)) < high <= arb(found.high)


def test_a_whole_atom_of_the_tail_may_have_the_least_entropy() -> None:
    """0.46 and a tail of 0.46 are less than 0.46 and 0.45, for -x log x falls from 1/e on."""

    def cell(x: float) -> float:
        return -x * math.log(x)

    top = TopK(["a", "b"], [math.log(0.46) - 0.1, math.log(0.08)], 0.1, k=1)
    found = sua_ref.entropy_enclosure(top)
    assert found.low == pytest.approx(2 * cell(0.46) + cell(0.08 * math.exp(-0.1)), abs=1e-12)


def test_the_flattest_completion_fills_the_unseen_token_to_its_cap() -> None:
    """p_1 in [0.1, 0.9], p_2 in [0.01, 0.09], one unseen of at most 0.09: 0.82, 0.09, 0.09."""
    top = TopK(["a", "b"], [math.log(0.3), math.log(0.03)], math.log(3))
    found = sua_ref.entropy_enclosure(top, vocab_size=3)
    wanted = -0.82 * math.log(0.82) - 2 * 0.09 * math.log(0.09)
    assert found.high == pytest.approx(wanted, abs=1e-12)


def test_the_entropy_of_the_truncated_list_lies_outside_with_three_percent_unseen() -> None:
    """Zipf 2 over 50257 tokens, the first 20 to four decimals: 3 % of the mass is unseen."""
    weights = 1 / np.arange(1, 50258) ** 2.0
    p = weights / weights.sum()
    top = TopK(list(range(20)), [round(float(x), 4) for x in np.log(p[:20])], 5.1e-5)
    assert 0.029 < float(top.most_unseen) < 0.031
    found = sua_ref.entropy_enclosure(top, vocab_size=len(p))
    seen = p[:20]
    truncated = {
        "raw": -(seen * np.log(seen)).sum(),
        "renormalised": float(sua_ref.entropy(seen / seen.sum())),
        "one bucket": -(seen * np.log(seen)).sum() - (r := 1 - seen.sum()) * np.log(r),
    }
    assert found.low <= -(p * np.log(p)).sum() <= found.high
    assert all(value < found.low for value in truncated.values())
    assert (round(found.low, 2), round(found.high, 2)) == (1.58, 1.81)


# --- divergences ----------------------------------------------------------------------------------


@given(st.data(), pairs())
def test_the_divergence_of_every_pair_of_completions_lies_inside(
    data: st.DataObject, pair: tuple[Known, Known]
) -> None:
    p, q = pair
    n = len(p.row)
    found = {
        (kind, size): sua_ref.divergence_enclosure(p.top, q.top, kind=kind, vocab_size=size)
        for kind in KINDS
        for size in (n, None)
    }
    with ctx.workprec(128):
        for _ in range(2):
            a, b = balls(data.draw(completions(p))), balls(data.draw(completions(q)))
            for (kind, size), interval in found.items():
                d = sua_ref.divergence(a, b, kind=kind)
                assert inside(interval, d), (kind, size, interval, d)
    for kind in KINDS:
        assert found[kind, None].low <= found[kind, n].low + 1e-15
        assert found[kind, n].high <= found[kind, None].high + 1e-15


def _cut(x: float, low: Fraction, high: Fraction) -> float:
    return min(max(x, float(low)), float(high))


def _masses(parts: list[Cell]) -> list[tuple[float, float]]:
    """The pair of completions at the levels, from the conditions of the theorem alone."""
    at = levels(parts)
    least = [(_cut(at.p * float(c.q[0]), *c.p), _cut(float(c.p[0]) / at.q, *c.q)) for c in parts]
    most = [(_cut(at.p * float(c.q[1]), *c.p), _cut(float(c.p[1]) / at.q, *c.q)) for c in parts]
    if at.p != at.q:
        return least if at.p < at.q else most
    missing, free = (
        1 - sum(p for p, _ in least),
        sum(b[0] - a[0] for a, b in zip(least, most, strict=True)),
    )
    share = missing / free if free > 0 else 0.0
    return [
        (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
        for a, b in zip(least, most, strict=True)
    ]


@given(pairs())
def test_one_pair_of_completions_attains_every_lower_end(pair: tuple[Known, Known]) -> None:
    p, q = pair
    if min(p.top.most_unseen, q.top.most_unseen) < 1e-5:
        return  # rounding noise alone is unseen: ratios of it mean nothing in floats
    parts = cells(p.top, q.top, neither(len(p.row), p.top, q.top))
    masses = _masses(parts)
    for side in (0, 1):
        assert math.isclose(sum(m[side] for m in masses), 1, abs_tol=1e-9)
        for cell, m in zip(parts, masses, strict=True):
            assert float(cell[side][0]) - 1e-12 <= m[side] <= float(cell[side][1]) + 1e-12
    x, y = np.array(masses).T
    for kind in ("kl", "jsd", "tv", "chi2", "hellinger2"):
        attained = float(sua_ref.sec2_information.divergence_of(x, y, kind))
        low = float(least_divergence(parts, kind).low)
        # The masses are floats, off by some 1e-16 of sums of 1; the slopes of chi-squared reach the
        # square of the largest ratio, 4e8 at an unseen mass of 5e-5.
        assert low == pytest.approx(attained, abs=1e-8, rel=1e-8), kind


@given(pairs())
def test_the_lower_end_of_total_variation_is_that_of_a_linear_programme(
    pair: tuple[Known, Known],
) -> None:
    """An oracle that knows nothing of levels: rounding included."""
    p, q = pair
    parts = cells(p.top, q.top, neither(len(p.row), p.top, q.top))
    n, eye = len(parts), np.eye(len(parts))
    sums = np.zeros((2, 3 * n))
    sums[0, :n] = sums[1, n : 2 * n] = 1
    ends = [tuple(map(float, side)) for i in (0, 1) for side in (c[i] for c in parts)]
    solved = linprog(
        np.r_[np.zeros(2 * n), np.full(n, 0.5)],
        A_ub=np.block([[eye, -eye, -eye], [-eye, eye, -eye]]), b_ub=np.zeros(2 * n),
        A_eq=sums, b_eq=[1, 1], bounds=[*ends, *[(0, None)] * n],
    )  # fmt: skip
    assert solved.success
    # The solver's own tolerance of feasibility is 1e-7.
    assert float(least_divergence(parts, "tv").low) == pytest.approx(solved.fun, abs=1e-6)


@given(st.data(), st.integers(2, 5), st.integers(2, 5), st.sampled_from([6, 8, 65]))
def test_disjoint_tails_attain_the_upper_end(
    data: st.DataObject, a: int, b: int, size: int
) -> None:
    """Tails on tokens that neither list names, where they find room there."""
    p, q = padded(data.draw(known(a)), size), padded(data.draw(known(b)), size)
    named = set(p.seen) | set(q.seen)
    free = [i for i in range(size) if i not in named]
    needed = [
        math.ceil(max(1 - sum(k.row[i] for i in k.seen), Fraction(0)) / k.cap) for k in (p, q)
    ]
    fits = len(free) >= sum(needed)
    with ctx.workprec(128):
        x = balls(filled(p, [*free, *sorted(named)]))
        y = balls(filled(q, [*free[::-1], *sorted(named)]))
        for kind in BOUNDED:
            found = sua_ref.divergence_enclosure(p.top, q.top, kind=kind, vocab_size=size)
            assert found.sharp == fits
            if fits:
                assert abs(sua_ref.divergence(x, y, kind=kind) - found.high) < ROUNDED


@given(pairs())
def test_without_a_floor_no_kl_is_bounded_unless_q_must_use_every_token(
    pair: tuple[Known, Known],
) -> None:
    p, q = pair
    found = sua_ref.divergence_enclosure(p.top, q.top, kind="kl")
    every = set(p.seen) <= set(q.seen) and p.top.most_unseen == 0
    assert (found.high == math.inf) != every
    assert found.sharp or every
    assert found == sua_ref.divergence_enclosure(q.top, p.top, kind="reverse_kl")


@given(st.data(), pairs())
def test_a_floor_bounds_kl_and_chi2(data: st.DataObject, pair: tuple[Known, Known]) -> None:
    p, q = pair
    least = min(q.row[i] for i in range(len(q.row)) if q.row[i] > 0)
    unseen = [i for i in range(len(q.row)) if i not in q.seen]
    if any(q.row[i] == 0 for i in unseen):
        return
    with ctx.workprec(128):
        x, y = balls(data.draw(completions(p))), balls(q.row)
        for kind in ("kl", "chi2"):
            found = sua_ref.divergence_enclosure(
                p.top, q.top, kind=kind, vocab_size=len(p.row), floor=least
            )
            assert found.high < math.inf
            assert inside(found, sua_ref.divergence(x, y, kind=kind))


@pytest.mark.parametrize(
    ("p", "q", "k", "size", "floor", "kl", "chi2"),
    [
        # p = (1/2, 1/2) on a, b; q = 3/4 on a and the floor on b: the terms of a and b add up.
        ([0.5, 0.5], [0.75], 1, 3, 0.125, 0.5 * math.log(8 / 3), 4 / 3),
        # p's half that is unseen lies on one token, where q is at the floor.
        ([0.5], [0.5], 1, 3, 0.125, 0.5 * math.log(4), 1.5),
        # It lies on the token appended to q's top 2, below the floor of those unseen.
        ([0.5], [0.5, 0.2, 0.05], 2, 5, 0.1, 0.5 * math.log(10), 4.5),
        # q names every token, and its least one is what p may use.
        ([0.5], [0.5, 0.3, 0.2], 3, 3, None, 0.5 * math.log(2.5), 0.75),
    ],
)
def test_a_floor_is_attained(
    p: list[float], q: list[float], k: int, size: int, floor: float | None, kl: float, chi2: float
) -> None:
    top_p = TopK(list("abcde"[: len(p)]), list(np.log(p)), 1e-15)
    top_q = TopK(list("abcde"[: len(q)]), list(np.log(q)), 1e-15, k=k)
    for kind, wanted in (("kl", kl), ("chi2", chi2)):
        found = sua_ref.divergence_enclosure(top_p, top_q, kind=kind, vocab_size=size, floor=floor)
        assert found.high == pytest.approx(wanted, abs=1e-12)
        assert not found.sharp
    swapped = sua_ref.divergence_enclosure(
        top_q, top_p, kind="reverse_kl", vocab_size=size, floor=floor
    )
    assert swapped.high == pytest.approx(kl, abs=1e-12)


# --- all of the list, or nothing shared -----------------------------------------------------------


@given(st.data(), st.integers(2, 6))
def test_a_full_list_gives_the_number_itself(data: st.DataObject, n: int) -> None:
    rows = [
        [x / sum(w) for x in w]
        for w in data.draw(
            st.lists(st.lists(st.integers(1, 9).map(Fraction), min_size=n, max_size=n),
                     min_size=3, max_size=3)
        )
    ]  # fmt: skip
    p, *qs = (listed(tuple(row), list(range(n))) for row in rows)
    seen = sua_ref.entropy_enclosure(p.top, vocab_size=n)
    floats = np.array([[float(x) for x in row] for row in rows])
    tops = [q.top for q in qs]
    assert seen.low == pytest.approx(sua_ref.entropy(floats[0]), abs=ROUNDED)
    assert seen.high == pytest.approx(sua_ref.entropy(floats[0]), abs=ROUNDED)
    for kind in KINDS:
        found = sua_ref.sensitivity_enclosure(p.top, tops, divergence=kind, vocab_size=n)
        s = float(sua_ref.distributional_sensitivity(floats[0], floats[1:], divergence=kind))
        assert found.sharp
        # Chi-squared moves by up to p^2/q < 100 times the rounding.
        assert _ends(found) == pytest.approx([s, s], abs=100 * ROUNDED)
        score = sua_ref.sua_enclosure(p.top, tops, lam=0.5, divergence=kind, vocab_size=n)
        wanted = s - 0.5 * float(sua_ref.entropy(floats[0]))
        assert _ends(score) == pytest.approx([wanted] * 2, abs=100 * ROUNDED)
        assert score.sharp
    both = sua_ref.additive_score_enclosure(p.top, tops, vocab_size=n)
    wanted = float(sua_ref.additive_score(floats[0], floats[1:]))
    assert _ends(both) == pytest.approx([wanted] * 2, abs=100 * ROUNDED)
    assert both.sharp


def test_lists_that_share_nothing() -> None:
    """p: a 3/4; q: b 3/4; V = 2: a swap. With V unknown the tails may still meet."""
    p, q = (TopK([y], [math.log(0.75)], 1e-15) for y in "ab")
    two = sua_ref.divergence_enclosure(p, q, kind="tv", vocab_size=2)
    assert _ends(two) == pytest.approx([0.5, 0.5])
    assert two.sharp
    many = sua_ref.divergence_enclosure(p, q, kind="tv")
    assert _ends(many) == pytest.approx([0.5, 1])
    assert many.sharp


def test_a_certain_disagreement_has_an_infinite_kl() -> None:
    p, q = TopK(["a"], [0.0], 0), TopK(["b"], [0.0], 0)
    for kind in ("kl", "reverse_kl", "chi2"):
        found = sua_ref.divergence_enclosure(p, q, kind=kind)
        assert (found.low, found.high) == (math.inf, math.inf)
    half = TopK(["b"], [math.log(0.5)], 1e-15)  # the other half lies where q has nothing
    assert sua_ref.divergence_enclosure(half, q, kind="kl") == Interval(math.inf, math.inf, True)
    score = sua_ref.sua_enclosure(p, [q, p], lam=1, divergence="kl")
    assert (score.low, score.high) == (math.inf, math.inf)


@pytest.mark.parametrize("least", [-600.0, -800.0, -9000.0])
def test_a_token_that_is_all_but_impossible_leaves_no_gap(least: float) -> None:
    """p = (1/2, 1/2), q = (e^least, 1): a ratio beyond the largest float has its tangent too."""
    p, q = TopK(["a", "b"], [math.log(0.5)] * 2, 1e-15), TopK(["a", "b"], [least, 0], 1e-15)
    found = sua_ref.divergence_enclosure(p, q, kind="kl", vocab_size=2)
    wanted = -least / 2 - math.log(2)
    assert _ends(found) == pytest.approx([wanted, wanted], rel=1e-12)
    assert found.sharp


# --- the lower end says something -----------------------------------------------------------------


def test_lower_ends_are_often_near_the_true_divergence() -> None:
    seen = Recorder()

    @given(pairs())
    def holds(pair: tuple[Known, Known]) -> None:
        p, q = pair
        with ctx.workprec(128):
            d = float(sua_ref.divergence(balls(p.row), balls(q.row), kind="jsd"))
        found = sua_ref.divergence_enclosure(p.top, q.top, kind="jsd", vocab_size=len(p.row))
        assert found.low <= d + 1e-15
        if found.low > 0:
            seen.case(d, d - found.low)
            target(found.low - d)

    holds()
    seen.check()


def test_ratios_are_the_tokens_own_where_nothing_is_free() -> None:
    cell = Cell((Fraction(1, 2),) * 2, (Fraction(1, 4),) * 2)
    assert ratio(cell, levels([cell, cell])) == 2
