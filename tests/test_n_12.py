"""Result n_12: a concave link from entropy to risk vanishes; an unbounded loss may have one."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import ctx
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import balls, n_12
from proofs_checks.checker import Polynomial
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import as_balls, rational_pairs
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict

ONE = Polynomial.constant(1)
LEMMAS = {
    "rigidity": n_12.rigidity("n_12", ONE),
    "binary entropy": n_12.BINARY_ENTROPY,
    "Gibbs": n_12.GIBBS,
}


@pytest.mark.parametrize("claim", ["n_12", "n_12.infimum", "n_12.log_loss"])
def test_the_verdicts_are_proved_and_checked(claim: str) -> None:
    assert verdict(claim) == "PROVED"


@pytest.mark.parametrize("name", LEMMAS)
def test_planted_faults_are_refused(name: str) -> None:
    assert survivors(LEMMAS[name]) == []


@given(
    st.fractions(Fraction(1, 40), 3, max_denominator=100),
    st.fractions(Fraction(1, 100), 1, max_denominator=100),
)
def test_every_concave_candidate_is_beaten_where_the_proof_says(
    slope: Fraction, bend: Fraction
) -> None:
    """phi(h) = slope min(h, bend) fails at (1 - d, d), d = 2^-k, once k log 2 > 1/slope."""
    k = math.ceil(1 / (slope * Fraction(69, 100))) + math.ceil(2 / bend) + 8
    d = Fraction(1, 2**k)
    with ctx.workprec(2 * k + 64):
        h = sua_ref.entropy(balls.balls([1 - d, d]))
        assert h < balls.ball(bend)
        assert balls.ball(slope) * h > balls.ball(d)


@counts_cases_of("n_12.log_loss")
def test_the_log_loss_is_at_least_the_entropy() -> None:
    seen = Recorder()

    @given(rational_pairs(), st.sampled_from([0, Fraction(1, 1000), 1]))
    def holds(pair: tuple[Array, Array], mix: Fraction) -> None:
        p, a = pair
        a = (1 - mix) * p + mix * (a + Fraction(1, len(a))) / 2
        law, guess = as_balls(p), as_balls(a)
        expected = sum(
            (x * -y.log() for x, y in zip(law, guess, strict=True) if not x.is_zero()),
            balls.ball(0),
        )
        slack = expected - sua_ref.entropy(law)
        assert not slack < 0
        if expected > 0:
            seen.case(expected, slack)
            target(-float(slack) / float(expected))

    holds()
    seen.check()
