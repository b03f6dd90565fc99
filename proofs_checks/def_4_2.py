"""Definition 4.2: the worst-case risk is at least the risk, since x is in its own ball.

A supremum is at least each of its members, and d(x, x) = 0 <= eps. The argument of A.2, step 3,
uses just that; it is also what refutes (11) in one line.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from proofs_checks.asm_1 import distributions
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from sua_ref import argmax_risk, gibbs_risk, self_risk, worst_case_risk

CLAIMS = (
    Claim(
        id="def_4_2.at_least_clean",
        kind="formal",
        title="The worst-case risk is at least the risk",
        statement="R_rob(x) >= R(x), under every reading of the risk.",
        formula=r"R_{\mathrm{rob}}(x) = \sup_{x'\in B_\epsilon(x)} R_\theta(x') \ge R_\theta(x)",
        source="reconstructed",
        where="A.2, step 3, on Definition 4.2",
        quote="worst case cannot be smaller than typical risk",
        silent="which risk",
        severity="step",
        ref=("worst_case_risk", "gibbs_risk", "self_risk", "argmax_risk"),
        bound=True,
    ),
)
ID = "def_4_2.at_least_clean"
_r, _worst = variables("r R_rob")
LEMMA = lemma(
    ID, _worst - _r, atoms={"R_rob bounds the risk at x": _worst - _r},
    products={("R_rob bounds the risk at x",): 1},
)  # fmt: skip


def _everywhere() -> list[str]:
    """sua_ref's worst-case risk against each reading at x, in Fractions; the ball may lack x."""
    for q, there, law in product(distributions(2, 4), repeat=3):
        x, y, truth = (np.array(d, dtype=object) for d in (q, there, law))
        readings = {
            "gibbs": gibbs_risk(x, truth), "self": self_risk(x), "argmax": argmax_risk(x, truth),
        }  # fmt: skip
        for risk, here in readings.items():
            if worst_case_risk(x, y[None, :], truth, risk=risk) < here:
                return [f"{risk}: q = {q}, q' = {there}, p = {law}"]
    return []


def _tight() -> list[str]:
    """A ball of x alone."""
    x, truth = (np.array(d, dtype=object) for d in distributions(2, 4)[1:3])
    same = worst_case_risk(x, x[None, :], truth) == gibbs_risk(x, truth)
    return [] if same else ["not equal"]


def _speaks() -> list[str]:
    """Right with 3/4 at x and with 1/4 beside it: 1/4 < 3/4."""
    quarter, whole = Fraction(1, 4), Fraction(1)
    x = np.array([1 - quarter, quarter])
    truth = np.array([whole, 1 - whole])
    risks = gibbs_risk(x, truth), worst_case_risk(x, np.stack([x, x[::-1]]), truth)
    return [] if risks == (quarter, 1 - quarter) else [f"{risks}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``def_4_2.at_least_clean``."""
    return [
        Piece(Kind.PROOF, "checked", "every reading: x is a member of its ball", LEMMA.faults),
        Piece(Kind.TIGHT, "checked", "equality where nothing moves", _tight,
              instance=lambda: [("B(x)", "{x}"), ("R_rob", "R(x)")]),
        Piece(Kind.INFORMATIVE, "checked", "q = (3, 1)/4, q' = (1, 3)/4, Y = 0: 1/4 of 3/4",
              _speaks),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref.worst_case_risk, three readings, in Fractions: two "
            "labels, denominators of 4, 125 cases", _everywhere,
        ),
    ]  # fmt: skip
