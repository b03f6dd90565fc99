"""Draws near equality in (19): an output, and others to which one label alone has lost mass."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from sua_ref.elements import Array
from tests.strategies import exact, rational_rows, worlds


@st.composite
def moved_outputs(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """``(p, perturbed, truth, weights)`` as of ``worlds``; half of the time the truth is the
    likeliest label of p, the only label that the perturbed outputs take from, and it stays so."""
    if draw(st.booleans()):
        return draw(worlds())
    n, k = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    p = exact(draw(rational_rows(n)))
    top = max(range(n), key=lambda i: p[i])
    others = max((p[i] for i in range(n) if i != top), default=Fraction(0))
    perturbed = []
    for _ in range(k):
        lost = draw(st.fractions(0, 1, max_denominator=8)) * (p[top] - others) / 2
        q = p.copy()
        q[top] -= lost
        q[(top + 1) % n] += lost
        perturbed.append(list(q))
    truth = exact([Fraction(i == top) for i in range(n)])
    return p, exact(perturbed), truth, exact(draw(rational_rows(k)))
