"""What the filters let through, source by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from paper_repro.perturbations.ready_made import READY_MADE, Pair, as_draws
from paper_repro.perturbations.sources import ACCEPTED, NOT_ASKED, Draw

NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class SourceReport:
    """The counts of one source.

    Attributes:
        source: its name.
        origin: "human" or "automatic": who made the texts.
        draws: perturbations asked for.
        unchanged: those that ended as the input itself, because nothing was accepted.
        proposals: texts proposed for them.
        accepted: proposals that met every constraint.
        lost: proposals that no constraint was asked about: "identical", "empty", another failure
            of a model, "repeated" (a search met the text again).
        rejected: proposals by the constraint that they broke first.
        queries: inputs that a model under study was asked about.
        preserved, judged: how many labels were preserved of those that a person judged.
    """

    source: str
    origin: str
    draws: int
    unchanged: int
    proposals: int
    accepted: int
    lost: Mapping[str, int]
    rejected: Mapping[str, int]
    queries: int
    preserved: int = 0
    judged: int = 0

    @property
    def acceptance(self) -> float | None:
        """Accepted share of what the filters were asked about; None where that was nothing."""
        asked = self.accepted + sum(self.rejected.values())
        return self.accepted / asked if asked else None

    @property
    def label_preservation(self) -> float | str:
        """Share of the judged labels that were preserved, or "not checked"."""
        return self.preserved / self.judged if self.judged else NOT_CHECKED

    def to_dict(self) -> dict[str, object]:
        """Every count and both rates, for a run file."""
        counts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return counts | {
            "lost": dict(self.lost),
            "rejected": dict(self.rejected),
            "acceptance": self.acceptance,
            "label_preservation": self.label_preservation,
        }


def report(draws: Iterable[Draw]) -> list[SourceReport]:
    """One report for each source, in the order in which they first appear."""
    groups: dict[str, list[Draw]] = {}
    for draw in draws:
        groups.setdefault(draw.source, []).append(draw)
    return [_report(name, group) for name, group in groups.items()]


def report_pairs(dataset: str, pairs: list[Pair]) -> SourceReport:
    """The report of ready-made pairs, with the labels that people judged."""
    counts = _report(dataset, as_draws(dataset, pairs)).__dict__
    changed = [pair for pair in pairs if pair.original != pair.perturbed]
    judged = [pair.preserved for pair in changed if pair.preserved is not None]
    known = {"origin": READY_MADE[dataset].origin, "preserved": sum(judged), "judged": len(judged)}
    return SourceReport(**{**counts, **known})


def _report(name: str, draws: Sequence[Draw]) -> SourceReport:
    outcomes = Counter(outcome for draw in draws for outcome in draw.outcomes)
    accepted = outcomes.pop(ACCEPTED, 0)
    return SourceReport(
        name,
        "automatic",
        len(draws),
        sum(not draw.edits for draw in draws),
        accepted + sum(outcomes.values()),
        accepted,
        {name: n for name, n in sorted(outcomes.items()) if name in NOT_ASKED},
        {name: n for name, n in sorted(outcomes.items()) if name not in NOT_ASKED},
        sum(draw.queries for draw in draws),
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def lines(reports: Iterable[SourceReport]) -> list[str]:
    """The reports as a table in Markdown."""
    found = [
        "| source | made by | draws | unchanged | proposals | lost | accepted | rejected |"
        " label preserved |",
        "|---|---|--:|--:|--:|---|--:|---|---|",
    ]
    for r in reports:
        rate = "" if r.acceptance is None else f"{r.acceptance:.1%}"
        kept = r.label_preservation
        label = kept if isinstance(kept, str) else f"{kept:.1%} of {r.judged} judged"
        found.append(
            f"| {r.source} | {r.origin} | {r.draws} | {r.unchanged} | {r.proposals}"
            f" | {_counted(r.lost)} | {rate} | {_counted(r.rejected)} | {label} |"
        )
    return found
