"""Counts what a property test has seen: cases that say something, and cases nearly tight.

A property that only ever meets slack cases would pass for a bound twice too large, and one whose
hypotheses are never met passes for anything. Draw no vacuous case into :meth:`Recorder.case`, and
let the strategy build nearly tight cases: a share left to luck falls short in some draw.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, ParamSpec

NEAR = 0.01
"""A case is nearly tight if its slack is at most this share of the bound."""
SHARE = 0.01
"""The least share of nearly tight cases that the draws must reach."""
P = ParamSpec("P")


class Recorder:
    """One per property; filled by its cases, checked when it has run."""

    checked: ClassVar[int] = 0
    """How many recorders passed, in all."""

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
        Recorder.checked += 1


def counts_cases_of(*claims: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Says of which claims on record a test is the property that counts their cases."""

    def marked(test: Callable[P, None]) -> Callable[P, None]:
        @wraps(test)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            before = Recorder.checked
            test(*args, **kwargs)
            assert Recorder.checked > before, "no recorder was checked"

        vars(run)["counts"] = claims
        return run

    return marked
