"""How verdicts read on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proofs_checks.run import Checked, described, grouped


def lines(checked: Sequence[Checked], *, in_full: bool) -> Iterator[str]:
    """One line for each claim; ``in_full`` adds the statement, the evidence and where to look."""
    groups = grouped(checked)
    width = max(len(name) for name, _, _ in groups)
    for name, judgement, group in groups:
        readings = [c for c in group if "@" in c.claim.id]
        count = f" ({len(readings)} readings)" if len(readings) > 1 else ""
        yield f"{name:{width}}  {described(judgement):10}  {group[0].claim.title}{count}"
        if in_full:
            yield from _in_full(group)
    seconds = sum(e.seconds for c in checked for e in c.evidence)
    pieces = sum(len(c.evidence) for c in checked)
    yield ""
    yield f"{len(checked)} claims, {pieces} pieces of evidence re-run in {seconds:.1f} s."


def _in_full(group: Sequence[Checked]) -> Iterator[str]:
    claim = group[0].claim
    yield ""
    yield f"  {claim.statement}"
    yield f"  {claim.formula}"
    yield f"  {claim.where}; the formula is {claim.source}."
    if claim.hypotheses:
        yield f"  Assumes {', '.join(claim.hypotheses)}."
    if claim.repair:
        yield f"  True instead: {claim.repair} (sua verify {claim.repair})."
    yield f"  Computed by sua_ref.{', sua_ref.'.join(claim.ref)}"
    yield (f"  Evidence in proofs_checks/{claim.item}.py; tests in tests/test_{claim.item}.py")
    for checked in group:
        yield ""
        yield f"  {checked.claim.id}: {described(checked.judgement)}"
        if checked.claim.reading:
            yield f"    reading: {checked.claim.reading}"
        for piece in checked.evidence:
            mark = "ok" if piece.ok else "FAILED"
            yield f"    {mark}  {piece.kind.value}, {piece.grade}: {piece.scope}"
            if piece.reason:
                yield f"        {piece.reason}"
    yield ""
