"""The metrics of a split against loops, scikit-learn and the theorems."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import entropy
from sklearn.metrics import roc_auc_score

from paper_repro.config import Config
from paper_repro.evaluate import Marks, Result, evaluate, resamples
from paper_repro.examples import Example, Split
from paper_repro.scores import Floats, Outputs, scores
from tests.tolerances import few_ulps

CONFIG = Config(tasks=("topic",), bootstrap=2)
PLAIN = ["accuracy", "robust_accuracy", "ece", "sua_risk"]
RANKED = ["auroc", "selective_accuracy@0.8", "aurc", "augrc"]
TRUE = ["miscalibration_gap", "expected_error_under_truth", "eq_11_violated", "n_3_violated"]
FEW = settings(max_examples=25)


pytestmark = pytest.mark.usefixtures("one_thread")


class Case(NamedTuple):
    """Random outputs on a split, with a random label law for each row."""

    outputs: Outputs
    split: Split

    @property
    def scored(self) -> dict[str, Floats]:
        return scores(self.outputs, CONFIG.divergence)

    def results(self, config: Config = CONFIG) -> list[Result]:
        return evaluate(self.outputs, self.scored, self.split, config)


def case_of(logits: Floats, views: Floats, labels: list[int], laws: Floats | None) -> Case:
    rows = [None] * len(labels) if laws is None else [tuple(law) for law in laws.tolist()]
    examples = [
        Example(str(i), ("x",), y, law) for i, (y, law) in enumerate(zip(labels, rows, strict=True))
    ]
    marks = np.asarray(labels, dtype=np.int64)
    outputs = Outputs(torch.from_numpy(logits), torch.from_numpy(views), marks)
    return Case(outputs, Split("toy", "test", tuple(examples)))


@st.composite
def cases(draw: st.DrawFn, n: int | None = None) -> Case:
    """Outputs from near uniform to one-hot, views from near to far, laws with zeros and ties."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(4, 30)) if n is None else n
    k, v = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    logits = rng.normal(size=(size, v)) * draw(st.sampled_from([0.1, 1.0, 5.0]))
    shift = draw(st.sampled_from([0.0, 0.3, 3.0])) * rng.normal(size=(size, k, v))
    counts = rng.integers(0, draw(st.sampled_from([1, 3, 50])), size=(size, v)).astype(np.float64)
    counts[np.arange(size), rng.integers(0, v, size)] += 1
    laws = counts / counts.sum(-1, keepdims=True)
    return case_of(logits, logits[:, None, :] + shift, rng.integers(0, v, size).tolist(), laws)


def with_both(case: Case) -> Case:
    """The case with labels that make its first two answers right and the next two wrong."""
    top = np.argmax(case.outputs.logits.numpy(), -1)
    labels = case.outputs.labels.copy()
    labels[:4] = np.add(top[:4], [0, 0, 1, 1]) % case.outputs.logits.shape[1]
    return case._replace(outputs=dataclasses.replace(case.outputs, labels=labels))


def value(results: list[Result], metric: str, score: str | None = None) -> Result:
    (found,) = (r for r in results if (r.metric, r.score) == (metric, score))
    return found


def bounds(result: Result) -> tuple[float, float]:
    assert result.low is not None
    assert result.high is not None
    return result.low, result.high


def rows_of(out: Outputs) -> Iterator[tuple[list[float], list[list[float]], int]]:
    """Probabilities at each input and at its views, and the label."""
    views = softmax(out.perturbed_logits.numpy(), axis=-1).tolist()
    for x, rows, y in zip(out.logits.numpy(), views, out.labels.tolist(), strict=True):
        yield softmax(x).tolist(), rows, y


def close(a: float, b: float) -> bool:
    """Means of at most 30 rows of at most 20 float64 operations on numbers up to 3."""
    return abs(a - b) <= 3 * few_ulps(200)


@given(
    arrays(np.int64, st.integers(2, 12), elements=st.integers(0, 1)),
    st.integers(1, 40),
    st.integers(0, 2**32),
)
def test_resamples_hold_both_classes_and_are_those_of_the_seed(
    errors: Marks, count: int, seed: int
) -> None:
    n = len(errors)
    drawn = resamples(n, errors, count, seed)
    if sorted(errors.tolist())[1] == 1 or sorted(errors.tolist())[-2] == 0:
        assert drawn == []
        return
    assert len(drawn) == count
    for rows in drawn:
        assert len(rows) == n
        assert set(rows.tolist()) <= set(range(n))
        assert set(errors[rows].tolist()) == {0, 1}
    assert np.array_equal(drawn, resamples(n, errors, count, seed))


def test_resamples_differ_from_each_other_and_from_those_of_another_seed() -> None:
    errors = np.asarray([0, 1] * 10, dtype=np.int64)
    drawn = [tuple(rows) for seed in (0, 1) for rows in resamples(20, errors, 50, seed)]
    assert len(set(drawn)) == 100
    assert {i for rows in drawn for i in rows} == set(range(20))


@FEW
@given(cases())
def test_plain_metrics_agree_with_loops(case: Case) -> None:
    results, n = case.results(), len(case.split.examples)
    rows = list(rows_of(case.outputs))
    right = [p.index(max(p)) == y for p, _, y in rows]
    held = [sum(q.index(max(q)) == y for q in views) / len(views) for _, views, y in rows]
    bins: dict[int, list[float]] = {}
    for (p, _, _), hit in zip(rows, right, strict=True):
        bins.setdefault(math.ceil(max(p) * 15), []).append(hit - max(p))
    sua = case.scored["sensitivity"] - case.scored["entropy"]
    assert close(value(results, "accuracy").value, sum(right) / n)
    assert close(value(results, "robust_accuracy").value, sum(held) / n)
    assert close(value(results, "ece").value, sum(abs(sum(b)) for b in bins.values()) / n)
    assert close(value(results, "sua_risk").value, sum(max(0.0, s) for s in sua.tolist()) / n)
    assert {r.n for r in results} == {n}
    assert {r.score for r in results if r.metric in PLAIN + TRUE} == {None}


@FEW
@given(cases().map(with_both))
def test_auroc_is_that_of_scikit_learn_and_the_gain_is_its_difference(case: Case) -> None:
    results, scored = case.results(), case.scored
    area = {s: float(roc_auc_score(case.outputs.errors, x)) for s, x in scored.items()}
    for score in scored:
        auroc = value(results, "auroc", score).value
        assert close(auroc, area[score])
        if score != "entropy":
            gain = value(results, "auroc_gain_over_entropy", score).value
            assert gain == auroc - value(results, "auroc", "entropy").value
    assert ("entropy", "auroc_gain_over_entropy") not in {(r.score, r.metric) for r in results}


@FEW
@given(cases(n=20).map(with_both), st.permutations(range(20)))
def test_rank_metrics_without_ties_are_means_over_the_first_rows(
    case: Case, ranks: list[int]
) -> None:
    errors, order = case.outputs.errors, np.asarray(ranks, dtype=np.float64)
    results = evaluate(case.outputs, case.scored | {"additive": order}, case.split, CONFIG)
    kept = [int(errors[i]) for i in np.argsort(order)]
    risk = [sum(kept[:k]) / k for k in range(1, 21)]
    joint = [sum(kept[:k]) / 20 for k in range(1, 21)]
    assert close(value(results, "aurc", "additive").value, sum(risk) / 20)
    assert close(value(results, "augrc", "additive").value, sum(joint) / 20)
    assert close(
        value(results, "selective_accuracy@0.8", "additive").value, 1 - sum(kept[:16]) / 16
    )


@FEW
@given(cases().map(with_both))
def test_a_score_that_orders_like_entropy_has_no_gain_in_any_resample(case: Case) -> None:
    scored = case.scored | {"sensitivity": 2 * case.scored["entropy"]}
    results = evaluate(case.outputs, scored, case.split, CONFIG)
    gain = value(results, "auroc_gain_over_entropy", "sensitivity")
    assert (gain.value, gain.low, gain.high) == (0, 0, 0)


@FEW
@given(cases(), st.booleans())
def test_errors_of_one_kind_give_no_ranking_and_no_interval(case: Case, wrong: bool) -> None:
    top = np.argmax(case.outputs.logits.numpy(), -1)
    labels = (top + int(wrong)) % case.outputs.logits.shape[1]
    outputs = dataclasses.replace(case.outputs, labels=labels)
    results = case._replace(outputs=outputs).results()
    assert [r.metric for r in results] == PLAIN + TRUE
    assert value(results, "accuracy").value == 1 - wrong
    assert {(r.low, r.high) for r in results} == {(None, None)}


@FEW
@given(cases().map(with_both), st.sampled_from(["kl", "jsd", "tv"]))
def test_every_score_names_the_divergence_it_was_made_with(case: Case, divergence: str) -> None:
    results = case.results(dataclasses.replace(CONFIG, divergence=divergence))
    for r in results:
        moves = r.score == "sensitivity" or (r.score or "").startswith("sua@")
        assert r.divergence == ("tv" if r.score == "additive" else divergence if moves else None)
    assert {r.metric for r in results} == {*PLAIN, *RANKED, *TRUE, "auroc_gain_over_entropy"}


@settings(max_examples=5)
@given(st.integers(4, 20), st.integers(0, 99))
def test_the_interval_of_an_accuracy_of_one_half_holds_it(pairs: int, seed: int) -> None:
    logits = np.tile([[1.0, 0.0]], (2 * pairs, 1))
    case = case_of(logits, logits[:, None, :], [0, 1] * pairs, None)
    results = case.results(dataclasses.replace(CONFIG, bootstrap=100, seed=seed))
    found = value(results, "accuracy")
    low, high = bounds(found)
    assert found.value == 0.5
    assert 0 <= low < 0.5 < high <= 1
    # Four standard deviations of a mean of n fair coins on either side.
    assert high - low < 8 * 0.5 / math.sqrt(2 * pairs)
    for score in case.scored:  # constant scores: every resample has an area of one half
        auroc = value(results, "auroc", score)
        assert (auroc.value, auroc.low, auroc.high) == (0.5, 0.5, 0.5)


@settings(max_examples=8)
@given(cases().map(with_both), st.integers(0, 99))
def test_intervals_are_the_middle_of_the_shared_resamples(case: Case, seed: int) -> None:
    config = dataclasses.replace(CONFIG, seed=seed, bootstrap=20)
    results, errors, score = case.results(config), case.outputs.errors, case.scored["entropy"]
    drawn = resamples(len(errors), errors, config.bootstrap, seed)
    draws = {
        ("accuracy", None): [1 - errors[rows].mean() for rows in drawn],
        ("auroc", "entropy"): [float(roc_auc_score(errors[rows], score[rows])) for rows in drawn],
    }
    for key, values in draws.items():
        (low, high), ordered = bounds(value(results, *key)), sorted(values)
        # Of 20 draws the 2.5 % point lies between the first and the second.
        assert ordered[0] - few_ulps(9) <= low <= ordered[1] + few_ulps(9)
        assert ordered[-2] - few_ulps(9) <= high <= ordered[-1] + few_ulps(9)
    assert results == case.results(config)
    other = case.results(dataclasses.replace(config, seed=seed + 1))
    assert [r.value for r in other] == [r.value for r in results]


@given(cases())
def test_the_repaired_bound_is_never_violated_and_the_rest_agrees_with_loops(case: Case) -> None:
    results = case.results(dataclasses.replace(CONFIG, bootstrap=1))
    laws = [list(e.label_law or ()) for e in case.split.examples]
    gaps, risks, clear, near = [], [], 0, 0
    for (p, views, _), law in zip(rows_of(case.outputs), laws, strict=True):
        gaps.append(abs(entropy(p) - entropy(law)))
        risks.append(1 - law[p.index(max(p))])
        gibbs = [1 - sum(a * b for a, b in zip(q, law, strict=True)) for q in [p, *views]]
        moved = [sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2 for q in views]
        right = gibbs[0] + sum(moved) / len(moved) - entropy(p) + max(p) - max(law)
        clear += max(gibbs) > right + 1e-9
        near += max(gibbs) > right - 1e-9
    n = len(laws)
    assert value(results, "n_3_violated").value == 0
    assert close(value(results, "miscalibration_gap").value, float(sum(gaps)) / n)
    assert close(value(results, "expected_error_under_truth").value, sum(risks) / n)
    assert clear <= round(value(results, "eq_11_violated").value * n) <= near


@FEW
@given(st.integers(2, 6), st.integers(2, 5), st.integers(1, 3))
def test_an_unmoving_uncertain_oracle_violates_inequality_11_everywhere(
    n: int, v: int, k: int
) -> None:
    labels, laws = [i % v for i in range(n)], np.full((n, v), 1 / v)
    case = case_of(np.zeros((n, v)), np.zeros((n, k, v)), labels, laws)
    assert value(case.results(), "eq_11_violated").value == 1
    sure = 800 * np.eye(v)[labels]
    case = case_of(sure, np.repeat(sure[:, None, :], k, 1), labels, np.eye(v)[labels])
    assert value(case.results(), "eq_11_violated").value == 0


@FEW
@given(cases(), st.data())
def test_where_a_law_is_missing_nothing_is_compared_with_the_truth(
    case: Case, data: st.DataObject
) -> None:
    examples = list(case.split.examples)
    i = data.draw(st.integers(0, len(examples) - 1), label="row without a law")
    examples[i] = dataclasses.replace(examples[i], label_law=None)
    split = dataclasses.replace(case.split, examples=tuple(examples))
    assert not {r.metric for r in case._replace(split=split).results()} & set(TRUE)
