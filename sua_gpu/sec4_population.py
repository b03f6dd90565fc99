"""Section 4 in expectation over a finite world (contracts and verdicts as in :mod:`sua_ref`).

Everything is read off two ``(X, X)`` tables: the risk at x' as judged at x, and the divergence from
x to x'. A ball is a mask over the first, a kernel weighs the second.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sua_gpu import checks
from sua_gpu.bins import bins_of
from sua_gpu.sec2_calibration import entropy_confidence
from sua_gpu.sec2_information import entropy, probability_divergence
from sua_gpu.sec4_risks import GAPS, RISKS, gap_of, risk_of
from sua_gpu.sec4_theory import (
    CONDITIONS,
    Phi,
    assumption_1,
    hypotheses,
    lambda_condition,
    times,
)
from sua_gpu.world import FiniteWorld
from sua_ref.results import Bound

CONFIDENCES = ("entropy", "max")
WEIGHTINGS = ("bins", "mass")
BASELINES = ("overall", "accepted")
SELECTIVE = ("clean", "robust")


def _sensitivities(world: FiniteWorld, divergence: str) -> Tensor:
    there = world.model.expand(len(world), *world.model.shape)
    here = world.model.unsqueeze(1).expand_as(there)
    table = probability_divergence(here, there, divergence)
    return (world.kernel * table.masked_fill(world.kernel == 0, 0.0)).sum(-1)


def _scores(world: FiniteWorld, lam: float, divergence: str) -> Tensor:
    return _sensitivities(world, divergence) - lam * entropy(world.model, validate=False)


def _risks(world: FiniteWorld, risk: str) -> tuple[Tensor, Tensor]:
    """``R_theta(x)`` and ``R_rob(x)`` for every x."""
    n = len(world)
    there = world.model.expand(n, *world.model.shape)
    laws_there = world.p_true.expand(n, *world.p_true.shape)
    laws_here = world.p_true.unsqueeze(1).expand_as(laws_there)
    table = risk_of(there, laws_here, laws_there, risk, world.loss)
    return table.diagonal(), table.masked_fill(~world.neighbours, -torch.inf).amax(-1)


def cor_4_4(
    world: FiniteWorld,
    *,
    lam: float,
    lipschitz: float,
    phi: Phi,
    risk: str = "gibbs",
    gap: str = "signed",
    condition: str = "at_least_phi",
    divergence: str = "tv",
) -> Bound:
    """Corollary 4.4, refuted (see :func:`sua_ref.cor_4_4`)."""
    checks.choice(risk, RISKS, "risk")
    checks.choice(gap, GAPS, "gap")
    checks.choice(condition, CONDITIONS, "condition")
    checks.choice(divergence, checks.DIVERGENCES, "divergence")
    factor = checks.coefficient(lam, "lam", strict=True)
    constant = checks.coefficient(lipschitz, "lipschitz")
    clean, worst = _risks(world, risk)
    kappa = gap_of(world.model, world.p_true, world.loss, gap)
    excess = world.expectation(_scores(world, factor, divergence).relu())
    q, law = world.model[world.p_x > 0], world.p_true[world.p_x > 0]
    met = hypotheses(q, law, world.loss, phi, constant, divergence)
    met["condition"] = lambda_condition(q, factor, constant, phi, condition)
    right = world.expectation(clean) + times(constant, excess) + world.expectation(kappa)
    everywhere = {name: bool(torch.as_tensor(holds).all()) for name, holds in met.items()}
    return Bound(world.expectation(worst), right, everywhere)


def _confidence(q: Tensor, confidence: str) -> Tensor:
    return q.amax(-1) if confidence == "max" else entropy_confidence(q, validate=False)


def _bins(world: FiniteWorld, confidence: Tensor, n: int, closed: str) -> list[Tensor]:
    """The probabilities of the inputs of each bin that is not empty, 0 elsewhere."""
    index = bins_of(confidence.detach().double(), n, closed)
    shares = [world.p_x.masked_fill(index != b, 0.0) for b in range(n)]
    return [share for share in shares if bool((share > 0).any())]


def population_calibration_error(
    world: FiniteWorld, *, confidence: str = "max", n_bins: int = 15, closed: str = "right"
) -> Tensor:
    """Expected calibration error under the label law
    (see :func:`sua_ref.population_calibration_error`)."""
    checks.choice(confidence, CONFIDENCES, "confidence")
    checks.binning(n_bins, closed)
    conf = _confidence(world.model, confidence)
    chosen = world.model.argmax(-1, keepdim=True)
    surplus = world.p_true.gather(-1, chosen).squeeze(-1) - conf
    gaps = [(share * surplus).sum().abs() for share in _bins(world, conf, n_bins, closed)]
    return torch.stack(gaps).sum()


def thm_4_5(
    world: FiniteWorld,
    *,
    lam: float,
    slack: float = 0,
    confidence: str = "entropy",
    n_bins: int = 15,
    closed: str = "right",
    weighting: str = "bins",
    divergence: str = "tv",
) -> Bound:
    """Theorem 4.5, inequality (12), refuted (see :func:`sua_ref.thm_4_5`)."""
    checks.choice(weighting, WEIGHTINGS, "weighting")
    checks.choice(divergence, checks.DIVERGENCES, "divergence")
    factor = checks.coefficient(lam, "lam", strict=True)
    lost = checks.coefficient(slack, "slack")
    error = population_calibration_error(world, confidence=confidence, n_bins=n_bins, closed=closed)
    conf, h = _confidence(world.model, confidence), entropy(world.model, validate=False)
    s = _sensitivities(world, divergence)
    shares = torch.stack(_bins(world, conf, n_bins, closed))
    mass = shares.sum(-1)
    mean_s = (shares * s.masked_fill(shares == 0, 0.0)).sum(-1) / mass
    accounted = factor * (shares * h).sum(-1) / mass
    weight = mass if weighting == "mass" else torch.full_like(mass, 1 / n_bins)
    left = (weight * (mean_s - accounted - lost).relu()).sum()
    likely = world.p_x > 0
    falls = confidence == "entropy" or world.model.shape[-1] <= 2
    met = {
        "confidence": falls or _is_nonincreasing(conf[likely], h[likely]),
        "sensitivity": bool((accounted <= mean_s).all()),
    }
    return Bound(left, error, met)


def _is_nonincreasing(conf: Tensor, h: Tensor) -> bool:
    more_confident = conf.unsqueeze(0) > conf.unsqueeze(1)
    return not bool((more_confident & (h.unsqueeze(0) >= h.unsqueeze(1))).any())


def prop_4_8(
    world: FiniteWorld,
    *,
    tau: float,
    lam: float,
    lipschitz: float,
    risk: str = "gibbs",
    gap: str = "signed",
    divergence: str = "tv",
    baseline: str = "overall",
    selective: str = "clean",
) -> Bound:
    """Proposition 4.8, inequality (14), refuted (see :func:`sua_ref.prop_4_8`)."""
    checks.choice(risk, RISKS, "risk")
    checks.choice(gap, GAPS, "gap")
    checks.choice(divergence, checks.DIVERGENCES, "divergence")
    checks.choice(baseline, BASELINES, "baseline")
    checks.choice(selective, SELECTIVE, "selective")
    factor = checks.coefficient(lam, "lam", strict=True)
    constant = checks.coefficient(lipschitz, "lipschitz")
    threshold = checks.real(tau, "tau")
    kept = world.p_x.masked_fill(_scores(world, factor, divergence) > threshold, 0.0)
    coverage = kept.sum()
    if not bool(coverage > 0):
        raise ValueError(
            f"tau: no input of positive probability has SUA <= {tau}; the selective risk is "
            "undefined at coverage 0"
        )
    clean, worst = _risks(world, risk)
    own = kept @ clean / coverage
    kappa = kept @ gap_of(world.model, world.p_true, world.loss, gap) / coverage
    reference = world.p_x @ clean if baseline == "overall" else own
    left = own if selective == "clean" else kept @ worst / coverage
    met = assumption_1(world.model, world.loss, constant, divergence)
    return Bound(left, reference + constant * threshold + kappa, met)
