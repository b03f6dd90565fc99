"""Appendix C.1 as a diagnostic: how many inputs show each signature, and how many of them fail.

"High" is above a threshold. For S and H it is the quantile of dev above which one input in five
lies, the share that the paper's abstention at coverage 80 % turns away; so a model's thresholds are
its own, and no test set sets them. For A, where annotators gave p*, it is their entropy above that
of a vote of two to one: ``A = H(p*)``, which is at least the information I(Y; Z | x) that
interpretations carry about the answer (A itself cannot be read off labels).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

import sua_gpu
from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Seen
from sua_ref.results import FailureSignature

SHARE_HIGH = 0.2
"""Of dev above the thresholds of S, and of H."""
AMBIGUOUS = math.log(3) - 2 / 3 * math.log(2)
"""The entropy of a vote of two to one, .637 nats."""


def thresholds(dev: Outputs, divergence: str) -> dict[str, float]:
    """Those of S and of H, from dev.

    A value that many inputs share may be the quantile; "high" is strictly above it.
    """
    seen = Seen.of(dev)
    return {
        name: float(np.quantile(values.numpy(), 1 - SHARE_HIGH, method="inverted_cdf"))
        for name, values in (("sensitivity", seen.s(divergence)), ("entropy", seen.h))
    }


def signatures(dev: Outputs, test: Outputs, *, divergence: str = "jsd") -> list[dict[str, Any]]:
    """The counts of one model on one test set, a row for each signature that can occur.

    Args:
        dev: of the same model.
        test: ambiguity is seen where ``laws`` gives p*; inputs without it are left out then.
        divergence: D of S.

    Returns:
        Rows ``dataset``, ``role``, ``signature``, ``count``, ``share`` of the inputs, ``errors``
        among them, ``error_rate`` (None where there are none), ``errors_share`` of all errors
        (None without errors), ``n`` inputs in all, and ``thresholds``.
    """
    limits, seen = thresholds(dev, divergence), Seen.of(test)
    s, h, a = seen.s(divergence), seen.h, None
    failed = seen.wrong(test.labels) == 1
    possible = [x for x in FailureSignature if x != FailureSignature.AMBIGUITY_COLLAPSE]
    if test.laws is not None:
        told = ~np.isnan(test.laws).any(-1)
        a = sua_gpu.entropy(torch.from_numpy(test.laws[told]))
        s, h, failed = s[torch.from_numpy(told)], h[torch.from_numpy(told)], failed[told]
        limits["ambiguity"] = AMBIGUOUS
        possible = list(FailureSignature)
    code = sua_gpu.failure_signature(s, h, a, thresholds=limits).numpy()
    rows = []
    for signature in possible:
        at = code == int(signature)
        count, errors = int(at.sum()), int(failed[at].sum())
        rows.append({
            "dataset": test.dataset, "role": test.role, "signature": signature.name.lower(),
            "count": count, "share": count / len(code) if len(code) else None, "errors": errors,
            "error_rate": errors / count if count else None,
            "errors_share": errors / int(failed.sum()) if failed.any() else None,
            "n": len(code), "thresholds": limits,
        })  # fmt: skip
    return rows
