"""Remark 3.3: the mean sensitivity beside its supremum."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import rem_3_3
from proofs_checks.lemma import HALF, Lemma
from sua_ref import distributional_sensitivity, worst_case_sensitivity
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import exact, output_rows, rational_rows, worlds
from tests.tightness import Recorder, counts_cases_of
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


@pytest.mark.parametrize(
    "lemma",
    [
        rem_3_3.upper("rem_3_3.upper"), rem_3_3.ONE_TERM, rem_3_3.ALL_TERMS, rem_3_3.FULL_SUPPORT,
        rem_3_3.NO_CONSTANT, rem_3_3.LEAST_WEIGHT,
    ],
)  # fmt: skip
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def test_instances_without_what_they_need_do_not_refute() -> None:
    assert rem_3_3.below((0, 1)) == ["no full support", "S = 1, sup 1"]
    assert rem_3_3.infinite((0, 1)) == ["D = sup almost surely"]
    assert len(rem_3_3.infinite((HALF, HALF), "jsd")) == 2


@st.composite
def balls_of(draw: st.DrawFn) -> tuple[Any, Any]:
    """Outputs over a ball, that of x first, and weights; point masses are common."""
    n, k = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    outputs = exact([draw(output_rows(n)) for _ in range(k)])
    if draw(st.booleans()):
        at = draw(st.integers(0, k - 1))
        return outputs, exact([Fraction(int(i == at)) for i in range(k)])
    return outputs, exact(draw(rational_rows(k)))


def _both(outputs: Any, weights: Any) -> tuple[Fraction, Fraction]:
    """S and the supremum by a loop over the definition."""
    x = outputs[0]
    values = [sum((abs(a - b) for a, b in zip(x, y, strict=True)), Fraction(0)) / 2
              for y in outputs]  # fmt: skip
    mean = sum((w * d for w, d in zip(weights, values, strict=True)), Fraction(0))
    assert mean == sua_ref.distributional_sensitivity(x, outputs, divergence="tv", weights=weights)
    assert max(values) == sua_ref.worst_case_sensitivity(x, outputs, divergence="tv")
    return mean, max(values)


_FLIP = exact([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]])


@counts_cases_of("rem_3_3.upper", "rem_3_3.lower")
def test_the_mean_is_at_most_the_supremum_and_equal_only_almost_surely() -> None:
    seen = Recorder()

    @given(balls_of())
    @example((_FLIP, exact([Fraction(0), Fraction(1)])))
    def holds(case: tuple[Any, Any]) -> None:
        outputs, weights = case
        mean, worst = _both(outputs, weights)
        assert mean <= worst * (1 - weights[0])  # D(x, x) = 0
        surely = all(
            w == 0 or sua_ref.total_variation(outputs[0], y) == worst
            for w, y in zip(weights, outputs, strict=True)
        )
        assert (mean == worst) == surely
        if worst > 0:
            seen.case(worst, worst - mean)
            target(float(mean / worst))

    holds()
    seen.check()


@counts_cases_of("rem_3_3.least_weight")
def test_the_least_weight_bounds_the_supremum() -> None:
    seen = Recorder()

    @given(balls_of())
    @example((_FLIP, exact([HALF, HALF])))
    def holds(case: tuple[Any, Any]) -> None:
        outputs, weights = case
        least = min(weights[1:])
        mean, worst = _both(outputs, weights)
        assert least * worst <= mean
        assume(least * worst > 0)
        seen.case(mean, mean - least * worst)

    holds()
    seen.check()
