"""Readings of one claim told apart: what a group of records shares, and where it differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from proofs_checks.claim import Claim
from proofs_checks.run import Checked


def reading(claim: Claim) -> str:
    """What stands after the ``@``; empty for a claim with no reading."""
    return claim.id.partition("@")[2]


def axes(names: Sequence[str]) -> list[list[str]]:
    """The choices that readings make, each with its values in order of appearance.

    >>> axes(["gibbs.signed", "gibbs.absolute", "self.signed"])
    [['gibbs', 'self'], ['signed', 'absolute']]
    """
    parts = [name.split(".") for name in names]
    if len({len(p) for p in parts}) != 1:
        return [list(names)]
    return [list(dict.fromkeys(column)) for column in zip(*parts, strict=True)]


def pattern(some: Sequence[str], every: Sequence[str]) -> str:
    """Which of the readings: a star for a choice left open, or their names where no pattern fits.

    >>> every = ["gibbs.signed", "gibbs.absolute", "self.signed", "self.absolute"]
    >>> pattern(["gibbs.signed", "self.signed"], every)
    '@*.signed'
    >>> pattern(["gibbs.signed", "self.absolute"], every)
    '@gibbs.signed, @self.absolute'
    """
    if len(some) == 1:
        return f"@{some[0]}"
    whole, part = axes(every), axes(some)
    combined = {".".join(values) for values in product(*part)}
    if len(whole) != len(part) or combined != set(some):
        return ", ".join(f"@{name}" for name in some)
    shown = [
        "*" if set(values) == set(full) else values[0] if len(values) == 1 else _either(values)
        for values, full in zip(part, whole, strict=True)
    ]
    return f"@{'.'.join(shown)}"


def _either(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"


def by_value(
    group: Sequence[Checked], value: Callable[[Checked], str]
) -> list[tuple[str, list[str]]]:
    """The values that the records of a group take, each with the readings that take it."""
    found: dict[str, list[str]] = {}
    for c in group:
        found.setdefault(value(c), []).append(reading(c.claim))
    return list(found.items())


def legend(group: Sequence[Checked]) -> list[list[tuple[str, str]]] | None:
    """What each value of each choice stands for; None where the words do not fall apart so.

    The words of a reading are ``"; "``-joined, one for each choice.
    """
    names = [reading(c.claim) for c in group]
    found: list[dict[str, str]] = [{} for _ in axes(names)]
    for name, c in zip(names, group, strict=True):
        values, words = name.split("."), c.claim.reading.split("; ")
        if not len(values) == len(words) == len(found):
            return None
        for meaning, value, said in zip(found, values, words, strict=True):
            if meaning.setdefault(value, said) != said:
                return None
    return [list(meaning.items()) for meaning in found]
