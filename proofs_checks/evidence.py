"""Running one check and recording what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from proofs_checks.verdict import Evidence, Grade, Kind


def gather(
    claim: str, kind: Kind, grade: Grade, scope: str, run: Callable[[], list[str]]
) -> Evidence:
    """Run a check that returns its faults, none meaning that it passed."""
    start = time.perf_counter()
    faults = run()
    seconds = time.perf_counter() - start
    return Evidence(claim, kind, grade, scope, not faults, seconds, "; ".join(faults))
