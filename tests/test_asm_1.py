"""Assumption 1 under total variation: PROVED, tight, and false when halved."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import asm_1
from proofs_checks.claims import CLAIMS
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.strategies import as_balls, rational_pairs

CLAIM = next(c for c in CLAIMS if c.id == asm_1.ID)


def test_the_verdict_is_proved_and_checked() -> None:
    checked = check_claim(CLAIM)
    assert checked.judgement.verdict is Verdict.PROVED
    assert checked.judgement.grade == "checked"
    assert all(piece.ok for piece in checked.evidence)


@given(rational_pairs(), st.data())
def test_the_bound_holds_for_every_exact_instance(
    pair: tuple[Array, Array], data: st.DataObject
) -> None:
    p, q = pair
    cells = st.fractions(-3, 3, max_denominator=7)
    loss = data.draw(st.lists(cells, min_size=len(p), max_size=len(p)))
    gap = sum((a - b) * x for a, b, x in zip(p, q, loss, strict=True))
    assert abs(gap) <= (max(loss) - min(loss)) * sua_ref.total_variation(p, q)


@given(rational_pairs(), st.data())
def test_the_encoding_means_what_the_reference_computes(
    pair: tuple[Array, Array], data: st.DataObject
) -> None:
    p, q = pair
    cells = st.fractions(-3, 3, max_denominator=7)
    loss = data.draw(st.lists(cells, min_size=len(p), max_size=len(p)))
    top, bottom = max(loss), min(loss)
    gap = sum((a - b) * x for a, b, x in zip(p, q, loss, strict=True))
    for sign in (1, -1):
        statement = asm_1.statement(sign)
        total = Fraction(0)
        for a, b, x in zip(p, q, loss, strict=True):
            values = {
                "u": max(a - b, Fraction(0)),
                "v": max(b - a, Fraction(0)),
                "l": x,
                "M": top,
                "m": bottom,
            }
            assert all(atom.at(values) >= 0 for atom in statement.atoms.values())
            total += statement.goal.at(values)
        assert total == (top - bottom) * sua_ref.total_variation(p, q) - sign * gap


@given(rational_pairs())
def test_total_variation_runs_on_fractions_and_balls_alike(pair: tuple[Array, Array]) -> None:
    p, q = pair
    exact = sua_ref.total_variation(p, q)
    assert sua_ref.total_variation(as_balls(p), as_balls(q)).overlaps(as_balls(p * 0 + exact)[0])


def test_the_grid_of_distributions_is_the_whole_grid() -> None:
    grid = asm_1.distributions(3, 4)
    assert len(grid) == len(set(grid)) == 15
    assert all(sum(d) == 1 and min(d) >= 0 for d in grid)
