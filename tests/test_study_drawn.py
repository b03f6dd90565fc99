"""Draws on disk: read to the last digit, and refused where a file is not what was written."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.perturbations.edits import Edit, replay
from paper_repro.perturbations.sources import ACCEPTED, Draw
from paper_repro.study import drawn, views
from paper_repro.study.views import views_of
from tests.study_toys import toy, write_lists


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(views, "encoder_installed", lambda: False)
    return write_lists(tmp_path / "lists")


def line_by_line(content: bytes, change: Any) -> bytes:
    rows = gzip.decompress(content).splitlines()
    return gzip.compress(b"\n".join(change(rows)) + b"\n")


DAMAGE: list[tuple[str, Any]] = [
    ("no gzip", lambda content: b"plain"),
    ("cut", lambda content: content[: len(content) // 2]),
    ("one row less", lambda content: line_by_line(content, lambda rows: rows[:-1])),
    ("two rows swapped", lambda content: line_by_line(content, lambda r: [r[0], *r[:0:-1]])),
    ("other settings", lambda content: line_by_line(content, lambda r: [b"{}", *r[1:]])),
    ("no row", lambda content: line_by_line(content, lambda r: [r[0], b"[]", *r[2:]])),
    (
        "no such edit",
        lambda content: line_by_line(
            content,
            lambda rows: [
                row.replace(b'"edits": [[', b'"edits": [["k", 0, 0, "?", "!"], [') for row in rows
            ],
        ),
    ),
]


@pytest.mark.parametrize("damage", [d for _, d in DAMAGE], ids=[name for name, _ in DAMAGE])
def test_a_damaged_file_is_refused_and_without_it_the_same_is_drawn(
    damage: Any, lists: Path, tmp_path: Path
) -> None:
    task = toy("topic")
    first = views_of(task, task.dev, "tokens", 2, 0, tmp_path, data=lists)
    (path,) = tmp_path.glob("*/001.jsonl.gz")
    content = path.read_bytes()
    path.write_bytes(damage(content))
    with pytest.raises(BadInputError, match=r"001\.jsonl\.gz: cannot be read as draws: .* anew"):
        views_of(task, task.dev, "tokens", 2, 0, tmp_path, data=lists)
    path.unlink()
    assert views_of(task, task.dev, "tokens", 2, 0, tmp_path, data=lists) == first
    assert path.read_bytes() == content


def test_edits_that_do_not_lead_to_the_texts_are_never_written(tmp_path: Path) -> None:
    (example, *_) = toy("topic").dev.examples
    wrong = Draw("s", ("other",), (Edit("k", 0, 0, example.texts[0], "text"),), (ACCEPTED,))
    path = tmp_path / "000.jsonl.gz"
    with pytest.raises(ValueError, match="the edits of 't0' do not lead to"):
        drawn.write(path, {}, 0, [example], [wrong])
    assert not path.exists()


def test_what_is_written_is_read_to_the_last_digit(tmp_path: Path) -> None:
    (example, *_) = toy("nli").dev.examples
    edit = Edit("k", 1, 0, example.texts[1][:2], "\u00e9\n\u2028")
    draw = Draw("s", replay(example.texts, [edit]), (edit,), ("a b", ACCEPTED), 0.1 + 0.2, 7)
    drawn.write(tmp_path / "x", {"a": 1}, 3, [example], [draw])
    assert drawn.read(tmp_path / "x", {"a": 1}, 3, [example]) == [draw]
    for settings, number in (({"a": 2}, 3), ({"a": 1}, 4)):
        with pytest.raises(BadInputError, match="its settings are not those asked for"):
            drawn.read(tmp_path / "x", settings, number, [example])


def test_a_row_of_another_input_is_refused_even_where_its_edits_would_fit(tmp_path: Path) -> None:
    one, other, *_ = toy("nli").dev.examples
    same = [Draw("s", e.texts, (), ("identical",)) for e in (one, other)]
    drawn.write(tmp_path / "x", {}, 0, [one, other], same)
    with pytest.raises(BadInputError, match="a row of 'n0' stands where 'n1' should"):
        drawn.read(tmp_path / "x", {}, 0, [other, one])
