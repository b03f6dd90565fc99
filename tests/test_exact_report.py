"""The report on a world: what a stranger reads, and the failure of a proved statement."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from paper_repro import cli, exact_report, reproduce, world_topic
from paper_repro.exact_claims import MUST_HOLD, NO, YES, Examined, examine
from paper_repro.exact_report import bugs, difficulty, section, summary
from paper_repro.examples import Split
from paper_repro.reproduce import TaskRun
from paper_repro.tasks import Task
from paper_repro.worlds import Kernel, World, distinct

WORLD = World(tuple(distinct(world_topic.invent, 2, "report")))
EMPTY = Split("world_topic", "test", ())
TASK = Task("world_topic", world_topic.LABELS, EMPTY, EMPTY, (EMPTY,), Kernel(), WORLD)
LOGITS = np.random.default_rng(0).normal(size=(len(WORLD.inputs), 4))


@pytest.fixture(scope="module")
def examined() -> Examined:
    return examine(WORLD, LOGITS)


def run_of(examined: Examined) -> TaskRun:
    return TaskRun(TASK, [], [], 0.5, {"standard": 0.6}, {}, {"standard": examined})


def with_a_failure(examined: Examined, claim: str) -> Examined:
    """One input at which ``claim`` is said to fail."""
    decisions = []
    for d in examined.decisions:
        if d.claim == claim:
            true = d.true.copy()
            true[0] = NO
            d = dataclasses.replace(d, true=true)
        decisions.append(d)
    return dataclasses.replace(examined, decisions=tuple(decisions))


def test_a_sound_run_has_no_bugs(examined: Examined) -> None:
    assert bugs(run_of(examined)) == []


@pytest.mark.parametrize("claim", MUST_HOLD)
def test_a_failure_of_a_proved_statement_is_a_bug(examined: Examined, claim: str) -> None:
    (said,) = bugs(run_of(with_a_failure(examined, claim)))
    assert said == f"BUG: {claim} is proved, and fails 1 times in world_topic, Standard"


def test_a_failure_of_the_papers_claim_is_a_finding(examined: Examined) -> None:
    claim = "thm_4_3.eq_10@gibbs.absolute"
    assert bugs(run_of(with_a_failure(examined, claim))) == []


@pytest.mark.parametrize("claim", ["n_3", "n_16"])
def test_a_bug_is_exit_status_1(
    claim: str, examined: Examined, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    wrong = run_of(with_a_failure(examined, claim))
    monkeypatch.setattr(reproduce, "load_tasks", lambda *_: [TASK])
    monkeypatch.setattr(reproduce, "run_task", lambda *_: wrong)
    monkeypatch.setattr("paper_repro.report.write_report", lambda *_: None)
    done = CliRunner().invoke(
        cli.app, ["reproduce", "--tasks", "world_topic", "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert f"sua: BUG: {claim} is proved" in done.output


def test_the_counts_of_the_report_are_those_of_the_decisions(examined: Examined) -> None:
    text = "\n".join(section(run_of(examined)))
    for d in examined.decisions:
        if (d.claim.startswith("thm_4_3.eq_10") and d.phi == "0") or d.claim in ("n_3", "n_4"):
            assert f"| {d.holds} / {d.fails} / {d.missed} / {d.undecided} |" in text
    literal = next(
        d
        for d in examined.decisions
        if d.name == "thm_4_3.eq_11@gibbs.signed.at_least_phi;phi=0;lambda=1"
    )
    met = int(np.sum(literal.met == YES))
    share = exact_report._percent(literal.fails, met)
    assert f"(11) fails on {share} of the inputs that meet its hypotheses" in text
    assert "its repairs n_3 and n_4 on none" in text


def test_readings_that_no_input_meets_are_said_once_and_have_no_table(examined: Examined) -> None:
    text = "\n".join(section(run_of(examined)))
    assert "every input misses the condition, since H > 0" in text
    assert text.count("every input misses Assumption 2") == 3
    assert text.count("#### Inequality (11)") == 1


def test_the_terminal_says_how_hard_the_world_is(examined: Examined) -> None:
    line = difficulty(run_of(examined))
    assert line.startswith("32 inputs")
    assert "Bayes risk" in line
    header, lines = summary(run_of(examined))
    assert header[1:] == ["Standard"]
    proved = {line[0]: line[1] for line in lines if ", proved" in line[0]}
    assert proved == {f"{c}, proved": "0 %" for c in ("(13)", "n_1", "n_3", "n_4", "n_16")}


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 3, "33.3 %"),
        (1, 10**6, "0.1 %"),
        (999_999, 10**6, "99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, said: str) -> None:
    assert exact_report._percent(part, whole) == said
