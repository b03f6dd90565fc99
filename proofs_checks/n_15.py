r"""Result n_15: what the entropies of section 5.4 do estimate.

**Samples.** Let f be the frequencies of M independent draws from q, so that E f = q and
``E f^2 = q^2 + q (1 - q)/M``. Then

    H(q) - (n - 1)/M  <=  E H(f)  <=  min(H(q), log M).

Proof, over the outcomes of the draws and the labels of positive q. With the cell ``K = f log(f/q) -
f + q``, ``H(q) - E H(f)`` is the sum of the cells: the terms f log q have the mean q log q. Cells
are >= 0. And ``f log(f/q) <= f (f/q - 1)``, of mean (1 - q)/M. Last, a frequency that is not 0 is
at least 1/M, so that -f log f <= f log M.

**Paraphrases.** The answers to random paraphrases are draws from the mean output r, and
``H(r) = E H(q_X') + I(Y;X')``: the second term is a sensitivity.

**Sensitivity.** ``E KL(q_X' || t) = I + KL(r || t)`` for every t, so that
``I <= E KL(q_X' || q_x)``, the reversed KL sensitivity of x; and for two independent paraphrases
with the mean m of their outputs, ``I - E JSD = E KL(m || r) >= 0``. The latter is not sharp.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from proofs_checks import balls, log_tangents
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import distributional_sensitivity, entropy, mutual_information

_PLACE = "repair of section 5.4"


def _claim(
    part: str, title: str, statement: str, formula: str, credit: str, *, bound: bool
) -> Claim:
    return Claim(
        id=f"n_15.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where=_PLACE,
        severity="step",
        ref=("ambiguity_proxy", "entropy", "mutual_information", "distributional_sensitivity"),
        bound=bound,
        credit=credit,
    )


CLAIMS = (
    _claim(
        "samples", "The entropy of samples estimates the model's own",
        "The mean entropy of the frequencies of M draws from q is at most H(q) and log M, and at "
        "least H(q) - (n - 1)/M with n the number of labels of positive probability.",
        r"H(q) - \frac{n-1}{M} \le \mathbb{E}\,H(\hat q_M) \le \min(H(q), \log M)",
        "Miller 1955; Paninski 2003, from memory", bound=True,
    ),
    _claim(
        "paraphrases", "The entropy over paraphrases is entropy plus sensitivity",
        "The entropy of the mean output over paraphrases is the mean entropy plus the mutual "
        "information between answer and paraphrase.",
        r"H(\mathbb{E}\,q_{X'}) = \mathbb{E}\,H(q_{X'}) + I(Y;X')",
        "the usual decomposition: Hou et al. 2024, 2311.08718; Errica et al. 2024, 2406.12334",
        bound=False,
    ),
    _claim(
        "sensitivity", "The information over paraphrases is a sensitivity",
        "I(Y;X') is at least the mean JSD of the outputs at two independent paraphrases, and at "
        "most the mean KL of the outputs at paraphrases from that at x.",
        r"\mathbb{E}\,\mathrm{JSD}(q_{X'}, q_{X''}) \le I(Y;X') \le "
        r"\mathbb{E}\,\mathrm{KL}(q_{X'}\,\|\,q_x)",
        "the compensation identity (Topsoe 1967, from memory)", bound=True,
    ),
)  # fmt: skip
_w, _f, _q, _a, _b, _r, _u, _log, _n = variables("w f q a b r u L n")
_CELL = _b * _f - _a - _f + _q
_MEANS = {
    "E f = q, at each value of b": (_w * _b * (_f - _q), 1),
    "E f = q": (_w * (_f - _q), -1),
}
SAMPLES = lemma(
    "n_15.samples", _w * (_q * _b - _a), atoms={"w": _w, "cell": _CELL},
    products={("w", "cell"): 1}, zero=_MEANS,
)  # fmt: skip
"""``H(q) - E H(f) >= 0``: w is the chance of the outcome, a = -f log f, b = -log q."""
FEWER = lemma(
    "n_15.samples", _w * (_f * _log - _a),
    atoms={"w": _w, "f = 0 or f >= 1/M": _f * _log - _a},
    products={("w", "f = 0 or f >= 1/M"): 1}, common="L",
)  # fmt: skip
"""``log M - E H(f) >= 0``, L = log M."""
CONSISTENT = lemma(
    "n_15.samples", _w * ((1 - _q) * _u - _q * _b + _a),
    atoms={"w": _w, "log(f/q) <= f/q - 1": _f * _f * _r - _f - _b * _f + _a},
    products={("w", "log(f/q) <= f/q - 1"): 1},
    zero={
        "E f = q, at each value of b": (_w * _b * (_f - _q), -1),
        "E f = q": (_w * (_f - _q), -1),
        "E f^2/q = q + (1 - q)/M": (_w * (_f * _f * _r - _q - (1 - _q) * _u), 1),
    },
    common="u",
)  # fmt: skip
"""``(n - 1)/M - (H(q) - E H(f)) >= 0``: r = 1/q, u = 1/M; the sum of w (1 - q) is n - 1."""
_s, _t, _c, _m = variables("s t c m")


def decomposition(sign: int) -> Lemma:
    """``sign (H(r) - E H - I) = 0`` over paraphrases of weight w and labels: q the output, a = -q
    log q, b = -log r for the mean r; the cells of the three are q b, a and q b - a."""
    goal = _w * _q * _b - _w * _a - _w * (_q * _b - _a)
    return lemma("n_15.paraphrases", sign * goal, atoms={}, products={})


FROM_X = lemma(
    "n_15.sensitivity", _w * (_q * _t - _a) - _w * (_q * _b - _a),
    atoms={"w": _w, "cell": _r * (_t - _b) - _r + _s}, products={("w", "cell"): 1},
    zero={
        "r is the mean output, at each label": (_w * (_t - _b) * (_q - _r), -1),
        "r and q_x sum to 1": (_w * (_r - _s), -1),
    },
)  # fmt: skip
"""``E KL(q || q_x) - I >= 0``: s = q_x, t = -log q_x, r the mean output and b = -log r."""
PAIRS = lemma(
    "n_15.sensitivity", _w * (_m * _b - HALF * (_a + _f)) - _w * (_c - HALF * (_a + _f)),
    atoms={"w": _w, "cell": _m * _b - _c - _m + _r}, products={("w", "cell"): 1},
    zero={"m and r sum to 1": (_w * (_m - _r), -1)},
)  # fmt: skip
"""``I - E JSD >= 0`` over pairs of paraphrases: a, f the cells of the entropies of the two outputs,
m their mean, c = -m log m; the mean of m over pairs is r, so that I is E[-m log r] - E H."""

COIN: tuple[Fraction, ...] = (HALF, HALF)
SKEWED = (Fraction(2, 3), Fraction(1, 3))


def mean_of_samples(law: Sequence[Fraction], draws: int) -> Any:
    """E H(f) by enumeration of all outcomes, a ball."""
    total = balls.ball(0)
    for outcome in product(range(len(law)), repeat=draws):
        counts = [outcome.count(y) for y in range(len(law))]
        h = entropy(balls.balls([Fraction(k, draws) for k in counts]))
        total = total + balls.ball(prod(law[y] for y in outcome)) * h
    return total


def moments(law: Sequence[Fraction], draws: int) -> list[str]:
    """The first two moments of the frequencies, exactly, by enumeration."""
    faults = []
    for y, q in enumerate(law):
        first = second = Fraction(0)
        for outcome in product(range(len(law)), repeat=draws):
            chance, f = prod(law[z] for z in outcome), Fraction(outcome.count(y), draws)
            first, second = first + chance * f, second + chance * f * f
        if (first, second) != (q, q * q + q * (1 - q) / draws):
            faults.append(f"label {y}, M = {draws}: moments {first}, {second}")
    return faults


def _samples_proof() -> list[str]:
    parts = (SAMPLES, FEWER, CONSISTENT)
    return log_tangents.tangent() + [fault for part in parts for fault in part.faults()]


def _enumerated() -> list[str]:
    faults = []
    for law in (COIN, SKEWED, (HALF, Fraction(1, 3), Fraction(1, 6))):
        for draws in (1, 2, 4):
            h, mean = entropy(balls.balls(law)), mean_of_samples(law, draws)
            faults += moments(law, draws)
            least = h - balls.ball(Fraction(len(law) - 1, draws))
            faults += [f"{law}, M = {draws}"] if not (mean > least and mean < h) else []
    return faults


def _sure() -> list[str]:
    """A certain output: 0 throughout; and M = 1: log M = 0 = E H(f)."""
    faults = overlap("E H(f)", mean_of_samples((Fraction(1), Fraction(0)), 3), balls.ball(0))
    return faults + overlap("E H(f) at M = 1", mean_of_samples(COIN, 1), balls.ball(0))


def _coins() -> list[str]:
    return overlap("E H(f)", mean_of_samples(COIN, 2), balls.log(2) / 2) + above(
        "H - E H(f)", lambda: balls.log(2) - mean_of_samples(COIN, 2), Fraction(1, 3)
    )


def _information(outputs: Any) -> Any:
    """I(Y;X') for equally likely paraphrases, by sua_ref."""
    k = len(outputs)
    return mutual_information(balls.balls([[v / k for v in row] for row in outputs]))


_TURNED = ((Fraction(1, 4), Fraction(3, 4)), (Fraction(3, 4), Fraction(1, 4)))


def _encoding() -> list[str]:
    """H(mean) = E H + I by sua_ref's own functions, in balls."""
    mean = [sum(column) * HALF for column in zip(*_TURNED, strict=True)]
    inside = sum((entropy(balls.balls(v)) for v in _TURNED), balls.ball(0)) / 2
    return overlap("H of the mean", entropy(balls.balls(mean)), inside + _information(_TURNED))


def _from_the_mean() -> list[str]:
    """(1, 3)/4 and (3, 1)/4 about q_x = (1, 1)/2, their mean: I = E KL."""
    s = distributional_sensitivity(balls.balls(COIN), balls.balls(_TURNED), divergence="reverse_kl")
    return overlap("E KL", s, _information(_TURNED))


def _both_sides() -> list[str]:
    """The same outputs: 0 < E JSD < I."""
    p, q = (balls.balls(v) for v in _TURNED)

    def pairs() -> Any:  # two independent paraphrases differ with probability 1/2
        return distributional_sensitivity(p, q[None], divergence="jsd") / 2

    return above("E JSD", pairs, Fraction(1, 20)) + above(
        "I - E JSD", lambda: _information(_TURNED) - pairs(), Fraction(1, 20)
    )


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_15."""
    if claim == "n_15.samples":
        return [
            Piece(Kind.PROOF, "checked", "every finite number of labels, every M", _samples_proof),
            Piece(
                Kind.TIGHT, "checked", "a certain output: 0 throughout; M = 1: log M = 0; and both "
                "sides of H(q) meet as M grows", _sure,
            ),
            Piece(Kind.INFORMATIVE, "checked", "a fair coin, M = 2: (1/2) log 2", _coins),
            Piece(
                Kind.SUPPORT, "checked", "all outcomes enumerated: the two moments (Fractions) and "
                "both bounds (balls), three laws, M = 1, 2, 4", _enumerated,
            ),
        ]  # fmt: skip
    turned: list[Row] = [("q_x'", "(1/4, 3/4) or (3/4, 1/4)"), ("q_x", "(1/2, 1/2)")]
    if claim == "n_15.paraphrases":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of labels and of paraphrases",
                lambda: decomposition(1).faults() + decomposition(-1).faults(),
            ),
            Piece(
                Kind.SUPPORT, "checked", "(1, 3)/4 and (3, 1)/4: sua_ref's H and I, in balls",
                _encoding, instance=lambda: turned,
            ),
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels and of paraphrases",
            lambda: log_tangents.tangent() + FROM_X.faults() + PAIRS.faults(),
        ),
        Piece(
            Kind.TIGHT, "checked", "the right inequality, where q_x is the mean output: (1, 3)/4 "
            "and (3, 1)/4 about (1, 1)/2, in balls", _from_the_mean, instance=lambda: turned,
        ),
        Piece(Kind.INFORMATIVE, "checked", "the same outputs: 0 < E JSD < I", _both_sides),
    ]  # fmt: skip
