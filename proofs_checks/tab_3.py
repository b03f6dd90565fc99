r"""Table 3, the ablations: is it consistent with itself, with Table 2, and with the text about it?

The text form has lost the symbols in six row labels. Rows 7 to 9 read "perturbations": K rising,
the second being the default. Rows 2 to 4 switch off one loss, the other, and both; which of rows 2
and 3 is which is our reading, the one under which the text's sentence on them can be true at all.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from proofs_checks.claim import Claim
from proofs_checks.evidence import Piece, Row
from proofs_checks.printed_tables import COVERAGE, TABLE_2, TABLE_3, number
from proofs_checks.tab_2 import LOWER_IS_BETTER, METRICS
from proofs_checks.table_evidence import ROC_CREDIT, fails, holds, no_such_roc, table_claim

FULL, NO_ALIGNMENT, NO_CONSISTENCY, NEITHER = "SUA-TR (full)", "row 2", "row 3", "row 4"
FEW, DEFAULT, MANY = "row 7", "row 8", "row 9"
WHERE = "section 6.7, Table 3"
_LOST = "which rows these are: the symbols of their labels are lost"
MEASURES = {
    "across": (
        "a loss hurts a metric primarily if switching it off costs that metric more than switching "
        "off the other loss does"
    ),
    "within.difference": (
        "a loss hurts most the metrics that fall furthest in its own row, in printed digits"
    ),
    "within.relative": (
        "a loss hurts most the metrics that fall furthest in its own row, in proportion"
    ),
}


def _primarily(reading: str) -> Claim:
    return table_claim(
        f"tab_3.primarily@{reading}",
        "Which loss serves which metric",
        "Removing the alignment loss primarily hurts ECE and AUROC; removing the consistency loss "
        "primarily hurts robust accuracy.",
        r"\Delta_{\mathrm{ECE}},\Delta_{\mathrm{AUROC}} \text{ largest without alignment},\ "
        r"\Delta_{\mathrm{Rob}} \text{ largest without consistency}",
        f"{WHERE}, the paragraph on it",
        "removing primarily hurts ECE and AUROC",
        silent=f"{_LOST}; what primarily compares",
        reading=MEASURES[reading],
        breaks="" if reading == "across" else "a metric that is not named falls further",
    )


CLAIMS = (
    table_claim(
        "tab_3.full_is_table_2",
        "The full model is Table 2's, and the default number of perturbations is its own",
        "The rows of the full model and of the default number of perturbations are printed equal "
        "to SUA-TR's on QA in Table 2, in all five columns.",
        r"\mathrm{Table\,3}_{\mathrm{full}} = \mathrm{Table\,3}_{K=5} ="
        r" \mathrm{Table\,2}_{\mathrm{QA, SUA\text{-}TR}}",
        WHERE,
        "SUA-TR (full)",
        silent=_LOST,
    ),
    table_claim(
        "tab_3.neither_is_standard",
        "Without both losses it is the standard model",
        "The row without both losses is printed equal to Standard's on QA in Table 2, in all five "
        "columns.",
        r"\mathrm{Table\,3}_{a=b=0} = \mathrm{Table\,2}_{\mathrm{QA, Standard}}",
        WHERE,
        "Both and contribute independently",
        silent=_LOST,
    ),
    table_claim(
        "tab_3.full_beats_ablations",
        "The full model outperforms either ablation",
        "In every column the full model's printed number is better than those of the rows without "
        "one loss or the other, and these are better than the row without both.",
        r"\mathrm{full} \succ \{\text{without one}\} \succ \text{without both}",
        f"{WHERE}, the paragraph on it",
        "The full model outperforms either ablation",
    ),
    *(_primarily(reading) for reading in MEASURES),
    table_claim(
        "tab_3.perturbation_count",
        "More perturbations, no worse; beyond the default almost no better",
        "From each number of perturbations to the next no column gets worse; from the default to "
        "the next none changes by more than 0.001; the least is worse than the default somewhere.",
        r"K=3 \preceq K=5 \preceq K=10,\quad |\Delta_{5\to10}| \le 0.001",
        f"{WHERE}, the paragraph on it",
        "essentially the same performance as at lower cost",
        silent=_LOST,
    ),
    table_claim(
        "tab_3.mixture",
        "The mixture outperforms each single kind of perturbation that the table has",
        "In every column the full model's printed number is better than those of the rows Adv-only "
        "and Para-only.",
        r"\mathrm{full} \succ \text{Adv-only}, \text{Para-only}",
        f"appendix B.2, on {WHERE}",
        "The full mixture outperforms any single perturbation type across all metrics",
        silent="what token-level edits alone give: no row says",
    ),
    table_claim(
        "tab_3.auroc_possible",
        "Some score has the printed accuracy, selective accuracy and AUROC at once",
        "For each of the 9 lines of Table 3 there is a score with its accuracy, its selective "
        "accuracy at 80 % and its failure AUROC.",
        r"\sum_{i<j} r_i w_j \le a(1-a)\,\mathrm{AUROC} \le \sum_{i\le j} r_i w_j",
        WHERE,
        "The full model outperforms either ablation",
        silent="whether one score stands behind both columns of a line",
        ref=("failure_auroc", "selective_accuracy"),
        credit=ROC_CREDIT,
    ),
    table_claim(
        "tab_3.auroc_above_its_cut",
        "No score is beaten by its own cut at 80 %",
        "In each line of Table 3 the AUROC is at least that of the two-level score 'kept at 80 % "
        "or not', as it is for every score whose failure rate never falls as it rises.",
        r"\mathrm{AUROC} \ge \tfrac12 + \frac{c\,(s-a)}{2a(1-a)},\quad c = 0.8",
        WHERE,
        "The full model outperforms either ablation",
        silent="whether one score stands behind both columns of a line",
        fidelity="related",
        ref=("failure_auroc", "selective_accuracy"),
        credit=ROC_CREDIT,
    ),
)


def _value(row: str, metric: str) -> Fraction:
    return number(getattr(TABLE_3[row], metric))


def loss(row: str, metric: str, *, than: str = FULL) -> Fraction:
    """How much worse a row is printed in a column, in digits."""
    difference = _value(than, metric) - _value(row, metric)
    return -difference if metric in LOWER_IS_BETTER else difference


def _line(row: str, metric: str, than: str) -> Row:
    return (
        f"{row}, {metric}",
        f"{getattr(TABLE_3[row], metric)}, {than} {getattr(TABLE_3[than], metric)}",
    )


def _unequal(rows: tuple[str, ...], method: str) -> list[Row]:
    there = TABLE_2["QA"][method]
    return [
        (f"{row}, {metric}", f"{getattr(TABLE_3[row], metric)}, Table 2 {getattr(there, metric)}")
        for row, metric in product(rows, METRICS)
        if getattr(TABLE_3[row], metric) != getattr(there, metric)
    ]


def _not_worse(rows: tuple[str, ...], than: str) -> list[Row]:
    return [
        _line(row, metric, than)
        for row, metric in product(rows, METRICS)
        if loss(row, metric, than=than) <= 0
    ]


def _ablations() -> list[Row]:
    single = (NO_ALIGNMENT, NO_CONSISTENCY)
    return _not_worse(single, FULL) + [row for one in single for row in _not_worse((NEITHER,), one)]


def _not_primarily(reading: str) -> list[Row]:
    """Where the sentence on the two losses fails under a reading."""
    claimed = {NO_ALIGNMENT: ("ece", "auroc"), NO_CONSISTENCY: ("robust",)}
    found = []
    for row, metrics in claimed.items():
        other = NO_CONSISTENCY if row == NO_ALIGNMENT else NO_ALIGNMENT
        costs = {m: loss(row, m) for m in METRICS}
        if reading == "within.relative":
            costs = {m: c / _value(FULL, m) for m, c in costs.items()}
        for metric in metrics:
            rivals = {m: c for m, c in costs.items() if m not in metrics}
            if reading == "across":
                rivals = {f"{metric} in {other}": loss(other, metric)}
            found += [
                (f"{row}, loss in {metric}", f"{float(costs[metric]):.3f}, {rival} {float(c):.3f}")
                for rival, c in rivals.items()
                if c >= costs[metric]
            ]
    return found


def _counts() -> list[Row]:
    found = [
        _line(fewer, metric, more)
        for fewer, more in ((FEW, DEFAULT), (DEFAULT, MANY))
        for metric in METRICS
        if loss(fewer, metric, than=more) < 0
    ]
    found += [
        _line(DEFAULT, metric, MANY)
        for metric in METRICS
        if abs(loss(DEFAULT, metric, than=MANY)) > Fraction(1, 1000)
    ]
    inferior = any(loss(FEW, metric, than=DEFAULT) > 0 for metric in METRICS)
    return found if inferior else [*found, (FEW, "nowhere worse than the default")]


def _impossible() -> list[Row]:
    return [
        row
        for name, r in TABLE_3.items()
        for row in no_such_roc(name, r.accuracy, {COVERAGE: r.selective}, r.auroc)
    ]


def _below_its_cut() -> list[Row]:
    """Lines whose AUROC is below that of their cut, as printed."""
    found = []
    for name, r in TABLE_3.items():
        a, s = number(r.accuracy), number(r.selective)
        chord = Fraction(1, 2) + COVERAGE * (s - a) / (2 * a * (1 - a))
        if number(r.auroc) < chord:
            found.append((name, f"AUROC {r.auroc}, of the cut alone {float(chord):.4f}"))
    return found


_EVIDENCE = {
    "tab_3.full_is_table_2": holds("all 10 cells", lambda: _unequal((FULL, DEFAULT), "SUA-TR")),
    "tab_3.neither_is_standard": holds("all 5 cells", lambda: _unequal((NEITHER,), "Standard")),
    "tab_3.full_beats_ablations": holds("all 20 comparisons", _ablations),
    "tab_3.primarily@across": holds("all 3 comparisons", lambda: _not_primarily("across")),
    "tab_3.primarily@within.difference": fails(
        "a metric that is not named falls further", lambda: _not_primarily("within.difference")
    ),
    "tab_3.primarily@within.relative": fails(
        "a metric that is not named falls further", lambda: _not_primarily("within.relative")
    ),
    "tab_3.perturbation_count": holds("all 15 comparisons", _counts),
    "tab_3.mixture": holds(
        "all 10 comparisons", lambda: _not_worse(("Adv-only", "Para-only"), FULL)
    ),
    "tab_3.auroc_possible": holds(
        "a score for each of the 9 lines, constructed and measured in Fractions", _impossible
    ),
    "tab_3.auroc_above_its_cut": holds("all 9 lines, as printed", _below_its_cut),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one statement about Table 3."""
    return [_EVIDENCE[claim]]
