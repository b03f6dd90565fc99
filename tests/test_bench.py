"""``sua bench``: it compares like with like, names what is missing, and writes its schema."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from paper_repro import bench, bench_memory, bench_rivals, cli
from paper_repro.bad_input import BadInputError
from paper_repro.bench_lines import table
from sua_gpu import implementations

CPU = torch.device("cpu")
KEYS = {
    "function", "divergence", "v", "k", "b", "dtype", "device", "implementation", "seconds_median",
    "ratio_to_ours", "bandwidth_fraction", "extra_memory_fraction", "difference",
}  # fmt: skip
SINGLE = 1e-5
LESS_THAN_DOUBLE = {
    ("expected_calibration_error", "eager"),
    ("expected_calibration_error", "torchmetrics"),
    ("failure_auroc", "torchmetrics"),
}
"""Rivals that add up in float32 whatever they are given."""


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cases of a few rows, compiled by nobody."""
    monkeypatch.setattr(bench, "LOGITS", {"cpu": 600})
    monkeypatch.setattr(bench, "COPIED", 2**12)
    monkeypatch.setattr(bench, "SHORTEST", 0.0)
    monkeypatch.setattr(bench_rivals, "compiled", lambda function: function)
    served = {"torch": None, "numba": "none here", "triton": "none here"}
    monkeypatch.setattr(implementations, "present", lambda device: served)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def _settings(v: int = 9, n: int = 300, dtype: str = "float64") -> bench.Settings:
    return bench.settings([v], n, dtype, CPU, None)


def _document(dtype: str = "float32") -> dict[str, Any]:
    return bench.run(_settings(dtype=dtype), lambda name, total: lambda done: None)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("rival", ["eager", "scipy", "torchmetrics", "sklearn", "ours/torch"])
def test_every_rival_computes_what_ours_computes(rival: str) -> None:
    """In float64, at a scale where nothing cancels: 1e-12, but for those that round to less."""
    compared = 0
    for case in bench.cases(_settings()):
        missing: list[bench.Missing] = []
        entered = {one.name: one for one in bench.contenders(case, "cpu", missing)}
        if rival not in entered:
            continue
        gap = bench.difference(entered[rival].call(), entered["ours"].call())
        assert gap is not None
        allowed = SINGLE if (case.function, rival) in LESS_THAN_DOUBLE else 1e-12
        assert gap <= allowed, (case.function, case.divergence, gap)
        compared += 1
    if rival == "torchmetrics" and compared == 0:
        pytest.skip("torchmetrics is not installed (pip install 'sua[bench]')")
    assert compared > 0


@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning")  # torch's own
def test_the_compiled_textbook_computes_what_ours_computes() -> None:
    """The compiler itself, once."""
    rival = bench_rivals.compiled(bench_rivals.textbook_score)
    x = torch.linspace(-1, 1, 12).view(2, 6)
    y = x.flip(-1).unsqueeze(1)
    assert torch.allclose(rival(x, y, "kl"), bench_rivals.textbook_score(x, y, "kl"), rtol=1e-5)


@pytest.mark.usefixtures("tiny")
def test_the_document_has_its_schema() -> None:
    document = json.loads(json.dumps(_document(), allow_nan=False))
    assert document["schema"] == "sua.bench/1"
    assert set(document) == {"schema", "device", "threads", "copy_bandwidth", "rows", "missing"}
    for row in document["rows"]:
        assert set(row) == KEYS
        assert row["seconds_median"] > 0
        assert row["ratio_to_ours"] > 0
        assert row["bandwidth_fraction"] > 0
        assert (row["v"] is None) == (row["k"] is None) == (row["divergence"] is None)
        assert row["implementation"] != "ours" or row["ratio_to_ours"] == 1
    contests = {(row["function"], row["divergence"]) for row in document["rows"]}
    assert contests == {
        *(("sua_score_from_logits", kind) for kind in bench.KINDS),
        *(("sua_tr_loss_from_logits", kind) for kind in bench.KINDS),
        *((name, None) for name in bench_rivals.OF_METRICS),
    }
    for function, divergence in contests:
        names = [
            row["implementation"]
            for row in document["rows"]
            if (row["function"], row["divergence"]) == (function, divergence)
        ]
        assert names[0] == "ours"
        assert len(names) == len(set(names)) >= 3


@pytest.mark.usefixtures("tiny")
def test_what_is_missing_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_rivals, "find_spec", lambda name: None)
    document = _document()
    said = {one["implementation"]: one["reason"] for one in document["missing"]}
    assert said["torchmetrics"] == "torchmetrics is not installed: pip install 'sua[bench]'"
    assert said["ours/numba"] == "none here"
    assert {"scipy", "liger", "sklearn"} <= set(said)
    present = {row["implementation"] for row in document["rows"]}
    assert present == {"ours", "ours/unchecked", "ours/torch", "eager", "compile"}
    assert "missing: torchmetrics in 4 contests: torchmetrics is not installed" in table(document)


@pytest.mark.usefixtures("tiny")
def test_half_precision_leaves_out_who_cannot_read_it() -> None:
    document = _document("bfloat16")
    said = {(one["function"], one["implementation"]): one["reason"] for one in document["missing"]}
    assert said["sua_score_from_logits", "scipy"] == "it does not compute in torch.bfloat16"
    assert {row["dtype"] for row in document["rows"]} == {"bfloat16"}


def _case(*others: bench_rivals.Rival, ours: Any = None) -> bench.Case:
    given = (torch.ones(3), torch.ones(3, dtype=torch.bool))
    call = ours or (lambda scores, marks: scores.sum())
    return bench.Case("f", None, None, None, 3, given, 15, call, others, False)


def _refuse(*_: Any) -> Any:
    raise RuntimeError("no compiler\nand more")


def test_a_rival_that_fails_is_missing_and_a_failure_of_ours_is_one() -> None:
    missing: list[bench.Missing] = []
    case = _case(bench_rivals.Rival("compile", "", _refuse))
    left = bench._ready(case, bench.contenders(case, "cpu", missing), CPU, missing)
    assert [one.name for one in left] == ["ours"]
    assert missing == [bench.Missing("f", None, "compile", "no compiler")]
    broken = _case(ours=_refuse)
    with pytest.raises(RuntimeError, match="no compiler"):
        bench._ready(broken, bench.contenders(broken, "cpu", []), CPU, [])


def test_a_row_is_read_off_the_medians() -> None:
    chosen = _settings(dtype="float32")
    ours = bench.Contender("ours", lambda: None, seconds=[2.0, 1.0, 9.0])
    rival = bench.Contender("eager", lambda: None, seconds=[5.0, 6.0, 90.0], extra=30)
    row = bench._row(_case(), rival, ours, bandwidth=5.0, chosen=chosen)
    assert row["seconds_median"] == 6
    assert row["ratio_to_ours"] == 3
    assert row["bandwidth_fraction"] == 15 / 6 / 5
    assert row["extra_memory_fraction"] == 2


def test_differences_are_relative_to_the_largest_and_see_nan() -> None:
    ours = torch.tensor([1.0, -4.0])
    assert bench.difference(torch.tensor([1.0, -3.0]), ours) == 0.25
    assert bench.difference(torch.tensor(-1.5), ours) == 0  # a mean
    assert bench.difference((ours, ours + 1), (ours, ours)) == 0.25
    assert bench.difference(None, ours) is None
    assert math.isnan(bench.difference(torch.tensor([math.nan, -4.0]), ours) or 0)


def test_memory_beyond_what_is_returned() -> None:
    ones = torch.ones(2**24)
    within = bench_memory.extra_bytes(lambda: (ones + 1).sum(), CPU)
    if within is None:
        pytest.skip("this system does not say what a process holds at its peak")
    returned = bench_memory.extra_bytes(lambda: ones + 1, CPU)
    nothing = bench_memory.extra_bytes(lambda: ones.sum(), CPU)
    assert returned is not None
    assert nothing is not None
    assert within > 0.9 * ones.nbytes
    assert max(returned, nothing) < 0.2 * ones.nbytes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([1], 9, "float32", None), "--v: 1 is below 2"),
        (([9], 1, "float32", None), "--n: 1 is below 2"),
        (([9], 9, "int8", None), "--dtype: 'int8' is none of float32"),
        (([9], 9, "float32", 0), "--threads: 0 is below 1"),
    ],
)
def test_bad_settings_are_refused(given: tuple[Any, ...], said: str) -> None:
    widths, n, dtype, threads = given
    with pytest.raises(BadInputError, match=said):
        bench.settings(widths, n, dtype, CPU, threads)


@pytest.mark.usefixtures("tiny")
def test_the_command_prints_a_table_or_the_document() -> None:
    run = CliRunner().invoke
    options = ["bench", "--v", "9", "--n", "300", "--device", "cpu", "--threads", "1"]
    shown = run(cli.app, options)
    assert shown.exit_code == 0
    assert "sua_score_from_logits, kl: B = 11, K = 5, V = 9, float32" in shown.stdout
    document = run(cli.app, [*options, "--json"])
    assert document.exit_code == 0
    assert json.loads(document.stdout)["threads"] == 1
