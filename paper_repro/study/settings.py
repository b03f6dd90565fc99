"""What one run of the study is: every number that decides its result."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import nn

from paper_repro.bad_input import BadInputError
from paper_repro.certified_objective import Certified
from paper_repro.objective import Losses, Objective
from paper_repro.rival_objectives import AdversarialTraining, LabelSmoothing, RDrop
from paper_repro.study.tasks import TASKS

MINILM = "minilm"
SMALL = "small"


class Trains(Protocol):
    """An objective: the losses of one batch."""

    def losses(self, model: nn.Module, batch: Mapping[str, Any], step: int) -> Losses:
        """The objective of a batch and its parts."""


@dataclass(frozen=True)
class Settings:
    """One run of the study.

    Attributes:
        task: of ``TASKS``.
        method: of ``METHODS``.
        seed: of the initial weights, the order of the rows, dropout and PGD.
        model: "small" (from a config), "minilm", a local folder or a hub id.
        revision: of a model from the hub.
        train_rows, test_rows, all_sets: as in :func:`~paper_repro.study.tasks.load_study_task`.
        epochs, batch_size, learning_rate, max_tokens: of the training.
        word_dropout: share of the clean input's tokens that training hides (small models alone).
        k: views of an input in training; evaluation always takes five.
        draws: sets of k views drawn for each training input, one after the other by epoch.
        lam, a, b, divergence: of equation (15).
        radius: of PGD's ball, in embedding space.
    """

    task: str
    method: str
    seed: int
    model: str = SMALL
    revision: str | None = None
    train_rows: int = 4000
    test_rows: int = 1000
    all_sets: bool = False
    epochs: int = 4
    batch_size: int = 32
    learning_rate: float = 1e-3
    max_tokens: int = 48
    word_dropout: float = 0.0
    k: int = 5
    draws: int = 1
    lam: float = 1.0
    a: float = 1.0
    b: float = 1.0
    divergence: str = "jsd"
    radius: float = 0.3

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise BadInputError(f"task: {self.task!r} is none of {', '.join(TASKS)}")
        if self.method not in METHODS:
            raise BadInputError(f"method: {self.method!r} is none of {', '.join(METHODS)}")
        least = {"train_rows": 1, "test_rows": 2, "epochs": 1, "batch_size": 1, "max_tokens": 8,
                 "k": 1, "draws": 1, "seed": 0}  # fmt: skip
        for name, low in least.items():
            if getattr(self, name) < low:
                raise BadInputError(f"{name}: {getattr(self, name)}; at least {low} wanted")
        for name in ("learning_rate", "radius"):
            if not 0 < getattr(self, name) < math.inf:
                raise BadInputError(f"{name}: {getattr(self, name)}; above 0 and finite wanted")
        if not 0 <= self.word_dropout < 1:
            raise BadInputError(f"word_dropout: {self.word_dropout}; wanted in [0, 1)")

    @property
    def name(self) -> str:
        """What a person calls the run, such as ``nli-small-sua_tr-0``."""
        model = self.model.rstrip("/").rpartition("/")[2]
        return f"{self.task}-{model}-{self.method}-{self.seed}"

    @property
    def pi(self) -> str:
        """The perturbations of training."""
        return METHODS[self.method].pi

    def resolved(self) -> Settings:
        """With what the method itself fixes."""
        return dataclasses.replace(self, **METHODS[self.method].fixes)

    def objective(self) -> Trains:
        """What the run minimises."""
        return METHODS[self.method].objective(self)


@dataclass(frozen=True)
class Method:
    """A way to train.

    Attributes:
        objective: made of the settings of a run.
        views: whether training needs perturbations.
        pi: which.
        fixes: fields of the settings that the method decides.
    """

    objective: Callable[[Settings], Trains]
    views: bool = False
    pi: str = "mixture"
    fixes: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def _sua_tr(s: Settings) -> Trains:
    return Objective(lam=s.lam, a=s.a, b=s.b, divergence=s.divergence)


def _variant(pi: str = "mixture", **fixes: float) -> Method:
    return Method(_sua_tr, views=True, pi=pi, fixes=fixes)


METHODS: Mapping[str, Method] = {
    "standard": Method(lambda s: LabelSmoothing()),
    "label_smoothing": Method(lambda s: LabelSmoothing(0.1)),
    "r_drop": Method(lambda s: RDrop()),
    "at": Method(lambda s: AdversarialTraining(radius=s.radius, seed=s.seed)),
    "sua_tr": _variant(),
    "no_align": _variant(b=0.0),
    "no_cons": _variant(a=0.0),
    "tokens_only": _variant("tokens"),
    "para_only": _variant("paraphrase"),
    "adv_only": _variant("adversarial"),
    "k3": _variant(k=3),
    "k10": _variant(k=10),
    **{f"lam_{lam:g}": _variant(lam=lam) for lam in (0.0, 0.25, 0.5, 2.0, 3.0)},
    "certified": Method(lambda s: Certified(), views=True),
}
"""Standard; the baselines that train (section 6.2, with label smoothing and R-Drop beside); SUA-TR;
its ablations (Table 3: without L_align, without L_cons, one source of perturbations, K; appendix
B.3: lambda); and the objective with the certified sign."""
