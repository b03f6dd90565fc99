"""One model on one test set: its answers, its scores, and every number the study makes of them.

Sign: a higher score means more likely to fail. Scores use the first five views of an input; the
others, where there are any, are the reference of appendix B.1. An option with the logit ``-inf``
does not exist: its probability is exactly 0, and it is never the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import sua_gpu
from paper_repro import many_predictions, rivals
from paper_repro.bad_input import BadInputError
from paper_repro.study.outputs import Outputs
from paper_repro.study.statistics import (
    Calibration,
    Constant,
    Correlation,
    Floats,
    Integers,
    Mean,
    Ranking,
    Statistic,
)
from sua_ref import failure_auroc

VIEWS = 5
"""K of every score."""
SAMPLES = 10
"""M of self-consistency."""
LAMBDAS = (-2.0, -1.0, -0.5, -0.25, 0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Of the scores ``sua@lambda``."""
DEV_LAMBDAS = (0.0, 0.1, 0.5, 1.0, 2.0)
"""Among which ``sua_kl@dev`` chooses."""
RANKED = (
    "auroc", "aurc", "augrc", *(f"selective_accuracy@{c}" for c in ("0.7", "0.8", "0.9")),
)  # fmt: skip
IN_REGIMES = ("entropy", "max_probability", "self_consistency", "sua@1", "sua_kl@dev")
"""The scores that are ranked within regimes too."""
Key = tuple[str, str | None]
"""A metric, and the score that it judges."""


def rows_of(logits: npt.NDArray[np.float32]) -> Tensor:
    """As float64."""
    return torch.from_numpy(logits).double()


@dataclass(frozen=True)
class Fitted:
    """The two numbers that dev decides, of one model.

    Attributes:
        mu: the weight of H in S + mu H.
        lam: the lambda of ``sua_kl@dev``.
    """

    mu: float
    lam: float

    @staticmethod
    def on(dev: Outputs, divergence: str) -> Fitted | None:
        """From dev alone; None where dev has only right, or only wrong, answers, or no views."""
        wrong = _errors(dev)
        if not 0 < wrong.sum() < len(wrong) or dev.views.shape[1] == 0:
            return None
        x, views = rows_of(dev.logits), rows_of(dev.views[:, :VIEWS])
        h = np.asarray(sua_gpu.entropy_from_logits(x).numpy(), dtype=np.float64)
        s, s_kl = sensitivity(x, views, divergence), sensitivity(x, views, "kl")
        by_lambda = [failure_auroc(s_kl - lam * h, wrong) for lam in DEV_LAMBDAS]
        return Fitted(rivals.fit_mu(s, h, wrong), DEV_LAMBDAS[int(np.argmax(by_lambda))])


def _errors(outputs: Outputs) -> Integers:
    """1 where the answer is wrong; ties of the maximum go to the lowest index."""
    return np.asarray(outputs.logits.argmax(-1) != outputs.labels, dtype=np.int64)


def sensitivity(x: Tensor, views: Tensor, divergence: str) -> Floats:
    """S of each input, in nats or in [0, 1]."""
    found = sua_gpu.distributional_sensitivity_from_logits(x, views, divergence=divergence)
    return np.asarray(found.numpy(), dtype=np.float64)


class Judged:
    """Everything that can be said of one output.

    Args:
        outputs: of a model on a test set; without views (MC dropout) what needs them is missing.
        fitted: on the dev set of the same model; None leaves its two scores out.
        lam: of the SUA risk.
        divergence: of S, in every score but ``additive`` (total variation) and ``sua_kl@dev``.

    Raises:
        BadInputError: a logit of NaN or +inf, or a label whose option does not exist.
    """

    def __init__(
        self, outputs: Outputs, fitted: Fitted | None, *, lam: float = 1.0, divergence: str = "jsd"
    ) -> None:
        self.outputs, self.fitted = outputs, fitted
        self.lam, self.divergence = lam, divergence
        self.errors = _errors(outputs)
        self._x = rows_of(outputs.logits)
        self._views = rows_of(outputs.views[:, :VIEWS])
        try:
            self.scores = self._scores()
        except ValueError as error:
            raise BadInputError(f"outputs of {outputs.dataset}: {error}") from error
        absent = np.take_along_axis(outputs.logits, outputs.labels[:, None], 1)[:, 0] == -np.inf
        if absent.any():
            row = int(np.argmax(absent))
            raise BadInputError(
                f"outputs of {outputs.dataset}: row {row}, its label {outputs.labels[row]} is an "
                "option that it does not have"
            )
        self.statistics: Mapping[Key, Statistic] = dict(self._statistics())

    @property
    def _has_views(self) -> bool:
        return self._views.shape[1] > 0

    def _scores(self) -> dict[str, Floats]:
        x, views = self._x, self._views
        if not self._has_views:
            return many_predictions.scores(torch.softmax(x, -1).unsqueeze(0))
        mu = 0.0 if self.fitted is None else self.fitted.mu
        found = rivals.scores(x, views, divergence=self.divergence, mu=mu, samples=SAMPLES, seed=0)
        s, h = found["sensitivity"], found["entropy"]
        found |= {f"sua@{lam:g}": s - lam * h for lam in LAMBDAS}
        if self.fitted is None:
            del found["s_plus_mu_h"]
        else:
            found["sua_kl@dev"] = sensitivity(x, views, "kl") - self.fitted.lam * h
        return found

    def _statistics(self) -> Iterator[tuple[Key, Statistic]]:
        for name, values in self._means().items():
            yield (name, None), Mean(np.asarray(values, dtype=np.float64))
        confidence = torch.softmax(self._x, -1).amax(-1).clamp(max=1.0).numpy()
        yield ("ece", None), Calibration(confidence, 1 - self.errors)
        for name, score in self.scores.items():
            for metric in RANKED:
                yield (metric, name), Ranking(metric, score, self.errors)
        if self._has_views:
            yield from self._of_views()

    def _means(self) -> dict[str, npt.NDArray[np.generic]]:
        """The numbers of each input whose mean is asked for."""
        o, y = self.outputs, self.outputs.labels[:, None]
        log_p = torch.log_softmax(self._x, -1).numpy()
        p = np.exp(log_p)
        truth = np.arange(p.shape[1]) == y
        found = {
            "accuracy": 1 - self.errors,
            "nll": -np.take_along_axis(log_p, y, 1)[:, 0],
            "brier": ((p - truth) ** 2).sum(-1),
            "mean_entropy": self.scores["entropy"],
        }
        if self._has_views:
            found["robust_accuracy"] = (o.views[:, :VIEWS].argmax(-1) == y).mean(-1)
            found["mean_sensitivity"] = self.scores["sensitivity"]
            unaligned = self.scores["sensitivity"] - self.lam * self.scores["entropy"]
            found["sua_risk"] = np.maximum(unaligned, 0.0)
        if o.originals is not None:
            found["robust_accuracy_pairs"] = 1 - self.errors
            found["accuracy_originals"] = o.originals.argmax(-1) == o.labels
        if o.laws is not None:
            known = ~np.isnan(o.laws[:, 0])  # a row of NaN where annotators gave none
            shortfall = np.full(len(o.laws), np.nan)
            truths = torch.from_numpy(o.laws[known])
            shortfall[known] = (
                sua_gpu.entropy(truths).numpy() - self.scores["entropy"][known]
            )  # H* - H_theta, in nats
            found["entropy_shortfall"] = shortfall
        return found

    def _of_views(self) -> Iterator[tuple[Key, Statistic]]:
        s, h = self.scores["sensitivity"], self.scores["entropy"]
        yield ("spearman_sh", None), Correlation(s, h)
        spare = rows_of(self.outputs.views[:, VIEWS:])
        if spare.shape[1] > 0:
            reference = sensitivity(self._x, spare, self.divergence) - h
            for k in (1, 3, 5):
                few = sensitivity(self._x, self._views[:, :k], self.divergence) - h
                yield (f"spearman@{k}", None), Correlation(few, reference)
        kl = sensitivity(self._x, self._views, "kl")
        sensitive, unsure = kl > np.median(kl), h > np.median(h)
        regimes = {
            "a": ~sensitive & ~unsure, "b": sensitive & unsure,
            "c": ~sensitive & unsure, "d": sensitive & ~unsure,
        }  # fmt: skip
        for name, inside in regimes.items():
            yield (f"error@{name}", None), Mean(np.where(inside, self.errors, np.nan))
        yield ("share@d", None), Mean(regimes["d"].astype(np.float64))
        for score in (name for name in IN_REGIMES if name in self.scores):
            for metric, among in (("d", regimes["d"]), ("low_sensitivity", ~sensitive)):
                ranked = Ranking("auroc", self.scores[score], self.errors, among)
                yield (f"auroc@{metric}", score), ranked
        if self.fitted is not None:
            yield ("lambda@dev", None), Constant(self.fitted.lam)
