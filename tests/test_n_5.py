"""Result n_5: no flip without half the margins; flips, sensitivity and confidence."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_5, solver
from proofs_checks.lemma import Lemma
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import exact, rational_pairs, worlds
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

HALF = Fraction(1, 2)


@pytest.mark.parametrize("claim", ["n_5", "n_5.frequency", "n_5.confidence"])
def test_the_verdicts_are_proved_and_checked(claim: str) -> None:
    assert verdict(claim) == "PROVED"


@pytest.mark.parametrize("lemma", [n_5.FLIP, n_5.FREQUENCY, n_5.CONFIDENCE])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@st.composite
def flips(draw: st.DrawFn) -> tuple[Array, Array]:
    """Two rows whose answers differ; at times a row on two labels and its mirror image."""
    s = draw(st.fractions(Fraction(1, 30), HALF, max_denominator=30))
    if draw(st.booleans()):
        p = exact([HALF + s, HALF - s])
        return p, p[::-1]
    p, q = draw(rational_pairs().filter(lambda pair: len(pair[0]) > 1))
    y = list(p).index(max(p))
    if list(q).index(max(q)) == y:
        q = q.copy()
        other = (y + 1) % len(q)
        q[[y, other]] = q[[other, y]]
    return p, q


def _margin(p: Array) -> Fraction:
    return n_5.margin(p)


@counts_cases_of("n_5")
def test_a_flip_costs_half_the_margins() -> None:
    seen = Recorder()

    @given(flips())
    def holds(pair: tuple[Array, Array]) -> None:
        p, q = pair
        tv = sua_ref.total_variation(p, q)
        slack = tv - (_margin(p) + _margin(q)) / 2
        assert slack >= 0
        if tv > slack:
            seen.case(tv, slack)
            target(-float(slack / tv))

    holds()
    seen.check()


@counts_cases_of("n_5.frequency")
def test_flips_are_at_most_twice_the_sensitivity_over_the_margin() -> None:
    seen = Recorder()

    @given(worlds(), st.fractions(0, Fraction(1, 50), max_denominator=1000))
    def holds(world: tuple[Array, Array, Array, Array], beyond: Fraction) -> None:
        p, perturbed, _, weights = world
        m = _margin(p)
        if beyond < Fraction(1, 100) and m > 0:
            # The cheapest flip: half the margin from the first label to the second, and beyond.
            order = sorted(range(len(p)), key=lambda i: p[i])
            there = p.copy()
            there[order[-1]] -= m / 2 + beyond * p[order[-1]] / 4
            there[order[-2]] += m / 2 + beyond * p[order[-1]] / 4
            perturbed = exact([list(there)] * len(perturbed))
        if m == 0:
            return
        y = list(p).index(max(p))
        flipped = [w for q, w in zip(perturbed, weights, strict=True) if max(q) > q[y]]
        s = sua_ref.distributional_sensitivity(p, perturbed, divergence="tv", weights=weights)
        bound = 2 * s / m
        assert sum(flipped) <= bound
        if bound > 0:
            seen.case(bound, bound - sum(flipped))

    holds()
    seen.check()


@counts_cases_of("n_5.confidence")
def test_the_confidence_moves_by_at_most_the_total_variation() -> None:
    seen = Recorder()

    @given(rational_pairs())
    def holds(pair: tuple[Array, Array]) -> None:
        p, q = pair
        tv = sua_ref.total_variation(p, q)
        slack = tv - abs(sua_ref.max_confidence(p) - sua_ref.max_confidence(q))
        assert slack >= 0
        if tv > 0:
            seen.case(tv, slack)
            target(-float(slack / tv))

    holds()
    seen.check()


def test_the_solver_refuses_a_stronger_claim() -> None:
    """That a flip costs the whole of both margins has models, and is not shown."""
    (q, first), (there, second) = solver.simplex("q", 2), solver.simplex("r", 2)
    flips = [q[0] >= q[1], there[1] >= there[0]]
    tv = solver.total_variation(q, there)
    whole = (q[0] - q[1]) + (there[1] - there[0])
    said = solver.faults([*first, *second, *flips], tv < whole, tv == whole)
    assert len(said) == 1
    assert "sat where unsat was wanted" in said[0]
