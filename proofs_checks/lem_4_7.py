r"""Lemma 4.7, the entropy-stability tension: true of label smoothing, false of higher entropy.

"Spreading mass uniformly" is read in A.4 as label smoothing, one alpha for all inputs. Then
every f-divergence shrinks at least by alpha (lem_4_7.smoothing), which is sharp for TV alone: KL,
JSD and chi-squared shrink by the constant of n_6. Without it, a constant model is as stable as can
be, and a change of temperature, or a share that depends on the input, can make a model more
sensitive. The claim on risk depends on which risk is meant; accuracy never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs_checks import entropy_stability as cases
from proofs_checks import label_smoothing as smoothing
from proofs_checks.claim import Claim
from proofs_checks.contraction import contraction
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.label_smoothing import shown
from proofs_checks.lem_4_7_claims import CLAIMS as CLAIMS
from proofs_checks.logarithm import integral_form
from proofs_checks.n_6 import attained_at_half, factor_beats_the_square, square_at_two_labels

Fast = Callable[[], list[str]]
__all__ = ["CLAIMS", "pieces"]


def _against(scope: str, run: Fast, instance: Callable[[], list[Row]]) -> list[Piece]:
    return [Piece(Kind.COUNTEREXAMPLE, "checked", scope, run, instance=instance)]
