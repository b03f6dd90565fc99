"""Result n_26: the margin of an answer and whether it flips, from top-k lists."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from sua_ref.boxes import Box, box
from sua_ref.enclosed_divergence import neither
from sua_ref.enclosed_entropy import checked, interval
from sua_ref.results import Interval
from sua_ref.top_k import TopK


def margin_enclosure(top: TopK, *, vocab_size: int | None = None) -> Interval:
    """The largest probability less the second largest, from a list (result n_26).

    On the list for k >= 2. For k = 1 the runner-up may be unseen: it has at least the share
    ``r/N`` of the unseen mass r, and at most ``min(p_1, r)``.

    Args:
        top: the list.
        vocab_size: V, where it is known.

    Returns:
        :class:`Interval` within [0, 1]; sharp (for k = 1 and V unknown the upper end is only
        approached).

    Raises:
        ValueError: V = 1, or a ``vocab_size`` that cannot carry the list.
        TypeError: ``top`` is no :class:`TopK`.

    >>> from math import log
    >>> found = margin_enclosure(TopK(["a"], [log(0.5)], 1e-15), vocab_size=3)
    >>> round(found.low, 6), round(found.high, 6)     # 1/2 - 1/2, 1/2 - 1/4
    (0.0, 0.25)
    """
    checked(top, "top")
    if vocab_size == 1:
        raise ValueError("vocab_size: 1 leaves no second token, and no margin")
    unseen = top.unseen_tokens(vocab_size)
    atom = min(top.cap, top.most_unseen) if unseen != 0 else Fraction(0)
    share = top.least_unseen / unseen if unseen else Fraction(0)
    lows = sorted([*top.low, share], reverse=True)
    highs = sorted([*top.high, atom], reverse=True)
    # Every entry keeps to its interval, so that order statistics keep to those of the ends.
    low, high = max(lows[0] - highs[1], Fraction(0)), highs[0] - lows[1]
    return interval(Box(box(low).low, box(high).high), sharp=True)


def flip_enclosure(top_p: TopK, top_q: TopK, *, vocab_size: int | None = None) -> Interval:
    """Whether the most likely token differs between two outputs, from lists (result n_26).

    1 where no token can be most likely in both, 0 where one token alone can be in each, and
    between them nothing is known; a tie leaves every tied token possible.

    Args:
        top_p, top_q: the lists.
        vocab_size: V, where it is known.

    Returns:
        :class:`Interval`: [0, 0], [1, 1], or [0, 1]; sharp.

    Raises:
        ValueError: a ``vocab_size`` that cannot carry the lists.
        TypeError: an argument that is no :class:`TopK`.

    >>> one, other = TopK(["a", "b"], [-0.5, -1.0], 1e-3), TopK(["b", "a"], [-0.5, -1.0], 1e-3)
    >>> flip_enclosure(one, other)
    Interval(low=1.0, high=1.0, sharp=True)
    """
    checked(top_p, "top_p"), checked(top_q, "top_q")
    (p, p_other), (q, q_other) = _candidates(top_p, vocab_size), _candidates(top_q, vocab_size)
    p_named, q_named = set(top_p.tokens), set(top_q.tokens)
    common = p & q or (p_other and q - p_named) or (q_other and p - q_named)
    hidden = p_other and q_other and neither(vocab_size, top_p, top_q) != 0
    same = p == q and len(p) == 1 and not (p_other or q_other)
    return Interval(0.0 if common or hidden else 1.0, 0.0 if same else 1.0, sharp=True)


def _candidates(top: TopK, vocab_size: int | None) -> tuple[set[Hashable], bool]:
    """The tokens that may be most likely, and whether an unseen one may be."""
    surest = max(top.low)
    listed = {y for y, most in zip(top.tokens, top.high, strict=True) if most >= surest}
    other = top.unseen_tokens(vocab_size) != 0 and min(top.cap, top.most_unseen) >= surest
    return listed, other
