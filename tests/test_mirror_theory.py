"""The torch mirror of section 4: reference and backend on the same random worlds, all readings."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

import sua_gpu
import sua_ref
from sua_gpu import sec4_population as gpu_population
from sua_ref import sec4_population as population
from sua_ref.elements import Array
from sua_ref.sec4_risks import GAPS, RISKS
from sua_ref.sec4_tension import FACTORS
from sua_ref.sec4_theory import CONDITIONS
from tests.strategies import as_floats, finite_worlds, in_number_type
from tests.tolerances import WORLD

DIVERGENCES = st.sampled_from(["kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2"])
WORLDS = finite_worlds().map(lambda w: in_number_type(w, as_floats))
READINGS = st.fixed_dictionaries(
    {"risk": st.sampled_from(RISKS), "gap": st.sampled_from(GAPS), "divergence": DIVERGENCES}
)
COVERED = {
    "argmax_risk", "bayes_risk", "cor_4_4", "ece_lower_bound", "expected_risk_bound", "gibbs_risk",
    "interpretation_collapse_gap", "lem_4_6", "lem_4_7", "lem_4_7_general", "lem_4_7_risk",
    "population_calibration_error", "prop_4_8", "self_risk", "thm_4_3_eq_10", "thm_4_3_eq_11",
    "thm_4_5", "worst_case_risk",
}  # fmt: skip
"""The functions whose values are compared here."""


def tensor(a: Array | None) -> Tensor | None:
    return None if a is None else torch.from_numpy(np.array(a))


def twin(world: sua_ref.FiniteWorld) -> sua_gpu.FiniteWorld:
    """The same world in torch."""
    fields = [f.name for f in dataclasses.fields(world) if f.name != "p_true"]
    return sua_gpu.FiniteWorld(*(tensor(getattr(world, name)) for name in fields))  # type: ignore[arg-type]  # only the loss may be None


def agree(truth: Any, value: Any) -> None:
    """Equal infinities, and WORLD apart relative to the size of an entry."""
    a, b = np.asarray(truth, dtype=np.float64), np.asarray(torch.as_tensor(value), dtype=np.float64)
    assert a.shape == b.shape
    for x, y in zip(a.flat, b.flat, strict=True):
        assert x == y or abs(x - y) <= WORLD * (1 + abs(x)), (x, y)


def bounds_agree(ours: sua_ref.Bound, theirs: sua_ref.Bound, decided: bool = True) -> None:
    agree(ours.lhs, theirs.lhs)
    agree(ours.rhs, theirs.rhs)
    assert set(ours.hypotheses) == set(theirs.hypotheses)
    if decided:
        for name, holds in ours.hypotheses.items():
            assert np.array_equal(np.asarray(holds), np.asarray(theirs.hypotheses[name])), name


def at_inputs(world: sua_ref.FiniteWorld) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The arguments at every input, as arrays and as tensors."""
    for x in range(len(world)):
        p, perturbed, p_true, weights, laws = world.arguments(x)
        ours = {
            "p": p, "perturbed": perturbed, "p_true": p_true, "weights": weights,
            "p_true_perturbed": laws, "loss": world.loss,
        }  # fmt: skip
        yield ours, {name: tensor(a) for name, a in ours.items()}


def only(arguments: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: arguments[name] for name in names}


@given(WORLDS)
def test_worlds_agree(world: sua_ref.FiniteWorld) -> None:
    there = twin(world)
    assert len(there) == len(world)
    agree(world.p_true, there.p_true)
    for x in range(len(world)):
        for a, b in zip(world.arguments(x), there.arguments(x), strict=True):
            agree(a, b)
    assert there.is_stationary() == world.is_stationary()
    for delta in (0.0371, 0.5123):
        assert there.is_label_invariant(delta) == world.is_label_invariant(delta)
    values = np.where(world.p_x > 0, world.model[:, 0], np.inf)
    agree(world.expectation(values), there.expectation(torch.from_numpy(values)))


@given(WORLDS, READINGS)
def test_risks_agree(world: sua_ref.FiniteWorld, readings: dict[str, str]) -> None:
    for ours, theirs in at_inputs(world):
        for name in ("gibbs_risk", "interpretation_collapse_gap", "argmax_risk"):
            names = ("p", "p_true") if name == "argmax_risk" else ("p", "p_true", "loss")
            extra = {"reading": readings["gap"]} if name.endswith("gap") else {}
            truth = getattr(sua_ref, name)(**only(ours, *names), **extra)
            agree(truth, getattr(sua_gpu, name)(**only(theirs, *names), **extra))
        for name, argument in (("bayes_risk", "p_true"), ("self_risk", "p")):
            truth = getattr(sua_ref, name)(**only(ours, argument, "loss"))
            agree(truth, getattr(sua_gpu, name)(**only(theirs, argument, "loss")))
        ball = ("p", "perturbed", "p_true", "loss", "p_true_perturbed")
        worst = sua_ref.worst_case_risk(**only(ours, *ball), risk=readings["risk"])
        agree(worst, sua_gpu.worst_case_risk(**only(theirs, *ball), risk=readings["risk"]))


@given(WORLDS, READINGS, st.sampled_from(CONDITIONS), st.sampled_from([0, 0.5]))
def test_theorem_4_3_agrees(
    world: sua_ref.FiniteWorld, readings: dict[str, str], condition: str, lipschitz: float
) -> None:
    names = ("p", "perturbed", "p_true", "loss", "p_true_perturbed")
    shared: dict[str, Any] = {"lipschitz": lipschitz, "phi": lambda h: 0.2971 * h, **readings}
    for ours, theirs in at_inputs(world):
        bounds_agree(
            sua_ref.thm_4_3_eq_10(**only(ours, *names), **shared),
            sua_gpu.thm_4_3_eq_10(**only(theirs, *names), **shared),
        )
        more = {**shared, "lam": 0.417, "condition": condition}
        bounds_agree(
            sua_ref.thm_4_3_eq_11(**only(ours, *names, "weights"), **more),
            sua_gpu.thm_4_3_eq_11(**only(theirs, *names, "weights"), **more),
        )


@given(WORLDS, READINGS, st.sampled_from(CONDITIONS), st.sampled_from([0, 0.5]))
def test_corollary_4_4_agrees(
    world: sua_ref.FiniteWorld, readings: dict[str, str], condition: str, lipschitz: float
) -> None:
    shared: dict[str, Any] = {
        "lam": 0.417, "lipschitz": lipschitz, "phi": lambda h: 0.2971 * h,
        "condition": condition, **readings,
    }  # fmt: skip
    bounds_agree(sua_ref.cor_4_4(world, **shared), sua_gpu.cor_4_4(twin(world), **shared))


def _clear_of_edges(world: sua_ref.FiniteWorld, confidence: str, n: int) -> bool:
    """No confidence so near an interior edge that two roundings could put it on either side."""
    if confidence == "max":
        return True  # the largest entry is read, not computed
    scaled = sua_ref.entropy_confidence(world.model) * n
    nearest = np.rint(scaled)
    interior = (nearest > 0) & (nearest < n)
    return not bool((interior & (np.abs(scaled - nearest) < 1e-9)).any())


@given(
    WORLDS,
    st.integers(1, 6),
    st.sampled_from(["right", "left"]),
    st.sampled_from(population.CONFIDENCES),
    st.sampled_from(population.WEIGHTINGS),
    DIVERGENCES,
)
def test_theorem_4_5_agrees(
    world: sua_ref.FiniteWorld, n: int, closed: str, confidence: str, weighting: str, kind: str
) -> None:
    assume(_clear_of_edges(world, confidence, n))
    shared: dict[str, Any] = {"confidence": confidence, "n_bins": n, "closed": closed}
    agree(
        sua_ref.population_calibration_error(world, **shared),
        sua_gpu.population_calibration_error(twin(world), **shared),
    )
    more = {**shared, "lam": 0.317, "slack": 0.01, "weighting": weighting, "divergence": kind}
    # Equal entropies of permuted rows may round apart, and conf tells no one which: only the sides.
    bounds_agree(
        sua_ref.thm_4_5(world, **more), sua_gpu.thm_4_5(twin(world), **more), decided=False
    )


@given(
    WORLDS,
    READINGS,
    st.sampled_from([-0.3217, 0.0371, 0.2713]),
    st.sampled_from(population.BASELINES),
    st.sampled_from(population.SELECTIVE),
)
def test_proposition_4_8_agrees(
    world: sua_ref.FiniteWorld, readings: dict[str, str], tau: float, base: str, selective: str
) -> None:
    shared: dict[str, Any] = {
        "tau": tau, "lam": 0.417, "lipschitz": 2, "baseline": base, "selective": selective,
        **readings,
    }  # fmt: skip
    scores = [
        float(sua_ref.sua_score(p, near, lam=0.417, divergence=readings["divergence"], weights=w))
        for p, near, _, w, _ in map(world.arguments, range(len(world)))
    ]
    if not any(m > 0 and s <= tau for m, s in zip(world.p_x, scores, strict=True)):
        for module, w in ((sua_ref, world), (sua_gpu, twin(world))):
            with pytest.raises(ValueError, match="coverage 0"):
                module.prop_4_8(w, **shared)
        return
    bounds_agree(sua_ref.prop_4_8(world, **shared), sua_gpu.prop_4_8(twin(world), **shared))


@given(WORLDS, DIVERGENCES, st.sampled_from([0, 0.25, 1]), st.sampled_from(FACTORS))
def test_lemma_4_7_agrees(world: sua_ref.FiniteWorld, kind: str, alpha: float, factor: str) -> None:
    for ours, theirs in at_inputs(world):
        views = ("p", "perturbed", "weights")
        shared: dict[str, Any] = {"alpha": alpha, "divergence": kind, "factor": factor}
        bounds_agree(
            sua_ref.lem_4_7(**only(ours, *views), **shared),
            sua_gpu.lem_4_7(**only(theirs, *views), **shared),
        )
        # The label laws stand in for a second model; equal entropies may round apart.
        for a in (ours, theirs):
            a |= {"after": a["p_true"], "perturbed_after": a["p_true_perturbed"]}
        names = ("p", "perturbed", "after", "perturbed_after", "weights")
        bounds_agree(
            sua_ref.lem_4_7_general(**only(ours, *names), divergence=kind),
            sua_gpu.lem_4_7_general(**only(theirs, *names), divergence=kind),
            decided=False,
        )


@given(WORLDS, st.sampled_from(RISKS))
def test_the_risk_of_lemma_4_7_agrees(world: sua_ref.FiniteWorld, risk: str) -> None:
    for ours, theirs in at_inputs(world):
        bounds_agree(
            sua_ref.lem_4_7_risk(ours["p"], ours["perturbed"][-1], ours["p_true"], risk=risk),
            sua_gpu.lem_4_7_risk(theirs["p"], theirs["perturbed"][-1], theirs["p_true"], risk=risk),
            decided=False,
        )


@given(WORLDS, st.sampled_from([None, 0.2317]), st.sampled_from([None, 0.4121]))
def test_lemma_4_6_agrees_in_one_batch(
    world: sua_ref.FiniteWorld, alpha: float | None, beta: float | None
) -> None:
    rows = (world.model, world.p_z, world.p_y_given_z)
    bounds_agree(
        sua_ref.lem_4_6(*rows, alpha=alpha, beta=beta),
        sua_gpu.lem_4_6(*(torch.from_numpy(np.array(a)) for a in rows), alpha=alpha, beta=beta),
    )


@given(WORLDS)
def test_the_repairs_agree(world: sua_ref.FiniteWorld) -> None:
    for ours, theirs in at_inputs(world):
        names = ("p", "perturbed", "p_true", "weights")
        bounds_agree(
            sua_ref.expected_risk_bound(**only(ours, *names)),
            sua_gpu.expected_risk_bound(**only(theirs, *names)),
        )
    conf, flips = np.array(world.model[:, 0]), np.array(world.kernel)
    shared: dict[str, Any] = {**FLAGS, "delta": 0.25}
    agree(
        sua_ref.ece_lower_bound(conf, flips, **shared, weights=world.p_x),
        sua_gpu.ece_lower_bound(
            torch.from_numpy(conf), torch.from_numpy(flips), **shared, weights=tensor(world.p_x)
        ),
    )


def test_the_hypotheses_of_theorem_4_5_are_decided_alike() -> None:
    flat, peak = [0.5, 0.5, 0.0], [0.55, 0.225, 0.225]
    for rows, falls in (([flat, peak], False), ([flat, flat], True)):
        world = sua_ref.FiniteWorld(
            [0.5, 0.5], [[1.0]] * 2, [[[1.0, 0.0, 0.0]]] * 2, rows,
            [[1.0, 0.0], [0.0, 1.0]], [[True, False], [False, True]],
        )  # fmt: skip
        for w, module in ((world, population), (twin(world), gpu_population)):
            bound = module.thm_4_5(w, lam=1, confidence="max")
            assert bound.hypotheses == {"confidence": falls, "sensitivity": False}


FLAGS: dict[str, Any] = {"label_invariant": True, "stationary": True}
HALF = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
ONE = torch.eye(2)
TWO = (torch.tensor([0.5, 0.5]), torch.ones(2, 1), HALF[:, None], HALF, ONE, ONE > 0)


def changed(place: int, value: Any) -> sua_gpu.FiniteWorld:
    fields: list[Any] = list(TWO)
    fields[place] = value
    return sua_gpu.FiniteWorld(*fields)


BAD: list[tuple[Callable[[], Any], str]] = [
    (lambda: changed(0, torch.tensor([0.5, 0.25])), r"p_x: row 0 sums to 0\.75"),
    (lambda: changed(0, HALF), r"p_x: shape \(2, 2\)"),
    (lambda: changed(3, ONE[:1]), r"model: shape \(1, 2\); wanted \(2, 2\)"),
    (lambda: changed(4, HALF), r"kernel: row 0 has 0\.5 at column 1, outside its ball"),
    (lambda: changed(5, ONE < 0), "neighbours: row 0 is False at column 0"),
    (lambda: changed(5, ONE[:1] > 0), r"neighbours: shape \(1, 2\)"),
    (lambda: sua_gpu.FiniteWorld(*TWO, math.inf * (ONE + 1)), "loss: row 0 has inf .* unbounded"),
    (lambda: sua_gpu.FiniteWorld(*TWO).arguments(2), r"x: 2 is not in 0\.\.1"),
    (lambda: sua_gpu.FiniteWorld(*TWO).expectation(ONE[0, :1]), r"values: shape \(1,\)"),
    (lambda: sua_gpu.FiniteWorld(*TWO).expectation(ONE[0] / 0), r"values: entry \(1,\) is nan"),
    (lambda: sua_gpu.gibbs_risk(HALF, ONE[:1]), r"p_true: shape \(1, 2\)"),
    (lambda: sua_gpu.bayes_risk(HALF, ONE[:, :1]), r"loss: shape \(2, 1\)"),
    (lambda: sua_gpu.worst_case_risk(HALF, HALF[:, None], HALF, risk="argmax_shifted"), "needed"),
    (lambda: sua_gpu.lem_4_7(HALF, HALF[:, None], alpha=2), "alpha: 2 is above 1"),
    (lambda: sua_gpu.lem_4_6(HALF, ONE, HALF[:, None]), "p_y_given_z: shape"),
    (lambda: sua_gpu.thm_4_5(sua_gpu.FiniteWorld(*TWO), lam=1, n_bins=0), "n_bins: 0 is below 1"),
    (lambda: sua_gpu.prop_4_8(sua_gpu.FiniteWorld(*TWO), tau=math.nan, lam=1, lipschitz=1), "tau"),
    (lambda: sua_gpu.ece_lower_bound(ONE[0], ONE[0], **FLAGS | {"stationary": False}), "stationa"),
    (lambda: sua_gpu.ece_lower_bound(2 * ONE[0], ONE[0], **FLAGS), r"confidence: row 0 is 2\.0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), BAD)
def test_bad_tensors_are_refused_in_words(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_dtypes_are_not_mixed_and_integers_join() -> None:
    with pytest.raises(TypeError, match=r"one dtype per world: p_x is torch\.float64"):
        changed(0, torch.tensor([0.5, 0.5], dtype=torch.float64))
    with pytest.raises(TypeError, match=r"neighbours: booleans wanted, got torch\.float32"):
        changed(5, ONE)
    assert changed(4, torch.eye(2, dtype=torch.int64)).kernel.dtype == torch.float32
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed(4, ONE).kernel = ONE  # type: ignore[misc]  # what is tested


def test_the_risk_and_the_repaired_bound_are_differentiable() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    y = torch.randn(3, 2, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    law = torch.full((3, 4), 0.25, dtype=torch.float64)

    def right(a: Tensor, b: Tensor) -> Tensor:
        bound = sua_gpu.expected_risk_bound(a.softmax(-1), b.softmax(-1), law)
        return (bound.lhs + bound.rhs).sum()  # type: ignore[no-any-return]  # a tensor

    assert torch.autograd.gradcheck(right, (x, y))
