"""Lints of the house: who may import whom, comparisons thrown away, unsound NumPy calls."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ("sua_ref", "sua_gpu", "proofs_checks", "paper_repro", "tests")
MAY_IMPORT = {
    "sua_ref": {"sua_ref"},
    "sua_gpu": {"sua_gpu", "sua_ref"},
    "proofs_checks": {"proofs_checks", "sua_ref"},
    "paper_repro": {"paper_repro", "sua_gpu", "sua_ref"},
}
SEES_BOTH_SIDES = {
    "paper_repro/cli.py",
    "paper_repro/verify.py",
    "paper_repro/verdict_lines.py",
    "paper_repro/verdict_page.py",
}
"""The command line, which alone shows verdicts beside experiments."""
UNSOUND = {"maximum", "minimum", "max", "min", "sort", "argsort", "argmax", "argmin", "clip"}
"""NumPy calls that are silently wrong on balls."""
FLOAT_ONLY = {"sua_ref/logit_cells.py", "sua_ref/sec2_calibration.py"}
"""Files whose float64 branches use them, after the balls have been sent elsewhere."""


def _files(package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / package).glob("*.py")):
        yield f"{package}/{path.name}", ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_flow_one_way(package: str) -> None:
    for name, tree in _files(package):
        for module in _imports(tree):
            top = module.split(".")[0]
            both = top == "proofs_checks" and name in SEES_BOTH_SIDES
            fine = top not in HOUSE or top in MAY_IMPORT[package] or both
            assert fine, f"{name} imports {module}"


def test_the_mirror_takes_no_numeric_code_from_the_reference() -> None:
    for name, tree in _files("sua_gpu"):
        for module in _imports(tree):
            assert not module.startswith("sua_ref") or module == "sua_ref.results", name


def test_the_reference_needs_numpy_alone() -> None:
    for name, tree in _files("sua_ref"):
        for module in _imports(tree):
            top = module.split(".")[0]
            assert top in sys.stdlib_module_names or top in ("numpy", "sua_ref"), (name, module)


def test_flint_is_imported_by_the_checker_and_in_one_place_beside_it() -> None:
    users = [name for name, tree in _files("proofs_checks") if "flint" in set(_imports(tree))]
    assert users == ["proofs_checks/balls.py", "proofs_checks/checker.py"]


def test_the_checker_is_small_and_depends_on_fractions_and_flint_alone() -> None:
    path = ROOT / "proofs_checks" / "checker.py"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    language = {"__future__", "collections.abc", "dataclasses", "math", "typing"}
    assert set(_imports(ast.parse(text))) - language == {"fractions", "flint"}


def _dropped(tree: ast.AST) -> Iterator[int]:
    """Lines where a comparison, or a call that compares, is an expression statement."""
    compare = {"allclose", "isclose", "array_equal", "equal", "isfinite", "approx"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            value = node.value
            if isinstance(value, ast.Compare):
                yield node.lineno
            elif isinstance(value, ast.Call):
                name = value.func.attr if isinstance(value.func, ast.Attribute) else ""
                if name in compare:
                    yield node.lineno


@pytest.mark.parametrize("package", HOUSE)
def test_no_comparison_is_thrown_away(package: str) -> None:
    for name, tree in _files(package):
        assert list(_dropped(tree)) == [], name


def test_the_lint_sees_a_thrown_away_comparison() -> None:
    planted = "x = 1\nx == 2\nnp.allclose(x, 1)\nassert np.allclose(x, 1)\n"
    assert list(_dropped(ast.parse(planted))) == [2, 3]


def _unsound(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """``np.<unsound>`` outside a function that has sent the other number types away."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "np" and node.func.attr in UNSOUND:
                yield node.lineno, node.func.attr


def test_numpy_calls_unsound_on_balls_stay_in_the_float_branches() -> None:
    for name, tree in _files("sua_ref"):
        if name in FLOAT_ONLY:
            continue
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for number, call in _unsound(tree):
            guard = "".join(lines[max(0, number - 7) : number])
            assert name == "sua_ref/elements.py", (name, number, call)
            assert '"float64"' in guard, (name, number, call)


def test_every_file_is_one_idea_under_400_lines() -> None:
    for package in HOUSE:
        for path in sorted((ROOT / package).glob("*.py")):
            count = len(path.read_text(encoding="utf-8").splitlines())
            assert count <= 400, f"{path.name}: {count} lines"
            assert path.stem not in {"utils", "helpers", "common", "misc"}


def _python(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


BLOCK = (
    "import sys\n"
    "class Block:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name.split('.')[0] in {names!r}: raise ImportError(name)\n"
    "sys.meta_path.insert(0, Block())\n"
)


def test_verify_never_loads_torch() -> None:
    _python(
        BLOCK.format(names={"torch", "transformers", "sklearn", "matplotlib", "triton"})
        + "sys.argv = ['sua', 'verify']\n"
        "from paper_repro.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as done:\n    assert not done.code, done.code\n"
        "assert 'torch' not in sys.modules\n"
    )


def test_the_backend_imports_with_numpy_and_torch_alone() -> None:
    others = {"flint", "transformers", "tokenizers", "sklearn", "matplotlib", "typer", "triton"}
    _python(BLOCK.format(names=others) + "import sua_gpu, sua_ref\n")
