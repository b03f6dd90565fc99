"""Reading verdicts in tests: the evidence of one id, re-run."""

from __future__ import annotations

from proofs_checks.claims import select
from proofs_checks.run import check_claim, described
from proofs_checks.verdict import join


def verdict(claim: str) -> str:
    """``PROVED``, or with its grade where that is weaker than checked; every piece must pass."""
    found = [check_claim(c, deep=True) for c in select(claim) if c.id.split("@")[0] == claim]
    found = found or [check_claim(c, deep=True) for c in select(claim) if c.id == claim]
    for one in found:
        assert all(piece.ok for piece in one.evidence), one.judgement.reason
    return described(join([one.judgement for one in found]))
