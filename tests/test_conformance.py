"""A function of the user's on the hard inputs: what is caught, and what is said."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from paper_repro.cli import app, main
from paper_repro.conformance import QUANTITIES, questions

LOGITS = "_from_logits"


def sua(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["crosscheck", *arguments])


# --- functions of the user's ----------------------------------------------------------------------

MINE = """
import numpy as np

def textbook(p, q):
    return (p * np.log(p / q)).sum()

def clamped(p, q):
    return max(textbook(p + 1e-12, q + 1e-12), 0.0)

def each_label(p, q):
    return p * np.log(p / q)

def right(p, q):
    import sua_ref
    return sua_ref.kl_divergence(p, q)

def stubborn(p, q):
    raise RuntimeError("not today")

def clipped_ece(confidence, correct):
    c = np.clip(confidence, 1e-3, 1 - 1e-3)
    bins = np.minimum((c * 15).astype(int), 14)
    return sum(abs((correct - c)[bins == b].sum()) for b in range(15)) / len(c)

number = 3
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's in the working directory."""
    (tmp_path / "my_functions.py").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "my_functions"


def _verdicts(done: Result) -> dict[str, str]:
    rows = json.loads(done.stdout)["rows"]
    return {f"{row['input']}, V = {row['v']}": row["fault"] for row in rows}


def test_a_textbook_kl_is_caught(mine: str) -> None:
    done = sua("--function", f"{mine}:textbook", "--quantity", "kl", "--json")
    assert done.exit_code == 1
    faults = _verdicts(done)
    assert faults["generic, V = 32"] == ""
    assert faults["range +-1e4, V = 32"] == "NaN"
    assert faults["a sum of 4, V = 2"] == "a value where an exception was right"
    assert f"sua: {mine}:textbook (float64) is wrong at V = 32" in done.stderr


@pytest.mark.parametrize(
    ("name", "where", "fault"),
    [
        ("clamped", "own -inf, V = 2", "where inf was right"),
        ("each_label", "generic, V = 32", "not one number"),
        ("stubborn", "generic, V = 32", "raised an exception"),
    ],
)
def test_faults_are_said(mine: str, name: str, where: str, fault: str) -> None:
    done = sua("--function", f"{mine}:{name}", "--quantity", "kl", "--json")
    assert done.exit_code == 1
    assert fault in _verdicts(done)[where]


def test_a_right_function_passes_and_prints_a_line_for_each_input(mine: str) -> None:
    done = sua("--function", f"{mine}:right", "--quantity", "kl")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.splitlines()[0] == f"{mine}:right (float64): wrong on 0 of 22"
    assert "WRONG" not in done.stdout


def test_a_clipping_calibration_error_is_caught(mine: str) -> None:
    faults = _verdicts(sua("--function", f"{mine}:clipped_ece", "--quantity", "ece", "--json"))
    assert faults["certain and right, V = 2"] == "not exactly 0"
    assert faults["confidences 5 and -3, V = 2"] == "a value where an exception was right"
    assert faults["one bin, V = 2"] == ""


OURS = {"entropy": "entropy", "kl": "kl_divergence", "jsd": "jensen_shannon_divergence",
        "tv": "total_variation"}  # fmt: skip


@pytest.mark.parametrize("form", ["probabilities", "logits"])
@pytest.mark.parametrize("quantity", sorted(OURS))
@pytest.mark.parametrize(("package", "arrays"), [("sua_ref", "numpy"), ("sua_gpu", "torch")])
def test_our_own_functions_pass(quantity: str, form: str, package: str, arrays: str) -> None:
    name = OURS[quantity] + (LOGITS if form == "logits" else "")
    done = sua("--function", f"{package}:{name}", "--quantity", quantity, "--from", form,
               "--arrays", arrays)  # fmt: skip
    assert done.exit_code == 0, done.stdout


def test_our_calibration_error_passes() -> None:
    done = sua("--function", "sua_ref:expected_calibration_error", "--quantity", "ece")
    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_hard_inputs_hold_what_they_say(quantity: str) -> None:
    asked = list(questions(quantity, "probabilities", np.float64))
    assert sum(one.answer is None for one in asked) >= 3
    for one in asked:
        if one.answer is not None and quantity != "ece":
            for row in one.arguments:
                assert abs(math.fsum(row) - 1) < 1e-15
                assert (row >= 0).all()


def test_the_public_examples_run_or_say_why_not() -> None:
    done = sua("--examples", "--json")
    assert done.exit_code == 1
    rows = json.loads(done.stdout)["rows"]
    wrong: dict[str, list[str]] = {}
    for row in rows:
        if not row["ok"]:
            wrong.setdefault(row["function"], []).append(row["input"])
    # It is the square root of the divergence: wrong wherever that is neither 0 nor 1.
    assert "generic" in wrong["scipy.spatial.distance.jensenshannon(p, q)"]
    assert "generic" not in wrong["scipy.spatial.distance.jensenshannon(p, q) ** 2"]
    assert (
        "generic"
        in wrong["torch.nn.functional.kl_div(log_softmax(y), softmax(x)), its default reduction"]
    )
    table = sua("--examples").stdout
    for library in ("torchmetrics", "netcal"):
        installed = any(row["function"].startswith(library) for row in rows)
        assert installed != (f"{library} is not installed" in table)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--function", "scipy"], "--quantity: none of entropy, kl, jsd, tv, ece was given"),
        (["--function", "scipy", "--quantity", "kl"], "'scipy': wanted package.module:name"),
        (["--function", "no_such:f", "--quantity", "kl"], "ModuleNotFoundError: No module named"),
        (["--function", "math:no", "--quantity", "kl"], "AttributeError"),
        (["--function", "math:pi", "--quantity", "kl"], "float is not callable"),
        (["--function", "math:log", "--quantity", "kl2"], "--quantity: 'kl2' is none of entropy"),
        (
            ["--function", "math:log", "--quantity", "kl", "--from", "odds"],
            "--from: 'odds' is none",
        ),
        (["--function", "math:log", "--quantity", "kl", "--arrays", "jax"], "--arrays: 'jax' is"),
        (["--function", "math:log", "--quantity", "kl", "--examples"], "not together"),
        (["--quantity", "kl"], "--quantity: says what --function returns"),
        (["--device", "tpu"], "--device: 'tpu' is none of auto, cpu, cuda"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.argv", ["sua", "crosscheck", *arguments])
    with pytest.raises(SystemExit) as status:
        main()
    assert status.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
