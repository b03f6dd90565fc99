"""Definition 3.8: the entropy gap and calibration do not imply one another."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_8
from proofs_checks.lemma import HALF, Lemma
from tests.planted import survivors
from tests.strategies import as_balls, exact, output_rows, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

VERDICTS = {
    "def_3_8.calibrated_if": "REFUTED",
    "def_3_8.calibrated_only_if": "REFUTED",
    "def_3_8.sua_bound": "REFUTED",
    "def_3_8.refinement": "PROVED",
}


COIN = (Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_instances_without_their_property_refute_nothing() -> None:
    assert def_3_8.gap_zero_error_large() == []
    assert def_3_8.gap_zero_error_large(model=COIN) != []
    assert def_3_8.calibrated_with_gap() == []
    assert def_3_8.calibrated_with_gap(laws=(COIN, COIN)) != []
    assert def_3_8.any_gap(model=COIN) != []


@pytest.mark.parametrize("sign", [1, -1])
def test_damaged_certificates_are_refused(sign: int) -> None:
    assert survivors(def_3_8.refinement(sign)) == []


@pytest.mark.parametrize(
    "lemma",
    [def_3_8.refinement(1), def_3_8.refinement(-1), def_3_8.DIVERGENCE, def_3_8.GAP],
)
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


def test_instances_without_what_they_need_do_not_refute() -> None:
    nine = (Fraction(9, 10), Fraction(1, 10))
    assert def_3_8.gap_zero_error_large(nine, nine) == ["ECE is 0, not 4/5"]
    unlike = def_3_8.gap_zero_error_large((HALF, HALF), nine)
    assert unlike[0].startswith("the sorted outputs")
    said = def_3_8.calibrated_with_gap(laws=((1, 0), (1, 0)))
    assert said[0].startswith("the mean label law")
    assert "SUA is" in def_3_8.any_gap((HALF, HALF))[0]


Rows = tuple[tuple[Fraction, ...], ...]


@st.composite
def calibrated(draw: st.DrawFn) -> tuple[tuple[Fraction, ...], Rows]:
    """Weights of inputs and their label laws: the model says the mean at each of them."""
    n, k = draw(st.integers(2, 3)), draw(st.integers(1, 3))
    return draw(rational_rows(k)), tuple(draw(output_rows(n)) for _ in range(k))


_ONE, _NONE = Fraction(1), Fraction(0)


@counts_cases_of("def_3_8.refinement")
def test_a_calibrated_model_is_on_average_no_surer_than_the_truth() -> None:
    seen = Recorder()

    @given(calibrated())
    @example(((HALF, HALF), ((_ONE, _NONE), (_NONE, _ONE))))
    def holds(case: tuple[tuple[Fraction, ...], Rows]) -> None:
        weights, laws = case
        model: Any = as_balls(
            exact([sum(w * law[y] for w, law in zip(weights, laws, strict=True))
                   for y in range(len(laws[0]))])
        )  # fmt: skip
        signed, gap, distance = arb(0), arb(0), arb(0)
        for w, law in zip(weights, laws, strict=True):
            if w == 0:
                continue
            truth, mass = as_balls(exact(law)), arb(w.numerator) / w.denominator
            signed += mass * (sua_ref.entropy(model) - sua_ref.entropy(truth))
            gap += mass * sua_ref.miscalibration_gap(model, truth)
            distance += mass * sua_ref.kl_divergence(truth, model)
        assert signed.overlaps(distance)
        assert not gap < distance
        if distance > 0:
            seen.case(gap, gap - distance)

    holds()
    seen.check()
