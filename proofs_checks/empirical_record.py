"""One empirical sentence: its record in the registry, and the test declared for it."""

from __future__ import annotations

from dataclasses import dataclass

from proofs_checks.claim import Claim, Severity
from proofs_checks.empirical_conditions import Test


@dataclass(frozen=True)
class Record:
    """A sentence and its test."""

    claim: Claim
    test: Test


def sentence(
    claim_id: str, title: str, statement: str, where: str, quote: str, test: Test, *,
    silent: str = "", reading: str = "", severity: Severity = "remark",
) -> Record:  # fmt: skip
    """The record of a sentence.

    Args:
        claim_id: ``emp_`` and the section, ``.`` and a name; ``repo_`` for the later repository.
        title: a short name.
        statement: what the test holds it to, in plain words.
        where: its place.
        quote: its words.
        test: as declared.
        silent: what the sentence leaves open and the test fixes.
        reading: which reading this is, where there are several.
        severity: what falls with it.
    """
    claim = Claim(
        id=claim_id, kind="empirical", title=title, statement=statement, formula="",
        source="printed", where=where, quote=quote, silent=silent, reading=reading,
        fidelity="related", severity=severity,
    )  # fmt: skip
    return Record(claim, test)
