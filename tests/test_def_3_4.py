"""Definition 3.4: the ambiguity is not a function of P(Y|X)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_4
from proofs_checks.claims import CLAIMS
from proofs_checks.run import check_claim, pieces_of
from proofs_checks.verdict import Verdict
from tests.strategies import as_balls, exact, rational_rows
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("def_3_4") == "ILL_POSED"
    assert verdict("def_3_4.mixed") == "REFUTED"


@pytest.mark.parametrize("k", [1, 2, 5])
def test_every_number_of_interpretations_completes_the_same_law(k: int) -> None:
    assert def_3_4.completion(k) == []


def test_instances_without_their_property_refute_nothing() -> None:
    half = (Fraction(1, 2), Fraction(1, 2))
    assert def_3_4.certain_yet_ambiguous() == []
    assert def_3_4.certain_yet_ambiguous(k=1) != []
    assert def_3_4.certain_yet_ambiguous(law=half) != []
    assert def_3_4.mixed_yet_unambiguous(law=(Fraction(1), Fraction(0))) != []


def test_one_completion_alone_shows_nothing() -> None:
    (claim,) = (c for c in CLAIMS if c.id == "def_3_4")
    checked = check_claim(claim, pieces=pieces_of(claim)[:1])
    assert checked.judgement.verdict is Verdict.UNVERIFIED


def test_instances_without_what_they_need_do_not_refute() -> None:
    half = Fraction(1, 2)
    assert def_3_4.certain_yet_ambiguous(1)[0].startswith("A > 0 is")
    assert def_3_4.certain_yet_ambiguous(2, (half, half)) == ["max P(y|x) is 1/2, not 1"]
    assert def_3_4.mixed_yet_unambiguous((1, 0))[0].startswith("H* > 0 is")


@given(rational_rows(), st.integers(1, 20))
def test_any_number_of_interpretations_goes_with_any_law(law: tuple[Fraction, ...], k: int) -> None:
    weights = exact([Fraction(1, k)] * k)
    assert tuple(sua_ref.mixture(weights, exact([law] * k))) == law
    ambiguity = sua_ref.latent_ambiguity(as_balls(weights))
    assert ambiguity.overlaps(as_balls(exact([Fraction(k)]))[0].log())
