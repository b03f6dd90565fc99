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
from proofs_checks import run
from proofs_checks.claims import CLAIMS, Claim, select
from proofs_checks.run import check_claim, committed_rows, disagreements, document, table

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
        if not re.fullmatch(r"[a-z]+(_\d+)+(\.\w+)*(@[\w.]+)?", c.id):
            found.append(f"{c.id}: no valid id")
        if c.repair is not None and c.repair not in ids:
            found.append(f"{c.id}: repair {c.repair} is on no record")
        found += [f"{c.id}: uses {u}, on no record" for u in c.uses if u not in ids]
        found += [f"{c.id}: no function {n}" for n in c.ref if n not in sua_ref.__all__]
        for path in (f"proofs_checks/{c.item}.py", f"tests/test_{c.item}.py"):
            if not (ROOT / path).is_file():
                found.append(f"{c.id}: no {path}")
        if not (c.statement and c.formula and c.where):
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
    broken = dataclasses.replace(CLAIMS[-1], **change)  # type: ignore[arg-type]  # any field
    assert any(said in fault for fault in faults([*CLAIMS[:-1], broken]))


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
    checked = [check_claim(c) for c in CLAIMS]
    assert disagreements(checked) == []
    committed = (ROOT / "proofs_checks" / "VERDICTS.md").read_text(encoding="utf-8")
    assert committed == table(checked)
    assert document(checked, True)["ok"] is True


def test_a_stale_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = committed_rows()
    rows["asm_1@tv"] = ("REFUTED", "checked")
    rows["lem_9_9"] = ("PROVED", "checked")
    del rows["n_3"]
    monkeypatch.setattr(run, "committed_rows", lambda: rows)
    said = disagreements([check_claim(c) for c in CLAIMS if c.id in ("asm_1@tv", "n_3")])
    assert said == [
        "asm_1@tv: VERDICTS.md says REFUTED checked, found PROVED checked",
        "n_3: no row in VERDICTS.md",
        "lem_9_9: in VERDICTS.md, not in the registry",
    ]


def test_select_finds_claims_parts_and_readings_and_nothing_else() -> None:
    assert len(select("thm_4_3")) == len(select("thm_4_3.eq_11")) == 24
    assert [c.id for c in select("asm_1@tv")] == ["asm_1@tv"]
    assert select("thm_4") == select("asm") == []
