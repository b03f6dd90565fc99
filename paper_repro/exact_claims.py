"""The theorems on a trained world: for every reading, where the hypotheses hold and the claim too.

A comparison of balls has three answers, and so has every decision here; the precision is raised
before "undecided" is. The divergence is TV and the loss 0-1, for which L_D = 1 makes Assumption 1
true of all distributions. The quantities of :mod:`paper_repro.exact_values` are computed once and
combined for each reading; a test holds the combinations against the functions of ``sua_ref``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import ctx

import sua_ref
from paper_repro.exact_values import GAPS, RISKS, Values, calibration, expectations, values
from paper_repro.worlds import Objects, World
from sua_ref.elements import like, positive_part

Marks = npt.NDArray[np.int8]
YES, NO, OPEN = 1, 0, -1
PRECISIONS = (128, 512)
"""Bits tried in turn."""
PHIS: dict[str, Callable[[Any], Any]] = {"0": lambda h: 0 * h, "1-e^-h": lambda h: 1 - np.exp(-h)}
"""phi of Assumption 2: the only one that the 0-1 loss admits, and the one that the paper names."""
LAMBDAS = (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(2))
TAUS = tuple(Fraction(n, 8) for n in (-8, -4, -2, -1, 0, 1, 2))
"""The thresholds at which (14) is tried."""
VISIBLE = 0.01
"""A sensitivity that one would notice: S > 0 wherever a model is not constant."""
CONDITIONS = ("at_least_phi", "at_most_phi")
BASELINES = ("overall", "accepted")
SELECTIVE = ("clean", "robust")
MUST_HOLD = ("lem_4_6", "n_3", "n_4", "n_1", "n_16")
"""What is proved: a failure of one of these is a bug of this program, not a finding."""


@dataclass(frozen=True)
class Decision:
    """One claim under one reading, at each input of a world or (one mark) for the world.

    Attributes:
        claim: its id, with the reading behind an ``@``.
        met: whether the hypotheses hold: ``YES``, ``NO`` or ``OPEN``.
        true: whether the inequality holds, hypotheses or not.
        phi, lam, tau: the parameters that it has.
    """

    claim: str
    met: Marks
    true: Marks
    phi: str | None = None
    lam: Fraction | None = None
    tau: Fraction | None = None

    @property
    def name(self) -> str:
        """The claim with its parameters, as in ``results.json``."""
        said = [self.claim] if self.phi is None else [self.claim, f"phi={self.phi}"]
        numbers = {"lambda": self.lam, "tau": self.tau}
        said += [f"{name}={float(x):g}" for name, x in numbers.items() if x is not None]
        return ";".join(said)

    @property
    def missed(self) -> int:
        """Inputs that miss a hypothesis."""
        return int(np.sum(self.met == NO))

    @property
    def holds(self) -> int:
        """Inputs where the hypotheses hold and the inequality too."""
        return int(np.sum((self.met == YES) & (self.true == YES)))

    @property
    def fails(self) -> int:
        """Inputs where the hypotheses hold and the inequality does not: each refutes the claim."""
        return int(np.sum((self.met == YES) & (self.true == NO)))

    @property
    def undecided(self) -> int:
        """Inputs where neither is known."""
        return len(self.met) - self.missed - self.holds - self.fails


def at_most(a: Any, b: Any) -> Marks:
    """``a <= b`` for balls, element by element: yes, no or open."""

    def one(x: Any, y: Any) -> int:
        return YES if x <= y else NO if x > y else OPEN

    return np.atleast_1d(np.frompyfunc(one, 2, 1)(a, b)).astype(np.int8)


def both(a: Marks, b: Marks) -> Marks:
    """Three-valued "and"."""
    return np.where((a == NO) | (b == NO), NO, np.minimum(a, b)).astype(np.int8)


def _always(like_this: Marks) -> Marks:
    return np.full_like(like_this, YES)


def _phi_here(v: Values, phi: str) -> Marks:
    """Assumption 2 at the output and at the label law, over all predictions."""
    f = PHIS[phi]
    return both(at_most(f(v.entropy), v.self_risk), at_most(f(v.uncertainty), v.bayes_risk))


def _condition(v: Values, phi: str, lam: Fraction, condition: str) -> Marks:
    scaled, bounded = like(lam, v.entropy) * v.entropy, PHIS[phi](v.entropy)
    return at_most(bounded, scaled) if condition == "at_least_phi" else at_most(scaled, bounded)


def by_input(v: Values) -> Iterator[Decision]:
    """(10), (11), (13) and the repairs n_3 and n_4, at every input."""
    here = {phi: _phi_here(v, phi) for phi in PHIS}
    score = {lam: v.sensitivity - like(lam, v.entropy) * v.entropy for lam in LAMBDAS}
    for risk, gap in product(RISKS, GAPS):
        worst, base = v.robust[risk], v.risk[risk] + v.collapse[gap]
        for phi, f in PHIS.items():
            true = at_most(worst, base + v.worst_sensitivity - f(v.entropy))
            yield Decision(f"thm_4_3.eq_10@{risk}.{gap}", here[phi], true, phi)
        for lam in LAMBDAS:
            true = at_most(worst, base + score[lam])
            for phi, condition in product(PHIS, CONDITIONS):
                met = both(here[phi], _condition(v, phi, lam, condition))
                yield Decision(f"thm_4_3.eq_11@{risk}.{gap}.{condition}", met, true, phi, lam)
    q, p, w = v.world.model, v.world.p_true, v.world
    lemma = sua_ref.lem_4_6(q, w.p_z, w.p_y_given_z)
    mean = sua_ref.expected_risk_bound(q, v.there, p, weights=v.weights)
    additive = sua_ref.additive_score(q, v.there, weights=v.weights) + sua_ref.total_variation(q, p)
    for claim, left, right in (
        ("lem_4_6", lemma.lhs, lemma.rhs),
        ("n_3", v.error_nearby, additive),
        ("n_4", mean.lhs, mean.rhs),
    ):
        true = at_most(left, right)
        yield Decision(claim, _always(true), true)


def by_world(v: Values) -> Iterator[Decision]:
    """Corollary 4.4, (14), n_1 and n_16, once for the world."""
    yield from _corollary(v)
    yield from _selective(v)
    sides, unknown = calibration(v), np.array([OPEN], dtype=np.int8)
    # The bounds refuse a world that is not label-invariant and stationary.
    flips = unknown if sides is None else at_most(sides.from_flips, sides.error)
    sensitivity = unknown if sides is None else at_most(sides.from_sensitivity, sides.error)
    yield Decision("n_1", _always(flips), flips)
    yield Decision("n_16", _always(sensitivity), sensitivity)


def _corollary(v: Values) -> Iterator[Decision]:
    p = v.world.p_x
    for lam in LAMBDAS:
        score = v.sensitivity - like(lam, v.entropy) * v.entropy
        excess = np.sum(p * positive_part(score))
        met = {
            (phi, condition): _everywhere(
                both(_phi_here(v, phi), _condition(v, phi, lam, condition))
            )
            for phi, condition in product(PHIS, CONDITIONS)
        }
        for risk, gap in product(RISKS, GAPS):
            right = np.sum(p * (v.risk[risk] + v.collapse[gap])) + excess
            true = at_most(np.sum(p * v.robust[risk]), right)
            for (phi, condition), holds in met.items():
                yield Decision(f"cor_4_4@{risk}.{gap}.{condition}", holds, true, phi, lam)


def _everywhere(marks: Marks) -> Marks:
    return marks.min(keepdims=True) if not (marks == NO).any() else np.array([NO], dtype=np.int8)


def _selective(v: Values) -> Iterator[Decision]:
    """(14). Its hypothesis here is that something is answered: else R_sel is undefined."""
    p = v.world.p_x
    overall = {risk: np.sum(p * v.risk[risk]) for risk in RISKS}
    for lam, tau in product(LAMBDAS, TAUS):
        accepted = at_most(v.sensitivity - like(lam, v.entropy) * v.entropy, like(tau, v.entropy))
        kept = accepted == YES
        met = np.array([YES if (accepted != NO).any() else NO], dtype=np.int8)
        known = bool(kept.any()) and not (accepted == OPEN).any()
        means = {name: _means(p, group, kept) for name, group in _groups(v)} if known else {}
        for risk, gap, baseline, selective in product(RISKS, GAPS, BASELINES, SELECTIVE):
            true = np.array([OPEN], dtype=np.int8)
            if known:
                reference = overall[risk] if baseline == "overall" else means["clean"][risk]
                right = reference + like(tau, p) + means["collapse"][gap]
                true = at_most(means[selective][risk], right)
            name = f"prop_4_8@{risk}.{gap}.{baseline}.{selective}"
            yield Decision(name, met, true, lam=lam, tau=tau)


def _groups(v: Values) -> tuple[tuple[str, Mapping[str, Objects]], ...]:
    return ("clean", v.risk), ("robust", v.robust), ("collapse", v.collapse)


def _means(p: Objects, group: Mapping[str, Objects], kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Means over the accepted inputs, one for each reading."""
    mass = np.sum(p[kept])
    return {reading: np.sum(p[kept] * x[kept]) / mass for reading, x in group.items()}


@dataclass(frozen=True, repr=False)
class Examined:
    """A trained model on a world, examined.

    Attributes:
        logits: ``(X, Y)``, what everything was computed from.
        values: every definition.
        expected: their means, and shares of the inputs.
        decisions: every claim under every reading.
        bits: the precision that decided them.
    """

    logits: npt.NDArray[np.float64]
    values: Values
    expected: dict[str, float]
    decisions: tuple[Decision, ...]
    bits: int


def _shares(world: World, v: Values) -> dict[str, float]:
    ambiguous = [entry.content.ambiguous for entry in world.inputs]
    return {
        "ambiguous_share": float(np.mean(ambiguous)),
        "sensitive_share": float(np.mean(at_most(v.sensitivity, 0) == NO)),
        "visibly_sensitive_share": float(np.mean(at_most(v.sensitivity, VISIBLE) == NO)),
    }


def examine(world: World, logits: npt.NDArray[np.float64]) -> Examined:
    """Decide every claim on a trained model, raising the precision while any is open."""
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            v = values(world, logits)
            decisions = (*by_input(v), *by_world(v))
            found = Examined(logits, v, expectations(v) | _shares(world, v), decisions, bits)
        if not any(d.undecided for d in found.decisions):
            break
    return found
