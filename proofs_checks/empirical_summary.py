"""Reads the committed summaries of the study, ``runs/{scale}-{task}-{model}.json``, as data.

Every field is looked at before any number is used: what is missing, unknown, of the wrong type or
form, or too large is refused with its place. Numbers are decimal strings and are read as Fractions,
so that a verdict rests on exact comparisons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from proofs_checks.empirical_conditions import Comparison, Interval
from proofs_checks.empirical_protocol import MODELS, SCALES, TASKS

SCHEMA = "sua.summary/1"
LARGEST = 200 * 1024
"""Bytes of a summary."""
FOLDER = Path(__file__).with_name("runs")
_DECIMAL = re.compile(r"-?\d+\.\d{6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
Check = Callable[[Any, str], Any]
"""Takes a value and its place, returns it as it is used, or raises."""


class SummaryError(ValueError):
    """Why a file is no summary; the place comes first."""


@dataclass(frozen=True)
class Difference:
    """A measured difference.

    Attributes:
        mean: over seeds and inputs.
        interval: its 95 % interval.
        seeds: how many it rests on.
        n: inputs.
    """

    mean: Fraction
    interval: Interval
    seeds: int
    n: int


@dataclass(frozen=True)
class Summary:
    """What one model did on one task at one scale.

    Attributes:
        name: of the file, without its ending.
        scale, task, model: what it is of.
        data: sha256 of the description of each dataset.
        seeds: all seeds that occur.
        rows: the mean over the seeds of each number, by method, score, dataset and metric.
        differences: by the id of their comparison.
    """

    name: str
    scale: str
    task: str
    model: str
    data: Mapping[str, str]
    seeds: tuple[int, ...]
    rows: Mapping[tuple[str, str | None, str, str], Fraction]
    differences: Mapping[str, Difference]

    @property
    def datasets(self) -> list[str]:
        """The test sets that it has numbers on."""
        return list(dict.fromkeys(dataset for _, _, dataset, _ in self.rows))


# --- checks of values -----------------------------------------------------------------------------


def _refuse(place: str, value: object, wanted: str) -> SummaryError:
    shown = repr(value)
    return SummaryError(f"{place}: {shown if len(shown) <= 60 else shown[:57] + '...'}, {wanted}")


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse(place, value, "a text wanted")
    return value


def _one_of(names: Sequence[str]) -> Check:
    def check(value: Any, place: str) -> str:
        if value not in names or not isinstance(value, str):
            raise _refuse(place, value, f"one of {', '.join(names)} wanted")
        return value

    return check


def _count(least: int) -> Check:
    def check(value: Any, place: str) -> int:
        if type(value) is not int or value < least:
            raise _refuse(place, value, f"an integer of at least {least} wanted")
        return value

    return check


def _decimal(value: Any, place: str) -> Fraction:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise _refuse(place, value, "a decimal number with six digits, as a string, wanted")
    return Fraction(value)


def _sha256(value: Any, place: str) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise _refuse(place, value, "64 hexadecimal digits of sha256 wanted")
    return value


def _any(value: Any, place: str) -> Any:
    return value


def _optional(check: Check) -> Check:
    return lambda value, place: None if value is None else check(value, place)


def _list(check: Check) -> Check:
    def checked(value: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _refuse(place, value, "a list wanted")
        return tuple(check(item, f"{place}[{k}]") for k, item in enumerate(value))

    return checked


def _map(check: Check) -> Check:
    def checked(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _refuse(place, value, "an object wanted")
        return {key: check(item, f"{place}.{key}") for key, item in value.items()}

    return checked


def _record(fields: Mapping[str, Check]) -> Check:
    def checked(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _refuse(place, value, "an object wanted")
        where = f"{place}." if place else ""
        for name in fields.keys() - value.keys():
            raise SummaryError(f"{where}{name}: missing")
        for name in value.keys() - fields.keys():
            raise SummaryError(f"{where}{name}: unknown")
        return {name: check(value[name], f"{where}{name}") for name, check in fields.items()}

    return checked


def _side(value: Any, place: str) -> tuple[str, str | None]:
    if not isinstance(value, list) or len(value) != 2:
        raise _refuse(place, value, "[method, score] wanted")
    return _text(value[0], place), _optional(_text)(value[1], place)


def _seeds(value: Any, place: str) -> tuple[int, ...]:
    found = _list(_count(0))(value, place)
    if not found or len(set(found)) != len(found):
        raise _refuse(place, value, "a list of distinct seeds wanted")
    return tuple(found)


_ROW = _record({
    "method": _text, "score": _optional(_text), "dataset": _text, "role": _text, "metric": _text,
    "values": _map(_decimal), "n": _count(1),
})  # fmt: skip
_DIFFERENCE = _record({
    "id": _text, "dataset": _text, "role": _text, "metric": _text, "left": _side,
    "right": _optional(_side), "mean": _decimal, "low": _decimal, "high": _decimal,
    "seeds": _seeds, "n": _count(1),
})  # fmt: skip
_SUMMARY = _record({
    "schema": _one_of([SCHEMA]), "scale": _one_of(SCALES), "task": _one_of(TASKS),
    "model": _one_of(MODELS), "data": _map(_sha256), "settings": _map(_any), "seeds": _seeds,
    "versions": _map(_text), "runs": _map(_sha256), "rows": _list(_ROW),
    "differences": _list(_DIFFERENCE),
})  # fmt: skip


# --- the file -------------------------------------------------------------------------------------


def read(path: Path) -> Summary:
    """One summary.

    Raises:
        SummaryError: it cannot be read, or something in it is not as it must be.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SummaryError(f"cannot be read: {error.strerror}") from error
    return parse(path.stem, content)


def parse(name: str, content: bytes) -> Summary:
    """A summary from its bytes.

    Args:
        name: of its file, without the ending.
        content: the file.

    Raises:
        SummaryError: something is not as it must be.
    """
    if len(content) > LARGEST:
        raise SummaryError(f"{len(content)} bytes, at most {LARGEST} wanted")
    try:
        given = json.loads(content.decode(), object_pairs_hook=_distinct, parse_constant=_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SummaryError(f"no JSON: {error}") from error
    if isinstance(given, dict) and given.get("schema") != SCHEMA:  # before its fields are blamed
        raise _refuse("schema", given.get("schema"), f"{SCHEMA} wanted")
    found = _SUMMARY(given, "")
    about = "{scale}-{task}-{model}".format(**found)
    if about != name:
        raise SummaryError(f"it is of {about}, but its name is {name}")
    return Summary(
        name, found["scale"], found["task"], found["model"], found["data"], found["seeds"],
        _rows(found), _differences(found),
    )  # fmt: skip


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise SummaryError(f"{name}: twice in one object")
    return dict(pairs)


def _constant(name: str) -> None:
    raise SummaryError(f"{name} is no number")


def _rows(found: Mapping[str, Any]) -> dict[tuple[str, str | None, str, str], Fraction]:
    seeds = {str(seed) for seed in found["seeds"]}
    rows: dict[tuple[str, str | None, str, str], Fraction] = {}
    for k, row in enumerate(found["rows"]):
        key = (row["method"], row["score"], row["dataset"], row["metric"])
        values = row["values"]
        if not values or not set(values) <= seeds:
            raise _refuse(f"rows[{k}].values", sorted(values), "values by seed wanted")
        if key in rows:
            raise SummaryError(f"rows[{k}]: {key} twice")
        rows[key] = sum(values.values(), Fraction(0)) / len(values)
    return rows


def _differences(found: Mapping[str, Any]) -> dict[str, Difference]:
    differences: dict[str, Difference] = {}
    for k, d in enumerate(found["differences"]):
        place = f"differences[{k}]"
        about = Comparison(found["task"], d["dataset"], d["metric"], d["left"], d["right"])
        if d["id"] != f"{found['model']}/{about.id}":
            raise _refuse(f"{place}.id", d["id"], f"but it is of {found['model']}/{about.id}")
        if about.id in differences:
            raise SummaryError(f"{place}: {d['id']} twice")
        if not d["low"] <= d["mean"] <= d["high"]:
            raise SummaryError(f"{place}: low, mean and high out of order")
        if not set(d["seeds"]) <= set(found["seeds"]):
            raise _refuse(f"{place}.seeds", d["seeds"], "seeds of the summary wanted")
        differences[about.id] = Difference(
            d["mean"], Interval(d["low"], d["high"]), len(d["seeds"]), d["n"]
        )
    return differences
