"""The README is true: its examples run, its commands exist, its verdicts are the verdicts."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from typer.testing import CliRunner

from paper_repro.cli import app
from paper_repro.tables import TITLES

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_its_python_examples_run() -> None:
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted >= 10
    assert result.failed == 0


def test_its_two_commands_stand_where_ci_looks() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
    assert len(blocks) == 2
    first, second = (block.strip() for block in blocks)
    assert "\n" not in first
    assert "\n" not in second
    assert first.endswith("sua reproduce")
    assert second.endswith("pytest -q -n auto --dist loadfile")
    assert all("'torch==2.13.0'" in block for block in (first, second))


def test_its_verdicts_are_what_sua_verify_prints() -> None:
    shown = re.search(r"\$ sua verify\n(.*?)```", TEXT, flags=re.DOTALL)
    assert shown is not None
    result = CliRunner().invoke(app, ["verify"])
    assert result.exit_code == 0
    # An item's name stands on the first of its lines alone, and the columns widen with the table.
    printed = [" ".join(line.split()) for line in result.stdout.splitlines() if line]
    for line in shown.group(1).strip().splitlines():
        assert any(" ".join(line.split()).endswith(said) for said in printed), line


def test_its_columns_are_those_of_the_table() -> None:
    for title in TITLES.values():
        assert title in TEXT or title.startswith("SUA ")


def test_every_command_it_names_exists() -> None:
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"sua (\w+)", TEXT)) & {
        "verify", "reproduce", "doctor", "crosscheck", "train", "score", "calibrate", "bench",
        "report", "compare",
    }  # fmt: skip
    assert named <= known
    assert known == {"verify", "reproduce", "doctor", "crosscheck", "bench", "compare", "train"}


def _shown(command: str) -> list[str]:
    block = re.search(rf"\$ {re.escape(command)}\n(.*?)```", TEXT, flags=re.DOTALL)
    assert block is not None
    return block.group(1).strip().splitlines()


def test_its_crosscheck_of_a_public_function_is_what_the_command_prints() -> None:
    arguments = "crosscheck --function scipy.spatial.distance:jensenshannon --quantity jsd"
    result = CliRunner().invoke(app, arguments.split())
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    for line in _shown(f"sua {arguments}"):
        assert line in printed


def test_its_crosscheck_of_the_backend_has_lines_that_the_command_may_print() -> None:
    """Errors differ with the processor: the columns are checked, and that bounds are bounds."""
    from paper_repro import crosscheck, hard_inputs

    header, *lines = _shown("sua crosscheck")
    sizes = [f"{v}" for v in crosscheck.SEEDS]
    assert header.split() == ["function", "dtype", *sizes, "V", "error", "bound", "input"]
    for line in lines:
        function, dtype, *numbers = line.split()
        shares, (v, error, bound, mark, *words) = numbers[: len(sizes)], numbers[len(sizes) :]
        assert function in crosscheck.functions()
        assert f"torch.{dtype}" in map(str, crosscheck.DTYPES)
        assert int(v) in crosscheck.SEEDS
        assert float(error) <= float(bound)
        assert float(shares[sizes.index(v)]) == max(map(float, shares)) <= 1
        assert mark == "ok"
        assert " ".join(words).partition(", seed")[0] in hard_inputs.CASES
