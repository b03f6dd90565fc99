r"""Section 7.1: what agreement under sampling says, and what temperature does to sensitivity.

*Self-consistency.* Agreement at x is a function of the output at x alone, and S(x) is not: "not for
sensitivity" is right. "A proxy for entropy" is not: agreement does not order outputs as entropy
does. (7, 1, 1, 1)/10 agrees with itself more often than (1, 1, 0, 0)/2, whether agreement is
counted over pairs (sum p^2) or as the share of the likeliest answer (max p), and has the higher
entropy. What holds is a bound, ``H >= -log sum p^2``: with s the sum, ``log(p/s) <= p/s - 1``.

*Temperature.* Rescaled logits change every output, hence the divergences between outputs. At T = 2
the odds 10^4 : 1 and 10^2 : 1 become 10^2 : 1 and 10 : 1, and the total variation rises
from 9900/1010101 to 90/1111, eightfold.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, log_tangents
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.counterexamples import row
from proofs_checks.entropy_stability import odds
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import distributional_sensitivity, entropy, max_confidence

_PROXY = "is a proxy for entropy but not for sensitivity"


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, *,
    severity: Severity = "remark", breaks: str = "", repair: str | None = None,
    no_repair: str = "", bound: bool = False, credit: str = "",
    ref: tuple[str, ...] = ("entropy", "max_confidence"),
) -> Claim:  # fmt: skip
    return Claim(
        id=f"txt_7_1.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed" if quote else "ours",
        where="section 7.1" if quote else "repair of section 7.1, second paragraph",
        quote=quote,
        silent=silent,
        fidelity="equivalent",
        severity=severity,
        breaks=breaks,
        ref=ref,
        repair=repair,
        no_repair=no_repair,
        bound=bound,
        credit=credit,
    )


CLAIMS = (
    _claim(
        "self_consistency", "Self-consistency does not see sensitivity",
        "Two models with the same output at x, hence the same agreement under sampling, may have "
        "S(x) = 0 and S(x) = 1 under TV.", r"q_x = q'_x,\quad S(x) = 0,\quad S'(x) = 1",
        "Two models can have the same agreement under sampling but differ dramatically in how they "
        "respond to paraphrases or token edits.", "how far apart: from the least to the most TV",
        ref=("distributional_sensitivity",),
    ),
    _claim(
        "entropy_proxy", "Self-consistency is a proxy for entropy",
        "Of two outputs, the one that agrees with itself more often has the lower entropy.",
        r"\sum p^2 > \sum q^2 \Rightarrow H(p) < H(q)", _PROXY,
        "how agreement is counted; in which sense it is a proxy",
        breaks="agreement is an entropy of another order", repair="txt_7_1.agreement",
    ),
    _claim(
        "agreement", "The entropy is at least that of the agreement",
        "If two samples agree with probability s = sum p^2, then H(p) >= -log s.",
        r"H(p) \ge -\log\sum_y p_y^2", "", "", bound=True,
        credit="Renyi 1961: entropies decrease in their order",
    ),
    _claim(
        "temperature", "Temperature scaling does not change the sensitivity",
        "S(x) of the outputs softmax(z/T) is that of softmax(z), for every T > 0.",
        r"D(q_x^{1/T}\,\|\,q_{x'}^{1/T}) = D(q_x\,\|\,q_{x'})",
        "calibrate the confidence function post-hoc without changing the model’s sensitivity",  # noqa: RUF001
        "whether the outputs or only the confidence are rescaled; section 2.3 rescales logits",
        breaks="the sensitivity is one of outputs, which T changes",
        no_repair="T may raise the sensitivity or lower it; a rescaled confidence leaves it alone",
        ref=("distributional_sensitivity", "temperature_scale"),
    ),
)  # fmt: skip
_p, _c, _l, _r = variables("p c L r")
AGREEMENT = lemma(
    "txt_7_1.agreement", _c + _p * _l,
    atoms={"tangent at s": _p * _p * _r - _p + _c + _p * _l}, products={("tangent at s",): 1},
    zero={"s (1/s) = 1 = sum p": (_p * _p * _r - _p, 1)}, common="L r",
)  # fmt: skip
"""``H + log s >= 0``: c = -p log p, L = log s, r = 1/s; p times ``p/s - 1 - log(p/s) >= 0``."""
AGREES = tuple(Fraction(k, 10) for k in (7, 1, 1, 1))
RAW, RESCALED = (odds(10**4), odds(10**2)), (odds(10**2), odds(10))
"""Outputs at x and x', and the same at T = 2."""
DIFFERS = (HALF, HALF, Fraction(0), Fraction(0))


def _pairs(p: Any) -> Fraction:
    return sum((v * v for v in p), Fraction(0))


def agrees_more(p: Any = AGREES, q: Any = DIFFERS) -> list[str]:
    """p agrees with itself more often than q, in pairs and in its likeliest answer; and H(p) >
    H(q)."""
    faults = [] if _pairs(p) > _pairs(q) else [f"pairs agree with {_pairs(p)} and {_pairs(q)}"]
    if not max_confidence(exact(p)) > max_confidence(exact(q)):
        faults.append("the likeliest answer is no likelier")
    return faults + above(
        "H(p) - H(q)", lambda: entropy(balls.balls(p)) - entropy(balls.balls(q)), Fraction(1, 5)
    )


def _same_agreement() -> list[str]:
    """The output (1, 0) at x, and (1, 0) or (0, 1) at x'."""
    faults = []
    for there, wanted in (((1, 0), 0), ((0, 1), 1)):
        s = distributional_sensitivity(exact((1, 0)), exact([there]), divergence="tv")
        faults += is_("S", s, wanted)
    return faults


def _tight() -> list[str]:
    faults = []
    for k in (1, 2, 7):
        law = [Fraction(1, k)] * k + [Fraction(0)]
        faults += overlap("H", entropy(balls.balls(law)), -balls.log(_pairs(law)))
    return faults


def rescaled_moves(before: Any = RAW, after: Any = RESCALED) -> list[str]:
    """T = 2 takes square roots of odds; the total variation rises by more than 8."""
    faults = []
    for p, q in zip(before, after, strict=True):
        faults += is_("odds at T = 2, squared", (q[0] / q[1]) ** 2, p[0] / p[1])
    s, t = (
        distributional_sensitivity(exact(a), exact([b]), divergence="tv")
        for a, b in (before, after)
    )
    faults += is_("TV before", s, Fraction(9900, 1010101)) + is_("TV after", t, Fraction(90, 1111))
    return faults + ([] if t > 8 * s else ["it rises by less than 8"])


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of section 7.1."""
    if claim == "txt_7_1.self_consistency":
        return [
            Piece(
                Kind.PROOF, "checked", "two such models, in Fractions: (1, 0) everywhere, and (1, "
                "0) at x alone", _same_agreement,
                instance=lambda: [("q_x", "(1, 0) in both"), ("q_x'", "(1, 0); (0, 1)")],
            )
        ]  # fmt: skip
    if claim == "txt_7_1.entropy_proxy":
        drawn: list[Row] = [("p, q", f"{row(AGREES)}, {row(DIFFERS)}"),
                            ("sum p^2, max p, H", "0.52, 0.7, 0.94"),
                            ("sum q^2, max q, H", "0.5, 0.5, 0.69")]  # fmt: skip
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "(7, 1, 1, 1)/10 against (1, 1, 0, 0)/2: more "
                "agreement of either kind (Fractions), and more entropy (balls)", agrees_more,
                instance=lambda: drawn,
            )
        ]  # fmt: skip
    if claim == "txt_7_1.temperature":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "odds 10^4 : 1 at x and 10^2 : 1 at x', T = 2: TV "
                "from 9900/1010101 to 90/1111 (Fractions)", rescaled_moves,
                instance=lambda: [("odds at x, x'", "10^4 : 1, 10^2 : 1"),
                                  ("at T = 2", "10^2 : 1, 10 : 1")],
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels",
            lambda: log_tangents.tangent() + AGREEMENT.faults(),
        ),
        Piece(Kind.TIGHT, "checked", "uniform on k = 1, 2, 7 labels, in balls", _tight),
        Piece(
            Kind.INFORMATIVE, "checked", "(7, 1, 1, 1)/10: H > -log 0.52 > 1/2",
            lambda: above("-log s", lambda: -balls.log(_pairs(AGREES)), HALF),
        ),
    ]  # fmt: skip
