"""Training, and the scores of what was trained."""

from __future__ import annotations

import copy
import dataclasses
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import entropy

from paper_repro.config import Config, Recipe
from paper_repro.encoder import Encoder, Tokens
from paper_repro.examples import Example, Split, Texts
from paper_repro.perturbations.edits import Perturbed
from paper_repro.perturbations.token_edits import TokenEdits
from paper_repro.scores import LAMBDAS, Outputs, draw_views, run_encoder, score_names, scores
from paper_repro.train import METHODS, _batches, _perturbed_logits, _rate, train
from sua_ref import DIVERGENCES
from tests.tolerances import few_ulps

RECIPE = Recipe(1, 3e-3, 4, 60, 12, width=64, layers=1, heads=2, dropout=0.1, word_dropout=0.0)
CONFIG = Config(tasks=("topic",), k=2)
TOPICS = (("goal", "match", "coach", "league"), ("rain", "storm", "frost", "breeze"))
EDITS = TokenEdits({"goal": ["match"], "rain": ["storm"]}, 0.3)
Floats = npt.NDArray[np.float64]
Weights = dict[str, torch.Tensor]


def toy(size: int, seed: int = 0) -> Split:
    rng = random.Random(seed)
    rows = [(i % 2, " ".join(rng.choices(TOPICS[i % 2], k=rng.randint(4, 8)))) for i in range(size)]
    return Split("toy", "train", tuple(Example(str(i), (t,), y) for i, (y, t) in enumerate(rows)))


TRAIN, FEW = toy(256), toy(40)


pytestmark = pytest.mark.usefixtures("one_thread")


@cache
def untrained() -> Encoder:
    return Encoder((e.texts for e in TRAIN.examples), 2, RECIPE, seed=0)


def trained(
    method: str = "sua_tr",
    config: Config = CONFIG,
    recipe: Recipe = RECIPE,
    edits: TokenEdits = EDITS,
    split: Split = TRAIN,
) -> Encoder:
    encoder = copy.deepcopy(untrained())
    train(encoder, split, recipe, config, edits, method=method)
    return encoder


def weights(method: str = "sua_tr", edits: TokenEdits = EDITS, **changes: Any) -> Weights:
    """Those of a short training with other fields of the configuration."""
    config = dataclasses.replace(CONFIG, **changes)
    return dict(trained(method, config, edits=edits, split=FEW).model.state_dict())


def same(one: Weights, other: Weights) -> bool:
    assert one.keys() == other.keys()
    return all(torch.equal(one[name], other[name]) for name in one)


def mean_loss(encoder: Encoder, split: Split) -> float:
    outputs = run_encoder(encoder, split, [[e.texts] for e in split.examples])
    p = softmax(outputs.logits.numpy(), axis=-1)
    return float(-np.mean([np.log(row[y]) for row, y in zip(p, split.labels, strict=True)]))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [0, 1])
def test_one_epoch_lowers_the_loss_also_on_rows_not_seen(method: str, seed: int) -> None:
    test = toy(64, seed=1)
    encoder = trained(method, dataclasses.replace(CONFIG, seed=seed))
    for split in (TRAIN, test):
        assert mean_loss(encoder, split) < 0.5 * mean_loss(untrained(), split)


def global_state() -> tuple[list[int], Any, Any]:
    numpy_state: Any = np.random.get_state()  # noqa: NPY002  # the global one is meant
    return torch.get_rng_state().tolist(), random.getstate(), numpy_state[1].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_determines_every_weight_whatever_the_global_generators(method: str) -> None:
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # the global one is meant
        before = global_state()
        found.append(weights(method))
        assert global_state() == before
    assert same(*found)


def test_the_same_seed_gives_the_same_model_from_the_texts_on() -> None:
    """Tokenizer, weights and training together: two runs of one seed are one run."""
    found = []
    for _ in range(2):
        encoder = Encoder((e.texts for e in TRAIN.examples), 2, RECIPE, seed=0)
        train(encoder, FEW, RECIPE, CONFIG, EDITS, method="standard")
        found.append(dict(encoder.model.state_dict()))
    assert same(*found)


def test_another_method_seed_edit_or_weight_gives_another_model() -> None:
    base = weights()
    assert not same(base, weights("standard"))
    assert not same(base, weights(edits=TokenEdits({}, 0.3)))
    for changes in ({"seed": 1}, {"k": 3}, {"a": 3.0}, {"b": 0.0, "a": 0.0}, {"divergence": "tv"}):
        assert not same(base, weights(**changes)), changes
    small = 1e-6  # small enough for the sensitivity to exceed lambda H
    assert not same(weights(lam=small), weights(lam=small, b=2.0))
    hidden = trained(recipe=dataclasses.replace(RECIPE, word_dropout=0.5), split=FEW)
    assert not same(base, dict(hidden.model.state_dict()))


def test_standard_training_draws_no_perturbation_and_uses_no_sua_coefficient() -> None:
    base = weights("standard")
    assert same(base, weights("standard", edits=TokenEdits({}, 1.0)))
    assert same(base, weights("standard", k=4, lam=3.0, a=9.0, b=9.0, divergence="kl"))


def test_lambda_acts_through_the_alignment_loss_alone() -> None:
    assert same(weights(b=0.0, lam=1e-6), weights(b=0.0, lam=2.0))
    assert not same(weights(b=1.0, lam=1e-6), weights(b=1.0, lam=2.0))


def test_nothing_is_learnt_where_every_word_is_hidden() -> None:
    recipe = dataclasses.replace(RECIPE, word_dropout=1 - 1e-9, epochs=2)
    assert mean_loss(trained("standard", recipe=recipe), TRAIN) > 0.6


@pytest.mark.parametrize("method", METHODS)
def test_progress_counts_every_row_once_an_epoch_and_training_ends_in_evaluation_mode(
    method: str,
) -> None:
    said: list[int] = []
    encoder, recipe = copy.deepcopy(untrained()), dataclasses.replace(RECIPE, epochs=2)
    train(encoder, toy(21), recipe, CONFIG, EDITS, method=method, advance=said.append)
    assert sorted(said) == [1, 1, *[4] * 10]
    assert not encoder.model.training


@given(st.lists(st.integers(1, 9), max_size=300), st.integers(1, 8), st.integers(0, 99))
def test_batches_hold_every_row_once(lengths: list[int], size: int, seed: int) -> None:
    tokens = [Tokens([0] * n, [0] * n) for n in lengths]
    batches = list(_batches(tokens, size, random.Random(seed)))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(0 < len(batch) <= size for batch in batches)
    assert len(batches) == -(-len(lengths) // size)
    assert batches == list(_batches(tokens, size, random.Random(seed)))


@given(st.integers(1, 500))
def test_the_rate_warms_up_over_a_tenth_and_then_falls_towards_zero(steps: int) -> None:
    rates = [_rate(step, steps) for step in range(steps)]
    assert all(0 < rate <= 1 for rate in rates)
    top = rates.index(max(rates))
    assert max(rates) == 1
    assert top <= max(0, steps / 10 - 1) + few_ulps(steps)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert steps < 20 or rates[-1] < 0.02


@st.composite
def outputs(draw: st.DrawFn) -> Outputs:
    n, k, v = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(2, 5))
    entries = st.floats(-30, 30) | st.sampled_from([0.0, 1.0])
    return Outputs(
        torch.from_numpy(draw(arrays(np.float64, (n, v), elements=entries))),
        torch.from_numpy(draw(arrays(np.float64, (n, k, v), elements=entries))),
        np.asarray(draw(st.lists(st.integers(0, v - 1), min_size=n, max_size=n)), dtype=np.int64),
    )


def close(a: Floats, b: Sequence[float] | Floats, ulps: int = 64) -> bool:
    """Within ``ulps`` roundings of numbers up to 10: a few for each of at most 25 cells."""
    return bool(np.all(np.abs(a - np.asarray(b)) <= 10 * few_ulps(ulps)))


@given(outputs(), st.sampled_from(DIVERGENCES))
def test_every_score_is_finite_with_one_value_for_each_row(out: Outputs, divergence: str) -> None:
    found = scores(out, divergence)
    assert list(found) == score_names()
    for values in found.values():
        assert values.shape == out.labels.shape
        assert np.isfinite(values).all()


@given(outputs(), st.sampled_from(DIVERGENCES))
def test_sua_is_sensitivity_less_lambda_times_entropy(out: Outputs, divergence: str) -> None:
    found = scores(out, divergence)
    for lam in LAMBDAS:
        wanted = found["sensitivity"] - lam * found["entropy"]
        assert np.array_equal(found[f"sua@{lam:g}"], wanted)


@given(outputs())
def test_scores_agree_with_their_definitions_row_by_row(out: Outputs) -> None:
    found = scores(out, "jsd")
    for i, (x, views) in enumerate(
        zip(out.logits.numpy(), out.perturbed_logits.numpy(), strict=True)
    ):
        p, q = softmax(x), softmax(views, axis=-1)
        variations = [sum(max(a - b, 0) for a, b in zip(p, row, strict=True)) for row in q]
        divergences = [entropy((p + r) / 2) - (entropy(p) + entropy(r)) / 2 for r in q]
        wanted = {
            "entropy": entropy(p),
            "max_probability": sum(sorted(p)[:-1]),
            "mean_views": 1 - max(sum(column) / len(q) for column in q.T),
            "additive": 1 - max(p) + 2 * sum(variations) / len(q),
            "sensitivity": sum(divergences) / len(q),
        }
        for name, value in wanted.items():
            assert close(found[name][i], [value]), name


@given(outputs(), st.floats(0.01, 0.9))
def test_less_confidence_is_more_likely_failure(out: Outputs, scale: float) -> None:
    flatter = dataclasses.replace(out, logits=out.logits * scale)
    before, after = scores(out, "jsd"), scores(flatter, "jsd")
    spread = np.ptp(out.logits.numpy(), axis=-1)
    for name in ("max_probability", "entropy"):
        assert np.all(after[name] >= before[name] - few_ulps(64))
        clear = (spread > 0.1) & (spread < 20)
        assert np.all(after[name][clear] > before[name][clear])


@given(outputs(), st.integers(1, 5))
def test_views_equal_to_the_input_leave_its_own_confidence(out: Outputs, k: int) -> None:
    still = dataclasses.replace(out, perturbed_logits=out.logits[:, None, :].repeat(1, k, 1))
    found = scores(still, "jsd")
    assert not found["sensitivity"].any()
    assert close(found["mean_views"], found["max_probability"])
    assert close(found["additive"], found["max_probability"])


@given(outputs())
def test_an_error_is_a_first_maximum_that_is_not_the_label(out: Outputs) -> None:
    for error, x, label in zip(out.errors, out.logits.tolist(), out.labels, strict=True):
        assert error == (x.index(max(x)) != label)


def test_outputs_stand_in_the_order_of_the_inputs_and_of_their_views() -> None:
    encoder, split = trained("standard"), toy(9, seed=3)
    views = [[e.texts, TRAIN.examples[i].texts] for i, e in enumerate(split.examples)]
    out = run_encoder(encoder, split, views)
    assert out.logits.dtype == torch.float64
    assert out.labels.tolist() == split.labels
    assert out.perturbed_logits.shape == (9, 2, 2)
    lengths = 7 * RECIPE.width + 2 * RECIPE.max_tokens + 2 * RECIPE.width
    tolerance = 4 * lengths * float(np.finfo(np.float32).eps)  # path_error of test_encoder.py
    assert float((out.perturbed_logits[:, 0] - out.logits).abs().max()) <= tolerance
    for i in range(9):
        with torch.inference_mode():
            texts: list[Texts] = [split.examples[i].texts, TRAIN.examples[i].texts]
            for text, got in zip(texts, out.perturbed_logits[i], strict=True):
                alone = encoder.logits(encoder.tokens([text]))[0]
                assert float((got - alone).abs().max()) <= tolerance


def test_views_are_those_of_the_seed_and_the_split() -> None:
    split = toy(20)
    views = draw_views(split, EDITS, 3, seed=0)
    assert [len(row) for row in views] == [3] * 20
    assert views == draw_views(split, EDITS, 3, seed=0)
    assert views != draw_views(split, EDITS, 3, seed=1)
    assert views != draw_views(dataclasses.replace(split, name="dev"), EDITS, 3, seed=0)
    assert len({view for row in views for view in row}) > 20


class _Unmoved(TokenEdits):
    """A perturbation that returns its input, so that a view can be told to whom it belongs."""

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        return Perturbed(texts, ())


class _Recorded(Encoder):
    """An encoder that writes down what it was asked, and in which mode."""

    calls: list[tuple[bool, list[Tokens]]]

    def logits(self, batch: Sequence[Tokens], *, mask: torch.Tensor | None = None) -> torch.Tensor:
        self.calls.append((self.model.training, list(batch)))
        return super().logits(batch, mask=mask)


def test_each_input_meets_its_own_views_and_only_the_clean_pass_has_dropout() -> None:
    encoder = _Recorded((e.texts for e in TRAIN.examples), 2, RECIPE, seed=0)
    encoder.calls = []
    train(encoder, FEW, RECIPE, CONFIG, _Unmoved({}, 0.3), method="sua_tr")
    assert len(encoder.calls) == 2 * 10  # 40 rows in batches of 4, clean and perturbed
    for (clean_mode, clean), (view_mode, views) in zip(
        encoder.calls[::2], encoder.calls[1::2], strict=True
    ):
        assert (clean_mode, view_mode) == (True, False)
        assert views == [t for i, t in enumerate(clean) if t not in clean[:i]]


def test_equal_views_are_passed_once_and_every_input_gets_its_own_logits() -> None:
    encoder = _Recorded((e.texts for e in TRAIN.examples), 2, RECIPE, seed=0)
    encoder.calls = []
    a, b, c = encoder.tokens([e.texts for e in TRAIN.examples[:3]])
    rows = [[b, a, b], [c, c, a], [a, b, c]]
    found = _perturbed_logits(encoder, rows)
    assert [len(passed) for _, passed in encoder.calls] == [3]
    encoder.model.train(False)
    with torch.no_grad():
        for row, got in zip(rows, found, strict=True):
            for view, logits in zip(row, got, strict=True):
                # One pass alone, one beside longer inputs: single precision, values of order 1.
                assert torch.allclose(encoder.logits([view])[0], logits, atol=1e-5)


def test_batches_do_not_come_in_the_order_of_their_lengths() -> None:
    tokens = [Tokens([0] * (i + 1), [0] * (i + 1)) for i in range(64)]
    firsts = [batch[0] for batch in _batches(tokens, 4, random.Random(0))]
    assert sorted(firsts) != firsts
