"""Empirical sentences: each is there once, asks for what can be measured, means what it says."""

from __future__ import annotations

import os
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from proofs_checks.claims import CLAIMS, select
from proofs_checks.empirical import RECORDS, comparisons
from proofs_checks.empirical_conditions import Comparison, Outcome
from proofs_checks.empirical_judged import Read, judged, record_of
from proofs_checks.empirical_protocol import DATASETS, MODELS, SETTINGS
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from tests.empirical_summaries import COMPARISONS, ROLES, Ends, reading_of, world

# --- the registry ---------------------------------------------------------------------------------


def test_every_record_is_in_the_registry_once_and_quotes_words() -> None:
    ids = [record.claim.id for record in RECORDS]
    assert len(set(ids)) == len(ids)
    assert [c.id for c in CLAIMS if c.kind == "empirical"] == ids
    for record in RECORDS:
        claim = record.claim
        assert claim.quote, claim.id
        assert claim.statement, claim.id
        assert not claim.formula, claim.id
        assert "|" not in claim.statement + claim.title, claim.id
        assert re.fullmatch(r"emp_(\d|[bc])\w*\.\w+(@\w+)?|repo_\d+", claim.id), claim.id
        assert record.test.cases, claim.id
        assert all(case.conditions for case in record.test.cases), claim.id


def test_readings_of_a_sentence_share_its_words_and_differ_in_their_test() -> None:
    groups: dict[str, list[str]] = {}
    for record in RECORDS:
        groups.setdefault(record.claim.id.split("@")[0], []).append(record.claim.id)
    for name, ids in groups.items():
        records = [record_of(i) for i in ids]
        assert len({r.claim.quote for r in records}) == 1, name
        assert len({r.test for r in records}) == len(records), name
        assert all(bool(r.claim.reading) == (len(ids) > 1) for r in records), name
    quotes = Counter(record_of(ids[0]).claim.quote for ids in groups.values())
    assert [quote for quote, times in quotes.items() if times > 1] == []


def test_conditions_have_an_end_and_their_ends_are_in_order() -> None:
    for record in RECORDS:
        for case in record.test.cases:
            for k in case.conditions:
                ends = [Fraction(end) for end in (k.above, k.below) if end is not None]
                assert ends, record.claim.id
                assert sorted(set(ends)) == ends, record.claim.id
                assert k.of != k.less, record.claim.id


def test_what_is_asked_for_is_listed_once_for_each_model_with_known_test_sets() -> None:
    asked = comparisons()
    assert len({str(a["id"]) for a in asked}) == len(asked) == len(COMPARISONS) * len(MODELS)
    for a in asked:
        assert a["dataset"] in DATASETS[str(a["task"])].values()
        assert a["left"] != a["right"]
    for c in COMPARISONS:
        by_score = c.metric.startswith(("auroc", "selective_accuracy"))
        for one in (c.left, c.right):
            assert one is None or (one[1] is not None) == by_score, c.id


def test_without_summaries_every_sentence_waits() -> None:
    for claim in CLAIMS:
        if claim.kind == "empirical":
            judgement = check_claim(claim, pieces=[]).judgement
            assert judgement.verdict is Verdict.INCONCLUSIVE
            assert (judgement.reason, judgement.mark) == ("not run", "")


def test_settings_speak_in_the_declared_order() -> None:
    assert SETTINGS[0] == ("paper", "bert-base-uncased")
    assert SETTINGS.index(("standard", "minilm")) < SETTINGS.index(("quick", "minilm"))
    assert SETTINGS.index(("quick", "minilm")) < SETTINGS.index(("standard", "small"))


# --- what they mean: numbers by hand under which every sentence is true ---------------------------

_OF_METHOD = {
    "accuracy": {
        "standard": "742", "at": "731", "sua_tr": "748", "no_align": "746", "no_cons": "747",
        "adv_only": "739", "para_only": "745", "tokens_only": "744", "k3": "747", "k10": "748",
        "lam_0": "747", "lam_0.25": "747", "lam_0.5": "748", "lam_2": "747", "lam_3": "730",
    },
    "robust_accuracy": {
        "standard": "618", "at": "698", "sua_tr": "731", "no_align": "702", "no_cons": "681",
        "adv_only": "720", "para_only": "706", "tokens_only": "725", "k3": "728", "k10": "732",
        "lam_0.5": "730", "lam_2": "730",
    },
    "ece": {
        "standard": "142", "at": "157", "temp_scale": "071", "sua_tr": "058", "no_align": "079",
        "no_cons": "063", "adv_only": "071", "para_only": "060", "tokens_only": "065",
        "k3": "062", "k10": "057", "lam_0": "090", "lam_0.25": "080", "lam_0.5": "060",
        "lam_2": "057",
    },
    "log_seconds": {"standard": "000", "sua_tr": "1.1", "k10": "1.7"},
    "spearman@1": {"sua_tr": "710"}, "spearman@3": {"sua_tr": "840"},
    "spearman@5": {"sua_tr": "930"},
    "error@a": {"standard": "050"}, "error@b": {"standard": "200"},
    "error@c": {"standard": "150"}, "error@d": {"standard": "400"},
    "lambda@dev": {"standard": "000"},
}  # fmt: skip
_OF_SCORE = {
    "sua@1": "750", "self_consistency": "660", "entropy": "640", "max_probability": "620",
    "s_plus_mu_h": "800", "sua_kl@dev": "540",
    "no_align": "690", "no_cons": "720", "adv_only": "730", "para_only": "715",
    "tokens_only": "720", "k3": "744", "k10": "751", "lam_0": "740", "lam_0.25": "740",
    "lam_0.5": "745", "lam_2": "751", "lam_3": "740",
}  # fmt: skip
"""AUROC on the clean test by score; the models named are scored by SUA."""
_KEPT = {
    "sua_tr": "900", "no_align": "850", "no_cons": "860", "adv_only": "880", "para_only": "870",
    "tokens_only": "870", "k3": "890", "k10": "901", "lam_0.5": "895", "lam_2": "900",
}  # fmt: skip
"""Selective accuracy at 80 % by SUA."""
_BY_ROLE = {
    ("share@d", "standard"): {
        "clean": "080", "perturbed": "235", "ambiguous": "280", "shift": "194",
    },
    ("sua_risk", "standard"): {"clean": "050", "perturbed": "200", "shift": "150"},
    ("sua_risk", "temp_scale"): {"clean": "050"},
    ("sua_risk", "sua_tr"): {"clean": "010"},
    ("mean_sensitivity", "standard"): {"clean": "100", "perturbed": "300"},
    ("mean_sensitivity", "sua_tr"): {"perturbed": "080"},
    ("mean_entropy", "standard"): {"perturbed": "200", "ambiguous": "200"},
    ("mean_entropy", "sua_tr"): {"perturbed": "500", "ambiguous": "610"},
    ("entropy_shortfall", "standard"): {"ambiguous": "400"},
    ("spearman_sh", "standard"): dict.fromkeys(("perturbed", "ambiguous", "shift"), "200"),
    ("ece", "standard"): {"ambiguous": "820"},
    ("ece", "sua_tr"): {"ambiguous": "300"},
}  # fmt: skip
_AMONG = {
    "auroc@d": {"entropy": "228", "self_consistency": "500", "sua_kl@dev": "877"},
    "auroc@low_sensitivity": {"entropy": "700", "sua@1": "600"},
}
_CHANGED_INPUTS = {
    "perturbed": {"sua@1": "790", "self_consistency": "600", "entropy": "610", "sua_kl@dev": "700"},
    "ambiguous": {"sua@1": "810", "entropy": "600", "sua_kl@dev": "665"},
    "shift": {"entropy": "600", "sua_kl@dev": "668"},
}
"""AUROC on the other test sets."""


def _number(text: str) -> Fraction:
    return Fraction(text) if "." in text else Fraction(f"0.{text}")


def level(metric: str, role: str, method: str, score: str | None) -> Fraction:
    """A number as the sentences would have it."""
    if (metric, method) in _BY_ROLE and role in _BY_ROLE[metric, method]:
        return _number(_BY_ROLE[metric, method][role])
    if score is None:
        return _number(_OF_METHOD[metric][method])
    name = method if method in _OF_SCORE else score
    if metric in _AMONG:
        return _number(_AMONG[metric][score])
    if metric == "auroc":
        return _number(_OF_SCORE[name] if role == "clean" else _CHANGED_INPUTS[role][score])
    coverage = Fraction(metric.partition("@")[2])
    if score.startswith("sua@"):
        return _number(_KEPT[method]) + (Fraction(4, 5) - coverage) / 10
    rank = _number({"entropy": "020", "self_consistency": "030"}.get(score, "010"))
    return Fraction(7, 10) + rank - (Fraction(4, 5) - coverage)


def as_said(c: Comparison, sign: int = 1) -> Ends:
    """A narrow interval around the difference of two such numbers."""
    role = ROLES[c.dataset]
    value = level(c.metric, role, *c.left)
    if c.right is not None:
        value = sign * (value - level(c.metric, role, *c.right))
    narrow = Fraction(1, 10**5)
    return str(value - narrow), str(value + narrow)


@cache
def _worlds(sign: int) -> Read:
    return reading_of(world(lambda c: as_said(c, sign)))


def outcome(claim: str, sign: int) -> Outcome:
    (one,) = judged(record_of(claim), _worlds(sign))
    return one.outcome


@pytest.mark.parametrize("claim", [record.claim.id for record in RECORDS])
def test_numbers_as_the_sentence_has_them_reproduce_it(claim: str) -> None:
    assert outcome(claim, 1) is Outcome.HOLDS


LEVELS_ALONE = {
    "emp_5_6.sufficient", "emp_6_5.abstention", "emp_6_6.adversarial_sensitivity",
    "emp_6_8.collapse", "emp_7_3.signature", "emp_7_3.cautious", "emp_9.tracks", "emp_b_1.rises",
    "emp_b_1.marginal", "emp_c_1.sensitivity", "repo_1", "repo_2", "repo_3", "repo_7", "repo_11",
    "repo_12",
}  # fmt: skip
"""They rest on numbers of one model and score alone, so turning differences does not touch them."""
EITHER_WAY = {"emp_6_7.ten", "emp_b_3.stable", "emp_b_3.default"}
"""They bound a difference that is small in these numbers, whichever way it points."""


@pytest.mark.parametrize("claim", [record.claim.id for record in RECORDS])
def test_the_opposite_differences_rule_it_out(claim: str) -> None:
    same = claim in LEVELS_ALONE | EITHER_WAY
    assert outcome(claim, -1) is (Outcome.HOLDS if same else Outcome.FAILS)


# --- the text -------------------------------------------------------------------------------------

PASSED_OVER = {
    "names a table or a figure": ("Table 2 presents", "Figure 2 (described", "Table 3 reports",
                                  "The following table"),
    "concludes from the sentences before it": ("This confirms that the two",),
    "one number of one input, its symbols lost": (
        "Adversarial input", "Input:", "Perturbed:", "Standard model confidence", "SUA score:",
        "SUA-TR model:", "Ambiguous input", "Premise:", "Hypothesis:", "Ground truth is",
        "Standard model output", "SUA-TR output", "Standard ECE on this",
    ),
    "a printed number; the sentence beside it says what it shows": (
        "At , the correlation", "At , 0.84", "At , 0.93", "At , 0.95", "At 90% coverage",
        "At 80% coverage", "At 70% coverage",
    ),
    "says what is varied": ("We ablate", "We vary", "We report the coverage"),
    "formal, or about the paper": (
        "We introduced", "We proved", "We proposed", "The framework is deliberately",
        "All definitions", "We intend",
    ),
}  # fmt: skip
"""Beginnings of sentences of sections 6.5 to 6.8 and 9 and of appendices B and C that have no
record, by reason."""
SPANS = (
    ("6.5 Main Results", "7 Discussion"),
    ("9 Conclusion", "References"),
    ("Appendix B Ablation Details", ""),
)
_HEADING = re.compile(r"(\d|[A-C])\.\d |Appendix [BC] ")
_BETWEEN = re.compile(r"(?<=[.!?\u201d])\s+(?=[A-Z\u201c])")


def sentences(text: str) -> list[str]:
    """The sentences of the experimental sections, tables and headings left out."""
    lines = text.splitlines()
    found = []
    for start, end in SPANS:
        stop = lines.index(end) if end else len(lines)
        for line in lines[lines.index(start) + 1 : stop]:
            if not line.startswith("|") and not _HEADING.match(line):
                found += _BETWEEN.split(line.strip())
    return found


def without_record(found: list[str]) -> list[str]:
    """Sentences that no record quotes and no reason passes over."""
    quotes = [record.claim.quote for record in RECORDS]
    passed = tuple(beginning for group in PASSED_OVER.values() for beginning in group)
    return [
        s for s in found if not s.startswith(passed) and not any(q in s or s in q for q in quotes)
    ]


@pytest.mark.skipif("SUA_PAPER" not in os.environ, reason="SUA_PAPER names no copy of the paper")
def test_every_sentence_of_the_experiments_has_a_record_or_a_reason() -> None:
    found = sentences(Path(os.environ["SUA_PAPER"]).read_text(encoding="utf-8"))
    assert len(found) > 50
    assert without_record(found) == []
    for group in PASSED_OVER.values():
        for beginning in group:
            assert any(s.startswith(beginning) for s in found), beginning


def test_a_sentence_that_nobody_lists_is_noticed() -> None:
    said = "SUA-TR halves the error of every model."
    assert without_record([said, "The full model outperforms either ablation."]) == [said]


def test_the_later_repository_is_recorded_without_gaps() -> None:
    numbers = [c.id.removeprefix("repo_") for c in CLAIMS if c.item.startswith("repo_")]
    assert numbers == [str(k) for k in range(1, len(numbers) + 1)]
    assert [c.id for c in select("repo_1")] == ["repo_1"]
