"""Bad logits are refused before a kernel runs, by argument and first bad index."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import sua_gpu

X, Y = torch.zeros(2, 3), torch.zeros(2, 4, 3)


def _with(t: torch.Tensor, at: tuple[Any, ...], value: float) -> torch.Tensor:
    changed = t.clone()
    changed[at] = value
    return changed


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"logits": _with(X, (1, 2), math.nan)}, ValueError, r"logits: entry \(1, 2\) is nan"),
    ({"logits": _with(X, (0, 1), math.inf)}, ValueError, r"logits: entry \(0, 1\) is inf"),
    ({"logits": _with(X, (1,), -math.inf)}, ValueError, "logits: row 1 is -inf throughout"),
    (
        {"perturbed_logits": _with(Y, (1, 3, 0), math.nan)},
        ValueError,
        r"perturbed_logits: entry \(1, 3, 0\) is nan",
    ),
    (
        {"perturbed_logits": _with(Y, (0, 2), -math.inf)},
        ValueError,
        r"perturbed_logits: row \(0, 2\) is -inf throughout",
    ),
    ({"perturbed_logits": Y[:1]}, ValueError, "perturbed_logits: shape"),
    ({"perturbed_logits": Y[..., :2]}, ValueError, "perturbed_logits: shape"),
    ({"perturbed_logits": Y[:, :0]}, ValueError, "perturbed_logits: K = 0"),
    ({"logits": X.long()}, TypeError, "logits: a floating-point tensor wanted, got torch.int64"),
    ({"logits": X + 0j}, TypeError, "logits: a floating-point tensor wanted, got torch.complex64"),
    ({"perturbed_logits": Y.bool()}, TypeError, "perturbed_logits: a floating-point tensor"),
    ({"perturbed_logits": Y.to("meta")}, ValueError, "perturbed_logits: it is on meta"),
    (
        {"weights": torch.tensor([0.5, 0.75, -0.25, 0.0])},
        ValueError,
        "weights: row 0 has -0.25 at position 2",
    ),
]


@pytest.mark.parametrize(("changed", "error", "said"), REFUSED)
def test_the_argument_and_the_first_bad_index_are_named(
    changed: dict[str, Any], error: type[Exception], said: str
) -> None:
    given = {"logits": X, "perturbed_logits": Y, **changed}
    with pytest.raises(error, match=f"^{said}"):
        sua_gpu.distributional_sensitivity_from_logits(**given)
    with pytest.raises(error, match=f"^{said}"):
        sua_gpu.sua_tr_loss_from_logits(
            **given, labels=torch.zeros(2, dtype=torch.long), lam=1.0, a=1.0, b=1.0
        )


def test_the_check_can_be_switched_off() -> None:
    bad = _with(X, (1, 2), math.nan)
    s = sua_gpu.distributional_sensitivity_from_logits(
        bad, Y, divergence="kl", implementation="torch", validate=False
    )
    assert s[0] == 0
    assert bool(s[1].isnan())
