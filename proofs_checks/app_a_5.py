"""A.5, the proof of Proposition 4.8: its last inequality, and what is true instead.

The covered inputs may be the riskier ones: SUA accepts uncertain inputs first.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import Row, row
from proofs_checks.evidence import Kind, Piece
from sua_ref import abstain, gibbs_risk, sua_score

CLAIMS = (
    Claim(
        id="app_a_5.last_inequality",
        kind="formal",
        title="The covered inputs are no riskier than all",
        statement="With A = {x : SUA(x) <= tau} and P(A) > 0, E[R_theta(x) | A] <= E[R_theta(x)].",
        formula=r"\mathbb{E}[R_\theta(x) \mid x \in A] \le R_\theta",
        source="reconstructed",
        where="A.5, the last inequality",
        quote=(
            "where the last inequality uses (this holds when the covered set contains inputs that "
            "are no harder on average than the full distribution;"
        ),
        silent="the text names it as a condition, yet Proposition 4.8 does not assume it",
        severity="step",
        breaks="nothing ties a low SUA to a low risk: certain and wrong has SUA = 0",
        ref=("sua_score", "abstain", "gibbs_risk"),
        repair="app_a_5.by_coverage",
    ),
    Claim(
        id="app_a_5.by_coverage",
        kind="formal",
        title="Selective risk is at most the risk over the coverage",
        statement="For risks >= 0 and every set A of positive probability: E[R | A] <= E[R]/P(A).",
        formula=r"\mathbb{E}[R_\theta(x) \mid x \in A] \le \frac{R_\theta}{P(A)}",
        source="ours",
        where="repair of the last inequality of A.5",
        severity="step",
        ref=("gibbs_risk",),
        bound=True,
        credit="elementary",
    ),
)
_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)


@dataclass(frozen=True)
class Inputs:
    """Equally likely inputs: an output, one perturbed output and a label law each."""

    name: str
    p: tuple[Row, ...]
    perturbed: tuple[Row, ...]
    p_true: tuple[Row, ...]
    lam: Fraction
    tau: Fraction

    def lines(self) -> list[tuple[str, str]]:
        """The instance as a small table."""
        inputs = enumerate(zip(self.p, self.perturbed, self.p_true, strict=True))
        rows = [(f"input {i}: q_x, q_x', p_x", ", ".join(map(row, v))) for i, v in inputs]
        return [*rows, ("lambda, tau, D", f"{self.lam}, {self.tau}, TV")]


CERTAIN_AND_WRONG = Inputs(
    "certain_and_wrong",
    p=((_ZERO, _ONE), (_ONE, _ZERO)),
    perturbed=((_ZERO, _ONE), (_ZERO, _ONE)),
    p_true=((_ONE, _ZERO), (_ONE, _ZERO)),
    lam=_ONE,
    tau=_ZERO,
)
"""The model is wrong and stable at one input, right and unstable at the other."""
ORACLE = Inputs(
    "oracle",
    p=((_HALF, _HALF), (_ONE, _ZERO)),
    perturbed=((_HALF, _HALF), (_ONE, _ZERO)),
    p_true=((_HALF, _HALF), (_ONE, _ZERO)),
    lam=_ONE,
    tau=Fraction(-1, 4),
)
"""The model is the truth and never moves; the rule keeps the coin flip and drops the sure thing."""


def covered_are_riskier(inputs: Inputs) -> list[str]:
    """The covered set is decided in balls; its mean risk exceeds that of all, in Fractions."""
    p, there = balls.balls(inputs.p), balls.balls(inputs.perturbed)[:, None, :]
    scores = sua_score(p, there, lam=inputs.lam, divergence="tv")
    kept = ~np.asarray(abstain(scores, inputs.tau), dtype=bool)
    exact: tuple[Any, Any] = (np.array(inputs.p), np.array(inputs.p_true))
    risks = gibbs_risk(*exact)
    if not kept.any():
        return ["nothing is covered"]
    covered, everything = sum(risks[kept]) / int(kept.sum()), sum(risks) / len(risks)
    return [] if covered > everything else [f"{covered} <= {everything}"]


def by_coverage() -> list[str]:
    """``sum m R (1 - e) >= 0`` over inputs of mass m, e = 1 on A and 0 elsewhere."""
    m, r, e = (Polynomial.variable(name) for name in "mre")
    claim = "E[R; A] <= E[R]"
    statement = SummedStatement(
        claim, frozenset(), m * r - m * r * e, {"m": m, "R": r, "1 - e": 1 - e}, {}, {}
    )
    return check(statement, SummedCertificate(claim, ((_ONE, ("m", "R", "1 - e")),), {}, {}))


def all_risk_is_covered() -> list[str]:
    """certain_and_wrong: 1 = (1/2)/(1/2), in Fractions."""
    world = CERTAIN_AND_WRONG
    exact: tuple[Any, Any] = (np.array(world.p), np.array(world.p_true))
    risks = gibbs_risk(*exact)
    return [] if list(risks) == [1, 0] else [f"the risks are {list(risks)}"]


def speaks() -> list[str]:
    """A risk of 1/10 and a coverage of 1/2 bound the selective risk by 1/5, below 1."""
    bound = Fraction(1, 10) / _HALF
    return [] if bound == Fraction(1, 5) < 1 else [f"the bound is {bound}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for the last inequality of A.5 and its repair."""
    if claim == "app_a_5.by_coverage":
        return [
            Piece(Kind.PROOF, "checked", "every finite distribution and set", by_coverage),
            Piece(
                Kind.TIGHT, "checked", "equality where all the risk is covered: certain_and_wrong",
                all_risk_is_covered, instance=CERTAIN_AND_WRONG.lines,
            ),
            Piece(Kind.INFORMATIVE, "checked", "risk 1/10, coverage 1/2: at most 1/5", speaks),
        ]  # fmt: skip
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            f"{world.name}: {words}", partial(covered_are_riskier, world),
            instance=world.lines,
        )
        for world, words in (
            (CERTAIN_AND_WRONG, "tau = 0, E[R | A] = 1 > 1/2"),
            (ORACLE, "tau = -1/4, E[R | A] = 1/2 > 1/4"),
        )
    ]  # fmt: skip
