"""The torch mirror: names and signatures first, then values, then gradients."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from tests.strategies import Floats, float_pairs, float_rows, logit_pairs
from tests.test_mirror_theory import COVERED

FUNCTIONS = sorted(
    name
    for name in sua_ref.__all__
    if callable(getattr(sua_ref, name)) and not inspect.isclass(getattr(sua_ref, name))
)
MIRRORED = [name for name in FUNCTIONS if name not in sua_gpu.EXEMPT]
MIRROR_ONLY = {"implementation", "validate", "generator"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_name_is_mirrored_or_exempt_with_a_reason(name: str) -> None:
    assert hasattr(sua_gpu, name) != (name in sua_gpu.EXEMPT)
    if name in sua_gpu.EXEMPT:
        assert len(sua_gpu.EXEMPT[name]) > 20


@pytest.mark.parametrize("name", MIRRORED)
def test_signatures_agree(name: str) -> None:
    ours = inspect.signature(getattr(sua_ref, name)).parameters
    theirs = inspect.signature(getattr(sua_gpu, name)).parameters
    shared = {k: v for k, v in theirs.items() if k not in MIRROR_ONLY}
    assert list(ours) == list(shared)
    for k, v in ours.items():
        assert (v.kind, v.default) == (shared[k].kind, shared[k].default)
    for k in set(theirs) & MIRROR_ONLY:
        assert theirs[k].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", sorted(sua_gpu.EXEMPT))
def test_nothing_is_exempt_that_does_not_exist(name: str) -> None:
    assert name in sua_ref.__all__


def _extra(name: str, kind: str) -> dict[str, Any]:
    parameters = inspect.signature(getattr(sua_ref, name)).parameters
    extra: dict[str, Any] = {"lam": 0.75, "a": 0.5, "b": 2.0, "divergence": kind, "kind": kind}
    return {k: v for k, v in extra.items() if k in parameters}


def _arguments(name: str, x: Floats, y: Floats, label: int) -> list[Any]:
    """NumPy arguments of a function by the names of its parameters: B = 1, K = 2."""
    given_by_name = {
        "p": x[None], "logits": x[None], "q": y[None], "perturbed_logits": y[None],
        "perturbed": np.stack([y, x])[None], "labels": np.array([label]),
        "scores": np.array([0.5, -0.25]),
    }  # fmt: skip
    parameters = inspect.signature(getattr(sua_ref, name)).parameters
    names = [k for k, v in parameters.items() if v.default is v.empty and k in given_by_name]
    if "perturbed_logits" in names and not name.endswith(
        ("divergence_from_logits", "variation_from_logits", "hellinger_from_logits")
    ):
        given_by_name["perturbed_logits"] = np.stack([y, x])[None]
    return [given_by_name[k] for k in names]


def _compare(name: str, x: Floats, y: Floats, label: int, kind: str, dtype: torch.dtype) -> None:
    arguments = _arguments(name, x, y, label)
    tensors = [
        torch.from_numpy(a) if a.dtype.kind == "i" else torch.from_numpy(a).to(dtype)
        for a in arguments
    ]
    # The reference sees the very numbers that the tensors hold.
    seen = [t.double().numpy() if t.is_floating_point() else t.numpy() for t in tensors]
    extra = _extra(name, kind)
    truth = np.asarray(getattr(sua_ref, name)(*seen, **extra), dtype=np.float64)
    value = getattr(sua_gpu, name)(*tensors, **extra).double().numpy()
    # A few roundings for each label and view, on terms of at most the size of S and of H; a
    # log-ratio of size r adds r eps. Infinite values must agree exactly.
    finite = seen[0][np.isfinite(seen[0])], seen[-1][np.isfinite(seen[-1])]
    spread = 1 + sum(float(np.abs(f).max()) if name.endswith("logits") else 40 for f in finite)
    eps = float(torch.finfo(dtype).eps)
    for a, b in zip(np.atleast_1d(truth), np.atleast_1d(value), strict=True):
        if math.isfinite(a):
            assert abs(a - b) <= 16 * len(x) * eps * spread * (1 + abs(a)), (name, a, b)
        else:
            assert a == b


ELSEWHERE = {
    "choose_threshold",
    "error_bounds",
    "sensitivity_upper_bound",
    "smoothing_factor",
    "smoothing_factor_for",
    "total_variation_bound",
}
"""Functions of other arguments than outputs: tests/test_mirror_curves.py, tests/test_n_19.py."""
NEITHER = COVERED | ELSEWHERE
PROBABILITY = [n for n in MIRRORED if not n.endswith("_from_logits") and n not in NEITHER]
LOGIT = [n for n in MIRRORED if n.endswith("_from_logits")]
KINDS = st.sampled_from(["kl", "reverse_kl", "jsd", "tv", "hellinger2"])


@pytest.mark.parametrize("name", PROBABILITY)
@given(pair=float_pairs(), kind=KINDS)
def test_values_from_probabilities_agree_in_double(
    name: str, pair: tuple[Floats, Floats], kind: str
) -> None:
    x, y = pair
    _compare(name, x, y, int(np.argmax(x)), kind, torch.float64)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", LOGIT)
@given(pair=logit_pairs(), kind=KINDS)
def test_values_from_logits_agree(
    name: str, dtype: torch.dtype, pair: tuple[Floats, Floats], kind: str
) -> None:
    x, y = pair
    label = int(np.argmax(x))
    shared = np.isfinite(x) & np.isfinite(y)
    if "chi2" in name and np.abs(x[shared] - y[shared]).max() > 40:
        return  # e^80 overflows float32: the value is no test of accuracy there
    _compare(name, x, y, label, kind, dtype)


@given(logit_pairs(), KINDS)
def test_divergences_in_single_precision_are_never_negative_and_zero_at_equality(
    pair: tuple[Floats, Floats], kind: str
) -> None:
    x, y = (torch.from_numpy(v).float()[None] for v in pair)
    s = sua_gpu.distributional_sensitivity_from_logits(x, y[None], divergence=kind)
    assert bool((s >= 0).all())
    same = sua_gpu.distributional_sensitivity_from_logits(x, x[None], divergence=kind)
    assert bool((same == 0).all())


@pytest.mark.parametrize("kind", ["kl", "jsd", "tv", "hellinger2"])
def test_nearly_equal_rows_keep_six_digits_in_single_precision(kind: str) -> None:
    """Where public code is off by factors up to 1e4."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=4096).astype(np.float32)
    y = (x + 1e-5 * rng.normal(size=4096)).astype(np.float32)
    truth = sua_ref.distributional_sensitivity_from_logits(
        x.astype(np.float64), y[None].astype(np.float64), divergence=kind
    )
    value = sua_gpu.distributional_sensitivity_from_logits(
        torch.from_numpy(x), torch.from_numpy(y)[None], divergence=kind
    )
    # Neighbouring float32 differ by 1e-7 of a step of 1e-5: the inputs are exact, so only the
    # arithmetic counts, a few eps = 1.2e-7.
    assert float(value) == pytest.approx(float(truth), rel=2e-6)


@pytest.mark.parametrize("kind", ["kl", "jsd", "tv", "hellinger2"])
def test_an_offset_between_the_rows_costs_no_digit_in_single_precision(kind: str) -> None:
    rng = np.random.default_rng(0)
    x = (2 * rng.normal(size=20)).astype(np.float32)
    y = (x + 0.1 * rng.normal(size=20) + 1000).astype(np.float32)
    truth = sua_ref.distributional_sensitivity_from_logits(
        x.astype(np.float64), y[None].astype(np.float64), divergence=kind
    )
    value = sua_gpu.distributional_sensitivity_from_logits(
        torch.from_numpy(x), torch.from_numpy(y)[None], divergence=kind
    )
    # The rows are exact as given; a plain y - x would lose 6e-5 of a step of 0.1.
    assert float(value) == pytest.approx(float(truth), rel=2e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_before_anything_else(dtype: torch.dtype) -> None:
    x = torch.linspace(-3, 3, 64).to(dtype)[None]
    value = sua_gpu.entropy_from_logits(x)
    assert value.dtype == torch.float32
    assert torch.equal(value, sua_gpu.entropy_from_logits(x.float()))


@pytest.mark.parametrize("kind", ["kl", "reverse_kl", "jsd", "tv", "chi2", "hellinger2"])
@pytest.mark.parametrize("side", ["perturbed", "clean", "none"])
def test_gradients_are_those_of_the_value(kind: str, side: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    y = torch.randn(3, 2, 5, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        y[0] = x[0] + 1e-3 * y[0]  # the series branch
        y[1, 0, 2] = -4.0

    def loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return sua_gpu.consistency_loss_from_logits(a, b, divergence=kind, stop_gradient="none")

    assert torch.autograd.gradcheck(loss, (x, y))
    value = sua_gpu.consistency_loss_from_logits(x, y, divergence=kind, stop_gradient=side)
    full_x, full_y = torch.autograd.grad(loss(x, y), (x, y))
    got_x, got_y = torch.autograd.grad(value, (x, y), allow_unused=True)
    assert (got_x is None) == (side == "clean")
    assert (got_y is None) == (side == "perturbed")
    if got_x is not None:
        assert torch.equal(got_x, full_x)
    if got_y is not None:
        assert torch.equal(got_y, full_y)


@pytest.mark.parametrize("kind", ["kl", "jsd", "tv", "chi2", "hellinger2"])
def test_gradients_stay_finite_at_impossible_labels_and_at_equality(kind: str) -> None:
    x = torch.tensor([[0.5, -math.inf, 1.0], [0.0, 0.0, 0.0]], requires_grad=True)
    y = torch.tensor([[[0.25, -math.inf, 2.0]], [[0.0, 0.0, 0.0]]])
    s = sua_gpu.distributional_sensitivity_from_logits(x, y, divergence=kind)
    (gradient,) = torch.autograd.grad(s.sum(), x)
    assert bool(torch.isfinite(gradient).all())
    assert bool((gradient[1] == 0).all())


def test_the_objective_is_differentiable_through_entropy() -> None:
    x = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    y = 5 * torch.randn(4, 3, 6, dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 3])

    def loss(a: torch.Tensor) -> torch.Tensor:
        return sua_gpu.sua_tr_loss_from_logits(
            a, y, labels, lam=0.1, a=0.7, b=1.3, divergence="jsd"
        )

    assert torch.autograd.gradcheck(loss, (x,))


def test_the_gradient_of_entropy_leaves_impossible_labels_out() -> None:
    p = torch.tensor([[1.0, 0.0], [0.25, 0.75]], requires_grad=True)
    (gradient,) = torch.autograd.grad(sua_gpu.entropy(p).sum(), p)
    assert gradient[0].tolist() == [-1.0, 0.0]
    assert gradient[1, 0].item() == pytest.approx(-math.log(0.25) - 1, rel=1e-6)


def test_a_view_of_weight_zero_reaches_neither_value_nor_gradient() -> None:
    x = torch.tensor([0.0, 0.0], requires_grad=True)
    y = torch.tensor([[0.0, -200.0], [0.0, 1.0]], requires_grad=True)
    weights = torch.tensor([0.0, 1.0])
    s = sua_gpu.distributional_sensitivity_from_logits(x, y, divergence="chi2", weights=weights)
    alone = sua_gpu.chi2_divergence_from_logits(x, y[1])
    assert s.item() == pytest.approx(alone.item(), rel=1e-6)
    for gradient in torch.autograd.grad(s, (x, y)):
        assert bool(torch.isfinite(gradient).all())


def test_a_coefficient_of_zero_switches_its_term_off() -> None:
    p, views = torch.tensor([[1.0, 0.0]]), torch.tensor([[[0.0, 1.0]]])
    loss = sua_gpu.sua_tr_loss(p, views, torch.tensor([0]), lam=1.0, a=0.0, b=0.0, divergence="kl")
    assert loss.item() == 0


def test_tiny_losses_survive() -> None:
    logits = torch.tensor([[0.0, -20.0]])
    loss = sua_gpu.task_loss_from_logits(logits, torch.tensor([0]))
    assert loss.item() == pytest.approx(math.exp(-20), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: sua_gpu.entropy([0.5, 0.5]),  # type: ignore[arg-type]  # what is tested
            "p: a torch tensor wanted, got list",
        ),
        (lambda: sua_gpu.entropy(torch.zeros(2000, dtype=torch.bfloat16)), "p: row 0 sums to 0"),
        (
            lambda: sua_gpu.consistency_loss_from_logits(torch.zeros(0, 2), torch.zeros(0, 1, 2)),
            "no rows",
        ),
        (
            lambda: sua_gpu.sua_score_from_logits(torch.zeros(2), torch.zeros(1, 2), lam=math.inf),
            "lam: inf",
        ),
        (lambda: sua_gpu.entropy(torch.tensor([[0.5, 0.6]])), r"p: row 0 sums to 1\.1"),
        (lambda: sua_gpu.entropy(torch.tensor([[0.5, 0.5], [-1.0, 2.0]])), r"p: row 1 has -1"),
        (lambda: sua_gpu.entropy_from_logits(torch.tensor([math.nan])), r"logits: entry \(0,\)"),
        (
            lambda: sua_gpu.entropy_from_logits(torch.tensor([[-math.inf]])),
            r"logits: row 0 is -inf",
        ),
        (lambda: sua_gpu.entropy(torch.tensor([1, 0])), "p: a floating-point tensor"),
        (
            lambda: sua_gpu.task_loss_from_logits(torch.zeros(2, 2), torch.tensor([0, 5])),
            r"labels: row 1 is 5, not in 0\.\.1",
        ),
        (
            lambda: sua_gpu.sua_score_from_logits(torch.zeros(2), torch.zeros(1, 2), lam=0.0),
            "lam: 0.0 is not above 0",
        ),
        (
            lambda: sua_gpu.consistency_loss_from_logits(torch.zeros(2, 2), torch.zeros(2, 2)),
            "perturbed_logits: shape",
        ),
    ],
)
def test_bad_tensors_are_refused_in_words(call: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        call()


@given(float_rows(4))
def test_validation_can_be_switched_off_and_changes_no_value(p: Floats) -> None:
    t = torch.from_numpy(p)
    assert torch.equal(sua_gpu.entropy(t), sua_gpu.entropy(t, validate=False))
