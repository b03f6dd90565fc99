r"""Remark 3.3: the mean and the supremum of the divergence over the perturbations.

With weights w >= 0 of sum 1 and M the supremum, ``M - S = sum w (M - D)``. Hence

* S <= M, whatever the support (``upper``); the converse that the remark adds is the same inequality
  (``lower``);
* S = M < infinity iff D = M wherever w > 0 (``iff@finite``): ``M - S >= w (M - D)`` for each x';
* x belongs to its ball and D(q_x||q_x) = 0, so ``M - S >= Pi({x}) M``: under full support S < M as
  soon as 0 < M < infinity, and the two are never equal (``equal``);
* if M is infinite, one jump of positive probability makes S infinite too (``iff@infinite``);
* no constant C has M <= C S: give the worst case the weight 1/k (``reverse``). What holds is ``pi M
  <= S``, pi being the least weight of an input other than x (``least_weight``).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_checks import balls
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import exact, is_
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import distributional_sensitivity, worst_case_sensitivity

_REF = ("distributional_sensitivity", "worst_case_sensitivity")
_EQUAL = "The two are equal when is concentrated at the worst-case perturbation."
_FULL = "is an upper bound on for any with full support on"


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, *,
    severity: Severity = "remark", reading: str = "", repair: str | None = None,
    bound: bool = False, breaks: str = "",
) -> Claim:  # fmt: skip
    return Claim(
        id=f"rem_3_3.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed" if quote else "ours",
        where="section 3.2, Remark 3.3" if quote else "repair of Remark 3.3",
        quote=quote,
        silent=silent,
        reading=reading,
        fidelity="exact" if part in ("upper", "lower") else "equivalent",
        severity=severity,
        ref=_REF,
        repair=repair,
        breaks=breaks,
        bound=bound,
        credit="" if quote else "elementary",
    )


CLAIMS = (
    _claim(
        "upper", "The supremum is at least the mean",
        "S(x) <= S_sup(x) for every perturbation distribution on the ball, of full support or not.",
        r"S(x) \le \sup_{x'\in B} D(q_x\,\|\,q_{x'})",
        _FULL, "which of the two quantities the words between the formulas name",
        severity="step", bound=True,
    ),
    _claim(
        "lower", "The mean is at most the supremum",
        "S(x) <= S_sup(x), with no regularity: the inequality of the first sentence again.",
        r"S(x) \le \sup_{x'\in B} D(q_x\,\|\,q_{x'})",
        "Conversely, lower-bounds the supremum under mild regularity.",
        "the regularity; how it is a converse", bound=True,
    ),
    _claim(
        "equal", "The two are equal when Pi is concentrated at the worst case",
        "Among the perturbation distributions with full support some, concentrated at the worst "
        "case, have S(x) = S_sup(x) > 0.",
        r"\Pi(\text{worst}) \text{ near } 1 \Rightarrow S(x) = \sup_{x'\in B} D",
        _EQUAL, "whether the full support of the first sentence still holds",
        reading="full support on the ball, which contains x; D is finite",
        repair="rem_3_3.iff@finite",
        breaks="x belongs to its ball and has D(q_x||q_x) = 0",
    ),
    _claim(
        "iff@finite", "When the mean is the supremum",
        "If S_sup(x) is finite, S(x) = S_sup(x) iff D(q_x||q_x') = S_sup(x) for every x' of "
        "positive probability.",
        r"S = S_{\sup} < \infty \iff D = S_{\sup}\ \Pi\text{-a.s.}",
        "", "", reading="the supremum is finite",
    ),
    _claim(
        "iff@infinite", "When the mean is the supremum",
        "S(x) = S_sup(x) iff D(q_x||q_x') = S_sup(x) for every x' of positive probability, also "
        "where they are infinite.",
        r"S = S_{\sup} \iff D = S_{\sup}\ \Pi\text{-a.s.}",
        _EQUAL, "which D; that S may be infinite",
        reading="the supremum may be infinite, as under KL", repair="rem_3_3.iff@finite",
        breaks="one infinite divergence of positive probability makes the mean infinite too",
    ),
    _claim(
        "reverse", "The mean controls the supremum up to a constant",
        "There is a constant C with S_sup(x) <= C S(x) for every model and every perturbation "
        "distribution with full support.",
        r"\exists C:\ \sup_{x'\in B} D \le C\, S(x)",
        "our operational definition uses the expected version, which bounds it from below",
        "that the operational quantity says nothing of the theorem's without such a constant",
        severity="step", repair="rem_3_3.least_weight",
        breaks="the worst case may have any small weight",
    ),
    _claim(
        "least_weight", "The supremum is at most the mean over the least weight",
        "On a finite ball, pi S_sup(x) <= S(x) with pi the least probability of an input other "
        "than x.",
        r"\min_{x'\ne x}\Pi(x')\cdot\sup_{x'\in B} D \le S(x)",
        "", "", severity="step", bound=True,
    ),
)  # fmt: skip
_w, _d, _m, _e, _rest, _pi, _c, _k, _r = variables("w D M e o pi C k r")
_MEAN = {"w": _w, "D <= M": _m - _d}


def upper(claim: str) -> Lemma:
    """``M - S = sum w (M - D) >= 0``."""
    return lemma(
        claim, _w * (_m - _d), atoms=_MEAN, products={("w", "D <= M"): 1}, common="M"
    )  # fmt: skip


ONE_TERM = lemma(
    "rem_3_3.iff@finite", _w * (_m - _d) - _e * _w * (_m - _d),
    atoms={**_MEAN, "e <= 1": 1 - _e}, products={("e <= 1", "w", "D <= M"): 1}, common="M",
)  # fmt: skip
"""``M - S >= w_j (M - D_j)``: e marks the input j."""
ALL_TERMS = lemma(
    "rem_3_3.iff@finite", -1 * _w * (_m - _d), atoms={"w (D - M)": -1 * _w * (_m - _d)},
    products={("w (D - M)",): 1}, common="M",
)  # fmt: skip
"""The other way: if ``w (M - D) <= 0`` for every input, then M <= S."""
FULL_SUPPORT = lemma(
    "rem_3_3.equal", _w * (_m - _d) - _e * _w * _m,
    atoms={**_MEAN, "e <= 1": 1 - _e}, products={("e <= 1", "w", "D <= M"): 1},
    zero={"D = 0 at x": (_e * _w * _d, 1)}, common="M",
)  # fmt: skip
"""``M - S >= Pi({x}) M``: e marks x itself, where D = 0."""
NO_CONSTANT = lemma(
    "rem_3_3.reverse", _m - _c * _r * _m - _m * _r * (_k - _c), atoms={}, products={},
    zero={"k (1/k) = 1": (_k * _r - 1, _m)}, common="C k r M",
)  # fmt: skip
"""``M - C S >= (M/k)(k - C)``, which is > 0 for k > C: the worst case has weight r = 1/k and the
rest D = 0, so that S = M/k."""
LEAST_WEIGHT = lemma(
    "rem_3_3.least_weight", _w * _d - _e * _pi * _m,
    atoms={"w": _w, "D": _d, "pi <= w": _w - _pi, "1 - e": 1 - _e, "e": _e},
    products={("1 - e", "w", "D"): 1, ("e", "pi <= w", "D"): 1},
    zero={"D = M at the worst case": (_e * (_d - _m), -1 * _pi)}, common="pi M",
)  # fmt: skip
"""``S - pi M >= 0``: e marks a worst case."""

_SURE, _OTHER = (1, 0), (0, 1)


def sensitivities(weights: Any, outputs: Any, divergence: str = "tv") -> tuple[Any, Any]:
    """S and S_sup at the first of the outputs: Fractions, or balls where a logarithm is needed."""
    made = exact if divergence == "tv" else balls.balls
    rows, law = made(outputs), made(weights)
    mean = distributional_sensitivity(rows[0], rows, divergence=divergence, weights=law)
    return mean, worst_case_sensitivity(rows[0], rows, divergence=divergence)


def below(weights: Any = (Fraction(1, 10), Fraction(9, 10))) -> list[str]:
    """Full support, 9/10 at the worst case: S = 9/10 < 1."""
    faults = [] if min(weights) > 0 else ["no full support"]
    mean, worst = sensitivities(weights, (_SURE, _OTHER))
    return faults + ([] if mean < worst else [f"S = {mean}, sup {worst}"])


def infinite(weights: Any = (HALF, HALF), divergence: str = "kl") -> list[str]:
    """Pi({x}) = 1/2, and yet S = sup = infinity under KL."""
    mean, worst = sensitivities(weights, (_SURE, _OTHER), divergence)
    faults = [] if min(weights) > 0 else ["D = sup almost surely"]
    return faults + [f"{name} = {v}" for name, v in (("S", mean), ("sup", worst)) if v.is_finite()]


def _family(k: int) -> tuple[Any, Any]:
    """k inputs, of which one of weight 1/k flips."""
    return (Fraction(1, k),) * k, (*(_SURE,) * (k - 1), _OTHER)


def _reverse() -> list[str]:
    faults = NO_CONSTANT.faults()
    for k in (2, 10, 100):
        mean, worst = sensitivities(*_family(k))
        faults += is_("S/sup", mean / worst, Fraction(1, k))
    return faults


def _attained(weights: Any, outputs: Any, share: Fraction) -> Callable[[], list[str]]:
    def run() -> list[str]:
        mean, worst = sensitivities(weights, outputs)
        return is_("S", mean, share * worst)

    return run


def _half() -> list[str]:
    mean, worst = sensitivities((HALF, HALF), (_SURE, _OTHER))
    return is_("S", mean, HALF) + is_("sup", worst, 1)


def _bound_pieces(claim: str) -> list[Piece]:
    if claim == "rem_3_3.least_weight":
        spread = (Fraction(1, 10), Fraction(7, 10), Fraction(1, 5))
        proof, tight = LEAST_WEIGHT, _attained(spread, (_SURE, _SURE, _OTHER), spread[2])
        words = "Pi = (1, 7, 2)/10, only the last flips: S = sup/5"
    else:
        proof, tight = upper(claim), _attained((0, 1), (_SURE, _OTHER), Fraction(1))
        words = "a point mass at a flip: S = sup = 1"
    return [
        Piece(
            Kind.PROOF, "checked", "every finite ball, model, Pi and D >= 0 with finite supremum; "
            "an infinite one is no less than S", proof.faults,
        ),
        Piece(Kind.TIGHT, "checked", f"{words} (TV, Fractions)", tight),
        Piece(Kind.INFORMATIVE, "checked", "Pi = (1, 1)/2, one of two flips: S = 1/2 < 1", _half),
    ]  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Remark 3.3."""
    flip: list[Row] = [("q_x", "(1, 0)"), ("q_x'", "(0, 1)")]
    if claim == "rem_3_3.equal":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "every finite ball, model and Pi with full "
                "support, 0 < sup < infinity: sup - S >= Pi({x}) sup > 0", FULL_SUPPORT.faults,
            ),
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "Pi = (1, 9)/10, the second flips: S = 9/10 < 1 "
                "(TV, Fractions)", below, instance=lambda: [*flip, ("Pi", "(1/10, 9/10)")],
            ),
        ]  # fmt: skip
    if claim == "rem_3_3.iff@finite":
        return [
            Piece(
                Kind.PROOF,
                "checked",
                "every finite ball, model, Pi and D: both directions",
                lambda: ONE_TERM.faults() + ALL_TERMS.faults(),
            )
        ]
    if claim == "rem_3_3.iff@infinite":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "KL, Pi = (1, 1)/2 on x and a flip: S = sup = "
                "infinity, and D(q_x||q_x) = 0 has probability 1/2", infinite,
                instance=lambda: [*flip, ("Pi", "1/2 at x, 1/2 at x'"), ("D", "0, infinity")],
            )
        ]  # fmt: skip
    if claim == "rem_3_3.reverse":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "every C: k > C inputs of weight 1/k, one of which "
                "flips; S = sup/k (TV; k = 2, 10, 100 by sua_ref in Fractions)", _reverse,
                instance=lambda: [*flip, ("Pi", "1/k each"), ("S, sup", "1/k, 1")],
            )
        ]  # fmt: skip
    return _bound_pieces(claim)
