"""Definition 3.6: finitely many labels have a finite entropy, countably many need not."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_6
from tests.planted import survivors
from tests.strategies import as_balls, exact, extreme_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("def_3_6.finite@finite") == "PROVED"
    assert verdict("def_3_6.finite@countable") == "REFUTED"


def test_damaged_certificates_are_refused() -> None:
    assert survivors(def_3_6.block()) == []
    assert def_3_6.block(goal_at_least=2).faults() != []


def test_planted_faults_are_refused() -> None:
    lemmas = (def_3_6.UNIFORM, def_3_6.NONNEGATIVE, def_3_6.block())
    assert [survivors(lemma) for lemma in lemmas] == [[], [], []]


def test_a_block_does_not_add_twice_as_much() -> None:
    assert def_3_6.block(2).faults() == ["the two sides differ as polynomials"]


def test_the_entropy_of_the_first_blocks_grows_by_log_2_each() -> None:
    """The rest of the mass is left out: it can only add."""
    cells = [[2.0 ** -(j + 2**j)] * 2 ** (2**j) for j in (1, 2, 3)]
    sums = [-sum(p * math.log(p) for p in block) for block in cells]
    for j, found in enumerate(sums, 1):
        assert math.isclose(found, math.log(2) * (1 + j / 2**j), rel_tol=1e-12)
    assert sum(sums) > 3 * math.log(2)


@counts_cases_of("def_3_6.finite@finite")
def test_the_entropy_is_at_most_that_of_the_uniform_law() -> None:
    seen = Recorder()

    @given(st.integers(1, 6).flatmap(extreme_rows))
    @example((Fraction(1, 3),) * 3)
    def holds(law: tuple[Fraction, ...]) -> None:
        h, most = sua_ref.predictive_entropy(as_balls(exact(law))), arb(len(law)).log()
        assert not h < 0
        assert not h > most
        if len(law) > 1:
            seen.case(most, most - h)

    holds()
    seen.check()
