"""Every refusal names the argument that it refuses: each argument of each public function in turn.

The arguments come from ``mirror_cases.py``, by parameter name, so that a new function is covered
once its parameters have builders.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

import sua_ref
from tests.mirror_cases import BOUNDS, CURVES, FUNCTIONS, WORLDS, Scene, Seeded, keywords
from tests.strategies import as_balls

HALF = [0.5, 0.5]
WORLD = sua_ref.FiniteWorld([1.0], [[1.0]], [[HALF]], [HALF], [[1.0]], [[True]])
FREE = {"f", "metric", "output", "perturbed_outputs", "phi", "thresholds", "world"}
"""Arguments that are callables, or containers with tests of their own."""
WHOLE = {
    "labels", "errors", "correct", "predictions", "perturbed_predictions", "samples", "flips",
}  # fmt: skip
"""Arrays of marks: what is refused there is another dtype."""
COMMON: dict[str, Any] = {
    "alpha": 0.5, "beta": 0.5, "tau": 0.5, "lam": 1, "lipschitz": 1, "slack": 0, "n_bins": 3,
    "d_max": 1, "n": 3, "confidence": 0.9, "target_risk": 0.1, "kind": "kl", "method": "bernstein",
    "u": np.array(HALF), "samples": np.array([0.0, 0.5, 1.0]), "h": np.array([0.1, 0.5]),
    "value": np.array([0.1, 0.5]), "scores": np.array([0.1, 0.2]), "errors": np.array([0, 1]),
    "grid": np.array([0.15, 0.3]),
}  # fmt: skip


def _arguments(name: str) -> dict[str, Any]:
    if name not in WORLDS | CURVES:
        given = keywords(name, Scene(Seeded(3)))
        if given.get("loss", 0) is None:
            given["loss"] = 1 - np.eye(3)
        if given.get("weights", 0) is None:
            given["weights"] = np.array(HALF)
        if "tau" in given:
            given |= {"tau": 0.5, "scores": np.array([0.25, 0.75])}
        return given
    parameters = inspect.signature(getattr(sua_ref, name)).parameters.values()
    given = {p.name: p.default for p in parameters}
    given |= {k: v for k, v in COMMON.items() if given.get(k, 0) is inspect.Parameter.empty}
    if "world" in given:
        given |= {"world": WORLD} | ({"phi": lambda h: 0 * h} if "phi" in given else {})
    return given


def _spoiled(argument: str, value: Any) -> Iterator[Any]:
    """Values that no function may take for ``value``."""
    if isinstance(value, str):
        yield "?"
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, np.ndarray):
        if argument not in WHOLE or value.dtype.kind == "f":
            bad = value.astype(float)
            bad[(*([-1] * value.ndim),)] = math.nan
            yield bad
        elif argument != "flips":
            yield value + 0.25
        yield 1j * value
    elif isinstance(value, (int, float, Fraction)):
        if argument not in ("n_bins", "n"):
            yield math.nan
        yield "1"
        yield 1j


CASES = [
    (name, argument)
    for name in FUNCTIONS
    for argument, value in _arguments(name).items()
    if argument not in FREE and value is not None
]


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_a_refusal_begins_with_the_name_of_its_argument(name: str, argument: str) -> None:
    given = _arguments(name)
    getattr(sua_ref, name)(**given)
    for bad in _spoiled(argument, given[argument]):
        with pytest.raises((ValueError, TypeError), match=f"^{argument}: "):
            getattr(sua_ref, name)(**{**given, argument: bad})


def _rows(name: str) -> list[str]:
    """The arguments of ``name`` that are float arrays."""
    given = _arguments(name)
    return [k for k, v in given.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"]


MANY = [(name, argument) for name in FUNCTIONS if len(_rows(name)) > 1 for argument in _rows(name)]
APART = ("ambiguity_collapse", "choose_threshold", "failure_signature")
"""Functions that compare each array with a threshold, and no two arrays with each other."""


@pytest.mark.parametrize(("name", "argument"), [m for m in MANY if m[0] not in APART])
def test_another_number_type_is_refused_beside_the_rest(name: str, argument: str) -> None:
    """A silent promotion would void what a ball promises; the arguments are named."""
    given = _arguments(name)
    given[argument] = as_balls(given[argument]) + arb(0, 1e-12)  # wide enough to sum to 1
    with pytest.raises(TypeError, match=r"one number type per call|a ball cannot join") as said:
        getattr(sua_ref, name)(**given)
    for named in re.findall(r"(\w+) is (?:arb|float64)", str(said.value)):
        assert named in [*given, "values"], str(said.value)


BESIDE = [(n, a) for n, a in MANY if n not in ("bayes_risk", "self_risk")]
"""A loss fits outputs of any shape."""


@pytest.mark.parametrize(("name", "argument"), BESIDE)
def test_one_row_too_many_is_refused_and_not_broadcast(name: str, argument: str) -> None:
    given = _arguments(name)
    if argument in ("loss", "weights", "grid", "d_max"):
        given[argument] = np.concatenate([given[argument]] * 2, axis=-1)
        if argument == "weights":
            given[argument] = given[argument] / 2
    else:
        given[argument] = np.concatenate([given[argument]] * 2, axis=0)
    if (name, argument) == ("choose_threshold", "grid"):
        getattr(sua_ref, name)(**given)  # a grid stands beside nothing
        return
    with pytest.raises(ValueError, match=r"shape") as said:
        getattr(sua_ref, name)(**given)
    subject, _, rest = str(said.value).partition(":")
    assert subject.removeprefix("the mixture of ") in given
    for other in re.findall(r"that of (?:the )?(\w+)", rest):
        assert other in [*given, "rows", "mixture"], str(said.value)


def test_the_functions_of_bounds_are_among_them() -> None:
    assert {name for name, _ in CASES} >= BOUNDS | WORLDS | CURVES
