r"""Inequality (19): ``R(x') - R(x) <= L_D D(q_x || q_x')``, the first step of A.1, D being TV.

What moves from x to x' is the law of the *answer*. Assumption 1 moves the law of the *label* under
a fixed answer. They are the same step for the 0-1 loss alone; the readings differ.

Proof of ``@gibbs``, any number of answers. Let w(a) = E_y l(a, y) under the label law of x, with
values in [m, M]. Any two differ by ``sum_y p(y) (l(a,y) - l(b,y)) <= L``, if a loss varies over the
answers to a label by at most L. Split q_x' - q_x = v - u. Then

    L/2 (u+v) - w (v-u) + (M+m)/2 (v-u)  =  v (M-w) + u (w-m) + (L - (M-m))/2 (u+v),

answer by answer. Sum: the third term on the left vanishes, and ``L TV >= R(x') - R(x)`` is left.

Proof of ``@self``. Let a be the best answer at x, under q_x. At x' it is one answer of several:
``R_self(x') <= sum q_x' l(a,.)``, and a fixed answer is what Assumption 1 is about: with L the
oscillation over labels, ``sum (q_x' - q_x) l(a,.) <= L TV``.

In both, x and x' may be exchanged: TV is symmetric, and the bound is one of ``|R(x') - R(x)|``.

Refutation of ``@argmax``. The answer jumps at a tie: q_x = (1/2 + t, 1/2 - t), q_x' its mirror
image, and the label is certain. The risk moves from 0 to 1 and TV = 2 t; t = 1/(4(L+1)) defeats any
constant L.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import gibbs_risk, self_risk, total_variation, worst_case_risk

RISK_WORDS = {
    "gibbs": "R_theta(x') is the risk of a label drawn from q_x', under the label law of x",
    "self": "R_theta(x') is the model's risk under its own output at x'",
    "argmax": "R_theta(x') is the error of argmax q_x', under the label law of x",
    "argmax_shifted": "R_theta(x') is the error of argmax q_x', under the label law of x'",
}
PROVED = {
    "gibbs": "L_D bounds how the loss varies over the answers to each label; D is TV",
    "self": "L_D is the constant of Assumption 1: over the labels of each answer; D is TV",
}
"""The readings that hold, and the constant they hold with."""
REPAIR = "n_3"


def _claims() -> Iterator[Claim]:
    for risk, words in RISK_WORDS.items():
        true = risk in PROVED
        constant = PROVED.get(risk, "0-1 loss, where L_D = 1 either way; D is TV")
        yield Claim(
            id=f"eq_19@{risk}",
            kind="formal",
            title="The risk moves by at most L_D times the divergence",
            statement="|R(x') - R(x)| is at most L_D D(q_x || q_x').",
            formula=r"R_\theta(x') - R_\theta(x) \le L_D\,D(P_\theta(\cdot|x)\|P_\theta(\cdot|x'))",
            source="reconstructed",
            where="A.1, step 1, inequality (19)",
            quote="where the last inequality applies Assumption 1",
            silent="the law and predictor behind R_theta(x'); over what a loss may vary by L_D",
            severity="step",
            breaks="" if true else "the answer argmax q_x' jumps where the output hardly moves",
            reading=f"{words}; {constant}",
            hypotheses=("asm_1",),
            uses=("asm_1@tv",) if risk == "self" else (),
            ref=("gibbs_risk", "self_risk", "argmax_risk", "total_variation"),
            repair=None if true else REPAIR,
            bound=True,
            credit="the step is in Pinot et al. (NeurIPS 2019)" if true else "",
        )
    yield Claim(
        id="eq_19.oscillation",
        kind="formal",
        title="Assumption 1 is the assumption that (19) applies",
        statement=(
            "If for each answer the expected loss moves by at most L_D D with the label law "
            "(Assumption 1), then the Gibbs risk moves by at most L_D D(q_x || q_x')."
        ),
        formula=(
            r"\left|\mathbb{E}_P \ell(a,y) - \mathbb{E}_Q \ell(a,y)\right| \le L_D D(P\|Q)\ "
            r"\forall P, Q, a \;\Rightarrow\; R_\theta(x') - R_\theta(x) \le L_D D"
        ),
        source="reconstructed",
        where="A.1, step 1, inequality (19), with Assumption 1",
        quote="where the last inequality applies Assumption 1",
        silent="Assumption 1 moves the law of the label, (19) the law of the answer",
        reading="R_theta is the risk of a label drawn from the output; D is TV",
        severity="step",
        breaks="a loss that charges the answer whatever the label has oscillation 0 over labels",
        hypotheses=("asm_1",),
        uses=("asm_1@tv",),
        ref=("gibbs_risk", "total_variation"),
        repair="eq_19@gibbs",
        bound=True,
    )


CLAIMS = tuple(_claims())
_u, _v, _w, _l, _q, _rho, _p, _other = variables("u v w l q r p l'")
_L, _M, _m, _t = variables("L M m t")
_MOVES = {"u": _u, "v": _v}


def gibbs(sign: int) -> Lemma:
    """``L TV - sign (R(x') - R(x)) >= 0`` as a sum over answers."""
    gains, loses = ("v", "u") if sign > 0 else ("u", "v")
    return lemma(
        "eq_19@gibbs",
        HALF * _L * (_u + _v) - sign * _w * (_v - _u),
        atoms={**_MOVES, "M - w": _M - _w, "w - m": _w - _m, "L - (M - m)": _L - _M + _m},
        products={
            (gains, "M - w"): 1, (loses, "w - m"): 1,
            ("u", "L - (M - m)"): HALF, ("v", "L - (M - m)"): HALF,
        },
        zero={"q_x and q_x' sum to 1": (_v - _u, sign * HALF * (_M + _m))},
        common="L M m",
    )  # fmt: skip


SPREAD = lemma(
    "eq_19@gibbs",
    _p * _L - _p * (_l - _other),
    atoms={"p": _p, "L - (l - l')": _L - _l + _other},
    products={("p", "L - (l - l')"): 1},
    common="L",
)
"""``L - (w(a) - w(b)) >= 0`` as a sum over labels: expected losses differ by at most L."""
SELF = lemma(
    "eq_19@self",
    HALF * _L * (_u + _v) - (_rho - _q * _l),
    atoms={**_MOVES, "M - l": _M - _l, "l - m": _l - _m, "L - (M - m)": _L - _M + _m},
    products={
        ("v", "M - l"): 1, ("u", "l - m"): 1,
        ("u", "L - (M - m)"): HALF, ("v", "L - (M - m)"): HALF,
    },
    zero={"q_x and q_x' sum to 1": (_v - _u, HALF * (_M + _m))},
    nonnegative={"the best answer at x is one answer at x'": ((_q - _u + _v) * _l - _rho, 1)},
    common="L M m",
)  # fmt: skip
"""``L TV - (R_self(x') - R_self(x)) >= 0``; r sums to R_self(x'), and l is the loss of the best
answer at x."""
JUMP = lemma(
    "eq_19@argmax",
    (_L + 1) * (1 - 2 * _L * _t) - 1,
    atoms={"L": _L},
    products={("L",): HALF},
    zero={"4 t (L + 1) = 1": (4 * _t * (_L + 1) - 1, HALF * _L)},
    common="L t",
)
"""A risk that moves by 1 and a TV of 2 t, with t = 1/(4(L+1)): ``(L+1)(1 - L TV) >= 1``."""


def lemmas(risk: str) -> list[Lemma]:
    """What proves a reading that holds."""
    return [gibbs(1), gibbs(-1), SPREAD] if risk == "gibbs" else [SELF]


def proof(risk: str) -> list[str]:
    """Why the lemmas of a reading are not accepted; empty if they are."""
    return [fault for lemma_ in lemmas(risk) for fault in lemma_.faults()]


LOSS = np.array(
    [[Fraction(i * j + i - 2 * j, 3) for j in range(3)] for i in (0, 2, 1)], dtype=object
)
"""A loss without symmetry, of both signs."""


def spread(loss: Any, axis: int) -> Fraction:
    """How far a loss varies over the answers to a label (axis 0), or over labels (axis 1)."""
    rows = np.asarray(loss, dtype=object)
    lines = rows.T if axis == 0 else rows
    widths: list[Fraction] = [max(line) - min(line) for line in lines]
    return max(widths)


def _encoding(risk: str) -> list[str]:
    """The encoded sums equal what sua_ref computes, in Fractions."""
    zero = Fraction(0)
    for q, there, law in product(distributions(3, 2), repeat=3):
        x, y, truth = (np.array(d, dtype=object) for d in (q, there, law))
        top = spread(LOSS, 0 if risk == "gibbs" else 1)
        if risk == "gibbs":
            cells = [sum(p * c for p, c in zip(law, line, strict=True)) for line in LOSS]
            rise = gibbs_risk(y, truth, LOSS) - gibbs_risk(x, truth, LOSS)
            encoded = gibbs(1).statement
        else:
            best = min(LOSS, key=lambda line: sum(p * c for p, c in zip(x, line, strict=True)))
            cells = list(best)
            rise = self_risk(y, LOSS) - self_risk(x, LOSS)
            encoded = SELF.statement
        total = zero
        for i, (a, b, cell) in enumerate(zip(q, there, cells, strict=True)):
            share = self_risk(y, LOSS) if i == 0 else zero
            values = {
                "u": max(a - b, zero), "v": max(b - a, zero), "w": cell, "l": cell, "q": a,
                "r": share, "L": top, "M": max(cells), "m": min(cells),
            }  # fmt: skip
            if any(atom.at(values) < 0 for atom in encoded.atoms.values()):
                return [f"q = {q}, q' = {there}, p = {law}: an atom is negative"]
            total += encoded.goal.at(values)
        if total != top * total_variation(x, y) - rise:
            return [f"q = {q}, q' = {there}, p = {law}: encoded {total}"]
    return []


def rise_and_distance(
    p: Any, there: Any, truth: Any, risk: str, loss: Any = None
) -> tuple[Fraction, Fraction]:
    """``R(x') - R(x)`` where that is >= 0, and ``TV(q_x, q_x')``, in Fractions; labels kept."""
    q, around, law = (np.array(rows, dtype=object) for rows in (p, [there], truth))
    worst, here = (
        worst_case_risk(
            q, ball, law, risk=risk, loss=loss, p_true_perturbed=np.stack([law])
        )
        for ball in (around, q[None, :])
    )  # fmt: skip
    return worst - here, total_variation(q, around[0])


_RIGHT, _WRONG = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))


def mirrored(t: Fraction, risk: str) -> tuple[Fraction, Fraction]:
    """Rise and TV from ``(1/2 + t, 1/2 - t)`` to its mirror image; the label is certain."""
    return rise_and_distance((HALF + t, HALF - t), (HALF - t, HALF + t), _RIGHT, risk)


def jumps(risk: str) -> list[str]:
    """The answer turns for as small a move as one likes; at t = 1/100 and for every constant."""
    found = {t: mirrored(t, risk) for t in (Fraction(1, 100), Fraction(1, 10), Fraction(1, 10**6))}
    faults = [f"t = {t}: {pair}" for t, pair in found.items() if pair != (Fraction(1), 2 * t)]
    return faults + JUMP.faults()


def tight(risk: str) -> list[str]:
    """Equality: right and certain, then wrong and certain (then a coin, for the self-risk)."""
    there = _WRONG if risk == "gibbs" else (HALF, HALF)
    rise, tv = rise_and_distance(_RIGHT, there, _RIGHT, risk)
    return [] if rise == tv > 0 else [f"{rise} against {tv}"]


def informative(risk: str) -> list[str]:
    """q_x = (9, 1)/10, q_x' = (8, 2)/10, Y = 0: at most a tenth is added."""
    p, there = (Fraction(9, 10), Fraction(1, 10)), (Fraction(4, 5), Fraction(1, 5))
    rise, tv = rise_and_distance(p, there, _RIGHT, risk)
    return [] if 0 < rise <= tv == Fraction(1, 10) else [f"{rise} against {tv}"]


CHARGED = np.array([[Fraction(0), Fraction(0)], [Fraction(1), Fraction(1)]], dtype=object)
"""The loss that charges answer 1 whatever the label."""


def _charged() -> list[str]:
    """Oscillation 0 over labels: Assumption 1 with any L_D > 0, as 1/2. The risk moves by 1."""
    rise, tv = rise_and_distance(_RIGHT, _WRONG, _RIGHT, "gibbs", CHARGED)
    faults = [] if spread(CHARGED, 1) == 0 else ["asm_1: the loss varies over labels"]
    return faults + ([] if rise == tv == 1 else [f"{rise} against {tv}"])


def _drawn_jump() -> list[Row]:
    return [("q_x, q_x', p", "(51, 49)/100, (49, 51)/100, (1, 0)"), ("R, TV", "0 to 1, 1/50")]


def refuted(risk: str) -> Piece:
    """The piece that refutes an argmax reading."""
    return Piece(
        Kind.COUNTEREXAMPLE, "checked",
        "q_x = (1/2 + t, 1/2 - t) and its mirror image, Y = 0: at t = 1/100 it is 1 <= 1/50; at "
        "t = 1/(4(L+1)) no constant L >= 0 will do", partial(jumps, risk), instance=_drawn_jump,
    )  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for the readings of (19), and for the constant it needs."""
    if claim == "eq_19.oscillation":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "l(0, .) = 0, l(1, .) = 1: Assumption 1 holds with every L_D > 0, for all "
                "distributions; q_x = (1, 0), q_x' = (0, 1) moves the risk by TV = 1", _charged,
                instance=lambda: [("l(0, .), l(1, .)", "(0, 0), (1, 1)"),
                                  ("q_x, q_x'", "(1, 0), (0, 1)"), ("R", "0 to 1")],
            )
        ]  # fmt: skip
    risk = claim.split("@")[1]
    if risk not in PROVED:
        return [refuted(risk)]
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels, every loss with that constant, "
            "both signs", partial(proof, risk),
        ),
        Piece(
            Kind.SUPPORT, "checked", "the encoding equals sua_ref, in Fractions: three labels, "
            "denominators of 2, a loss without symmetry, 216 cases", partial(_encoding, risk),
        ),
        Piece(Kind.TIGHT, "checked", "equality: (1, 0) to (0, 1), or to a coin for the self-risk",
              partial(tight, risk)),
        Piece(Kind.INFORMATIVE, "checked", "q_x = (9, 1)/10, q_x' = (8, 2)/10: at most 1/10 more",
              partial(informative, risk)),
    ]  # fmt: skip
