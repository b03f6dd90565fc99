"""Lemma 4.6 and its note: the verdicts, the repairs as properties, and planted faults."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import interpretations as chain
from proofs_checks import shared_labels as cases
from proofs_checks import two_interpretations as two
from proofs_checks.checker import Expression, Polynomial, check_boxes
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of

VERDICTS = {
    "lem_4_6": Verdict.PROVED,
    "lem_4_6.note": Verdict.REFUTED,
    "lem_4_6.stochastic": Verdict.REFUTED,
    "lem_4_6.positive_gap": Verdict.REFUTED,
    "lem_4_6.information": Verdict.PROVED,
    "lem_4_6.own_labels": Verdict.PROVED,
    "lem_4_6.two_interpretations": Verdict.PROVED,
    "lem_4_6.fano": Verdict.PROVED,
}


def test_every_record_has_the_expected_verdict_and_is_checked() -> None:
    judged = {c.id: check_claim(c).judgement for c in select("lem_4_6")}
    assert {name: j.verdict for name, j in judged.items()} == VERDICTS
    assert {j.grade for j in judged.values()} == {"checked"}


@st.composite
def interpretations(draw: st.DrawFn) -> tuple[Array, Array, Array]:
    """A model output, masses, label laws; often determined labels and a confident model."""
    n, k = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    masses = exact(draw(rational_rows(k)))
    if draw(st.booleans()):
        laws = exact(
            [[Fraction(i == draw(st.integers(0, n - 1))) for i in range(n)] for _ in range(k)]
        )
        for row in laws:
            row[:] = Fraction(0)
            row[draw(st.integers(0, n - 1))] = Fraction(1)
        return exact([Fraction(1), *[Fraction(0)] * (n - 1)]), masses, laws
    return (
        exact(draw(rational_rows(n))),
        masses,
        exact([draw(rational_rows(n)) for _ in range(k)]),
    )


@counts_cases_of("lem_4_6", "lem_4_6.information")
def test_the_gap_is_at_least_the_information_and_equals_it_at_times() -> None:
    seen = Recorder()

    @given(interpretations())
    def holds(case: tuple[Array, Array, Array]) -> None:
        p, masses, laws = (as_balls(a) for a in case)
        joint = masses[:, None] * laws
        bound = sua_ref.mutual_information(joint) - sua_ref.entropy(p)
        gap = sua_ref.miscalibration_gap(p, sua_ref.mixture(masses, laws))
        assert not bound > gap
        both = sua_ref.lem_4_6(p, masses, laws)
        assert both.lhs.overlaps(bound)
        assert both.rhs.overlaps(gap)
        if bound > arb("1e-9"):
            seen.case(gap, gap - bound)

    holds()
    seen.check()


@counts_cases_of("lem_4_6.two_interpretations")
def test_two_interpretations_tell_at_least_the_square_of_their_distance() -> None:
    seen = Recorder()

    @given(st.data())
    def holds(data: st.DataObject) -> None:
        n, pi = (
            data.draw(st.integers(2, 4)),
            data.draw(st.fractions(Fraction(1, 8), Fraction(7, 8))),
        )
        if data.draw(st.booleans()):
            t = Fraction(1, data.draw(st.integers(20, 500)))
            first = exact([Fraction(1, 2) + t, Fraction(1, 2) - t])
            second = first[::-1].copy()
        else:
            first, second = (exact(data.draw(rational_rows(n))) for _ in range(2))
        with ctx.workprec(128):
            joint = as_balls(exact([pi * first, (1 - pi) * second]))
            bound = as_balls(
                exact([2 * pi * (1 - pi) * sua_ref.total_variation(first, second) ** 2])
            )[0]
            value = sua_ref.mutual_information(joint)
            assert not bound > value
            if bound > 0:
                seen.case(value, value - bound)

    holds()
    seen.check()


@counts_cases_of("lem_4_6.fano")
def test_fano_bounds_the_slack_and_is_attained() -> None:
    seen = Recorder()

    @given(st.data())
    def holds(data: st.DataObject) -> None:
        k, eps = data.draw(st.integers(2, 4)), Fraction(1, data.draw(st.integers(2, 40)))
        if data.draw(st.booleans()):  # the label is the interpretation, garbled: attained
            laws = exact(
                [[1 - eps if y == z else eps / (k - 1) for y in range(k)] for z in range(k)]
            )
            masses = exact([Fraction(1, k)] * k)
        else:
            masses = exact(data.draw(rational_rows(k)))
            laws = exact([data.draw(rational_rows(3)) for _ in range(k)])
        joint = masses[:, None] * laws
        missed = 1 - sum(max(column) for column in joint.T)
        if missed == 0:
            return
        slack = sua_ref.conditional_entropy(as_balls(joint.T))
        e = as_balls(exact([missed, 1 - missed]))
        bound = sua_ref.entropy(e) + e[0] * arb(k - 1).log()
        assert not slack > bound
        seen.case(bound, bound - slack)

    holds()
    seen.check()


@given(rational_rows(3), st.data())
def test_no_shared_label_leaves_no_slack(masses: tuple[Fraction, ...], data: st.DataObject) -> None:
    """Each interpretation has two labels of its own, at random."""
    laws = exact([[Fraction(0)] * 6 for _ in range(3)])
    for z in range(3):
        laws[z, 2 * z], laws[z, 2 * z + 1] = data.draw(rational_rows(2))
    joint = exact(masses)[:, None] * laws
    assert sua_ref.conditional_entropy(as_balls(joint.T)).contains(0)
    assert cases.shared(cases.Ambiguous("", tuple(laws[0]), masses, tuple(map(tuple, laws)))) == []


def test_instances_that_miss_a_hypothesis_are_no_counterexamples() -> None:
    assert "interpretation 0 has the label law" in cases.note_fails(cases.OWN_LABEL_SETS)[0]
    assert cases.note_fails(cases.OWN_LABELS) == ["c > 0: unknown"]
    assert cases.stochastic_yet_no_slack(cases.OWN_LABELS) != []
    shared = cases.Ambiguous(
        "",
        (Fraction(1), Fraction(0)),
        (Fraction(1, 2),) * 2,
        ((Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(0))),
    )
    assert cases.stochastic_yet_no_slack(shared) == ["label 0 is shared"]
    assert cases.no_gap(2, Fraction(1)) == ["A > 1: false"]
    low = cases.overestimates(2, (Fraction(1), Fraction(0)), Fraction(2, 3), Fraction(3, 5))
    assert low == ["H_theta > H*: false"]


@pytest.mark.parametrize(
    ("goal", "product"),
    [
        (chain.w * (chain.Delta - chain.alpha + chain.beta), ("w", "b")),  # c dropped
        (chain.w * (chain.Delta - chain.alpha + chain.beta + chain.c), ("w", "c")),
        (chain.w * (chain.Delta - chain.alpha - chain.beta + chain.c), ("w", "b")),
    ],
)
def test_a_false_form_of_13_is_rejected(goal: Polynomial, product: tuple[str, ...]) -> None:
    faults = chain._shown("planted", goal, product, at_least=chain.THRESHOLDS)
    assert faults == ["the two sides differ as polynomials"]


def test_a_dropped_hypothesis_of_13_is_noticed() -> None:
    goal = chain.w * (chain.Delta - chain.alpha + chain.beta + chain.c)
    for name in chain.THRESHOLDS:
        fewer = {k: v for k, v in chain.THRESHOLDS.items() if k != name}
        assert chain._shown("planted", goal, ("w", "b"), at_least=fewer) != []


def test_a_larger_constant_is_rejected_by_the_boxes() -> None:
    pi = Expression("variable", ("p",))
    gap = Expression("variable", ("a",)) - Expression("variable", ("b",))
    false = dataclasses.replace(two.BOXES, goal=two.BOXES.goal - 2 * pi * (1 - pi) * gap * gap)
    faults = check_boxes(false, dataclasses.replace(two.BOXES_CERTIFICATE, limit=500))
    assert "undecided" in faults[0]
    assert two.cauchy_schwarz() == []


def test_the_encoding_notices_a_wrong_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cases.encoding() == []
    monkeypatch.setattr(cases, "latent_ambiguity", lambda z: 2 * sua_ref.latent_ambiguity(z) + 1)
    assert cases.encoding() != []
