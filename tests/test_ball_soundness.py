"""Soundness of every public function on balls: the value at each interior point is enclosed.

A case is an exact one (rows of dyadic rationals that sum to 1) made wide. The interior points of a
row are ``(1 - s) m + s w`` for other rows w and 0 <= s <= radius: exact rows that sum to 1, whose
entries stay within the balls. A refusal (:class:`Undecided`) is sound.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import Undecided
from tests.mirror_cases import ELSEWHERE, FUNCTIONS, Scene, Seeded, cases, keywords, numbers
from tests.strategies import Floats, dyadic_rows

NOT_ON_BALLS = {
    "accuracy": "integers",
    "robust_accuracy": "integers",
    "ambiguity_proxy": "integers or strings",
    "temperature_scale": "floats only",
    "is_pointwise_robust": "scalars: see the decisions below",
    "decide": "an Interval",
    **dict.fromkeys((n for n in FUNCTIONS if n.endswith("_enclosure")), "lists of floats"),
}
"""Public functions that take no arrays of balls, each with what it takes."""
ON_BALLS = [n for n in FUNCTIONS if n not in NOT_ON_BALLS and n not in ELSEWHERE]
LOOSE = {
    "logits", "perturbed_logits", "scores", "confidence", "ambiguity", "predictive_entropy",
    "sensitivity", "entropy", "flips",
}  # fmt: skip
"""Parameters whose entries are free of one another."""
RADII = [0.0, 2.0**-40, 2.0**-20, 2.0**-6, 2.0**-3, 2.0**-2]


def _is_rows(key: str, a: Any) -> bool:
    whole = a.reshape(len(a), -1) if key == "joint" else a
    return key not in LOOSE and a.dtype.kind == "f" and bool((whole.sum(axis=-1) == 1).all())


def _ball(v: float, radius: float) -> Any:
    return arb(v, radius) if np.isfinite(v) else arb(v)


def _widen(key: str, a: Any, radius: float) -> Any:
    free = key in LOOSE or _is_rows(key, a)
    return np.asarray(np.frompyfunc(lambda v: _ball(v, radius if free else 0.0), 1, 1)(a))


def _exact(v: Fraction) -> Any:
    return arb(v.numerator) / v.denominator  # a power of two: exact


def _point(data: st.DataObject, key: str, a: Any, radius: float) -> Any:
    """An exact array within the balls around ``a``."""
    share = Fraction(radius) * data.draw(st.integers(0, 8)) / 8
    if _is_rows(key, a):
        shape = (-1, a[0].size) if key == "joint" else (-1, a.shape[-1])
        rows = [
            [(1 - share) * Fraction(m) + share * Fraction(w) for m, w in zip(r, other, strict=True)]
            for r in a.reshape(shape)
            for other in [data.draw(dyadic_rows(len(r)))]
        ]
        return np.array([_exact(v) for r in rows for v in r], dtype=object).reshape(a.shape)

    def moved(v: float) -> Any:
        if not np.isfinite(v) or key not in LOOSE:
            return arb(v)
        at = Fraction(v) + share * data.draw(st.sampled_from([-1, 0, 1]))
        if key in ("confidence", "flips", "entropy"):
            at = max(at, Fraction(0))
        return _exact(min(at, Fraction(1)) if key in ("confidence", "flips") else at)

    return np.asarray(np.frompyfunc(moved, 1, 1)(a))


def _replace(given: dict[str, Any], change: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {
        k: change(k, v) if isinstance(v, np.ndarray) and v.dtype.kind == "f" else v
        for k, v in given.items()
    }


@pytest.mark.parametrize("name", ON_BALLS)
@given(data=st.data())
def test_the_result_contains_the_value_at_every_interior_point(
    name: str, data: st.DataObject
) -> None:
    function = getattr(sua_ref, name)
    given = data.draw(cases(name, dyadic=True))
    radii = {key: data.draw(st.sampled_from(RADII)) for key in given}
    try:
        result = list(numbers(function(**_replace(given, lambda k, a: _widen(k, a, radii[k])))))
    except (Undecided, ValueError):  # refused: at overlapping balls, or at coverage 0
        return
    for _ in range(4):
        point = _replace(given, lambda k, a: _point(data, k, a, radii[k]))
        with ctx.workprec(400):
            values = list(numbers(function(**point)))
        for ball, value in zip(result, values, strict=True):
            if isinstance(ball, arb):
                assert not ball.is_finite() or ball.overlaps(arb(value)), (name, ball, value)
            else:
                assert ball == value, (name, ball, value)


class Interior(Seeded):
    """Rows of dyadic rationals that sum to 1, none below 1/64; moderate logits."""

    def row(self, n: int) -> Floats:
        return (1 + self.rng.multinomial(64 - n, np.full(n, 1 / n))) / 64.0

    def beside(self, row: Floats) -> Floats:
        return self.row(len(row))


@pytest.mark.parametrize("name", ON_BALLS)
def test_narrow_balls_give_narrow_answers(name: str) -> None:
    """An enclosure of everything would be sound and useless: at rows bounded away from 0 by 1/64 no
    derivative exceeds a few thousand (that of chi-squared, 64^2)."""
    radius = 2.0**-40
    for seed in range(3):
        given = keywords(name, Scene(Interior(seed)))
        balls = _replace(given, lambda k, a: _widen(k, a, radius))
        try:
            result = list(numbers(getattr(sua_ref, name)(**balls)))
        except (Undecided, ValueError):  # ties among the scores; coverage 0
            continue
        for ball in result:
            if isinstance(ball, arb):
                assert ball.is_finite(), (name, ball)
                assert ball.rad() <= arb(2.0**-24) * (1 + abs(ball)), (name, ball)


WIDE = np.array([arb(0.5, 0.125), arb(0.5, 0.125)], dtype=object)
HALF = np.array([arb(0.5), arb(0.5)], dtype=object)
MARKS = {"scores": WIDE, "errors": [0, 1]}
ONE, YES = np.array([arb(1)], dtype=object), np.array([[True]])
COIN = sua_ref.FiniteWorld(ONE, ONE[None], HALF[None, None], WIDE[None], ONE[None], YES)
"""One input whose model is so wide that nothing about it is decided."""
CLAIMED: dict[str, Any] = {"lam": 1, "lipschitz": 1}
DECIDES: dict[str, dict[str, Any]] = {
    "choose_threshold": {
        **MARKS, "target_risk": 0.5, "confidence": 0.5, "grid": [0.5],
    },
    "cor_4_4": {"world": COIN, **CLAIMED, "phi": lambda h: h, "risk": "argmax"},
    "lem_4_6": {
        "p": WIDE, "p_z": ONE, "p_y_given_z": HALF[None], "alpha": 0, "beta": arb(2).log(),
    },
    "lem_4_7_general": {
        "p": WIDE, "perturbed": HALF[None], "after": WIDE, "perturbed_after": HALF[None],
    },
    "lem_4_7_risk": {"p": WIDE, "after": WIDE, "p_true": HALF},
    "population_calibration_error": {"world": COIN},
    "prop_4_8": {"world": COIN, **CLAIMED, "tau": arb(-0.6)},
    "thm_4_3_eq_10": {
        "p": WIDE, "perturbed": HALF[None], "p_true": HALF, "lipschitz": 1, "phi": lambda h: h,
    },
    "thm_4_5": {"world": COIN, "lam": 1},
    "abstain": {"scores": WIDE, "tau": 0.5},
    "ambiguity_collapse": {"ambiguity": WIDE, "predictive_entropy": HALF, "alpha": 0.5, "beta": 1},
    "argmax_risk": {"p": WIDE, "p_true": HALF},
    "augrc": MARKS,
    "aurc": MARKS,
    "expected_calibration_error": {"confidence": WIDE, "correct": [1, 0], "n_bins": 2},
    "failure_auroc": MARKS,
    "failure_signature": {
        "sensitivity": WIDE, "entropy": HALF, "thresholds": {"sensitivity": 0.5, "entropy": 0.1},
    },
    "is_distributionally_robust": {
        "p": HALF, "perturbed": WIDE[None], "delta": 0.1, "divergence": "tv",
    },
    "is_label_invariant": {"p_true": HALF, "p_true_perturbed": WIDE[None], "delta": 0.0625},
    "is_pointwise_robust": {
        "output": arb(0), "perturbed_outputs": [arb(0.5, 0.125)], "delta": 0.5,
        "metric": lambda a, b: abs(a - b),
    },
    "is_semantics_preserving": {"p_z": HALF, "p_z_perturbed": WIDE[None], "delta": 0.0625},
    "risk_coverage_curve": MARKS,
    "selective_accuracy": {"scores": WIDE, "correct": [0, 1], "coverage": 0.5},
    "selective_risk": {**MARKS, "tau": 0.5},
    "sua_score": {"p": HALF, "perturbed": HALF[None], "lam": arb(0, 1)},
    "sua_tr_loss": {
        "p": HALF[None], "perturbed": HALF[None, None], "labels": [0], "lam": 1, "a": arb(0, 1),
        "b": 1,
    },
    "thm_4_3_eq_11": {
        "p": WIDE, "perturbed": HALF[None], "p_true": HALF, "lam": 1, "lipschitz": 1,
        "phi": lambda h: h,
    },
    "worst_case_risk": {"p": WIDE, "perturbed": HALF[None], "p_true": HALF, "risk": "argmax"},
}  # fmt: skip
"""For each function that decides, balls on which it cannot. Add a new one here."""


def test_every_function_that_says_it_may_be_undecided_is_tried() -> None:
    said = {name for name in FUNCTIONS if "Undecided" in (getattr(sua_ref, name).__doc__ or "")}
    assert said <= set(DECIDES) <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(DECIDES))
def test_decisions_on_overlapping_balls_are_refused(name: str) -> None:
    with pytest.raises(Undecided):
        getattr(sua_ref, name)(**DECIDES[name])
