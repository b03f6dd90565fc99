"""Each bad input, at each function of logits and with each backend, names the argument and the
first bad index; validation comes before any backend is entered."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest
import torch
from torch import Tensor

import sua_gpu
from sua_gpu import implementations

NAMES = [name for name in sua_gpu.__all__ if name.endswith("_from_logits")]
BACKENDS = [name for name, reason in implementations.present().items() if reason is None]
TWO_ROWS = {
    f"{name}_from_logits"
    for name in (
        "kl_divergence", "jensen_shannon_divergence", "total_variation", "chi2_divergence",
        "squared_hellinger",
    )
}  # fmt: skip
FALLS_BACK = {"chi2_divergence_from_logits", "squared_hellinger_from_logits"}
"""Kinds that only torch and its compiler compute."""
MEANS = {"task_loss", "consistency_loss", "entropy_alignment_loss", "sua_tr_loss"}
X, Y = torch.zeros(2, 3), torch.zeros(2, 4, 3)
NUMBERS = {"lam": 1.0, "a": 1.0, "b": 1.0}


def _call(name: str, implementation: str, **changed: Any) -> Tensor:
    """The function on plain rows, but for what is changed."""
    function = getattr(sua_gpu, name)
    takes = inspect.signature(function).parameters
    rows = changed.get("logits", X)
    rows = rows if isinstance(rows, Tensor) and rows.ndim else X
    plain = Y[:, 0] if name in TWO_ROWS else Y
    labels = torch.zeros(len(rows), dtype=torch.long)
    given: dict[str, Any] = {"logits": X, "perturbed_logits": plain, "labels": labels, **NUMBERS}
    given = {key: value for key, value in (given | changed).items() if key in takes}
    if name not in FALLS_BACK or implementation in ("torch", "compile"):
        given["implementation"] = implementation
    result: Tensor = function(**given)
    return result


def _takes(name: str, argument: str) -> bool:
    return argument in inspect.signature(getattr(sua_gpu, name)).parameters


def _with(t: Tensor, at: tuple[int, ...], value: float) -> Tensor:
    changed = t.clone()
    changed[at] = value
    return changed


def _second(name: str, t: Tensor) -> Tensor:
    return t[:, 0] if name in TWO_ROWS else t


LOGITS: list[tuple[str, Any, type[Exception], str]] = [
    ("nan", _with(X, (1, 2), math.nan), ValueError, r"logits: entry \(1, 2\) is nan"),
    ("inf", _with(X, (0, 1), math.inf), ValueError, r"logits: entry \(0, 1\) is inf"),
    ("nothing possible", torch.full((2, 3), -math.inf), ValueError, "logits: row 0 is -inf"),
    ("integers", X.long(), TypeError, "logits: a floating-point tensor wanted, got torch.int64"),
    ("complex", X + 0j, TypeError, "logits: a floating-point tensor wanted, got torch.complex64"),
    ("marks", X.bool(), TypeError, "logits: a floating-point tensor wanted, got torch.bool"),
    ("a list", [[0.0, 1.0]], TypeError, "logits: a torch tensor wanted, got list"),
    ("no axis", torch.tensor(0.0), ValueError, "logits: needs a last axis"),
    ("no label", X[:, :0], ValueError, "logits: needs a last axis"),
]


@pytest.mark.parametrize("implementation", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("bad", "error", "said"), [c[1:] for c in LOGITS], ids=[c[0] for c in LOGITS]
)
def test_bad_logits_are_named(
    bad: Any, error: type[Exception], said: str, name: str, implementation: str
) -> None:
    with pytest.raises(error, match=f"^{said}"):
        _call(name, implementation, logits=bad)


@pytest.mark.parametrize("implementation", BACKENDS)
@pytest.mark.parametrize("name", [n for n in NAMES if _takes(n, "perturbed_logits")])
def test_bad_perturbed_logits_are_named(name: str, implementation: str) -> None:
    at = r"\(1, 2\)" if name in TWO_ROWS else r"\(1, 0, 2\)"
    row = r"1" if name in TWO_ROWS else r"\(1, 0\)"
    impossible = Y.clone()
    impossible[1, 0] = -math.inf
    cases: list[tuple[Tensor, type[Exception], str]] = [
        (_with(Y, (1, 0, 2), math.nan), ValueError, f"perturbed_logits: entry {at} is nan"),
        (_with(Y, (1, 0, 2), math.inf), ValueError, f"perturbed_logits: entry {at} is inf"),
        (impossible, ValueError, f"perturbed_logits: row {row} is -inf throughout"),
        (Y[..., :2], ValueError, "perturbed_logits: shape"),
        (torch.zeros(3, 4, 3), ValueError, "perturbed_logits: shape"),
        (Y.long(), TypeError, "perturbed_logits: a floating-point tensor wanted, got torch.int64"),
        (Y + 0j, TypeError, "perturbed_logits: a floating-point tensor wanted, got torch.complex"),
        (Y.to("meta"), ValueError, "perturbed_logits: it is on meta"),
    ]
    for bad, error, said in cases:
        with pytest.raises(error, match=f"^{said}"):
            _call(name, implementation, perturbed_logits=_second(name, bad))


@pytest.mark.parametrize("implementation", BACKENDS)
@pytest.mark.parametrize("name", [n for n in NAMES if _takes(n, "weights")])
def test_bad_weights_and_no_perturbation_are_named(name: str, implementation: str) -> None:
    with pytest.raises(ValueError, match=r"^perturbed_logits: K = 0"):
        _call(name, implementation, perturbed_logits=Y[:, :0])
    cases = [
        (torch.tensor([0.5, 0.75, -0.25, 0.0]), "weights: row 0 has -0.25 at position 2"),
        (torch.tensor([0.5, 0.5, math.nan, 0.0]), "weights: row 0 has nan at position 2"),
        (torch.tensor([0.5, 0.25, 0.0, 0.0]), "weights: row 0 sums to 0.75"),
        (torch.tensor([0.5, 0.5]), "weights: shape"),
        (torch.full((4,), 0.25, device="meta"), "weights: it is on meta"),
    ]
    for bad, said in cases:
        with pytest.raises(ValueError, match=f"^{said}"):
            _call(name, implementation, weights=bad)


@pytest.mark.parametrize("implementation", BACKENDS)
@pytest.mark.parametrize("name", [n for n in NAMES if _takes(n, "labels")])
def test_bad_labels_are_named(name: str, implementation: str) -> None:
    cases: list[tuple[Tensor, str]] = [
        (torch.tensor([0, 3]), r"labels: row 1 is 3, not in 0\.\.2"),
        (torch.tensor([-1, 0]), r"labels: row 0 is -1, not in 0\.\.2"),
        (torch.tensor([0]), "labels: shape"),
        (torch.tensor([0.0, 1.0]), "labels: integers wanted"),
        (torch.zeros(2, dtype=torch.long, device="meta"), "labels: it is on meta"),
    ]
    for bad, said in cases:
        with pytest.raises((ValueError, TypeError), match=f"^{said}"):
            _call(name, implementation, labels=bad)


@pytest.mark.parametrize("implementation", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_is_an_empty_result_and_has_no_mean(name: str, implementation: str) -> None:
    empty = {"logits": X[:0], "perturbed_logits": _second(name, Y[:0])}
    if name.removesuffix("_from_logits") in MEANS:
        with pytest.raises(ValueError, match=r"^logits: no rows"):
            _call(name, implementation, **empty)
    else:
        assert _call(name, implementation, **empty).shape == (0,)
