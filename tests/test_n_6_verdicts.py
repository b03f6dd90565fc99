"""Result n_6: PROVED, checked for every number of labels; the two boxes are extra."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import contraction, mixtures, n_6
from proofs_checks.checker import Polynomial
from proofs_checks.claims import select
from proofs_checks.evidence import Kind
from proofs_checks.run import check_claim, pieces_of
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of

(CLAIM,) = select("n_6")


def test_the_verdict_is_proved_and_checked_without_the_long_pieces() -> None:
    checked = check_claim(CLAIM)
    assert (checked.judgement.verdict, checked.judgement.grade) == (Verdict.PROVED, "checked")
    deep = [piece for piece in pieces_of(CLAIM) if piece.deep]
    assert {piece.kind for piece in deep} == {Kind.SUPPORT}
    assert len(deep) == 2


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array, Fraction]:
    """Two rows and a share: generic, or near the extremal pair."""
    n, alpha = draw(st.integers(2, 5)), Fraction(draw(st.integers(1, 15)), 16)
    if draw(st.booleans()):
        return exact(draw(rational_rows(n))), exact(draw(rational_rows(n))), alpha
    t = Fraction(1, draw(st.integers(20, 2000)))
    p = [Fraction(1, 2) + t, Fraction(1, 2) - t, *[Fraction(0)] * (n - 2)]
    return exact(p), exact([p[1], p[0], *p[2:]]), alpha


@counts_cases_of("n_6")
@pytest.mark.parametrize("kind", ["chi2", "kl", "reverse_kl", "jsd", "hellinger2"])
def test_the_factor_holds_and_some_cases_come_near(kind: str) -> None:
    seen = Recorder()

    @given(pairs())
    def holds(case: tuple[Array, Array, Fraction]) -> None:
        p, q, alpha = case
        with ctx.workprec(160):
            a, b = as_balls(p), as_balls(q)
            before = sua_ref.divergence(a, b, kind=kind)
            if before.is_finite() and before > 0:
                bound = sua_ref.lem_4_7(a, b[None, :], alpha=alpha, divergence=kind, factor="sharp")
                assert not bound.lhs > bound.rhs
                seen.case(bound.rhs, bound.rhs - bound.lhs)

    holds()
    seen.check()


@given(rational_rows(3), rational_rows(3), st.fractions(0, 1, max_denominator=9))
def test_the_midpoint_weights_are_those_of_the_docstring(
    p: tuple[Fraction, ...], q: tuple[Fraction, ...], s: Fraction
) -> None:
    """KL(p, m) and KL(q, m) have the weights m + s d and m - s d, d = (p - q)/2."""
    for a, b in zip(p, q, strict=True):
        m, d = (a + b) / 2, (a - b) / 2
        assert m + s * (a - m) == m + s * d
        assert m + s * (b - m) == m - s * d


def test_a_false_identity_is_rejected() -> None:
    x = Polynomial.variable("x")
    assert mixtures.equal("planted", x * x, x * (x - 1)) != []
    assert mixtures.integral_form() == []


def test_dropping_a_step_of_the_proof_unproves_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "pair_persists", lambda: ["planted"])
    judgement = check_claim(CLAIM).judgement
    assert judgement.verdict is Verdict.UNVERIFIED
    assert "planted" in judgement.reason


def test_what_is_attained_is_attained_and_a_larger_pair_is_not() -> None:
    assert n_6.attained() == []
    p, q = exact([Fraction(9, 10), Fraction(1, 10)]), exact([Fraction(1, 5), Fraction(4, 5)])
    b = sua_ref.lem_4_7(p, q[None, :], alpha=Fraction(1, 2), divergence="chi2", factor="sharp")
    assert b.lhs < b.rhs
