r"""Section 5.6: five perturbations do not make a reliable estimate of SUA.

SUAhat - SUA = Shat - S, for the entropy is computed exactly. Where half of the perturbations flip
the output, 5 Shat is the number of heads in five tosses: it is 2 or 3 with probability 5/8 only,
and else Shat is off by 3/10 or more. Where one in ten does, no flip is seen with probability
(9/10)^5 > 1/2. The error shrinks like 1/sqrt(K), as Hoeffding's inequality has it.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

from proofs_checks.claim import Claim
from proofs_checks.comparisons import exact, is_
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF
from sua_ref import distributional_sensitivity

CLAIMS = (
    Claim(
        id="txt_5_6.sufficient",
        kind="formal",
        title="Five perturbations suffice for a reliable SUA score",
        statement=(
            "For every model and perturbation distribution the estimate from K = 5 perturbations "
            "is within 1/4 of SUA(x), D = TV, with probability at least 9/10."
        ),
        formula=r"P(|\widehat{\mathrm{SUA}}(x) - \mathrm{SUA}(x)| \le 1/4) \ge 9/10",
        source="reconstructed",
        where="section 5.6, computational cost",
        quote="perturbation evaluations are sufficient for reliable SUA estimation",
        silent=(
            "the number, which is lost (5 is the default of appendix B.1); what reliable means, "
            "for which we take a generous reading; that the evidence is one experiment"
        ),
        reading="K = 5, TV, within 1/4 of a quantity in [0, 1], nine times out of ten",
        fidelity="related",
        severity="remark",
        breaks="the mean of five numbers in [0, 1] may have the standard deviation 0.22",
        repair="n_9.hoeffding",
        ref=("distributional_sensitivity", "sua_score", "sensitivity_upper_bound"),
    ),
)


def _estimates(k: int, flip: Fraction) -> list[tuple[Any, Fraction]]:
    """Each value of Shat with its probability: m of K perturbations flip (1, 0) to (0, 1)."""
    found = []
    for m in range(k + 1):
        outputs = exact([(0, 1)] * m + [(1, 0)] * (k - m))
        chance = comb(k, m) * flip**m * (1 - flip) ** (k - m)
        found.append((distributional_sensitivity(exact((1, 0)), outputs, divergence="tv"), chance))
    return found


def far(k: int, flip: Fraction, distance: Fraction) -> Fraction:
    """P(|Shat - S| > distance), S being the probability of a flip."""
    return sum((c for s, c in _estimates(k, flip) if abs(s - flip) > distance), Fraction(0))


def unreliable(k: int = 5) -> list[str]:
    """P(|Shat - S| > 1/4) = 3/8 > 1/10."""
    chance = far(k, HALF, Fraction(1, 4))
    faults = is_("the sum of the chances", sum(c for _, c in _estimates(k, HALF)), 1)
    return faults + ([] if chance > Fraction(1, 10) else [f"P(off by more than 1/4) = {chance}"])


def _missed() -> list[str]:
    seen_none = _estimates(5, Fraction(1, 10))[0]
    return is_("Shat", seen_none[0], 0) + ([] if seen_none[1] > HALF else [f"{seen_none[1]}"])


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``txt_5_6.sufficient``."""
    drawn: list[Row] = [
        ("q_x", "(1, 0)"),
        ("q_x'", "(1, 0) or (0, 1), 1/2 each"),
        ("S, P(|Shat - S| > 1/4)", "1/2, 3/8"),
    ]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "half of the perturbations flip the output: off by "
            "3/10 or more with probability 3/8 (Fractions)", unreliable, instance=lambda: drawn,
        ),
        Piece(
            Kind.SUPPORT, "checked", "one perturbation in ten flips: no flip is seen with "
            "probability above 1/2", _missed,
        ),
    ]  # fmt: skip
