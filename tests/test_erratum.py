"""The erratum in LaTeX: it would compile, and says what the evidence says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from paper_repro.cli import app
from proofs_checks.claims import CLAIMS, select
from proofs_checks.erratum import BIBTEX, document, escaped, standing
from proofs_checks.run import check_all
from proofs_checks.verdict import Verdict

FALLEN = check_all(select("thm_4_3.eq_11"))
OTHERS = {"n_3": check_all(select("n_3"))}


def faults(text: str) -> list[str]:
    """Why a document would not compile: braces, environments, mathematics, characters."""
    found = []
    bare = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", text, flags=re.DOTALL)
    depth = 0
    plain = re.sub(r"\\[\\{}$&#%_]", "", bare)
    for c in plain:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            break
    if depth != 0:
        found.append("braces do not balance")
    if plain.count("$") % 2:
        found.append("dollars do not pair")
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", bare):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            found.append(f"environment {name} is closed, not open")
    if stack:
        found.append(f"environments {stack} stay open")
    text_only = re.sub(r"\$.*?\$", "", plain, flags=re.DOTALL)
    text_only = re.sub(r"\\begin\{tabular\}\{[^\n]*\}$", "", text_only, flags=re.MULTILINE)
    found += [f"a bare {c}" for c in "_^#%" if c in text_only]
    for line in text_only.splitlines():
        if "&" in line and not re.search(r"^[^&]* & [^&]*$", line):
            found.append(f"a row of more than two cells: {line}")
    found += [f"the character {c!r}" for c in sorted(set(text)) if ord(c) > 0x17F]
    return found


def test_the_whole_erratum_would_compile() -> None:
    checked = check_all(CLAIMS)
    assert faults(document(checked, OTHERS)) == []


def test_it_compiles(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed; the checks above stand in for it")
    (tmp_path / "erratum.tex").write_text(document(FALLEN, OTHERS), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "erratum.tex"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("{", "braces"), ("\\begin{center}", "stay open"), ("\\end{center}", "closed, not open"),
        ("$", "dollars"), ("p_x", "a bare _"), ("50 %", "a bare %"), ("\u2265", "the character"),
        ("a & b & c", "more than two cells"),
    ],
)  # fmt: skip
def test_the_check_sees_what_would_not_compile(broken: str, said: str) -> None:
    text = document(FALLEN, OTHERS).replace("This note", f"{broken}\nThis note")
    assert any(said in fault for fault in faults(text))


@given(st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc", "Cs"])))
def test_any_text_is_escaped(text: str) -> None:
    frame = "\\begin{document}\n" + escaped(text) + "\n\\end{document}"
    assert faults(frame) == []


def test_it_says_claim_counterexample_step_repair_verdict_and_how_to_rerun() -> None:
    text = document(FALLEN, OTHERS)
    claim = FALLEN[0].claim
    for said in (claim.statement, claim.breaks, claim.where, OTHERS["n_3"][0].claim.statement):
        assert escaped(said) in text
    assert claim.formula in text
    assert "\\textbf{REFUTED}" in text
    assert "sua verify thm\\_4\\_3.eq\\_11" in text
    assert "left side of (11) & 0.500000" in text
    instances = {e.instance for c in FALLEN for e in c.evidence if e.instance}
    assert text.count("\\begin{tabular}") == len(instances) >= 2
    assert BIBTEX in text
    assert "(\\texttt{n\\_3}\nPROVED)" in text


def test_by_default_it_is_about_what_fell_of_the_papers_claims() -> None:
    about = standing(check_all(CLAIMS))
    assert "thm_4_3.eq_11@gibbs.signed.at_least_phi" in {c.claim.id for c in about}
    assert not {"n_3", "lem_4_6", "asm_1.zero_one"} & {c.claim.id for c in about}
    assert all(c.judgement.verdict is not Verdict.UNVERIFIED for c in about)


def test_the_command_writes_it_to_the_output_or_to_a_new_file(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["verify", "--tex", "thm_4_3"])
    assert printed.exit_code == 0
    assert faults(printed.stdout) == []
    out = tmp_path / "erratum.tex"
    written = CliRunner().invoke(app, ["verify", "--tex", "thm_4_3", "--out", str(out)])
    assert written.exit_code == 0
    assert out.read_text(encoding="utf-8") == printed.stdout
    again = CliRunner().invoke(app, ["verify", "--tex", "thm_4_3", "--out", str(out)])
    assert isinstance(again.exception, ValueError)
    assert "File exists" in str(again.exception)
