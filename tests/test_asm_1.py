"""Assumption 1: PROVED under total variation for bounded losses; REFUTED beyond."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import asm_1, asm_1_refuted, balls
from proofs_checks.checker import Polynomial
from proofs_checks.claims import CLAIMS
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import as_balls, rational_pairs
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

CLAIM = next(c for c in CLAIMS if c.id == asm_1.ID)


def test_the_verdict_is_proved_and_checked() -> None:
    checked = check_claim(CLAIM)
    assert checked.judgement.verdict is Verdict.PROVED
    assert checked.judgement.grade == "checked"
    assert all(piece.ok for piece in checked.evidence)


@counts_cases_of("asm_1@tv")
def test_the_bound_holds_for_every_exact_instance() -> None:
    """The loss is at times nearly the one that tells p from q."""
    seen = Recorder()

    @given(rational_pairs(), st.booleans(), st.data())
    def holds(pair: tuple[Array, Array], tells: bool, data: st.DataObject) -> None:
        p, q = pair
        cells = st.fractions(-3, 3, max_denominator=7)
        loss = data.draw(st.lists(cells, min_size=len(p), max_size=len(p)))
        if tells:
            loss = [(a > b) + x / 2000 for a, b, x in zip(p, q, loss, strict=True)]
        gap = sum((a - b) * x for a, b, x in zip(p, q, loss, strict=True))
        bound = (max(loss) - min(loss)) * sua_ref.total_variation(p, q)
        assert abs(gap) <= bound
        if bound > 0:
            seen.case(bound, bound - abs(gap))
            target(-float((bound - abs(gap)) / bound))

    holds()
    seen.check()


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


SMOOTH = sorted(asm_1_refuted.WORDS)


@pytest.mark.parametrize(
    "claim",
    [*(f"asm_1@{kind}" for kind in SMOOTH), "asm_1.any_f", "asm_1.argmax", "asm_1.log_loss"],
)
def test_the_other_divergences_and_losses_are_refuted(claim: str) -> None:
    assert verdict(claim) == "REFUTED"


def test_the_readings_disagree_and_the_constant_of_the_zero_one_loss_is_proved() -> None:
    assert verdict("asm_1") == "ILL_POSED"
    assert verdict("asm_1.zero_one") == "PROVED"


@counts_cases_of("asm_1.zero_one")
def test_the_zero_one_loss_moves_by_at_most_the_total_variation() -> None:
    seen = Recorder()

    @given(rational_pairs(), st.data())
    def holds(pair: tuple[Array, Array], data: st.DataObject) -> None:
        p, q = pair
        action = data.draw(st.integers(0, len(p) - 1))
        tv = sua_ref.total_variation(p, q)
        slack = tv - abs(p[action] - q[action])
        assert slack >= 0
        if tv > 0:
            seen.case(tv, slack)
            target(-float(slack / tv))

    holds()
    seen.check()


@given(
    st.sampled_from(SMOOTH),
    st.fractions(Fraction(1, 10**9), Fraction(1, 8), max_denominator=10**9),
)
def test_the_cap_holds_along_the_whole_family(kind: str, t: Fraction) -> None:
    """The rational bound of the proof, and the reference's divergence below it."""
    half = Fraction(1, 2)
    p, q = balls.balls([half + t, half - t]), balls.balls([half, half])
    a, b, k = asm_1_refuted.CELLS[kind]
    cells = a * t * t / (b + k * t) + a * t * t / (b - k * t)
    assert cells <= 5 * t * t
    assert not sua_ref.divergence(p, q, kind=kind) > balls.ball(cells)


LEMMAS = {
    **{f"cap of {kind}": asm_1_refuted.cap(kind) for kind in SMOOTH},
    **{f"gap of {kind}": asm_1_refuted.gap(kind) for kind in SMOOTH},
    "argmax": asm_1_refuted.ARGMAX,
    "log-loss": asm_1_refuted.LOG_LOSS,
    "zero-one": asm_1.ZERO_ONE,
}


@pytest.mark.parametrize("name", LEMMAS)
def test_planted_faults_are_refused(name: str) -> None:
    assert survivors(LEMMAS[name]) == []


def test_a_cap_below_the_divergence_is_refused() -> None:
    """2 t^2 is not above chi-squared's 4 t^2."""
    cap = asm_1_refuted.cap("chi2")
    square = Polynomial.variable("t") * Polynomial.variable("t")
    statement = dataclasses.replace(
        cap.statement, goal=cap.statement.goal - Fraction(3, 4) * square
    )
    assert cap._replace(statement=statement).faults() == ["the two sides differ as polynomials"]
