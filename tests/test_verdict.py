"""The rule table: what a verdict may be, given the evidence."""

from __future__ import annotations

import itertools

import pytest

from proofs_checks.evidence import Evidence, Grade, Kind, written
from proofs_checks.verdict import ContradictionError, Judgement, Verdict, join, judge


def _piece(kind: Kind, *, grade: Grade = "checked", ok: bool = True, claim: str = "c") -> Evidence:
    return Evidence(claim, kind, grade, "scope", ok, 0.0, "" if ok else "broken")


def test_no_evidence_and_mere_support_prove_nothing() -> None:
    assert judge("c", []).verdict is Verdict.UNVERIFIED
    assert judge("c", [_piece(Kind.SUPPORT)]).verdict is Verdict.UNVERIFIED


def test_a_proof_proves_and_a_counterexample_refutes() -> None:
    assert judge("c", [_piece(Kind.PROOF)]) == Judgement(Verdict.PROVED, "checked")
    assert judge("c", [_piece(Kind.COUNTEREXAMPLE)]) == Judgement(Verdict.REFUTED, "checked")


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ([Kind.COUNTEREXAMPLE, Kind.AMENDED], Verdict.PROVED_AMENDED),
        ([Kind.AMENDED], Verdict.UNVERIFIED),
        ([Kind.TRIVIALITY, Kind.PROOF], Verdict.VACUOUS),
        ([Kind.COMPLETION, Kind.COMPLETION], Verdict.ILL_POSED),
        ([Kind.COMPLETION], Verdict.UNVERIFIED),
        ([Kind.SEARCH], Verdict.NO_VIOLATION_FOUND),
        ([Kind.SEARCH, Kind.PROOF], Verdict.PROVED),
        ([Kind.SEARCH, Kind.COUNTEREXAMPLE], Verdict.REFUTED),
        ([Kind.TIGHT, Kind.INFORMATIVE], Verdict.UNVERIFIED),
    ],
)
def test_the_rule_table(kinds: list[Kind], verdict: Verdict) -> None:
    assert judge("c", [_piece(kind) for kind in kinds]).verdict is verdict


def test_a_written_proof_must_be_there_to_be_read() -> None:
    assert written(Kind.PROOF, "all n", "Claim.\n\nProof. It follows.").run() == []
    assert written(Kind.PROOF, "all n", "Claim.").run() == ["no written proof"]
    assert written(Kind.PROOF, "all n", None).run() == ["no written proof"]


def test_both_at_once_is_an_error_not_a_vote() -> None:
    with pytest.raises(ContradictionError):
        judge("c", [_piece(Kind.PROOF), _piece(Kind.COUNTEREXAMPLE)])


@pytest.mark.parametrize("kind", list(Kind))
def test_one_failing_piece_leaves_the_claim_unverified(kind: Kind) -> None:
    found = judge("c", [_piece(Kind.PROOF), _piece(kind, ok=False)])
    assert found.verdict is Verdict.UNVERIFIED
    assert "broken" in found.reason


def test_evidence_of_another_claim_is_refused() -> None:
    found = judge("c", [_piece(Kind.PROOF, claim="d")])
    assert found.verdict is Verdict.UNVERIFIED
    assert "belongs to d" in found.reason


def test_the_grade_is_the_weakest_that_the_verdict_rests_on() -> None:
    order: list[Grade] = ["checked", "solver", "written"]
    for a, b in itertools.product(order, repeat=2):
        found = judge("c", [_piece(Kind.PROOF, grade=a), _piece(Kind.PROOF, grade=b)])
        assert found.grade == max(a, b, key=order.index)
    supported = [_piece(Kind.PROOF), _piece(Kind.SUPPORT, grade="written")]
    assert judge("c", supported).grade == "checked"


def test_readings_that_differ_are_ill_posed() -> None:
    proved, refuted = Judgement(Verdict.PROVED, "checked"), Judgement(Verdict.REFUTED, "checked")
    assert join([refuted, refuted]) == refuted
    assert join([proved, refuted]).verdict is Verdict.ILL_POSED
    unverified = Judgement(Verdict.UNVERIFIED, None)
    assert join([refuted, unverified]).verdict is Verdict.UNVERIFIED
