"""Assumption 2: VACUOUS; its examples and its reading of entropy REFUTED."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import asm_2, n_12
from proofs_checks.checker import Polynomial
from proofs_checks.claims import select
from tests.verdicts import verdict

HALF = Fraction(1, 2)
REFUTED = ("positive", "exponential", "linear", "monotone")


def test_the_assumption_is_vacuous() -> None:
    assert verdict("asm_2") == "VACUOUS"


@pytest.mark.parametrize("part", REFUTED)
def test_its_examples_are_refuted(part: str) -> None:
    assert verdict(f"asm_2.{part}") == "REFUTED"


def test_both_readings_of_monotone_are_on_record() -> None:
    assert {c.id for c in select("asm_2.monotone")} == {
        "asm_2.monotone@fixed", "asm_2.monotone@bayes",
    }  # fmt: skip


def test_at_a_uniform_law_the_exponential_example_is_not_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asm_2, "_SKEWED", (HALF, HALF))
    said = asm_2._exponential()
    assert said == ["the comparison is unknown"]  # equality: no ball decides it
    assert asm_2._linear() == ["the comparison is unknown"]


def test_a_pair_whose_loss_rises_refutes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = asm_2._PAIRS["bayes"]
    monkeypatch.setitem(asm_2._PAIRS, "bayes", (after, before))
    said = asm_2._falls("bayes")
    assert "the comparison is false" in said
    assert any("the loss goes from 9/20 to 1/2" in fault for fault in said)


def test_a_phi_that_is_not_concave_escapes_the_proof() -> None:
    """Without concavity the certificate has nothing to stand on: Fano's inverse is a phi."""
    sound = n_12.rigidity("n_12", Polynomial.constant(1))
    name = "phi is concave, phi(0) = 0"
    atoms = {k: v for k, v in sound.statement.atoms.items() if k != name}
    broken = sound._replace(
        certificate=sound.certificate,
        statement=type(sound.statement)("n_12", frozenset(), sound.statement.goal, atoms, {}, {}),
    )
    assert any(f"no hypothesis {name!r}" in fault for fault in broken.faults())
