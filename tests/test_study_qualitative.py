"""The examples of section 6.8: what is asked, and what is made of the answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from paper_repro.examples import Texts
from paper_repro.study.qualitative import EXAMPLES, rerun


def _laws(rows: Sequence[Sequence[float]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).log()


def test_a_model_that_one_typo_turns_is_told_from_its_confidence() -> None:
    asked: list[Texts] = []

    def logits(inputs: Sequence[Texts]) -> Tensor:
        asked.extend(inputs)
        sure = [0.97, 0.01, 0.01, 0.01]
        turned = [0.01, 0.97, 0.01, 0.01]
        return _laws([turned if "Frnace" in t[0] else sure for t in inputs])

    (row,) = rerun(logits, "qa", lam=0.5, divergence="tv")
    assert row["answer"] == row["label"] == EXAMPLES[0].texts[1]
    assert row["confidence"] == pytest.approx(0.97, rel=1e-6)
    assert row["perturbed"] == "What is the capital of Frnace?"
    assert row["sensitivity"] == pytest.approx(0.96 / 5, rel=1e-6)
    h = -0.97 * math.log(0.97) - 0.03 * math.log(0.01)
    assert row["entropy"] == pytest.approx(h, rel=1e-6)
    assert row["sua"] == pytest.approx(0.96 / 5 - h / 2, rel=1e-5)
    assert [v["divergence"] > 0.5 for v in row["views"]] == [False, True, False, False, False]
    assert row["views"][1]["answer"] == EXAMPLES[0].texts[2]
    assert sum(row["law"].values()) == pytest.approx(1)
    assert asked[0] == EXAMPLES[0].texts
    assert [t[0] for t in asked[1:]] == list(EXAMPLES[0].views)
    assert {t[1:] for t in asked} == {EXAMPLES[0].texts[1:]}


def test_the_premise_has_no_right_answer_and_only_it_is_changed() -> None:
    (row,) = rerun(lambda inputs: _laws([[0.2, 0.7, 0.1]] * len(inputs)), "nli")
    assert (row["label"], row["answer"], row["sensitivity"]) == ("none", "neutral", 0)
    (nli,) = (e for e in EXAMPLES if e.task == "nli")
    assert all(nli.view(v)[1] == "The proposal will be approved." for v in nli.views)


def test_every_view_differs_from_its_input_and_a_task_without_examples_has_no_row() -> None:
    for e in EXAMPLES:
        assert len({e.texts[e.part], *e.views}) == 1 + len(e.views)
    assert rerun(lambda inputs: torch.zeros(len(inputs), 4), "topic") == []


def test_logits_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(6, 2\); \(6, 3\) wanted"):
        rerun(lambda inputs: torch.zeros(len(inputs), 2), "nli")
