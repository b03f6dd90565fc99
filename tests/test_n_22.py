"""Result n_22: what two lists share."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_22
from proofs_checks.reported_lists import in_balls, likeliest, reported, row
from tests.lists import known
from tests.planted import survivors
from tests.strategies import exact
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


@pytest.mark.parametrize(("claim", "said"), [("n_22", "PROVED"), ("n_22.truncated", "REFUTED")])
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


def test_planted_faults_are_refused() -> None:
    assert survivors(n_22.APART) == []


def test_an_affinity_that_may_be_negative_is_refused() -> None:
    statement, certificate = n_22.APART
    atoms = {**statement.atoms, "affinity elsewhere": n_22._d}
    broken = n_22.APART._replace(statement=dataclasses.replace(statement, atoms=atoms))
    assert "the two sides differ as polynomials" in broken.faults()
    assert certificate.claim == "n_22"


@counts_cases_of("n_22")
def test_no_total_variation_is_above_what_the_lists_share() -> None:
    seen = Recorder()

    @given(st.data(), st.integers(2, 6))
    def holds(data: st.DataObject, n: int) -> None:
        p, q = data.draw(known(n)), data.draw(known(n))
        shared = sum(min(p.row[i], q.row[i]) for i in set(p.seen) & set(q.seen))
        tv = sua_ref.total_variation(exact(p.row), exact(q.row))
        assert tv <= 1 - shared
        seen.case(1 - shared, 1 - shared - tv)
        target(float(tv - 1 + shared))
        found = sua_ref.divergence_enclosure(p.top, q.top, kind="tv")
        assert abs(found.high - float(1 - shared)) < 1e-12

    holds()
    seen.check()


@given(st.data(), st.integers(2, 5))
def test_one_unseen_token_in_each_list_leaves_nothing_open(data: st.DataObject, n: int) -> None:
    """k = V - 1: the last probability is known, and with it every divergence."""
    counts = st.lists(st.integers(1, 12), min_size=n, max_size=n)
    p, q = row(*data.draw(counts)), row(*data.draw(counts))
    tops = [reported(x, likeliest(x, n - 1)) for x in (p, q)]
    for kind in sua_ref.DIVERGENCES:
        found = sua_ref.divergence_enclosure(*tops, kind=kind, vocab_size=n)
        exactly = sua_ref.divergence(in_balls(p), in_balls(q), kind=kind)
        assert found.sharp
        # A rounding of 2^-50 in log-probabilities below 5 in size; chi-squared has p/q up to 50.
        assert abs(exactly - found.low) < 1e-10
        assert abs(exactly - found.high) < 1e-10
