"""The declared scores against loops over their formulas; the fits against a general optimiser."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.study import fitted
from paper_repro.study.candidates import BASELINES, CANDIDATES, FITTED, FREE, TO_BEAT, simplicity
from paper_repro.study.seen import Seen
from tests.study_outputs import drawn

Law = list[float]


def _entropy(p: Law) -> float:
    return -sum(v * math.log(v) for v in p if v > 0)


def _by_hand(x: Law, p: Law, views: list[Law]) -> dict[str, float]:
    """Every free score of one input that is no rank, from its formula."""
    top = max(range(len(p)), key=p.__getitem__)
    mean = [statistics.fmean(q[y] for q in views) for y in range(len(p))]
    half = [(a + b) / 2 for a, b in zip(p, mean, strict=True)]
    tv = statistics.fmean(sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2 for q in views)
    middles = [[(a + b) / 2 for a, b in zip(p, q, strict=True)] for q in views]
    jsd = statistics.fmean(
        _entropy(m) - (_entropy(p) + _entropy(q)) / 2 for m, q in zip(middles, views, strict=True)
    )
    own = [q[top] for q in views]
    e, h = 1 - p[top], _entropy(p)
    flips = statistics.fmean(max(range(len(q)), key=q.__getitem__) != top for q in views)

    def behind(q: Law) -> float:
        return math.log(max(v for y, v in enumerate(q) if y != top)) - math.log(q[top])

    product = [
        math.sqrt(p[y] * math.prod(q[y] for q in views) ** (1 / len(views))) for y in range(len(p))
    ]
    second = sorted(p)[-2]
    return {
        "max_probability": e, "entropy": h, "margin": 1 - p[top] + second,
        "log_margin": math.log(second / p[top]), "max_logit": -max(x),
        "energy": -math.log(sum(math.exp(v) for v in x)), "sensitivity": tv,
        "mutual_information": _entropy(mean) - statistics.fmean(map(_entropy, views)),
        "additive": e + 2 * tv, "product": e * tv, "mean_views": 1 - max(mean),
        "mean_views_entropy": _entropy(mean),
        "mean_entropy": statistics.fmean(map(_entropy, views)),
        "sua": jsd - h, "s_plus_h": jsd + h, "e_plus_quarter_s": e + tv / 4,
        "either": e + tv - e * tv, "e_plus_flips": e + flips,
        "e_plus_spread": e + statistics.pstdev(own), "half_and_half": 1 - max(half),
        "half_and_half_entropy": _entropy(half), "answer_views": 1 - statistics.fmean(own),
        "answer_half": 1 - (p[top] + statistics.fmean(own)) / 2,
        "answer_median": 1 - statistics.median([p[top], *own]),
        "answer_worst": 1 - min(p[top], *own), "answer_best": 1 - max(p[top], *own),
        "answer_geometric": 1 - product[top] / sum(product),
        "mean_log_margin": (behind(p) + statistics.fmean(map(behind, views))) / 2,
    }  # fmt: skip


@given(st.integers(0, 10**6), st.booleans())
def test_every_free_score_is_its_formula(seed: int, options: bool) -> None:
    outputs = drawn(seed, 6, 5, options=options)
    seen = Seen.of(outputs)
    assert seen.fixed_labels != options
    found = {name: c.fit(seen, outputs.labels)(seen) for name, c in FREE.items()}
    for i, x in enumerate(outputs.logits.astype(np.float64).tolist()):
        there = [y for y, v in enumerate(x) if v > -math.inf]
        laws = torch.softmax(seen.views[i], -1).tolist()
        p = torch.softmax(seen.logits[i], -1).tolist()
        wanted = _by_hand(
            [x[y] for y in there], [p[y] for y in there], [[q[y] for y in there] for q in laws]
        )
        assert set(wanted) == set(FREE) - {"rank_sum"}
        for name, value in wanted.items():
            assert found[name][i] == pytest.approx(value, rel=1e-7, abs=1e-9), name


@pytest.mark.parametrize("options", [False, True])
@pytest.mark.parametrize("name", CANDIDATES)
def test_a_score_judges_each_input_by_itself_and_views_in_any_order(
    name: str, options: bool
) -> None:
    dev, test = drawn(1, 60, 4, options=options), drawn(2, 30, 4, options=options, rows=6)
    seen, there = Seen.of(dev), Seen.of(test)
    score = CANDIDATES[name].fit(seen, dev.labels)
    every = score(there)
    assert every.shape == (30,)
    assert np.isfinite(every).all()
    assert len(np.unique(every)) > 10
    turned = Seen(there.logits, there.views.flip(1), there.fixed_labels)
    np.testing.assert_allclose(score(turned), every, rtol=1e-9, atol=1e-12)
    if name != "rank_sum":  # ranks are of a set
        some = np.asarray([3, 8, 21])
        np.testing.assert_allclose(score(there.rows(some)), every[some], rtol=1e-9, atol=1e-12)
    if not options and name not in ("rank_sum",) and not CANDIDATES[name].views:
        elsewhere = Seen(there.logits, there.views.roll(1, 0), there.fixed_labels)
        np.testing.assert_allclose(score(elsewhere), every, rtol=1e-9, atol=1e-12)


def test_only_the_first_five_views_are_seen() -> None:
    outputs = drawn(3, 25)
    assert Seen.of(outputs).views.tolist() == outputs.views[:, :5].tolist()
    wrong = [int(x.argmax() != y) for x, y in zip(outputs.logits, outputs.labels, strict=True)]
    assert Seen.of(outputs).wrong(outputs.labels).tolist() == wrong


@given(st.integers(0, 10**6), st.integers(1, 3))
def test_the_logistic_fit_is_the_minimum(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, width)) * 5 + 2, rng.integers(0, 2, 30)
    mean, scale, w = fitted.logistic(torch.from_numpy(x), torch.from_numpy(y))
    z = np.c_[(x - x.mean(0)) / x.std(0), np.ones(30)]

    def loss(at: np.ndarray) -> float:
        return float(np.logaddexp(0, z @ at).sum() - y @ z @ at + (at[:-1] ** 2).sum() / 2)

    best = scipy.optimize.minimize(loss, np.zeros(width + 1), method="BFGS", tol=1e-8)
    np.testing.assert_allclose(w, best.x, atol=1e-3)
    assert loss(w.numpy()) <= best.fun + 1e-9
    predicted = fitted.predicted(torch.from_numpy(x), (mean, scale, w))
    np.testing.assert_allclose(predicted, z @ w.numpy(), atol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 3))
def test_the_pool_is_the_minimum_and_gives_nothing_to_absent_options(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    x = 3 * rng.normal(size=(20, 4, width))
    exists = np.arange(4) < rng.integers(2, 5, 20)[:, None]
    labels, start = rng.integers(0, exists.sum(1)), rng.normal(size=width)
    there = torch.from_numpy(exists)
    w = fitted.pool(torch.from_numpy(x), there, torch.from_numpy(labels), torch.from_numpy(start))

    def loss(at: np.ndarray) -> float:
        total = ((at - start) ** 2).sum() / 2
        for row, ok, label in zip(x @ at, exists, labels, strict=True):
            total += np.logaddexp.reduce(row[ok]) - row[label]
        return float(total)

    best = scipy.optimize.minimize(loss, start, method="BFGS", tol=1e-8)
    np.testing.assert_allclose(w, best.x, atol=1e-3)
    assert loss(w.numpy()) <= best.fun + 1e-9
    p = fitted.pooled(torch.from_numpy(x), there, w)
    assert (p[~there] == 0).all()
    torch.testing.assert_close(p.sum(-1), torch.ones(20, dtype=torch.double))


def test_a_constant_feature_and_separable_errors_leave_finite_weights() -> None:
    x = torch.tensor([[1.0, 3.0], [2, 3], [3, 3], [4, 3]], dtype=torch.double)
    _, _, w = fitted.logistic(x, torch.tensor([0, 0, 1, 1]))
    assert w[1] == 0
    assert 0 < w[0] < 5


def test_errors_by_answer_are_learnt_where_columns_are_labels() -> None:
    """Every answer 0 is wrong: the constants must rank those rows first."""
    dev = drawn(1, 200)
    seen = Seen.of(dev)
    labels = np.where(seen.answer.numpy() == 0, 1, seen.answer.numpy())
    score = CANDIDATES["answer_constants"].fit(seen, labels)(seen)
    assert score[seen.wrong(labels) == 1].min() > score[seen.wrong(labels) == 0].max()
    where_places = Seen(seen.logits, seen.views, False)
    plain = CANDIDATES["answer_constants"].fit(where_places, labels)(where_places)
    # Without constants it is one line in the log-odds.
    assert abs(np.corrcoef(plain, seen.log_odds)[0, 1]) == pytest.approx(1, abs=1e-12)


def test_the_declaration_is_complete() -> None:
    assert set(TO_BEAT) <= set(BASELINES)
    assert set(BASELINES) - set(CANDIDATES) == {"self_consistency"}  # it draws
    assert all((c.fitted > 0) == (name in FITTED) for name, c in CANDIDATES.items())
    assert min(CANDIDATES, key=simplicity) == "max_probability"
    assert sorted(CANDIDATES, key=simplicity)[-1] == "logistic_many_constants"
