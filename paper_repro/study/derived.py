"""Methods that train nothing: temperature scaling, MC dropout, deep ensembles of three.

Each turns what runs of method "standard" left into outputs of its own, which are then judged like
those of any other run. Averages are of probabilities; a logit is the logarithm of one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from paper_repro.bad_input import BadInputError
from paper_repro.study.measures import measure
from paper_repro.study.outputs import Outputs
from paper_repro.study.run import DoneRun
from paper_repro.temperature import Temperature, fit_temperature

BASE = "standard"
MEMBERS = 3
"""Models of an ensemble."""
Logits = npt.NDArray[np.float32]


def _temperature(outputs: Sequence[Outputs]) -> Temperature:
    dev = next((o for o in outputs if o.role == "dev"), None)
    if dev is None:
        raise BadInputError("outputs: none of role dev; T is fitted on it")
    return fit_temperature(torch.from_numpy(dev.logits), torch.from_numpy(dev.labels))


def temperature(outputs: Sequence[Outputs]) -> float:
    """T, fitted on the dev set among the outputs of one model (Guo et al. 2017).

    Raises:
        BadInputError: no dev set, or a boundary: T = 0 or infinity scales nothing.
    """
    found = _temperature(outputs)
    if found.at_boundary:
        raise BadInputError(f"outputs: T = {found.value} on dev; a finite one above 0 wanted")
    return found.value


def temp_scale(outputs: Sequence[Outputs]) -> list[Outputs]:
    """Every logit over T."""
    t = temperature(outputs)
    return [
        dataclasses.replace(
            o,
            logits=_scaled(o.logits, t),
            views=_scaled(o.views, t),
            originals=None if o.originals is None else _scaled(o.originals, t),
            passes=None,
        )
        for o in outputs
    ]


def _scaled(logits: Logits, t: float) -> Logits:
    return np.asarray(logits.astype(np.float64) / t, dtype=np.float32)


def average(logits: Tensor) -> Logits:
    """The logarithm of the mean probability over the first axis; -inf where all are.

    >>> average(torch.tensor([[0.0, 0.0], [0.0, -torch.inf]])).round(4)
    array([-0.2877, -1.3863], dtype=float32)
    """
    shares = torch.log_softmax(logits.double(), -1)
    mean = shares.logsumexp(0) - math.log(len(shares))
    return np.asarray(mean.numpy(), dtype=np.float32)


def mc_dropout(outputs: Sequence[Outputs]) -> list[Outputs]:
    """The average over dropout masks (Gal and Ghahramani 2016). It was not asked about views.

    Raises:
        BadInputError: outputs without passes.
    """
    found = []
    for o in outputs:
        if o.passes is None:
            raise BadInputError(f"outputs of {o.dataset}: no passes under dropout")
        none = np.zeros((len(o.ids), 0, o.logits.shape[1]), dtype=np.float32)
        mean = average(torch.from_numpy(o.passes))
        found.append(
            dataclasses.replace(o, logits=mean, views=none, originals=None, passes=None)
        )  # fmt: skip
    return found


def ensemble(members: Sequence[Sequence[Outputs]]) -> list[Outputs]:
    """The average over models (Lakshminarayanan et al. 2017), at the inputs and at every view.

    Raises:
        BadInputError: no models, or models that were asked about other inputs.
    """
    if not members:
        raise BadInputError("members: none given")
    found = []
    for position, first in enumerate(members[0]):
        same = [m[position] for m in members if position < len(m)]
        known = [(o.dataset, o.ids, o.views.shape) for o in same]
        if len(same) < len(members) or any(k != known[0] for k in known):
            raise BadInputError(f"members: they have other inputs of {first.dataset}")
        originals = [o.originals for o in same if o.originals is not None]
        found.append(
            dataclasses.replace(
                first,
                logits=_mean_of([o.logits for o in same]),
                views=_mean_of([o.views for o in same]),
                originals=_mean_of(originals) if len(originals) == len(same) else None,
                passes=None,
            )
        )
    return found


def _mean_of(logits: Sequence[Logits]) -> Logits:
    return average(torch.from_numpy(np.stack(logits)))


@dataclass(frozen=True)
class DerivedRun:
    """A method without training, on the runs it is made of; it reads like a run that is done.

    Attributes:
        bases: the runs.
        method: "temp_scale", "mc_dropout" or "ensemble".
        make: its outputs from those of the bases.
    """

    bases: tuple[DoneRun, ...]
    method: str
    make: Callable[[Sequence[Sequence[Outputs]]], list[Outputs]]

    @property
    def path(self) -> Path:
        """The folder of the first base."""
        return self.bases[0].path

    @property
    def config(self) -> dict[str, Any]:
        """Of the first base."""
        return self.bases[0].config

    @property
    def task(self) -> str:
        """Of the bases."""
        return self.bases[0].task

    @property
    def model(self) -> str:
        """Of the bases."""
        return self.bases[0].model

    @property
    def seed(self) -> int:
        """Of the first base."""
        return self.bases[0].seed

    @property
    def seconds(self) -> float | None:
        """Of all its bases; None where one of them kept no time."""
        times = [base.seconds for base in self.bases]
        return None if None in times else sum(t for t in times if t is not None)

    def outputs(self) -> list[Outputs]:
        """Made anew."""
        return self.make([base.outputs() for base in self.bases])

    @cached_property
    def result(self) -> dict[str, Any]:
        """As that of a run, measured once."""
        settings = self.config["settings"]
        rows = measure(
            self.outputs(), lam=settings.get("lam", 1.0),
            divergence=settings.get("divergence", "jsd"),
        )  # fmt: skip
        about = {name: getattr(self, name) for name in ("task", "model", "method", "seed")}
        return {**about, "rows": rows}


def derived_runs(runs: Sequence[DoneRun]) -> list[DerivedRun]:
    """The derived methods of every "standard" run: temperature scaling and MC dropout of each, and
    an ensemble of every three seeds of a task and model, in order; it bears the seed of its first.

    A run without passes has no MC dropout, and one whose dev answers want T = 0 or infinity (all
    of them right, or worse than chance) no temperature scaling.
    """
    found = []
    groups: dict[tuple[str, str], list[DoneRun]] = {}
    for run in sorted(runs, key=lambda r: r.seed):
        if run.method == BASE:
            groups.setdefault((run.task, run.model), []).append(run)
    for group in groups.values():
        for run in group:
            outputs = run.outputs()
            if not _temperature(outputs).at_boundary:
                found.append(DerivedRun((run,), "temp_scale", lambda given: temp_scale(given[0])))
            if all(o.passes is not None for o in outputs):
                found.append(DerivedRun((run,), "mc_dropout", lambda given: mc_dropout(given[0])))
        for start in range(0, len(group) - MEMBERS + 1, MEMBERS):
            found.append(DerivedRun(tuple(group[start : start + MEMBERS]), "ensemble", ensemble))
    return found
