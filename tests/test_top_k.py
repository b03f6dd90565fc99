"""What a list says, and the lists that are refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_ref
from sua_ref import Decision, Interval, TopK

HALF, QUARTER = math.log(0.5), math.log(0.25)


@given(st.lists(st.floats(-60, -3), min_size=1, max_size=6), st.floats(0, 0.1))
def test_probabilities_are_enclosed_to_fifty_digits(logs: list[float], rounding: float) -> None:
    top = TopK(range(len(logs)), logs, rounding)
    with ctx.workprec(400):
        for x, low, high in zip(logs, top.low, top.high, strict=True):
            ends = [(arb(x) + s * arb(rounding)).exp() for s in (-1, 1)]
            below, above = (arb(f.numerator) / f.denominator for f in (low, high))
            assert ends[0] * (1 - arb(10) ** -47) < below < ends[0]
            assert ends[1] < above < ends[1] * (1 + arb(10) ** -47)


def test_the_cap_is_the_least_of_the_first_k_and_the_sampled_token_leaves_it_alone() -> None:
    top = TopK([5, 2, 9], [HALF, QUARTER, -7.0], 1e-15, k=2)
    assert float(top.cap) == pytest.approx(0.25)
    assert float(top.most_unseen) == pytest.approx(0.25 - math.exp(-7))
    assert TopK([5, 2, 9], [HALF, QUARTER, -7.0], 1e-15).cap < Fraction(1, 1000)


def test_number_types_of_log_probabilities() -> None:
    exact = TopK(["a"], [Fraction(-1, 2)], Fraction(1, 2000))
    assert exact.low == TopK(["a"], [np.float32(-0.5)], Fraction(1, 2000)).low
    assert TopK(["a"], [0], 0).low == (Fraction(1),)


def test_a_rounding_takes_no_probability_above_1() -> None:
    assert TopK(["a"], [-0.01], 0.05).high == (Fraction(1),)


def test_a_list_keeps_its_own_copy_and_equal_ones_are_equal() -> None:
    tokens, logs = [5, 2], [HALF, QUARTER]
    top = TopK(tokens, logs, 1e-6)
    tokens.append(7)
    logs.append(-3.0)
    assert (top.tokens, top.log_probs, top.k) == ((5, 2), (HALF, QUARTER), 2)
    assert top == TopK((5, 2), (HALF, QUARTER), 1e-6, k=2)


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"tokens": []}, ValueError, "tokens: empty"),
    ({"tokens": "ab"}, TypeError, "tokens: a sequence of tokens wanted, got the one string 'ab'"),
    ({"tokens": [3, 3]}, ValueError, "tokens: position 1 repeats 3 of position 0"),
    ({"tokens": [3]}, ValueError, "log_probs: 2 entries for 1 tokens"),
    ({"log_probs": [HALF, math.nan]}, ValueError, "log_probs: position 1 is nan; leave out"),
    ({"log_probs": [HALF, -math.inf]}, ValueError, "log_probs: position 1 is -inf; leave out"),
    ({"log_probs": [HALF, -9999.0]}, ValueError, "log_probs: position 1 is -9999.0; leave out"),
    ({"log_probs": [HALF, math.inf]}, ValueError, "log_probs: position 1 is inf"),
    ({"log_probs": [HALF, "x"]}, TypeError, "log_probs: position 1: a real number wanted, got 'x'"),
    ({"log_probs": [HALF, True]}, TypeError, "log_probs: position 1: a real number wanted"),
    ({"log_probs": [HALF, arb(-1)]}, TypeError, "log_probs: position 1: a real number wanted"),
    ({"rounding": -1e-9}, ValueError, "rounding: -1e-09 is below 0"),
    ({"rounding": math.nan}, ValueError, "rounding: nan"),
    ({"rounding": math.inf}, ValueError, "rounding: inf is not finite"),
    ({"k": 0}, ValueError, "k: 0 is below 1"),
    ({"k": 3}, ValueError, "k: 3 is above the 2 tokens given"),
    ({"k": 1.0}, TypeError, "k: an integer wanted"),
    ({"log_probs": [QUARTER, HALF], "k": 1}, ValueError, "log_probs: position 1 is -0.69"),
    ({"log_probs": [0.01, -9.0]}, ValueError, "log_probs: the probabilities sum to 1.01017"),
]


@pytest.mark.parametrize(("change", "kind", "said"), REFUSED)
def test_a_list_that_cannot_be_is_refused_by_name(
    change: dict[str, Any], kind: type[Exception], said: str
) -> None:
    given: dict[str, Any] = {"tokens": [3, 4], "log_probs": [HALF, QUARTER], "rounding": 1e-6}
    k = change.pop("k", None)
    with pytest.raises(kind) as refusal:
        TopK(**{**given, **change}, k=k)
    assert said in str(refusal.value)


def test_a_sum_above_1_is_refused_exactly_where_rounding_does_not_explain_it() -> None:
    """1/2 and 1/2 to four decimals sum to 1.00005: within 5e-5 in each logarithm, not 4e-5."""
    logs = [-0.6931, -0.6931]
    top = TopK([0, 1], logs, 5e-5)
    assert top.least_unseen == 0
    assert top.most_unseen > 0
    with pytest.raises(ValueError, match="above 1 by more than a rounding of 4e-05 explains"):
        TopK([0, 1], logs, 4e-5)


TOP, OTHER = TopK(["a"], [HALF], 1e-9), TopK(["b"], [QUARTER], 1e-9)
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    ("entropy_enclosure", (0.5,), {}, TypeError, "top: a TopK wanted, got float"),
    ("entropy_enclosure", (TOP,), {"vocab_size": 0}, ValueError, "vocab_size: 0 is below 1"),
    ("entropy_enclosure", (TOP,), {"vocab_size": 2.0}, TypeError, "vocab_size: an integer"),
    ("entropy_enclosure", (TOP,), {"vocab_size": 1}, ValueError,
     "vocab_size: 0 unseen tokens of at most 0.5"),
    ("entropy_enclosure", (OTHER,), {"vocab_size": 3}, ValueError, "vocab_size: 2 unseen tokens"),
    ("entropy_enclosure", (TopK([1, 2], [HALF, QUARTER], 0),), {"vocab_size": 1}, ValueError,
     "vocab_size: 1 is below the 2 tokens"),
    ("divergence_enclosure", (TOP, 1), {"kind": "tv"}, TypeError, "top_q: a TopK wanted"),
    ("divergence_enclosure", (1, TOP), {"kind": "tv"}, TypeError, "top_p: a TopK wanted, got int"),
    ("divergence_enclosure", (TOP, OTHER), {"kind": "l2"}, ValueError, "kind: 'l2' is none of"),
    ("divergence_enclosure", (TOP, OTHER), {"kind": "tv", "floor": 0.1}, ValueError,
     "floor: 0.1 has no use"),
    ("divergence_enclosure", (TOP, OTHER), {"kind": "kl", "floor": 0}, ValueError,
     "floor: 0 is not above 0"),
    ("divergence_enclosure", (TOP, OTHER), {"kind": "kl", "floor": 0.5}, ValueError,
     "floor: 0.5 is above 0.25"),
    ("divergence_enclosure", (TOP, OTHER), {"kind": "kl", "floor": 0.2, "vocab_size": 9},
     ValueError, "floor: 0.2 for each of 8 tokens"),
    ("divergence_enclosure", (TopK(["a", "c"], [HALF, HALF], 1e-9), TOP),
     {"kind": "kl", "vocab_size": 1}, ValueError, "vocab_size: 1 is below the 2 tokens"),
    ("sensitivity_enclosure", (TOP, TOP), {"divergence": "tv"}, TypeError, "tops_q: a sequence"),
    ("sensitivity_enclosure", (1, [TOP]), {"divergence": "tv"}, TypeError, "top_p: a TopK wanted"),
    ("sensitivity_enclosure", (TOP, []), {"divergence": "tv"}, ValueError, "tops_q: K = 0"),
    ("sensitivity_enclosure", (TOP, [TOP, 3]), {"divergence": "tv"}, TypeError, "tops_q[1]: a"),
    ("sensitivity_enclosure", (TOP, [TOP]), {"divergence": "x"}, ValueError, "divergence: 'x'"),
    ("sua_enclosure", (TOP, [TOP]), {"divergence": "tv", "lam": 0}, ValueError, "lam: 0 is not"),
    ("additive_score_enclosure", (TOP, []), {}, ValueError, "tops_q: K = 0"),
    ("margin_enclosure", (TOP,), {"vocab_size": 1}, ValueError, "vocab_size: 1 leaves no second"),
    ("margin_enclosure", (0.5,), {}, TypeError, "top: a TopK wanted, got float"),
    ("flip_enclosure", (TOP, None), {}, TypeError, "top_q: a TopK wanted"),
    ("flip_enclosure", ([TOP], TOP), {}, TypeError, "top_p: a TopK wanted, got list"),
    ("decide", (Interval(0, 1, True), "1"), {}, TypeError, "tau: a real number wanted"),
    ("decide", (0.5, 1), {}, TypeError, "score: an Interval wanted, got float"),
    ("decide", (Interval(0, 1, True), math.nan), {}, ValueError, "tau: nan"),
    ("abstain", (Interval(0, 1, True), 1), {}, TypeError, "scores: Interval("),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "options", "kind", "said"), CALLS)
def test_a_wrong_call_is_refused_by_name(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as refusal:
        getattr(sua_ref, name)(*arguments, **options)
    assert str(refusal.value).startswith(said)


@given(st.floats(0, 3), st.floats(0, 3), st.floats(0, 3), st.floats(0, 1))
def test_a_decision_is_what_every_score_of_the_interval_says(
    a: float, b: float, tau: float, where: float
) -> None:
    low, high = min(a, b), max(a, b)
    decision = sua_ref.decide(Interval(low, high, True), tau)
    within = {bool(sua_ref.abstain(s, tau)) for s in (low, high, low + where * (high - low))}
    if decision is Decision.UNDETERMINED:
        assert low <= tau < high
    else:
        assert within == {decision is Decision.ABSTAIN}


def test_infinite_ends_decide_too() -> None:
    assert sua_ref.decide(Interval(-math.inf, 0.5, True), 0.5) is Decision.ANSWER
    assert sua_ref.decide(Interval(0.6, math.inf, True), 0.5) is Decision.ABSTAIN
    assert sua_ref.decide(Interval(-math.inf, math.inf, True), 0) is Decision.UNDETERMINED
