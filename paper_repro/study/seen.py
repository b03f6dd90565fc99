"""What a score may look at: one output and those at its K views, never a label."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import sua_gpu
from paper_repro import rivals
from paper_repro.study.outputs import Outputs

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
VIEWS = 5
"""K of every score: the first five views."""
SAMPLES = 10
"""M of self-consistency."""


@dataclass(frozen=True)
class Seen:
    """One model's outputs on a set of inputs; the methods are the features of each input.

    Attributes:
        logits: ``(N, V)`` float64; -inf for an option that an input does not have.
        views: ``(N, K, V)``.
        fixed_labels: whether a column means the same label in every row.
    """

    logits: Tensor
    views: Tensor
    fixed_labels: bool

    @staticmethod
    def of(outputs: Outputs) -> Seen:
        """The first five views of a saved output; where -inf occurs, columns are mere places."""
        x = torch.from_numpy(outputs.logits).double()
        y = torch.from_numpy(outputs.views[:, :VIEWS]).double()
        return Seen(x, y, bool((x > -torch.inf).all()))

    def rows(self, at: Integers) -> Seen:
        """Some of the inputs."""
        index = torch.from_numpy(at)
        return Seen(self.logits[index], self.views[index], self.fixed_labels)

    def __len__(self) -> int:
        return len(self.logits)

    @cached_property
    def log_p(self) -> Tensor:
        """``log q_x``."""
        return torch.log_softmax(self.logits, -1)

    @cached_property
    def log_q(self) -> Tensor:
        """``log q_k``."""
        return torch.log_softmax(self.views, -1)

    @cached_property
    def answer(self) -> Tensor:
        """The answer at x, ``(N,)``: scores predict whether this one is wrong."""
        return self.logits.argmax(-1)

    @cached_property
    def log_pool(self) -> Tensor:
        """The mean of ``log q_k``: the geometric pool of the views but for its normaliser."""
        return self.log_q.mean(-2)

    @cached_property
    def off_answer(self) -> Tensor:
        """``1 - q_k(answer)``, ``(N, K)``: what each view does not give to the answer at x."""
        at = self.answer[:, None, None].expand(-1, self.views.shape[1], 1)
        hidden = torch.exp(self.log_q).scatter(-1, at, 0.0)
        return hidden.sum(-1)

    @cached_property
    def e(self) -> Tensor:
        """``1 - max q_x``."""
        return rivals.error(torch.exp(self.log_p))

    @cached_property
    def log_odds(self) -> Tensor:
        """``log e - log (1 - e)``; -inf where there is one option alone."""
        at = self.answer.unsqueeze(-1)
        others = self.log_p.scatter(-1, at, -torch.inf).logsumexp(-1)
        return others - self.log_p.gather(-1, at).squeeze(-1)

    @cached_property
    def h(self) -> Tensor:
        """H of the output at x."""
        return sua_gpu.entropy_from_logits(self.logits)

    def s(self, divergence: str) -> Tensor:
        """S in a divergence."""
        return sua_gpu.distributional_sensitivity_from_logits(
            self.logits, self.views, divergence=divergence
        )

    @cached_property
    def flips(self) -> Tensor:
        """The share of views with another answer."""
        return (self.views.argmax(-1) != self.answer.unsqueeze(-1)).double().mean(-1)

    @cached_property
    def mean_entropy(self) -> Tensor:
        """The mean of H over the views."""
        return sua_gpu.entropy_from_logits(self.views).mean(-1)

    @cached_property
    def log_margin(self) -> Tensor:
        """``max_{y != answer} log q(y) - log q(answer)`` at x and at the views, ``(N, 1 + K)``."""
        every = torch.cat([self.log_p.unsqueeze(1), self.log_q], 1)
        at = self.answer[:, None, None].expand(-1, every.shape[1], 1)
        own = every.gather(-1, at).squeeze(-1)
        return every.scatter(-1, at, -torch.inf).amax(-1) - own

    def wrong(self, labels: Integers) -> Integers:
        """1 where the answer is not the label."""
        return np.asarray(self.answer.numpy() != labels, dtype=np.int64)

    def rivals(self, mu: float = 1.0) -> dict[str, Floats]:
        """The scores of :mod:`paper_repro.rivals` by name, their S in total variation."""
        return rivals.scores(
            self.logits, self.views, divergence="tv", mu=mu, samples=SAMPLES, seed=0
        )


def array(t: Tensor) -> Floats:
    """A feature as float64 numbers of NumPy."""
    return np.asarray(t.numpy(), dtype=np.float64)
