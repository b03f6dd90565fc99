"""Result n_20: the entropy of a list, its truncation, and the certificates."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, n_20
from proofs_checks.lemma import Lemma
from tests.lists import Known, known, listed
from tests.planted import survivors
from tests.strategies import as_balls, exact
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("n_20", "PROVED (written)"),
        ("n_20.renormalised", "PROVED"),
        ("n_20.truncated", "REFUTED"),
    ],
)
def test_the_verdicts(claim: str, said: str) -> None:
    assert verdict(claim) == said


@pytest.mark.parametrize("lemma", [n_20.GIBBS, n_20.RENORMALISED])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@counts_cases_of("n_20.renormalised")
def test_renormalising_loses_what_is_said() -> None:
    seen = Recorder()

    # Nothing more than the bound is lost where the outputs are uniform.
    uniform = st.tuples(st.integers(2, 6), st.integers(1, 5)).map(
        lambda nk: listed((Fraction(1, nk[0]),) * nk[0], list(range(min(nk[1], nk[0] - 1))))
    )

    @given(st.integers(2, 6).flatmap(known) | uniform)
    def holds(given_list: Known) -> None:
        row = given_list.row
        first = given_list.seen[: given_list.top.k]
        mass = sum((row[i] for i in first), Fraction(0))
        if mass == 1:
            return
        whole = sua_ref.entropy(as_balls(exact(row)))
        part = sua_ref.entropy(as_balls(exact([row[i] / mass for i in first])))
        lost, bound = whole - part, -balls.log(mass)
        assert not lost < bound
        seen.case(lost, lost - bound)
        target(-float(lost - bound))

    holds()
    seen.check()


def test_a_truncated_entropy_that_is_called_certain_is_refuted_by_its_own_list() -> None:
    assert n_20._truncated() == []
    assert sum(n_20._THREE_PERCENT[4:]) * 100 == 3 * sum(n_20._THREE_PERCENT)
