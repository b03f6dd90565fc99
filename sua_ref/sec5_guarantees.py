"""Section 5, guarantees: sensitivity from few perturbations, abstention at a promised risk.

Both rest on independent draws alone: on nothing about the model, the scores or their calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sua_ref import checks
from sua_ref.binomial import Count, counts, rounded_up
from sua_ref.cells import log, square_root
from sua_ref.elements import (
    Array,
    Value,
    at_most,
    dense_rank,
    elements,
    kind_of,
    like,
    smallest,
)
from sua_ref.results import Infeasible, Threshold

BOUNDS = ("bernstein", "hoeffding")
"""Empirical Bernstein, narrower where the samples vary little; Hoeffding, where K is small."""
METHODS = ("clopper-pearson", "crc")
CORRECTIONS = ("fixed_sequence", "bonferroni")


def sensitivity_upper_bound(
    samples: npt.ArrayLike, *, confidence: Any, method: str = "bernstein", d_max: Any
) -> Value:
    """Result n_9: an upper confidence bound for S(x) from the divergences at K sampled inputs.

    With mean M and sample variance V (divisor K - 1) of K independent draws from [0, D], and
    ``delta = 1 - confidence``, S(x) is with probability at least ``confidence`` at most

    * ``"hoeffding"``: ``M + D sqrt(log(1/delta) / (2 K))`` (Hoeffding 1963);
    * ``"bernstein"``: ``M + sqrt(2 V log(2/delta) / K) + 7 D log(2/delta) / (3 (K - 1))`` (Maurer
      and Pontil 2009, theorem 4).

    For the worst case over the ball no such bound exists short of D itself: a perturbation may be
    too rare to be drawn.

    Args:
        samples: ``(..., K)`` divergences: float64 or balls.
        confidence: in (0, 1).
        method: ``"bernstein"`` or ``"hoeffding"``. Choose before looking at the samples.
        d_max: D > 0, a number or ``(...)``: the largest value that the divergence can take; 1 for
            total variation, log 2 for JSD, or ``max_y D(p, delta_y)`` for the output p at hand.

    Returns:
        ``(...)`` in [0, D]: the bound, or D where that is smaller. float64 is right to a few
        roundings; on balls the upper end is rigorous.

    Raises:
        ValueError: a sample outside [0, D] (the row is named; a float64 may exceed D by a relative
            1e-12), a ``confidence`` outside (0, 1), K = 0, or K = 1 with ``"bernstein"``.
        TypeError: Fractions (a logarithm is needed).

    >>> z = [0.0] * 8
    >>> bound = sensitivity_upper_bound(z, confidence=0.95, method="hoeffding", d_max=1)
    >>> round(float(bound), 3)
    0.433
    >>> float(sensitivity_upper_bound(z, confidence=0.95, d_max=1))
    1.0
    """
    checks.choice(method, BOUNDS, "method")
    z = elements(samples, "samples")
    count = z.shape[-1] if z.ndim else 0
    if count < (2 if method == "bernstein" else 1):
        raise ValueError(f"samples: shape {z.shape}; {method} needs K >= {1 + (method[0] == 'b')}")
    top = _maximum(d_max, z)
    checks.within(z, "samples", 0, top[..., None], slack=checks.DIVERGENCE_ROUNDING)
    delta = 1 - _between(confidence, "confidence", z)
    surprise = log(np.asarray((1 if method == "hoeffding" else 2) / delta))
    mean = np.asarray(np.sum(z, axis=-1) / count)
    if method == "hoeffding":
        bound = mean + top * square_root(np.asarray(surprise / (2 * count)))
    else:
        off = z - mean[..., None]
        variance = np.sum(off * off, axis=-1) / (count - 1)
        bound = mean + square_root(np.asarray(2 * variance * surprise / count))
        bound = bound + 7 * top * surprise / (3 * (count - 1))
    both = np.stack([np.asarray(bound), np.broadcast_to(top, np.shape(bound))])
    return smallest(both, axis=0)


def _maximum(d_max: Any, z: Array) -> Array:
    top = elements(d_max, "d_max")
    if top.shape not in ((), z.shape[:-1]):
        raise ValueError(f"d_max: shape {top.shape}; wanted () or {z.shape[:-1]}")
    for value in top.ravel():
        checks.positive(value, "d_max")
    lifted = [like(value, z) for value in top.ravel()]
    return np.asarray(lifted, dtype=z.dtype).reshape(top.shape)


def _between(value: Any, name: str, example: Array) -> Array:
    checks.positive(checks.number(value, name, high=1), name)
    if not value < 1:
        raise ValueError(f"{name}: {value} is not below 1")
    return np.asarray(like(value, example), dtype=example.dtype)


def choose_threshold(
    scores: npt.ArrayLike,
    errors: npt.ArrayLike,
    *,
    target_risk: Any,
    confidence: Any,
    grid: npt.ArrayLike,
    method: str = "clopper-pearson",
    correction: str = "fixed_sequence",
) -> Threshold | Infeasible:
    """Result n_10: a threshold for "abstain iff score > tau" with a promised risk (section 5.4).

    The calibration rows are independent draws from the law on which the rule will run; scores and
    grid were fixed without them. k of the n_tau rows with a score <= tau are wrong.

    * ``"clopper-pearson"``: with probability at least ``confidence`` over the calibration rows, the
      selective risk ``P(wrong | answered)`` at the tau returned is at most ``target_risk``. Each
      tau is tested by the exact p-value ``P(Bin(n_tau, target_risk) <= k)``, at the level ``delta
      = 1 - confidence`` (Clopper and Pearson 1934; Geifman and El-Yaniv 2017; Learn then Test,
      Angelopoulos et al. 2021). Selective risk is not monotone in tau, hence a correction:

      - ``"fixed_sequence"`` tests the grid in the order given, up to the first tau that fails. Give
        the safest first, lowest tau upward, but begin where enough rows are answered: with n_tau
        answers and no error, ``(1 - target_risk)^n_tau <= delta`` must be possible (59 answers at
        5 % and 95 %). The order may not depend on these rows.
      - ``"bonferroni"`` tests each of the m taus at ``delta/m``; the order is irrelevant.

      Of the taus that pass the largest is returned.
    * ``"crc"``: the expected joint risk ``E P(answered and wrong)`` is at most ``target_risk``:
      conformal risk control (Angelopoulos et al. 2024) of a loss in {0, 1} that grows with tau.
      The largest tau with ``(k + 1)/(n + 1) <= target_risk``. It is a mean over calibration sets:
      ``confidence`` and ``correction`` play no part, and the result says None for both.

    No guarantee rests on rounding: counts are integers, float64 settings are the rationals that
    they store (0.3 lies below 3/10; give ``Fraction(3, 10)`` to mean that), and comparisons are
    decided exactly.

    Args:
        scores: ``(N,)``, higher meaning more likely to fail; infinities allowed.
        errors: ``(N,)`` of 0/1, 1 an error.
        target_risk: in [0, 1).
        confidence: in (0, 1); may be None for ``"crc"``.
        grid: ``(m,)`` thresholds.
        method: one of ``METHODS``.
        correction: one of ``CORRECTIONS``.

    Returns:
        :class:`Threshold`, or :class:`Infeasible` where no tau passes: then abstain always.

    Raises:
        ValueError: a NaN score or threshold, a bad mark, no rows, an empty grid, a setting out of
            range, or an unknown method.
        Undecided: a ball score that overlaps a threshold.

    >>> found = choose_threshold(
    ...     [0.1, 0.2, 0.3, 0.9], [0, 0, 0, 1], target_risk=0.5, confidence=0.8, grid=[0.3, 1.0]
    ... )
    >>> found.tau, found.coverage, found.errors, found.p_value
    (0.3, 0.75, 0, 0.125)
    """
    checks.choice(method, METHODS, "method")
    checks.choice(correction, CORRECTIONS, "correction")
    s = checks.scores(scores)
    marks = checks.binary(errors, len(s), "errors")
    taus = checks.scores(grid, "grid")
    risk = _rational(target_risk, "target_risk")
    if risk >= 1:
        raise ValueError(f"target_risk: {target_risk} is not below 1")
    crc = method == "crc"
    level = Fraction(0) if crc and confidence is None else _level(confidence)
    kept = [np.asarray(at_most(s, np.asarray(like(tau, s))), dtype=bool) for tau in taus]
    pairs = [(int(k.sum()), int(marks[k].sum())) for k in kept]
    found = _joint(pairs, len(s), risk) if crc else _selective(pairs, risk, level, correction)
    rank = dense_rank(taus)
    j = max(found.passed, key=lambda i: int(rank[i])) if found.passed else found.closest
    answered, wrong = pairs[j]
    shared: dict[str, Any] = {
        "tau": taus[j].item() if kind_of(taus) == "float64" else taus[j],
        "n": len(s),
        "answered": answered,
        "errors": wrong,
        "p_value": found.p_value(j),
        "upper_limit": found.upper_limit(j),
        "target_risk": target_risk,
        "confidence": None if crc else confidence,
        "method": method,
        "correction": None if crc else correction,
    }
    if found.passed:
        return Threshold(coverage=answered / len(s), **shared)
    return Infeasible(reason=f"at tau = {taus[j]}: {found.lacking(j)}", **shared)


class _Joint(NamedTuple):
    """Conformal risk control: the thresholds that pass, and the one that comes closest."""

    passed: list[int]
    closest: int
    limits: list[Fraction]
    risk: Fraction

    def p_value(self, j: int) -> None:
        return None

    def upper_limit(self, j: int) -> float:
        return rounded_up(self.limits[j])

    def lacking(self, j: int) -> str:
        return f"(errors + 1)/(n + 1) = {self.limits[j]} is above the target"


def _joint(pairs: Sequence[tuple[int, int]], n: int, risk: Fraction) -> _Joint:
    limits = [Fraction(k + 1, n + 1) for _, k in pairs]
    passed = [j for j, limit in enumerate(limits) if limit <= risk]
    return _Joint(passed, limits.index(min(limits)), limits, risk)


class _Selective(NamedTuple):
    """Exact binomial tests: the thresholds that pass, and the one tested that comes closest."""

    passed: list[int]
    closest: int
    tests: list[Count]
    risk: Fraction
    level: Fraction

    def p_value(self, j: int) -> float:
        return rounded_up(self.tests[j].tail(self.risk).high)

    def upper_limit(self, j: int) -> float:
        return self.tests[j].upper_limit(self.level)

    def lacking(self, j: int) -> str:
        test = self.tests[j]
        return (
            f"{test.k} errors among {test.n} answers, p-value {self.p_value(j):.3g} above "
            f"{float(self.level):.3g}"
        )


def _selective(
    pairs: Sequence[tuple[int, int]], risk: Fraction, level: Fraction, correction: str
) -> _Selective:
    tests = counts(pairs)
    if correction == "bonferroni":
        level = level / len(tests)
    passed, tested = [], 0
    for j, test in enumerate(tests):
        tested = j + 1
        if test.tail_at_most(risk, level):
            passed.append(j)
        elif correction == "fixed_sequence":
            break
    closest = 0
    if not passed:
        p_values = [test.tail(risk).high for test in tests[:tested]]
        closest = p_values.index(min(p_values))
    return _Selective(passed, closest, tests, risk, level)


def _level(confidence: Any) -> Fraction:
    """``1 - confidence``, exactly, in (0, 1)."""
    level = 1 - _rational(confidence, "confidence")
    if not 0 < level < 1:
        raise ValueError(f"confidence: {confidence} is not in (0, 1)")
    return level


def _rational(value: Any, name: str) -> Fraction:
    """The rational that a real number is: a float64 is what it stores."""
    checks.number(value, name, low=0)
    if not isinstance(value, (Rational, float, np.floating)):
        raise TypeError(
            f"{name}: a float or a rational wanted, got {type(value).__name__} {value!r}"
        )
    return Fraction(value if isinstance(value, Rational) else float(checks.finite(value, name)))
