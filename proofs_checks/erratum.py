r"""A citable erratum in LaTeX, written from the records and from the evidence as it just ran.

Text is escaped; formulas are the records' own LaTeX. Nothing is typed in here but the frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from proofs_checks.claim import Claim, in_words
from proofs_checks.evidence import Kind, Row
from proofs_checks.readings import by_value, pattern, reading
from proofs_checks.run import Checked, described, grouped
from proofs_checks.verdict import Verdict

BIBTEX = """\
@misc{hiremath2026sua,
  title         = {Sensitivity Uncertainty Alignment in Large Language Models},
  author        = {Hiremath, Prakul Sunil and Hiremath, Harshit R.},
  year          = {2026},
  eprint        = {2604.20903},
  archivePrefix = {arXiv},
  primaryClass  = {cs.CR},
  doi           = {10.48550/arXiv.2604.20903}
}"""
"""The paper, as arXiv gives it (version 1, 21 April 2026)."""

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''", "\u2013": "--", "\u2014": "---",
    "\u2212": "$-$",
}  # fmt: skip
_FRAME = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=3cm]{geometry}
\emergencystretch=3em
\title{Verdicts on claims of\\ \emph{Sensitivity Uncertainty Alignment in Large Language Models}}
\author{}
\date{}
\begin{document}
\maketitle
"""


def escaped(text: str) -> str:
    r"""Plain text as LaTeX.

    >>> print(escaped("50 % of p_x, {a} & b^2"))
    50 \% of p\_x, \{a\} \& b\textasciicircum{}2
    """
    return "".join(_SPECIAL.get(c, c) for c in text)


def document(checked: Sequence[Checked], others: Mapping[str, Sequence[Checked]]) -> str:
    """The erratum on these claims.

    Args:
        checked: what ran.
        others: what came of the claims named as true instead, by id.
    """
    body = [_FRAME, _preface(checked)]
    for name, judgement, group in grouped(checked):
        lines = _section(name, described(judgement), group, others)
        body.append("\n".join(lines) + "\n")
    body.append(
        "\\section*{The paper}\n\n\\begin{verbatim}\n" + BIBTEX + "\n\\end{verbatim}\n"
        "\\begin{thebibliography}{1}\n"
        "\\bibitem{hiremath2026sua} P.~S. Hiremath and H.~R. Hiremath. Sensitivity Uncertainty\n"
        "Alignment in Large Language Models. arXiv:2604.20903, 2026.\n"
        "\\end{thebibliography}\n"
        "\\end{document}"
    )
    return "\n".join(body) + "\n"


def standing(checked: Sequence[Checked]) -> list[Checked]:
    """The records that an erratum is about: those of the paper's formal claims not proved.

    An empirical sentence that was not reproduced, with other models and data, is no erratum.
    """
    fallen = []
    for _, judgement, group in grouped([c for c in checked if c.claim.kind == "formal"]):
        if judgement.verdict not in (Verdict.PROVED, Verdict.UNVERIFIED):
            fallen += [c for c in group if c.claim.source != "ours"]
    return fallen


def _preface(checked: Sequence[Checked]) -> str:
    count = len(grouped(checked))
    return (
        f"This note gives verdicts on {count} claim{'s' if count != 1 else ''} "
        "about~\\cite{hiremath2026sua}. Each is\n"
        "computed from evidence that anyone can re-run; a refutation is an exact instance that\n"
        "meets every hypothesis and violates the conclusion, its sign decided in rational or\n"
        "rigorous ball arithmetic.\n"
    )


def _section(
    name: str, verdict: str, group: Sequence[Checked], others: Mapping[str, Sequence[Checked]]
) -> Iterator[str]:
    claim = group[0].claim
    yield f"\\section*{{{escaped(in_words(claim.item))}: {escaped(claim.title)}}}"
    yield f"\\noindent\\texttt{{{escaped(name)}}}: \\textbf{{{escaped(verdict)}}}."
    if len(group) > 1:
        yield from _readings(group)
    for statement, _ in by_value(group, lambda c: c.claim.statement):
        yield f"\n\\paragraph{{Claim.}} {escaped(statement)}"
    for formula, _ in by_value(group, lambda c: c.claim.formula):
        if formula:
            yield f"\\begin{{quote}}$\\displaystyle {formula}$\\end{{quote}}"
    source = f"; the formula is {_source(claim)}" if claim.formula else ""
    yield f"({escaped(claim.where)}{source}.)"
    if claim.quote:
        yield f"The text: ``{escaped(claim.quote)}''."
    for silent, _ in by_value(group, lambda c: c.claim.silent):
        if silent:
            yield f"It is silent on: {escaped(silent)}."
    yield from _instances(group)
    for title, of in (("Where the proof breaks", "breaks"), ("It holds if", "amendment")):
        for text, _ in by_value(group, lambda c, of=of: getattr(c.claim, of)):  # type: ignore[misc]
            if text:
                yield f"\n\\paragraph{{{title}.}} {escaped(text)}."
    for repair, _ in by_value(group, lambda c: c.claim.repair or ""):
        if repair:
            yield from _repair(repair, others.get(repair, ()))
    for reason, _ in by_value(group, lambda c: c.claim.no_repair):
        if reason:
            yield f"\n\\paragraph{{No repair.}} {escaped(reason)}."
    yield f"\n\\paragraph{{To re-run.}} \\texttt{{sua verify {escaped(name)}}}"
    evidence = claim.item if claim.kind == "formal" else "empirical"
    yield f"(evidence in \\texttt{{{escaped(f'proofs_checks/{evidence}.py')}}})."


def _source(claim: Claim) -> str:
    return "printed" if claim.source == "printed" else escaped(claim.source)


def _readings(group: Sequence[Checked]) -> Iterator[str]:
    every = [reading(c.claim) for c in group]
    found = by_value(group, lambda c: described(c.judgement))
    if len(found) == 1:
        yield f"All {len(group)} readings of the text agree."
        return
    yield "Its readings differ:"
    yield "\\begin{itemize}"
    for verdict, names in found:
        yield f"\\item {escaped(verdict)}: \\texttt{{{escaped(pattern(names, every))}}}"
    yield "\\end{itemize}"


_SHOWN = {Kind.COUNTEREXAMPLE: "Counterexample"} | dict.fromkeys(
    (Kind.REPRODUCTION, Kind.FAILED_REPRODUCTION, Kind.OPEN_TEST, Kind.UNFINISHED_TEST), "Measured"
)


def _instances(group: Sequence[Checked]) -> Iterator[str]:
    """Each distinct instance that refutes, and each table of measured numbers, once."""
    every = [reading(c.claim) for c in group]
    found: dict[tuple[str, tuple[Row, ...]], list[str]] = {}
    for c in group:
        for e in c.evidence:
            if e.ok and e.kind in _SHOWN and e.instance:
                title = _SHOWN[e.kind] + (
                    f" at {e.scope}" if e.kind is not Kind.COUNTEREXAMPLE else ""
                )
                found.setdefault((title, e.instance), []).append(reading(c.claim))
    for (title, rows), names in found.items():
        which = "" if len(names) == len(every) else f" ({escaped(pattern(names, every))})"
        yield f"\n\\paragraph{{{escaped(title)}{which}.}}"
        yield "\\begin{center}\\begin{tabular}{@{}lp{0.6\\linewidth}@{}}"
        yield from (f"{escaped(name)} & {escaped(value)} \\\\" for name, value in rows)
        yield "\\end{tabular}\\end{center}"


def _repair(repair: str, found: Sequence[Checked]) -> Iterator[str]:
    yield f"\n\\paragraph{{True instead}} (\\texttt{{{escaped(repair)}}}"
    if not found:
        yield ")."
        return
    judgement, claim = grouped(found)[0][1], found[0].claim
    yield f"{escaped(described(judgement))}). {escaped(claim.statement)}"
    yield f"\\begin{{quote}}$\\displaystyle {claim.formula}$\\end{{quote}}"
