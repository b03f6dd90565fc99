"""The rival scores against loops over their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro import rivals
from sua_ref import failure_auroc


def _entropy(p: list[float]) -> float:
    return -sum(v * math.log(v) for v in p if v > 0)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 4), st.integers(2, 5))
def test_every_score_is_its_definition(seed: int, n: int, k: int, v: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, v)) * 3, rng.normal(size=(n, k, v)) * 3
    found = rivals.scores(
        torch.from_numpy(x), torch.from_numpy(y), divergence="tv", mu=0.5, samples=7, seed=1
    )
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    q = np.exp(y) / np.exp(y).sum(-1, keepdims=True)
    for i in range(n):
        tv = sum(abs(a - b) for j in range(k) for a, b in zip(p[i], q[i, j], strict=True)) / 2 / k
        mean = [sum(q[i, j, c] for j in range(k)) / k for c in range(v)]
        e, h = 1 - max(p[i]), _entropy(list(p[i]))
        views = sum(_entropy(list(q[i, j])) for j in range(k)) / k
        first, second = sorted(p[i])[::-1][:2]
        wanted = {
            "entropy": h, "max_probability": e, "margin": 1 - first + second, "sensitivity": tv,
            "additive": e + 2 * tv, "s_plus_mu_h": tv + 0.5 * h, "product": e * tv,
            "mean_views": 1 - max(mean), "mean_views_entropy": _entropy(mean),
            "mutual_information": _entropy(mean) - views,
        }  # fmt: skip
        for name, value in wanted.items():
            assert found[name][i] == pytest.approx(value, rel=1e-9, abs=1e-13), name
    below = [[(s < t) + (s == t) / 2 for s in found["sensitivity"]] for t in found["sensitivity"]]
    above = [
        [(s < t) + (s == t) / 2 for s in found["max_probability"]] for t in found["max_probability"]
    ]
    for i in range(n):
        assert found["rank_sum"][i] == pytest.approx((sum(below[i]) + sum(above[i]) + 1) / 2 / n)


def test_self_consistency_has_the_law_of_its_definition() -> None:
    p = torch.tensor([[0.6, 0.4]], dtype=torch.float64).repeat(40_000, 1)
    found = rivals.self_consistency(p, 3, torch.Generator().manual_seed(0))
    law: dict[float, float] = {}
    for answers in itertools.product((0, 1), repeat=3):
        share = max(answers.count(0), answers.count(1)) / 3
        chance = math.prod(0.4 if a else 0.6 for a in answers)
        law[round(1 - share, 6)] = law.get(round(1 - share, 6), 0) + chance
    for value, chance in law.items():
        seen = float((found - value).abs().lt(1e-6).double().mean())
        assert seen == pytest.approx(chance, abs=4.5 * math.sqrt(chance * (1 - chance) / 40_000))
    again = rivals.self_consistency(p, 3, torch.Generator().manual_seed(0))
    assert torch.equal(found, again)
    with pytest.raises(ValueError, match="samples: 0"):
        rivals.self_consistency(p, 0, torch.Generator())


def test_one_sample_is_always_consistent_and_a_sure_model_too() -> None:
    sure = torch.tensor([[1.0, 0.0]])
    assert rivals.self_consistency(sure, 9, torch.Generator().manual_seed(0)).item() == 0
    even = torch.tensor([[0.5, 0.5]])
    assert rivals.self_consistency(even, 1, torch.Generator().manual_seed(0)).item() == 0


def test_confident_rows_keep_their_order() -> None:
    p = torch.softmax(torch.tensor([[50.0, 0.0], [60.0, 0.0]], dtype=torch.float64), -1)
    assert rivals.error(p)[0] > rivals.error(p)[1] > 0


def test_mu_is_the_best_of_the_grid_on_dev() -> None:
    rng = np.random.default_rng(3)
    s, h = rng.random(200), rng.random(200)
    errors = (h + 0.2 * rng.random(200) > 0.7).astype(np.int64)
    mu = rivals.fit_mu(s, h, errors)
    found = {m: failure_auroc(s + m * h, errors) for m in rivals.MU_GRID}
    assert found[mu] == max(found.values())
    assert mu > 1  # here H alone decides
    with pytest.raises(ValueError, match="errors"):
        rivals.fit_mu(s, h, np.zeros(200, dtype=np.int64))
