"""Methods without training: known averages, the temperature of dev, runs like any other."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.study.derived import (
    derived_runs,
    ensemble,
    mc_dropout,
    temp_scale,
    temperature,
)
from paper_repro.study.measures import judge
from paper_repro.study.outputs import Outputs
from paper_repro.study.run import DoneRun
from tests.study_outputs import drawn

SEEDS = st.integers(0, 10**6)
ROUNDING = 1e-6
"""Logits are saved in float32: relative errors of 1e-7 in each probability."""


def softmax(x: Any) -> Any:
    e = np.exp(np.float64(x) - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@given(SEEDS, st.integers(1, 4), st.booleans())
def test_an_ensemble_answers_with_the_mean_probability(
    seed: int, members: int, options: bool
) -> None:
    given_outputs = [[drawn(seed + i, 8, options=options)] for i in range(members)]
    (found,) = ensemble(given_outputs)
    for name in ("logits", "views"):
        wanted = np.mean([softmax(getattr(o[0], name)) for o in given_outputs], axis=0)
        np.testing.assert_allclose(softmax(getattr(found, name)), wanted, rtol=0, atol=ROUNDING)
        np.testing.assert_array_equal(np.isinf(getattr(found, name)), wanted == 0)
    assert found.ids == given_outputs[0][0].ids


def test_an_ensemble_of_one_model_is_that_model() -> None:
    one = drawn(3, options=True)
    (found,) = ensemble([[one], [one], [one]])
    np.testing.assert_allclose(softmax(found.logits), softmax(one.logits), rtol=0, atol=ROUNDING)


def test_models_asked_about_other_inputs_are_no_ensemble() -> None:
    for other in (drawn(1, rows=6), drawn(1, k=5), drawn(1, dataset="other")):
        with pytest.raises(BadInputError, match="other inputs of dev"):
            ensemble([[drawn(1)], [other]])
    with pytest.raises(BadInputError, match="other inputs of dev"):
        ensemble([[drawn(1)], []])
    with pytest.raises(BadInputError, match="none given"):
        ensemble([])


@given(SEEDS)
def test_dropout_answers_with_the_mean_of_its_passes(seed: int) -> None:
    one = drawn(seed, 8, options=True)
    noise = np.random.default_rng(seed).normal(size=(10, 8, 3)).astype(np.float32)
    passes = one.logits + noise
    (found,) = mc_dropout([dataclasses.replace(one, passes=passes)])
    np.testing.assert_allclose(
        softmax(found.logits), softmax(passes).mean(0), rtol=0, atol=ROUNDING
    )
    assert found.views.shape == (8, 0, 3)
    with pytest.raises(BadInputError, match="dev: no passes"):
        mc_dropout([one])


@settings(max_examples=8)
@given(SEEDS, st.booleans())
def test_a_temperature_changes_no_answer_and_undoes_a_factor(seed: int, options: bool) -> None:
    one = drawn(seed, 200, noise=2.0, options=options)
    t = temperature([one])
    hot = dataclasses.replace(one, logits=7 * one.logits, views=7 * one.views)
    assert temperature([hot]) == pytest.approx(7 * t, rel=1e-5)
    (found,) = temp_scale([hot])
    np.testing.assert_array_equal(found.logits.argmax(-1), one.logits.argmax(-1))
    np.testing.assert_allclose(
        softmax(found.views), softmax(np.float64(one.views) / t), rtol=0, atol=1e-5
    )


def test_temperature_scaling_calibrates_the_set_it_was_fitted_on() -> None:
    """The derivative of the NLL in T is 0 there, so no nearby T is likelier."""
    dev = drawn(1, 500, noise=2.0, options=True)
    (scaled,) = temp_scale([dev])
    nll = [
        judge([dataclasses.replace(dev, logits=(scaled.logits * f).astype(np.float32))])[0]
        .statistics["nll", None].value()
        for f in (1.0, 0.95, 1.05)
    ]  # fmt: skip
    assert min(nll, key=lambda v: v or math.inf) == nll[0]


def test_the_test_set_has_no_say_in_the_temperature() -> None:
    dev, test = drawn(1, noise=2.0), drawn(1, dataset="t", role="clean", rows=9)
    turned = dataclasses.replace(test, labels=(test.labels + 1) % 3)
    first, second = temp_scale([dev, test]), temp_scale([dev, turned])
    np.testing.assert_array_equal(first[1].logits, second[1].logits)
    with pytest.raises(BadInputError, match="none of role dev"):
        temp_scale([test])


def test_a_temperature_at_its_boundary_is_refused() -> None:
    dev = drawn(1)
    right = dataclasses.replace(dev, labels=dev.logits.argmax(-1))
    with pytest.raises(BadInputError, match=r"T = 0\.0 on dev"):
        temp_scale([right])
    run = dataclasses.replace(base(0), said=(right,))
    assert derived_runs([run]) == []


@dataclasses.dataclass(frozen=True)
class Base(DoneRun):
    """A run whose outputs are drawn."""

    said: tuple[Outputs, ...] = ()

    def outputs(self) -> list[Outputs]:
        return list(self.said)


def base(seed: int, method: str = "standard", task: str = "nli") -> Base:
    outputs = [drawn(seed, noise=2.0), drawn(seed, dataset="t", role="clean", rows=9)]
    passed = tuple(dataclasses.replace(o, passes=np.stack([o.logits] * 2)) for o in outputs)
    about = {"task": task, "model": "small", "method": method, "seed": seed, "rows": []}
    return Base(Path(f"{task}-{method}-{seed}"), {"settings": {"lam": 1.0}}, about, passed)


def test_every_three_seeds_of_standard_make_an_ensemble() -> None:
    runs = [base(s) for s in (6, 5, 4, 3, 2, 1, 0)] + [base(0, "at"), base(0, task="qa")]
    found = [(r.task, r.method, r.seed) for r in derived_runs(runs)]
    wanted = [("nli", m, s) for s in range(7) for m in ("temp_scale", "mc_dropout")]
    wanted += [("nli", "ensemble", 0), ("nli", "ensemble", 3)]
    wanted += [("qa", "temp_scale", 0), ("qa", "mc_dropout", 0)]
    assert sorted(found) == sorted(wanted)
    (first,) = (r for r in derived_runs(runs) if (r.method, r.seed) == ("ensemble", 0))
    assert [b.seed for b in first.bases] == [0, 1, 2]


def test_a_derived_run_reads_like_a_run() -> None:
    for run in derived_runs([base(s) for s in range(3)]):
        rows = run.result["rows"]
        assert run.result["method"] == run.method
        assert (run.task, run.model, run.path.name) == ("nli", "small", f"nli-standard-{run.seed}")
        assert {r["dataset"] for r in rows} == {"dev", "t"}
        (accuracy,) = (
            r["value"] for r in rows if r["metric"] == "accuracy" and r["dataset"] == "t"
        )
        said = run.outputs()[1]
        assert accuracy == (said.logits.argmax(-1) == said.labels).mean()
        with_views = {r["score"] for r in rows if r["metric"] == "auroc"}
        assert ("sua@1" in with_views) == (run.method != "mc_dropout")


def test_three_models_are_better_than_one() -> None:
    """Each knows the truth up to its own noise."""
    runs = [base(s) for s in range(3)]
    (together,) = (r for r in derived_runs(runs) if r.method == "ensemble")

    def accuracy(outputs: Outputs) -> float:
        return float((outputs.logits.argmax(-1) == outputs.labels).mean())

    assert accuracy(together.outputs()[0]) > max(accuracy(r.outputs()[0]) for r in runs)
