"""Figure 2 in words: verdicts by name, and planted misprints."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import fig_2
from proofs_checks.claims import select
from proofs_checks.printed_tables import TABLE_2
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict

VERDICTS = {
    "fig_2.ordering@entropy_is_standard": Verdict.REFUTED,
    "fig_2.ordering@entropy_is_not_in_table_2": Verdict.PROVED,
    "fig_2.ambiguous_gap": Verdict.PROVED,
    "fig_2.adversarial_gap": Verdict.PROVED,
}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_verdict_by_name(name: str) -> None:
    judgement = check_claim(select(name)[0]).judgement
    assert (judgement.verdict, judgement.grade) == (VERDICTS[name], "checked"), judgement


def test_every_statement_is_listed_here() -> None:
    assert {c.id for c in fig_2.CLAIMS} == set(VERDICTS)


def test_the_order_is_printed_the_other_way_round_in_every_task() -> None:
    drawn = check_claim(select("fig_2.ordering@entropy_is_standard")[0]).evidence[0].instance
    assert [task for task, _ in drawn] == list(TABLE_2)
    assert drawn[0] == ("QA", "Standard 0.621, Temp. Scale 0.629")


MISPRINTS = {
    "fig_2.ordering@entropy_is_not_in_table_2": ("NLI", "Self-Consist.", "0.649"),
    "fig_2.ambiguous_gap": ("Class.", "Standard", "0.634"),
    "fig_2.adversarial_gap": ("QA", "Self-Consist.", "0.622"),
}


@pytest.mark.parametrize("name", sorted(MISPRINTS))
def test_one_other_digit_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task, method, digits = MISPRINTS[name]
    changed = TABLE_2[task][method]._replace(auroc=digits)
    table = {**TABLE_2, task: {**TABLE_2[task], method: changed}}
    monkeypatch.setattr(fig_2, "TABLE_2", table)
    assert check_claim(select(name)[0]).judgement.verdict is Verdict.UNVERIFIED


def test_the_order_stated_would_not_be_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {
        task: {**rows, "Temp. Scale": rows["Standard"]._replace(auroc="0.600")}
        for task, rows in TABLE_2.items()
    }
    monkeypatch.setattr(fig_2, "TABLE_2", table)
    judgement = check_claim(select("fig_2.ordering@entropy_is_standard")[0]).judgement
    assert judgement.verdict is Verdict.UNVERIFIED


def test_the_least_gap_by_hand() -> None:
    """0.805 - 0.645, and 0.7405 - 0.6585."""
    assert fig_2.least_gap("0.81", "0.64") == Fraction(16, 100)
    assert fig_2.least_gap("0.741", "0.658") == Fraction(82, 1000)
