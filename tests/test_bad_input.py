"""Bad input: one table of calls, each refused with the argument, the row and the value."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import sua_ref as ref
from sua_ref.checks import sum_tolerance
from tests.strategies import Floats, float_rows

HALF = [0.5, 0.5]
WORLD = ref.FiniteWorld([1.0], [[1.0]], [[HALF]], [HALF], [[1.0]], [[True]])
CALLS: list[tuple[str, Callable[[], Any], str]] = [
    ("negative", lambda: ref.entropy([[0.5, 0.5], [1.2, -0.2]]), r"p: row 1 has 1\.2 at position 0"),
    ("nan", lambda: ref.entropy([math.nan, 1.0]), r"p: row 0 has nan at position 0"),
    ("inf", lambda: ref.entropy([math.inf, 0.0]), r"p: row 0 has inf"),
    ("sum", lambda: ref.entropy([[2.0 / 4, 1.0 / 4]]), r"p: row 0 sums to 0\.75, not 1"),
    ("unnormalised", lambda: ref.kl_divergence(HALF, [0.3, 0.3]), r"q: row 0 sums to 0\.6"),
    ("deep row", lambda: ref.entropy([[HALF], [[0.1, 0.1]]]), r"p: row \(1, 0\) sums to 0\.2"),
    ("empty row", lambda: ref.entropy(np.zeros((3, 0))), r"p: needs a last axis"),
    ("fraction sum", lambda: ref.max_confidence(np.array([Fraction(1, 3)])), r"p: row 0 sums to 1/3"),
    ("ball sum", lambda: ref.max_confidence(np.array([arb(0.25)])), r"p: row 0 sums to 0\.25"),
    ("negative ball", lambda: ref.max_confidence(np.array([arb(-1), arb(2)])), r"p: row 0 has -1"),
    ("shapes", lambda: ref.total_variation(HALF, [HALF]), r"q: shape \(1, 2\) differs"),
    ("K = 0", lambda: ref.distributional_sensitivity(HALF, np.zeros((0, 2))), r"perturbed: K = 0"),
    ("no K", lambda: ref.distributional_sensitivity(HALF, HALF), r"perturbed: shape \(2,\)"),
    ("perturbed row", lambda: ref.distributional_sensitivity(HALF, [[1.0, 1.0]]), "perturbed: row 0"),
    ("kind", lambda: ref.divergence(HALF, HALF, kind="js"), r"kind: 'js' is none of kl, "),
    ("weights", lambda: ref.distributional_sensitivity(HALF, [HALF], weights=[0.9]), "weights: row 0"),
    ("weights shape", lambda: ref.distributional_sensitivity(HALF, [HALF], weights=HALF), "weights: s"),
    ("lam", lambda: ref.sua_score(HALF, [HALF], lam=0), r"lam: 0 is not above 0"),
    ("lam nan", lambda: ref.sua_score(HALF, [HALF], lam=math.nan), r"lam: nan"),
    ("label", lambda: ref.task_loss([HALF, HALF], [0, 2]), r"labels: row 1 is 2, not in 0\.\.1"),
    ("float label", lambda: ref.task_loss([HALF], [0.0]), r"labels: integers wanted"),
    ("label shape", lambda: ref.task_loss([HALF], [0, 1]), r"labels: shape \(2,\)"),
    ("a", lambda: ref.sua_tr_loss([HALF], [[HALF]], [0], lam=1, a=-1, b=0), r"a: -1 is below 0"),
    ("side", lambda: ref.consistency_loss([HALF], [[HALF]], stop_gradient="x"), "stop_gradient: 'x'"),
    ("no rows", lambda: ref.task_loss(np.zeros((0, 2)), np.zeros(0, dtype=int)), "no rows"),
    ("risk", lambda: ref.worst_case_risk(HALF, [HALF], HALF, risk="r"), r"risk: 'r' is none of"),
    ("shifted", lambda: ref.worst_case_risk(HALF, [HALF], HALF, risk="argmax_shifted"), "needed by"),
    ("reading", lambda: ref.interpretation_collapse_gap(HALF, HALF, reading="?"), "reading: '?'"),
    ("loss", lambda: ref.gibbs_risk(HALF, HALF, [[1.0, 0.0]]), r"loss: shape \(1, 2\)"),
    ("loss value", lambda: ref.bayes_risk(HALF, [[math.inf, 0.0]]), r"loss: row 0 has inf"),
    ("V = 1", lambda: ref.entropy_confidence([1.0]), r"p: V = 1"),
    ("confidence", lambda: ref.expected_calibration_error([1.5], [1]), r"confidence: row 0 is 1\.5"),
    ("mark", lambda: ref.expected_calibration_error([0.5], [2]), r"correct: row 0 is 2"),
    ("bins", lambda: ref.expected_calibration_error([0.5], [1], n_bins=0), r"n_bins: 0 is below 1"),
    ("closed", lambda: ref.expected_calibration_error([0.5], [1], closed="up"), "closed: 'up'"),
    ("no scores", lambda: ref.failure_auroc([], []), r"scores: a vector of at least one entry"),
    ("nan score", lambda: ref.failure_auroc([0.1, math.nan], [0, 1]), r"scores: row 1 is nan"),
    ("one class", lambda: ref.failure_auroc([0.1, 0.2], [1, 1]), r"errors: 2 errors among 2 rows"),
    ("marks", lambda: ref.aurc([0.1, 0.2], [0]), r"errors: shape \(1,\); wanted \(2,\)"),
    ("coverage 0", lambda: ref.selective_risk([0.5], [0], tau=0.1), r"tau: no score is at or below"),
    ("tau", lambda: ref.selective_risk([0.5], [0], tau=math.nan), r"tau: nan"),
    ("coverage", lambda: ref.selective_accuracy([0.5], [1], coverage=0), r"coverage: 0 is not above"),
    ("coverage 2", lambda: ref.selective_accuracy([0.5], [1], coverage=2), r"coverage: 2 is above 1"),
    ("predictions", lambda: ref.accuracy([0.5], [1]), r"predictions: integers wanted"),
    ("robust shape", lambda: ref.robust_accuracy([[0], [1]], [0]), r"perturbed_predictions: shape"),
    ("delta", lambda: ref.is_label_invariant(HALF, [HALF], delta=-1), r"delta: -1 is below 0"),
    ("logit nan", lambda: ref.entropy_from_logits([[0.0, math.nan]]), r"logits: entry \(0, 1\) is nan"),
    ("logit inf", lambda: ref.entropy_from_logits([math.inf]), r"logits: entry \(0,\) is inf"),
    ("a number as logits", lambda: ref.entropy_from_logits(0.0), r"logits: needs a last axis .* \(\)"),
    ("no logit", lambda: ref.entropy_from_logits(np.ones((2, 0))), r"logits: needs .* \(2, 0\)"),
    ("no label", lambda: ref.entropy_from_logits([-math.inf, -math.inf]), r"logits: row .* -inf"),
    ("temperature", lambda: ref.temperature_scale([[math.nan, 0.0]], [0]), r"logits: row 0 has nan"),
    ("samples", lambda: ref.ambiguity_proxy([]), r"samples: shape \(0,\)"),
    ("float samples", lambda: ref.ambiguity_proxy([0.5]), r"samples: integers or strings"),
    ("thresholds", lambda: ref.failure_signature(0.1, 0.1, thresholds={"s": 1}), "thresholds: wanted"),
    ("joint", lambda: ref.mutual_information([[0.5, 0.6]]), r"joint: row 0 sums to 1\.1"),
    ("half row", lambda: ref.entropy(np.zeros(2000, np.float16)), r"p: row 0 sums to 0"),
    ("nan ball", lambda: ref.aurc(np.array([arb.nan()]), [1]), r"scores: row 0 is nan"),
    ("nan ball row", lambda: ref.max_confidence(np.array([arb.nan()])), r"p: row 0 has nan"),
    ("nan signature", lambda: ref.failure_signature(math.nan, 0.1, thresholds={"sensitivity": 1, "entropy": 1}), "sensitivity: row 0 is nan"),
    ("gap shapes", lambda: ref.miscalibration_gap(HALF, [0.2, 0.3, 0.5]), r"p_true: shape \(3,\)"),
    ("law shapes", lambda: ref.worst_case_risk(HALF, [HALF, HALF], HALF, p_true_perturbed=[HALF]), "p_true_perturbed: shape"),
    ("infinite lam", lambda: ref.sua_score(HALF, [HALF], lam=math.inf), r"lam: inf is not finite"),
    ("wide logits", lambda: ref.temperature_scale([[1e308, -1e308]], [0]), r"logits: row 0 spans"),
    ("eq 10 gap", lambda: ref.thm_4_3_eq_10(HALF, [HALF], HALF, lipschitz=1, phi=lambda h: 0 * h, gap="?"), "gap: '\\?'"),
    ("eq 10 L", lambda: ref.thm_4_3_eq_10(HALF, [HALF], HALF, lipschitz=-1, phi=lambda h: 0 * h), "lipschitz: -1 is below 0"),
    ("eq 10 L inf", lambda: ref.thm_4_3_eq_10(HALF, [HALF], HALF, lipschitz=math.inf, phi=lambda h: 0 * h), "lipschitz: inf"),
    ("eq 10 phi", lambda: ref.thm_4_3_eq_10(HALF, [HALF], HALF, lipschitz=1, phi=lambda h: math.nan * h), "phi: row 0 is nan"),
    ("eq 11 condition", lambda: ref.thm_4_3_eq_11(HALF, [HALF], HALF, lam=1, lipschitz=1, phi=lambda h: 0 * h, condition="?"), "condition: '\\?'"),
    ("alpha", lambda: ref.lem_4_7(HALF, [HALF], alpha=1.5), r"alpha: 1\.5 is above 1"),
    ("factor", lambda: ref.lem_4_7(HALF, [HALF], alpha=0.5, factor="x"), "factor: 'x'"),
    ("smoothed rows", lambda: ref.lem_4_7(HALF, [[0.5, 0.4]], alpha=0.5), "perturbed: row 0 sums"),
    ("after", lambda: ref.lem_4_7_general(HALF, [HALF], [0.2, 0.3, 0.5], [HALF]), r"after: shape \(3,\)"),
    ("perturbed after", lambda: ref.lem_4_7_general(HALF, [HALF], HALF, [HALF, HALF]), r"perturbed_after: shape"),
    ("risk after", lambda: ref.lem_4_7_risk(HALF, [0.5, 0.6], HALF), "after: row 0 sums"),
    ("risk name", lambda: ref.lem_4_7_risk(HALF, HALF, HALF, risk="?"), "risk: '\\?'"),
    ("confidence name", lambda: ref.population_calibration_error(WORLD, confidence="?"), "confidence: '\\?'"),
    ("weighting", lambda: ref.thm_4_5(WORLD, lam=1, weighting="?"), "weighting: '\\?'"),
    ("slack", lambda: ref.thm_4_5(WORLD, lam=1, slack=-1), "slack: -1 is below 0"),
    ("world lam", lambda: ref.thm_4_5(WORLD, lam=0), "lam: 0 is not above 0"),
    ("world kind", lambda: ref.cor_4_4(WORLD, lam=1, lipschitz=1, phi=lambda h: 0 * h, divergence="?"), "divergence: '\\?'"),
    ("world risk", lambda: ref.cor_4_4(WORLD, lam=1, lipschitz=1, phi=lambda h: 0 * h, risk="?"), "risk: '\\?'"),
    ("baseline", lambda: ref.prop_4_8(WORLD, tau=0, lam=1, lipschitz=1, baseline="?"), "baseline: '\\?'"),
    ("selective", lambda: ref.prop_4_8(WORLD, tau=0, lam=1, lipschitz=1, selective="?"), "selective: '\\?'"),
    ("infinite tau", lambda: ref.prop_4_8(WORLD, tau=math.inf, lam=1, lipschitz=1), "tau: inf is not finite"),
    ("nothing accepted", lambda: ref.prop_4_8(WORLD, tau=-9, lam=1, lipschitz=1), "tau: no input of positive"),
    ("mixture", lambda: ref.mixture(HALF, [HALF]), r"p_y_given_z: shape \(1, 2\) does not fit"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_bad_input_is_refused_in_words(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


@given(float_rows(), st.sampled_from([3.0, -3.0, 100.0]))
def test_the_sum_is_allowed_its_rounding_and_no_more(p: Floats, tolerances: float) -> None:
    allowed = sum_tolerance(len(p), np.dtype(np.float64))
    assert ref.entropy(p) >= 0
    q = p.copy()
    q[int(np.argmax(q))] += tolerances * allowed
    with pytest.raises(ValueError, match=r"probabilities lie in|sums to"):
        ref.entropy(q)


@given(st.integers(2, 4000), st.integers(0, 2**32 - 1), st.sampled_from([np.float16, np.float32]))
def test_a_softmax_in_half_or_single_precision_is_accepted(
    n: int, seed: int, dtype: type[np.floating[Any]]
) -> None:
    x = np.random.default_rng(seed).normal(size=n).astype(dtype)
    powers = np.exp(x - x.max(), dtype=dtype)
    p = (powers / powers.sum(dtype=dtype)).astype(dtype)
    assert 0 <= ref.entropy(p) <= math.log(n) * 1.01


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ref.sua_score(HALF, [HALF], lam="1"), r"lam: a real number wanted, got str '1'"),
        (lambda: ref.abstain([0.5], None), r"tau: a real number wanted"),
        (lambda: ref.expected_calibration_error([0.5], [1], n_bins=2.5), r"n_bins: an integer"),  # type: ignore[arg-type]  # what is tested
        (lambda: ref.entropy([1j]), r"p: numbers of dtype complex128"),
    ],
)
def test_what_is_no_number_is_a_type_error_in_words(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        call()


def test_nothing_is_repaired() -> None:
    p = np.array([0.5, 0.5 + 4e-16])
    before = p.copy()
    ref.sua_score(p, np.array([p]), lam=1.0)
    assert (p == before).all()
