"""The numbers of one run, from what it left: every metric of section 6.4 on every test set.

Without a score: ``accuracy``, ``robust_accuracy`` (mean over the five views), on ready-made pairs
``robust_accuracy_pairs`` and ``accuracy_originals`` (at the perturbed and at the unperturbed
texts), ``ece`` (15 bins), ``brier``, ``nll``, ``mean_entropy``, ``mean_sensitivity``, ``sua_risk``,
which is ``E (S - lambda H)_+``, ``entropy_shortfall`` (``E H(p*) - H(q)``, p* of annotators),
``spearman_sh`` (of S and H), ``spearman@K`` (of SUA at lambda 1 from K views with that from the
spare views), ``lambda@dev``; and, cut at the medians of S_KL and H on the set, the regimes A
(neither above), B (both), C (H alone), D (S alone): ``error@a`` to ``error@d`` and ``share@d``.

By score: ``auroc``, ``aurc``, ``augrc``, ``selective_accuracy@0.7`` (0.8, 0.9), and for a few
``auroc@d`` and ``auroc@low_sensitivity`` (among A and C). The scores are those of
:mod:`paper_repro.rivals`, ``sua@lambda``, and ``sua_kl@dev``, whose lambda is the best on dev.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paper_repro.bad_input import BadInputError
from paper_repro.study.judged import Fitted, Judged
from paper_repro.study.outputs import Outputs


def judge(outputs: Sequence[Outputs], *, lam: float = 1.0, divergence: str = "jsd") -> list[Judged]:
    """Each output of one model, judged with what its dev set decides.

    Raises:
        BadInputError: no dev set, or several.
    """
    dev = [o for o in outputs if o.role == "dev"]
    if len(dev) != 1:
        raise BadInputError(f"outputs: {len(dev)} of role dev; one wanted, to fit mu and lambda on")
    fitted = Fitted.on(dev[0], divergence)
    return [Judged(o, fitted, lam=lam, divergence=divergence) for o in outputs]


def measure(
    outputs: Sequence[Outputs], *, lam: float = 1.0, divergence: str = "jsd"
) -> list[dict[str, Any]]:
    """Every number of one run.

    Args:
        outputs: of one model, its dev set among them.
        lam: of the SUA risk; the scores have their own.
        divergence: D of S.

    Returns:
        Rows ``dataset``, ``role``, ``score`` (or None), ``metric``, ``value`` and ``n``, the inputs
        of the set. A number that is undefined, such as AUROC where no answer is wrong, has no row.

    Raises:
        BadInputError: no dev set, logits that are no numbers, or a label without its option.
    """
    rows = []
    for judged in judge(outputs, lam=lam, divergence=divergence):
        about = judged.outputs
        for (metric, score), statistic in judged.statistics.items():
            value = statistic.value()
            if value is not None:
                rows.append(
                    {"dataset": about.dataset, "role": about.role, "score": score,
                     "metric": metric, "value": value, "n": len(about.labels)}
                )  # fmt: skip
    return rows
