"""Definition 3.1: what semantics-preserving does not preserve."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import example, given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_1
from tests.planted import survivors
from tests.strategies import exact, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("def_3_1.label") == "PROVED_AMENDED"


def test_an_instance_that_keeps_the_label_refutes_nothing() -> None:
    assert def_3_1.changes_the_label() == []
    half = (Fraction(1, 2), Fraction(1, 2))
    assert def_3_1.changes_the_label(perturbed=def_3_1.SURE) != []
    assert def_3_1.changes_the_label(perturbed=half) != []


Rows = tuple[tuple[Fraction, ...], ...]


def test_planted_faults_are_refused() -> None:
    assert survivors(def_3_1.PROCESSING) == []


def test_labels_that_stay_do_not_refute() -> None:
    said = def_3_1.changes_the_label(perturbed=def_3_1.SURE)
    assert said == ["label-invariant is True, not False", "TV of the labels is 0, not 1"]


@st.composite
def interpreted(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Two laws of Z, and the label law of each interpretation; at times a label of its own."""
    k = draw(st.integers(1, 4))
    pair = draw(rational_rows(k)), draw(rational_rows(k))
    if draw(st.booleans()):
        return pair, tuple(tuple(Fraction(int(i == j)) for j in range(k)) for i in range(k))
    n = draw(st.integers(1, 4))
    return pair, tuple(draw(rational_rows(n)) for _ in range(k))


@counts_cases_of("def_3_1.label")
def test_labels_move_no_more_than_interpretations() -> None:
    seen = Recorder()
    one, none = Fraction(1), Fraction(0)

    @given(interpreted())
    @example((((one, none), (none, one)), ((one, none), (none, one))))
    def holds(case: tuple[Rows, Rows]) -> None:
        (a, b), laws = case
        k = exact(laws)
        bound = sua_ref.total_variation(exact(a), exact(b))
        moved = sua_ref.total_variation(sua_ref.mixture(exact(a), k), sua_ref.mixture(exact(b), k))
        assert moved <= bound
        if bound > 0:
            seen.case(bound, bound - moved)
            target(-float((bound - moved) / bound))

    holds()
    seen.check()
