"""The report of a study: every number from a saved file, nothing invented, nothing half written."""

from __future__ import annotations

import ast
import base64
import dataclasses
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import paper_repro
from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import canonical, write_whole
from paper_repro.study import report
from paper_repro.study import report_sections as sections
from paper_repro.study import report_tables as tables
from paper_repro.study.derived import DerivedRun, derived_runs
from paper_repro.study.report_cells import Bounds, Numbers, Run
from paper_repro.study.report_document import NOT_RUN, Cell, Document, Items, Section, Table, table
from paper_repro.study.report_html import STYLE, html
from paper_repro.study.report_markdown import markdown
from paper_repro.study.report_sections import Material
from paper_repro.study.report_setting import below
from paper_repro.study.report_tables import Printed, rivals, table_2, table_3
from paper_repro.study.report_taxonomy import counted, taxonomy
from paper_repro.study.report_works import works
from paper_repro.study.run import read_runs
from paper_repro.tables import decimal
from tests.study_runs import invent

SOURCES = sorted(Path(paper_repro.__file__).parent.joinpath("study").glob("report*.py"))
PRINTED = Printed(
    table_2={"NLI": {"Standard": ("0.111", "0.222", "", "0.444", "0.555")}},
    table_3={"SUA-TR (full)": ("0.119", "0.229", "0.339", "0.449", "0.559")},
    by_k=("0.12", "0.34"),
    by_coverage={"0.9": ("0.912", "0.891")},
)


def no_interval(runs: Sequence[Run], dataset: str, metric: str, score: str | None) -> None:
    return None


def narrow(runs: Sequence[Run], dataset: str, metric: str, score: str | None) -> Bounds:
    return 0.25, 0.75


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study")
    invent(out, ["nli"], ["small"], ["standard", "sua_tr", "k3"], seeds=(0, 1), rows=40)
    invent(out, ["qa"], ["small"], ["standard"], seeds=(0,), rows=40)
    return out


def numbers(out: Path, interval: Any = no_interval) -> Numbers:
    return Numbers(read_runs(out), interval, "quick")


@pytest.fixture(scope="module")
def whole(study: Path) -> Document:
    return made(study)


def made(out: Path, **given: Any) -> Document:
    return report.document(Material("quick", read_runs(out), **given))


def told(out: Path, **given: Any) -> str:
    """The summary and the verdicts, as Markdown."""
    material = Material(**({"scale": "quick", "runs": read_runs(out)} | given))
    parts = sections.summary(material, numbers(out)), sections.verdicts(material)
    return markdown(Document("told", parts), lambda panel: panel.name)


def row_of(found: Table, title: str) -> tuple[Cell, ...]:
    return next(row for row in found.rows if row[0].text == title)


# --- where the numbers come from


def test_a_cell_is_the_mean_over_seeds_of_what_the_files_hold(study: Path) -> None:
    held = [
        row["value"]
        for path in (study / "runs").glob("nli-small-standard-*/result.json")
        for row in json.loads(path.read_text())["rows"]
        if (row["dataset"], row["metric"]) == ("snli", "accuracy")
    ]
    assert len(held) == 2
    found = row_of(table_2(numbers(study), "nli", "small", Printed()), "Standard")
    assert found[1].text == decimal(sum(held) / 2)


def test_a_value_changed_in_a_file_is_the_value_of_the_report(tmp_path: Path) -> None:
    invent(tmp_path, ["nli"], ["small"], ["standard"], seeds=(0,), rows=10)
    (path,) = (tmp_path / "runs").glob("*/result.json")
    before = markdown(made(tmp_path), lambda panel: panel.name)
    held = json.loads(path.read_text())
    for row in held["rows"]:
        if (row["dataset"], row["metric"]) == ("snli", "ece"):
            row["value"] = 7.65432
    path.write_bytes(canonical(held))
    after = markdown(made(tmp_path), lambda panel: panel.name)
    assert "7.654" not in before
    assert "7.654" in after


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_no_result_is_written_into_the_program(path: Path) -> None:
    """Results have three decimals. Other decimals name a coverage, a lambda or a section."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and node.body
        and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documented:
            if isinstance(node.value, str) and node.value != STYLE:
                assert not re.search(r"\.\d{3}", node.value), node.lineno
            if isinstance(node.value, float):
                assert node.value in {0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 0.8, 0.95}, node.lineno


def test_what_did_not_run_is_said_and_not_filled_in(study: Path) -> None:
    found = table_2(numbers(study), "nli", "small", PRINTED)
    assert [cell.text for cell in row_of(found, "AT")[1:]] == [NOT_RUN.text] * 5
    assert row_of(found, "AT")[0].note == "scored by H, no seed"
    assert all(cell.text == NOT_RUN.text for cell in row_of(found, "Ensemble")[1:])


def test_what_no_run_says_is_told_apart_from_what_did_not_run(study: Path) -> None:
    cell = numbers(study).cell("nli", "small", "standard", "snli", "auroc", "no such score")
    assert cell.text == "none"


def test_the_interval_stands_beside_its_number(study: Path) -> None:
    cell = numbers(study, narrow).cell("nli", "small", "standard", "snli", "accuracy")
    assert cell.interval == "[.250, .750]"


def test_an_interval_is_asked_for_the_runs_that_have_the_number(study: Path) -> None:
    asked: list[tuple[list[int], str, str, str | None]] = []

    def remember(runs: Sequence[Run], dataset: str, metric: str, score: str | None) -> None:
        asked.append(([run.seed for run in runs], dataset, metric, score))

    found = Numbers(read_runs(study), remember, "quick")
    for _ in range(2):
        found.cell("nli", "small", "standard", "snli", "auroc", "entropy")
    assert asked == [([0, 1], "snli", "auroc", "entropy")]


# --- beside the printed numbers


def test_the_printed_numbers_stand_beside_ours_and_only_there(study: Path) -> None:
    found = table_2(numbers(study), "nli", "small", PRINTED)
    assert [cell.note for cell in row_of(found, "Standard")[1:]] == [
        "printed 0.111", "printed 0.222", "printed: none", "printed 0.444", "printed 0.555",
    ]  # fmt: skip
    assert all(cell.note == "" for cell in row_of(found, "SUA-TR, by entropy")[1:])
    assert not any(cell.note for cell in row_of(table_2(numbers(study), "qa", "small", PRINTED),
                                                "Standard")[1:])  # fmt: skip


def test_the_printed_ablations_stand_beside_qa_alone(study: Path) -> None:
    assert row_of(table_3(numbers(study), "nli", "small", PRINTED), "SUA-TR (full)")[1].note == ""
    ours = row_of(table_3(numbers(study), "qa", "small", PRINTED), "SUA-TR (full)")
    assert (ours[1].text, ours[1].note) == (NOT_RUN.text, "printed 0.119")


def test_a_row_is_judged_by_the_score_it_names(study: Path) -> None:
    found = numbers(study)
    about = ("nli", "small", "standard", "snli", "auroc")
    shown = row_of(table_2(found, "nli", "small", Printed()), "Self-Consist.")
    assert shown[4].text == found.cell(*about, "self_consistency").text
    assert shown[4].text != found.cell(*about, "entropy").text


# --- what is not to be concluded from


def _below_floor(out: Path) -> None:
    for path in (out / "runs").glob("*/result.json"):
        held = json.loads(path.read_text())
        for row in held["rows"]:
            if row["metric"] == "floor_accuracy":
                row["value"] = 0.999
        path.write_bytes(canonical(held))


def test_a_model_below_the_floor_is_marked_and_wins_nothing(tmp_path: Path) -> None:
    invent(tmp_path, ["nli"], ["small"], ["standard"], seeds=(0,), rows=10)
    about = ("nli", "small", "standard")
    assert below(numbers(tmp_path), *about) == ""
    best = rivals(numbers(tmp_path), *about, "snli", "clean")
    assert any(cell.mark == "best" for row in best.rows for cell in row)
    _below_floor(tmp_path)
    found = numbers(tmp_path)
    assert below(found, *about).startswith("BELOW NAIVE BAYES")
    title = row_of(table_2(found, "nli", "small", Printed()), "Standard")[0]
    assert title.mark == "below"
    assert "no conclusion" in title.note
    marked = rivals(found, *about, "snli", "clean")
    assert not any(cell.mark == "best" for row in marked.rows for cell in row)
    assert "no conclusion" in marked.caption


def test_the_best_of_a_column_is_the_best_in_its_direction(study: Path) -> None:
    found = rivals(numbers(study), "nli", "small", "standard", "snli", "clean")
    for column, better in ((1, max), (2, min), (3, min), (4, max)):
        values = {row[column].text for row in found.rows}
        marked = {row[column].text for row in found.rows if row[column].mark == "best"}
        assert marked == {better(values)}


# --- the summary


def test_done_missing_and_failed_are_counted(study: Path) -> None:
    left = {"nli-small-at-0": "", "nli-small-at-1": "", "qa-small-at-0": "FloatingPointError: step"}
    text = told(study, left=left)
    assert "of 10 runs 7 are done, 2 missing and 1 failed" in text
    assert "failed: qa-small-at-0: FloatingPointError: step" in text
    assert "missing of nli-small: at (0, 1)" in text


def test_a_run_that_was_done_since_is_not_missing(study: Path) -> None:
    text = told(study, left={"nli-small-standard-0": ""})
    assert "of 7 runs 7 are done, 0 missing and 0 failed" in text


def test_rows_that_are_handed_over_are_shown(study: Path) -> None:
    verdict = {"id": "emp_1", "verdict": "INCONCLUSIVE", "says": "a | b <c>", "scale": "quick",
               "data": "snli", "why": "the interval holds 0"}  # fmt: skip
    text = told(study, verdicts=[verdict])
    assert "1 INCONCLUSIVE" in text
    assert r"a \| b \<c\>" in text


DIFFERENCE: dict[str, Any] = {
    "task": "nli", "model": "small", "dataset": "snli", "metric": "auroc",
    "left": ["standard", "additive"], "right": ["standard", "entropy"],
    "mean": "0.010000", "low": "-0.002000", "high": "0.022000",
}  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "low", "high", "verdict"),
    [
        ("auroc", "-0.002000", "0.022000", "a tie"), ("auroc", "0.000000", "0.022000", "a tie"),
        ("auroc", "0.001000", "0.022000", "ahead"), ("auroc", "-0.022000", "-0.001000", "behind"),
        ("aurc", "0.001000", "0.022000", "behind"), ("aurc", "-0.022000", "-0.001000", "ahead"),
        ("ece", "-0.002000", "0.022000", "a tie"),
    ],
)  # fmt: skip
def test_a_difference_is_a_tie_where_its_interval_holds_zero(
    metric: str, low: str, high: str, verdict: str
) -> None:
    row = DIFFERENCE | {"metric": metric, "low": low, "high": high}
    (shown,) = tables.differences([row], "about").rows
    assert shown[-1].text == verdict
    assert [cell.text for cell in shown[:2]] == ["e + 2S (additive)", "H"]


def test_only_scores_are_set_against_scores(study: Path) -> None:
    others = [
        DIFFERENCE | {"right": None}, DIFFERENCE | {"left": ["sua_tr", None]},
        DIFFERENCE | {"task": "qa"},
    ]  # fmt: skip
    found = numbers(study)
    section = sections.rivals(Material("quick", [], differences=[DIFFERENCE, *others]), found)
    shown = [b for b in section.blocks if isinstance(b, Table) and b.header[0] == "left"]
    assert [len(table.rows) for table in shown] == [1, 1]


# --- what the study hands over


def test_an_example_is_told_with_its_numbers() -> None:
    row = {"task": "nli", "model": "small", "method": "standard", "seed": 0,
           "texts": ["It may.", "It will."], "perturbed": "It might.", "label": "none",
           "answer": "neutral", "confidence": 0.91, "sensitivity": 0.25, "entropy": 0.5,
           "sua": -0.25, "said": "as printed"}  # fmt: skip
    (table,) = sections.examples(Material("quick", [], examples=[row])).blocks
    assert isinstance(table, Table)
    (cells,) = table.rows
    assert [cell.text for cell in cells] == [
        "small, Standard", "It may.", "It might.", "neutral", "as printed", ".250", ".500", "-.250",
    ]  # fmt: skip
    assert cells[1].note == "It will."
    assert cells[3].note == "confidence .910; label: none"


def test_what_works_is_told_with_its_verdicts(study: Path) -> None:
    gain = DIFFERENCE | {"choice": "chosen", "role": "clean", "method": "standard", "seeds": [0, 1],
                         "mean": 0.01, "low": -0.002, "high": 0.022, "verdict": "tie"}  # fmt: skip
    candidate = {"candidate": "additive", "formula": "e + 2S", "fitted": 0, "seen_on_test": True,
                 "gain": 0.01, "gains": {"nli": 0.01}, "behind": 0.0, "error": 0.002}  # fmt: skip
    found = {
        "declared_in": "abc", "rule": "the rule", "goal": "the goal", "chosen": "additive",
        "cautious": "entropy", "candidates": [candidate], "gains": [gain],
        "reached": {"small": {"nli": True, "qa": False}},
        "objective": [gain | {"left": ["certified", None], "right": ["sua_tr", None],
                              "metric": "ece", "verdict": "loss"}],
    }  # fmt: skip
    blocks = works(found, numbers(study)).blocks
    declared, _, reached, candidates, gains, objective = blocks
    assert isinstance(declared, str)
    assert "commit abc" in declared
    assert isinstance(reached, Items)
    assert reached.lines == (
        "small: the goal is not reached; its condition holds on nli, of nli, qa.",
    )
    assert isinstance(candidates, Table)
    assert candidates.rows[0][0] == Cell("additive", "seen on a test before")
    assert isinstance(gains, Table)
    assert gains.rows[0] == (Cell("H"), Cell(".010 tie", interval="[-.002, .022]"))
    assert isinstance(objective, Table)
    assert objective.rows[0][1].text == ".010 loss"
    assert works(None, numbers(study)).blocks == (NOT_RUN.text,)


def test_signatures_are_counted_over_seeds(study: Path) -> None:
    found = numbers(study)
    runs = found.runs("nli", "small", "standard")
    rows = [r for run in runs for r in counted(run) if r["dataset"] == "chaosnli"]
    collapsed = [r for r in rows if r["signature"] == "ambiguity_collapse"]
    table = next(b for b in taxonomy(found).blocks if isinstance(b, Table))
    cell = row_of(table, "chaosnli")[4]
    count, errors = (sum(r[name] for r in collapsed) for name in ("count", "errors"))
    assert count > 0
    assert cell == Cell(f"{count} of 80", f"{errors} wrong: {decimal(errors / count)}")
    assert row_of(table, "snli")[4] == Cell("-", "no p* known")
    shown = [int(c.text.split()[0]) for c in row_of(table, "chaosnli")[1:]]
    assert sum(shown) == 80


def test_a_derived_method_that_fails_loses_no_other(study: Path) -> None:
    def fails(given: Any) -> Any:
        raise BadInputError("T = 0; a finite one wanted")

    good = read_runs(study)
    bad = DerivedRun((good[0],), "temp_scale", fails)
    kept = report._readable(Material("quick", [*good, bad]))
    assert kept.runs == good
    assert kept.left == {"nli-small-temp_scale-0": "T = 0; a finite one wanted"}


def test_what_is_derived_is_shown_and_not_counted(study: Path) -> None:
    runs: list[Run] = [*read_runs(study), *derived_runs(read_runs(study))]
    text = told(study, runs=runs)
    assert "of 7 runs 7 are done, 0 missing and 0 failed" in text
    found = table_2(Numbers(runs, no_interval, "quick"), "nli", "small", Printed())
    shown = row_of(found, "Temp. Scale")
    assert shown[1].text == row_of(found, "Standard")[1].text
    assert shown[3].text != row_of(found, "Standard")[3].text
    mc = row_of(found, "MC dropout")
    assert mc[2].text == "none"  # it was not asked about views
    assert mc[3].text not in ("none", NOT_RUN.text)


# --- the files


class Reader(HTMLParser):
    """Collects what a browser would fetch, and checks that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [given[a] or "" for a in ("src", "href") if a in given]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)
        if tag == "img":
            assert given["alt"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_well_formed_and_loads_nothing(whole: Document) -> None:
    reader = Reader()
    page = html(whole)
    reader.feed(page)
    assert reader.open == []
    assert all(f.startswith(("#", "data:image/svg+xml;base64,")) for f in reader.fetched)
    assert "url(" not in page
    assert "@import" not in page
    links = {f[1:] for f in reader.fetched if f.startswith("#")}
    assert links == set(re.findall(r'<section id="([^"]+)"', page))


def test_pictures_inside_the_page_load_nothing_either(whole: Document) -> None:
    page = html(whole)
    pictures = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    assert pictures
    for picture in pictures:
        text = base64.b64decode(picture).decode()
        assert set(re.findall(r'href="([^"#][^"]*)"', text)) == set()
        assert "<script" not in text


def test_both_files_hold_the_same_numbers(whole: Document) -> None:
    document = whole
    reader = Reader()
    reader.feed(html(document))
    said = set(re.findall(r"(?<![\d.])\.\d{3}\b", " ".join(reader.words)))
    text = markdown(document, lambda panel: panel.name)
    told = set(re.findall(r"(?<![\d.])\.\d{3}\b", re.sub(r"!\[.*", "", text)))
    assert said
    assert said == told


def test_a_text_cannot_become_markup() -> None:
    hostile = "<script>|*_`[x](y)"
    shown = Document("t", (Section("s", (table("c", ["h"], [[hostile]]), hostile)),))
    assert "<script>" not in html(shown)
    text = markdown(shown, lambda panel: panel.name)
    assert "<script>" not in text.replace(r"\<", "")
    (row,) = (line for line in text.splitlines() if line.startswith(r"| \<"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 2


def test_a_table_whose_rows_are_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells"):
        table("caption", ["a", "b"], [["1"]])


def test_the_report_is_written_and_written_again(
    whole: Document, study: Path, tmp_path: Path
) -> None:
    report.write(tmp_path, whole)
    first = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert {"report.md", "report.html"} < set(first)
    linked = re.findall(r"\]\((figures/[^)]+)\)", first["report.md"].decode())
    assert linked
    assert {Path(link).name for link in linked} == {n for n in first if n.endswith(".svg")}
    report.write(tmp_path, made(study))
    assert {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == first


def test_pictures_of_an_older_report_go(whole: Document, tmp_path: Path) -> None:
    report.write(tmp_path, whole)
    (tmp_path / "figures" / "old-00000000.svg").write_text("<svg/>")
    report.write(tmp_path, whole)
    assert not (tmp_path / "figures" / "old-00000000.svg").exists()


def test_a_write_that_fails_leaves_the_report_that_was_there(
    whole: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write(tmp_path, whole)
    before = (tmp_path / "report.md").read_bytes()

    def full(path: Path, content: bytes) -> None:
        if path.name == "report.md":
            raise OSError("no space left")
        write_whole(path, content)

    monkeypatch.setattr("paper_repro.study.report.write_whole", full)
    with pytest.raises(OSError, match="no space left"):
        report.write(tmp_path, dataclasses.replace(whole, title="another"))
    assert (tmp_path / "report.md").read_bytes() == before
    for link in re.findall(r"\]\((figures/[^)]+)\)", before.decode()):
        assert (tmp_path / link).is_file()


def test_a_study_with_nothing_done_has_a_report_all_the_same(tmp_path: Path) -> None:
    text = markdown(made(tmp_path, left={"nli-small-at-0": ""}), lambda panel: panel.name)
    assert "of 1 runs 0 are done, 1 missing" in text
