"""Input checks for tensors: the same refusals as the reference, in torch.

A check reads a result back from the device; ``validate=False`` skips it in a training loop.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import torch
from torch import Tensor

DIVERGENCES = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
_WITHIN_SINGLE = (torch.float32, torch.float16, torch.bfloat16)
STOP_GRADIENT = ("perturbed", "clean", "none")


def working_dtype(x: Tensor, name: str) -> Tensor:
    """``x`` in float64 if it is that, else in float32; half precision is widened exactly."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: a torch tensor wanted, got {type(x).__name__}")
    if not x.is_floating_point():
        raise TypeError(f"{name}: a floating-point tensor wanted, got {x.dtype}")
    return widened(x)


def widened(x: Tensor) -> Tensor:
    """``x`` in its working dtype: float64 as it is, the rest in float32."""
    return x if x.dtype == torch.float64 else x.float()


def _vector(a: Tensor) -> Tensor:
    return a.reshape(1) if a.ndim == 0 else a


def _first(bad: Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in torch.nonzero(_vector(bad))[0])


def _row(index: tuple[int, ...]) -> str:
    return f"row {index[0] if len(index) == 1 else index if index else 0}"


def sum_tolerance(n: int, dtype: torch.dtype) -> float:
    """How far from 1 a row may sum; the reference derives it (``sua_ref.checks.sum_tolerance``)."""
    info = torch.finfo(dtype)
    if info.bits <= 16:
        return 8 * info.eps + n * info.smallest_normal * info.eps
    return (n + 8) * info.eps


def distribution(x: Tensor, name: str, *, validate: bool) -> Tensor:
    """Probability rows along the last axis, in the working dtype.

    Raises:
        ValueError: naming ``name``, the first bad row and the value.
    """
    a = working_dtype(x, name)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError(
            f"{name}: needs a last axis of at least one probability, got {tuple(a.shape)}"
        )
    if not validate:
        return a
    tolerance = sum_tolerance(a.shape[-1], x.dtype)
    outside = ~((a >= 0) & (a <= 1 + tolerance))
    if bool(outside.any()):
        at = _first(outside)
        raise ValueError(
            f"{name}: {_row(at[:-1])} has {float(a[at])} at position {at[-1]}; "
            "probabilities lie in [0, 1]"
        )
    total = _vector(a.detach().double().sum(-1))
    wrong = ~((total - 1).abs() <= tolerance)
    if bool(wrong.any()):
        at = _first(wrong)
        raise ValueError(
            f"{name}: {_row(at)} sums to {float(total[at])}, not 1 "
            f"(allowed |sum - 1| <= {tolerance:.3g} at V = {a.shape[-1]}, {x.dtype})"
        )
    return a


def logits(x: Tensor, name: str, *, validate: bool) -> Tensor:
    """Logits in their own dtype: no NaN, no ``+inf``, no row of ``-inf`` alone.

    One read and no copy: the largest of a row is NaN if any entry is.
    """
    working_dtype(x[..., :0] if isinstance(x, Tensor) and x.ndim else x, name)
    if x.ndim == 0 or x.shape[-1] == 0:
        shape = tuple(x.shape)
        raise ValueError(f"{name}: needs a last axis of at least one logit, got {shape}")
    if validate and not x.is_meta:
        top = _vector(x.detach().amax(-1))
        bad = torch.isnan(top) | (top == torch.inf)
        if bool(bad.any()):
            row = _first(bad) if x.ndim > 1 else ()
            entries = x.detach()[row]
            at = (*row, *_first(torch.isnan(entries) | (entries == torch.inf)))
            raise ValueError(f"{name}: entry {at} is {float(x[at])}")
        empty = top == -torch.inf
        if bool(empty.any()):
            raise ValueError(f"{name}: {_row(_first(empty))} is -inf throughout")
    return x


def same_device(a: Tensor, b: Tensor, a_name: str, b_name: str) -> None:
    """Refuse two tensors on different devices."""
    if a.device != b.device:
        raise ValueError(f"{b_name}: it is on {b.device}, and {a_name} on {a.device}")


def same_shape(a: Tensor, b: Tensor, a_name: str, b_name: str) -> None:
    """Refuse two tensors of different shapes."""
    if a.shape != b.shape:
        raise ValueError(
            f"{b_name}: shape {tuple(b.shape)} differs from that of {a_name}, {tuple(a.shape)}"
        )


def perturbed_shape(p: Tensor, perturbed: Tensor, name: str) -> None:
    """Refuse a ``perturbed`` that is not ``(..., K, V)`` beside ``p`` of ``(..., V)``."""
    fits = perturbed.ndim == p.ndim + 1 and perturbed.shape[:-2] == p.shape[:-1]
    if not fits or perturbed.shape[-1] != p.shape[-1]:
        raise ValueError(
            f"{name}: shape {tuple(perturbed.shape)} does not fit {tuple(p.shape)}; "
            "wanted (..., K, V)"
        )
    if perturbed.shape[-2] == 0:
        raise ValueError(f"{name}: K = 0 perturbations; at least one is needed")


def mixture_weights(weights: Tensor | None, values: Tensor, *, validate: bool) -> Tensor | None:
    """Weights over the K perturbations, ``(K,)`` or the shape of ``values``."""
    if weights is None:
        return None
    w = distribution(weights, "weights", validate=validate).to(values.dtype)
    if w.shape not in (values.shape, values.shape[-1:]):
        raise ValueError(
            f"weights: shape {tuple(w.shape)}; wanted {tuple(values.shape)} "
            f"or {tuple(values.shape[-1:])}"
        )
    return w


def view_weights(weights: Tensor | None, x: Tensor, y: Tensor, *, validate: bool) -> Tensor | None:
    """Weights over the views of logits ``(..., K, V)``, in the working dtype of both."""
    if weights is not None:
        same_device(x, working_dtype(weights, "weights"), "logits", "weights")
    dtype = torch.promote_types(x.dtype, y.dtype)
    return mixture_weights(weights, widened(y[..., 0].detach().to(dtype)), validate=validate)


def _no_nan(x: Tensor, name: str) -> Tensor:
    """Numbers of any real dtype, NaN refused."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: a torch tensor wanted, got {type(x).__name__}")
    if x.is_complex():
        raise TypeError(f"{name}: numbers of dtype {x.dtype} are not supported")
    missing = x.isnan()
    if bool(missing.any()):
        raise ValueError(f"{name}: {_row(_first(missing) if x.ndim else ())} is nan")
    return x


def values(x: Tensor, name: str) -> Tensor:
    """Numbers of any real dtype as float64 (exactly, but for integers beyond 2^53); no NaN."""
    return _no_nan(x, name).double()


def vector(x: Tensor, name: str = "scores") -> Tensor:
    """A vector of at least one number in float64, infinities allowed, NaN refused."""
    return scores(x, name).double()


def scores(x: Tensor, name: str = "scores") -> Tensor:
    """A vector of at least one number, infinities allowed, NaN refused: float32 if that holds every
    number of its dtype, else float64."""
    a = _no_nan(x, name)
    if a.ndim != 1 or a.numel() == 0:
        raise ValueError(
            f"{name}: a vector of at least one entry wanted, got shape {tuple(a.shape)}"
        )
    return a.float() if a.dtype in _WITHIN_SINGLE else a.double()


def binary(x: Tensor, length: int, name: str) -> Tensor:
    """A vector of 0/1 (or False/True) marks of the given length, as int64."""
    return marks(x, length, name).long()


def marks(x: Tensor, length: int, name: str) -> Tensor:
    """A vector of 0/1 (or False/True) marks of the given length, as booleans."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: a torch tensor wanted, got {type(x).__name__}")
    if x.shape != (length,):
        raise ValueError(f"{name}: shape {tuple(x.shape)}; wanted ({length},)")
    if x.is_complex():
        raise ValueError(f"{name}: 0 or 1 wanted, got {x.dtype}")
    if x.dtype == torch.bool:
        return x
    one = x == 1
    bad = one ^ (x != 0)
    if bool(bad.any()):
        at = _first(bad)
        raise ValueError(f"{name}: {_row(at)} is {x[at].item()}, neither 0 nor 1")
    return one


def integers(x: Tensor, name: str) -> Tensor:
    """A tensor of an integer dtype."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: a torch tensor wanted, got {type(x).__name__}")
    if x.is_floating_point() or x.is_complex() or x.dtype == torch.bool:
        raise ValueError(f"{name}: integers wanted, got {x.dtype}")
    return x


def labels(y: Tensor, rows: torch.Size, n: int, *, validate: bool) -> Tensor:
    """Integer labels in ``0..n-1``, one for each row."""
    integers(y, "labels")
    if y.shape != rows:
        raise ValueError(f"labels: shape {tuple(y.shape)} differs from the rows, {tuple(rows)}")
    if validate:
        bad = (y < 0) | (y >= n)
        if bool(bad.any()):
            at = _first(bad)
            raise ValueError(f"labels: {_row(at)} is {int(_vector(y)[at])}, not in 0..{n - 1}")
    return y.long()


def tensor(x: object, name: str) -> Tensor:
    """A tensor in the working dtype; a plain number becomes a double."""
    if isinstance(x, Tensor):
        return working_dtype(x, name)
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        raise TypeError(f"{name}: a torch tensor or a number wanted, got {type(x).__name__}")
    return torch.tensor(x, dtype=torch.float64)


def within(
    x: Tensor, name: str, high: float | Tensor, *, validate: bool, slack: float | None = None
) -> Tensor:
    """Entries in [0, high], a rounding of ``slack`` relative and absolute above it allowed.

    Without one: 64 eps, the rounding that the divergences allow themselves, and 1e-12 in double.
    """
    if validate:
        eps = torch.finfo(x.dtype).eps
        room = max(64 * eps, 1e-12) if slack is None else slack
        outside = ~((x >= 0) & (x <= high * (1 + room) + (slack or 0.0)))
        if bool(outside.any()):
            at = _first(outside)
            top = torch.as_tensor(high).expand(x.shape) if x.ndim else torch.as_tensor(high)
            raise ValueError(
                f"{name}: {_row(at)} is {float(_vector(x.detach())[at])}, "
                f"not in [0, {float(_vector(top)[at])}]"
            )
    return x


def integer(value: object, name: str, *, low: int) -> int:
    """An integer >= ``low``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: an integer wanted, got {type(value).__name__} {value!r}")
    if value < low:
        raise ValueError(f"{name}: {value} is below {low}")
    return value


def choice(value: str, allowed: tuple[str, ...], name: str) -> str:
    """One of a closed set of words."""
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value


def number(value: Any, name: str, *, low: float = -math.inf, high: float = math.inf) -> Any:
    """A real scalar within [low, high], not NaN; returned unchanged."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: a real number wanted, got {type(value).__name__} {value!r}")
    given: Any = value
    if given != given:
        raise ValueError(f"{name}: nan")
    if given < low:
        raise ValueError(f"{name}: {given} is below {low}")
    if given > high:
        raise ValueError(f"{name}: {given} is above {high}")
    return given


def coefficient(value: Any, name: str, *, strict: bool = False) -> float:
    """A finite weight >= 0, or > 0 where ``strict``."""
    weight = float(number(value, name, low=0))
    if strict and weight == 0:
        raise ValueError(f"{name}: {value} is not above 0")
    if weight == math.inf:
        raise ValueError(f"{name}: {value} is not finite")
    return weight


def real(value: object, name: str, *, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite real number in [low, high], as a float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: a real number wanted, got {type(value).__name__} {value!r}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name}: {value} is not finite")
    if not low <= number <= high:
        raise ValueError(
            f"{name}: {value} is {'below' if number < low else 'above'} "
            f"{low if number < low else high}"
        )
    return number


def loss_matrix(loss: Tensor, p: Tensor, *, square: bool, validate: bool) -> Tensor:
    """A loss as ``[action, label]`` in the dtype of ``p``; ``square`` where actions are labels."""
    a = working_dtype(loss, "loss")
    n = p.shape[-1]
    if a.ndim != 2 or a.shape[1] != n or (square and a.shape[0] != n) or a.shape[0] == 0:
        wanted = f"({n}, {n})" if square else f"(actions, {n})"
        raise ValueError(f"loss: shape {tuple(a.shape)}; wanted {wanted}, rows being actions")
    if validate:
        for row, label in (~a.isfinite()).nonzero().tolist():
            raise ValueError(
                f"loss: row {row} has {float(a[row, label])} at label {label}, an unbounded loss; "
                "finite values wanted"
            )
    return a.to(p.dtype)


def binning(n_bins: int, closed: str) -> None:
    """How many equal bins of [0, 1], at least one, and on which side they are closed."""
    if not isinstance(n_bins, int):
        raise TypeError(f"n_bins: an integer wanted, got {n_bins!r}")
    if n_bins < 1:
        raise ValueError(f"n_bins: {n_bins} is below 1")
    choice(closed, ("right", "left"), "closed")


def unit_interval(a: Tensor, name: str) -> None:
    """Refuse a value outside [0, 1], NaN among them; the row is named."""
    outside = ~((a >= 0) & (a <= 1))
    if bool(outside.any()):
        at = _first(outside)
        raise ValueError(f"{name}: {_row(at)} is {float(a[at])}, not in [0, 1]")
