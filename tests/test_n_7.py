"""Result n_7: smoothing lowers SUA below alpha SUA - (1 - alpha) lambda log n, and so to 0."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_7
from proofs_checks.claims import select
from proofs_checks.entropy_stability import smoothed
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of


@pytest.mark.parametrize("claim", ["n_7", "n_7.kl"])
def test_the_verdict_is_proved_and_checked(claim: str) -> None:
    (record,) = (c for c in select("n_7") if c.id == claim)
    judgement = check_claim(record).judgement
    assert (judgement.verdict, judgement.grade) == (Verdict.PROVED, "checked")


@counts_cases_of("n_7")
@pytest.mark.parametrize("kind", ["tv", "jsd", "hellinger2", "chi2"])
def test_the_score_falls_at_least_so_far_and_at_times_no_farther(kind: str) -> None:
    seen = Recorder()

    @given(st.data())
    def holds(data: st.DataObject) -> None:
        n = data.draw(st.integers(2, 4))
        alpha, lam = (
            data.draw(st.fractions(Fraction(1, 8), Fraction(7, 8))),
            data.draw(st.fractions(Fraction(1, 8), 3)),
        )
        if data.draw(st.booleans()):
            p = q = (Fraction(1, n),) * n
        else:
            p, q = data.draw(rational_rows(n)), data.draw(rational_rows(n))
        with ctx.workprec(128):
            before, after = (
                sua_ref.sua_score(
                    as_balls(exact(a)), as_balls(exact([b])), lam=lam, divergence=kind
                )
                for a, b in ((p, q), (smoothed(p, alpha), smoothed(q, alpha)))
            )
            if not before.is_finite():
                return
            share = as_balls(exact([alpha]))[0]
            drop = as_balls(exact([(1 - alpha) * lam]))[0] * arb(n).log()
            bound = share * before - drop
            assert not after > bound
            seen.case(drop, bound - after)

    holds()
    seen.check()


@given(rational_rows(3), rational_rows(3), st.fractions(Fraction(1, 8), 4))
def test_at_the_threshold_no_score_is_positive(
    p: tuple[Fraction, ...], q: tuple[Fraction, ...], lam: Fraction
) -> None:
    limit = float(lam) * math.log(3) / (math.log(2) + float(lam) * math.log(3))
    alpha = Fraction(limit).limit_denominator(1000) - Fraction(1, 1000)
    score = sua_ref.sua_score(
        as_balls(exact(smoothed(p, alpha))), as_balls(exact([smoothed(q, alpha)])), lam=lam
    )
    assert not score > 0
    assert sua_ref.argmax_risk(exact(smoothed(p, alpha)), exact(p)) == sua_ref.argmax_risk(
        exact(p), exact(p)
    )


@given(rational_rows(3), rational_rows(3), st.fractions(Fraction(1, 16), Fraction(15, 16)))
def test_smoothed_kl_is_finite_and_below_its_bound(
    p: tuple[Fraction, ...], q: tuple[Fraction, ...], alpha: Fraction
) -> None:
    rows = (as_balls(exact(smoothed(v, alpha))) for v in (p, q))
    assert not sua_ref.kl_divergence(*rows) > as_balls(exact([3 * alpha**2 / (1 - alpha)]))[0]


def test_a_share_above_the_threshold_does_not_game() -> None:
    """Control: at alpha = 9/10 the certain, flipping model keeps a positive score."""
    assert n_7.gamed(Fraction(1, 2), Fraction(1), "jsd") == []
    assert n_7.gamed(Fraction(9, 10), Fraction(1), "jsd") == [
        "SUA < 0 after, at both inputs: false"
    ]
    scores = np.array([float(v) for v in n_7.scores(n_7.UNSTABLE, Fraction(1), "jsd")])  # type: ignore[arg-type]
    assert scores == pytest.approx([math.log(2)] * 2)
