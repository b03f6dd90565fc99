"""Sentences of sections 6.7 to 9, each with its declared test.

Section 6.7 names no task, and its table prints QA's numbers. Its sentences on the losses are
general, and held to most of the three tasks; those on the number of perturbations are held to QA.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofs_checks.empirical_conditions import Case, Comparison, Condition, Side, Test
from proofs_checks.empirical_protocol import (
    AGREEMENT,
    AT,
    AT_ENTROPY,
    COLUMNS,
    DATASETS,
    ENTROPY,
    OURS,
    SCALED,
    STANDARD,
    SUA_TR,
    TEMPERATURE,
    above,
    below,
    better,
    between,
    by_task,
    compared,
)
from proofs_checks.empirical_record import Record, sentence
from proofs_checks.empirical_tests_main import predicting

NO_ALIGN: Side = ("no_align", "sua@1")
NO_CONS: Side = ("no_cons", "sua@1")
FEW: Side = ("k3", "sua@1")
MANY: Side = ("k10", "sua@1")
_SEC_6_7, _SEC_6_8 = "section 6.7, on Table 3", "section 6.8, qualitative examples"
_LOST = "which loss is meant: the symbols are lost, and the words in brackets decide"


def _improves(task: str) -> list[Condition]:
    robust = [better(task, "robust_accuracy", SUA_TR, rival) for rival in (STANDARD, AT)]
    calibrated = [better(task, "ece", SUA_TR, rival) for rival in (STANDARD, AT, TEMPERATURE)]
    selective = [
        better(task, "selective_accuracy@0.8", OURS, rival)
        for rival in (ENTROPY, AT_ENTROPY, AGREEMENT, SCALED)
    ]
    return [*robust, *calibrated, *selective]


def _level(task: str, metric: str, side: Side, role: str) -> Comparison:
    """A number alone."""
    return compared(task, metric, side, role=role)


def _unstable(task: str) -> list[Condition]:
    """More sensitivity beyond entropy on changed inputs than on clean ones."""
    clean = _level(task, "sua_risk", STANDARD, "clean")
    return [
        above(_level(task, "sua_risk", STANDARD, role), than=clean)
        for role in ("perturbed", "shift")
    ]


def _full(task: str) -> Sequence[Condition]:
    return [better(task, m, OURS, rival) for rival in (NO_ALIGN, NO_CONS) for m in COLUMNS]


RECORDS: tuple[Record, ...] = (
    sentence(
        "emp_6_7.contribute", "Both losses contribute",
        "In most tasks SUA-TR has a lower ECE and a higher AUROC than without the alignment loss, "
        "and a higher robust accuracy than without the consistency loss.",
        _SEC_6_7,
        "Both and contribute independently",
        by_task("most", lambda task: [
            better(task, "ece", OURS, NO_ALIGN),
            better(task, "auroc", OURS, NO_ALIGN),
            better(task, "robust_accuracy", OURS, NO_CONS),
        ]),
        silent=f"{_LOST}; to what each contributes: to what the next words name",
        severity="conclusion",
    ),
    sentence(
        "emp_6_7.alignment", "Without the alignment loss, ECE and AUROC suffer most",
        "In most tasks removing the alignment loss worsens ECE and AUROC, and more than removing "
        "the consistency loss does.",
        _SEC_6_7,
        "removing primarily hurts ECE and AUROC",
        by_task("most", lambda task: [
            better(task, metric, rival, NO_ALIGN)
            for metric in ("ece", "auroc") for rival in (OURS, NO_CONS)
        ]),
        silent=f"{_LOST}; what primarily compares: the two losses, on each metric",
        severity="conclusion",
    ),
    sentence(
        "emp_6_7.consistency", "Without the consistency loss, robust accuracy suffers most",
        "In most tasks removing the consistency loss lowers robust accuracy, and more than "
        "removing the alignment loss does.",
        _SEC_6_7,
        "while removing primarily hurts robust accuracy",
        by_task("most", lambda task: [
            better(task, "robust_accuracy", rival, NO_CONS) for rival in (OURS, NO_ALIGN)
        ]),
        silent=f"{_LOST}; what primarily compares: the two losses",
        severity="conclusion",
    ),
    sentence(
        "emp_6_7.full", "The full model outperforms either ablation",
        "In most tasks SUA-TR is better than without either loss in all five columns of Table 3.",
        _SEC_6_7,
        "The full model outperforms either ablation.",
        by_task("most", _full),
        silent="in which columns: in all, as printed",
        severity="conclusion",
    ),
    sentence(
        "emp_6_7.ten", "Five perturbations do as well as ten",
        "On QA SUA-TR with K = 10 differs from K = 5 by less than one point in each column of "
        "Table 3.",
        _SEC_6_7,
        "provides essentially the same performance",
        by_task("every", lambda task: [
            between(compared(task, m, MANY, OURS), "-0.01", "0.01") for m in COLUMNS
        ], ["qa"]),
        silent="the numbers of perturbations, which are lost; how near is the same: within one "
        "point",
    ),
    sentence(
        "emp_6_7.cheaper", "Five perturbations cost less than ten",
        "On QA SUA-TR takes longer to train with K = 10 than with K = 5.",
        _SEC_6_7,
        "as at lower cost",
        by_task("every", lambda task: [
            above(compared(task, "log_seconds", MANY, OURS))
        ], ["qa"]),
        silent="the numbers of perturbations, which are lost",
    ),
    sentence(
        "emp_6_7.three", "Three perturbations are slightly inferior",
        "On QA robust accuracy and AUROC are lower with K = 3 than with K = 5, by less than two "
        "points.",
        _SEC_6_7,
        "is slightly inferior, suggesting that variance in the sensitivity estimate matters",
        by_task("every", lambda task: [
            between(compared(task, m, OURS, FEW), "0", "0.02") for m in ("robust_accuracy", "auroc")
        ], ["qa"]),
        silent="the number of perturbations, which is lost; in what; how much is slight",
    ),
    sentence(
        "emp_6_8.raises", "SUA-TR raises its uncertainty under trivial variations",
        "On QA's perturbed test SUA-TR's mean entropy exceeds Standard's, and its mean sensitivity "
        "is lower.",
        f"{_SEC_6_8}, adversarial input",
        "The standard model does not recognize that its output changes under a trivial input "
        "variation; SUA-TR detects this and raises its uncertainty appropriately.",
        Test("every", (
            Case("qa, perturbed", (
                above(compared("qa", "mean_entropy", SUA_TR, STANDARD, "perturbed")),
                below(compared("qa", "mean_sensitivity", SUA_TR, STANDARD, "perturbed")),
            )),
        )),
        silent="whether more than one question shows it; the numbers in brackets are lost",
    ),
    sentence(
        "emp_6_8.collapse", "The standard model collapses ambiguity",
        "On NLI's ambiguous test Standard's entropy is on average more than 0.1 nats below that of "
        "the annotators' answers.",
        f"{_SEC_6_8}, ambiguous input",
        "The standard model exhibits ambiguity collapse",
        Test("every", (
            Case("nli, ambiguous", (
                above(_level("nli", "entropy_shortfall", STANDARD, "ambiguous"), "0.1"),
            )),
        )),
        silent="whether more than one pair shows it; how far below is a collapse",
    ),
    sentence(
        "emp_6_8.even", "SUA-TR spreads its mass over the labels of ambiguous inputs",
        "On NLI's ambiguous test SUA-TR's mean entropy exceeds Standard's, and its ECE is lower.",
        f"{_SEC_6_8}, ambiguous input",
        "SUA-TR distributes probability mass more evenly across labels, reflecting the irreducible "
        "uncertainty",
        Test("every", (
            Case("nli, ambiguous", (
                above(compared("nli", "mean_entropy", SUA_TR, STANDARD, "ambiguous")),
                better("nli", "ece", SUA_TR, STANDARD, role="ambiguous"),
            )),
        )),
        silent="whether more than one pair shows it",
    ),
    sentence(
        "emp_7_1.temperature", "Temperature scaling reduces ECE and leaves the misalignment",
        "In most tasks temperature scaling lowers Standard's ECE, and its SUA risk stays above "
        "SUA-TR's.",
        "section 7.1, third paragraph",
        "These methods can reduce ECE but do not address the underlying alignment failure",
        by_task("most", lambda task: [
            better(task, "ece", TEMPERATURE, STANDARD),
            above(compared(task, "sua_risk", TEMPERATURE, SUA_TR)),
        ]),
        silent="by which measure the failure remains: by the SUA risk",
    ),
    sentence(
        "emp_7_3.signature", "High sensitivity at low entropy points to changed inputs",
        "In most tasks Standard's SUA risk is higher on the perturbed and on the shifted test than "
        "on the clean one.",
        "section 7.3, second paragraph",
        "the operator can infer that the input is in a locally unstable region (suggesting an "
        "adversarial or out-of-distribution input)",
        by_task("most", _unstable),
        silent="how strongly it suggests so",
    ),
    sentence(
        "emp_7_3.cautious", "Where sensitivity and entropy are both high, less is wrong",
        "In most tasks Standard errs less often where S and H are both high than where S alone is, "
        "on the clean test.",
        "section 7.3, second paragraph",
        "a high sensitivity and high entropy signature suggests the model is already expressing "
        "appropriate uncertainty (a case where abstention may be overly cautious)",
        by_task("most", lambda task: [
            above(compared(task, "error@d", STANDARD), than=compared(task, "error@b", STANDARD))
        ]),
        silent="what high is: above the median; overly cautious against what: against abstaining "
        "where S alone is high",
    ),
    *predicting(
        "emp_9.predicts", "section 9",
        "Experiments confirmed that SUA predicts failures more reliably than entropy, "
        "self-consistency, or temperature scaling",
    ),
    sentence(
        "emp_9.improves", "SUA-TR improves robust accuracy, ECE and selective accuracy",
        "In every task SUA-TR is better in robust accuracy than Standard and AT, in ECE than "
        "these and temperature scaling, in selective accuracy at 80 % than every baseline.",
        "section 9",
        "SUA-TR improves robust accuracy, ECE, and selective accuracy over relevant baselines",
        by_task("every", _improves),
        silent="which baselines are relevant to which metric",
        severity="conclusion",
    ),
    sentence(
        "emp_9.tracks", "Uncertainty does not track instability",
        "On every test set but the clean ones the rank correlation of S and H over the inputs is "
        "below 1/2, for Standard.",
        "section 9, the central claim",
        "a model\u2019s uncertainty does not track the instability of its predictions under "
        "semantics-preserving input variation",
        Test("every", tuple(
            Case(f"{task}, {role}", (below(_level(task, "spearman_sh", STANDARD, role), "0.5"),))
            for task, roles in DATASETS.items() for role in roles if role != "clean"
        )),
        silent="how weak a relation is none: below 1/2 is generous",
        severity="conclusion",
    ),
)  # fmt: skip
