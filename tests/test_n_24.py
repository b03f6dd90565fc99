"""Result n_24: the sensitivity of lists."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_24
from tests.planted import survivors
from tests.strategies import exact, rational_rows
from tests.verdicts import verdict


@pytest.mark.parametrize(("claim", "said"), [("n_24", "PROVED"), ("n_24.attained", "REFUTED")])
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_24.MEAN) == []


@given(st.integers(1, 9))
def test_no_reference_is_near_both_lists_of_the_counterexample(weight: int) -> None:
    """p = (1/2, w/18, (9 - w)/18): S is 1/4 for all of them."""
    p = exact([Fraction(1, 2), Fraction(weight, 18), Fraction(9 - weight, 18)])
    qs = np.stack([exact(n_24.ONE), exact(n_24.OTHER)])
    assert sua_ref.distributional_sensitivity(p, qs, divergence="tv") == Fraction(1, 4)


@given(st.lists(rational_rows(3), min_size=1, max_size=4))
def test_the_enclosure_does_not_depend_on_the_order_of_the_lists(rows: list[object]) -> None:
    from proofs_checks.reported_lists import likeliest, reported

    tops = [reported(row, likeliest(row, 1)) for row in rows]  # type: ignore[arg-type]
    ours = [
        sua_ref.sensitivity_enclosure(tops[0], some, divergence="jsd", vocab_size=3)
        for some in (tops, tops[::-1])
    ]
    assert ours[0] == ours[1]
