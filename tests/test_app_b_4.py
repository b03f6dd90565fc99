"""Appendix B.4: verdicts by name, the headline area in floats, and planted misprints."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from proofs_checks import app_b_4
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.table_evidence import below_its_chord, no_such_roc
from proofs_checks.verdict import Verdict

VERDICTS = {
    "app_b_4.sua_is_table_2s": Verdict.PROVED,
    "app_b_4.entropy_is_table_2s@standard": Verdict.REFUTED,
    "app_b_4.entropy_is_table_2s@some_line": Verdict.REFUTED,
    "app_b_4.monotone": Verdict.PROVED,
    "app_b_4.gap_widens": Verdict.PROVED,
    "app_b_4.auroc_possible": Verdict.PROVED,
    "app_b_4.auroc_above_its_cuts": Verdict.REFUTED,
}
C9, C8, C7 = Fraction(9, 10), Fraction(8, 10), Fraction(7, 10)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_verdict_by_name(name: str) -> None:
    judgement = check_claim(select(name)[0]).judgement
    assert (judgement.verdict, judgement.grade) == (VERDICTS[name], "checked"), judgement


def test_every_statement_is_listed_here() -> None:
    assert {c.id for c in app_b_4.CLAIMS} == set(VERDICTS)


def test_the_area_of_the_cuts_by_the_trapezoid_rule() -> None:
    """ROC points from the coverage curve, areas by trapezoids: 0.787, far above 0.741."""
    coverage = np.array([0.0, 0.7, 0.8, 0.9, 1.0])
    accuracy = np.array([0.0, 0.891, 0.852, 0.812, 0.748])
    right, wrong = coverage * accuracy, coverage * (1 - accuracy)
    area = np.trapezoid(1 - wrong / wrong[-1], right / right[-1])
    assert abs(area - 0.7871) < 5e-5
    drawn = dict(check_claim(select("app_b_4.auroc_above_its_cuts")[0]).evidence[0].instance)
    assert drawn["AUROC of the cuts alone"] == "0.7871"
    assert drawn["AUROC as printed"] == "0.741"
    inner = np.sum(np.diff(right) * np.diff(wrong))
    between = area * right[-1] * wrong[-1] - inner / 2
    assert abs((0.741 * right[-1] * wrong[-1] - between) / inner - 0.34) < 0.005


MISPRINTS = {
    "app_b_4.sua_is_table_2s": ("SUA", C8, "0.853"),
    "app_b_4.monotone": ("ENTROPY", C7, "0.820"),
    "app_b_4.gap_widens": ("ENTROPY", C7, "0.861"),
    "app_b_4.entropy_is_table_2s@some_line": ("ENTROPY", C8, "0.815"),
    "app_b_4.entropy_is_table_2s@standard": ("ENTROPY", C8, "0.789"),
}


@pytest.mark.parametrize("name", sorted(MISPRINTS))
def test_one_other_digit_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    curve, coverage, digits = MISPRINTS[name]
    monkeypatch.setattr(app_b_4, curve, {**getattr(app_b_4, curve), coverage: digits})
    assert check_claim(select(name)[0]).judgement.verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("area", "possible", "above"), [("0.600", False, False), ("0.741", True, False),
                                    ("0.790", True, True), ("0.950", False, True)],
)  # fmt: skip
def test_other_areas_have_other_verdicts(area: str, possible: bool, above: bool) -> None:
    line = (*app_b_4._LINE[:3], area)
    assert (no_such_roc(*line) == []) == possible
    assert (below_its_chord(*line) == []) == above
