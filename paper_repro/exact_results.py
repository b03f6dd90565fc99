"""What was decided about a trained model on a world, as rows of the tidy table.

Values are shares of the inputs; for (14) of the pairs of a lambda and a threshold. ``holds@CLAIM``
and ``fails@CLAIM`` count where the hypotheses hold; they are left out where no input meets them.
``missed@CLAIM`` (a hypothesis does not hold) and ``undecided@CLAIM`` are given where above 0. The
parameters follow the claim: ``holds@thm_4_3.eq_11@gibbs.signed.at_least_phi;phi=0;lambda=1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from paper_repro.evaluate import Result
from paper_repro.exact_claims import Decision, Examined


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


def exact_results(examined: Examined) -> list[Result]:
    """The rows of one trained model."""
    n = len(examined.logits)
    means = (Result(None, "tv", k, x, None, None, n) for k, x in examined.expected.items())
    return [*means, *_shares(examined)]


def _shares(examined: Examined) -> Iterator[Result]:
    for name, tally in tallies(examined).items():
        counts = {"missed": tally.missed, "undecided": tally.undecided}
        shown = {kind: count for kind, count in counts.items() if count}
        if tally.met:
            shown |= {"holds": tally.holds, "fails": tally.fails}
        for kind, count in shown.items():
            share = count / tally.total
            yield Result(None, "tv", f"{kind}@{name}", share, None, None, tally.total)
