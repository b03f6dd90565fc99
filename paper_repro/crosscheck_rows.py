"""One row of a crosscheck: a function in one precision, and the case nearest to its bound.

Errors and bounds are relative to the value, or, where that is a difference or a sum, to the sum of
the sizes of its terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paper_repro.expected import Allowed, distance


@dataclass
class Row:
    """One function in one precision at one V: how near its results came to their bounds."""

    function: str
    dtype: str
    device: str
    v: int
    cases: int = 0
    worst_error: float = 0.0
    bound: float = 0.0
    input: str = ""
    ok: bool = True
    ratio: float = -1.0
    """error over bound"""

    def add(
        self, given: Sequence[float], allowed: Sequence[Allowed], largest: float, said: str
    ) -> None:
        """Take the results on one input into account."""
        if len(given) != len(allowed):
            self._take(math.inf, 0.0, f"{said}: {len(given)} values, not {len(allowed)}")
            return
        for value, one in zip(given, allowed, strict=True):
            off = distance(value, one, largest)
            size = one.size if one.size > 0 and math.isfinite(one.size) else 1.0
            self._take(off / size, one.error / size if math.isfinite(one.error) else 0.0, said)

    def _take(self, error: float, bound: float, said: str) -> None:
        self.cases += 1
        ratio = error / bound if bound > 0 else math.inf if error > 0 else 0.0
        self.ok = self.ok and error <= bound
        if ratio > self.ratio:
            self.ratio, self.worst_error, self.bound, self.input = ratio, error, bound, said

    def document(self) -> dict[str, Any]:
        """The row for machines; an infinite error is null."""
        return {
            "function": self.function,
            "dtype": self.dtype,
            "device": self.device,
            "v": self.v,
            "cases": self.cases,
            "worst_error": self.worst_error if math.isfinite(self.worst_error) else None,
            "bound": self.bound,
            "share": self.ratio if math.isfinite(self.ratio) else None,
            "ok": self.ok,
            "input": self.input,
        }
