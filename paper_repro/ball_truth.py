"""The true values of two rows, as balls: what an implementation is held to.

Everything is computed from the exact numbers that a tensor holds, in ball arithmetic, by the
textbook formulas; the precision is doubled until every ball is far narrower than any error bound.
No floating-point result is ever taken for the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flint import arb, ctx

FIRST_BITS = 128
"""Working precision tried first: a double and its complement, 53 + 64 bits, and some."""
LAST_BITS = 4096
_RELATIVE_RADIUS = 2.0**-64
"""Radius allowed, relative to the value: below one thousandth of an ulp of float64."""
_NOTHING = arb(2) ** -1200
"""Radius allowed at any value: no float64 is as small."""
ZERO, INFINITY = arb(0), arb.pos_inf()

Ball = Any
Floats = Sequence[float]


class Truth(NamedTuple):
    """The quantities of rows x and y; each pair of balls is (of x, of y), or D(x, y), D(y, x)."""

    entropy: tuple[Ball, Ball]
    largest: tuple[Ball, Ball]
    """the largest probability"""
    error: tuple[Ball, Ball]
    """one minus the largest probability"""
    loss: tuple[Ball, Ball]
    """minus the logarithm of the label's probability"""
    divergence: dict[str, tuple[Ball, Ball]]


def sharp(compute: Callable[[], Truth]) -> Truth:
    """``compute()`` at a precision where every ball is exact, infinite or narrow.

    Raises:
        ArithmeticError: never reached up to ``LAST_BITS``.
    """
    bits = FIRST_BITS
    while bits <= LAST_BITS:
        with ctx.workprec(bits):
            truth = compute()
            pairs = [*truth[:4], *truth.divergence.values()]
            if all(_narrow(ball) for pair in pairs for ball in pair):
                return truth
        bits *= 2
    raise ArithmeticError(f"a ball is still wide at {LAST_BITS} bits")


def _narrow(ball: Ball) -> bool:
    if ball.is_exact() or ball == INFINITY:
        return True
    allowed = (abs(ball.mid()) * _RELATIVE_RADIUS).max(_NOTHING)
    return bool(ball.is_finite() and ball.rad() <= allowed)


def of_logits(x: Floats, y: Floats, label: int) -> Truth:
    """The truth about ``softmax(x)`` and ``softmax(y)``; ``-inf`` marks an impossible label."""
    return sharp(lambda: _of_logits(x, y, label))


def of_probabilities(p: Floats, q: Floats, label: int) -> Truth:
    """The truth about two probability rows in the cell form of :mod:`sua_ref`.

    That form is the one meant where the floats of a row do not sum to 1 exactly.
    """
    return sharp(lambda: _of_probabilities(p, q, label))


class _Softmax(NamedTuple):
    p: list[Ball]
    log_p: list[Ball | None]
    largest: Ball
    error: Ball
    entropy: Ball


def _softmax(x: Floats) -> _Softmax:
    top = max(range(len(x)), key=lambda i: x[i])
    largest = arb(x[top])
    shifted = [None if v == -math.inf else arb(v) - largest for v in x]
    powers = [ZERO if s is None else s.exp() for s in shifted]
    rest = sum((a for i, a in enumerate(powers) if i != top), ZERO)
    total = 1 + rest
    log_total = rest.log1p()
    p = [a / total for a in powers]
    below = sum((-a * s for a, s in zip(p, shifted, strict=True) if s is not None), ZERO)
    log_p = [None if s is None else s - log_total for s in shifted]
    return _Softmax(p, log_p, 1 / total, rest / total, log_total + below)


def _of_logits(x: Floats, y: Floats, label: int) -> Truth:
    a, b = _softmax(x), _softmax(y)
    if _equal_up_to_an_offset(x, y):
        divergences = dict.fromkeys(("kl", "jsd", "tv", "chi2", "hellinger2"), (ZERO, ZERO))
    else:
        mixture = _entropy([(u + v) / 2 for u, v in zip(a.p, b.p, strict=True)])
        jsd = mixture - (a.entropy + b.entropy) / 2
        tv = sum((abs(u - v) for u, v in zip(a.p, b.p, strict=True)), ZERO) / 2
        overlap = sum(((u * v).sqrt() for u, v in zip(a.p, b.p, strict=True)), ZERO)
        divergences = {
            "kl": (_kl(a, b), _kl(b, a)),
            "jsd": (jsd, jsd),
            "tv": (tv, tv),
            "chi2": (_chi2(a, b), _chi2(b, a)),
            "hellinger2": (1 - overlap, 1 - overlap),
        }
    divergences["reverse_kl"] = divergences["kl"][::-1]
    losses = tuple(INFINITY if r.log_p[label] is None else -r.log_p[label] for r in (a, b))
    return Truth(
        (a.entropy, b.entropy), (a.largest, b.largest), (a.error, b.error),
        (losses[0], losses[1]), divergences,
    )  # fmt: skip


def _equal_up_to_an_offset(x: Floats, y: Floats) -> bool:
    """Whether the two softmaxes are the same, decided exactly."""
    if any((u == -math.inf) != (v == -math.inf) for u, v in zip(x, y, strict=True)):
        return False
    finite = [(u, v) for u, v in zip(x, y, strict=True) if u != -math.inf]
    first = arb(finite[0][1]) - arb(finite[0][0])
    return first.is_exact() and all(arb(v) - arb(u) == first for u, v in finite)


def _entropy(p: Sequence[Ball]) -> Ball:
    return -sum((u * u.log() for u in p if not u.is_zero()), ZERO)


def _kl(a: _Softmax, b: _Softmax) -> Ball:
    total = ZERO
    for u, log_u, log_v in zip(a.p, a.log_p, b.log_p, strict=True):
        if log_u is not None:
            if log_v is None:
                return INFINITY
            total += u * (log_u - log_v)
    return total


def _chi2(a: _Softmax, b: _Softmax) -> Ball:
    total = ZERO
    for u, v in zip(a.p, b.p, strict=True):
        if not u.is_zero():
            if v.is_zero():
                return INFINITY
            total += u * u / v
    return total - 1


def _of_probabilities(p: Floats, q: Floats, label: int) -> Truth:
    a, b = [arb(v) for v in p], [arb(v) for v in q]
    log_a, log_b = ([None if v.is_zero() else v.log() for v in row] for row in (a, b))
    cells = list(zip(a, b, log_a, log_b, strict=True))
    half = arb(0.5)
    jsd = sum((_jensen_shannon(*cell) for cell in cells if cell[0] != cell[1]), ZERO)
    tv = sum((abs(u - v) for u, v in zip(a, b, strict=True)), ZERO) * half
    roots = ((u.sqrt(), v.sqrt()) for u, v in zip(a, b, strict=True) if u != v)
    hellinger = sum(((u - v) * (u - v) for u, v in roots), ZERO) * half
    divergences = {
        "kl": (_kl_cells(cells), _kl_cells([(v, u, lv, lu) for u, v, lu, lv in cells])),
        "jsd": (jsd, jsd),
        "tv": (tv, tv),
        "chi2": (_chi2_cells(a, b), _chi2_cells(b, a)),
        "hellinger2": (hellinger, hellinger),
    }
    divergences["reverse_kl"] = divergences["kl"][::-1]
    rows = ((a, log_a), (b, log_b))
    entropies = [
        -sum((u * w for u, w in zip(row, logs, strict=True) if w is not None), ZERO)
        for row, logs in rows
    ]
    losses = [INFINITY if logs[label] is None else -logs[label] for _, logs in rows]
    largest = arb(max(p)), arb(max(q))
    return Truth(
        (entropies[0], entropies[1]), largest, (1 - largest[0], 1 - largest[1]),
        (losses[0], losses[1]), divergences,
    )  # fmt: skip


def _jensen_shannon(u: Ball, v: Ball, log_u: Ball | None, log_v: Ball | None) -> Ball:
    middle = (u + v) / 2
    own = (ZERO if log_u is None else u * log_u) + (ZERO if log_v is None else v * log_v)
    return own / 2 - middle * middle.log()


def _kl_cells(cells: Sequence[tuple[Ball, Ball, Ball | None, Ball | None]]) -> Ball:
    total = ZERO
    for u, v, log_u, log_v in cells:
        if log_u is None:
            total += v
        elif log_v is None:
            return INFINITY
        elif u != v:
            total += u * (log_u - log_v) - u + v
    return total


def _chi2_cells(a: Sequence[Ball], b: Sequence[Ball]) -> Ball:
    total = ZERO
    for u, v in zip(a, b, strict=True):
        if v.is_zero():
            if not u.is_zero():
                return INFINITY
        elif u != v:
            total += (u - v) * (u - v) / v
    return total
