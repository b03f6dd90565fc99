"""Result n_9: the confidence bounds hold by exact enumeration, and their rivals do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import draws, n_9
from proofs_checks import sampled_sensitivity as evidence
from tests.planted import survivors
from tests.strategies import as_balls, exact, rational_rows
from tests.tightness import Recorder, counts_cases_of
from tests.tolerances import few_ulps
from tests.verdicts import verdict

METHODS = ("hoeffding", "bernstein")


def test_the_verdicts() -> None:
    for part in ("hoeffding", "bernstein"):
        assert verdict(f"n_9.{part}") == "PROVED (written)"
    for part in ("quantile", "no_supremum", "largest", "bias"):
        assert verdict(f"n_9.{part}") == "PROVED"
    assert len(n_9.CLAIMS) == 6


@pytest.mark.parametrize("part", sorted(evidence.LEMMAS))
def test_planted_faults_are_refused(part: str) -> None:
    for lemma in evidence.LEMMAS[part]:
        assert survivors(lemma) == []


def outcomes(k: int, cells: int) -> Iterator[tuple[int, ...]]:
    """All ways to put k draws into the cells."""
    if cells == 1:
        yield (k,)
        return
    for first in range(k + 1):
        for rest in outcomes(k - first, cells - 1):
            yield (first, *rest)


def chance(outcome: Sequence[int], law: Sequence[Fraction]) -> Fraction:
    """Its multinomial probability, exactly."""
    ways = math.factorial(sum(outcome))
    total = Fraction(1)
    for count, p in zip(outcome, law, strict=True):
        ways //= math.factorial(count)
        total *= p**count
    return ways * total


Bound = Callable[[Any], Any]


def violation(
    values: Sequence[Fraction], law: Sequence[Fraction], k: int, bound: Bound
) -> tuple[Fraction, Fraction]:
    """Exact probability that the mean exceeds the bound, and that the bound says anything."""
    truth = as_balls(exact([sum(v * p for v, p in zip(values, law, strict=True))]))[0]
    missed, useful = Fraction(0), Fraction(0)
    for outcome in outcomes(k, len(values)):
        sample = [v for v, count in zip(values, outcome, strict=True) for _ in range(count)]
        limit = bound(as_balls(exact(sample)))
        assert limit < truth or limit > truth or limit == truth
        missed += chance(outcome, law) * (limit < truth)
        useful += chance(outcome, law) * (limit < 1)
    return missed, useful


ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)
LAWS = [
    ([ZERO, ONE], [Fraction(9, 10), Fraction(1, 10)]),
    ([ZERO, ONE], [Fraction(1, 2), Fraction(1, 2)]),
    ([ZERO, HALF, ONE], [Fraction(6, 10), Fraction(1, 10), Fraction(3, 10)]),
    ([Fraction(1, 4), HALF], [Fraction(1, 3), Fraction(2, 3)]),
]


@pytest.mark.parametrize("case", range(len(LAWS)))
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("k", "confidence"), [(6, Fraction(1, 2)), (18, Fraction(7, 10))])
def test_the_mean_exceeds_the_bound_with_no_more_than_the_promised_probability(
    case: int, method: str, k: int, confidence: Fraction
) -> None:
    values, law = LAWS[case]
    missed, useful = violation(
        values,
        law,
        k,
        lambda z: sua_ref.sensitivity_upper_bound(z, confidence=confidence, method=method, d_max=1),
    )
    assert missed <= 1 - confidence
    if k == 18:
        assert useful > Fraction(1, 10)  # not by answering D throughout


def test_the_controls_are_not_controlled() -> None:
    """The plain mean, and the variance term alone, miss a rare large divergence too often."""
    values, law = LAWS[0]
    confidence = Fraction(7, 10)

    def variance_term_alone(z: Any) -> Any:
        off = z - np.sum(z) / len(z)
        spread = 2 * np.sum(off * off) / (len(z) - 1) * arb(2 / 0.3).log() / len(z)
        return np.sum(z) / len(z) + spread.nonnegative_part().sqrt()

    mean_missed, _ = violation(values, law, 6, lambda z: np.sum(z) / len(z))
    variance_missed, _ = violation(values, law, 6, variance_term_alone)
    assert mean_missed > 1 - confidence
    assert variance_missed > 1 - confidence


def test_the_numbers_of_the_audit() -> None:
    def hoeffding(k: int) -> float:
        bound = sua_ref.sensitivity_upper_bound(
            np.zeros(k), confidence=0.95, method="hoeffding", d_max=1
        )
        return float(bound)

    assert hoeffding(8) == pytest.approx(0.433, abs=5e-4)
    assert hoeffding(149) > 0.1 > hoeffding(150)


@st.composite
def samples(draw: st.DrawFn) -> list[float]:
    return draw(st.lists(st.floats(0, 1), min_size=2, max_size=20))


@given(samples(), st.floats(0.01, 0.99), st.sampled_from([1.0, math.log(2), 3.0]))
def test_it_is_the_formula_capped_at_the_largest_value(
    shares: list[float], confidence: float, d_max: float
) -> None:
    z = [d_max * s for s in shares]
    k, delta = len(z), 1 - confidence
    mean = math.fsum(z) / k
    pairs = math.fsum((a - b) ** 2 for i, a in enumerate(z) for b in z[:i])
    variance = pairs / (k * (k - 1))
    expected = {
        "hoeffding": mean + d_max * math.sqrt(math.log(1 / delta) / (2 * k)),
        "bernstein": mean
        + math.sqrt(2 * variance * math.log(2 / delta) / k)
        + 7 * d_max * math.log(2 / delta) / (3 * (k - 1)),
    }
    for method, value in expected.items():
        bound = sua_ref.sensitivity_upper_bound(
            z, confidence=confidence, method=method, d_max=d_max
        )
        # The variance of nearly equal samples is off by eps of their size squared: its root by
        # the root of that, which the other term outweighs only in part.
        assert bound == pytest.approx(min(value, d_max), rel=few_ulps(256), abs=1e-15)
        assert bound <= d_max


@given(samples(), st.floats(0.01, 0.99), st.sampled_from(METHODS))
def test_balls_enclose_the_float_result(z: list[float], confidence: float, method: str) -> None:
    floats = sua_ref.sensitivity_upper_bound(z, confidence=confidence, method=method, d_max=1)
    balls = sua_ref.sensitivity_upper_bound(
        as_balls(np.array(z)), confidence=confidence, method=method, d_max=1
    )
    assert abs(balls - arb(float(floats))) < 1e-7
    assert balls <= 1


def test_every_row_may_have_its_own_largest_value() -> None:
    z = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.5]])
    bound = sua_ref.sensitivity_upper_bound(z, confidence=0.9, d_max=[0.5, 1.0])
    assert bound.shape == (2,)
    assert bound.tolist() == [0.5, 1.0]
    apart = sua_ref.sensitivity_upper_bound(z, confidence=0.1, method="hoeffding", d_max=[0.5, 1])
    alone = [
        sua_ref.sensitivity_upper_bound(row, confidence=0.1, method="hoeffding", d_max=d)
        for row, d in zip(z, [0.5, 1], strict=True)
    ]
    assert apart.tolist() == alone


Z = [0.1, 0.2]


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({"samples": [0.1, 1.1]}, ValueError, r"samples: row 1 is 1\.1, not in \[0, 1"),
        ({"samples": [Z, [0.1, -0.1]]}, ValueError, r"samples: row \(1, 1\) is -0\.1"),
        ({"samples": [0.1, math.nan]}, ValueError, "samples: row 1 is nan"),
        ({"samples": [0.1]}, ValueError, r"samples: shape \(1,\); bernstein needs K >= 2"),
        ({"samples": [], "method": "hoeffding"}, ValueError, "hoeffding needs K >= 1"),
        ({"samples": 0.1}, ValueError, r"samples: shape \(\)"),
        ({"samples": as_balls(np.array([0.1, 2.0]))}, ValueError, "samples: row 1 is 2"),
        ({"samples": exact([HALF, HALF])}, TypeError, "flint.arb"),
        ({"confidence": 1.0}, ValueError, r"confidence: 1\.0 is not below 1"),
        ({"confidence": 0}, ValueError, "confidence: 0 is not above 0"),
        ({"confidence": 1.5}, ValueError, r"confidence: 1\.5 is above 1"),
        ({"confidence": None}, TypeError, "confidence: a real number wanted"),
        ({"method": "student"}, ValueError, "method: 'student' is none of bernstein, hoeffding"),
        ({"d_max": 0}, ValueError, "d_max: 0"),
        ({"d_max": math.inf}, ValueError, "d_max: inf is not finite"),
        ({"d_max": [1.0, 1.0]}, ValueError, r"d_max: shape \(2,\); wanted \(\) or \(\)"),
    ],
)
def test_bad_input_is_refused_in_words(
    arguments: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        sua_ref.sensitivity_upper_bound(
            **{"samples": Z, "confidence": 0.9, "d_max": 1.0, **arguments}
        )


# --- the other parts ------------------------------------------------------------------------------


@given(st.integers(1, 4), rational_rows(3))
def test_the_draws_of_the_evidence_are_those_of_a_loop(k: int, law: tuple[Fraction, ...]) -> None:
    found = dict(draws.outcomes(k, law))
    assert found == {counts: chance(counts, law) for counts in outcomes(k, 3)}
    assert sum(found.values()) == 1
    assert draws.drawn([ZERO, HALF, ONE], (1, 0, 2)) == [ZERO, ONE, ONE]


@counts_cases_of("n_9.quantile")
def test_the_largest_draw_leaves_out_more_than_beta_as_seldom_as_said() -> None:
    seen = Recorder()
    least = st.fractions(Fraction(1, 10**5), Fraction(1, 10**4), max_denominator=10**5)

    @given(rational_rows(3), st.integers(1, 4), st.integers(1, 9), least, st.booleans())
    def holds(law: tuple[Fraction, ...], k: int, tenths: int, s: Fraction, extremal: bool) -> None:
        beta = Fraction(tenths, 10)
        if extremal:
            law = (1 - beta - s, ZERO, beta + s)
        bound = (1 - beta) ** k
        missed = evidence.beyond_largest(law, k, beta)
        assert missed <= bound
        seen.case(bound, bound - missed)
        target(float(missed / bound))

    holds()
    seen.check()


def test_the_plain_probability_of_the_largest_draw_is_a_loop() -> None:
    """Two draws of 0, 1: both 0 with 9/16, and then 1/4 lies above; never more than that."""
    law = (Fraction(3, 4), Fraction(1, 4))
    assert evidence.beyond_largest(law, 2, Fraction(1, 5)) == Fraction(9, 16)
    assert evidence.beyond_largest(law, 2, Fraction(1, 4)) == 0


@counts_cases_of("n_9.largest")
def test_the_largest_total_variation_from_an_output() -> None:
    seen = Recorder()

    @given(
        st.integers(2, 5).flatmap(lambda n: st.tuples(rational_rows(n), rational_rows(n))),
        st.booleans(),
    )
    def holds(pair: tuple[tuple[Fraction, ...], tuple[Fraction, ...]], corner: bool) -> None:
        q, there = pair
        if corner:
            least = q.index(min(q))
            there = tuple(Fraction(i == least) for i in range(len(q)))
        slack = 1 - min(q) - sua_ref.total_variation(exact(q), exact(there))
        assert slack >= 0
        seen.case(1 - min(q), slack)
        target(-float(slack))

    holds()
    seen.check()


@counts_cases_of("n_9.no_supremum")
def test_an_answer_below_the_largest_value_misses_the_hidden_perturbation() -> None:
    """The answer to K zeros is drawn; one below the largest value fails more often than delta."""
    seen = Recorder()
    share = st.fractions(0, 2, max_denominator=50)
    above = st.fractions(1, Fraction(101, 100), max_denominator=1000)

    @given(
        st.integers(2, 4).flatmap(rational_rows), st.integers(0, 99), st.integers(1, 200),
        share | above,
    )  # fmt: skip
    def holds(q: tuple[Fraction, ...], percent: int, k: int, times: Fraction) -> None:
        delta = Fraction(percent, 100)
        far, unseen = evidence.hidden(exact(q), delta, k)
        assert far == 1 - min(q)
        answer = times * far
        missed = unseen if answer < far else Fraction(0)
        assert (missed > delta) == (answer < far)
        if missed <= delta:
            seen.case(answer, answer - far)

    holds()
    seen.check()


@counts_cases_of("n_9.hoeffding")
def test_hoeffdings_promise_is_at_times_nearly_used_up() -> None:
    """0 or 1, rarely 1: all zeros miss, with (1 - S)^K, as delta is barely above e^(-2 K S^2)."""
    seen = Recorder()
    rare = st.fractions(Fraction(1, 2000), Fraction(1, 500), max_denominator=2000)
    usual = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)

    @given(rare, usual, st.integers(1, 4), st.booleans())
    def holds(s: Fraction, confidence: Fraction, k: int, extremal: bool) -> None:
        law = (1 - s, s) if extremal else (1 - confidence, confidence)
        x = 2 * k * s * s
        confidence = x - x * x / 2 if extremal else confidence
        with ctx.workprec(256):
            missed, _ = violation(
                [ZERO, ONE], law, k,
                lambda z: sua_ref.sensitivity_upper_bound(
                    z, confidence=confidence, method="hoeffding", d_max=1
                ),
            )  # fmt: skip
        assert missed <= 1 - confidence
        seen.case(1 - confidence, 1 - confidence - missed)

    holds()
    seen.check()


@given(st.integers(3, 40), st.fractions(Fraction(1, 40), Fraction(39, 40), max_denominator=40))
@example(40, Fraction(21, 500))
def test_bernsteins_promise_is_never_nearly_used_up(k: int, s: Fraction) -> None:
    """Two-valued laws, delta near 1, where the share missed is largest; the example has .18."""
    missed, _ = violation(
        [ZERO, ONE], [1 - s, s], k,
        lambda z: sua_ref.sensitivity_upper_bound(z, confidence=Fraction(1, 1000), d_max=1),
    )  # fmt: skip
    assert missed < Fraction(1, 5)
    if (k, s) == (40, Fraction(21, 500)):
        assert missed > Fraction(9, 50) - Fraction(1, 1000)


@counts_cases_of("n_9.bias")
def test_the_plug_in_errs_upward_and_by_no_more_than_half_a_deviation() -> None:
    seen = Recorder()

    @given(
        rational_rows(3), st.integers(1, 5), st.fractions(0, 1, max_denominator=8), st.booleans()
    )
    def holds(law: tuple[Fraction, ...], k: int, counted: Fraction, extremal: bool) -> None:
        if extremal:
            law, k, counted = (HALF, ZERO, HALF), 1, HALF
        bias, variance = evidence.bias_of([ZERO, HALF, ONE], law, k, counted)
        assert bias >= 0
        assert 4 * bias**2 <= variance <= Fraction(1, 4 * k)
        if variance > 0:
            bound = math.sqrt(variance) / 2
            seen.case(bound, bound - float(bias))
            target(float(bias) - bound)

    holds()
    seen.check()


def test_the_evidence_refuses_a_constant_that_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 500 heads of 1000 nothing is missed: the control of what shows the constants needed."""
    assert evidence.constant_needed("hoeffding") == []
    monkeypatch.setattr(evidence, "HALF", Fraction(45, 100))
    assert any("the bound is" in fault for fault in evidence.constant_needed("hoeffding"))


def test_a_bound_that_is_too_low_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain_mean(sample: Any, **_: Any) -> Any:
        return np.sum(sample) / len(sample)

    monkeypatch.setattr(evidence, "sensitivity_upper_bound", plain_mean)
    assert evidence.kept_promises("hoeffding") != []
