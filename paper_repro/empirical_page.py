"""The page of one empirical sentence: its words, the test declared for it, and the numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from paper_repro.verdict_lines import Line, style
from proofs_checks.claim import Claim
from proofs_checks.empirical_conditions import Outcome, Test
from proofs_checks.empirical_judged import (
    Judged,
    Measured,
    Read,
    committed,
    judged,
    numbers,
    record_of,
    worded,
)
from proofs_checks.readings import reading
from proofs_checks.run import Checked, described, grouped

LABEL = 16
"""Width of the column of labels, as on the pages of formal claims."""
_FALLS = {"conclusion": "a conclusion of the paper", "remark": "a remark"}
_STYLES = {Outcome.HOLDS: "green", Outcome.FAILS: "red"}
_SPEAKS = {
    Outcome.HOLDS: "as the sentence says",
    Outcome.FAILS: "against the sentence",
    Outcome.OPEN: "left open",
    Outcome.MISSING: "numbers are missing",
}


def page_lines(
    checked: Sequence[Checked], width: int, given: Read | None = None
) -> Iterator[Line]:  # fmt: skip
    """The page of each empirical claim, its readings on one page.

    Args:
        checked: what came of them.
        width: columns.
        given: the summaries; the committed ones where none are given.
    """
    given = committed() if given is None else given
    for name, judgement, group in grouped(checked):
        claim = group[0].claim
        head = f"{name}: {described(judgement)}"
        yield from _styled("", head, width, f"bold {style(judgement)}")
        yield from _styled("", claim.title, width, "bold")
        yield "", ""
        yield from _sentence(claim, judgement.reason, width)
        for c in group:
            yield from _reading(c, len(group) > 1, width)
            yield from _tested(c, given, width)
        yield "", ""
        yield from _field("files", "proofs_checks/empirical_tests_*.py, runs/", width)
        yield "", ""


def _field(label: str, text: str, width: int) -> Iterator[Line]:
    if text:
        yield from _hanging(f"  {label}".ljust(LABEL), text, width)


def _styled(first: str, text: str, width: int, how: str) -> Iterator[Line]:
    yield from ((line, how) for line, _ in _hanging(first, text, width))


def _hanging(first: str, text: str, width: int) -> Iterator[Line]:
    wrapped = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=" " * len(first),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    yield from ((line, "") for line in wrapped)


def _sentence(claim: Claim, reason: str, width: int) -> Iterator[Line]:
    yield from _field("sentence", f'"{claim.quote}"', width)
    yield from _field("where", claim.where, width)
    yield from _field("test", claim.statement, width)
    yield from _field("wanted in", _wanted(record_of(claim.id).test), width)
    yield from _field("silent on", claim.silent, width)
    yield from _field("if it falls", _FALLS[claim.severity], width)
    yield from _field("because", reason, width)


def _reading(c: Checked, several: bool, width: int) -> Iterator[Line]:
    if several:
        yield "", ""
        said = f"@{reading(c.claim)}: {described(c.judgement)}"
        yield from _styled("  ", said, width, f"bold {style(c.judgement)}")
    if c.claim.reading:
        yield from _field("reading", c.claim.reading, width)
    for e in c.evidence:
        if not e.ok:
            yield from _field("DAMAGED", f"{e.scope}: {e.reason}", width)


def _tested(c: Checked, given: Read, width: int) -> Iterator[Line]:
    """The test under each setting that has numbers; what it asks for where none has."""
    record = record_of(c.claim.id)
    found = judged(record, given)
    if not found:
        yield "", ""
        yield "  asks for", "bold"
        for case in record.test.cases:
            for condition in case.conditions:
                yield from _hanging(f"    {case.name:15} ", worded(condition), width)
    for one in found:
        yield "", ""
        said = f"{one.scale} scale, {one.model}: {_SPEAKS[one.outcome]}"
        yield from _styled("  ", said, width, "bold")
        yield from _cases(one, width)


def _wanted(test: Test) -> str:
    names = "; ".join(case.name for case in test.cases)
    of = {"every": "each of", "most": "most of", "some": "one at least of"}[test.quantifier]
    return f"{of}: {names}" if len(test.cases) > 1 else names


def _cases(one: Judged, width: int) -> Iterator[Line]:
    for case, outcome, measured in one.cases:
        found = [d for m in measured for d in m.found if d is not None]
        if not found:
            yield f"    {case.name}: {', '.join(dict.fromkeys(m.why for m in measured))}", ""
            continue
        seeds, n = min(d.seeds for d in found), min(d.n for d in found)
        counted = f"{seeds} seed{'s' if seeds != 1 else ''}, {n} inputs"
        said = f"{case.name}: {_SPEAKS[outcome]} ({counted})"
        yield from _styled("    ", said, width, _STYLES.get(outcome, ""))
        for m in measured:
            yield from _hanging(f"      {m.outcome.value:7}  ", _measured(m), width)


def _measured(m: Measured) -> str:
    """The numbers of a condition before its words, and what keeps them from counting after."""
    if m.interval is None:
        return f"{worded(m.condition)} ({m.why})"
    why = f" ({m.why})" if m.why else ""
    return f"{numbers(m)}  {worded(m.condition)}{why}"
