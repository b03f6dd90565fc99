"""Results n_21 to n_23: every divergence of two outputs, enclosed from their top-k lists."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sua_ref import checks
from sua_ref.boxes import INFINITY, Box, box, largest, log, square_root, surprise, total
from sua_ref.enclosed_entropy import checked, interval
from sua_ref.least_favourable import cells, least_divergence
from sua_ref.results import Interval
from sua_ref.sec2_information import DIVERGENCES
from sua_ref.top_k import TopK, exact_rational

BOUNDED = ("tv", "jsd", "hellinger2")
"""Those with a maximum; the others are bounded above by a floor of the second argument alone."""


class Enclosed(NamedTuple):
    """The ends of an enclosure before they are rounded to floats, and whether they are sharp."""

    box: Box
    low_sharp: bool
    high_sharp: bool


def divergence_enclosure(
    top_p: TopK,
    top_q: TopK,
    *,
    kind: str,
    vocab_size: int | None = None,
    floor: Any = None,
) -> Interval:
    """A divergence of two outputs of which only top-k lists are known (results n_21 to n_23).

    * low: one pair of completions minimises every f-divergence at once (Huber and Strassen 1973,
      the least favourable pair of two sets of interval probabilities); its tangent certifies it.
    * high, for ``"tv"``, ``"jsd"``, ``"hellinger2"``: ``max - sum g(a, b)`` over the tokens seen in
      both, with max = 1, log 2, 1 and the affinity g = ``min(a, b)``, ``((a+b) log(a+b) - a log a -
      b log b)/2``, ``sqrt(a b)``; a token that is unseen counts where it must have a probability.
    * high, for ``"kl"`` and ``"chi2"``: ``+inf``, unless no token that p may use can be impossible
      under q: because ``floor`` says so, or because q's unseen mass needs every token.

    The value of the truncated lists is neither a lower nor an upper bound.

    Args:
        top_p, top_q: lists of the reference and of the perturbed output.
        kind: one of ``DIVERGENCES``; ``"reverse_kl"`` is ``KL(q || p)``, with p as its second
            argument.
        vocab_size: V, where it is known.
        floor: a known lower bound of the second argument's probability of every token that its
            list does not name; for ``"kl"``, ``"reverse_kl"`` and ``"chi2"``.

    Returns:
        :class:`Interval`, nats for ``kl`` and ``jsd``, within [0, max]. Sharp for ``tv``, ``jsd``
        and ``hellinger2`` if both tails find room among the tokens that neither list names; for
        ``kl`` and ``chi2`` if ``high`` is infinite; for all if each list leaves out one token at
        most.

    Raises:
        ValueError: an unknown ``kind``; a ``vocab_size`` that cannot carry the lists; a ``floor``
            that the list contradicts, or for a kind that has no use for it.
        TypeError: an argument that is no :class:`TopK`.

    >>> p, q = (TopK(["yes"], [-0.0], 0), TopK(["no"], [-0.0], 0))     # certain, of two things
    >>> divergence_enclosure(p, q, kind="tv")
    Interval(low=1.0, high=1.0, sharp=True)
    >>> from math import log
    >>> half = TopK(["yes"], [log(0.5)], 1e-15)
    >>> found = divergence_enclosure(half, half, kind="tv")     # the other halves may be disjoint
    >>> found.low, round(found.high, 6), found.sharp
    (0.0, 0.5, True)
    """
    checked(top_p, "top_p"), checked(top_q, "top_q")
    checks.choice(kind, DIVERGENCES, "kind")
    found = enclosed(top_p, top_q, kind, vocab_size, floor)
    return interval(found.box, sharp=found.low_sharp and found.high_sharp)


def enclosed(
    top_p: TopK, top_q: TopK, kind: str, vocab_size: int | None, floor: Any = None
) -> Enclosed:
    """The same of checked arguments, as a box."""
    if kind == "reverse_kl":
        return enclosed(top_q, top_p, "kl", vocab_size, floor)
    top_p.unseen_tokens(vocab_size), top_q.unseen_tokens(vocab_size)
    both_unseen = neither(vocab_size, top_p, top_q)
    settled = top_p.is_settled(vocab_size) and top_q.is_settled(vocab_size)
    low = max(least_divergence(cells(top_p, top_q, both_unseen), kind).low, Decimal(0))
    if kind in BOUNDED:
        if floor is not None:
            raise ValueError(f"floor: {floor} has no use for {kind!r}, which is bounded")
        most = _MAXIMA[kind]
        kept = total(_affinities(top_p, top_q, kind, vocab_size))
        high = min((most - kept).high, most.high)
        sharp = has_room(both_unseen, top_p, top_q) or settled
        return Enclosed(Box(min(low, high), high), True, sharp)
    high = _unbounded(top_p, top_q, kind, vocab_size, _floor(floor, top_q, vocab_size))
    if high == INFINITY and _never_finite(top_p, top_q):
        return Enclosed(Box(INFINITY, INFINITY), True, True)
    seen = set(top_p.tokens) <= set(top_q.tokens) and top_p.unseen_tokens(vocab_size) == 0
    return Enclosed(Box(min(low, high), high), True, high == INFINITY or seen or settled)


def neither(vocab_size: int | None, *tops: TopK) -> int | None:
    """How many tokens no list names; None if the size of the vocabulary is unknown."""
    named: set[object] = set().union(*(top.tokens for top in tops))
    if vocab_size is None:
        return None
    if vocab_size < len(named):
        raise ValueError(f"vocab_size: {vocab_size} is below the {len(named)} tokens named")
    return vocab_size - len(named)


def atoms(top: TopK) -> int:
    """How many tokens the unseen mass needs, at the least."""
    return -(-top.least_unseen // top.cap)


def has_room(both_unseen: int | None, top_p: TopK, *tops_q: TopK) -> bool:
    """Whether a tail of p fits beside every tail of a q, among tokens that no list names."""
    return both_unseen is None or both_unseen >= atoms(top_p) + max(atoms(q) for q in tops_q)


_MAXIMA = {"tv": box(1), "jsd": log(2), "hellinger2": box(1)}
_AFFINITY: dict[str, Callable[[Fraction, Fraction], Box]] = {
    "tv": lambda a, b: box(min(a, b)),
    "jsd": lambda a, b: ((a + b) * log(a + b) + surprise(a) + surprise(b)) / 2,
    "hellinger2": lambda a, b: square_root(a * b),
}
"""What a token keeps from the maximum: >= 0, and increasing in both probabilities."""


def _affinities(top_p: TopK, top_q: TopK, kind: str, vocab_size: int | None) -> list[Box]:
    """The affinity that every token keeps, at the least probabilities it can have."""
    p, q = (dict(zip(top.tokens, top.low, strict=True)) for top in (top_p, top_q))
    least_p, least_q = (top.least_of_each(vocab_size) for top in (top_p, top_q))
    pairs = [(p.get(y, least_p), q.get(y, least_q)) for y in dict.fromkeys([*p, *q])]
    kept = [_AFFINITY[kind](a, b) for a, b in pairs if a and b]
    if least_p and least_q:
        kept.append(_AFFINITY[kind](least_p, least_q) * (neither(vocab_size, top_p, top_q) or 0))
    return kept


def _floor(floor: Any, top_q: TopK, vocab_size: int | None) -> Fraction:
    """The least that an unseen token has under q: as told, or because the mass needs it."""
    known = Fraction(0)
    if floor is not None:
        known = exact_rational(checks.positive(floor, "floor"))
        if known > top_q.cap:
            raise ValueError(f"floor: {floor} is above {float(top_q.cap)}, the most that is unseen")
    unseen = top_q.unseen_tokens(vocab_size)
    if not unseen:
        return known
    if known * unseen > top_q.most_unseen:
        raise ValueError(
            f"floor: {floor} for each of {unseen} tokens is more than the unseen mass of at most "
            f"{float(top_q.most_unseen)}"
        )
    return max(known, top_q.least_of_each(vocab_size))


_COST: dict[str, Callable[[Fraction, Fraction], Box]] = {
    "kl": lambda a, m: a * log(a / m),
    "chi2": lambda a, m: box(a * a / m),
}
"""``p log(p/q)`` and ``p^2/q``: convex in p, decreasing in q."""


def _unbounded(
    top_p: TopK, top_q: TopK, kind: str, vocab_size: int | None, floor: Fraction
) -> Decimal:
    """The upper end where q has no probability below ``floor`` but on its list."""
    q, cost = dict(zip(top_q.tokens, top_q.low, strict=True)), _COST[kind]
    spent = []
    for y, a, b in zip(top_p.tokens, top_p.low, top_p.high, strict=True):
        least = q.get(y, floor)
        if least == 0:
            return INFINITY
        spent.append(largest([cost(a, least), cost(b, least)]))
    tail = top_p.most_unseen
    if tail and top_p.unseen_tokens(vocab_size) != 0:
        open_to_p = [q[y] for y in top_q.tokens if y not in set(top_p.tokens)]
        least = min(open_to_p + ([floor] if neither(vocab_size, top_p, top_q) != 0 else []))
        if least == 0:
            return INFINITY
        cap = min(top_p.cap, tail)
        # Each atom x <= cap costs x log(x/m) <= x log(cap/m), and x^2/m <= x cap/m.
        each = log(cap / least) if kind == "kl" else box(cap / least)
        spent.append(largest([each * top_p.least_unseen, each * tail]))
    return (total(spent) - (1 if kind == "chi2" else 0)).high


def _never_finite(top_p: TopK, top_q: TopK) -> bool:
    """Whether p must use a token that q must not: q's tail is empty, p's needs other tokens."""
    if top_q.most_unseen > 0:
        return False
    named = len(set(top_q.tokens) - set(top_p.tokens))
    return not set(top_p.tokens) <= set(top_q.tokens) or top_p.least_unseen > named * top_p.cap
