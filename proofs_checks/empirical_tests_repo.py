"""Claims of the authors' later repository, each with its declared test.

Source: prakulhiremath/SUA on GitHub, "When Confidence Metrics Fail", readme.md at commit 0c8d9a38
and src/metrics/sua.py at commit 69841b70 (MIT licence). There S is KL, lambda is the best of 0, .1,
.5, 1, 2 by AUROC on the labels that are then reported, regimes are cut at the medians of S and H,
and part of the labels are simulated from S. Here the labels are real, and lambda is chosen on dev.
"""

from __future__ import annotations

from proofs_checks.empirical_conditions import Case, Comparison, Side, Test
from proofs_checks.empirical_protocol import (
    AGREEMENT,
    ENTROPY,
    STANDARD,
    above,
    below,
    between,
    by_task,
    compared,
)
from proofs_checks.empirical_record import Record, sentence

CHOSEN: Side = ("standard", "sua_kl@dev")
"""SUA as the repository has it, lambda chosen on dev."""
_WHERE = "the authors' later repository, readme.md"
_HELPS = f'{_WHERE}, "Where SUA helps (and where it doesn\'t)"'
_REGIMES = f'{_WHERE}, "The Four-Regime Taxonomy"'
_KEY = f'{_WHERE}, "Key Results"'
_SCORES = "whether its labels are real: the key results are of a simulation"
ELSEWHERE = (("qa", "perturbed"), ("nli", "ambiguous"), ("topic", "shift"))
"""Adversarial QA, ambiguous NLI and classification out of distribution."""


def _over_entropy(task: str, role: str = "clean") -> Comparison:
    return compared(task, "auroc", CHOSEN, ENTROPY, role)


def _wins(claim_id: str, title: str, task: str, role: str, quote: str, silent: str) -> Record:
    """SUA over entropy on one test set."""
    return sentence(
        claim_id, title,
        f"On the {role} test of {task} SUA with lambda chosen on dev ranks Standard's failures "
        "better than entropy.",
        _HELPS, quote,
        Test("every", (Case(f"{task}, {role}", (above(_over_entropy(task, role)),)),)),
        silent=silent, severity="conclusion",
    )  # fmt: skip


RECORDS: tuple[Record, ...] = (
    sentence(
        "repo_1", "High sensitivity at low entropy is the regime of failures",
        "In most tasks the error rate of Standard in regime D exceeds that in A, in B and in C.",
        _REGIMES,
        "Confident despite instability. FAILURE MODE.",
        by_task("most", lambda task: [
            above(compared(task, "error@d", STANDARD), than=compared(task, f"error@{r}", STANDARD))
            for r in "abc"
        ]),
        silent="what makes it the failure mode: most errors for its size",
        severity="conclusion",
    ),
    sentence(
        "repo_2", "Within regime D entropy is inverted",
        "In most tasks the AUROC of entropy among the inputs of regime D is below 1/2.",
        _KEY,
        "0.228** (inverted)",
        by_task("most", lambda task: [below(compared(task, "auroc@d", ENTROPY), "0.5")]),
        silent=_SCORES,
        severity="conclusion",
    ),
    sentence(
        "repo_3", "Within regime D self-consistency is random",
        "In most tasks the AUROC of self-consistency among the inputs of regime D is within 0.05 "
        "of 1/2.",
        _KEY,
        "**0.500** (random)",
        by_task("most", lambda task: [
            between(compared(task, "auroc@d", AGREEMENT), "0.45", "0.55")
        ]),
        silent=f"{_SCORES}; how near is random",
    ),
    sentence(
        "repo_4", "SUA wins in regime D",
        "In most tasks SUA with lambda chosen on dev ranks the failures of regime D better than "
        "entropy.",
        _KEY,
        "SUA over entropy on Regime D",
        by_task("most", lambda task: [above(compared(task, "auroc@d", CHOSEN, ENTROPY))]),
        silent=_SCORES,
        severity="conclusion",
    ),
    sentence(
        "repo_5", "Entropy beats SUA on standard NLI",
        "On NLI's clean test SUA with lambda chosen on dev ranks Standard's failures worse than "
        "entropy.",
        _HELPS,
        "**entropy wins**",
        by_task("every", lambda task: [below(_over_entropy(task))], ["nli"]),
        severity="conclusion",
    ),
    sentence(
        "repo_6", "On standard NLI entropy wins by .02 to .18",
        "On NLI's clean test the AUROC of SUA with lambda chosen on dev is between 0.02 and 0.18 "
        "below that of entropy.",
        _HELPS,
        "\u22120.02 to \u22120.18",
        by_task("every", lambda task: [between(_over_entropy(task), "-0.18", "-0.02")], ["nli"]),
        silent="whether other models and samples stay in the range",
    ),
    sentence(
        "repo_7", "Regime D is rare on standard NLI",
        "On NLI's clean test less than a tenth of the inputs are in regime D, for Standard.",
        _HELPS,
        "< 10%",
        by_task("every", lambda task: [below(compared(task, "share@d", STANDARD), "0.1")], ["nli"]),
        silent="where the regimes are cut: at the medians, as its code does",
    ),
    _wins("repo_8", "SUA wins on adversarial QA", "qa", "perturbed",
          "Adversarial QA (Mistral-7B avg.)", "whether other models show it"),
    _wins("repo_9", "SUA wins on ambiguous NLI", "nli", "ambiguous",
          "Ambiguous NLI avg.", "over what it averages"),
    _wins("repo_10", "SUA wins out of distribution", "topic", "shift",
          "OOD classification avg.", "over what it averages"),
    sentence(
        "repo_11", "Regime D is common on adversarial, ambiguous and shifted inputs",
        "On the perturbed test of QA, the ambiguous one of NLI and the shifted one of topic more "
        "than 15 % of the inputs are in regime D, for Standard; independence would make it 25 %.",
        _HELPS,
        "23.5%",
        Test("every", tuple(
            Case(f"{task}, {role}", (
                above(compared(task, "share@d", STANDARD, role=role), "0.15"),
            ))
            for task, role in ELSEWHERE
        )),
        silent="where the regimes are cut; it prints 19.4 to 28.0 %",
    ),
    sentence(
        "repo_12", "On standard inputs the chosen lambda is 0",
        "In every task the lambda that ranks the errors on dev best is 0: there, SUA is S alone.",
        "the authors' later repository, src/metrics/sua.py",
        "lambda* = 0 on standard in-distribution conditions is a DIAGNOSTIC signal",
        by_task("every", lambda task: [below(compared(task, "lambda@dev", STANDARD), "0.05")]),
        silent="on which data it is chosen: here on dev",
    ),
)  # fmt: skip
