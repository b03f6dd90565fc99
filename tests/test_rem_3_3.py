"""Remark 3.3: the mean sensitivity beside its supremum."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks import rem_3_3
from sua_ref import distributional_sensitivity, worst_case_sensitivity
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import worlds
from tests.verdicts import verdict

VERDICTS = {
    "rem_3_3.upper": "PROVED",
    "rem_3_3.lower": "PROVED",
    "rem_3_3.equal": "REFUTED",
    "rem_3_3.iff@finite": "PROVED",
    "rem_3_3.iff@infinite": "REFUTED",
    "rem_3_3.reverse": "REFUTED",
    "rem_3_3.least_weight": "PROVED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_damaged_certificates_are_refused() -> None:
    assert survivors(rem_3_3.upper("rem_3_3.upper")) == []


def test_instances_without_their_property_refute_nothing() -> None:
    assert rem_3_3.below() == []
    assert rem_3_3.below((Fraction(0), Fraction(1))) != []
    assert rem_3_3.infinite() == []
    assert rem_3_3.infinite((Fraction(1), Fraction(0))) != []


@given(worlds(), st.sampled_from(["tv", "chi2"]))
def test_the_supremum_is_at_least_the_mean_on_exact_worlds(
    world: tuple[Array, Array, Array, Array], kind: str
) -> None:
    p, perturbed, _, weights = world
    mean = distributional_sensitivity(p, perturbed, divergence=kind, weights=weights)
    assert mean <= worst_case_sensitivity(p, perturbed, divergence=kind)
