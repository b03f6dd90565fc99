"""Assumption 2: the link from entropy to risk is vacuous, and its examples fail.

With the 0-1 loss, and with every bounded loss of infimum 0, phi = 0 is the only function that meets
it (n_12): the assumption holds and says nothing. So no phi is positive anywhere, neither the
exponential nor the linear example serves, and higher entropy does not imply a higher loss, neither
of a fixed prediction nor of the best one. For every P the exponential inequality is in fact the
other way round: ``min_a E_P l = 1 - max P <= 1 - exp(-H)`` (n_17.exponential).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, n_12
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import Polynomial
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import row
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF
from sua_ref import bayes_risk, entropy, gibbs_risk

_FORMULA = r"\mathbb{E}_{y\sim P}\,\ell(a, y) \ge \varphi(H(P))"
_HIGHER = "higher entropy over labels implies higher expected loss for any deterministic predictor"


def _monotone(reading: str, statement: str, formula: str, words: str) -> Claim:
    return Claim(
        id=f"asm_2.monotone@{reading}",
        kind="formal",
        title="Higher entropy implies higher loss",
        statement=statement,
        formula=formula,
        source="printed",
        where="section 4.1, the sentence after Assumption 2",
        quote=_HIGHER,
        silent="whether the predictor is fixed or the best for each distribution",
        reading=words,
        severity="remark",
        ref=("entropy", "gibbs_risk" if reading == "fixed" else "bayes_risk"),
        repair="n_17",
        breaks=(
            "the entropy does not see which label is likely"
            if reading == "fixed"
            else "the entropy counts how all labels share the mass, the loss only what one misses"
        ),
    )


CLAIMS = (
    Claim(
        id="asm_2",
        kind="formal",
        title="Entropy-risk link",
        statement=(
            "There is a nondecreasing concave phi with phi(0) = 0 such that the expected loss of "
            "every prediction under every label distribution P is at least phi(H(P))."
        ),
        formula=_FORMULA,
        source="reconstructed",
        where="section 4.1, Assumption 2",
        quote="There exists a nondecreasing, concave function",
        silent="whether phi may be 0",
        reading=(
            "the loss is the 0-1 loss, or any bounded loss that comes arbitrarily near 0; phi = 0 "
            "is allowed"
        ),
        severity="conclusion",
        uses=("n_12", "n_12.infimum"),
        ref=("entropy", "bayes_risk"),
        repair="n_17",
        credit=(
            "that concavity leaves phi = 0 alone: we found no earlier statement after a limited "
            "search"
        ),
    ),
    Claim(
        id="asm_2.positive",
        kind="formal",
        title="The entropy term is not zero",
        statement=(
            "For the 0-1 loss some phi that meets Assumption 2 is positive somewhere, so that the "
            "entropy term of Theorem 4.3 tightens the bound."
        ),
        formula=r"\exists \varphi,\ u:\ \varphi(u) > 0",
        source="reconstructed",
        where="A.1, step 2, last sentence",
        quote="the subtraction tightens the bound whenever entropy is nontrivially large",
        silent="which phi",
        severity="step",
        breaks="the only phi of Assumption 2 is 0, so nothing is subtracted",
        uses=("n_12",),
        ref=("entropy", "bayes_risk"),
        repair="n_17",
    ),
    Claim(
        id="asm_2.exponential",
        kind="formal",
        title="The exponential example of Assumption 2",
        statement="For the 0-1 loss, phi(h) = 1 - exp(-h) meets Assumption 2.",
        formula=r"\mathbb{E}_{y\sim P}\,1[a \ne y] \ge 1 - e^{-H(P)}",
        source="reconstructed",
        where="section 4.1, the second sentence after Assumption 2",
        quote="For 0-1 loss and a uniform mixture of classes, one may take",
        silent="the formula; whether the uniform mixture restricts P",
        reading=(
            "for any distribution P, as Assumption 2 asks; at P uniform on its support it is an "
            "equality for the best prediction"
        ),
        severity="step",
        breaks="the inequality is the other way round for every P (n_17.exponential)",
        ref=("entropy", "bayes_risk"),
        repair="n_17.exponential",
    ),
    Claim(
        id="asm_2.linear",
        kind="formal",
        title="The linear example of Assumption 2",
        statement=(
            "For the 0-1 loss with n labels, phi(h) = (1 - 1/n) h/log n meets Assumption 2."
        ),
        formula=r"\mathbb{E}_{y\sim P}\,1[a \ne y] \ge \frac{(1 - 1/n)\,H(P)}{\log n}",
        source="reconstructed",
        where="section 4.1, the second sentence after Assumption 2",
        quote="For 0-1 loss and a uniform mixture of classes, one may take",
        silent="the formula",
        reading="the line through 0 and the uniform distribution's risk 1 - 1/n at entropy log n",
        severity="remark",
        breaks="Fano's curve is convex and lies below that line",
        ref=("entropy", "bayes_risk"),
        repair="n_17.fano",
    ),
    _monotone(
        "fixed", "If H(P) < H(Q), a fixed prediction has a higher expected loss under Q.",
        r"H(P) < H(Q) \Rightarrow \mathbb{E}_P\,\ell(a, y) \le \mathbb{E}_Q\,\ell(a, y)",
        "one prediction under two distributions, 0-1 loss",
    ),
    _monotone(
        "bayes", "If H(P) < H(Q), the least expected loss is higher under Q.",
        r"H(P) < H(Q) \Rightarrow \min_a \mathbb{E}_P\,\ell \le \min_a \mathbb{E}_Q\,\ell",
        "the best prediction for each distribution, 0-1 loss",
    ),
)  # fmt: skip

_SKEWED = (Fraction(9, 10), Fraction(1, 10))
_PAIRS = {
    "fixed": ((Fraction(0), Fraction(1)), (HALF, HALF)),
    "bayes": (
        (HALF, HALF, Fraction(0)),
        (Fraction(11, 20), Fraction(9, 40), Fraction(9, 40)),
    ),
}
"""By reading, P and Q: H(P) < H(Q), and yet the loss falls. Label 0 is the fixed prediction."""


def _exact(values: Sequence[Fraction]) -> Any:
    return np.array(values, dtype=object)


def _exceeds(a: Callable[[], Any], b: Callable[[], Any]) -> list[str]:
    answer = decide(lambda: greater(a(), b()))
    return [] if answer is Truth.TRUE else [f"the comparison is {answer.value}"]


def _h() -> Any:
    return entropy(balls.balls(_SKEWED))


def _exponential() -> list[str]:
    """At (9, 1)/10 the best prediction errs with 1/10, and 1 - exp(-H) is above 0.27."""
    risk = bayes_risk(_exact(_SKEWED))
    return _exceeds(lambda: 1 - (-_h()).exp(), lambda: balls.ball(risk))


def _linear() -> list[str]:
    risk = bayes_risk(_exact(_SKEWED))
    return _exceeds(lambda: _h() / balls.log(2) / 2, lambda: balls.ball(risk))


def _losses(reading: str) -> list[Fraction]:
    rows = [_exact(values) for values in _PAIRS[reading]]
    if reading == "bayes":
        return [bayes_risk(values) for values in rows]
    first = _exact((Fraction(1), Fraction(0)))
    return [gibbs_risk(first, values) for values in rows]


def _falls(reading: str) -> list[str]:
    before, after = _PAIRS[reading]
    faults = _exceeds(lambda: entropy(balls.balls(after)), lambda: entropy(balls.balls(before)))
    low, high = _losses(reading)
    return faults + ([] if high < low else [f"the loss goes from {low} to {high}"])


def _uniform() -> list[str]:
    """On k equal labels the risk is 1 - 1/k, and exp(-log k) = 1/k."""
    for k in range(1, 13):
        p = [Fraction(1, k)] * k
        if bayes_risk(_exact(p)) != 1 - Fraction(1, k):
            return [f"k = {k}: risk {bayes_risk(_exact(p))}"]
        if not (-entropy(balls.balls(p))).exp().overlaps(balls.ball(Fraction(1, k))):
            return [f"k = {k}: the entropy is not log k"]
    return []


def _vanishing() -> list[str]:
    """n_12 with M = 1, the 0-1 loss."""
    return n_12.vanishing("n_12", Polynomial.constant(1))


def _drawn(values: Callable[[], list[Row]]) -> Callable[[], list[Row]]:
    return lambda: [("P", row(_SKEWED)), ("risk of the best prediction", "1/10"), *values()]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Assumption 2."""
    if claim == "asm_2":
        infimum = Polynomial.variable("M") + 1
        return [
            Piece(
                Kind.TRIVIALITY, "checked",
                "phi = 0 meets it, the loss being >= 0; and no other phi does: every bounded loss "
                "of infimum 0, every number of labels from 2 on (n_12, n_12.infimum)",
                lambda: _vanishing() + n_12.vanishing("n_12.infimum", infimum),
            )
        ]  # fmt: skip
    if claim == "asm_2.positive":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "every phi of Assumption 2 is 0, by the two-label laws (1 - d, d), d = 2^-k: "
                "phi(u) k log 2 <= u for every k (n_12 with M = 1)", _vanishing,
                instance=lambda: [("P", "(1 - 2^-k, 2^-k), every k"), ("l(a, .)", "(0, 1)"),
                                  ("phi(u)", "at most u/(k log 2)")],
            )
        ]  # fmt: skip
    if claim == "asm_2.exponential":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "P = (9, 1)/10, in balls: 1/10 < 1 - exp(-H)",
                _exponential, instance=_drawn(
                    lambda: [("1 - exp(-H)", (1 - (-_h()).exp()).str(5, radius=False))]),
            ),
            Piece(
                Kind.SUPPORT, "checked", "equality at the uniform laws on k = 1, ..., 12 labels",
                _uniform,
            ),
        ]  # fmt: skip
    if claim == "asm_2.linear":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "P = (9, 1)/10, in balls: 1/10 < H/(2 log 2)",
                _linear, instance=_drawn(
                    lambda: [("H/(2 log 2)", (_h() / balls.log(4)).str(5, radius=False))]),
            )
        ]  # fmt: skip
    reading = claim.split("@")[1]
    before, after = _PAIRS[reading]
    low, high = _losses(reading)
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            f"P = {row(before)}, Q = {row(after)}: the entropy rises (balls), the loss falls from "
            f"{low} to {high} (Fractions)", lambda: _falls(reading),
            instance=lambda: [("P", row(before)), ("Q", row(after)), ("losses", f"{low}, {high}")],
        )
    ]  # fmt: skip
