"""Result n_20: the entropy, enclosed from a list of the most likely tokens.

Distributions that fit a list are a polytope: seen tokens in their intervals, unseen ones in [0,
cap], sum 1. Entropy is Schur-concave. It is least at the most concentrated of them, which gives to
the likeliest tokens first; it is greatest at the flattest, whose value a tangent certifies.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from sua_ref.boxes import (
    INFINITY,
    Box,
    between,
    log,
    lower_float,
    smallest,
    surprise,
    total,
    upper_float,
)
from sua_ref.results import Interval
from sua_ref.top_k import TopK

WIDEST = 1000
"""Levels are sought between ``2**-WIDEST`` and ``2**WIDEST``."""
_HALVINGS = 64


def entropy_enclosure(top: TopK, *, vocab_size: int | None = None) -> Interval:
    """The entropy of an output of which only a top-k list is known (result n_20).

    With seen probabilities a, unseen mass r, cap s (the least of the first k) and N unseen tokens:

    * low: ``sum -a log a - j s log s - t log t``, ``j = floor(r/s)``, ``t = r - j s``;
    * high: ``sum -a log a + r log(N/r)``, and ``+inf`` where N is unknown and r may be above 0.

    Under a rounding of the log-probabilities both are extremes over all probabilities within it
    (``low``: up to the rounding of entries after the first k, which are bounded one by one).
    Proof: both tails are extreme in the order of majorisation (Marshall and Olkin 1979, credited
    for Schur-concavity). The entropy of the truncated list, renormalised or not, is below ``low``.

    Args:
        top: the list.
        vocab_size: V, where it is known.

    Returns:
        :class:`Interval` in nats, within [0, inf]; sharp.

    Raises:
        ValueError: ``vocab_size`` cannot carry the list.
        TypeError: ``top`` is no :class:`TopK`.

    >>> from math import log
    >>> half = TopK(["yes"], [log(0.5)], 1e-15)
    >>> found = entropy_enclosure(half, vocab_size=3)     # log 2, and (log 2)/2 + (log 4)/2
    >>> round(found.low, 6), round(found.high, 6), found.sharp
    (0.693147, 1.039721, True)
    >>> entropy_enclosure(half).high
    inf
    """
    checked(top, "top")
    return interval(entropy_box(top, vocab_size), sharp=True)


def checked(top: TopK, name: str) -> TopK:
    """Refuse what is no list."""
    if not isinstance(top, TopK):
        raise TypeError(f"{name}: a TopK wanted, got {type(top).__name__}")
    return top


def interval(b: Box, *, sharp: bool) -> Interval:
    """A box as an interval of floats, rounded outward."""
    return Interval(lower_float(b.low), upper_float(b.high), sharp)


def entropy_box(top: TopK, vocab_size: int | None) -> Box:
    """The least and the greatest entropy that fit the list."""
    unseen = top.unseen_tokens(vocab_size)
    return Box(max(_least(top, unseen), Decimal(0)), _greatest(top, unseen))


def _least(top: TopK, unseen: int | None) -> Decimal:
    """Seen tokens outside the top k by the lesser end each; the others share what is left."""
    k = top.k
    others = list(zip(top.low, top.high, strict=True))
    first, after = sorted(others[:k], reverse=True), others[k:]
    apart = total(smallest([surprise(a), surprise(b)]) for a, b in after)
    mass = Fraction(1)
    least, most = (mass - sum((ends[i] for ends in after), Fraction(0)) for i in (1, 0))
    levels = [sum((a for a, _ in first), Fraction(0))]
    for a, b in first:
        levels.append(levels[-1] + b - a)
    if unseen is not None:
        most = min(most, levels[-1] + unseen * top.cap)
    least = max(least, levels[0])
    # Between these levels one probability moves, and the entropy is concave in it; a whole atom of
    # the tail adds to the entropy, so that the first of them stands for all.
    atoms = max(-((levels[-1] - least) // top.cap), 0)
    inner = [*levels, levels[-1] + atoms * top.cap]
    tried = {least, most, *(m for m in inner if least < m < most)}
    return (apart + smallest([_concentrated(first, top.cap, m) for m in sorted(tried)])).low


def _concentrated(first: list[tuple[Fraction, Fraction]], cap: Fraction, mass: Fraction) -> Box:
    """The entropy when the likeliest tokens are filled first, then unseen ones up to the cap."""
    left = mass - sum((a for a, _ in first), Fraction(0))
    cells = []
    for a, b in first:
        step = min(b - a, left)
        cells.append(surprise(a + step))
        left -= step
    atoms = left // cap
    return total(cells) + surprise(cap) * atoms + surprise(left - atoms * cap)


def _greatest(top: TopK, unseen: int | None) -> Decimal:
    """``-sum p log g - p + g`` at the flattest g: at least the entropy of every p (Gibbs)."""
    if unseen is None and top.most_unseen > 0:
        return INFINITY
    ends, n = list(zip(top.low, top.high, strict=True)), unseen or 0
    floats = [(float(a), float(b)) for a, b in ends]
    cap = float(top.cap)
    level = Fraction(
        crossing(lambda c: sum(min(max(c, a), b) for a, b in floats) + n * min(c, cap) - 1)
    )
    at_level = -log(level)
    bound = at_level - 1
    for a, b in ends:
        g = min(max(level, a), b)
        bound += g if g == level else (-log(g) - at_level) * between(a, b) + g
    if n and top.cap < level:
        return (bound + (-log(top.cap) - at_level) * between(Fraction(0), n * top.cap)
                + n * top.cap).high  # fmt: skip
    return (bound + n * level).high


def crossing(increasing: Callable[[float], float]) -> float:
    """Where an increasing function of a level > 0 passes 0, as nearly as floats tell."""
    low, high = -float(WIDEST), float(WIDEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if increasing(2.0**middle) < 0 else (low, middle)
    return float(2.0**high)
