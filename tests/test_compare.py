"""``sua compare``: what differs between two runs, found and told from noise."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from paper_repro.bad_input import BadInputError
from paper_repro.cli import app
from paper_repro.run_folder import RunFolder
from paper_repro.study import outputs as saved
from paper_repro.study.compare import Change, compare, document, done, lines
from paper_repro.study.intervals import difference
from paper_repro.study.judged import LAMBDAS
from paper_repro.study.measures import judge
from paper_repro.study.outputs import Outputs
from tests.study_outputs import drawn


def run_of(root: Path, name: str, outputs: list[Outputs], **settings: Any) -> Path:
    config = {"settings": {"seed": 0, **settings}, "versions": {"torch": "2"}, "data": {}}
    run = RunFolder(root, name, config)
    saved.save(run.path / "outputs.npz", outputs)
    run.finish({"task": "nli", "model": "small", "method": "standard", "seed": 0, "rows": []})
    return run.path


def said(seed: int, noise: float = 1.0, rows: int = 9) -> list[Outputs]:
    test = drawn(seed, 200, noise=noise, dataset="snli", role="clean", rows=rows)
    return [drawn(seed, 100, noise=noise), test]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def good(root: Path) -> Path:
    return run_of(root, "nli-small-good-0", said(1, noise=0.5))


@pytest.fixture(scope="module")
def poor(root: Path) -> Path:
    return run_of(root, "nli-small-poor-0", said(2, noise=4.0), seed=3, epochs=2)


def silent(_: str, __: int) -> Any:
    return lambda done: None


def compared(first: Path, second: Path) -> dict[str, Any]:
    return document(compare(done(first), done(second), silent))


def changes(found: dict[str, Any], dataset: str = "snli") -> dict[tuple[str, Any], Any]:
    (one,) = (s for s in found["sets"] if s["dataset"] == dataset)
    return {(c["metric"], c["score"]): c for c in one["changes"]}


def test_a_run_is_equal_to_itself(good: Path) -> None:
    found = compared(good, good)
    assert found["configuration"] == []
    every = [c for s in found["sets"] for c in s["changes"]]
    assert len(every) > 150
    assert {(c["verdict"], c["change"]) for c in every} == {("equal", 0.0)}
    told = lines(compare(done(good), done(good), silent))
    assert "The configurations are equal." in told


def test_a_better_model_differs_and_the_other_way_round(good: Path, poor: Path) -> None:
    found, turned = changes(compared(poor, good)), changes(compared(good, poor))
    assert found.keys() == turned.keys()
    for key, one in found.items():
        assert one["change"] == pytest.approx(-turned[key]["change"])
        assert one["verdict"] == turned[key]["verdict"]
        if one["low"] is not None:
            # Quantiles are interpolated from either end; that rounds differently.
            assert one["low"] == pytest.approx(-turned[key]["high"], abs=1e-12)
    for key in (("accuracy", None), ("robust_accuracy", None)):
        assert found[key]["low"] > 0, key
        assert found[key]["verdict"] == "differs"
    assert found["nll", None]["high"] < 0


def test_its_interval_is_that_of_the_study(good: Path, poor: Path) -> None:
    found = changes(compared(poor, good))["auroc", "entropy"]
    new, old = (
        judge(said(s, n))[1].statistics["auroc", "entropy"] for s, n in ((1, 0.5), (2, 4.0))
    )
    wanted = difference([(new, old)], 200)
    assert wanted is not None
    assert (found["change"], found["low"], found["high"]) == pytest.approx(wanted, abs=1e-12)


def test_equal_models_mostly_differ_by_noise(root: Path) -> None:
    """Two draws of one model on other noise: no number of the clean test should be far off."""
    one, other = (run_of(root, f"nli-small-s-{s}", said(s)) for s in (21, 22))
    verdicts = [c["verdict"] for c in changes(compared(one, other)).values()]
    assert verdicts.count("noise") > 0.8 * len(verdicts)


def test_fields_that_differ_are_named(good: Path, poor: Path) -> None:
    found = compared(good, poor)["configuration"]
    assert found == [
        {"field": "settings.epochs", "first": None, "second": 2},
        {"field": "settings.seed", "first": 0, "second": 3},
    ]


def test_other_inputs_are_not_compared(root: Path, good: Path) -> None:
    dev, test = said(1, noise=0.5, rows=10)
    extra = dataclasses.replace(test, dataset="mnli", role="shift")
    other = run_of(root, "nli-small-other-0", [dev, test, extra])
    found = compare(done(good), done(other), silent)
    assert changes(document(found)) == {}
    assert changes(document(found), "dev") != {}
    assert found.alone == {"mnli": 2}
    told = "\n".join(lines(found))
    assert "snli (clean, 200 inputs): the runs were tested on other inputs" in told
    assert "mnli: only run 2 was tested on it" in told


def test_a_fitted_number_has_no_interval(good: Path, poor: Path) -> None:
    found = changes(compared(good, poor))["lambda@dev", None]
    assert (found["low"], found["high"]) == (None, None)
    assert found["verdict"] == ("equal" if found["change"] == 0 else "unknown")


def test_of_the_lambdas_one_is_shown(good: Path) -> None:
    scores = {key[1] for key in changes(compared(good, good))}
    assert "sua@1" in scores
    assert not scores & {f"sua@{lam:g}" for lam in LAMBDAS if lam != 1}


@pytest.mark.parametrize(
    ("bounds", "second", "verdict"),
    [
        ((0.1, 0.2), 0.65, "differs"), ((-0.2, -0.1), 0.35, "differs"), ((-0.1, 0.2), 0.5, "noise"),
        ((0.0, 0.2), 0.6, "noise"), ((-0.2, 0.0), 0.4, "noise"), ((0.0, 0.0), 0.5, "equal"),
        (None, 0.5, "equal"), (None, 0.6, "unknown"),
    ],
)  # fmt: skip
def test_the_verdict_is_whether_zero_lies_inside(
    bounds: tuple[float, float] | None, second: float, verdict: str
) -> None:
    assert Change("accuracy", None, 0.5, second, bounds).verdict == verdict


def test_the_command_prints_what_differs(good: Path, poor: Path) -> None:
    result = CliRunner().invoke(app, ["compare", str(poor), str(good)])
    assert result.exit_code == 0
    assert f"1: {poor.name}\n2: {good.name}\n" in result.stdout
    assert "settings.seed: 3 | 0" in result.stdout
    entry = changes(compared(poor, good))["accuracy", None]
    (line,) = (
        x.split() for x in result.stdout.partition("snli (")[2].splitlines()
        if x.startswith("accuracy ")
    )  # fmt: skip
    assert line[3] == f"{entry['change']:+.3f}"
    assert line[4] == f"[{entry['low']:+.3f},"


def test_the_command_prints_json(good: Path, poor: Path) -> None:
    result = CliRunner().invoke(app, ["compare", str(good), str(poor), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == compared(good, poor)


def test_what_is_no_finished_run_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no folder of a run"):
        done(tmp_path)
    begun = RunFolder(tmp_path, "nli-small-begun-0", {"settings": {}})
    with pytest.raises(BadInputError, match="the run is not done"):
        done(begun.path)
    begun.finish({"rows": []})
    empty = done(begun.path)
    with pytest.raises(BadInputError, match=r"outputs\.npz: no outputs can be read"):
        compare(empty, empty, silent)


def test_intervals_are_paired(root: Path) -> None:
    """Two models that answer alike but for one input: of 200 inputs one in 200 changes, and the
    interval of the change is that of one input, far narrower than that of either accuracy."""
    dev, test = said(1)
    wrong = test.logits.copy()
    right = int(np.flatnonzero(test.logits.argmax(-1) == test.labels)[0])
    wrong[right] = np.roll(wrong[right], 1)
    first = run_of(root, "nli-small-a-0", [dev, test])
    second = run_of(root, "nli-small-b-0", [dev, dataclasses.replace(test, logits=wrong)])
    found = changes(compared(first, second))["accuracy", None]
    assert found["change"] == pytest.approx(-1 / 200)
    assert -5 / 200 < found["low"] <= found["high"] == 0
