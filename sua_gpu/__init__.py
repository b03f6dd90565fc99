"""SUA in torch: the names, argument order and contracts of :mod:`sua_ref`, on any device.

It shares no numeric code with the reference, so that agreement of the two means something.
"""

from __future__ import annotations

from sua_gpu.checks import DIVERGENCES
from sua_gpu.sec2_information import (
    chi2_divergence,
    chi2_divergence_from_logits,
    divergence,
    entropy,
    entropy_from_logits,
    jensen_shannon_divergence,
    jensen_shannon_divergence_from_logits,
    kl_divergence,
    kl_divergence_from_logits,
    max_confidence,
    max_confidence_from_logits,
    squared_hellinger,
    squared_hellinger_from_logits,
    total_variation,
    total_variation_from_logits,
)
from sua_gpu.sec3_formulation import (
    distributional_sensitivity,
    distributional_sensitivity_from_logits,
    predictive_entropy,
    sua_risk,
    sua_score,
    sua_score_from_logits,
    worst_case_sensitivity,
    worst_case_sensitivity_from_logits,
)
from sua_gpu.sec4_smoothing import smoothing_factor_for
from sua_gpu.sec4_theory import (
    additive_score,
    additive_score_from_logits,
)
from sua_gpu.sec5_method import (
    consistency_loss,
    consistency_loss_from_logits,
    entropy_alignment_loss,
    entropy_alignment_loss_from_logits,
    sua_tr_loss,
    sua_tr_loss_from_logits,
    task_loss,
    task_loss_from_logits,
)
from sua_ref.results import Bound, FailureSignature, RiskCoverage, Temperature

_METRIC = "a metric of collected results: ranks and counts, evaluated once by the reference"
_THEORY = "an exact statement about a finite world: only the reference's number types decide it"
_OUTSIDE = "not part of scoring or training from a model's outputs; use the reference"

EXEMPT = {
    "abstain": _METRIC,
    "accuracy": _METRIC,
    "augrc": _METRIC,
    "aurc": _METRIC,
    "expected_calibration_error": _METRIC,
    "failure_auroc": _METRIC,
    "failure_signature": _METRIC,
    "risk_coverage_curve": _METRIC,
    "robust_accuracy": _METRIC,
    "selective_accuracy": _METRIC,
    "selective_risk": _METRIC,
    "temperature_scale": _METRIC,
    "argmax_risk": _THEORY,
    "bayes_risk": _THEORY,
    "gibbs_risk": _THEORY,
    "interpretation_collapse_gap": _THEORY,
    "is_distributionally_robust": _THEORY,
    "is_label_invariant": _THEORY,
    "is_pointwise_robust": _THEORY,
    "is_semantics_preserving": _THEORY,
    "self_risk": _THEORY,
    "thm_4_3_eq_11": _THEORY,
    "worst_case_risk": _THEORY,
    "ambiguity_collapse": _OUTSIDE,
    "ambiguity_proxy": _OUTSIDE,
    "conditional_entropy": _OUTSIDE,
    "entropy_confidence": _OUTSIDE,
    "f_divergence": _OUTSIDE,
    "latent_ambiguity": _OUTSIDE,
    "miscalibration_gap": _OUTSIDE,
    "mixture": _OUTSIDE,
    "mutual_information": _OUTSIDE,
    "true_uncertainty": _OUTSIDE,
    "Undecided": "an exception of ball arithmetic, which torch does not have",
}
"""Public names of the reference without a mirror, each with its reason."""

__all__ = [
    "DIVERGENCES",
    "EXEMPT",
    "Bound",
    "FailureSignature",
    "RiskCoverage",
    "Temperature",
    "additive_score",
    "additive_score_from_logits",
    "chi2_divergence",
    "chi2_divergence_from_logits",
    "consistency_loss",
    "consistency_loss_from_logits",
    "distributional_sensitivity",
    "distributional_sensitivity_from_logits",
    "divergence",
    "entropy",
    "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits",
    "entropy_from_logits",
    "jensen_shannon_divergence",
    "jensen_shannon_divergence_from_logits",
    "kl_divergence",
    "kl_divergence_from_logits",
    "max_confidence",
    "max_confidence_from_logits",
    "predictive_entropy",
    "smoothing_factor_for",
    "squared_hellinger",
    "squared_hellinger_from_logits",
    "sua_risk",
    "sua_score",
    "sua_score_from_logits",
    "sua_tr_loss",
    "sua_tr_loss_from_logits",
    "task_loss",
    "task_loss_from_logits",
    "total_variation",
    "total_variation_from_logits",
    "worst_case_sensitivity",
    "worst_case_sensitivity_from_logits",
]
