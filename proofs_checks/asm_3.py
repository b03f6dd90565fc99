"""Assumption 3: "approximates" has no tolerance, so it is no condition yet.

Two completions that the words admit differ in truth: the model (9, 1)/10 with a sole interpretation
whose label law is (1, 0) fails it with tolerance 0 and meets it with tolerance 1/10 in total
variation. They differ in what follows from them, too: exactly met, the assumption gives
|kappa| <= 1 - pi (n_11); met within 1/2, it allows kappa = 1/2 at pi = 1. The proofs use neither:
A.1 uses the definition of kappa alone.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF
from sua_ref import interpretation_collapse_gap, mixture, total_variation

CLAIMS = (
    Claim(
        id="asm_3",
        kind="formal",
        title="Data-generating factorization, a model near its mode",
        statement=(
            "P(y|x) = sum_z P(z|x) P(y|x, z), and the model's output is approximately P(.|x, z*) "
            "for some dominant interpretation z*."
        ),
        formula=r"P_\theta(\cdot|x) \approx P(\cdot|x, z^*)",
        source="reconstructed",
        where="section 4.1, Assumption 3",
        quote="the model distribution approximates the mode: for some dominant",
        silent=(
            "in which distance, within what tolerance; whether dominant means the most likely, or "
            "more likely than not"
        ),
        severity="step",
        ref=("mixture", "total_variation", "interpretation_collapse_gap"),
        repair="n_11",
    ),
)
ID = "asm_3"


def _exact(*values: Fraction | int) -> Any:
    return np.array([Fraction(v) for v in values], dtype=object)


_OUTPUT, _MODE = _exact(Fraction(9, 10), Fraction(1, 10)), _exact(1, 0)


def _within(tolerance: Fraction) -> bool:
    """Whether the model is within a tolerance, in total variation, of its sole interpretation."""
    truth = mixture(_exact(1), _MODE[None, :])
    return bool(total_variation(_OUTPUT, truth) <= tolerance)


def _exactly() -> list[str]:
    return [] if not _within(Fraction(0)) else ["the instance meets the exact reading"]


def _nearly() -> list[str]:
    return [] if _within(Fraction(1, 10)) else ["the instance fails within 1/10"]


def _consequence() -> list[str]:
    """A sole interpretation (1, 1)/2 and the model (1, 0): TV = 1/2, pi = 1 and kappa = 1/2."""
    model, law = _exact(1, 0), _exact(HALF, HALF)
    kappa, distance = interpretation_collapse_gap(model, law), total_variation(model, law)
    return [] if kappa == distance == HALF else [f"kappa = {kappa}, TV = {distance}"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``asm_3``."""
    rows = [("P(z*|x), P(.|x, z*)", "1, (1, 0)"), ("q_x", "(9/10, 1/10)"), ("TV", "1/10")]
    return [
        Piece(
            Kind.COMPLETION, "checked", "tolerance 0: the model (9, 1)/10 with the sole "
            "interpretation (1, 0) does not meet it", _exactly, instance=lambda: rows,
        ),
        Piece(
            Kind.COMPLETION, "checked", "tolerance 1/10 in total variation: the same model meets "
            "it", _nearly, instance=lambda: rows,
        ),
        Piece(
            Kind.SUPPORT, "checked", "what follows differs: exactly met, |kappa| <= 1 - pi (n_11); "
            "within 1/2, kappa = 1/2 at pi = 1", _consequence,
        ),
    ]  # fmt: skip
