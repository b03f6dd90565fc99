"""The crosscheck of the backend: what it covers, what it catches, and how it speaks."""

from __future__ import annotations

import inspect
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb
from typer.testing import CliRunner, Result

import sua_gpu
from paper_repro import crosscheck, exact_metrics
from paper_repro.ball_truth import INFINITY
from paper_repro.cli import app
from paper_repro.expected import SPECS, Allowed, distance

CPU = torch.device("cpu")
LOGITS = "_from_logits"
NAMES = [name for name in sua_gpu.__all__ if name.removesuffix(LOGITS) in SPECS]
UNCHECKED = {
    "abstain": "a decision, no number",
    "ambiguity_collapse": "decisions on given numbers",
    "ambiguity_proxy": "an entropy of counts; tests/test_mirror*.py",
    "conditional_entropy": "of joint tables, not of rows of a model; tests/test_mirror*.py",
    "ece_lower_bound": "a line in two given means; tests/test_mirror*.py",
    "ece_lower_bound_from_sensitivity": "a line in given means; tests/test_mirror*.py",
    "margin_bound": "of one scalar; tests/test_n_18.py",
    "smoothing_factor_for": "of one law and a scalar; tests/test_n_19.py",
    "entropy_confidence": "an affine image of the entropy; tests/test_mirror*.py",
    "error_bounds": "of two scalars; tests/test_mirror*.py",
    "f_divergence": "of any generator, whose error nobody can bound",
    "failure_signature": "a decision, no number",
    "interpretation_collapse_gap": "signed: a difference of two risks that are checked",
    "miscalibration_gap": "a difference of two entropies that are checked",
    "mixture": "a matrix product, and torch's",
    "mutual_information": "of joint tables, not of rows of a model; tests/test_mirror*.py",
    "population_calibration_error": "of a world, all numbers given; tests/test_mirror_theory.py",
    "sensitivity_upper_bound": "of given samples; tests/test_mirror*.py",
    "choose_threshold": "integer counts; tests/test_n_10.py",
    "smoothing_factor": "of two scalars; tests/test_mirror*.py",
    "temperature_scale": "a root found by bisection, not a sum",
    "total_variation_bound": "of one scalar; tests/test_mirror*.py",
    "worst_case_risk": "the largest of risks that are checked",
}
"""Public functions that the crosscheck leaves out, each with its reason."""
STATEMENTS = ("is_", "thm_", "cor_", "lem_", "prop_", "expected_risk_bound", "_enclosure")


def test_every_public_function_is_checked_or_left_out_with_a_reason() -> None:
    checked = {*crosscheck.functions(), *exact_metrics.functions()}
    for name in sua_gpu.__all__:
        if inspect.isfunction(getattr(sua_gpu, name)) and name not in checked:
            statement = name.startswith(STATEMENTS) or name.endswith(STATEMENTS)
            assert statement or name in UNCHECKED, name
    assert not checked & set(UNCHECKED)


# --- what is caught -------------------------------------------------------------------------------


def sua(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["crosscheck", *arguments])


@pytest.fixture(scope="module")
def both() -> tuple[Result, Result]:
    """The crosscheck at small V, as JSON and as a table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crosscheck, "SEEDS", {2: 1, 32: 1})
        patch.setattr(crosscheck, "DEEP", {3: 1})
        return sua("--json", "--device", "cpu", "--deep"), sua("--device", "cpu")


def test_json_has_the_contract_and_every_function_precision_and_v(
    both: tuple[Result, Result],
) -> None:
    done = both[0]
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "sua.crosscheck/1"
    assert document["ok"] is True
    keys = {
        "function", "dtype", "device", "v", "cases", "worst_error", "bound", "share", "ok", "input",
    }  # fmt: skip
    rows = document["rows"]
    assert all(set(row) == keys for row in rows)
    assert all(0 <= row["share"] <= 1 for row in rows)
    assert all(row["worst_error"] <= row["bound"] and row["cases"] > 0 for row in rows)
    rows = [row for row in rows if row["function"] in NAMES]
    dtypes = ("float64", "float32", "bfloat16", "float16")
    wanted = {(n, d, v) for n in NAMES for d in dtypes for v in (2, 3, 32)}
    assert {(r["function"], r["dtype"], r["v"]) for r in rows} == wanted
    # A bound so generous that it would hide a fault is a fault itself: on the worst of the inputs
    # the algorithms come to within a hundredth of theirs.
    shares = [r["worst_error"] / r["bound"] for r in rows if r["bound"] > 0]
    assert np.median(shares) > 0.01


def test_the_table_has_one_line_for_each_function_and_precision(
    both: tuple[Result, Result],
) -> None:
    done = both[1]
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    header = lines[0].split()
    sizes = header[2 : header.index("V")]
    assert set(sizes) >= {"2", "32"}
    assert header[header.index("V") :] == ["V", "error", "bound", "input"]
    for name in NAMES:
        found = [line.split() for line in lines if line.split()[:1] == [name]]
        assert len(found) == 4, name
        for _, _, *shares in found:
            at = dict(zip(sizes, shares, strict=False))
            assert 0 <= max(float(at["2"]), float(at["32"])) <= 1
    assert "WRONG" not in done.stdout


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One seed of each hard input, at one V in one precision."""
    monkeypatch.setattr(crosscheck, "SEEDS", {3: 1})
    monkeypatch.setattr(crosscheck, "DTYPES", (torch.float32,))


PLANTED: dict[str, Any] = {
    "total_variation_from_logits": lambda f: lambda x, y: f(x, y) * (1 + 2e-5),
    "sua_score_from_logits": lambda f: lambda *a, lam, divergence: f(
        *a, lam=lam * 1.0001, divergence=divergence),
    "worst_case_sensitivity": lambda f: lambda x, y, *, divergence: (
        sua_gpu.distributional_sensitivity(x, y, divergence=divergence)),
    "kl_divergence_from_logits": lambda f: lambda x, y: f(y, x),
    "entropy": lambda f: lambda p: f(p).clamp(min=1e-9),
    "max_confidence_from_logits": lambda f: lambda x: f(x) * math.nan,
    "task_loss": lambda f: lambda p, labels: f(p[..., :1, :], labels[..., :1]),
    "divergence": lambda f: lambda p, q, *, kind: f(p, q, kind=kind).nan_to_num(posinf=1e30),
    "additive_score": lambda f: lambda p, views: f(p, views).sum(-1),
}  # fmt: skip
"""Wrong mirrors: a digit, a coefficient, a mean for a maximum, sides, a clamp, NaN, a dropped row,
a finite value for infinity, a lost axis."""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_wrong_mirror_is_named_with_status_1(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sua_gpu, name, PLANTED[name](getattr(sua_gpu, name)))
    done = sua("--device", "cpu", "--json")
    assert done.exit_code == 1
    wrong = {row["function"] for row in json.loads(done.stdout)["rows"] if not row["ok"]}
    assert wrong == {name}
    assert f"sua: {name} (float32) is wrong at V = " in done.stderr


def test_a_distance_is_infinite_where_only_one_side_is() -> None:
    finite, infinite = Allowed(arb(1), 0.0, 1.0), Allowed(INFINITY, 0.0, math.inf)
    assert distance(math.inf, infinite, 1e300) == 0
    assert distance(1e299, infinite, 1e300) == math.inf
    assert distance(math.inf, finite, 1e300) == math.inf
    assert distance(math.nan, finite, 1e300) == math.inf
    assert distance(math.inf, Allowed(arb(10) ** 400, 0.0, 1.0), 1e300) == 0
    assert distance(1.5, finite, 1e300) == 0.5
    halved = Allowed(arb(1.5e300), 0.0, 1.5e300).plus(finite, 0.0).times(0.5, 0.0)
    assert distance(math.inf, halved, 1e300) == 0  # the sum on the way is past the floats
    assert distance(math.inf, halved, 1e301) == math.inf


def test_metrics_are_held_to_rationals_where_the_backend_has_them() -> None:
    rows = exact_metrics.rows(torch.float32, CPU, 0)
    assert {row.function for row in rows} == set(exact_metrics.functions())
    assert "sua_risk" in exact_metrics.functions()
    assert all(row.ok for row in rows), [row.document() for row in rows if not row.ok]


def test_a_wrong_metric_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sua_gpu, "sua_risk", lambda scores: scores.abs().mean())
    rows = exact_metrics.rows(torch.float32, CPU, 0)
    assert [row.function for row in rows if not row.ok] == ["sua_risk"]
