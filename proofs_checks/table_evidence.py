"""Evidence on printed numbers: the lines of a table that contradict a statement about it.

A statement about the paper's own numbers is formal: exact arithmetic decides it, and nobody has to
run an experiment. What it cannot say is whether the numbers are true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from proofs_checks.checker import BoxCertificate, BoxStatement, Expression, check_boxes
from proofs_checks.claim import Claim, Fidelity
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.printed_tables import interval
from proofs_checks.roc_range import auroc, auroc_range, blocks, selective_accuracy, witness

Violations = Callable[[], Sequence[Row]]
"""The contradicting lines of a table, each with its numbers; empty if there are none."""
_HALF = Fraction(1, 2)
ROC_CREDIT = (
    "areas under broken lines are classical; we found no earlier use of the pair as a check of "
    "printed tables after a limited search"
)


def table_claim(
    claim_id: str, title: str, statement: str, formula: str, where: str, quote: str,
    *, silent: str = "", reading: str = "", fidelity: Fidelity = "exact", breaks: str = "",
    ref: tuple[str, ...] = (), repair: str | None = None, credit: str = "",
) -> Claim:  # fmt: skip
    """A record about printed numbers.

    What the text says of them is printed; what only we hold them to is ours, and gives credit.
    ``breaks`` says what the numbers have against a refuted statement.
    """
    return Claim(
        id=claim_id, kind="formal", title=title, statement=statement, formula=formula,
        source="ours" if credit else "printed", where=where, quote=quote, silent=silent,
        reading=reading,
        fidelity=fidelity, severity="remark", ref=ref, repair=repair, credit=credit, breaks=breaks,
        no_repair="the numbers are as printed" if breaks and repair is None else "",
    )  # fmt: skip


def holds(scope: str, violations: Violations) -> Piece:
    """A proof by looking at every line that the statement speaks of."""

    def run() -> list[str]:
        return [f"{name}: {numbers}" for name, numbers in violations()]

    return Piece(Kind.PROOF, "checked", scope, run)


def fails(scope: str, violations: Violations) -> Piece:
    """A counterexample: the contradicting lines, which must be there."""

    def run() -> list[str]:
        return [] if violations() else ["no line contradicts the statement"]

    return Piece(Kind.COUNTEREXAMPLE, "checked", scope, run, instance=lambda: list(violations()))


# --- the area under the ROC curve -----------------------------------------------------------------


def no_such_roc(
    name: str, accuracy: str, selective: Mapping[Fraction, str], area: str
) -> list[Row]:
    """Empty if a score with these printed numbers is constructed, and checked by the definitions.

    Args:
        name: of the line.
        accuracy: as printed.
        selective: as printed, by coverage.
        area: the failure AUROC, as printed.
    """
    given = {c: Fraction(s) for c, s in selective.items()}
    ranked = blocks(Fraction(accuracy), given)
    low, high = auroc_range(ranked)
    if not low <= Fraction(area) <= high:
        return [(name, f"AUROC {area} outside {float(low):.3f}..{float(high):.3f}")]
    levels = witness(ranked, Fraction(area))
    right = sum((b.right for b in levels), Fraction(0))
    same = right == Fraction(accuracy) and auroc(levels) == Fraction(area)
    if same and all(selective_accuracy(levels, c) == s for c, s in given.items()):
        return []
    return [(name, "the constructed score has other numbers")]


def below_its_chord(
    name: str, accuracy: str, selective: Mapping[Fraction, str], area: str
) -> list[Row]:
    """The line, if its AUROC is below the chord of :mod:`roc_range` however it was rounded.

    The checker covers the box of everything that rounds to the printed numbers: there, the area of
    the block score exceeds the largest area that rounds to the printed one.
    """
    a, cuts = Expression("variable", ("a",)), sorted(selective)
    kept = {c: c * Expression("variable", (f"s{k}",)) for k, c in enumerate(cuts)}
    right = [*kept.values(), a]
    wrong = [*(c - kept[c] for c in cuts), 1 - a]
    excess = -interval(area)[1] * (a * (1 - a))
    below, above = Fraction(0) * a, Fraction(0) * a
    for r, w in zip(right, wrong, strict=True):
        excess = excess + (w - above) * _HALF * (r + below)
        below, above = r, w
    region = {"a": _dyadic(accuracy)} | {f"s{k}": _dyadic(selective[c]) for k, c in enumerate(cuts)}
    if check_boxes(BoxStatement(name, excess, region), BoxCertificate(name, "steepest", 10_000)):
        return []
    given = {c: Fraction(s) for c, s in selective.items()}
    ranked = blocks(Fraction(accuracy), given)
    shown = ", ".join(f"{selective[c]} at {100 * c} %" for c in cuts)
    return [
        (name, f"accuracy {accuracy}, selective accuracy {shown}"),
        ("AUROC as printed", area),
        ("AUROC of the cuts alone", f"{float(auroc(ranked)):.4f}"),
    ]


def _dyadic(text: str) -> tuple[Fraction, Fraction]:
    """A little more than what rounds to the printed number, with ends that floats hold."""
    low, high = interval(text)
    grain = 2**30
    return Fraction(low * grain // 1, grain), Fraction(-(-high * grain // 1), grain)
