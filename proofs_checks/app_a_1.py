"""Appendix A.1, steps 3 and 4: how (10) and (11) are had from (21).

Step 3 replaces R + phi by R + kappa. Step 4 replaces phi by lambda H, and the supremum by the mean.
Each is a claim of its own, and each is where a refutation of the theorem breaks its proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import THM_4_3_EQ_11
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, lemma, variables
from proofs_checks.mean_for_supremum import RARE, rises
from proofs_checks.theorem_hypotheses import hypothesis_faults
from proofs_checks.thm_4_3 import hypothesis_faults as met
from sua_ref import (
    distributional_sensitivity,
    entropy,
    interpretation_collapse_gap,
    worst_case_sensitivity,
)
from sua_ref.sec4_risks import GAPS


def _step_3() -> Iterator[Claim]:
    for gap in GAPS:
        yield Claim(
            id=f"app_a_1.step_3@{gap}",
            kind="formal",
            title="phi is paid for by kappa",
            statement="In (21), R + phi(H) may be replaced by R + kappa: phi(H(x)) <= kappa(x).",
            formula=r"R_\theta(x) + \varphi(H_\theta(x)) \le R_\theta(x) + \kappa(x)",
            source="reconstructed",
            where="A.1, step 3, from (21) to (10)",
            quote="(from the definition of ), we can write:",
            silent="the formulas of the step; the sign of kappa",
            severity="step",
            breaks="kappa is 0 wherever the model is right, and its entropy need not be",
            reading=f"kappa is {gap}",
            hypotheses=("asm_1", "asm_2", "asm_3"),
            ref=("entropy", "interpretation_collapse_gap"),
            repair="eq_20@gibbs",
            bound=True,
        )


_CONDITIONS = {
    "at_least_phi": "lambda H >= phi(H), as others read it in the paper",
    "at_most_phi": "phi(H) >= L_D lambda H",
}


def _step_4() -> Iterator[Claim]:
    for condition, words in _CONDITIONS.items():
        true = condition == "at_most_phi"
        yield Claim(
            id=f"app_a_1.step_4@{condition}",
            kind="formal",
            title="The lambda-condition turns phi into lambda H",
            statement="Under the lambda-condition, L_D S_sup - phi(H) <= L_D (S_sup - lambda H).",
            formula=(
                r"L_D \sup_{x'} D - \varphi(H_\theta(x)) \le"
                r" L_D \left(\sup_{x'} D - \lambda H_\theta(x)\right)"
            ),
            source="reconstructed",
            where="A.1, step 4, its first display",
            quote="By the -condition in the theorem statement",
            silent="the direction of the condition",
            severity="step",
            breaks="" if true else "from lambda H >= phi follows -lambda H <= -phi, the reverse",
            reading=f"the lambda-condition is {words}",
            ref=("entropy",),
            repair=None if true else "app_a_1.step_4@at_most_phi",
            bound=True,
            credit="elementary" if true else "",
        )


CLAIMS = (
    *_step_3(),
    *_step_4(),
    Claim(
        id="app_a_1.jensen",
        kind="formal",
        title="The mean in the place of the supremum gives a looser bound",
        statement="An upper bound R + L_D S_sup is at most R + L_D S, so that S may replace S_sup.",
        formula=r"R_\theta(x) + L_D \sup_{x'} D \le R_\theta(x) + L_D S(x;\epsilon)",
        source="reconstructed",
        where="A.1, step 4; the sketch in section 4.2 says the same",
        quote=(
            "the expected version provides a lower bound on the supremum version, and substituting "
            "the supremum with gives a looser but computable bound"
        ),
        silent="which function is concave",
        severity="step",
        breaks=(
            "S <= S_sup makes R + L_D S the smaller of the two; nor is S <= S_sup an instance of "
            "Jensen's inequality: it is that a mean is at most the largest value, and the supremum "
            "is a convex function of what it is taken of"
        ),
        ref=("distributional_sensitivity", "worst_case_sensitivity"),
        repair="n_4.rarest",
        bound=True,
    ),
)
_s, _phi, _L, _lam, _h, _w, _d, _r = variables("S phi L lambda H w d R")
STEP_4 = lemma(
    "app_a_1.step_4@at_most_phi",
    _L * (_s - _lam * _h) - (_L * _s - _phi),
    atoms={"phi - L lambda H": _phi - _L * _lam * _h},
    products={("phi - L lambda H",): 1},
)
MEAN = lemma(
    "app_a_1.jensen",
    _w * _s - _w * _d,
    atoms={"w": _w, "S - d": _s - _d},
    products={("w", "S - d"): 1},
    common="S",
)
"""``S_sup - S >= 0`` as a sum over the ball: a mean is at most the largest value."""


def _unpaid(gap: str) -> list[str]:
    """The still oracle: phi(log 2) = (log 2)/2 > 0 = kappa; every hypothesis of the theorem met."""
    instance = THM_4_3_EQ_11["at_most_phi"]
    p, truth, loss = (
        np.array(rows, dtype=object) for rows in (instance.p, instance.p_true, instance.loss)
    )
    kappa = interpretation_collapse_gap(p, truth, reading=gap, loss=loss)
    h = entropy(balls.balls(instance.p))
    paid = decide(lambda: greater(balls.ball(instance.phi_slope) * h, balls.ball(kappa)))
    faults = [] if paid is Truth.TRUE else [f"phi > kappa is {paid.value}"]
    return met(instance, "at_most_phi") + faults


def _reversed() -> list[str]:
    """phi = 0 and lambda = 1 at a coin: 0 <= -log 2."""
    instance = THM_4_3_EQ_11["at_least_phi"]
    h = entropy(balls.balls(instance.p))
    constant, lam, slope = (
        balls.ball(c) for c in (instance.lipschitz, instance.lam, instance.phi_slope)
    )
    answer = decide(lambda: greater(-slope * h, -constant * lam * h))
    faults = [] if answer is Truth.TRUE else [f"-phi > -L lambda H is {answer.value}"]
    return met(instance, "at_least_phi") + faults


def _step_4_tight() -> list[str]:
    """phi(h) = L lambda h: the two sides are one polynomial."""
    left, right = _L * _s - _L * _lam * _h, _L * (_s - _lam * _h)
    return [] if left == right else ["the sides differ"]


def _step_4_informative() -> list[str]:
    """S_sup = 1, L = lambda = 1/2, phi(h) = h/2 at a coin: the bound is below L S_sup."""
    half_log = balls.log(2) / 2
    answer = decide(lambda: greater(balls.ball(HALF), balls.ball(HALF) - half_log / 2))
    return [] if answer is Truth.TRUE else ["nothing is gained"]


def _looser(what: str) -> list[str]:
    """rare_perturbation: S = 1/15 < 2/3 = S_sup, and R + S is below R_rob = 2/3."""
    p, perturbed, _, weights, _ = RARE.world.arguments(0)
    mean = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    top = worst_case_sensitivity(p, perturbed, divergence="tv")
    rise, _, _ = rises(RARE, "gibbs")
    if what == "sides":
        return [] if mean < top else [f"S = {mean}, S_sup = {top}"]
    return [] if mean < rise <= top else [f"S = {mean}, R_rob - R = {rise}, S_sup = {top}"]


def _convex() -> list[str]:
    """The supremum over two values at (1, 0), (0, 1) and their midpoint: 1/2 < (1 + 1)/2."""
    ends = [(Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))]
    middle = max((a + b) / 2 for a, b in zip(*ends, strict=True))
    mean = sum((max(end) for end in ends), Fraction(0)) / 2
    return [] if middle < mean else [f"{middle} against {mean}"]


def _jensen() -> list[Piece]:
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "rare_perturbation: S = 1/15 < 2/3 = S_sup",
            lambda: hypothesis_faults(RARE, everywhere=False) + _looser("sides"),
            instance=RARE.lines,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "and R + S is no upper bound: R_rob = 2/3 > 1/15 = R + S, the Gibbs risk",
            partial(_looser, "risk"),
        ),
        Piece(Kind.SUPPORT, "checked", "S <= S_sup always: a weighted mean of values below S_sup",
              MEAN.faults),
        Piece(Kind.SUPPORT, "checked", "a supremum is not concave: at a midpoint 1/2 < 1", _convex),
    ]  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for the steps of A.1 after (21)."""
    part, _, reading = claim.partition("@")
    if part == "app_a_1.jensen":
        return _jensen()
    if part == "app_a_1.step_3":
        instance = THM_4_3_EQ_11["at_most_phi"]
        words = f"{instance.name}: phi(log 2) = (log 2)/2 > 0 = kappa; every hypothesis met"
        run = partial(_unpaid, reading)
        return [Piece(Kind.COUNTEREXAMPLE, "checked", words, run, instance=instance.lines)]
    if reading == "at_least_phi":
        instance = THM_4_3_EQ_11[reading]
        words = f"{instance.name}: phi = 0, lambda = L = 1 ask for 0 <= -log 2"
        return [Piece(Kind.COUNTEREXAMPLE, "checked", words, _reversed, instance=instance.lines)]
    return [
        Piece(Kind.PROOF, "checked", "all numbers", STEP_4.faults),
        Piece(Kind.TIGHT, "checked", "equality where phi(h) = L lambda h", _step_4_tight),
        Piece(Kind.INFORMATIVE, "checked", "a coin, S_sup = 1, L = lambda = 1/2: below L S_sup",
              _step_4_informative),
    ]  # fmt: skip
