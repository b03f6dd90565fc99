"""Arguments for any public function, by the names of its parameters: where a new name is added.

``BUILD`` has one builder for each parameter; ``FOR`` the exceptions, by function. A builder takes
a :class:`Scene`, whose :class:`Source` is either Hypothesis or a seeded generator, so that the same
dictionary serves properties and derivatives.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from tests.strategies import (
    Floats,
    as_balls,
    dyadic_rows,
    float_neighbours,
    float_rows,
    logit_neighbours,
    logit_rows,
)

FUNCTIONS = sorted(
    name
    for name in sua_ref.__all__
    if callable(getattr(sua_ref, name)) and not inspect.isclass(getattr(sua_ref, name))
)
WORLDS = {"cor_4_4", "population_calibration_error", "prop_4_8", "thm_4_5"}
CURVES = {
    "choose_threshold",
    "error_bounds",
    "margin_bound",
    "sensitivity_upper_bound",
    "smoothing_factor",
    "smoothing_factor_for",
    "total_variation_bound",
}
ELSEWHERE = WORLDS | CURVES
"""Functions of a world, or of other numbers than outputs: their values, balls and derivatives are
in ``test_mirror_theory.py`` and ``test_mirror_curves.py``, and in the tests of their claims."""
BOUNDS = {
    "expected_risk_bound",
    "lem_4_6",
    "lem_4_7",
    "lem_4_7_general",
    "lem_4_7_risk",
    "thm_4_3_eq_10",
    "thm_4_3_eq_11",
}
"""Functions that return a :class:`~sua_ref.results.Bound`: ``test_mirror_theory.py`` compares their
values and hypotheses under all readings."""
MIRRORED = [n for n in FUNCTIONS if n not in sua_gpu.EXEMPT and n not in ELSEWHERE]
MIRROR_ONLY = {"implementation", "validate", "generator"}
KINDS = ("kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2")


class Source(Protocol):
    """Where rows and numbers come from."""

    def pick(self, options: Sequence[Any]) -> Any: ...
    def row(self, n: int) -> Floats: ...
    def beside(self, row: Floats) -> Floats: ...
    def logits(self, n: int) -> Floats: ...
    def beside_logits(self, x: Floats) -> Floats: ...


class Drawn(Source):
    """Hypothesis: boundaries included. ``dyadic`` rows sum to 1 exactly, as balls must."""

    def __init__(self, draw: st.DrawFn, *, dyadic: bool = False) -> None:
        self.draw, self.dyadic = draw, dyadic

    def pick(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def row(self, n: int) -> Floats:
        return self.draw(dyadic_rows(n) if self.dyadic else float_rows(n))

    def beside(self, row: Floats) -> Floats:
        return self.draw(dyadic_rows(len(row)) if self.dyadic else float_neighbours(row))

    def logits(self, n: int) -> Floats:
        return self.draw(logit_rows(n))

    def beside_logits(self, x: Floats) -> Floats:
        return self.draw(logit_neighbours(x))


class Seeded(Source):
    """Generic values, away from every kink: where a function is differentiable, it is here."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def row(self, n: int) -> Floats:
        return self.rng.dirichlet(np.full(n, 5.0))

    def beside(self, row: Floats) -> Floats:
        return self.rng.dirichlet(np.full(len(row), 5.0))

    def logits(self, n: int) -> Floats:
        return self.rng.normal(size=n)

    def beside_logits(self, x: Floats) -> Floats:
        return self.rng.normal(size=len(x))


@dataclasses.dataclass
class Scene:
    """The sizes of one case and the rows that its arguments share."""

    source: Source
    rows: int = 2
    views: int = 2
    labels: int = 3

    def __post_init__(self) -> None:
        s = self.source
        self.p = np.stack([s.row(self.labels) for _ in range(self.rows)])
        self.x = np.stack([s.logits(self.labels) for _ in range(self.rows)])

    def pick(self, *options: Any) -> Any:
        return self.source.pick(options)

    def beside(self, rows: Floats) -> Floats:
        return np.stack([self.source.beside(r) for r in rows])

    def around(self) -> Floats:
        """``(B, K, V)`` beside p."""
        return np.stack([self.beside(self.p) for _ in range(self.views)], axis=1)

    def logits_beside(self) -> Floats:
        return np.stack([self.source.beside_logits(x) for x in self.x])

    def column(self, *options: float) -> Floats:
        return np.array([self.pick(*options) for _ in range(self.rows)], dtype=np.float64)

    def marks(self) -> Any:
        """0/1 for each row, both present."""
        rest = [self.pick(0, 1) for _ in range(self.rows - 2)]
        return np.array([*self.pick((0, 1), (1, 0)), *rest], dtype=np.int64)

    def integers(self, *shape: int) -> Any:
        size = int(np.prod(shape))
        return np.array([self.pick(*range(self.labels)) for _ in range(size)]).reshape(shape)

    def weights(self) -> Any:
        """None, one law for all rows, or one for each."""
        one = self.source.row(self.views)
        return self.pick(
            None, one, np.stack([one, *[self.source.row(self.views)] * (self.rows - 1)])
        )


def total_variation_generator(t: Any) -> Any:
    return abs(t - 1) / 2


total_variation_generator.slope_at_infinity = 0.5  # type: ignore[attr-defined]  # how f carries it

Builder = Callable[[Scene], Any]
SCORES = (-1.5, 0.0, 0.25, 0.5, 0.5, 1.0, 1e30, float("inf"), -float("inf"))
NATS = (0.0, 0.1, 0.35, 0.7, 1.1)
BUILD: dict[str, Builder] = {
    "p": lambda s: s.p,
    "q": lambda s: s.beside(s.p),
    "perturbed": Scene.around,
    "p_true": lambda s: s.beside(s.p),
    "after": lambda s: s.beside(s.p),
    "perturbed_after": Scene.around,
    "p_true_perturbed": Scene.around,
    "p_z": lambda s: s.p,
    "p_z_perturbed": Scene.around,
    "p_y_given_z": lambda s: np.stack([[s.source.row(4) for _ in p] for p in s.p]),
    "joint": lambda s: np.stack([s.source.row(6) for _ in s.p]).reshape(s.rows, 2, 3),
    "logits": lambda s: s.x,
    "perturbed_logits": lambda s: np.stack([s.logits_beside() for _ in range(s.views)], axis=1),
    "labels": lambda s: s.integers(s.rows),
    "f": lambda s: total_variation_generator,
    "kind": lambda s: s.pick(*KINDS),
    "divergence": lambda s: s.pick(*KINDS),
    "weights": Scene.weights,
    "stop_gradient": lambda s: s.pick("perturbed", "clean", "none"),
    "lam": lambda s: s.pick(0.125, 0.75, 2),
    "a": lambda s: s.pick(0, 0.5),
    "b": lambda s: s.pick(0, 2.0),
    "delta": lambda s: s.pick(0, 0.0371, 0.3141),
    "output": lambda s: s.pick(1.0, 2.5),
    "perturbed_outputs": lambda s: [s.pick(1.0, 1.25, 3.0) for _ in range(s.views)],
    "metric": lambda s: lambda a, b: abs(a - b),
    "factor": lambda s: s.pick("alpha", "alpha_squared", "sharp"),
    "flips": lambda s: s.column(0.0, 0.5, 1.0),
    "label_invariant": lambda s: True,
    "stationary": lambda s: True,
    "alpha": lambda s: s.pick(0.2, 0.5),
    "beta": lambda s: s.pick(0.2, 0.5),
    "ambiguity": lambda s: s.column(*NATS),
    "predictive_entropy": lambda s: s.column(*NATS),
    "sensitivity": lambda s: s.column(*NATS),
    "entropy": lambda s: s.column(*NATS),
    "thresholds": lambda s: {"sensitivity": 0.35, "entropy": 0.5, "ambiguity": 0.1},
    "samples": lambda s: s.integers(s.rows, 5),
    "scores": lambda s: s.column(*SCORES),
    "tau": lambda s: s.pick(0.5, 1, float("inf")),
    "errors": Scene.marks,
    "correct": Scene.marks,
    "coverage": lambda s: s.pick(0.1, 0.5, 0.8, 1),
    "confidence": lambda s: s.column(0.0, 0.2, 1 / 3, 0.4, 0.6, 2 / 3, 0.7, 0.8, 1.0),
    "n_bins": lambda s: s.pick(1, 3, 5, 10, 15),
    "closed": lambda s: s.pick("right", "left"),
    "predictions": lambda s: s.integers(s.rows),
    "perturbed_predictions": lambda s: s.integers(s.rows, s.views),
    "loss": lambda s: s.pick(None, np.abs(np.subtract.outer(*[np.arange(s.labels)] * 2)) / 2),
    "reading": lambda s: s.pick("signed", "positive", "absolute"),
    "gap": lambda s: s.pick("signed", "positive", "absolute"),
    "risk": lambda s: s.pick("gibbs", "self"),
    "condition": lambda s: s.pick("at_least_phi", "at_most_phi"),
    "lipschitz": lambda s: s.pick(1, 2.5),
    "phi": lambda s: lambda h: h / 4,
}  # fmt: skip
"""A builder for each parameter, by name. A new public parameter is added here."""


def _pairwise(name: str) -> bool:
    plain = name.removesuffix("_from_logits")
    return "q" in inspect.signature(getattr(sua_ref, plain)).parameters


FOR: dict[tuple[str, str], Builder] = {
    ("sua_risk", "weights"): lambda s: s.pick(None, s.source.row(s.rows)),
    ("lem_4_6", "p_z"): lambda s: s.beside(s.p),
    ("lem_4_6", "p_y_given_z"): lambda s: np.stack(
        [[s.source.row(s.labels) for _ in p] for p in s.p]
    ),
    ("ece_lower_bound", "weights"): lambda s: s.pick(None, s.source.row(s.rows)),
    ("ece_lower_bound_from_sensitivity", "weights"): lambda s: s.pick(None, s.source.row(s.rows)),
    ("ece_lower_bound_from_sensitivity", "sensitivity"): lambda s: s.column(0.35, 0.6, 0.7),
    ("ece_lower_bound_from_sensitivity", "entropy"): lambda s: s.column(0.05, 0.1, 0.35),
    ("ece_lower_bound_from_sensitivity", "n_bins"): lambda s: s.pick(1, 2, 3, 4, 5, 15),
    ("ece_lower_bound_from_sensitivity", "flips"): lambda s: s.pick(None, s.column(0.25, 0.5)),
    ("sua_risk", "scores"): lambda s: s.column(-1.5, 0.0, 0.25, 1e30),
    ("failure_signature", "ambiguity"): lambda s: s.column(*NATS),
    ("temperature_scale", "logits"): lambda s: np.round(np.clip(s.x, -64, 64) * 4) / 4,
    **{
        (name, "perturbed_logits"): Scene.logits_beside
        for name in FUNCTIONS
        if name.endswith("_from_logits") and _pairwise(name)
    },
}
"""Builders that hold for one function only."""


def keywords(name: str, scene: Scene) -> dict[str, Any]:
    """NumPy arguments for the public function ``name``."""
    given = {}
    for parameter in inspect.signature(getattr(sua_ref, name)).parameters:
        builder = FOR.get((name, parameter), BUILD.get(parameter))
        assert builder is not None, f"{name}: no builder for {parameter!r} in tests/mirror_cases.py"
        given[parameter] = builder(scene)
    return given


@st.composite
def cases(draw: st.DrawFn, name: str, *, dyadic: bool = False) -> dict[str, Any]:
    """Arguments for ``name`` by Hypothesis."""
    rows, views, labels = draw(st.integers(2, 4)), draw(st.integers(1, 3)), draw(st.integers(2, 6))
    return keywords(name, Scene(Drawn(draw, dyadic=dyadic), rows, views, labels))


def _map(given: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    return {k: change(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}


def as_tensors(given: Mapping[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """Arrays as tensors, floats in ``dtype``."""

    def tensor(a: Any) -> torch.Tensor:
        t = torch.from_numpy(a)
        return t.to(dtype) if t.is_floating_point() else t

    return _map(given, tensor)


def as_arrays(given: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors back as arrays: what the reference sees is what the mirror saw."""
    return {k: v.numpy() if isinstance(v, torch.Tensor) else v for k, v in given.items()}


def as_ball_arrays(given: Mapping[str, Any]) -> dict[str, Any]:
    """Float arrays as exact balls."""
    return _map(given, lambda a: as_balls(a) if a.dtype.kind == "f" else a)


def numbers(result: Any) -> Iterator[Any]:
    """Every number of a result, whatever holds it."""
    if isinstance(result, Mapping):
        for key in sorted(result):
            yield from numbers(result[key])
    elif dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from numbers(getattr(result, field.name))
    elif isinstance(result, torch.Tensor):
        yield from result.detach().ravel().tolist()
    elif isinstance(result, tuple):
        for part in result:
            yield from numbers(part)
    else:
        yield from np.ravel(np.asarray(result)).tolist()


def spread(given: Mapping[str, Any]) -> float:
    """What a log-ratio or a logit may amount to: 745 nats is the smallest float64."""
    largest = 745.0
    for key, value in given.items():
        if "logits" in key:
            largest = max(largest, 2 * float(np.abs(value[np.isfinite(value)]).max()))
    return largest
