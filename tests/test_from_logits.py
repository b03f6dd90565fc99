"""The siblings from logits: the same values, and the digits that a softmax loses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from tests.strategies import Floats, as_balls, logit_pairs
from tests.tolerances import CELL_SUM, EPS

PAIRWISE = {
    "kl": "kl_divergence_from_logits",
    "jsd": "jensen_shannon_divergence_from_logits",
    "tv": "total_variation_from_logits",
    "chi2": "chi2_divergence_from_logits",
    "hellinger2": "squared_hellinger_from_logits",
}


def _softmax(x: Floats) -> list[Any]:
    powers = [arb(0) if v == -math.inf else arb(float(v)).exp() for v in x]
    total = sum(powers, start=arb(0))
    return [v / total for v in powers]


def _close(value: float, truth: Any, tolerance: float) -> bool:
    if not truth.is_finite():
        return value == math.inf
    return bool(abs(arb(value) - truth) <= abs(truth) * arb(tolerance) + arb(1e-300))


@given(logit_pairs(), st.sampled_from(sorted(PAIRWISE)))
def test_divergences_from_logits_keep_their_digits(pair: tuple[Floats, Floats], kind: str) -> None:
    x, y = pair
    with ctx.workprec(1200):
        p, q = np.array(_softmax(x), dtype=object), np.array(_softmax(y), dtype=object)
        truth = sua_ref.divergence(p, q, kind=kind)
        value = float(getattr(sua_ref, PAIRWISE[kind])(x, y))
        # The log-ratio d has an absolute error of a few eps (1 + max |y - x|), and every cell is
        # at worst quadratic in it: for |y - x| <= 2000 (offsets cancel exactly) 1e-11 covers it.
        assert _close(value, truth, 1e-11), (value, truth)


@given(logit_pairs())
def test_entropy_and_confidence_from_logits_keep_their_digits(
    pair: tuple[Floats, Floats],
) -> None:
    x, _ = pair
    with ctx.workprec(1200):
        p = np.array(_softmax(x), dtype=object)
        entropy = float(sua_ref.entropy_from_logits(x))
        assert _close(entropy, sua_ref.entropy(p), CELL_SUM * 10)
        confidence = float(sua_ref.max_confidence_from_logits(x))
        assert _close(confidence, sua_ref.max_confidence(p), CELL_SUM)


@given(logit_pairs(), st.sampled_from(sorted(PAIRWISE)))
def test_equal_rows_give_exactly_zero_and_offsets_change_nothing(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    x, y = (np.round(v * 1024) / 1024 for v in pair)
    function = getattr(sua_ref, PAIRWISE[kind])
    assert function(x, x) == 0
    shifted = function(x, y + 4096.0)  # stays exactly representable
    assert float(shifted) == pytest.approx(float(function(x, y)), rel=1e-11)


@given(logit_pairs())
def test_balls_of_logits_enclose_the_float_values(pair: tuple[Floats, Floats]) -> None:
    x, y = (as_balls(v) for v in pair)
    s = sua_ref.sua_score_from_logits(x, np.stack([y]), lam=1, divergence="tv")
    value = float(sua_ref.sua_score_from_logits(pair[0], pair[1][None], lam=1, divergence="tv"))
    assert bool(abs(s - arb(value)) <= arb(1e-9))
    additive = sua_ref.additive_score_from_logits(x, np.stack([y]))
    value = float(sua_ref.additive_score_from_logits(pair[0], pair[1][None]))
    assert bool(abs(additive - arb(value)) <= arb(1e-9))


@pytest.mark.parametrize("offset", [0.0, 100.0, 1e4, 1e8])
@pytest.mark.parametrize("kind", sorted(PAIRWISE))
def test_an_offset_between_nearly_equal_rows_costs_no_digit(offset: float, kind: str) -> None:
    rng = np.random.default_rng(0)
    x = 2 * rng.normal(size=20)
    y = x + 1e-3 * rng.normal(size=20) + offset
    with ctx.workprec(1200):
        p, q = np.array(_softmax(x), dtype=object), np.array(_softmax(y), dtype=object)
        truth = sua_ref.divergence(p, q, kind=kind)
        assert _close(float(getattr(sua_ref, PAIRWISE[kind])(x, y)), truth, CELL_SUM)


@pytest.mark.parametrize("kind", sorted(PAIRWISE))
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0.0, 1.0, -math.inf], [0.0, 1.0, -30.0]),
        ([0.1, 0.7, -math.inf], [0.1 + 1e-8, 0.7, -80.0]),
        ([0.0, -100.0], [0.0, -math.inf]),
        ([0.0, -800.0], [0.0, -math.inf]),
        ([50.0, 0.0], [-math.inf, 0.0]),
    ],
)
def test_unequal_supports_keep_their_digits(x: list[float], y: list[float], kind: str) -> None:
    with ctx.workprec(3000):
        p, q = (np.array(_softmax(np.array(v)), dtype=object) for v in (x, y))
        truth = sua_ref.divergence(p, q, kind=kind)
        value = float(getattr(sua_ref, PAIRWISE[kind])(x, y))
        if truth.is_finite():
            assert _close(value, truth, CELL_SUM)
        else:
            assert value == math.inf


UNEQUAL = [
    ([0.0, -1.0, 2.0], [0.5, -math.inf, 1.0]),
    ([-math.inf, 1.0, 0.0], [3.0, 0.0, 0.0]),
    ([0.0, -math.inf, -2.0], [-math.inf, 0.0, -1.0]),
    ([1.0, 1.5, -3.0], [0.0, 2.0, 700.0]),
]


@pytest.mark.parametrize("kind", sorted(PAIRWISE))
def test_the_supports_of_one_row_say_nothing_about_another(kind: str) -> None:
    function = getattr(sua_ref, PAIRWISE[kind])
    x, y = (np.array(rows) for rows in zip(*UNEQUAL, strict=True))
    alone = [float(function(a, b)) for a, b in UNEQUAL]
    assert function(x, y).tolist() == alone
    assert function(x[:, None], y[:, None]).tolist() == [[value] for value in alone]


def test_infinity_is_decided_on_logits_not_on_underflow() -> None:
    assert float(sua_ref.kl_divergence_from_logits([0.0, 0.0], [0.0, -2000.0])) == pytest.approx(
        1000 - math.log(2), rel=CELL_SUM
    )
    assert sua_ref.kl_divergence_from_logits([0.0, 0.0], [0.0, -math.inf]) == math.inf
    assert float(sua_ref.kl_divergence_from_logits([0.0, -math.inf], [0.0, 0.0])) == math.log(2)
    assert sua_ref.kl_divergence_from_logits([0.0, -math.inf], [3.0, -math.inf]) == 0


def test_one_hot_like_rows_keep_their_tail() -> None:
    entropy = float(sua_ref.entropy_from_logits([0.0, -50.0]))
    tail = math.exp(-50)
    assert entropy == pytest.approx(tail * 51, rel=1e-10)  # h(e) = e (1 - log e) + O(e^2)
    additive = float(sua_ref.additive_score_from_logits([0.0, -50.0], [[0.0, -50.0]]))
    assert additive == pytest.approx(tail, rel=1e-10)


@given(logit_pairs(), st.floats(0.125, 4), st.sampled_from(["kl", "jsd", "tv"]))
def test_scores_and_losses_from_logits_agree_with_those_from_probabilities(
    pair: tuple[Floats, Floats], lam: float, kind: str
) -> None:
    x, y = (np.maximum(v - v.max(), -300.0) for v in pair)
    p, q = (np.exp(v) / np.exp(v).sum() for v in (x, y))
    b = 64 * len(x) * EPS * (1 + np.abs(x - y).max())
    logits, views = x[None], y[None, None]
    rows, perturbed = p[None], q[None, None]
    label = [int(np.argmax(x))]
    cases: dict[str, dict[str, Any]] = {
        "sua_score": {"lam": lam, "divergence": kind},
        "additive_score": {},
        "distributional_sensitivity": {"divergence": kind},
        "worst_case_sensitivity": {"divergence": kind},
        "consistency_loss": {"divergence": kind},
        "entropy_alignment_loss": {"lam": lam, "divergence": kind},
    }
    for name, extra in cases.items():
        ours = getattr(sua_ref, f"{name}_from_logits")(logits, views, **extra)
        plain = getattr(sua_ref, name)(rows, perturbed, **extra)
        assert np.ravel(ours)[0] == pytest.approx(np.ravel(plain)[0], rel=b, abs=b * (1 + lam))
    settings: dict[str, Any] = {"lam": lam, "a": 1.0, "b": 1.0, "divergence": kind}
    ours = sua_ref.sua_tr_loss_from_logits(logits, views, label, **settings)
    plain = sua_ref.sua_tr_loss(rows, perturbed, label, **settings)
    assert float(ours) == pytest.approx(float(plain), rel=b, abs=b * (2 + lam))
