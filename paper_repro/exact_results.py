"""What was decided about a trained model on a world, as rows of the tidy table.

Values are shares of the inputs; for (14) of the pairs of a lambda and a threshold. ``holds@CLAIM``
and ``fails@CLAIM`` count where the hypotheses hold; they are left out where no input meets them.
``missed@CLAIM`` (a hypothesis does not hold) and ``undecided@CLAIM`` are given where above 0. The
parameters follow the claim: ``holds@thm_4_3.eq_11@gibbs.signed.at_least_phi;phi=0;lambda=1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from paper_repro.evaluate import Result
from paper_repro.exact_claims import NO, Decision, Examined, at_most, calibration
from paper_repro.worlds import World

VISIBLE = 0.01
"""A sensitivity that one would notice, beside the S > 0 of every model that is not constant."""


def quantities(world: World, examined: Examined) -> dict[str, float]:
    """Expectations under P(x), and shares of the inputs, rounded from balls to float64."""
    v = examined.values
    mean = {
        "bayes_risk": v.bayes_risk,
        "latent_ambiguity": v.ambiguity,
        "true_uncertainty": v.uncertainty,
        "entropy": v.entropy,
        "miscalibration_gap": v.miscalibration,
        "sensitivity": v.sensitivity,
        "worst_sensitivity": v.worst_sensitivity,
        **{f"collapse_gap@{reading}": x for reading, x in v.collapse.items()},
        **{f"risk@{reading}": x for reading, x in v.risk.items()},
        **{f"robust_risk@{reading}": x for reading, x in v.robust.items()},
        "flips": v.flips,
    }
    found = {name: float(np.sum(v.world.p_x * x)) for name, x in mean.items()}
    bound, error = calibration(v)
    return found | {
        "accuracy": 1 - found["risk@argmax"],
        "bayes_accuracy": 1 - found["bayes_risk"],
        "ece": float(error),
        "ece_lower_bound": float(bound),
        "ambiguous_share": sum(e.content.ambiguous for e in world.inputs) / len(world.inputs),
        "sensitive_share": _share_above(v.sensitivity, 0),
        "visibly_sensitive_share": _share_above(v.sensitivity, VISIBLE),
    }


def _share_above(values: Any, level: float) -> float:
    return float(np.mean(at_most(values, level) == NO))


@dataclass
class Tally:
    """How often a claim holds, fails, misses a hypothesis, or stays open."""

    holds: int = 0
    fails: int = 0
    missed: int = 0
    undecided: int = 0

    def add(self, decision: Decision) -> None:
        """Count one decision in."""
        self.holds += decision.holds
        self.fails += decision.fails
        self.missed += decision.missed
        self.undecided += decision.undecided

    @property
    def met(self) -> int:
        """Where the hypotheses hold and the answer is known."""
        return self.holds + self.fails

    @property
    def total(self) -> int:
        """All that was tried."""
        return self.met + self.missed + self.undecided


def tallies(examined: Examined) -> dict[str, Tally]:
    """By name of a decision; for (14), summed over its grid."""
    found: dict[str, Tally] = {}
    for decision in examined.decisions:
        name = decision.name if decision.tau is None else decision.claim
        found.setdefault(name, Tally()).add(decision)
    return found


def exact_results(world: World, examined: Examined) -> list[Result]:
    """The rows of one trained model."""
    n = len(world.inputs)
    rows = [Result(None, "tv", k, v, None, None, n) for k, v in quantities(world, examined).items()]
    return rows + list(_shares(examined))


def _shares(examined: Examined) -> Iterator[Result]:
    for name, tally in tallies(examined).items():
        counts = {"missed": tally.missed, "undecided": tally.undecided}
        shown = {kind: count for kind, count in counts.items() if count}
        if tally.met:
            shown |= {"holds": tally.holds, "fails": tally.fails}
        for kind, count in shown.items():
            share = count / tally.total
            yield Result(None, "tv", f"{kind}@{name}", share, None, None, tally.total)
