"""Proposition 4.8, inequality (14): REFUTED; a smaller threshold need not lower the risk."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, target
from hypothesis import strategies as st

import sua_ref
from proofs_checks import counterexamples, prop_4_8
from proofs_checks.evidence import Kind
from proofs_checks.run import pieces_of
from sua_ref import FiniteWorld
from sua_ref.elements import Array
from sua_ref.sec4_population import SELECTIVE
from sua_ref.sec4_risks import GAPS, RISKS
from tests.moved_outputs import moved_outputs
from tests.planted import survivors
from tests.strategies import as_balls, as_floats, finite_worlds, in_number_type, plain_world
from tests.tightness import Recorder, counts_cases_of
from tests.tolerances import WORLD
from tests.verdicts import verdict

RIGHT, WRONG, COIN = (
    [Fraction(1), Fraction(0)],
    [Fraction(0), Fraction(1)],
    [Fraction(1, 2), Fraction(1, 2)],
)
UNSTABLE_IS_RIGHT = plain_world(
    [Fraction(1, 2), Fraction(1, 2), 0], [RIGHT] * 3, [WRONG, RIGHT, WRONG],
    [[1, 0, 0], [0, 0, 1], [0, 0, 1]],
)  # fmt: skip
"""One input always wrong and still, one right and moving: SUA = 0 and 1."""
ORACLE = plain_world(
    [Fraction(1, 2), Fraction(1, 2)], [COIN, RIGHT], [COIN, RIGHT], [[1, 0], [0, 1]]
)
"""It knows the truth: one input a coin (SUA = -lambda log 2), one certain (SUA = 0)."""


def test_the_verdicts() -> None:
    ids = {c.id.split("@")[1] for c in prop_4_8.CLAIMS if c.id.startswith("prop_4_8@")}
    assert ids == {f"{r}.{g}.{s}" for r in RISKS for g in GAPS for s in SELECTIVE}
    assert verdict("prop_4_8") == "REFUTED"
    assert verdict("prop_4_8.monotone") == "REFUTED"
    assert verdict("prop_4_8.remark@clean.nonnegative") == "VACUOUS"
    for reading in ("clean.negative", "clean.signed", "robust"):
        assert verdict(f"prop_4_8.remark@{reading}") == "REFUTED"
    assert verdict("prop_4_8.remark") == "ILL_POSED"
    assert verdict("prop_4_8.answered") == verdict("prop_4_8.additive") == "PROVED"


def test_each_counterexample_stands_alone() -> None:
    for claim in prop_4_8.CLAIMS:
        for piece in pieces_of(claim):
            if piece.kind is Kind.COUNTEREXAMPLE:
                assert piece.run() == [], claim.id


def test_planted_faults_are_refused() -> None:
    for lemma in (prop_4_8.ANSWERED, prop_4_8.ADDITIVE, prop_4_8.REMARK):
        assert survivors(lemma) == []


def test_where_everything_is_answered_nothing_is_refuted() -> None:
    for setting in (counterexamples.COIN_KEPT, counterexamples.COIN_KEPT_BY_TWO):
        for risk in RISKS:
            faults = prop_4_8.violation_faults(setting, tau=Fraction(2), risk=risk)
            assert faults == ["lhs > rhs is false"]


Inputs = list[tuple[Array, Array, Array, Array]]


def _scores(inputs: Inputs, lam: float) -> list[float]:
    return [
        float(
            sua_ref.sua_score(
                as_floats(p), as_floats(q), lam=lam, divergence="tv", weights=as_floats(w)
            )
        )
        for p, q, _, w in inputs
    ]


@counts_cases_of("prop_4_8.answered")
def test_the_mean_risk_of_the_answered_inputs_pays_for_their_entropy() -> None:
    """In floats, for SUA has a logarithm; the threshold is the score of one of the inputs."""
    seen = Recorder()

    @given(st.lists(moved_outputs(), min_size=1, max_size=3), st.floats(0.01, 1))
    def holds(inputs: Inputs, lam: float) -> None:
        scores = _scores(inputs, lam)
        tau = scores[0]
        kept = [case for case, s in zip(inputs, scores, strict=True) if s <= tau]
        left = right = here = 0.0
        for p, q, truth, w in kept:
            b = sua_ref.expected_risk_bound(p, q, truth, weights=w)
            left += float(b.lhs) / len(kept)
            here += float(sua_ref.gibbs_risk(p, truth)) / len(kept)
            right += lam * float(sua_ref.entropy(as_floats(p))) / len(kept)
        assert left <= here + right + tau + WORLD
        if right + tau > WORLD:  # near by what the bound adds to the risk
            seen.case(right + tau, here + right + tau - left)
            target(left - here - right - tau)

    holds()
    seen.check()


@counts_cases_of("prop_4_8.additive")
def test_the_error_of_the_inputs_that_the_additive_score_answers() -> None:
    seen = Recorder()
    near = st.fractions(Fraction(1, 1000), Fraction(1, 200), max_denominator=1000)

    @given(st.lists(moved_outputs(), min_size=1, max_size=3), near, st.booleans())
    def holds(inputs: Inputs, s: Fraction, extremal: bool) -> None:
        if extremal:  # the family of n_3, which leaves 2 s
            p, q, truth, one = (
                np.array(a, dtype=object)
                for a in (
                    [Fraction(3, 5), Fraction(2, 5)],
                    [[Fraction(1, 2) - s, Fraction(1, 2) + s]],
                    RIGHT,
                    [Fraction(1)],
                )
            )
            inputs = [(p, q, truth, one)]
        scores = [sua_ref.additive_score(p, q, weights=w) for p, q, _, w in inputs]
        tau = scores[0]
        kept = [case for case, v in zip(inputs, scores, strict=True) if v <= tau]
        left, right = Fraction(0), tau
        for p, q, truth, w in kept:
            errors = sua_ref.argmax_risk(q, np.stack([truth] * len(q)))
            left += sum(a * b for a, b in zip(w, errors, strict=True)) / len(kept)
            right += sua_ref.total_variation(p, truth) / len(kept)
        assert left <= right
        if right > 0:
            seen.case(right, right - left)
            target(float(left - right))

    holds()
    seen.check()


@pytest.mark.parametrize("risk", ["gibbs", "argmax", "argmax_shifted"])
@pytest.mark.parametrize("gap", GAPS)
def test_the_accepted_half_is_wrong(risk: str, gap: str) -> None:
    """R_sel = 1 against R + tau + kappa = 1/2 + 0 + 0."""
    b = sua_ref.prop_4_8(
        in_number_type(UNSTABLE_IS_RIGHT, as_balls), tau=0, lam=1, lipschitz=1, risk=risk, gap=gap
    )
    assert (b.lhs, b.rhs) == (1, arb(1) / 2)
    assert b.hypotheses == {"asm_1": True}


def test_a_smaller_threshold_raises_the_selective_risk_of_an_oracle() -> None:
    ball = in_number_type(ORACLE, as_balls)
    risks = [
        sua_ref.prop_4_8(ball, tau=tau, lam=1, lipschitz=1).lhs for tau in (0, Fraction(-1, 4))
    ]
    assert risks == [arb(1) / 4, arb(1) / 2]


def test_the_remark_fails_below_zero_and_for_the_robust_risk() -> None:
    """1/2 <= 1/2 - 1/4 and, where one perturbation in eight is fatal, 1 <= 1/8."""
    b = sua_ref.prop_4_8(
        in_number_type(ORACLE, as_balls),
        tau=Fraction(-1, 4),
        lam=1,
        lipschitz=1,
        baseline="accepted",
    )
    assert (b.lhs, b.rhs) == (arb(1) / 2, arb(1) / 4)
    rare = plain_world(
        [1, 0], [RIGHT] * 2, [RIGHT, WRONG], [[Fraction(7, 8), Fraction(1, 8)], [0, 1]]
    )
    b = sua_ref.prop_4_8(
        in_number_type(rare, as_balls), tau=Fraction(1, 8), lam=1, lipschitz=1, baseline="accepted",
        selective="robust",
    )  # fmt: skip
    assert (b.lhs, b.rhs) == (1, arb(1) / 8)


@given(
    finite_worlds(),
    st.sampled_from([-0.3217, 0.0371, 0.2713, 5.0]),
    st.sampled_from(RISKS),
    st.sampled_from(GAPS),
    st.booleans(),
    st.booleans(),
)
def test_the_sides_are_conditional_means(
    world: FiniteWorld, tau: float, risk: str, gap: str, overall: bool, clean: bool
) -> None:
    w = in_number_type(world, as_floats)
    mass = left = own = everyone = kappa = 0.0
    for x in range(len(w)):
        p, perturbed, truth, weights, laws = w.arguments(x)
        here, worst = (
            float(
                sua_ref.worst_case_risk(
                    p, around, truth, risk=risk, loss=w.loss, p_true_perturbed=around_laws
                )
            )
            for around, around_laws in ((p[None, :], truth[None, :]), (perturbed, laws))
        )
        everyone += w.p_x[x] * here
        score = sua_ref.sua_score(p, perturbed, lam=0.417, divergence="tv", weights=weights)
        if score <= tau:
            mass += w.p_x[x]
            own += w.p_x[x] * here
            left += w.p_x[x] * (here if clean else worst)
            kappa += w.p_x[x] * sua_ref.interpretation_collapse_gap(
                p, truth, reading=gap, loss=w.loss
            )
    readings = {
        "baseline": "overall" if overall else "accepted",
        "selective": "clean" if clean else "robust",
    }

    def call() -> sua_ref.Bound:
        return sua_ref.prop_4_8(
            w, tau=tau, lam=0.417, lipschitz=2, risk=risk, gap=gap,
            baseline=readings["baseline"], selective=readings["selective"],
        )  # fmt: skip

    if mass == 0:
        with pytest.raises(ValueError, match="tau: no input of positive probability has SUA <="):
            call()
        return
    b = call()
    assert b.lhs == pytest.approx(left / mass, abs=WORLD)
    reference = everyone if overall else own / mass
    assert b.rhs == pytest.approx(reference + 2 * tau + kappa / mass, abs=WORLD)


def test_what_is_true_of_the_clean_risk() -> None:
    """R_sel <= R / C(tau), for 0-1 losses: wherever something is accepted."""
    accepted: list[bool] = []

    @given(finite_worlds())
    def holds(world: FiniteWorld) -> None:
        w = in_number_type(
            FiniteWorld(
                world.p_x, world.p_z, world.p_y_given_z, world.model, world.kernel,
                world.neighbours,
            ),
            as_floats,
        )  # fmt: skip
        scores = [
            float(sua_ref.sua_score(p, near, lam=0.417, divergence="tv", weights=weights))
            for p, near, _, weights, _ in map(w.arguments, range(len(w)))
        ]
        coverage = sum(m for m, s in zip(w.p_x, scores, strict=True) if s <= 0.0371)
        if coverage == 0:
            return
        b = sua_ref.prop_4_8(w, tau=0.0371, lam=0.417, lipschitz=1)
        risk = w.expectation(sua_ref.gibbs_risk(w.model, w.p_true))
        assert b.lhs <= risk / coverage + WORLD
        accepted.append(coverage < 1)

    holds()
    assert sum(accepted) >= 3
