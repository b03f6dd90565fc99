r"""Result n_4: what stands in the place of (10), (11) and Corollary 4.4.

Throughout, R is the Gibbs risk under the label law of x, or the self-risk; the loss is in [0, 1];
t = TV(q_x, q_x'). If the labels are those of x', with TV(p_x, p_x') <= delta, the Gibbs risk moves
by delta more.

Proof. By (19), ``R(x') <= R(x) + t``; for labels of x' the risk of the same output moves by at most
delta, by Assumption 1 under TV: ``R(x') <= R(x) + t + delta``. From this *step*:

* worst: each t is at most its supremum;
* mean: multiply by Pi(x') >= 0 and sum, S = sum Pi t;
* tail (Markov): with i the indicator of ``d = R(x') - R(x) >= s`` and delta = 0, ``Pi t - s Pi i =
  Pi i (t - d) + Pi i (d - s) + Pi (1 - i) t``;
* rarest: at an x' with Pi(x') >= pi, marked by a, ``Pi t - pi a t = Pi t (1 - a) + a (Pi - pi) t``,
  so that ``pi t(x') <= S``; at x itself nothing moves;
* sampled: let outcomes have weights W, and let a mark a draw with the largest t of an outcome, b
  one with the largest risk. ``W b (R + t - R') >= 0``, and b's t is at most a's; and ``W t - W a t
  = W t (1 - a) >= 0`` sums to ``K S >= E max t``, each draw having the law Pi. The draws need not
  be independent;
* population: ``s <= (s - lambda h)_+ + lambda h`` at each input, on top of the mean.

Entropy stands in the last with the sign opposite to that of (11). Equality throughout: Y = 0, q_x =
(1, 0), q_x' = (0, 1).
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import asm_1, balls, eq_19
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import check
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import (
    distributional_sensitivity,
    entropy,
    expected_risk_bound,
    gibbs_risk,
    total_variation,
    worst_case_risk,
    worst_case_sensitivity,
)

_PARTS = {
    "worst": (
        "The worst risk is at most the risk plus the supremum sensitivity",
        "R_rob(x) <= R(x) + sup TV(q_x, q_x'), plus delta where the labels are those of x'.",
        r"R_{\mathrm{rob}}(x) \le R(x) + \sup_{x'} \mathrm{TV}(q_x, q_{x'}) + \delta",
        ("worst_case_risk", "worst_case_sensitivity"),
    ),
    "mean": (
        "The mean risk under perturbation is at most the risk plus the sensitivity",
        "E R(x') <= R(x) + S_TV(x) = R + SUA + lambda H, plus delta for labels of x'.",
        r"\mathbb{E}_{x'} R(x') \le R(x) + S_{\mathrm{TV}}(x) + \delta"
        r" = R(x) + \mathrm{SUA}(x) + \lambda H(x) + \delta",
        ("expected_risk_bound", "distributional_sensitivity"),
    ),
    "tail": (
        "Large rises of the risk are rare where the sensitivity is small",
        "For s > 0, the risk rises by s or more with probability at most S_TV(x)/s.",
        r"\Pi(R(x') - R(x) \ge s) \le S_{\mathrm{TV}}(x)/s",
        ("distributional_sensitivity", "gibbs_risk"),
    ),
    "rarest": (
        "The worst risk is at most the risk plus the sensitivity over the least weight",
        "With pi the least weight of a perturbation other than x, R_rob(x) <= R(x) + S_TV(x)/pi.",
        r"R_{\mathrm{rob}}(x) \le R(x) + S_{\mathrm{TV}}(x) / \min_{x' \ne x} \Pi(x'|x)",
        ("worst_case_risk", "distributional_sensitivity"),
    ),
    "sampled": (
        "The worst of K draws",
        "With K draws, each of law Pi: E max R(x'_k) <= R(x) + E max TV(q_x, q_x'_k) <= R + K S.",
        r"\mathbb{E}\max_{k \le K} R(x'_k) \le R(x) + \mathbb{E}\max_k \mathrm{TV}(q_x, q_{x'_k})"
        r" \le R(x) + K S_{\mathrm{TV}}(x)",
        ("distributional_sensitivity", "gibbs_risk"),
    ),
    "population": (
        "The SUA risk controls the mean risk, once the entropy is added",
        "E R(X') <= E R + E S_TV <= E R + R_SUA + lambda E H, for every lambda > 0.",
        r"\mathbb{E}_x \mathbb{E}_{x'} R(x') \le \mathbb{E} R + \mathbb{E} S_{\mathrm{TV}}"
        r" \le \mathbb{E} R + \mathcal{R}_{\mathrm{SUA}} + \lambda\,\mathbb{E} H",
        ("expected_risk_bound", "sua_risk", "entropy"),
    ),
}
CLAIMS = tuple(
    Claim(
        id=f"n_4.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where="repair of Theorem 4.3 and Corollary 4.4",
        reading=(
            "R is the Gibbs risk under the label law of x or, but for delta, the self-risk; the "
            "loss is in [0, 1]"
        ),
        severity="conclusion",
        uses=("asm_1@tv", "eq_19@gibbs", "eq_19@self"),
        ref=ref,
        bound=True,
        credit=(
            "the step (19) is in Pinot et al. (NeurIPS 2019); averages, Markov's inequality and a "
            "union of draws are elementary"
        ),
    )
    for part, (title, statement, formula, ref) in _PARTS.items()
)
_r, _there, _t, _delta, _s, _w, _i, _d, _a, _b, _pi, _pos, _h = variables(
    "R R' t delta S w i d a b pi pos lambda*h"
)
_STEP = {"step": _r + _t + _delta - _there}
_SURE = {"step": _r + _t - _there}

LEMMAS: dict[str, list[Lemma]] = {
    "worst": [
        lemma(
            "n_4.worst", _r + _s + _delta - _there, atoms={**_STEP, "S - t": _s - _t},
            products={("step",): 1, ("S - t",): 1},
        )
    ],
    "mean": [
        lemma(
            "n_4.mean", _w * (_r + _t + _delta - _there), atoms={**_STEP, "w": _w},
            products={("w", "step"): 1}, common="R delta",
        )
    ],
    "tail": [
        lemma(
            "n_4.tail", _w * _t - _s * _w * _i,
            atoms={
                "w": _w, "i": _i, "1 - i": 1 - _i, "t": _t, "t - d": _t - _d,
                "d >= s where i = 1": _i * (_d - _s),
            },
            products={
                ("w", "i", "t - d"): 1, ("w", "d >= s where i = 1"): 1, ("w", "1 - i", "t"): 1,
            },
            common="S",
        )
    ],
    "rarest": [
        lemma(
            "n_4.rarest", _w * _t - _a * _pi * _t,
            atoms={"w": _w, "t": _t, "1 - a": 1 - _a, "w >= pi where a = 1": _a * (_w - _pi)},
            products={("w", "t", "1 - a"): 1, ("t", "w >= pi where a = 1"): 1}, common="pi",
        ),
        lemma(
            "n_4.rarest", _pi * (_r - _there) + _s,
            atoms={**_SURE, "pi": _pi, "S - pi t": _s - _pi * _t},
            products={("pi", "step"): 1, ("S - pi t",): 1},
        ),
    ],
    "sampled": [
        lemma(
            "n_4.sampled", _w * (_b * _r + _a * _t - _b * _there),
            atoms={**_SURE, "w": _w, "b": _b}, products={("w", "b", "step"): 1},
            nonnegative={"a marks the largest t": (_w * (_a - _b) * _t, 1)}, common="R",
        ),
        lemma(
            "n_4.sampled", _w * _t - _w * _a * _t, atoms={"w": _w, "t": _t, "1 - a": 1 - _a},
            products={("w", "t", "1 - a"): 1},
        ),
    ],
    "population": [
        lemma("n_4.population", _w * (_r + _t - _there), atoms={**_SURE, "w": _w},
              products={("w", "step"): 1}),
        lemma(
            "n_4.population", _w * (_pos + _h - _t),
            atoms={"w": _w, "pos - (t - lambda*h)": _pos - _t + _h},
            products={("w", "pos - (t - lambda*h)"): 1},
        ),
    ],
}  # fmt: skip
"""In ``population`` a row is an input, t its S and R' its mean risk over x'. In ``sampled`` a row
is a draw of an outcome."""


def proof(part: str) -> list[str]:
    """Why a lemma of the part, or (19) with constant 1, or Assumption 1, is not accepted."""
    found = [fault for lemma_ in LEMMAS[part] for fault in lemma_.faults()]
    labels = check(asm_1.statement(1), asm_1.certificate(1))
    return found + eq_19.proof("gibbs") + eq_19.proof("self") + labels


Sides = tuple[Any, Any]


def draws(p: Any, perturbed: Any, weights: Any, truth: Any, k: int) -> tuple[Any, Any]:
    """``E max R(x'_j)`` and ``E max TV`` of k independent draws, by full enumeration."""
    risks, moved = gibbs_risk(perturbed, _laws(truth, perturbed)), _moved(p, perturbed)
    worst, farthest = Fraction(0), Fraction(0)
    for drawn in product(range(len(perturbed)), repeat=k):
        mass = np.prod([weights[i] for i in drawn])
        worst += mass * max(risks[i] for i in drawn)
        farthest += mass * max(moved[i] for i in drawn)
    return worst, farthest


def _laws(truth: Any, perturbed: Any) -> Any:
    return np.stack([truth] * len(perturbed))


def _moved(p: Any, perturbed: Any) -> Any:
    return [total_variation(p, q) for q in perturbed]


def sides(part: str, p: Any, perturbed: Any, weights: Any, truth: Any) -> list[Sides]:
    """Left and right sides of a part (two of them for ``sampled``, K = 2), as sua_ref gives them.

    Perturbed outputs are taken to belong to inputs other than x.
    """
    here = gibbs_risk(p, truth)
    s = distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
    worst = worst_case_risk(p, perturbed, truth)
    if part == "worst":
        return [(worst, here + worst_case_sensitivity(p, perturbed, divergence="tv"))]
    if part in ("mean", "population"):
        b = expected_risk_bound(p, perturbed, truth, weights=weights)
        return [(b.lhs, b.rhs)]
    if part == "rarest":
        return [(worst, here + s / min(weights))] if min(weights) > 0 else []
    if part == "sampled":
        top, farthest = draws(p, perturbed, weights, truth, 2)
        return [(top, here + farthest), (here + farthest, here + 2 * s)]
    rises = [gibbs_risk(q, truth) - here for q in perturbed]
    return [
        (sum(w for w, r in zip(weights, rises, strict=True) if r >= level), s / level)
        for level in rises
        if level > 0
    ]


def _everywhere(part: str) -> list[str]:
    """sua_ref's own values obey it, in Fractions."""
    grid = distributions(2, 3)
    for q, first, second, share, law in product(grid, repeat=5):
        p, truth, weights = (np.array(d, dtype=object) for d in (q, law, share))
        perturbed = np.array([first, second], dtype=object)
        for left, right in sides(part, p, perturbed, weights, truth):
            if left > right:
                return [f"q = {q}, q' = {first}, {second}, Pi = {share}, p = {law}"]
    return []


_RIGHT, _WRONG = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))


def _exact(*rows: Any) -> tuple[Any, ...]:
    return tuple(np.array(r, dtype=object) for r in rows)


def tight(part: str) -> list[str]:
    """Y = 0, q_x = (1, 0), q_x' = (0, 1), drawn always; and rarely, where that says more."""
    faults = []
    always = _exact(_RIGHT, [_WRONG], (Fraction(1),), _RIGHT)
    for left, right in sides(part, *always)[:1]:
        faults += [] if left == right else [f"{left} against {right}"]
    if part == "rarest":  # (0, 1) with probability 1/10, x itself otherwise: S/pi = 1
        seldom = _exact(_RIGHT, [_RIGHT, _WRONG], (Fraction(9, 10), Fraction(1, 10)), _RIGHT)
        s = distributional_sensitivity(*seldom[:2], divergence="tv", weights=seldom[2])
        worst = worst_case_risk(seldom[0], seldom[1], seldom[3])
        faults += [] if worst == s / Fraction(1, 10) else [f"{worst} against {s}"]
    if part == "sampled":  # K S is approached as Pi(x') = u falls: 1 - (1-u)^2 = 2 u - u^2
        for u in (Fraction(1, 10), Fraction(1, 1000)):
            seldom = _exact(_RIGHT, [_RIGHT, _WRONG], (1 - u, u), _RIGHT)
            found = sides(part, *seldom)
            wanted = [(2 * u - u**2, 2 * u - u**2), (2 * u - u**2, 2 * u)]
            faults += [] if found == wanted else [f"u = {u}: {found}"]
    return faults


def informative(part: str) -> list[str]:
    """q_x = p_x = (9, 1)/10, q_x' = (8, 2)/10, Pi = (1, 1)/2: below a third, tail at 1/2."""
    if part == "population":
        return _entropy_added()
    p = (Fraction(9, 10), Fraction(1, 10))
    case = _exact(p, [p, (Fraction(4, 5), Fraction(1, 5))], (HALF, HALF), p)
    below = Fraction(1) if part == "tail" else Fraction(1, 2)
    found = sides(part, *case)
    return [] if found and all(0 < r < below for _, r in found) else [f"{found}"]


def _entropy_added() -> list[str]:
    """There, with lambda = 1/10: R + (S - lambda H)_+ + lambda H is below 1/3."""
    p = balls.balls((Fraction(9, 10), Fraction(1, 10)))
    s, risk = balls.ball(Fraction(1, 20)), balls.ball(Fraction(9, 50))
    counted = entropy(p) / 10
    excess = s - counted
    answer = decide(lambda: greater(balls.ball(Fraction(1, 3)), risk + excess.max(0) + counted))
    return [] if answer is Truth.TRUE else ["not below 1/3"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for a part of n_4."""
    part = claim.split(".")[1]
    return [
        Piece(
            Kind.PROOF, "checked", "every ball, kernel and finite number of labels, every loss in "
            "[0, 1]", partial(proof, part),
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's values obey it, in Fractions: two labels, two "
            "perturbations, denominators of 3, 1024 cases", partial(_everywhere, part), deep=True,
        ),
        Piece(
            Kind.TIGHT, "checked", "equality: Y = 0, q_x = (1, 0), q_x' = (0, 1)",
            partial(tight, part),
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "q_x = p_x = (9, 1)/10, q_x' = (8, 2)/10, Pi = (1, 1)/2: "
            "far below 1 (lambda = 1/10 in the population)", partial(informative, part),
        ),
    ]  # fmt: skip
