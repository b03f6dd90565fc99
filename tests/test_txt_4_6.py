"""Section 4.6: what a high score says of sensitivity."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import sua_ref
from proofs_checks import def_3_2, txt_4_6
from proofs_checks.lemma import HALF
from tests.planted import survivors
from tests.strategies import as_balls, disjoint_rows, exact, output_rows
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_its_verdicts() -> None:
    assert verdict("txt_4_6.interpretable@bounded") == "PROVED"
    assert verdict("txt_4_6.interpretable@kl") == "REFUTED"


def test_damaged_certificates_are_refused() -> None:
    assert survivors(txt_4_6.SENSITIVE) == []
    assert survivors(txt_4_6.CERTAIN) == []
    assert survivors(txt_4_6.UNBOUNDED) == []


def test_a_bounded_divergence_is_never_that_high_at_full_entropy() -> None:
    assert txt_4_6.high_at_full_entropy() == []
    assert txt_4_6.high_at_full_entropy(divergence="tv") != []


_ONE, _NONE = Fraction(1), Fraction(0)


def test_planted_faults_are_refused() -> None:
    lemmas = (txt_4_6.SENSITIVE, txt_4_6.CERTAIN, txt_4_6.UNBOUNDED)
    assert [survivors(lemma) for lemma in lemmas] == [[], [], []]


def test_a_bounded_divergence_does_not_refute() -> None:
    assert txt_4_6.high_at_full_entropy("jsd")[0].startswith("SUA > 4 is")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Output and perturbed output; half the time on other labels, where sensitivity ends."""
    n = draw(st.integers(2, 4))
    if draw(st.booleans()):
        p, (q,) = draw(disjoint_rows(n))
        return p, q
    return draw(output_rows(n)), draw(output_rows(n))


@counts_cases_of("txt_4_6.interpretable@bounded")
def test_a_high_score_means_sensitive_and_certain() -> None:
    sensitive, certain = Recorder(), Recorder()

    @given(pairs(), st.sampled_from([1, 2]), st.sampled_from(def_3_2.FINITE))
    @example(((_ONE, _NONE), (_NONE, _ONE)), 1, "tv")
    @example(((HALF, HALF, _NONE), (_NONE, _NONE, _ONE)), 1, "hellinger2")
    def holds(case: tuple[Any, Any], lam: int, kind: str) -> None:
        p, q = as_balls(exact(case[0])), as_balls(exact([case[1]]))
        score = sua_ref.sua_score(p, q, lam=lam, divergence=kind)
        s = sua_ref.distributional_sensitivity(p, q, divergence=kind)
        rest = (arb(2).log() if kind == "jsd" else arb(1)) - score
        h = sua_ref.predictive_entropy(p)
        assert not s < score
        assert not lam * h > rest
        if s > 0:
            sensitive.case(s, s - score)
        if rest > 0 and h > 0:
            certain.case(rest, rest - lam * h)

    holds()
    sensitive.check()
    certain.check()
