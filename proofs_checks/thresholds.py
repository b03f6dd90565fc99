"""The evidence for n_10: every outcome of a few calibration rows, with its exact probability.

A law is six probabilities: of (score 0, right), (score 0, wrong), (score 1, right), and so on; the
grid is 0, 1, 2. Rules answer at and below a threshold; None answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from proofs_checks.draws import outcomes
from proofs_checks.lemma import HALF
from sua_ref import Threshold, choose_threshold

Law = Sequence[Fraction]
Rule = Callable[[list[int], list[int], list[int]], int | None]
"""From scores, errors and grid to a threshold."""


def _thirtieths(*numerators: int) -> Law:
    return tuple(Fraction(i, 30) for i in numerators)


LAWS = (
    _thirtieths(8, 2, 6, 4, 2, 8),
    _thirtieths(5, 5, 5, 5, 5, 5),
    _thirtieths(9, 6, 5, 4, 2, 4),
    _thirtieths(14, 1, 2, 8, 4, 1),
)
"""Errors that come with high scores, with any, with low ones, and in the middle."""


def rule(part: str, target: Fraction, delta: Fraction) -> Rule:
    """sua_ref's rule of a part of n_10."""
    chosen: dict[str, Any] = {"target_risk": target, "confidence": 1 - delta}
    if part == "crc":
        chosen["method"] = "crc"
    else:
        chosen["correction"] = part

    def choose(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        found = choose_threshold(scores, errors, grid=grid, **chosen)
        return int(found.tau) if isinstance(found, Threshold) else None

    return choose


def joint(law: Law, tau: int) -> tuple[Fraction, Fraction]:
    """The chances of an answer, and of a wrong one."""
    cells = law[: 2 * (tau + 1)]
    return sum(cells, Fraction(0)), sum(cells[1::2], Fraction(0))


def results(law: Law, n: int, choose: Rule) -> list[tuple[int | None, Fraction]]:
    """What the rule chooses in each outcome of n rows, and the probability of the outcome."""
    grid = list(range(len(law) // 2))
    found = []
    for counts, mass in outcomes(n, law):
        cells = [i for i, count in enumerate(counts) for _ in range(count)]
        found.append((choose([i // 2 for i in cells], [i % 2 for i in cells], grid), mass))
    return found


def violation(law: Law, n: int, target: Fraction, choose: Rule) -> Fraction:
    """The chance of a threshold whose selective risk exceeds the target."""
    total = Fraction(0)
    for tau, mass in results(law, n, choose):
        if tau is not None:
            answered, wrong = joint(law, tau)
            total += mass * (wrong > target * answered)
    return total


def expected(law: Law, n: int, choose: Rule) -> Fraction:
    """The expected joint risk of the threshold chosen."""
    chosen = ((tau, mass) for tau, mass in results(law, n, choose) if tau is not None)
    return sum((mass * joint(law, tau)[1] for tau, mass in chosen), Fraction(0))


def kept(part: str) -> list[str]:
    """The promise of each part, on each law."""
    faults = []
    for law in LAWS:
        for target, delta in ((Fraction(3, 10), Fraction(3, 10)), (Fraction(2, 5), HALF)):
            choose = rule(part, target, delta)
            if part == "crc":
                found, promised = expected(law, 6, choose), target
            else:
                found, promised = violation(law, 6, target, choose), delta
            if found > promised:
                faults.append(f"{law}, target {target}: {found} > {promised}")
    return faults


def uncorrected() -> list[str]:
    """The best of three thresholds, each at its own level: all are too risky, one often passes."""
    law = tuple(Fraction(i, 3200) for mass in (4, 6, 6) for i in (99 * mass, 101 * mass))

    def best(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        passed = []
        for tau in grid:
            found = choose_threshold(scores, errors, grid=[tau], target_risk=HALF, confidence=HALF)
            passed += [tau] if isinstance(found, Threshold) else []
        return max(passed, default=None)

    chance = violation(law, 5, HALF, best)
    return [] if chance > HALF else [f"violated with a chance of {chance}"]


def off_by_one() -> list[str]:
    """One row, wrong half of the time, alpha = 1/5: k <= alpha N answers with a risk of 1/4. On the
    selective risk the rule misses 2/5, given that it answers."""

    def plain(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        return 0 if sum(errors) <= Fraction(1, 5) * len(errors) else None

    target = Fraction(2, 5)

    def selective(scores: list[int], errors: list[int], grid: list[int]) -> int | None:
        passed = []
        for tau in grid:
            answered = [e for s, e in zip(scores, errors, strict=True) if s <= tau]
            passed += [tau] if sum(answered) + 1 <= target * (len(answered) + 1) else []
        return min(passed, default=None)

    loose = expected((HALF, HALF), 1, plain)
    law = _thirtieths(1, 2, 10, 6, 6, 5)
    pairs = [(joint(law, tau), m) for tau, m in results(law, 7, selective) if tau is not None]
    risk = sum(m * wrong / some for (some, wrong), m in pairs) / sum(m for _, m in pairs)
    return [] if loose == Fraction(1, 4) and risk > target else [f"{loose}, {risk}"]


def tight(part: str) -> list[str]:
    """One row of risk 1/2 + s passes at r = delta = 1/2 iff it is right: a chance of 1/2 - s."""
    faults = []
    for s in (Fraction(1, 10), Fraction(1, 10**6)):
        found = violation((HALF - s, HALF + s), 1, HALF, rule(part, HALF, HALF))
        faults += [] if HALF - found == s else [f"s = {s}: {found}"]
    return faults


def crc_tight() -> list[str]:
    """Always wrong, scores equally likely among m: just below the one row, E = 1/2 - 1/(2m)."""
    faults = []
    for m in (2, 10, 50):
        law = tuple(Fraction(i % 2, m) for i in range(2 * m))
        found = expected(law, 1, rule("crc", HALF, HALF))
        faults += [] if HALF - found == Fraction(1, 2 * m) else [f"m = {m}: {found}"]
    return faults


def answers(part: str) -> list[str]:
    """It does not keep its promise by never answering."""
    chosen = results(LAWS[0], 7, rule(part, Fraction(2, 5), HALF))
    chance = sum(mass for tau, mass in chosen if tau is not None)
    return [] if chance > Fraction(1, 6) else [f"an answer with a chance of {chance}"]
