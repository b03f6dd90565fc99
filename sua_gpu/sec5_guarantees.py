"""Section 5, guarantees: contracts as in :mod:`sua_ref.sec5_guarantees`.

Counts are taken on the device by one sort. The binomial tails are summed in double by a route of
their own, with an error bound that is added before any comparison; where it could matter the tail
is summed again in integers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import torch
from torch import Tensor

from sua_gpu import checks
from sua_ref.results import Infeasible, Threshold

_EPS = torch.finfo(torch.float64).eps


def sensitivity_upper_bound(
    samples: Tensor,
    *,
    confidence: float,
    method: str = "bernstein",
    d_max: float | Tensor,
    validate: bool = True,
) -> Tensor:
    """An upper confidence bound for S(x) (see :func:`sua_ref.sensitivity_upper_bound`)."""
    checks.choice(method, ("bernstein", "hoeffding"), "method")
    z = checks.working_dtype(samples, "samples")
    least = 2 if method == "bernstein" else 1
    if z.ndim == 0 or z.shape[-1] < least:
        raise ValueError(f"samples: shape {tuple(z.shape)}; {method} needs K >= {least}")
    top = checks.tensor(d_max, "d_max").to(z)
    if top.ndim and top.shape != z.shape[:-1]:
        raise ValueError(f"d_max: shape {tuple(top.shape)}; wanted () or {tuple(z.shape[:-1])}")
    if validate and not bool(((top > 0) & top.isfinite()).all()):
        raise ValueError(f"d_max: {d_max} is not above 0 and finite")
    checks.within(z, "samples", top.unsqueeze(-1), validate=validate)
    surprise = -math.log(_level(confidence))
    k = z.shape[-1]
    if method == "hoeffding":
        margin = top * math.sqrt(surprise / (2 * k))
    else:
        surprise += math.log(2)
        spread = z.var(-1, correction=1) * (2 * surprise / k)
        # The root's derivative at 0 is infinite; a row without spread has none of its own.
        root = torch.where(spread > 0, spread, 1.0).sqrt()
        margin = torch.where(spread > 0, root, 0.0) + 7 * top * surprise / (3 * (k - 1))
    return torch.minimum(z.mean(-1) + margin, top)


def choose_threshold(
    scores: Tensor,
    errors: Tensor,
    *,
    target_risk: Any,
    confidence: Any,
    grid: Tensor | Sequence[float],
    method: str = "clopper-pearson",
    correction: str = "fixed_sequence",
) -> Threshold | Infeasible:
    """A threshold with a promised risk (see :func:`sua_ref.choose_threshold`)."""
    checks.choice(method, ("clopper-pearson", "crc"), "method")
    checks.choice(correction, ("fixed_sequence", "bonferroni"), "correction")
    risk = _rational(target_risk, "target_risk")
    if risk >= 1:
        raise ValueError(f"target_risk: {target_risk} is not below 1")
    crc = method == "crc"
    level = Fraction(0) if crc and confidence is None else _level(confidence)
    s = _vector(scores, "scores")
    taus = _vector(torch.as_tensor(grid, dtype=torch.float64, device=s.device), "grid")
    pairs = _answered_and_wrong(s, checks.binary(errors, s, "errors"), taus)
    n, values = len(s), taus.tolist()
    if crc:
        ratios = [Fraction(k + 1, n + 1) for _, k in pairs]
        passed = [j for j, ratio in enumerate(ratios) if ratio <= risk]
        tested = range(len(ratios))
        limits: Sequence[Any] = ratios
    else:
        level = level / len(pairs) if correction == "bonferroni" else level
        passed, tested = _tested(pairs, risk, level, stop=correction == "fixed_sequence")
        limits = [_tail(*pairs[j], risk)[1] for j in tested]
    j = max(passed, key=values.__getitem__) if passed else min(tested, key=limits.__getitem__)
    answered, wrong = pairs[j]
    shared: dict[str, Any] = {
        "tau": values[j],
        "n": n,
        "answered": answered,
        "errors": wrong,
        "p_value": None if crc else limits[j],
        "upper_limit": _round_up(limits[j]) if crc else _upper_limit(answered, wrong, level),
        "target_risk": target_risk,
        "confidence": None if crc else confidence,
        "method": method,
        "correction": None if crc else correction,
    }
    if passed:
        return Threshold(coverage=answered / n, **shared)
    bar = f"target {target_risk}" if crc else f"level {float(level):.3g}"
    said = f"{wrong} errors among {answered} answers of {n} rows: {float(limits[j]):.3g}"
    return Infeasible(reason=f"at tau = {values[j]}: {said} is above the {bar}", **shared)


def _vector(x: Tensor, name: str) -> Tensor:
    """A vector without NaN, widened exactly to double, in which thresholds are compared."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: a torch tensor wanted, got {type(x).__name__}")
    if x.ndim != 1 or x.numel() == 0:
        raise ValueError(f"{name}: a vector of at least one entry wanted, got {tuple(x.shape)}")
    wide = x.detach().double()
    if bool(wide.isnan().any()):
        raise ValueError(f"{name}: row {int(wide.isnan().nonzero()[0])} is nan")
    return wide


def _answered_and_wrong(s: Tensor, marks: Tensor, taus: Tensor) -> list[tuple[int, int]]:
    """For each threshold, the rows with a score at or below it and the errors among them."""
    ordered, order = s.sort()
    wrong = torch.nn.functional.pad(marks[order].long().cumsum(0), (1, 0))
    answered = torch.searchsorted(ordered, taus, right=True)
    return list(zip(answered.tolist(), wrong[answered].tolist(), strict=True))


def _rational(value: Any, name: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: a real number wanted, got {type(value).__name__} {value!r}")
    if not 0 <= value < math.inf:
        raise ValueError(f"{name}: {value} is not in [0, 1]")
    return Fraction(value if isinstance(value, Rational) else float(value))


def _level(confidence: Any) -> Fraction:
    level = 1 - _rational(confidence, "confidence")
    if not 0 < level < 1:
        raise ValueError(f"confidence: {confidence} is not in (0, 1)")
    return level


def _tested(
    pairs: Sequence[tuple[int, int]], risk: Fraction, level: Fraction, *, stop: bool
) -> tuple[list[int], range]:
    """Which thresholds pass, and which were tested, up to the first failure where ``stop``."""
    passed: list[int] = []
    for j, (n, k) in enumerate(pairs):
        if _at_most(n, k, risk, level):
            passed.append(j)
        elif stop:
            return passed, range(j + 1)
    return passed, range(len(pairs))


def _at_most(n: int, k: int, risk: Fraction, level: Fraction) -> bool:
    low, high = _tail(n, k, risk)
    if high <= level or low > level:
        return high <= level
    return _exactly(n, k, risk) <= level


def _exactly(n: int, k: int, r: Fraction) -> Fraction:
    """``P(Bin(n, r) <= k)`` in integers, by Horner's rule."""
    hit, miss, whole = r.numerator, r.denominator - r.numerator, r.denominator
    total, choose, power = 0, 1, 1
    for i in range(k + 1):
        total = total * miss + choose * power
        choose, power = choose * (n - i) // (i + 1), power * hit
    return Fraction(total * miss ** (n - k), whole**n)


def _tail(n: int, k: int, risk: Fraction) -> tuple[float, float]:
    """Doubles below and above ``P(Bin(n, risk) <= k)``."""
    hit, miss = float(risk), float(1 - risk)
    if k == n or risk == 0:
        return 1.0, 1.0
    if min(hit, miss) < 1e-300:
        exact = _exactly(n, k, risk)
        return -_round_up(-exact), _round_up(exact)
    if k < (n + 1) * risk:
        return _falling_terms(n, k, hit, miss)
    low, high = _falling_terms(n, n - k - 1, miss, hit)
    return math.nextafter(max(1 - high, 0.0), 0.0), min(1.0, math.nextafter(1 - low, 2.0))


def _falling_terms(n: int, k: int, hit: float, miss: float) -> tuple[float, float]:
    """Doubles around ``P(Bin(n, hit) <= k)``, k < (n+1) hit: its last term times a falling sum.

    The logarithm of the term adds fewer than 16 quantities, none above n + 2 times the sum of the
    logarithms below, each rounded a few times (a logarithm within two units in the last place; hit
    and miss, once each). A product of k ratios of seven roundings each, and their sum, add 8 k.
    """
    last = _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)
    last += k * math.log(hit) + (n - k) * math.log(miss)
    size = 1 + math.log(n + 2) - math.log(hit) - math.log(miss)
    error = _EPS * (16 * (n + 2) * size + 8 * (k + 2))
    i = torch.arange(k, 0, -1, dtype=torch.float64)
    ratios = i * miss / ((n - i + 1) * hit)
    value = math.exp(last) * (1 + float(ratios.cumprod(0).sum()))
    # A term that underflowed, and e^x itself, are within one smallest normal and one unit.
    tiny = torch.finfo(torch.float64).tiny
    return max(value * (1 - 2 * error) - tiny, 0.0), min(value * (1 + 2 * error) + tiny, 1.0)


def _log_factorial(n: int) -> float:
    """``log n!``: exactly rounded where short, else Stirling's series, which errs by less than its
    first omitted term, 1/(1680 n^7) < 1e-19."""
    if n < 256:
        return math.log(math.factorial(n))
    series = 1 / (12 * n) - 1 / (360 * n**3) + 1 / (1260 * n**5)
    return n * math.log(n) - n + math.log(2 * math.pi * n) / 2 + series


def _upper_limit(n: int, k: int, level: Fraction) -> float:
    """A double at which the tail is certainly at most ``level``, the least by bisection."""
    if k == n:
        return 1.0
    bad, good = 0.0, 1.0
    while bad < (middle := (bad + good) / 2) < good:
        if _tail(n, k, Fraction(middle))[1] <= level:
            good = middle
        else:
            bad = middle
    return good


def _round_up(x: Fraction) -> float:
    nearest = float(x)
    return nearest if nearest >= x else math.nextafter(nearest, math.inf)
