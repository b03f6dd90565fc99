r"""Appendix B.4: do the coverage curves agree with themselves and with Table 2?

The three selective accuracies of SUA cut its ranking in four. Keeping the cuts alone and forgetting
the score between them gives an AUROC of 0.787, and Table 2 prints 0.741 for the score itself. Some
score has all these numbers, but inside the four blocks it must on the whole rank errors as the
safer answers: a pair there is ordered rightly with probability 0.34, where a coin gives 0.5.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from proofs_checks.claim import Claim
from proofs_checks.evidence import Piece, Row
from proofs_checks.printed_tables import APPENDIX_B_4, COVERAGE, TABLE_2, number
from proofs_checks.table_evidence import (
    ROC_CREDIT,
    below_its_chord,
    fails,
    holds,
    no_such_roc,
    table_claim,
)

WHERE = "appendix B.4, on the QA task"
QA = TABLE_2["QA"]
SUA = {c: sua for c, (sua, _) in APPENDIX_B_4.items()}
ENTROPY = {c: entropy for c, (_, entropy) in APPENDIX_B_4.items()}
_ENTROPY_OF = {
    "standard": "entropy is the abstention score of the line Standard of Table 2",
    "some_line": "entropy is the abstention score of some line of Table 2",
}


def _entropy(reading: str) -> Claim:
    return table_claim(
        f"app_b_4.entropy_is_table_2s@{reading}",
        "Entropy's selective accuracy at 80 % agrees with Table 2",
        "The selective accuracy at 80 % that the appendix prints for entropy is that of its line "
        "in Table 2 on QA.",
        r"\mathrm{Sel}^{\mathrm{B.4}}_{\mathrm{entropy}}(0.8) = \mathrm{Sel}^{\mathrm{Table\,2}}",
        WHERE,
        "At 80% coverage: SUA 0.852, Entropy 0.821.",
        silent="which model's entropy it is; one that Table 2 has no line for leaves nothing to "
        "compare",
        reading=_ENTROPY_OF[reading],
        breaks="the appendix prints 0.821, which no line of Table 2 on QA has",
    )


CLAIMS = (
    table_claim(
        "app_b_4.sua_is_table_2s",
        "SUA's selective accuracy at 80 % is Table 2's",
        "The selective accuracy of SUA at 80 % is printed equal in the appendix and in Table 2.",
        r"\mathrm{Sel}^{\mathrm{B.4}}_{\mathrm{SUA}}(0.8) = "
        r"\mathrm{Sel}^{\mathrm{Table\,2}}_{\mathrm{QA, SUA\text{-}TR}}",
        WHERE,
        "At 80% coverage: SUA 0.852",
    ),
    *(_entropy(reading) for reading in _ENTROPY_OF),
    table_claim(
        "app_b_4.monotone",
        "Selective accuracy rises as coverage falls",
        "For both scores the printed selective accuracy rises from 90 to 80 to 70 % coverage, and "
        "exceeds the accuracy of every line of Table 2 on QA.",
        r"\mathrm{Sel}(0.7) > \mathrm{Sel}(0.8) > \mathrm{Sel}(0.9) > \mathrm{Acc}",
        WHERE,
        "as abstention becomes more selective",
    ),
    table_claim(
        "app_b_4.gap_widens",
        "SUA is above entropy, and the gap widens as coverage falls",
        "At each coverage SUA's printed selective accuracy exceeds entropy's, by more at each "
        "lower coverage.",
        r"0 < \Delta(0.9) < \Delta(0.8) < \Delta(0.7)",
        WHERE,
        "SUA-based abstention consistently yields higher selective accuracy at all coverage "
        "levels, with the gap widening as coverage decreases",
    ),
    table_claim(
        "app_b_4.auroc_possible",
        "Some score has the coverage curve, the accuracy and the AUROC at once",
        "There is a score with SUA's three selective accuracies, and with the accuracy and AUROC "
        "that Table 2 prints for SUA-TR on QA.",
        r"\sum_{i<j} r_i w_j \le a(1-a)\,\mathrm{AUROC} \le \sum_{i\le j} r_i w_j",
        WHERE,
        "We report the coverage\u2013selective-accuracy tradeoff for SUA-based abstention",
        silent="whether the appendix speaks of the model and score of Table 2",
        ref=("failure_auroc", "selective_accuracy", "risk_coverage_curve"),
        credit=ROC_CREDIT,
    ),
    table_claim(
        "app_b_4.auroc_above_its_cuts",
        "SUA's score is not beaten by its own three cuts",
        "The AUROC that Table 2 prints for SUA-TR on QA is at least that of the four-level score "
        "made of the three cuts, as for every score whose failure rate never falls as it rises.",
        r"a(1-a)\,\mathrm{AUROC} \ge \sum_{i<j} r_i w_j + \tfrac12 \sum_i r_i w_i",
        WHERE,
        "At 90% coverage: SUA 0.812",
        silent="whether the appendix speaks of the model and score of Table 2; whether the failure "
        "rate rises with the score",
        fidelity="related",
        breaks="the four levels of the printed cuts have a larger AUROC than Table 2 prints",
        repair="app_b_4.auroc_possible",
        ref=("failure_auroc", "selective_accuracy", "risk_coverage_curve"),
        credit=ROC_CREDIT,
    ),
)


def _sua_differs() -> list[Row]:
    there = QA["SUA-TR"].selective
    here = SUA[COVERAGE]
    return [] if here == there else [("SUA at 80 %", f"B.4 {here}, Table 2 {there}")]


def _entropy_differs(reading: str) -> list[Row]:
    """The line, or the lines, that should agree and do not."""
    here = ENTROPY[COVERAGE]
    lines = ["Standard"] if reading == "standard" else list(QA)
    found = [
        (f"{line} at 80 %", f"Table 2 {QA[line].selective}, B.4 {here}")
        for line in lines
        if QA[line].selective != here
    ]
    return found if len(found) == len(lines) else []


def _not_monotone() -> list[Row]:
    top = max(QA.values(), key=lambda row: number(row.accuracy)).accuracy
    found = []
    for name, curve in (("SUA", SUA), ("entropy", ENTROPY)):
        values = [top, *(curve[c] for c in sorted(curve, reverse=True))]
        found += [(name, f"{a}, then {b}") for a, b in pairwise(values) if number(b) <= number(a)]
    return found


def _not_widening() -> list[Row]:
    by_falling_coverage = sorted(SUA, reverse=True)
    gaps = [Fraction(0), *(number(SUA[c]) - number(ENTROPY[c]) for c in by_falling_coverage)]
    return [("gap", f"{float(a)}, then {float(b)}") for a, b in pairwise(gaps) if b <= a]


_LINE = ("SUA-TR on QA", QA["SUA-TR"].accuracy, SUA, QA["SUA-TR"].auroc)
_EVIDENCE = {
    "app_b_4.sua_is_table_2s": holds("the one cell", _sua_differs),
    "app_b_4.entropy_is_table_2s@standard": fails(
        "the one cell", lambda: _entropy_differs("standard")
    ),
    "app_b_4.entropy_is_table_2s@some_line": fails(
        "all five cells", lambda: _entropy_differs("some_line")
    ),
    "app_b_4.monotone": holds("both curves", _not_monotone),
    "app_b_4.gap_widens": holds("all three coverages", _not_widening),
    "app_b_4.auroc_possible": holds(
        "one score, constructed and measured in Fractions", lambda: no_such_roc(*_LINE)
    ),
    "app_b_4.auroc_above_its_cuts": fails(
        "however the five numbers were rounded (the checker covers the box)",
        lambda: below_its_chord(*_LINE),
    ),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one statement about appendix B.4."""
    return [_EVIDENCE[claim]]
