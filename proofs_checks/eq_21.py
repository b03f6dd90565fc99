"""Inequality (21): (20) with phi(H(x)) added to the risk and taken off the sensitivity.

The right side of (21) is that of (20), whatever phi: as a polynomial identity, ``(R + phi) + (L S -
phi) = R + L S``. So it is true where (20) is, and tightens nothing. The addition is what step 3
then drops.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from proofs_checks import eq_19, eq_20
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import Lemma, lemma, variables

_QUOTE = "adding and subtracting to the right-hand side of (20) yields"


def _claims() -> Iterator[Claim]:
    for risk, words in eq_19.RISK_WORDS.items():
        true = risk in eq_19.PROVED
        constant = eq_19.PROVED.get(risk, "0-1 loss, where L_D = 1; D is TV")
        yield Claim(
            id=f"eq_21@{risk}",
            kind="formal",
            title="(20) with phi added and subtracted",
            statement="R_rob(x) <= (R(x) + phi(H(x))) + (L_D sup D(q_x || q_x') - phi(H(x))).",
            formula=(
                r"R_{\mathrm{rob}}(x) \le \left[R_\theta(x) + \varphi(H_\theta(x))\right]"
                r" + \left[L_D \sup_{x'} D - \varphi(H_\theta(x))\right]"
            ),
            source="reconstructed",
            where="A.1, step 2, inequality (21)",
            quote=_QUOTE,
            silent="the law and predictor behind R_theta(x'); over what a loss may vary by L_D",
            severity="step",
            breaks="" if true else "(19), from which (20) comes",
            reading=f"{words}; {constant}",
            hypotheses=("asm_1", "asm_2"),
            uses=(f"eq_20@{risk}",),
            ref=("worst_case_risk", "worst_case_sensitivity", "entropy"),
            repair=None if true else eq_19.REPAIR,
            bound=True,
            credit="the step is in Pinot et al. (NeurIPS 2019)" if true else "",
        )
    yield Claim(
        id="eq_21.tightens",
        kind="formal",
        title="Adding and subtracting phi tightens the bound",
        statement="Where phi(H(x)) > 0, the right side of (21) is below that of (20).",
        formula=(
            r"\left[R_\theta + \varphi(H_\theta)\right] + \left[L_D \sup_{x'} D - "
            r"\varphi(H_\theta)\right] < R_\theta + L_D \sup_{x'} D"
        ),
        source="reconstructed",
        where="A.1, step 2, after (21)",
        quote="the subtraction tightens the bound whenever entropy is nontrivially large",
        silent="which quantity is bounded below by zero",
        severity="step",
        breaks="what is subtracted has just been added",
        hypotheses=("asm_1", "asm_2"),
        ref=("entropy",),
        repair="eq_20@gibbs",
    )


CLAIMS = tuple(_claims())
_r, _there, _s, _L, _phi = variables("R R' S L phi")
_RIGHT = (_r + _phi) + (_L * _s - _phi)


def lemmas(risk: str) -> list[Lemma]:
    """(20), and from it (21)."""
    twenty = _r + _L * _s - _there
    return [
        *eq_20.lemmas(risk)[:-1],
        lemma(f"eq_21@{risk}", _RIGHT - _there, atoms={"(20)": twenty}, products={("(20)",): 1}),
    ]


def proof(risk: str) -> list[str]:
    """Why (21) is not accepted; empty if it is."""
    return [fault for lemma_ in lemmas(risk) for fault in lemma_.faults()]


def equal() -> list[str]:
    """The two right sides are the same polynomial in R, L, S and phi."""
    return [] if _r + _L * _s == _RIGHT else ["the right sides differ"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for the readings of (21), and for what it is said to gain."""
    if claim == "eq_21.tightens":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "the right sides of (20) and (21) are one polynomial: equal for every input, loss "
                "and phi, phi(H) > 0 among them", equal,
                instance=lambda: [("(21)", "(R + phi) + (L S - phi)"), ("(20)", "R + L S")],
            )
        ]  # fmt: skip
    risk = claim.split("@")[1]
    if risk not in eq_19.PROVED:
        return [eq_19.refuted(risk)]
    return [
        Piece(Kind.PROOF, "checked", "every ball, every finite number of labels, every phi",
              partial(proof, risk)),
        Piece(Kind.TIGHT, "checked", "equality where (20) has it", partial(eq_19.tight, risk)),
        Piece(Kind.INFORMATIVE, "checked", "where (20) is", partial(eq_19.informative, risk)),
    ]  # fmt: skip
