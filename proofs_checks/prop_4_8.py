"""Proposition 4.8: selective risk under "abstain iff SUA(x) > tau".

(14) is refuted under all readings: nothing ties a low SUA to a low risk, and a high entropy lowers
SUA. In ``coin_kept`` a coin that the model knows is answered and a certainty is not.

The remark at the end of A.5 replaces the risk of all inputs by that of the answered ones. Of the
clean risk, with tau >= 0 and kappa >= 0, this is vacuous: ``R_sel <= R_sel + L tau + E kappa``, for
any rule whatever. Under the other readings it is refuted.

What is true, with A the answered inputs and E over A (R Gibbs under TV; errors as in n_3):

* answered: ``E R(x') <= E R + tau + lambda E H``: n_4 and ``S <= tau + lambda H`` on A;
* additive: with the rule ``e + 2 S_TV <= tau`` instead, ``E err(x') <= tau + E TV(q_x, p_x)``: n_3.

Proof of both: multiply the inequality of each input by its mass >= 0 and sum over A. That a
selective risk is at most the risk over the coverage is elementary; a threshold with a promise is
n_10.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import (
    COIN_KEPT,
    COIN_KEPT_BY_TWO,
    MODE_OF_A_MIXTURE,
    ORACLE,
    rare,
)
from proofs_checks.eq_19 import RISK_WORDS
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, lemma, variables
from proofs_checks.theorem_hypotheses import Setting, hypothesis_faults
from proofs_checks.thm_4_3 import GAP_WORDS
from sua_ref import Bound, additive_score, expected_risk_bound, prop_4_8
from sua_ref.sec4_population import SELECTIVE
from sua_ref.sec4_risks import GAPS, RISKS

_SELECTIVE_WORDS = {
    "clean": "the selective risk is that of x",
    "robust": "the selective risk is R_rob",
}
_FORMULA = (
    r"R_{\mathrm{sel}}(\tau) \le R_\theta + L_D\tau"
    r" + \mathbb{E}[\kappa(x) \mid \mathrm{SUA}(x) \le \tau]"
)


def _eq_14() -> Iterator[Claim]:
    for risk, gap, selective in product(RISKS, GAPS, SELECTIVE):
        yield Claim(
            id=f"prop_4_8@{risk}.{gap}.{selective}",
            kind="formal",
            title="Selective risk control under SUA-based abstention, inequality (14)",
            statement=(
                "If x is answered iff SUA(x) <= tau, the selective risk is at most the risk plus "
                "L_D tau plus the mean kappa of the answered inputs."
            ),
            formula=_FORMULA,
            source="reconstructed",
            where="section 4.6, Proposition 4.8, inequality (14); proof in A.5",
            quote="The selective risk on covered inputs satisfies",
            silent="which risk is selective: that of x or the worst; the sign of kappa",
            severity="conclusion",
            breaks=(
                "A.5 rests on (11), and its last inequality replaces the risk of the answered "
                "inputs by that of all: SUA answers uncertain inputs first"
            ),
            reading="; ".join((RISK_WORDS[risk], GAP_WORDS[gap], _SELECTIVE_WORDS[selective])),
            hypotheses=("asm_1", "asm_2", "asm_3"),
            uses=("asm_1@tv",),
            ref=("prop_4_8", "sua_score", "abstain"),
            repair="prop_4_8.answered" if risk in ("gibbs", "self") else "prop_4_8.additive",
        )


_REMARKS = {
    "clean.nonnegative": "the clean risk, tau >= 0 and kappa >= 0 (positive part or absolute)",
    "clean.negative": "the clean risk, tau < 0",
    "clean.signed": "the clean risk, kappa signed",
    "robust": "the robust risk, R_rob on the left and R on the right",
}


def _remark() -> Iterator[Claim]:
    for name, words in _REMARKS.items():
        yield Claim(
            id=f"prop_4_8.remark@{name}",
            kind="formal",
            title="(14) with the conditional expectation substituted",
            statement=(
                "The selective risk is at most the risk of the answered inputs plus L_D tau plus "
                "their mean kappa."
            ),
            formula=(
                r"R_{\mathrm{sel}}(\tau) \le \mathbb{E}[R_\theta(x) \mid \mathrm{SUA} \le \tau]"
                r" + L_D\tau + \mathbb{E}[\kappa(x) \mid \mathrm{SUA} \le \tau]"
            ),
            source="reconstructed",
            where="A.5, its last sentence",
            quote="the bound still holds by substituting the conditional expectation directly",
            silent="which risk is selective; the signs of tau and kappa",
            severity="step",
            breaks="" if name == "clean.nonnegative" else "(11), from which it is derived",
            reading=words,
            hypotheses=("asm_1", "asm_2", "asm_3"),
            ref=("prop_4_8",),
            repair="prop_4_8.answered",
        )


CLAIMS = (
    *_eq_14(),
    Claim(
        id="prop_4_8.monotone",
        kind="formal",
        title="A smaller threshold yields a smaller selective risk",
        statement="If tau < tau', then R_sel(tau) <= R_sel(tau'), under some reading of the risk.",
        formula=r"\tau < \tau' \Rightarrow R_{\mathrm{sel}}(\tau) \le R_{\mathrm{sel}}(\tau')",
        source="reconstructed",
        where="section 4.6, after Proposition 4.8, the coverage-risk tradeoff",
        quote="Smaller yields smaller selective risk but lower coverage.",
        silent="which risk; the evidence takes every reading",
        severity="conclusion",
        breaks="it is not argued; of an oracle with two labels the reverse is true (n_8)",
        ref=("prop_4_8", "sua_score"),
        repair="n_10.fixed_sequence",
    ),
    *_remark(),
    Claim(
        id="prop_4_8.answered",
        kind="formal",
        title="The mean risk under perturbation of the answered inputs",
        statement=(
            "For A = {SUA <= tau}: E[R(x') | A] <= E[R | A] + tau + lambda E[H | A], R being the "
            "Gibbs risk under a loss in [0, 1], or the self-risk, and D being TV."
        ),
        formula=(
            r"\mathbb{E}[R(x') \mid A] \le \mathbb{E}[R \mid A] + \tau"
            r" + \lambda\,\mathbb{E}[H \mid A]"
        ),
        source="ours",
        where="repair of Proposition 4.8",
        severity="conclusion",
        uses=("n_4.mean",),
        ref=("expected_risk_bound", "sua_score"),
        bound=True,
        credit="we found no earlier statement after a limited search; it is n_4 on a subset",
    ),
    Claim(
        id="prop_4_8.additive",
        kind="formal",
        title="Abstention by the additive score bounds the error of the answered inputs",
        statement=(
            "If x is answered iff e + 2 S_TV <= tau, then over the answered inputs the mean error "
            "of argmax q_x' is at most tau plus the mean of TV(q_x, p_x)."
        ),
        formula=(
            r"\mathbb{E}[\mathrm{err}(x') \mid e + 2 S_{\mathrm{TV}} \le \tau] \le \tau"
            r" + \mathbb{E}[\mathrm{TV}(q_x, p_x) \mid e + 2 S_{\mathrm{TV}} \le \tau]"
        ),
        source="ours",
        where="repair of Proposition 4.8 for the argmax risk",
        severity="conclusion",
        uses=("n_3",),
        ref=("additive_score", "argmax_risk", "total_variation"),
        bound=True,
        credit="we found no earlier statement after a limited search; it is n_3 on a subset",
    ),
)
_w, _r, _there, _s, _tau, _h, _e, _d, _L, _kappa = variables("w R R' S tau lambda*h e d L kappa")
ANSWERED = lemma(
    "prop_4_8.answered",
    _w * (_r + _tau + _h - _there),
    atoms={"w": _w, "n_4": _r + _s - _there, "SUA <= tau": _tau - (_s - _h)},
    products={("w", "n_4"): 1, ("w", "SUA <= tau"): 1},
    common="tau",
)
ADDITIVE = lemma(
    "prop_4_8.additive",
    _w * (_tau + _d - _there),
    atoms={"w": _w, "n_3": _e + 2 * _s + _d - _there, "e + 2 S <= tau": _tau - _e - 2 * _s},
    products={("w", "n_3"): 1, ("w", "e + 2 S <= tau"): 1},
    common="tau",
)
REMARK = lemma(
    "prop_4_8.remark@clean.nonnegative",
    (_r + _L * _tau + _kappa) - _r,
    atoms={"L": _L, "tau": _tau, "kappa": _kappa},
    products={("L", "tau"): 1, ("kappa",): 1},
)
"""R stands for E[R | A] on both sides; nothing else about A, and nothing of SUA, is used."""


def bound(setting: Setting, *, tau: Fraction, **readings: Any) -> Bound:
    """Both sides of (14), in ball arithmetic."""
    return prop_4_8(
        setting.in_balls(), tau=tau, lam=setting.lam, lipschitz=setting.lipschitz, **readings
    )


def violation_faults(setting: Setting, *, tau: Fraction, **readings: Any) -> list[str]:
    """Empty iff the left side is certified to exceed the right."""

    def exceeds() -> bool:
        b = bound(setting, tau=tau, **readings)
        return greater(b.lhs, b.rhs)

    answer = decide(exceeds)
    return [] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"]


def _refuted(setting: Setting, tau: Fraction, everywhere: bool, **readings: Any) -> list[str]:
    conditions = ("at_least_phi", "at_most_phi") if everywhere else ("at_least_phi",)
    return hypothesis_faults(
        setting, conditions=conditions, everywhere=everywhere
    ) + violation_faults(setting, tau=tau, **readings)


_ZERO, _BELOW = Fraction(0), Fraction(-1, 4)


def rises_as_tau_falls() -> list[str]:
    """The oracle: 1/4 at tau = 0 and 1/2 at tau = -1/4, under every reading of the risk."""
    faults = []
    for risk, selective in product(RISKS, SELECTIVE):
        high, low = (
            bound(ORACLE, tau=tau, risk=risk, selective=selective).lhs for tau in (_ZERO, _BELOW)
        )
        if not (high == balls.ball(Fraction(1, 4)) and low == balls.ball(HALF)):
            faults.append(f"{risk}, {selective}: {high} at 0, {low} at -1/4")
    return faults


def _remark_pieces(name: str) -> list[Piece]:
    if name == "clean.nonnegative":
        words = "R_sel <= R_sel + (something >= 0): for every rule, score and risk"
        return [Piece(Kind.TRIVIALITY, "checked", words, REMARK.faults)]
    setting, tau, words, everywhere = {
        "clean.negative": (ORACLE, _BELOW, "tau = -1/4: 1/2 <= 1/2 - 1/4", False),
        "clean.signed": (MODE_OF_A_MIXTURE, _ZERO, "tau = 0, kappa = -1/5: R <= R - 1/5", False),
        "robust": (rare(Fraction(1, 10)), Fraction(1, 10), "tau = 1/10", False),
    }[name]
    risks = RISKS
    gaps = ("signed",) if name == "clean.signed" else GAPS
    selective = "robust" if name == "robust" else "clean"

    def refuted() -> list[str]:
        return [
            f"{risk}, {gap}: {fault}"
            for risk, gap in product(risks, gaps)
            for fault in _refuted(
                setting, tau, everywhere, risk=risk, gap=gap, baseline="accepted",
                selective=selective,
            )
        ]  # fmt: skip

    words = f"{setting.name}: {words}; every reading of the risk"
    return [Piece(Kind.COUNTEREXAMPLE, "checked", words, refuted, instance=setting.lines)]


def _answered_tight() -> list[str]:
    """H = 0, Y = 0, (1, 0) to (0, 1) with probability 1/10 = S = tau: 1/10 = 0 + 1/10."""
    p, perturbed, truth, weights, _ = rare(
        Fraction(1, 10), there=(_ZERO, Fraction(1))
    ).world.arguments(0)
    b = expected_risk_bound(p, perturbed, truth, weights=weights)
    return [] if b.lhs == b.rhs == Fraction(1, 10) else [f"{b.lhs} against {b.rhs}"]


def _additive_tight() -> list[str]:
    """n_3's family, at tau = e + 2 S: q_x = (3/5, 2/5), q_x' = (1/2 - s, 1/2 + s), Y = 0."""
    faults = []
    for s in (Fraction(1, 10), Fraction(1, 1000)):
        p, q = _rows((Fraction(3, 5), Fraction(2, 5)), (HALF - s, HALF + s))
        tau = additive_score(p, q[None, :])
        faults += [] if tau + Fraction(2, 5) - 1 == 2 * s else [f"s = {s}: tau = {tau}"]
    return faults


def _rows(*rows: Any) -> tuple[Any, ...]:
    return tuple(np.array(r, dtype=object) for r in rows)


def _informative(part: str) -> list[str]:
    """q_x = p_x = (9, 1)/10, q_x' = (8, 2)/10, Pi = (1, 1)/2: both bounds are below 1/2."""
    p, q = _rows((Fraction(9, 10), Fraction(1, 10)), (Fraction(4, 5), Fraction(1, 5)))
    weights = np.array([HALF, HALF], dtype=object)
    if part == "prop_4_8.additive":
        tau = additive_score(p, np.stack([p, q]), weights=weights)
        return [] if tau == Fraction(1, 5) else [f"tau is {tau}"]
    b = expected_risk_bound(p, np.stack([p, q]), p, weights=weights)
    return [] if b.lhs <= b.rhs < HALF else [f"the bound is {b.rhs}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for (14), its remarks and its repairs."""
    part, _, reading = claim.partition("@")
    if part == "prop_4_8":
        risk, gap, selective = reading.split(".")
        chosen = {"risk": risk, "gap": gap, "selective": selective}
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", f"{setting.name}: {words}",
                partial(_refuted, setting, _ZERO, everywhere, **chosen), instance=setting.lines,
            )
            for setting, everywhere, words in (
                (COIN_KEPT, False, "tau = 0, the coin alone is answered: 1/2 <= 1/4; hypotheses "
                 "met at the inputs of positive probability, the condition lambda H >= phi"),
                (COIN_KEPT_BY_TWO, True, "tau = 0; hypotheses met at every input, the "
                 "lambda-condition in both readings"),
            )
        ]  # fmt: skip
    if part == "prop_4_8.monotone":
        words = "oracle: 1/4 at tau = 0, 1/2 at tau = -1/4; every reading of the risk"
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", words, rises_as_tau_falls, instance=ORACLE.lines)
        ]
    if part == "prop_4_8.remark":
        return _remark_pieces(reading)
    additive = part == "prop_4_8.additive"
    tight = _additive_tight if additive else _answered_tight
    words = (
        "approached: q_x = (3/5, 2/5), q_x' = (1/2 - s, 1/2 + s), Y = 0 leaves 2 s"
        if additive
        else "equality: certain and right, then certain and wrong with probability 1/10 = tau"
    )
    return [
        Piece(Kind.PROOF, "checked", "every finite world, every tau that answers something",
              (ADDITIVE if additive else ANSWERED).faults),
        Piece(Kind.TIGHT, "checked", words, tight),
        Piece(Kind.INFORMATIVE, "checked", "q_x = p_x = (9, 1)/10, q_x' = (8, 2)/10: below 1/2",
              partial(_informative, part)),
    ]  # fmt: skip
