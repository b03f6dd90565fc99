"""Results n_24 to n_26: sensitivity, SUA and the additive score, enclosed from top-k lists."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sua_ref import checks
from sua_ref.boxes import Box, between, total
from sua_ref.enclosed_divergence import Enclosed, enclosed, has_room, neither
from sua_ref.enclosed_entropy import checked, entropy_box, interval
from sua_ref.results import Decision, Interval
from sua_ref.sec2_information import DIVERGENCES
from sua_ref.top_k import TopK, exact_rational


def sensitivity_enclosure(
    top_p: TopK, tops_q: Sequence[TopK], *, divergence: str, vocab_size: int | None = None
) -> Interval:
    """Definition 3.2 from lists: S as the mean of K divergences, enclosed (result n_24).

    The mean of the K enclosures. The reference p is one distribution in all K of them, which only
    the lower end may miss: each divergence has its own best placement of p's unseen mass.

    Args:
        top_p: list of the reference output.
        tops_q: lists of the K perturbed outputs.
        divergence: one of ``DIVERGENCES``.
        vocab_size: V, where it is known.

    Returns:
        :class:`Interval` in the units of the divergence. Sharp if each divergence is, the tails
        find room beside each other, and K = 1 or no list of a perturbed output names a token that
        p's list does not; and if each divergence is, and p's list leaves out one token at most.

    Raises:
        ValueError: K = 0, an unknown divergence, or a ``vocab_size`` that cannot carry a list.
        TypeError: what is no :class:`TopK`.

    >>> from math import log
    >>> one, other = (TopK(["a", "b"], [log(p), log(1 - p)], 1e-15) for p in (0.75, 0.25))
    >>> found = sensitivity_enclosure(one, [one, other], divergence="tv", vocab_size=2)
    >>> round(found.low, 6), round(found.high, 6)     # (0 + 1/2)/2
    (0.25, 0.25)
    """
    _check(top_p, tops_q, divergence)
    found = _sensitivity(top_p, tops_q, divergence, vocab_size)
    return interval(found.box, sharp=found.low_sharp and found.high_sharp)


def sua_enclosure(
    top_p: TopK,
    tops_q: Sequence[TopK],
    *,
    lam: Any,
    divergence: str,
    vocab_size: int | None = None,
) -> Interval:
    """Definition 3.9 from lists: ``SUA = S - lam H``, enclosed (result n_25).

    ``[S_low - lam H_high, S_high - lam H_low]``. The upper end is attained where the tails have
    room: p's most concentrated tail, on tokens that no perturbed output uses, is extreme for both.
    Where V is unknown and mass is unseen, H has no upper bound, and SUA none below: prefer
    :func:`additive_score_enclosure` there.

    Args:
        top_p, tops_q, divergence, vocab_size: as for :func:`sensitivity_enclosure`.
        lam: lambda > 0.

    Returns:
        :class:`Interval`; sharp if S is and no perturbed list names a token that p's does not, or
        if the lower end is ``-inf``.

    Raises:
        ValueError: ``lam`` is not above 0 or not finite, or as :func:`sensitivity_enclosure`.
        TypeError: as :func:`sensitivity_enclosure`.

    >>> from math import log
    >>> top = TopK(["a", "b"], [log(0.5), log(0.5)], 1e-15)
    >>> found = sua_enclosure(top, [top], lam=1, divergence="jsd", vocab_size=2)
    >>> round(found.low, 6), round(found.high, 6)     # 0 - log 2
    (-0.693147, -0.693147)
    """
    _check(top_p, tops_q, divergence)
    factor = exact_rational(checks.positive(lam, "lam"))
    s, h = _sensitivity(top_p, tops_q, divergence, vocab_size), entropy_box(top_p, vocab_size)
    if s.box.low.is_infinite():  # for every V, and H is finite for each
        return interval(s.box, sharp=True)
    low_sharp = h.high.is_infinite() or (
        s.low_sharp and _shared_tail_is_free(top_p, tops_q, vocab_size)
    )
    return interval(s.box - h * factor, sharp=low_sharp and s.high_sharp)


def additive_score_enclosure(
    top_p: TopK, tops_q: Sequence[TopK], *, vocab_size: int | None = None
) -> Interval:
    """The additive score ``e + 2 S_TV`` from lists, finite without knowing V (result n_26).

    ``e = 1 - max p`` is on the list: ``[e + 2 S_low, e + 2 S_high]``.

    Args:
        top_p, tops_q, vocab_size: as for :func:`sensitivity_enclosure`.

    Returns:
        :class:`Interval` within [0, 3]; sharp if S is.

    Raises:
        ValueError, TypeError: as :func:`sensitivity_enclosure`.

    >>> from math import log
    >>> one, other = (TopK(["a", "b"], [log(p), log(1 - p)], 1e-15) for p in (0.75, 0.25))
    >>> found = additive_score_enclosure(one, [one, other], vocab_size=2)
    >>> round(found.low, 6), round(found.high, 6)     # 1/4 + 2/4
    (0.75, 0.75)
    """
    _check(top_p, tops_q, "tv")
    s = _sensitivity(top_p, tops_q, "tv", vocab_size)
    likeliest = between(max(top_p.low), max(top_p.high))
    found = s.box * 2 + (1 - likeliest)
    return interval(found, sharp=s.low_sharp and s.high_sharp)


def decide(score: Interval, tau: Any) -> Decision:
    """Section 5.5 on an interval: abstain iff the score is above ``tau``, where that is certain.

    Args:
        score: an enclosed score, higher meaning more likely to fail.
        tau: the abstention threshold.

    Returns:
        :class:`Decision`: ABSTAIN if every score of the interval is above ``tau``, ANSWER if none
        is, else UNDETERMINED; never a guess.

    Raises:
        ValueError: ``tau`` is NaN.
        TypeError: ``score`` is no :class:`Interval`, or ``tau`` no real number.

    >>> [decide(Interval(0.2, 0.4, True), tau).value for tau in (0.1, 0.2, 0.4)]
    ['abstain', 'undetermined', 'answer']
    """
    if not isinstance(score, Interval):
        raise TypeError(f"score: an Interval wanted, got {type(score).__name__}")
    checks.number(tau, "tau")
    if score.low > tau:
        return Decision.ABSTAIN
    return Decision.ANSWER if score.high <= tau else Decision.UNDETERMINED


def _check(top_p: TopK, tops_q: Sequence[TopK], divergence: str) -> None:
    checked(top_p, "top_p")
    checks.choice(divergence, DIVERGENCES, "divergence")
    if isinstance(tops_q, TopK):
        raise TypeError("tops_q: a sequence of TopK wanted, got one TopK")
    if not tops_q:
        raise ValueError("tops_q: K = 0 perturbed outputs; at least one is needed")
    for i, top in enumerate(tops_q):
        checked(top, f"tops_q[{i}]")


def _shared_tail_is_free(top_p: TopK, tops_q: Sequence[TopK], vocab_size: int | None) -> bool:
    """Whether p's tail lies where no list tells of q (then it is even in every minimum), or is
    known."""
    return top_p.is_settled(vocab_size) or all(set(q.tokens) <= set(top_p.tokens) for q in tops_q)


def _sensitivity(
    top_p: TopK, tops_q: Sequence[TopK], divergence: str, vocab_size: int | None
) -> Enclosed:
    pairs = [enclosed(top_p, q, divergence, vocab_size) for q in tops_q]
    mean = _mean([pair.box for pair in pairs])
    alone = len(pairs) == 1
    low_sharp = alone or _shared_tail_is_free(top_p, tops_q, vocab_size)
    together = (
        alone
        or top_p.is_settled(vocab_size)
        or has_room(neither(vocab_size, top_p, *tops_q), top_p, *tops_q)
    )
    high_sharp = mean.high.is_infinite() or (together and all(pair.high_sharp for pair in pairs))
    return Enclosed(mean, low_sharp, high_sharp)


def _mean(boxes: list[Box]) -> Box:
    if any(b.low.is_infinite() for b in boxes):
        return Box(Decimal("Infinity"), Decimal("Infinity"))
    return total(boxes) / len(boxes)
