"""The tasks of the study: what is read, what is refused."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from paper_repro.bad_input import BadInputError
from paper_repro.study.floor import floor, most_shared
from paper_repro.study.tasks import TASKS, load_study_task

DATA = os.environ.get("SUA_DATA")
real = pytest.mark.skipif(DATA is None, reason="SUA_DATA does not name a folder of datasets")


def write(data: Path, dataset: str, split: str, rows: list[dict[str, Any]]) -> None:
    (data / dataset).mkdir(parents=True, exist_ok=True)
    with gzip.open(data / dataset / f"{split}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def question(i: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"q{i}", "question": f"Who saw number {i}?", "label": i % 2,
        "options": [f"Anna saw number {i}.", "Nobody came."][:: 1 if i % 2 == 0 else -1],
    }  # fmt: skip
    return row | changes


@pytest.fixture
def qa(tmp_path: Path) -> Path:
    """A folder with all that the QA task reads."""
    for name in ("squadshifts_wiki", "squad_subset"):
        write(tmp_path, name, "train", [question(i) for i in range(6)])
    write(tmp_path, "squadshifts_wiki", "dev", [question(i) for i in range(4)])
    law = {"label_dist": [0.6667, 0.3333]}
    for name in ("squadshifts_wiki", "squadshifts_reddit", "squadshifts_amazon"):
        rows = [question(i, **law) if i == 1 else question(i) for i in range(5)]
        write(tmp_path, name, "test", rows)
    pairs = [question(i) for i in range(3)]
    pairs += [
        question(0, id="p0", question="By whom was number 0 seen?", perturbed_of="q0"),
        question(1, id="p1", options=["a b", "c d"], perturbed_of="q1"),  # another passage
        question(2, id="p2", label=1, perturbed_of="q2"),  # another answer
    ]
    write(tmp_path, "squad_paraphrase", "test", pairs)
    return tmp_path


def test_a_pair_has_one_passage_and_one_answer(qa: Path) -> None:
    task = load_study_task("qa", qa, train_rows=100, test_rows=100)
    paraphrased = task.tests[1]
    assert [e.id for e in paraphrased.split.examples] == ["p0"]
    assert paraphrased.originals is not None
    assert paraphrased.originals[0][0] == "Who saw number 0?"
    assert paraphrased.originals[0][1:] == paraphrased.split.examples[0].texts[1:]
    assert paraphrased.origin == "human"


def test_only_questions_with_divided_answers_are_ambiguous(qa: Path) -> None:
    task = load_study_task("qa", qa, train_rows=100, test_rows=100)
    (divided,) = (t for t in task.tests if t.role == "ambiguous")
    assert [e.id for e in divided.split.examples] == ["q1"] * 3
    assert divided.split.examples[0].label_law == pytest.approx((2 / 3, 1 / 3), abs=1e-4)
    assert sum(divided.split.examples[0].label_law or ()) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"options": ["one"]}, "two or more"),
        ({"options": ["one", ""]}, r"options\[1\]"),
        ({"label": 2}, r"label is 2, not in 0\.\.1"),
        ({"label": True}, "label is True"),
        ({"question": None}, "no field 'question'"),
        ({"label_dist": [0.7, 0.2]}, "label_dist"),
    ],
)
def test_a_row_that_does_not_fit_is_named(qa: Path, changes: dict[str, Any], said: str) -> None:
    write(qa, "squadshifts_wiki", "dev", [question(0), question(1, **changes)])
    with pytest.raises(BadInputError, match=rf"dev\.jsonl\.gz: row 2 .*{said}"):
        load_study_task("qa", qa, train_rows=100, test_rows=100)


def test_unknown_tasks_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="'summaries' is none of nli, topic, qa"):
        load_study_task("summaries", tmp_path, train_rows=1, test_rows=2)
    with pytest.raises(BadInputError, match="no such folder"):
        load_study_task("qa", tmp_path / "none", train_rows=1, test_rows=2)


def test_the_rows_of_a_smaller_study_are_fixed(qa: Path) -> None:
    first = load_study_task("qa", qa, train_rows=5, test_rows=4)
    again = load_study_task("qa", qa, train_rows=5, test_rows=4)
    assert first == again
    assert len(first.train.examples) == 5
    assert [len(t.split.examples) for t in first.tests] == [4, 1, 2, 2]


def test_the_floor_of_questions_is_the_overlap_of_words(qa: Path) -> None:
    task = load_study_task("qa", qa, train_rows=100, test_rows=100)
    assert floor(task, [task.dev]) == [1.0]
    assert most_shared(("a b?", "c", "b", "a b")) == 2


@real
@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("all_sets", [False, True])
def test_the_public_data_give_every_role(name: str, all_sets: bool) -> None:
    task = load_study_task(name, Path(DATA or ""), train_rows=50, test_rows=40, all_sets=all_sets)
    assert task.tests[0].role == "clean"
    assert {t.role for t in task.tests} == {"clean", "perturbed", "ambiguous", "shift"}
    trained = {e.texts for e in task.train.examples}
    for test in task.tests:
        assert not trained & {e.texts for e in test.split.examples}
        assert (test.originals is not None) == (test.role == "perturbed")
        wide = [len(e.texts) - 1 if task.labels is None else len(task.labels)
                for e in test.split.examples]  # fmt: skip
        assert all(0 <= e.label < n for e, n in zip(test.split.examples, wide, strict=True))
