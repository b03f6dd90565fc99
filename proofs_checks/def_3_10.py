"""Definition 3.10, the SUA risk: what it penalises, and that it rewards uncertainty as such.

At a fixed sensitivity a higher entropy never raises (SUA)_+. But H_theta(x) rises only as q_x
moves, and S(x) with it: a model that states the uncertainty of one input exactly, next to a certain
one, is penalised, and the model that denies it is not.

Section 4.5 says that raising entropy naively is a failure mode that the objective is designed to
avoid. Mixing every output with the uniform law brings R_SUA to 0, its least value (n_7).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, n_7
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, is_
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import lemma, variables
from sua_ref import sua_score


def _no_penalty(
    reading: str, statement: str, formula: str, words: str, repair: str | None
) -> Claim:
    return Claim(
        id=f"def_3_10.no_penalty@{reading}",
        kind="formal",
        title="The positive part does not penalise warranted uncertainty",
        statement=statement,
        formula=formula,
        source="reconstructed",
        where="section 3.5, the sentence after Definition 3.10",
        quote=(
            "The positive-part operator focuses the objective on inputs where sensitivity exceeds "
            "uncertainty; it does not penalize a model for expressing high uncertainty when "
            "warranted."
        ),
        silent="whether S(x) is held fixed while the uncertainty at x rises",
        reading=words,
        fidelity="equivalent",
        severity="step",
        breaks="" if repair is None else "S(x) depends on the output at x as well",
        ref=("sua_score", "sua_risk"),
        repair=repair,
        bound=repair is None,
        credit="immediate" if repair is None else "",
    )


CLAIMS = (
    Claim(
        id="def_3_10.gaming",
        kind="formal",
        title="The SUA risk cannot be lowered by entropy alone",
        statement=(
            "Raising entropy naively, by mixing every output with the uniform law, does not bring "
            "R_SUA to its least value: the model must become less sensitive or more often right."
        ),
        formula=r"R_{\mathrm{SUA}}(\alpha P_\theta + (1-\alpha) u) > \min R_{\mathrm{SUA}} = 0",
        source="reconstructed",
        where="section 4.5, last paragraph, on Definition 3.10 and (18)",
        quote=(
            "The SUA objective is designed to avoid this failure mode by penalizing only the "
            "excess of sensitivity over uncertainty, not uncertainty itself."
        ),
        silent="how the failure mode is avoided; the text has no formula",
        fidelity="equivalent",
        severity="conclusion",
        breaks="uncertainty is not penalised, it is rewarded: every nat of it lowers the score",
        ref=("sua_score", "sua_risk", "entropy_alignment_loss"),
        repair="n_7",
    ),
    _no_penalty(
        "fixed_sensitivity",
        "If S(x) stays as it is and H_theta(x) rises, the positive part of SUA(x) does not rise.",
        r"H' \ge H \Rightarrow (S - \lambda H')_+ \le (S - \lambda H)_+",
        "the entropy rises alone",
        None,
    ),
    _no_penalty(
        "output",
        "A model whose output at x has a higher entropy, as the truth has, is not penalised more.",
        r"H(q'_x) \ge H(q_x),\ q'_x = p_x \Rightarrow (\mathrm{SUA}')_+ \le (\mathrm{SUA})_+",
        "the entropy rises because the output does so, from a wrong one to the truth",
        "def_3_10.no_penalty@fixed_sensitivity",
    ),
)


_s, _lam, _h, _rise, _part = variables("S lam H r P")
STEP = lemma(
    "def_3_10.no_penalty@fixed_sensitivity", _part - (_s - _lam * (_h + _rise)),
    atoms={"SUA <= P": _part - (_s - _lam * _h), "lambda": _lam, "r": _rise},
    products={("SUA <= P",): 1, ("lambda", "r"): 1},
)  # fmt: skip
"""``(SUA)_+ - SUA' >= 0``; and (SUA)_+ >= 0, so it is at least (SUA')_+."""
_MIXED, _SURE = (Fraction(3, 4), Fraction(1, 4)), (Fraction(1), Fraction(0))
_LOW = Fraction(1, 4)


def _score(p: Any, perturbed: Any, lam: Fraction) -> Any:
    return sua_score(balls.balls(p), balls.balls([perturbed]), lam=lam, divergence="tv")


def truth_is_penalised(truth: Any = _MIXED, beside: Any = _SURE) -> list[str]:
    """p_x = (3, 1)/4 and p_x' = (1, 0): the truth has SUA(x) > 0, the constant (1, 0) SUA = 0."""
    denied = _score(beside, beside, _LOW)
    faults = [] if denied == 0 else [f"SUA is {denied} for the constant model"]
    return faults + above("SUA of the truth", lambda: _score(truth, beside, _LOW), Fraction(1, 10))


def _unchanged() -> list[str]:
    """Two stable outputs, lambda = 1: (SUA)_+ = 0 whatever the entropy."""
    scores = [_score(v, v, Fraction(1)) for v in (_SURE, (Fraction(1, 2),) * 2)]
    return is_("the positive parts", [bool(v > 0) for v in scores], [False, False])


def _rewarded() -> list[str]:
    """The same S = 1, on three labels: SUA falls from 1 to 1 - log 2."""
    one, two = (
        (Fraction(1), Fraction(0), Fraction(0)),
        (Fraction(1, 2), Fraction(1, 2), Fraction(0)),
    )
    last = (Fraction(0), Fraction(0), Fraction(1))

    def fall() -> Any:
        return _score(one, last, Fraction(1)) - _score(two, last, Fraction(1))

    return above("the fall", fall, Fraction(2, 3))


def _penalty_pieces(claim: str) -> list[Piece]:
    drawn: list[Row] = [
        ("p_x, p_x'", "(3/4, 1/4), (1, 0)"),
        ("SUA(x) of the truth", "1/4 - 0.562/4 = 0.109"),
        ("SUA(x) of the constant (1, 0)", "0"),
        ("lambda, D", "1/4, TV"),
    ]
    if claim.endswith("output"):
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "p_x = (3, 1)/4, p_x' = (1, 0), lambda = 1/4, TV: "
                "SUA(x) > 1/10 for the truth, 0 for the constant (1, 0)", truth_is_penalised,
                instance=lambda: drawn,
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every S, H, lambda >= 0 and rise of H", STEP.faults,
        ),
        Piece(Kind.TIGHT, "checked", "0 = 0 where nothing moves: (1, 0), (1, 1)/2", _unchanged),
        Piece(
            Kind.INFORMATIVE, "checked", "S = 1 on three labels, H from 0 to log 2: SUA falls by "
            "log 2", _rewarded,
        ),
    ]  # fmt: skip


def _gaming_pieces() -> list[Piece]:
    one, half = Fraction(1), Fraction(1, 2)
    family = n_7.pieces("n_7")[0]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "a certain model that flips, lambda = 1, JSD, alpha = 1/2: R_SUA falls from log 2 to "
            "0, accuracy and robust accuracy stay at 1/2",
            lambda: n_7.gamed(half, one, "jsd"), instance=n_7.drawn,
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "every model, lambda and bounded f-divergence: n_7",
            family.run,
        ),
    ]  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.10."""
    return _gaming_pieces() if claim == "def_3_10.gaming" else _penalty_pieces(claim)
