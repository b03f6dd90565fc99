"""The evidence for n_9: lemmas, enumerations, and the draws that show what is tight."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.draws import drawn, outcomes
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import sensitivity_upper_bound, total_variation
from sua_ref.binomial import counts as binomial

_ZERO, _ONE = Fraction(0), Fraction(1)
_w, _q, _there, _a, _m = variables("w q q' a m")
_S, _x, _W, _z, _plus, _abs, _mu, _off, _c, _i = variables("S d W z z+ |z| |mu| |z-mu| c i")
_D, _L, _k, _g, _r, _y, _v, _sd = variables("D L 1/K 1/(K-1) r y sqrt(V) sqrt(v)")
_beta, _K, _P, _delta, _A, _B, _b = variables("beta K P delta A B b")

CURVATURE = lemma(
    "n_9.hoeffding", Fraction(1, 4) - _w * (1 - _w),
    atoms={"(w - 1/2)^2": (_w - HALF) * (_w - HALF)}, products={("(w - 1/2)^2",): 1},
)  # fmt: skip
TOGETHER = lemma(
    "n_9.bernstein",
    _r * _v + Fraction(7, 3) * _L * _g - _r * _sd - Fraction(1, 3) * _L * _k,
    atoms={
        "r": _r, "sqrt(v) <= sqrt(V) + y": _v + _y - _sd, "y": _y, "r <= y": _y - _r, "L": _L,
        "1/K <= 1/(K-1)": _g - _k,
    },
    products={
        ("r", "sqrt(v) <= sqrt(V) + y"): 1, ("y", "r <= y"): 1,
        ("L", "1/K <= 1/(K-1)"): Fraction(1, 3),
    },
    zero={"y^2 = 2 L/(K-1)": (_y * _y - 2 * _L * _g, 1)},
    common="L 1/K 1/(K-1) r y sqrt(V) sqrt(v)",
)  # fmt: skip
"""``r = sqrt(2L/K)``, ``y = sqrt(2L/(K-1))``: the two theorems add up to the bound."""
POWERS = lemma(
    "n_9.quantile", _b * _B - _a * _A,
    atoms={"b": _b, "B - A": _B - _A, "A": _A, "b - a": _b - _a},
    products={("b", "B - A"): 1, ("A", "b - a"): 1},
)  # fmt: skip
"""From a <= b and A <= B to a A <= b B."""
BELOW = lemma(
    "n_9.quantile", _w * (1 - _beta) - _w * _i,
    atoms={}, products={}, nonnegative={"Pi(d > m) >= beta": (_w * (1 - _i) - _w * _beta, 1)},
    common="beta",
)  # fmt: skip
"""``1 - beta - Pi(d <= m) >= 0``, i marking d <= m."""


def one_more(sign: int) -> Lemma:
    """``sign (P(K + 1 draws are all <= m) - A Pi(d <= m)) = 0``: A is the chance of K, b that of
    one; the sum is over the last draw."""
    return lemma(
        "n_9.quantile", sign * (_A * _w * _i - _A * _b * _w), atoms={}, products={},
        zero={"b = Pi(d <= m)": (_w * _i - _b * _w, -sign * _A)}, common="A b",
    )  # fmt: skip


UNSEEN = lemma(
    "n_9.quantile", _W * (_a - _z), atoms={"W": _W, "all draws are <= m": _a - _z},
    products={("W", "all draws are <= m"): 1},
)  # fmt: skip
"""Over outcomes: where Pi(d > max) > beta (marked z) all draws are at most m (marked a)."""
BERNOULLI = lemma(
    "n_9.no_supremum", (1 - _beta) * _P - (1 - (_K + 1) * _beta),
    atoms={"P - (1 - K beta)": _P - 1 + _K * _beta, "1 - beta": 1 - _beta, "K": _K, "beta": _beta},
    products={("1 - beta", "P - (1 - K beta)"): 1, ("K", "beta", "beta"): 1},
)  # fmt: skip
"""The induction: from ``(1 - beta)^K >= 1 - K beta`` to the same of K + 1."""
CHOICE = lemma(
    "n_9.no_supremum", 1 - _K * _beta - _delta - HALF * (1 - _delta), atoms={}, products={},
    zero={"2 K beta = 1 - delta": (2 * _K * _beta - 1 + _delta, HALF)}, common="K beta delta",
)  # fmt: skip
"""``1 - K beta - delta = (1 - delta)/2 > 0``."""
LARGEST = lemma(
    "n_9.largest", _there * (1 - _m) - _a * (_there - _q),
    atoms={
        "a": _a, "1 - a": 1 - _a, "q": _q, "1 - q'": 1 - _there, "q'": _there, "q - m": _q - _m,
        "1 - m": 1 - _m,
    },
    products={("a", "q", "1 - q'"): 1, ("a", "q'", "q - m"): 1, ("1 - a", "q'", "1 - m"): 1},
    common="m",
)  # fmt: skip
BIAS = (
    lemma("n_9.bias", _W * (_plus - _z), atoms={"W": _W, "z+ >= z": _plus - _z},
          products={("W", "z+ >= z"): 1}),
    lemma("n_9.bias", _W * _plus, atoms={"W": _W, "z+": _plus}, products={("W", "z+"): 1}),
    lemma(
        "n_9.bias", _W * (_off + _mu - _abs),
        atoms={"W": _W, "|z| <= |z-mu| + |mu|": _off + _mu - _abs},
        products={("W", "|z| <= |z-mu| + |mu|"): 1}, common="|mu|",
    ),
    lemma(
        "n_9.bias", _W * (_off * _off - _c * _c),
        atoms={"W": _W, "(|z-mu| - c)^2": (_off - _c) * (_off - _c)},
        products={("W", "(|z-mu| - c)^2"): 1},
        zero={"c = E|z-mu|": (_W * (_off - _c), -2 * _c)}, common="c",
    ),
    lemma(
        "n_9.bias", _W * (_i - 1) * _x, atoms={}, products={},
        zero={"draws are uncorrelated (i = 1 on the diagonal)": (_W * (1 - _i) * _x, 1)},
    ),
    lemma(
        "n_9.bias", _w * (Fraction(1, 4) * _D * _D - (_x - _S) * (_x - _S)),
        atoms={
            "w": _w, "d": _x, "D - d": _D - _x,
            "(D/2 - S)^2": (HALF * _D - _S) * (HALF * _D - _S),
        },
        products={("w", "d", "D - d"): 1, ("w", "(D/2 - S)^2"): 1},
        zero={"S = E d": (_w * (_x - _S), _D - 2 * _S)}, common="S D",
    ),
)  # fmt: skip
"""``z_+ >= z``; ``z_+ >= 0``; the triangle; Cauchy and Schwarz; the variance of a mean (rows are an
outcome and two of its draws, d standing for the product of their deviations); Popoviciu."""
LEMMAS: dict[str, tuple[Lemma, ...]] = {
    "hoeffding": (CURVATURE,),
    "bernstein": (TOGETHER,),
    "quantile": (BELOW, one_more(1), one_more(-1), UNSEEN, POWERS),
    "no_supremum": (BERNOULLI, CHOICE),
    "largest": (LARGEST,),
    "bias": BIAS,
}


def steps(part: str) -> list[str]:
    """Why a lemma of the part is not accepted; empty if all are."""
    return [fault for lemma_ in LEMMAS[part] for fault in lemma_.faults()]


_LAWS = (
    ((_ZERO, _ONE), (Fraction(9, 10), Fraction(1, 10))),
    ((_ZERO, _ONE), (HALF, HALF)),
    ((_ZERO, HALF, _ONE), (Fraction(3, 5), Fraction(1, 10), Fraction(3, 10))),
    ((Fraction(1, 4), HALF), (Fraction(1, 3), Fraction(2, 3))),
)


def failure(
    values: Sequence[Fraction], law: Sequence[Fraction], k: int, method: str, confidence: Fraction
) -> Fraction:
    """The exact chance that the mean exceeds sua_ref's bound, D = 1; an undecided one counts."""
    mean = sum((v * p for v, p in zip(values, law, strict=True)), _ZERO)
    missed = _ZERO
    for counts, mass in outcomes(k, law):
        sample = balls.balls(drawn(values, counts))
        limit = sensitivity_upper_bound(sample, confidence=confidence, method=method, d_max=1)
        missed += mass * (not limit >= balls.ball(mean))
    return missed


def kept_promises(method: str) -> list[str]:
    """Full enumerations against the promised probability."""
    faults = []
    for (values, law), k, confidence in product(_LAWS, (6, 12), (HALF, Fraction(9, 10))):
        missed = failure(values, law, k, method, confidence)
        if missed > 1 - confidence:
            faults.append(f"{values}, {law}, K = {k}: {missed} > {1 - confidence}")
    return faults


def constant_needed(part: str) -> list[str]:
    """With 2/5 for 1/2 (8/5 for 2) the bound fails too often: up to ``wrong`` heads it misses 1/2.

    What is added to the mean of k < K/2 heads grows with k, so that fewer heads are missed too.
    """
    if part == "hoeffding":
        k, wrong, level = 1000, 408, Fraction(1, 2**30)
        surprise, spread, rest = balls.log(2) * 30, balls.ball(1), balls.ball(0)
    else:
        k, wrong, level = 300_000, 147_850, Fraction(1, 2**50)
        surprise = balls.log(2) * 51
        spread = 4 * balls.ball(Fraction(wrong * (k - wrong), k * (k - 1)))
        rest = 7 * surprise / (3 * (k - 1))
    bound = balls.ball(Fraction(wrong, k)) + (2 * spread * surprise / (5 * k)).sqrt() + rest
    answer = decide(lambda: greater(balls.ball(HALF), bound))
    faults = [] if answer is Truth.TRUE else [f"at {wrong} heads the bound is {bound}"]
    seldom = binomial([(k, wrong)])[0].tail_at_most(HALF, level)
    return faults + (["it is not missed as often"] if seldom else [])


def below_largest(method: str) -> list[str]:
    """Zeros alone: 0.433 of eight, by Hoeffding; below 1 of forty, by Bernstein."""
    k = 8 if method == "hoeffding" else 40
    zeros = balls.balls([_ZERO] * k)
    limit = sensitivity_upper_bound(zeros, confidence=Fraction(19, 20), method=method, d_max=1)
    top = HALF if method == "hoeffding" else _ONE
    answer = decide(lambda: greater(balls.ball(top), limit))
    return [] if answer is Truth.TRUE else [f"the bound is {limit}"]


def beyond_largest(law: Sequence[Fraction], k: int, beta: Fraction) -> Fraction:
    """The chance that more than ``beta`` lies above the largest of k draws; values increase."""
    missed = _ZERO
    for counts, mass in outcomes(k, law):
        last = max(i for i, count in enumerate(counts) if count)
        missed += mass * (sum(law[last + 1 :], _ZERO) > beta)
    return missed


def quantiles_kept() -> list[str]:
    """A grid of laws on three increasing values, the last of which may be infinite."""
    for law, k, b in product(distributions(3, 6), range(1, 5), range(1, 5)):
        beta = Fraction(b, 5)
        if beyond_largest(law, k, beta) > (1 - beta) ** k:
            return [f"{law}, K = {k}, beta = {beta}"]
    return []


def quantile_tight() -> list[str]:
    """The failure is (1 - beta - s)^K exactly, which tends to (1 - beta)^K."""
    faults = []
    for s, k in product((Fraction(1, 10), Fraction(1, 10**6)), (1, 5)):
        beta = Fraction(1, 4)
        found = beyond_largest((1 - beta - s, beta + s), k, beta)
        faults += [] if found == (1 - beta - s) ** k else [f"s = {s}, K = {k}: {found}"]
    return faults


def eight_draws() -> list[str]:
    """(2/3)^8 < 4 %."""
    return [] if Fraction(2, 3) ** 8 < Fraction(1, 25) else ["not below 4 %"]


def bias_of(
    values: Sequence[Fraction], law: Sequence[Fraction], k: int, counted: Fraction
) -> tuple[Fraction, Fraction]:
    """``E(M - c)_+ - (S - c)_+`` and the variance of M, exactly, by enumeration."""
    mean = sum((v * p for v, p in zip(values, law, strict=True)), _ZERO)
    plus, variance = _ZERO, _ZERO
    for counts, mass in outcomes(k, law):
        found = sum(drawn(values, counts), _ZERO) / k
        plus += mass * max(found - counted, _ZERO)
        variance += mass * (found - mean) ** 2
    return plus - max(mean - counted, _ZERO), variance


def hidden(q: Any, delta: Fraction, k: int) -> tuple[Fraction, Fraction]:
    """The largest TV that hides from k draws, and the chance that all are 0 nevertheless."""
    beta = (1 - delta) / (2 * k)
    corners = np.eye(len(q), dtype=int).astype(object)
    far = max((total_variation(q, c * _ONE) for c in corners), key=Fraction)
    return far, (1 - beta) ** k


def agrees(part: str) -> list[str]:
    """The statement itself on a grid, in Fractions."""
    if part == "largest":
        for q, there in product(distributions(3, 5), repeat=2):
            p, other = (np.array(d, dtype=object) for d in (q, there))
            if total_variation(p, other) > 1 - min(q):
                return [f"q = {q}, q' = {there}"]
        return []
    if part == "no_supremum":
        for d, k in product(range(10), (1, 2, 8, 100)):
            delta = Fraction(d, 10)
            far, unseen = hidden(np.array([Fraction(3, 4), Fraction(1, 4)]), delta, k)
            if not unseen > delta or far != Fraction(3, 4):
                return [f"delta = {delta}, K = {k}: {unseen}"]
        return []
    for (values, law), k, c in product(_LAWS, (1, 2, 5), range(5)):
        bias, variance = bias_of(values, law, k, Fraction(c, 4))
        if bias < 0 or 4 * bias**2 > variance or variance > Fraction(1, 4 * k):
            return [f"{values}, {law}, K = {k}, c = {c}/4: {bias}, {variance}"]
    return []


def tight(part: str) -> list[str]:
    """Equality, or the bound that always holds."""
    if part == "bias":
        bias, variance = bias_of((_ZERO, _ONE), (HALF, HALF), 1, HALF)
        return [] if 4 * bias == 1 == 4 * variance else [f"{bias}, {variance}"]
    q = np.array([Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)])
    corner = np.array([_ZERO, _ZERO, _ONE])
    if total_variation(q, corner) != 1 - Fraction(1, 5):
        return ["the least likely label does not attain 1 - min q"]
    return steps("largest")  # no perturbation is farther


def informative(part: str) -> list[str]:
    """What each says, in numbers."""
    if part == "bias":
        return [] if Fraction(1, 4 * 5) < Fraction(1, 10) else ["trivial"]
    if part == "largest":
        return [] if 1 - HALF < 1 else ["trivial"]
    far, unseen = hidden(np.array([Fraction(3, 4), Fraction(1, 4)]), Fraction(1, 20), 8)
    return [] if far == Fraction(3, 4) and unseen > Fraction(1, 20) else [f"{far}, {unseen}"]
