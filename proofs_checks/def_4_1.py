"""Definition 4.1: the collapse gap has either sign, and vanishes for the true distribution only.

kappa = R* - R_self compares two minima under two laws, and nothing orders them: a model less
certain than the truth has kappa < 0. Exact Assumption 3 does not help: with laws (1, 1)/2
of an interpretation of probability 3/5 and (1, 0) of the other, the first has self-risk 1/2, while
R* = 3/10. What the exact assumption does give is a bound on |kappa| (n_11).

A predictor may be optimal for the truth while its output is not the truth: it then has kappa > 0.
If the output is the truth, the two minima are over the same sums, answer by answer.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import argmax_risk, bayes_risk, interpretation_collapse_gap, mixture

_PLACE = "section 4.1, the note after Definition 4.1"
_ZERO = "It is zero when the model is Bayes-optimal on the true mixture"


def _zero(reading: str, statement: str, words: str, repair: str | None) -> Claim:
    return Claim(
        id=f"def_4_1.zero@{reading}",
        kind="formal",
        title="The collapse gap of a Bayes-optimal model is zero",
        statement=statement,
        formula=r"\kappa(x) = R^*(x) - \min_a \mathbb{E}_{y\sim P_\theta}\,\ell(a, y) = 0",
        source="printed",
        where=_PLACE,
        quote=_ZERO,
        silent="whether the predictor or the output is meant",
        reading=words,
        severity="remark",
        ref=("interpretation_collapse_gap", "bayes_risk", "self_risk"),
        repair=repair,
        breaks="the best answer may come from an output that is not the truth" if repair else "",
    )


CLAIMS = (
    Claim(
        id="def_4_1.nonnegative",
        kind="formal",
        title="The collapse gap is never negative",
        statement="kappa(x) >= 0 for every model and every truth, also under Assumption 3.",
        formula=r"\kappa(x) = R^*(x) - \min_a \mathbb{E}_{y\sim P_\theta}\,\ell(a, y) \ge 0",
        source="reconstructed",
        where=_PLACE,
        quote="Note always.",
        silent="the relation itself; a positive part or an absolute value would make it trivial",
        reading="kappa is the difference R* - R_self, 0-1 loss",
        severity="step",
        breaks="R* and R_self are minima under different laws, and nothing orders them",
        hypotheses=("asm_3",),
        ref=("interpretation_collapse_gap", "bayes_risk", "self_risk"),
        repair="n_11",
    ),
    _zero(
        "predictor", "If argmax P_theta(.|x) is a best answer to the true law, then kappa(x) = 0.",
        "the predictor argmax q_x is optimal for p_x", "n_11",
    ),
    _zero(
        "distribution", "If P_theta(.|x) = P(.|x), then kappa(x) = 0, whatever the loss.",
        "the output is the true law", None,
    ),
)  # fmt: skip


def _exact(*values: Fraction | int) -> Any:
    return np.array([Fraction(v) for v in values], dtype=object)


_COIN, _SURE = _exact(HALF, HALF), _exact(1, 0)


def _gap_is(model: Any, truth: Any, wanted: Fraction) -> list[str]:
    kappa = interpretation_collapse_gap(model, truth)
    return [] if kappa == wanted else [f"kappa = {kappa}"]


def _cautious() -> list[str]:
    return _gap_is(_COIN, _SURE, -HALF)


def _exact_assumption() -> list[str]:
    """The model is P(.|x, z*), and z* is the more likely of two interpretations."""
    p_z = _exact(Fraction(3, 5), Fraction(2, 5))
    truth = mixture(p_z, np.array([_COIN, _SURE]))
    return _gap_is(_COIN, truth, Fraction(-1, 5))


def _optimal_predictor() -> list[str]:
    truth = _exact(Fraction(3, 5), Fraction(2, 5))
    optimal = argmax_risk(_SURE, truth) == bayes_risk(truth)
    return _gap_is(_SURE, truth, Fraction(2, 5)) + ([] if optimal else ["not optimal"])


_p, _q, _l = variables("p q l")


def same_loss(sign: int) -> Lemma:
    """``sign (E_p l - E_q l) >= 0`` for each answer, from p <= q and q <= p at every label."""
    return lemma(
        "def_4_1.zero@distribution", sign * (_p - _q) * (_l + 1),
        atoms={"q <= p": _p - _q, "p <= q": _q - _p, "l + 1": _l + 1},
        products={("q <= p" if sign > 0 else "p <= q", "l + 1"): 1},
    )  # fmt: skip


def _same_distribution() -> list[str]:
    faults = same_loss(1).faults() + same_loss(-1).faults()
    loss = np.array([_exact(0, 3, 1), _exact(2, 0, 5), _exact(1, 1, 1)])
    for p in distributions(3, 4):
        for matrix in (None, loss):
            if interpretation_collapse_gap(_exact(*p), _exact(*p), loss=matrix) != 0:
                faults.append(f"kappa at {p}")
    return faults


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 4.1."""
    if claim == "def_4_1.nonnegative":
        cautious: list[Row] = [("p_x", "(1, 0)"), ("q_x", "(1/2, 1/2)"), ("kappa", "-1/2")]
        mixed: list[Row] = [
            ("P(z|x)", "(3/5, 2/5)"),
            ("P(.|x, z)", "(1/2, 1/2), (1, 0)"),
            ("q_x", "(1/2, 1/2) = P(.|x, z*)"),
            ("kappa", "3/10 - 1/2 = -1/5"),
        ]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "under exact Assumption 3 with pi = 3/5: kappa = "
                "-1/5 (Fractions)", _exact_assumption, instance=lambda: mixed,
            ),
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "a fair coin for a sure truth: kappa = -1/2 "
                "(Fractions)", _cautious, instance=lambda: cautious,
            ),
        ]  # fmt: skip
    if claim == "def_4_1.zero@predictor":
        rows: list[Row] = [("p_x", "(3/5, 2/5)"), ("q_x", "(1, 0)"), ("kappa", "2/5")]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "p_x = (3, 2)/5, q_x = (1, 0): the predictor is "
                "optimal and kappa = 2/5 (Fractions)", _optimal_predictor, instance=lambda: rows,
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked",
            "every finite number of labels, every loss bounded below: each answer has the same "
            "expected loss under both laws, so the minima agree (loss shifted to be >= -1)",
            _same_distribution,
        )
    ]  # fmt: skip
