"""Result n_11: under an exact Assumption 3 the collapse gap is small where z* is likely."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import n_11
from proofs_checks.lemma import Lemma
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows, rows_beside
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdict_is_proved_and_checked() -> None:
    assert verdict("n_11") == "PROVED"


@pytest.mark.parametrize("lemma", [n_11.VARIATION, n_11.gap(1), n_11.gap(-1), n_11.AMBIGUITY])
def test_planted_faults_are_refused(lemma: Lemma) -> None:
    assert survivors(lemma) == []


@st.composite
def interpretations(draw: st.DrawFn) -> tuple[Array, Array]:
    """P(z|x) and one label law for each z; at times one label for each interpretation."""
    k = draw(st.integers(1, 4))
    if draw(st.sampled_from([True, True, False])):
        laws = [[Fraction(int(i == j)) for j in range(k)] for i in range(k)]
        return exact(draw(rows_beside((Fraction(1, k),) * k))), exact(laws)
    n = draw(st.integers(1, 4))
    return exact(draw(rational_rows(k))), exact([draw(rational_rows(n)) for _ in range(k)])


@counts_cases_of("n_11")
def test_the_gap_is_at_most_the_oscillation_times_what_is_not_the_mode() -> None:
    seen = Recorder()

    @given(interpretations(), st.data())
    def holds(case: tuple[Array, Array], data: st.DataObject) -> None:
        p_z, laws = case
        z = int(max(range(len(p_z)), key=lambda i: p_z[i]))
        truth, rest = sua_ref.mixture(p_z, laws), 1 - p_z[z]
        assert sua_ref.total_variation(laws[z], truth) <= rest
        n = len(truth)
        cells = st.fractions(-2, 3, max_denominator=4)
        loss = data.draw(st.none() | st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1))
        matrix = None if loss is None else exact(loss)
        # The 0-1 loss of a sole label is 0.
        osc = Fraction(n > 1) if loss is None else max(max(row) - min(row) for row in loss)
        kappa = sua_ref.interpretation_collapse_gap(laws[z], truth, loss=matrix, reading="absolute")
        slack = osc * rest - kappa
        assert slack >= 0
        if osc * rest > 0:
            seen.case(osc * rest, slack)
            target(-float(slack / (osc * rest)))

    holds()
    seen.check()


def test_what_is_not_the_mode_is_bounded_by_the_ambiguity() -> None:
    seen = Recorder()

    @given(interpretations())
    @example((exact([Fraction(1, 2)] * 2), exact([[Fraction(1, 2)] * 2] * 2)))
    def holds(case: tuple[Array, Array]) -> None:
        p_z = case[0]
        bound = 1 - (-sua_ref.latent_ambiguity(as_balls(p_z))).exp()
        slack = bound - as_balls(exact([1 - max(p_z)]))[0]
        assert not slack < 0
        if bound > 0:
            seen.case(bound, slack)

    holds()
    seen.check()


def test_a_model_off_its_mode_breaks_the_bound() -> None:
    """The hypothesis is needed: a sole interpretation (1, 1)/2, the model (1, 0), kappa = 1/2."""
    half = Fraction(1, 2)
    model, law = exact([Fraction(1), Fraction(0)]), exact([half, half])
    assert sua_ref.interpretation_collapse_gap(model, law) == half > 1 - 1
