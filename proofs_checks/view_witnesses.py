"""Pairs of views where the bounds of n_2 are equalities, and truths that a pool gains from."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.evidence import Row
from sua_ref import (
    argmax_risk,
    jensen_shannon_divergence,
    kl_divergence,
    squared_hellinger,
    total_variation,
)

_LEFT = (Fraction(4, 5), Fraction(1, 5))
_RIGHT = (Fraction(1, 5), Fraction(4, 5))
_MIDDLE = (Fraction(1, 2), Fraction(1, 2))
"""The mean of the two, and by symmetry their normalised geometric mean."""


def _exact(values: Any) -> Any:
    return np.array(values, dtype=object)


def _mean_of(f: Callable[[Any, Any], Any], *, truth_first: bool, exact: bool) -> Any:
    """The mean of f over the two views, against the middle."""
    make = _exact if exact else balls.balls
    p = make(_MIDDLE)
    found = [f(p, q) if truth_first else f(q, p) for q in (make(_LEFT), make(_RIGHT))]
    return (found[0] + found[1]) / 2


def _near(found: Any, wanted: Any) -> list[str]:
    fine = found.overlaps(wanted) and found.rad() < 1e-12
    return [] if fine else [f"{found}, not {wanted}"]


def _tv() -> list[str]:
    """E TV(q, p) = 3/10 = TV(q, q')/2."""
    left = _mean_of(total_variation, truth_first=False, exact=True)
    s = total_variation(_exact(_LEFT), _exact(_RIGHT))
    return [] if left == s / 2 == Fraction(3, 10) else [f"{left} and {s}"]


def _kl() -> list[str]:
    left = _mean_of(kl_divergence, truth_first=False, exact=False)
    return _near(left, jensen_shannon_divergence(balls.balls(_LEFT), balls.balls(_RIGHT)))


def _bhattacharyya() -> Any:
    """``-log sum sqrt(q q')``."""
    return -(1 - squared_hellinger(balls.balls(_LEFT), balls.balls(_RIGHT))).log()


def _log_loss() -> list[str]:
    """BC = 4/5: the mean of KL(p, q) is log(5/4)."""
    left = _mean_of(kl_divergence, truth_first=True, exact=False)
    return _near(left, _bhattacharyya()) + _near(left, balls.log(Fraction(5, 4)))


def _square(p: Any, q: Any) -> Any:
    return sum((p - q) * (p - q))


def _brier() -> list[str]:
    left = _mean_of(_square, truth_first=True, exact=True)
    whole = _square(_exact(_LEFT), _exact(_RIGHT))
    return [] if left == whole / 4 == Fraction(9, 50) else [f"{left} and {whole}"]


def _zero_one() -> list[str]:
    """Two answers, a coin: the error is 1/2, and every pair flips."""
    risks = {argmax_risk(_exact(q), _exact(_MIDDLE)) for q in (_LEFT, _RIGHT)}
    return [] if risks == {Fraction(1, 2)} else [f"risks {risks}"]


def _three_views() -> list[str]:
    """Answers 0, 0, 1 and the truth certain of 0: error 1/3, the commonest answer has 2/3."""
    truth = _exact((Fraction(1), Fraction(0)))
    risks = [argmax_risk(_exact(q), truth) for q in (_LEFT, _LEFT, _RIGHT)]
    return [] if sum(risks) / 3 == 1 - Fraction(2, 3) else [f"risks {risks}"]


_ONE_WAY = (Fraction(7, 10), Fraction(1, 5), Fraction(1, 10))
_THE_OTHER = (Fraction(1, 5), Fraction(7, 10), Fraction(1, 10))
_THIRDS = (Fraction(1, 3),) * 3
_OFF: list[Row] = [("q, q'", "(7, 2, 1)/10, (2, 7, 1)/10"), ("p", "(1, 1, 1)/3")]


def _strictly(left: Callable[[Any, Any], Any], bound: Callable[..., Any], least: str) -> list[str]:
    """``least < bound < left``, the mean of ``left(q, p)`` over two views; in balls."""

    def means() -> tuple[Any, Any]:
        views, p = [balls.balls(v) for v in (_ONE_WAY, _THE_OTHER)], balls.balls(_THIRDS)
        return (left(views[0], p) + left(views[1], p)) / 2, bound(*views)

    answers = {
        f"the bound > {least}": decide(lambda: greater(means()[1], balls.ball(Fraction(least)))),
        "the mean > the bound": decide(lambda: greater(*means())),
    }
    return [f"{what} is {answer.value}" for what, answer in answers.items()
            if answer is not Truth.TRUE]  # fmt: skip


def _coefficient(*views: Any) -> Any:
    """``-log Z`` of the geometric mean."""
    k = balls.ball(Fraction(1, len(views)))
    return -sum((prod(column) ** k for column in zip(*views, strict=True)), balls.ball(0)).log()


def _log_loss_off(views: int) -> list[str]:
    """K = 3: the truth is a view as well."""
    extra = [balls.balls(_THIRDS)] * (views - 2)
    share = balls.ball(Fraction(2, views))  # the third view has no excess
    return _strictly(
        lambda q, p: share * kl_divergence(p, q), lambda *two: _coefficient(*two, *extra),
        "7/50" if views == 2 else "9/100",
    )  # fmt: skip


def _errors(answers: tuple[int, ...], bound: Fraction) -> list[str]:
    """Under three equally likely labels two answers of three are wrong; not equality."""
    views = {0: _ONE_WAY, 1: _THE_OTHER}
    risks = [argmax_risk(_exact(views[y]), _exact(_THIRDS)) for y in answers]
    return [] if sum(risks) / len(risks) == Fraction(2, 3) > bound > 0 else [f"risks {risks}"]


_Piece = tuple[str, Callable[[], list[str]], list[Row]]
_VIEWS: list[Row] = [("q, q'", "(4/5, 1/5), (1/5, 4/5)"), ("p", "(1/2, 1/2)")]
_AT = "equality: (4, 1)/5 and (1, 4)/5, the truth in the middle"
_BESIDE = "(7, 2, 1)/10 and (2, 7, 1)/10, all labels equally likely: "
WITNESSES: dict[str, tuple[_Piece, _Piece]] = {
    "n_2.tv": (
        (_AT, _tv, _VIEWS),
        (
            _BESIDE + "1/4, and below the mean", lambda: _strictly(
                total_variation, lambda q, r: total_variation(q, r) / 2, "24/100"
            ), _OFF,
        ),
    ),
    "n_2.kl": (
        (_AT, _kl, _VIEWS),
        (
            _BESIDE + "above .14, and below the mean",
            lambda: _strictly(kl_divergence, jensen_shannon_divergence, "14/100"), _OFF,
        ),
    ),
    "n_2.log_loss": (
        (_AT, _log_loss, _VIEWS),
        (_BESIDE + "above .14, and below the mean", lambda: _log_loss_off(2), _OFF),
    ),
    "n_2.brier": (
        (_AT, _brier, _VIEWS),
        (
            _BESIDE + "1/8, and below the mean",
            lambda: _strictly(_square, lambda q, r: _square(q, r) / 4, "12/100"), _OFF,
        ),
    ),
    "n_2.zero_one": (
        (_AT, _zero_one, _VIEWS),
        (_BESIDE + "1/2 of 2/3", lambda: _errors((0, 1), Fraction(1, 2)), _OFF),
    ),
    "n_2.views_log_loss": (
        (_AT + ", K = 2", _log_loss, _VIEWS),
        (_BESIDE + "K = 3 with the truth, above .09, and below the mean",
         lambda: _log_loss_off(3), _OFF),
    ),
    "n_2.views_zero_one": (
        (
            "equality: answers 0, 0, 1 and the truth certain of 0", _three_views,
            [("answers", "0, 0, 1"), ("p", "(1, 0)")],
        ),
        (
            "answers 0, 0, 1, three labels equally likely: 1/3 of 2/3",
            lambda: _errors((0, 0, 1), Fraction(1, 3)),
            [("answers", "0, 0, 1"), ("p", "(1, 1, 1)/3")],
        ),
    ),
}  # fmt: skip
"""By claim, where the bound is an equality, and where it says something and is none."""

_SKEWED = (Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 10), Fraction(9, 10))
_CERTAIN = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))
TWO_TRUTHS: list[Row] = [("q, q'", "(1/2, 1/2), (1/10, 9/10)"), ("p", "(1, 0); (0, 1)")]


def _gain(truth: Any) -> Any:
    """What the arithmetic mean of the skewed views gains in log-loss."""
    p, q, r = balls.balls(truth), *(balls.balls(view) for view in _SKEWED)
    return (kl_divergence(p, q) + kl_divergence(p, r)) / 2 - kl_divergence(p, (q + r) / 2)


def arithmetic_log_loss() -> list[str]:
    """The gain under one truth exceeds that under the other."""
    answer = decide(lambda: greater(_gain(_CERTAIN[0]), _gain(_CERTAIN[1])))
    return [] if answer is Truth.TRUE else [f"the comparison is {answer.value}"]


_ROOTS = (Fraction(4, 5), Fraction(1, 5)), (Fraction(1, 2), Fraction(1, 2))
_POOLED = (Fraction(2, 3), Fraction(1, 3))
"""(4, 1)/5 and (1, 1)/2: the roots of the products are as 2 to 1."""
TWO_TRUTHS_OF_GEOMETRIC: list[Row] = [
    ("q, q', g", "(4/5, 1/5), (1/2, 1/2), (2/3, 1/3)"), ("p", "(1, 0); (0, 1)"),
]  # fmt: skip


def geometric_brier() -> list[str]:
    """g = (2, 1)/3 in Fractions; the gains under the two truths differ."""
    q, r = _ROOTS
    ratio = (q[0] * r[0]) / (q[1] * r[1])
    faults = [] if ratio == (_POOLED[0] / _POOLED[1]) ** 2 else [f"ratio {ratio}"]
    gains = []
    for truth in _CERTAIN:
        p = _exact(truth)
        mean = (_square(p, _exact(q)) + _square(p, _exact(r))) / 2
        gains.append(mean - _square(p, _exact(_POOLED)))
    return faults + ([] if gains[0] != gains[1] else [f"gains {gains}"])
