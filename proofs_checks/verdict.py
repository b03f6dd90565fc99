"""Verdicts are computed from evidence, by the one rule table below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from proofs_checks.evidence import Evidence, Grade, Kind

_WEAKEST_LAST: tuple[Grade, ...] = ("checked", "solver", "written")


class Verdict(Enum):
    """What can be said of a formal claim."""

    PROVED = "PROVED"
    PROVED_AMENDED = "PROVED_AMENDED"
    REFUTED = "REFUTED"
    VACUOUS = "VACUOUS"
    ILL_POSED = "ILL_POSED"
    NO_VIOLATION_FOUND = "NO_VIOLATION_FOUND"
    UNVERIFIED = "UNVERIFIED"


class ContradictionError(Exception):
    """A proof and a counterexample of one statement: a bug, never a vote."""


@dataclass(frozen=True)
class Judgement:
    """A verdict with its grade (None where nothing was shown) and why it is no better."""

    verdict: Verdict
    grade: Grade | None
    reason: str = ""


def judge(claim: str, evidence: Sequence[Evidence]) -> Judgement:
    """The verdict that the evidence allows.

    | evidence | verdict |
    |---|---|
    | a piece that fails, or belongs to another claim | UNVERIFIED |
    | a proof that it holds only trivially | VACUOUS |
    | two completions that differ in truth or in value | ILL_POSED |
    | a proof, and nothing against it | PROVED |
    | a counterexample, and a proof under a named extra hypothesis | PROVED_AMENDED |
    | a counterexample | REFUTED |
    | a search that found no violation | NO_VIOLATION_FOUND |
    | none of these | UNVERIFIED |

    The grade is the weakest among the deciding pieces.

    Raises:
        ContradictionError: both a proof and a counterexample check.
    """
    for piece in evidence:
        if piece.claim != claim:
            return Judgement(Verdict.UNVERIFIED, None, f"evidence belongs to {piece.claim}")
        if not piece.ok:
            return Judgement(Verdict.UNVERIFIED, None, f"{piece.scope}: {piece.reason}")
    of = {kind: [e for e in evidence if e.kind is kind] for kind in Kind}
    if of[Kind.PROOF] and of[Kind.COUNTEREXAMPLE]:
        raise ContradictionError(f"{claim}: both a proof and a counterexample check")
    if of[Kind.TRIVIALITY]:
        return _graded(Verdict.VACUOUS, of[Kind.TRIVIALITY])
    if of[Kind.COMPLETION]:
        if len(of[Kind.COMPLETION]) < 2:
            return Judgement(Verdict.UNVERIFIED, None, "one completion alone: two must differ")
        return _graded(Verdict.ILL_POSED, of[Kind.COMPLETION])
    if of[Kind.PROOF]:
        return _graded(Verdict.PROVED, of[Kind.PROOF])
    if of[Kind.COUNTEREXAMPLE]:
        if of[Kind.AMENDED]:
            return _graded(Verdict.PROVED_AMENDED, of[Kind.COUNTEREXAMPLE] + of[Kind.AMENDED])
        return _graded(Verdict.REFUTED, of[Kind.COUNTEREXAMPLE])
    if of[Kind.SEARCH]:
        return _graded(Verdict.NO_VIOLATION_FOUND, of[Kind.SEARCH])
    return Judgement(Verdict.UNVERIFIED, None, "no proof and no counterexample")


def _graded(verdict: Verdict, deciding: Sequence[Evidence]) -> Judgement:
    return Judgement(verdict, max((e.grade for e in deciding), key=_WEAKEST_LAST.index))


def join(judgements: Sequence[Judgement]) -> Judgement:
    """The verdict of a claim with several readings: theirs where they agree, else ILL_POSED."""
    verdicts = {j.verdict for j in judgements}
    if Verdict.UNVERIFIED in verdicts:
        return Judgement(Verdict.UNVERIFIED, None, "a reading is unverified")
    grade = max((j.grade for j in judgements if j.grade), key=_WEAKEST_LAST.index)
    if len(verdicts) > 1:
        return Judgement(Verdict.ILL_POSED, grade, "readings differ")
    return Judgement(judgements[0].verdict, grade)
