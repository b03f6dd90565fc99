"""How verdicts read on the terminal: the table of all claims, readings joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from proofs_checks.claim import in_words
from proofs_checks.run import Checked, by_kind, described, grouped
from proofs_checks.verdict import Judgement, Verdict

Line = tuple[str, str]
"""A line and its style, which only a terminal shows."""
_STYLES = {
    Verdict.PROVED: "green",
    Verdict.REFUTED: "red",
    Verdict.UNVERIFIED: "bold magenta",
    Verdict.REPRODUCED: "green",
    Verdict.NOT_REPRODUCED: "red",
}
EMPIRICAL = "Empirical sentences, each with a test declared before anything ran"


def style(judgement: Judgement) -> str:
    """Green for what is proved or reproduced, red for the opposite, yellow for what is between."""
    return _STYLES.get(judgement.verdict, "yellow")


def table_lines(checked: Sequence[Checked]) -> Iterator[Line]:
    """One line for each claim, the empirical ones in a block of their own; then the counts."""
    formal, empirical = by_kind(checked)
    if formal:
        yield from _block(formal)
        yield "", ""
    if empirical:
        yield EMPIRICAL, "bold"
        yield from _block(empirical)
        yield "", ""
    yield from count_lines(checked)


def _block(checked: Sequence[Checked]) -> Iterator[Line]:
    """One line for each claim, grouped by the items of the paper."""
    groups = grouped(checked)
    item_width = max(len(in_words(group[0].claim.item)) for _, _, group in groups)
    name_width = max(len(name) for name, _, _ in groups)
    verdict_width = max(len(described(judgement)) for _, judgement, _ in groups)
    before = ""
    for name, judgement, group in groups:
        item = in_words(group[0].claim.item)
        shown, before = ("" if item == before else item), item
        yield (
            f"{shown:{item_width}}  {name:{name_width}}  {described(judgement):{verdict_width}}  "
            f"{group[0].claim.title}{_readings(judgement, group)}",
            style(judgement),
        )


def _readings(judgement: Judgement, group: Sequence[Checked]) -> str:
    """How many readings, and what each says where they differ."""
    if len(group) == 1:
        return ""
    found = Counter(c.judgement.verdict.value for c in group)
    if len(found) == 1:
        return f" ({len(group)} readings)"
    return f" ({', '.join(f'{n} {verdict}' for verdict, n in found.items())})"


def count_lines(checked: Sequence[Checked]) -> Iterator[Line]:
    """How many claims have which verdict, how much ran, and how long it took."""
    joint = Counter(judgement.verdict.value for _, judgement, _ in grouped(checked))
    records = Counter(c.judgement.verdict.value for c in checked)
    yield (
        ", ".join(f"{joint[v.value]} {v.value}" for v in Verdict if joint[v.value])
        + (
            f" (readings joined; {len(checked)} records: "
            + ", ".join(f"{records[v.value]} {v.value}" for v in Verdict if records[v.value])
            + ")"
            if len(checked) > joint.total()
            else ""
        ),
        "",
    )
    seconds = sum(e.seconds for c in checked for e in c.evidence)
    pieces = sum(len(c.evidence) for c in checked)
    left_out = sum(len(c.left_out) for c in checked)
    waiting = f"; {left_out} long ones left for --deep" if left_out else ""
    plural = "s" if pieces != 1 else ""
    yield f"{pieces} piece{plural} of evidence re-run in {seconds:.1f} s{waiting}.", ""
