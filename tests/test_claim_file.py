"""A user's own file of claims: the documented example, and everything that is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from paper_repro.cli import app
from proofs_checks import claim_file
from proofs_checks.claim_file import EXAMPLE, ClaimFileError, check_file
from proofs_checks.verdict import Verdict

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_example_is_short_stands_in_the_readme_and_in_the_docstring() -> None:
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 25
    assert EXAMPLE in README.read_text(encoding="utf-8")
    for line in EXAMPLE.splitlines():
        assert line in (claim_file.__doc__ or "")


def test_the_example_is_judged_by_the_kernel(mine: Path) -> None:
    checked = check_file(mine)
    assert [c.judgement.verdict for c in checked] == [Verdict.REFUTED]
    result = CliRunner().invoke(app, ["verify", str(mine)])
    assert result.exit_code == 0
    assert "my_bound: REFUTED, checked" in result.stdout
    assert f"evidence {mine}" in " ".join(result.stdout.split())


def test_a_claim_of_ones_own_stands_beside_the_registrys(mine: Path) -> None:
    result = CliRunner().invoke(app, ["verify", "n_3", str(mine)])
    assert result.exit_code == 0
    assert "n_3: PROVED, checked" in result.stdout
    assert "my_bound: REFUTED, checked" in result.stdout


def test_failing_evidence_is_unverified_and_status_1(mine: Path) -> None:
    mine.write_text(EXAMPLE.replace("F(1, 4), F(3, 4)", "F(1, 100), F(99, 100)"))
    result = CliRunner().invoke(app, ["verify", str(mine)])
    assert result.exit_code == 1
    assert "my_bound: UNVERIFIED" in result.stdout
    assert "TV > KL is false" in result.stdout
    assert "sua: my_bound: UNVERIFIED" in result.stderr


PASSES_SILENTLY = {
    "a check that returns nothing": ("return [] if answer", "[] if answer"),
    "a check that returns True": ("return [] if answer is balls.Truth.TRUE else", "return True or"),
    "a check that ends the program": ("    answer =", "    raise SystemExit(0)\n    answer ="),
}


@pytest.mark.parametrize("name", sorted(PASSES_SILENTLY))
def test_a_check_cannot_pass_by_returning_no_faults_at_all(mine: Path, name: str) -> None:
    mine.write_text(EXAMPLE.replace(*PASSES_SILENTLY[name]))
    checked = check_file(mine)
    assert checked[0].judgement.verdict is Verdict.UNVERIFIED
    assert CliRunner().invoke(app, ["verify", str(mine)]).exit_code == 1


def test_a_proof_beside_a_counterexample_is_status_1(mine: Path) -> None:
    both = "Piece(Kind.PROOF, 'checked', 'all', list), Piece(Kind.COUNTEREXAMPLE"
    mine.write_text(EXAMPLE.replace("Piece(Kind.COUNTEREXAMPLE", both))
    result = CliRunner().invoke(app, ["verify", str(mine)])
    assert result.exit_code == 1
    assert "both a proof and a counterexample check" in result.stderr


REFUSED: dict[str, tuple[Callable[[str], str], str]] = {
    "a truncated file": (lambda t: t[: len(t) // 2], "does not load: SyntaxError"),
    "a file that raises": (lambda t: "1 / 0\n" + t, "does not load: ZeroDivisionError"),
    "a file that leaves": (lambda t: "raise SystemExit(0)\n" + t, "does not load: SystemExit"),
    "no claims": (lambda t: t.replace("CLAIMS =", "CLAIM ="), "CLAIMS is missing"),
    "no evidence": (lambda t: t.replace("def pieces", "def piece"), "pieces is missing"),
    "an unknown field": (lambda t: t.replace("title=", "titel="), "titel"),
    "a claim that is none": (lambda t: t + "CLAIMS = ({'id': 'x'},)", "is a dict, not a Claim"),
    "a title that is no text": (lambda t: t.replace('title="KL is at least total variation"',
                                                    "title=7"), "title is 7, not str"),
    "an unknown kind": (lambda t: t.replace('"formal"', '"informal"'), "kind is 'informal'"),
    "an unknown source": (lambda t: t.replace('"ours"', '"theirs"'), "source is 'theirs'"),
    "uses that are no tuple": (lambda t: t.replace('credit="nobody"', 'uses="n_3"'),
                               "uses is 'n_3'"),
    "no statement": (lambda t: t.replace("KL(P, Q) >= TV(P, Q) for any two distributions P and Q.",
                                         " "), "the statement is empty"),
    "no id": (lambda t: t.replace('"my_bound"', '"My bound"'), "'My bound' is no id"),
    "an id of the registry": (lambda t: t.replace("my_bound", "n_3"),
                              "n_3: n_3 belongs to the registry"),
    "a new reading of the registry's": (lambda t: t.replace("my_bound", "thm_4_3.eq_11@mine"),
                                        "thm_4_3 belongs to the registry"),
    "an id used twice": (lambda t: t + "CLAIMS = CLAIMS * 2", "my_bound: an id occurs twice"),
    "a repair on no record": (lambda t: t.replace('credit="nobody"', 'repair="n_999"'),
                              "n_999 is on no record"),
    "pieces that are no list": (lambda t: t.replace("return [Piece", "return Piece").replace(
        "violated)]", "violated)"), "not a list of pieces"),
    "a piece that is none": (lambda t: t.replace("return [Piece", "return [print"),
                             "not a Piece"),
    "a piece of an unknown grade": (lambda t: t.replace('"checked"', '"sworn"'),
                                    "grade is 'sworn'"),
    "a piece that cannot run": (lambda t: t.replace("scope, violated", "scope, 7"), "run is 7"),
    "evidence that raises": (lambda t: t.replace("scope = ", "scope = missing or "), "NameError"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_broken_file_is_refused_with_the_reason(mine: Path, name: str) -> None:
    change, said = REFUSED[name]
    mine.write_text(change(EXAMPLE), encoding="utf-8")
    with pytest.raises(ClaimFileError, match=r".") as refused:
        check_file(mine)
    assert said in str(refused.value)
    result = CliRunner().invoke(app, ["verify", str(mine)])
    assert isinstance(result.exception, ValueError)
    assert str(mine) in str(result.exception)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimFileError, match="no such file"):
        check_file(tmp_path / "none.py")
