"""Definition 3.10: the SUA risk is gamed by smoothing."""

from __future__ import annotations

from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict


def test_that_entropy_alone_cannot_lower_it_is_refuted_and_checked() -> None:
    (claim,) = (c for c in select("def_3_10") if c.id == "def_3_10.gaming")
    checked = check_claim(claim)
    assert (checked.judgement.verdict, checked.judgement.grade) == (Verdict.REFUTED, "checked")
    assert claim.repair == "n_7"
    drawn = dict(checked.evidence[0].instance)
    assert drawn["q_x, q_x' after"] == "(3/4, 1/4), (1/4, 3/4)"
