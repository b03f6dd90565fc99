"""Holds the declared tests against the committed summaries: outcomes by setting, as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from proofs_checks.empirical import RECORDS
from proofs_checks.empirical_conditions import (
    Case,
    Comparison,
    Condition,
    Interval,
    Outcome,
    all_of,
    quantified,
    side,
)
from proofs_checks.empirical_protocol import (
    DATASETS,
    FLOOR,
    LEAST_SEEDS,
    MODELS,
    SCALES,
    SETTINGS,
    TASKS,
)
from proofs_checks.empirical_record import Record
from proofs_checks.empirical_summary import FOLDER, Difference, Summary, SummaryError, read
from proofs_checks.evidence import Kind, Piece, Row

CLAIMS = tuple(record.claim for record in RECORDS)
_KINDS = {
    Outcome.HOLDS: Kind.REPRODUCTION,
    Outcome.FAILS: Kind.FAILED_REPRODUCTION,
    Outcome.OPEN: Kind.OPEN_TEST,
    Outcome.MISSING: Kind.UNFINISHED_TEST,
}


@dataclass(frozen=True)
class Read:
    """The summaries of a folder, by name, and why some files are none."""

    summaries: Mapping[str, Summary]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class Measured:
    """A condition with its numbers.

    Attributes:
        condition: as declared.
        found: the differences that it rests on, as far as they exist.
        outcome: what they say.
        why: what keeps it from being decided by numbers that exist, or that none do.
    """

    condition: Condition
    found: tuple[Difference | None, ...]
    outcome: Outcome
    why: str = ""

    @property
    def mean(self) -> Fraction | None:
        """The estimate."""
        means = [d.mean for d in self.found if d is not None]
        if len(means) < len(self.found):
            return None
        return means[0] if len(means) == 1 else means[0] - means[1]

    @property
    def interval(self) -> Interval | None:
        """Where it lies."""
        return _interval(self.found)


@dataclass(frozen=True)
class Judged:
    """A test under one setting.

    Attributes:
        scale, model: the setting.
        outcome: of the test.
        cases: each with its outcome and its conditions.
        summaries: those it looked at, by task.
    """

    scale: str
    model: str
    outcome: Outcome
    cases: tuple[tuple[Case, Outcome, tuple[Measured, ...]], ...]
    summaries: Mapping[str, Summary]

    @property
    def mark(self) -> str:
        """Scale, model and tasks, as they stand beside the verdict."""
        return f"{self.scale}, {self.model}: {', '.join(self.summaries)}"


def read_folder(folder: Path) -> Read:
    """Every summary of a folder; one that does not exist holds none."""
    summaries, faults = {}, {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        try:
            if path.suffix != ".json":
                raise SummaryError("no .json file")
            summaries[path.stem] = read(path)
        except SummaryError as error:
            faults[path.name] = str(error)
    return Read(summaries, faults)


@cache
def committed() -> Read:
    """The summaries committed with the registry."""
    return read_folder(FOLDER)


def judged(record: Record, given: Read) -> list[Judged]:
    """The test under every setting that has a summary of one of its tasks; the first leads."""
    found = []
    tasks = dict.fromkeys(t for case in record.test.cases for t in case.tasks)
    for scale, model in SETTINGS:
        names = {task: f"{scale}-{task}-{model}" for task in TASKS if task in tasks}
        here = {t: given.summaries[n] for t, n in names.items() if n in given.summaries}
        if here:
            cases = tuple(_case(case, here) for case in record.test.cases)
            outcome = quantified(record.test.quantifier, [o for _, o, _ in cases])
            found.append(Judged(scale, model, outcome, cases, here))
    return found


def _case(
    case: Case, here: Mapping[str, Summary]
) -> tuple[Case, Outcome, tuple[Measured, ...]]:  # fmt: skip
    measured = tuple(_measured(condition, here) for condition in case.conditions)
    return case, all_of([m.outcome for m in measured]), measured


def _measured(condition: Condition, here: Mapping[str, Summary]) -> Measured:
    found = tuple(_difference(c, here) for c in condition.comparisons)
    outcome = condition.outcome(_interval(found))
    if outcome is Outcome.MISSING:
        absent = [c for c, d in zip(condition.comparisons, found, strict=True) if d is None]
        which = f": {absent[0].id}" if len(absent) < len(found) else ""
        said = "no such number" if all(c.task in here for c in absent) else "not run"
        return Measured(condition, found, outcome, f"{said}{which}")
    fewest = min(d.seeds for d in found if d is not None)
    if fewest < LEAST_SEEDS:
        why = f"{fewest} of the {LEAST_SEEDS} seeds that a verdict needs"
        return Measured(condition, found, Outcome.MISSING, why)
    for comparison in condition.comparisons:
        floored, why = _floored(comparison.task, here[comparison.task])
        if why:
            return Measured(condition, found, floored, why)
    return Measured(condition, found, outcome)


def _difference(comparison: Comparison, here: Mapping[str, Summary]) -> Difference | None:
    summary = here.get(comparison.task)
    return None if summary is None else summary.differences.get(comparison.id)


def _interval(found: Sequence[Difference | None]) -> Interval | None:
    intervals = [d.interval for d in found if d is not None]
    if len(intervals) < len(found):
        return None
    return intervals[0] if len(intervals) == 1 else intervals[0] - intervals[1]


def _floored(task: str, summary: Summary) -> tuple[Outcome, str]:
    """Why a task decides nothing; an empty reason where the standard model reached the floor."""
    clean = DATASETS[task]["clean"]
    accuracy, floor = (
        summary.rows.get(("standard", None, clean, metric)) for metric in ("accuracy", FLOOR)
    )
    if accuracy is None or floor is None:
        missing = "accuracy" if accuracy is None else FLOOR
        return Outcome.MISSING, f"no {missing} of standard on {clean}"
    if accuracy < floor:
        below = f"{float(accuracy):.3f} is below the floor of {float(floor):.3f}"
        return Outcome.OPEN, f"{task}: Standard's accuracy {below}"
    return Outcome.HOLDS, ""


# --- evidence -------------------------------------------------------------------------------------


def pieces(claim: str, given: Read | None = None) -> list[Piece]:
    """The evidence for one sentence: its test under each setting, and files that are damaged."""
    given = committed() if given is None else given
    record = record_of(claim)
    return [*_damaged(record, given), *(_piece(one) for one in judged(record, given))]


def record_of(claim: str) -> Record:
    """The record of an id."""
    return next(record for record in RECORDS if record.claim.id == claim)


def _damaged(record: Record, given: Read) -> list[Piece]:
    """Files whose names say that the test would look at them."""
    tasks = dict.fromkeys(t for case in record.test.cases for t in case.tasks)
    names = {f"{scale}-{t}-{model}.json" for scale in SCALES for t in tasks for model in MODELS}
    return [
        Piece(Kind.SUPPORT, "checked", name, lambda reason=reason: [reason])  # type: ignore[misc]
        for name, reason in given.faults.items()
        if name in names
    ]


def _piece(one: Judged) -> Piece:
    def rows() -> list[Row]:
        return [
            (f"{case.name}: {worded(m.condition)}", shown(m))
            for case, _, measured in one.cases
            for m in measured
        ]

    return Piece(_KINDS[one.outcome], "checked", one.mark, list, instance=rows)


def shown(m: Measured) -> str:
    """The numbers of a condition and what they say."""
    if m.interval is None:
        return m.why
    return f"{numbers(m)} {m.why or m.outcome.value}"


def numbers(m: Measured) -> str:
    """An estimate and its interval; empty where there is none."""
    if m.interval is None or m.mean is None:
        return ""
    low, high = (float(end) for end in m.interval)
    return f"{float(m.mean):+.4f} [{low:+.4f}, {high:+.4f}]"


def worded(condition: Condition) -> str:
    """A condition in short.

    >>> worded(RECORDS[0].test.cases[1].conditions[0])
    'auroc on snli: sua_tr:sua@1 - standard:self_consistency > 0'
    """
    of, less = condition.of, condition.less
    said = f"{of.metric} on {of.dataset}: {_sides(of)}"
    if less is not None:
        said = f"{said}, less that{_apart(of, less)},"
    if condition.above is not None and condition.below is not None:
        return f"{said} in ({condition.above}, {condition.below})"
    end = f"> {condition.above}" if condition.above is not None else f"< {condition.below}"
    return f"{said} {end}"


def _apart(of: Comparison, less: Comparison) -> str:
    """In what a comparison differs from another."""
    metric = "" if of.metric == less.metric else f" in {less.metric}"
    dataset = "" if of.dataset == less.dataset else f" on {less.dataset}"
    sides = "" if _sides(of) == _sides(less) else f" of {_sides(less)}"
    return f"{metric}{dataset}{sides}"


def _sides(comparison: Comparison) -> str:
    left = side(comparison.left)
    return left if comparison.right is None else f"{left} - {side(comparison.right)}"
