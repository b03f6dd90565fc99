"""Every bound on record as proved has a property that counts its nearly tight cases."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from proofs_checks.claims import CLAIMS
from proofs_checks.run import committed_rows
from tests.tightness import Recorder, counts_cases_of

NEVER_TIGHT = {
    "n_9.bernstein": "each half of delta pays for one of two theorems that are not tight together: "
    "a two-valued law is missed in at most about a fifth of the cases that delta allows, .18 at K "
    "= 40 and 2^(-7/3) = .198 as K grows, see test_bernsteins_promise_is_never_nearly_used_up",
}
"""Proved bounds that no case small enough to enumerate attains; how near the nearest comes."""


def counted() -> dict[str, str]:
    """By claim, the test that counts its cases."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if "\n@counts_cases_of(" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(f"tests.{path.stem}")
            for name, value in vars(module).items():
                for claim in getattr(value, "counts", ()) if name.startswith("test_") else ():
                    found[claim] = f"{path.name}::{name}"
    return found


def proved_bounds() -> set[str]:
    rows = committed_rows()
    return {c.id for c in CLAIMS if c.bound and rows[c.id][1].startswith("PROVED")}


def test_every_proved_bound_is_counted() -> None:
    assert sorted(proved_bounds() - counted().keys() - NEVER_TIGHT.keys()) == []


def test_what_is_counted_is_a_proved_bound() -> None:
    found, proved = counted(), proved_bounds()
    assert {claim: test for claim, test in found.items() if claim not in proved} == {}
    assert sorted(NEVER_TIGHT.keys() - proved) == sorted(NEVER_TIGHT.keys() & found.keys()) == []


def test_a_recorder_refuses_vacuous_and_slack_cases() -> None:
    seen = Recorder()
    with pytest.raises(AssertionError, match="every case was vacuous"):
        seen.check()
    for _ in range(101):
        seen.case(1, 0.011)
    seen.case(1, 0.01)
    with pytest.raises(AssertionError, match="1 of 102 cases nearly tight"):
        seen.check()
    seen.case(-2, 0.02)  # near by the size of the bound, whatever its sign
    seen.check()


def test_a_property_that_checks_no_recorder_does_not_count() -> None:
    @counts_cases_of("n_3")
    def idle() -> None:
        Recorder().case(1, 0)

    with pytest.raises(AssertionError, match="no recorder was checked"):
        idle()
