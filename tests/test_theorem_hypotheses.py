"""The hypotheses of section 4 on worlds: a setting that misses one is named for it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from proofs_checks.counterexamples import COIN_KEPT, COIN_KEPT_BY_TWO, TWO_INTERPRETATIONS, rare
from proofs_checks.theorem_hypotheses import Setting, hypothesis_faults
from sua_ref import FiniteWorld
from tests.strategies import exact

HALF = Fraction(1, 2)


def rebuilt(setting: Setting, **changes: Any) -> Setting:
    """The setting with parts of its world exchanged."""
    names = ("p_x", "p_z", "p_y_given_z", "model", "kernel", "neighbours", "loss")
    world = FiniteWorld(**{name: changes.get(name, getattr(setting.world, name)) for name in names})
    return dataclasses.replace(setting, world=world)


@pytest.mark.parametrize("setting", [TWO_INTERPRETATIONS, COIN_KEPT_BY_TWO])
def test_the_counterexamples_meet_every_hypothesis_everywhere(setting: Setting) -> None:
    assert hypothesis_faults(setting) == []


def test_some_meet_them_at_the_likely_inputs_only() -> None:
    setting = rare(Fraction(1, 10))
    assert hypothesis_faults(setting, everywhere=False) == []
    assert any("asm_3: input 1" in fault for fault in hypothesis_faults(setting))
    assert any("asm_3: input 2" in fault for fault in hypothesis_faults(COIN_KEPT))


COIN, LIKED = [HALF, HALF], [Fraction(3, 5), Fraction(2, 5)]
CONSTANTS: dict[str, tuple[dict[str, Any], str]] = {
    "L_D below the oscillation": ({"lipschitz": Fraction(2, 5)}, "asm_1"),
    "phi falls": ({"phi_slope": Fraction(-1)}, "asm_2: phi decreases"),
    "phi too steep": ({"phi_slope": Fraction(1)}, "is not shown for every distribution"),
    "lambda of 0": ({"lam": Fraction(0)}, "lambda is not above 0"),
    "lambda too small": ({"lam": Fraction(1, 4)}, "(at_least_phi) or asm_2 is not met"),
    "lambda too large": ({"lam": Fraction(2)}, "(at_most_phi) or asm_2 is not met"),
}
PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "a loss above 1": ({"loss": exact([[1, 2], [2, 1]])}, "leaves [0, 1]"),
    "a loss that charges the answer": (
        {"loss": exact([[Fraction(0), Fraction(0)], [Fraction(1), Fraction(1)]])}, "asm_1: an osc",
    ),
    "the model follows the rarer interpretation": (
        {"model": exact([LIKED, [Fraction(9, 10), Fraction(1, 10)]])}, "asm_3: input 1",
    ),
    "no dominant interpretation": ({"p_z": exact([COIN, COIN])}, "asm_3: input 0"),
    "interpretations that change": (
        {"p_z": exact([[Fraction(2, 3), Fraction(1, 3)], [Fraction(3, 4), Fraction(1, 4)]])},
        "def_3_1: around input 0",
    ),
    "labels that change": (
        {"p_y_given_z": exact([[LIKED, LIKED], [[Fraction(9, 20), Fraction(11, 20)], LIKED]])},
        "around input 0 the label law changes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_that_breaks_a_hypothesis_is_named(name: str) -> None:
    changes, said = CONSTANTS[name]
    broken = dataclasses.replace(TWO_INTERPRETATIONS, **changes)
    assert any(said in fault for fault in hypothesis_faults(broken))


@pytest.mark.parametrize("name", PARTS)
def test_a_world_that_breaks_a_hypothesis_is_named(name: str) -> None:
    changes, said = PARTS[name]
    assert any(
        said in fault for fault in hypothesis_faults(rebuilt(TWO_INTERPRETATIONS, **changes))
    )
