"""A batch is its rows: leading axes change nothing, on float64 and on balls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

import sua_ref
from sua_ref import Bound
from tests.mirror_cases import BOUNDS, MIRRORED, Scene, Seeded, keywords
from tests.strategies import as_balls
from tests.tolerances import CELL_SUM

OVER_ROWS = {
    "accuracy", "augrc", "aurc", "consistency_loss", "consistency_loss_from_logits",
    "ece_lower_bound", "ece_lower_bound_from_sensitivity", "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits", "expected_calibration_error", "failure_auroc",
    "is_pointwise_robust", "risk_coverage_curve", "robust_accuracy", "selective_accuracy",
    "selective_risk", "sua_risk", "sua_tr_loss", "sua_tr_loss_from_logits", "task_loss",
    "task_loss_from_logits", "temperature_scale",
}  # fmt: skip
"""Functions that reduce over the rows: a loss, a metric, a calibration."""
FLOATS = ("ambiguity_proxy", "failure_signature")
"""Functions of integers, and of values that lie at a threshold: no balls."""
ROW_BY_ROW = sorted((set(MIRRORED) | BOUNDS) - OVER_ROWS)
ROWS = 3


def _arguments(name: str, *, balls: bool) -> tuple[dict[str, Any], set[str]]:
    """Arguments for three rows, and which of them have an axis of rows."""
    given = keywords(name, Scene(Seeded(11), rows=ROWS, views=2, labels=4))
    if "weights" in given:
        given["weights"] = np.random.default_rng(5).dirichlet(np.ones(2), size=ROWS)
    if given.get("loss", 0) is None:
        given["loss"] = np.arange(16.0).reshape(4, 4) % 5
    arrays = {k for k, v in given.items() if isinstance(v, np.ndarray)}
    if balls:
        given |= {k: as_balls(given[k]) + arb(0, 1e-12) for k in arrays}
    return given, arrays - {"loss"}


def _leaves(result: Any) -> list[Any]:
    if isinstance(result, Bound):
        return [result.lhs, result.rhs, *(result.hypotheses[k] for k in sorted(result.hypotheses))]
    return [result]


def _agree(a: Any, b: Any) -> bool:
    if isinstance(a, arb):
        return bool(a.overlaps(b))
    return bool(a == pytest.approx(b, rel=CELL_SUM))


CASES = [(n, balls) for n in ROW_BY_ROW for balls in (False, True) if not (balls and n in FLOATS)]


@pytest.mark.parametrize(("name", "balls"), CASES)
def test_a_batch_is_its_rows(name: str, balls: bool) -> None:
    function = getattr(sua_ref, name)
    given, batched = _arguments(name, balls=balls)
    assert batched
    together = _leaves(function(**given))
    deeper = _leaves(function(**{k: v[None] if k in batched else v for k, v in given.items()}))
    for i in range(ROWS):
        alone = _leaves(function(**{k: v[i] if k in batched else v for k, v in given.items()}))
        for one, many, deep in zip(alone, together, deeper, strict=True):
            if np.ndim(many) == 0:  # a hypothesis about the world, not about a row
                assert np.ndim(one) == np.ndim(deep) == 0
                assert one == many == deep
                continue
            assert np.shape(many) == (ROWS, *np.shape(one))
            assert np.shape(deep) == (1, *np.shape(many))
            pairs = zip(np.ravel(one), np.ravel(many[i]), np.ravel(deep[0, i]), strict=True)
            assert all(_agree(a, b) and _agree(a, c) for a, b, c in pairs), (name, i)
