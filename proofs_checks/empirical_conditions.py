"""Tests of empirical sentences, declared as data before anything ran: numbers, ranges, how many.

A test asks for differences of measured numbers, each with its 95 % interval, and says in which
range each must lie. An interval that lies in the range speaks for the sentence, one that lies
outside it against, and one that straddles an end leaves the question open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Literal, NamedTuple

Side = tuple[str, str | None]
"""A method, and the score that ranks its answers where the metric needs one."""
Quantifier = Literal["every", "most", "some"]


class Interval(NamedTuple):
    """A 95 % interval, ends included."""

    low: Fraction
    high: Fraction

    def __sub__(self, other: Interval) -> Interval:
        """Where a difference lies if both lie in their intervals: no assumption, hence wide.

        >>> Interval(Fraction(2), Fraction(3)) - Interval(Fraction(0), Fraction(1))
        Interval(low=Fraction(1, 1), high=Fraction(3, 1))
        """
        return Interval(self.low - other.high, self.high - other.low)


class Outcome(Enum):
    """What the numbers say of a condition, of a case or of a test."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    MISSING = "missing"


@dataclass(frozen=True)
class Comparison:
    """A difference to measure, the same inputs and seeds on both sides; or one number alone.

    Attributes:
        task: "qa", "nli" or "topic".
        dataset: the test set.
        metric: of the summary's rows.
        left: method and score.
        right: what is subtracted; None for nothing, the number of ``left`` itself.
    """

    task: str
    dataset: str
    metric: str
    left: Side
    right: Side | None = None

    @property
    def id(self) -> str:
        """Its name within the summaries of one model.

        >>> Comparison("nli", "snli", "auroc", ("sua_tr", "sua@1"), ("standard", "entropy")).id
        'auroc/snli/sua_tr:sua@1/standard:entropy'
        """
        return "/".join((self.metric, self.dataset, side(self.left), side(self.right)))

    def document(self, model: str) -> dict[str, object]:
        """As the writer of summaries takes it."""
        return {
            "id": f"{model}/{self.id}",
            "task": self.task,
            "model": model,
            "dataset": self.dataset,
            "metric": self.metric,
            "left": list(self.left),
            "right": None if self.right is None else list(self.right),
        }


def side(of: Side | None) -> str:
    """A side in one word; a dash for nothing."""
    if of is None:
        return "-"
    return of[0] if of[1] is None else f"{of[0]}:{of[1]}"


@dataclass(frozen=True)
class Condition:
    """Where a number must lie: strictly between two ends, either of which may be absent.

    Attributes:
        of: what is measured.
        less: a second measurement, subtracted from the first end from end.
        above, below: the ends, as decimal numbers.
    """

    of: Comparison
    less: Comparison | None = None
    above: str | None = None
    below: str | None = None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What it needs."""
        return (self.of,) if self.less is None else (self.of, self.less)

    def outcome(self, found: Interval | None) -> Outcome:
        """What an interval says of it.

        >>> c = Condition(Comparison("nli", "snli", "ece", ("at", None)), above="0")
        >>> [c.outcome(Interval(Fraction(a), Fraction(b))).value for a, b in ((1, 2), (0, 1))]
        ['holds', 'open']
        >>> c.outcome(Interval(Fraction(-1), Fraction(0))), c.outcome(None)
        (<Outcome.FAILS: 'fails'>, <Outcome.MISSING: 'missing'>)
        """
        if found is None:
            return Outcome.MISSING
        over = self.above is None or found.low > Fraction(self.above)
        under = self.below is None or found.high < Fraction(self.below)
        if over and under:
            return Outcome.HOLDS
        too_low = self.above is not None and found.high <= Fraction(self.above)
        too_high = self.below is not None and found.low >= Fraction(self.below)
        return Outcome.FAILS if too_low or too_high else Outcome.OPEN


@dataclass(frozen=True)
class Case:
    """One place where the sentence is tested: all of its conditions must hold there."""

    name: str
    conditions: tuple[Condition, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that it looks at."""
        return tuple(dict.fromkeys(c.task for k in self.conditions for c in k.comparisons))


@dataclass(frozen=True)
class Test:
    """Cases, and in how many of them the sentence must hold."""

    quantifier: Quantifier
    cases: tuple[Case, ...]

    __test__ = False

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Everything that it needs, each once."""
        every = (c for case in self.cases for k in case.conditions for c in k.comparisons)
        return tuple(dict.fromkeys(every))


def all_of(outcomes: Sequence[Outcome]) -> Outcome:
    """Of conditions together: one that fails is enough against, one missing leaves it missing."""
    for outcome in (Outcome.FAILS, Outcome.MISSING, Outcome.OPEN):
        if outcome in outcomes:
            return outcome
    return Outcome.HOLDS


def quantified(quantifier: Quantifier, outcomes: Sequence[Outcome]) -> Outcome:
    """Of cases together: what no case still undecided could change is decided.

    >>> holds, fails, missing = Outcome.HOLDS, Outcome.FAILS, Outcome.MISSING
    >>> [quantified(q, [holds, holds, missing]).value for q in ("every", "most", "some")]
    ['missing', 'holds', 'holds']
    >>> [quantified(q, [fails, fails, missing]).value for q in ("every", "most", "some")]
    ['fails', 'fails', 'missing']
    """
    holds, fails = outcomes.count(Outcome.HOLDS), outcomes.count(Outcome.FAILS)
    enough: Mapping[Quantifier, bool] = {
        "every": holds == len(outcomes),
        "most": 2 * holds > len(outcomes),
        "some": holds > 0,
    }
    lost: Mapping[Quantifier, bool] = {
        "every": fails > 0,
        "most": 2 * (len(outcomes) - fails) <= len(outcomes),
        "some": fails == len(outcomes),
    }
    if enough[quantifier] or lost[quantifier]:
        return Outcome.HOLDS if enough[quantifier] else Outcome.FAILS
    return Outcome.MISSING if Outcome.MISSING in outcomes else Outcome.OPEN
