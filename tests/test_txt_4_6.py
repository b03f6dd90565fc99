"""Section 4.6: what a high score says of sensitivity."""

from __future__ import annotations

from proofs_checks import txt_4_6
from tests.planted import survivors
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("txt_4_6.interpretable@bounded") == "PROVED"
    assert verdict("txt_4_6.interpretable@kl") == "REFUTED"


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_4_6.SENSITIVE) == []
    assert survivors(txt_4_6.CERTAIN) == []
    assert survivors(txt_4_6.UNBOUNDED) == []


def test_a_bounded_divergence_is_never_that_high_at_full_entropy() -> None:
    assert txt_4_6.high_at_full_entropy() == []
    assert txt_4_6.high_at_full_entropy(divergence="tv") != []
