"""``sua bench``: the backend beside its rivals, in one process, on the same inputs.

A *case* is one function at one shape; its contenders take turns, round by round, and each is
represented by its median, so that whatever else the machine does meets them all. Every contender is
called once before any is timed: to compile, and to have its value compared with ours.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

import sua_gpu
from paper_repro import bench_rivals as rivals
from paper_repro.bad_input import BadInputError
from paper_repro.bench_memory import extra_bytes
from sua_gpu import implementations

K = 5
KINDS = ("kl", "jsd", "tv")
ROUNDS, FEWEST, ENOUGH = 7, 3, 2.0
"""Rounds of a contest; where they take longer than so many seconds, fewer."""
SHORTEST = 2e-3
"""Seconds: a shorter call is repeated until it takes as long, and divided."""
LOGITS = {"cpu": 3_072_000, "cuda": 49_152_000}
"""About how many logits a case has: more than the caches hold."""
COPIED = 2**28
DTYPES = {
    str(d).removeprefix("torch."): d
    for d in (torch.float32, torch.bfloat16, torch.float16, torch.float64)
}
Begin = Callable[[str, int], Callable[[int], None]]


class Settings(NamedTuple):
    """What is run: widths of the logits, rows of the metrics, precision, device."""

    widths: tuple[int, ...]
    rows: int
    dtype: torch.dtype
    device: torch.device


@dataclass
class Contender:
    """One implementation of a case: its call, and what was measured of it."""

    name: str
    call: Callable[[], Any]
    seconds: list[float] = field(default_factory=list)
    repeats: int = 1
    extra: int | None = None
    difference: float | None = None


@dataclass
class Case:
    """One function at one shape. ``moved`` is what no implementation can avoid to read and write,
    in bytes: each input once, each gradient once."""

    function: str
    divergence: str | None
    v: int | None
    k: int | None
    b: int
    given: tuple[Any, ...]
    moved: int
    ours: Callable[..., Any]
    rivals: Sequence[rivals.Rival]
    accelerated: bool

    @property
    def input_bytes(self) -> int:
        """The size of the tensors given."""
        return sum(t.nbytes for t in self.given if isinstance(t, Tensor))


class Missing(NamedTuple):
    """A contender that did not run, and why."""

    function: str
    divergence: str | None
    implementation: str
    reason: str


def settings(
    widths: Sequence[int], rows: int, dtype: str, device: torch.device, threads: int | None
) -> Settings:
    """The settings that the options name; sets the number of threads.

    Raises:
        BadInputError: a size below 2, or an unknown precision.
    """
    for name, value in (*(("--v", v) for v in widths), ("--n", rows)):
        if value < 2:
            raise BadInputError(f"{name}: {value} is below 2")
    if dtype not in DTYPES:
        raise BadInputError(f"--dtype: {dtype!r} is none of {', '.join(DTYPES)}")
    if threads is not None:
        if threads < 1:
            raise BadInputError(f"--threads: {threads} is below 1")
        torch.set_num_threads(threads)
    return Settings(tuple(widths), rows, DTYPES[dtype], device)


def cases(chosen: Settings) -> Iterator[Case]:
    """All cases, each built when it is reached."""
    draw = torch.Generator(device=chosen.device).manual_seed(0)
    for v in chosen.widths:
        b = max(1, LOGITS[chosen.device.type] // (v * (K + 1)))
        options: dict[str, Any] = {"generator": draw, "device": chosen.device}
        x = torch.randn(b, v, **options).mul_(2)
        y = (x.unsqueeze(1) + torch.randn(b, K, v, **options)).to(chosen.dtype)
        x, labels = x.to(chosen.dtype), torch.randint(v, (b,), **options)
        for kind in KINDS:
            yield _score(x, y, kind)
        for kind in KINDS:
            yield _loss(x, y, labels, kind)
    scores = torch.rand(chosen.rows, generator=draw, device=chosen.device).to(chosen.dtype)
    marks = torch.rand(chosen.rows, generator=draw, device=chosen.device) < 0.4 * scores
    marks[:2] = torch.tensor([True, False], device=chosen.device)
    for name, others in rivals.OF_METRICS.items():
        given, moved = (scores, marks), scores.nbytes + marks.nbytes
        ours = getattr(sua_gpu, name)
        yield Case(name, None, None, None, len(scores), given, moved, ours, others, False)


def _score(x: Tensor, y: Tensor, kind: str) -> Case:
    def ours(x: Tensor, y: Tensor, kind: str, **options: Any) -> Tensor:
        return sua_gpu.sua_score_from_logits(x, y, lam=1.0, divergence=kind, **options)

    shape = x.shape[1], K, len(x)
    given, moved = (x, y, kind), x.nbytes + y.nbytes
    name = "sua_score_from_logits"
    return Case(name, kind, *shape, given, moved, ours, rivals.of_score(kind), True)


def _loss(x: Tensor, y: Tensor, labels: Tensor, kind: str) -> Case:
    def ours(x: Tensor, y: Tensor, labels: Tensor, kind: str, **options: Any) -> Any:
        def loss(x: Tensor, y: Tensor) -> Tensor:
            return sua_gpu.sua_tr_loss_from_logits(
                x, y, labels, lam=1.0, a=1.0, b=1.0, divergence=kind, **options
            )

        return rivals.gradients(loss)(x, y)

    shape = x.shape[1], K, len(x)
    given, moved = (x, y, labels, kind), 2 * (x.nbytes + y.nbytes)
    name = "sua_tr_loss_from_logits"
    return Case(name, kind, *shape, given, moved, ours, rivals.of_loss(), True)


def contenders(case: Case, device: str, missing: list[Missing]) -> list[Contender]:
    """Ours, each backend of ours, and the rivals that are there; the others go to ``missing``."""
    found = [Contender("ours", lambda: case.ours(*case.given))]

    def absent(name: str, reason: str) -> None:
        missing.append(Missing(case.function, case.divergence, name, reason))

    if case.accelerated:
        found.append(Contender("ours/unchecked", lambda: case.ours(*case.given, validate=False)))
        for name, reason in implementations.present(device).items():
            if reason is None:
                call = _with(case, name)
                found.append(Contender(f"ours/{name}", call))
            else:
                absent(f"ours/{name}", reason)
    dtype = case.given[0].dtype
    for rival in case.rivals:
        reason = rival.obstacle(device=device, dtype=dtype)
        if reason is None:
            found.append(Contender(rival.name, _of(rival, case)))
        else:
            absent(rival.name, reason)
    return found


def _with(case: Case, name: str) -> Callable[[], Any]:
    return lambda: case.ours(*case.given, implementation=name)


def _of(rival: rivals.Rival, case: Case) -> Callable[[], Any]:
    return lambda: rival.call(*case.given)


def difference(found: Any, ours: Any) -> float | None:
    """The largest difference of any number from ours, over the largest of ours; None where a
    contender returns no value. A mean is compared with the mean of ours."""
    if found is None:
        return None
    pairs = zip(_tuple(found), _tuple(ours), strict=True)
    worst = 0.0
    for theirs, own in pairs:
        own = own.double().mean() if theirs.ndim < own.ndim else own.double()
        gap = (theirs.double() - own).abs().max() / own.abs().max().clamp(min=1e-300)
        worst = max(worst, float(gap)) if not math.isnan(gap) else math.nan
    return worst


def _tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def run(chosen: Settings, begin: Begin) -> dict[str, Any]:
    """Run everything; the document that ``sua bench --json`` prints."""
    device = chosen.device
    bandwidth = copy_bandwidth(device)
    advance = begin("contests", len(chosen.widths) * 2 * len(KINDS) + len(rivals.OF_METRICS))
    rows: list[dict[str, Any]] = []
    missing: list[Missing] = []
    for case in cases(chosen):
        torch._dynamo.reset()
        field_of = _ready(case, contenders(case, device.type, missing), device, missing)
        _contest(field_of, device)
        rows += [_row(case, one, field_of[0], bandwidth, chosen) for one in field_of]
        advance(1)
    return {
        "schema": "sua.bench/1",
        "device": _device_name(device),
        "threads": torch.get_num_threads(),
        "copy_bandwidth": bandwidth,
        "rows": rows,
        "missing": [one._asdict() for one in missing],
    }


def _ready(
    case: Case, entered: list[Contender], device: torch.device, missing: list[Missing]
) -> list[Contender]:
    """Call each once; then compare, measure memory and choose repeats. A rival that cannot do it
    is missing; a failure of ours is one."""
    ours, found = entered[0].call(), []
    for one in entered:
        try:
            one.difference = difference(one.call(), ours)
        except (RuntimeError, MemoryError) as error:
            if one.name.startswith("ours"):
                raise
            said = (str(error).strip() or type(error).__name__).splitlines()[0]
            missing.append(Missing(case.function, case.divergence, one.name, said))
            continue
        start = time.perf_counter()
        one.extra = extra_bytes(one.call, device)
        if time.perf_counter() - start < 1.0:
            one.repeats = max(1, math.ceil(SHORTEST / _seconds(one.call, 1, device)))
        found.append(one)
    return found


def _contest(field_of: Sequence[Contender], device: torch.device) -> None:
    start = time.perf_counter()
    for rounds in range(ROUNDS):
        if rounds >= FEWEST and time.perf_counter() - start > ENOUGH:
            break
        for one in field_of:
            one.seconds.append(_seconds(one.call, one.repeats, device))


def _seconds(call: Callable[[], Any], repeats: int, device: torch.device) -> float:
    _wait(device)
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    _wait(device)
    return (time.perf_counter() - start) / repeats


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def copy_bandwidth(device: torch.device) -> float:
    """Bytes read and written in a second by a copy between two buffers in use."""
    source = torch.ones(COPIED // 4, device=device)
    target = torch.zeros_like(source)
    taken = [_seconds(lambda: target.copy_(source), 1, device) for _ in range(ROUNDS)]
    return 2 * COPIED / min(taken)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _row(
    case: Case, one: Contender, ours: Contender, bandwidth: float, chosen: Settings
) -> dict[str, Any]:
    median = statistics.median(one.seconds)
    return {
        "function": case.function,
        "divergence": case.divergence,
        "v": case.v,
        "k": case.k,
        "b": case.b,
        "dtype": str(chosen.dtype).removeprefix("torch."),
        "device": chosen.device.type,
        "implementation": one.name,
        "seconds_median": median,
        "ratio_to_ours": median / statistics.median(ours.seconds),
        "bandwidth_fraction": case.moved / median / bandwidth,
        "extra_memory_fraction": None if one.extra is None else one.extra / case.input_bytes,
        "difference": one.difference,
    }
