"""Table 3 as printed: verdicts by name, and planted misprints."""

from __future__ import annotations

import pytest

from proofs_checks import tab_3
from proofs_checks.claims import select
from proofs_checks.printed_tables import TABLE_2, TABLE_3
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict, join

VERDICTS = {
    "tab_3.full_is_table_2": Verdict.PROVED,
    "tab_3.neither_is_standard": Verdict.PROVED,
    "tab_3.full_beats_ablations": Verdict.PROVED,
    "tab_3.primarily@across": Verdict.PROVED,
    "tab_3.primarily@within.difference": Verdict.REFUTED,
    "tab_3.primarily@within.relative": Verdict.REFUTED,
    "tab_3.perturbation_count": Verdict.PROVED,
    "tab_3.mixture": Verdict.PROVED,
    "tab_3.auroc_possible": Verdict.PROVED,
    "tab_3.auroc_above_its_cut": Verdict.PROVED,
}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_verdict_by_name(name: str) -> None:
    judgement = check_claim(select(name)[0]).judgement
    assert (judgement.verdict, judgement.grade) == (VERDICTS[name], "checked"), judgement


def test_every_statement_is_listed_here() -> None:
    assert {c.id for c in tab_3.CLAIMS} == set(VERDICTS)


def test_the_readings_of_primarily_differ() -> None:
    found = [check_claim(c).judgement for c in select("tab_3.primarily")]
    assert join(found).verdict is Verdict.ILL_POSED


MISPRINTS = {
    "tab_3.full_is_table_2": ("row 8", "robust", "0.730"),
    "tab_3.neither_is_standard": ("row 4", "ece", "0.141"),
    "tab_3.full_beats_ablations": ("row 3", "accuracy", "0.749"),
    "tab_3.primarily@across": ("row 3", "auroc", "0.690"),
    "tab_3.primarily@within.difference": ("row 2", "ece", "0.094"),
    "tab_3.primarily@within.relative": ("row 3", "ece", "0.058"),
    "tab_3.perturbation_count": ("row 9", "auroc", "0.743"),
    "tab_3.mixture": ("Para-only", "accuracy", "0.748"),
    "tab_3.auroc_possible": ("Adv-only", "auroc", "0.400"),
    "tab_3.auroc_above_its_cut": ("row 2", "auroc", "0.679"),
}


@pytest.mark.parametrize("name", sorted(MISPRINTS))
def test_one_other_digit_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, column, digits = MISPRINTS[name]
    changed = TABLE_3[row]._replace(**{column: digits})
    monkeypatch.setattr(tab_3, "TABLE_3", {**TABLE_3, row: changed})
    if name == "tab_3.primarily@within.difference":  # its tie with selective accuracy goes too
        monkeypatch.setattr(tab_3, "TABLE_3", {**TABLE_3, row: changed._replace(robust="0.710")})
    judgement = check_claim(select(name)[0]).judgement
    assert judgement.verdict is Verdict.UNVERIFIED, name


def test_fewer_perturbations_that_lose_nothing_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_3, "TABLE_3", {**TABLE_3, "row 7": TABLE_3["row 8"]})
    judgement = check_claim(select("tab_3.perturbation_count")[0]).judgement
    assert "nowhere worse than the default" in judgement.reason


def test_equal_rows_by_eye() -> None:
    assert TABLE_3["SUA-TR (full)"] == TABLE_3["row 8"] == TABLE_2["QA"]["SUA-TR"]
    assert TABLE_3["row 4"] == TABLE_2["QA"]["Standard"]
