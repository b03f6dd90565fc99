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
    "paper_repro/cli_study.py",
    "paper_repro/empirical_page.py",
    "paper_repro/verify.py",
    "paper_repro/verdict_lines.py",
    "paper_repro/verdict_page.py",
}
"""The command line, which alone shows verdicts beside experiments."""
UNSOUND = {
    "maximum", "minimum", "fmax", "fmin", "max", "min", "amax", "amin", "nanmax", "nanmin", "ptp",
    "sort", "argsort", "lexsort", "partition", "argpartition", "argmax", "argmin", "median",
    "clip", "where", "select", "piecewise", "sign", "heaviside", "isclose", "allclose",
    "searchsorted", "digitize", "histogram", "nonzero", "argwhere", "flatnonzero", "extract",
}  # fmt: skip
"""NumPy calls that are silently wrong on balls: they compare, and take "not proved" for "no"."""
UNSOUND_METHODS = {"max", "min", "argmax", "argmin", "sort", "argsort", "clip", "nonzero"}
"""The same as methods of an array."""
DECIDED = {
    ("sua_ref/elements.py", "select"): "its condition has been decided",
    ("sua_ref/elements.py", "_larger"): "the ball's own maximum",
    ("sua_ref/elements.py", "_smaller"): "the ball's own minimum",
    ("sua_ref/checks.py", "_first"): "finds a place in a mask of decided refusals",
    ("sua_ref/sec2_information.py", "f_divergence"): "finds a place in a decided mask",
    ("sua_ref/sec2_calibration.py", "expected_calibration_error"): "masks by bins, integers",
    ("sua_ref/sec2_calibration.py", "_slope"): "takes floats from temperature_scale alone",
    ("sua_ref/sec4_curves.py", "_ball_curve"): "the ball's own maximum and minimum",
    ("sua_ref/sec4_curves.py", "_kl_end"): "the ball's own minimum",
    ("sua_ref/sec4_curves.py", "_ball_fano"): "the ball's own maximum and minimum",
    ("sua_ref/sec4_curves.py", "_ball_highest"): "the ball's own maximum and minimum",
    ("sua_ref/sec4_curves.py", "not_past"): "within a float branch: the search over floats",
    ("sua_ref/sec4_population.py", "_likely"): "finds places in a decided mask",
    ("sua_ref/sec6_metrics.py", "_ties"): "ranks and marks are integers",
    ("sua_ref/world.py", "_balls"): "finds a place in a mask of booleans given",
    ("sua_ref/world.py", "_check_support"): "finds a place in a decided mask",
    ("sua_ref/world.py", "is_label_invariant"): "finds places in a decided mask",
}
"""Functions that may use them unguarded, each with its reason; and any ``_float_...``."""
FLOAT_FILES = {
    "sua_ref/logit_cells.py": ("rest", "_pair", "_one_sided"),
    "sua_ref/inverse.py": ("last_float",),
}
"""Float-only functions behind a branch on the number type in their callers."""


def _files(package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


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


def _is_numpy(node: ast.expr) -> bool:
    """``np``, or ``np.maximum`` as in ``np.maximum.reduce``."""
    if isinstance(node, ast.Attribute):
        return _is_numpy(node.value) and node.attr in UNSOUND
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def _offence(node: ast.AST) -> str | None:
    """What is unsound on balls in this node."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner, name = node.func.value, node.func.attr
        if _is_numpy(owner):
            reduced = isinstance(owner, ast.Attribute)
            return f"np.{name}" if name in UNSOUND or reduced else None
        if name in UNSOUND_METHODS:
            return f".{name}()"
    if isinstance(node, ast.Subscript) and any(
        isinstance(part, ast.Compare) for part in ast.walk(node.slice)
    ):
        return "a mask"
    return None


def _asks(test: ast.expr) -> str | None:
    """``"float"`` or ``"other"``: the side of the number types for which the test is true."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return "float" if any(_asks(part) == "float" for part in test.values) else None
    if not (isinstance(test, ast.Compare) and isinstance(test.comparators[0], ast.Constant)):
        return None
    called = test.left.func if isinstance(test.left, ast.Call) else None
    if not (isinstance(called, ast.Name) and called.id == "kind_of"):
        return None
    kind, equal = test.comparators[0].value, isinstance(test.ops[0], ast.Eq)
    if kind == "float64":
        return "float" if equal else "other"
    return "other" if kind == "arb" and equal else None


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def _told_apart(function: ast.AST) -> set[int]:
    """Nodes that only floats reach: within the float branch, or after balls have left."""
    safe: list[ast.AST] = []
    for node in ast.walk(function):
        if isinstance(node, (ast.If, ast.IfExp)):
            side = {"float": node.body, "other": node.orelse}.get(_asks(node.test) or "", [])
            safe += side if isinstance(side, list) else [side]
    for block in _blocks(function):
        for at, statement in enumerate(block):
            if not (isinstance(statement, ast.If) and _asks(statement.test) == "other"):
                continue
            if isinstance(statement.body[-1], (ast.Return, ast.Raise)):
                safe += block[at + 1 :]
    return {id(inner) for node in safe for inner in ast.walk(node)}


def _unsound(tree: ast.AST, float_only: set[str]) -> Iterator[tuple[str, int, str]]:
    """Unsound uses where the number type has not been told apart."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        if function.name in float_only or function.name.startswith("_float_"):
            continue
        safe = _told_apart(function)
        for node in ast.walk(function):
            offence = _offence(node)
            if offence is not None and id(node) not in safe:
                yield function.name, getattr(node, "lineno", 0), offence


def test_numpy_calls_unsound_on_balls_stay_in_the_float_branches() -> None:
    for name, tree in _files("sua_ref"):
        exempt = {function for file, function in DECIDED if file == name}
        found = list(_unsound(tree, exempt | set(FLOAT_FILES.get(name, ()))))
        assert found == [], (name, found)


def test_every_exemption_is_needed() -> None:
    named = set(DECIDED) | {(file, f) for file, fs in FLOAT_FILES.items() for f in fs}
    for name, tree in _files("sua_ref"):
        needed = {function for function, _, _ in _unsound(tree, set())}
        assert {f for file, f in named if file == name} <= needed, name


PLANTED = [
    *[f"np.{call}(p)" for call in sorted(UNSOUND)],
    *[f"p.{call}()" for call in sorted(UNSOUND_METHODS)],
    "np.where(p > 0, p, 1)",
    "np.maximum.reduce(p)",
    "p[p > 0]",
    "p[(p > 0) & (q == 0)]",
]


@pytest.mark.parametrize("call", PLANTED)
def test_the_lint_sees_each_unsound_call(call: str) -> None:
    bare = f"def f(p, q):\n    return {call}\n"
    assert len(list(_unsound(ast.parse(bare), set()))) >= 1
    for branch in ("kind_of(p) == 'Fraction'", "kind_of(p) == 'arb'", "p.ndim == 1"):
        within = f"def f(p, q):\n    if {branch}:\n        return {call}\n"
        assert len(list(_unsound(ast.parse(within), set()))) >= 1
    after = f"def f(p, q):\n    if kind_of(p) == 'float64':\n        return q\n    return {call}\n"
    assert len(list(_unsound(ast.parse(after), set()))) >= 1


@pytest.mark.parametrize("call", PLANTED)
def test_the_lint_lets_float_branches_pass(call: str) -> None:
    for branch in (
        f"    if kind_of(p) == 'float64':\n        return {call}\n",
        f"    if kind_of(p) == 'arb':\n        return q\n    return {call}\n",
        f"    if kind_of(p) != 'float64':\n        raise TypeError\n    return {call}\n",
        f"    return {call} if kind_of(p) == 'float64' else q\n",
    ):
        assert list(_unsound(ast.parse("def f(p, q):\n" + branch), set())) == []


@pytest.mark.parametrize("call", ["select(c, p, q)", "np.sum(p)", "p[index]", "largest(p)"])
def test_the_lint_lets_sound_calls_pass(call: str) -> None:
    assert list(_unsound(ast.parse(f"def f(p, q):\n    return {call}\n"), set())) == []


def test_every_file_is_one_idea_under_400_lines() -> None:
    for package in HOUSE:
        for path in sorted((ROOT / package).rglob("*.py")):
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
