"""What accuracies leave to the ROC curve: brute force over small samples."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks.roc_range import (
    Block,
    auroc,
    auroc_range,
    blocks,
    selective_accuracy,
    witness,
)

F = Fraction


def _rankings(n: int) -> list[tuple[int, ...]]:
    """Every order of right (0) and wrong (1) answers with both kinds, lowest score first."""
    return [e for e in product((0, 1), repeat=n) if 0 < sum(e) < n]


def _measured(
    errors: tuple[int, ...], scores: tuple[int, ...], cuts: tuple[F, ...]
) -> tuple[F, dict[F, F], F]:
    """Accuracy, selective accuracies and AUROC by the package's own definitions, exactly."""
    s = np.array([F(x) for x in scores], dtype=object)
    e = np.array(errors)
    selective = {c: sua_ref.selective_accuracy(s, 1 - e, coverage=c) for c in cuts}
    return F(len(e) - int(e.sum()), len(e)), selective, sua_ref.failure_auroc(s, e)


@pytest.mark.parametrize(("n", "kept"), [(5, (4,)), (6, (3,)), (6, (2, 4)), (7, (2, 5, 6))])
def test_the_range_is_what_brute_force_finds(n: int, kept: tuple[int, ...]) -> None:
    """Without ties: for each set of block counts, the extremes over all orders are the bounds."""
    cuts = tuple(F(k, n) for k in kept)
    found: dict[tuple[F, ...], list[F]] = {}
    for errors in _rankings(n):
        a, selective, area = _measured(errors, tuple(range(n)), cuts)
        found.setdefault((a, *(selective[c] for c in cuts)), []).append(area)
    for (a, *s), areas in found.items():
        ranked = blocks(a, dict(zip(cuts, s, strict=True)))
        assert auroc_range(ranked) == (min(areas), max(areas))


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), min_size=2, max_size=9),
    st.lists(st.integers(1, 19), min_size=1, max_size=2, unique=True),
)
def test_no_score_leaves_the_range_ties_and_fractions_of_answers_included(
    rows: list[tuple[int, int]], twentieths: list[int]
) -> None:
    errors, scores = (tuple(column) for column in zip(*rows, strict=True))
    assume(0 < sum(errors) < len(errors))
    cuts = tuple(F(t, 20) for t in twentieths)
    assume(len({c * len(rows) // 1 for c in cuts}) == len(cuts))  # no two cuts share an answer
    a, selective, area = _measured(errors, scores, cuts)
    low, high = auroc_range(blocks(a, selective))
    assert low <= area <= high


@given(st.data())
def test_a_failure_rate_that_never_falls_keeps_the_area_above_the_chord(
    data: st.DataObject,
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    rates = sorted(data.draw(st.lists(st.fractions(0, 1, max_denominator=6),
                                      min_size=len(sizes), max_size=len(sizes))))  # fmt: skip
    levels = [Block(n * (1 - r), n * r) for n, r in zip(sizes, rates, strict=True)]
    total = F(sum(sizes))
    levels = [Block(b.right / total, b.wrong / total) for b in levels]
    a = sum((b.right for b in levels), F(0))
    assume(0 < a < 1)
    cuts = data.draw(st.lists(st.fractions(F(1, 20), F(19, 20), max_denominator=20), max_size=3,
                              unique=True))  # fmt: skip
    ranked = blocks(a, {c: selective_accuracy(levels, c) for c in cuts})
    assert auroc(levels) >= auroc(ranked)
    low, high = auroc_range(ranked)
    assert auroc(ranked) == (low + high) / 2


def test_a_falling_failure_rate_can_lie_below_the_chord() -> None:
    """The safest answers of the kept half are all wrong: the cut alone knows better."""
    levels = [Block(F(0), F(1, 4)), Block(F(1, 4), F(0)), Block(F(0), F(1, 2))]
    ranked = blocks(F(1, 4), {F(1, 2): selective_accuracy(levels, F(1, 2))})
    assert auroc(levels) < auroc(ranked)


@given(st.data())
def test_the_witness_has_the_numbers_it_was_built_for(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)),
                                min_size=2, max_size=4))  # fmt: skip
    assume(all(r + w for r, w in counts) and all(sum(c) for c in zip(*counts, strict=True)))
    n = sum(r + w for r, w in counts)
    ranked = [Block(F(r, n), F(w, n)) for r, w in counts]
    low, high = auroc_range(ranked)
    wanted = low + data.draw(st.fractions(0, 1, max_denominator=8)) * (high - low)
    levels = witness(ranked, wanted)
    assert auroc(levels) == wanted
    a, covered, right = sum((b.right for b in ranked), F(0)), F(0), F(0)
    for block in ranked[:-1]:
        covered, right = covered + block.right + block.wrong, right + block.right
        assert selective_accuracy(levels, covered) == right / covered
    assert sum((b.right for b in levels), F(0)) == a


def test_an_area_outside_the_range_has_no_witness() -> None:
    ranked = blocks(F(3, 4), {F(1, 2): F(1)})
    with pytest.raises(ValueError, match=r"has AUROC 1/2, outside 2/3\.\.1"):
        witness(ranked, F(1, 2))


def test_impossible_coverage_curves_are_refused() -> None:
    with pytest.raises(ValueError, match="block 1 would have"):
        blocks(F(1, 2), {F(4, 5): F(9, 10)})


@given(st.permutations([(0, 0), (1, 0), (1, 1), (0, 2), (1, 2)]))
def test_mass_and_counts_agree(rows: list[tuple[int, int]]) -> None:
    """The definitions over masses are those of the package over rows, ties and all."""
    levels = [Block(F(rows.count((0, k)), 5), F(rows.count((1, k)), 5)) for k in range(3)]
    errors, scores = (tuple(column) for column in zip(*rows, strict=True))
    cuts = (F(1, 5), F(1, 2), F(7, 10))
    _, selective, area = _measured(errors, scores, cuts)
    assert auroc(levels) == area
    assert {c: selective_accuracy(levels, c) for c in cuts} == selective
