r"""Section 2.3: the entropy confidence, and temperature scaling.

``Conf = 1 - H/log n`` lies in [0, 1], but it is no probability of being right: the truth (3, 1)/4
is right with probability 3/4 and has Conf = 0.189. Nor is it a property of the prediction: with
labels added that never occur, Conf tends to 1 for every output. Over m labels ``H <= log m``, so
that ``n >= m^k`` gives ``Conf >= 1 - 1/k``.

Temperature scaling minimises the log-loss; its T may raise the calibration error of the very set on
which it is fitted. Let 775 answers have odds 4 : 1, of which 620 are right, and 44 have odds 4^5 :
1, of which 22 are right. The derivative of the log-loss in 1/T, in units of log 4, is

    775 (conf_1 - 4/5) + 44 * 5 (conf_2 - 1/2),

and 0 at T = 2, where the odds are 2 : 1 and 32 : 1. Being convex in 1/T, the log-loss is least
there. The few that are far too sure pull the many that were right off their place.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls, def_3_6, log_tangents
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import (
    FiniteWorld,
    argmax_risk,
    entropy_confidence,
    expected_calibration_error,
    population_calibration_error,
)

_DERIVED = "scalar confidence is often derived from predictive entropy"


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, *,
    severity: Severity = "remark", repair: str | None = None, breaks: str = "", no_repair: str = "",
    bound: bool = False, credit: str = "", ref: tuple[str, ...] = ("entropy_confidence",),
) -> Claim:  # fmt: skip
    return Claim(
        id=f"txt_2_3.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed" if quote else "ours",
        where="section 2.3, last paragraph" if quote else "on section 2.3, last paragraph",
        quote=quote,
        silent=silent,
        fidelity="exact" if part == "range" else "equivalent",
        severity=severity,
        repair=repair,
        no_repair=no_repair,
        breaks=breaks,
        bound=bound,
        credit=credit,
        ref=ref,
    )


_CONF = r"\mathrm{Conf}(x) = 1 - \frac{H_\theta(x)}{\log n}"
CLAIMS = (
    _claim(
        "range", "The entropy confidence lies in [0, 1]",
        "0 <= 1 - H/log n <= 1 for every output on n >= 2 labels.", rf"0 \le {_CONF} \le 1",
        "normalizes by the maximum possible entropy", "n = 1, where it reads 0/0", bound=True,
        credit="Gibbs' inequality",
    ),
    _claim(
        "confidence", "The entropy confidence is a confidence",
        "A model that is the truth, P_theta = P, is calibrated under Conf = 1 - H/log n: P(Y = "
        "f(x)|x) = Conf(x).", rf"P(Y = f(x)|x) = {_CONF}", _DERIVED,
        "that the number is meant as a probability of being right, as in the definition of ECE",
        severity="step", repair="n_14", breaks="it is a function of the entropy, not of max p",
        ref=("entropy_confidence", "population_calibration_error", "argmax_risk"),
    ),
    _claim(
        "unused_labels", "Unused labels make every output confident",
        "If an output has m labels of positive probability among n >= m^k, Conf >= 1 - 1/k: adding "
        "labels that never occur brings Conf as near 1 as one likes.",
        r"n \ge m^k \Rightarrow \mathrm{Conf}(x) \ge 1 - \frac{1}{k}", "", "",
        bound=True, credit="we found no earlier statement after a limited search; immediate",
    ),
    _claim(
        "temperature", "Temperature scaling improves calibration where it is fitted",
        "If T minimises the negative log-likelihood of a held-out set, the calibration error of "
        "the rescaled outputs on that set is at most that of the outputs.",
        r"\mathrm{ECE}(\mathrm{softmax}(z/T^*)) \le \mathrm{ECE}(\mathrm{softmax}(z))",
        "learns a scalar such that rescaled logits improve calibration on a held-out set",
        "the measure of calibration; under the log-loss itself the sentence is true",
        breaks="the log-loss weighs an answer by its logit, the calibration error does not",
        no_repair="what the fitted T lowers is the log-loss, by the choice of T",
        ref=("expected_calibration_error", "temperature_scale"),
    ),
)  # fmt: skip
_log, _h, _k, _most = variables("L H k m")
LOW = lemma(
    "txt_2_3.range", _log - _h, atoms={"H <= log n": _log - _h}, products={("H <= log n",): 1}
)
"""``Conf log n = log n - H >= 0``; and ``(1 - Conf) log n = H >= 0``."""
UNUSED = lemma(
    "txt_2_3.unused_labels", _log - _k * _h,
    atoms={"k": _k, "H <= log m": _most - _h, "m^k <= n": _log - _k * _most},
    products={("k", "H <= log m"): 1, ("m^k <= n",): 1},
)  # fmt: skip
"""``(Conf - 1 + 1/k) k log n = log n - k H >= 0``, where m stands for log m."""
TRUTH = (Fraction(3, 4), Fraction(1, 4))


def _range() -> list[str]:
    faults = log_tangents.tangent() + LOW.faults()
    return faults + def_3_6.UNIFORM.faults() + def_3_6.NONNEGATIVE.faults()


def _ends() -> list[str]:
    faults = []
    for n in (2, 5):
        uniform = entropy_confidence(balls.balls([Fraction(1, n)] * n))
        faults += overlap("Conf of the uniform output", uniform, balls.ball(0))
        sure = entropy_confidence(balls.balls([1] + [0] * (n - 1)))
        faults += overlap("Conf of a certain output", sure, balls.ball(1))
    return faults


def _inside() -> list[str]:
    def conf() -> Any:
        return entropy_confidence(balls.balls(TRUTH))

    return above("Conf", conf) + above("1 - Conf", lambda: 1 - conf())


def truth_is_miscalibrated(law: Any = TRUTH) -> list[str]:
    """P_theta = P = (3, 1)/4: right with probability 3/4, Conf < 1/5, ECE > 1/2."""
    p = exact(law)
    faults = is_("the error", argmax_risk(p, p), Fraction(1, 4))
    faults += above("1 - Conf", lambda: 1 - entropy_confidence(balls.balls(law)), Fraction(4, 5))

    def error() -> Any:
        row = balls.balls([law])
        one = balls.balls([[1]])
        world = FiniteWorld(one[0], one, row[None], row, one, [[True]])
        return population_calibration_error(world, confidence="entropy")

    return faults + above("ECE", error, HALF)


def _padded() -> list[str]:
    """A fair coin among 2^k labels: Conf = 1 - 1/k, k = 2, 5, 10."""
    faults = []
    for k in (2, 5, 10):
        law = [HALF, HALF] + [Fraction(0)] * (2**k - 2)
        faults += overlap(f"Conf at k = {k}", entropy_confidence(balls.balls(law)),
                          balls.ball(1 - Fraction(1, k)))  # fmt: skip
    return faults


GROUPS = ((775, 620, 1), (44, 22, 5))
"""Answers, right ones, and j: the odds are 4^j : 1."""


def confidence(j: int, root: int) -> Fraction:
    """The confidence at odds 4^j : 1 and T = root = 1 or 2."""
    odds = (4 // root) ** j  # the square root of 4 is 4/2
    return Fraction(odds, odds + 1)


def slope(root: int, groups: Any = GROUPS) -> Fraction:
    """The derivative of the log-loss in 1/T, in units of log 4."""
    terms = (j * (n * confidence(j, root) - right) for n, right, j in groups)
    return sum(terms, Fraction(0))


def calibration_error(root: int, groups: Any = GROUPS) -> Any:
    """ECE over 15 bins, exactly."""
    conf = [confidence(j, root) for n, _, j in groups for _ in range(n)]
    marks = [int(i < right) for n, right, _ in groups for i in range(n)]
    return expected_calibration_error(exact(conf), np.array(marks))


def temperature_harms(groups: Any = GROUPS) -> list[str]:
    """T = 2 is the minimiser, and the calibration error there exceeds five times that at T = 1."""
    faults = is_("the slope at T = 2", slope(2, groups), 0)
    before, after = (calibration_error(root, groups) for root in (1, 2))
    return faults + ([] if after > 5 * before else [f"ECE goes from {before} to {after}"])


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of section 2.3."""
    if claim == "txt_2_3.range":
        return [
            Piece(Kind.PROOF, "checked", "every number of labels from 2 on", _range),
            Piece(Kind.TIGHT, "checked", "0 at uniform, 1 at certain: n = 2, 5, in balls", _ends),
            Piece(Kind.INFORMATIVE, "checked", "(3, 1)/4: strictly between", _inside),
        ]
    if claim == "txt_2_3.confidence":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "the truth (3, 1)/4: right with probability 3/4, "
                "Conf = 0.189, ECE = 0.561 (balls)", truth_is_miscalibrated,
                instance=lambda: [("q_x = p_x", "(3/4, 1/4)"), ("accuracy, Conf", "3/4, 0.189")],
            )
        ]  # fmt: skip
    if claim == "txt_2_3.unused_labels":
        return [
            Piece(
                Kind.PROOF, "checked", "every output, m, k and n",
                lambda: log_tangents.tangent() + UNUSED.faults() + def_3_6.UNIFORM.faults(),
            ),
            Piece(
                Kind.TIGHT, "checked", "a fair coin among 2^k labels: equality, k = 2, 5, 10 in "
                "balls", _padded, instance=lambda: [("q_x", "(1/2, 1/2, 0, ..., 0)"),
                                                    ("n", "2^k"), ("Conf", "1 - 1/k")],
            ),
            Piece(Kind.INFORMATIVE, "checked", "the same: Conf = 9/10 for a coin", _padded),
        ]  # fmt: skip
    drawn: list[Row] = [
        ("775 answers, 620 right", "confidence 4/5, and 2/3 at T = 2"),
        ("44 answers, 22 right", "confidence 1024/1025, and 32/33 at T = 2"),
        ("ECE", f"{calibration_error(1)} before, {calibration_error(2)} after"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "819 answers, 15 bins: T = 2 minimises the log-loss "
            "(slope 0, convex in 1/T), and ECE rises from 0.027 to 0.151 (Fractions)",
            temperature_harms, instance=lambda: drawn,
        )
    ]  # fmt: skip
