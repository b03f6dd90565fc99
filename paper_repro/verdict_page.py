"""The page of one claim: what it says, what came of it, and why; its readings told once."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from paper_repro.verdict_lines import Line, style
from proofs_checks.claim import Claim
from proofs_checks.evidence import Evidence, Kind, Row
from proofs_checks.readings import axes, by_value, legend, pattern, reading
from proofs_checks.run import Checked, described, grouped
from proofs_checks.verdict import Judgement, Verdict

LABEL = 16
"""Width of the column of labels, the two spaces before it included."""
_SOURCE = {
    "printed": "printed in the paper",
    "reconstructed": "reconstructed from the paper's words: its text has lost its formulas",
    "ours": "ours",
}
_FALLS = {
    "conclusion": "a conclusion of the paper",
    "step": "a step of a proof",
    "remark": "a remark",
}
_FIDELITY = {
    "exact": "the evidence speaks of the statement itself",
    "equivalent": "the evidence speaks of an equivalent statement",
    "related": "the evidence speaks of a statement that is only related to it",
}
_MOST_DRAWN = 24
"""Lines of instances drawn on one page; the others are named, each on its reading's own page."""


class Page:
    """Lays out the pages of claims at a given width.

    Args:
        others: what came of the claims that stand in for refuted ones, by id.
        replaces: ids of claims that name an id as what is true instead.
        where: the files of the evidence and of the tests of a claim.
        width: columns.
    """

    def __init__(
        self,
        others: Mapping[str, Sequence[Checked]],
        replaces: Callable[[str], list[str]],
        where: Callable[[Claim], str],
        width: int,
    ) -> None:
        self.others = others
        self.replaces = replaces
        self.where = where
        self.width = width

    def lines(self, checked: Sequence[Checked]) -> Iterator[Line]:
        """The page of each claim, the readings of one claim on one page."""
        for name, judgement, group in grouped(checked):
            yield from self._page(name, judgement, group)
            yield "", ""

    def _page(self, name: str, judgement: Judgement, group: Sequence[Checked]) -> Iterator[Line]:
        claim = group[0].claim
        yield f"{name}: {_headline(judgement, group)}", f"bold {style(judgement)}"
        yield from ((line, "bold") for line in textwrap.wrap(claim.title, self.width))
        yield "", ""
        yield from self._statement(group)
        yield from self._outcome(group)
        if len(group) > 1:
            yield from self._readings(group)
        yield from self._instances(group)
        yield from self._evidence(group)
        yield from self._places(name, group)

    # --- fields ---------------------------------------------------------------------------------

    def _field(self, label: str, text: str) -> Iterator[Line]:
        """A label and its text, wrapped beside it."""
        first = f"  {label}".ljust(LABEL)
        if text:
            wrapped = textwrap.wrap(
                text,
                self.width,
                initial_indent=first,
                subsequent_indent=" " * LABEL,
                break_long_words=False,
                break_on_hyphens=False,
            )
            yield from ((line, "") for line in wrapped)

    def _varying(
        self, label: str, group: Sequence[Checked], value: Callable[[Claim], str]
    ) -> Iterator[Line]:
        """A field once, where the readings share it, else once for each of its values."""
        every = [reading(c.claim) for c in group]
        found = by_value(group, lambda c: value(c.claim))
        for k, (text, names) in enumerate(found):
            which = "" if len(found) == 1 else f"{pattern(names, every)}: "
            yield from self._field(label if k == 0 else "", f"{which}{text}" if text else "")

    def _statement(self, group: Sequence[Checked]) -> Iterator[Line]:
        yield from self._varying("claim", group, lambda c: c.statement)
        yield from self._varying("in LaTeX", group, lambda c: c.formula)
        yield from self._varying("source", group, lambda c: _SOURCE[c.source])
        yield from self._varying("where", group, lambda c: c.where)
        yield from self._varying("quote", group, lambda c: f'"{c.quote}"' if c.quote else "")
        yield from self._varying("silent on", group, lambda c: c.silent)
        if len(group) == 1:
            yield from self._varying("reading", group, lambda c: c.reading)
        yield from self._varying("assumes", group, lambda c: ", ".join(c.hypotheses))
        yield from self._varying(
            "fidelity", group, lambda c: f"{c.fidelity}: {_speaks_of(c)}"
        )
        yield from self._varying("if it falls", group, _what_falls)

    def _outcome(self, group: Sequence[Checked]) -> Iterator[Line]:
        """Why no better, where the proof breaks, and what is true instead."""
        every = [reading(c.claim) for c in group]
        for reason, names in by_value(group, lambda c: c.judgement.reason):
            some = len(names) < len(every)
            yield from self._field(
                "because", f"{pattern(names, every)}: {reason}" if reason and some else reason
            )
        yield from self._varying("withdrawn", group, lambda c: c.withdrawn)
        yield from self._varying("breaks at", group, lambda c: c.breaks)
        yield from self._varying("holds if", group, lambda c: c.amendment)
        for repair, names in by_value(group, lambda c: c.claim.repair or ""):
            if repair:
                which = "" if len(names) == len(every) else f"{pattern(names, every)}: "
                yield from self._field("true instead", f"{which}{self._other(repair)}")
        yield from self._varying("no repair", group, lambda c: c.no_repair)

    def _other(self, wanted: str) -> str:
        """Another claim in one line: its verdict and what it says."""
        found = self.others.get(wanted, ())
        if not found:
            return wanted
        judgement = grouped(found)[0][1]
        return f"{wanted} ({described(judgement)}): {found[0].claim.statement}"

    # --- readings -------------------------------------------------------------------------------

    def _readings(self, group: Sequence[Checked]) -> Iterator[Line]:
        names = [reading(c.claim) for c in group]
        meanings = legend(group)
        yield "", ""
        yield f"  {len(group)} readings", "bold"
        if len({described(c.judgement) for c in group}) > 1 and len(axes(names)) > 1:
            yield from _grid(group)
        if meanings is None or len(meanings) == 1:
            width = max(map(len, names)) + 1
            said = max(len(described(c.judgement)) for c in group)
            for c in group:
                first = f"    @{reading(c.claim)}".ljust(width + 6)
                yield from self._hanging(
                    f"{first}{described(c.judgement):{said}}  ", c.claim.reading
                )
            return
        width = max(len(value) for meaning in meanings for value, _ in meaning)
        for meaning in meanings:
            if meaning is not meanings[0]:
                yield "    with", ""
            for value, words in meaning:
                yield from self._hanging(f"    {value:{width}}  ", words)

    def _hanging(self, first: str, text: str) -> Iterator[Line]:
        wrapped = textwrap.wrap(
            text or " ", self.width, initial_indent=first, subsequent_indent=" " * len(first),
            break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
        )  # fmt: skip
        yield from ((line, "") for line in wrapped or [first.rstrip()])

    # --- evidence -------------------------------------------------------------------------------

    def _instances(self, group: Sequence[Checked]) -> Iterator[Line]:
        """Each distinct instance once: the one that the record leads with, then by size."""
        every = [reading(c.claim) for c in group]
        found: dict[tuple[str, tuple[Row, ...]], list[str]] = {}
        for c in group:
            for e in c.evidence:
                if e.instance:
                    found.setdefault((e.kind.value, e.instance), []).append(reading(c.claim))
        drawn = list(found.items())
        drawn[1:] = sorted(drawn[1:], key=lambda item: _size(*item[0]))
        shown = 1
        while shown < len(drawn) and sum(len(k[1]) for k, _ in drawn[: shown + 1]) <= _MOST_DRAWN:
            shown += 1
        for (kind, rows), names in drawn[:shown]:
            yield "", ""
            yield f"  {kind.capitalize()}{_for(names, every)}", "bold"
            width = max(len(name) for name, _ in rows)
            for name, value in rows:
                yield from self._hanging(f"    {name:{width}}  ", value)
        rest = [f"{kind}{_for(names, every)}" for (kind, _), names in drawn[shown:]]
        if rest:
            yield from self._hanging("    and ", "; ".join(rest))

    def _evidence(self, group: Sequence[Checked]) -> Iterator[Line]:
        """Pieces of the same kind and scope once, with the readings they serve."""
        every = [reading(c.claim) for c in group]
        found: dict[tuple[bool, str, str, str, str], list[tuple[str, Evidence]]] = {}
        for c in group:
            for e in c.evidence:
                key = (e.ok, e.kind.value, e.grade, e.scope, e.reason)
                found.setdefault(key, []).append((reading(c.claim), e))
        yield "", ""
        yield "  Evidence", "bold"
        for (ok, kind, grade, scope, reason), ran in found.items():
            seconds = sum(e.seconds for _, e in ran)
            mark, colour = ("ok    ", "") if ok else ("FAILED", "bold magenta")
            names = list(dict.fromkeys(name for name, _ in ran))
            said = f"{kind}, {grade}, {seconds:.2f} s{_for(names, every)}"
            yield from ((line, colour) for line, _ in self._hanging(f"    {mark} ", said))
            yield from self._hanging(" " * 11, scope)
            if reason:
                yield from self._hanging(" " * 11 + "why: ", reason)
        for scope in dict.fromkeys(scope for c in group for scope in c.left_out):
            yield from self._hanging("    long   left for --deep: ", scope)

    def _places(self, name: str, group: Sequence[Checked]) -> Iterator[Line]:
        claim = group[0].claim
        yield "", ""
        yield from self._varying("relies on", group, lambda c: ", ".join(c.uses))
        yield from self._varying(
            "functions", group, lambda c: ", ".join(f"sua_ref.{n}" for n in c.ref)
        )
        yield from self._field("files", self.where(claim))
        yield from self._field("stands for", ", ".join(self.replaces(name)))
        yield from self._varying("credit", group, lambda c: c.credit)


def _headline(judgement: Judgement, group: Sequence[Checked]) -> str:
    if judgement.grade is None:
        return judgement.verdict.value
    said = f"{judgement.verdict.value}, {judgement.grade}"
    if len(group) == 1:
        return said
    if judgement.verdict is Verdict.ILL_POSED and len({c.judgement.verdict for c in group}) > 1:
        return f"{said}: its readings differ"
    count = "both" if len(group) == 2 else f"all {len(group)}"
    return f"{said}, under {count} readings"


def _speaks_of(claim: Claim) -> str:
    """The formula of a reconstructed statement is ours, and so is what the evidence speaks of."""
    ours = claim.source == "reconstructed" and claim.fidelity == "exact"
    return _FIDELITY[claim.fidelity] + ", as reconstructed" * ours


def _what_falls(claim: Claim) -> str:
    return (
        f"{_FALLS[claim.severity].split(' of ')[0]} (ours)"
        if claim.source == "ours"
        else _FALLS[claim.severity]
    )


def _size(kind: str, rows: tuple[Row, ...]) -> tuple[bool, int, int]:
    """Counterexamples first, then by rows and characters."""
    characters = sum(len(name) + len(value) for name, value in rows)
    return kind != Kind.COUNTEREXAMPLE.value, len(rows), characters


def _for(names: Sequence[str], every: Sequence[str]) -> str:
    """``, 12 readings @*.signed``; nothing where all readings are meant."""
    if len(every) == 1 or set(names) == set(every):
        return ""
    return f", {pattern(names, every)}"


def _grid(group: Sequence[Checked]) -> Iterator[Line]:
    """Verdicts, one row for each choice but the last, one column for each value of the last."""
    verdicts = {reading(c.claim): described(c.judgement) for c in group}
    *rows, columns = axes(list(verdicts))
    names = [".".join(values) for values in product(*rows)]
    first = max(map(len, names))
    widths = [max(len(c), *map(len, verdicts.values())) for c in columns]
    yield (
        f"    {'':{first}}  " + "  ".join(f"{c:{w}}" for c, w in zip(columns, widths, strict=True)),
        "",
    )
    for name in names:
        cells = [verdicts.get(f"{name}.{c}", "-") for c in columns]
        shown = "  ".join(f"{cell:{w}}" for cell, w in zip(cells, widths, strict=True))
        yield f"    {name:{first}}  {shown}".rstrip(), ""
    yield "", ""
