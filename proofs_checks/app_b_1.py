r"""Appendix B.1: does the estimate of the score improve with K as the text says?

The values of K are lost; the four correlations stand in the text's order.
"""

from __future__ import annotations

from itertools import pairwise

from proofs_checks.evidence import Piece, Row
from proofs_checks.printed_tables import APPENDIX_B_1, number
from proofs_checks.table_evidence import holds, table_claim

WHERE = "appendix B.1"
_LOST = "the values of K: the symbols are lost, and K rises in the text's order"
CLAIMS = (
    table_claim(
        "app_b_1.monotone",
        "The rank correlation rises with K",
        "Each printed correlation with the large-K score exceeds the one before; none exceeds 1.",
        r"\rho_{K_1} < \rho_{K_2} < \rho_{K_3} < \rho_{K_4} \le 1",
        WHERE,
        "We measure the Spearman rank correlation between the estimated SUA score and the "
        "ground-truth",
        silent=_LOST,
    ),
    table_claim(
        "app_b_1.marginal_beyond",
        "Beyond the default the gain is marginal",
        "The last printed gain is the smallest, less than a quarter of each gain before it.",
        r"4(\rho_{K_4} - \rho_{K_3}) < \min(\rho_{K_2} - \rho_{K_1}, \rho_{K_3} - \rho_{K_2})",
        WHERE,
        "gains are marginal, confirming our choice of as the default",
        silent=f"{_LOST}; how small is marginal",
    ),
)


def _falling() -> list[Row]:
    values = [*APPENDIX_B_1, "1.0"]
    return [(a, f"then {b}") for a, b in pairwise(values) if number(a) >= number(b)]


def _not_marginal() -> list[Row]:
    *gains, last = (number(b) - number(a) for a, b in pairwise(APPENDIX_B_1))
    return [("gain", f"{float(g)}, the last {float(last)}") for g in gains if 4 * last >= g]


_EVIDENCE = {
    "app_b_1.monotone": holds("all 4 values", _falling),
    "app_b_1.marginal_beyond": holds("both comparisons", _not_marginal),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one statement about appendix B.1."""
    return [_EVIDENCE[claim]]
