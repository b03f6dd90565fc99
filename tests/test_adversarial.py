"""The search for a large divergence: within its budget, through its filters, never downhill."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import sua_gpu
from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example, Texts
from paper_repro.perturbations.adversarial import Adversarial
from paper_repro.perturbations.constraints import SimilarMeaning
from paper_repro.perturbations.edits import Edit, Perturbed, replay
from paper_repro.perturbations.sources import ACCEPTED, IDENTICAL, SHOWN, Draw, draw_each
from paper_repro.perturbations.token_edits import TokenEdits
from sua_ref import DIVERGENCES

EDITS = TokenEdits({"rain": ["drizzle", "snow"], "storm": ["tempest"], "heavy": ["light"]}, 0.3)
EXAMPLES = [Example(f"e{i}", (f"heavy rain, {w} storm",), 0) for i, w in enumerate("abcd")]


def letters(texts: Sequence[str]) -> Tensor:
    rows = [[1.0, *(t.lower().count(chr(97 + i)) for i in range(26))] for t in texts]
    return torch.tensor(rows)


class Model:
    """Logits that are linear in the letters, and a count of what was asked."""

    def __init__(self) -> None:
        self.asked: Counter[Texts] = Counter()
        weights = random.Random(0)
        self._matrix = torch.tensor([[weights.gauss(0, 0.5) for _ in range(3)] for _ in range(27)])

    def __call__(self, inputs: Sequence[Texts]) -> Tensor:
        self.asked.update(inputs)
        return letters([" ".join(x) for x in inputs]) @ self._matrix


def search(model: Model, **changes: Any) -> Adversarial:
    settings: dict[str, Any] = {
        "transformations": (EDITS,),
        "logits": model,
        "constraints": (SimilarMeaning(letters, 0.85),),
    }
    return Adversarial(**settings | changes)


def drawn(source: Adversarial, k: int = 3, seed: int = 0) -> list[tuple[Texts, Draw]]:
    rows = draw_each(source, EXAMPLES, k, seed)
    return [(e.texts, d) for e, row in zip(EXAMPLES, rows, strict=True) for d in row]


def divergence_of(a: Texts, b: Texts, kind: str) -> float:
    p, q = torch.softmax(Model()([a, b]).double(), -1)
    found = sua_gpu.distributional_sensitivity(p, q[None], divergence=kind)
    return float(found)


@pytest.mark.parametrize("kind", DIVERGENCES)
def test_the_divergence_reported_is_that_of_the_text_found(kind: str) -> None:
    found = drawn(search(Model(), divergence=kind))
    for texts, draw in found:
        assert draw.divergence == pytest.approx(divergence_of(texts, draw.texts, kind), rel=1e-9)
        assert replay(texts, draw.edits) == draw.texts
        assert (draw.divergence == 0) == (draw.texts == texts)
    assert sum(draw.texts != texts for texts, draw in found) > 6


@given(st.integers(2, 25), st.integers(1, 6), st.integers(0, 2**32))
def test_the_budget_is_never_exceeded_and_is_what_was_asked(
    budget: int, width: int, seed: int
) -> None:
    model = Model()
    (draw,) = search(model, budget=budget, width=width).draw(
        [("heavy rain today",)], [random.Random(seed)]
    )
    assert draw.queries <= budget
    assert draw.queries == model.asked.total()
    assert model.asked[("heavy rain today",)] == 1
    assert draw.outcomes.count(ACCEPTED) == draw.queries - 1
    assert len(draw.outcomes) < 4 * budget + width


@given(st.integers(0, 2**32))
def test_a_larger_budget_never_finds_less(seed: int) -> None:
    """With one proposal a step the longer search goes on where the shorter ended."""
    values = []
    for budget in (2, 3, 5, 9, 20):
        source = search(Model(), budget=budget, width=1)
        (draw,) = source.draw([("heavy rain, a storm",)], [random.Random(seed)])
        assert draw.divergence is not None
        values.append(draw.divergence)
    assert values == sorted(values)
    assert values[0] >= 0


def test_what_is_found_passes_the_filters_and_only_that_was_shown_to_the_model() -> None:
    model = Model()
    near = SimilarMeaning(letters, 0.95)
    found = drawn(search(model, constraints=(near,)))
    assert any("similar meaning" in draw.outcomes for _, draw in found)
    for texts, draw in found:
        assert near.keeps([texts], [draw.texts]) == [True]
    originals = [e.texts for e in EXAMPLES]
    for shown in model.asked:
        assert any(near.keeps([x], [shown]) == [True] for x in originals)


def test_searching_finds_more_than_drawing() -> None:
    """The mean divergence of one draw is below that of a search of 20 queries."""
    climbed = [draw.divergence or 0 for _, draw in drawn(search(Model()), k=8)]
    single = [draw.divergence or 0 for _, draw in drawn(search(Model(), budget=2), k=8)]
    assert sum(climbed) > 1.5 * sum(single)


def test_a_draw_does_not_depend_on_what_else_is_searched() -> None:
    source = search(Model(), transformations=(EDITS, TokenEdits({}, 0.2)))
    together = draw_each(source, EXAMPLES, 2, 5)
    assert together == draw_each(source, EXAMPLES, 2, 5)
    for example, draws in zip(EXAMPLES, together, strict=True):
        assert draw_each(source, [example], 2, 5) == [draws]


class Watched:
    """A filter that keeps what it was asked, and lets all be, none, or texts of even length."""

    name = "watched"

    def __init__(self, lets: str) -> None:
        self.lets = lets
        self.asked: list[tuple[Texts, Texts]] = []

    def keeps(self, inputs: Sequence[Texts], proposals: Sequence[Texts]) -> list[bool]:
        self.asked += zip(inputs, proposals, strict=True)
        even = [sum(map(len, p)) % 2 == 0 for p in proposals]
        return even if self.lets == "even" else [self.lets == "all"] * len(proposals)


def test_a_last_filter_that_lets_everything_be_changes_nothing_but_the_count() -> None:
    watched, plain = Watched("all"), drawn(search(Model()))
    found = drawn(search(Model(), last=(watched,)))
    for (texts, draw), (_, other) in zip(found, plain, strict=True):
        assert (draw.texts, draw.edits, draw.divergence) == (
            other.texts,
            other.edits,
            other.divergence,
        )
        assert draw.queries == other.queries
        changed = draw.texts != texts
        assert draw.outcomes.count(ACCEPTED) == changed
        assert draw.outcomes.count(SHOWN) == other.outcomes.count(ACCEPTED) - changed
        assert len(draw.outcomes) == len(other.outcomes)
    assert watched.asked == [(x, d.texts) for x, d in found if d.texts != x]


def test_a_climb_that_no_last_filter_lets_be_ends_where_it_began() -> None:
    watched = Watched("none")
    for texts, draw in drawn(search(Model(), last=(watched,))):
        asked = [p for x, p in watched.asked if x == texts]
        assert (draw.texts, draw.edits, draw.divergence) == (texts, (), 0.0)
        assert ACCEPTED not in draw.outcomes
        assert draw.outcomes.count("watched") > 0
        assert len(asked) >= draw.outcomes.count("watched")


@given(st.integers(0, 2**32), st.integers(2, 20), st.integers(1, 6))
def test_a_climb_goes_back_to_the_last_place_that_is_let_be(
    seed: int, budget: int, width: int
) -> None:
    """What it passed through are the records of the divergence among the texts that it showed."""
    shown: list[Texts] = []
    model = Model()

    def remembering(inputs: Sequence[Texts]) -> Tensor:
        shown.extend(inputs)
        return model(inputs)

    x, watched = ("heavy rain, a storm",), Watched("even")
    source = search(model, logits=remembering, last=(watched,), budget=budget, width=width)
    (draw,) = source.draw([x], [random.Random(seed)])
    path, height = [], 0.0
    for texts in shown:
        value = divergence_of(x, texts, "jsd")
        if value > height + 1e-12:  # less may be rounding
            path.append(texts)
            height = value
    kept = [t for t in path if sum(map(len, t)) % 2 == 0]
    assert draw.texts == (kept[-1] if kept else x)
    assert replay(x, draw.edits) == draw.texts
    assert draw.divergence == pytest.approx(divergence_of(x, draw.texts, "jsd"), rel=1e-9)
    back = path[::-1]
    asked = back[: back.index(draw.texts) + 1] if kept else back
    assert [p for _, p in watched.asked] == asked
    assert draw.outcomes.count("watched") == len(asked) - bool(kept)
    assert draw.outcomes.count(ACCEPTED) == bool(kept)


class Nothing:
    """A transformation that never applies."""

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        return Perturbed(texts, ())


class Deaf:
    """One that always says the same."""

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        return Perturbed(("rain!",), (Edit("k", 0, 0, texts[0], "rain!"),))


def test_a_search_without_proposals_ends_at_its_input() -> None:
    source = search(Model(), transformations=(Nothing(),), budget=3, width=2)
    (draw,) = source.draw([("rain",)], [random.Random(0)])
    assert (draw.texts, draw.edits, draw.divergence, draw.queries) == (("rain",), (), 0.0, 1)
    assert set(draw.outcomes) == {IDENTICAL}
    assert source.draw([], []) == []


def test_no_text_is_shown_to_the_model_twice() -> None:
    model = Model()
    source = search(model, transformations=(Deaf(),), constraints=(), budget=9)
    (draw,) = source.draw([("rain",)], [random.Random(0)])
    assert model.asked == {("rain",): 1, ("rain!",): 1}
    assert draw.outcomes.count("repeated") == len(draw.outcomes) - 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"budget": 1}, "budget: 1, width: 4"),
        ({"width": 0}, "budget: 20, width: 0"),
        ({"divergence": "l2"}, "divergence: 'l2' is none of kl"),
        ({"transformations": ()}, "transformations: none given"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        search(Model(), **changes)


def test_a_model_that_answers_nan_is_refused_by_its_input() -> None:
    source = search(Model(), logits=lambda inputs: torch.full((len(inputs), 2), torch.nan))
    with pytest.raises(ValueError, match=r"logits: row 0 is .* for \('rain',\)"):
        source.draw([("rain",)], [random.Random(0)])
