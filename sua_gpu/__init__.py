"""SUA in torch: the names, argument order and contracts of :mod:`sua_ref`, on any device.

It shares no numeric code with the reference, so that agreement of the two means something.
"""

from __future__ import annotations

from sua_gpu.checks import (
    DIVERGENCES,
)
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
from sua_gpu.sec4_curves import (
    error_bounds,
    smoothing_factor,
    total_variation_bound,
)
from sua_gpu.sec4_population import (
    cor_4_4,
    population_calibration_error,
    prop_4_8,
    thm_4_5,
)
from sua_gpu.sec4_repairs import (
    additive_score,
    additive_score_from_logits,
    ece_lower_bound,
    expected_risk_bound,
)
from sua_gpu.sec4_risks import (
    argmax_risk,
    bayes_risk,
    gibbs_risk,
    interpretation_collapse_gap,
    self_risk,
    worst_case_risk,
)
from sua_gpu.sec4_smoothing import smoothing_factor_for
from sua_gpu.sec4_tension import (
    lem_4_7,
    lem_4_7_general,
    lem_4_7_risk,
)
from sua_gpu.sec4_theory import (
    lem_4_6,
    thm_4_3_eq_10,
    thm_4_3_eq_11,
)
from sua_gpu.sec5_guarantees import (
    choose_threshold,
    sensitivity_upper_bound,
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
from sua_gpu.world import (
    FiniteWorld,
)
from sua_ref.results import (
    Bound,
    FailureSignature,
    Infeasible,
    RiskCoverage,
    Temperature,
    Threshold,
)

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
    "is_distributionally_robust": _THEORY,
    "is_label_invariant": _THEORY,
    "is_pointwise_robust": _THEORY,
    "is_semantics_preserving": _THEORY,
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
    "FiniteWorld",
    "Infeasible",
    "RiskCoverage",
    "Temperature",
    "Threshold",
    "additive_score",
    "additive_score_from_logits",
    "argmax_risk",
    "bayes_risk",
    "chi2_divergence",
    "chi2_divergence_from_logits",
    "choose_threshold",
    "consistency_loss",
    "consistency_loss_from_logits",
    "cor_4_4",
    "distributional_sensitivity",
    "distributional_sensitivity_from_logits",
    "divergence",
    "ece_lower_bound",
    "entropy",
    "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits",
    "entropy_from_logits",
    "error_bounds",
    "expected_risk_bound",
    "gibbs_risk",
    "interpretation_collapse_gap",
    "jensen_shannon_divergence",
    "jensen_shannon_divergence_from_logits",
    "kl_divergence",
    "kl_divergence_from_logits",
    "lem_4_6",
    "lem_4_7",
    "lem_4_7_general",
    "lem_4_7_risk",
    "max_confidence",
    "max_confidence_from_logits",
    "population_calibration_error",
    "predictive_entropy",
    "prop_4_8",
    "self_risk",
    "sensitivity_upper_bound",
    "smoothing_factor",
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
    "thm_4_3_eq_10",
    "thm_4_3_eq_11",
    "thm_4_5",
    "total_variation",
    "total_variation_bound",
    "total_variation_from_logits",
    "worst_case_risk",
    "worst_case_sensitivity",
    "worst_case_sensitivity_from_logits",
]
