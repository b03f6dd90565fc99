"""A.3: the model need not underestimate the uncertainty."""

from __future__ import annotations

from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict


def test_the_step_is_refuted_and_the_lemma_stands() -> None:
    (step,) = select("app_a_3")
    judgement = check_claim(step).judgement
    assert (judgement.verdict, judgement.grade) == (Verdict.REFUTED, "checked")
    assert step.repair == "lem_4_6"
    (lemma,) = (c for c in select("lem_4_6") if c.id == "lem_4_6")
    assert check_claim(lemma).judgement.verdict is Verdict.PROVED
