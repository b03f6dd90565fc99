"""Scores and answers enclosed from top-k lists: every completion inside, ends attained."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import Interval, TopK
from tests.lists import (
    DECIMALS,
    ROUNDED,
    Known,
    balls,
    completions,
    filled,
    inside,
    known,
    padded,
    pairs,
)

# --- scores ---------------------------------------------------------------------------------------


@given(st.data(), st.integers(2, 5), DECIMALS)
def test_the_scores_of_all_completions_lie_inside(
    data: st.DataObject, n: int, decimals: int | None
) -> None:
    p, *qs = [data.draw(known(n, decimals)) for _ in range(3)]
    tops, lam = [q.top for q in qs], Fraction(1, 2)
    size = data.draw(st.sampled_from([n, None]))
    with ctx.workprec(128):
        x = balls(data.draw(completions(p)))
        y = np.stack([balls(data.draw(completions(q))) for q in qs])
        for kind in ("tv", "jsd", "kl"):
            s = sua_ref.sensitivity_enclosure(p.top, tops, divergence=kind, vocab_size=size)
            assert inside(s, sua_ref.distributional_sensitivity(x, y, divergence=kind))
            u = sua_ref.sua_enclosure(p.top, tops, lam=lam, divergence=kind, vocab_size=size)
            assert inside(u, sua_ref.sua_score(x, y, lam=arb(1) / 2, divergence=kind))
        found = sua_ref.additive_score_enclosure(p.top, tops, vocab_size=size)
        assert found.high <= 3
        assert inside(found, sua_ref.additive_score(x, y))


@given(st.data(), st.integers(2, 4))
def test_one_pair_of_tails_attains_the_upper_end_of_sua(data: st.DataObject, n: int) -> None:
    """Room for all: p's tail on tokens that no q uses is the most concentrated one too."""
    size = 80
    p, *qs = [padded(data.draw(known(n)), size) for _ in range(3)]
    tokens = list(range(n, size))
    found = sua_ref.sua_enclosure(
        p.top, [q.top for q in qs], lam=1, divergence="jsd", vocab_size=size
    )
    with ctx.workprec(128):
        x, y = balls(filled(p, tokens[::-1])), np.stack([balls(filled(q, tokens)) for q in qs])
        attained = sua_ref.sua_score(x, y, lam=arb(1), divergence="jsd")
        assert abs(attained - found.high) < 2 * ROUNDED


def test_the_lower_end_of_a_shared_tail_says_that_it_may_be_loose() -> None:
    """Two perturbed outputs that call p's one unseen mass to different tokens."""
    p = TopK(["a"], [math.log(0.5)], 1e-15)
    qs = [TopK(["a", y], [math.log(0.5)] * 2, 1e-15) for y in "bc"]
    for divergence in ("tv", "jsd"):
        found = sua_ref.sensitivity_enclosure(p, qs, divergence=divergence)
        assert found.low == pytest.approx(0, abs=1e-9)
        assert not found.sharp
    assert sua_ref.sensitivity_enclosure(p, qs[:1], divergence="tv").sharp


def test_an_equal_list_leaves_the_lower_end_of_sua_sharp() -> None:
    """p = q on every completion, at the greatest entropy: S = 0, H = log(2)/2 + log(6)/2."""
    top = TopK(["a"], [math.log(0.5)], 1e-15)
    found = sua_ref.sua_enclosure(top, [top], lam=1, divergence="tv", vocab_size=4)
    assert found.low == pytest.approx(-math.log(12) / 2, abs=1e-12)
    assert found.sharp


def test_the_additive_score_knows_where_two_labels_put_the_rest() -> None:
    top = TopK(["a"], [math.log(0.75)], 1e-15)
    known = sua_ref.additive_score_enclosure(top, [top], vocab_size=2)
    assert [known.low, known.high] == pytest.approx([0.25, 0.25], abs=1e-12)
    unknown = sua_ref.additive_score_enclosure(top, [top])
    assert [unknown.low, unknown.high] == pytest.approx([0.25, 0.75], abs=1e-12)


# --- answers --------------------------------------------------------------------------------------


@given(st.data(), pairs())
def test_margins_and_flips_of_all_completions(
    data: st.DataObject, pair: tuple[Known, Known]
) -> None:
    p, q = pair
    x, y = data.draw(completions(p)), data.draw(completions(q))
    first, second = sorted(x)[-2:][::-1]
    margin = first - second
    for size in (len(x), None):
        found = sua_ref.margin_enclosure(p.top, vocab_size=size)
        assert found.low <= margin <= found.high
        flips = sua_ref.flip_enclosure(p.top, q.top, vocab_size=size)
        tops = [{i for i, v in enumerate(row) if v == max(row)} for row in (x, y)]
        assert flips.high == 1 or tops[0] == tops[1]
        assert flips.low == 0 or not tops[0] & tops[1]


@pytest.mark.parametrize(
    ("row", "k", "size", "low", "high"),
    [
        ([0.5, 0.25], 2, None, 0.25, 0.25),
        ([0.25, 0.5], 2, 4, 0.25, 0.25),
        ([0.5], 1, 3, 0.0, 0.25),  # the other half on one token, or on two
        ([0.5], 1, None, 0.0, 0.5),
        ([0.75], 1, 2, 0.5, 0.5),
        ([0.75], 1, 6, 0.5, 0.7),
        ([0.5, 0.05], 1, None, 0.05, 0.45),  # the second one was appended
        ([0.5, 0.05], 1, 5, 0.05, 0.35),
    ],
)
def test_a_margin_is_attained(
    row: list[float], k: int, size: int | None, low: float, high: float
) -> None:
    top = TopK(list(range(len(row))), list(np.log(row)), 1e-15, k=k)
    found = sua_ref.margin_enclosure(top, vocab_size=size)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-12)
    assert found.low >= 0
    assert found.sharp


def test_a_rounding_moves_a_margin_by_that_of_both_tokens() -> None:
    found = sua_ref.margin_enclosure(TopK(["a", "b"], [-0.5, -1.25], 0.05))
    assert found.low == pytest.approx(math.exp(-0.55) - math.exp(-1.2), rel=1e-15)
    assert found.high == pytest.approx(math.exp(-0.45) - math.exp(-1.3), rel=1e-15)


def _named(tokens: str, *row: float) -> TopK:
    """The first token is the most likely; the others were appended."""
    return TopK(list(tokens), list(np.log(row)), 1e-15, k=1)


@pytest.mark.parametrize(
    ("p", "q", "size", "low", "high"),
    [
        (_named("a", 0.75), _named("a", 0.4), None, 0.0, 1.0),  # unseen ones may tie with 0.4
        (_named("a", 0.75), _named("b", 0.75), None, 1.0, 1.0),
        # What p does not name may be its best, but it names q's: certainly not that.
        (_named("ba", 0.3, 0.2), _named("a", 0.75), None, 1.0, 1.0),
        (_named("b", 0.3), _named("a", 0.75), None, 0.0, 1.0),
        # Both may prefer a token that neither names, if there is one.
        (_named("cdv", 0.3, 0.25, 0.15), _named("dcu", 0.3, 0.25, 0.15), 5, 0.0, 1.0),
        (_named("cdv", 0.3, 0.25, 0.15), _named("dcu", 0.3, 0.25, 0.15), None, 0.0, 1.0),
        (_named("cdv", 0.3, 0.25, 0.15), _named("dcu", 0.3, 0.25, 0.15), 4, 1.0, 1.0),
        # One label alone, however little the rounding leaves it.
        (TopK(["a"], [-0.7], 1), TopK(["a"], [-0.7], 1), 1, 0.0, 0.0),
    ],
)
def test_a_flip_is_open_exactly_where_both_answers_are_possible(
    p: TopK, q: TopK, size: int | None, low: float, high: float
) -> None:
    found = Interval(low, high, True)
    assert sua_ref.flip_enclosure(p, q, vocab_size=size) == found
    assert sua_ref.flip_enclosure(q, p, vocab_size=size) == found


def test_a_tie_leaves_the_flip_open() -> None:
    tie = TopK(["a", "b"], [math.log(0.5)] * 2, 1e-15)
    sure = TopK(["a"], [math.log(0.75)], 1e-15)
    assert sua_ref.flip_enclosure(tie, tie) == Interval(0.0, 1.0, True)
    assert sua_ref.flip_enclosure(tie, sure) == Interval(0.0, 1.0, True)
    assert sua_ref.flip_enclosure(sure, sure) == Interval(0.0, 0.0, True)
    weak = TopK(["c"], [math.log(0.25)], 1e-15)
    assert sua_ref.flip_enclosure(weak, sure) == Interval(0.0, 1.0, True)
    assert sua_ref.flip_enclosure(TopK(["a"], [math.log(0.3)], 0), weak).high == 1
