"""The second refutation of inequality (11), independent of its entropy term: step 4 of A.1 writes
the mean S in the place of the supremum, and a rare perturbation has a small mean.

* ``rare``: H(x) = 0, so that phi, lambda and the lambda-condition play no part at x.
* with one-hot outputs everywhere: all entropies are 0, and phi = 0 is the only choice that counts.
* ``two_interpretations``: every hypothesis at every input, labels kept; R_rob exceeds R + L_D S +
  kappa by itself, before the entropy term is taken off.
* the family ``rare`` with Pi(x') = t: with g = R_rob - R and D = TV(q_x, q_x'), S = t D. For every
  constant C >= 0 put t = 1/(2(C+1)). Then ``(1+C)(g - C t D) - g = C (g - D/2)``, which is >= 0
  whenever 2 g >= D, as in all four readings of the risk: no constant in the place of L_D helps.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np

from proofs_checks.balls import Truth, decide, greater
from proofs_checks.counterexamples import TWO_INTERPRETATIONS, rare
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from proofs_checks.theorem_hypotheses import Setting, hypothesis_faults
from sua_ref import (
    distributional_sensitivity,
    entropy,
    interpretation_collapse_gap,
    thm_4_3_eq_11,
    worst_case_risk,
)

_TENTH = Fraction(1, 10)
RARE = rare(_TENTH)
ONE_HOT = rare(_TENTH, there=(Fraction(0), Fraction(1)))
_c, _t = variables("C t")


def rises(setting: Setting, risk: str) -> tuple[Fraction, Fraction, Fraction]:
    """``(R_rob - R, S, kappa)`` at input 0, in Fractions; kappa is 0 under all readings or signed.

    Only algebra is involved: TV, risks and their maximum.
    """
    w = setting.world
    p, perturbed, truth, weights, laws = w.arguments(0)
    worst, here = (
        worst_case_risk(p, q, truth, risk=risk, loss=w.loss, p_true_perturbed=law)
        for q, law in ((perturbed, laws), (p[None, :], truth[None, :]))
    )
    s = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    return worst - here, s, interpretation_collapse_gap(p, truth, loss=w.loss)


def violated(setting: Setting, *, risk: str, gap: str, condition: str) -> list[str]:
    """Empty iff (11) fails at input 0, by balls, and fails without its entropy term, exactly."""
    rise, s, kappa = rises(setting, risk)
    faults = [] if rise > setting.lipschitz * s else [f"R_rob - R = {rise}, L S = {s}"]
    faults += [] if kappa == 0 else [f"kappa is {kappa}"]

    def exceeds() -> bool:
        world = setting.in_balls()
        p, perturbed, truth, weights, laws = world.arguments(0)
        b = thm_4_3_eq_11(
            p, perturbed, truth, lam=setting.lam, lipschitz=setting.lipschitz, phi=setting.phi,
            weights=weights, risk=risk, gap=gap, condition=condition, loss=world.loss,
            p_true_perturbed=laws,
        )  # fmt: skip
        return greater(b.lhs, b.rhs)

    answer = decide(exceeds)
    return faults + ([] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"])


def no_entropy(setting: Setting, *, everywhere: bool) -> list[str]:
    """Whether H is exactly 0 at x, or at every input."""
    model = setting.in_balls().model
    h = np.asarray(entropy(model if everywhere else model[:1]))
    return [f"an entropy is {value}" for value in h if value != 0]


def growth(rise: Fraction, moved: Fraction) -> Lemma:
    """For every C >= 0, with t = 1/(2(C+1)): ``(1+C)(rise - C t moved) >= rise``."""
    return lemma(
        "thm_4_3.eq_11",
        (1 + _c) * (rise - _c * _t * moved) - rise,
        atoms={"C": _c},
        products={("C",): rise - HALF * moved},
        zero={"2 t (C + 1) = 1": (2 * _t * (1 + _c) - 1, _c * moved * HALF)},
        common="C t",
    )


def no_constant(risk: str) -> list[str]:
    """The family for every constant; that S is t D, rise fixed, is read off at three shares."""
    rise, s, _ = rises(rare(HALF), risk)
    moved = s / HALF
    faults = [] if rise > 0 else [f"R_rob - R is {rise}"]
    for share in (HALF, _TENTH, Fraction(1, 1000)):
        if rises(rare(share), risk) != (rise, share * moved, Fraction(0)):
            faults.append(f"Pi(x') = {share}: not (rise, share D, 0)")
    return faults + growth(rise, moved).faults()


def pieces(risk: str, gap: str, condition: str) -> list[Piece]:
    """What refutes the reading ``risk.gap.condition`` of (11) without its entropy term."""
    reading = {"risk": risk, "gap": gap, "condition": condition}

    def refuted(setting: Setting, everywhere: bool) -> list[str]:
        return hypothesis_faults(
            setting, conditions=(condition,), everywhere=everywhere
        ) + violated(setting, **reading)

    found = [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "rare_perturbation: H(x) = 0, whatever phi and lambda; hypotheses met at x",
            lambda: refuted(RARE, False) + no_entropy(RARE, everywhere=False), instance=RARE.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "two_interpretations: hypotheses met at every input, labels kept; R_rob > R + L_D S",
            partial(refuted, TWO_INTERPRETATIONS, True), instance=TWO_INTERPRETATIONS.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "rare_perturbation with Pi(x') = 1/(2(C+1)), for every C >= 0: R_rob > R + C S + "
            "kappa, so that no constant in the place of L_D helps", lambda: no_constant(risk),
        ),
    ]  # fmt: skip
    if risk != "self":  # a one-hot output has no risk under itself
        found.append(
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "rare_perturbation to a one-hot output: all entropies are 0, and 1 <= 1/10",
                lambda: refuted(ONE_HOT, False) + no_entropy(ONE_HOT, everywhere=True),
                instance=ONE_HOT.lines,
            )
        )  # fmt: skip
    return found
