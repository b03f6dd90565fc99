"""The torch mirror: every public name, the same signature, the same refusals.

Values are in ``test_mirror_values.py``, derivatives in ``test_mirror_gradients.py`` and
``test_gradient_digits.py``; arguments by parameter name, for new functions too, come from
``mirror_cases.py``.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import sua_gpu
import sua_ref
from tests.mirror_cases import MIRROR_ONLY, MIRRORED, Scene, Seeded, as_tensors, keywords, numbers

NAMES = sorted(sua_ref.__all__)


def _complaint(name: str, package: Any) -> str:
    """What is wrong with the mirror of ``name`` in ``package``; nothing, if nothing."""
    if name in sua_gpu.EXEMPT:
        return "exempt and present" if hasattr(package, name) else ""
    if not hasattr(package, name):
        return "missing, and not listed as exempt"
    ours, theirs = getattr(sua_ref, name), getattr(package, name)
    if not callable(ours) or inspect.isclass(ours):
        return ""
    expected = inspect.signature(ours).parameters
    found = dict(inspect.signature(theirs).parameters)
    for extra in set(found) & MIRROR_ONLY - set(expected):
        if found.pop(extra).kind is not inspect.Parameter.KEYWORD_ONLY:
            return f"{extra} must be keyword-only"
    if list(found) != list(expected):
        return f"parameters {list(found)}, not {list(expected)}"
    for key, parameter in expected.items():
        if (found[key].kind, found[key].default) != (parameter.kind, parameter.default):
            return f"{key} has another kind or default"
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_mirrored_or_exempt(name: str) -> None:
    assert _complaint(name, sua_gpu) == ""
    assert name in sua_gpu.EXEMPT or name in sua_gpu.__all__


def test_the_mirror_adds_no_public_name_that_is_not_exempt() -> None:
    assert set(sua_gpu.__all__) - set(sua_ref.__all__) - set(sua_gpu.EXEMPT) == {"EXEMPT"}


@pytest.mark.parametrize("name", sorted(sua_gpu.EXEMPT))
def test_only_what_one_package_lacks_is_exempt_and_for_a_reason(name: str) -> None:
    assert (name in sua_ref.__all__) != (name in sua_gpu.__all__)
    assert len(sua_gpu.EXEMPT[name]) > 20


def test_a_missing_or_differently_signed_mirror_is_noticed() -> None:
    def renamed(p: Any, *, lambd: Any) -> Any: ...
    def shifted(
        p: Any, perturbed: Any, lam: Any, divergence: str = "jsd", weights: Any = None
    ) -> Any: ...
    def another(
        p: Any, perturbed: Any, *, lam: Any, divergence: str = "kl", weights: Any = None
    ) -> Any: ...

    assert "missing" in _complaint("sua_score", SimpleNamespace())
    for planted, said in ((renamed, "parameters"), (shifted, "lam"), (another, "divergence")):
        assert said in _complaint("sua_score", SimpleNamespace(sua_score=planted))
    assert "exempt and present" in _complaint("Undecided", SimpleNamespace(Undecided=None))


def test_results_are_the_same_types() -> None:
    for name in NAMES:
        ours = getattr(sua_ref, name)
        if name in sua_gpu.EXEMPT:
            continue
        if inspect.isclass(ours) and (dataclasses.is_dataclass(ours) or issubclass(ours, tuple)):
            # A world holds arrays here and tensors there: the one type that cannot be shared.
            assert (getattr(sua_gpu, name) is ours) != (name == "FiniteWorld")


HALF = np.array([0.5, 0.5])
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("entropy", {"p": np.array([[0.5, 0.5], [1.25, -0.25]])}),
    ("entropy", {"p": np.array([[0.5, 0.25]])}),
    ("entropy", {"p": np.array([math.nan, 1.0])}),
    ("entropy", {"p": np.zeros((3, 0))}),
    ("kl_divergence", {"p": HALF, "q": np.array([0.25, 0.25])}),
    ("total_variation", {"p": HALF, "q": HALF[None]}),
    ("f_divergence", {"p": HALF, "q": np.array([1.0, 0.0]), "f": lambda t: t * t - 1}),
    ("f_divergence", {"p": HALF, "q": np.array([1.0, 5e-324]), "f": lambda t: t * t - 1}),
    ("divergence", {"p": HALF, "q": HALF, "kind": "js"}),
    ("mutual_information", {"joint": np.array([[0.5, 0.75]])}),
    ("conditional_entropy", {"joint": HALF}),
    ("entropy_confidence", {"p": np.array([1.0])}),
    ("expected_calibration_error", {"confidence": np.array([1.5]), "correct": np.array([1])}),
    ("expected_calibration_error", {"confidence": np.array([0.5]), "correct": np.array([2])}),
    ("expected_calibration_error", {"confidence": HALF, "correct": np.array([1])}),
    ("expected_calibration_error", {"confidence": HALF, "correct": np.array([1, 0]), "n_bins": 0}),
    ("expected_calibration_error", {"confidence": HALF, "correct": np.array([1, 0]), "n_bins": 1.5}),
    ("expected_calibration_error", {"confidence": HALF, "correct": np.array([1, 0]), "closed": "up"}),
    ("expected_calibration_error", {"confidence": np.array([]), "correct": np.array([])}),
    ("temperature_scale", {"logits": np.array([[math.nan, 0.0]]), "labels": np.array([0])}),
    ("temperature_scale", {"logits": np.array([[1e308, -1e308]]), "labels": np.array([0])}),
    ("temperature_scale", {"logits": HALF, "labels": np.array([0])}),
    ("temperature_scale", {"logits": HALF[None], "labels": np.array([2])}),
    ("is_distributionally_robust", {"p": HALF, "perturbed": HALF[None], "delta": -1}),
    ("is_distributionally_robust", {"p": HALF, "perturbed": np.zeros((0, 2)), "delta": 1}),
    ("is_pointwise_robust", {"output": 0.0, "perturbed_outputs": [0.0, 1.0], "delta": 1, "metric": lambda a, b: math.nan}),
    ("is_pointwise_robust", {"output": 0.0, "perturbed_outputs": [], "delta": math.nan, "metric": abs}),
    ("mixture", {"p_z": HALF, "p_y_given_z": HALF[None]}),
    ("distributional_sensitivity", {"p": HALF, "perturbed": HALF}),
    ("distributional_sensitivity", {"p": HALF, "perturbed": HALF[None], "weights": np.array([0.75])}),
    ("distributional_sensitivity", {"p": HALF, "perturbed": HALF[None], "weights": HALF}),
    ("worst_case_sensitivity", {"p": HALF, "perturbed": np.ones((1, 2))}),
    ("latent_ambiguity", {"p_z": np.array([0.5, 0.25])}),
    ("ambiguity_collapse", {"ambiguity": np.array([math.nan]), "predictive_entropy": np.zeros(1), "alpha": 1, "beta": 1}),
    ("ambiguity_collapse", {"ambiguity": np.zeros(2), "predictive_entropy": np.zeros(1), "alpha": 1, "beta": 1}),
    ("ambiguity_collapse", {"ambiguity": np.zeros(1), "predictive_entropy": np.zeros(1), "alpha": math.nan, "beta": 1}),
    ("true_uncertainty", {"p_true": np.array([2.0, -1.0])}),
    ("miscalibration_gap", {"p": HALF, "p_true": np.array([0.25, 0.25, 0.5])}),
    ("sua_score", {"p": HALF, "perturbed": HALF[None], "lam": 0}),
    ("sua_score", {"p": HALF, "perturbed": HALF[None], "lam": math.inf}),
    ("sua_score", {"p": HALF, "perturbed": HALF[None], "lam": "1"}),
    ("sua_risk", {"scores": np.array([0.5, math.nan])}),
    ("sua_risk", {"scores": np.array([])}),
    ("is_semantics_preserving", {"p_z": HALF, "p_z_perturbed": HALF}),
    ("is_label_invariant", {"p_true": HALF, "p_true_perturbed": np.array([[0.5, 0.75]])}),
    ("is_label_invariant", {"p_true": HALF, "p_true_perturbed": HALF[None], "delta": -1}),
    ("task_loss", {"p": np.stack([HALF, HALF]), "labels": np.array([0, 2])}),
    ("task_loss", {"p": HALF[None], "labels": np.array([0.0])}),
    ("task_loss", {"p": HALF[None], "labels": np.array([0, 1])}),
    ("task_loss", {"p": np.zeros((0, 2)), "labels": np.zeros(0, dtype=int)}),
    ("task_loss_from_logits", {"logits": np.zeros((2, 2)), "labels": np.array([0, 5])}),
    ("consistency_loss", {"p": HALF[None], "perturbed": HALF[None, None], "stop_gradient": "x"}),
    ("consistency_loss_from_logits", {"logits": np.zeros((2, 2)), "perturbed_logits": np.zeros((2, 2))}),
    ("consistency_loss_from_logits", {"logits": np.zeros((0, 2)), "perturbed_logits": np.zeros((0, 1, 2))}),
    ("sua_tr_loss", {"p": HALF[None], "perturbed": HALF[None, None], "labels": np.array([0]), "lam": 1, "a": -1, "b": 0}),
    ("ambiguity_proxy", {"samples": np.zeros(0, dtype=int)}),
    ("ambiguity_proxy", {"samples": np.array([0.5])}),
    ("failure_signature", {"sensitivity": HALF, "entropy": HALF, "thresholds": {"s": 1}}),
    ("failure_signature", {"sensitivity": HALF, "entropy": HALF[:1], "thresholds": {"sensitivity": 1, "entropy": 1}}),
    ("failure_signature", {"sensitivity": np.array(math.nan), "entropy": np.array(1.0), "thresholds": {"sensitivity": 1, "entropy": 1}}),
    ("abstain", {"scores": HALF, "tau": math.nan}),
    ("abstain", {"scores": np.array([0.5, math.nan]), "tau": 1}),
    ("abstain", {"scores": HALF, "tau": None}),
    ("accuracy", {"predictions": HALF, "labels": np.array([0, 1])}),
    ("accuracy", {"predictions": np.array([0, 1]), "labels": np.array([0])}),
    ("accuracy", {"predictions": np.zeros(0, dtype=int), "labels": np.zeros(0, dtype=int)}),
    ("robust_accuracy", {"perturbed_predictions": np.array([[0], [1]]), "labels": np.array([0])}),
    ("failure_auroc", {"scores": HALF, "errors": np.array([1, 1])}),
    ("failure_auroc", {"scores": np.array([0.5, math.nan]), "errors": np.array([0, 1])}),
    ("aurc", {"scores": HALF, "errors": np.array([0])}),
    ("augrc", {"scores": HALF, "errors": np.array([0, -1])}),
    ("risk_coverage_curve", {"scores": np.array([]), "errors": np.array([])}),
    ("selective_risk", {"scores": HALF, "errors": np.array([0, 1]), "tau": 0.25}),
    ("selective_risk", {"scores": HALF, "errors": np.array([0, 1]), "tau": math.nan}),
    ("selective_accuracy", {"scores": HALF, "correct": np.array([0, 1]), "coverage": 0}),
    ("selective_accuracy", {"scores": HALF, "correct": np.array([0, 1]), "coverage": 2}),
    ("entropy_from_logits", {"logits": np.array([[0.0, math.nan]])}),
    ("max_confidence_from_logits", {"logits": np.array([math.inf])}),
    ("entropy_from_logits", {"logits": np.array([[-math.inf]])}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), REFUSED)
def test_the_same_input_is_refused_for_the_same_argument(name: str, given: dict[str, Any]) -> None:
    """The same exception, and a message that starts with the same argument."""
    with pytest.raises((ValueError, TypeError)) as theirs:
        getattr(sua_ref, name)(**given)
    with pytest.raises((ValueError, TypeError)) as ours:
        getattr(sua_gpu, name)(**as_tensors(given, torch.float64))
    assert ours.type is theirs.type
    assert str(ours.value).split(":")[0] == str(theirs.value).split(":")[0]
    assert _first_number(str(ours.value)) == _first_number(str(theirs.value))


def _first_number(text: str) -> list[str]:
    """The row, value or size that a message names first."""
    words = (w.strip("(),:;").removeprefix("torch.") for w in text.split())
    return [w for w in words if w[-1:].isdigit()][:1]


@pytest.mark.parametrize("name", MIRRORED)
def test_what_is_no_tensor_is_refused_by_name(name: str) -> None:
    given = keywords(name, Scene(Seeded(0)))
    arrays = [k for k, v in given.items() if isinstance(v, np.ndarray)]
    assert arrays or name == "is_pointwise_robust"  # whose outputs are what the metric takes
    for key in arrays[:1]:
        tensors = as_tensors(given, torch.float64)
        with pytest.raises(TypeError, match=f"^{key}: a torch tensor wanted, got list"):
            getattr(sua_gpu, name)(**{**tensors, key: given[key].tolist()})


def test_strings_are_for_the_reference_and_codes_for_the_mirror() -> None:
    answers = ["yes", "no", "no", "yes", "perhaps"]
    codes = torch.tensor([sorted(set(answers)).index(a) for a in answers])
    assert float(sua_gpu.ambiguity_proxy(codes)) == pytest.approx(
        float(sua_ref.ambiguity_proxy(answers)), rel=1e-15
    )


def test_half_precision_rows_are_held_to_their_own_tolerance() -> None:
    with pytest.raises(ValueError, match="p: row 0 sums to 0"):
        sua_gpu.entropy(torch.zeros(2000, dtype=torch.bfloat16))
    with pytest.raises(TypeError, match="p: a floating-point tensor"):
        sua_gpu.entropy(torch.tensor([1, 0]))


def test_every_number_of_a_result_is_compared() -> None:
    assert list(numbers((np.array([1.0]), torch.tensor([2]), True))) == [1.0, 2, True]
