"""Summaries: what stands in them, that both readers take them, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import canonical
from paper_repro.study import summary
from paper_repro.study.derived import derived_runs
from paper_repro.study.intervals import difference
from paper_repro.study.measures import judge
from paper_repro.study.run import TIMING, DoneRun, read_runs
from paper_repro.study.summary import decimal, read_summary, short, summarise, write_summary
from paper_repro.study.summary_rows import kept
from paper_repro.study.summary_schema import LARGEST
from proofs_checks import empirical_summary
from proofs_checks.empirical import comparisons
from tests.study_runs import METHODS as EVERY_METHOD
from tests.study_runs import invent

METHODS = ("standard", "sua_tr", "at")


def comparison(
    metric: str, left: Sequence[str | None], right: Sequence[str | None] | None,
    dataset: str = "snli",
) -> dict[str, Any]:  # fmt: skip
    sides = [s if s is None else s[0] if s[1] is None else f"{s[0]}:{s[1]}" for s in (left, right)]
    name = "/".join([metric, dataset, str(sides[0]), sides[1] or "-"])
    return {"id": f"small/{name}", "task": "nli", "model": "small", "dataset": dataset,
            "metric": metric, "left": list(left), "right": right and list(right)}  # fmt: skip


HEADLINE = comparison("auroc", ("sua_tr", "sua@1"), ("standard", "entropy"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[DoneRun]:
    out = tmp_path_factory.mktemp("study")
    invent(out, ["nli"], ["small"], METHODS, seeds=(0, 1, 2), rows=60)
    return read_runs(out)


@pytest.fixture(scope="module")
def made(runs: list[DoneRun]) -> dict[str, Any]:
    return summarise(runs, comparisons(), scale="quick")


@pytest.fixture(scope="module")
def written(made: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_summary(tmp_path_factory.mktemp("runs") / "deeper", made)


def rows_by(document: Mapping[str, Any]) -> dict[tuple[Any, ...], Mapping[str, str]]:
    names = ("method", "score", "dataset", "metric")
    return {tuple(row[n] for n in names): row["values"] for row in document["rows"]}


def test_both_readers_take_what_is_written(written: Path, made: dict[str, Any]) -> None:
    assert written.name == "quick-nli-small.json"
    assert read_summary(written) == made
    strict = empirical_summary.read(written)
    assert len(strict.differences) == len(made["differences"]) > 30
    assert strict.seeds == (0, 1, 2)
    assert written.read_bytes() == canonical(made)


def test_twice_the_same(runs: list[DoneRun]) -> None:
    first, second = (
        canonical(summarise(order, [HEADLINE], scale="quick")) for order in (runs, runs[::-1])
    )
    assert first == second


def test_a_row_holds_the_numbers_of_its_runs(runs: list[DoneRun], made: dict[str, Any]) -> None:
    found = rows_by(made)
    for run in runs:
        for row in run.result["rows"]:
            key = (run.method, row["score"], row["dataset"], row["metric"])
            if key in found:
                assert found[key][str(run.seed)] == f"{row['value']:.6f}".replace("-0.0000000", "0")


def test_a_difference_is_that_of_the_rows(made: dict[str, Any]) -> None:
    """Each number is rounded to 5e-7, and so is the mean."""
    found = rows_by(made)
    for one in made["differences"]:
        about = one["dataset"], one["metric"]
        left = found[(*one["left"], *about)]
        right = found[(*one["right"], *about)] if one["right"] else dict.fromkeys(left, "0")
        means = [float(left[s]) - float(right[s]) for s in map(str, one["seeds"])]
        assert float(one["mean"]) == pytest.approx(np.mean(means), abs=2e-6), one["id"]
        assert one["n"] == 60


def test_its_interval_is_that_of_the_study(runs: list[DoneRun], made: dict[str, Any]) -> None:
    def of(method: str) -> list[Any]:
        mine = [r for r in runs if r.method == method]
        return [
            {j.outputs.dataset: j for j in judge(run.outputs())}["snli"].statistics
            for run in sorted(mine, key=lambda r: r.seed)
        ]

    pairs = [
        (left["auroc", "sua@1"], right["auroc", "entropy"])
        for left, right in zip(of("sua_tr"), of("standard"), strict=True)
    ]
    wanted = difference(pairs, 60)
    assert wanted is not None
    (found,) = (d for d in made["differences"] if d["id"] == HEADLINE["id"])
    for name, value in wanted._asdict().items():
        assert found[name] == decimal(value, name)


def test_swapped_sides_negate(runs: list[DoneRun]) -> None:
    swapped = comparison("auroc", ("standard", "entropy"), ("sua_tr", "sua@1"))
    one, other = summarise(runs, [HEADLINE, swapped], scale="quick")["differences"]
    for a, b in (("mean", "mean"), ("low", "high"), ("high", "low")):
        assert float(one[a]) == pytest.approx(-float(other[b]), abs=2e-6)


def test_what_no_run_has_is_left_out(runs: list[DoneRun]) -> None:
    asked = [
        comparison("auroc", ("no_align", "sua@1"), ("standard", "entropy")),
        comparison("auroc", ("standard", "sua@9"), None),
        comparison("auroc", ("standard", "entropy"), None, dataset="nope"),
        comparison("log_seconds", ("standard", None), None),
        {**HEADLINE, "task": "qa"},
        {**HEADLINE, "model": "minilm"},
    ]
    assert summarise(runs, asked, scale="quick")["differences"] == []


def test_only_seeds_of_both_sides_are_compared(runs: list[DoneRun]) -> None:
    some = [r for r in runs if (r.method, r.seed) != ("sua_tr", 1)]
    (found,) = summarise(some, [HEADLINE], scale="quick")["differences"]
    assert found["seeds"] == [0, 2]
    assert summarise([r for r in runs if r.seed == (r.method == "at")], [HEADLINE],
                     scale="quick")["seeds"] == [0, 1]  # fmt: skip


def test_the_training_time_is_compared_where_it_is_known(
    runs: list[DoneRun], tmp_path: Path
) -> None:
    times = {"standard": np.exp(1.0), "sua_tr": np.exp(2.5)}
    timed = []
    for run in (r for r in runs if r.method in times):
        path = shutil.copytree(run.path, tmp_path / run.path.name)
        time = canonical({"training_seconds": float(times[run.method])})
        (path / TIMING).write_bytes(time)
        timed.append(dataclasses.replace(run, path=path))
    asked = comparison("log_seconds", ("sua_tr", None), ("standard", None))
    made = summarise(timed, [asked], scale="quick")
    (found,) = made["differences"]
    assert (found["mean"], found["low"], found["high"]) == ("1.500000",) * 3
    assert rows_by(made)["sua_tr", None, "snli", "log_seconds"] == dict.fromkeys("012", "2.500000")


def test_derived_methods_stand_beside_the_trained_ones(runs: list[DoneRun]) -> None:
    standard = [r for r in runs if r.method == "standard"]
    derived = [r for r in derived_runs(standard) if r.method != "mc_dropout"]
    asked = comparison("ece", ("temp_scale", None), ("standard", None))
    made = summarise([*runs, *derived], [asked], scale="quick")
    assert {r["method"] for r in made["rows"]} == {*METHODS, "temp_scale", "ensemble"}
    assert len(made["runs"]) == len(runs)
    assert [d["id"] for d in made["differences"]] == [asked["id"]]


# --- what is kept ---------------------------------------------------------------------------------


def test_every_number_that_a_comparison_names_is_kept() -> None:
    row = {"score": "odd", "dataset": "d", "metric": "augrc", "role": "shift"}
    named = {("k10", "odd", "d", "augrc")}
    assert kept("k10", row, named, set())
    assert not kept("k10", row, set(), {"d"})
    assert not kept("k10", {**row, "role": "dev"}, named, set())


def test_the_floor_is_kept_of_standard_alone() -> None:
    row = {"score": None, "dataset": "d", "metric": "floor_accuracy", "role": "clean"}
    assert kept("standard", row, set(), set())
    assert not kept("sua_tr", row, set(), set())


def test_the_largest_grids_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NLI at scale "paper": 16 methods, 10 test sets, 5 seeds, every declared comparison. All
    numbers of one invented run stand for those of each; how many there are decides the size."""
    more = [(f"nli_textfooler{i}", role) for i, role in enumerate(
        ("perturbed", "perturbed", "ambiguous", "ambiguous", "ambiguous", "shift"))]  # fmt: skip
    invent(tmp_path, ["nli"], ["small"], ["standard"], seeds=(0,), rows=40)
    (run,) = read_runs(tmp_path)
    sample = [r for r in run.result["rows"] if r["dataset"] in ("snli_textattack", "mnli")]
    rows = list(run.result["rows"])
    for name, role in more:
        source = "mnli" if role == "shift" else "snli_textattack"
        rows += [{**r, "dataset": name, "role": role} for r in sample if r["dataset"] == source]
    methods = [m for m in EVERY_METHOD if not m.endswith(("_only", "k3", "k10"))]
    methods += ["temp_scale", "mc_dropout", "ensemble"]
    every = [
        dataclasses.replace(
            run, result={"task": "nli", "model": "small", "method": m, "seed": s, "rows": rows}
        )
        for m in methods for s in range(5)
    ]  # fmt: skip
    assert len(every) == 5 * 16
    judged = judge(run.outputs())
    monkeypatch.setattr(summary, "judge", lambda *_, **__: judged)
    asked = [c for c in comparisons() if (c["model"], c["task"]) == ("small", "nli")]
    made = summarise(every, asked, scale="quick")
    assert len(made["differences"]) > 0.9 * len(asked)
    made["runs"] = {f"nli-small-{m}-{s}-0123456789": "0" * 64 for m in methods for s in range(5)}
    made["data"] = {row["dataset"]: "0" * 64 for row in rows}
    assert write_summary(tmp_path, made).stat().st_size < 0.98 * LARGEST


# --- what is refused ------------------------------------------------------------------------------


def test_runs_that_do_not_go_together_are_refused(runs: list[DoneRun], tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"runs of \[\]"):
        summarise([], [], scale="quick")
    qa = [dataclasses.replace(runs[0], result={**runs[0].result, "task": "qa"})]
    with pytest.raises(BadInputError, match="one task and model wanted"):
        summarise([*runs, *qa], [], scale="quick")
    with pytest.raises(BadInputError, match="two runs of nli, small, at, seed 0"):
        summarise([*runs, runs[0]], [], scale="quick")
    data = [
        dataclasses.replace(r, config={**r.config, "data": {"snli": str(r.seed) * 64}})
        for r in runs
    ]  # fmt: skip
    with pytest.raises(BadInputError, match="other data of snli"):
        summarise(data, [], scale="quick")
    invent(tmp_path, ["nli"], ["small"], ["sua_tr"], seeds=(0,), rows=50)
    others = [*read_runs(tmp_path), *(r for r in runs if r.method != "sua_tr")]
    with pytest.raises(BadInputError, match="has other inputs of snli"):
        summarise(others, [HEADLINE], scale="quick")
    later = [dataclasses.replace(r, result={**r.result, "seed": 7}) for r in read_runs(tmp_path)]
    with pytest.raises(BadInputError, match="50 inputs of"):
        summarise([*later, *runs], [], scale="quick")


def test_versions_that_differ_are_both_named(runs: list[DoneRun]) -> None:
    other = [
        dataclasses.replace(r, config={**r.config, "versions": {"invented": str(r.seed % 2)}})
        for r in runs
    ]  # fmt: skip
    assert summarise(other, [], scale="quick")["versions"] == {"invented": "0 or 1"}


def test_settings_are_shared_or_told_by_method(runs: list[DoneRun]) -> None:
    def with_k(run: DoneRun) -> DoneRun:
        settings = {**run.config["settings"], "k": 10 if run.method == "at" else 5}
        return dataclasses.replace(run, config={**run.config, "settings": settings})

    found = summarise([with_k(r) for r in runs], [], scale="quick")["settings"]
    assert found["train_rows"] == 4000
    assert found["by_method"] == {"at": {"k": 10}, "standard": {"k": 5}, "sua_tr": {"k": 5}}


def test_a_number_that_is_not_finite_is_refused(runs: list[DoneRun]) -> None:
    rows = [{**r, "value": float("nan")} for r in runs[0].result["rows"]]
    bad = [dataclasses.replace(runs[0], result={**runs[0].result, "rows": rows})]
    with pytest.raises(BadInputError, match=r"accuracy on snli: nan; a finite number"):
        summarise(bad, [], scale="quick")


def test_a_summary_that_is_too_large_is_named(made: dict[str, Any], tmp_path: Path) -> None:
    large = {**made, "settings": {"long": "x" * LARGEST}}
    with pytest.raises(BadInputError, match=r"quick-nli-small\.json: \d+ bytes; at most 204800"):
        write_summary(tmp_path, large)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("schema",), "sua.summary/2", "schema: 'sua.summary/2' is not its form"),
        (("seeds",), [1, 0], "seeds: "),
        (("seeds",), [], "seeds: "),
        (("data",), {"snli": "abc"}, "data: "),
        (("rows", 3, "n"), 0, r"rows\[3\]\.n: '0'"),
        (("rows", 3, "n"), True, r"rows\[3\]\.n: 'True'"),
        (("rows", 0, "values"), {"0": 0.5}, r"rows\[0\]\.values"),
        (("rows", 0, "values"), {"0": "0.5"}, r"rows\[0\]\.values"),
        (("rows", 0, "values"), {"8": "0.500000"}, r"rows\[0\]\.values: seeds"),
        (("rows", 0), 3, r"rows\[0\]: an object wanted"),
        (("differences", 0, "left"), ["standard"], r"differences\[0\]\.left"),
        (("differences", 0, "low"), "nan", r"differences\[0\]\.low"),
        (("differences", 0, "low"), "9.000000", r"differences\[0\]: low, mean and high"),
        (("scale",), "standard", "its name is not that of"),
        (("more",), 1, "more: unknown"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    made: dict[str, Any], tmp_path: Path, place: Sequence[Any], value: Any, said: str
) -> None:
    document = json.loads(json.dumps(made))
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    path = tmp_path / "quick-nli-small.json"
    path.write_bytes(canonical(document))
    with pytest.raises(BadInputError, match=rf"quick-nli-small\.json: {said}"):
        read_summary(path)


def test_missing_fields_and_damage_are_named(written: Path, tmp_path: Path) -> None:
    document = json.loads(written.read_bytes())
    del document["differences"][1]["n"]
    path = tmp_path / written.name
    path.write_bytes(canonical(document))
    with pytest.raises(BadInputError, match=r"differences\[1\]\.n: missing"):
        read_summary(path)
    path.write_bytes(written.read_bytes()[:-40])
    with pytest.raises(BadInputError, match="no JSON"):
        read_summary(path)
    with pytest.raises(BadInputError, match=r"absent\.json: cannot be read"):
        read_summary(tmp_path / "absent.json")


@given(st.floats(-1e6, 1e6))
def test_decimals_have_six_digits(value: float) -> None:
    found = decimal(value, "x")
    assert abs(float(found) - value) <= 5.000001e-7
    assert len(found.partition(".")[2]) == 6
    assert found != "-0.000000"


def test_models_are_named_by_their_last_part() -> None:
    assert [short(m) for m in ("small", "a/b", "/x/y/")] == ["small", "b", "y"]
