"""Counts what a property test has seen: cases that say something, and cases nearly tight.

A property that only ever meets slack cases would pass for a bound twice too large, and one whose
hypotheses are never met passes for anything. Draw no vacuous case into :meth:`Recorder.case`.
"""

from __future__ import annotations

from typing import Any

NEAR = 0.01
"""A case is nearly tight if its slack is at most this share of the bound."""
SHARE = 0.01
"""The least share of nearly tight cases that the draws must reach."""


class Recorder:
    """One per property; filled by its cases, checked when it has run."""

    def __init__(self) -> None:
        self.cases = 0
        self.near = 0

    def case(self, bound: Any, slack: Any) -> None:
        """One case that met every hypothesis: the bound, and by how much it exceeds its side."""
        self.cases += 1
        self.near += float(slack) <= NEAR * abs(float(bound))

    def check(self) -> None:
        """Fail where no case counted, or hardly one was nearly tight."""
        assert self.cases > 0, "every case was vacuous"
        assert self.near >= SHARE * self.cases, f"{self.near} of {self.cases} cases nearly tight"
