"""One record of the registry: what is claimed, where, and under which reading. Statements only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["printed", "reconstructed", "ours"]
Fidelity = Literal["exact", "equivalent", "related"]
Severity = Literal["conclusion", "step", "remark"]
_KINDS = {
    "def": "Definition", "rem": "Remark", "asm": "Assumption", "thm": "Theorem",
    "cor": "Corollary", "lem": "Lemma", "prop": "Proposition", "eq": "Equation",
    "alg": "Algorithm", "tab": "Table", "fig": "Figure", "app": "Appendix", "txt": "Section",
}  # fmt: skip
_EMPIRICAL = "emp"
_BEYOND = {"n": "Beyond the paper", "repo": "The authors' repository"}


def in_words(item: str) -> str:
    """An item as the paper calls it.

    >>> in_words("thm_4_3"), in_words("app_a_1"), in_words("eq_17"), in_words("n_3")
    ('Theorem 4.3', 'Appendix A.1', 'Equation (17)', 'Beyond the paper')
    >>> in_words("emp_0"), in_words("emp_6_5"), in_words("emp_b_1")
    ('Abstract', 'Section 6.5', 'Appendix B.1')
    """
    kind, *numbers = item.split("_")
    number = ".".join(numbers).upper()
    if kind == _EMPIRICAL:
        place = "Section" if number[0].isdigit() else "Appendix"
        return "Abstract" if number == "0" else f"{place} {number}"
    if kind in _BEYOND:
        return _BEYOND[kind]
    if kind not in _KINDS:
        return item
    return f"{_KINDS[kind]} ({number})" if kind == "eq" else f"{_KINDS[kind]} {number}"


@dataclass(frozen=True)
class Claim:
    """What is claimed, where, and under which reading.

    Attributes:
        id: permanent; the parts of an item stand after a dot, readings after ``@``.
        kind: ``"formal"`` or ``"empirical"``.
        title: a short name.
        statement: in plain words.
        formula: in LaTeX; empty for an empirical sentence.
        source: whether the formula is printed in the paper's text, reconstructed, or ours.
        where: the place in the paper, or in its repair.
        quote: the paper's words that the record rests on; empty for results that are ours.
        silent: what the text leaves open and the reading fixes; empty where it says everything.
        reading: what this reading fixes; empty where there is one reading only.
        fidelity: what the evidence speaks of against what the paper says: the statement itself
            (``"exact"``), one equivalent to it, or one only ``"related"``.
        severity: what falls with the claim, if it falls: a ``"conclusion"`` of the paper, a
            ``"step"`` of a proof, or a ``"remark"``.
        hypotheses: ids of the claims assumed.
        uses: ids of the claims that the evidence relies on.
        ref: names in :mod:`sua_ref` that compute what the claim speaks of.
        repair: id of the strongest true statement in its place, for a refuted claim.
        no_repair: why no statement stands in its place, for a refuted claim without a repair.
        breaks: the step at which the printed proof breaks, for a refuted claim; where none is
            printed, what the claim overlooks.
        amendment: the extra hypothesis under which the statement is proved, where one is named.
        bound: whether it is an inequality, which then owes a witness where it is tight and one
            where it says something.
        credit: whom to credit, or that no earlier statement was found.
        withdrawn: why the verdict was withdrawn; a withdrawn record stays listed.
    """

    id: str
    kind: Literal["formal", "empirical"]
    title: str
    statement: str
    formula: str
    source: Source
    where: str
    quote: str = ""
    silent: str = ""
    reading: str = ""
    fidelity: Fidelity = "exact"
    severity: Severity = "remark"
    hypotheses: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    repair: str | None = None
    no_repair: str = ""
    breaks: str = ""
    amendment: str = ""
    bound: bool = False
    credit: str = ""
    withdrawn: str = ""

    @property
    def item(self) -> str:
        """The paper's item that the claim belongs to, as ``thm_4_3``: the stem of its files."""
        return self.id.split("@")[0].split(".")[0]
