"""SUA in torch: the names, argument order and contracts of :mod:`sua_ref`, on any device.

It shares no numeric code with the reference, so that agreement of the two means something.
"""

from __future__ import annotations

from sua_gpu.checks import (
    DIVERGENCES,
)
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
from sua_gpu.sec4_curves import (
    error_bounds,
    smoothing_factor,
    total_variation_bound,
)
from sua_gpu.sec4_margin import margin_bound
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
    ece_lower_bound_from_sensitivity,
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
from sua_gpu.streaming import (
    StreamingCalibration,
    StreamingRanking,
)
from sua_gpu.world import (
    FiniteWorld,
)
from sua_ref.results import (
    Bound,
    Decision,
    FailureSignature,
    Infeasible,
    Interval,
    RiskCoverage,
    Temperature,
    Threshold,
)

_ONE_ANSWER = (
    "its promise rests on exact rationals and decimals rounded outward, which tensors do not have; "
    "its input is one answer of an API, a few dozen numbers"
)
EXEMPT = {
    "StreamingCalibration": "the reference takes all rows at once: it is what a stream is held to",
    "StreamingRanking": "the reference takes all rows at once: it is what a stream is held to",
    "Undecided": "an exception of ball arithmetic, which torch does not have",
    **dict.fromkeys(
        (
            "TopK",
            "additive_score_enclosure",
            "decide",
            "divergence_enclosure",
            "entropy_enclosure",
            "flip_enclosure",
            "margin_enclosure",
            "sensitivity_enclosure",
            "sua_enclosure",
        ),
        _ONE_ANSWER,
    ),
}
"""Public names of one of the two packages alone, each with its reason."""
__all__ = [
    "DIVERGENCES",
    "EXEMPT",
    "Bound",
    "Decision",
    "FailureSignature",
    "FiniteWorld",
    "Infeasible",
    "Interval",
    "RiskCoverage",
    "StreamingCalibration",
    "StreamingRanking",
    "Temperature",
    "Threshold",
    "abstain",
    "accuracy",
    "additive_score",
    "additive_score_from_logits",
    "ambiguity_collapse",
    "ambiguity_proxy",
    "argmax_risk",
    "augrc",
    "aurc",
    "bayes_risk",
    "chi2_divergence",
    "chi2_divergence_from_logits",
    "choose_threshold",
    "conditional_entropy",
    "consistency_loss",
    "consistency_loss_from_logits",
    "cor_4_4",
    "distributional_sensitivity",
    "distributional_sensitivity_from_logits",
    "divergence",
    "ece_lower_bound",
    "ece_lower_bound_from_sensitivity",
    "entropy",
    "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits",
    "entropy_confidence",
    "entropy_from_logits",
    "error_bounds",
    "expected_calibration_error",
    "expected_risk_bound",
    "f_divergence",
    "failure_auroc",
    "failure_signature",
    "gibbs_risk",
    "interpretation_collapse_gap",
    "is_distributionally_robust",
    "is_label_invariant",
    "is_pointwise_robust",
    "is_semantics_preserving",
    "jensen_shannon_divergence",
    "jensen_shannon_divergence_from_logits",
    "kl_divergence",
    "kl_divergence_from_logits",
    "latent_ambiguity",
    "lem_4_6",
    "lem_4_7",
    "lem_4_7_general",
    "lem_4_7_risk",
    "margin_bound",
    "max_confidence",
    "max_confidence_from_logits",
    "miscalibration_gap",
    "mixture",
    "mutual_information",
    "population_calibration_error",
    "predictive_entropy",
    "prop_4_8",
    "risk_coverage_curve",
    "robust_accuracy",
    "selective_accuracy",
    "selective_risk",
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
    "temperature_scale",
    "thm_4_3_eq_10",
    "thm_4_3_eq_11",
    "thm_4_5",
    "total_variation",
    "total_variation_bound",
    "total_variation_from_logits",
    "true_uncertainty",
    "worst_case_risk",
    "worst_case_sensitivity",
    "worst_case_sensitivity_from_logits",
]
