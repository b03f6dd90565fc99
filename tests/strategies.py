"""The only strategies. Each describes valid values, boundaries included."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb
from hypothesis import strategies as st

from sua_ref.elements import Array

Floats = npt.NDArray[np.float64]


@st.composite
def rational_rows(draw: st.DrawFn, n: int | None = None) -> tuple[Fraction, ...]:
    """A probability vector of Fractions: zeros, one-hot, ties and uniform rows are common."""
    size = draw(st.integers(1, 6)) if n is None else n
    counts = draw(
        st.lists(st.integers(0, 12), min_size=size, max_size=size).filter(lambda c: sum(c) > 0)
    )
    return tuple(Fraction(c, sum(counts)) for c in counts)


@st.composite
def rational_pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    """Two rational rows of one length."""
    n = draw(st.integers(1, 6))
    return exact(draw(rational_rows(n))), exact(draw(rational_rows(n)))


def exact(values: Any) -> Array:
    """Nested sequences of Fractions as an object array."""
    return np.array(values, dtype=object)


def as_floats(a: Array) -> Floats:
    """The nearest float64 of each element."""
    return np.array([float(v) for v in a.ravel()]).reshape(a.shape)


def as_balls(a: Array) -> Array:
    """The tightest ball around each element: exact for float64, enclosing for Fractions."""

    def ball(v: Any) -> Any:
        if isinstance(v, Fraction):
            return arb(v.numerator) / v.denominator
        return arb(float(v))

    return np.asarray(np.frompyfunc(ball, 1, 1)(a), dtype=object)


@st.composite
def float_rows(draw: st.DrawFn, n: int | None = None) -> Floats:
    """A float64 probability row: generic, one-hot, uniform, tied, tiny and subnormal entries.

    Rows are made so that their sum is within rounding of 1: small entries are set as they are, and
    the rest of the mass is spread over what remains.
    """
    size = draw(st.integers(1, 8)) if n is None else n
    kind = draw(st.sampled_from(["generic", "one_hot", "uniform", "tiny"]))
    if kind == "uniform":
        return np.full(size, 1.0 / size)
    if kind == "one_hot" or size == 1:
        row = np.zeros(size)
        row[draw(st.integers(0, size - 1))] = 1.0
        return row
    if kind == "tiny":
        row = np.zeros(size)
        for i in range(size - 1):
            row[i] = draw(st.sampled_from([0.0, 5e-324, 1e-310, 1e-300, 1e-30, 1e-17]))
        row[-1] = 1.0
        return row
    weights = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=size, max_size=size)))
    if weights.sum() < 1e-3:
        weights = weights + 1.0
    return np.asarray(weights / weights.sum())


@st.composite
def dyadic_rows(draw: st.DrawFn, n: int) -> Floats:
    """A float64 row whose sum is exactly 1: a composition of 64, over 64; often positive."""
    least = draw(st.sampled_from([0, 1]))
    free = 64 - least * n
    cuts = sorted(draw(st.lists(st.integers(0, free), min_size=n - 1, max_size=n - 1)))
    return (least + np.diff(np.array([0, *cuts, free]))) / 64.0


@st.composite
def float_neighbours(draw: st.DrawFn, p: Floats) -> Floats:
    """Another row of the length of ``p``; often nearly equal to it."""
    if len(p) == 1 or draw(st.booleans()):
        return draw(float_rows(len(p)))
    step = draw(st.sampled_from([0.0, 1e-15, 1e-12, 1e-8, 1e-4]))
    i, j = draw(st.permutations(range(len(p))))[:2]
    q = p.copy()
    moved = min(step, float(p[i]))
    q[i] -= moved
    q[j] += moved
    return q


@st.composite
def float_pairs(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Two float rows of one length; often nearly equal."""
    p = draw(float_rows(draw(st.integers(2, 8))))
    return p, draw(float_neighbours(p))


OFFSETS = st.sampled_from([0.0, -1024.0, 8192.0])
"""Offsets under which a multiple of 1/64 below 30 stays exact, in single precision too."""


@st.composite
def logit_rows(draw: st.DrawFn, n: int) -> Floats:
    """A row of logits: generic, extreme, on an offset, at times with an impossible label."""
    x = np.array(draw(st.lists(st.floats(-30, 30), min_size=n, max_size=n)))
    if draw(st.booleans()):
        x = np.round(x * 64) / 64 + draw(OFFSETS)
    if n > 1 and draw(st.integers(0, 3)) == 0:
        x[draw(st.integers(0, n - 2))] = -np.inf
    return x


@st.composite
def logit_neighbours(draw: st.DrawFn, x: Floats) -> Floats:
    """Another row of the length of ``x``: near it, on another offset, or with another support."""
    n = len(x)
    if draw(st.booleans()):
        return draw(logit_rows(n))
    step = draw(st.sampled_from([0.0, 1e-10, 1e-6, 1e-2, 1.0]))
    y = x + step * np.array(draw(st.lists(st.floats(-1, 1), min_size=n, max_size=n)))
    if draw(st.booleans()):
        y = np.round(y * 64) / 64 + draw(OFFSETS)
    if n > 1 and draw(st.integers(0, 3)) == 0:
        y[draw(st.integers(0, n - 2))] = -np.inf
    return y


@st.composite
def logit_pairs(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Two rows of logits of one length."""
    x = draw(logit_rows(draw(st.integers(2, 8))))
    return x, draw(logit_neighbours(x))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """Output, K perturbed outputs, label law and weights of one input, all Fractions."""
    n, k = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    return (
        exact(draw(rational_rows(n))),
        exact([draw(rational_rows(n)) for _ in range(k)]),
        exact(draw(rational_rows(n))),
        exact(draw(rational_rows(k))),
    )


@st.composite
def scored(draw: st.DrawFn) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Scores with many ties, infinities at times, and marks of both kinds."""
    n = draw(st.integers(2, 30))
    values = st.sampled_from([-1.5, 0.0, 0.25, 0.5, 1.0, 1e300, float("inf"), -float("inf")])
    scores = np.array(draw(st.lists(values, min_size=n, max_size=n)))
    marks = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    marks[0], marks[1] = 0, 1
    return scores, marks.astype(np.int64)
