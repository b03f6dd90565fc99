"""What works instead: the declaration of features, candidate scores and rule.

This file was written before any test split of the study was scored; ``DECLARED_IN`` names the
commit that brought it. Scores with ``seen_on_test`` had been computed on test splits before
(by the audit's probe on snli and chaosnli, or by the earlier short runs of this package),
so a good result of theirs was not predicted. All others are new here.

Features: what :class:`paper_repro.study.seen.Seen` offers, which is one output and those at its
first five views. No score sees a label of the set it is used on. Fitted ones see dev, of the same
model: labels there decide their few numbers, and nothing else. Dev is unperturbed. Its views would
be no stand-in for perturbed inputs: the views of one are further edits of it, while those of its
original undo it.

Baselines are the scores of :mod:`paper_repro.rivals` and SUA at lambda 1.

``RULE`` says how one is chosen, ``GOAL`` what counts as a win.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

import sua_gpu
from paper_repro import rivals
from paper_repro.study import fitted
from paper_repro.study.seen import Floats, Integers, Seen, array

RULE = (
    "Runs of method standard. On dev, every candidate is scored out of fold (five folds; a fitted "
    "one is fitted on the other four), and its gain is its AUROC of failure less that of "
    "max_probability, averaged over the seeds of a model, over the models of a task, and over "
    "tasks. Chosen: the largest gain. Also reported, as the cautious choice: the "
    "simplest candidate (fewest fitted numbers, then no views before views, then the order of "
    "declaration) whose gain is within one standard error of the largest, the error being that of "
    "the difference between the two, by a bootstrap over dev rows that is paired over candidates, "
    "seeds and models; max_probability is a candidate too. Claims rest on the chosen one alone. At "
    "a fixed model AUGRC is a decreasing affine function of AUROC, so no other measure enters."
)
GOAL = (
    "On test, on at least two of the three tasks, on the clean and on a perturbed set each: AUROC, "
    "AURC or AUGRC, and selective accuracy at coverage 0.8 all better than max_probability, "
    "entropy, self_consistency, mean_views and mean_views_entropy, the 95 % interval of every "
    "difference (paired bootstrap over inputs and seeds) excluding 0. Anything else is a tie or a "
    "loss, and is called that."
)
BASELINES = (
    "max_probability", "entropy", "margin", "self_consistency", "sensitivity", "additive",
    "s_plus_mu_h", "product", "mean_views", "mean_views_entropy", "mutual_information",
    "rank_sum", "sua",
)  # fmt: skip
"""What the choice is compared with."""
TO_BEAT = (
    "max_probability", "entropy", "self_consistency", "mean_views", "mean_views_entropy",
)  # fmt: skip
"""Those that the goal names."""

DECLARED_IN = "c574e06ca985ea984f44d7e800c57ddd4eb1acde"
"""The commit that brought this declaration, for the report: no test set of the study had been
scored when it was made."""

Score = Callable[[Seen], Floats]
Fit = Callable[[Seen, Integers], Score]
"""From dev and its labels to a score."""


@dataclass(frozen=True)
class Candidate:
    """One score.

    Attributes:
        formula: it, in words that a report can print.
        fit: makes it from dev.
        fitted: how many numbers dev decides, where columns are labels.
        views: whether it needs the K views.
        seen_on_test: whether it had been computed on a test split before the declaration.
    """

    formula: str
    fit: Fit
    fitted: int = 0
    views: bool = True
    seen_on_test: bool = False


def _free(formula: str, of: Callable[[Seen], Tensor], **rest: bool) -> Candidate:
    """A score without anything fitted."""

    def score(s: Seen) -> Floats:
        return array(of(s))

    return Candidate(formula, lambda dev, labels: score, **rest)


def _rival(name: str, formula: str, *, views: bool = True) -> Candidate:
    return Candidate(
        formula, lambda dev, labels: lambda s: s.rivals()[name], views=views, seen_on_test=True
    )


# --- without anything fitted


def _off(s: Seen, log_mass: Tensor) -> Tensor:
    """``1 - q(answer)`` of an unnormalised log-distribution ``(N, V)``, without subtraction."""
    q = torch.softmax(log_mass, -1)
    return q.scatter(-1, s.answer.unsqueeze(-1), 0.0).sum(-1)


def _half_and_half(s: Seen) -> Tensor:
    return (torch.exp(s.log_p) + torch.exp(s.log_q).mean(-2)) / 2


def _everywhere(s: Seen) -> Tensor:
    """``1 - q(answer)`` at x and at the views, ``(N, 1 + K)``."""
    return torch.cat([s.e.unsqueeze(-1), s.off_answer], -1)


FREE: Mapping[str, Candidate] = {
    "max_probability": _rival("max_probability", "e = 1 - max q_x", views=False),
    "entropy": _rival("entropy", "H(q_x)", views=False),
    "margin": _rival("margin", "1 - (largest - second) of q_x", views=False),
    "log_margin": _free(
        "log second - log largest of q_x", lambda s: s.log_margin[:, 0], views=False
    ),
    "max_logit": _free("- largest logit", lambda s: -s.logits.amax(-1), views=False),
    "energy": _free("- logsumexp of the logits", lambda s: -s.logits.logsumexp(-1), views=False),
    "sensitivity": _rival("sensitivity", "S_TV"),
    "mutual_information": _rival("mutual_information", "H(mean_k q_k) - mean_k H(q_k)"),
    "additive": _rival("additive", "e + 2 S_TV"),
    "product": _rival("product", "e S_TV"),
    "rank_sum": _rival("rank_sum", "rank of e + rank of S_TV"),
    "mean_views": _rival("mean_views", "1 - max mean_k q_k"),
    "mean_views_entropy": _rival("mean_views_entropy", "H(mean_k q_k)"),
    "mean_entropy": _free("mean_k H(q_k)", lambda s: s.mean_entropy, seen_on_test=True),
    "sua": _free("S_JSD - H", lambda s: s.s("jsd") - s.h, seen_on_test=True),
    "s_plus_h": _free("S_JSD + H", lambda s: s.s("jsd") + s.h, seen_on_test=True),
    "e_plus_quarter_s": _free("e + S_TV / 4", lambda s: s.e + s.s("tv") / 4, seen_on_test=True),
    "either": _free("1 - (1 - e)(1 - S_TV)", lambda s: 1 - (1 - s.e) * (1 - s.s("tv"))),
    "e_plus_flips": _free("e + share of views with another answer", lambda s: s.e + s.flips),
    "e_plus_spread": _free(
        "e + standard deviation over views of q_k(answer)",
        lambda s: s.e + s.off_answer.std(-1, correction=0),
    ),
    "half_and_half": _free(
        "1 - max (q_x + mean_k q_k) / 2", lambda s: rivals.error(_half_and_half(s))
    ),
    "half_and_half_entropy": _free(
        "H((q_x + mean_k q_k) / 2)",
        lambda s: sua_gpu.entropy(_half_and_half(s), validate=False),
    ),
    "answer_views": _free("1 - mean_k q_k(answer)", lambda s: s.off_answer.mean(-1)),
    "answer_half": _free(
        "1 - (q_x(answer) + mean_k q_k(answer)) / 2", lambda s: (s.e + s.off_answer.mean(-1)) / 2
    ),
    "answer_median": _free(
        "1 - median of q(answer) over x and views", lambda s: _everywhere(s).quantile(0.5, -1)
    ),
    "answer_worst": _free(
        "1 - least q(answer) of x and views", lambda s: _everywhere(s).amax(-1)
    ),
    "answer_best": _free(
        "1 - largest q(answer) of x and views", lambda s: _everywhere(s).amin(-1)
    ),
    "answer_geometric": _free(
        "1 - g(answer), log g = (log q_x + mean_k log q_k) / 2 + constant",
        lambda s: _off(s, (s.log_p + s.log_pool) / 2),
    ),
    "mean_log_margin": _free(
        "mean of log margins: x as much as all views",
        lambda s: (s.log_margin[:, 0] + s.log_margin[:, 1:].mean(-1)) / 2,
    ),
}  # fmt: skip

# --- with a few numbers fitted on dev


def _weighed(first: Callable[[Seen], Tensor], second: Callable[[Seen], Tensor]) -> Fit:
    """``first + nu second`` with the nu of the grid that has the best AUROC on dev."""
    grid = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

    def fit(dev: Seen, labels: Integers) -> Score:
        nu = rivals.fit_mu(array(first(dev)), array(second(dev)), dev.wrong(labels), grid)
        return lambda s: array(first(s) + nu * second(s))

    return fit


def _logistic(*features: Callable[[Seen], Tensor], by_answer: bool = False) -> Fit:
    """Log-odds of failure, linear in the features; an intercept for each answer if wanted."""

    def fit(dev: Seen, labels: Integers) -> Score:
        answers = dev.logits.shape[-1] if by_answer and dev.fixed_labels else 0

        def of(s: Seen) -> Tensor:
            columns = [f(s) for f in features]
            columns += [(s.answer == y).double() for y in range(answers)]
            return torch.stack(columns, -1)

        weights = fitted.logistic(of(dev), torch.from_numpy(dev.wrong(labels)))
        return lambda s: array(fitted.predicted(of(s), weights))

    return fit


def _pool(*evidence: Callable[[Seen], Tensor], by_label: bool = False) -> Fit:
    """``1 - P(answer)``, P the exponential of weighed log-distributions (and label constants)."""

    def fit(dev: Seen, labels: Integers) -> Score:
        constants = dev.logits.shape[-1] if by_label and dev.fixed_labels else 0

        def of(s: Seen) -> Tensor:
            columns = torch.stack([f(s) for f in evidence], -1)
            ones = torch.eye(constants, dtype=torch.double) if constants else columns[0, :, :0]
            return torch.cat([columns, ones.expand(*columns.shape[:2], constants)], -1)

        start = torch.zeros(len(evidence) + constants, dtype=torch.double)
        start[0] = 1.0  # q_x itself
        w = fitted.pool(of(dev), dev.logits > -torch.inf, torch.from_numpy(labels), start)

        def score(s: Seen) -> Floats:
            p = fitted.pooled(of(s), s.logits > -torch.inf, w)
            return array(p.scatter(-1, s.answer.unsqueeze(-1), 0.0).sum(-1))

        return score

    return fit


def _log_odds(s: Seen) -> Tensor:
    return s.log_odds


def _s_tv(s: Seen) -> Tensor:
    return s.s("tv")


_LEADING = (_log_odds, _s_tv)
_MANY = (
    _log_odds, _s_tv, lambda s: s.h, lambda s: s.flips, lambda s: s.mean_entropy,
    lambda s: s.log_margin[:, 1:].mean(-1), lambda s: s.log_margin.std(-1, correction=0),
    lambda s: s.logits.amax(-1), lambda s: (s.logits > -torch.inf).sum(-1).double().log(),
)  # fmt: skip

FITTED: Mapping[str, Candidate] = {
    "temperature": Candidate(
        "1 - P(answer), P = softmax(w log q_x)", _pool(lambda s: s.log_p), 1, views=False
    ),
    "s_plus_mu_h": Candidate(
        "S_TV + mu H", _weighed(_s_tv, lambda s: s.h), 1, seen_on_test=True
    ),
    "e_plus_nu_s": Candidate("e + nu S_TV", _weighed(lambda s: s.e, _s_tv), 1),
    "pool": Candidate(
        "1 - P(answer), P = softmax(w log q_x + v mean_k log q_k)",
        _pool(lambda s: s.log_p, lambda s: s.log_pool), 2,
    ),
    "logistic_s": Candidate("logistic: log-odds of e, S_TV", _logistic(*_LEADING), 2),
    "logistic_cross": Candidate(
        "logistic: log-odds of e, S_TV, their product",
        _logistic(*_LEADING, lambda s: s.log_odds * s.s("tv")), 3,
    ),
    "label_constants": Candidate(
        "1 - P(answer), P = softmax(w log q_x + c_y)", _pool(lambda s: s.log_p, by_label=True), 4,
        views=False,
    ),
    "answer_constants": Candidate(
        "logistic: log-odds of e, constant by answer", _logistic(_log_odds, by_answer=True), 4,
        views=False,
    ),
    "pool_constants": Candidate(
        "1 - P(answer), P = softmax(w log q_x + v mean_k log q_k + c_y)",
        _pool(lambda s: s.log_p, lambda s: s.log_pool, by_label=True), 5,
    ),
    "logistic_s_constants": Candidate(
        "logistic: log-odds of e, S_TV, constant by answer", _logistic(*_LEADING, by_answer=True),
        5,
    ),
    "logistic_many": Candidate(
        "logistic: log-odds of e, S_TV, H, flips, mean_k H(q_k), mean and deviation of the log "
        "margin, largest logit, log of the number of options",
        _logistic(*_MANY), 9,
    ),
    "logistic_many_constants": Candidate(
        "the same with a constant by answer", _logistic(*_MANY, by_answer=True), 12
    ),
}  # fmt: skip

CANDIDATES: Mapping[str, Candidate] = {**FREE, **FITTED}


def simplicity(name: str) -> tuple[int, bool, int]:
    """The order of the cautious choice, simplest first."""
    return CANDIDATES[name].fitted, CANDIDATES[name].views, list(CANDIDATES).index(name)
