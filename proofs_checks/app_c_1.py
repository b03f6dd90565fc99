r"""Appendix C.1: what the score is said to show of four kinds of failure.

*Sensitivity failures.* S >= s and H <= h give ``SUA >= s - lambda h``: they show in the score.
*Invariance failures.* Where the output does not move, S = 0 and ``SUA = -lambda H <= 0``, whatever
changed: they do not, as the paper says.

*Epistemic failures.* A model that does not know the answer need not be uncertain. One that always
says 1 where the label is 0 has S = H = 0 and errs always, and no rule that answers below an entropy
abstains there.

*Ambiguity collapse.* The table gives it low S, low H and a high proxy of A. Where the output does
not move, the answers under paraphrases are draws from q_x itself, and so are repeated samples: the
proxy tends to H_theta, whatever A is (n_15), and there is no mismatch to see.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import (
    distributional_sensitivity,
    entropy,
    gibbs_risk,
    mixture,
    mutual_information,
    predictive_entropy,
    sua_score,
)

_CAPTURES = (
    "SUA captures sensitivity failures directly and ambiguity collapse via the mismatch between "
    "model entropy and the operational ambiguity proxy"
)
_MISSES = (
    "It does not capture invariance failures (which require a different diagnostic) or pure "
    "epistemic failures (where entropy-based abstention is sufficient)"
)


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, **more: Any
) -> Claim:
    return Claim(
        id=f"app_c_1.{part}", kind="formal", title=title, statement=statement, formula=formula,
        source="reconstructed", where="appendix C.1, the table and the paragraph after it",
        quote=quote, silent=silent, severity="remark",
        fidelity="related" if more.get("breaks") else "equivalent", **more,
    )  # fmt: skip


CLAIMS = (
    _claim(
        "sensitivity", "A sensitivity failure shows in the score",
        "If S(x) >= s and H_theta(x) <= h, then SUA(x) >= s - lambda h.",
        r"\mathrm{SUA}(x) \ge s - \lambda h", _CAPTURES, "what high and low are", bound=True,
        ref=("sua_score", "distributional_sensitivity", "predictive_entropy"),
    ),
    _claim(
        "invariance", "An invariance failure does not show in the score",
        "Where the perturbations leave the output as it is, SUA(x) = -lambda H_theta(x) <= 0, "
        "whatever they do to meaning and label.",
        r"q_{x'} = q_x \Rightarrow \mathrm{SUA}(x) = -\lambda H_\theta(x) \le 0", _MISSES,
        "which perturbations change the meaning",
        ref=("sua_score", "distributional_sensitivity", "predictive_entropy"),
    ),
    _claim(
        "epistemic", "Abstention by entropy suffices where the model does not know",
        "There is an entropy h > 0 such that every model that is stable at x, and errs there more "
        "often than not, has H_theta(x) >= h.",
        r"S(x) = 0,\ R_\theta(x) > \tfrac12 \Rightarrow H_\theta(x) \ge h", _MISSES,
        "whether a high entropy, which the table prints beside them, is part of what such failures "
        "are; then the sentence says nothing",
        reading="not to know the answer is to err more often than not; Gibbs risk, 0-1 loss",
        breaks="a model that does not know the answer need not be uncertain of it",
        repair="n_10.fixed_sequence", ref=("gibbs_risk", "predictive_entropy"),
    ),
    _claim(
        "collapse", "The proxy exceeds the entropy at an ambiguity collapse",
        "If A(x) is high, with a label of its own for each interpretation, and S(x) and H_theta(x) "
        "are 0, then the operational proxy exceeds H_theta(x), for samples or for paraphrases.",
        r"A(x) \gg H_\theta(x) \approx 0,\ S(x) \approx 0 \Rightarrow \hat A(x) > H_\theta(x)",
        _CAPTURES, "by how much; how many samples",
        breaks="where the output does not move, both proxies estimate H_theta, whatever A is",
        repair="n_15.paraphrases", ref=("ambiguity_proxy", "mutual_information", "entropy"),
    ),
)  # fmt: skip
_s, _h, _lam, _low, _high = variables("S H lambda s h")
SHOWS = lemma(
    "app_c_1.sensitivity", (_s - _lam * _h) - (_low - _lam * _high),
    atoms={"S >= s": _s - _low, "lambda": _lam, "H <= h": _high - _h},
    products={("S >= s",): 1, ("lambda", "H <= h"): 1},
)  # fmt: skip
HIDDEN = lemma(
    "app_c_1.invariance", _lam * _h - _s, atoms={"lambda": _lam, "H": _h},
    products={("lambda", "H"): 1}, zero={"S = 0": (_s, 1)},
)  # fmt: skip
"""``-SUA >= 0``."""
_SURE, _OTHER = (1, 0), (0, 1)


def _tight() -> list[str]:
    """(1, 0) against (0, 1): S = 1 and H = 0 exactly, and the score is 1."""
    score = sua_score(balls.balls(_SURE), balls.balls([_OTHER]), lam=Fraction(3), divergence="tv")
    return overlap("SUA", score, balls.ball(1))


def _still() -> list[str]:
    """(9, 1)/10 that stays: S = 0 in Fractions, and the score is -H."""
    p = (Fraction(9, 10), Fraction(1, 10))
    s = distributional_sensitivity(exact(p), exact([p]), divergence="tv")
    score = sua_score(balls.balls(p), balls.balls([p]), lam=Fraction(1), divergence="tv")
    return is_("S", s, 0) + overlap("SUA", score, -predictive_entropy(balls.balls(p)))


def certain_and_wrong(model: Any = _OTHER) -> list[str]:
    """The label is 0, the model says 1 everywhere: S = 0, H = 0, and the risk is 1."""
    q, stays = exact(model), exact([model])
    faults = is_("S", distributional_sensitivity(q, stays, divergence="tv"), 0)
    faults += is_("the risk", gibbs_risk(q, exact(_SURE)), 1)
    return faults + overlap("H", predictive_entropy(balls.balls(model)), balls.ball(0))


def unseen(laws: Any = (_SURE, _OTHER), outputs: Any = (_SURE, _SURE)) -> list[str]:
    """Two interpretations with a label each, I(Y;Z) = A > 1/2; the model says 0 at x and at every
    paraphrase. Samples are draws from the output at x, answers to paraphrases from the mean."""
    here = balls.balls(outputs[0])
    mean = balls.balls(mixture(exact((HALF, HALF)), exact(outputs)))
    joint = balls.balls(exact(laws) / 2)
    faults = above("I(Y;Z)", lambda: mutual_information(joint), HALF)
    faults += overlap("H", entropy(here), balls.ball(0))
    return faults + overlap("the entropy over paraphrases", entropy(mean), balls.ball(0))


def pieces(claim: str) -> list[Piece]:
    """The evidence for one line of the table."""
    part = claim.split(".")[1]
    if part == "sensitivity":
        return [
            Piece(Kind.PROOF, "checked", "every model, perturbation and lambda >= 0", SHOWS.faults),
            Piece(Kind.TIGHT, "checked", "equality at S = s, H = h; (1, 0) to (0, 1)", _tight),
            Piece(Kind.INFORMATIVE, "checked", "the score there is 1, the largest of all", _tight),
        ]  # fmt: skip
    if part == "invariance":
        return [
            Piece(
                Kind.PROOF, "checked", "every model and lambda >= 0; D(q, q) = 0", HIDDEN.faults
            ),
            Piece(Kind.SUPPORT, "checked", "(9, 1)/10 that stays, by sua_ref", _still),
        ]  # fmt: skip
    if part == "epistemic":
        wrong: list[Row] = [("q_x, q_x'", "(0, 1)"), ("p_x", "(1, 0)")]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "certain, constant and wrong: S = H = 0, risk 1",
                certain_and_wrong, instance=lambda: wrong,
            )
        ]  # fmt: skip
    collapsed: list[Row] = [
        ("P(z|x)", "(1/2, 1/2)"),
        ("P(y|x,z)", "(1, 0) and (0, 1)"),
        ("q_x, q_x'", "(1, 0)"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "A = I(Y;Z) = log 2, and the same certain answer "
            "everywhere: both proxies are 0", unseen, instance=lambda: collapsed,
        )
    ]  # fmt: skip
