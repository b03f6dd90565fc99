"""The inputs on which public implementations of entropy and divergence are known to fail.

Each is a pair of logit rows, to be rounded to the precision under test; what counts as the truth is
computed from the rounded numbers. Nothing here is tuned to an implementation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = tuple[Floats, Floats]
Draw = np.random.Generator


def _peaked(draw: Draw, v: int) -> Floats:
    """A row like a language model's: one label ahead of a long tail."""
    row = 2 * draw.normal(size=v)
    row[0] = row.max() + math.log(v) + 2
    return np.asarray(row)


def _generic(draw: Draw, v: int, _: float) -> Rows:
    return 2 * draw.normal(size=v), 2 * draw.normal(size=v)


def _near(step: float) -> Callable[[Draw, int, float], Rows]:
    def rows(draw: Draw, v: int, _: float) -> Rows:
        x = _peaked(draw, v)
        return x, x + step * draw.normal(size=v)

    return rows


def _on_grid(x: Floats) -> Floats:
    """Multiples of 1/64, which keep their value in float32 when 10000 is added."""
    return np.asarray(np.round(x * 64) / 64)


def _offset(draw: Draw, v: int, _: float) -> Rows:
    x = _peaked(draw, v)
    return _on_grid(x), _on_grid(x + 0.3 * draw.normal(size=v)) + 1e4


def _wide(draw: Draw, v: int, _: float) -> Rows:
    return draw.uniform(-1e4, 1e4, v), draw.uniform(-1e4, 1e4, v)


def _one_hot(draw: Draw, v: int, _: float) -> Rows:
    x = 0.1 * draw.normal(size=v)
    x[0] += 40
    return x, x + 0.1 * draw.normal(size=v)


def _shared_impossible(draw: Draw, v: int, _: float) -> Rows:
    x, y = _near(0.3)(draw, v, 0.0)
    hidden = draw.permutation(np.arange(1, v))[: max(1, v // 10)]
    x[hidden] = y[hidden] = -math.inf
    return x, y


def _own_impossible(draw: Draw, v: int, _: float) -> Rows:
    x, y = _near(0.3)(draw, v, 0.0)
    y[draw.integers(v)] = -math.inf
    return x, y


def _underflow(draw: Draw, v: int, edge: float) -> Rows:
    x, y = (edge + draw.uniform(-20, 10, v) for _ in range(2))
    x[0] = y[0] = 0.0
    return np.asarray(x), np.asarray(y)


def _ties(draw: Draw, v: int, _: float) -> Rows:
    return tuple(draw.integers(0, 2, v).astype(np.float64) for _ in range(2))  # type: ignore[return-value]  # two rows


def _uniform(_: Draw, v: int, __: float) -> Rows:
    y = np.zeros(v)
    y[0] = math.log(3)
    return np.zeros(v), y


def _equal(draw: Draw, v: int, _: float) -> Rows:
    x = _peaked(draw, v)
    return x, x.copy()


def _equal_up_to_offset(draw: Draw, v: int, _: float) -> Rows:
    x = np.round(4 * draw.normal(size=v))
    return x, x + 64


CASES: dict[str, Callable[[Draw, int, float], Rows]] = {
    "generic": _generic,
    "nearly equal, d = 0.3": _near(0.3),
    "nearly equal, d = 1e-2": _near(1e-2),
    "nearly equal, d = 1e-3": _near(1e-3),
    "nearly equal, d = 1e-5": _near(1e-5),
    "offset 1e4": _offset,
    "range +-1e4": _wide,
    "one-hot": _one_hot,
    "shared -inf": _shared_impossible,
    "own -inf": _own_impossible,
    "underflow": _underflow,
    "ties": _ties,
    "uniform, one label raised": _uniform,
    "equal": _equal,
    "equal up to an offset": _equal_up_to_offset,
}
"""Name of a hard input -> its rows, given a generator, V and the edge of underflow."""


def logit_rows(name: str, v: int, seed: int, *, edge: float) -> Rows:
    """The pair of logit rows ``name``, before rounding.

    Args:
        name: a key of :data:`CASES`.
        v: number of labels.
        seed: decides everything random.
        edge: the logarithm of the smallest normal number, where probabilities go subnormal.
    """
    return CASES[name](np.random.default_rng([seed, list(CASES).index(name), v]), v, edge)


def softmax(x: Floats) -> Floats:
    """Probabilities of a row of logits, to be rounded and then taken as they are."""
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())
