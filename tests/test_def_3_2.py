"""Definition 3.2: for which divergences the sensitivity is finite."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_2
from proofs_checks.comparisons import exact as _fractions
from sua_ref import DIVERGENCES
from tests.planted import survivors
from tests.strategies import as_balls, disjoint_rows, exact, rational_rows, rows_beside
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

INFINITE = {"kl", "reverse_kl", "chi2"}


@pytest.mark.parametrize("kind", DIVERGENCES)
def test_it_is_finite_for_the_bounded_divergences_alone(kind: str) -> None:
    assert verdict(f"def_3_2.finite@{kind}") == ("REFUTED" if kind in INFINITE else "PROVED")


def test_it_is_never_negative() -> None:
    assert verdict("def_3_2.nonnegative") == "PROVED"
    assert survivors(def_3_2.mean("def_3_2.nonnegative")) == []


@pytest.mark.parametrize("kind", sorted(INFINITE))
def test_outputs_of_one_support_refute_nothing(kind: str) -> None:
    half = (Fraction(1, 2), Fraction(1, 2))
    assert def_3_2.infinite(kind) == []
    assert def_3_2.infinite(kind, (half, (Fraction(1, 3), Fraction(2, 3)))) != []


def test_damaged_certificates_are_refused() -> None:
    assert survivors(def_3_2.largest("def_3_2.finite@tv", "tv")) == []


def test_planted_faults_are_refused() -> None:
    lemmas = [def_3_2.TANGENT_AT_ONE, def_3_2.MEAN_IS_NONNEGATIVE, def_3_2.mean("def_3_2")]
    lemmas += [def_3_2.largest("def_3_2", kind) for kind in def_3_2.FINITE]
    assert [survivors(lemma) for lemma in lemmas] == [[]] * 6


def test_outputs_that_allow_the_same_labels_do_not_refute() -> None:
    said = def_3_2.infinite("kl", ((1, 0), (1, 0)))
    assert said[0] == "no label is excluded by one output alone"


@st.composite
def perturbations(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Output, perturbed outputs and weights; half the time surely on other labels."""
    n, k = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    if draw(st.booleans()):
        p, perturbed = draw(disjoint_rows(n, k))
    else:
        p, perturbed = draw(rational_rows(n)), [draw(rational_rows(n)) for _ in range(k)]
    return exact(p), exact(perturbed), exact(draw(rational_rows(k)))


@counts_cases_of("def_3_2.nonnegative")
def test_the_sensitivity_is_at_least_0_and_comes_near() -> None:
    """Near as against 1: all outputs uniform, or nearly so, half of the time."""
    seen = {kind: Recorder() for kind in DIVERGENCES}
    uniform = st.integers(2, 4).flatmap(
        lambda n: st.lists(rows_beside((Fraction(1, n),) * n), min_size=2, max_size=3)
    )
    still = uniform.map(
        lambda rows: (
            exact(rows[0]),
            exact(rows[1:]),
            exact([Fraction(1, len(rows) - 1)] * (len(rows) - 1)),
        )
    )

    @given(perturbations() | still)
    def holds(case: tuple[Any, Any, Any]) -> None:
        p, perturbed, weights = (as_balls(a) for a in case)
        for kind, recorder in seen.items():
            s = sua_ref.distributional_sensitivity(p, perturbed, divergence=kind, weights=weights)
            assert not s < 0
            recorder.case(1, s)

    holds()
    for recorder in seen.values():
        recorder.check()


@counts_cases_of(*(f"def_3_2.finite@{kind}" for kind in def_3_2.FINITE))
@pytest.mark.parametrize("kind", def_3_2.FINITE)
def test_the_sensitivity_is_within_its_range_and_reaches_the_end(kind: str) -> None:
    seen = Recorder()
    most = arb(2).log() if kind == "jsd" else arb(1)

    @given(perturbations())
    @example((_fractions([1, 0]), _fractions([[0, 1]]), _fractions([1])))
    def holds(case: tuple[Any, Any, Any]) -> None:
        p, perturbed, weights = (as_balls(a) for a in case)
        s = sua_ref.distributional_sensitivity(p, perturbed, divergence=kind, weights=weights)
        assert not s < 0
        assert not s > most
        seen.case(most, most - s)

    holds()
    seen.check()
