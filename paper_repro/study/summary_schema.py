"""The form of a summary: each field looked at, and what is wrong named with its file and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from paper_repro.bad_input import BadInputError

SCHEMA = "sua.summary/1"
LARGEST = 200 * 1024
"""Bytes."""
Rule = Callable[[Any], bool]


def _decimal(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+\.\d{6}", value) is not None


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _score(value: Any) -> bool:
    return value is None or _text(value)


def _side(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _text(value[0]) and _score(value[1])


def _seeds(value: Any) -> bool:
    whole = isinstance(value, list) and all(type(s) is int and s >= 0 for s in value)
    return whole and value == sorted(set(value)) and value != []


def _mapped(rule: Rule) -> Rule:
    return lambda value: isinstance(value, dict) and all(map(rule, value.values()))


def _sha256(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


_ROW: Mapping[str, Rule] = {
    "method": _text, "score": _score, "dataset": _text, "role": _text, "metric": _text,
    "values": lambda v: v != {} and _mapped(_decimal)(v), "n": _count,
}  # fmt: skip
_DIFFERENCE: Mapping[str, Rule] = {
    "id": _text, "dataset": _text, "role": _text, "metric": _text, "left": _side,
    "right": lambda v: v is None or _side(v), "mean": _decimal, "low": _decimal, "high": _decimal,
    "seeds": _seeds, "n": _count,
}  # fmt: skip
_SUMMARY: Mapping[str, Rule] = {
    "schema": lambda v: v == SCHEMA, "scale": _text, "task": _text, "model": _text,
    "data": _mapped(_sha256), "settings": lambda v: isinstance(v, dict), "seeds": _seeds,
    "versions": _mapped(_text), "runs": _mapped(_sha256),
    "rows": lambda v: isinstance(v, list), "differences": lambda v: isinstance(v, list),
}  # fmt: skip


def _check(path: Path, place: str, value: Any, rules: Mapping[str, Rule]) -> None:
    if not isinstance(value, dict):
        raise BadInputError(f"{path}: {place or 'the file'}: an object wanted")
    where = f"{place}." if place else ""
    for name in rules.keys() - value.keys():
        raise BadInputError(f"{path}: {where}{name}: missing")
    for name in value.keys() - rules.keys():
        raise BadInputError(f"{path}: {where}{name}: unknown")
    for name, rule in rules.items():
        if not rule(value[name]):
            raise BadInputError(f"{path}: {where}{name}: {str(value[name])[:60]!r} is not its form")


def checked(path: Path, content: bytes) -> dict[str, Any]:
    """A summary from its bytes.

    Args:
        path: of its file, for the message, and since its name says what it is of.
        content: the file.

    Raises:
        BadInputError: something is not as it must be.
    """
    if len(content) > LARGEST:
        raise BadInputError(f"{path}: {len(content)} bytes; at most {LARGEST} wanted")
    try:
        found = json.loads(content)
    except ValueError as error:
        raise BadInputError(f"{path}: no JSON: {error}") from error
    _check(path, "", found, _SUMMARY)
    for name, rules in (("rows", _ROW), ("differences", _DIFFERENCE)):
        for k, entry in enumerate(found[name]):
            _check(path, f"{name}[{k}]", entry, rules)
    known = {str(seed) for seed in found["seeds"]}
    for k, row in enumerate(found["rows"]):
        if not row["values"].keys() <= known:
            raise BadInputError(f"{path}: rows[{k}].values: seeds that the summary does not name")
    for k, one in enumerate(found["differences"]):
        if not float(one["low"]) <= float(one["mean"]) <= float(one["high"]):
            raise BadInputError(f"{path}: differences[{k}]: low, mean and high out of order")
    if path.stem != "{scale}-{task}-{model}".format(**found):
        raise BadInputError(f"{path}: its name is not that of its scale, task and model")
    return dict(found)
