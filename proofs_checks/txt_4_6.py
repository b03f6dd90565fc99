r"""Section 4.6, last paragraph: what a high SUA score says about its two parts.

``S = SUA + lambda H >= SUA`` and ``lambda H = S - SUA <= D_max - SUA``: for a bounded D a high
score does mean high sensitivity and low entropy. Under KL, which has no D_max, the second fails: an
output of the largest entropy, (1, 1)/2, has ``KL >= (k/2 - 1) log 2`` from (1 - 2^-k, 2^-k), and so
any score.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, def_3_2, log_tangents
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import predictive_entropy, sua_score


def _claim(reading: str, statement: str, words: str) -> Claim:
    bounded = reading == "bounded"
    return Claim(
        id=f"txt_4_6.interpretable@{reading}",
        kind="formal",
        title="A high SUA score means high sensitivity and low entropy",
        statement=statement,
        formula=(
            r"S(x) \ge \mathrm{SUA}(x),\quad \lambda H_\theta(x) \le D_{\max} - \mathrm{SUA}(x)"
        ),
        source="reconstructed",
        where="section 4.6, last paragraph",
        quote=(
            "a high SUA score implicates both high sensitivity and low uncertainty as co-causes of "
            "abstention"
        ),
        silent="which D",
        reading=words,
        fidelity="equivalent",
        severity="remark",
        ref=("sua_score", "predictive_entropy", "distributional_sensitivity"),
        uses=("def_3_2.finite@tv", "def_3_2.finite@jsd") if bounded else (),
        repair=None if bounded else "txt_4_6.interpretable@bounded",
        breaks="" if bounded else "KL is unbounded, so a high S makes up for any entropy",
        bound=bounded,
        credit="immediate" if bounded else "",
    )


CLAIMS = (
    _claim(
        "bounded", "S(x) >= SUA(x) and lambda H_theta(x) <= D_max - SUA(x).",
        "D is bounded: TV, JSD, squared Hellinger",
    ),
    _claim(
        "kl", "There is a score above which no output of the largest entropy lies.", "D = KL"
    ),
)  # fmt: skip
_s, _lam, _h, _most, _k, _g, _c = variables("S lam H M k g c")
ID = "txt_4_6.interpretable@bounded"
_score = _s - _lam * _h
SENSITIVE = lemma(ID, _s - _score, atoms={"lambda": _lam, "H": _h}, products={("lambda", "H"): 1})
CERTAIN = lemma(
    ID, _most - _score - _lam * _h, atoms={"S <= D_max": _most - _s},
    products={("S <= D_max",): 1},
)  # fmt: skip
UNBOUNDED = lemma(
    "txt_4_6.interpretable@kl", HALF * _k * _g - _g + HALF * _c - (HALF * _k - 1) * _g,
    atoms={"-log(1 - d)": _c}, products={("-log(1 - d)",): HALF},
)  # fmt: skip
"""``KL((1, 1)/2, (1 - d, d)) - (k/2 - 1) log 2 >= 0`` for d = 2^-k: g = log 2, c = -log(1 - d)."""


def _proof() -> list[str]:
    faults = SENSITIVE.faults() + CERTAIN.faults() + def_3_2.mean(ID).faults()
    return faults + [f for kind in def_3_2.FINITE for f in def_3_2.largest(ID, kind).faults()]


def _of(p: Any, perturbed: Any, lam: Fraction | int, divergence: str) -> Any:
    return sua_score(
        balls.balls(p), balls.balls([perturbed]), lam=Fraction(lam), divergence=divergence
    )


def _tight() -> list[str]:
    """(1, 1, 0)/2 against (0, 0, 1): S = D_max, lambda H = D_max - SUA; (1, 0): S = SUA."""
    faults = []
    for kind in def_3_2.FINITE:
        p = (HALF, HALF, 0)
        rest = def_3_2.most(kind) - _of(p, (0, 0, 1), 2, kind)
        faults += overlap("lambda H", 2 * predictive_entropy(balls.balls(p)), rest)
        faults += overlap("SUA", _of((1, 0), (0, 1), 2, kind), def_3_2.most(kind))
    return faults


def _speaks() -> list[str]:
    """TV, lambda = 1, (99, 1)/100 against (0, 1): SUA > 9/10, so H < 1/10."""
    p = (Fraction(99, 100), Fraction(1, 100))
    return above("SUA", lambda: _of(p, (0, 1), 1, "tv"), Fraction(9, 10))


def high_at_full_entropy(divergence: str = "kl", lam: int = 3, tau: int = 4) -> list[str]:
    """(1, 1)/2 against (1 - 2^-k, 2^-k): SUA > tau for k large, for every lambda and tau."""
    k = 2 * (tau + lam + 3) + 2  # (k/2 - 1) log 2 > tau + lambda log 2
    d = Fraction(1, 2**k)
    faults = log_tangents.tangent() + UNBOUNDED.faults()
    return faults + above("SUA", lambda: _of((HALF, HALF), (1 - d, d), lam, divergence), tau)


def pieces(claim: str) -> list[Piece]:
    """The evidence for one reading of the sentence."""
    if claim.endswith("kl"):
        drawn: list[Row] = [
            ("q_x", "(1/2, 1/2)"),
            ("q_x'", "(1 - 2^-k, 2^-k)"),
            ("S, H_theta", "at least (k/2 - 1) log 2, log 2"),
        ]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "every lambda and every score: (1, 1)/2 against "
                "(1 - 2^-k, 2^-k), every k; by sua_ref in balls, lambda = 3, SUA > 4",
                high_at_full_entropy, instance=lambda: drawn,
            )
        ]  # fmt: skip
    return [
        Piece(Kind.PROOF, "checked", "every model, perturbation, lambda >= 0; three D", _proof),
        Piece(
            Kind.TIGHT, "checked", "(1, 1, 0)/2 to (0, 0, 1), and (1, 0) to (0, 1): both, in balls",
            _tight,
        ),
        Piece(Kind.INFORMATIVE, "checked", "SUA > 9/10 at lambda = 1: H < 1/10", _speaks),
    ]  # fmt: skip
