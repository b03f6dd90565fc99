"""Ready-made pairs: which are read, who made them, and what is known of their labels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.perturbations.edits import replay
from paper_repro.perturbations.ready_made import READY_MADE, Pair, as_draws, read_pairs
from paper_repro.perturbations.report import NOT_CHECKED, lines, report_pairs


def write(data: Path, dataset: str, rows: Sequence[dict[str, Any]]) -> Path:
    path = data / dataset / "test.jsonl.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return path


def test_the_original_stands_in_the_row_or_in_another_row(tmp_path: Path) -> None:
    row = {"id": "a", "premise": "p", "hypothesis": "h!", "label": 1}
    original = {"original_premise": "p", "original_hypothesis": "h"}
    write(tmp_path, "snli_textattack", [row | original, {"id": "b", "label": 0}])
    wanted = Pair("a", ("p", "h"), ("p", "h!"), 1, None)
    assert read_pairs(tmp_path, "snli_textattack") == [wanted]

    rows = [
        {"id": "o", "question": "who", "context": "c", "label": 2},
        {"id": "n", "question": "whom", "context": "c", "label": 2, "perturbed_of": "o"},
    ]
    write(tmp_path, "squad_paraphrase", rows)
    wanted = Pair("n", ("who", "c"), ("whom", "c"), 2, None)
    assert read_pairs(tmp_path, "squad_paraphrase") == [wanted]


def test_a_text_without_an_original_field_was_not_perturbed(tmp_path: Path) -> None:
    row = {"id": "a", "question": "er who", "original_question": "who", "context": "c", "label": 0}
    write(tmp_path, "qnli_disfluent", [row | {"perturbed_of": "elsewhere"}])
    wanted = Pair("a", ("who", "c"), ("er who", "c"), 0, None)
    assert read_pairs(tmp_path, "qnli_disfluent") == [wanted]


def test_the_marks_of_an_attack_are_taken_off(tmp_path: Path) -> None:
    row = {"id": "a", "premise": "p", "hypothesis": "a [[boy]]", "label": 1}
    write(
        tmp_path,
        "nli_textfooler",
        [row | {"original_premise": "p", "original_hypothesis": "a [[lad]]"}],
    )
    (pair,) = read_pairs(tmp_path, "nli_textfooler")
    assert (pair.original, pair.perturbed) == (("p", "a lad"), ("p", "a boy"))


def test_labels_count_as_preserved_only_where_a_person_judged_them(tmp_path: Path) -> None:
    base = {"question": "is it", "context": "c", "label": 1, "original_question": "was it"}
    rows = [base | {"id": str(i), "label_preserved": i == 0} for i in range(3)]
    rows.append(base | {"id": "same", "question": "was it", "label_preserved": True})
    write(tmp_path, "boolq_contrast", rows)
    found = report_pairs("boolq_contrast", read_pairs(tmp_path, "boolq_contrast"))
    assert (found.origin, found.preserved, found.judged) == ("human", 1, 3)
    assert found.lost == {"identical": 1}
    assert found.label_preservation == pytest.approx(1 / 3)
    assert "33.3% of 3 judged" in lines([found])[2]

    row = {"id": "a", "text": "new", "original_text": "old", "label": 0}
    write(tmp_path, "ag_word_substitution", [row])
    found = report_pairs("ag_word_substitution", read_pairs(tmp_path, "ag_word_substitution"))
    assert (found.origin, found.label_preservation) == ("automatic", NOT_CHECKED)
    assert NOT_CHECKED in lines([found])[2]


@pytest.mark.parametrize(
    ("dataset", "row", "message"),
    [
        ("snli_textattack", {"original_premise": "p"}, "has no field 'hypothesis'"),
        ("ag_word_substitution", {"text": "t", "original_text": " "}, "'original_text' is ' '"),
        (
            "ag_word_substitution",
            {"text": "t", "original_text": "o", "label": "1"},
            "label is '1'; an integer wanted",
        ),
        (
            "boolq_contrast",
            {"question": "q", "context": "c", "original_question": "o"},
            "label_preserved is None; true or false wanted",
        ),
        (
            "cad_nli",
            {"premise": "p", "hypothesis": "h", "perturbed_of": "x"},
            "perturbed_of is 'x', and no row has it",
        ),
        ("cad_nli", {"premise": "p", "hypothesis": "h"}, "no row has an original beside it"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_file_row_and_field(
    tmp_path: Path, dataset: str, row: dict[str, Any], message: str
) -> None:
    path = write(tmp_path, dataset, [{"id": "bad", "label": 0} | row])
    with pytest.raises(BadInputError) as caught:
        read_pairs(tmp_path, dataset)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_dataset_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="dataset: 'snli' is none of snli_textattack"):
        read_pairs(tmp_path, "snli")
    with pytest.raises(BadInputError, match="no such file"):
        read_pairs(tmp_path, "cad_nli")


@pytest.mark.parametrize("dataset", READY_MADE)
def test_the_public_pairs_are_read_and_can_be_replayed(data: Path, dataset: str) -> None:
    pairs = read_pairs(data, dataset)
    assert len(pairs) >= 100
    draws = as_draws(dataset, pairs)
    for pair, draw in zip(pairs, draws, strict=True):
        assert replay(pair.original, draw.edits) == pair.perturbed == draw.texts
        assert not any(mark in "".join(draw.texts) for mark in READY_MADE[dataset].marks)
    assert report_pairs(dataset, pairs).unchanged < 0.2 * len(pairs)


def test_who_made_the_public_pairs_is_what_their_readme_says(data: Path) -> None:
    text = (data / "README.md").read_text(encoding="utf-8")
    (note,) = [line for line in text.splitlines() if line.startswith("* Automatic attacks (")]
    automatic, human = note.split(";")[0], note.split(";")[1]
    for dataset, made in READY_MADE.items():
        assert (f"`{dataset}`" in automatic) == (made.origin == "automatic")
        assert (f"`{dataset}`" in human) == (made.origin == "human")
