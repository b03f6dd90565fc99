"""The command: one run end to end, and every kind of bad input."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs_checks.claims import select

ROOT = Path(__file__).parent.parent
QUICK = """
k = 2
bootstrap = 20
[world_topic]
epochs = 1
width = 16
heads = 2
layers = 1
[topic]
epochs = 1
width = 16
heads = 2
vocabulary = 300
max_tokens = 24
"""


def sua(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = "from paper_repro.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "quick.toml"
    path.write_text(QUICK, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(quick: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("run") / "first"
    done = sua("reproduce", "--tasks", "world_topic", "--config", quick, "--out", out)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_a_run_leaves_results_a_report_and_plots(run: tuple[Path, str]) -> None:
    out, printed = run
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["schema"] == "sua.results/1"
    assert {"config", "seed", "versions", "rows"} <= set(results)
    columns = {"task", "dataset", "split", "model", "scale", "method", "seed", "score",
               "divergence", "k", "metric", "value", "low", "high", "n"}  # fmt: skip
    assert all(set(row) == columns for row in results["rows"])
    scored = {(r["method"], r["score"]) for r in results["rows"] if r["metric"] == "auroc"}
    for method in ("standard", "sua_tr"):
        for score in ("entropy", "max_probability", "sensitivity", "additive", "mean_views",
                      "sua@0.1", "sua@0.5", "sua@1", "sua@2"):  # fmt: skip
            assert (method, score) in scored
    for row in results["rows"]:
        if row["low"] is not None:
            assert row["low"] <= row["high"]
    report = (out / "report.md").read_text(encoding="utf-8")
    for line in report.splitlines():
        if line.startswith("!["):
            picture = out / line.split("(")[1].rstrip(")")
            assert picture.read_bytes().startswith(b"\x89PNG")
    assert report.count("![") == 3
    assert printed.splitlines()[-1] == f"Report: {out / 'report.md'}"
    assert "SUA 1" in printed


def test_the_same_seed_gives_the_same_numbers(run: tuple[Path, str], quick: Path) -> None:
    out, _ = run
    again = sua("reproduce", "--tasks", "world_topic", "--config", quick,
                "--out", out.parent / "again", "--json")  # fmt: skip
    assert again.returncode == 0
    first = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert json.loads(again.stdout) == first


def test_a_table_below_naive_bayes_says_so(run: tuple[Path, str]) -> None:
    """One epoch of a 16-wide encoder is no rival to anything."""
    out, printed = run
    rows = json.loads((out / "results.json").read_text(encoding="utf-8"))["rows"]
    sampled = [r for r in rows if r["metric"] == "accuracy" and r["split"] == "test"]
    accuracy = {r["method"]: r["value"] for r in sampled}
    report = (out / "report.md").read_text(encoding="utf-8")
    below = [m for m in ("standard", "sua_tr") if accuracy[m] < accuracy["naive_bayes"]]
    assert report.count("BELOW NAIVE BAYES") == printed.count("BELOW NAIVE BAYES") == len(below)
    assert below


REPAIRS = ("fails@n_1", "fails@n_3", "fails@n_4", "fails@n_16")


def test_a_world_is_written_down_in_full(run: tuple[Path, str]) -> None:
    """Its laws are exact and sum to 1, and its rows say what the terminal says."""
    out, printed = run
    world = json.loads((out / "worlds" / "world_topic.json").read_text(encoding="utf-8"))
    assert world["schema"] == "sua.world/1"
    assert sum(Fraction(x["p_x"]) for x in world["inputs"]) == 1
    for x in world["inputs"]:
        assert sum(map(Fraction, x["p_z"])) == 1
        assert all(sum(map(Fraction, law)) == 1 for law in x["p_y_given_z"])
        assert sum(Fraction(share) for _, share in x["kernel"]) == 1
    for method in ("standard", "sua_tr"):
        assert len(world["logits"][method]) == len(world["inputs"]) == 1024
    rows = json.loads((out / "results.json").read_text(encoding="utf-8"))["rows"]
    repaired = {r["value"] for r in rows if r["metric"] in REPAIRS}
    assert repaired == {0.0}
    lines = [line.split() for line in printed.splitlines() if ", proved" in line]
    assert [line[0] for line in lines] == ["(13),", "n_3,", "n_4,", "n_1,", "n_16,"]


def _dataset(folder: Path, name: str, split: str, rows: list[dict[str, Any]]) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / name / f"{split}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    """A folder in the format of the public datasets, a few rows each."""
    folder = tmp_path / "data"
    words = ("market rally", "team wins cup", "oil price", "chip maker")
    rows: list[dict[str, Any]] = [
        {"id": f"{i}", "text": f"The {words[i % 4]} of day {i}.", "label": i % 4,
         "label_ag": i % 4} for i in range(80)
    ]  # fmt: skip
    for name, split in (("ag_news", "train"), ("ag_news", "dev"), ("ag_news", "test"),
                        ("bbc", "test")):  # fmt: skip
        _dataset(folder, name, split, rows)
    pairs = [
        {**row, "text": row["text"].replace("day", "dya"), "original_text": row["text"],
         "perturbed_of": row["id"]} for row in rows
    ]  # fmt: skip
    _dataset(folder, "ag_deepwordbug_cnn", "test", pairs)
    (folder / "_resources").mkdir()
    with gzip.open(folder / "_resources" / "wordnet_synonyms_top2.json.gz", "wt") as file:
        json.dump({"market": {"n": ["marketplace"]}, "team": {"n": ["squad"], "v": ["x"]}}, file)
    (folder / "_resources" / "stopwords_en.txt").write_text("the\nof\n", encoding="utf-8")
    return folder


def test_a_folder_of_datasets_runs(small_data: Path, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sua("reproduce", "--data", small_data, "--tasks", "topic", "--config", quick,
               "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads((out / "results.json").read_text(encoding="utf-8"))["rows"]
    splits = {(r["dataset"], r["split"], r["k"]) for r in rows if r["method"] == "standard"}
    assert splits == {
        ("ag_news", "test", 2), ("bbc", "test", 2),
        ("ag_deepwordbug_cnn", "original", 1), ("ag_deepwordbug_cnn", "attacked", 2),
    }  # fmt: skip


def _break(folder: Path, how: str) -> None:
    if how == "folder":
        shutil.rmtree(folder / "bbc")
    elif how == "file":
        (folder / "ag_news" / "test.jsonl.gz").unlink()
    elif how == "empty":
        _dataset(folder, "ag_news", "test", [])
    elif how == "label":
        _dataset(folder, "ag_news", "test", [{"id": "7", "text": "x", "label": 4}])
    elif how == "text":
        _dataset(folder, "ag_news", "test", [{"id": "7", "label": 1}])
    elif how == "words":
        (folder / "_resources" / "wordnet_synonyms_top2.json.gz").unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("folder", "bbc: no such folder"),
        ("file", "test.jsonl.gz: no such file"),
        ("empty", "an empty split"),
        ("label", "row 1 (id '7'): label is 4, not in 0..3"),
        ("text", "row 1 (id '7') has no field 'text'"),
        ("words", "no such file (the word list for edits)"),
    ],
)
def test_bad_data_is_one_line_status_2_and_nothing_written(
    small_data: Path, tmp_path: Path, how: str, said: str
) -> None:
    _break(small_data, how)
    out = tmp_path / "out"
    done = sua("reproduce", "--data", small_data, "--tasks", "topic", "--out", out)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reproduce", "--data", "/no/such/folder"], "--data /no/such/folder: no such folder"),
        (
            ["reproduce", "--tasks", "topic"],
            "'topic' is none of world_qa, world_nli, world_topic (without",
        ),
        (["reproduce", "--config", "none.toml"], "--config none.toml: No such file"),
        (["verify", "thm_9_9"], "no claim 'thm_9_9'"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(arguments: list[str], said: str) -> None:
    done = sua(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_field_is_named_with_its_likely_meaning(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text("[world_qa]\nepoch = 1\n", encoding="utf-8")
    done = sua("reproduce", "--config", config, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "[world_qa]: unknown field 'epoch'; did you mean 'epochs'?" in done.stderr


def test_an_unknown_option_is_status_2() -> None:
    assert sua("reproduce", "--sed", "1").returncode == 2
    assert sua("prove").returncode == 2


def test_a_destination_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    done = sua("reproduce", "--out", tmp_path)
    assert done.returncode == 2
    assert "not an empty folder" in done.stderr
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "precious"


def test_verify_json_has_the_contract() -> None:
    done = sua("verify", "--json", "asm_1", "thm_4_3")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["ok"] is True
    known = [c.id for item in ("asm_1", "thm_4_3") for c in select(item)]
    assert [claim["id"] for claim in document["claims"]] == known
    for claim in document["claims"]:
        assert set(claim) == {"id", "title", "kind", "source", "verdict", "grade", "evidence",
                              "repair"}  # fmt: skip
        assert claim["evidence"]
        assert all(set(e) == {"kind", "scope", "ok", "seconds"} for e in claim["evidence"])


def test_verify_fails_when_the_evidence_does(tmp_path: Path) -> None:
    """A corrupted constant in a counterexample: status 1, and the rows are named."""
    house = tmp_path / "house"
    for package in ("sua_ref", "proofs_checks", "paper_repro"):
        shutil.copytree(ROOT / package, house / package)
    path = house / "proofs_checks" / "counterexamples.py"
    text = path.read_text(encoding="utf-8")
    assert "Fraction(1, 2)" in text
    path.write_text(text.replace("Fraction(1, 2)", "Fraction(1, 3)", 1), encoding="utf-8")
    done = sua("verify", "thm_4_3", cwd=house)
    assert done.returncode != 0
    path.write_text(text.replace("_COIN: Row = (_HALF, _HALF)", "_COIN: Row = (_ONE, _ZERO)"))
    done = sua("verify", "thm_4_3", cwd=house)
    assert done.returncode == 1
    assert "thm_4_3.eq_11@gibbs.signed.at_least_phi: VERDICTS.md says REFUTED" in done.stderr


def test_doctor_names_versions_device_and_extras() -> None:
    done = sua("doctor", "--json")
    assert done.returncode == 0
    found = {f["what"]: f["state"] for f in json.loads(done.stdout)["findings"]}
    assert {"python", "numpy", "torch", "python-flint", "device", "SUA_DATA"} <= set(found)
    assert found["numpy"][0].isdigit()


@pytest.mark.parametrize("command", ["reproduce", "verify", "doctor", "crosscheck", "bench"])
def test_help_has_an_example(command: str) -> None:
    done = sua(command, "--help")
    assert done.returncode == 0
    assert "Example: sua" in done.stdout
    assert "--json" in done.stdout
