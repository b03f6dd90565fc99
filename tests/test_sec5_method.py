"""Losses (15) to (18), the ambiguity proxy, the signature, abstention."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import FailureSignature
from tests.strategies import Floats, float_rows
from tests.tolerances import CELL_SUM


@st.composite
def batches(draw: st.DrawFn) -> tuple[Floats, Floats, list[int]]:
    """B rows of V = 3 labels with K = 2 views and labels."""
    b = draw(st.integers(1, 4))
    p = np.stack([draw(float_rows(3)) for _ in range(b)])
    views = np.stack([np.stack([draw(float_rows(3)) for _ in range(2)]) for _ in range(b)])
    return p, views, [draw(st.integers(0, 2)) for _ in range(b)]


@given(batches())
def test_task_loss_is_the_mean_negative_log_likelihood(
    batch: tuple[Floats, Floats, list[int]],
) -> None:
    p, _, y = batch
    each = [
        -math.log(row[label]) if row[label] > 0 else math.inf
        for row, label in zip(p, y, strict=True)
    ]
    assert float(sua_ref.task_loss(p, y)) == pytest.approx(sum(each) / len(each), rel=CELL_SUM)


@given(batches(), st.sampled_from(["jsd", "tv"]), st.floats(0.125, 4))
def test_consistency_and_alignment_are_means_of_the_scores(
    batch: tuple[Floats, Floats, list[int]], kind: str, lam: float
) -> None:
    p, views, _ = batch
    s = np.array(
        [
            sua_ref.distributional_sensitivity(r, v, divergence=kind)
            for r, v in zip(p, views, strict=True)
        ]
    )
    h = np.array([sua_ref.entropy(r) for r in p])
    consistency = float(sua_ref.consistency_loss(p, views, divergence=kind))
    assert consistency == pytest.approx(float(s.mean()), rel=CELL_SUM)
    excess = [max(0.0, float(a - lam * b)) for a, b in zip(s, h, strict=True)]
    alignment = float(sua_ref.entropy_alignment_loss(p, views, lam=lam, divergence=kind))
    assert alignment == pytest.approx(sum(excess) / len(excess), rel=CELL_SUM, abs=1e-15)


@given(batches(), st.floats(0, 3), st.floats(0, 3))
def test_the_objective_is_the_weighted_sum_and_its_value_ignores_the_stop_gradient(
    batch: tuple[Floats, Floats, list[int]], a: float, b: float
) -> None:
    p, views, y = batch
    values = {
        float(sua_ref.sua_tr_loss(p, views, y, lam=1, a=a, b=b, stop_gradient=side))
        for side in ("perturbed", "clean", "none")
    }
    assert len(values) == 1
    task = float(sua_ref.task_loss(p, y))
    rest = a * float(sua_ref.consistency_loss(p, views)) + b * float(
        sua_ref.entropy_alignment_loss(p, views, lam=1)
    )
    assert values.pop() == pytest.approx(task + rest, rel=CELL_SUM)


def test_an_impossible_label_costs_infinity() -> None:
    assert sua_ref.task_loss([[1.0, 0.0], [0.5, 0.5]], [1, 0]) == math.inf


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=12))
def test_ambiguity_proxy_is_the_plug_in_entropy(samples: list[str]) -> None:
    shares = [c / len(samples) for c in Counter(samples).values()]
    expected = -sum(s * math.log(s) for s in shares)
    assert float(sua_ref.ambiguity_proxy(samples)) == pytest.approx(expected, abs=1e-14)
    assert float(sua_ref.ambiguity_proxy([samples, samples])[1]) == pytest.approx(
        expected, abs=1e-14
    )


def test_every_signature_has_its_corner() -> None:
    s, h, a = np.array(list(itertools.product([0.0, 1.0], repeat=3))).T
    limits = {"sensitivity": 0.5, "entropy": 0.5, "ambiguity": 0.5}
    found = sua_ref.failure_signature(s, h, a, thresholds=limits)
    names = [FailureSignature(int(code)).name for code in found]
    assert names == [
        "INVARIANCE", "AMBIGUITY_COLLAPSE", "EPISTEMIC", "EPISTEMIC",
        "SENSITIVITY", "SENSITIVITY", "EXPRESSED", "EXPRESSED",
    ]  # fmt: skip


def test_a_value_at_its_threshold_is_low() -> None:
    code = sua_ref.failure_signature(0.5, 0.5, thresholds={"sensitivity": 0.5, "entropy": 0.5})
    assert FailureSignature(int(code)) is FailureSignature.INVARIANCE


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=8), st.floats(-2, 2))
def test_abstain_is_strict(scores: list[float], tau: float) -> None:
    assert sua_ref.abstain(scores, tau).tolist() == [s > tau for s in scores]


def test_the_objective_weighs_the_perturbations() -> None:
    """TV 0 and 1 with weights 3/4 and 1/4 make S = 1/4; H = 0; the task costs nothing."""
    p, views = [[1.0, 0.0]], [[[1.0, 0.0], [0.0, 1.0]]]
    loss = sua_ref.sua_tr_loss(
        p, views, [0], lam=1, a=2, b=4, divergence="tv", weights=[0.75, 0.25]
    )
    assert loss == 2 / 4 + 4 / 4


def test_a_threshold_that_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match=r"^thresholds\['entropy'\]: nan"):
        sua_ref.failure_signature(0.5, 0.5, thresholds={"sensitivity": 0.5, "entropy": math.nan})


def test_a_sure_answer_costs_nothing_and_not_minus_nothing() -> None:
    assert math.copysign(1, float(sua_ref.task_loss([[1.0, 0.0]], [0]))) == 1
