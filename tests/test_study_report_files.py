"""The files of a study's report: self-contained, well formed, whole or not there."""

from __future__ import annotations

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from paper_repro.run_folder import write_whole
from paper_repro.study import report
from paper_repro.study.report_document import Document, Section, table
from paper_repro.study.report_html import html
from paper_repro.study.report_markdown import markdown
from tests.study_reports import made, small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def whole(study: Path) -> Document:
    return made(study)


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
