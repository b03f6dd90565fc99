"""The numbers of a run: a hand computation with absent options, the definitions, dev's share."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sua_ref
from paper_repro.bad_input import BadInputError
from paper_repro.rivals import MU_GRID
from paper_repro.study.judged import DEV_LAMBDAS, LAMBDAS, Fitted, Judged
from paper_repro.study.measures import judge, measure
from paper_repro.study.outputs import Outputs
from tests.study_outputs import drawn

Rows = list[dict[str, Any]]
LOG2 = math.log(2)


def value(rows: Rows, dataset: str, metric: str, score: str | None = None) -> float:
    (found,) = (
        r["value"] for r in rows
        if (r["dataset"], r["metric"], r["score"]) == (dataset, metric, score)
    )  # fmt: skip
    return float(found)


def both(seed: int = 1, n: int = 40, **about: Any) -> list[Outputs]:
    test = drawn(seed, n, dataset="test", role="clean", rows=seed + 1, **about)
    return [drawn(seed, n, rows=seed, **about), test]


def logs(p: list[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    with np.errstate(divide="ignore"):
        found: np.ndarray[Any, np.dtype[np.float32]] = np.log(np.asarray(p)).astype(np.float32)
    return found


ABSENT = Outputs(
    "qa", "clean", ("a", "b", "c", "d"), np.array([0, 1, 2, 0]),
    logs([[0.75, 0.25, 0], [0.75, 0.25, 0], [0.25, 0.25, 0.5], [1, 0, 0]]),
    logs([
        [[0.75, 0.25, 0]] * 5,
        [[0.25, 0.75, 0]] * 5,
        [[0.25, 0.25, 0.5]] * 5,
        [[1, 0, 0]] * 5,
    ]),
)  # fmt: skip
"""By hand: two of three options, twice; all three; one option alone. The second answer is wrong."""


def h(*p: float) -> float:
    return -sum(x * math.log(x) for x in p if x)


def test_scores_by_hand_where_options_are_absent() -> None:
    scores = Judged(ABSENT, Fitted(2.0, 0.5)).scores
    entropies = np.array([h(0.75, 0.25), h(0.75, 0.25), 1.5 * LOG2, 0])
    middle = h(0.5, 0.5) - h(0.75, 0.25)  # JSD of (3/4, 1/4) and (1/4, 3/4)
    s = np.array([0, middle, 0, 0])
    e = np.array([0.25, 0.25, 0.5, 0])
    kl = 0.5 * math.log(3)
    wanted = {
        "entropy": entropies,
        "max_probability": e,
        "margin": np.array([0.5, 0.5, 0.75, 0]),
        "sensitivity": s,
        "additive": e + 2 * np.array([0, 0.5, 0, 0]),
        "s_plus_mu_h": s + 2 * entropies,
        "product": e * s,
        "mean_views": e,
        "mean_views_entropy": entropies,
        "mutual_information": np.zeros(4),
        "sua@1": s - entropies,
        "sua@-2": s + 2 * entropies,
        "sua_kl@dev": np.array([0, kl, 0, 0]) - 0.5 * entropies,
    }
    for name, values in wanted.items():
        # Logits are saved in float32: relative errors of 1e-7 in each probability.
        np.testing.assert_allclose(scores[name], values, rtol=0, atol=1e-6, err_msg=name)
    assert scores["self_consistency"][3] == 0
    tenths = scores["self_consistency"] * 10
    np.testing.assert_allclose(tenths, np.round(tenths), rtol=0, atol=1e-12)


def test_numbers_by_hand_where_options_are_absent() -> None:
    dev = drawn(1, rows=1)
    rows = measure([dev, ABSENT])
    brier = [2 / 16, 2 * 9 / 16, 1 / 16 + 1 / 16 + 1 / 4, 0]
    middle = h(0.5, 0.5) - h(0.75, 0.25)
    wanted = {
        "accuracy": 3 / 4,
        "robust_accuracy": 1.0,
        "nll": (math.log(4 / 3) + math.log(4) + LOG2) / 4,
        "brier": sum(brier) / 4,
        "ece": (abs(1 - 2 * 0.75) + 0.5 + 0) / 4,  # .75 twice in a bin: one right; .5; 1
        "mean_entropy": (2 * h(0.75, 0.25) + 1.5 * LOG2) / 4,
        "mean_sensitivity": middle / 4,
        "sua_risk": 0.0,
    }
    for name, number in wanted.items():
        assert value(rows, "qa", name) == pytest.approx(number, abs=1e-6), name
    # The wrong answer's H: above that of one input, equal to that of another, below the third.
    assert value(rows, "qa", "auroc", "entropy") == pytest.approx(0.5)
    assert value(rows, "qa", "auroc", "sensitivity") == 1


def test_an_option_that_is_absent_everywhere_changes_nothing() -> None:
    given = both(3, options=True)
    wider = [
        dataclasses.replace(
            o,
            logits=np.pad(o.logits, [(0, 0), (0, 2)], constant_values=-np.inf),
            views=np.pad(o.views, [(0, 0), (0, 0), (0, 2)], constant_values=-np.inf),
        )
        for o in given
    ]
    for a, b in zip(measure(given), measure(wider), strict=True):
        assert {k: v for k, v in a.items() if k != "value"} == {
            k: v for k, v in b.items() if k != "value"
        }
        assert b["value"] == pytest.approx(a["value"], abs=1e-9)


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.booleans())
def test_every_number_is_finite_and_within_its_range(seed: int, options: bool) -> None:
    for row in measure(both(seed, options=options)):
        name, number = row["metric"], row["value"]
        assert math.isfinite(number)
        if name not in ("nll", "mean_entropy", "sua_risk", "lambda@dev", "brier"):
            assert (-1 if name.startswith("spearman") else 0) <= number <= 1, name
        assert row["n"] == 40


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_sua_scores_are_those_of_the_reference(seed: int) -> None:
    test = both(seed, n=8, options=True)[1]
    judged = Judged(test, None)
    p, views = (np.exp(np.float64(x)) for x in (test.logits, test.views[:, :5]))
    p, views = p / p.sum(-1, keepdims=True), views / views.sum(-1, keepdims=True)
    for lam in (x for x in LAMBDAS if x > 0):
        wanted = sua_ref.sua_score(p, views, lam=lam, divergence="jsd")
        np.testing.assert_allclose(judged.scores[f"sua@{lam:g}"], wanted, rtol=0, atol=1e-12)
    risk = np.maximum(sua_ref.sua_score(p, views, lam=1, divergence="jsd"), 0).mean()
    assert judged.statistics["sua_risk", None].value() == pytest.approx(risk, abs=1e-12)


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_a_score_that_knows_the_errors_ranks_them_last(seed: int) -> None:
    """The sign: a model that doubts exactly its wrong answers has AUROC 1 by every doubt, and 0 by
    SUA at lambda 1, which calls doubt reassuring."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 30)
    wrong = np.arange(30) % 3 == 0
    said = np.where(wrong, 1 - labels, labels)
    sure = np.where(wrong, 0.1, 2.0) + 0.01 * rng.random(30)
    logits = (sure[:, None] * np.eye(2)[said]).astype(np.float32)
    views = np.repeat(logits[:, None], 5, 1)
    dev = drawn(1, rows=1)
    rows = measure([dev, Outputs("t", "clean", tuple(map(str, range(30))), labels, logits, views)])
    for score in ("entropy", "max_probability", "margin", "mean_views", "mean_views_entropy",
                  "additive", "sua@-1"):  # fmt: skip
        assert value(rows, "t", "auroc", score) == 1, score
        assert value(rows, "t", "selective_accuracy@0.7", score) == pytest.approx(20 / 21)
    assert value(rows, "t", "auroc", "sua@1") == 0


def test_what_dev_decides_depends_on_dev_alone() -> None:
    """Other test labels, or another test set, change neither mu nor lambda; another dev does."""
    dev, test = both(4)
    turned = dataclasses.replace(test, labels=(test.labels + 1) % 3)
    first, other = judge([dev, test])[1], judge([dev, turned])[1]
    assert first.fitted == other.fitted == Fitted.on(dev, "jsd")
    for name, scores in first.scores.items():
        np.testing.assert_array_equal(scores, other.scores[name])
    found = {judge([drawn(i, rows=i), test])[1].fitted for i in range(8)}
    assert len(found) > 1


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_the_fitted_numbers_are_the_best_on_dev(seed: int) -> None:
    dev = drawn(seed, rows=seed)
    fitted = Fitted.on(dev, "jsd")
    assert fitted is not None
    judged = Judged(dev, fitted)
    s, entropy = judged.scores["sensitivity"], judged.scores["entropy"]
    s_kl = judged.scores["sua_kl@dev"] + fitted.lam * entropy

    def area(score: Any) -> float:
        return float(sua_ref.failure_auroc(score, judged.errors))

    assert area(s + fitted.mu * entropy) == max(area(s + mu * entropy) for mu in MU_GRID)
    # S_KL comes from a sum and a difference here: its last digit may order two inputs otherwise.
    best = max(area(s_kl - lam * entropy) for lam in DEV_LAMBDAS)
    assert area(judged.scores["sua_kl@dev"]) == pytest.approx(best, abs=0.02)


def test_dev_with_right_answers_only_fits_nothing() -> None:
    dev, test = both(5)
    right = dataclasses.replace(dev, labels=dev.logits.argmax(-1))
    scores = judge([right, test])[1].scores
    assert "s_plus_mu_h" not in scores
    assert "sua_kl@dev" not in scores
    assert "sua@1" in scores
    ranked = {row["score"] for row in measure([right, test]) if row["dataset"] == "dev"}
    assert ranked == {None}


def test_scores_use_the_first_five_views() -> None:
    dev, test = both(6)
    few = dataclasses.replace(test, views=test.views[:, :5])
    a, b = judge([dev, test])[1], judge([dev, few])[1]
    for name, scores in a.scores.items():
        np.testing.assert_array_equal(scores, b.scores[name])
    missing = {key[0] for key in a.statistics.keys() - b.statistics.keys()}
    assert missing == {"spearman@1", "spearman@3", "spearman@5"}


def test_more_views_agree_better_with_the_reference() -> None:
    rows = measure([drawn(1, rows=1), drawn(1, 2000, dataset="t", role="clean", rows=2)])
    one, three, five = (value(rows, "t", f"spearman@{k}") for k in (1, 3, 5))
    assert 0 < one < three < five < 1


def test_the_reference_is_the_spare_views() -> None:
    """Where the spare views repeat the first five, five views say it all."""
    dev, test = both(7)
    copied = dataclasses.replace(test, views=np.concatenate([test.views[:, :5]] * 2, axis=1))
    assert value(measure([dev, copied]), "test", "spearman@5") == pytest.approx(1, abs=1e-12)


def test_regimes_split_the_set_at_its_medians() -> None:
    dev, test = both(8, n=41)
    rows, judged = measure([dev, test]), judge([dev, test])[1]
    s = judged.scores["sua_kl@dev"]
    assert judged.fitted is not None
    s_kl = s + judged.fitted.lam * judged.scores["entropy"]
    high, unsure = (x > np.median(x) + 1e-12 for x in (s_kl, judged.scores["entropy"]))
    inside = {"a": ~high & ~unsure, "b": high & unsure, "c": ~high & unsure, "d": high & ~unsure}
    for name, members in inside.items():
        wanted = judged.errors[members].mean()
        assert value(rows, "test", f"error@{name}") == pytest.approx(wanted), name
    assert value(rows, "test", "share@d") == pytest.approx(inside["d"].mean())
    calm = sua_ref.failure_auroc(judged.scores["entropy"][~high], judged.errors[~high])
    assert value(rows, "test", "auroc@low_sensitivity", "entropy") == pytest.approx(float(calm))


def test_ready_made_pairs_and_annotators() -> None:
    dev, test = both(9)
    laws = np.full((40, 3), np.nan)
    laws[:10] = [0.5, 0.5, 0.0]
    originals = np.where(np.arange(3) == test.labels[:, None], 1, 0).astype(np.float32)
    rows = measure([dev, dataclasses.replace(test, laws=laws, originals=originals)])
    assert value(rows, "test", "accuracy_originals") == 1
    assert value(rows, "test", "robust_accuracy_pairs") == value(rows, "test", "accuracy")
    entropies = judge([dev, test])[1].scores["entropy"][:10]
    wanted = LOG2 - entropies.mean()
    assert value(rows, "test", "entropy_shortfall") == pytest.approx(wanted, abs=1e-12)


def test_without_views_only_what_needs_none() -> None:
    dev, test = both(10)
    none = [dataclasses.replace(o, views=o.views[:, :0]) for o in (dev, test)]
    rows = measure(none)
    assert {r["score"] for r in rows} == {None, "entropy", "max_probability"}
    assert "robust_accuracy" not in {r["metric"] for r in rows}
    whole = measure([dev, test])
    for row in rows:
        wanted = value(whole, row["dataset"], row["metric"], row["score"])
        assert row["value"] == pytest.approx(wanted, abs=1e-12)


def test_bad_outputs_are_refused() -> None:
    dev, test = both(11)
    with pytest.raises(BadInputError, match="0 of role dev"):
        measure([test])
    with pytest.raises(BadInputError, match="2 of role dev"):
        measure([dev, dataclasses.replace(dev, dataset="again"), test])
    logits = test.logits.copy()
    logits[3, test.labels[3]] = -np.inf
    with pytest.raises(BadInputError, match="test: row 3, its label"):
        measure([dev, dataclasses.replace(test, logits=logits)])
    logits[3] = np.nan
    with pytest.raises(BadInputError, match=r"outputs of test: .*nan"):
        measure([dev, dataclasses.replace(test, logits=logits)])
