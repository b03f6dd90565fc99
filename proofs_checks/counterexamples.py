"""Counterexamples: named tiny worlds with rational entries."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks.theorem_hypotheses import Setting
from sua_ref import FiniteWorld

Row = tuple[Fraction, ...]


@dataclass(frozen=True)
class Instance:
    """One input x, its perturbation set, the truth, and the constants that (11) needs.

    Attributes:
        name: what to call it.
        p: model output at x.
        perturbed: outputs over the perturbation set.
        p_true: label law of x.
        p_true_perturbed: label laws over the perturbation set.
        p_z, p_z_perturbed: interpretations, one row each.
        weights: law of the perturbation.
        loss: ``[action, label]``.
        lam: lambda.
        lipschitz: L_D.
        phi_slope: phi(h) = phi_slope h.
    """

    name: str
    p: Row
    perturbed: tuple[Row, ...]
    p_true: Row
    p_true_perturbed: tuple[Row, ...]
    p_z: Row
    p_z_perturbed: tuple[Row, ...]
    weights: Row
    loss: tuple[Row, ...]
    lam: Fraction
    lipschitz: Fraction
    phi_slope: Fraction

    def lines(self) -> list[tuple[str, str]]:
        """The instance as a small table."""
        rows = [("q_x", row(self.p)), ("p_x", row(self.p_true))]
        for k, (q, law, w) in enumerate(
            zip(self.perturbed, self.p_true_perturbed, self.weights, strict=True), 1
        ):
            rows.append((f"q_x{k}, p_x{k}, Pi", f"{row(q)}, {row(law)}, {w}"))
        rows += [(f"l({a}, .)", row(values)) for a, values in enumerate(self.loss)]
        return [
            *rows,
            ("lambda, L_D", f"{self.lam}, {self.lipschitz}"),
            ("phi(h)", f"{self.phi_slope} h"),
        ]


def row(values: Row) -> str:
    """``(1/2, 1/2)``."""
    return f"({', '.join(str(v) for v in values)})"


_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)
_COIN: Row = (_HALF, _HALF)


def _still_oracle(
    name: str, loss: tuple[Row, ...], lam: Fraction, lipschitz: Fraction, phi_slope: Fraction
) -> Instance:
    """Two labels, a fair coin, a model that knows it, and a perturbation that changes nothing."""
    return Instance(
        name=name,
        p=_COIN,
        perturbed=(_COIN,),
        p_true=_COIN,
        p_true_perturbed=(_COIN,),
        p_z=(_ONE,),
        p_z_perturbed=((_ONE,),),
        weights=(_ONE,),
        loss=loss,
        lam=lam,
        lipschitz=lipschitz,
        phi_slope=phi_slope,
    )


THM_4_3_EQ_11 = {
    "at_least_phi": _still_oracle(
        "thm_4_3_eq_11_still_oracle",
        loss=((_ZERO, _ONE), (_ONE, _ZERO)),
        lam=_ONE,
        lipschitz=_ONE,
        phi_slope=_ZERO,
    ),
    "at_most_phi": _still_oracle(
        "thm_4_3_eq_11_still_oracle_half_loss",
        loss=((_HALF, _ONE), (_ONE, _HALF)),
        lam=_HALF,
        lipschitz=_HALF,
        phi_slope=_HALF,
    ),
}
"""The oracle that never moves, by reading of the lambda-condition.

Under ``lambda H >= phi(H)``: 0-1 loss, phi = 0, lambda = L = 1; (11) asks for
1/2 <= 1/2 - log 2. Under ``phi(H) >= L lambda H``: the loss (1 + [a != y])/2, phi(h) = h/2,
lambda = L = 1/2; (11) asks for 3/4 <= 3/4 - (log 2)/4. In both, Assumptions 1 and 2 hold for every
distribution, not at this point only.
"""

_RIGHT: Row = (_ONE, _ZERO)
_WRONG: Row = (_ZERO, _ONE)
_HALF_LOSS = ((_HALF, _ONE), (_ONE, _HALF))
"""``(1 + [a != y])/2``: bounded away from 0, so that Assumption 2 leaves phi > 0 possible."""


def _world(
    p_x: Row, p_z: Any, laws: Any, model: Any, kernel: tuple[Row, ...], loss: Any = None
) -> FiniteWorld:
    """A world whose balls are the kernel's support and their centres."""
    p_z, laws, model, pi, masses = (
        np.array(rows, dtype=object) for rows in (p_z, laws, model, kernel, p_x)
    )
    near = (pi > 0) | np.eye(len(pi), dtype=bool)
    matrix = None if loss is None else np.array(loss, dtype=object)
    return FiniteWorld(masses, p_z, laws, model, pi, near, matrix)


def rare(share: Fraction, there: Row = (Fraction(1, 3), Fraction(2, 3))) -> Setting:
    """Certain and right at x, perturbed with probability ``share`` to where it is not; phi = 0."""
    kernel = ((1 - share, share), _WRONG)
    sole = ((_ONE,), (_ONE,))
    world = _world(_RIGHT, sole, ((_RIGHT,), (_RIGHT,)), (_RIGHT, there), kernel)
    return Setting(f"rare_perturbation ({share})", world, _ONE, _ONE, _ZERO)


_LIKED = (Fraction(3, 5), Fraction(2, 5))
_TURNED = (Fraction(9, 20), Fraction(11, 20))
_OTHER = (Fraction(9, 10), Fraction(1, 10))
_TWO_TO_ONE = (Fraction(2, 3), Fraction(1, 3))
TWO_INTERPRETATIONS = Setting(
    "two_interpretations",
    _world(
        _RIGHT,
        (_TWO_TO_ONE, _TWO_TO_ONE),
        ((_LIKED, _LIKED), (_TURNED, _OTHER)),
        (_LIKED, _TURNED),
        ((Fraction(9, 10), Fraction(1, 10)), _WRONG),
        _HALF_LOSS,
    ),
    lam=Fraction(3, 4),
    lipschitz=_HALF,
    phi_slope=_HALF,
)
"""At x both interpretations give the label law (3/5, 2/5); at x' they differ, and mix to the same.

The model follows the likelier interpretation at both, so that Assumption 3 is exact everywhere, and
kappa(x) = 0. Both readings of the lambda-condition hold everywhere.
"""

MODE_OF_A_MIXTURE = Setting(
    "mode_of_a_mixture",
    _world((_ONE,), ((Fraction(3, 5), Fraction(2, 5)),), ((_COIN, _RIGHT),), (_COIN,), ((_ONE,),)),
    lam=_ONE,
    lipschitz=_ONE,
    phi_slope=_ZERO,
)
"""The model is the likelier of two interpretations, exactly, and less sure than their mixture:
kappa = 3/10 - 1/2 = -1/5."""

COIN_KEPT = Setting(
    "coin_kept",
    _world(
        (_HALF, _HALF, _ZERO),
        ((_ONE,),) * 3,
        ((_COIN,), (_RIGHT,), (_RIGHT,)),
        (_COIN, _RIGHT, _WRONG),
        ((_ONE, _ZERO, _ZERO), (_ZERO, _ZERO, _ONE), (_ZERO, _ZERO, _ONE)),
    ),
    lam=_ONE,
    lipschitz=_ONE,
    phi_slope=_ZERO,
)
"""A coin that the model knows, which never moves, and a certainty that is always perturbed: at tau
= 0 the coin is answered and the certainty is not."""

COIN_KEPT_BY_TWO = Setting(
    "coin_kept_two_interpretations",
    _world(
        (_HALF, _HALF, _ZERO),
        (_TWO_TO_ONE,) * 3,
        ((_COIN, _COIN), (_LIKED, _LIKED), (_TURNED, _OTHER)),
        (_COIN, _LIKED, _TURNED),
        ((_ONE, _ZERO, _ZERO), (_ZERO, _ZERO, _ONE), (_ZERO, _ZERO, _ONE)),
        _HALF_LOSS,
    ),
    lam=Fraction(1, 10),
    lipschitz=_HALF,
    phi_slope=Fraction(3, 40),
)
"""The same with every hypothesis met at every input: the certainty is now ``two_interpretations``,
always perturbed, which is the less risky of the two and the less stable."""

ORACLE = Setting(
    "oracle",
    _world(
        (_HALF, _HALF),
        ((_ONE,),) * 2,
        ((_COIN,), (_RIGHT,)),
        (_COIN, _RIGHT),
        (_RIGHT, _WRONG),
    ),
    lam=_ONE,
    lipschitz=_ONE,
    phi_slope=_ZERO,
)
"""It knows the truth and never moves: a coin and a certainty, SUA = -lambda log 2 and 0."""
