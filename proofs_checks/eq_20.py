"""Inequality (20): ``R_rob(x) <= R(x) + L_D sup D(q_x || q_x')``, (19) at every x' of the ball.

Proof. For each x', ``R(x') <= R(x) + L TV(q_x, q_x') <= R(x) + L S_sup``: the first step is (19),
the second that TV(q_x, q_x') is one of the values whose supremum is S_sup. A supremum of numbers
that are at most a bound is at most the bound. The readings are those of (19), and fall with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

import numpy as np

from proofs_checks import eq_19
from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import Lemma, lemma, variables
from sua_ref import gibbs_risk, self_risk, worst_case_risk, worst_case_sensitivity


def _claims() -> Iterator[Claim]:
    for risk, words in eq_19.RISK_WORDS.items():
        true = risk in eq_19.PROVED
        constant = eq_19.PROVED.get(risk, "0-1 loss, where L_D = 1; D is TV")
        yield Claim(
            id=f"eq_20@{risk}",
            kind="formal",
            title="The worst risk is at most the risk plus L_D times the supremum sensitivity",
            statement="R_rob(x) <= R(x) + L_D sup D(q_x || q_x').",
            formula=(
                r"R_{\mathrm{rob}}(x) \le R_\theta(x) + L_D \sup_{x'\in B_\epsilon(x)}"
                r" D(P_\theta(\cdot|x)\|P_\theta(\cdot|x'))"
            ),
            source="reconstructed",
            where="A.1, step 1, inequality (20)",
            quote="Taking the supremum over",
            silent="the law and predictor behind R_theta(x'); over what a loss may vary by L_D",
            severity="step",
            breaks="" if true else "(19), whose supremum it is",
            reading=f"{words}; {constant}",
            hypotheses=("asm_1",),
            uses=(f"eq_19@{risk}",),
            ref=("worst_case_risk", "worst_case_sensitivity"),
            repair=None if true else eq_19.REPAIR,
            bound=True,
            credit="the step is in Pinot et al. (NeurIPS 2019)" if true else "",
        )


CLAIMS = tuple(_claims())
_r, _there, _t, _s, _L, _kappa = variables("R R' t S L kappa")
_ATOMS = {"(19) at x'": _r + _L * _t - _there, "S - t": _s - _t, "L": _L}
_STEPS = {("(19) at x'",): 1, ("L", "S - t"): 1}


def lemmas(risk: str) -> list[Lemma]:
    """(19), its supremum, and what is left of (10) with phi = 0 and kappa >= 0."""
    claim = f"eq_20@{risk}"
    return [
        *eq_19.lemmas(risk),
        lemma(claim, _r + _L * _s - _there, atoms=_ATOMS, products=_STEPS),
        lemma(
            claim, _r + _L * _s + _kappa - _there,
            atoms={**_ATOMS, "kappa": _kappa}, products={**_STEPS, ("kappa",): 1},
        ),
    ]  # fmt: skip


def proof(risk: str) -> list[str]:
    """Why (19) or its supremum is not accepted; empty if both are."""
    return [fault for lemma_ in lemmas(risk)[:-1] for fault in lemma_.faults()]


def _everywhere(risk: str) -> list[str]:
    """sua_ref's own values obey it: a ball of two, three labels, in Fractions."""
    loss = eq_19.LOSS
    constant = eq_19.spread(loss, 0 if risk == "gibbs" else 1)
    for q, first, second in product(distributions(3, 2), repeat=3):
        x, ball = np.array(q, dtype=object), np.array([first, second], dtype=object)
        truth = np.array(distributions(3, 4)[7], dtype=object)
        worst = worst_case_risk(x, ball, truth, risk=risk, loss=loss)
        here = gibbs_risk(x, truth, loss) if risk == "gibbs" else self_risk(x, loss)
        if worst > here + constant * worst_case_sensitivity(x, ball, divergence="tv"):
            return [f"q = {q}, q' = {first}, {second}"]
    return []


def pieces(claim: str) -> list[Piece]:
    """The evidence for one reading of (20)."""
    risk = claim.split("@")[1]
    if risk not in eq_19.PROVED:
        return [eq_19.refuted(risk)]
    return [
        Piece(
            Kind.PROOF, "checked", "every ball, every finite number of labels, every loss with "
            "that constant", partial(proof, risk),
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's values obey it, in Fractions: balls of two, three "
            "labels, denominators of 2, 216 cases", partial(_everywhere, risk),
        ),
        Piece(Kind.TIGHT, "checked", "equality: (1, 0) to (0, 1), or to a coin for the self-risk",
              partial(eq_19.tight, risk)),
        Piece(Kind.INFORMATIVE, "checked", "q_x = (9, 1)/10, q_x' = (8, 2)/10: at most 1/10 more",
              partial(eq_19.informative, risk)),
    ]  # fmt: skip
