r"""A.2, the proof of Theorem 4.5, step by step.

Steps 1 and 2 hold, read with the argmax risk and with an error of at most the bin's width in place
of "approximately". Step 3 does not: from R_rob <= R + s and R_rob >= R nothing follows about R from
below, and neither does from the sensitivity, as a model may be unstable only where no input falls.
The text breaks off there ("Wait") and concludes with a bound of the gap that fails for the same
reason. Step 4 adds up equal bins correctly; unequal ones do not "follow analogously".

Proofs. Step 1: ``1{f = Y} + 1{f != Y} = 1``. That conf_b and g(H_b) differ by at most the width of
the bin: H_b lies between the least and the largest entropy of the bin, so g(H_b) between the values
of g there, which are confidences of the bin, as conf_b is. Step 2: |x| >= -x. Step 4, B bins of
probability 1/B: multiply each bin's gap >= v_b by 1/B and add.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, thm_4_3
from proofs_checks import calibration_worlds as worlds
from proofs_checks import flip_witnesses as seen
from proofs_checks.calibration_worlds import World
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import THM_4_3_EQ_11
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.flip_pairs import proved
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import argmax_risk, entropy, gibbs_risk, worst_case_risk

_GAP = r"|\mathrm{acc}_b - \mathrm{conf}_b|"


def _claim(
    name: str, title: str, statement: str, formula: str, quote: str, *, silent: str = "",
    reading: str = "", breaks: str = "", repair: str | None = None, bound: bool = False,
    uses: tuple[str, ...] = (), ref: tuple[str, ...] = ("population_calibration_error",),
) -> Claim:  # fmt: skip
    return Claim(
        id=f"app_a_2.{name}", kind="formal", title=title, statement=statement, formula=formula,
        source="reconstructed", where=f"A.2, step {name[5]}", quote=quote, silent=silent,
        reading=reading, severity="step", breaks=breaks, repair=repair, bound=bound, uses=uses,
        ref=ref,
    )  # fmt: skip


_RISK = {
    "title": "Accuracy is one less the risk", "formula": r"\mathrm{acc}_b = 1 - \bar R_b",
    "quote": "where is the mean risk in bin", "silent": "which risk",
    "ref": ("argmax_risk", "gibbs_risk"),
}  # fmt: skip
CLAIMS = (
    _claim(
        "step_1@argmax", statement="The accuracy of a bin is 1 less its mean 0-1 risk.",
        reading="R is the error of the most likely label", **_RISK,  # type: ignore[arg-type]  # shared words
    ),
    _claim(
        "step_1@gibbs", statement="The accuracy of a bin is 1 less its mean 0-1 risk.",
        reading="R is the risk of a label drawn from the output, as steps (19), (20) of A.1 need",
        breaks="a label drawn from the output errs where the most likely one does not",
        repair="app_a_2.step_1@argmax", **_RISK,  # type: ignore[arg-type]  # shared words
    ),
    _claim(
        "step_1_confidence", "The mean confidence is near g of the mean entropy",
        "If Conf = g(H) with g nonincreasing, the mean confidence of a bin and g of its mean "
        "entropy differ by at most the width of the bin.",
        r"|\mathrm{conf}_b - g(\bar H_b)| \le 1/B",
        "by the mean value theorem and monotonicity of",
        silent="how near; monotonicity alone gives the width of the bin", bound=True,
    ),
    _claim(
        "step_2", "The gap is at least confidence less accuracy",
        "For each bin |acc_b - conf_b| >= conf_b - (1 - R_b), R the argmax risk.",
        _GAP + r" \ge \mathrm{conf}_b - 1 + \bar R_b",
        "low entropy high confidence) and is large due to sensitivity-induced errors. Thus:",
        silent="the formula", bound=True, uses=("app_a_2.step_1@argmax",),
    ),
    _claim(
        "step_2_errors", "High sensitivity with low entropy makes the risk large",
        "Some increasing function of S_b - lambda H_b, positive where that is, bounds the mean "
        "risk of the bin from below, for stationary, label-invariant perturbations too.",
        r"\bar S_b - \lambda\bar H_b > 0 \Rightarrow \bar R_b > 0",
        "is large due to sensitivity-induced errors",
        silent="how large: positive is the weakest that would serve",
        breaks="the output may move at right answers only, or to inputs that never occur",
        repair="n_2.zero_one", ref=("argmax_risk", "distributional_sensitivity"),
    ),
    _claim(
        "step_3_upper", "The mean worst-case risk of a bin, from Theorem 4.3",
        "Under Assumptions 1 to 3 and the lambda-condition, in each bin the mean worst-case risk "
        "is at most the mean risk plus L_D (S_b - lambda H_b) plus the mean of kappa.",
        r"\bar R_{\mathrm{rob},b} \le \bar R_b + L_D(\bar S_b - \lambda\bar H_b) + \bar\kappa_b",
        "the mean worst-case risk satisfies (from Theorem 4.3, taking expectations)",
        silent="the formula",
        breaks="(11) fails at an input, and a bin may hold that input alone", repair="n_3",
        ref=("thm_4_3_eq_11",),
    ),
    _claim(
        "step_3_lower", "An upper bound of the worst case bounds the risk from below",
        "From R_rob,b >= R_b, and R_rob,b <= R_b + L_D (S_b - lambda H_b) + kappa_b where it "
        "holds: R_b >= S_b - lambda H_b - c_b, with c_b = 0 where bins have no width and S is "
        "exact.",
        r"\bar R_b \ge \bar S_b - \lambda\bar H_b - c_b",
        "(worst case cannot be smaller than typical risk), and adversarially induced failures "
        "increase actual mean risk",
        silent="the formula; c_b",
        breaks="uses an upper bound on R_rob as a lower bound on R", repair="n_2.zero_one",
        ref=("gibbs_risk", "worst_case_risk", "distributional_sensitivity"),
    ),
    _claim(
        "step_3_gap", "In the overconfident regime the gap is at least the violation",
        "In a bin of mean confidence near 1 and accuracy below 1, |acc_b - conf_b| >= (S_b - "
        "lambda H_b - c_b)_+, with c_b = 0 where bins have no width and S is exact.",
        _GAP + r" \ge \left(\bar S_b - \lambda\bar H_b - c_b\right)_+",
        "in the overconfident regime, is close to 1 and is less than 1 (the model makes errors)",
        silent="the formula; how close",
        breaks="the gap is what the model errs where inputs fall, S what it does beside them",
        repair="n_1.per_bin", ref=("thm_4_5", "population_calibration_error"),
    ),
    _claim(
        "step_4@equal_bins", "Adding up bins of equal probability",
        "If B bins have probability 1/B each and each gap is at least v_b, the ECE is at least "
        "the mean of v_b.",
        r"\mathrm{ECE} \ge \frac1B\sum_b v_b", "Summing over bins with weight and lower-bounding",
        reading="the bins are equally likely", bound=True,
    ),
    _claim(
        "step_4@any_bins", "Adding up bins of any probability",
        "If each gap is at least v_b >= 0, the ECE is at least the mean of v_b over the B bins.",
        r"\mathrm{ECE} \ge \frac1B\sum_b v_b",
        "the general unequal-bin case follows analogously",
        silent="with which weights; 1/B is what (12) prints",
        reading="the bins have any probability, and count 1/B each",
        breaks="a rare bin counts 1/B on the right alone", repair="app_a_2.step_4@mass",
    ),
    _claim(
        "step_4@mass", "Adding up bins by their probability",
        "If each gap is at least v_b, the ECE is at least sum_b w_b v_b, w_b being the bin's "
        "probability.",
        r"\mathrm{ECE} \ge \sum_b w_b v_b", "the general unequal-bin case follows analogously",
        silent="with which weights", reading="the bins have any probability, and count it",
        bound=True,
    ),
)  # fmt: skip

_p, _a, _w, _c, _top, _low, _x, _y = variables("p a w c top low x y")
RISK = lemma("app_a_2.step_1@argmax", _a * _p + (1 - _a) * _p - _p, atoms={}, products={})
"""``acc + R - 1 = 0``: a is the indicator of the answer; over labels."""
MEAN = lemma(
    "app_a_2.step_1_confidence",
    _w * (_top - _c),
    atoms={"w": _w, "in the bin": _top - _c},
    products={("w", "in the bin"): 1},
    common="top",
)
"""A mean of values at most ``top`` is; likewise from below, and for entropies."""
BOTH_IN = lemma(
    "app_a_2.step_1_confidence",
    (_top - _low) - (_x - _y),
    atoms={"x <= top": _top - _x, "low <= y": _y - _low},
    products={("x <= top",): 1, ("low <= y",): 1},
)
"""Two values of one bin differ by at most its width."""
_gap, _difference, _v = variables("|acc-conf| acc-conf v")
ABSOLUTE = lemma(
    "app_a_2.step_2", _gap + _difference,
    atoms={"|x| >= -x": _gap + _difference}, products={("|x| >= -x",): 1},
)  # fmt: skip
BY_MASS = lemma(
    "app_a_2.step_4@mass", _w * (_gap - _v),
    atoms={"w": _w, "the gap is at least v": _gap - _v},
    products={("w", "the gap is at least v"): 1},
)  # fmt: skip
"""``ECE - sum w v >= 0``; with w = 1/B for equal bins."""


def _risks(world: World, x: int) -> tuple[Any, Any, Any]:
    """Accuracy, argmax risk and Gibbs risk of one input, exactly."""
    q, p = (np.array(v, dtype=object) for v in (world.model[x], world.p_true[x]))
    return p[list(q).index(max(q))], argmax_risk(q, p), gibbs_risk(q, p)


def _argmax() -> list[str]:
    faults = RISK.faults()
    for world in (worlds.LANDS_UNCERTAIN, worlds.ONE_BIN, worlds.ENTROPY_READ):
        for x in range(len(world.p_x)):
            accuracy, risk, _ = _risks(world, x)
            faults += seen.same(f"{world.name}, input {x}", accuracy, 1 - risk)
    return faults


def _gibbs() -> list[str]:
    accuracy, _, risk = _risks(worlds.CERTAIN_AND_TORN, 1)
    return [] if (accuracy, risk) == (1, HALF) else [f"accuracy {accuracy}, risk {risk}"]


def _step_function() -> list[str]:
    """In one bin, confidence 1 at entropy 0 and 0 from e log 2 on, of which a share e has log 2:
    the mean entropy is e log 2, where g is 0, and the mean confidence is 1 - e."""
    faults = []
    for e in (Fraction(1, 10), Fraction(1, 1000)):
        h = entropy(balls.balls((worlds.UP, worlds.COIN)))
        mean = balls.ball(1 - e) * h[0] + balls.ball(e) * h[1]
        steps = h[0].is_zero() and mean.overlaps(balls.ball(e) * balls.log(2))
        conf = (1 - e) * Fraction(1) + e * Fraction(0)
        faults += [] if steps and conf - 0 == 1 - e else [f"e = {e}: mean entropy {mean}"]
    return faults


def _no_errors() -> list[str]:
    """The certain inputs of ``certain_and_torn``: S = 1/2, H = 0, and the answer is right."""
    world, faults = worlds.CERTAIN_AND_TORN, worlds.CERTAIN_AND_TORN.hypothesis_faults()
    for x in (0, 2):
        moved = World("", (Fraction(1),), (world.p_true[x],), (world.model[x],), ((Fraction(1),),))
        faults += seen.same("R", _risks(moved, 0)[1], 0)
        there = world.model[world.kernel[x].index(1)]
        tv = sum(abs(a - b) for a, b in zip(world.model[x], there, strict=True)) / 2
        faults += seen.same("S", tv, HALF) + seen.same("max q", max(world.model[x]), 1)
    return faults


def _upper() -> list[str]:
    faults = []
    for condition, instance in THM_4_3_EQ_11.items():
        faults += thm_4_3.hypothesis_faults(instance, condition)
        faults += thm_4_3.violation_faults(
            instance, risk="gibbs", gap="signed", condition=condition
        )
    return faults


def _lower() -> list[str]:
    """R = 0, R_rob = 1 = S, H = 0: both premises hold, and R >= S fails."""
    world = worlds.OFF_DISTRIBUTION
    p, perturbed, p_true, _, _ = world.built().arguments(0)
    robust = worst_case_risk(p, perturbed, p_true)
    faults = seen.same("R", gibbs_risk(p, p_true), 0) + seen.same("R_rob", robust, 1)
    faults += seen.same("S", world.sensitivity(), 1)
    return faults + ([] if world.entropy().is_zero() else ["H is not 0"])


def _overconfident() -> list[str]:
    """Confidence 1, accuracy 9/10: the gap is 1/10, S = 1 and H = 0."""
    world = worlds.CONFIDENT_ERRORS
    faults = seen.same("the gap", world.finest_error(), Fraction(1, 10))
    faults += seen.same("S", world.sensitivity(), 1)
    return faults + ([] if world.entropy().is_zero() else ["H is not 0"])


def _unequal() -> list[str]:
    """Gaps 1 and 1/100 at probabilities 1/100 and 99/100: ECE = .0199, the mean gap is .505."""
    ece = seen.error(worlds.UNEQUAL_BINS, 2)
    mean = (1 + Fraction(1, 100)) / 2
    return seen.same("ECE", ece, Fraction(199, 10_000)) + ([] if ece < mean else ["no violation"])


def _coins() -> list[str]:
    """Confidence 1, accuracy 1/2: gap, bound and ECE are 1/2."""
    accuracy, risk, _ = _risks(worlds.FLIPPED_COINS, 0)
    return seen.flipped_coins() + seen.same("bound", 1 - 1 + risk, 1 - accuracy)


def _rarely_wrong() -> list[str]:
    """Confidence 1, accuracy 9/10: bound and gap are 1/10, as wherever the bound is positive."""
    world = worlds.CONFIDENT_ERRORS
    built = world.built()
    risk = built.expectation(argmax_risk(built.model, built.p_true))
    faults = seen.same("gap", world.finest_error(), Fraction(1, 10))
    return faults + seen.same("bound", 1 - 1 + risk, Fraction(1, 10))


def _half_known() -> list[str]:
    """Confidences 1 and 1/2, accuracies 1/2 and 1: gaps 1/2, of which 1/2 and 1/4 are known."""
    stays = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    world = World("", (HALF, HALF), (worlds.COIN, worlds.UP), (worlds.UP, worlds.COIN), stays)
    faults = seen.same("ECE", seen.error(world, 2), HALF)
    return faults + seen.same("bound", (HALF + HALF / 2) / 2, Fraction(3, 8))


def _rare_bin() -> list[str]:
    """Gaps 1 and 1/100 at probabilities 1/100 and 99/100, of which 1/2 and 1/100 are known."""
    faults = seen.same("ECE", seen.error(worlds.UNEQUAL_BINS, 2), Fraction(199, 10_000))
    known = Fraction(1, 100) * HALF + Fraction(99, 100) * Fraction(1, 100)
    return faults + seen.same("bound", known, Fraction(149, 10_000))


def _narrow() -> list[str]:
    """15 bins: the two are within 1/15, where nothing said they were within 1."""
    edges = [Fraction(k, 15) for k in (7, 8)]
    return seen.same("width", edges[1] - edges[0], Fraction(1, 15))


_PROVED: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "step_1@argmax": ("every finite number of inputs and labels", _argmax),
    "step_1_confidence": (
        "every nonincreasing g, every bin, every finite number of inputs",
        lambda: proved(MEAN, BOTH_IN),
    ),
    "step_2": ("every bin", lambda: proved(ABSOLUTE, RISK)),
    "step_4@equal_bins": ("every number of bins", BY_MASS.faults),
    "step_4@mass": ("every number of bins", BY_MASS.faults),
}  # fmt: skip
_SPEAKS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "step_2": ("confidence 1, accuracy 9/10: 1/10; positive, it is an equality", _rarely_wrong),
    "step_4@equal_bins": ("two bins, gaps 1/2, known 1/2 and 1/4: 3/8 of 1/2", _half_known),
    "step_4@mass": (
        "probabilities 1/100 and 99/100, known 1/2 and 1/100: 149/10000 of 199/10000", _rare_bin
    ),
}  # fmt: skip
_REFUTED: dict[str, tuple[str, Callable[[], list[str]], Callable[[], list[Row]]]] = {
    "step_1@gibbs": (
        "(1/2, 1/2) where the first label is certain: accuracy 1, Gibbs risk 1/2", _gibbs,
        worlds.CERTAIN_AND_TORN.lines,
    ),
    "step_2_errors": (
        "the bin of confidence 1: S = 1/2, H = 0, risk 0", _no_errors,
        worlds.CERTAIN_AND_TORN.lines,
    ),
    "step_3_upper": (
        "both readings of the lambda-condition: a bin that holds the oracle that never moves",
        _upper, THM_4_3_EQ_11["at_least_phi"].lines,
    ),
    "step_3_lower": (
        "both premises hold with R = 0 and S - lambda H = 1, every lambda", _lower,
        worlds.OFF_DISTRIBUTION.lines,
    ),
    "step_3_gap": (
        "confidence 1, accuracy 9/10: the gap is 1/10, S - lambda H = 1 for every lambda",
        _overconfident, worlds.CONFIDENT_ERRORS.lines,
    ),
    "step_4@any_bins": (
        "probabilities 1/100 and 99/100, gaps 1 and 1/100", _unequal, worlds.UNEQUAL_BINS.lines
    ),
}  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one step of A.2."""
    step = claim.removeprefix("app_a_2.")
    if step in _REFUTED:
        words, run, instance = _REFUTED[step]
        return [Piece(Kind.COUNTEREXAMPLE, "checked", words, run, instance=instance)]
    scope, run = _PROVED[step]
    found = [Piece(Kind.PROOF, "checked", scope, run)]
    if step == "step_1@argmax":
        return found
    if step == "step_1_confidence":
        return [
            *found,
            Piece(
                Kind.TIGHT, "checked", "approached: a g that falls from one end of the bin to the "
                "other, 1 - e of its width", _step_function,
            ),
            Piece(Kind.INFORMATIVE, "checked", "15 bins: within 1/15", _narrow),
        ]  # fmt: skip
    coins = worlds.FLIPPED_COINS.lines
    return [
        *found,
        Piece(Kind.TIGHT, "checked", "equality: one bin, gap 1/2", _coins, instance=coins),
        Piece(Kind.INFORMATIVE, "checked", *_SPEAKS[step]),
    ]
