"""From intervals to verdicts: the rule by brute force, and each number moved across its end."""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.empirical import RECORDS
from proofs_checks.empirical_conditions import (
    Comparison,
    Condition,
    Interval,
    Outcome,
    Quantifier,
    all_of,
    quantified,
)
from proofs_checks.empirical_judged import Read, judged, pieces, record_of
from proofs_checks.empirical_protocol import LEAST_SEEDS
from proofs_checks.empirical_rows import decided_by, documents, rows
from proofs_checks.evidence import Kind, Piece
from proofs_checks.run import Checked, check_claim, described
from proofs_checks.verdict import Verdict, join
from tests.empirical_summaries import COMPARISONS, Ends, difference, reading_of, summary, world

FAR: Ends = ("0.25", "0.5")
UNIT = Fraction(1, 10**6)
AUROC = "emp_6_5.auroc"
QUANTIFIERS: tuple[Quantifier, ...] = ("every", "most", "some")
numbers = st.integers(-5, 5).map(lambda k: Fraction(k, 10))


def checked(claim: str, given_: Read) -> Checked:
    return check_claim(record_of(claim).claim, pieces=pieces(claim, given_))


def verdict(claim: str, given_: Read) -> Verdict:
    return checked(claim, given_).judgement.verdict


# --- the rule -------------------------------------------------------------------------------------


@given(numbers, numbers, st.none() | numbers, st.none() | numbers)
def test_a_condition_by_points(
    a: Fraction, b: Fraction, above: Fraction | None, below: Fraction | None
) -> None:
    """Holds if every point of the interval is allowed, fails if none is; points on a fine grid."""
    low, high = min(a, b), max(a, b)
    if above is not None and below is not None and above >= below:
        above = None
    ends = (None if x is None else str(float(x)) for x in (above, below))
    condition = Condition(COMPARISONS[0], None, *ends)
    steps = int((high - low) * 20)
    points = [low + Fraction(k, 20) for k in range(steps + 1)]
    allowed = [(above is None or x > above) and (below is None or x < below) for x in points]
    wanted = Outcome.HOLDS if all(allowed) else Outcome.OPEN if any(allowed) else Outcome.FAILS
    assert condition.outcome(Interval(low, high)) is wanted


@given(numbers, numbers, numbers, numbers)
def test_a_difference_of_intervals_holds_every_difference(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction
) -> None:
    first, second = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    found = first - second
    every = [x - y for x in first for y in second]
    assert (found.low, found.high) == (min(every), max(every))


@given(st.sampled_from(QUANTIFIERS), st.lists(st.sampled_from(Outcome), min_size=1, max_size=5))
def test_decided_means_that_no_case_still_open_could_change_it(
    quantifier: Quantifier, outcomes: list[Outcome]
) -> None:
    decided = {Outcome.HOLDS: [True], Outcome.FAILS: [False]}
    futures = itertools.product(*(decided.get(o, [True, False]) for o in outcomes))
    n = len(outcomes)
    needed = {"every": n, "most": n // 2 + 1, "some": 1}[quantifier]
    ends = {sum(future) >= needed for future in futures}
    found = quantified(quantifier, outcomes)
    if len(ends) == 1:
        assert found is (Outcome.HOLDS if ends.pop() else Outcome.FAILS)
    else:
        assert found is (Outcome.MISSING if Outcome.MISSING in outcomes else Outcome.OPEN)


@given(st.lists(st.sampled_from(Outcome), min_size=1, max_size=4))
def test_conditions_together(outcomes: list[Outcome]) -> None:
    found = all_of(outcomes)
    assert (found is Outcome.HOLDS) == (set(outcomes) == {Outcome.HOLDS})
    assert (found is Outcome.FAILS) == (Outcome.FAILS in outcomes)


# --- from a record to its verdict -----------------------------------------------------------------


def _moved(claim: str, place: int, ends: Ends) -> Read:
    """Everything speaks clearly for a record that wants numbers above 0, one comparison apart."""
    chosen = record_of(claim).test.comparisons[place]
    return reading_of(world(lambda c: ends if c == chosen else FAR))


@given(st.integers(0, 11), st.integers(-3, 3), st.integers(0, 3))
def test_the_verdict_turns_exactly_where_the_interval_passes_the_end(
    place: int, start: int, length: int
) -> None:
    low, high = start * UNIT, (start + length) * UNIT
    found = verdict(AUROC, _moved(AUROC, place, (str(low), str(high))))
    if low > 0:
        assert found is Verdict.REPRODUCED
    elif high <= 0:
        assert found is Verdict.NOT_REPRODUCED
    else:
        assert found is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("against", "open_", "wanted"),
    [
        ([], [], Verdict.REPRODUCED),
        (["qa"], [], Verdict.REPRODUCED),
        (["qa", "nli"], [], Verdict.NOT_REPRODUCED),
        (["qa"], ["nli"], Verdict.INCONCLUSIVE),
        ([], ["qa", "nli", "topic"], Verdict.INCONCLUSIVE),
        ([], ["nli"], Verdict.REPRODUCED),
    ],
)
def test_most_of_three_tasks(against: list[str], open_: list[str], wanted: Verdict) -> None:
    """emp_6_5.ece: lower is better, so that the test asks for temperature's ECE less SUA-TR's."""

    def ends(c: Comparison) -> Ends:
        return (
            ("-0.2", "-0.1") if c.task in against else ("-0.1", "0.1") if c.task in open_ else FAR
        )

    assert verdict("emp_6_5.ece", reading_of(world(ends))) is wanted


def test_a_missing_number_leaves_every_task_open_but_not_most() -> None:
    def ends(c: Comparison) -> Ends | None:
        return None if c.task == "topic" else FAR

    given_ = reading_of(world(ends))
    assert verdict("emp_6_5.ece", given_) is Verdict.REPRODUCED
    found = checked(AUROC, given_)
    assert found.judgement.verdict is Verdict.INCONCLUSIVE
    assert found.judgement.reason == "numbers are missing"
    assert _topic(found) == ["no such number"] * 4
    two_tasks = checked(AUROC, reading_of(world(ends)[:2]))
    assert _topic(two_tasks) == ["not run"] * 4
    assert two_tasks.judgement.verdict is Verdict.INCONCLUSIVE


def _topic(found: Checked) -> list[str]:
    return [value for e in found.evidence for name, value in e.instance if name[:5] == "topic"]


def test_one_task_against_is_enough_even_if_others_are_missing() -> None:
    def ends(c: Comparison) -> Ends | None:
        return ("-0.2", "-0.1") if c.task == "nli" else None

    found = checked(AUROC, reading_of(world(ends))).judgement
    assert (found.verdict, found.mark) == (Verdict.NOT_REPRODUCED, "quick, small: qa, nli, topic")


def test_few_seeds_decide_nothing() -> None:
    few = reading_of(world(lambda _: FAR, seeds=LEAST_SEEDS - 1))
    found = checked(AUROC, few)
    assert found.judgement.verdict is Verdict.INCONCLUSIVE
    assert any("2 of the 3 seeds" in value for e in found.evidence for _, value in e.instance)
    assert verdict(AUROC, reading_of(world(lambda _: FAR))) is Verdict.REPRODUCED


def test_a_model_below_the_floor_decides_nothing() -> None:
    for ends in (FAR, ("-0.5", "-0.25")):
        given_ = reading_of(world(lambda _, e=ends: e, accuracy="0.699999", floor="0.7"))  # type: ignore[misc]
        found = checked(AUROC, given_)
        assert found.judgement.verdict is Verdict.INCONCLUSIVE
        assert "below the floor" in found.evidence[0].instance[0][1]
    at_floor = reading_of(world(lambda _: FAR, accuracy="0.7", floor="0.7"))
    assert verdict(AUROC, at_floor) is Verdict.REPRODUCED


def test_without_a_floor_a_task_has_not_run() -> None:
    documents_ = world(lambda _: FAR)
    for document in documents_:
        document["rows"] = document["rows"][:1]
    assert checked(AUROC, reading_of(documents_)).judgement.reason == "numbers are missing"


def test_the_first_setting_that_decides_or_is_complete_leads() -> None:
    good = world(lambda _: FAR, scale="standard", model="minilm")
    bad = world(lambda _: ("-0.5", "-0.25"))
    open_ = world(lambda _: ("-0.5", "0.5"), scale="standard", model="minilm")
    part = world(lambda c: FAR if c.task == "nli" else None, scale="standard", model="minilm")

    def found(*documents_: list[dict[str, object]]) -> str:
        given_ = reading_of([d for group in documents_ for d in group])
        return described(checked(AUROC, given_).judgement)

    assert found(good, bad) == "REPRODUCED (standard, minilm: qa, nli, topic)"
    assert found(bad) == "NOT_REPRODUCED (quick, small: qa, nli, topic)"
    assert found(open_, bad) == "INCONCLUSIVE (standard, minilm: qa, nli, topic)"
    assert found(part, bad) == "NOT_REPRODUCED (quick, small: qa, nli, topic)"
    assert found(part) == "INCONCLUSIVE"


def test_a_damaged_summary_never_passes_and_only_matters_where_it_is_asked() -> None:
    given_ = reading_of(world(lambda _: FAR))
    damaged = dataclasses.replace(given_, faults={"standard-nli-minilm.json": "rows: missing"})
    found = checked(AUROC, damaged).judgement
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "standard-nli-minilm.json: rows: missing"
    only_qa = "emp_b_2.mixture"
    assert verdict(only_qa, given_) is verdict(only_qa, damaged) is Verdict.REPRODUCED


def test_evidence_that_proves_or_belongs_elsewhere_gives_no_empirical_verdict() -> None:
    claim = record_of(AUROC).claim
    for kind in (Kind.PROOF, Kind.SEARCH, Kind.SUPPORT, Kind.UNFINISHED_TEST):
        found = check_claim(claim, pieces=[Piece(kind, "checked", "planted", list)])
        assert found.judgement.verdict is Verdict.INCONCLUSIVE
    broken = Piece(Kind.REPRODUCTION, "checked", "planted", lambda: ["a fault"])
    assert check_claim(claim, pieces=[broken]).judgement.reason == "planted: a fault"
    withdrawn = dataclasses.replace(claim, withdrawn="planted")
    assert check_claim(withdrawn, pieces=[]).judgement.verdict is Verdict.UNVERIFIED


def test_readings_that_differ_are_inconclusive() -> None:
    good, bad = (checked(AUROC, reading_of(world(lambda _, e=e: e))).judgement  # type: ignore[misc]
                 for e in (FAR, ("-0.5", "-0.25")))  # fmt: skip
    assert join([good, good]) == good
    mixed = join([good, bad])
    assert (mixed.verdict, mixed.reason) == (Verdict.INCONCLUSIVE, "readings differ")
    assert mixed.mark == good.mark


def test_a_number_of_another_task_or_model_is_not_taken() -> None:
    """The same dataset name under another task is another comparison."""
    chosen = next(c for c in record_of(AUROC).test.comparisons if c.task == "nli")
    other = dataclasses.replace(chosen, dataset="mnli")
    given_ = reading_of([summary("nli", [difference(other, FAR, "small")])])
    (one,) = judged(record_of(AUROC), given_)
    assert one.outcome is Outcome.MISSING
    assert all(m.interval is None for _, _, measured in one.cases for m in measured)


def test_the_document_has_every_number() -> None:
    (found,) = documents(AUROC, reading_of(world(lambda _: FAR)))
    assert (found["scale"], found["model"], found["outcome"]) == ("quick", "small", "holds")
    conditions = found["conditions"]
    assert isinstance(conditions, list)
    assert len(conditions) == 12
    assert conditions[0] == {
        "case": "qa",
        "condition": "auroc on squadshifts_wiki: sua_tr:sua@1 - standard:entropy > 0",
        "mean": 0.375, "low": 0.25, "high": 0.5, "seeds": 3, "outcome": "holds", "why": "",
    }  # fmt: skip
    assert documents("thm_4_3") == []


def test_rows_of_a_report_are_of_its_scale_alone() -> None:
    good = world(lambda _: FAR)
    bad = world(lambda _: ("-0.5", "-0.25"), scale="standard", model="minilm")
    given_ = reading_of([*good, *bad])
    by_scale = {s: {r["id"]: r for r in rows(given_, s)} for s in ("quick", "standard", "paper")}
    assert all(list(found) == [r.claim.id for r in RECORDS] for found in by_scale.values())
    assert by_scale["quick"][AUROC] == {
        "id": AUROC, "says": record_of(AUROC).claim.quote, "verdict": "REPRODUCED",
        "scale": "quick", "data": "small: qa, nli, topic",
        "why": "auroc on squadshifts_wiki: sua_tr:sua@1 - standard:entropy > 0: "
        "+0.3750 [+0.2500, +0.5000] holds",
    }  # fmt: skip
    assert by_scale["standard"][AUROC]["verdict"] == "NOT_REPRODUCED"
    assert by_scale["paper"][AUROC]["verdict"] == "INCONCLUSIVE"
    assert (by_scale["paper"][AUROC]["data"], by_scale["paper"][AUROC]["why"]) == ("", "not run")
    damaged = dataclasses.replace(given_, faults={"paper-nli-minilm.json": "no JSON"})
    assert {r["id"]: r for r in rows(damaged, "paper")}[AUROC]["why"] == (
        "paper-nli-minilm.json: no JSON"
    )
    assert rows(damaged, "quick") == rows(given_, "quick")


def test_what_decides_is_the_first_that_fails_or_the_one_nearest_its_end() -> None:
    wanted = record_of(AUROC).test.comparisons

    def deciding(place: int, ends: Ends) -> str:
        chosen = wanted[place]
        return decided_by(AUROC, reading_of(world(lambda c: ends if c == chosen else FAR)))

    for place, ends, said in (
        (5, ("0.125", "0.25"), "+0.1875 [+0.1250, +0.2500] holds"),
        (7, ("-0.25", "-0.125"), "-0.1875 [-0.2500, -0.1250] fails"),
        (10, ("-0.25", "0.25"), "+0.0000 [-0.2500, +0.2500] open"),
    ):
        c = wanted[place]
        assert deciding(place, ends).startswith(f"{c.metric} on {c.dataset}: ")
        assert deciding(place, ends).endswith(said)
    assert decided_by(AUROC, reading_of([])) == decided_by("n_3") == ""
