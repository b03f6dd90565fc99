"""The three number types, and the few element primitives over which every definition is written.

A definition in this package is one function body. It runs on

* ``float64`` arrays,
* object arrays of ``fractions.Fraction`` (exact, wherever the definition is algebraic),
* object arrays of ``flint.arb`` (rigorous enclosures: the true value lies in the ball).

The type of the elements decides which branch of a primitive runs; nothing else in the package asks
for it. flint is never imported: a ball is recognised by its methods. The boundary conventions of
every definition are the ones written here, once:

* ``0 log 0 = 0``;
* a cell with ``p > 0 = q`` has relative entropy ``+inf``; one with ``p = 0`` has the value ``q``
  (the cell form, whose sum is the textbook value when both rows sum to 1);
* a term of weight exactly 0 does not count, whatever its value.

On balls NumPy's own ``maximum``, ``max``, ``sort``, ``argmax`` and ``where`` are silently unsound,
so this module brings its own; a comparison that a ball cannot decide raises :class:`Undecided`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Value: TypeAlias = Any
"""A number of the element type, or an array of them: what a reduction returns."""
Kind: TypeAlias = Literal["float64", "Fraction", "arb"]


class Undecided(ArithmeticError):
    """A comparison of balls that overlap: neither answer is known. Raise the precision."""


def _is_ball(x: object) -> bool:
    return hasattr(x, "mid") and hasattr(x, "rad") and hasattr(x, "overlaps")


def _ball_from(number: object, example: Any) -> Any:
    """``number`` as a ball of the type of ``example``; exact, or the tightest enclosure."""
    if _is_ball(number):
        return number
    ball = type(example)
    if isinstance(number, Fraction):
        return ball(number.numerator) / ball(number.denominator)
    if isinstance(number, (int, np.integer)):
        return ball(int(number))
    if isinstance(number, (float, np.floating)):
        return ball(float(number))
    raise TypeError(f"a {type(number).__name__} cannot stand among balls: {number!r}")


def elements(x: npt.ArrayLike, name: str) -> Array:
    """``x`` as an array of one number type: float64, Fraction or ball.

    Integers join whatever stands beside them; half and single precision are widened exactly.

    Raises:
        TypeError: number types are mixed, or an entry is no number.
    """
    a = np.asarray(x)
    if a.dtype.kind in "biu" or a.dtype in (np.float16, np.float32, np.float64):
        return a.astype(np.float64, copy=False)
    if a.dtype != object:
        raise TypeError(f"{name}: numbers of dtype {a.dtype} are not supported")
    entries = list(a.flat)
    balls = [e for e in entries if _is_ball(e)]
    if balls:
        return _each(lambda e: _ball_from(e, balls[0]), a)
    for e in entries:
        if not _is_exact(e):
            raise TypeError(f"{name}: {e!r} among exact numbers; give Fractions or integers")
    return _each(lambda e: Fraction(int(e)) if isinstance(e, (int, np.integer)) else e, a)


def _is_exact(e: object) -> bool:
    """A rational, or the infinity that an exact chi-squared divergence may return."""
    if isinstance(e, float):
        return math.isinf(e)
    return isinstance(e, (Fraction, int, np.integer)) and not isinstance(e, bool)


def kind_of(a: Array) -> Kind:
    """Which of the three number types the elements of ``a`` are."""
    if a.dtype != object:
        return "float64"
    return "arb" if a.size and _is_ball(a.flat[0]) else "Fraction"


def same_kind(**arrays: Array) -> None:
    """Refuse arguments of different number types: a silent promotion would void exactness."""
    kinds = {name: kind_of(a) for name, a in arrays.items()}
    if len(set(kinds.values())) > 1:
        said = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        raise TypeError(f"one number type per call: {said}")


def like(number: Any, example: Array) -> Any:
    """The scalar ``number`` as an element of the type that ``example`` holds, exactly."""
    kind = kind_of(example)
    if kind != "arb" and _is_ball(number):
        raise TypeError(f"a ball cannot join {kind} arrays; give the arrays as balls too")
    if kind == "float64":
        return float(number)
    if kind == "Fraction":
        return number if isinstance(number, float) and math.isinf(number) else Fraction(number)
    return _ball_from(number, example.flat[0])


def lift(integers: npt.ArrayLike, example: Array) -> Array:
    """An integer array as elements of the type that ``example`` holds."""
    a = np.asarray(integers)
    if kind_of(example) == "float64":
        return a.astype(np.float64)
    return _each(lambda i: like(int(i), example), a)


def _each(f: Callable[..., Any], *arrays: Any) -> Array:
    """``f`` element by element over object arrays, always returning an object array."""
    out: Any = np.frompyfunc(f, len(arrays), 1)(*arrays)
    if isinstance(out, np.ndarray):
        return out
    cell = np.empty((), dtype=object)
    cell[()] = out
    return cell


def _unwrap(a: Array) -> Value:
    return a[()] if isinstance(a, np.ndarray) and a.ndim == 0 else a


def _needs_logarithm(what: str) -> TypeError:
    return TypeError(f"{what} has no value in the rationals; use float64 or flint.arb here")


# --- comparisons: decided or refused -------------------------------------------------------------


def _at_most(a: Any, b: Any) -> bool:
    if a <= b:
        return True
    if a > b:
        return False
    raise Undecided(f"cannot decide {a} <= {b}")


def at_most(a: Any, b: Any) -> Value:
    """``a <= b`` element by element; on balls decided, or :class:`Undecided` is raised."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != object and b.dtype != object:
        return _unwrap(np.less_equal(a, b))
    return _unwrap(_each(_at_most, a, b).astype(bool))


def is_zero(a: Array) -> npt.NDArray[np.bool_]:
    """Where an element is exactly 0. A ball that merely contains 0 is not."""
    if kind_of(a) == "arb":
        return np.asarray(_each(lambda e: bool(e.is_zero()), a), dtype=bool)
    return np.asarray(a == 0, dtype=bool)


def select(condition: npt.NDArray[np.bool_], yes: Any, no: Any) -> Array:
    """``yes`` where the already decided ``condition`` holds, else ``no``."""
    chosen: Array = np.where(condition, yes, no)
    return chosen


def _compare(a: Any, b: Any) -> int:
    if a < b:
        return -1
    if a > b:
        return 1
    if _is_ball(a) and not (a == b):
        raise Undecided(f"cannot order {a} and {b}")
    return 0


def dense_rank(a: Array) -> npt.NDArray[np.int64]:
    """Rank of each element of a vector, 0 the lowest, equal elements sharing a rank."""
    if kind_of(a) == "float64":
        return np.unique(a, return_inverse=True)[1].astype(np.int64)

    def order(i: int, j: int) -> int:
        return _compare(a[i], a[j])

    ranks = np.zeros(len(a), dtype=np.int64)
    for before, here in pairwise(sorted(range(len(a)), key=cmp_to_key(order))):
        ranks[here] = ranks[before] + (_compare(a[before], a[here]) != 0)
    return ranks


def _first_largest(*row: Any) -> int:
    """The first index that provably holds the maximum, whatever the others leave undecided."""
    for i, largest_yet in enumerate(row):
        beats = all(largest_yet > other for other in row[:i])
        if beats and all(largest_yet >= other for other in row[i + 1 :]):
            return i
    raise Undecided(f"cannot decide the largest of {', '.join(map(str, row))}")


def argmax(a: Array) -> npt.NDArray[np.intp]:
    """Index of the largest element along the last axis; ties go to the lowest index."""
    if kind_of(a) == "float64":
        return np.asarray(np.argmax(a, axis=-1))
    columns = np.moveaxis(a, -1, 0)
    return np.asarray(_each(_first_largest, *columns), dtype=np.intp)


# --- order statistics and parts -------------------------------------------------------------------


def _larger(a: Any, b: Any) -> Any:
    return a.max(b) if _is_ball(a) else max(a, b)


def _smaller(a: Any, b: Any) -> Any:
    return a.min(b) if _is_ball(a) else min(a, b)


def maximum(a: Array, b: Any) -> Value:
    """The larger of two elements, sound on balls."""
    if kind_of(a) == "float64":
        return np.maximum(a, b)
    return _unwrap(_each(_larger, a, b if isinstance(b, np.ndarray) else like(b, a)))


def largest(a: Array, axis: int = -1) -> Value:
    """The maximum along ``axis``, sound on balls."""
    if kind_of(a) == "float64":
        return np.max(a, axis=axis)
    return np.frompyfunc(_larger, 2, 1).reduce(a, axis=axis)


def smallest(a: Array, axis: int = -1) -> Value:
    """The minimum along ``axis``, sound on balls."""
    if kind_of(a) == "float64":
        return np.min(a, axis=axis)
    return np.frompyfunc(_smaller, 2, 1).reduce(a, axis=axis)


def positive_part(a: Value) -> Value:
    """``max(a, 0)`` element by element."""
    return maximum(np.asarray(a), 0)


def weighted_mean(values: Array, weights: Array | None) -> Value:
    """Mean over the last axis, or the sum with ``weights`` there; a weight of exactly 0 drops its
    term even where the term is infinite."""
    if weights is None:
        return np.sum(values, axis=-1) / values.shape[-1]
    same_kind(values=values, weights=weights)
    absent = is_zero(weights)
    zero = like(0, values)
    return np.sum(weights * select(absent, zero, values), axis=-1)


def scale(weight: Any, values: Value) -> Value:
    """``weight * values``; a weight of exactly 0 gives 0 even where a value is infinite."""
    a = np.asarray(values)
    factor = like(weight, a)
    absent = is_zero(np.asarray(factor))
    return _unwrap(np.asarray(factor * select(absent, like(0, a), a)))


def _bin_of(c: Any, n: int, closed: str) -> int:
    """Bin of one confidence: the number of interior edges k/n strictly below (or at) it."""
    if isinstance(c, Fraction):
        return max(math.ceil(c * n) - 1, 0) if closed == "right" else min(math.floor(c * n), n - 1)
    below = 0
    for k in range(1, n):
        edge = _ball_from(Fraction(k, n), c)
        beyond = not _at_most(c, edge) if closed == "right" else _at_most(edge, c)
        if not beyond:
            break
        below += 1
    return below


def bin_index(a: Array, n: int, closed: str) -> npt.NDArray[np.int64]:
    """Which of ``n`` equal bins of [0, 1] holds each element; edges k/n are compared exactly.

    ``closed="right"``: bins ``(lo, hi]``, 0 in the first. ``closed="left"``: ``[lo, hi)``, 1 in the
    last. A float is the rational it stores: 0.2 lies above 1/5.
    """
    if kind_of(a) != "float64":
        return np.asarray(_each(lambda c: _bin_of(c, n, closed), a), dtype=np.int64)
    scaled = a * n
    nearest = np.rint(scaled)
    index = np.minimum(np.floor(scaled), n - 1).astype(np.int64)
    # a * n is off by at most n half-ulps: only beside an edge can its floor mislead.
    for at in np.argwhere(np.abs(scaled - nearest) <= n * np.finfo(np.float64).eps):
        index[tuple(at)] = _bin_of(Fraction(float(a[tuple(at)])), n, closed)
    return np.asarray(index)
