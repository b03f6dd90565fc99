"""Result n_3: the additive score is a bound."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given

import sua_ref
from proofs_checks import n_3
from proofs_checks.claims import CLAIMS
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.strategies import worlds

CLAIM = next(c for c in CLAIMS if c.id == n_3.ID)


def test_the_verdict_is_proved_and_checked() -> None:
    checked = check_claim(CLAIM)
    assert checked.judgement.verdict is Verdict.PROVED
    assert checked.judgement.grade == "checked"


@given(worlds())
def test_every_way_to_break_a_tie_is_covered(world: tuple[Array, Array, Array, Array]) -> None:
    p, perturbed, truth, _ = world
    for q in perturbed:
        bound = sua_ref.additive_score(p, q[None, :]) + sua_ref.total_variation(p, truth)
        for y in range(len(q)):
            if q[y] == max(q):
                assert 1 - truth[y] <= bound


@given(worlds())
def test_the_atoms_of_the_encoding_are_what_they_say(
    world: tuple[Array, Array, Array, Array],
) -> None:
    p, perturbed, truth, _ = world
    zero = Fraction(0)
    there = perturbed[0]
    y0, y1 = list(p).index(max(p)), list(there).index(max(there))
    left, zero_sum = zero, zero
    for i in range(len(p)):
        values = {
            "u": max(p[i] - there[i], zero), "v": max(there[i] - p[i], zero),
            "s": max(truth[i] - p[i], zero), "t": max(p[i] - truth[i], zero),
            "a": Fraction(i == y0), "b": Fraction(i == y1), "q": p[i],
        }  # fmt: skip
        assert all(atom.at(values) >= 0 for atom in n_3.STATEMENT.atoms.values())
        left += n_3.STATEMENT.nonnegative_sums["y1 maximises q_x'"].at(values)
        zero_sum += n_3.STATEMENT.zero_sums["p_x and q_x sum to 1"].at(values)
    assert left >= 0
    assert zero_sum == 0
