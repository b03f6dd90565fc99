"""Definition 3.5: a collapsed model that is right."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

import sua_ref
from proofs_checks import def_3_5
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("def_3_5") == "REFUTED"


def test_a_model_that_is_wrong_refutes_nothing() -> None:
    assert def_3_5.right_and_collapsed() == []
    assert def_3_5.right_and_collapsed(model=(Fraction(0), Fraction(1))) != []


def test_a_wrong_or_an_unsure_model_does_not_refute() -> None:
    half = Fraction(1, 2)
    assert "the truth is" in def_3_5.right_and_collapsed(model=(0, 1))[0]
    said = def_3_5.right_and_collapsed(model=(half, half), law=(half, half))
    assert any(fault.startswith("H_theta is") for fault in said)


def test_the_instance_collapses_and_has_no_gap_in_floats() -> None:
    sure, p_z = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    truth = sua_ref.mixture(p_z, np.array([sure, sure]))
    a, h = sua_ref.latent_ambiguity(p_z), sua_ref.predictive_entropy(sure)
    assert sua_ref.ambiguity_collapse(a, h, alpha=0.69, beta=0.0)
    assert sua_ref.miscalibration_gap(sure, truth) == 0
