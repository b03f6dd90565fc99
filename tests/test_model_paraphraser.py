"""Paraphrases by a model: each sample of its own seed, failures counted, nothing paid twice."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from paper_repro.bad_input import BadInputError
from paper_repro.examples import Example
from paper_repro.perturbations.edits import replay
from paper_repro.perturbations.model_paraphraser import ModelParaphraser
from paper_repro.perturbations.paraphrase_cache import ParaphraseCache
from paper_repro.perturbations.report import report
from paper_repro.perturbations.seq2seq import Seq2Seq, Written, _RowNoise
from paper_repro.perturbations.sources import Source, draw_each
from tests.tiny_seq2seq import WORDS, save_marian, save_t5

TEXTS = [" ".join(WORDS[i : i + n]) for i in range(0, 9, 2) for n in (1, 2, 4, 5)]
EXAMPLES = [Example(f"e{i}", (text, TEXTS[-i]), 0) for i, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    save_t5(path / "t5")
    save_t5(path / "other", seed=1)
    save_marian(path / "there", seed=2)
    save_marian(path / "back", seed=3)
    return path


@pytest.fixture(scope="module")
def t5(folder: Path) -> Seq2Seq:
    return Seq2Seq(folder / "t5", temperature=1.0, top_p=0.95, max_tokens=24, batch_size=4)


class Watched:
    """A model that counts its calls and fails at one of them."""

    def __init__(self, model: Seq2Seq, stop: int | None = None) -> None:
        self._model, self._stop = model, stop
        self.identity, self.batch_size = model.identity, model.batch_size
        self.calls: list[list[str]] = []

    def write(self, texts: Sequence[str], seeds: Sequence[int]) -> list[Written]:
        if self._stop is not None and len(self.calls) == self._stop:
            raise KeyboardInterrupt
        self.calls.append(list(texts))
        return self._model.write(texts, seeds)


def paraphraser(model: Watched | Seq2Seq, path: Path, seed: int = 0) -> ModelParaphraser:
    stages = (model,)
    return ModelParaphraser(stages, ParaphraseCache(path), seed, variants=3)  # type: ignore[arg-type]  # a stand-in


def test_a_sample_depends_on_its_text_and_its_seed_alone(t5: Seq2Seq) -> None:
    seeds = list(range(len(TEXTS)))
    together = t5.write(TEXTS, seeds)
    assert together == [t5.write([x], [s])[0] for x, s in zip(TEXTS, seeds, strict=True)]
    assert together == t5.write(TEXTS[::-1], seeds[::-1])[::-1]
    torch.manual_seed(5)
    assert together == t5.write(TEXTS, seeds)
    assert together != t5.write(TEXTS, [s + 100 for s in seeds])


def test_row_noise_draws_from_the_softmax() -> None:
    """8,000 rows; a share is within 4.5 standard errors of its probability."""
    logits, n = torch.tensor([0.0, 1.0, 2.0, -1.0]), 8000
    noise = _RowNoise(range(n), temperature=0.5, top_p=1.0)
    drawn = noise(torch.zeros(n, 1, dtype=torch.long), logits.expand(n, 4)).argmax(-1)
    share = torch.bincount(drawn, minlength=4) / n
    p = torch.softmax(logits / 0.5, -1)
    assert ((share - p).abs() <= 4.5 * (p * (1 - p) / n).sqrt()).all()


def test_a_nucleus_leaves_out_the_tail() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, -1.0])  # softmax .09 .24 .64 .03
    noise = _RowNoise(range(500), temperature=1.0, top_p=0.8)
    drawn = noise(torch.zeros(500, 1, dtype=torch.long), logits.expand(500, 4)).argmax(-1)
    assert set(drawn.tolist()) == {1, 2}


def test_what_is_too_long_or_never_ends_is_no_text(folder: Path) -> None:
    model = Seq2Seq(folder / "t5", temperature=1.0, max_tokens=3)
    found = model.write(["a man rides the red bike", *TEXTS], range(len(TEXTS) + 1))
    assert found[0] == Written("", "too long")
    assert {w.failure for w in found} > {"too long", "cut short"}
    assert all((w.text == "") == (w.failure is not None) for w in found)


def test_the_prefix_is_part_of_what_the_model_reads(folder: Path) -> None:
    plain = Seq2Seq(folder / "t5", temperature=1.0, max_tokens=24)
    prefixed = Seq2Seq(folder / "t5", temperature=1.0, max_tokens=24, prefix="snow ")
    seeds = range(len(TEXTS))
    assert prefixed.write(TEXTS, seeds) == plain.write([f"snow {t}" for t in TEXTS], seeds)
    assert prefixed.identity != plain.identity


def test_every_draw_is_recorded_and_every_failure_counted(t5: Seq2Seq, tmp_path: Path) -> None:
    source = Source("model", paraphraser(t5, tmp_path / "cache.jsonl"), tries=1)
    draws = [d for row in draw_each(source, EXAMPLES, 6, 0) for d in row]
    for example, draw in zip([e for e in EXAMPLES for _ in range(6)], draws, strict=True):
        assert replay(example.texts, draw.edits) == draw.texts
        assert sum(a != b for a, b in zip(example.texts, draw.texts, strict=True)) <= 1
    (found,) = report(draws)
    assert found.proposals == len(draws)
    assert found.lost["empty"] > 0
    assert found.accepted > 0
    assert found.unchanged == sum(found.lost.values())


def test_an_identical_paraphrase_is_counted(t5: Seq2Seq, tmp_path: Path) -> None:
    class Parrot(Watched):
        def write(self, texts: Sequence[str], seeds: Sequence[int]) -> list[Written]:
            return [Written(text, None) for text in texts]

    source = Source("parrot", paraphraser(Parrot(t5), tmp_path / "cache.jsonl"), tries=2)
    (found,) = report(d for row in draw_each(source, EXAMPLES, 1, 0) for d in row)
    assert (found.accepted, found.lost) == (0, {"identical": 2 * len(EXAMPLES)})


def test_a_run_never_pays_twice(t5: Seq2Seq, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cache.jsonl"
    first = Watched(t5)
    one = draw_each(Source("model", paraphraser(first, path)), EXAMPLES, 4, 0)
    content = path.read_bytes()
    assert first.calls
    assert all(len(call) <= t5.batch_size for call in first.calls)
    second = Watched(t5)
    assert draw_each(Source("model", paraphraser(second, path)), EXAMPLES, 4, 0) == one
    assert second.calls == []
    assert path.read_bytes() == content
    keys = [json.loads(line)["key"] for line in content.decode().splitlines()]
    assert len(set(keys)) == len(keys) == sum(map(len, first.calls))


def test_another_seed_or_another_model_is_paid_for(
    t5: Seq2Seq, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cache.jsonl"
    draw_each(Source("model", paraphraser(t5, path)), EXAMPLES[:3], 1, 0)
    size = len(ParaphraseCache(path))
    draw_each(Source("model", paraphraser(t5, path, seed=1)), EXAMPLES[:3], 1, 0)
    larger = len(ParaphraseCache(path))
    other = Seq2Seq(folder / "other", temperature=1.0, top_p=0.95, max_tokens=24)
    draw_each(Source("model", paraphraser(other, path)), EXAMPLES[:3], 1, 0)
    assert size < larger < len(ParaphraseCache(path))


def test_a_killed_run_resumes_to_the_same_draws(t5: Seq2Seq, tmp_path: Path) -> None:
    whole = draw_each(Source("model", paraphraser(t5, tmp_path / "whole.jsonl")), EXAMPLES, 4, 0)
    path = tmp_path / "killed.jsonl"
    with pytest.raises(KeyboardInterrupt):
        draw_each(Source("model", paraphraser(Watched(t5, stop=3), path)), EXAMPLES, 4, 0)
    kept = len(ParaphraseCache(path))
    assert kept == 3 * t5.batch_size
    rest = Watched(t5)
    assert draw_each(Source("model", paraphraser(rest, path)), EXAMPLES, 4, 0) == whole
    assert sum(map(len, rest.calls)) == len(ParaphraseCache(tmp_path / "whole.jsonl")) - kept


def test_a_draw_does_not_depend_on_what_else_is_drawn(t5: Seq2Seq, tmp_path: Path) -> None:
    source = Source("model", paraphraser(t5, tmp_path / "all.jsonl"))
    together = draw_each(source, EXAMPLES[:8], 2, 3)
    for i, draws in enumerate(together):
        alone = Source("model", paraphraser(t5, tmp_path / f"{i}.jsonl"))
        assert draw_each(alone, EXAMPLES[i : i + 1], 2, 3) == [draws]


def test_there_and_back_is_one_model_after_the_other(folder: Path, tmp_path: Path) -> None:
    there = Seq2Seq(folder / "there", temperature=1.0, max_tokens=24)
    back = Seq2Seq(folder / "back", temperature=1.0, max_tokens=24)
    first, second = Watched(there), Watched(back)
    both = ModelParaphraser((first, second), ParaphraseCache(tmp_path / "c.jsonl"), 0)  # type: ignore[arg-type]  # stand-ins
    draws = [d for row in draw_each(Source("back", both), EXAMPLES, 4, 0) for d in row]
    passed, received = sum(map(len, first.calls)), sum(map(len, second.calls))
    assert 0 < received < passed  # what the first lost the second never saw
    assert any(d.edits for d in draws)


def test_of_two_lines_with_one_key_the_first_counts(tmp_path: Path) -> None:
    """Two runs that share a file may both have written the text; one of them has used it."""
    path = tmp_path / "cache.jsonl"
    one, other = ParaphraseCache(path), ParaphraseCache(path)
    one.add({"k": Written("one", None)})
    other.add({"k": Written("other", None)})
    assert path.read_bytes().count(b"\n") == 2
    assert ParaphraseCache(path)["k"] == Written("one", None)
    one.add({"k": Written("third", None)})
    assert one["k"] == Written("one", None)


@pytest.mark.parametrize("cut", [1, 5, 9, 30, 80])
def test_a_torn_line_is_skipped_and_written_anew(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cache.jsonl"
    ParaphraseCache(path).add({"k1": Written("one", None), "k2": Written("", "empty")})
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: -len(last)] + last[: min(cut, len(last) - 2)])
    cache = ParaphraseCache(path)
    assert (len(cache), cache.torn, cache["k1"]) == (1, 1, Written("one", None))
    cache.add({"k2": Written("", "empty"), "k3": Written("drei\u00df\n", None)})
    again = ParaphraseCache(path)
    assert (len(again), again.torn) == (3, 1)
    assert (again["k2"], again["k3"]) == (Written("", "empty"), Written("drei\u00df\n", None))


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cache.jsonl"
    cache = ParaphraseCache(path)
    cache.add({"k1": Written("one", None)})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        cache.add({"k2": Written("two", None)})
    assert "k2" not in cache
    assert ParaphraseCache(path)["k1"] == Written("one", None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 3}', r"line 2 is no line of a cache: '\{\"id\": 3\}'"),
        ("a text", "line 2 is no line of a cache"),
        ('{"key": "k2"}', "line 2: fields 'key' and 'text' wanted"),
        ('{"key": "k2", "text": "", "failure": 3}', "line 2: field 'failure' is 3"),
    ],
)
def test_a_file_that_is_no_cache_is_refused_by_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "cache.jsonl"
    ParaphraseCache(path).add({"k1": Written("one", None)})
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(BadInputError, match=message):
        ParaphraseCache(path)
    with pytest.raises(BadInputError, match="cannot be read as a cache"):
        ParaphraseCache(tmp_path)


def test_what_is_no_model_is_refused_by_its_name(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no text-to-text model can be loaded"):
        Seq2Seq(tmp_path)
    with pytest.raises(BadInputError, match=r"temperature 0 > 0"):
        Seq2Seq(folder / "t5", temperature=0)
    with pytest.raises(BadInputError, match="stages: 0, variants: 8"):
        ModelParaphraser((), ParaphraseCache(tmp_path / "c.jsonl"), 0)


def test_the_choice_of_the_text_follows_the_generator(t5: Seq2Seq, tmp_path: Path) -> None:
    model = paraphraser(t5, tmp_path / "cache.jsonl")
    x = ("a man rides", "two dogs sleep in the rain")
    drawn = [model.perturb(x, random.Random(i)) for i in range(40)]
    assert {e.part for d in drawn for e in d.edits} == {0, 1}
    assert drawn == [model.perturb(x, random.Random(i)) for i in range(40)]
