"""The only strategies. Each describes valid values, boundaries included."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb
from hypothesis import strategies as st

from sua_ref import FiniteWorld
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


@st.composite
def one_hot_rows(draw: st.DrawFn, n: int) -> tuple[Fraction, ...]:
    """All of the mass on one label."""
    certain = draw(st.integers(0, n - 1))
    return tuple(Fraction(i == certain) for i in range(n))


@st.composite
def output_rows(draw: st.DrawFn, n: int) -> tuple[Fraction, ...]:
    """A rational row; half the time a one-hot one, as a model that is certain gives it."""
    return draw(one_hot_rows(n) if draw(st.booleans()) else rational_rows(n))


@st.composite
def rows_beside(draw: st.DrawFn, row: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """The row itself, or up to 1e-4 of its mass astray: such never run out, however many drawn."""
    stray = Fraction(draw(st.integers(0, 100)), 10**6)
    other = draw(rational_rows(len(row)))
    return tuple((1 - stray) * p + stray * q for p, q in zip(row, other, strict=True))


@st.composite
def extreme_rows(draw: st.DrawFn, n: int) -> tuple[Fraction, ...]:
    """A row at or just beside an end of the entropy, one-hot or uniform; at times any row."""
    kind = draw(st.sampled_from(["one_hot", "uniform", "any"]))
    if kind == "any":
        return draw(rational_rows(n))
    uniform = (Fraction(1, n),) * n
    return draw(rows_beside(uniform if kind == "uniform" else draw(one_hot_rows(n))))


@st.composite
def disjoint_rows(draw: st.DrawFn, n: int, k: int = 1) -> tuple[Any, list[Any]]:
    """A row of n > 1 labels and k others on labels that it excludes: as far apart as can be."""
    cut = draw(st.integers(1, n - 1))
    none = (Fraction(0),)
    others = [none * cut + draw(rational_rows(n - cut)) for _ in range(k)]
    return draw(extreme_rows(cut)) + none * (n - cut), others


@st.composite
def rational_losses(draw: st.DrawFn, n: int, low: int = -2) -> Array:
    """A square loss with rational entries."""
    cells = st.fractions(low, 2, max_denominator=6)
    return exact([[draw(cells) for _ in range(n)] for _ in range(n)])


@st.composite
def finite_worlds(draw: st.DrawFn, labels: int | None = None) -> FiniteWorld:
    """A world of Fractions: up to 4 inputs, some of probability 0, balls and kernels at random."""
    n, z = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    y = draw(st.integers(2, 3)) if labels is None else labels
    near = np.eye(n, dtype=bool) | np.array(
        draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))
    ).reshape(n, n)
    kernel = np.full((n, n), Fraction(0), dtype=object)
    for x in range(n):
        kernel[x, near[x]] = draw(rational_rows(int(near[x].sum())))
    return FiniteWorld(
        exact(draw(rational_rows(n))),
        exact([draw(rational_rows(z)) for _ in range(n)]),
        exact([[draw(rational_rows(y)) for _ in range(z)] for _ in range(n)]),
        exact([draw(output_rows(y)) for _ in range(n)]),
        kernel,
        near,
        draw(st.none() | rational_losses(y)),
    )


@st.composite
def stationary_worlds(draw: st.DrawFn, invariant: bool = True) -> FiniteWorld:
    """A world of orbits: in each, inputs are equally likely and the kernel is doubly stochastic (a
    mixture of permutations), so that the law of the input is kept. An orbit has one label law, from
    which, unless ``invariant``, its inputs stray by up to a quarter."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    n, y = sum(sizes), draw(st.integers(2, 3))
    orbit = np.repeat(np.arange(len(sizes)), sizes)
    shares = draw(rational_rows(len(sizes)))
    kernel = np.full((n, n), Fraction(0), dtype=object)
    for weight in draw(rational_rows(3)):
        for o in range(len(sizes)):
            members = np.flatnonzero(orbit == o)
            for x, image in zip(members, draw(st.permutations(list(members))), strict=True):
                kernel[x, image] += weight
    laws = [exact(draw(rational_rows(y))) for _ in sizes]
    moved = [0 if invariant else Fraction(draw(st.integers(0, 2)), 8) for _ in range(n)]
    return FiniteWorld(
        exact([shares[o] / sizes[o] for o in orbit]),
        exact([[Fraction(1)]] * n),
        exact(
            [
                [(1 - m) * laws[o] + m * exact(draw(rational_rows(y)))]
                for m, o in zip(moved, orbit, strict=True)
            ]
        ),
        exact([draw(output_rows(y)) for _ in range(n)]),
        kernel,
        (kernel != 0) | np.eye(n, dtype=bool),
    )


def in_number_type(world: FiniteWorld, convert: Callable[[Array], Array]) -> FiniteWorld:
    """A world of Fractions in another number type: ``as_floats`` or ``as_balls``."""
    return FiniteWorld(
        convert(world.p_x),
        convert(world.p_z),
        convert(world.p_y_given_z),
        convert(world.model),
        convert(world.kernel),
        world.neighbours,
        None if world.loss is None else convert(world.loss),
    )


def plain_world(p_x: Any, p_true: Any, model: Any, kernel: Any, loss: Any = None) -> FiniteWorld:
    """A world of one interpretation whose balls are the kernel's support and their centres."""
    pi = exact(kernel)
    near = (pi != 0) | np.eye(len(pi), dtype=bool)
    laws = exact(p_true)[:, None, :]
    return FiniteWorld(
        exact(p_x), exact([[1]] * len(pi)), laws, exact(model), pi, near,
        None if loss is None else exact(loss),
    )  # fmt: skip
