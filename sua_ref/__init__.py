"""SUA, the reference: every definition of arXiv 2604.20903 once, on float64, Fractions and balls.

NumPy is all it needs. Shapes: ``p`` is ``(..., V)`` probabilities, ``perturbed`` is
``(..., K, V)``; results drop the axes they reduce. Units: nats. A higher score means more likely
to fail.
"""

from sua_ref.elements import (
    Undecided,
)
from sua_ref.enclosed_answers import (
    flip_enclosure,
    margin_enclosure,
)
from sua_ref.enclosed_divergence import (
    divergence_enclosure,
)
from sua_ref.enclosed_entropy import (
    entropy_enclosure,
)
from sua_ref.enclosed_scores import (
    additive_score_enclosure,
    decide,
    sensitivity_enclosure,
    sua_enclosure,
)
from sua_ref.from_logits import (
    additive_score_from_logits,
    chi2_divergence_from_logits,
    consistency_loss_from_logits,
    distributional_sensitivity_from_logits,
    entropy_alignment_loss_from_logits,
    entropy_from_logits,
    jensen_shannon_divergence_from_logits,
    kl_divergence_from_logits,
    max_confidence_from_logits,
    squared_hellinger_from_logits,
    sua_score_from_logits,
    sua_tr_loss_from_logits,
    task_loss_from_logits,
    total_variation_from_logits,
    worst_case_sensitivity_from_logits,
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
from sua_ref.sec2_calibration import (
    entropy_confidence,
    expected_calibration_error,
    max_confidence,
    temperature_scale,
)
from sua_ref.sec2_information import (
    DIVERGENCES,
    chi2_divergence,
    conditional_entropy,
    divergence,
    entropy,
    f_divergence,
    jensen_shannon_divergence,
    kl_divergence,
    mutual_information,
    squared_hellinger,
    total_variation,
)
from sua_ref.sec2_robustness import (
    is_distributionally_robust,
    is_pointwise_robust,
)
from sua_ref.sec3_formulation import (
    ambiguity_collapse,
    distributional_sensitivity,
    is_label_invariant,
    is_semantics_preserving,
    latent_ambiguity,
    miscalibration_gap,
    mixture,
    predictive_entropy,
    sua_risk,
    sua_score,
    true_uncertainty,
    worst_case_sensitivity,
)
from sua_ref.sec4_curves import (
    error_bounds,
    smoothing_factor,
    total_variation_bound,
)
from sua_ref.sec4_margin import margin_bound
from sua_ref.sec4_population import (
    cor_4_4,
    population_calibration_error,
    prop_4_8,
    thm_4_5,
)
from sua_ref.sec4_repairs import (
    additive_score,
    ece_lower_bound,
    ece_lower_bound_from_sensitivity,
    expected_risk_bound,
)
from sua_ref.sec4_risks import (
    argmax_risk,
    bayes_risk,
    gibbs_risk,
    interpretation_collapse_gap,
    self_risk,
    worst_case_risk,
)
from sua_ref.sec4_smoothing import smoothing_factor_for
from sua_ref.sec4_tension import (
    lem_4_7,
    lem_4_7_general,
    lem_4_7_risk,
)
from sua_ref.sec4_theory import (
    lem_4_6,
    thm_4_3_eq_10,
    thm_4_3_eq_11,
)
from sua_ref.sec5_guarantees import (
    choose_threshold,
    sensitivity_upper_bound,
)
from sua_ref.sec5_method import (
    abstain,
    ambiguity_proxy,
    consistency_loss,
    entropy_alignment_loss,
    failure_signature,
    sua_tr_loss,
    task_loss,
)
from sua_ref.sec6_metrics import (
    accuracy,
    augrc,
    aurc,
    failure_auroc,
    risk_coverage_curve,
    robust_accuracy,
    selective_accuracy,
    selective_risk,
)
from sua_ref.top_k import (
    TopK,
)
from sua_ref.world import (
    FiniteWorld,
)

__all__ = [
    "DIVERGENCES",
    "Bound",
    "Decision",
    "FailureSignature",
    "FiniteWorld",
    "Infeasible",
    "Interval",
    "RiskCoverage",
    "Temperature",
    "Threshold",
    "TopK",
    "Undecided",
    "abstain",
    "accuracy",
    "additive_score",
    "additive_score_enclosure",
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
    "decide",
    "distributional_sensitivity",
    "distributional_sensitivity_from_logits",
    "divergence",
    "divergence_enclosure",
    "ece_lower_bound",
    "ece_lower_bound_from_sensitivity",
    "entropy",
    "entropy_alignment_loss",
    "entropy_alignment_loss_from_logits",
    "entropy_confidence",
    "entropy_enclosure",
    "entropy_from_logits",
    "error_bounds",
    "expected_calibration_error",
    "expected_risk_bound",
    "f_divergence",
    "failure_auroc",
    "failure_signature",
    "flip_enclosure",
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
    "margin_enclosure",
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
    "sensitivity_enclosure",
    "sensitivity_upper_bound",
    "smoothing_factor",
    "smoothing_factor_for",
    "squared_hellinger",
    "squared_hellinger_from_logits",
    "sua_enclosure",
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
