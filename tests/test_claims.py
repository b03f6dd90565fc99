"""The registry: ids resolve, names exist, and a broken copy is noticed."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import sua_gpu
import sua_ref
from paper_repro.verdict_page import Page
from proofs_checks.claim import Claim
from proofs_checks.claims import CLAIMS, FORMAL, near, select
from proofs_checks.evidence import Kind
from proofs_checks.run import (
    check_all,
    check_claim,
    committed_rows,
    disagreements,
    document,
    pieces_of,
    table,
)
from proofs_checks.verdict import Verdict

ROOT = Path(__file__).parent.parent
FIRST_LINE = re.compile(
    r"(Definition|Remark|Assumption|Theorem|Corollary|Lemma|Proposition|Equation|Section|Appendix) "
)


def faults(claims: Sequence[Claim]) -> list[str]:
    """What is wrong with a registry."""
    found = []
    ids = {c.id for c in claims}
    if len(ids) != len(claims):
        found.append("an id occurs twice")
    for c in claims:
        if not re.fullmatch(r"((app|emp)_[abc]|[a-z]+)(_\d+)+(\.\w+)*(@[\w.]+)?", c.id):
            found.append(f"{c.id}: no valid id")
        if c.repair is not None and c.repair not in ids:
            found.append(f"{c.id}: repair {c.repair} is on no record")
        found += [f"{c.id}: uses {u}, on no record" for u in c.uses if u not in ids]
        found += [f"{c.id}: no function {n}" for n in c.ref if n not in sua_ref.__all__]
        item = c.item if c.kind == "formal" else "empirical"
        for path in (f"proofs_checks/{item}.py", f"tests/test_{item}.py"):
            if not (ROOT / path).is_file():
                found.append(f"{c.id}: no {path}")
        if not (c.statement and c.where and (c.formula or c.kind == "empirical")):
            found.append(f"{c.id}: an empty field")
    return found


def test_the_registry_is_whole() -> None:
    assert faults(CLAIMS) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "asm_1@tv"}, "occurs twice"),
        ({"id": "Assumption 1"}, "no valid id"),
        ({"id": "asm_9@tv"}, "no proofs_checks/asm_9.py"),
        ({"repair": "n_999"}, "repair n_999 is on no record"),
        ({"uses": ("asm_7",)}, "uses asm_7"),
        ({"ref": ("total_variatoin",)}, "no function total_variatoin"),
        ({"statement": ""}, "an empty field"),
    ],
)
def test_a_broken_registry_is_noticed(change: dict[str, object], said: str) -> None:
    broken = dataclasses.replace(FORMAL[-1], **change)  # type: ignore[arg-type]  # any field
    assert any(said in fault for fault in faults([*FORMAL[:-1], broken]))


def test_every_public_function_is_documented_with_its_contract() -> None:
    for name in sua_ref.__all__:
        member = getattr(sua_ref, name)
        if inspect.isfunction(member):
            text = inspect.getdoc(member) or ""
            assert ">>>" in text, f"{name}: no example"
            assert "Raises" in text, f"{name}: no errors"
    for name in sua_gpu.__all__:
        assert inspect.getdoc(getattr(sua_gpu, name)), name


def test_the_paper_item_stands_first_in_the_docstring_of_its_function() -> None:
    from sua_ref import sec3_formulation

    for name, member in inspect.getmembers(sec3_formulation, inspect.isfunction):
        if member.__module__ == sec3_formulation.__name__ and name in sua_ref.__all__:
            first = (inspect.getdoc(member) or "").splitlines()[0]
            assert FIRST_LINE.match(first) or name == "is_label_invariant", (name, first)


def test_the_committed_table_is_what_the_evidence_says() -> None:
    checked = check_all(CLAIMS)
    assert disagreements(checked, committed=committed_rows()) == []
    committed = (ROOT / "proofs_checks" / "VERDICTS.md").read_text(encoding="utf-8")
    assert _without_deep(committed) == _without_deep(table(checked))
    assert document(checked, True)["ok"] is True


def _without_deep(text: str) -> list[str]:
    """The rows of the table but for what only the deep run can say."""
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    return ["|".join(cells[:4] + cells[5:]) for cells in rows]


def _owed() -> list[str]:
    """Proved bounds without a witness where they are tight, or without one where they speak."""
    found = []
    for c in CLAIMS:
        kinds = {piece.kind for piece in pieces_of(c)}
        if c.bound and Kind.PROOF in kinds:
            found += [f"{c.id}: no {k.value}" for k in {Kind.TIGHT, Kind.INFORMATIVE} - kinds]
    return found


def test_every_proved_bound_has_a_tight_and_an_informative_witness() -> None:
    assert _owed() == []


def test_what_is_refuted_says_why_and_what_is_true_instead_or_why_nothing_is() -> None:
    for c in CLAIMS:
        kinds = {piece.kind for piece in pieces_of(c)}
        if Kind.COUNTEREXAMPLE in kinds:
            assert c.breaks, c.id
            replaced = (bool(c.repair), bool(c.no_repair), Kind.AMENDED in kinds)
            assert sum(replaced) == 1, (c.id, replaced)
            assert c.repair or c.severity != "conclusion", c.id
        else:
            assert not c.no_repair, c.id


def test_what_is_ours_says_whom_to_credit_and_what_is_the_papers_is_quoted() -> None:
    for c in CLAIMS:
        assert c.credit if c.source == "ours" else c.quote, c.id


def test_a_check_that_raises_leaves_its_claim_unverified_with_the_reason() -> None:
    def broken() -> list[str]:
        raise ZeroDivisionError("planted")

    claim = select("n_3")[0]
    pieces = [dataclasses.replace(piece, run=broken) for piece in pieces_of(claim)]
    checked = check_claim(claim, pieces=pieces)
    assert checked.judgement.verdict is Verdict.UNVERIFIED
    assert "ZeroDivisionError: planted" in checked.judgement.reason


def test_the_fast_run_cannot_grant_what_only_the_deep_run_can() -> None:
    claim = select("n_3")[0]
    pieces = [dataclasses.replace(piece, deep=True) for piece in pieces_of(claim)]
    fast, deep = (check_claim(claim, deep=d, pieces=pieces) for d in (False, True))
    assert fast.judgement.verdict is Verdict.UNVERIFIED
    assert deep.judgement.verdict is Verdict.PROVED
    assert deep.fast.verdict is Verdict.UNVERIFIED


def test_a_withdrawn_record_stays_listed_with_its_reason_and_has_no_verdict() -> None:
    reason = "planted: the instance broke a hypothesis"
    claim = dataclasses.replace(select("n_3")[0], withdrawn=reason)
    checked = check_claim(claim)
    assert checked.judgement.verdict is checked.fast.verdict is Verdict.UNVERIFIED
    assert checked.judgement.reason == "withdrawn"
    text = table([checked])
    assert committed_rows(text)["n_3"] == ("UNVERIFIED", "UNVERIFIED")
    assert f"## Withdrawn\n\n- `n_3`: {reason}" in text
    page = [line for line, _ in Page({}, lambda _: [], lambda _: "here", 200).lines([checked])]
    assert any("withdrawn" in line and reason in line for line in page)


def test_unknown_ids_have_near_matches() -> None:
    assert "asm_1" in near("asm1")
    assert near("xyzzy") == []


def test_a_stale_table_is_noticed() -> None:
    rows = committed_rows()
    rows["asm_1@tv"] = ("REFUTED", "PROVED (written)")
    rows["lem_9_9"] = ("PROVED", "PROVED")
    del rows["n_3"]
    checked = [check_claim(c) for c in CLAIMS if c.id in ("asm_1@tv", "n_3")]
    said = disagreements(checked, deep=True, committed=rows)
    assert said[0] == "asm_1@tv: VERDICTS.md says PROVED (written) (deep run), found PROVED"
    assert disagreements(checked, committed=rows) == [
        "asm_1@tv: VERDICTS.md says REFUTED (fast run), found PROVED",
        "n_3: no row in VERDICTS.md",
        "lem_9_9: in VERDICTS.md, not in the registry",
    ]


def test_select_finds_claims_parts_and_readings_and_nothing_else() -> None:
    assert len(select("thm_4_3.eq_11")) == 24
    assert set(select("thm_4_3.eq_11")) <= set(select("thm_4_3"))
    assert [c.id for c in select("asm_1@tv")] == ["asm_1@tv"]
    assert select("thm_4") == select("asm") == []
