r"""Figure 2, which the text describes in words: do its words and numbers agree with Table 2?

The order that it states puts entropy above temperature-scaled confidence. Table 2 has no line
called entropy. If its line Standard is scored by entropy, as section 6.3 lists it among the
baselines, the order is printed the other way round in all three tasks; if entropy is scored
elsewhere, what remains of the order holds.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from proofs_checks.claim import Claim
from proofs_checks.evidence import Piece, Row
from proofs_checks.printed_tables import (
    FIGURE_2_ADVERSARIAL,
    FIGURE_2_AMBIGUOUS,
    TABLE_2,
    interval,
    number,
)
from proofs_checks.table_evidence import fails, holds, table_claim

WHERE = "section 6.6, Figure 2 in words"
ORDERS = {
    "entropy_is_standard": ("SUA-TR", "Self-Consist.", "Standard", "Temp. Scale"),
    "entropy_is_not_in_table_2": ("SUA-TR", "Self-Consist.", "Temp. Scale"),
}
_WORDS = {
    "entropy_is_standard": "the line Standard of Table 2 is scored by entropy",
    "entropy_is_not_in_table_2": "no line of Table 2 is scored by entropy",
}


def _ordering(reading: str) -> Claim:
    return table_claim(
        f"fig_2.ordering@{reading}",
        "The same order of scores in every task",
        "In every task: SUA above self-consistency above entropy above temperature-scaled "
        "confidence, by failure AUROC.",
        r"\mathrm{SUA} > \text{self-consistency} > \text{entropy} > \text{temperature-scaled}",
        WHERE,
        "The ordering is consistent: SUA-score self-consistency entropy temperature-scaled "
        "confidence.",
        silent="what scores the line Standard of Table 2; the signs between the names are lost",
        reading=_WORDS[reading],
        fidelity="exact" if reading == "entropy_is_standard" else "related",
        breaks=(
            "Table 2 prints Standard below Temp. Scale in every task"
            if reading == "entropy_is_standard"
            else ""
        ),
    )


CLAIMS = (
    *(_ordering(reading) for reading in ORDERS),
    table_claim(
        "fig_2.ambiguous_gap",
        "The gap to entropy is largest on the ambiguous subset",
        "SUA's printed gap to entropy on the NLI ambiguous subset (0.81 against 0.64) exceeds its "
        "gap to Standard in every task of Table 2, however these were rounded.",
        r"0.81 - 0.64 > \mathrm{AUROC}_{\mathrm{SUA\text{-}TR}} - \mathrm{AUROC}_{\mathrm{Std}}",
        WHERE,
        "The gap between SUA and entropy alone is largest on the NLI ambiguous subset",
    ),
    table_claim(
        "fig_2.adversarial_gap",
        "The gap to self-consistency is largest on adversarial inputs",
        "SUA's printed gap to self-consistency on adversarial inputs (0.79 against 0.66) exceeds "
        "its gap to self-consistency in every task of Table 2, however these were rounded.",
        r"0.79 - 0.66 > \mathrm{AUROC}_{\mathrm{SUA\text{-}TR}} - \mathrm{AUROC}_{\mathrm{SC}}",
        WHERE,
        "The gap between SUA and self-consistency is largest on adversarial inputs",
        silent="which task the adversarial inputs are of",
    ),
)


def _out_of_order(reading: str) -> list[Row]:
    order = ORDERS[reading]
    return [
        (task, f"{above} {rows[above].auroc}, {below} {rows[below].auroc}")
        for task, rows in TABLE_2.items()
        for above, below in pairwise(order)
        if number(rows[above].auroc) <= number(rows[below].auroc)
    ]


def least_gap(a: str, b: str) -> Fraction:
    """The smallest difference of numbers that round to these two."""
    return interval(a)[0] - interval(b)[1]


def _larger_gaps(a: str, b: str, method: str) -> list[Row]:
    """Tasks whose gap may reach the one stated."""
    return [
        (task, f"SUA-TR {rows['SUA-TR'].auroc}, {method} {rows[method].auroc}")
        for task, rows in TABLE_2.items()
        if -least_gap(rows[method].auroc, rows["SUA-TR"].auroc) >= least_gap(a, b)
    ]


_EVIDENCE = {
    "fig_2.ordering@entropy_is_standard": fails(
        "entropy below temperature-scaled confidence, in every task",
        lambda: _out_of_order("entropy_is_standard"),
    ),
    "fig_2.ordering@entropy_is_not_in_table_2": holds(
        "all 6 comparisons that Table 2 has", lambda: _out_of_order("entropy_is_not_in_table_2")
    ),
    "fig_2.ambiguous_gap": holds(
        "all 3 tasks",
        lambda: _larger_gaps(FIGURE_2_AMBIGUOUS["SUA"], FIGURE_2_AMBIGUOUS["entropy"], "Standard"),
    ),
    "fig_2.adversarial_gap": holds(
        "all 3 tasks",
        lambda: _larger_gaps(
            FIGURE_2_ADVERSARIAL["SUA"], FIGURE_2_ADVERSARIAL["self-consistency"], "Self-Consist."
        ),
    ),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one statement about Figure 2."""
    return [_EVIDENCE[claim]]
