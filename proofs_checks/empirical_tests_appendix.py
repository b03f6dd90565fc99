"""Sentences of appendices B and C, each with its declared test."""

from __future__ import annotations

from proofs_checks.empirical_conditions import Comparison, Condition, Side
from proofs_checks.empirical_protocol import (
    COLUMNS,
    ENTROPY,
    OURS,
    STANDARD,
    SUA_TR,
    above,
    below,
    better,
    between,
    by_task,
    compared,
    gain,
)
from proofs_checks.empirical_record import Record, sentence

_B_1, _B_2, _B_3, _B_4 = (f"appendix B.{k}" for k in range(1, 5))
_C_1 = "appendix C.1, the paragraph after the table"
SINGLE: dict[str, Side] = {
    "paraphrases": ("para_only", "sua@1"),
    "tokens": ("tokens_only", "sua@1"),
    "adversarial": ("adv_only", "sua@1"),
}
"""SUA-TR with one type of perturbation in place of the mixture."""
LAMBDAS = ("0", "0.25", "0.5", "2", "3")
"""Of the sweep, beside 1; each model is scored with its own."""
ABSTENTION = {
    "table_2": ("SUA-TR by SUA against Standard by entropy", ENTROPY),
    "sua_tr": ("SUA-TR by SUA against the same model by entropy", ("sua_tr", "entropy")),
}
"""Whose entropy-based abstention appendix B.4 compares with."""
COVERAGES = ("0.9", "0.8", "0.7")
_LOST_SHARES = (
    "the contributions in brackets, which are lost; how they were measured: by models trained with "
    "one type alone"
)
_LOST_RANGE = "the range, which is lost: from 1/2 to 2 is our reading"


def _lambda(value: str) -> Side:
    return f"lam_{value}", f"sua@{value}"


def _best_single(kind: str, metric: str) -> list[Condition]:
    """One type alone is better than each other type alone."""
    others = [side for name, side in SINGLE.items() if name != kind]
    return [better("qa", metric, SINGLE[kind], other) for other in others]


def _correlation(task: str, k: int) -> Comparison:
    return compared(task, f"spearman@{k}", SUA_TR)


def _kept(coverage: str, rival: Side) -> Comparison:
    """The gain in selective accuracy on QA."""
    return gain("qa", f"selective_accuracy@{coverage}", OURS, rival)


def _b_4(reading: str) -> list[Record]:
    words, rival = ABSTENTION[reading]
    return [
        sentence(
            f"emp_b_4.higher@{reading}", "SUA keeps better answers than entropy at all coverages",
            "On QA the selective accuracy by SUA exceeds that by entropy at 90, 80 and 70 % "
            "coverage.",
            _B_4,
            "SUA-based abstention consistently yields higher selective accuracy at all coverage "
            "levels",
            by_task("every", lambda _: [above(_kept(c, rival)) for c in COVERAGES], ["qa"]),
            silent="whose entropy", reading=words, severity="conclusion",
        ),
        sentence(
            f"emp_b_4.widens@{reading}", "The gap widens as coverage falls",
            "On QA the gain in selective accuracy over entropy is larger at 80 than at 90 %, and "
            "at 70 than at 80 %.",
            _B_4,
            "with the gap widening as coverage decreases",
            by_task("every", lambda _: [
                above(_kept("0.8", rival), than=_kept("0.9", rival)),
                above(_kept("0.7", rival), than=_kept("0.8", rival)),
            ], ["qa"]),
            silent="whose entropy", reading=words,
        ),
    ]  # fmt: skip


RECORDS: tuple[Record, ...] = (
    sentence(
        "emp_b_1.rises", "The estimate improves with the number of perturbations",
        "In every task the rank correlation with the score from 10 other views rises from K = 1 to "
        "3 to 5, on SUA-TR's model.",
        _B_1,
        "We measure the Spearman rank correlation between the estimated SUA score and the "
        "ground-truth",
        by_task("every", lambda task: [
            above(_correlation(task, 3), than=_correlation(task, 1)),
            above(_correlation(task, 5), than=_correlation(task, 3)),
        ]),
        silent="the values of K, the task and the model",
    ),
    sentence(
        "emp_b_1.marginal", "Beyond five perturbations little is gained",
        "In every task the rank correlation at K = 5 exceeds 0.9: less than 0.1 is left to gain.",
        _B_1,
        "gains are marginal, confirming our choice of as the default",
        by_task("every", lambda task: [above(_correlation(task, 5), "0.9")]),
        silent="the value of K, which is lost; how small is marginal",
    ),
    sentence(
        "emp_b_2.paraphrases", "Paraphrases contribute most to ECE",
        "On QA training with paraphrases alone gives a lower ECE than training with either other "
        "type alone, and than Standard.",
        _B_2,
        "Semantic paraphrases contribute the most to ECE improvement",
        by_task("every", lambda _: [
            *_best_single("paraphrases", "ece"),
            better("qa", "ece", SINGLE["paraphrases"], STANDARD),
        ], ["qa"]),
        silent=_LOST_SHARES,
    ),
    sentence(
        "emp_b_2.tokens", "Token edits contribute most to robust accuracy",
        "On QA training with token edits alone gives a higher robust accuracy than training with "
        "either other type alone, and than Standard.",
        _B_2,
        "token-level edits contribute the most to robust accuracy",
        by_task("every", lambda _: [
            *_best_single("tokens", "robust_accuracy"),
            better("qa", "robust_accuracy", SINGLE["tokens"], STANDARD),
        ], ["qa"]),
        silent=_LOST_SHARES,
    ),
    sentence(
        "emp_b_2.adversarial", "Adversarial proposals contribute modestly to AUROC",
        "On QA training with adversarial proposals alone gives a higher AUROC than Standard by "
        "entropy, and a lower one than the full mixture.",
        _B_2,
        "adversarial proposals contribute modestly to AUROC",
        by_task("every", lambda _: [
            better("qa", "auroc", SINGLE["adversarial"], ENTROPY),
            better("qa", "auroc", OURS, SINGLE["adversarial"]),
        ], ["qa"]),
        silent=f"{_LOST_SHARES}; what is modest: some, and less than the mixture",
    ),
    sentence(
        "emp_b_2.mixture", "The mixture outperforms every single type",
        "On QA the full mixture is better than each type alone in all five columns of Table 3.",
        _B_2,
        "The full mixture outperforms any single perturbation type across all metrics.",
        by_task("every", lambda _: [
            better("qa", metric, OURS, single)
            for single in SINGLE.values() for metric in COLUMNS
        ], ["qa"]),
        severity="conclusion",
    ),
    sentence(
        "emp_b_3.stable", "Stable for lambda in the recommended range",
        "On NLI training and scoring with lambda = 1/2 or 2 differs from lambda = 1 by less than "
        "two points in each column of Table 2.",
        _B_3,
        "Performance is relatively stable for",
        by_task("every", lambda _: [
            between(compared("nli", metric, _lambda(value), OURS), "-0.02", "0.02")
            for value in ("0.5", "2") for metric in COLUMNS
        ], ["nli"]),
        silent=f"{_LOST_RANGE}; how much is stable: two points",
        severity="conclusion",
    ),
    sentence(
        "emp_b_3.too_large", "A large lambda costs accuracy",
        "On NLI training with lambda = 3 gives a lower accuracy than with lambda = 1.",
        _B_3,
        "the entropy alignment term dominates (too large , reducing accuracy)",
        by_task("every", lambda _: [
            better("nli", "accuracy", OURS, _lambda("3"))
        ], ["nli"]),
        silent=_LOST_RANGE,
    ),
    sentence(
        "emp_b_3.too_small", "A small lambda improves calibration too little",
        "On NLI training with lambda = 0 or 1/4 gives a higher ECE than with lambda = 1.",
        _B_3,
        "the sensitivity term dominates (too small , insufficient calibration improvement)",
        by_task("every", lambda _: [
            better("nli", "ece", OURS, _lambda(value)) for value in ("0", "0.25")
        ], ["nli"]),
        silent=_LOST_RANGE,
    ),
    sentence(
        "emp_b_3.default", "Lambda = 1 is a safe default",
        "On NLI no other lambda of the sweep has an AUROC or an accuracy more than two points "
        "better.",
        _B_3,
        "as a safe default and suggest calibrating on a validation set",
        by_task("every", lambda _: [
            below(gain("nli", metric, _lambda(value), OURS), "0.02")
            for value in LAMBDAS for metric in ("accuracy", "auroc")
        ], ["nli"]),
        silent="the value, which is lost: 1 is our reading; how much worse is safe",
    ),
    *(record for reading in ABSTENTION for record in _b_4(reading)),
    sentence(
        "emp_c_1.sensitivity", "SUA captures sensitivity failures",
        "In most tasks Standard errs more often where S is high and H low than where both are low, "
        "on the clean test.",
        _C_1,
        "The table shows that SUA captures sensitivity failures directly",
        by_task("most", lambda task: [
            above(compared(task, "error@d", STANDARD), than=compared(task, "error@a", STANDARD))
        ]),
        silent="what high and low are: above and below the medians; which inputs fail so; the rest "
        "of the sentence, on ambiguity collapse, needs the proxy of section 5.4 and is not tested",
    ),
    sentence(
        "emp_c_1.epistemic", "For epistemic failures entropy is sufficient",
        "In most tasks, among inputs of low sensitivity, entropy ranks Standard's failures better "
        "than chance, and SUA no better than entropy.",
        _C_1,
        "pure epistemic failures (where entropy-based abstention is sufficient)",
        by_task("most", lambda task: [
            above(compared(task, "auroc@low_sensitivity", ENTROPY), "0.5"),
            below(compared(task, "auroc@low_sensitivity", ("standard", "sua@1"), ENTROPY)),
        ]),
        silent="which failures are epistemic: those at low sensitivity",
    ),
    sentence(
        "emp_c_1.combining", "SUA and entropy together are better than each",
        "In most tasks S + mu H with mu >= 0 fitted on dev ranks Standard's failures better than "
        "entropy and than SUA at lambda = 1.",
        _C_1,
        "motivates combining SUA with entropy-based abstention in deployment",
        by_task("most", lambda task: [
            better(task, "auroc", ("standard", "s_plus_mu_h"), rival)
            for rival in (ENTROPY, ("standard", "sua@1"))
        ]),
        silent="how to combine them",
    ),
)  # fmt: skip
