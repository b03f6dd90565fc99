"""Result types. They hold values and compute nothing, so the torch backend may share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Bound:
    """A claimed inequality ``lhs <= rhs``, evaluated, with the hypotheses it was claimed under.

    Attributes:
        lhs: value (or array) of the left side.
        rhs: value (or array) of the right side.
        hypotheses: for each hypothesis that can be read off the arguments, by claim id or by the
            words of the paper, whether it holds (decided, never by a float where the arguments are
            exact). Hypotheses about all distributions are the caller's to establish.
    """

    lhs: Any
    rhs: Any
    hypotheses: Mapping[str, Any]


class Temperature(NamedTuple):
    """A fitted temperature T > 0, and whether it lies at a boundary of the search interval."""

    value: float
    at_boundary: bool


class RiskCoverage(NamedTuple):
    """The risk-coverage curve at coverages 1/n, ..., 1: expected error of the points kept."""

    coverage: Any
    risk: Any


class FailureSignature(IntEnum):
    """The signatures of Appendix C, and the one its table leaves out."""

    SENSITIVITY = 0
    """high S, low H: a small perturbation shifts a confident output"""
    INVARIANCE = 1
    """low S, low H: no signal; a failure here is invisible to S and H"""
    EPISTEMIC = 2
    """low S, high H: the model is stable and says that it does not know"""
    AMBIGUITY_COLLAPSE = 3
    """low S, low H, high A: several valid answers, one confident output"""
    EXPRESSED = 4
    """high S, high H: unstable, and the uncertainty says so (section 7.3)"""


@dataclass(frozen=True)
class Interval:
    """All that is certain of a number: it lies between ``low`` and ``high``.

    Attributes:
        low, high: float64 rounded outward, low <= high; an end may be infinite.
        sharp: whether what is given says no more: both ends are attained by distributions that fit
            the given lists, or approached by them, up to a multiple of the lists' rounding. False
            means that this is not known.
    """

    low: float
    high: float
    sharp: bool


class Decision(Enum):
    """What an interval of scores decides about a threshold."""

    ANSWER = "answer"
    """every score of the interval is at or below the threshold"""
    ABSTAIN = "abstain"
    """every score of the interval is above it"""
    UNDETERMINED = "undetermined"
    """neither: ask for more, or choose by name what to do"""


@dataclass(frozen=True)
class Threshold:
    """An abstention threshold with a guarantee, and everything that the guarantee was read from.

    Attributes:
        tau: the threshold: answer where the score is at or below it.
        coverage: share of the calibration rows that it answers, ``answered / n``.
        n: calibration rows.
        answered: rows with a score at or below tau.
        errors: wrong answers among these.
        p_value: upper bound, tight to the last float, of ``P(Bin(answered, target_risk) <=
            errors)``; None for ``"crc"``.
        upper_limit: what was held against the target. ``"clopper-pearson"``: the upper limit of
            the selective risk at the level of the test (of this tau alone). ``"crc"``: ``(errors +
            1)/(n + 1)``. Rounded up.
        target_risk, confidence, method, correction: as asked; the last two that do not apply to
            ``"crc"`` are None.
    """

    tau: Any
    coverage: float
    n: int
    answered: int
    errors: int
    p_value: float | None
    upper_limit: float
    target_risk: Any
    confidence: Any
    method: str
    correction: str | None


@dataclass(frozen=True)
class Infeasible:
    """No threshold of the grid passed: answer nothing, and the target is met.

    Attributes:
        reason: why, in words and numbers.
        tau, answered, errors: the threshold tested that came closest, and its counts.
        n, p_value, upper_limit, target_risk, confidence, method, correction: as for
            :class:`Threshold`, of that threshold.
    """

    reason: str
    tau: Any
    n: int
    answered: int
    errors: int
    p_value: float | None
    upper_limit: float
    target_risk: Any
    confidence: Any
    method: str
    correction: str | None
