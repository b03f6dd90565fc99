"""Definition 3.2: for which divergences the sensitivity is finite."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import def_3_2
from sua_ref import DIVERGENCES
from tests.planted import survivors
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
