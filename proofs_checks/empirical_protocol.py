"""What the tests of empirical sentences may name, and the rules that all of them share.

Metrics and scores are those of the study's summaries: accuracy, robust_accuracy, ece, mean_entropy,
mean_sensitivity, sua_risk, spearman@k; by score auroc and selective_accuracy@c. Beside these:

- ``error@a`` .. ``error@d``, ``share@d``: error rate and share of inputs in the four regimes, cut
  at the medians of S_KL and H on that test set (A: neither above, B: both, C: H alone, D: S alone);
- ``auroc@d``, ``auroc@low_sensitivity``: by score, among the inputs of regime D, of A and C;
- ``entropy_shortfall``: mean of H*(x) - H_theta(x) over the inputs with annotators' p*;
- ``spearman_sh``: rank correlation of S and H over the inputs;
- the score ``sua_kl@dev``: S_KL - lambda H with the lambda of 0, .1, .5, 1, 2 whose AUROC on the
  dev split is best, the first of equals; ``lambda@dev``: that lambda;
- ``log_seconds``: natural logarithm of the training time, under the clean test set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from proofs_checks.empirical_conditions import Case, Comparison, Condition, Quantifier, Side, Test

TASKS = ("qa", "nli", "topic")
MODELS = ("bert-base-uncased", "minilm", "small")
"""Two pretrained encoders, and one trained from nothing; the first counts for most."""
SCALES = ("paper", "standard", "quick")
"""The first counts for most."""
SETTINGS = tuple((scale, model) for model in MODELS for scale in SCALES)
"""Order in which they speak: the verdict is that of the first setting that decides the test, or
that has every number the test asks for. The others are shown beside it."""
LEAST_SEEDS = 3
"""A difference over fewer seeds decides nothing."""
FLOOR = "floor_accuracy"
"""What a rule on words reaches (Naive Bayes; on QA the option that shares most words): a task where
the standard model's accuracy on the clean test, its mean over the seeds, is lower decides
nothing."""
DATASETS = {
    "qa": {
        "clean": "squadshifts_wiki", "perturbed": "squad_paraphrase",
        "ambiguous": "squadshifts_divided", "shift": "squadshifts_reddit",
    },
    "nli": {
        "clean": "snli", "perturbed": "snli_textattack", "ambiguous": "chaosnli", "shift": "mnli",
    },
    "topic": {
        "clean": "ag_news", "perturbed": "ag_deepwordbug_cnn",
        "ambiguous": "noisy_ag_annotators", "shift": "bbc",
    },
}  # fmt: skip
"""The test set of each role that the sentences are judged on."""

SUA_TR: Side = ("sua_tr", None)
STANDARD: Side = ("standard", None)
AT: Side = ("at", None)
TEMPERATURE: Side = ("temp_scale", None)
OURS: Side = ("sua_tr", "sua@1")
"""SUA-TR scored by SUA at lambda = 1, as in Table 2."""
ENTROPY: Side = ("standard", "entropy")
AGREEMENT: Side = ("standard", "self_consistency")
SCALED: Side = ("temp_scale", "max_probability")
AT_ENTROPY: Side = ("at", "entropy")
COLUMNS = ("accuracy", "robust_accuracy", "ece", "auroc", "selective_accuracy@0.8")
"""Of Tables 2 and 3; of these, ECE alone is better when lower."""
BY_SCORE = ("auroc", "selective_accuracy")


def compared(
    task: str, metric: str, left: Side, right: Side | None = None, role: str = "clean"
) -> Comparison:
    """A comparison on the test set of a role; scores are dropped where the metric has none."""
    dataset = DATASETS[task][role]
    if metric.startswith(BY_SCORE):
        return Comparison(task, dataset, metric, left, right)
    return Comparison(task, dataset, metric, (left[0], None), right and (right[0], None))


def above(of: Comparison, end: str = "0", *, than: Comparison | None = None) -> Condition:
    """``of`` (less ``than``) exceeds an end."""
    return Condition(of, than, above=end)


def below(of: Comparison, end: str = "0") -> Condition:
    """``of`` stays below an end."""
    return Condition(of, below=end)


def between(of: Comparison, low: str, high: str) -> Condition:
    """``of`` lies between two ends."""
    return Condition(of, above=low, below=high)


def better(
    task: str, metric: str, left: Side, right: Side, by: str = "0", role: str = "clean"
) -> Condition:
    """The left side is better by more than so much, whichever way the metric points."""
    return above(gain(task, metric, left, right, role), by)


def gain(task: str, metric: str, left: Side, right: Side, role: str = "clean") -> Comparison:
    """What the left side gains, positive where it is better."""
    if metric == "ece":
        left, right = right, left
    return compared(task, metric, left, right, role)


def by_task(
    quantifier: Quantifier,
    conditions: Callable[[str], Sequence[Condition]],
    tasks: Sequence[str] = TASKS,
) -> Test:
    """One case for each task."""
    return Test(quantifier, tuple(Case(task, tuple(conditions(task))) for task in tasks))
