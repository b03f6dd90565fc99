"""Lemma 4.7 and A.4: the verdicts by reading, and planted faults."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import entropy_stability as cases
from proofs_checks import label_smoothing as smoothing
from proofs_checks.claims import select
from proofs_checks.lemma import HALF
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict, join
from sua_ref import DIVERGENCES
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of

P, R = Verdict.PROVED, Verdict.REFUTED
VERDICTS = {
    "lem_4_7.general@entropy": R,
    "lem_4_7.general@input_alpha": R,
    "lem_4_7.general@temperature": R,
    "lem_4_7.smoothing": P,
    "lem_4_7.alpha_squared": R,
    "lem_4_7.two_labels": P,
    "lem_4_7.two_labels_any_law": R,
    "lem_4_7.risk@gibbs": R,
    "lem_4_7.risk@argmax": R,
    "lem_4_7.risk@log_loss": R,
    "lem_4_7.risk@self": P,
    "lem_4_7.risk@self_any_loss": R,
    "lem_4_7.gibbs": P,
    "lem_4_7.accuracy": P,
}


def test_every_record_has_the_expected_verdict_and_is_checked() -> None:
    judged = {c.id: check_claim(c).judgement for c in select("lem_4_7")}
    assert {name: j.verdict for name, j in judged.items()} == VERDICTS
    assert {j.grade for j in judged.values()} == {"checked"}


def test_the_general_lemma_falls_under_every_reading_and_the_risk_depends_on_it() -> None:
    def joint(name: str) -> Verdict:
        return join([check_claim(c).judgement for c in select(name)]).verdict

    assert joint("lem_4_7.general") is Verdict.REFUTED
    assert joint("lem_4_7.risk") is Verdict.ILL_POSED


def test_a_change_that_lowers_the_entropy_or_the_sensitivity_is_no_counterexample() -> None:
    change = cases.CHANGES["entropy"]
    swapped = dataclasses.replace(
        change,
        p=change.after, perturbed=change.perturbed_after,
        after=change.p, perturbed_after=change.perturbed,
    )  # fmt: skip
    faults = cases.more_sensitive(swapped)
    assert faults[:2] == ["tv: a higher entropy is false", "tv: S_after > S is false"]
    assert cases.is_temperature_2(change) != []
    assert cases.is_smoothed_twice(change, Fraction(1, 2), Fraction(1, 2)) != []
    assert cases.square_fails(Fraction(1)) == [f"{k}: unknown" for k in ("jsd", "kl")] + [
        "chi2: unknown"
    ]


def test_a_risk_that_rises_is_no_counterexample() -> None:
    right = dataclasses.replace(cases.WRONG, p=cases.CERTAIN)
    assert "R_after <= R is not shown" in cases.risk_does_not_rise(right, "gibbs")[0]
    sober = dataclasses.replace(cases.OVERCONFIDENT, p=cases.OVERCONFIDENT.p_true)
    assert cases.log_loss_falls(sober) == ["the log-loss falls: false"]
    assert cases.log_loss_falls(cases.WRONG) == ["the argmax is not the best answer"]


@given(rational_rows(4), rational_rows(4), st.fractions(0, 1, max_denominator=7))
def test_the_identities_mean_what_the_reference_computes(
    q: tuple[Fraction, ...], truth: tuple[Fraction, ...], alpha: Fraction
) -> None:
    """A.4 in Fractions: the risk of a smoothed output, the self-risk, the order, the midpoint."""
    after = cases.smoothed(q, alpha)
    risk, risk_after = (sua_ref.gibbs_risk(exact(v), exact(truth)) for v in (q, after))
    assert risk_after == alpha * risk + (1 - alpha) * Fraction(3, 4)
    assert (risk_after > risk) == (alpha < 1 and risk < Fraction(3, 4))
    e, e_after = (sua_ref.self_risk(exact(v)) for v in (q, after))
    assert e_after - e == (1 - alpha) * (max(q) - Fraction(1, 4))
    if alpha > 0:
        assert [a > b for a in after for b in after] == [a > b for a in q for b in q]
        assert sua_ref.argmax_risk(exact(after), exact(truth)) == sua_ref.argmax_risk(
            exact(q), exact(truth)
        )


@given(rational_rows(3), rational_rows(3), rational_rows(3), st.fractions(0, 1, max_denominator=7))
def test_the_cells_of_any_convex_f_shrink(
    p: tuple[Fraction, ...], q: tuple[Fraction, ...], u: tuple[Fraction, ...], alpha: Fraction
) -> None:
    """Label by label, with f(t) = (t - 1)^2 and |t - 1|: the atom of the certificate is >= 0."""
    generators: list[Callable[[Fraction], Fraction]] = [
        lambda t: (t - 1) ** 2,
        lambda t: abs(t - 1),
    ]
    for f in generators:
        for a, b, c in zip(p, q, u, strict=True):
            mixed_p, mixed_q = alpha * a + (1 - alpha) * c, alpha * b + (1 - alpha) * c
            if b > 0 and mixed_q > 0:
                assert mixed_q * f(mixed_p / mixed_q) <= alpha * b * f(a / b)


@st.composite
def mixed_pairs(draw: st.DrawFn) -> tuple[Any, Any, Any, Fraction]:
    """Two rows, a law and a share; half the time the law has no label of theirs: an equality."""
    n, alpha = draw(st.integers(3, 5)), draw(st.fractions(0, 1, max_denominator=12))
    if draw(st.booleans()):
        cut = draw(st.integers(2, n - 1))
        none = (Fraction(0),)
        rows = [draw(rational_rows(cut)) + none * (n - cut) for _ in range(2)]
        rows.append(none * cut + draw(rational_rows(n - cut)))
    else:
        rows = [draw(rational_rows(n)) for _ in range(3)]
    p, q, u = (exact(row) for row in rows)
    return p, q, u, alpha


@counts_cases_of("lem_4_7.smoothing")
@pytest.mark.parametrize("kind", DIVERGENCES)
def test_mixing_with_any_law_contracts_every_divergence_by_alpha(kind: str) -> None:
    seen = Recorder()

    @given(mixed_pairs())
    def holds(case: tuple[Any, Any, Any, Fraction]) -> None:
        p, q, u, alpha = case
        with ctx.workprec(128):
            before = sua_ref.divergence(as_balls(p), as_balls(q), kind=kind)
            after = sua_ref.divergence(
                *(as_balls(alpha * v + (1 - alpha) * u) for v in (p, q)), kind=kind
            )
            if alpha > 0 and before > 0 and before.is_finite():
                bound = as_balls(exact([alpha]))[0] * before
                assert not after > bound
                seen.case(bound, bound - after)

    holds()
    seen.check()


@counts_cases_of("lem_4_7.two_labels")
@pytest.mark.parametrize("kind", ["kl", "reverse_kl", "jsd", "chi2", "hellinger2"])
def test_two_labels_contract_by_alpha_squared(kind: str) -> None:
    """Near where a pair is close to a fair coin, half of the time."""
    seen = Recorder()
    side = st.fractions(-1, 1, max_denominator=30)

    @given(side, side, st.fractions(Fraction(1, 12), 1, max_denominator=12), st.booleans())
    def holds(a: Fraction, b: Fraction, alpha: Fraction, near: bool) -> None:
        p, q = (
            as_balls(exact([HALF + s, HALF - s]))
            for s in (x / 25 if near else x / 2 for x in (a, b))
        )
        with ctx.workprec(160):
            bound = sua_ref.lem_4_7(
                p, q[None, :], alpha=alpha, divergence=kind, factor="alpha_squared"
            )
            if bound.rhs > 0 and bound.rhs.is_finite():
                assert not bound.lhs > bound.rhs
                seen.case(bound.rhs, bound.rhs - bound.lhs)

    holds()
    seen.check()


PLANTED = {
    "alpha squared for any f": (
        smoothing.alpha * smoothing.alpha * smoothing.f - smoothing.g,
        {"f is convex": smoothing.alpha * smoothing.f - smoothing.g},
        (("f is convex",),),
    ),
    "a smoothed score below alpha SUA": (
        -(smoothing.S - smoothing.lam * smoothing.H),
        {"lambda": smoothing.lam, "H": smoothing.H},
        (("lambda", "H"),),
    ),
}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_false_claims_about_smoothing_are_rejected(name: str) -> None:
    goal, atoms, products = PLANTED[name]
    assert smoothing.shown(name, goal, atoms, products) == ["the two sides differ as polynomials"]
