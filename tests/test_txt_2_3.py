"""Section 2.3: the confidence 1 - H/log n, and temperature scaling."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import txt_2_3
from proofs_checks.lemma import HALF
from tests.planted import survivors
from tests.strategies import as_balls, exact, extreme_rows, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

VERDICTS = {
    "txt_2_3.range": "PROVED",
    "txt_2_3.confidence": "REFUTED",
    "txt_2_3.unused_labels": "PROVED",
    "txt_2_3.temperature": "REFUTED",
}


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_2_3.LOW) == []
    assert survivors(txt_2_3.UNUSED) == []


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_2_3.truth_is_miscalibrated() == []
    assert txt_2_3.truth_is_miscalibrated((Fraction(1, 2), Fraction(1, 2))) != []
    assert txt_2_3.temperature_harms() == []
    assert txt_2_3.temperature_harms(((775, 620, 1), (44, 23, 5))) != []


def test_planted_faults_are_refused() -> None:
    assert survivors(txt_2_3.LOW) == survivors(txt_2_3.UNUSED) == []


def test_instances_without_what_they_need_do_not_refute() -> None:
    assert txt_2_3.truth_is_miscalibrated((1, 0))[0] == "the error is 0, not 1/4"
    calibrated = ((775, 620, 1), (44, 44, 5))
    assert txt_2_3.temperature_harms(calibrated)[0].startswith("the slope at T = 2 is")
    fine = ((750, 500, 1), (330, 320, 5))  # what T = 2 says is right in both groups
    assert txt_2_3.temperature_harms(fine)[0].startswith("ECE goes from")


def test_the_fitted_temperature_is_2_and_the_calibration_error_rises() -> None:
    """The same answers by the reference's own fit, in floats."""
    logits, labels = [], []
    for n, right, j in txt_2_3.GROUPS:
        logits += [[j * math.log(4), 0.0]] * n
        labels += [0] * right + [1] * (n - right)
    fitted = sua_ref.temperature_scale(np.array(logits), np.array(labels))
    assert fitted.value == pytest.approx(2, rel=1e-9)
    before, after = (float(txt_2_3.calibration_error(root)) for root in (1, 2))
    assert before == pytest.approx(0.0268, abs=1e-4)
    assert after == pytest.approx(0.1514, abs=1e-4)


@counts_cases_of("txt_2_3.range")
def test_the_confidence_is_within_its_range_and_reaches_both_ends() -> None:
    low, high = Recorder(), Recorder()

    @given(st.integers(1, 6).flatmap(extreme_rows))
    @example((Fraction(1, 3),) * 3)
    @example((Fraction(1), Fraction(0)))
    def holds(law: tuple[Fraction, ...]) -> None:
        if len(law) < 2:
            with pytest.raises(ValueError, match="V = 1"):
                sua_ref.entropy_confidence(as_balls(exact(law)))
            return
        conf = sua_ref.entropy_confidence(as_balls(exact(law)))
        assert not conf < 0
        assert not conf > 1
        low.case(1, conf)
        high.case(1, 1 - conf)

    holds()
    low.check()
    high.check()


@counts_cases_of("txt_2_3.unused_labels")
def test_unused_labels_raise_the_confidence_of_every_output() -> None:
    seen = Recorder()

    @given(rational_rows(2), st.integers(1, 6))
    @example((HALF, HALF), 4)
    def holds(law: tuple[Fraction, ...], k: int) -> None:
        padded = exact([*law, *[Fraction(0)] * (2**k - 2)])
        conf = sua_ref.entropy_confidence(as_balls(padded))
        bound = 1 - arb(1) / k
        assert not conf < bound
        if k > 1:
            seen.case(bound, conf - bound)

    holds()
    seen.check()
