"""Appendix C's signatures, counted: thresholds of dev alone, against a loop."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.study.outputs import Outputs
from paper_repro.study.seen import Seen
from paper_repro.study.taxonomy import AMBIGUOUS, signatures, thresholds
from tests.study_outputs import drawn


def _fixed(p: list[list[float]], q: list[list[float]], labels: list[int]) -> Outputs:
    """Inputs with these outputs, the same at all of their five views."""
    x = np.log(np.asarray(p)).astype(np.float32)
    y = np.log(np.asarray(q)).astype(np.float32)[:, None].repeat(5, 1)
    ids = tuple(map(str, range(len(p))))
    return Outputs("set", "ambiguous", ids, np.asarray(labels, dtype=np.int64), x, y)


@given(st.integers(0, 10**6), st.booleans())
def test_counts_are_those_of_the_table(seed: int, options: bool) -> None:
    dev, test = drawn(seed, 30, options=options), drawn(seed + 1, 25, options=options, rows=6)
    s, h = [
        sorted(Seen.of(dev).s("jsd").tolist())[23],
        sorted(Seen.of(dev).h.tolist())[23],
    ]  # the 24th of 30: six lie above
    seen = Seen.of(test)
    names = {(True, False): "sensitivity", (False, False): "invariance",
             (False, True): "epistemic", (True, True): "expressed"}  # fmt: skip
    wanted = {name: [0, 0] for name in names.values()}
    for one, two, wrong in zip(
        seen.s("jsd").tolist(), seen.h.tolist(), seen.wrong(test.labels), strict=True
    ):
        cell = wanted[names[one > s, two > h]]
        cell[0] += 1
        cell[1] += int(wrong)
    rows = signatures(dev, test)
    assert {r["signature"]: [r["count"], r["errors"]] for r in rows} == wanted
    assert sum(r["share"] for r in rows) == pytest.approx(1)
    assert all(r["n"] == 25 for r in rows)
    for r in rows:
        assert r["error_rate"] == (r["errors"] / r["count"] if r["count"] else None)


@given(st.integers(0, 10**6), st.integers(5, 60))
def test_one_input_of_dev_in_five_is_high(seed: int, n: int) -> None:
    dev = drawn(seed, n)
    limits, seen = thresholds(dev, "tv"), Seen.of(dev)
    for name, values in (("sensitivity", seen.s("tv")), ("entropy", seen.h)):
        assert int((values > limits[name]).sum()) == math.floor(n / 5 + 1e-9)


def test_a_case_worked_by_hand() -> None:
    """Each signature once, in order, and the two that fail are counted where they stand."""
    sure, unsure, other = [0.98, 0.01, 0.01], [0.4, 0.35, 0.25], [0.01, 0.98, 0.01]
    p, q = [sure, sure, unsure, sure, unsure], [other, sure, unsure, sure, other]
    test = dataclasses.replace(
        _fixed(p, q, [0, 1, 1, 0, 0]),
        laws=np.asarray([[1.0, 0, 0], [1, 0, 0], [0.4, 0.3, 0.3], [0.5, 0.5, 0], [1, 0, 0]]),
    )
    dev = _fixed([sure] * 4 + [[0.9, 0.05, 0.05]], [sure] * 4 + [[0.8, 0.1, 0.1]], [0] * 5)
    rows = {r["signature"]: r for r in signatures(dev, test)}
    assert list(rows) == ["sensitivity", "invariance", "epistemic", "ambiguity_collapse",
                          "expressed"]  # fmt: skip
    assert all(r["count"] == 1 for r in rows.values())
    assert {n for n, r in rows.items() if r["errors"]} == {"invariance", "epistemic"}
    assert rows["invariance"]["errors_share"] == 0.5
    law = torch.tensor([2 / 3, 1 / 3], dtype=torch.float64)
    assert pytest.approx(float(-(law * law.log()).sum()), rel=1e-15) == AMBIGUOUS


def test_inputs_without_annotators_are_left_out_where_others_have_them() -> None:
    dev, test = drawn(1, 30), drawn(2, 20, rows=6)
    laws = np.full((20, 3), 1 / 3)
    laws[:4] = np.nan
    labels = test.logits.argmax(-1).astype(np.int64)
    labels[:4] = (labels[:4] + 1) % 3  # they alone are answered wrong
    rows = signatures(dev, dataclasses.replace(test, laws=laws, labels=labels))
    assert {(r["n"], r["errors"]) for r in rows} == {(16, 0)}
    assert sum(r["count"] for r in rows) == 16
    assert next(r for r in rows if r["signature"] == "invariance")["count"] == 0  # all ambiguous


def test_a_model_without_errors_has_no_share_of_them() -> None:
    dev = drawn(1, 30)
    right = dataclasses.replace(dev, labels=dev.logits.argmax(-1).astype(np.int64))
    rows = signatures(dev, right)
    assert all(r["errors"] == 0 and r["errors_share"] is None for r in rows)
