r"""Table 2: is it consistent with itself, and do the sentences about it hold?

Everything here is exact arithmetic on the printed digits. Two findings. Of the gains that the text
compares, selective accuracy never shows the largest, however a gain is measured. And on QA the
adversarially trained model's AUROC, 0.634, is below 0.642, the AUROC of keeping the 80 % that it
keeps and forgetting its score otherwise: possible, but only for a score that somewhere ranks errors
as the safer answers (:mod:`proofs_checks.roc_range` has the two bounds and their proofs).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from proofs_checks.claim import Claim
from proofs_checks.evidence import Piece, Row
from proofs_checks.printed_tables import COVERAGE, TABLE_2, interval, number
from proofs_checks.table_evidence import (
    ROC_CREDIT,
    below_its_chord,
    fails,
    holds,
    no_such_roc,
    table_claim,
)

OURS = "SUA-TR"
WHERE = "section 6.5, Table 2"
LOWER_IS_BETTER = {"ece"}
METRICS = ("accuracy", "robust", "ece", "auroc", "selective")
MEASURES = {
    "difference": "a gain is the difference of the printed numbers",
    "relative": "a gain is relative to the other method's number",
    "to_perfect": "a gain is the share of the way to a perfect value that is covered",
}
BASELINES = {
    "standard": "gains are over Standard",
    "best": "gains are over the best of the other methods",
}
_GRIM = "the idea of such checks: GRIM (Brown and Heathers 2017)"


def _largest() -> Iterator[Claim]:
    for baseline, measure in product(BASELINES, MEASURES):
        yield table_claim(
            f"tab_2.largest_gain@{baseline}.{measure}",
            "Selective accuracy shows the largest gains",
            "Among the columns of Table 2, SUA-TR gains most in selective accuracy at 80 %, in at "
            "least one task.",
            r"\exists t:\ \Delta_{\mathrm{sel}}(t) \ge \Delta_m(t) \text{ for every column } m",
            f"{WHERE}, last sentence of the paragraph on it",
            "Selective accuracy at 80% coverage shows the largest gains",
            silent="over which method, and how gains of different metrics are compared",
            reading=f"{BASELINES[baseline]}; {MEASURES[measure]}",
            breaks="in every task another column gains more",
        )


CLAIMS = (
    table_claim(
        "tab_2.predictions_kept",
        "Scores that keep the predictions keep the accuracies",
        "Temperature scaling and self-consistency score the standard model's answers; their "
        "accuracy and robust accuracy are printed equal to Standard's in every task.",
        r"\mathrm{Acc}_m = \mathrm{Acc}_{\mathrm{Standard}},\quad "
        r"\mathrm{RobAcc}_m = \mathrm{RobAcc}_{\mathrm{Standard}}",
        WHERE,
        "Post-hoc calibration via a learned scalar temperature applied to logits",
    ),
    table_claim(
        "tab_2.sample_size",
        "Some number of test inputs fits the printed accuracies",
        "For each task there is a number n of test inputs, a multiple of 5, such that each printed "
        "accuracy is a count of n, and each printed selective accuracy a count of 4n/5, rounded.",
        r"\exists n\ \forall m\ \exists k, j:\ |k/n - \mathrm{Acc}_m| \le 0.0005,\ "
        r"|j/(4n/5) - \mathrm{Sel}_m| \le 0.0005",
        WHERE,
        "Standard classification accuracy on clean test set.",
        silent="how many inputs each task has",
        credit=_GRIM,
    ),
    table_claim(
        "tab_2.auroc_possible",
        "Some score has the printed accuracy, selective accuracy and AUROC at once",
        "For each of the 15 lines of Table 2 there is a score with its accuracy, its selective "
        "accuracy at 80 % and its failure AUROC.",
        r"\sum_{i<j} r_i w_j \le a(1-a)\,\mathrm{AUROC} \le \sum_{i\le j} r_i w_j",
        WHERE,
        "Area under the ROC curve for predicting incorrect predictions",
        silent="whether one score stands behind both columns of a line",
        ref=("failure_auroc", "selective_accuracy"),
        credit=ROC_CREDIT,
    ),
    table_claim(
        "tab_2.auroc_above_its_cut",
        "No score is beaten by its own cut at 80 %",
        "In each line of Table 2 the AUROC is at least that of the two-level score 'kept at 80 % "
        "or not', as it is for every score whose failure rate never falls as it rises.",
        r"\mathrm{AUROC} \ge \tfrac12 + \frac{c\,(s-a)}{2a(1-a)},\quad c = 0.8",
        WHERE,
        "Accuracy on the fraction of inputs with the lowest abstention score.",
        silent="whether one score stands behind both columns of a line; whether its failure rate "
        "rises with it",
        fidelity="related",
        breaks="a two-level score with the line's accuracies has a larger AUROC than is printed",
        repair="tab_2.auroc_possible",
        ref=("failure_auroc", "selective_accuracy"),
        credit=ROC_CREDIT,
    ),
    table_claim(
        "tab_2.auroc_best",
        "SUA-TR predicts failures best",
        "In every task the printed AUROC of SUA-TR exceeds that of every other method.",
        r"\mathrm{AUROC}_{\mathrm{SUA\text{-}TR}} > \mathrm{AUROC}_m",
        WHERE,
        "SUA-TR consistently improves over all baselines on AUROC for failure prediction",
    ),
    table_claim(
        "tab_2.robust_over_at",
        "More robust than adversarial training, at less cost in accuracy",
        "In every task the printed robust accuracy of SUA-TR exceeds AT's, and the accuracy that "
        "SUA-TR gives up against Standard is less than what AT gives up.",
        r"\mathrm{Rob}_{\mathrm{SUA\text{-}TR}} > \mathrm{Rob}_{\mathrm{AT}},\quad "
        r"\mathrm{Acc}_{\mathrm{Std}} - \mathrm{Acc}_{\mathrm{SUA\text{-}TR}} < "
        r"\mathrm{Acc}_{\mathrm{Std}} - \mathrm{Acc}_{\mathrm{AT}}",
        WHERE,
        "Robust accuracy improves substantially over AT, with a smaller accuracy trade-off.",
    ),
    table_claim(
        "tab_2.ece_over_temperature",
        "A larger improvement of ECE than by temperature scaling, in most cases",
        "In most tasks (in all three, in fact) Standard's printed ECE less SUA-TR's exceeds "
        "Standard's less that of temperature scaling.",
        r"\mathrm{ECE}_{\mathrm{Std}} - \mathrm{ECE}_{\mathrm{SUA\text{-}TR}} > "
        r"\mathrm{ECE}_{\mathrm{Std}} - \mathrm{ECE}_{\mathrm{Temp}}",
        WHERE,
        "ECE improvements are larger than temperature scaling in most cases",
    ),
    table_claim(
        "tab_2.best_in_every_column",
        "SUA-TR is best in every column of every task",
        "In every task SUA-TR's printed robust accuracy, ECE and selective accuracy, and its "
        "accuracy and AUROC too, are better than every other method's.",
        r"\forall t, m, j:\ \mathrm{SUA\text{-}TR}_{t,j} \text{ better than } m_{t,j}",
        f"section 9, on {WHERE}",
        "SUA-TR improves robust accuracy, ECE, and selective accuracy over relevant baselines",
    ),
    *_largest(),
)


def _value(task: str, method: str, metric: str) -> Fraction:
    return number(getattr(TABLE_2[task][method], metric))


def _line(task: str, method: str, metric: str, than: str) -> Row:
    here, there = (getattr(TABLE_2[task][m], metric) for m in (method, than))
    return f"{task}, {metric}", f"{method} {here}, {than} {there}"


def better(task: str, method: str, than: str, metric: str) -> bool:
    """Whether a method's printed number beats another's in a column."""
    gain = _value(task, method, metric) - _value(task, than, metric)
    return gain < 0 if metric in LOWER_IS_BETTER else gain > 0


def _others(task: str, metric: str) -> list[str]:
    """The other methods with a number in this column."""
    return [m for m, row in TABLE_2[task].items() if m != OURS and getattr(row, metric)]


def gain(task: str, metric: str, baseline: str, measure: str) -> Fraction:
    """What SUA-TR gains in a column, under a reading of "gain"."""
    others = [_value(task, m, metric) for m in _others(task, metric)]
    lower = metric in LOWER_IS_BETTER
    best = min(others) if lower else max(others)
    base = _value(task, "Standard", metric) if baseline == "standard" else best
    here = _value(task, OURS, metric)
    difference = base - here if lower else here - base
    room = base if lower else 1 - base
    return difference / {"difference": Fraction(1), "relative": base, "to_perfect": room}[measure]


def _predictions_changed() -> list[Row]:
    return [
        _line(task, method, metric, "Standard")
        for task, method, metric in product(
            TABLE_2, ("Temp. Scale", "Self-Consist."), ("accuracy", "robust")
        )
        if _value(task, method, metric) != _value(task, "Standard", metric)
    ]


def fits(text: str, n: int) -> bool:
    """Whether some count of n rounds to the printed number.

    >>> fits("0.742", 31), fits("0.742", 30)
    (True, False)
    """
    low, high = interval(text)
    return -(-low * n // 1) <= high * n // 1


def sample_sizes(task: str, up_to: int) -> list[int]:
    """The multiples of 5 that fit a task's accuracies and selective accuracies."""
    return [
        n
        for n in range(5, up_to + 1, 5)
        if all(
            fits(r.accuracy, n) and fits(r.selective, 4 * n // 5) for r in TABLE_2[task].values()
        )
    ]


SMALLEST = {"QA": 635, "NLI": 755, "Class.": 800}
"""The smallest test set that fits, by task."""


def _sizes_wrong() -> list[Row]:
    return [
        (task, f"the least n is {found[:1]}, not {n}")
        for task, n in SMALLEST.items()
        if (found := sample_sizes(task, n)) != [n]
    ]


def _impossible() -> list[Row]:
    return [
        row
        for task, rows in TABLE_2.items()
        for method, r in rows.items()
        for row in no_such_roc(f"{task}, {method}", r.accuracy, {COVERAGE: r.selective}, r.auroc)
    ]


def _beaten_by_cut() -> list[Row]:
    return [
        row
        for task, rows in TABLE_2.items()
        for method, r in rows.items()
        for row in below_its_chord(
            f"{task}, {method}", r.accuracy, {COVERAGE: r.selective}, r.auroc
        )
    ]


def _not_best(metrics: tuple[str, ...]) -> list[Row]:
    return [
        _line(task, OURS, metric, other)
        for task, metric in product(TABLE_2, metrics)
        for other in _others(task, metric)
        if not better(task, OURS, other, metric)
    ]


def _not_over_at() -> list[Row]:
    return [
        _line(task, OURS, metric, "AT")
        for task, metric in product(TABLE_2, ("robust", "accuracy"))
        if not better(task, OURS, "AT", metric)
    ]


def _ece_gain_smaller() -> list[Row]:
    return [
        _line(task, OURS, "ece", "Temp. Scale")
        for task in TABLE_2
        if not better(task, OURS, "Temp. Scale", "ece")
    ]


def _larger_elsewhere(baseline: str, measure: str) -> list[Row]:
    """For each task the column with the largest gain; empty if it is selective accuracy in one."""
    lines = []
    for task in TABLE_2:
        gains = {m: gain(task, m, baseline, measure) for m in METRICS}
        top = max(gains, key=lambda m: gains[m])
        if gains["selective"] == gains[top]:
            return []
        shown = f"{float(gains['selective']):.3f}, but {float(gains[top]):.3f} in {top}"
        lines.append((f"{task}, gain in selective", shown))
    return lines


_EVIDENCE = {
    "tab_2.predictions_kept": holds("all 12 cells", _predictions_changed),
    "tab_2.sample_size": holds(f"the least such n: {SMALLEST}", _sizes_wrong),
    "tab_2.auroc_possible": holds(
        "a score for each of the 15 lines, constructed and measured in Fractions", _impossible
    ),
    "tab_2.auroc_above_its_cut": fails(
        "however the three numbers of the line were rounded (the checker covers the box)",
        _beaten_by_cut,
    ),
    "tab_2.auroc_best": holds("all 12 comparisons", lambda: _not_best(("auroc",))),
    "tab_2.robust_over_at": holds("all 6 comparisons", _not_over_at),
    "tab_2.ece_over_temperature": holds("all 3 tasks", _ece_gain_smaller),
    "tab_2.best_in_every_column": holds("all 57 comparisons", lambda: _not_best(METRICS)),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one statement about Table 2."""
    if claim in _EVIDENCE:
        return [_EVIDENCE[claim]]
    baseline, measure = claim.split("@")[1].split(".")
    scope = "in every task another column gains more"
    return [fails(scope, lambda: _larger_elsewhere(baseline, measure))]
