"""SUA in torch: the names, argument order and contracts of :mod:`sua_ref`, on any device.

It shares no numeric code with the reference, so that agreement of the two means something.
"""

from __future__ import annotations

from sua_gpu.checks import DIVERGENCES
from sua_gpu.sec2_calibration import (
    entropy_confidence,
    expected_calibration_error,
    temperature_scale,
)
from sua_gpu.sec2_information import (
    chi2_divergence,
    chi2_divergence_from_logits,
    conditional_entropy,
    divergence,
    entropy,
    entropy_from_logits,
    f_divergence,
    jensen_shannon_divergence,
    jensen_shannon_divergence_from_logits,
    kl_divergence,
    kl_divergence_from_logits,
    max_confidence,
    max_confidence_from_logits,
    mutual_information,
    squared_hellinger,
    squared_hellinger_from_logits,
    total_variation,
    total_variation_from_logits,
)
from sua_gpu.sec2_robustness import (
    is_distributionally_robust,
    is_pointwise_robust,
)
from sua_gpu.sec3_formulation import (
    ambiguity_collapse,
    distributional_sensitivity,
    distributional_sensitivity_from_logits,
    is_label_invariant,
    is_semantics_preserving,
    latent_ambiguity,
    miscalibration_gap,
    mixture,
    predictive_entropy,
    sua_risk,
    sua_score,
    sua_score_from_logits,
    true_uncertainty,
    worst_case_sensitivity,
    worst_case_sensitivity_from_logits,
)
from sua_gpu.sec4_theory import (
    additive_score,
    additive_score_from_logits,
)
from sua_gpu.sec5_method import (
    abstain,
    ambiguity_proxy,
    consistency_loss,
    consistency_loss_from_logits,
    entropy_alignment_loss,
    entropy_alignment_loss_from_logits,
    failure_signature,
    sua_tr_loss,
    sua_tr_loss_from_logits,
    task_loss,
    task_loss_from_logits,
)
from sua_gpu.sec6_metrics import (
    accuracy,
    augrc,
    aurc,
    failure_auroc,
    risk_coverage_curve,
    robust_accuracy,
    selective_accuracy,
    selective_risk,
)
from sua_ref.results import Bound, FailureSignature, RiskCoverage, Temperature

_THEORY = "an exact statement about a finite world: only the reference's number types decide it"

EXEMPT = {
    "argmax_risk": _THEORY,
    "bayes_risk": _THEORY,
    "gibbs_risk": _THEORY,
    "interpretation_collapse_gap": _THEORY,
    "self_risk": _THEORY,
    "thm_4_3_eq_11": _THEORY,
    "worst_case_risk": _THEORY,
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
    "abstain",
    "accuracy",
    "additive_score",
    "additive_score_from_logits",
    "ambiguity_collapse",
    "ambiguity_proxy",
    "augrc",
    "aurc",
    "chi2_divergence",
    "chi2_divergence_from_logits",
    "conditional_entropy",
    "consistency_loss",
    "consistency_loss_from_logits",
    "distributional_sensitivity",
    "distributional_sensitivity_from_logits",
    "divergence",
    "entropy",
    "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits",
    "entropy_confidence",
    "entropy_from_logits",
    "expected_calibration_error",
    "f_divergence",
    "failure_auroc",
    "failure_signature",
    "is_distributionally_robust",
    "is_label_invariant",
    "is_pointwise_robust",
    "is_semantics_preserving",
    "jensen_shannon_divergence",
    "jensen_shannon_divergence_from_logits",
    "kl_divergence",
    "kl_divergence_from_logits",
    "latent_ambiguity",
    "max_confidence",
    "max_confidence_from_logits",
    "miscalibration_gap",
    "mixture",
    "mutual_information",
    "predictive_entropy",
    "risk_coverage_curve",
    "robust_accuracy",
    "selective_accuracy",
    "selective_risk",
    "squared_hellinger",
    "squared_hellinger_from_logits",
    "sua_risk",
    "sua_score",
    "sua_score_from_logits",
    "sua_tr_loss",
    "sua_tr_loss_from_logits",
    "task_loss",
    "task_loss_from_logits",
    "temperature_scale",
    "total_variation",
    "total_variation_from_logits",
    "true_uncertainty",
    "worst_case_sensitivity",
    "worst_case_sensitivity_from_logits",
]
