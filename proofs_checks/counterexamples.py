"""Counterexamples: named tiny worlds with rational entries."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

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
