"""``sua crosscheck``: every public function of the backend against balls, on hard inputs.

A row of the result is one function in one precision at one V: the case that comes nearest to its
bound, or passes it. Functions that are not ours are asked on the same inputs (``conformance.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from flint import ctx
from torch import Tensor

import sua_gpu
from paper_repro import exact_metrics
from paper_repro.bad_input import BadInputError
from paper_repro.conformance import QUANTITIES, Outcome, load, run
from paper_repro.conformance_examples import EXAMPLES, missing
from paper_repro.crosscheck_rows import Row
from paper_repro.expected import KINDS, SPECS, Case, Spec, Tensors, case
from paper_repro.hard_inputs import CASES

DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
SEEDS = {2: 6, 3: 6, 32: 3, 1000: 1, 32000: 1}
"""V -> how many of each hard input."""
DEEP = {128256: 1}
ALL_KINDS_UP_TO = 1000
"""V up to which a function of any divergence meets every one on every hard input; beyond it, and
for the means, the divergences take turns over the inputs."""
LOGITS = "_from_logits"
Begin = Callable[[str, int], Callable[[int], None]]


def pick_device(name: str) -> torch.device:
    """``auto`` (CUDA where there is one), ``cpu`` or ``cuda``."""
    if name not in ("auto", "cpu", "cuda"):
        raise BadInputError(f"--device: {name!r} is none of auto, cpu, cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise BadInputError("--device cuda: torch sees no CUDA device here (sua doctor)")
    found = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(found if name == "auto" else name)


def functions() -> list[str]:
    """The public functions of the backend that are functions of rows."""
    return [name for name in sua_gpu.__all__ if name.removesuffix(LOGITS) in SPECS]


def check(name: str, cases: Sequence[Case], row: Row) -> None:
    """Hold ``sua_gpu.<name>`` to the truth of every case: in one call, or for a mean one by one."""
    spec, function = SPECS[name.removesuffix(LOGITS)], getattr(sua_gpu, name)
    if spec.takes_mean:
        for i, one in enumerate(cases):
            _call(spec, function, [one], KINDS[i % len(KINDS)], row)
        return
    turns = spec.takes_kind and row.v > ALL_KINDS_UP_TO
    for i, kind in enumerate(KINDS if spec.takes_kind else KINDS[:1]):
        _call(spec, function, cases[i :: len(KINDS)] if turns else cases, kind, row)


def _call(
    spec: Spec, function: Callable[..., Tensor], cases: Sequence[Case], kind: str, row: Row
) -> None:
    tensors = Tensors(*(torch.stack(t) for t in zip(*(c.tensors for c in cases), strict=True)))
    with torch.no_grad(), ctx.workprec(256):
        given = spec.call(function, tensors, kind).reshape(len(cases), -1)
        for one, values in zip(cases, given.double().tolist(), strict=True):
            said = f"{one.said}, {kind}" if spec.takes_kind else one.said
            row.add(values, spec.allowed(one, kind), one.largest_float, said)


def _at(
    v: int, seeds: range, dtype: torch.dtype, device: torch.device, advance: Callable[[int], None]
) -> list[Row]:
    """The rows at one V and one precision."""
    found = []
    for logits in (True, False):
        cases = []
        for seed in seeds:
            for hard in CASES:
                cases.append(case(hard, v, seed, dtype, device, logits=logits))
                advance(1)
        for name in functions():
            if name.endswith(LOGITS) == logits:
                found.append(Row(name, _name(dtype), device.type, v))
                check(name, cases, found[-1])
    return found


def crosscheck(device: torch.device, seed: int, begin: Begin, *, deep: bool) -> list[Row]:
    """All rows: functions of rows, and the metrics whose truth is rational."""
    sizes = SEEDS | DEEP if deep else SEEDS
    advance = begin("hard inputs", 2 * len(DTYPES) * len(CASES) * sum(sizes.values()))
    rows: list[Row] = []
    for v, count in sizes.items():
        for dtype in DTYPES:
            rows += _at(v, range(seed, seed + count), dtype, device, advance)
    for dtype in DTYPES:
        rows += exact_metrics.rows(dtype, device, seed)
    dtypes = [_name(dtype) for dtype in DTYPES]
    return sorted(rows, key=lambda r: (r.function, dtypes.index(r.dtype), r.v))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


class Foreign(NamedTuple):
    """Functions that are not ours on the hard inputs, and what was left out."""

    outcomes: list[Outcome]
    skipped: list[str]


def foreign(
    function: str | None, quantity: str | None, form: str, arrays: str, *, examples: bool
) -> Foreign:
    """One function named by the caller, or the well-known public ones."""
    if function is not None:
        if examples:
            raise BadInputError("--examples: not together with --function")
        if quantity is None:
            raise BadInputError(f"--quantity: none of {', '.join(QUANTITIES)} was given")
        return Foreign(run(function, load(function), quantity, form, arrays), [])
    found = Foreign([], [])
    for one in EXAMPLES:
        if missing(one):
            found.skipped.append(f"{one.title}: {one.library} is not installed")
        else:
            found.outcomes.extend(run(one.title, one.function, one.quantity, one.form, one.arrays))
    return found


def document(rows: Sequence[Row] | Sequence[Outcome]) -> dict[str, Any]:
    """What ``sua crosscheck --json`` prints."""
    written = [row.document() for row in rows]
    return {
        "schema": "sua.crosscheck/1", "rows": written, "ok": all(row["ok"] for row in written),
    }  # fmt: skip
