"""Table 2 as printed: verdicts by name, oracles in floats, and planted misprints."""

from __future__ import annotations

import dataclasses
import math
from decimal import ROUND_HALF_DOWN as DOWN
from decimal import ROUND_HALF_UP as UP
from decimal import Decimal

import pytest

from proofs_checks import tab_2
from proofs_checks.claims import select
from proofs_checks.printed_tables import TABLE_2, Row, interval, number, surely_less
from proofs_checks.run import check_claim
from proofs_checks.table_evidence import fails
from proofs_checks.verdict import Verdict

VERDICTS = {
    "tab_2.predictions_kept": Verdict.PROVED,
    "tab_2.sample_size": Verdict.PROVED,
    "tab_2.auroc_possible": Verdict.PROVED,
    "tab_2.auroc_above_its_cut": Verdict.REFUTED,
    "tab_2.auroc_best": Verdict.PROVED,
    "tab_2.robust_over_at": Verdict.PROVED,
    "tab_2.ece_over_temperature": Verdict.PROVED,
    "tab_2.best_in_every_column": Verdict.PROVED,
    "tab_2.largest_gain": Verdict.REFUTED,
}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_verdict_by_name(name: str) -> None:
    for claim in select(name):
        judgement = check_claim(claim).judgement
        assert (judgement.verdict, judgement.grade) == (VERDICTS[name], "checked"), judgement


def test_every_statement_is_listed_here() -> None:
    assert {c.id.split("@")[0] for c in tab_2.CLAIMS} == set(VERDICTS)


MISPRINTS = {
    "tab_2.predictions_kept": ("NLI", "Temp. Scale", "robust", "0.694"),
    "tab_2.sample_size": ("QA", "AT", "accuracy", "0.7305"),
    "tab_2.auroc_possible": ("Class.", "SUA-TR", "auroc", "0.950"),
    "tab_2.auroc_best": ("NLI", "Self-Consist.", "auroc", "0.762"),
    "tab_2.robust_over_at": ("Class.", "AT", "robust", "0.840"),
    "tab_2.ece_over_temperature": ("QA", "Temp. Scale", "ece", "0.057"),
    "tab_2.best_in_every_column": ("QA", "Self-Consist.", "selective", "0.853"),
    "tab_2.auroc_above_its_cut": ("QA", "AT", "auroc", "0.643"),
    "tab_2.largest_gain@standard.difference": ("QA", "SUA-TR", "selective", "0.952"),
    "tab_2.largest_gain@best.to_perfect": ("NLI", "SUA-TR", "selective", "0.990"),
}


@pytest.mark.parametrize("name", sorted(MISPRINTS))
def test_one_other_digit_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task, method, column, digits = MISPRINTS[name]
    changed = TABLE_2[task][method]._replace(**{column: digits})
    table = {**TABLE_2, task: {**TABLE_2[task], method: changed}}
    monkeypatch.setattr(tab_2, "TABLE_2", table)
    judgement = check_claim(select(name)[0]).judgement
    assert judgement.verdict is Verdict.UNVERIFIED, name
    assert judgement.reason


def test_the_chord_by_floats() -> None:
    """The AUROC of the two-level score is 1/2 + c(s - a)/(2a(1 - a)); only one line is below."""
    below = []
    for task, rows in TABLE_2.items():
        for method, r in rows.items():
            a, s = float(r.accuracy), float(r.selective)
            if float(r.auroc) < 0.5 + 0.8 * (s - a) / (2 * a * (1 - a)):
                below.append((task, method))
    assert below == [("QA", "AT")]


@pytest.mark.parametrize("task", sorted(TABLE_2))
def test_sample_sizes_by_rounding_counts(task: str) -> None:
    """An oracle that rounds every count, halves both ways: the same least n."""

    def printed(n: int) -> set[str]:
        digits = Decimal("0.001")
        ratios = [Decimal(k) / n for k in range(n + 1)]
        return {str(r.quantize(digits, how)) for r in ratios for how in (UP, DOWN)}

    least = tab_2.SMALLEST[task]
    for n in range(5, least + 1, 5):
        whole, kept = printed(n), printed(4 * n // 5)
        fits = all(r.accuracy in whole and r.selective in kept for r in TABLE_2[task].values())
        assert fits == (n == least), n


def test_all_large_samples_fit() -> None:
    assert all(n in tab_2.sample_sizes("QA", 1400) for n in range(1250, 1401, 5))


@pytest.mark.parametrize("baseline", sorted(tab_2.BASELINES))
@pytest.mark.parametrize("measure", sorted(tab_2.MEASURES))
def test_gains_by_floats(baseline: str, measure: str) -> None:
    for task, rows in TABLE_2.items():
        gains = {}
        for column in Row._fields:
            sign = -1 if column == "ece" else 1
            values = {m: float(getattr(r, column)) for m, r in rows.items() if getattr(r, column)}
            ours = values.pop("SUA-TR")
            base = values["Standard"] if baseline == "standard" else sign * max(
                sign * v for v in values.values()
            )  # fmt: skip
            room = {"difference": 1.0, "relative": base,
                    "to_perfect": base if column == "ece" else 1 - base}[measure]  # fmt: skip
            gains[column] = sign * (ours - base) / room
            exact = tab_2.gain(task, column, baseline, measure)
            assert math.isclose(float(exact), gains[column], rel_tol=1e-9)
        assert max(gains, key=lambda c: gains[c]) in ("auroc", "ece")


def test_rounding_intervals() -> None:
    assert interval("0.840") == (number("0.8395"), number("0.8405"))
    assert surely_less("0.840", "0.842")
    assert not surely_less("0.840", "0.841")
    assert not surely_less("0.84", "0.844")


def test_a_refutation_without_a_line_to_show_is_none() -> None:
    claim = select("tab_2.auroc_best")[0]
    piece = fails("nothing", list)
    assert check_claim(claim, pieces=[piece]).judgement.reason == (
        "nothing: no line contradicts the statement"
    )
    assert dataclasses.asdict(claim)["source"] == "printed"
