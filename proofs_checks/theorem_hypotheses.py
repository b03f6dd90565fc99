"""The hypotheses of section 4, checked on a finite world with rational entries.

Assumptions 1 and 2 are checked for all distributions, not at the world's own only: the first by the
oscillation of the loss, over labels and over answers; the second, with ``phi(h) = c h``, by ``min l
>= c log n >= c H``. Assumption 3 is taken exactly: the output is the label law of one
interpretation, which is likelier than all others together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from sua_ref import FiniteWorld, is_label_invariant, is_semantics_preserving, thm_4_3_eq_11
from sua_ref.sec4_theory import CONDITIONS

_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Setting:
    """A world and the constants that the theorems need.

    Attributes:
        name: what to call it.
        world: of Fractions.
        lam: lambda.
        lipschitz: L_D.
        phi_slope: phi(h) = phi_slope h.
    """

    name: str
    world: FiniteWorld
    lam: Fraction
    lipschitz: Fraction
    phi_slope: Fraction

    def in_balls(self) -> FiniteWorld:
        """The world, every number the tightest ball around it."""
        w = self.world
        return FiniteWorld(
            balls.balls(w.p_x),
            balls.balls(w.p_z),
            balls.balls(w.p_y_given_z),
            balls.balls(w.model),
            balls.balls(w.kernel),
            w.neighbours,
            None if w.loss is None else balls.balls(w.loss),
        )

    def phi(self, h: Any) -> Any:
        """``phi(h)`` on balls."""
        return balls.ball(self.phi_slope) * h

    def likely(self) -> list[int]:
        """The inputs of positive probability."""
        return [x for x, mass in enumerate(self.world.p_x) if mass > 0]

    def lines(self) -> list[tuple[str, str]]:
        """The world as a small table."""
        w = self.world
        rows = []
        for x in range(len(w)):
            rows.append((f"input {x}: mass, q, p", f"{w.p_x[x]}, {row(w.model[x])}, "
                         f"{row(w.p_true[x])}"))  # fmt: skip
            rows.append((f"input {x}: Pi", row(w.kernel[x])))
            if len(w.p_z[x]) > 1:
                for z, mass in enumerate(w.p_z[x]):
                    said = f"{mass}, {row(w.p_y_given_z[x, z])}"
                    rows.append((f"input {x}: P(z{z}), P(.|z{z})", said))
        if w.loss is not None:
            rows += [(f"l({a}, .)", row(values)) for a, values in enumerate(w.loss)]
        constants = f"{self.lam}, {self.lipschitz}, {self.phi_slope} h"
        return [*rows, ("lambda, L_D, phi(h)", constants)]


def row(values: Any) -> str:
    """``(1/2, 1/2)``."""
    return f"({', '.join(str(v) for v in values)})"


def losses(world: FiniteWorld) -> Any:
    """The loss matrix; 0-1 where the world has none."""
    n = world.model.shape[-1]
    zero_one = np.array([[Fraction(a != y) for y in range(n)] for a in range(n)], dtype=object)
    return zero_one if world.loss is None else world.loss


def hypothesis_faults(
    setting: Setting, *, conditions: Sequence[str] = CONDITIONS, everywhere: bool = True
) -> list[str]:
    """Which hypothesis the setting fails to meet, or to meet provably.

    Args:
        setting: what is checked.
        conditions: the readings of the lambda-condition that must hold.
        everywhere: whether Assumption 3, the lambda-condition and semantics are asked for at every
            input; else at those of positive probability.
    """
    w, matrix = setting.world, losses(setting.world)
    inputs = list(range(len(w))) if everywhere else setting.likely()
    faults = []
    cells = [value for line in matrix for value in line]
    if min(cells) < 0 or max(cells) > 1:
        faults.append("the loss leaves [0, 1]")
    for line in (*matrix, *matrix.T):
        if max(line) - min(line) > setting.lipschitz:
            faults.append("asm_1: an oscillation of the loss exceeds L_D")
            break
    if setting.phi_slope < 0:
        faults.append("asm_2: phi decreases")
    if not _entropy_risk_link(setting.phi_slope, min(cells), len(matrix)):
        faults.append("asm_2: E l >= phi(H) is not shown for every distribution")
    for x in inputs:
        laws = zip(w.p_z[x], w.p_y_given_z[x], strict=True)
        if not any(mass > _HALF and list(law) == list(w.model[x]) for mass, law in laws):
            faults.append(f"asm_3: input {x} follows no dominant interpretation")
        ball = w.neighbours[x]
        if not np.all(is_semantics_preserving(w.p_z[x], w.p_z[ball])):
            faults.append(f"def_3_1: around input {x} the interpretations change")
        if not np.all(is_label_invariant(w.p_true[x], w.p_true[ball])):
            faults.append(f"around input {x} the label law changes")
    if not setting.lam > 0:
        return [*faults, "lambda is not above 0"]
    for condition, x in product(conditions, inputs):
        if decide(partial(_met, setting, x, condition)) is not Truth.TRUE:
            faults.append(f"the lambda-condition ({condition}) or asm_2 is not met at input {x}")
    return faults


def _met(setting: Setting, x: int, condition: str) -> bool:
    world = setting.in_balls()
    p, perturbed, p_true, weights, laws = world.arguments(x)
    read = thm_4_3_eq_11(
        p, perturbed, p_true, lam=setting.lam, lipschitz=setting.lipschitz, phi=setting.phi,
        weights=weights, condition=condition, loss=world.loss, p_true_perturbed=laws,
    ).hypotheses  # fmt: skip
    return all(bool(value) for value in read.values())


def _entropy_risk_link(slope: Fraction, least: Fraction, n: int) -> bool:
    """``min l >= c log n``, which gives Assumption 2 for every distribution on n labels."""
    if slope == 0:
        return least >= 0
    link = decide(lambda: greater(balls.ball(least), balls.ball(slope) * balls.log(n)))
    return link is Truth.TRUE
