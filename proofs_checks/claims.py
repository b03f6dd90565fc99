"""The registry: one frozen record for each claim. Statements only; verdicts are computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_theory import CONDITIONS

Source = Literal["printed", "reconstructed", "ours"]


@dataclass(frozen=True)
class Claim:
    """What is claimed, where, and under which reading.

    Attributes:
        id: permanent; readings stand after ``@``.
        kind: ``"formal"`` or ``"empirical"``.
        title: a short name.
        statement: in plain words.
        formula: in LaTeX.
        source: whether the formula is printed in the paper's text, reconstructed, or ours.
        where: the place in the paper, or in its repair.
        reading: what this reading fixes; empty where there is one reading only.
        hypotheses: ids of the claims assumed.
        uses: ids of the claims that the evidence relies on.
        ref: names in :mod:`sua_ref` that compute what the claim speaks of.
        repair: id of the strongest true statement in its place, for a refuted claim.
    """

    id: str
    kind: Literal["formal", "empirical"]
    title: str
    statement: str
    formula: str
    source: Source
    where: str
    reading: str = ""
    hypotheses: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    repair: str | None = None

    @property
    def item(self) -> str:
        """The paper's item that the claim belongs to, as ``thm_4_3``."""
        return self.id.split("@")[0].split(".")[0]


_RISK_WORDS = {
    "gibbs": "R_theta(x') is the risk of a label drawn from q_x', under the label law of x",
    "self": "R_theta(x') is the model's risk under its own output at x'",
    "argmax": "R_theta(x') is the error of argmax q_x', under the label law of x",
    "argmax_shifted": "R_theta(x') is the error of argmax q_x', under the label law of x'",
}
_GAP_WORDS = {
    "signed": "kappa = R* - R_self",
    "positive": "kappa = (R* - R_self)_+",
    "absolute": "kappa = |R* - R_self|",
}
_CONDITION_WORDS = {
    "at_least_phi": "the lambda-condition is lambda H >= phi(H), as printed",
    "at_most_phi": "the lambda-condition is phi(H) >= L_D lambda H, as step 4 of A.1 needs it",
}


def _eq_11() -> Iterator[Claim]:
    for risk, gap, condition in product(RISKS, GAPS, CONDITIONS):
        words = (_RISK_WORDS[risk], _GAP_WORDS[gap], _CONDITION_WORDS[condition])
        yield Claim(
            id=f"thm_4_3.eq_11@{risk}.{gap}.{condition}",
            kind="formal",
            title="SUA controls worst-case perturbed risk, inequality (11)",
            statement=(
                "Under Assumptions 1 to 3 and the lambda-condition, the worst risk over the "
                "perturbation set is at most the clean risk plus L_D times SUA plus kappa."
            ),
            formula=(
                r"R_{\mathrm{rob}}(x) \le R_\theta(x) + L_D\,\mathrm{SUA}(x;\epsilon,\lambda)"
                r" + \kappa(x)"
            ),
            source="reconstructed",
            where="Theorem 4.3, inequality (11); proof in A.1, steps 1 to 4",
            reading="; ".join(words),
            hypotheses=("asm_1", "asm_2", "asm_3"),
            uses=("asm_1@tv",),
            ref=("thm_4_3_eq_11", "worst_case_risk", "sua_score", "interpretation_collapse_gap"),
            repair="n_3",
        )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="asm_1@tv",
        kind="formal",
        title="Lipschitz loss in divergence, total variation",
        statement=(
            "For every loss with finite oscillation osc(l) = max l - min l over the labels, and "
            "any two label distributions P and Q, the expected losses differ by at most osc(l) "
            "times their total variation; osc(l) is the least such constant, so 1 for the 0-1 loss."
        ),
        formula=(
            r"\left|\mathbb{E}_{y\sim P}\,\ell(a,y) - \mathbb{E}_{y\sim Q}\,\ell(a,y)\right|"
            r" \le \mathrm{osc}(\ell)\,\mathrm{TV}(P,Q)"
        ),
        source="reconstructed",
        where="Assumption 1, section 4.1",
        reading="D is total variation, TV = (1/2) sum |p - q|",
        ref=("total_variation",),
    ),
    *_eq_11(),
    Claim(
        id="n_3",
        kind="formal",
        title="The additive score bounds the error of the perturbed prediction",
        statement=(
            "For any two outputs q_x and q_x' and any label law p_x, the error of argmax q_x' "
            "under p_x is at most e(x) + 2 TV(q_x, q_x') + TV(q_x, p_x), with e = 1 - max q_x. "
            "Averaged over x' ~ Pi, the bound is e + 2 S_TV + TV(q_x, p_x)."
        ),
        formula=(
            r"P(f(x') \ne Y \mid x) \le e(x) + 2\,\mathrm{TV}(q_x, q_{x'})"
            r" + \mathrm{TV}(q_x, p_x)"
        ),
        source="ours",
        where="repair of Theorem 4.3 for the argmax risk",
        ref=("additive_score", "argmax_risk", "total_variation"),
    ),
)
"""Every record, in the order of the paper, then the results beyond it."""


def select(wanted: str) -> list[Claim]:
    """The claims that an id names: itself, its readings, or the parts of an item.

    >>> [c.id for c in select("asm_1")]
    ['asm_1@tv']
    >>> len(select("thm_4_3"))
    24
    """
    return [c for c in CLAIMS if c.id == wanted or c.id.startswith((f"{wanted}@", f"{wanted}."))]
