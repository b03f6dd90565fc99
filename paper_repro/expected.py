"""What each public function must return on a hard input, with the error it is allowed.

The expected value of a function is an expression over the true divergences and entropies of two
rows, in balls; its allowed error follows the same expression. A batch holds the pair both ways
round, and each row has two views, of which the second is the row itself (divergence exactly 0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from flint import arb
from torch import Tensor

from paper_repro import doubled_bounds, error_bounds, hard_inputs
from paper_repro.ball_truth import INFINITY, Ball, Truth, of_logits, of_probabilities
from sua_gpu import implementations

KINDS = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")
LAM, A, B = 0.75, 0.5, 2.0
"""Coefficients of the scores and losses under test; exact in every precision."""


class Allowed(NamedTuple):
    """A true value, the absolute error allowed, and the size of the terms it is made of."""

    value: Ball
    error: float
    size: float
    peak: float = 0.0
    """the largest number on the way to the value; past the floats, the result may be infinite"""

    def times(self, factor: float, u: float) -> Allowed:
        """The product with an exact ``factor`` >= 0: one rounding."""
        size = factor * self.size
        peak = max(self.peak, size)
        return Allowed(self.value * factor, factor * self.error + u * size, size, peak)

    def plus(self, other: Allowed, u: float, *, sign: int = 1) -> Allowed:
        """The sum, or the difference: one rounding of something as large as the terms."""
        size = self.size + other.size
        error = self.error + other.error + u * size
        peak = max(self.peak, other.peak, size)
        return Allowed(self.value + sign * other.value, error, size, peak)

    def positive_part(self) -> Allowed:
        """``max(value, 0)``, exact."""
        below = self.value != INFINITY and self.value < 0
        return self._replace(value=arb(0)) if below else self


Two = tuple[Allowed, Allowed]


def mean(values: Sequence[Allowed], u: float) -> Allowed:
    """The mean of two or more values: the sum, then one division."""
    total = values[0]
    for value in values[1:]:
        total = total.plus(value, u)
    return total.times(1 / len(values), u)


class Tensors(NamedTuple):
    """The arguments of a call: one hard input, or several stacked before the axes named here."""

    first: Tensor
    """``(..., 2, V)``: x, y"""
    second: Tensor
    """``(..., 2, V)``: y, x"""
    views: Tensor
    """``(..., 2, 2, V)``: (y, x), (x, y)"""
    labels: Tensor
    """``(..., 2)``"""


@dataclass(frozen=True)
class Case:
    """One hard input in one precision: the tensors, and what is true of them."""

    said: str
    tensors: Tensors
    u: float
    largest_float: float
    entropy: Two
    largest: Two
    error: Two
    loss: Two
    divergence: dict[str, Two]

    def sensitivity(self, kind: str) -> list[Allowed]:
        """Mean over the two views, the second at divergence 0."""
        zero = Allowed(arb(0), 0.0, 0.0)
        return [mean([d, zero], self.u) for d in self.divergence[kind]]

    def score(self, kind: str) -> list[Allowed]:
        """``S - lambda H``."""
        return [
            s.plus(h.times(LAM, self.u), self.u, sign=-1)
            for s, h in zip(self.sensitivity(kind), self.entropy, strict=True)
        ]

    def additive(self) -> list[Allowed]:
        """``e + 2 S_TV``."""
        return [
            e.plus(s.times(2, self.u), self.u)
            for e, s in zip(self.error, self.sensitivity("tv"), strict=True)
        ]

    def alignment(self, kind: str) -> Allowed:
        """The mean of ``(S - lambda H)_+``."""
        return mean([s.positive_part() for s in self.score(kind)], self.u)

    def objective(self, kind: str) -> Allowed:
        """``task + a consistency + b alignment``."""
        consistency = mean(self.sensitivity(kind), self.u).times(A, self.u)
        total = mean(self.loss, self.u).plus(consistency, self.u)
        return total.plus(self.alignment(kind).times(B, self.u), self.u)


def _float(ball: Ball) -> float:
    return float(ball.mid()) if ball.is_finite() else float("inf")


def _two(balls: tuple[Ball, Ball], error: Callable[[int, float], float]) -> Two:
    values = _float(balls[0]), _float(balls[1])
    return (
        Allowed(balls[0], error(0, values[0]), values[0], values[0]),
        Allowed(balls[1], error(1, values[1]), values[1], values[1]),
    )


def case(
    name: str, v: int, seed: int, dtype: torch.dtype, device: torch.device, *, logits: bool
) -> Case:
    """The hard input ``name`` rounded to ``dtype``, as logits or as their softmax."""
    at = error_bounds.precision(dtype != torch.float64, v)
    rows = hard_inputs.logit_rows(name, v, seed, edge=float(np.log(at.smallest)))
    if not logits:
        rows = hard_inputs.softmax(rows[0]), hard_inputs.softmax(rows[1])
    x, y = (torch.from_numpy(row).to(dtype) for row in rows)
    return of_rows(f"{name}, seed {seed}", x, y, v - 1, device, logits=logits)


def of_rows(
    said: str, x: Tensor, y: Tensor, label: int, device: torch.device, *, logits: bool
) -> Case:
    """The case of two given rows: the truth about the very numbers that they hold."""
    v = x.shape[-1]
    at = error_bounds.precision(x.dtype != torch.float64, v)
    held = x.double().numpy(), y.double().numpy()
    compute, conditions = (
        (of_logits, error_bounds.of_logits) if logits
        else (of_probabilities, error_bounds.of_probabilities)
    )  # fmt: skip
    truth: Truth = compute(held[0].tolist(), held[1].tolist(), label)
    c = conditions(*held, at)
    ways = c, c.swapped()
    spread = [float(-np.where(w.p > 0, w.log_p, 0.0).min()) for w in ways]
    least = error_bounds.floor(v, 0.0, at)
    share, loss = (9 * at.u + at.s, 11 * at.u + at.s) if logits else (0.0, 4 * at.u)
    doubled = _doubled(*held) if logits and x.dtype != torch.float64 else None

    def entropy(i: int, h: float) -> float:
        if doubled is not None and _in_torch(device, "kl"):
            return doubled_bounds.entropy_error(h, spread[i], v)
        return error_bounds.entropy_error(h, spread[i], v, at, logits=logits)

    def divergence(kind: str, i: int, value: float) -> float:
        cells = error_bounds.divergence_error(kind, value, ways[i], at)
        if doubled is None or kind not in doubled_bounds.KINDS or not _in_torch(device, kind):
            return cells
        pair = doubled if i == 0 else (doubled[1], doubled[0])
        return doubled_bounds.divergence_error(kind, value, cells, pair, v)

    return Case(
        said, _arguments(x.to(device), y.to(device), label), at.u, at.largest,
        entropy=_two(truth.entropy, entropy),
        largest=_two(truth.largest, lambda _, p: share * p),
        error=_two(truth.error, lambda _, e: (share * e + least if logits else at.u * e)),
        loss=_two(truth.loss, lambda _, value: loss * value + (least if value else 0.0)),
        divergence={
            kind: _two(balls, partial(divergence, kind)) for kind, balls in truth.divergence.items()
        },
    )  # fmt: skip


def _in_torch(device: torch.device, kind: str) -> bool:
    """Whether the torch backend is the one that the crosscheck meets."""
    return implementations.choose("auto", device, kind) == "torch"


def _doubled(
    x: error_bounds.Floats, y: error_bounds.Floats
) -> tuple[doubled_bounds.Pair | None, doubled_bounds.Pair | None]:
    return doubled_bounds.of_logits(x, y), doubled_bounds.of_logits(y, x)


def _arguments(x: Tensor, y: Tensor, label: int) -> Tensors:
    first, second = torch.stack([x, y]), torch.stack([y, x])
    labels = torch.tensor([label] * 2, device=x.device)
    return Tensors(first, second, torch.stack([second, first], dim=-2), labels)


class Spec(NamedTuple):
    """How a public function is called on a hard input, and what it must return."""

    call: Callable[[Callable[..., Tensor], Tensors, str], Tensor]
    allowed: Callable[[Case, str], Sequence[Allowed]]
    takes_kind: bool = False
    takes_mean: bool = False
    """whether it averages over the rows, so that hard inputs must not be mixed in a call"""


def _two_rows(kind: str) -> Spec:
    return Spec(lambda f, t, _: f(t.first, t.second), lambda c, _: c.divergence[kind])


_ENTROPY = Spec(lambda f, t, _: f(t.first), lambda c, _: c.entropy)
SPECS: dict[str, Spec] = {
    "entropy": _ENTROPY,
    "latent_ambiguity": _ENTROPY,
    "predictive_entropy": _ENTROPY,
    "true_uncertainty": _ENTROPY,
    "max_confidence": Spec(lambda f, t, _: f(t.first), lambda c, _: c.largest),
    "kl_divergence": _two_rows("kl"),
    "jensen_shannon_divergence": _two_rows("jsd"),
    "total_variation": _two_rows("tv"),
    "chi2_divergence": _two_rows("chi2"),
    "squared_hellinger": _two_rows("hellinger2"),
    "divergence": Spec(
        lambda f, t, k: f(t.first, t.second, kind=k), lambda c, k: c.divergence[k], True),
    "distributional_sensitivity": Spec(
        lambda f, t, k: f(t.first, t.views, divergence=k), lambda c, k: c.sensitivity(k), True),
    "worst_case_sensitivity": Spec(
        lambda f, t, k: f(t.first, t.views, divergence=k), lambda c, k: c.divergence[k], True),
    "sua_score": Spec(
        lambda f, t, k: f(t.first, t.views, lam=LAM, divergence=k), lambda c, k: c.score(k), True),
    "additive_score": Spec(lambda f, t, _: f(t.first, t.views), lambda c, _: c.additive()),
    "task_loss": Spec(
        lambda f, t, _: f(t.first, t.labels), lambda c, _: [mean(c.loss, c.u)], False, True),
    "consistency_loss": Spec(
        lambda f, t, k: f(t.first, t.views, divergence=k),
        lambda c, k: [mean(c.sensitivity(k), c.u)], True, True),
    "entropy_alignment_loss": Spec(
        lambda f, t, k: f(t.first, t.views, lam=LAM, divergence=k),
        lambda c, k: [c.alignment(k)], True, True),
    "sua_tr_loss": Spec(
        lambda f, t, k: f(t.first, t.views, t.labels, lam=LAM, a=A, b=B, divergence=k),
        lambda c, k: [c.objective(k)], True, True),
}  # fmt: skip
"""Public function, without ``_from_logits`` -> its :class:`Spec`."""


def distance(given: float, allowed: Allowed, largest: float) -> float:
    """``|given - true|``, rounded up; 0 for an infinity where the truth is past the floats."""
    true: Any = allowed.value
    if true == INFINITY or true > largest:
        return 0.0 if given == float("inf") else float("inf")
    if not np.isfinite(given):
        return 0.0 if given == float("inf") and allowed.peak > largest else float("inf")
    return float(abs(arb(given) - true).upper())
