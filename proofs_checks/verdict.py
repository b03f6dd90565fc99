"""Verdicts are computed from evidence, by the one rule table below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Grade = Literal["checked", "solver", "written"]
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


class Kind(Enum):
    """What a piece of evidence shows, if it checks."""

    PROOF = "proof"
    """the recorded statement holds"""
    COUNTEREXAMPLE = "counterexample"
    """an instance meets every hypothesis and violates the statement"""
    SUPPORT = "support"
    """nothing by itself: tightness, agreement of an encoding with the definitions"""


@dataclass(frozen=True)
class Evidence:
    """One checked thing.

    Attributes:
        claim: the id it is about.
        kind: what it shows.
        grade: how it was checked.
        scope: exactly what is covered.
        ok: whether the check passed.
        seconds: how long it took.
        reason: why not, where it did not pass.
    """

    claim: str
    kind: Kind
    grade: Grade
    scope: str
    ok: bool
    seconds: float
    reason: str = ""


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
    | a proof, and nothing against it | PROVED |
    | a counterexample, and no proof | REFUTED |
    | neither | UNVERIFIED |

    The grade is the weakest among the deciding pieces.

    Raises:
        ContradictionError: both a proof and a counterexample check.
    """
    for piece in evidence:
        if piece.claim != claim:
            return Judgement(Verdict.UNVERIFIED, None, f"evidence belongs to {piece.claim}")
        if not piece.ok:
            return Judgement(Verdict.UNVERIFIED, None, f"{piece.scope}: {piece.reason}")
    proofs = [e for e in evidence if e.kind is Kind.PROOF]
    refutations = [e for e in evidence if e.kind is Kind.COUNTEREXAMPLE]
    if proofs and refutations:
        raise ContradictionError(f"{claim}: both a proof and a counterexample check")
    deciding = proofs or refutations
    if not deciding:
        return Judgement(Verdict.UNVERIFIED, None, "no proof and no counterexample")
    grade = max((e.grade for e in deciding), key=_WEAKEST_LAST.index)
    return Judgement(Verdict.PROVED if proofs else Verdict.REFUTED, grade)


def join(judgements: Sequence[Judgement]) -> Judgement:
    """The verdict of a claim with several readings: theirs where they agree, else ILL_POSED."""
    verdicts = {j.verdict for j in judgements}
    if Verdict.UNVERIFIED in verdicts:
        return Judgement(Verdict.UNVERIFIED, None, "a reading is unverified")
    grade = max((j.grade for j in judgements if j.grade), key=_WEAKEST_LAST.index)
    if len(verdicts) > 1:
        return Judgement(Verdict.ILL_POSED, grade, "readings differ")
    return Judgement(judgements[0].verdict, grade)
