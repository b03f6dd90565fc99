"""Which of a study's numbers stand in a summary: enough for its tables, few enough for 200 KiB.

Kept are, on test sets (dev has none):

1. whatever a comparison names, on either side;
2. of every method: accuracy, robust accuracy and ECE, on the first set of each role; AUROC and
   selective accuracy at 0.8 of five scores on the clean set;
3. of Standard and SUA-TR: the numbers of 2 on every set, AUROC of five scores there too; AUROC,
   AURC and selective accuracy at 0.8 of every rival on the clean set and on the first perturbed
   one; AUROC of SUA at every lambda and selective accuracy at 0.7 and 0.9 on the clean set; the
   rank correlations by K;
4. of Standard: the floor, on every set.

Left out are all others: off the clean set the ablations' scores, AUGRC (at a fixed model an affine
function of AUROC), Brier score, NLL, mean entropy, the regimes that no comparison names, and
``robust_accuracy_pairs``, which is the accuracy on a set of ready-made pairs. They stand in the
runs' own ``result.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

FULL = ("standard", "sua_tr")
"""Methods whose every score is shown."""
ALWAYS = ("accuracy", "robust_accuracy", "ece")
SHORT = ("entropy", "max_probability", "self_consistency", "additive", "sua@1")
"""Scores shown of every method on its clean set."""
Key = tuple[str, str | None, str, str]
"""Method, score, dataset and metric."""


def kept(method: str, row: Mapping[str, Any], named: Set[Key], first: Set[str]) -> bool:
    """Whether a number of a run stands in the summary.

    Args:
        method: of the run.
        row: of its result.
        named: what comparisons name.
        first: the first test set of each role.
    """
    score: str | None = row["score"]
    dataset, metric, role = str(row["dataset"]), str(row["metric"]), str(row["role"])
    clean, full = role == "clean", method in FULL
    if role == "dev":
        return False
    if (method, score, dataset, metric) in named:
        return True
    if score is None:
        by_k = metric.startswith("spearman@") and full
        floor = metric == "floor_accuracy" and method == "standard"
        return by_k or floor or (metric in ALWAYS and (full or dataset in first))
    if metric in ("auroc", "selective_accuracy@0.8") and score in SHORT and clean:
        return True
    if not full:
        return False
    if score.startswith("sua@") and score != "sua@1":
        return clean and metric == "auroc"
    if metric in ("selective_accuracy@0.7", "selective_accuracy@0.9"):
        return clean and score in SHORT
    if metric in ("auroc", "aurc", "selective_accuracy@0.8"):
        compared = role in ("clean", "perturbed") and dataset in first
        return compared or (metric == "auroc" and score in SHORT)
    return False
