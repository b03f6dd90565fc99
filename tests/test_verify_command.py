"""``sua verify`` as a person meets it: the table, the pages, the forgeries, exit statuses."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from paper_repro.cli import app, main
from paper_repro.verdict_lines import EMPIRICAL, table_lines
from paper_repro.verdict_page import Page
from proofs_checks import demo, n_3
from proofs_checks.claims import CLAIMS, select
from proofs_checks.evidence import Kind, Piece
from proofs_checks.run import Checked, check_all, check_claim, pieces_of
from proofs_checks.verdict import Verdict

FAST = ("asm_1@tv", "n_3", "thm_4_3.eq_11")


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["verify", *arguments])


def _page(checked: list[Checked], width: int = 100) -> str:
    page = Page({}, lambda _: [], lambda c: c.item, width)
    return "\n".join(line for line, _ in page.lines(checked))


# --- pages ---------------------------------------------------------------------------------------


def test_a_page_says_everything_that_its_record_says() -> None:
    shown = " ".join(verify("thm_4_3.eq_11@gibbs.signed.at_least_phi").stdout.split())
    claim = select("thm_4_3.eq_11@gibbs.signed.at_least_phi")[0]
    told = (claim.id, claim.title, claim.statement, claim.formula, claim.where, claim.quote)
    for text in (*told, claim.silent, claim.breaks, claim.reading, *claim.hypotheses, *claim.uses):
        assert " ".join(text.split()) in shown
    for word in ("REFUTED, checked", "a conclusion of the paper",
                 "true instead n_4.mean (PROVED): ",
                 "tests/test_thm_4_3.py", "proofs_checks/thm_4_3.py", "sua_ref.sua_score",
                 "the evidence speaks of the statement itself, as reconstructed"):  # fmt: skip
        assert word in shown
    for piece in pieces_of(claim):
        assert " ".join(piece.scope.split()) in shown


def test_many_readings_are_one_page_with_each_instance_drawn_once() -> None:
    shown = verify("thm_4_3.eq_11").stdout
    claim = select("thm_4_3.eq_11")[0]
    assert shown.count(claim.title) == 1
    assert shown.count("step 4 of A.1: it replaces") == 1
    assert 2 <= shown.count("Counterexample") <= 4
    assert shown.index("(1/2, 1/2)") < shown.index("rare_perturbation")
    assert "under all 24 readings" in shown
    assert len(shown.splitlines()) < 90
    names = [line.split()[0] for line in shown.splitlines() if line.startswith("    ")]
    for value in ("gibbs", "self", "argmax", "argmax_shifted", "signed", "at_most_phi"):
        assert value in names


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_of_a_page_is_wider_than_asked(width: int) -> None:
    checked = check_all([c for name in FAST for c in select(name)])
    for line in _page(checked, width).splitlines():
        assert len(line) <= width or len(line.split()) <= 2, line


def test_the_columns_of_a_drawn_instance_are_aligned() -> None:
    lines = verify("thm_4_3.eq_11@gibbs.signed.at_least_phi").stdout.splitlines()
    start = lines.index("  Counterexample") + 1
    rows = lines[start : lines.index("", start)]
    drawn = pieces_of(select("thm_4_3.eq_11@gibbs.signed.at_least_phi")[0])[0].instance
    assert drawn is not None
    names = [name for name, _ in drawn()]
    column = 4 + max(map(len, names)) + 2
    assert [row[:column].strip() for row in rows] == names
    assert [row[column:] for row in rows] == [value for _, value in drawn()]


def _readings(change: Callable[[int], dict[str, object]]) -> list[Checked]:
    """n_3 as two readings, the second changed."""
    found = []
    for k, name in enumerate(("first", "second")):
        claim = dataclasses.replace(select("n_3")[0], id=f"n_3@{name}", **change(k))  # type: ignore[arg-type]  # any field
        found.append(check_claim(claim, pieces=pieces_of(select("n_3")[0])))
    return found


def test_what_differs_between_readings_is_told_for_each() -> None:
    checked = _readings(lambda k: {"statement": ("It rains.", "It pours.")[k]})
    shown = _page(checked)
    assert "@first: It rains." in shown
    assert "@second: It pours." in shown
    assert shown.count("(plug-in regret") == 1


def test_readings_that_differ_in_verdict_stand_in_a_grid() -> None:
    """Two choices of two values, one of the four refuted."""
    proof, against = Piece(Kind.PROOF, "checked", "all", list), Piece(
        Kind.COUNTEREXAMPLE, "checked", "one", list
    )  # fmt: skip
    checked = []
    for name in ("a.x", "a.y", "b.x", "b.y"):
        claim = dataclasses.replace(select("n_3")[0], id=f"n_3@{name}", reading="one; two")
        checked.append(check_claim(claim, pieces=[against if name == "b.y" else proof]))
    lines = [line.split() for line in _page(checked).splitlines()]
    assert ["x", "y"] in lines
    assert ["a", "PROVED", "PROVED"] in lines
    assert ["b", "PROVED", "REFUTED"] in lines
    assert "ILL_POSED, checked: its readings differ" in _page(checked)
    assert any("3 PROVED, 1 REFUTED" in line for line, _ in table_lines(checked))


def test_failed_evidence_says_why_and_deep_evidence_that_it_waits() -> None:
    claim = select("n_3")[0]
    broken = Piece(Kind.SUPPORT, "checked", "a check", lambda: ["planted fault"])
    late = dataclasses.replace(pieces_of(claim)[0], deep=True, scope="the long proof")
    shown = _page([check_claim(claim, pieces=[broken, late])])
    assert "n_3: UNVERIFIED" in shown
    assert "FAILED support, checked" in shown
    assert "why: planted fault" in shown
    assert "left for --deep: the long proof" in shown


def test_the_leading_and_the_smallest_instances_are_drawn_and_the_others_named() -> None:
    claim = select("n_3")[0]

    def piece(k: int) -> Piece:
        rows = [(f"row {i}", str(i)) for i in range(k)]
        return Piece(Kind.COUNTEREXAMPLE, "checked", f"{k} rows", list, instance=lambda: rows)

    shown = _page([check_claim(claim, pieces=[piece(k) for k in (9, 12, 6, 7)])])
    assert shown.count("Counterexample\n") == 3
    assert shown.index("row 8") < shown.index("Counterexample", shown.index("Counterexample") + 1)
    assert "row 8" in shown
    assert "row 9" not in shown
    assert "and counterexample" in shown


# --- the table -----------------------------------------------------------------------------------


def test_the_table_has_one_line_for_each_claim_and_true_counts() -> None:
    result = verify()
    assert result.exit_code == 0
    names = {c.id.split("@")[0] for c in CLAIMS}
    lines = result.stdout.splitlines()
    assert lines.count(EMPIRICAL) == 1
    rows = [line for line in lines if line not in ("", EMPIRICAL) and "piece" not in line]
    assert len(rows) == len(names) + 1
    counted = dict.fromkeys(Verdict, 0)
    for line in rows[:-1]:
        said = re.search(r"  (" + "|".join(v.value for v in Verdict) + r")\b", line)
        assert said is not None, line
        counted[Verdict(said.group(1))] += 1
    for verdict, number in counted.items():
        if number:
            assert f"{number} {verdict.value}" in rows[-1].split("(")[0]


# --- calls ---------------------------------------------------------------------------------------


def test_unknown_ids_list_what_looks_like_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["sua", "verify", "thm_4_3.eq11"])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 2
    assert "no claim 'thm_4_3.eq11'; did you mean thm_4_3.eq_11" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("--demo", "n_3"), ("--demo", "--json"), ("--tex", "--json"), ("--out", "x.tex")]
)
def test_options_that_contradict_each_other_are_refused(arguments: tuple[str, ...]) -> None:
    result = verify(*arguments)
    assert result.exit_code not in (0, 1) or isinstance(result.exception, ValueError)


def test_json_lists_what_was_named_and_not_what_is_true_instead() -> None:
    document = json.loads(verify("thm_4_3.eq_11", "--json").stdout)
    assert {c["id"].split("@")[0] for c in document["claims"]} == {"thm_4_3.eq_11"}
    assert document["schema"] == "sua.verdicts/1"


# --- the forgeries -------------------------------------------------------------------------------


def test_the_demonstration_shows_both_forgeries_caught() -> None:
    result = verify("--demo")
    assert result.exit_code == 0
    assert result.stdout.count("<- changed") == 2
    assert result.stdout.count("UNVERIFIED") == 2
    assert "PROVED" in result.stdout
    assert "REFUTED" in result.stdout
    assert "2 of 2 forgeries caught." in result.stdout


def test_a_forgery_that_passes_is_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing was changed, nothing can be caught."""
    monkeypatch.setattr(demo, "corrupted_certificate", lambda: n_3.CERTIFICATE)
    result = verify("--demo")
    assert result.exit_code == 1
    assert "NOT CAUGHT" in result.stdout
    assert "1 of 2 forgeries caught." in result.stdout


@given(st.integers(0, 5), st.fractions(max_denominator=10**6))
def test_any_other_constant_in_any_place_is_caught(k: int, constant: Fraction) -> None:
    forged = demo.forged_certificate(demo.corrupted_certificate(k, constant))
    assert forged.caught == (constant != n_3.CERTIFICATE.products[k][0])


@given(st.fractions(-2, 3, max_denominator=10))
def test_another_entry_in_the_counterexample_is_caught_unless_it_still_refutes(
    entry: Fraction,
) -> None:
    """Any loss of at most 1, and >= 0, at that place meets the hypotheses and violates (11)."""
    forged = demo.forged_counterexample(demo.corrupted_instance(entry))
    assert forged.caught == (not 0 <= entry <= 1)
