"""A perturbation of some texts of an input: the others are neither shown nor changed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Texts
from paper_repro.perturbations.edits import Edit, Perturbed, perturb_all, replay
from paper_repro.perturbations.only_parts import OnlyParts
from paper_repro.perturbations.token_edits import TokenEdits

EDITS = TokenEdits({"rain": ["drizzle", "snow"], "heavy": ["light"]}, 0.5)
INPUTS = st.lists(
    st.lists(st.sampled_from(["heavy rain.", "rain today", "no", ""]), min_size=3, max_size=5).map(
        tuple
    ),
    min_size=1,
    max_size=3,
)
PARTS = st.sets(st.integers(0, 2), min_size=1).map(lambda s: tuple(sorted(s)))


@given(INPUTS, PARTS, st.integers(0, 2**32))
def test_the_other_texts_stay_and_the_record_is_of_the_whole_input(
    inputs: list[Texts], parts: tuple[int, ...], seed: int
) -> None:
    only = OnlyParts(EDITS, parts)
    drawn = perturb_all(only, inputs, [random.Random(seed + i) for i in range(len(inputs))])
    for i, (texts, one) in enumerate(zip(inputs, drawn, strict=True)):
        assert replay(texts, one.edits) == one.texts
        assert {edit.part for edit in one.edits} <= set(parts)
        assert all(
            a == b for p, (a, b) in enumerate(zip(texts, one.texts, strict=True)) if p not in parts
        )
        # It is the draw for an input of these parts alone.
        alone = EDITS.perturb(tuple(texts[p] for p in parts), random.Random(seed + i))
        assert tuple(one.texts[p] for p in parts) == alone.texts
        assert one == only.perturb(texts, random.Random(seed + i))


def test_every_part_is_reached() -> None:
    only, rng = OnlyParts(EDITS, (1, 2)), random.Random(0)
    drawn = [only.perturb(("heavy", "heavy rain", "rain"), rng) for _ in range(50)]
    assert {edit.part for one in drawn for edit in one.edits} == {1, 2}


@dataclass
class Asked:
    """A model: draws for all inputs at once, and fails at some."""

    batches: list[list[Texts]] = field(default_factory=list)

    def perturb(self, texts: Texts, rng: random.Random) -> Perturbed:
        raise AssertionError("one at a time")

    def perturb_all(self, inputs: list[Texts], rngs: list[random.Random]) -> list[Perturbed]:
        self.batches.append(inputs)
        return [
            Perturbed(("new",), (Edit("k", 0, 0, x[0], "new"),))
            if x[0]
            else Perturbed(x, (), "cut short")
            for x in inputs
        ]


def test_a_batch_stays_a_batch_and_a_failure_a_failure() -> None:
    model = Asked()
    only = OnlyParts(model, (1,))
    drawn = perturb_all(only, [("a", "b"), ("c", "")], [random.Random(0)] * 2)
    assert model.batches == [[("b",), ("",)]]
    assert drawn[0] == Perturbed(("a", "new"), (Edit("k", 1, 0, "b", "new"),))
    assert drawn[1] == Perturbed(("c", ""), (), "cut short")


@pytest.mark.parametrize("parts", [(), (1, 0), (0, 0), (-1,)])
def test_parts_that_are_no_places_are_refused(parts: tuple[int, ...]) -> None:
    with pytest.raises(BadInputError, match=r"parts: .*; ascending places from 0 wanted"):
        OnlyParts(EDITS, parts)


def test_an_input_without_the_part_is_refused_by_its_number() -> None:
    with pytest.raises(BadInputError, match=r"parts: \(0, 2\), but input 1 has 2 texts"):
        perturb_all(OnlyParts(EDITS, (0, 2)), [("a", "b", "c"), ("a", "b")], [random.Random(0)] * 2)
