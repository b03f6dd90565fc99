"""Definition 3.6: finitely many labels have a finite entropy, countably many need not."""

from __future__ import annotations

from proofs_checks import def_3_6
from tests.planted import survivors
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("def_3_6.finite@finite") == "PROVED"
    assert verdict("def_3_6.finite@countable") == "REFUTED"


def test_damaged_certificates_are_refused() -> None:
    assert survivors(def_3_6.block()) == []
    assert def_3_6.block(goal_at_least=2).faults() != []
