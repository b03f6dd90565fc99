"""Pieces of evidence: what each shows if it checks, how it is checked, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Grade = Literal["checked", "solver", "written"]
Row = tuple[str, str]
"""One line of a drawn instance: a name, and its value in words or digits."""


class Kind(Enum):
    """What a piece of evidence shows, if it checks."""

    PROOF = "proof"
    """the recorded statement holds"""
    COUNTEREXAMPLE = "counterexample"
    """an instance, or a family, meets every hypothesis and violates the statement"""
    AMENDED = "amended proof"
    """the statement holds under the extra hypothesis that the record names"""
    TRIVIALITY = "triviality"
    """the statement can hold in trivial cases only, and does there"""
    COMPLETION = "completion"
    """one named completion of an incomplete statement; another differs in truth or in value"""
    SEARCH = "search"
    """cases were tried, some of them not vacuous, and none violates the statement"""
    TIGHT = "tight"
    """an instance or a family attains or approaches equality"""
    INFORMATIVE = "informative"
    """an instance where the bound says something that is not trivial"""
    REPRODUCTION = "reproduction"
    """the declared test of an empirical sentence came out as the sentence says"""
    FAILED_REPRODUCTION = "failed reproduction"
    """it came out against the sentence"""
    OPEN_TEST = "open test"
    """every number that the test asks for is there, and leaves it open"""
    UNFINISHED_TEST = "unfinished test"
    """numbers are missing without which the test is not decided"""
    SUPPORT = "support"
    """nothing by itself: agreement of an encoding with the definitions, a stronger partial check"""


@dataclass(frozen=True)
class Piece:
    """A check that has not run yet.

    Attributes:
        kind: what it shows if it passes.
        grade: how it is checked: by the small checker and exact or ball arithmetic
            (``"checked"``), by a named solver (``"solver"``), by a human proof (``"written"``).
        scope: exactly what is covered.
        run: returns its faults, none meaning that it passed.
        deep: too long for the fast run, which leaves it out.
        instance: draws the instance, line by line, for the page of its claim.
    """

    kind: Kind
    grade: Grade
    scope: str
    run: Callable[[], list[str]]
    deep: bool = False
    instance: Callable[[], list[Row]] | None = None


@dataclass(frozen=True)
class Evidence:
    """A piece that has run.

    Attributes:
        claim: the id it is about.
        kind, grade, scope: those of the piece.
        ok: whether the check passed.
        seconds: how long it took.
        reason: why not, where it did not pass.
        instance: the lines of its instance, if it has one.
    """

    claim: str
    kind: Kind
    grade: Grade
    scope: str
    ok: bool
    seconds: float
    reason: str = ""
    instance: tuple[Row, ...] = ()


def gather(claim: str, piece: Piece) -> Evidence:
    """Run a piece. A check that raises has failed, and the reason says how."""
    start = time.perf_counter()
    drawn: tuple[Row, ...] = ()
    try:
        faults = _as_faults(piece.run())
        drawn = tuple(piece.instance()) if piece.instance is not None else ()
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever breaks a check, the verdict must survive
        faults = [f"{type(error).__name__}: {error}"]
    seconds = time.perf_counter() - start
    reason = "; ".join(faults)
    return Evidence(claim, piece.kind, piece.grade, piece.scope, not faults, seconds, reason, drawn)


def _as_faults(returned: object) -> list[str]:
    """What a check returned, if it is what a check returns: forgetting to must not pass."""
    if isinstance(returned, list) and all(isinstance(fault, str) for fault in returned):
        return returned
    raise TypeError(f"the check returned {returned!r}, not a list of its faults")


def written(kind: Kind, scope: str, proof: str | None) -> Piece:
    """A human proof, which nothing re-checks; it must at least be there to be read.

    Args:
        kind: what the proof shows.
        scope: which part of the statement rests on it.
        proof: the docstring that holds it, under a line that starts with ``Proof``.
    """

    def present() -> list[str]:
        lines = (proof or "").splitlines()
        return [] if any(x.strip().startswith("Proof") for x in lines) else ["no written proof"]

    return Piece(kind, "written", scope, present)
