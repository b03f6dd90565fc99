"""Result n_3: the additive score is a bound."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_3
from proofs_checks.claims import CLAIMS
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.strategies import exact, rational_rows, worlds
from tests.tightness import Recorder, counts_cases_of

CLAIM = next(c for c in CLAIMS if c.id == n_3.ID)


def test_the_verdict_is_proved_and_checked() -> None:
    checked = check_claim(CLAIM)
    assert checked.judgement.verdict is Verdict.PROVED
    assert checked.judgement.grade == "checked"


@st.composite
def turned(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """The truth is 0; q_x answers it, perturbed outputs barely the other: the bound is 1 + 2s."""
    small = st.fractions(0, Fraction(1, 2000), max_denominator=10**5)
    half, lead = Fraction(1, 2), draw(st.fractions(Fraction(1, 10), Fraction(1, 2)))
    perturbed = [[half - s, half + s] for s in draw(st.lists(small, min_size=1, max_size=3))]
    weights = exact(draw(rational_rows(len(perturbed))))
    return (
        exact([half + lead, half - lead]),
        exact(perturbed),
        exact([Fraction(1), Fraction(0)]),
        weights,
    )


@counts_cases_of("n_3")
def test_every_way_to_break_a_tie_is_covered() -> None:
    """For each x', and by the function over all of them."""
    seen = Recorder()

    @given(worlds() | turned())
    def holds(world: tuple[Array, Array, Array, Array]) -> None:
        p, perturbed, truth, weights = world
        left, off = Fraction(0), sua_ref.total_variation(p, truth)
        for w, q in zip(weights, perturbed, strict=True):
            bound = sua_ref.additive_score(p, q[None, :]) + off
            worst = max(1 - truth[y] for y in range(len(q)) if q[y] == max(q))
            assert worst <= bound
            left += w * worst
        right = sua_ref.additive_score(p, perturbed, weights=weights) + off
        assert left <= right
        s = sua_ref.distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
        if s > 0:
            seen.case(2 * s, right - left)  # near by what the sensitivity adds

    holds()
    seen.check()


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
