"""What a run is: a configuration and a seed. Every field is checked when it is made."""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError
from sua_ref import DIVERGENCES


def _positive(name: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise BadInputError(f"config: {name} is {value}; it must be above 0 and finite")


@dataclass(frozen=True)
class Recipe:
    """How the encoder of one task is built and trained."""

    epochs: int
    learning_rate: float
    batch_size: int
    vocabulary: int
    max_tokens: int
    width: int
    layers: int
    heads: int
    dropout: float
    word_dropout: float

    def __post_init__(self) -> None:
        for name in ("epochs", "learning_rate", "batch_size", "vocabulary", "max_tokens"):
            _positive(name, getattr(self, name))
        for name in ("width", "layers", "heads"):
            _positive(name, getattr(self, name))
        if self.max_tokens < 8:
            raise BadInputError(f"config: max_tokens is {self.max_tokens}; at least 8 are needed")
        if self.width % self.heads:
            raise BadInputError(f"config: width {self.width} is no multiple of heads {self.heads}")
        for name in ("dropout", "word_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInputError(f"config: {name} is {getattr(self, name)}; wanted in [0, 1)")


RECIPES = {
    "world_qa": Recipe(16, 1e-3, 32, 600, 32, 128, 2, 4, 0.0, 0.0),
    "world_nli": Recipe(8, 1e-3, 32, 600, 32, 128, 2, 4, 0.0, 0.0),
    "world_topic": Recipe(6, 1e-3, 32, 600, 32, 128, 2, 4, 0.0, 0.0),
    "topic": Recipe(5, 2e-3, 64, 16000, 64, 128, 1, 4, 0.2, 0.3),
    "nli": Recipe(2, 1e-3, 48, 8000, 64, 128, 2, 4, 0.1, 0.05),
}


@dataclass(frozen=True)
class Config:
    """One run of ``sua reproduce``.

    Attributes:
        tasks: names of ``RECIPES``.
        seed: of everything random.
        k: perturbations per input, in training and in evaluation (the paper's default is 5).
        lam, a, b: lambda, and the weights of the consistency and the alignment loss in (15). The
            paper's values are lost; ours are 1.
        divergence: D of Definition 3.2.
        edit_rate: share of the words of an input that a token-level edit touches, at least one.
        bootstrap: resamples behind each 95 % interval.
        recipes: how each task's encoder is built and trained.
    """

    tasks: tuple[str, ...]
    seed: int = 0
    k: int = 5
    lam: float = 1.0
    a: float = 1.0
    b: float = 1.0
    divergence: str = "jsd"
    edit_rate: float = 0.1
    bootstrap: int = 1000
    recipes: dict[str, Recipe] = field(default_factory=lambda: dict(RECIPES))

    def __post_init__(self) -> None:
        if not self.tasks:
            raise BadInputError("tasks: none named")
        for task in self.tasks:
            if task not in self.recipes:
                raise BadInputError(f"tasks: {task!r} is none of {', '.join(self.recipes)}")
        for name in ("k", "lam", "edit_rate", "bootstrap"):
            _positive(name, getattr(self, name))
        for name in ("a", "b"):
            if not 0 <= getattr(self, name) < math.inf:
                value = getattr(self, name)
                raise BadInputError(f"config: {name} is {value}; it must be >= 0 and finite")
        if self.edit_rate > 1:
            raise BadInputError(f"config: edit_rate is {self.edit_rate}; it is a share, at most 1")
        if self.divergence not in DIVERGENCES:
            raise BadInputError(
                f"config: divergence {self.divergence!r} is none of {', '.join(DIVERGENCES)}"
            )


def _typed(where: str, name: str, value: Any, example: Any) -> Any:
    """``value`` as the type of the default ``example``; an integer may stand for a float."""
    if isinstance(example, float) and type(value) is int:
        try:
            return float(value)
        except OverflowError as error:
            raise BadInputError(f"{where}: field {name!r} is too large") from error
    if type(value) is not type(example):
        wanted = type(example).__name__
        raise BadInputError(f"{where}: field {name!r} is {value!r}; {wanted} wanted")
    return value


def _known(where: str, given: dict[str, Any], known: list[str]) -> None:
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"
            raise BadInputError(f"{where}: unknown field {name!r}{hint}")


def load_config(path: Path | None, *, tasks: tuple[str, ...], seed: int) -> Config:
    """The configuration of a run, with the fields that a TOML file changes.

    Top-level fields are those of :class:`Config`; a table named after a task changes its recipe::

        k = 3
        [topic]
        epochs = 2

    Raises:
        BadInputError: no such file, no TOML, an unknown field, or a value out of range.
    """
    default = Config(tasks=tasks, seed=seed)
    if path is None:
        return default
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"--config {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"--config {path}: no valid TOML: {error}") from error
    settable = [
        f.name for f in dataclasses.fields(Config) if f.name not in ("tasks", "seed", "recipes")
    ]
    where = f"--config {path}"
    _known(where, given, settable + list(RECIPES))
    recipes = dict(RECIPES)
    changes: dict[str, Any] = {}
    for name, value in given.items():
        if name not in RECIPES:
            changes[name] = _typed(where, name, value, getattr(default, name))
            continue
        recipe, table = RECIPES[name], f"{where}: [{name}]"
        if not isinstance(value, dict):
            raise BadInputError(f"{table} must be a table")
        _known(table, value, [f.name for f in dataclasses.fields(Recipe)])
        recipes[name] = dataclasses.replace(
            recipe, **{n: _typed(table, n, v, getattr(recipe, n)) for n, v in value.items()}
        )
    return dataclasses.replace(default, recipes=recipes, **changes)
