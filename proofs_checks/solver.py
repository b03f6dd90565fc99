"""The solver grade: z3 finds the negation of a statement unsatisfiable, and a control satisfiable.

A solver is trusted by name and version, not re-checked; a statement that rests on it says so. The
control is the statement's own hypotheses with a weaker conclusion denied, so that an encoding which
is contradictory by itself, and would prove anything, is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

VERSION = f"z3 {z3.get_version_string()}"
TIMEOUT_MS = 60_000


def simplex(name: str, n: int) -> tuple[list[Any], list[Any]]:
    """n real variables and the constraints that make them a probability vector."""
    p = [z3.Real(f"{name}{i}") for i in range(n)]
    return p, [*(x >= 0 for x in p), z3.Sum(p) == 1]


def total_variation(p: Sequence[Any], q: Sequence[Any]) -> Any:
    """``(1/2) sum |p - q|`` of solver terms."""
    return z3.Sum([z3.If(a >= b, a - b, b - a) for a, b in zip(p, q, strict=True)]) / 2


def largest(p: Sequence[Any]) -> Any:
    """``max p`` of solver terms."""
    top = p[0]
    for x in p[1:]:
        top = z3.If(x > top, x, top)
    return top


def faults(hypotheses: Sequence[Any], negation: Any, control: Any) -> list[str]:
    """Why z3 does not show ``hypotheses => not negation``; empty if it does.

    Args:
        hypotheses: what is assumed.
        negation: what must be impossible beside them.
        control: what must be possible beside them.
    """
    found = []
    for term, wanted in ((negation, z3.unsat), (control, z3.sat)):
        solver = z3.Solver()
        solver.set("timeout", TIMEOUT_MS)
        solver.add(*hypotheses, term)
        answer = solver.check()
        if answer != wanted:
            found.append(f"{VERSION}: {answer} where {wanted} was wanted")
    return found
