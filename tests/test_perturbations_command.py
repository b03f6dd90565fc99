"""``python -m paper_repro.perturbations``: what it prints, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from paper_repro.perturbations.__main__ import show
from tests.tiny_seq2seq import save_t5

TEXT = "There is a man wearing a red hat. He's not eating."


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(show)
    return CliRunner().invoke(app, list(arguments), env={"SUA_DATA": None})


def test_a_text_is_shown_with_what_was_changed(data: Path) -> None:
    for source in ("rules", "tokens"):
        arguments = (TEXT, "--data", str(data), "--source", source, "-k", "3")
        first, again = run(*arguments), run(*arguments)
        assert first.exit_code == 0, first.output
        assert first.output == again.output
        assert first.output.count(" -> ") >= 3
        assert f"| {source} | automatic | 3 |" in first.output
        assert run(*arguments, "--seed", "1").output != first.output


def test_a_model_is_asked_once_for_each_text(tmp_path: Path) -> None:
    model, cache = save_t5(tmp_path / "t5"), tmp_path / "c.jsonl"
    options = ("--source", "model", "--model", str(model), "--cache", str(cache))
    arguments = ("two dogs sleep", *options)
    first = run(*arguments)
    assert first.exit_code == 0, first.output
    content = cache.read_bytes()
    assert run(*arguments).output.endswith(first.output[-200:])
    assert cache.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TEXT,), "--data: not given"),
        ((TEXT, "--data", "nowhere"), "nowhere/_resources/contractions.json: no such file"),
        ((TEXT, "--source", "model"), "--model: none named"),
        ((TEXT, "--source", "model", "--model", "nowhere/at/all"), "nowhere/at/all: no text-to"),
        ((TEXT, "--rate", "2"), "--rate"),
    ],
)
def test_a_wrong_call_is_refused_with_status_2(arguments: tuple[str, ...], message: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert message in found.output
