"""Triton kernels of the values: divergence from K perturbations, entropy, normaliser, surprise.

Rows that fit one tile are done by :func:`whole`, several to a program where they are short. Longer
rows take :func:`states`, one program per row and tile: the tile of x is read and exponentiated
once for all K. A tile's state, a few numbers, is merged by :func:`merge` in double precision and in
a fixed order. The KL divergence is then known, from one read. Total variation and the
Jensen-Shannon divergence are not functions of such states: :func:`shares` reads the rows a second
time, when the log-ratio of the normalisers is known.

The state of a pair of tiles is (top, rest) of each, r, and with ``c = top_y - top_x - r`` and
``z = y - x - c`` the sums G of w (e^z - 1) and F of w (e^z - 1 - z), w = e^(x - top_x). Another
centre c - delta turns them into

    G' = e^delta G + W (e^delta - 1),    F' = F + (e^delta - 1) G + W (e^delta - 1 - delta),

so states merge, and every term of F' but the second, which c makes small, is >= 0. With s = G/W
over the whole row, ``log Z_y/Z_x = c + log(1 + s)`` and ``KL = F/W - (s - log(1 + s))``.
"""

from __future__ import annotations

import triton
import triton.language as tl

from sua_gpu.triton_math import exp, log1p, log1p_less
from sua_gpu.triton_tiles import cells, centre, load, moments, rest_of, step, weights

_INFINITY = tl.constexpr(float("inf"))


@triton.jit
def lacks(x, y):
    """Whether y excludes a label that x allows, decided on logits."""
    return tl.max(((x > -_INFINITY) & (y == -_INFINITY)).to(tl.int32), 1) > 0


@triton.jit
def present(mask, at, live):
    """The rows whose perturbation is to be read."""
    if mask is not None:
        return live & (tl.load(mask + at, mask=live, other=0) != 0)
    else:
        return live


@triton.jit
def whole(
    x, y, mask, labels, divergences, entropy, peak, rest, surprise, n, v,
    K: tl.constexpr, KIND: tl.constexpr, NARROW: tl.constexpr, DTYPE: tl.constexpr,
    ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Everything about ROWS rows of at most BLOCK labels."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    live = row < n
    column = tl.arange(0, BLOCK)[None, :]
    inside = column < v
    a = load(x, row[:, None] * v + column, inside, live, DTYPE)
    top_a = tl.max(a, 1)
    e_a, below = weights(a, top_a, NARROW)
    rest_a = rest_of(a, top_a, e_a)
    all_a = 1 + rest_a
    tl.store(peak + row, top_a, mask=live)
    tl.store(rest + row, rest_a, mask=live)
    tl.store(entropy + row, log1p(rest_a) - tl.sum(e_a * below, 1) / all_a, mask=live)
    if labels is not None:
        label = tl.load(labels + row, mask=live, other=0)
        chosen = tl.sum(tl.where(column == label[:, None], a, 0.0), 1)
        tl.store(surprise + row, log1p(rest_a) + (top_a - chosen), mask=live)
    for k in range(K):
        here = present(mask, row * K + k, live)
        b = load(y, (row[:, None] * K + k) * v + column, inside, here, DTYPE)
        top_b = tl.max(b, 1)
        e_b, _ = weights(b, top_b, NARROW)
        all_b = 1 + rest_of(b, top_b, e_b)
        shared = (a > -_INFINITY) & (b > -_INFINITY)
        if KIND == "reverse_kl":
            r, high, low = centre(top_b, all_b, top_a, all_a)
            z = step(b, a, high, low, shared, NARROW)
            g, f = moments(z, e_b, e_a, exp(r), shared, True)
            value = tl.where(lacks(b, a), _INFINITY, f / all_b - log1p_less(g / all_b))
        else:
            r, high, low = centre(top_a, all_a, top_b, all_b)
            z = step(a, b, high, low, shared, NARROW)
            g, f = moments(z, e_a, e_b, exp(r), shared, KIND == "kl")
            s = g / all_a
            if KIND == "kl":
                value = tl.where(lacks(a, b), _INFINITY, f / all_a - log1p_less(s))
            else:
                d = tl.where(shared, z - (s - log1p_less(s))[:, None], 0.0)
                scaled = e_b * (all_a / all_b)[:, None]
                value = tl.sum(cells(e_a, scaled, d, shared, KIND), 1) / all_a
        # Where all is rounding, F/W may come out below the square that it exceeds.
        value = tl.where(here, tl.maximum(value, 0.0), 0.0)
        tl.store(divergences + row * K + k, value, mask=live)


@triton.jit
def states(
    x, y, mask, rows, at_x, pairs, at_y, n, v, tiles,
    K: tl.constexpr, KIND: tl.constexpr, NARROW: tl.constexpr, DTYPE: tl.constexpr,
    ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The states of one tile: of a row, and of its pairs; with their largest labels if asked.

    ``rows`` is (3, n, tiles): top, rest, the sum of w (top - x). ``pairs`` is (5, n, K, tiles): top
    and rest of y, r, G, F; for ``reverse_kl`` r, G and F are those of the pair the other way round.
    F is ``+inf`` where the divergence is.
    """
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    tile = tl.program_id(1)
    live = row < n
    column = tile * BLOCK + tl.arange(0, BLOCK)[None, :]
    inside = column < v
    a = load(x, row[:, None] * v + column, inside, live, DTYPE)
    top_a = tl.max(a, 1)
    e_a, below = weights(a, top_a, NARROW)
    rest_a = rest_of(a, top_a, e_a)
    place, field = row * tiles + tile, n * tiles
    tl.store(rows + place, top_a, mask=live)
    tl.store(rows + field + place, rest_a, mask=live)
    tl.store(rows + 2 * field + place, -tl.sum(e_a * below, 1), mask=live)
    if at_x is not None:
        tl.store(at_x + place, tile * BLOCK + tl.argmax(a, 1), mask=live)
    for k in range(K):
        here = present(mask, row * K + k, live)
        b = load(y, (row[:, None] * K + k) * v + column, inside, here, DTYPE)
        top_b = tl.max(b, 1)
        e_b, _ = weights(b, top_b, NARROW)
        rest_b = rest_of(b, top_b, e_b)
        shared = (a > -_INFINITY) & (b > -_INFINITY)
        if KIND == "reverse_kl":
            r, high, low = centre(top_b, 1 + rest_b, top_a, 1 + rest_a)
            z = step(b, a, high, low, shared, NARROW)
            g, f = moments(z, e_b, e_a, exp(r), shared, True)
            f = tl.where(lacks(b, a), _INFINITY, f)
        else:
            r, high, low = centre(top_a, 1 + rest_a, top_b, 1 + rest_b)
            z = step(a, b, high, low, shared, NARROW)
            g, f = moments(z, e_a, e_b, exp(r), shared, KIND == "kl")
            if KIND == "kl":
                f = tl.where(lacks(a, b), _INFINITY, f)
        place, field = (row * K + k) * tiles + tile, n * K * tiles
        tl.store(pairs + place, top_b, mask=live)
        tl.store(pairs + field + place, rest_b, mask=live)
        tl.store(pairs + 2 * field + place, r, mask=live)
        tl.store(pairs + 3 * field + place, g, mask=live)
        tl.store(pairs + 4 * field + place, f, mask=live)
        if at_y is not None:
            tl.store(at_y + place, tile * BLOCK + tl.argmax(b, 1), mask=live)


@triton.jit
def shares(
    x, y, mask, peak, rest, scalars, sums, n, v, tiles,
    K: tl.constexpr, KIND: tl.constexpr, NARROW: tl.constexpr, DTYPE: tl.constexpr,
    ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """One tile's share of each ``jsd`` or ``tv``, (n, K, tiles)."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    tile = tl.program_id(1)
    live = row < n
    column = tile * BLOCK + tl.arange(0, BLOCK)[None, :]
    inside = column < v
    a = load(x, row[:, None] * v + column, inside, live, DTYPE)
    e_a, _ = weights(a, tl.load(peak + row, mask=live, other=0.0), NARROW)
    p = e_a / (1 + tl.load(rest + row, mask=live, other=0.0))[:, None]
    for k in range(K):
        here = present(mask, row * K + k, live)
        b = load(y, (row[:, None] * K + k) * v + column, inside, here, DTYPE)
        at, field = scalars + row * K + k, n * K
        e_b, _ = weights(b, tl.load(at, mask=live, other=0.0), NARROW)
        q = e_b / (1 + tl.load(at + field, mask=live, other=0.0))[:, None]
        shared = (a > -_INFINITY) & (b > -_INFINITY)
        z = step(
            a,
            b,
            tl.load(at + 2 * field, mask=live, other=0.0),
            tl.load(at + 3 * field, mask=live, other=0.0),
            shared,
            NARROW,
        )
        d = tl.where(shared, z - tl.load(at + 4 * field, mask=live, other=0.0)[:, None], 0.0)
        share = tl.where(here, tl.sum(cells(p, q, d, shared, KIND), 1), 0.0)
        tl.store(sums + (row * K + k) * tiles + tile, share, mask=live)
