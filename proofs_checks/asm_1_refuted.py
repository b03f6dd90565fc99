r"""Assumption 1 beyond total variation and beyond bounded losses: refuted for every constant L.

**Smooth divergences.** Let P = (1/2 + t, 1/2 - t), Q = (1/2, 1/2) and the 0-1 loss: the expected
losses differ by t. By the tangent ``log u <= u - 1`` (and by ``(sqrt p - sqrt q)^2 <= (p - q)^2/q``
for Hellinger's) each divergence below is at most ``sum a t^2/(b -+ k t)`` over the two labels, and
that is at most 5 t^2 for 0 < t <= 1/8. Given L, put L' = max(L, 1) and t = 1/(8 L'): then
``L D <= 5 L' t^2 = 5 t/8 < t``. The square is what kills it; n_13 says which f escape.

**A flat f.** For f(u) = (u - 2)_+ the divergence of (3/5, 2/5) from (1/2, 1/2) is exactly 0.

**The argmax.** q_x = (1/2 + t, 1/2 - t) and its swap: TV = 2 t, and the error goes from 0 to 1.
With t = 1/(4 L') the bound allows a change of 1/2.

**The log-loss.** The prediction (1 - s, s) with s = 1/(1 + 4^k) has loss log(1 + 4^k) at one label
and k log 4 less at the other. Between the two point masses TV = 1, and k log 4 > k >= L for k >= L.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, log_tangents
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import argmax_risk, divergence, f_divergence, task_loss, total_variation
from sua_ref.elements import positive_part

_SENTENCE = "This assumption holds for bounded losses and any"
_PLACE = "section 4.1, Assumption 1, and the sentence after it"
_FORMULA = r"\left|\mathbb{E}_{P}\,\ell - \mathbb{E}_{Q}\,\ell\right| \le L_D\,D(P\|Q)"
WORDS = {
    "kl": "the Kullback-Leibler divergence KL(P||Q)",
    "reverse_kl": "the Kullback-Leibler divergence in the other order, KL(Q||P)",
    "jsd": "the Jensen-Shannon divergence",
    "chi2": "the chi-squared divergence",
    "hellinger2": "the squared Hellinger distance",
}
_ROOTS = {"kl": "kl", "reverse_kl": "kl", "jsd": "jsd", "chi2": "chi2", "hellinger2": "hellinger2"}
_QUARTER = Fraction(1, 4)
CELLS = {
    "kl": (Fraction(1), HALF, Fraction(0)),
    "reverse_kl": (Fraction(1), HALF, Fraction(1)),
    "jsd": (_QUARTER, HALF, HALF),
    "chi2": (Fraction(1), HALF, Fraction(0)),
    "hellinger2": (HALF, HALF, Fraction(0)),
}
"""By divergence, (a, b, k): its value at t is at most ``a t^2/(b + k t) + a t^2/(b - k t)``.

kl: (p - q)^2/q; reverse_kl: (p - q)^2/p; jsd: half the chi-squared distances of p and q from their
mean, ``(t/2)^2/(1/2 +- t/2)``; chi2: itself; hellinger2: (p - q)^2/(2 q)."""


def _smooth(kind: str) -> Claim:
    return Claim(
        id=f"asm_1@{kind}",
        kind="formal",
        title=f"Lipschitz loss in divergence, {kind}",
        statement=(
            "For every bounded loss there is a finite L_D such that for any two label "
            f"distributions the expected losses differ by at most L_D times {WORDS[kind]}."
        ),
        formula=_FORMULA,
        source="reconstructed",
        where=_PLACE,
        quote=_SENTENCE,
        silent="which divergence",
        reading=f"D is {WORDS[kind]}",
        severity="step",
        breaks='the "standard variational argument" gives total variation, or a square root of D',
        ref=("divergence",),
        repair=f"n_13.root_{_ROOTS[kind]}",
    )


REFUTED = (
    *(_smooth(kind) for kind in WORDS),
    Claim(
        id="asm_1.any_f",
        kind="formal",
        title="Assumption 1 for any f-divergence",
        statement=(
            "Whatever the f-divergence, the difference of the expected losses is at most a finite "
            "multiple of it."
        ),
        formula=_FORMULA,
        source="printed",
        where=_PLACE,
        quote="bounded losses and any -divergence by a standard variational argument",
        silent="the conditions on f beyond convexity and f(1) = 0",
        severity="step",
        breaks="an f that is flat around 1 does not see small differences at all",
        ref=("f_divergence",),
        repair="n_13",
    ),
    Claim(
        id="asm_1.argmax",
        kind="formal",
        title="Assumption 1 for the error of the most likely label",
        statement=(
            "The error of argmax q changes by at most a finite multiple of the total variation "
            "between two outputs."
        ),
        formula=r"R(x') - R(x) \le L_D\,\mathrm{TV}(q_x, q_{x'}), \quad f = \arg\max q",
        source="reconstructed",
        where="Theorem 4.3, proof sketch, step (1); A.1, step 1, (19)",
        quote="Apply Assumption 1 to bound the risk increase from",
        silent="whether the predictor draws its answer from the output or takes the most likely",
        reading="R_theta is the error of argmax q; D is total variation",
        severity="step",
        breaks="(19) holds for an answer drawn from the output, not for the most likely one",
        ref=("argmax_risk", "total_variation"),
        repair="n_3",
    ),
    Claim(
        id="asm_1.log_loss",
        kind="formal",
        title="Assumption 1 for the log-loss",
        statement=(
            "One finite L_D serves the log-loss of every prediction: the expected log-losses under "
            "two label distributions differ by at most L_D times their total variation."
        ),
        formula=r"\left|\mathbb{E}_P(-\log a_y) - \mathbb{E}_Q(-\log a_y)\right| \le L_D\,"
        r"\mathrm{TV}(P, Q)",
        source="reconstructed",
        where="section 4.1, Assumption 1, with the task loss of section 5.2, (16)",
        quote="This is the standard negative log-likelihood",
        silent="that the loss which is trained is not the bounded one of the theory",
        reading="the loss of Assumption 1 is the task loss (16); D is total variation",
        fidelity="related",
        severity="remark",
        breaks="the log-loss is not bounded",
        ref=("task_loss", "total_variation"),
        repair="asm_1@tv",
    ),
)


# --- smooth divergences ---------------------------------------------------------------------------

_t, _l = variables("t L")
SMALL = {"t": _t, "1 - 8t": 1 - 8 * _t, "1 + 8t": 1 + 8 * _t}


def cap(kind: str) -> Lemma:
    """``a t^2/(b + k t) + a t^2/(b - k t) <= 5 t^2`` for 0 < t <= 1/8, times ``b^2 - k^2 t^2``."""
    a, b, k = CELLS[kind]
    square = _t * _t
    goal = 5 * square * (b * b - k * k * square) - 2 * a * b * square
    share = Fraction(5, 64) * k * k
    return lemma(
        f"asm_1@{kind}", goal, atoms=SMALL,
        products={
            ("t", "t", "1 - 8t", "1 + 8t"): share,
            ("t", "t"): 5 * b * b - 2 * a * b - share,
        },
    )  # fmt: skip


def gap(kind: str) -> Lemma:
    """``t - 5 L t^2 >= 3t/8`` where 8 L t = 1: the difference beats L times the divergence."""
    return lemma(
        f"asm_1@{kind}", _t - 5 * _l * _t * _t - Fraction(3, 8) * _t, atoms={}, products={},
        zero={"8 L t = 1": (8 * _l * _t - 1, Fraction(5, 8) * _t)}, common="t L",
    )  # fmt: skip


def _rationals(*entries: Fraction | int) -> Any:
    return np.array([Fraction(e) for e in entries], dtype=object)


def _tilted(t: Fraction) -> Any:
    return _rationals(HALF + t, HALF - t)


def _smooth_faults(kind: str) -> list[str]:
    return log_tangents.tangent() + cap(kind).faults() + gap(kind).faults()


def _smooth_instances(kind: str) -> list[str]:
    """The divergence as :mod:`sua_ref` computes it obeys the cap, and the violation shows."""
    q, faults = balls.balls([HALF, HALF]), []
    for bound in (1, 10, 10**3, 10**6):
        t = Fraction(1, 8 * bound)

        def beaten(t: Fraction = t, bound: int = bound) -> bool:
            d = divergence(balls.balls(_tilted(t)), q, kind=kind)
            return greater(balls.ball(5 * t * t), d) and greater(balls.ball(t), bound * d)

        if decide(beaten) is not Truth.TRUE:
            faults.append(f"L = {bound}: not shown")
    return faults


def _drawn(kind: str) -> list[Row]:
    d = divergence(balls.balls(_tilted(Fraction(1, 800))), balls.balls([HALF, HALF]), kind=kind)
    return [
        ("any L >= 1", "t = 1/(8 L)"),
        ("P, Q", "(1/2 + t, 1/2 - t), (1/2, 1/2)"),
        ("l(a, .)", "(0, 1)"),
        ("|E_P l - E_Q l|", "t"),
        ("L = 100", f"1/800 = 0.00125 > 100 D = {(100 * d).str(5, radius=False)}"),
    ]


# --- the others -----------------------------------------------------------------------------------


def _flat_faults() -> list[str]:
    def hinge(u: Any) -> Any:
        return positive_part(u - 2)

    p, q = _rationals(Fraction(3, 5), Fraction(2, 5)), _rationals(HALF, HALF)
    value, there = f_divergence(p, q, hinge), p[0] - q[0]
    at_one = hinge(_rationals(1))[0]
    return [] if value == at_one == 0 < there else [f"divergence {value}, difference {there}"]


ARGMAX = lemma(
    "asm_1.argmax", 1 - 2 * _l * _t - HALF, atoms={}, products={},
    zero={"4 L t = 1": (4 * _l * _t - 1, HALF)}, common="t L",
)  # fmt: skip
"""``1 - L TV >= 1/2`` with TV = 2t and 4 L t = 1."""


def _argmax_instances() -> list[str]:
    faults, sure = [], _rationals(1, 0)
    for bound in (1, 10, 1000):
        t = Fraction(1, 4 * bound)
        here, there = _tilted(t), _tilted(-t)
        rise = argmax_risk(there, sure) - argmax_risk(here, sure)
        tv = total_variation(here, there)
        if not (tv == 2 * t and rise == 1 > bound * tv):
            faults.append(f"L = {bound}: TV = {tv}, the error rises by {rise}")
    return faults


_k, _g = variables("k g")
LOG_LOSS = lemma(
    "asm_1.log_loss", _k * _g - _l,
    atoms={"k": _k, "k - L": _k - _l, "log 4 - 1": _g - 1},
    products={("k", "log 4 - 1"): 1, ("k - L",): 1}, common="k g L",
)  # fmt: skip
"""``k log 4 >= L`` for k >= L, with g = log 4; strictly, since log 4 > 1."""


def _log_loss_faults() -> list[str]:
    above = decide(lambda: greater(balls.log(4), balls.ball(1)))
    return LOG_LOSS.faults() + ([] if above is Truth.TRUE else ["log 4 > 1 is not shown"])


def _log_loss_instances() -> list[str]:
    """The loss of (16) at the two labels differs by k log 4, up to the radius of the balls."""
    for k in (1, 5, 20):
        s = Fraction(1, 1 + 4**k)
        row = balls.balls([[1 - s, s]])
        difference = task_loss(row, np.array([1])) - task_loss(row, np.array([0]))
        if not difference.overlaps(k * balls.log(4)):
            return [f"k = {k}: the losses differ by {difference}"]
    return []


_EVIDENCE: dict[str, tuple[str, Callable[[], list[str]], str, Callable[[], list[str]], list[Row]]]
_EVIDENCE = {
    "asm_1.argmax": (
        "for every L: outputs (1/2 + t, 1/2 - t) and its swap, t = 1/(4 max(L, 1)), Y = 0: the "
        "error rises by 1, L TV <= 1/2",
        ARGMAX.faults,
        "the instances of L = 1, 10, 1000 in Fractions",
        _argmax_instances,
        [("q_x, q_x'", "(1/2 + t, 1/2 - t), (1/2 - t, 1/2 + t)"), ("p_x", "(1, 0)"),
         ("TV, rise of the error", "2t, 1")],
    ),
    "asm_1.log_loss": (
        "for every L: prediction (4^k, 1)/(1 + 4^k) with an integer k >= L, and the two point "
        "masses: TV = 1, the losses differ by k log 4 > L",
        _log_loss_faults,
        "sua_ref.task_loss at the two labels, in balls: k = 1, 5, 20",
        _log_loss_instances,
        [("a", "(4^k, 1)/(1 + 4^k)"), ("P, Q", "(0, 1), (1, 0)"),
         ("TV, difference of the losses", "1, k log 4")],
    ),
}  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one of the refuted records of Assumption 1."""
    if claim == "asm_1.any_f":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "f(u) = (u - 2)_+, convex with f(1) = 0: D((3, 2)/5, (1, 1)/2) = 0 and the 0-1 "
                "losses differ by 1/10, so no L serves (Fractions)", _flat_faults,
                instance=lambda: [("f(u)", "(u - 2)_+"), ("P, Q", "(3/5, 2/5), (1/2, 1/2)"),
                                  ("D_f", "0"), ("difference of the losses", "1/10")],
            ),
        ]  # fmt: skip
    if claim in _EVIDENCE:
        scope, run, support, instances, rows = _EVIDENCE[claim]
        return [
            Piece(Kind.COUNTEREXAMPLE, "checked", scope, run, instance=lambda: rows),
            Piece(Kind.SUPPORT, "checked", support, instances),
        ]
    kind = claim.split("@")[1]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "for every L: P = (1/2 + t, 1/2 - t), Q = (1/2, 1/2), 0-1 loss, t = 1/(8 max(L, 1)): "
            "the losses differ by t > L D, since D <= 5 t^2 (tangent of the logarithm, then "
            "polynomials)", lambda: _smooth_faults(kind), instance=lambda: _drawn(kind),
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "sua_ref.divergence in balls at L = 1, 10, 1000, 1000000: below 5 t^2, and t > L D",
            lambda: _smooth_instances(kind),
        ),
    ]  # fmt: skip
