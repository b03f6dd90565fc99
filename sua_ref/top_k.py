"""What an API tells of an output distribution: a list of its largest log-probabilities.

Between a list and a distribution stand two unknowns: where the unseen mass lies, and the rounding
of the log-probabilities. Both are kept as what they are. Every list is turned into *interval
probabilities*, exact rationals: a seen token has a probability in ``[low, high]``, an unseen one in
``[0, cap]``, and all of them sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

from sua_ref import checks
from sua_ref.boxes import exp

SENTINEL = -9999
"""What APIs write for a log-probability that they do not report."""


@dataclass(frozen=True)
class TopK:
    """The reported part of one output distribution.

    The true log-probability of ``tokens[i]`` lies within ``rounding`` of ``log_probs[i]``. The
    first k entries are the k most likely tokens, in any order; entries after them (an API may
    append the token it sampled) are seen, and say nothing about the unseen ones. A token that is
    not listed is at most as likely as the least of the first k.

    Args:
        tokens: distinct token ids or bytes. Decoded text will do only where it is unambiguous.
        log_probs: nats, one for each token: real numbers, floats being the rationals they store.
        rounding: half-width in nats, >= 0: 5e-5 for four decimals; for float32 ``2**-24 max(1,
            |l|)`` and the error of the server's softmax. 0 says that the log-probabilities are
            exact, which no float is.
        k: how many of the entries are the top k; None means all.

    Raises:
        ValueError: a token twice, a NaN, an infinity or a sentinel among the log-probabilities,
            lengths that differ, a ``rounding`` below 0, a k outside 1..len(tokens), an entry after
            the first k that is likelier than one of them, or probabilities that sum to more than 1
            by more than ``rounding`` explains.
        TypeError: a log-probability that is no real number, or tokens given as one string.

    >>> top = TopK([7, 3], [-0.6931, -1.3863], 5e-5)     # 1/2 and 1/4, to four decimals
    >>> top.k, round(float(top.most_unseen), 4)
    (2, 0.25)
    """

    tokens: Sequence[Hashable]
    log_probs: Sequence[Any]
    rounding: Any
    k: int | None = field(default=None, kw_only=True)
    low: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)
    high: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tokens, log_probs = _tokens(self.tokens), _log_probs(self.log_probs)
        if len(log_probs) != len(tokens):
            raise ValueError(f"log_probs: {len(log_probs)} entries for {len(tokens)} tokens")
        half = exact_rational(
            checks.finite(checks.number(self.rounding, "rounding", low=0), "rounding")
        )
        k = len(tokens) if self.k is None else checks.integer(self.k, "k", low=1)
        if k > len(tokens):
            raise ValueError(f"k: {k} is above the {len(tokens)} tokens given")
        low = tuple(Fraction(exp(x - half).low) for x in log_probs)
        high = tuple(min(Fraction(exp(x + half).high), Fraction(1)) for x in log_probs)
        for name, value in (("tokens", tokens), ("log_probs", tuple(self.log_probs)), ("k", k)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        self._check_sum(log_probs, half)
        for i in range(k, len(tokens)):
            if low[i] > self.cap:
                raise ValueError(
                    f"log_probs: position {i} is {self.log_probs[i]}, above one of the first "
                    f"k = {k}, which are the most likely tokens"
                )

    def _check_sum(self, log_probs: Sequence[Fraction], half: Fraction) -> None:
        if sum(self.low) > 1:
            seen = sum((Fraction(exp(x).low) for x in log_probs), Fraction(0))
            raise ValueError(
                f"log_probs: the probabilities sum to {float(seen)}, above 1 by more than a "
                f"rounding of {float(half)} explains"
            )

    @property
    def cap(self) -> Fraction:
        """The most that an unseen token can have: the k-th largest probability."""
        return min(self.high[: self.k])

    @property
    def most_unseen(self) -> Fraction:
        """The most mass that the unseen tokens can have together."""
        return 1 - sum(self.low, Fraction(0))

    @property
    def least_unseen(self) -> Fraction:
        """The least mass that the unseen tokens can have together."""
        return max(1 - sum(self.high, Fraction(0)), Fraction(0))

    def least_of_each(self, vocab_size: int | None) -> Fraction:
        """The least that every unseen token must have: what all others together cannot carry."""
        n = self.unseen_tokens(vocab_size)
        return max(self.least_unseen - (n - 1) * self.cap, Fraction(0)) if n else Fraction(0)

    def is_settled(self, vocab_size: int | None) -> bool:
        """Whether at most one token is unseen, so that the list leaves only its rounding open."""
        n = self.unseen_tokens(vocab_size)
        return n is not None and n <= 1

    def unseen_tokens(self, vocab_size: int | None) -> int | None:
        """How many tokens are unseen; None if the size of the vocabulary is unknown.

        Raises:
            ValueError: that many cannot carry the unseen mass, or there are more tokens seen.
        """
        if vocab_size is None:
            return None
        n = checks.integer(vocab_size, "vocab_size", low=1) - len(self.tokens)
        if n < 0:
            raise ValueError(f"vocab_size: {vocab_size} is below the {len(self.tokens)} tokens")
        if self.least_unseen > n * self.cap:
            raise ValueError(
                f"vocab_size: {n} unseen tokens of at most {float(self.cap)} each cannot carry "
                f"the unseen mass of at least {float(self.least_unseen)}"
            )
        return n


def _tokens(tokens: Sequence[Hashable]) -> tuple[Hashable, ...]:
    if isinstance(tokens, (str, bytes)):
        raise TypeError(f"tokens: a sequence of tokens wanted, got the one string {tokens!r}")
    found = tuple(tokens)
    if not found:
        raise ValueError("tokens: empty; at least one is needed")
    first: dict[Hashable, int] = {}
    for i, token in enumerate(found):
        if token in first:
            raise ValueError(f"tokens: position {i} repeats {token!r} of position {first[token]}")
        first[token] = i
    return found


def _log_probs(log_probs: Sequence[Any]) -> list[Fraction]:
    found = []
    for i, x in enumerate(log_probs):
        if isinstance(x, bool) or not isinstance(
            x, (int, float, Rational, np.integer, np.floating)
        ):
            raise TypeError(f"log_probs: position {i}: a real number wanted, got {x!r}")
        if x != x or not SENTINEL < float(x) < math.inf:
            raise ValueError(
                f"log_probs: position {i} is {x}; leave out what the list does not report"
            )
        found.append(exact_rational(x))
    return found


def exact_rational(x: Any) -> Fraction:
    """A real number as the rational that it is."""
    return Fraction(float(x)) if isinstance(x, np.floating) else Fraction(x)
