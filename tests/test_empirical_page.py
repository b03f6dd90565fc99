"""Empirical sentences on the command line: pages, the block of the table, JSON, LaTeX, faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from paper_repro.cli import app
from paper_repro.empirical_page import page_lines
from paper_repro.verdict_lines import EMPIRICAL, table_lines
from proofs_checks import empirical_judged
from proofs_checks.claims import CLAIMS, select
from proofs_checks.erratum import document, standing
from proofs_checks.run import check_all, committed_rows, disagreements, table
from proofs_checks.verdict import Verdict
from tests.empirical_summaries import name_of, world
from tests.test_empirical import as_said

ORDERING = "emp_6_6.ordering"
SOME = ("emp_6_5.auroc", ORDERING, "emp_b_4.higher", "repo_5")
Place = Callable[[Sequence[dict[str, Any]]], None]


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["verify", *arguments])


def page(*names: str, width: int = 100) -> str:
    checked = check_all([c for name in names for c in select(name)])
    return "\n".join(line for line, _ in page_lines(checked, width))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of summaries, empty."""
    monkeypatch.setattr(empirical_judged, "FOLDER", tmp_path)
    empirical_judged.committed.cache_clear()
    yield tmp_path
    empirical_judged.committed.cache_clear()


@pytest.fixture
def place(runs: Path) -> Place:
    """Puts summaries into the folder."""

    def put(documents: Sequence[dict[str, Any]]) -> None:
        for d in documents:
            (runs / f"{name_of(d)}.json").write_text(json.dumps(d))
        empirical_judged.committed.cache_clear()

    return put


def test_a_page_before_anything_ran_says_what_is_asked_for(runs: Path) -> None:
    assert not list(runs.iterdir())
    shown = " ".join(page("emp_6_5.robust").split())
    (claim,) = select("emp_6_5.robust")
    for text in (claim.quote, claim.statement, claim.silent, claim.where, "because not run"):
        assert " ".join(text.split()) in shown
    assert "emp_6_5.robust: INCONCLUSIVE" in shown
    assert "wanted in each of: qa; nli; topic" in shown
    assert shown.index("asks for") < shown.index("robust_accuracy")
    assert "qa robust_accuracy on squadshifts_wiki: sua_tr - at > 0.01" in shown


def test_a_page_shows_every_number_with_its_interval_seeds_and_inputs(place: Place) -> None:
    place(world(as_said))
    shown = " ".join(page("emp_6_5.robust").split())
    assert "emp_6_5.robust: REPRODUCED (quick, small: qa, nli, topic)" in shown
    assert "quick scale, small: as the sentence says qa: as the sentence says" in shown
    assert "nli: as the sentence says (3 seeds, 1000 inputs)" in shown
    said = "robust_accuracy on snli: sua_tr - at > 0.01"
    assert f"holds +0.0330 [+0.0330, +0.0330] {said}" in shown


def test_two_settings_and_readings_stand_on_one_page(place: Place) -> None:
    place(world(as_said))
    place(world(lambda c: as_said(c, -1), scale="standard", model="minilm"))
    shown = page(ORDERING)
    headings = [line for line in shown.splitlines() if line.startswith("  @")]
    assert headings == [
        f"  @{reading}: NOT_REPRODUCED (standard, minilm: qa, nli, topic)"
        for reading in ("table_2", "standard", "sua_tr")
    ]
    assert shown.count("quick scale, small: as the sentence says") == 3
    assert shown.count("standard scale, minilm: against the sentence") == 3
    assert shown.index("standard scale") < shown.index("quick scale")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_asked(place: Place, width: int) -> None:
    place(world(as_said)[:2])
    for line in page(*SOME, width=width).splitlines():
        assert len(line) <= width or len(line.split()) <= 6, line


def test_the_table_has_a_block_of_its_own(place: Place) -> None:
    place(world(as_said))
    lines = [line for line, _ in table_lines(check_all([*select("n_3"), *select(ORDERING)]))]
    at = lines.index(EMPIRICAL)
    assert lines[at - 1] == ""
    assert "n_3" in lines[0]
    assert "REPRODUCED (quick, small: qa, nli, topic)" in lines[at + 1]
    assert "(3 readings)" in lines[at + 1]
    assert "1 PROVED, 1 REPRODUCED (readings joined; 4 records: 1 PROVED, 3 REPRODUCED)" in lines


def test_the_committed_table_has_a_section_and_goes_stale(place: Place) -> None:
    place(world(as_said))
    checked = check_all([*select("n_3"), *select("emp_6_5.auroc")])
    text = table(checked)
    assert "## Empirical sentences" in text
    assert "| `quick-nli-small` | 3 | snli |" in text
    assert "| REPRODUCED | 1 | 1 |" in text
    said = "REPRODUCED (quick, small: qa, nli, topic)"
    rows = committed_rows(text)
    assert rows == {"n_3": ("PROVED", "PROVED"), "emp_6_5.auroc": (said, said)}
    place(world(lambda c: as_said(c, -1)))
    faults = disagreements(check_all(select("emp_6_5.auroc")), committed=rows)
    assert faults == [
        f"emp_6_5.auroc: VERDICTS.md says {said} (fast run), found NOT_{said}"
    ]  # fmt: skip


def test_summaries_that_the_committed_table_does_not_know_are_a_fault(place: Place) -> None:
    """Also of the same verdict at another scale."""
    place(world(lambda c: as_said(c, -1), scale="paper", model="bert-base-uncased"))
    done = verify("emp_6_5.auroc")
    assert done.exit_code == 1
    assert "emp_6_5.auroc: VERDICTS.md says" in done.stderr
    assert "found NOT_REPRODUCED (paper, bert-base-uncased: qa, nli, topic)" in done.stderr


def test_a_damaged_file_is_a_fault_whatever_is_asked_for(runs: Path) -> None:
    (runs / "quick-qa-small.json").write_text("{}")
    empirical_judged.committed.cache_clear()
    done = verify("n_3")
    assert done.exit_code == 1
    assert "proofs_checks/runs/quick-qa-small.json: schema: None" in done.stderr
    shown = page("emp_6_5.auroc")
    assert "DAMAGED       quick-qa-small.json: schema: None" in shown
    assert "emp_6_5.auroc: INCONCLUSIVE\n" in shown


def test_json_has_the_numbers_of_empirical_claims_alone(place: Place) -> None:
    place(world(as_said))
    found = json.loads(verify("n_3", "emp_6_5.auroc", "--json").stdout)["claims"]
    assert "measured" not in found[0]
    assert (found[1]["verdict"], found[1]["kind"]) == ("REPRODUCED", "empirical")
    assert found[1]["mark"] == "quick, small: qa, nli, topic"
    (setting,) = found[1]["measured"]
    assert len(setting["conditions"]) == 12
    assert setting["data"]["nli"] == {"snli": "0" * 64}


def test_an_erratum_is_formal_unless_asked_otherwise(place: Place) -> None:
    place(world(lambda c: as_said(c, -1)))
    checked = check_all([*select("asm_1@kl"), *select("emp_6_5.auroc")])
    assert checked[1].judgement.verdict is Verdict.NOT_REPRODUCED
    assert [c.claim.id for c in standing(checked)] == ["asm_1@kl"]
    text = document(checked[1:], {})
    assert r"\paragraph{Measured at quick, small: qa, nli, topic.}" in text
    assert r"auroc on snli: sua\_tr:sua@1 - standard:entropy \textgreater{} 0" in text
    assert "displaystyle" not in text


def test_the_committed_summaries_are_sound() -> None:
    assert empirical_judged.committed().faults == {}
    assert all(c.kind in ("formal", "empirical") for c in CLAIMS)
