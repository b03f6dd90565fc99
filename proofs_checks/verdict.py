"""Verdicts are computed from evidence, by the one rule table below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from proofs_checks.evidence import Evidence, Grade, Kind

_WEAKEST_LAST: tuple[Grade, ...] = ("checked", "solver", "written")


class Verdict(Enum):
    """What can be said of a formal claim; of an empirical one the last three."""

    PROVED = "PROVED"
    PROVED_AMENDED = "PROVED_AMENDED"
    REFUTED = "REFUTED"
    VACUOUS = "VACUOUS"
    ILL_POSED = "ILL_POSED"
    NO_VIOLATION_FOUND = "NO_VIOLATION_FOUND"
    UNVERIFIED = "UNVERIFIED"
    REPRODUCED = "REPRODUCED"
    NOT_REPRODUCED = "NOT_REPRODUCED"
    INCONCLUSIVE = "INCONCLUSIVE"


MEASURED = (Verdict.REPRODUCED, Verdict.NOT_REPRODUCED, Verdict.INCONCLUSIVE)
"""Verdicts of empirical claims."""
_MEASURED_BY = dict(
    zip((Kind.REPRODUCTION, Kind.FAILED_REPRODUCTION, Kind.OPEN_TEST), MEASURED, strict=True)
)


class ContradictionError(Exception):
    """A proof and a counterexample of one statement: a bug, never a vote."""


@dataclass(frozen=True)
class Judgement:
    """A verdict with its grade (None where nothing was shown) and why it is no better.

    An empirical verdict has a mark instead: the scale, model and tasks that it was measured on.
    """

    verdict: Verdict
    grade: Grade | None
    reason: str = ""
    mark: str = ""


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


def judge_measured(claim: str, evidence: Sequence[Evidence]) -> Judgement:
    """The verdict on an empirical claim: that of the first finished test, in the declared order.

    | evidence | verdict |
    |---|---|
    | a piece that fails, or belongs to another claim | INCONCLUSIVE |
    | a reproduction first | REPRODUCED |
    | a failed reproduction first | NOT_REPRODUCED |
    | an open test first | INCONCLUSIVE |
    | none of these | INCONCLUSIVE, not run |
    """
    for piece in evidence:
        if piece.claim != claim:
            return Judgement(Verdict.INCONCLUSIVE, None, f"evidence belongs to {piece.claim}")
        if not piece.ok:
            return Judgement(Verdict.INCONCLUSIVE, None, f"{piece.scope}: {piece.reason}")
    for piece in evidence:
        if piece.kind in _MEASURED_BY:
            open_ = "the intervals leave it open" if piece.kind is Kind.OPEN_TEST else ""
            return Judgement(_MEASURED_BY[piece.kind], None, open_, piece.scope)
    begun = any(piece.kind is Kind.UNFINISHED_TEST for piece in evidence)
    return Judgement(Verdict.INCONCLUSIVE, None, "numbers are missing" if begun else "not run")


def _graded(verdict: Verdict, deciding: Sequence[Evidence]) -> Judgement:
    return Judgement(verdict, max((e.grade for e in deciding), key=_WEAKEST_LAST.index))


def join(judgements: Sequence[Judgement]) -> Judgement:
    """The verdict of a claim with several readings: theirs where they agree, else ILL_POSED.

    Readings of an empirical claim that differ leave it INCONCLUSIVE.
    """
    verdicts = {j.verdict for j in judgements}
    if verdicts & set(MEASURED):
        marks = {j.mark for j in judgements}
        mark = marks.pop() if len(marks) == 1 else ""
        if len(verdicts) > 1:
            return Judgement(Verdict.INCONCLUSIVE, None, "readings differ", mark)
        reasons = {j.reason for j in judgements}
        reason = reasons.pop() if len(reasons) == 1 else ""
        return Judgement(judgements[0].verdict, None, reason, mark)
    if Verdict.UNVERIFIED in verdicts:
        return Judgement(Verdict.UNVERIFIED, None, "a reading is unverified")
    grade = max((j.grade for j in judgements if j.grade), key=_WEAKEST_LAST.index)
    if len(verdicts) > 1:
        return Judgement(Verdict.ILL_POSED, grade, "readings differ")
    return Judgement(judgements[0].verdict, grade)
