"""Appendix B.1: verdicts by name, and planted misprints."""

from __future__ import annotations

import pytest

from proofs_checks import app_b_1
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict


@pytest.mark.parametrize("claim", app_b_1.CLAIMS, ids=lambda c: c.id)
def test_the_verdict_by_name(claim: object) -> None:
    judgement = check_claim(claim).judgement  # type: ignore[arg-type]  # parametrised
    assert (judgement.verdict, judgement.grade) == (Verdict.PROVED, "checked")


MISPRINTS = {
    "app_b_1.monotone": (("0.71", "0.84", "0.96", "0.95"), ("0.71", "0.84", "0.93", "1.01")),
    "app_b_1.marginal_beyond": (("0.71", "0.84", "0.92", "0.94"),),
}


@pytest.mark.parametrize("name", sorted(MISPRINTS))
def test_one_other_digit_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for values in MISPRINTS[name]:
        monkeypatch.setattr(app_b_1, "APPENDIX_B_1", values)
        assert check_claim(select(name)[0]).judgement.verdict is Verdict.UNVERIFIED, values
