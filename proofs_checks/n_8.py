r"""Result n_8: on an oracle with two labels, abstention by SUA is anti-optimal.

Let the model be the truth and never move, so that SUA = -lambda H, and let e <= 1/2 be the smaller
probability of an input: its error. Then "answer iff SUA <= tau" answers the inputs of highest
error, and its selective risk is the largest among all rules of the same coverage, randomised ones
included; e may be replaced by any nondecreasing function of it, as the Gibbs risk 2 e (1 - e).

Proof. *Entropy rises with e*: for e, f in [0, 1/2] with e <= f, write E = log e and so on. Then

    h(f) - h(e)  =  KL(e || f) + (f - e) (log(1-f) - log f),

where KL is the sum of ``e log(e/f) - e + f`` and of the same in 1-e, 1-f, each >= 0 by the tangent
``log u <= u - 1``, and log(1-f) >= log f as f <= 1/2 (f = 0 leaves e = f). So an input that is
answered has at least the error of one that is not: otherwise its H would be at most the other's,
its SUA at least the other's, and the other answered too. Hence some level c has r >= c where the
rule answers and r <= c where it does not.

*Exchange*: let a be 1 where SUA answers and 0 elsewhere, b in [0, 1] the probability that the other
rule answers, p the masses, ``sum p (a - b) = 0``. Input by input

    p (a - b)(r - c)  =  p (1 - b) a (r - c) + p b (1 - a)(c - r)  >=  0,

and ``sum p (a - b) c = 0``: the answered risk ``sum p a r`` is at least ``sum p b r``, and the
coverages are equal.

With three labels it can fail: higher entropy need not mean a higher error.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import ORACLE
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, lemma, variables
from proofs_checks.log_tangents import tangent
from sua_ref import abstain, argmax_risk, entropy, gibbs_risk, prop_4_8, self_risk, sua_score

CLAIMS = (
    Claim(
        id="n_8",
        kind="formal",
        title="On an oracle with two labels, SUA accepts the riskiest inputs first",
        statement=(
            "Let P_theta = P, S = 0 and n = 2. At every coverage that a threshold on SUA attains, "
            "its selective risk is the largest among all rules of that coverage."
        ),
        formula=(
            r"P_\theta = P,\ S \equiv 0,\ |Y| = 2:\quad \mathbb{E}[R \mid \mathrm{SUA} \le \tau]"
            r" = \max_{b:\,\mathbb{E} b = C(\tau)} \mathbb{E}[b R] / C(\tau)"
        ),
        source="ours",
        where="beside Proposition 4.8 and section 5.5",
        reading="R is the Bayes error or any nondecreasing function of it, as the Gibbs risk",
        severity="conclusion",
        ref=("sua_score", "abstain", "self_risk", "gibbs_risk", "argmax_risk"),
        bound=True,
        credit=(
            "we found no earlier statement after a limited search; the optimal rule, which rejects "
            "the highest error first, is Chow's (1970)"
        ),
    ),
)
ID = "n_8"
_e, _f, _le, _lf, _me, _mf = variables("e f log(e) log(f) log(1-e) log(1-f)")
_p, _a, _b, _r, _c = variables("p a b r c")
_CELL = _e * (_le - _lf) - _e + _f
_REST = (1 - _e) * (_me - _mf) - (1 - _e) + (1 - _f)
ENTROPY = lemma(
    ID,
    (_e * _le + (1 - _e) * _me) - (_f * _lf + (1 - _f) * _mf),
    atoms={
        "e log(e/f) >= e - f": _CELL, "the same of 1-e and 1-f": _REST, "f - e": _f - _e,
        "log(1-f) - log(f)": _mf - _lf,
    },
    products={
        ("e log(e/f) >= e - f",): 1, ("the same of 1-e and 1-f",): 1,
        ("f - e", "log(1-f) - log(f)"): 1,
    },
)  # fmt: skip
"""``h(f) - h(e) >= 0`` for 0 < e <= f <= 1/2; at e = 0 the terms with log e have the value 0."""
GIBBS = lemma(
    ID,
    2 * _f * (1 - _f) - 2 * _e * (1 - _e),
    atoms={"f - e": _f - _e, "1 - e - f": 1 - _e - _f},
    products={("f - e", "1 - e - f"): 2},
)
"""The Gibbs risk rises with the error."""
EXCHANGE = lemma(
    ID,
    _p * (_a - _b) * _r,
    atoms={
        "p": _p, "b": _b, "1 - b": 1 - _b, "r >= c where a = 1": _a * (_r - _c),
        "r <= c where a = 0": (1 - _a) * (_c - _r),
    },
    products={
        ("p", "1 - b", "r >= c where a = 1"): 1, ("p", "b", "r <= c where a = 0"): 1,
    },
    zero={"equal coverage": (_p * (_a - _b), -_c)},
    common="c",
)  # fmt: skip
LEMMAS = (ENTROPY, GIBBS, EXCHANGE)


def proof() -> list[str]:
    """Why a lemma, or the tangent behind the first, is not accepted."""
    return tangent() + [fault for lemma_ in LEMMAS for fault in lemma_.faults()]


def answered(errors: Iterable[Fraction], tau: Fraction) -> Any:
    """Which inputs of a still oracle SUA answers at lambda = 1, decided in balls."""
    rows = np.array([(1 - e, e) for e in errors], dtype=object)
    q = balls.balls(rows)
    return ~np.asarray(abstain(sua_score(q, q[:, None, :], lam=1, divergence="tv"), tau), bool)


def best_rival(masses: Any, risks: Any, coverage: Fraction) -> Fraction:
    """The largest joint risk of a rule with that coverage: a knapsack, filled from the riskiest."""
    total, left = Fraction(0), coverage
    for mass, risk in sorted(zip(masses, risks, strict=True), key=lambda row: -row[1]):
        taken = min(mass, left)
        total, left = total + taken * risk, left - taken
    return total


def _everywhere() -> list[str]:
    """Three inputs, errors in sixths, masses in thirds: SUA attains the knapsack's optimum."""
    errors = [Fraction(i, 6) for i in range(4)]
    masses = [Fraction(1, 3)] * 3
    for chosen in product(errors, repeat=3):
        rows = np.array([(1 - e, e) for e in chosen], dtype=object)
        readings = (
            self_risk(rows), argmax_risk(rows, rows), gibbs_risk(rows, rows),
        )  # fmt: skip
        for tau in (Fraction(-2, 3), Fraction(-1, 2), Fraction(-1, 10), Fraction(0)):
            kept = answered(chosen, tau)
            coverage = Fraction(int(kept.sum()), 3)
            for risks in readings:
                found = sum((m * r for m, r, k in zip(masses, risks, kept, strict=True) if k), 0)
                if found != best_rival(masses, risks, coverage):
                    return [f"errors {chosen}, tau = {tau}: {found}"]
    return []


def _strictly_worse() -> list[str]:
    """The oracle of a coin and a certainty at coverage 1/2: risk 1/2, and the other half has 0."""
    world = ORACLE.in_balls()
    b = prop_4_8(world, tau=Fraction(-1, 4), lam=1, lipschitz=1, risk="self")
    best = self_risk(ORACLE.world.model)[1]
    return [] if b.lhs == balls.ball(HALF) and best == 0 else [f"{b.lhs} against {best}"]


def _equal() -> list[str]:
    """At coverage 1 every rule is the same rule; at equal errors every rule has the same risk."""
    errors = (Fraction(1, 4), Fraction(1, 4))
    kept = answered(errors, Fraction(0))
    rival = best_rival([HALF, HALF], errors, Fraction(1))
    return [] if kept.all() and rival == Fraction(1, 4) else [f"{kept}, {rival}"]


def _three_labels() -> list[str]:
    """(1/2, 1/2, 0) and (11, 4.5, 4.5)/20: the second has the higher entropy, the lower error."""
    rows = [(HALF, HALF, Fraction(0)), (Fraction(11, 20), Fraction(9, 40), Fraction(9, 40))]
    errors = self_risk(np.array(rows, dtype=object))
    higher = decide(lambda: greater(*(entropy(balls.balls(row)) for row in reversed(rows))))
    return [] if higher is Truth.TRUE and errors[1] < errors[0] else ["it does not fail there"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_8``."""
    return [
        Piece(
            Kind.PROOF, "checked", "every number of inputs, every rule of equal coverage, every "
            "nondecreasing function of the error (the Gibbs risk is one)", proof,
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's SUA rule attains the largest risk that a rule of "
            "its coverage can have: 64 oracles, 4 thresholds, 3 risks", _everywhere,
        ),
        Piece(Kind.TIGHT, "checked", "equality: coverage 1, or equal errors", _equal),
        Piece(
            Kind.INFORMATIVE, "checked", "oracle: a coin and a certainty at coverage 1/2: 1/2, "
            "where the other half has risk 0", _strictly_worse, instance=ORACLE.lines,
        ),
        Piece(Kind.SUPPORT, "checked", "two labels are needed: with three, a higher entropy may "
              "go with a lower error", _three_labels),
    ]  # fmt: skip
