"""Instances of Lemma 4.7: models whose entropy is higher, more sensitive, less risky."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.counterexamples import Row, row
from sua_ref import (
    argmax_risk,
    chi2_divergence,
    divergence,
    lem_4_7,
    lem_4_7_general,
    lem_4_7_risk,
    self_risk,
)

_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)
CERTAIN: Row = (_ONE, _ZERO)


def smoothed(q: Row, alpha: Fraction, u: Row | None = None) -> Row:
    """``alpha q + (1 - alpha) u``; u uniform where none is given."""
    law = u or (Fraction(1, len(q)),) * len(q)
    return tuple(alpha * a + (1 - alpha) * b for a, b in zip(q, law, strict=True))


def odds(to_one: int) -> Row:
    """Two labels at odds of ``to_one`` : 1."""
    return Fraction(to_one, to_one + 1), Fraction(1, to_one + 1)


@dataclass(frozen=True)
class Change:
    """Outputs at x and at one perturbed input, under two models."""

    name: str
    p: Row
    perturbed: Row
    after: Row
    perturbed_after: Row

    def lines(self) -> list[tuple[str, str]]:
        """The instance as a small table."""
        return [
            ("q_x, q_x' before", f"{row(self.p)}, {row(self.perturbed)}"),
            ("q_x, q_x' after", f"{row(self.after)}, {row(self.perturbed_after)}"),
        ]


CHANGES = {
    "entropy": Change("constant_model", CERTAIN, CERTAIN, odds(3), tuple(reversed(odds(3)))),
    "input_alpha": Change(
        "two_shares",
        CERTAIN,
        CERTAIN,
        smoothed(CERTAIN, Fraction(9, 10)),
        smoothed(CERTAIN, Fraction(1, 2)),
    ),
    "temperature": Change("temperature_2", odds(10**4), odds(10**2), odds(10**2), odds(10)),
}


def more_sensitive(change: Change) -> list[str]:
    """The entropy is higher at both inputs, and so is S under TV and JSD: all in balls."""
    faults = []
    for kind in ("tv", "jsd"):
        bound = _general(change, kind)
        met = decide(lambda b=bound: bool(np.all([np.all(v) for v in b.hypotheses.values()])))  # type: ignore[misc]  # bound now
        up = decide(lambda b=bound: greater(b.lhs, b.rhs))  # type: ignore[misc]  # bound now
        if met is not Truth.TRUE:
            faults.append(f"{kind}: a higher entropy is {met.value}")
        if up is not Truth.TRUE:
            faults.append(f"{kind}: S_after > S is {up.value}")
    return faults


def _general(change: Change, kind: str) -> Any:
    rows = (change.p, (change.perturbed,), change.after, (change.perturbed_after,))
    return lem_4_7_general(*(balls.balls(v) for v in rows), divergence=kind)


def is_temperature_2(change: Change) -> list[str]:
    """Two-label outputs whose odds are the square roots of those before: logits halved."""
    pairs = ((change.p, change.after), (change.perturbed, change.perturbed_after))
    right = all(a[0] ** 2 * b[1] == b[0] * a[1] ** 2 for b, a in pairs)
    return [] if right else ["the odds are not square roots"]


def is_smoothed_twice(change: Change, here: Fraction, there: Fraction) -> list[str]:
    """Each output is smoothed towards the uniform law, by its own share."""
    right = change.after == smoothed(change.p, here)
    right &= change.perturbed_after == smoothed(change.perturbed, there)
    return [] if right else ["not the smoothed outputs"]


THREE_LABELS: tuple[Row, Row] = (
    (Fraction(3, 5), Fraction(2, 5), _ZERO),
    (Fraction(2, 5), Fraction(3, 5), _ZERO),
)


def square_fails(alpha: Fraction) -> list[str]:
    """Three labels: JSD, KL and chi-squared shrink by less than alpha^2."""
    faults = []
    for kind in ("jsd", "kl", "chi2"):
        p, q = (balls.balls(v) for v in THREE_LABELS)
        b = lem_4_7(p, q[None, :], alpha=alpha, divergence=kind, factor="alpha_squared")
        answer = decide(lambda b=b: greater(b.lhs, b.rhs))  # type: ignore[misc]  # bound now
        if answer is not Truth.TRUE:
            faults.append(f"{kind}: {answer.value}")
    return faults


LOPSIDED: Row = (Fraction(1, 10), Fraction(9, 10))
TWO_LABELS: tuple[Row, Row] = ((_HALF, _HALF), (Fraction(3, 10), Fraction(7, 10)))


def square_fails_off_uniform() -> list[str]:
    """Two labels, alpha = 1/2, u = (1, 9)/10: chi-squared shrinks by 21/64; KL, JSD by > 1/4."""
    half = Fraction(1, 2)
    before = [np.array(v, dtype=object) for v in TWO_LABELS]
    after = [np.array(smoothed(v, half, LOPSIDED), dtype=object) for v in TWO_LABELS]
    faults = []
    if chi2_divergence(*after) / chi2_divergence(*before) != Fraction(21, 64):
        faults.append("the chi-squared ratio is not 21/64")
    for kind in ("kl", "jsd"):
        there, here = (
            divergence(*(balls.balls(v) for v in pair), kind=kind) for pair in (after, before)
        )
        answer = decide(lambda a=there, b=here: greater(4 * a, b))  # type: ignore[misc]  # bound now
        if answer is not Truth.TRUE:
            faults.append(f"{kind}: {answer.value}")
    return faults


@dataclass(frozen=True)
class Smoothing:
    """One output, the share kept, and the label law."""

    name: str
    p: Row
    alpha: Fraction
    p_true: Row

    def lines(self) -> list[tuple[str, str]]:
        """The instance as a small table."""
        return [
            ("q_x", row(self.p)),
            ("alpha", str(self.alpha)),
            ("q_x smoothed", row(smoothed(self.p, self.alpha))),
            ("p_x", row(self.p_true)),
        ]


WRONG = Smoothing("certain_and_wrong", (_ZERO, _ONE), _HALF, CERTAIN)
OVERCONFIDENT = Smoothing(
    "right_but_overconfident",
    (Fraction(999, 1000), Fraction(1, 1000)),
    Fraction(9, 10),
    (Fraction(9, 10), Fraction(1, 10)),
)


def risk_does_not_rise(case: Smoothing, risk: str) -> list[str]:
    """The entropy rises and the risk, under a reading, does not: R_after <= R."""
    rows = (case.p, smoothed(case.p, case.alpha), case.p_true)
    bound = lem_4_7_risk(*(balls.balls(v) for v in rows), risk=risk)
    met = decide(lambda: bool(bound.hypotheses["entropy"]))
    falls = bool(bound.rhs <= bound.lhs)
    faults = [] if met is Truth.TRUE else [f"a higher entropy is {met.value}"]
    return faults if falls else [*faults, f"R_after <= R is not shown: {bound.rhs}, {bound.lhs}"]


def accuracy_is_the_same(case: Smoothing) -> list[str]:
    """In Fractions: the error of the argmax before and after."""
    truth = np.array(case.p_true, dtype=object)
    before, after = (
        argmax_risk(np.array(v, dtype=object), truth)
        for v in (case.p, smoothed(case.p, case.alpha))
    )
    return [] if before == after else [f"{before} before, {after} after"]


def log_loss_falls(case: Smoothing) -> list[str]:
    """The expected log-loss falls although the argmax is the best answer."""
    if max(case.p) != case.p[0] or max(case.p_true) != case.p_true[0]:
        return ["the argmax is not the best answer"]
    after = smoothed(case.p, case.alpha)

    def falls() -> bool:
        saved = [
            balls.ball(t) * (balls.log(b) - balls.log(a))
            for t, a, b in zip(case.p_true, case.p, after, strict=True)
        ]
        return greater(sum(saved, balls.ball(0)), balls.ball(0))

    answer = decide(falls)
    return [] if answer is Truth.TRUE else [f"the log-loss falls: {answer.value}"]


def self_risk_of_one_action_falls() -> list[str]:
    """One action, l(a, 0) = 1 and l(a, 1) = 0, q = (1, 0): from 1 to (1 + alpha)/2."""
    loss = np.array([[_ONE, _ZERO]])
    for alpha in (_HALF, Fraction(99, 100)):
        before, after = (
            self_risk(np.array(v, dtype=object), loss) for v in (CERTAIN, smoothed(CERTAIN, alpha))
        )
        if (before, after) != (1, (1 + alpha) / 2):
            return [f"alpha = {alpha}: {before}, {after}"]
    return []


def total_variation_halves() -> list[str]:
    """(1, 0, ...) and (0, 1, ...), alpha = 1/2: from 1 to 1/2, in Fractions."""
    faults = []
    for n in (2, 3):
        rest = [_ZERO] * (n - 2)
        p = np.array([_ONE, _ZERO, *rest])
        b = lem_4_7(p, np.array([[_ZERO, _ONE, *rest]]), alpha=_HALF, divergence="tv")
        if (b.lhs, b.rhs) != (_HALF, _HALF):
            faults.append(f"n = {n}: {b.lhs}, {b.rhs}")
    return faults


def jsd_more_than_halves() -> list[str]:
    """(1, 0, 0) and (0, 1, 0), alpha = 1/2: above 1/10 and below (log 2)/2, in balls."""
    p = balls.balls((_ONE, _ZERO, _ZERO))
    b = lem_4_7(p, balls.balls(((_ZERO, _ONE, _ZERO),)), alpha=_HALF, divergence="jsd")
    said = {"> 1/10": b.lhs > balls.ball(Fraction(1, 10)), "< alpha S": b.lhs < b.rhs,
            "alpha S < log 2": b.rhs < balls.log(2)}  # fmt: skip
    return [what for what, holds in said.items() if not holds]


def square_speaks() -> list[str]:
    """(1, 0) and (0, 1), alpha = 1/2: JSD stays below (log 2)/4, where alpha allows (log 2)/2."""
    p, q = balls.balls(CERTAIN), balls.balls(((_ZERO, _ONE),))
    b = lem_4_7(p, q, alpha=_HALF, divergence="jsd", factor="alpha_squared")
    answer = decide(lambda: greater(b.rhs, b.lhs) and greater(balls.log(2) / 2, b.rhs))
    return [] if answer is Truth.TRUE else [answer.value]
