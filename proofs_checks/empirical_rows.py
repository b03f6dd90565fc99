"""Empirical verdicts as rows and documents: for JSON, for the committed table and for reports."""

from __future__ import annotations

from fractions import Fraction

from proofs_checks.empirical import RECORDS
from proofs_checks.empirical_conditions import Outcome
from proofs_checks.empirical_judged import (
    Judged,
    Measured,
    Read,
    committed,
    judged,
    pieces,
    shown,
    worded,
)
from proofs_checks.evidence import gather
from proofs_checks.verdict import judge_measured


def rows(given: Read, scale: str) -> list[dict[str, str]]:
    """One row for each sentence, from the summaries of one scale alone, for a report.

    Args:
        given: from :func:`proofs_checks.empirical_judged.read_folder`.
        scale: whose summaries to judge by.

    Returns:
        ``id``, ``says`` (the quote), ``verdict``, ``scale``, ``data`` (model and tasks, empty where
        nothing has run) and ``why`` (what decides, or what is missing).
    """
    here = Read(
        {name: s for name, s in given.summaries.items() if s.scale == scale},
        {name: why for name, why in given.faults.items() if name.startswith(f"{scale}-")},
    )
    found = []
    for record in RECORDS:
        claim = record.claim
        judgement = judge_measured(
            claim.id, [gather(claim.id, piece) for piece in pieces(claim.id, here)]
        )
        found.append(
            {
                "id": claim.id,
                "says": claim.quote,
                "verdict": judgement.verdict.value,
                "scale": scale,
                "data": judgement.mark.partition(", ")[2],
                "why": decided_by(claim.id, here) or judgement.reason,
            }
        )
    return found


def decided_by(claim: str, given: Read | None = None) -> str:
    """The number that the verdict hangs on; empty where no test is finished.

    Against a sentence it is the first that fails, for it the one nearest to its end, and where the
    test is open the first that is.
    """
    given = committed() if given is None else given
    for record in RECORDS:
        if record.claim.id == claim:
            for one in judged(record, given):
                if one.outcome is not Outcome.MISSING:
                    chosen = _decisive(one)
                    return f"{worded(chosen.condition)}: {shown(chosen)}"
    return ""


def _decisive(one: Judged) -> Measured:
    same = [m for _, _, measured in one.cases for m in measured if m.outcome is one.outcome]
    return min(same, key=_slack) if one.outcome is Outcome.HOLDS else same[0]


def _slack(m: Measured) -> Fraction:
    """How far an interval that lies in its range is from the nearer end."""
    if m.interval is None:
        raise ValueError("a condition that holds has an interval")
    k = m.condition
    ends = [m.interval.low - Fraction(k.above)] if k.above is not None else []
    ends += [Fraction(k.below) - m.interval.high] if k.below is not None else []
    return min(ends)


def documents(claim: str, given: Read | None = None) -> list[dict[str, object]]:
    """Every setting with its numbers, for ``sua verify --json``; none for an unknown claim."""
    given = committed() if given is None else given
    records = [record for record in RECORDS if record.claim.id == claim]
    return [
        {
            "scale": one.scale,
            "model": one.model,
            "outcome": one.outcome.value,
            "data": {task: dict(summary.data) for task, summary in one.summaries.items()},
            "conditions": [
                {"case": case.name, "condition": worded(m.condition), **_numbers(m)}
                for case, _, measured in one.cases
                for m in measured
            ],
        }
        for record in records
        for one in judged(record, given)
    ]


def _numbers(m: Measured) -> dict[str, object]:
    low, high = m.interval if m.interval is not None else (None, None)
    values = {"mean": m.mean, "low": low, "high": high}
    return {
        **{name: None if x is None else float(x) for name, x in values.items()},
        "seeds": min((d.seeds for d in m.found if d is not None), default=None),
        "outcome": m.outcome.value,
        "why": m.why,
    }
