r"""Definition 3.9: neither 0 nor any other value of SUA is the mark of a good model.

The truth itself, where labels are random and nothing moves, has SUA = -lambda H* < 0 for every
lambda > 0. A constant wrong model has SUA = 0. And SUA < 0 does not say cautious: a model that is
surer than the truth has it too, whenever its own entropy exceeds S/lambda.

What is true of the values: SUA lies in [-lambda log n, D_max], and both ends are attained.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from proofs_checks import balls, def_3_2, def_3_6, log_tangents
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import argmax_risk, predictive_entropy, sua_score, true_uncertainty

_REF = ("sua_score", "predictive_entropy", "true_uncertainty")
_PLACE = "section 3.5, the interpretation after Definition 3.9"


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, breaks: str,
    severity: Severity,
) -> Claim:  # fmt: skip
    return Claim(
        id=f"def_3_9.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed",
        where=_PLACE,
        quote=quote,
        silent=silent,
        fidelity="equivalent",
        severity=severity,
        breaks=breaks,
        ref=_REF,
        repair="n_3",
    )


CLAIMS = (
    _claim(
        "ideal", "The ideal is a SUA score near 0",
        "A model that is the truth, P_theta = P, and label-invariant has SUA(x) near 0; and SUA(x) "
        "near 0 means a good model.",
        r"P_\theta = P \Rightarrow \mathrm{SUA}(x) \approx 0", "The ideal is .",
        "the value; the conclusion says that uncertainty should track instability",
        "the truth may be uncertain and stable at once", "conclusion",
    ),
    _claim(
        "negative", "A negative SUA score means caution",
        "If SUA(x) < 0, the model is not overconfident: its uncertainty is at least the truth's.",
        r"\mathrm{SUA}(x) < 0 \Rightarrow H_\theta(x) \ge H^*(x)",
        "indicates that uncertainty exceeds sensitivity: the model is appropriately cautious, or "
        "overly cautious",
        "cautious against what", "SUA compares H_theta with S, and neither with the truth",
        "conclusion",
    ),
    Claim(
        id="def_3_9.range",
        kind="formal",
        title="The range of the SUA score",
        statement=(
            "-lambda log n <= SUA(x) <= D_max for every model on n labels, with D_max = 1 for TV "
            "and squared Hellinger, log 2 for JSD; both ends are attained."
        ),
        formula=r"-\lambda\log n \le \mathrm{SUA}(x) \le D_{\max}",
        source="ours",
        where="on Definition 3.9",
        severity="remark",
        uses=(
            "def_3_2.nonnegative", "def_3_2.finite@tv", "def_3_2.finite@jsd",
            "def_3_2.finite@hellinger2", "def_3_6.finite@finite",
        ),
        ref=_REF,
        bound=True,
        credit="immediate",
    ),
)  # fmt: skip
_s, _h, _lam, _log, _most = variables("S H lam L M")
LOW = lemma(
    "def_3_9.range", _s - _lam * _h + _lam * _log,
    atoms={"S": _s, "lambda": _lam, "H <= log n": _log - _h},
    products={("S",): 1, ("lambda", "H <= log n"): 1},
)  # fmt: skip
HIGH = lemma(
    "def_3_9.range", _most - _s + _lam * _h,
    atoms={"S <= D_max": _most - _s, "lambda": _lam, "H": _h},
    products={("S <= D_max",): 1, ("lambda", "H"): 1},
)  # fmt: skip
ORACLE = lemma(
    "def_3_9.ideal", -1 * (0 * _s - _lam * _h), atoms={"lambda": _lam, "H": _h},
    products={("lambda", "H"): 1},
)  # fmt: skip
"""``-SUA = lambda H`` where S = 0: a product of two numbers > 0."""
_COIN, _SURE, _OTHER = (HALF, HALF), (1, 0), (0, 1)
_NINE = (Fraction(9, 10), Fraction(1, 10))


def _score(p: Any, perturbed: Any, lam: Fraction | int, divergence: str = "tv") -> Any:
    return sua_score(
        balls.balls(p), balls.balls([perturbed]), lam=Fraction(lam), divergence=divergence
    )


def truth_scores_below_zero(law: Any = _COIN) -> list[str]:
    """P_theta = P, the same at x and x': -SUA = lambda H*, and H* > 1/2."""
    faults = ORACLE.faults() + above("H*", lambda: true_uncertainty(balls.balls(law)), HALF)
    for lam in (Fraction(1, 10), Fraction(10)):
        scaled = partial(_entropy_taken, law, lam)
        faults += above("-SUA/lambda", scaled, HALF)
    return faults


def _entropy_taken(law: Any, lam: Fraction) -> Any:
    """``-SUA/lambda`` of the truth as a model that never moves."""
    return -_score(law, law, lam) / balls.ball(lam)


def wrong_scores_zero(model: Any = _OTHER, law: Any = _SURE) -> list[str]:
    """The constant model (0, 1) where the label is 0: SUA = 0, always wrong."""
    score = _score(model, model, 1)
    return is_("the error", argmax_risk(exact(model), exact(law)), 1) + (
        [] if score == 0 else [f"SUA is {score}"]
    )


def surer_than_the_truth(model: Any = _NINE, law: Any = _COIN) -> list[str]:
    """Constant model (9, 1)/10, fair coin: SUA < 0, H_theta < H*."""
    faults = above("-SUA", lambda: -_score(model, model, 1))
    faults += above("H* - H_theta", lambda: true_uncertainty(balls.balls(law))
                    - predictive_entropy(balls.balls(model)), Fraction(1, 3))  # fmt: skip
    return faults + is_("the error", argmax_risk(exact(model), exact(law)), HALF)


def _proof() -> list[str]:
    ends: list[Lemma] = [LOW, HIGH, def_3_2.MEAN_IS_NONNEGATIVE, def_3_2.TANGENT_AT_ONE]
    ends += [def_3_6.UNIFORM, def_3_6.NONNEGATIVE]
    for kind in def_3_2.FINITE:
        ends += [def_3_2.largest("def_3_9.range", kind), def_3_2.mean("def_3_9.range")]
    return log_tangents.tangent() + [fault for part in ends for fault in part.faults()]


def _ends() -> list[str]:
    faults = []
    for kind in def_3_2.FINITE:
        for lam in (HALF, 3):
            uniform = (Fraction(1, 3),) * 3
            low = _score(uniform, uniform, lam, kind)
            faults += overlap("the least", low, -balls.ball(lam) * balls.log(3))
            high = _score(_SURE, _OTHER, lam, kind)
            faults += overlap("the greatest", high, def_3_2.most(kind))
    return faults


def _between() -> list[str]:
    """(1, 1)/2 to (1, 0) under TV, lambda = 1: -log 2 < SUA < 0."""
    faults = above("SUA", lambda: _score(_COIN, _SURE, 1) + balls.log(2))
    return faults + above("-SUA", lambda: -_score(_COIN, _SURE, 1))


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.9."""
    if claim == "def_3_9.ideal":
        fair: list[Row] = [("q_x, q_x', p_x, p_x'", "(1/2, 1/2)"), ("SUA", "-lambda log 2")]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "every lambda > 0: the truth (1, 1)/2, constant, "
                "has SUA = -lambda log 2", truth_scores_below_zero, instance=lambda: fair,
            ),
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "the constant model (0, 1) for the label 0: SUA = "
                "0, error 1", wrong_scores_zero,
                instance=lambda: [("q_x, q_x'", "(0, 1)"), ("p_x, p_x'", "(1, 0)")],
            ),
        ]  # fmt: skip
    if claim == "def_3_9.negative":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "the constant model (9, 1)/10 for a fair coin: SUA "
                "= -0.325 at lambda = 1, and H_theta < H* by more than 1/3", surer_than_the_truth,
                instance=lambda: [("q_x, q_x'", "(9/10, 1/10)"), ("p_x, p_x'", "(1/2, 1/2)")],
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels and perturbations, every lambda "
            ">= 0; TV, JSD, squared Hellinger", _proof,
        ),
        Piece(
            Kind.TIGHT, "checked", "the uniform constant model, and (1, 0) to (0, 1): both ends, "
            "three divergences, lambda = 1/2, 3, in balls", _ends,
        ),
        Piece(Kind.INFORMATIVE, "checked", "(1, 1)/2 to (1, 0): strictly between", _between),
    ]  # fmt: skip
